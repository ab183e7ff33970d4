"""Rules of who may do what: groups, teams, and what each cloud calls a group.

Owns: values under `access`. Does not own: what follows from them (plan/access.py).
"""

import re
from collections.abc import Iterator

from pulumi_multimesh.plan import meshes, reading
from pulumi_multimesh.plan.access import access
from pulumi_multimesh.plan.fault import Fault
from pulumi_multimesh.plan.reading import Record
from pulumi_multimesh.plan.rules.namespaces import namespace_faults
from pulumi_multimesh.plan.rules.text import is_label

_RESERVED = "system:"
"""The prefix of Kubernetes' own groups: "Authenticating", §Users in Kubernetes."""
_FORMS = {
    "gke": (
        re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+"),
        "the address of a Google group",
        "shop-dev@example.com",
        'Google Cloud, "Configure Google Groups for RBAC"',
    ),
    "aks": (
        re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"),
        "the object id of a group of Microsoft Entra ID",
        "5d2c1f9e-0a4b-4c59-9a0a-0f6f2f5f5a11",
        'Azure, "Use Kubernetes role-based access control with Microsoft Entra ID"',
    ),
    "oke": (
        re.compile(r"ocid1\.group\.\S+"),
        "the OCID of a group of Oracle's IAM",
        "ocid1.group.oc1..…",
        'Oracle, "About Access Control and Kubernetes Engine"',
    ),
}
"""What a cloud's own login calls a group, by kind: its form, in words, an example, and where that is from."""


def access_faults(args: Record) -> Iterator[Fault]:
    """Every fault of the access."""
    wish = reading.record(args, "access")
    system = meshes.namespace(args)
    used: dict[str, str] = {}
    for key in ("operators", "readers"):
        yield from _group_faults(f"access.{key}", wish, key, used)
    for name, team in reading.records(wish, "teams").items():
        path = f"access.teams.{name}"
        if not is_label(name):
            yield Fault(path, None, "is not a team's name", "lower-case letters, digits and dashes", "correct it")
        yield from _group_faults(f"{path}.groups", team, "groups", used)
        namespaces = reading.texts(team, "namespaces")
        if "namespaces" in team and reading.is_list(team["namespaces"]) and not namespaces:
            yield Fault(
                f"{path}.namespaces", None, "is empty", "at least one namespace", "name one, or remove the team"
            )
        for position, namespace in enumerate(namespaces):
            where = f"{path}.namespaces[{position}]"
            yield from namespace_faults(where, namespace, system, "team", "name the namespaces of workloads")
    for group in reading.records(wish, "groups"):
        if group not in used:
            there = ", ".join(used) or "none"
            yield Fault(f"access.groups.{group}", None, "has no role", f"one of the groups: {there}", "remove it")
    yield from _name_faults(args, used)


def _group_faults(path: str, holder: Record, key: str, used: dict[str, str]) -> Iterator[Fault]:
    groups = reading.texts(holder, key)
    if key in holder and reading.is_list(holder[key]) and not groups:
        yield Fault(path, None, "is empty", "at least one group", "name one, or leave it out")
    for position, group in enumerate(groups):
        where = f"{path}[{position}]"
        if not group.strip():
            yield Fault(where, group, "is empty", "the name of a group", "write it")
        elif group.startswith(_RESERVED):
            problem = "is one of Kubernetes' own groups, to which everybody or the cluster itself belongs"
            yield Fault(where, group, problem, "a group of yours", "name a group of your directory")
        else:
            used.setdefault(group, where)


def _name_faults(args: Record, used: dict[str, str]) -> Iterator[Fault]:
    """A binding to a name that no login ever says would bind nobody, without a word."""
    found = access(args)
    for kind, (form, what, example, source) in _FORMS.items():
        # Where a cluster takes an OIDC provider, a group needs no name of the cloud's own login.
        needed = any(not found.takes_login(cluster) for _, cluster, _ in reading.clusters(args, kind))
        if not reading.records(args, kind):
            continue
        for group, where in used.items():
            name, told = found.called(group, kind), kind in found.names.get(group, {})
            if not form.fullmatch(name) and (told or needed):
                path = f"access.groups.{group}.{kind}" if told else where
                problem = (
                    f"is not what {kind} clusters call a group, so that nobody would have the role there ({source})"
                )
                yield Fault(path, name, problem, what, f"write  access.groups: {{{group}: {{{kind}: {example}}}}}")
