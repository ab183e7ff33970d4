"""Checks of what is reachable: load balancers, node ports, and pods of a namespace.

Owns: Services, gateways' load balancers, NetworkPolicies. Does not own: the clouds' firewalls (firewalls.py).
"""

from collections.abc import Iterable, Iterator, Sequence

from pulumi_multimesh.checks.check import Check, Level
from pulumi_multimesh.checks.gateway_charts import gateways
from pulumi_multimesh.checks.item import UNREAD, Item, admit_everybody, at, items, text, texts
from pulumi_multimesh.checks.pods import is_vendors
from pulumi_multimesh.plan.consul_names import ENROLLED

_SOURCE = "https://kubernetes.io/docs/concepts/services-networking/service/#loadbalancer"
_INTERNAL = (
    ("networking.gke.io/load-balancer-type", "Internal"),
    ("service.beta.kubernetes.io/aws-load-balancer-scheme", "internal"),
    ("service.beta.kubernetes.io/aws-load-balancer-internal", "true"),
    ("service.beta.kubernetes.io/azure-load-balancer-internal", "true"),
    ("service.beta.kubernetes.io/oci-load-balancer-internal", "true"),
    ("oci-network-load-balancer.oraclecloud.com/internal", "true"),
)
"""How each cloud is asked for a balancer inside the network."""
_BETWEEN_CLUSTERS = (15443, 15008, 4143)
"""Ports on which gateways between clusters take mTLS: Istio's, those of ambient meshes, Linkerd's."""


def _is_inside(annotations: object) -> bool:
    return any(text(annotations, key) == value for key, value in _INTERNAL)


def _admits_everybody(spec: object) -> bool:
    """Whether a Service's, or a chart's values for it, leave the balancer open; False where that cannot be read."""
    ranges = at(spec, "loadBalancerSourceRanges")
    if ranges is UNREAD:
        return False
    return not ranges or admit_everybody(texts(spec, "loadBalancerSourceRanges"))


def _open_service(item: Item) -> Iterable[str]:
    spec, annotations = at(item.properties, "spec"), at(item.properties, "metadata", "annotations")
    # A gateway's Service is another check's, or an ingress', which is meant for everybody.
    if "gateway" in item.labels.get("istio", "") or _passes_on(item):
        return
    if text(spec, "type") == "LoadBalancer" and not _is_inside(annotations) and _admits_everybody(spec):
        yield "is a load balancer that admits everybody"


def _passes_on(service: Item) -> bool:
    """Whether a Service is of a gateway between clusters."""
    # Consul's is on 443, as an ingress is.
    is_consuls = service.labels.get("component") == "mesh-gateway"
    ports = items(service.properties, "spec", "ports")
    return is_consuls or any(at(each, "port") in _BETWEEN_CLUSTERS for each in ports)


def _gateway(item: Item) -> Iterable[str]:
    if item.kind:
        of_service = at(item.properties, "spec") if _passes_on(item) else None
        wishes = [(of_service, text(of_service, "type"), at(item.properties, "metadata", "annotations"))]
    else:
        wishes = [(each, text(each, "type") or "LoadBalancer", at(each, "annotations")) for each in gateways(item)]
    for wish, kind, annotations in wishes:
        if kind == "LoadBalancer" and not _is_inside(annotations) and _admits_everybody(wish):
            yield "is a gateway between clusters whose load balancer admits everybody"


def _node_port(item: Item) -> Iterable[str]:
    if text(item.properties, "spec", "type") == "NodePort" and not is_vendors(item):
        yield "is open on every node, and who may reach nodes is another's rule"


def _unguarded(found: Sequence[Item]) -> Iterator[tuple[Item, str]]:
    guarded = {item.namespace for item in found if item.kind == "NetworkPolicy"}
    for item in found:
        if item.kind == "Namespace" and _is_in_mesh(item) and item.object_name not in guarded:
            yield item, "has no NetworkPolicy: ports past the sidecars are open to every pod of the cluster"


def _is_in_mesh(namespace: Item) -> bool:
    labels = at(namespace.properties, "metadata", "labels")
    istios = text(labels, "istio-injection") == "enabled" or bool(text(labels, "istio.io/rev"))
    linkerds = text(namespace.properties, "metadata", "annotations", "linkerd.io/inject") in ("enabled", "ingress")
    ambient, consuls = text(labels, "istio.io/dataplane-mode") == "ambient", text(labels, ENROLLED) == "enabled"
    return istios or ambient or linkerds or consuls


CHECKS = (
    Check(
        id="service-open-load-balancer",
        level=Level.ADVISORY,
        title="A load balancer admits whom it is for.",
        why="Without `loadBalancerSourceRanges` its pods answer the whole internet, past the mesh's ingress and its "
        "rules.",
        remedy="Let callers in by the mesh's ingress gateway, or name the ranges.",
        source=_SOURCE,
        types=("kubernetes::Service",),
        look=_open_service,
    ),
    Check(
        id="mesh-open-gateway",
        level=Level.MANDATORY,
        title="A gateway between clusters admits the other clusters alone.",
        why="It passes connections on to any service of the cluster. TLS is all that is then between the internet and "
        "each of them, and there is no rule against who knocks.",
        remedy="Leave the gateways' ranges to `MultiCloudMesh`, which names the other clusters' egress addresses, or "
        "give `loadBalancerSourceRanges`.",
        source=_SOURCE,
        types=("kubernetes:helm.sh/v3:Release", "kubernetes::Service"),
        look=_gateway,
    ),
    Check(
        id="service-node-port",
        level=Level.ADVISORY,
        title="No Service is open on nodes.",
        why="A node's port is there on every node, and is no part of what a load balancer admits.",
        remedy="Use a Service of type `ClusterIP`, and the mesh's ingress for calls from outside.",
        source="https://kubernetes.io/docs/concepts/services-networking/service/#type-nodeport",
        types=("kubernetes::Service",),
        look=_node_port,
    ),
    Check(
        id="namespace-without-network-policy",
        level=Level.ADVISORY,
        title="A namespace of the mesh has NetworkPolicies too.",
        why="The mesh's rules are kept by the sidecar of whoever is called; a port that it does not capture, or a pod "
        "without one, is open to every pod of the cluster.",
        remedy="Declare the namespace in a zone (`security.zones`), or write a NetworkPolicy for it.",
        source="https://kubernetes.io/docs/concepts/services-networking/network-policies/",
        types=(
            "kubernetes::Namespace",
            "kubernetes::NamespacePatch",
            "kubernetes:networking.k8s.io:NetworkPolicy",
        ),
        survey=_unguarded,
    ),
)
