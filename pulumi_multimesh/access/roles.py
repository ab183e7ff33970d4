"""What each role allows, as rules of Kubernetes' own.

Owns: the rules, and why each is there. Does not own: who has a role (plan/access.py), and the resources
(cluster_access.py). No rule has a wildcard, and none allows to read Secrets of the mesh, to become somebody else, or to
give rights away.
"""

from pulumi_kubernetes.rbac.v1 import PolicyRuleArgsDict

from pulumi_multimesh.access.mesh_kinds import KINDS, Kinds

_LOOK = ["get", "list", "watch"]
_CHANGE = ["create", "update", "patch", "delete"]

Rule = PolicyRuleArgsDict
"""A rule of a Role or ClusterRole, as the SDK has it."""


def _rule(group: str, resources: list[str], verbs: list[str]) -> Rule:
    return {"api_groups": [group], "resources": sorted(resources), "verbs": verbs}


_SEEN = [
    "endpoints",
    "events",
    "limitranges",
    "namespaces",
    "nodes",
    "persistentvolumeclaims",
    "pods",
    "resourcequotas",
    "serviceaccounts",
    "services",
]


def _mesh(kinds: Kinds, verbs: list[str]) -> list[Rule]:
    return [_rule(group, list(resources), verbs) for group, resources in sorted(kinds.items())]


def _mesh_seen(mesh: str) -> list[Rule]:
    its = KINDS[mesh]
    return [rule for kinds in (its.traffic, its.edges, its.trust) for rule in _mesh(kinds, _LOOK)]


def reader(mesh: str) -> list[Rule]:
    """To look at workloads and at the mesh, everywhere."""
    return [
        # Neither ConfigMaps nor logs: both are where secrets are found that should not be there.
        _rule("", _SEEN, _LOOK),
        _rule("apps", ["daemonsets", "deployments", "replicasets", "statefulsets"], _LOOK),
        _rule("batch", ["cronjobs", "jobs"], _LOOK),
        _rule("autoscaling", ["horizontalpodautoscalers"], _LOOK),
        _rule("policy", ["poddisruptionbudgets"], _LOOK),
        _rule("networking.k8s.io", ["ingresses", "networkpolicies"], _LOOK),
        _rule("discovery.k8s.io", ["endpointslices"], _LOOK),
        _rule("gateway.networking.k8s.io", ["gatewayclasses"], _LOOK),
        *_mesh_seen(mesh),
    ]


def operator(mesh: str) -> list[Rule]:
    """To change the mesh's resources, everywhere; workloads only to be looked at."""
    its = KINDS[mesh]
    return [
        *reader(mesh),
        *(rule for kinds in (its.traffic, its.edges, its.trust) for rule in _mesh(kinds, _CHANGE)),
    ]


OPERATOR_AT_HOME: list[Rule] = [
    # A pod that is deleted comes back. To change its Deployment would be to mount the authority's key into another pod.
    _rule("", ["pods"], ["delete"]),
    _rule("", ["pods/log"], ["get"]),
    # By it istioctl asks istiod and proxies.
    _rule("", ["pods/portforward"], ["create"]),
    _rule("", ["configmaps"], _LOOK),
]
"""What an operator may do in the mesh's own namespace besides."""


def team(mesh: str) -> list[Rule]:
    """To deploy in its namespaces; who may call what stays the mesh's to say, and NetworkPolicies too."""
    return [
        _rule(
            "", ["configmaps", "persistentvolumeclaims", "secrets", "serviceaccounts", "services"], [*_LOOK, *_CHANGE]
        ),
        # Who may start pods has their identities anyway, so that to look into them takes nothing more.
        _rule("", ["pods"], [*_LOOK, *_CHANGE]),
        _rule("", ["pods/exec", "pods/portforward"], ["create"]),
        _rule("", ["pods/log"], ["get"]),
        _rule("", ["endpoints", "events", "limitranges", "resourcequotas"], _LOOK),
        _rule("apps", ["daemonsets", "deployments", "replicasets", "statefulsets"], [*_LOOK, *_CHANGE]),
        _rule("apps", ["deployments/scale", "statefulsets/scale"], ["get", "patch", "update"]),
        _rule("batch", ["cronjobs", "jobs"], [*_LOOK, *_CHANGE]),
        _rule("autoscaling", ["horizontalpodautoscalers"], [*_LOOK, *_CHANGE]),
        _rule("policy", ["poddisruptionbudgets"], [*_LOOK, *_CHANGE]),
        _rule("networking.k8s.io", ["ingresses", "networkpolicies"], _LOOK),
        _rule("discovery.k8s.io", ["endpointslices"], _LOOK),
        *_mesh_seen(mesh),
        *_mesh(KINDS[mesh].traffic, _CHANGE),
    ]
