"""The lab's network: a bridge as the internet between the clouds, and a network namespace for each cluster.

Owns: the bridge, namespaces, veth pairs, routes and the address plan. Does not own: which packets pass (firewall).
All addresses are of 198.18.0.0/15, set aside for benchmarks by RFC 2544, so they collide with nobody's network.
"""

import json
import subprocess
from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

BRIDGE = "mmlab"
HOST = "198.18.0.1"
RANGE = IPv4Network("198.18.0.0/15")
NODES = IPv4Network("198.18.0.0/24")
PUBLIC = IPv4Network("198.18.3.0/24")
"""Simulated public addresses, such as those of NAT gateways."""
PRIVATE = IPv4Network("198.19.0.0/16")
"""What lies inside the clouds' networks: pods, nodes and internal load balancers; never on the bridge."""
NODE_LINK = "vpc0"
"""A node's interface into its cloud's network; its other one, eth0, is on the bridge."""
SLOTS = range(1, 9)
_NAMESPACES = Path("/run/netns")


class NetworkError(Exception):
    """The kernel refused a change of the lab's network."""


@dataclass(frozen=True)
class Plan:
    """The names and addresses of one slot."""

    slot: int

    @property
    def namespace(self) -> str:
        return f"mml{self.slot}"

    @property
    def veth(self) -> str:
        return f"mmv{self.slot}"

    @property
    def node(self) -> str:
        return f"198.18.0.{10 + self.slot}"

    @property
    def pods(self) -> IPv4Network:
        return IPv4Network(f"198.19.{self.slot}.0/24")

    @property
    def services(self) -> IPv4Network:
        return IPv4Network(f"198.18.{100 + self.slot}.0/24")

    @property
    def api_service(self) -> str:
        """The address of the Service `kubernetes`, always the first of the range."""
        return str(self.services[1])

    @property
    def dns_service(self) -> str:
        return str(self.services[10])

    @property
    def pool(self) -> IPv4Network:
        """The addresses of its load balancers."""
        return IPv4Network(f"198.18.{200 + self.slot}.0/24")

    @property
    def internal(self) -> IPv4Network:
        """The addresses of its internal load balancers, which no road of the bridge leads to."""
        return IPv4Network(f"198.19.{100 + self.slot}.0/24")

    @property
    def subnet(self) -> IPv4Network:
        """The lab's counterpart of the range of its nodes; its router has the first address."""
        return IPv4Network(f"198.19.{200 + self.slot}.0/24")

    @property
    def private_node(self) -> str:
        """The node's address in the cloud's own network."""
        return str(self.subnet[2])


def run(*words: str, data: str | None = None) -> str:
    """Run a command and return what it prints."""
    answer = subprocess.run(words, input=data, capture_output=True, text=True, check=False)
    if answer.returncode:
        raise NetworkError(f"`{' '.join(words)}` ended with {answer.returncode}: {answer.stderr.strip()}")
    return answer.stdout


def inside(namespace: str | None) -> tuple[str, ...]:
    """The words before a command that run it in a namespace; none for the machine's own."""
    return ("nsenter", f"--net=/run/netns/{namespace}", "--") if namespace else ()


def _exists(name: str) -> bool:
    return Path(f"/sys/class/net/{name}").exists()


def owner() -> str | None:
    """The folder of the lab that has the bridge; empty when it does not say, None when there is no bridge."""
    if not _exists(BRIDGE):
        return None
    return Path(f"/sys/class/net/{BRIDGE}/ifalias").read_text().strip()


def ensure_bridge(lab: Path) -> None:
    """The bridge of the lab in this folder. Forwarding is set for the bridge only, so it goes with the bridge."""
    if not _exists(BRIDGE):
        run("ip", "link", "add", BRIDGE, "type", "bridge")
        run("ip", "link", "set", BRIDGE, "alias", str(lab))
    run("ip", "addr", "replace", f"{HOST}/24", "dev", BRIDGE)
    run("ip", "link", "set", BRIDGE, "up")
    settings = Path(f"/proc/sys/net/ipv4/conf/{BRIDGE}")
    (settings / "forwarding").write_text("1")
    # The way back of a translated packet goes through the machine although the way there did not.
    (settings / "send_redirects").write_text("0")
    (settings / "rp_filter").write_text("0")
    # An address of the lab that nobody has must not be looked for in the machine's real network.
    run("ip", "route", "replace", "unreachable", str(RANGE))


def remove_bridge() -> None:
    if _exists(BRIDGE):
        run("ip", "link", "delete", BRIDGE)
    for route in routes():
        subprocess.run(["ip", "route", "delete", *route.split()], capture_output=True, check=False)


def routes() -> list[str]:
    """The machine's routes to addresses of the lab, as `ip route` takes them."""
    entries: list[dict[str, Any]] = json.loads(run("ip", "-json", "route", "show", "root", str(RANGE)) or "[]")
    return [f"{entry.get('type', 'unicast')} {entry['dst']}" for entry in entries if entry["dst"] != "default"]


def links() -> list[str]:
    """The lab's interfaces in the machine's own namespace."""
    names = (path.name for path in Path("/sys/class/net").iterdir())
    return sorted(name for name in names if name == BRIDGE or _is_numbered(name, ("mmv", "mmw")))


def delete_link(name: str, namespace: str | None = None) -> None:
    """Gone when this returns; it may go by itself meanwhile, as one does a moment after the other's namespace."""
    there = ("-n", namespace) if namespace else ()
    for _ in range(50):
        if subprocess.run(["ip", *there, "link", "show", name], capture_output=True, check=False).returncode:
            return
        subprocess.run(["ip", *there, "link", "delete", name], capture_output=True, check=False)
    raise NetworkError(f"the link {name} cannot be deleted")


def namespaces() -> list[str]:
    """The lab's network namespaces: clusters (mml), the clouds' routers (mmr) and the ends of their tunnels (mmt)."""
    if not _NAMESPACES.exists():
        return []
    names = (path.name for path in _NAMESPACES.iterdir())
    return sorted(name for name in names if _is_numbered(name, ("mml", "mmr", "mmt")))


def _is_numbered(name: str, prefixes: tuple[str, ...]) -> bool:
    return name[:3] in prefixes and name[3:].isdigit()


def namespace_inode(name: str) -> int | None:
    """What /proc/PID/ns/net shows for a process inside."""
    try:
        return (_NAMESPACES / name).stat().st_ino
    except OSError:
        return None


def ensure_namespace(plan: Plan) -> None:
    """The slot's namespace with its node address, joined to the bridge, its load balancers' pool routed to it."""
    name, veth = plan.namespace, plan.veth
    if name not in namespaces():
        run("ip", "netns", "add", name)
    if not _exists(veth):
        run("ip", "link", "add", veth, "type", "veth", "peer", "name", "eth0", "netns", name)
    run("ip", "link", "set", veth, "master", BRIDGE, "up")
    # Pods that call their own cluster's load balancer come back through the link they left by.
    Path(f"/sys/class/net/{veth}/brport/hairpin_mode").write_text("1")
    run("ip", "-n", name, "link", "set", "lo", "up")
    run("ip", "-n", name, "addr", "replace", f"{plan.node}/24", "dev", "eth0")
    run("ip", "-n", name, "link", "set", "eth0", "up")
    run("ip", "-n", name, "route", "replace", "default", "via", HOST)
    # Written from inside, because /proc/sys/net shows the settings of the namespace of whoever opens it.
    for setting in ("net/ipv4/ip_forward", "net/bridge/bridge-nf-call-iptables"):
        run(*inside(name), "sh", "-c", f"echo 1 > /proc/sys/{setting}")
    run("ip", "route", "replace", str(plan.pool), "via", plan.node, "dev", BRIDGE)


def remove_namespace(plan: Plan) -> None:
    """The namespace, its link and its routes; safe to repeat."""
    delete_link(plan.veth)
    if plan.namespace in namespaces():
        run("ip", "netns", "delete", plan.namespace)
    route_gateway(plan.node, ())


def route_gateway(gateway: str, addresses: Collection[str]) -> None:
    """The machine sends what is for these addresses, and nothing else, to this one on the bridge."""
    entries: list[dict[str, Any]] = json.loads(run("ip", "-json", "route", "show", "root", str(RANGE)) or "[]")
    there = {str(entry["dst"]) for entry in entries if entry.get("gateway") == gateway}
    for address in sorted(there - set(addresses)):
        run("ip", "route", "delete", address)
    for address in sorted(set(addresses) - there):
        run("ip", "route", "replace", address, "via", gateway, "dev", BRIDGE)


def route_address(address: str, plan: Plan) -> None:
    """Send what is for a public address to the slot's node."""
    run("ip", "route", "replace", f"{address}/32", "via", plan.node, "dev", BRIDGE)


def unroute_address(address: str) -> None:
    subprocess.run(["ip", "route", "delete", f"{address}/32"], capture_output=True, check=False)
