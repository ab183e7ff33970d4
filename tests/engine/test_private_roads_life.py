"""Peerings by the real engine, clusters on paper: two of each cloud, every ingredient altered as drift alters it.

Whether packets follow the verdicts is proven in tests/live.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from lab_engine import Lab
from paper_roads import (
    AMAZON,
    AZURE,
    EIGHT,
    GOOGLE,
    ORACLE,
    PAIRS,
    Case,
    Drift,
    PaperRoads,
    both,
    gateway,
    listed,
    pods,
)
from stack_life import Life, work

PODS = {"oci-eu": "10.236.0.0/16", "oci-de": "10.110.0.0/16"}
NODES = {"oci-eu": "10.237.0.0/18", "oci-de": "10.111.0.0/18"}
BALANCERS = {"oci-eu": "10.237.160.0/24", "oci-de": "10.111.160.0/24"}
VPCS = {"aws-eu": "10.200.0.0/16", "aws-us": "10.188.0.0/16"}
"""Ranges as the plan gives them by the clusters' names."""


def dashed(cidr: str) -> str:
    """As it stands in a resource's name."""
    return cidr.replace(".", "-").replace("/", "-")


def google() -> Iterator[Case]:
    for near, far in (GOOGLE, GOOGLE[::-1]):
        side = Drift("gcp", "NetworkPeering", f"shop-gcp-eu-gcp-us-{near}")
        yield Case(side, both(*GOOGLE), f"there is no gcp networkPeering from shop-{near} to shop-{far}")
        closed = f"no gcp firewall of shop-{far} lets tcp from"
        for changes in ((), ("disabled=true",), ('sourceRanges=["10.99.0.0/16"]',), ('allows[0].ports=["443"]',)):
            yield Case(Drift("gcp", "Firewall", f"shop-{far}-peers", changes), pods(near, far), closed)
        yield Case(Drift("gcp", "Firewall", f"shop-{far}-webhook"), set())


def amazon() -> Iterator[Case]:
    name = "shop-aws-eu-aws-us"
    peering = Drift("aws", "VpcPeeringConnection", name)
    yield Case(peering, both(*AMAZON), "no road joins shop-aws-eu and shop-aws-us: neither a peering nor a VPN")
    rejected = Drift("aws", "VpcPeeringConnection", name, ("acceptStatus=rejected",))
    yield Case(rejected, both(*AMAZON), f"aws vpcPeeringConnection {name}.acceptStatus is rejected, not active")
    # What accepted a peering is no part of it once it is active.
    yield Case(Drift("aws", "VpcPeeringConnectionAccepter", name), set())
    for near, far in (AMAZON, AMAZON[::-1]):
        yield Case(Drift("aws", "PeeringConnectionOptions", f"{name}-{near}"), set())
        for table in range(3):
            route = f"{name}-{near}-{table}-{dashed(VPCS[far])}"
            lost = f"aws routeTable shop-{near}-private-{table} has no route for"
            for changes in ((), ("destinationCidrBlock=10.99.0.0/16",)):
                yield Case(Drift("aws", "Route", route, changes), both(*AMAZON), lost)
        rule = f"shop-{far}-peers-{dashed(VPCS[near])}"
        for changes in ((), ("cidrIpv4=10.99.0.0/16",), ("ipProtocol=tcp", "fromPort=443", "toPort=443")):
            closed = f"no ingress rule of aws securityGroup eks-cluster-sg-shop-{far}"
            yield Case(Drift("aws", "SecurityGroupIngressRule", rule, changes), pods(near, far), closed)


def azure() -> Iterator[Case]:
    for near, far in (AZURE, AZURE[::-1]):
        name = f"shop-azure-eu-azure-us-{near}"
        gone = f"there is no azure virtualNetworkPeering from shop-{near} to shop-{far}"
        yield Case(Drift("azure", "VirtualNetworkPeering", name), both(*AZURE), gone)
        shut = Drift("azure", "VirtualNetworkPeering", name, ("allowVirtualNetworkAccess=false",))
        yield Case(shut, both(*AZURE), f"azure virtualNetworkPeering {name}.allowVirtualNetworkAccess is false")
        # Nobody forwards anything between two networks that are peered themselves.
        yield Case(Drift("azure", "VirtualNetworkPeering", name, ("allowForwardedTraffic=false",)), set())


def oracle() -> Iterator[Case]:
    for near, far in (ORACLE, ORACLE[::-1]):
        left = f"oci localPeeringGateway shop-{far}-to-{near}.peerId joins it to none of shop-{near}"
        yield Case(Drift("oci", "LocalPeeringGateway", f"shop-{near}-to-{far}"), both(*ORACLE), left)
        private, public = f"shop-{near}-private", f"shop-{near}-public"
        routed = {each: Drift("oci", "RouteTable", private, less=_rule(each)) for each in (PODS[far], BALANCERS[far])}
        # Pods' packets leave by the private table, and so do their answers.
        lost = f"oci routeTable {private} of subnet shop-{near}-pods has no rule that sends {PODS[far]}"
        yield Case(routed[PODS[far]], pods(near, far) | pods(far, near), lost)
        lost = f"oci routeTable {private} of subnet shop-{near}-nodes has no rule that sends {BALANCERS[far]}"
        yield Case(routed[BALANCERS[far]], gateway(near, far), lost)
        # Balancers answer by the public one.
        lost = f"oci routeTable {public} of subnet shop-{near}-lb has no rule that sends {PODS[far]}"
        yield Case(Drift("oci", "RouteTable", public, less=_rule(PODS[far])), gateway(far, near), lost)
        yield Case(Drift("oci", "RouteTable", public, less=_rule(BALANCERS[far])), set())
        own, theirs = (dashed(PODS[each]) for each in (near, far))
        rule = "NetworkSecurityGroupSecurityRule"
        closed = f"no ingress rule of oci networkSecurityGroup shop-{far}-pods admits tcp from {PODS[near]}"
        yield Case(Drift("oci", rule, f"shop-{far}-peers-pods-{own}"), pods(near, far), closed)
        closed = f"no egress rule of oci networkSecurityGroup shop-{near}-pods admits tcp to {PODS[far]}"
        yield Case(Drift("oci", rule, f"shop-{near}-pods-to-anywhere"), pods(near, far), closed)
        yield Case(Drift("oci", rule, f"shop-{near}-peers-nodes-{theirs}"), set())


def _rule(destination: str) -> tuple[str, str, str]:
    return ("routeRules", "destination", destination)


REPAIRED = [
    Drift("gcp", "NetworkPeering", "shop-gcp-eu-gcp-us-gcp-us"),
    Drift("gcp", "Firewall", "shop-gcp-eu-peers"),
    Drift("aws", "Route", "shop-aws-eu-aws-us-aws-eu-1-10-188-0-0-16"),
    Drift("aws", "SecurityGroupIngressRule", "shop-aws-us-peers-10-200-0-0-16", ("cidrIpv4=10.99.0.0/16",)),
    Drift("azure", "VirtualNetworkPeering", "shop-azure-eu-azure-us-azure-eu"),
    Drift("oci", "RouteTable", "shop-oci-de-private", less=_rule(PODS["oci-eu"])),
    Drift("oci", "RouteTable", "shop-oci-de-private", less=_rule(BALANCERS["oci-eu"])),
]
"""One or two in each cloud, all at once, which the engine sets right."""


def without_google_and_oracle() -> Iterator[tuple[str, str, str]]:
    """All that the engine does when these two pairs are taken from the links."""
    for name in GOOGLE:
        yield "gcp:compute/networkPeering:NetworkPeering", f"shop-gcp-eu-gcp-us-{name}", "delete"
        yield "gcp:compute/firewall:Firewall", f"shop-{name}-peers", "delete"
        # Its API server lets the other's nodes in no longer.
        yield "gcp:container/cluster:Cluster", f"shop-{name}", "update"
    rule = "oci:Core/networkSecurityGroupSecurityRule:NetworkSecurityGroupSecurityRule"
    for near, far in (ORACLE, ORACLE[::-1]):
        yield "oci:Core/localPeeringGateway:LocalPeeringGateway", f"shop-{near}-to-{far}", "delete"
        for table in ("private", "public"):
            yield "oci:Core/routeTable:RouteTable", f"shop-{near}-{table}", "update"
        yield rule, f"shop-{near}-api-address-1", "delete"
        for cidr in (PODS[far], NODES[far], BALANCERS[far]):
            for kind in ("nodes", "pods"):
                yield rule, f"shop-{near}-peers-{kind}-{dashed(cidr)}", "delete"


def test_peerings(lab: Lab, tmp_path: Path) -> None:
    lab.home.create()
    life = Life.begin(lab, tmp_path)
    roads = PaperRoads(life)
    roads.write({**EIGHT, "links": listed(PAIRS)})
    shown = {(kind, name) for kind, name, _ in work(life.preview())}
    life.up()
    assert shown >= {(each.type, each.name) for each in life.inventory() if "eering" in each.type}
    # Google's and Azure's first sides are active once the second is there, which a refresh finds.
    life.refresh()
    life.unchanged()
    everything = {crossing for pair in PAIRS for crossing in both(*pair)}
    assert roads.open() == everything
    assert roads.faults([*google(), *amazon(), *azure(), *oracle()]) == []
    assert roads.open() == everything

    for each in REPAIRED:
        each.happen(lab.home)
    # Oracle's balancers are still reached the other way round; all else has stopped.
    assert roads.open() == gateway("oci-eu", "oci-de")
    life.repair()
    assert roads.open() == everything

    roads.write({**EIGHT, "links": listed([AMAZON, AZURE])})
    assert work(life.preview()) == {*without_google_and_oracle()}
    life.up()
    assert roads.open() == both(*AMAZON) | both(*AZURE)
    life.destroy()
    assert life.inventory() == []


pytestmark = pytest.mark.timeout(1200)
