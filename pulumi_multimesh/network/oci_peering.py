"""Peering of two of Oracle Cloud's networks through their DRGs, wherever they are.

Owns: the peering. Does not own: which networks are peered (the plan), local peering gateways and all routes, which are
made with the network that they are in (clusters/oke_roads.py).
"""

import pulumi
from pulumi_oci import core

from pulumi_multimesh.network.handles import OciNetwork


class OciPeering(pulumi.ComponentResource):
    """Two DRGs, joined; mostly in two regions, else of networks that were there before and have no local gateways."""

    def __init__(
        self, name: str, first: OciNetwork, second: OciNetwork, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Raises `ValueError` if either network has no DRG."""
        drgs = [_drg_of(name, network) for network in (first, second)]
        super().__init__("multimesh:index:OciPeering", name, {"between": [first.name, second.name]}, opts)
        there = _side(self, name, first, drgs[0], None)
        _side(self, name, second, drgs[1], (there, first))
        self.register_outputs({})


def _drg_of(name: str, network: OciNetwork) -> pulumi.Input[str]:
    if network.drg_id is None:
        raise ValueError(f"{name}: the network {network.name} has no DRG, so that no other can be peered with it")
    return network.drg_id


def _side(
    parent: OciPeering,
    name: str,
    own: OciNetwork,
    drg_id: pulumi.Input[str],
    peer: tuple[core.RemotePeeringConnection, OciNetwork] | None,
) -> core.RemotePeeringConnection:
    """One side; the one that is told of its peer joins the two."""
    part = f"{name}-{own.name}"
    return core.RemotePeeringConnection(
        part,
        compartment_id=own.compartment_id,
        drg_id=drg_id,
        peer_id=peer[0].id if peer else None,
        peer_region_name=peer[1].region if peer else None,
        display_name=part,
        freeform_tags=own.tags,
        opts=pulumi.ResourceOptions(parent=parent, provider=own.provider),
    )
