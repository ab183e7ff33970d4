"""What a reader of a plan should know of the mesh that is chosen.

Owns: these notes. Does not own: notes of addresses and clusters (build.py).
"""

from collections.abc import Iterator, Mapping

from pulumi_multimesh.plan import consul, data_plane, linkerd_routes, meshes, reading
from pulumi_multimesh.plan.mesh_plan import ClusterPlan
from pulumi_multimesh.plan.reading import Record
from pulumi_multimesh.plan.security import DENY, listed, rule


def mesh_notes(args: Record, clusters: Mapping[str, ClusterPlan]) -> Iterator[str]:
    """Of valid arguments."""
    match meshes.chosen(args):
        case "linkerd":
            yield from _linkerd(args, clusters)
        case "consul":
            yield from _consul(args, clusters)
        case _:
            yield from _istio(args, clusters)


def _istio(args: Record, clusters: Mapping[str, ClusterPlan]) -> Iterator[str]:
    entrance = reading.record(reading.record(args, "istio"), "ingress")
    if "ingress" in reading.record(args, "istio") and not entrance.get("admitted") and not entrance.get("private"):
        yield "istio.ingress admits everybody, as an ingress is for; name ranges under `admitted` for fewer."
    if data_plane.data_plane(args) == data_plane.AMBIENT:
        yield (
            f"Ambient needs {data_plane.GATEWAY_API}, in every cluster before the first `up`; Istio's charts do not "
            'bring them. Of the services, those with the label `istio.io/global: "true"` are shared.'
        )
    unkept = [name for name, cluster in clusters.items() if cluster.kind in ("oke", "existing")]
    if unkept and reading.record(reading.record(args, "security"), "zones"):
        yield (
            f"The network of {', '.join(unkept)} may keep no NetworkPolicy: OKE's does not by itself, and of existing "
            "clusters nothing is known here. There zones are kept by the mesh alone; install Calico to have both."
        )


def _linkerd(args: Record, clusters: Mapping[str, ClusterPlan]) -> Iterator[str]:
    wish = reading.record(args, "security")
    if len(clusters) > 1 and args.get("flat") is not True and (listed(wish) or reading.text(wish, "default") == DENY):
        yield (
            "Calls from other clusters come with the identity of their own cluster's gateway, "
            "linkerd-multicluster/linkerd-gateway: a rule for a service that is exported has to name it among its "
            "callers. In a flat mesh callers keep theirs."
        )
    yield from _unprobed(args)
    if reading.record(args, "linkerd").get("viz") is True:
        yield (
            "viz shows each cluster by itself, from a Prometheus that is one pod and keeps six hours; "
            "values.linkerd-viz.prometheusUrl names one that keeps more."
        )
    if reading.record(args, "linkerd").get("high_availability") is not False:
        yield (
            "With high availability no pod of an enrolled namespace starts while nothing injects its proxy, and the "
            "replicas want three nodes."
        )


def _unprobed(args: Record) -> Iterator[str]:
    """Ports that have routes, and of which nobody said how they are probed."""
    named = linkerd_routes.probes(reading.record(args, "linkerd"))
    rules = [rule(each) for each in listed(reading.record(args, "security"))]
    asked = {(each.to.text, port) for each in rules if linkerd_routes.needs_routes([each]) for port in each.ports}
    open_ones = [f"port {port} of {to}" for to, port in sorted(asked) if to not in named]
    if open_ones:
        yield (
            f"With rules about methods or paths Linkerd answers no HTTP probe of {', '.join(open_ones)} by itself: "
            "where the kubelet asks there, name the paths under linkerd.probes, or the pods are never ready."
        )


def _consul(args: Record, clusters: Mapping[str, ClusterPlan]) -> Iterator[str]:
    single = consul.named_by_host(args)
    if single and len(clusters) > 1:
        told = "; ".join(f"{name}: {why}" for name, why in sorted(single.items()))
        yield f"One mesh gateway pod each, as their load balancers have a host name alone: {told}."
    yield from _nameless(args, clusters)
    if listed(reading.record(args, "security")):
        yield (
            "Intentions know a service by its name alone: TO's app and a caller's service account are taken for the "
            "names of their services, in whatever namespace, as Consul's injector asks of service accounts."
        )
    yield (
        "Workloads' certificates come from Consul's own authority, one for each datacenter, which peers tell each "
        "other; `pki` is for its servers."
    )


def _nameless(args: Record, clusters: Mapping[str, ClusterPlan]) -> Iterator[str]:
    """Envoy takes one gateway alone under a host name, which of an unknown cloud nobody knows."""
    replicas = reading.integer(reading.record(reading.record(args, "consul"), "gateway"), "replicas")
    found = consul.nameless(args)
    if found and len(clusters) > 1 and replicas != 1:
        yield (
            f"The cloud of {', '.join(found)} is not known: where load balancers have a host name and no address, as "
            "on AWS, Envoy refuses the several mesh gateway pods that it gets. Write  cloud  under existing, or in "
            "another place with host names  consul.gateway.replicas: 1."
        )
