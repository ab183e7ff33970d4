"""The simulated clouds' records, looked up by type, id and property.

Owns: the look-up, as far as it is the same in all clouds. Does not own: what a record means (gcp.py, aws.py, …).
"""

from collections.abc import Iterable, Mapping
from ipaddress import IPv4Network
from typing import Any, Self, cast

from multimesh_lab.providers.store import Record


class Inventory:
    """What the clouds have, by type; a type's token says which cloud it is of."""

    def __init__(self, records: Iterable[Record]) -> None:
        self._by_type: dict[str, dict[str, Record]] = {}
        for record in records:
            self._by_type.setdefault(record.type, {})[record.id] = record

    @classmethod
    def of(cls, records: "Inventory | Iterable[Record]") -> Self:
        """The records as an inventory; one that is an inventory already is taken as it is."""
        return records if isinstance(records, cls) else cls(cast("Iterable[Record]", records))

    def all(self, token: str) -> list[Record]:
        """Every resource of the type, by id."""
        return [record for _, record in sorted(self._by_type.get(token, {}).items())]

    def get(self, token: str, resource_id: object) -> Record | None:
        return self._by_type.get(token, {}).get(str(resource_id))

    def where(self, token: str, path: str, wanted: object) -> list[Record]:
        """The resources of the type with this value at the path; ids are compared without regard to case."""
        return [record for record in self.all(token) if text(record, path).lower() == str(wanted).lower()]


def label(record: Record) -> str:
    """What a sentence calls the resource: its logical name, or its id where the cloud made it by itself."""
    return record.name or record.id


def value(record: Record | Mapping[str, Any] | None, path: str) -> Any:
    """What is at the path, such as `bgp.asn`: what the cloud has, and what was asked for where it does not say."""
    if record is None:
        return None
    if isinstance(record, Record):
        # What drifted to nothing must not be looked up in what was once asked for.
        return _at(record.outputs if path.partition(".")[0] in record.outputs else record.inputs, path)
    return _at(record, path)


def text(record: Record | Mapping[str, Any] | None, path: str) -> str:
    """The string, empty when there is none."""
    found = value(record, path)
    return "" if found is None else str(found)


def number(record: Record | Mapping[str, Any] | None, path: str) -> int | None:
    """The number, also where it is written as a string or a float."""
    found = value(record, path)
    return None if found in (None, "") else int(float(found))


def listed(record: Record | Mapping[str, Any] | None, path: str) -> list[Any]:
    """The list, empty when there is none."""
    found = value(record, path)
    return cast("list[Any]", found) if isinstance(found, list) else []


def texts(record: Record | Mapping[str, Any] | None, path: str) -> list[str]:
    return [str(each) for each in listed(record, path)]


def networks(cidrs: Iterable[str]) -> list[IPv4Network]:
    return [IPv4Network(cidr, strict=False) for cidr in cidrs if cidr]


def is_covered(network: IPv4Network, cidrs: Iterable[str]) -> bool:
    """Whether one of the ranges holds all of the network."""
    return any(network.subnet_of(each) for each in networks(cidrs))


def _at(properties: Mapping[str, Any], path: str) -> Any:
    found: Any = properties
    for part in path.split("."):
        found = cast("Mapping[str, Any]", found).get(part) if isinstance(found, Mapping) else None
    return found


def trailing_number(name: str) -> int:
    """The number with which the library ends the names of a VPN's tunnels; 0 where there is none."""
    digits = name[len(name.rstrip("0123456789")) :]
    return int(digits or 0)
