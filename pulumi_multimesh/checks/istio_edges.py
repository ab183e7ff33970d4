"""Checks of what is open at the edges of an Istio mesh, and of what goes past its proxies.

Owns: Gateways, Istio's and the Gateway API's, and what pods say of their sidecar. Does not own: load balancers
(services.py), and routes (istio_routes.py).
"""

from collections.abc import Iterable

from pulumi_multimesh.checks.check import Check, Level
from pulumi_multimesh.checks.item import Item, at, is_empty, is_off, items, text, texts
from pulumi_multimesh.checks.pods import WORKLOADS, is_vendors, pod_metadata

_GATEWAY = ("kubernetes:networking.istio.io:Gateway",)
_OF_THE_API = "kubernetes:gateway.networking.k8s.io:Gateway"
_PLAIN = ("HTTP", "HTTP2", "GRPC", "GRPC-WEB", "TCP", "UDP", "MONGO", "MYSQL", "REDIS")
_SERVICE_TYPE = "networking.istio.io/service-type"
_SOURCE = "https://istio.io/latest/docs/reference/config/networking/gateway/"
_ANNOTATIONS = "https://istio.io/latest/docs/reference/config/annotations/"
_OLD = ("TLSV1_0", "TLSV1_1")
_PAST = (
    "traffic.sidecar.istio.io/excludeInboundPorts",
    "traffic.sidecar.istio.io/excludeOutboundPorts",
    "traffic.sidecar.istio.io/excludeOutboundIPRanges",
    "config.linkerd.io/skip-inbound-ports",
    "config.linkerd.io/skip-outbound-ports",
    "consul.hashicorp.com/transparent-proxy-exclude-inbound-ports",
    "consul.hashicorp.com/transparent-proxy-exclude-outbound-ports",
    "consul.hashicorp.com/transparent-proxy-exclude-outbound-cidrs",
)
_OUT = {
    "sidecar.istio.io/inject": "false",
    "linkerd.io/inject": "disabled",
    "consul.hashicorp.com/connect-inject": "false",
}
"""How a pod says that it wants no sidecar, by mesh."""


def _servers(item: Item) -> list[tuple[str, object]]:
    return [(f"spec.servers[{number}]", each) for number, each in enumerate(items(item.properties, "spec", "servers"))]


def _listeners(item: Item) -> list[tuple[str, object]]:
    found = items(item.properties, "spec", "listeners") if item.group == "gateway.networking.k8s.io" else []
    return [(f"spec.listeners[{number}]", each) for number, each in enumerate(found)]


def _plain(item: Item) -> Iterable[str]:
    for path, server in _servers(item):
        protocol = text(server, "port", "protocol").upper()
        if protocol in _PLAIN and is_off(server, "tls", "httpsRedirect"):
            yield f"{path} takes {protocol} without TLS and does not send on to https"
    if _is_within(item):
        return
    for path, listener in _listeners(item):
        protocol = text(listener, "protocol").upper()
        if protocol in _PLAIN:
            yield f"{path} takes {protocol} without TLS"


def _is_within(item: Item) -> bool:
    """Whether a Gateway of the Gateway API has no address outside the cluster."""
    places = (
        at(item.properties, "metadata", "annotations"),
        at(item.properties, "spec", "infrastructure", "annotations"),
    )
    return any(text(place, _SERVICE_TYPE) == "ClusterIP" for place in places)


def _old_tls(item: Item) -> Iterable[str]:
    for path, server in _servers(item):
        oldest = text(server, "tls", "minProtocolVersion")
        if oldest in _OLD:
            yield f"{path}.tls.minProtocolVersion is {oldest}"


def _any_host(item: Item) -> Iterable[str]:
    for path, server in _servers(item):
        mode = text(server, "tls", "mode")
        # What is passed on unread goes by the name in the connection, and has no routes that one could bind.
        if not mode.endswith("PASSTHROUGH") and any(host in ("*", "*/*") for host in texts(server, "hosts")):
            yield f"{path}.hosts has *: any name is served, and any namespace can bind routes to it"
    for path, listener in _listeners(item):
        if is_empty(listener, "hostname") and text(listener, "allowedRoutes", "namespaces", "from") == "All":
            yield f"{path} has no hostname: any name is served, and any namespace can bind routes to it"


def _opted_out(item: Item) -> Iterable[str]:
    metadata = pod_metadata(item)
    for key, refusal in _OUT.items():
        said = text(metadata, "labels", key) or text(metadata, "annotations", key)
        if said == refusal and not is_vendors(item):
            yield f"has no sidecar by its own wish, {key}: it takes part in no rule of the mesh"


def _past_the_sidecar(item: Item) -> Iterable[str]:
    annotations = at(pod_metadata(item), "annotations")
    for key in _PAST:
        said = text(annotations, key)
        if said and not is_vendors(item):
            yield f"{key} is {said}: that goes past the sidecar, without mTLS and without rules"


CHECKS = (
    Check(
        id="istio-gateway-plain-http",
        level=Level.MANDATORY,
        title="What comes in from outside comes by TLS.",
        why="What is sent in the clear, passwords and tokens included, can be read on the way.",
        remedy="Serve HTTPS with a certificate, and let the server for HTTP do nothing but `tls.httpsRedirect: true`. "
        "In the Gateway API a route sends on to https, and is not looked at: except such a Gateway by its name.",
        source=_SOURCE,
        types=(*_GATEWAY, _OF_THE_API),
        look=_plain,
    ),
    Check(
        id="istio-gateway-old-tls",
        level=Level.MANDATORY,
        title="No TLS before 1.2.",
        why="TLS 1.0 and 1.1 were withdrawn in 2021; their ciphers are broken or breaking.",
        remedy="Leave `minProtocolVersion` out, which means 1.2, or write `TLSV1_3`.",
        source="RFC 8996",
        types=_GATEWAY,
        look=_old_tls,
    ),
    Check(
        id="istio-gateway-any-host",
        level=Level.ADVISORY,
        title="A gateway serves named hosts.",
        why="With `*` any team that can write a `VirtualService` can take over a path of any name that leads here.",
        remedy="Name the hosts, with the namespace that may bind to each: `web/shop.example.com`.",
        source=f"{_SOURCE}#Server",
        types=(*_GATEWAY, _OF_THE_API),
        look=_any_host,
    ),
    Check(
        id="istio-without-sidecar",
        level=Level.ADVISORY,
        title="A workload does not leave the mesh by a label of its own.",
        why="No rule, no mTLS and no metrics reach it, and strict workloads refuse its calls.",
        remedy="Remove the label or the annotation, or move the workload to a namespace outside the mesh.",
        source="https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/",
        types=WORKLOADS,
        look=_opted_out,
    ),
    Check(
        id="istio-past-the-sidecar",
        level=Level.ADVISORY,
        title="No port or range goes past the sidecar.",
        why="What is left out of the capture is neither encrypted nor checked, and whoever finds it uses it.",
        remedy="Remove the annotation; for protocols in which the server speaks first name the port `tcp-…` in the "
        "Service.",
        source=_ANNOTATIONS,
        types=WORKLOADS,
        look=_past_the_sidecar,
    ),
)
