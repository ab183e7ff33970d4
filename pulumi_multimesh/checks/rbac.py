"""Checks of Kubernetes' own rights.

Owns: roles and bindings that a stack makes or a cluster has. Does not own: rights in a cloud.
What every cluster has from the beginning, and what a cloud adds to it, is left alone: it is not the user's to change.
"""

from collections.abc import Iterable
from fnmatch import fnmatchcase

from pulumi_multimesh.checks.check import Check, Level
from pulumi_multimesh.checks.item import Item, items, text, texts

_ROLES = ("kubernetes:rbac.authorization.k8s.io:Role", "kubernetes:rbac.authorization.k8s.io:ClusterRole")
_BINDINGS = (
    "kubernetes:rbac.authorization.k8s.io:RoleBinding",
    "kubernetes:rbac.authorization.k8s.io:ClusterRoleBinding",
)
_SOURCE = "https://kubernetes.io/docs/concepts/security/rbac-good-practices/"
_VENDORS = ("system:*", "cluster-admin", "gke-*", "gce:*", "eks:*", "aks-*", "kubeadm:*", "oke-*", "cloud-*")
_EVERYBODY = ("system:anonymous", "system:unauthenticated", "system:authenticated")
_ESCALATING = ("escalate", "bind", "impersonate")


def _is_own(item: Item) -> bool:
    default = item.labels.get("kubernetes.io/bootstrapping") == "rbac-defaults"
    return not default and not any(fnmatchcase(item.object_name, pattern) for pattern in _VENDORS)


def _rules(item: Item) -> list[tuple[str, object]]:
    return [(f"rules[{number}]", each) for number, each in enumerate(items(item.properties, "rules"))]


def _all(item: Item) -> Iterable[str]:
    for path, rule in _rules(item):
        if _is_own(item) and "*" in texts(rule, "verbs") and "*" in texts(rule, "resources"):
            yield f"{path} allows everything on everything"


def _wildcards(item: Item) -> Iterable[str]:
    for path, rule in _rules(item):
        wide = [key for key in ("verbs", "resources", "apiGroups") if "*" in texts(rule, key)]
        if _is_own(item) and wide and not {"verbs", "resources"} <= set(wide):
            yield f"{path} has * in {' and '.join(wide)}: what a later version adds is allowed too"


def _escalates(item: Item) -> Iterable[str]:
    for path, rule in _rules(item):
        found = [verb for verb in texts(rule, "verbs") if verb in _ESCALATING]
        if _is_own(item) and found:
            yield f"{path} allows to {', '.join(found)}: by that any other right can be had"


def _secrets(item: Item) -> Iterable[str]:
    if item.kind != "ClusterRole" or not _is_own(item):
        return
    for path, rule in _rules(item):
        if "secrets" in texts(rule, "resources") and not texts(rule, "resourceNames"):
            read = [verb for verb in texts(rule, "verbs") if verb in ("get", "list", "watch")]
            if read:
                yield f"{path} allows to {', '.join(read)} secrets wherever it is bound"


def _admins(item: Item) -> Iterable[str]:
    masters = [text(each, "name") for each in items(item.properties, "subjects")] == ["system:masters"]
    if text(item.properties, "roleRef", "name") == "cluster-admin" and _is_own(item) and not masters:
        yield f"makes {_subjects(item)} cluster-admin"


def _everybody(item: Item) -> Iterable[str]:
    found = [text(each, "name") for each in items(item.properties, "subjects") if text(each, "name") in _EVERYBODY]
    if found and _is_own(item):
        yield f"gives {text(item.properties, 'roleRef', 'name')} to {', '.join(found)}"


def _subjects(item: Item) -> str:
    return ", ".join(text(each, "name") or "somebody" for each in items(item.properties, "subjects")) or "nobody yet"


CHECKS = (
    Check(
        id="rbac-all-rights",
        level=Level.MANDATORY,
        title="No role allows everything.",
        why="Whoever has it, or a pod that runs with it, is the cluster: its keys, its mesh's authority, its "
        "workloads.",
        remedy="Name the verbs and the resources that are needed.",
        source=_SOURCE,
        types=_ROLES,
        look=_all,
    ),
    Check(
        id="rbac-wildcard",
        level=Level.ADVISORY,
        title="A role names what it allows.",
        why="A wildcard is for whatever is installed later as well, which nobody has looked at yet.",
        remedy="Name the verbs, the resources and the API groups.",
        source=_SOURCE,
        types=_ROLES,
        look=_wildcards,
    ),
    Check(
        id="rbac-escalation",
        level=Level.MANDATORY,
        title="No role allows to take other rights.",
        why="Who may escalate, bind or impersonate has every right that anybody has.",
        remedy="Remove the verb; give the right itself to whom it is for.",
        source="https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping",
        types=_ROLES,
        look=_escalates,
    ),
    Check(
        id="rbac-reads-secrets",
        level=Level.ADVISORY,
        title="No role reads all Secrets.",
        why="Among them are the key of the cluster's authority (`cacerts`), with which any identity of the mesh can be "
        "signed, and the tokens for the other clusters.",
        remedy="Name the Secrets by `resourceNames`, or use a `Role` in the namespace that needs it.",
        source=_SOURCE,
        types=_ROLES,
        look=_secrets,
    ),
    Check(
        id="rbac-cluster-admin",
        level=Level.MANDATORY,
        title="Nobody is bound to cluster-admin.",
        why="It is for the first minutes of a cluster; a lost laptop or a taken pod with it is the end of every "
        "boundary.",
        remedy="Bind a role that names what is needed; keep the cloud's own way in for emergencies.",
        source=_SOURCE,
        types=_BINDINGS,
        look=_admins,
    ),
    Check(
        id="rbac-everybody",
        level=Level.MANDATORY,
        title="No role is given to everybody.",
        why="`system:authenticated` is on some clouds anybody with an account there, and the others are nobody at all.",
        remedy="Bind it to a group of yours.",
        source="https://cloud.google.com/kubernetes-engine/docs/best-practices/rbac#default-roles-groups",
        types=_BINDINGS,
        look=_everybody,
    ),
)
