"""Rules of clusters: names, and who may reach them.

Owns: clusters' names, `existing` and `api_access`. Does not own: what one cloud asks (clouds.py), ranges (ranges.py).
"""

from collections import defaultdict
from collections.abc import Iterator

from pulumi_multimesh.plan import reading, trust
from pulumi_multimesh.plan.cluster_fields import EGRESS_ALLOWED, MADE_HERE
from pulumi_multimesh.plan.fault import Fault
from pulumi_multimesh.plan.names import LONGEST_CLUSTER, LONGEST_MESH
from pulumi_multimesh.plan.reading import Record
from pulumi_multimesh.plan.roles import PRIMARY_REMOTE
from pulumi_multimesh.plan.rules.text import cidr_fault, is_address, is_label

CLOUDS = ("gcp", "aws", "azure", "oci", "none")
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
            "at least one cluster under gke, eks, aks, oke or existing",
            "add  gke: {gcp-eu: {project: my-project, region: europe-west4}}",
        )
    for _, name, wish in reading.clusters(args, "existing"):
        yield from _existing_faults(f"existing.{name}", wish)
    yield from _access_faults(args)
    yield from _reach_faults(args)


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


def _reach_faults(args: Record) -> Iterator[Fault]:
    known = sorted(name for _, name, _ in reading.clusters(args))
    lost = reading.texts(args, "lost")
    for key in ("unreachable", "lost"):
        for position, name in enumerate(reading.texts(args, key)):
            path = f"{key}[{position}]"
            if name not in known:
                problem, remedy = "is not a cluster of the mesh", "remove it: a cluster that was taken out is not named"
                yield Fault(path, name, problem, ", ".join(known) or "there is none", remedy)
            elif key == "unreachable" and name in lost:
                problem, remedy = "is named under lost too", "remove it from one: lost is what never comes back"
                yield Fault(path, name, problem, "one of the two", remedy)
            elif name == _asked_for_its_address(args):
                problem = "is the primary, of whose gateway remotes are told the address that the cluster itself says"
                remedy = "wait until it answers; for good, give the mesh another  istio.primary  first"
                yield Fault(path, name, problem, "any cluster but the primary", remedy)


def _asked_for_its_address(args: Record) -> str | None:
    """The primary of remotes, unless its gateway has fixed addresses, as on EKS."""
    istio = reading.record(args, "istio")
    primary = reading.text(istio, "primary") if reading.text(istio, "topology") == PRIMARY_REMOTE else None
    return None if primary in reading.records(args, "eks") else primary


def _access_faults(args: Record) -> Iterator[Fault]:
    access = reading.record(args, "api_access")
    made = [f"{kind}.{name}" for kind, name, _ in reading.clusters(args, *MADE_HERE)]
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
