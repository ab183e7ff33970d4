"""Which address ranges a cluster must have, and which of them a network that is there already has.

Owns: the tables by kind and mode. Does not own: where ranges lie (addresses.py) and their limits (rules/ranges.py).
"""

from collections.abc import Mapping

from pulumi_multimesh.plan import reading
from pulumi_multimesh.plan.reading import Record

NEEDED: Mapping[str, tuple[str, ...]] = {
    "gke": ("nodes", "pods", "services", "control_plane"),
    "eks": ("nodes", "services"),
    "aks": ("nodes", "pods", "services"),
    "oke": ("nodes", "pods", "services", "control_plane", "load_balancers"),
    "existing": (),
}
"""Ranges that a cluster of a kind has."""

_OF_NETWORK: Mapping[str, tuple[str, ...]] = {
    "gke": ("nodes", "pods", "services"),
    "eks": ("nodes",),
    "aks": ("nodes",),
    "oke": ("nodes",),
    "existing": (),
}
POD_SUBNET_MODES = {"aks": "pod-subnet", "oke": "vcn-native"}
"""The network mode in which pods have a subnet."""
_DEFAULT_MODE = {"aks": "overlay", "oke": "vcn-native"}
_SUBNETS_ONLY = {"oke": ("control_plane", "load_balancers")}
"""Ranges that are nothing but subnets, which a network that is there has already."""
_WITH_VPN = {"aks": ("vpn_gateway",)}
"""Subnets of VPN gateways; the other clouds' gateways are in none."""


def has_pod_subnet(kind: str, wish: Record) -> bool:
    """Whether pods take their addresses from a subnet of their own (AKS, OKE)."""
    mode = reading.text(wish, "network_mode") or _DEFAULT_MODE.get(kind)
    return mode is not None and mode == POD_SUBNET_MODES.get(kind)


def of_network(kind: str, wish: Record, *, vpn: bool = False) -> tuple[str, ...]:
    """Ranges that a named network has, and that must be pinned so that the plan knows them; none for an own one."""
    if "network" not in wish:
        return ()
    return (
        _OF_NETWORK[kind] + (("pods",) if has_pod_subnet(kind, wish) else ()) + (_WITH_VPN.get(kind, ()) if vpn else ())
    )


def needed(kind: str, wish: Record, *, vpn: bool = False) -> tuple[str, ...]:
    """Ranges that this cluster must have; `vpn`: its network has a VPN gateway."""
    unneeded = _SUBNETS_ONLY.get(kind, ()) if "network" in wish else ()
    return tuple(key for key in NEEDED[kind] if key not in unneeded) + (_WITH_VPN.get(kind, ()) if vpn else ())
