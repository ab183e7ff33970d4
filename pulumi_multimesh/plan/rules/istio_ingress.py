"""Rules of ingress gateways.

Owns: values under `istio.ingress`. Does not own: what follows from them (plan/ingress.py).
"""

from collections.abc import Iterator

from pulumi_multimesh.plan import data_plane, reading, roles
from pulumi_multimesh.plan.clouds import clouds_of
from pulumi_multimesh.plan.fault import Fault
from pulumi_multimesh.plan.reading import Record
from pulumi_multimesh.plan.rules.sizes import size_faults
from pulumi_multimesh.plan.rules.text import cidr_fault


def ingress_faults(args: Record) -> Iterator[Fault]:
    """Every fault of the ingress gateways."""
    wish, path = reading.record(reading.record(args, "istio"), "ingress"), "istio.ingress"
    yield from size_faults(path, wish, ("min_replicas", 2), ("max_replicas", 5))
    clouds = clouds_of(args)
    found = roles.roles(args, clouds)
    inside = sorted(name for name in clouds if found[name] != roles.MANAGEMENT)
    for position, name in enumerate(reading.texts(wish, "clusters")):
        if name not in inside:
            problem = "is no cluster with pods in the mesh"
            allowed = ", ".join(inside) or "there is none"
            yield Fault(f"{path}.clusters[{position}]", name, problem, allowed, "correct the name")
        elif wish.get("private") is True and clouds[name] == "none":
            problem = "has no cloud that could give a load balancer inside its network"
            yield Fault(f"{path}.private", True, f"{problem}: {name}", "clusters of a known cloud", "remove it")
    for owner, cidr in reading.text_table(wish, "admitted").items():
        fault = cidr_fault(f"{path}.admitted.{owner}", cidr, "203.0.113.0/24")
        if fault is not None:
            yield fault
    if wish and data_plane.data_plane(args) == data_plane.AMBIENT:
        problem = "is not in this version for data_plane: ambient, whose ingress is made by Gateway API objects"
        remedy = "remove it, and install a Gateway of the class istio with your workloads"
        yield Fault(path, None, problem, "sidecar", remedy)
