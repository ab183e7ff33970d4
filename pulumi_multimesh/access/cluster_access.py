"""The roles of one cluster, and who has them.

Owns: ClusterRoles, a Role, and bindings. Does not own: what a role allows (roles.py), and which namespaces there are.
"""

from collections.abc import Sequence
from typing import NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as k8s

from pulumi_multimesh.access import roles
from pulumi_multimesh.clusters.cluster import KubernetesCluster

_RBAC = "rbac.authorization.k8s.io"
_OPERATOR, _READER, _TEAM = "multimesh-operator", "multimesh-reader", "multimesh-team"


class ClusterAccessArgs(TypedDict):
    """Groups as this cluster's login calls them."""

    operators: NotRequired[list[str]]
    """None unless given."""
    readers: NotRequired[list[str]]
    """None unless given."""
    has_teams: NotRequired[bool]
    """Whether the role for teams is made, for `bind_team`; false unless given."""
    mesh_namespace: str
    """Where operators may look at logs and restart pods."""
    mesh: NotRequired[str]
    """Whose kinds the roles are about: `istio` (unless given), `linkerd` or `consul`."""


class ClusterAccess(pulumi.ComponentResource):
    """Roles for operators, readers and teams."""

    def __init__(
        self,
        name: str,
        cluster: KubernetesCluster,
        args: ClusterAccessArgs,
        opts: pulumi.ResourceOptions | None = None,
        after: Sequence[pulumi.Resource] = (),
    ) -> None:
        """`after`: what makes the mesh's namespace."""
        super().__init__("multimesh:index:ClusterAccess", name, {**args}, opts)
        self._name, self._cluster = name, cluster
        operators, readers = args.get("operators", []), args.get("readers", [])
        mesh = args.get("mesh", "istio")
        if operators:
            self._everywhere("operator", _OPERATOR, roles.operator(mesh), operators)
            self._at_home(args["mesh_namespace"], operators, after)
        if readers:
            self._everywhere("reader", _READER, roles.reader(mesh), readers)
        self._team = self._role("team", _TEAM, roles.team(mesh)) if args.get("has_teams", False) else None
        self.register_outputs({})

    def bind_team(self, team: str, groups: Sequence[str], namespace: str, after: pulumi.Resource) -> pulumi.Resource:
        """Let the groups deploy in the namespace, which `after` makes; raises `LookupError` without `has_teams`."""
        if self._team is None:
            raise LookupError("the cluster's access has no role for teams; give  has_teams")
        return k8s.rbac.v1.RoleBinding(
            f"{self._name}-{team}-{namespace}",
            metadata={"name": f"{_TEAM}-{team}", "namespace": namespace},
            role_ref={"api_group": _RBAC, "kind": "ClusterRole", "name": _TEAM},
            subjects=_subjects(groups),
            opts=self._cluster.inside(self, depends_on=[self._team, after]),
        )

    def _role(self, key: str, name: str, rules: list[roles.Rule]) -> k8s.rbac.v1.ClusterRole:
        return k8s.rbac.v1.ClusterRole(
            f"{self._name}-{key}", metadata={"name": name}, rules=rules, opts=self._cluster.inside(self)
        )

    def _everywhere(self, key: str, name: str, rules: list[roles.Rule], groups: Sequence[str]) -> None:
        role = self._role(key, name, rules)
        k8s.rbac.v1.ClusterRoleBinding(
            f"{self._name}-{key}",
            metadata={"name": name},
            role_ref={"api_group": _RBAC, "kind": "ClusterRole", "name": name},
            subjects=_subjects(groups),
            opts=self._cluster.inside(self, depends_on=[role]),
        )

    def _at_home(self, namespace: str, groups: Sequence[str], after: Sequence[pulumi.Resource]) -> None:
        metadata: k8s.meta.v1.ObjectMetaArgsDict = {"name": _OPERATOR, "namespace": namespace}
        role = k8s.rbac.v1.Role(
            f"{self._name}-operator-home",
            metadata=metadata,
            rules=roles.OPERATOR_AT_HOME,
            opts=self._cluster.inside(self, depends_on=after),
        )
        k8s.rbac.v1.RoleBinding(
            f"{self._name}-operator-home",
            metadata=metadata,
            role_ref={"api_group": _RBAC, "kind": "Role", "name": _OPERATOR},
            subjects=_subjects(groups),
            opts=self._cluster.inside(self, depends_on=[role]),
        )


def _subjects(groups: Sequence[str]) -> list[k8s.rbac.v1.SubjectArgsDict]:
    return [{"api_group": _RBAC, "kind": "Group", "name": group} for group in groups]
