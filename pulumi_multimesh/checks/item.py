"""What a check looks at: a resource of a stack, or an object of a running cluster, in one shape.

Owns: that shape, and reading in it where parts may be missing, unknown or hidden. Does not own: where items come from
(from_state.py, from_cluster.py, policies.py).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network
from typing import Any, Final, cast

import yaml

KUBERNETES = "kubernetes:"
_WIDEST = {4: 8, 6: 12}
"""By IP version the shortest prefix that IANA has ever given anybody (iana.org, ipv4-address-space and
ipv6-unicast-address-assignments)."""


class _Unread:
    """What cannot be read: an output that is not there yet in a preview, or a secret in a state."""

    def __repr__(self) -> str:
        return "(not readable here)"


UNREAD: Final = _Unread()
"""Stands for a value that is there but not readable; no check judges it."""


@dataclass(frozen=True)
class Item:
    """One thing that is looked at."""

    type: str
    """The engine's token: `gcp:container/cluster:Cluster`; of Kubernetes `kubernetes:API-VERSION:KIND`."""
    name: str
    """As it is told: a resource's logical name, or `NAMESPACE/NAME`."""
    properties: Mapping[str, Any]
    """Inputs, with what is known of the outputs; of Kubernetes the object with `apiVersion`, `kind` and `metadata`."""
    cluster: str = ""
    """The cluster that an object is in, or the provider of a Kubernetes resource; the same means together."""
    urn: str = ""
    """The engine's; empty for an object of a running cluster."""
    outputs: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Of a state: what the provider said, also where an input of the same name stands before it in `properties`."""
    is_made_by_program: bool = False
    """Of a running object: that the stack's state has it too."""

    @property
    def is_declared(self) -> bool:
        """Whether a program answers for it, and no cloud, no chart and nobody's hand alone."""
        return bool(self.urn) or self.is_made_by_program

    @property
    def kind(self) -> str:
        """The Kubernetes kind; empty for anything else."""
        found = self.properties.get("kind") if self.type.startswith(KUBERNETES) else None
        return found if isinstance(found, str) else ""

    @property
    def group(self) -> str:
        """The Kubernetes API's group; empty for the core's, and for anything else."""
        version = self.properties.get("apiVersion") if self.type.startswith(KUBERNETES) else None
        return version.rpartition("/")[0] if isinstance(version, str) else ""

    @property
    def namespace(self) -> str:
        """Of a Kubernetes object; empty where it has none, or where it is not known."""
        return text(self.properties, "metadata", "namespace")

    @property
    def labels(self) -> dict[str, str]:
        """Of a Kubernetes object: those that can be read."""
        found = at(self.properties, "metadata", "labels")
        pairs = cast("Mapping[str, object]", found).items() if isinstance(found, Mapping) else ()
        return {key: value for key, value in pairs if isinstance(value, str)}

    @property
    def object_name(self) -> str:
        """Of a Kubernetes object: its own name; empty where it is not known."""
        return text(self.properties, "metadata", "name")


def at(value: object, *keys: str) -> Any:
    """What lies there: None where it is missing, `UNREAD` where it or what holds it cannot be read."""
    for key in keys:
        if value is UNREAD or value is None:
            return value
        if not isinstance(value, Mapping):
            return None
        value = cast("Mapping[str, object]", value).get(key)
    return value


def text(value: object, *keys: str) -> str:
    """The text that lies there; empty for anything else."""
    found = at(value, *keys)
    return found if isinstance(found, str) else ""


def items(value: object, *keys: str) -> list[Any]:
    """The list's readable elements; empty for anything else."""
    found = at(value, *keys)
    return [each for each in cast("list[object]", found) if each is not UNREAD] if isinstance(found, list) else []


def texts(value: object, *keys: str) -> list[str]:
    """The list's readable texts; empty for anything else."""
    return [each for each in items(value, *keys) if isinstance(each, str)]


def is_off(value: object, *keys: str) -> bool:
    """Whether what lies there is missing or false, and not merely unreadable."""
    found = at(value, *keys)
    return found is None or found is False


def is_empty(value: object, *keys: str) -> bool:
    """Whether what lies there is missing, empty or false, and not merely unreadable."""
    found = at(value, *keys)
    return found is not UNREAD and not found


def admit_everybody(ranges: Iterable[object]) -> bool:
    """Whether ranges of addresses, together, hold more than anybody has: `0.0.0.0/0`, or its two halves."""
    networks = [network for each in ranges if isinstance(each, str) and (network := _network(each)) is not None]
    of_4 = collapse_addresses(each for each in networks if isinstance(each, IPv4Network))
    of_6 = collapse_addresses(each for each in networks if isinstance(each, IPv6Network))
    return any(each.prefixlen < _WIDEST[each.version] for each in (*of_4, *of_6))


def _network(text: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


def yaml_in(value: object) -> object:
    """What a text of YAML, or of JSON, says; None for anything else."""
    try:
        return yaml.safe_load(value) if isinstance(value, str) else None
    except yaml.YAMLError:
        return None


def all_texts(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Every readable text within, with where it lies."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, inner in cast("Mapping[str, object]", value).items():
            yield from all_texts(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for position, inner in enumerate(cast("list[object]", value)):
            yield from all_texts(inner, f"{path}[{position}]")
