"""Checks of Kubernetes' own rights.

Owns: roles and bindings that a stack makes or a cluster has. Does not own: rights in a cloud.
A running role that every cluster has from the beginning, or that a cloud adds, is left alone: it is not the user's to
change. What a program declares is judged whatever it is called, and a binding by its subjects.
"""

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from pulumi_multimesh.checks.check import Check, Level
from pulumi_multimesh.checks.item import UNREAD, Item, at, items, text, texts

_ROLES = ("kubernetes:rbac.authorization.k8s.io:Role", "kubernetes:rbac.authorization.k8s.io:ClusterRole")
_BINDINGS = (
    "kubernetes:rbac.authorization.k8s.io:RoleBinding",
    "kubernetes:rbac.authorization.k8s.io:ClusterRoleBinding",
)
_SOURCE = "https://kubernetes.io/docs/concepts/security/rbac-good-practices/"
_GROUP = "rbac.authorization.k8s.io"
_ANY = "*"
_VENDORS = ("system:*", "gce:*", "eks:*", "kubeadm:*", "gke-*", "aks-*", "oke-*", "cloud-provider")
"""What roles are called that clouds and kubeadm make."""
_ROOTS = ("system:masters", "kubeadm:cluster-admins", "eks:*", "clusterAdmin")
"""Who is administrator by a cluster's making: Kubernetes', kubeadm's, EKS' own parts, AKS' local account."""
_EVERYBODY = ("system:anonymous", "system:unauthenticated", "system:authenticated", "system:serviceaccounts")
_PUBLIC: Mapping[str, tuple[str, ...]] = {
    "system:basic-user": ("system:authenticated",),
    "system:discovery": ("system:authenticated",),
    "system:public-info-viewer": ("system:authenticated", "system:unauthenticated"),
    "system:service-account-issuer-discovery": ("system:serviceaccounts",),
    "kubeadm:bootstrap-signer-clusterinfo": ("system:anonymous",),
}
"""By role, whom Kubernetes gives it to by itself: what a cluster's version is, and what one may do oneself."""
_READING = ("get", "list", "watch")
_IMPERSONATED = ("users", "groups", "serviceaccounts")


def _is_own(role: Item) -> bool:
    if role.is_declared:
        return True
    default = role.labels.get("kubernetes.io/bootstrapping") == "rbac-defaults"
    return not default and not any(fnmatchcase(role.object_name, pattern) for pattern in _VENDORS)


def _covers(rule: object, group: str, *resources: str) -> bool:
    """Whether a rule is for one of the resources; one that names no group is taken to be for any."""
    groups, said = texts(rule, "apiGroups"), texts(rule, "resources")
    return (not groups or _ANY in groups or group in groups) and (
        _ANY in said or any(each in said for each in resources)
    )


def _allowed(rule: object, *verbs: str) -> list[str]:
    """Which of the verbs it allows, as the rule says them."""
    said = texts(rule, "verbs")
    return [_ANY] if _ANY in said else [verb for verb in said if verb in verbs]


def _rules(item: Item) -> list[tuple[str, object]]:
    return [(f"rules[{number}]", each) for number, each in enumerate(items(item.properties, "rules"))]


def _all(item: Item) -> Iterable[str]:
    for path, rule in _rules(item):
        if _is_own(item) and _ANY in texts(rule, "verbs") and _ANY in texts(rule, "resources"):
            yield f"{path} allows everything on everything"


def _wildcards(item: Item) -> Iterable[str]:
    for path, rule in _rules(item):
        wide = [key for key in ("verbs", "resources", "apiGroups") if _ANY in texts(rule, key)]
        if _is_own(item) and wide and not {"verbs", "resources"} <= set(wide):
            yield f"{path} has * in {' and '.join(wide)}: what a later version adds is allowed too"


def _escalates(item: Item) -> Iterable[str]:
    for path, rule in _rules(item):
        found = [verb for verb in texts(rule, "verbs") if verb in ("escalate", "bind", "impersonate")]
        # Whoever may do everything with these may do that too.
        rights = _covers(rule, _GROUP, "roles", "clusterroles") or _covers(rule, "", *_IMPERSONATED)
        if not found and rights:
            found = _allowed(rule)
        if _is_own(item) and found:
            yield f"{path} allows to {', '.join(found)}: by that any other right can be had"


def _secrets(item: Item) -> Iterable[str]:
    if item.kind != "ClusterRole" or not _is_own(item):
        return
    for path, rule in _rules(item):
        read = _allowed(rule, *_READING)
        if read and _covers(rule, "", "secrets") and not texts(rule, "resourceNames"):
            yield f"{path} allows to {', '.join(read)} secrets wherever it is bound"


def _admins(item: Item) -> Iterable[str]:
    if text(item.properties, "roleRef", "name") != "cluster-admin" or at(item.properties, "subjects") is UNREAD:
        return
    subjects = items(item.properties, "subjects")
    # A program has no reason to name another's: masters alone are what they are without any binding.
    roots = _ROOTS[:1] if item.is_declared else _ROOTS
    made = [text(each, "name") or "somebody" for each in subjects if not _is_among(each, roots)]
    if made or not subjects:
        yield f"makes {', '.join(made) or 'nobody yet'} cluster-admin"


def _is_among(subject: object, patterns: Iterable[str]) -> bool:
    """Whether it is one of these users or groups; an account's name says nothing of whose it is."""
    if text(subject, "kind") == "ServiceAccount":
        return False
    return any(fnmatchcase(text(subject, "name"), pattern) for pattern in patterns)


def _everybody(item: Item) -> Iterable[str]:
    given = text(item.properties, "roleRef", "name")
    subjects = [each for each in items(item.properties, "subjects") if _is_among(each, _EVERYBODY)]
    found = [name for each in subjects if (name := text(each, "name")) not in _PUBLIC.get(given, ())]
    if found:
        yield f"gives {given} to {', '.join(found)}"


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
        why="Who may escalate, bind or impersonate has every right that anybody has; `*` is those verbs too.",
        remedy="Remove the verb, or name the others in the place of `*`; give the right itself to whom it is for.",
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
        remedy="Bind a role that names what is needed; keep the cloud's own way in for emergencies. A binding that "
        "your cloud made for people whom you named to it is told too: except it by its name.",
        source=_SOURCE,
        types=_BINDINGS,
        look=_admins,
    ),
    Check(
        id="rbac-everybody",
        level=Level.MANDATORY,
        title="No role is given to everybody.",
        why="`system:authenticated` is on some clouds anybody with an account there, `system:serviceaccounts` every "
        "pod of every namespace, and the others are nobody at all.",
        remedy="Bind it to a group of yours, or to the account of the pod that needs it.",
        source="https://cloud.google.com/kubernetes-engine/docs/best-practices/rbac#default-roles-groups",
        types=_BINDINGS,
        look=_everybody,
    ),
)
