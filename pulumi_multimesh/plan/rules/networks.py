"""Rules of networks that are there already and that the user names.

Owns: values under `network`. Does not own: the ranges of such a network (ranges.py).
"""

from collections.abc import Iterator

from pulumi_multimesh.plan import reading
from pulumi_multimesh.plan.cluster_fields import MADE_HERE
from pulumi_multimesh.plan.fault import Fault
from pulumi_multimesh.plan.needs import POD_SUBNET_MODES, has_pod_subnet
from pulumi_multimesh.plan.reading import Record


def network_faults(args: Record) -> Iterator[Fault]:
    """Every fault of named networks."""
    for kind, name, wish in reading.clusters(args, *MADE_HERE):
        if "network" in wish:
            yield from _pod_subnet_faults(f"{kind}.{name}", kind, wish)
            yield from _egress_faults(f"{kind}.{name}", args, wish)


def _pod_subnet_faults(path: str, kind: str, wish: Record) -> Iterator[Fault]:
    """Pods have a subnet in the one mode and none in the other."""
    network, mode = reading.record(wish, "network"), POD_SUBNET_MODES.get(kind)
    given = "pods_subnet_id" in network
    if mode is None or not network or given == has_pod_subnet(kind, wish):
        return
    problem = "is given, but pods have no subnet in this network mode" if given else "is missing"
    remedy = f"remove it, or set  network_mode: {mode}" if given else "give the pods' subnet"
    allowed = f"a subnet's id with network_mode: {mode}, and nothing otherwise"
    yield Fault(f"{path}.network.pods_subnet_id", None, problem, allowed, remedy)


def _egress_faults(path: str, args: Record, wish: Record) -> Iterator[Fault]:
    """An OKE cluster has a security rule for each address of its peers, so their number must be plain."""
    egress = reading.record(wish, "network").get("egress_ips")
    joined = sum(1 for _ in reading.clusters(args)) > 1
    if joined and reading.record(args, "oke") and reading.is_output(egress):
        yield Fault(
            f"{path}.network.egress_ips",
            None,
            "is an output of a list, whose length is not known",
            "in a mesh with OKE clusters, a list: these have a security rule for each address",
            "write the list in the program; its items may be outputs",
        )
