"""The OIDC provider that a cluster's API server takes tokens of, as clouds and people are told of it.

Owns: the declaration with its defaults, and the kubeconfig of a person. Does not own: a cloud's words for it
(eks_login.py, oke_login.py), and whether it is right (plan/rules/login.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

from pulumi_multimesh.clusters.cluster import KubernetesCluster, exec_kubeconfig
from pulumi_multimesh.config import LoginArgs
from pulumi_multimesh.plan.login import GROUPS_CLAIM, PREFIX, USERNAME_CLAIM


@dataclass(frozen=True)
class OidcLogin:
    """A provider, every setting said."""

    issuer: str
    client_id: str
    username_claim: str
    groups_claim: str
    prefix: str
    required_claims: Mapping[str, str]

    @classmethod
    def of(cls, args: LoginArgs | None) -> "OidcLogin | None":
        """None where there is no provider, or where it is turned off."""
        if args is None or args.get("clusters") == []:
            return None
        return cls(
            args["issuer"],
            args["client_id"],
            args.get("username_claim", USERNAME_CLAIM),
            args.get("groups_claim", GROUPS_CLAIM),
            args.get("prefix", PREFIX),
            args.get("required_claims", {}),
        )


def person_kubeconfig(cluster: KubernetesCluster, login: OidcLogin) -> pulumi.Output[str]:
    """A kubeconfig for people: kubectl's plug-in `oidc-login` asks them to log in; there is no credential in it."""
    command: dict[str, Any] = {
        "command": "kubectl",
        "args": [
            *("oidc-login", "get-token"),
            f"--oidc-issuer-url={login.issuer}",
            f"--oidc-client-id={login.client_id}",
        ],
        # A browser is opened, or an address shown to open.
        "interactiveMode": "IfAvailable",
    }
    facts = pulumi.Output.all(cluster.cluster_name, cluster.api_server, cluster.api_ca)
    return facts.apply(lambda known: exec_kubeconfig(known[0], known[1], known[2], command))
