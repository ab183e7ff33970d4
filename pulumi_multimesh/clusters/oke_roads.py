"""The private roads out of an OKE cluster's own network: the gateways that they leave by, and the routes to these.

Owns: the DRG with its attachment, local peering gateways, which join two VCNs of a region, and a route for each range.
Does not own: what a DRG is connected to (network/oci_vpn.py, network/oci_peering.py), who may talk to whom
(oke_rules.py).
A VCN's route tables learn nothing from BGP or from peers, so each range has a rule of its own.
"""

from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict

import pulumi
from pulumi_oci import core

from pulumi_multimesh.clusters.oke_site import OkeSite


class OkeNeighbourArgs(TypedDict):
    """Another VCN of the region, to which a local peering gateway leads."""

    ranges: list[str]
    """What is reached there, as CIDR strings."""
    peer_id: NotRequired[pulumi.Input[str]]
    """The neighbour's gateway. Of two that are to be joined exactly one names the other: the one that is made later."""


class OkeRoadsArgs(TypedDict, total=False):
    """The private roads out of a network."""

    drg_ranges: list[str]
    """What is reached through a DRG (by VPN, in another region), as CIDR strings; a DRG is made if there is any."""
    neighbours: dict[str, OkeNeighbourArgs]
    """Other VCNs of the region, by the name of their network in the plan; a gateway is made for each."""


def neighbours(
    network: str,
    near: Mapping[str, Sequence[str]],
    made: Mapping[str, Mapping[str, core.LocalPeeringGateway]],
) -> dict[str, OkeNeighbourArgs]:
    """What a network is told of those of its region that it is peered with.

    `near` has their ranges by their names, `made` the gateways, by neighbour, of those networks that are there already:
    of two the one that is made later names the other's gateway, and neither waits for more than that. Networks must
    always be made in the same order, or the gateways are replaced.
    """
    found: dict[str, OkeNeighbourArgs] = {}
    for name, ranges in near.items():
        found[name] = {"ranges": list(ranges)}
        if name in made:
            found[name]["peer_id"] = made[name][network].id
    return found


class Roads:
    """The gateways of a network's private roads."""

    def __init__(self, site: OkeSite, vcn_id: pulumi.Input[str], args: OkeRoadsArgs) -> None:
        neighbours = args.get("neighbours", {})
        self.drg = _drg(site) if args.get("drg_ranges") else None
        self.attachment = _attachment(site, vcn_id, self.drg) if self.drg else None
        self.gateways = {name: _gateway(site, vcn_id, name, each) for name, each in sorted(neighbours.items())}
        self._args = args

    @property
    def before_routes(self) -> Sequence[pulumi.Resource]:
        """What must be there before a route can lead to the DRG: Oracle refuses one to a DRG that is not attached."""
        return [self.attachment] if self.attachment else []

    def routes(self) -> list[core.RouteTableRouteRuleArgsDict]:
        """A rule for each range."""
        made: list[core.RouteTableRouteRuleArgsDict] = []
        if self.drg:
            made += _towards(self.drg.id, self._args.get("drg_ranges", []), "through the DRG")
        neighbours: Mapping[str, OkeNeighbourArgs] = self._args.get("neighbours", {})
        for name, gateway in self.gateways.items():
            made += _towards(gateway.id, neighbours[name]["ranges"], f"peered with {name}")
        return made


def _towards(gateway: pulumi.Input[str], ranges: Sequence[str], why: str) -> list[core.RouteTableRouteRuleArgsDict]:
    return [{"network_entity_id": gateway, "destination": cidr, "description": why} for cidr in sorted(ranges)]


def _drg(site: OkeSite) -> core.Drg:
    return core.Drg(
        site.name,
        compartment_id=site.compartment,
        display_name=site.name,
        freeform_tags=site.tags,
        opts=site.child(),
    )


def _attachment(site: OkeSite, vcn_id: pulumi.Input[str], drg: core.Drg) -> core.DrgAttachment:
    return core.DrgAttachment(
        site.name,
        drg_id=drg.id,
        network_details={"type": "VCN", "id": vcn_id},
        display_name=site.name,
        freeform_tags=site.tags,
        opts=pulumi.ResourceOptions.merge(
            site.child(),
            # The provider's update carries no VCN, so that another one would never be attached.
            pulumi.ResourceOptions(replace_on_changes=["networkDetails.id"]),
        ),
    )


def _gateway(
    site: OkeSite, vcn_id: pulumi.Input[str], neighbour: str, args: OkeNeighbourArgs
) -> core.LocalPeeringGateway:
    name = site.part(f"to-{neighbour}")
    return core.LocalPeeringGateway(
        name,
        compartment_id=site.compartment,
        vcn_id=vcn_id,
        peer_id=args.get("peer_id"),
        display_name=name,
        freeform_tags=site.tags,
        opts=site.child(),
    )
