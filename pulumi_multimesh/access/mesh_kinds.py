"""The kinds of each mesh, by who may change them.

Owns: these lists. Does not own: roles (roles.py). From the charts' own definitions: Istio's `base`; Linkerd's
`linkerd-crds` and `linkerd-multicluster`; Consul's `consul`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

Kinds = Mapping[str, tuple[str, ...]]
"""Resources by API group."""


@dataclass(frozen=True)
class MeshKinds:
    """The kinds of one mesh."""

    traffic: Kinds
    """How a service's calls are routed: its team's own matter."""
    edges: Kinds
    """What reaches beyond one service: the operators'."""
    trust: Kinds
    """Who may call whom: the operators'."""


_GATEWAY_API: Kinds = {"gateway.networking.k8s.io": ("grpcroutes", "httproutes")}
_GATEWAYS: Kinds = {"gateway.networking.k8s.io": ("gateways",)}

KINDS: Mapping[str, MeshKinds] = {
    "istio": MeshKinds(
        traffic={"networking.istio.io": ("destinationrules", "virtualservices"), **_GATEWAY_API},
        edges={
            "networking.istio.io": (
                "envoyfilters",
                "gateways",
                "proxyconfigs",
                "serviceentries",
                "sidecars",
                "workloadentries",
                "workloadgroups",
            ),
            "telemetry.istio.io": ("telemetries",),
            **_GATEWAYS,
        },
        trust={"security.istio.io": ("authorizationpolicies", "peerauthentications", "requestauthentications")},
    ),
    "linkerd": MeshKinds(
        traffic={
            "linkerd.io": ("serviceprofiles",),
            # Linkerd's own routes belong to Servers, and so to who may call; those of the Gateway API to services.
            **_GATEWAY_API,
        },
        edges={
            "multicluster.linkerd.io": ("links",),
            "workload.linkerd.io": ("externalworkloads",),
            "policy.linkerd.io": ("egressnetworks", "httplocalratelimitpolicies"),
        },
        trust={
            "policy.linkerd.io": (
                "authorizationpolicies",
                "httproutes",
                "meshtlsauthentications",
                "networkauthentications",
                "servers",
            )
        },
    ),
    "consul": MeshKinds(
        traffic={
            "consul.hashicorp.com": ("servicedefaults", "serviceresolvers", "servicerouters", "servicesplitters"),
            **_GATEWAY_API,
        },
        edges={
            "consul.hashicorp.com": (
                "exportedservices",
                "ingressgateways",
                "meshes",
                "peeringacceptors",
                "peeringdialers",
                "proxydefaults",
                "samenessgroups",
                "terminatinggateways",
            ),
            **_GATEWAYS,
        },
        trust={"consul.hashicorp.com": ("jwtproviders", "serviceintentions")},
    ),
}
"""By mesh."""
