"""Which packets a cloud's network lets through: iptables of its router.

Owns: every rule in a router. Does not own: what may pass (it is told), and the rules of nodes and machine (firewall).
"""

from collections.abc import Iterable, Sequence

from multimesh_lab.fabric.wiring_plan import Face, Flow, Router
from multimesh_lab.network import Plan, inside, run


def ensure(router: Router, flows: Sequence[Flow], faces: Sequence[Face]) -> None:
    """Replace all of the router's rules in one step."""
    text = "\n".join(rules(router, flows, faces))
    run(*inside(router.namespace), "iptables-restore", "-w", data=text)


def rules(router: Router, flows: Sequence[Flow], faces: Sequence[Face]) -> list[str]:
    """As iptables-restore takes them."""
    return [*_filter(router, flows), *_translations(router, faces), *_segments(), ""]


def _filter(router: Router, flows: Iterable[Flow]) -> list[str]:
    """The chain is asked about every packet: a connection ends with the flow that let it in."""
    accept = [
        # Only answers are known by their connection.
        "-m conntrack --ctstate ESTABLISHED,RELATED --ctdir REPLY -j ACCEPT",
        "-p icmp -m conntrack --ctstate RELATED -j ACCEPT",
    ]
    for end in router.ends:
        own, peer = end.at.own_public, end.at.peer_public
        accept.append(f"-i eth0 -o {end.uplink} -s {peer} -d {own} -j ACCEPT")
        accept.append(f"-i {end.uplink} -o eth0 -s {own} -d {peer} -j ACCEPT")
    for flow in flows:
        # A forwarded balancer's address is known only as the one that was asked for.
        accept += [f"-s {source} -m conntrack --ctorigdst {flow.destination} -j ACCEPT" for source in flow.sources]
    for plan in map(Plan, router.slots):
        accept += [
            f"-i node{plan.slot} -s {source} -m conntrack --ctorigdst {plan.internal} -j ACCEPT"
            for source in (plan.pods, plan.subnet)
        ]
    return [
        "*filter",
        ":INPUT ACCEPT [0:0]",
        ":FORWARD DROP [0:0]",
        ":OUTPUT ACCEPT [0:0]",
        *(f"-A FORWARD {rule}" for rule in accept),
        "COMMIT",
    ]


def _translations(router: Router, faces: Sequence[Face]) -> list[str]:
    """Balancers with a hostname stand here; what is for any internal one gets the address that it is declared with."""
    entries = [
        f"-A PREROUTING -s {source} -d {entry.address} -p {entry.protocol.lower()} --dport {entry.port} "
        f"-j DNAT --to-destination {Plan(entry.slot).private_node}:{entry.node_port}"
        for entry in router.forwardings
        for source in entry.sources or ("0.0.0.0/0",)
    ]
    for plan in map(Plan, router.slots):
        entries += [
            f"-A POSTROUTING -s {face.range} -o node{plan.slot} -m conntrack --ctorigdst {plan.internal} "
            f"-j SNAT --to-source {face.address}"
            for face in faces
            if face.slot != plan.slot
        ]
        # A node that asks for its own balancer would answer itself, past the router.
        entries += [
            f"-A POSTROUTING -s {source} -o node{plan.slot} -m conntrack --ctstate DNAT "
            f"-j SNAT --to-source {plan.subnet[1]}"
            for source in (plan.pods, plan.subnet)
        ]
    chains = ("PREROUTING", "INPUT", "OUTPUT", "POSTROUTING")
    return ["*nat", *(f":{chain} ACCEPT [0:0]" for chain in chains), *entries, "COMMIT"]


def _segments() -> list[str]:
    """Gateways of VPNs lower the size of segments to what the tunnel carries, so that nothing needs an ICMP message.

    AWS, "Best practices for an AWS Site-to-Site VPN customer gateway device": adjust the MSS of TCP packets entering
    the tunnel.
    """
    chains = ("PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING")
    clamp = "-A FORWARD -o tun+ -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu"
    return ["*mangle", *(f":{chain} ACCEPT [0:0]" for chain in chains), clamp, "COMMIT"]
