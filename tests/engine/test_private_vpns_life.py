"""VPNs by the real engine, clusters on paper: six pairs, twenty tunnels, every ingredient altered as drift alters it.

Whether packets follow the verdicts is proven in tests/live.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path

import pytest
from lab_engine import Lab
from paper_roads import FOUR, Case, Crossing, Drift, PaperRoads, both, gateway
from stack_life import Life

from multimesh_lab.fabric.model import GATEWAY_FLOW, Verdict
from multimesh_lab.fabric.reachability import Fabric

STRANGER = "198.18.254.9"
"""An address of the clouds' range that nobody has."""
CLUSTERS = ("aws-us", "azure-eu", "gcp-eu", "oci-eu")
AWS_GCP, AWS_AZURE, AWS_OCI = "shop-aws-us-gcp-eu", "shop-aws-us-azure-eu", "shop-aws-us-oci-eu"
AZURE_GCP, AZURE_OCI, GCP_OCI = "shop-azure-eu-gcp-eu", "shop-azure-eu-oci-eu", "shop-gcp-eu-oci-eu"
TUNNELS = {AWS_GCP: 4, AWS_AZURE: 4, AWS_OCI: 2, AZURE_GCP: 2, AZURE_OCI: 4, GCP_OCI: 4}
THROUGH: dict[str, set[str]] = {
    AWS_GCP: {"azure-eu"},
    AWS_AZURE: set(),
    AWS_OCI: {"azure-eu"},
    AZURE_GCP: {"aws-us"},
    AZURE_OCI: {"aws-us"},
    GCP_OCI: {"aws-us", "azure-eu"},
}
"""Who leads around a link; Google's routers and Oracle's DRGs keep what they learn."""


@dataclass(frozen=True)
class Cut:
    """What happens, the one end of each tunnel that goes down for it, and words of a reason."""

    drift: Drift
    ends: set[str]
    words: str


def google(link: str) -> Iterator[Cut]:
    name = f"{link}-gcp-0"
    end = {f"gcp vpnTunnel {name}"}
    yield Cut(Drift("gcp", "VPNTunnel", name, ("sharedSecret=other",)), end, f"gcp vpnTunnel {name}.sharedSecret")
    yield Cut(Drift("gcp", "VPNTunnel", name), end, " is there")
    weaker = ('cipherSuite.phase1.encryptions=["AES-CBC-128"]',)
    yield Cut(Drift("gcp", "VPNTunnel", name, weaker), end, f"gcp vpnTunnel {name}.cipherSuite.phase1 has aes128")
    yield Cut(Drift("gcp", "RouterPeer", name), end, f"no routerPeer on routerInterface {name}")
    yield Cut(Drift("gcp", "RouterPeer", name, ("enable=false",)), end, f"gcp routerPeer {name}.enable is false")
    number = Drift("gcp", "RouterPeer", name, ("peerAsn=64999",))
    yield Cut(number, end, f"gcp routerPeer {name}.peerAsn expects the ASN 64999")
    yield Cut(Drift("gcp", "RouterInterface", name), end, f"no routerInterface on vpnTunnel {name}")
    inside = Drift("gcp", "RouterInterface", name, ("ipRange=169.254.99.2/30",))
    yield Cut(inside, end, f"gcp routerInterface {name}.ipRange is 169.254.99.2")
    peer = Drift("gcp", "ExternalVpnGateway", f"{link}-gcp", (f"interfaces[0].ipAddress={STRANGER}",))
    yield Cut(peer, end, f"nothing at {STRANGER} expects")


def amazon(link: str) -> Iterator[Cut]:
    name = f"{link}-aws-0"
    first, second = ({f"aws vpnConnection {name} tunnel{nth}"} for nth in (1, 2))
    connection = f"aws vpnConnection {name}.tunnel1"
    key = Drift("aws", "VpnConnection", name, ("tunnel1PresharedKey=otherkey",))
    yield Cut(key, first, f"{connection}PresharedKey")
    group = Drift("aws", "VpnConnection", name, ("tunnel1Phase1DhGroupNumbers=[2]",))
    yield Cut(group, first, f"{connection}Phase1… has modp1024")
    inside = Drift("aws", "VpnConnection", name, ("tunnel1InsideCidr=169.254.60.0/30",))
    yield Cut(inside, first, f"{connection}VgwInsideAddress is 169.254.60.1")
    static = Drift("aws", "VpnConnection", name, ("staticRoutesOnly=true",))
    yield Cut(static, first | second, f"aws vpnConnection {name}.staticRoutesOnly is true")
    yield Cut(Drift("aws", "VpnConnection", name), first | second, " is there")
    address = Drift("aws", "CustomerGateway", name, (f"ipAddress={STRANGER}",))
    yield Cut(address, first | second, f"nothing at {STRANGER} expects")
    number = Drift("aws", "CustomerGateway", name, ('bgpAsn="64999"',))
    yield Cut(number, first | second, f"aws customerGateway {name}.bgpAsn expects the ASN 64999")
    unknown = f"aws vpnConnection {name}.customerGatewayId names no customerGateway"
    yield Cut(Drift("aws", "CustomerGateway", name), first | second, unknown)


def azure(link: str) -> Iterator[Cut]:
    name = f"{link}-azure-0"
    kind, end = "VirtualNetworkGatewayConnection", {f"azure connection {name}"}
    yield Cut(Drift("azure", kind, name, ("sharedKey=other",)), end, f"azure connection {name}.sharedKey")
    yield Cut(Drift("azure", kind, name), end, " is there")
    forward = Drift("azure", kind, name, ("ipsecPolicies[0].pfsGroup=PFS24",))
    yield Cut(forward, end, f"azure connection {name}.ipsecPolicies has modp2048s256")
    cipher = Drift("azure", kind, name, ("ipsecPolicies[0].ikeEncryption=DES3",))
    yield Cut(cipher, end, f"azure connection {name}.ipsecPolicies has 3des")
    yield Cut(Drift("azure", kind, name, ("enableBgp=false",)), end, f"azure connection {name}.enableBgp is off")
    number = Drift("azure", "LocalNetworkGateway", name, ("bgpSettings.asn=64999",))
    yield Cut(number, end, f"azure localNetworkGateway {name}.bgpSettings.asn expects the ASN 64999")
    inside = Drift("azure", "LocalNetworkGateway", name, ("bgpSettings.bgpPeeringAddress=169.254.21.99",))
    yield Cut(inside, end, f"azure localNetworkGateway {name}.bgpSettings.bgpPeeringAddress expects 169.254.21.99")
    address = Drift("azure", "LocalNetworkGateway", name, (f"gatewayIpAddress={STRANGER}",))
    yield Cut(address, end, f"nothing at {STRANGER} expects")
    unknown = f"azure connection {name}.localNetworkGateway2 names no localNetworkGateway"
    yield Cut(Drift("azure", "LocalNetworkGateway", name), end, unknown)


def oracle(link: str) -> Iterator[Cut]:
    name = f"{link}-oci-0"
    kind, end = "IpsecConnectionTunnelManagement", {f"oci tunnel {name}"}
    yield Cut(Drift("oci", kind, name, ("sharedSecret=other",)), end, f"oci tunnel {name}.sharedSecret")
    number = Drift("oci", kind, name, ('bgpSessionInfo.customerBgpAsn="64999"',))
    yield Cut(number, end, f"oci tunnel {name}.bgpSessionInfo.customerBgpAsn expects the ASN 64999")
    sides = (("oracleInterfaceIp", "1"), ("customerInterfaceIp", "2"))
    inside = Drift("oci", kind, name, tuple(f"bgpSessionInfo.{side}=169.254.99.{nth}/30" for side, nth in sides))
    yield Cut(inside, end, f"oci tunnel {name}.bgpSessionInfo.oracleInterfaceIp is 169.254.99.1")
    yield Cut(Drift("oci", kind, name, ("ikeVersion=V1",)), end, f"oci tunnel {name} has 1")
    forward = Drift("oci", kind, name, ("phaseTwoDetails.dhGroup=GROUP2",))
    yield Cut(forward, end, f"oci tunnel {name}.phaseTwoDetails has modp1024")
    # Both tunnels of a connection have its customer's address, and go with it.
    whole = end if link == AWS_OCI else {*end, f"oci tunnel {link}-oci-1"}
    yield Cut(Drift("oci", "Cpe", name, (f"ipAddress={STRANGER}",)), whole, f"nothing at {STRANGER} expects")
    yield Cut(Drift("oci", "Ipsec", name), whole, " is there")
    # Oracle keeps a tunnel as it is that nobody manages any more.
    yield Cut(Drift("oci", kind, name), set(), "")


def cuts() -> Iterator[Cut]:
    for ends, links in (
        (google, (AWS_GCP, AZURE_GCP, GCP_OCI)),
        (amazon, (AWS_GCP, AWS_AZURE, AWS_OCI)),
        (azure, (AWS_AZURE, AZURE_GCP, AZURE_OCI)),
        (oracle, (AWS_OCI, AZURE_OCI, GCP_OCI)),
    ):
        for link in links:
            yield from ends(link)


def up(fabric: Fabric) -> set[frozenset[str]]:
    """The tunnels that are up, by the names of their ends."""
    return {frozenset(end.name for end in tunnel.ends) for tunnel in fabric.tunnels if tunnel.is_up}


def faults_of(roads: PaperRoads, found: Iterable[Cut]) -> list[str]:
    """What the fabric says of each cut that it should not: other tunnels go, or the road, or it says nothing of it."""
    normally, passes = up(roads.fabric()), roads.open()
    faults: list[str] = []
    for cut in found:
        with roads.drifted(cut.drift):
            fabric, still = roads.fabric(), roads.open()
        gone = normally - up(fabric)
        told = [fault for tunnel in fabric.tunnels for fault in tunnel.faults]
        if gone != {tunnel for tunnel in normally if tunnel & cut.ends}:
            faults.append(f"{cut.drift} cuts {gone}")
        if cut.ends and not any(cut.words in fault for fault in told):
            faults.append(f"{cut.drift}: {cut.words!r} is none of {told}")
        if still != passes:
            faults.append(f"{cut.drift} stops {passes - still}")
    return faults


def shared(passes: set[Crossing]) -> Iterator[Case]:
    """What all tunnels of a network have in common; `passes`: what is open normally."""

    def of(cluster: str) -> set[Crossing]:
        return {crossing for crossing in passes if cluster in crossing}

    for table in range(3):
        deaf = f"aws routeTable shop-aws-us-private-{table} takes no routes from vpnGateway shop-aws-us-vpn"
        yield Case(Drift("aws", "VpnGatewayRoutePropagation", f"shop-aws-us-vpn-{table}"), of("aws-us"), deaf)
    number = Drift("aws", "VpnGateway", "shop-aws-us-vpn", ('amazonSideAsn="64999"',))
    yield Case(number, of("aws-us"), "aws vpnGateway shop-aws-us-vpn.amazonSideAsn is 64999")
    number = Drift("gcp", "Router", "shop-gcp-eu-vpn-vpn", ("bgp.asn=64999",))
    yield Case(number, of("gcp-eu"), "gcp router shop-gcp-eu-vpn-vpn.bgp.asn is 64999")
    number = Drift("azure", "VirtualNetworkGateway", "shop-azure-eu-vpn", ("bgpSettings.asn=64999",))
    yield Case(number, of("azure-eu"), "azure virtualNetworkGateway shop-azure-eu-vpn.bgpSettings.asn is 64999")
    loose = "oci drg shop-oci-eu is attached to no network"
    yield Case(Drift("oci", "DrgAttachment", "shop-oci-eu"), of("oci-eu"), loose)
    for table, subnet, stopped in (
        ("private", "nodes", gateway("oci-eu", "aws-us")),
        ("public", "lb", gateway("aws-us", "oci-eu")),
    ):
        lost = f"oci routeTable shop-oci-eu-{table} of subnet shop-oci-eu-{subnet} has no rule that sends 10.188."
        rule = ("routeRules", "destination", "10.188.0.0/16")
        yield Case(Drift("oci", "RouteTable", f"shop-oci-eu-{table}", less=rule), stopped, lost)


OTHER_KEY = {
    "gcp": ("VPNTunnel", "sharedSecret=other"),
    "azure": ("VirtualNetworkGatewayConnection", "sharedKey=other"),
    "oci": ("IpsecConnectionTunnelManagement", "sharedSecret=other"),
}


def all_cut(link: str) -> list[Drift]:
    """Another key at one end of each tunnel of the link; AWS has two tunnels in a resource, so the other end's."""
    cloud = next(each for each in ("gcp", "azure", "oci") if each in link)
    kind, change = OTHER_KEY[cloud]
    return [Drift(cloud, kind, f"{link}-{cloud}-{number}", (change,)) for number in range(TUNNELS[link])]


def cut_reasons(verdict: Verdict) -> int:
    return len([reason for reason in verdict.reasons if "the pre-shared keys differ" in reason])


def assert_detours(roads: PaperRoads) -> None:
    """A link that is cut as a whole leaves the way through AWS's or Azure's gateway, which pass on what they learn."""
    passes = roads.open()
    for link, through in THROUGH.items():
        with roads.drifted(*all_cut(link)):
            verdicts, still = roads.verdicts(), roads.open()
        one, other = (cluster for cluster in CLUSTERS if cluster in link)
        assert passes - still == (set() if through else both(one, other) & passes), link
        for crossing in (*gateway(one, other), *gateway(other, one)):
            assert cut_reasons(verdicts[crossing]) == TUNNELS[link], crossing
            detours = {f"shop-{crossing[0]} → shop-{third} → shop-{crossing[1]}" for third in through}
            assert {road.name for road in verdicts[crossing].in_use} == detours, link


def assert_alone(roads: PaperRoads, cluster: str) -> None:
    """With every link of a cluster cut nothing reaches it and it reaches nothing, and every tunnel is a reason."""
    passes = roads.open()
    links = [link for link in TUNNELS if cluster in link]
    with roads.drifted(*(each for link in links for each in all_cut(link))):
        verdicts, still = roads.verdicts(), roads.open()
    assert passes - still == {crossing for crossing in passes if cluster in crossing}, cluster
    for link in links:
        one, other = (each for each in CLUSTERS if each in link)
        assert cut_reasons(verdicts[one, other, GATEWAY_FLOW]) == TUNNELS[link], link


REPAIRED = [
    Drift("gcp", "RouterPeer", f"{AWS_GCP}-gcp-1"),
    Drift("aws", "VpnGatewayRoutePropagation", "shop-aws-us-vpn-1"),
    Drift("azure", "VirtualNetworkGatewayConnection", f"{AZURE_OCI}-azure-2"),
    Drift("oci", "IpsecConnectionTunnelManagement", f"{GCP_OCI}-oci-3", ("sharedSecret=other",)),
    Drift("oci", "RouteTable", "shop-oci-eu-private", less=("routeRules", "destination", "10.188.0.0/16")),
]
"""One or two in each cloud, all at once, which the engine sets right."""


def test_vpns(lab: Lab, tmp_path: Path) -> None:
    lab.home.create()
    life = Life.begin(lab, tmp_path)
    roads = PaperRoads(life)
    roads.write(FOUR)
    life.up()
    life.unchanged()
    fabric = roads.fabric()
    assert [tunnel.name for tunnel in fabric.tunnels if tunnel.faults] == []
    assert len(up(fabric)) == sum(TUNNELS.values()) == 20
    passes = roads.open()
    assert {each for each in passes if GATEWAY_FLOW in each} == {
        (*pair, GATEWAY_FLOW) for pair in permutations(CLUSTERS, 2)
    }
    assert faults_of(roads, cuts()) == []
    assert roads.faults(shared(passes)) == []
    assert_detours(roads)
    for cluster in CLUSTERS:
        assert_alone(roads, cluster)
    assert (roads.open(), len(up(roads.fabric()))) == (passes, 20)

    for each in REPAIRED:
        each.happen(lab.home)
    assert (len(up(roads.fabric())), roads.open() == passes) == (17, False)
    life.repair()
    assert (len(up(roads.fabric())), roads.open() == passes) == (20, True)
    life.destroy()
    assert life.inventory() == []


pytestmark = pytest.mark.timeout(900)
