"""Which packets of the lab pass, and with which source address: iptables of the machine and of each namespace.

Owns: the rules of the machine and of the clusters' namespaces, all in chains called MML-…. Does not own: kube-proxy's
chains, and those of the clouds' routers (fabric).
"""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

from multimesh_lab.network import BRIDGE, HOST, NODE_LINK, SLOTS, NetworkError, Plan, inside, run

API_PORT = 6443
REGISTRY_PORT = 5000
ISSUER_PORT = 5556
"""Where an OIDC provider on this machine may answer the clusters' API servers; nothing of the lab's own does."""
_KUBE_POSTROUTING = "KUBE-POSTROUTING"
_HOOKS = (
    ("filter", "INPUT", "MML-INPUT"),
    ("filter", "FORWARD", "MML-FORWARD"),
    ("nat", "POSTROUTING", "MML-EGRESS"),
)
_HOST_HOOKS = (
    ("filter", "INPUT", "MML-INPUT"),
    ("filter", "FORWARD", "MML-FORWARD"),
    ("nat", "PREROUTING", "MML-LB"),
    ("nat", "OUTPUT", "MML-LB"),
)


def ensure_host() -> None:
    """On the machine: the lab's namespaces reach each other, its DNS, its images and an issuer, nothing else."""
    bridged = f"-i {BRIDGE}"
    _load(
        None,
        "filter",
        {
            "MML-INPUT": [
                f"{bridged} -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT",
                f"{bridged} -p udp -d {HOST} --dport 53 -j ACCEPT",
                f"{bridged} -p tcp -d {HOST} -m multiport --dports 53,{REGISTRY_PORT},{ISSUER_PORT} -j ACCEPT",
                f"{bridged} -p icmp -j ACCEPT",
                f"{bridged} -j REJECT",
            ],
            "MML-FORWARD": [f"{bridged} -o {BRIDGE} -j ACCEPT", f"{bridged} -j REJECT"],
        },
    )
    # The chains of clusters that are there already must survive a second `up`.
    if not _has_chain("nat", "MML-LB"):
        _load(None, "nat", {"MML-LB": []})
    _hook(None, _HOST_HOOKS)


def remove_host() -> None:
    """Every chain of the lab on the machine goes."""
    for table, chain, target in _HOST_HOOKS:
        _unhook(table, chain, target)
    for table, chain in (("filter", "MML-INPUT"), ("filter", "MML-FORWARD"), ("nat", "MML-LB")):
        _drop_chain(table, chain)
    for slot in SLOTS:
        _drop_chain("nat", f"MML-LB-{slot}")


def host_chains() -> list[str]:
    """The lab's chains on the machine, for a look at what is left."""
    found: list[str] = []
    for table in ("filter", "nat"):
        answer = subprocess.run(["iptables", "-w", "-t", table, "-S"], capture_output=True, text=True, check=False)
        found += [f"{table} {line[3:]}" for line in answer.stdout.splitlines() if line.startswith("-N MML-")]
    return found


def ensure_namespace(plan: Plan) -> None:
    """In a namespace: nothing comes in from outside but what is admitted, and load balancers' packets."""
    _load(
        plan.namespace,
        "filter",
        {
            "MML-INPUT": [
                "! -i eth0 -j RETURN",
                "-m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT",
                f"-p tcp --dport {API_PORT} -j MML-API",
                f"-s {HOST} -j ACCEPT",
                "-p icmp -j ACCEPT",
                "-j DROP",
            ],
            # An address of the pool that no Service has would go round between node and machine.
            "MML-FORWARD": [
                f"-i eth0 -d {plan.pool} -j REJECT",
                f"-i eth0 -d {plan.services} -j REJECT",
                f"-i {NODE_LINK} -d {plan.internal} -j REJECT",
            ],
        },
    )
    _hook(plan.namespace, _HOOKS[:2])
    _before_kube_proxy(plan)


def _before_kube_proxy(plan: Plan) -> None:
    """Where kube-proxy finds its rule it leaves it in its place, else it puts it first of all.

    First of all, it would have the node's own calls of Services beyond the cluster, such as those of webhooks, leave
    with the node's address instead of the cloud's NAT's.
    """
    rule = ("POSTROUTING", "-m", "comment", "--comment", "kubernetes postrouting rules", "-j", _KUBE_POSTROUTING)
    if _fails("-t", "nat", "-C", *rule, namespace=plan.namespace):
        _fails("-t", "nat", "-N", _KUBE_POSTROUTING, namespace=plan.namespace)
        run(*inside(plan.namespace), "iptables", "-w", "-t", "nat", "-A", *rule)


def admit_api(plan: Plan, cidrs: Sequence[str]) -> None:
    """Only these, and the machine itself, open the API server's port; others hear nothing, as in the clouds."""
    sources = (f"{HOST}/32", *cidrs)
    _load(plan.namespace, "filter", {"MML-API": [*(f"-s {cidr} -j ACCEPT" for cidr in sources), "-j DROP"]})


def set_egress(plan: Plan, address: str | None) -> None:
    """What leaves the namespace has this source; pods without one reach the lab's DNS, as a cloud's own resolver."""
    resolver = [
        f"-o eth0 -s {plan.pods} -d {HOST} -p {protocol} --dport 53 -j SNAT --to-source {plan.node}"
        for protocol in ("udp", "tcp")
    ]
    rules = [*resolver, f"-o eth0 -j SNAT --to-source {address}"] if address else resolver
    _load(plan.namespace, "nat", {"MML-EGRESS": rules})
    _hook(plan.namespace, _HOOKS[2:])


def set_private(plan: Plan, hidden: Sequence[IPv4Network] | None) -> None:
    """Whether pods go into the cloud's own network with their node's address: to all but these ranges; None if not."""
    rules: list[str] = []
    if hidden is not None:
        pods = f"-o {NODE_LINK} -s {plan.pods}"
        rules = [*(f"{pods} -d {kept} -j RETURN" for kept in hidden), f"{pods} -j SNAT --to-source {plan.private_node}"]
    _load(plan.namespace, "nat", {"MML-VPC": rules})
    _hook(plan.namespace, (("nat", "POSTROUTING", "MML-VPC"),))


@dataclass(frozen=True)
class Forwarding:
    """A port of a load balancer that stands before the node, as AWS's do, because kube-proxy knows no hostnames."""

    address: str
    protocol: str
    port: int
    node_port: int
    sources: tuple[str, ...]

    def rules(self, node: str) -> list[str]:
        """One rule for each admitted source; a packet that matches none finds nobody at the address."""
        target = f"-j DNAT --to-destination {node}:{self.node_port}"
        match = f"-d {self.address} -p {self.protocol.lower()} --dport {self.port}"
        return [f"-s {source} {match} {target}" for source in self.sources or ("0.0.0.0/0",)]


def set_forwardings(plan: Plan, forwardings: Sequence[Forwarding]) -> None:
    """Replace all of the slot's forwardings in one step."""
    chain = f"MML-LB-{plan.slot}"
    _load(None, "nat", {chain: [rule for entry in forwardings for rule in entry.rules(plan.node)]})
    if _fails("-t", "nat", "-C", "MML-LB", "-j", chain):
        run("iptables", "-w", "-t", "nat", "-A", "MML-LB", "-j", chain)


def remove_forwardings(plan: Plan) -> None:
    chain = f"MML-LB-{plan.slot}"
    _unhook("nat", "MML-LB", chain)
    _drop_chain("nat", chain)


def _load(namespace: str | None, table: str, chains: dict[str, list[str]]) -> None:
    """Set the chains' rules, all in one step; other chains stay as they are."""
    lines = [f"*{table}", *(f":{chain} - [0:0]" for chain in chains)]
    if namespace and "MML-INPUT" in chains and _fails("-t", table, "-S", "MML-API", namespace=namespace):
        lines.append(":MML-API - [0:0]")
    lines += [f"-A {chain} {rule}" for chain, rules in chains.items() for rule in rules]
    run(*inside(namespace), "iptables-restore", "-w", "--noflush", data="\n".join([*lines, "COMMIT", ""]))


def _hook(namespace: str | None, hooks: Sequence[tuple[str, str, str]]) -> None:
    for table, chain, target in hooks:
        if _fails("-t", table, "-C", chain, "-j", target, namespace=namespace):
            run(*inside(namespace), "iptables", "-w", "-t", table, "-I", chain, "1", "-j", target)


def _unhook(table: str, chain: str, target: str) -> None:
    while not _fails("-t", table, "-D", chain, "-j", target):
        pass


def _has_chain(table: str, chain: str) -> bool:
    return not _fails("-t", table, "-S", chain)


def _drop_chain(table: str, chain: str) -> None:
    if _has_chain(table, chain):
        run("iptables", "-w", "-t", table, "-F", chain)
        run("iptables", "-w", "-t", table, "-X", chain)


def _fails(*words: str, namespace: str | None = None) -> bool:
    try:
        run(*inside(namespace), "iptables", "-w", *words)
    except NetworkError:
        return True
    return False
