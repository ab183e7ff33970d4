"""The library's private roads by the real engine, clusters on paper: what passes, and why not when a part is altered.

Alterations are made to a copy of what the simulated clouds have, as drift would make them; whether packets follow is
proven in tests/live.
"""

import json
from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from lab_engine import Lab
from stack_life import Life, work

from multimesh_lab.fabric.inventory import Inventory
from multimesh_lab.fabric.model import GATEWAY_FLOW, POD_FLOW, Verdict
from multimesh_lab.fabric.reachability import Fabric
from multimesh_lab.providers.store import Record

PROGRAM = """
import json
import pulumi
from pulumi_multimesh.checked import checked_plan
from pulumi_multimesh.clusters.planned import make_clusters, make_networks, private_networks
from pulumi_multimesh.network.roads import make_roads

ARGS = json.loads('''{args}''')
plan = checked_plan("shop", ARGS)
whole = pulumi.ComponentResource("test:index:Whole", "whole")
makers = make_networks(whole, plan, ARGS)
clusters = make_clusters(plan, makers)
make_roads(whole, plan, private_networks(plan, makers))
if plan.flat:
    for name, cluster in clusters.items():
        peers = plan.peers(name)
        cluster.admit(sorted({{cidr for peer in peers for cidr in plan.network_of(peer).ranges}}))
"""
OKE = {"compartment_id": "ocid1.compartment.oc1..aaaaaaaaacme", "region": "eu-frankfurt-1"}
AKS = {"region": "westeurope", "network_mode": "pod-subnet"}
BASE: dict[str, Any] = {
    "gke": {"gcp-eu": {"project": "acme-dev", "region": "europe-west4"}},
    "eks": {"aws-us": {"region": "us-east-1"}},
    "aks": {"azure-eu": AKS},
    "oke": {"oci-eu": OKE},
    "istio": {},
    "connectivity": "vpn",
    "api_access": {"office": "203.0.113.0/24"},
}
PEERED: dict[str, Any] = {
    **BASE,
    "gke": {**BASE["gke"], "gcp-us": {"project": "acme-dev", "region": "us-east4"}},
    "eks": {**BASE["eks"], "aws-eu": {"region": "eu-central-1"}},
    "aks": {**BASE["aks"], "azure-us": {**AKS, "region": "eastus"}},
    "oke": {**BASE["oke"], "oci-de": OKE},
    "flat": True,
}
PAIRS = [("gcp-eu", "gcp-us"), ("aws-eu", "aws-us"), ("azure-eu", "azure-us"), ("oci-de", "oci-eu")]
Alter = Callable[[list[Record]], list[Record]]


def peered(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    listed = [{"first": first, "second": second} for first, second in pairs]
    return {**PEERED, "links": {"topology": "list", "pairs": listed}}


def write(life: Life, args: dict[str, Any]) -> None:
    life.program(PROGRAM.format(args=json.dumps(args)))


def named(record: Record, token: str, name: str) -> bool:
    return record.type.endswith(f":{token}") and record.name == name


def gone(token: str, name: str) -> Alter:
    return lambda records: [each for each in records if not named(each, token, name)]


def without_routes(prefix: str) -> Alter:
    """AWS's routes of one table to one peer."""
    return lambda records: [
        each for each in records if not (each.type.endswith(":Route") and each.name.startswith(prefix))
    ]


def put(token: str, name: str, path: str, value: object) -> Alter:
    """Another value at the path, in whatever the cloud has of the resource."""

    def altered(record: Record) -> Record:
        inputs, outputs = deepcopy(dict(record.inputs)), deepcopy(dict(record.outputs))
        for properties in (inputs, outputs):
            *way, last = path.split(".")
            place: Any = properties
            for key in way:
                place = place[int(key)] if isinstance(place, list) else place.get(key, {})
            place[last] = value
        return replace(record, inputs=inputs, outputs=outputs)

    return lambda records: [altered(each) if named(each, token, name) else each for each in records]


def verdict(records: list[Record], source: str, destination: str, flow: str) -> Verdict:
    fabric = Fabric(Inventory(records))
    names = {member.id: member.name for site in fabric.sites for member in site.members}
    found = [
        each
        for each in fabric.table(flow)
        if names[each.source].startswith(f"shop-{source}") and names[each.destination].startswith(f"shop-{destination}")
    ]
    assert len(found) == 1, names
    return found[0]


def test_peerings(lab: Lab, tmp_path: Path) -> None:
    lab.home.create()
    life = Life.begin(lab, tmp_path)
    write(life, peered(PAIRS))
    shown = work(life.preview())
    life.up()
    # Google's first side is active once the second is there, which a refresh finds and which changes nothing else.
    life.refresh()
    life.unchanged()
    assert {name for _, name, _ in shown} >= {"shop-gcp-eu-gcp-us-gcp-eu", "shop-azure-eu-azure-us-azure-us"}
    records = life.inventory()
    for first, second in PAIRS:
        for source, destination in ((first, second), (second, first)):
            for flow in (GATEWAY_FLOW, POD_FLOW):
                assert verdict(records, source, destination, flow).allowed, (source, destination, flow)
    assert not verdict(records, "gcp-eu", "aws-us", GATEWAY_FLOW).allowed
    kept = [
        (source, destination, words, found.reasons)
        for source, destination, alter, words in SPOILED_PEERINGS
        if not refused_for(found := verdict(alter(records), source, destination, POD_FLOW), words)
    ]
    assert kept == []

    # One pair less: its roads go, and nothing of the others is touched.
    write(life, peered(PAIRS[1:]))
    steps = work(life.preview())
    # The two API servers no longer admit each other's nodes either, which is a change in place.
    clusters = {step for step in steps if step[0] == "gcp:container/cluster:Cluster"}
    assert {operation for _, _, operation in clusters} == {"update"}
    assert steps - clusters == {
        ("gcp:compute/networkPeering:NetworkPeering", "shop-gcp-eu-gcp-us-gcp-eu", "delete"),
        ("gcp:compute/networkPeering:NetworkPeering", "shop-gcp-eu-gcp-us-gcp-us", "delete"),
        ("gcp:compute/firewall:Firewall", "shop-gcp-eu-peers", "delete"),
        ("gcp:compute/firewall:Firewall", "shop-gcp-us-peers", "delete"),
    }
    life.up()
    life.destroy()
    assert life.inventory() == []


SPOILED_PEERINGS: list[tuple[str, str, Alter, str]] = [
    ("gcp-eu", "gcp-us", gone("NetworkPeering", "shop-gcp-eu-gcp-us-gcp-us"), "peer"),
    ("gcp-eu", "gcp-us", gone("Firewall", "shop-gcp-us-peers"), "no gcp firewall of shop-gcp-us"),
    ("gcp-eu", "gcp-us", put("Firewall", "shop-gcp-us-peers", "sourceRanges", ["10.99.0.0/16"]), "sourceRanges"),
    ("aws-us", "aws-eu", gone("VpcPeeringConnection", "shop-aws-eu-aws-us"), "peering"),
    ("aws-us", "aws-eu", without_routes("shop-aws-eu-aws-us-aws-us-0"), "route"),
    ("aws-us", "aws-eu", without_routes("shop-aws-eu-aws-us-aws-eu-0"), "route"),
    ("azure-eu", "azure-us", gone("VirtualNetworkPeering", "shop-azure-eu-azure-us-azure-us"), "peering"),
    ("oci-de", "oci-eu", put("RouteTable", "shop-oci-de-private", "routeRules", []), "shop-oci-de-private"),
    ("oci-de", "oci-eu", put("RouteTable", "shop-oci-eu-private", "routeRules", []), "shop-oci-eu-private"),
]


def refused_for(found: Verdict, words: str) -> bool:
    return not found.allowed and any(words in reason for reason in found.reasons)


VPN_PAIRS = [
    (first, second)
    for first in ("aws-us", "azure-eu", "gcp-eu", "oci-eu")
    for second in ("aws-us", "azure-eu", "gcp-eu", "oci-eu")
    if first != second
]
SPOILED_TUNNELS: list[tuple[str, Alter, str]] = [
    ("shop-aws-us~shop-gcp-eu", put("VPNTunnel", "shop-aws-us-gcp-eu-gcp-0", "sharedSecret", "x"), "pre-shared keys"),
    ("shop-aws-us~shop-gcp-eu", gone("RouterPeer", "shop-aws-us-gcp-eu-gcp-0"), "shop-aws-us-gcp-eu-gcp-0"),
    ("shop-aws-us~shop-gcp-eu", put("RouterPeer", "shop-aws-us-gcp-eu-gcp-0", "peerAsn", 64999), "peerAsn"),
    (
        "shop-azure-eu~shop-gcp-eu",
        put("VirtualNetworkGatewayConnection", "shop-azure-eu-gcp-eu-azure-0", "sharedKey", "x"),
        "pre-shared keys",
    ),
    (
        "shop-azure-eu~shop-gcp-eu",
        put("VirtualNetworkGatewayConnection", "shop-azure-eu-gcp-eu-azure-0", "ipsecPolicies.0.pfsGroup", "PFS24"),
        "pfsGroup",
    ),
    (
        "shop-azure-eu~shop-gcp-eu",
        put("LocalNetworkGateway", "shop-azure-eu-gcp-eu-azure-0", "bgpSettings.asn", 64999),
        "asn",
    ),
    (
        "shop-aws-us~shop-azure-eu",
        put("VpnConnection", "shop-aws-us-azure-eu-aws-0", "tunnel1PresharedKey", "x"),
        "pre-shared keys",
    ),
    (
        "shop-aws-us~shop-azure-eu",
        put("VpnConnection", "shop-aws-us-azure-eu-aws-0", "tunnel1Phase1DhGroupNumbers", [2]),
        "hase1",
    ),
    (
        "shop-aws-us~shop-oci-eu",
        put("VpnConnection", "shop-aws-us-oci-eu-aws-0", "tunnel1InsideCidr", "169.254.60.0/30"),
        "inside",
    ),
]
"""The tunnel that is altered is the first of its pair; the others keep the road open."""

SPOILED_ROUTES: list[tuple[str, Alter, str]] = [
    *(("aws-us", gone("VpnGatewayRoutePropagation", f"shop-aws-us-vpn-{number}"), "ropagation") for number in range(3)),
    ("oci-eu", put("RouteTable", "shop-oci-eu-private", "routeRules", []), "shop-oci-eu-private"),
]
"""Ways to Google Cloud that every tunnel shares."""


def test_vpns(lab: Lab, tmp_path: Path) -> None:
    lab.home.create()
    life = Life.begin(lab, tmp_path)
    write(life, BASE)
    life.up()
    life.unchanged()
    records = life.inventory()
    fabric = Fabric(Inventory(records))
    assert len(fabric.tunnels) == 20
    assert [tunnel.name for tunnel in fabric.tunnels if tunnel.faults] == []
    for source, destination in VPN_PAIRS:
        assert verdict(records, source, destination, GATEWAY_FLOW).allowed, (source, destination)
    kept: list[object] = []
    for pair, alter, words in SPOILED_TUNNELS:
        faults = [fault for tunnel in Fabric(Inventory(alter(records))).tunnels for fault in tunnel.faults]
        first, second = (end.removeprefix("shop-") for end in pair.split("~"))
        open_still = verdict(alter(records), first, second, GATEWAY_FLOW).allowed
        if not open_still or not any(words in fault for fault in faults):
            kept.append((pair, words, open_still, faults))
    for source, alter, words in SPOILED_ROUTES:
        found = verdict(alter(records), source, "gcp-eu", GATEWAY_FLOW)
        if not refused_for(found, words):
            kept.append((source, words, found.reasons))
    assert kept == []
    assert_all_tunnels_matter(records)
    life.destroy()
    assert life.inventory() == []


def assert_all_tunnels_matter(records: list[Record]) -> None:
    """With every tunnel of a pair cut there is no road, and each is among the reasons."""
    spoiled = records
    for number in range(4):
        spoiled = put("VPNTunnel", f"shop-aws-us-gcp-eu-gcp-{number}", "sharedSecret", "x")(spoiled)
    found = verdict(spoiled, "aws-us", "gcp-eu", GATEWAY_FLOW)
    assert not found.allowed
    told = [reason for reason in found.reasons if "pre-shared keys" in reason]
    assert len(told) == 4, found.reasons


pytestmark = pytest.mark.timeout(900)
