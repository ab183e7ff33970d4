"""Services in bulk, for measuring what they cost a proxy.

Owns: their objects. Does not own: the measurement (scoping.py). No pod is behind them: each has no
selector, and an EndpointSlice with two addresses of 198.18.240.0/20 that nobody has.
"""

from collections.abc import Iterator
from typing import Any

PER_NAMESPACE = 20
_FIRST = (198 << 24) + (18 << 16) + (240 << 8)
_CLUSTER_ADDRESSES = "198.18.224.0/20"


def namespace_of(number: int) -> str:
    """Twenty services share a namespace, as a team's would."""
    return f"team-{number // PER_NAMESPACE}"


def service_of(number: int) -> str:
    return f"service-{number}"


def objects(first: int, last: int) -> Iterator[dict[str, Any]]:
    """The objects of services `first` up to but without `last`, what they need before them."""
    # The lab's own range has 254 addresses.
    yield {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "ServiceCIDR",
        "metadata": {"name": "benchmark"},
        "spec": {"cidrs": [_CLUSTER_ADDRESSES]},
    }
    for namespace in sorted({namespace_of(number) for number in range(first, last)}):
        yield {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
    for number in range(first, last):
        yield _service(number)
        yield _endpoints(number)


def _metadata(number: int, **more: Any) -> dict[str, Any]:
    return {"name": service_of(number), "namespace": namespace_of(number), **more}


def _ports() -> list[dict[str, Any]]:
    return [{"name": "http", "port": 8080, "protocol": "TCP"}]


def _service(number: int) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Service", "metadata": _metadata(number), "spec": {"ports": _ports()}}


def _endpoints(number: int) -> dict[str, Any]:
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": _metadata(number, labels={"kubernetes.io/service-name": service_of(number)}),
        "addressType": "IPv4",
        "ports": _ports(),
        "endpoints": [{"addresses": [_address(2 * number + copy)], "conditions": {"ready": True}} for copy in (0, 1)],
    }


def _address(number: int) -> str:
    value = _FIRST + number + 1
    return ".".join(str(value >> shift & 255) for shift in (24, 16, 8, 0))
