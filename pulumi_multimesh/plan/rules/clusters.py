"""Rules of clusters: names, places, machines, and who may reach them.

Owns: values under `gke`, `eks`, `existing`, `api_access` and `tags`. Does not own: ranges (ranges.py).
"""

import re
from collections import defaultdict
from collections.abc import Iterator

from pulumi_multimesh.plan import reading, trust
from pulumi_multimesh.plan.fault import Fault
from pulumi_multimesh.plan.fields import EGRESS_ALLOWED
from pulumi_multimesh.plan.names import LONGEST_CLUSTER, LONGEST_MESH
from pulumi_multimesh.plan.reading import Record
from pulumi_multimesh.plan.rules.sizes import size_faults
from pulumi_multimesh.plan.rules.text import cidr_fault, is_address, is_label

CLOUDS = ("gcp", "aws", "azure", "oci", "none")
_MADE_HERE = ("gke", "eks")
_READS = "-reads-"


def name_faults(name: str, args: Record) -> Iterator[Fault]:
    """Faults of the mesh's and the clusters' names."""
    yield from _label_faults("name", name, "shop", LONGEST_MESH)
    kinds: defaultdict[str, list[str]] = defaultdict(list)
    for kind, cluster, _ in reading.clusters(args):
        kinds[cluster].append(kind)
        yield from _label_faults(f"{kind}.{cluster}", cluster, "gcp-eu", LONGEST_CLUSTER)
        if cluster == trust.ROOT or _READS in f"-{cluster}-":
            yield Fault(
                f"{kind}.{cluster}",
                None,
                "has a name that the library uses for a part of its own",
                f'any name but "{trust.ROOT}", and without "reads" between dashes',
                "choose another name",
            )
    for cluster, having in kinds.items():
        if len(having) > 1:
            yield Fault(
                f"{having[-1]}.{cluster}",
                None,
                f"has the name of {having[0]}.{cluster}",
                "a name that is unique in the mesh, whatever the kind of cluster",
                "rename one of the two; rename the one that is not deployed yet",
            )


def _label_faults(path: str, name: str, example: str, longest: int) -> Iterator[Fault]:
    if is_label(name) and len(name) <= longest:
        return
    yield Fault(
        path,
        name,
        "is too long" if is_label(name) else "is not a name",
        f"1 to {longest} lower-case letters, digits and dashes, a letter first, no dash last; "
        "a GKE cluster's name, made of the mesh's, the cluster's and a suffix, has at most 40 characters",
        f"choose a name like  {example}",
    )


def cluster_faults(args: Record) -> Iterator[Fault]:
    """Faults that clusters of all kinds may have, and those of `existing` ones."""
    if not any(reading.clusters(args)):
        yield Fault(
            "the mesh",
            None,
            "has no cluster",
            "at least one cluster under gke, eks or existing",
            "add  gke: {gcp-eu: {project: my-project, region: europe-west4}}",
        )
    for kind, name, wish in reading.clusters(args, *_MADE_HERE):
        yield from _pool_faults(f"{kind}.{name}.node_pool", kind, reading.record(wish, "node_pool"))
    for _, name, wish in reading.clusters(args, "existing"):
        yield from _existing_faults(f"existing.{name}", wish)
    yield from _access_faults(args)


def _pool_faults(path: str, kind: str, pool: Record) -> Iterator[Fault]:
    yield from size_faults(path, pool, ("min_size", 2), ("max_size", 4))
    disk = reading.integer(pool, "disk_size_gb")
    if disk is not None and not 20 <= disk <= 16384:
        allowed = "20 to 16384 GiB: what both clouds' node images need and their disks can have"
        yield Fault(f"{path}.disk_size_gb", disk, "is out of bounds", allowed, "leave it out for 50")
    machine = reading.text(pool, "machine_type")
    if machine is not None and not re.fullmatch(_MACHINES[kind][0], machine):
        other = "eks" if kind == "gke" else "gke"
        elsewhere = re.fullmatch(_MACHINES[other][0], machine) is not None
        problem = f"is a machine type of {_MACHINES[other][1]}" if elsewhere else "is not a machine type"
        allowed = f"a machine type of {_MACHINES[kind][1]}, such as {_MACHINES[kind][2]}"
        yield Fault(f"{path}.machine_type", machine, problem, allowed, f"write  {_MACHINES[kind][2]}")


_MACHINES = {
    "gke": (r"[a-z][a-z0-9]*(-[a-z0-9]+)+", "Google Cloud", "e2-standard-4"),
    "eks": (r"[a-z][a-z0-9-]*\.[a-z0-9-]+", "AWS", "m6i.large"),
}
"""By kind: form, cloud, example."""


def _existing_faults(path: str, wish: Record) -> Iterator[Fault]:
    if isinstance(wish.get("kubeconfig"), str) and not str(wish["kubeconfig"]).strip():
        allowed = "the text of a kubeconfig, best as a secret"
        yield Fault(f"{path}.kubeconfig", None, "is empty", allowed, "give the kubeconfig's text, or leave it out")
    cloud = reading.text(wish, "cloud")
    if cloud is not None and cloud not in CLOUDS:
        yield Fault(f"{path}.cloud", cloud, "is not a known cloud", ", ".join(CLOUDS), "write one of them, or none")
    if reading.is_list(wish.get("egress_ips")) and not wish["egress_ips"]:
        remedy = "give the addresses of the cluster's NAT, such as [203.0.113.7]"
        yield Fault(f"{path}.egress_ips", None, "is an empty list", EGRESS_ALLOWED, remedy)
    for position, address in enumerate(reading.as_list(wish.get("egress_ips"))):
        if isinstance(address, str) and not is_address(address):
            remedy = f"write  {address[:-3]}" if address.endswith("/32") else "write it like  203.0.113.7"
            where = f"{path}.egress_ips[{position}]"
            yield Fault(where, address, "is not an IPv4 address", EGRESS_ALLOWED, remedy)


def _access_faults(args: Record) -> Iterator[Fault]:
    access = reading.record(args, "api_access")
    made = [f"{kind}.{name}" for kind, name, _ in reading.clusters(args, *_MADE_HERE)]
    if made and not access and (args.get("api_access") is None or isinstance(args["api_access"], dict)):
        yield Fault(
            "api_access",
            None,
            f"is missing, so nobody could reach the API servers of {', '.join(made)}",
            "IPv4 ranges by name; the machine that runs Pulumi must be in one",
            "add  api_access: {office: 203.0.113.0/24}  with your own range",
        )
    for owner, cidr in reading.text_table(args, "api_access").items():
        fault = cidr_fault(f"api_access.{owner}", cidr, "203.0.113.0/24")
        if fault:
            yield fault
