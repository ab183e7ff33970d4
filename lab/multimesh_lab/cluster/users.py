"""Who may log in to a cluster: one token for each of its parts and one for its administrator.

Owns: tokens and kubeconfigs. Does not own: what a user may do, which is Kubernetes' own RBAC.
"""

import base64
import csv
import secrets
from dataclasses import dataclass

import yaml

from multimesh_lab import files
from multimesh_lab.cluster.facts import ClusterError, ClusterFacts
from multimesh_lab.cluster.registry import all_clusters
from multimesh_lab.home import LabHome

ADMIN = "admin"
ENTRA = "entra"


@dataclass(frozen=True)
class User:
    """A user of the API server, called by a short name in the lab."""

    short: str
    name: str
    group: str


def of(facts: ClusterFacts) -> tuple[User, ...]:
    """The users of a cluster; names and groups are those that Kubernetes' default roles are bound to."""
    own = (
        User(ADMIN, "lab:admin", "system:masters"),
        User("load-balancers", "lab:load-balancers", "system:masters"),
        User("controller-manager", "system:kube-controller-manager", "system:authenticated"),
        User("scheduler", "system:kube-scheduler", "system:authenticated"),
        User("kubelet", f"system:node:{facts.node_name}", "system:nodes"),
        User("kube-proxy", "system:kube-proxy", "system:authenticated"),
    )
    return (*own, User(ENTRA, "lab:entra", "system:masters")) if facts.cloud == "azure" else own


def ensure(facts: ClusterFacts) -> None:
    """Make the tokens, unless they are there, and the kubeconfigs."""
    users = of(facts)
    if not facts.token_file.exists():
        tokens = {user.short: secrets.token_urlsafe(32) for user in users}
        if ENTRA in tokens:
            tokens[ENTRA] = entra_token(facts.home)
        lines = [f'{tokens[user.short]},{user.name},{user.short},"{user.group}"\n' for user in users]
        files.write(facts.token_file, "".join(lines))
    for user in users:
        files.write(facts.kubeconfig_of(user.short), _kubeconfig(facts, token_of(facts, user.short)))


def entra_token(home: LabHome) -> str:
    """One token that every Azure cluster of the lab accepts, as all of AKS accepts one of Entra's."""
    path = home.clusters / "entra-token"
    with files.locked(path.with_suffix(".lock")):
        if not path.exists():
            files.write(path, secrets.token_urlsafe(32))
        return path.read_text()


def token_of(facts: ClusterFacts, short: str = ADMIN) -> str:
    """The bearer token of a user of the cluster; its administrator's unless another is named."""
    with facts.token_file.open(newline="") as file:
        for token, _, uid, _ in csv.reader(file):
            if uid == short:
                return token
    raise ClusterError(f"{facts.token_file} has no user {short}")


def token(home: LabHome, cluster_name: str) -> str:
    """What the clouds' login commands print for the cluster of that name."""
    for facts in all_clusters(home):
        if facts.name == cluster_name:
            return token_of(facts, ADMIN)
    known = ", ".join(facts.name for facts in all_clusters(home)) or "none"
    raise ClusterError(f"the lab has no cluster named {cluster_name}; it has: {known}")


def _kubeconfig(facts: ClusterFacts, token: str) -> str:
    authority = base64.b64encode(facts.ca_pem.encode()).decode()
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {
                "name": facts.name,
                "cluster": {"server": facts.endpoint, "certificate-authority-data": authority},
            }
        ],
        "users": [{"name": "user", "user": {"token": token}}],
        "contexts": [{"name": facts.name, "context": {"cluster": facts.name, "user": "user"}}],
        "current-context": facts.name,
    }
    return str(yaml.safe_dump(document, sort_keys=False))
