"""Oracle Cloud's private roads by the real engine: previewed, made in one `up`, unchanged, readdressed, and gone.

Three networks, two of them in one region and peered there, the third in another; a VPN with made-up other ends.
"""

from pathlib import Path

from lab_engine import Lab
from oracle_cloud import ATTACHMENT, CPE, DRG, IPSEC, LPG, RPC, TABLE, TUNNEL
from stack_life import Life

from multimesh_lab.providers.store import Record

PROGRAM = """
import pulumi
from pulumi_multimesh.clusters.oke_network import OkeNetwork
from pulumi_multimesh.clusters.oke_roads import neighbours
from pulumi_multimesh.network.oci_peering import OciPeering
from pulumi_multimesh.network.oci_vpn import OciVpnGateway
from pulumi_multimesh.network.vpn_gateway import RemoteGateway, TunnelEnd

RANGES = {{"a": ["10.1.0.0/20"], "b": ["10.2.0.0/20"], "c": ["10.3.0.0/20"]}}
made = {{}}


def network(number, name, region, drg_ranges, near):
    made[name] = OkeNetwork(
        name,
        {{
            "compartment_id": "ocid1.compartment.oc1..aaaaaaaaacme",
            "region": region,
            "nodes": RANGES[name][0],
            "control_plane": f"10.{{number}}.16.0/28",
            "load_balancers": f"10.{{number}}.17.0/24",
            "roads": {{
                "drg_ranges": drg_ranges,
                "neighbours": neighbours(
                    name,
                    {{other: RANGES[other] for other in near}},
                    {{other: each.gateways for other, each in made.items() if other in near}},
                ),
            }},
        }},
    )


network(1, "a", "eu-frankfurt-1", ["10.3.0.0/20", "10.8.0.0/16"], ["b"])
network(2, "b", "eu-frankfurt-1", [], ["a"])
network(3, "c", "us-ashburn-1", ["10.1.0.0/20"], [])
OciPeering("a-c", made["a"].handle("a"), made["c"].handle("c"))

gateway = OciVpnGateway("vpn", made["a"].handle("a"), 31898)
tunnels = [
    TunnelEnd(i, i // 2, i % 2, f"169.254.40.{{4 * i}}/30", f"169.254.40.{{4 * i + 1}}", f"169.254.40.{{4 * i + 2}}",
              pulumi.Output.secret(f"k{{i}}key"))
    for i in range(4)
]
addresses = dict(enumerate(["{first}", "{first}", "{second}", "{second}"]))
other = RemoteGateway("far", "gcp", 64512, ["10.8.0.0/16"], addresses)
answers = gateway.connect("a-far", tunnels, other, pulumi.ResourceOptions(parent=gateway))
pulumi.export("answers", [answers[i] for i in range(4)])
"""
FIRST, SECOND, MOVED = "203.0.113.1", "203.0.113.2", "203.0.113.3"
TUNNEL_ITSELF = "oci:Core/ipsecConnectionTunnel:IpsecConnectionTunnel"


def all_of(life: Life, token: str) -> list[Record]:
    return [record for record in life.inventory() if record.type == token]


def keys(life: Life) -> set[tuple[str, str]]:
    """Key and other end of each tunnel as Oracle's headends have them."""
    return {(each.outputs["sharedSecret"], each.outputs["cpeIp"]) for each in all_of(life, TUNNEL_ITSELF)}


def test_the_life_of_private_roads(lab: Lab, tmp_path: Path) -> None:
    lab.home.create()
    life = Life.begin(lab, tmp_path)
    life.program(PROGRAM.format(first=FIRST, second=SECOND))
    planned = [step.type for step in life.preview()]
    expected = {DRG: 2, ATTACHMENT: 2, LPG: 2, RPC: 2, CPE: 2, IPSEC: 2, TUNNEL: 4, TABLE: 6}
    assert {token: planned.count(token) for token in expected} == expected
    life.up()
    life.unchanged()

    assert {each.outputs["peeringStatus"] for token in (LPG, RPC) for each in all_of(life, token)} == {"PEERED"}
    assert keys(life) == {("k0key", FIRST), ("k1key", FIRST), ("k2key", SECOND), ("k3key", SECOND)}
    public = {each.outputs["vpnIp"] for each in all_of(life, TUNNEL_ITSELF)}
    assert len(public) == 4
    assert all(address in life.output("answers") for address in public)

    # Another address of the other end is another connection, whose tunnels must have the keys too.
    life.program(PROGRAM.format(first=MOVED, second=SECOND))
    life.up()
    life.unchanged()
    assert keys(life) == {("k0key", MOVED), ("k1key", MOVED), ("k2key", SECOND), ("k3key", SECOND)}
    life.destroy()
    assert life.inventory() == []
