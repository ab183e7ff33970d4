"""Checks of what is open at the edges of an Istio mesh, and of what goes past its proxies.

Owns: Gateways and what pods say of their sidecar. Does not own: load balancers (services.py).
"""

from collections.abc import Iterable

from pulumi_multimesh.checks.check import Check, Level
from pulumi_multimesh.checks.item import Item, at, is_off, items, text, texts
from pulumi_multimesh.checks.pods import WORKLOADS, is_system, pod_metadata

_GATEWAY = ("kubernetes:networking.istio.io:Gateway",)
_SOURCE = "https://istio.io/latest/docs/reference/config/networking/gateway/"
_ANNOTATIONS = "https://istio.io/latest/docs/reference/config/annotations/"
_OLD = ("TLSV1_0", "TLSV1_1")
_PAST = (
    "traffic.sidecar.istio.io/excludeInboundPorts",
    "traffic.sidecar.istio.io/excludeOutboundPorts",
    "traffic.sidecar.istio.io/excludeOutboundIPRanges",
)


def _servers(item: Item) -> list[tuple[str, object]]:
    return [(f"spec.servers[{number}]", each) for number, each in enumerate(items(item.properties, "spec", "servers"))]


def _plain(item: Item) -> Iterable[str]:
    for path, server in _servers(item):
        protocol = text(server, "port", "protocol").upper()
        if protocol in ("HTTP", "HTTP2", "GRPC") and is_off(server, "tls", "httpsRedirect"):
            yield f"{path} takes {protocol} without TLS and does not send on to https"


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


def _opted_out(item: Item) -> Iterable[str]:
    metadata = pod_metadata(item)
    label = text(metadata, "labels", "sidecar.istio.io/inject") or text(
        metadata, "annotations", "sidecar.istio.io/inject"
    )
    if label == "false" and not is_system(item.namespace):
        yield "has no sidecar by its own wish: it takes part in no rule of the mesh"


def _past_the_sidecar(item: Item) -> Iterable[str]:
    annotations = at(pod_metadata(item), "annotations")
    for key in _PAST:
        said = text(annotations, key)
        if said and not is_system(item.namespace):
            yield f"{key} is {said}: that goes past the sidecar, without mTLS and without rules"


CHECKS = (
    Check(
        id="istio-gateway-plain-http",
        level=Level.MANDATORY,
        title="What comes in from outside comes by TLS.",
        why="What is sent in the clear, passwords and tokens included, can be read on the way.",
        remedy="Serve HTTPS with a certificate, and let the server for HTTP do nothing but `tls.httpsRedirect: true`.",
        source=_SOURCE,
        types=_GATEWAY,
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
        types=_GATEWAY,
        look=_any_host,
    ),
    Check(
        id="istio-without-sidecar",
        level=Level.ADVISORY,
        title="A workload does not leave the mesh by a label of its own.",
        why="No rule, no mTLS and no metrics reach it, and strict workloads refuse its calls.",
        remedy="Remove `sidecar.istio.io/inject: false`, or move the workload to a namespace outside the mesh.",
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
