"""Namespaces, wires, addresses and routes of the clouds' networks.

Owns: what `ip` sets, all of it safe to repeat. Does not own: what passes (wiring_rules), tunnels (wiring_ipsec), and
the routes that BGP brings (wiring_bgp).
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

from multimesh_lab import network
from multimesh_lab.fabric.wiring_plan import End, Face, Router, identity
from multimesh_lab.network import BRIDGE, HOST, NODE_LINK, PRIVATE, Plan, inside, run

MTU = 1400
"""What clouds.md's VPNs carry: an encrypted packet of it still fits the 1500 of the road below."""
_PROTOCOL = "77"
"""Marks the lab's routes in a router, beside the kernel's own and BIRD's."""
_ROUTER_SETTINGS = {
    "ip_forward": "1",
    # The two directions of a connection may take different tunnels.
    "conf/all/rp_filter": "0",
    "conf/default/rp_filter": "0",
    "conf/all/send_redirects": "0",
    "conf/default/send_redirects": "0",
}


def ensure_router(router: Router) -> None:
    """The router is on the bridge, with its clusters' nodes at its interfaces."""
    name = router.namespace
    if name not in network.namespaces():
        run("ip", "netns", "add", name)
        _set(name, _ROUTER_SETTINGS)
    if not Path(f"/sys/class/net/{router.bridge_link}").exists():
        run("ip", "link", "add", router.bridge_link, "type", "veth", "peer", "name", "eth0", "netns", name)
        run("ip", "link", "set", router.bridge_link, "master", BRIDGE, "up")
    _batch(
        name,
        [
            "link set lo up",
            f"addr replace {router.address}/24 dev eth0",
            "link set eth0 up",
            f"route replace default via {HOST}",
            f"addr replace {router.identity}/32 dev lo",
            # What the network does not provide for goes nowhere, least of all to the public network.
            f"route replace unreachable {PRIVATE} metric 1000",
        ],
    )
    present = _links(name)
    _remove_links(name, present, "node", {f"node{slot}" for slot in router.slots})
    for slot in router.slots:
        _ensure_node(router, Plan(slot), present)


def _ensure_node(router: Router, plan: Plan, present: set[str]) -> None:
    """The node's second interface, and the routes of both sides; nothing while the node has no namespace."""
    if plan.namespace not in network.namespaces():
        return
    link = f"node{plan.slot}"
    if link not in present:
        if NODE_LINK in _links(plan.namespace):
            # It led to a router that this cluster's network no longer is.
            network.delete_link(NODE_LINK, plan.namespace)
        add = ("link", "add", link, "type", "veth", "peer", "name", NODE_LINK, "netns", plan.namespace)
        run("ip", "-n", router.namespace, *add)
    gateway = plan.subnet[1]
    _batch(router.namespace, [f"addr replace {gateway}/24 dev {link}", f"link set {link} up"])
    _batch(
        plan.namespace,
        [
            f"addr replace {plan.private_node}/24 dev {NODE_LINK}",
            f"link set {NODE_LINK} up",
            f"route replace {PRIVATE} via {gateway} dev {NODE_LINK}",
        ],
    )


def set_routes(router: Router, others: Sequence[Router], faces: Sequence[Face]) -> None:
    """The routes that were provisioned: to the clusters of this network, and through its peerings."""
    known = {other.number: other for other in others}
    present = _links(router.namespace)
    _remove_links(router.namespace, present, "peer", {wire.link for wire in router.wires})
    wanted: dict[IPv4Network, str] = {}
    gateways = {end.at.own_public for end in router.ends}
    for plan in map(Plan, router.slots):
        if f"node{plan.slot}" in present:
            wanted |= dict.fromkeys((plan.pods, plan.internal), f"via {plan.private_node} dev node{plan.slot}")
    for wire in router.wires:
        if wire.router in known:
            _ensure_wire(router, known[wire.router])
            hop = f"via {identity(wire.router)} dev {wire.link} onlink"
            wanted |= {target: hop for target in wire.routes if target not in wanted}
    lines = [f"route replace {to} {hop} proto {_PROTOCOL}" for to, hop in wanted.items()]
    # From others than its peer an end is not reached, and not looked for on the bridge again.
    lines += [f"route replace unreachable {address} proto {_PROTOCOL}" for address in sorted(gateways)]
    _batch(router.namespace, lines)
    kept = wanted.keys() | {IPv4Network(address) for address in gateways}
    for entry in _json(router.namespace, "route", "show", "proto", _PROTOCOL):
        if IPv4Network(entry["dst"]) not in kept:
            words = (entry.get("type", "unicast"), entry["dst"], "proto", _PROTOCOL)
            run("ip", "-n", router.namespace, "route", "delete", *words)
    network.route_gateway(router.address, gateways)
    for plan in map(Plan, router.slots):
        if f"node{plan.slot}" in present:
            _set_faces(plan, {face.address for face in faces if face.slot != plan.slot})


def _set_faces(plan: Plan, addresses: set[str]) -> None:
    """The node answers the addresses of others as they show themselves to it; only the router knows who they are."""
    gateway = plan.subnet[1]
    lines = [f"route replace {address} via {gateway} dev {NODE_LINK} proto {_PROTOCOL}" for address in addresses]
    _batch(plan.namespace, sorted(lines))
    for entry in _json(plan.namespace, "route", "show", "proto", _PROTOCOL):
        if entry["dst"] not in addresses:
            run("ip", "-n", plan.namespace, "route", "delete", entry["dst"], "proto", _PROTOCOL)


def _ensure_wire(router: Router, other: Router) -> None:
    """A wire between the two; both sides make it, whichever is first."""
    near, far = f"peer{other.number}", f"peer{router.number}"
    if near not in _links(router.namespace):
        add = ("link", "add", near, "type", "veth", "peer", "name", far, "netns", other.namespace)
        run("ip", "-n", router.namespace, *add)
    for side, link, beyond in ((router, near, other), (other, far, router)):
        _batch(
            side.namespace,
            [f"link set {link} up", f"route replace {beyond.identity} dev {link} scope link src {side.identity}"],
        )


def make_end(router: Router, end: End) -> None:
    """A fresh namespace for the end, with the gateway's address, reached from its one peer alone."""
    remove_namespace(end.namespace)
    run("ip", "netns", "add", end.namespace)
    network.delete_link(end.uplink, router.namespace)
    add = ("link", "add", end.uplink, "type", "veth", "peer", "name", "eth0", "netns", end.namespace)
    run("ip", "-n", router.namespace, *add)
    own, peer = end.at.own_public, end.at.peer_public
    _batch(
        end.namespace,
        [
            "link set lo up",
            f"addr add {own}/32 dev eth0",
            "link set eth0 up",
            f"route add {router.address} dev eth0",
            f"route add default via {router.address}",
            # charon routes everything into its tunnel, by a table of its own; its packets must not follow.
            "rule add priority 100 lookup main",
        ],
    )
    _batch(
        router.namespace,
        [
            f"addr replace {router.address}/32 dev {end.uplink}",
            f"link set {end.uplink} up",
            f"route replace {own} dev {end.uplink} table {end.table}",
        ],
    )
    rules = _json(router.namespace, "rule", "show")
    if not any(rule.get("table") == str(end.table) and rule.get("src") == peer for rule in rules):
        _drop_rules(router.namespace, rules, {str(end.table)})
        run("ip", "-n", router.namespace, "rule", "add", "from", peer, "to", own, "lookup", str(end.table))


def adopt_tunnel(router: Router, end: End, device: str) -> None:
    """Move charon's device into the router, where the network's packets are; charon keeps its other side.

    A bridge takes the device's name: charon adds a route through a device of this name, which serves nobody.
    """
    _batch(
        end.namespace,
        [
            f"link set {device} netns {router.namespace} name {end.tunnel}",
            f"link add {device} type bridge",
            f"link set {device} up",
        ],
    )
    _batch(router.namespace, [f"link set {end.tunnel} mtu {MTU} up"])


def set_inside_addresses(router: Router) -> None:
    """Each tunnel has the inside address that is declared now; a cloud may declare it after the tunnel itself."""
    there = {entry["ifname"]: _own_addresses(entry) for entry in _json(router.namespace, "addr", "show")}
    lines: list[str] = []
    for end in router.ends:
        wanted = {f"{end.at.own_inside}/{end.at.inside_prefix}"} if end.at.own_inside else set[str]()
        held = there.get(end.tunnel)
        if held is not None and held != wanted:
            lines += [f"addr del {address} dev {end.tunnel}" for address in sorted(held - wanted)]
            lines += [f"addr add {address} dev {end.tunnel}" for address in sorted(wanted - held)]
    _batch(router.namespace, lines)


def _own_addresses(entry: Mapping[str, Any]) -> set[str]:
    return {f"{each['local']}/{each['prefixlen']}" for each in entry["addr_info"] if each["family"] == "inet"}


def has_tunnel(router: Router, end: End) -> bool:
    return end.tunnel in _links(router.namespace)


def remove_end(router: str, end: str) -> None:
    """The end's namespace; `router` and `end` are namespaces, for what is no longer in any plan."""
    remove_namespace(end)
    if router in network.namespaces():
        number = end.removeprefix("mmt")
        table = str(1000 + int(number))
        _drop_rules(router, _json(router, "rule", "show"), {table})
        network.delete_link(f"end{number}", router)


def remove_namespace(name: str) -> None:
    if name in network.namespaces():
        run("ip", "netns", "delete", name)


def remove_router(name: str) -> None:
    """The router with its wire and the public addresses that were routed to it."""
    number = int(name.removeprefix("mmr"))
    # Before its namespace, whose end would take it along a moment later.
    network.delete_link(Router(number, "", ()).bridge_link)
    remove_namespace(name)
    network.route_gateway(Router(number, "", ()).address, ())


def remove_all() -> None:
    """Every router and every end, by their names; their processes have ended."""
    for name in network.namespaces():
        if name.startswith("mmt"):
            remove_namespace(name)
        if name.startswith("mmr"):
            remove_router(name)


def _drop_rules(namespace: str, rules: Iterable[dict[str, Any]], tables: set[str]) -> None:
    for rule in rules:
        if rule.get("table") in tables:
            run("ip", "-n", namespace, "rule", "delete", "priority", str(rule["priority"]), "lookup", rule["table"])


def _remove_links(namespace: str, present: set[str], prefix: str, wanted: set[str]) -> None:
    for name in sorted(present - wanted):
        if name.startswith(prefix):
            network.delete_link(name, namespace)


def _links(namespace: str) -> set[str]:
    return {entry["ifname"] for entry in _json(namespace, "link", "show")}


def _json(namespace: str, *words: str) -> list[dict[str, Any]]:
    return json.loads(run("ip", "-n", namespace, "-json", *words) or "[]")


def _batch(namespace: str, lines: Sequence[str]) -> None:
    if lines:
        run("ip", "-n", namespace, "-batch", "-", data="\n".join([*lines, ""]))


def _set(namespace: str, settings: dict[str, str]) -> None:
    """Written from inside, because /proc/sys/net shows the settings of the namespace of whoever opens it."""
    script = "; ".join(f"echo {value} > /proc/sys/net/ipv4/{key}" for key, value in settings.items())
    # What a tunnel carries is of version 4, and messages of version 6 would only keep its ends awake.
    run(*inside(namespace), "sh", "-c", f"{script}; echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6")
