"""The plan of a cluster that stands alone, without a mesh.

Owns: how its arguments are read as those of a mesh with one cluster. Does not own: any rule.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from ipaddress import IPv4Network
from typing import Any

from pulumi_multimesh.plan import reading
from pulumi_multimesh.plan.addresses import SUPERNET, RangeWish, place
from pulumi_multimesh.plan.cluster_fields import ALONE
from pulumi_multimesh.plan.fault import ConfigurationFaults, Fault
from pulumi_multimesh.plan.mesh_plan import Ranges
from pulumi_multimesh.plan.needs import needed
from pulumi_multimesh.plan.validate import validate

_KEY, _LOGIN = "cluster", "oidc_login"


def ranges_alone(kind: str, name: str, args: Mapping[str, Any]) -> Ranges:
    """The ranges of a lone cluster; raises `ConfigurationFaults` with every fault of its arguments."""
    wish = {key: value for key, value in args.items() if key not in ALONE}
    around = {key: args[key] for key in ("api_access", "addresses", "tags") if key in args}
    if _LOGIN in args:
        around["access"] = {"login": args[_LOGIN]}
    faults = [*validate("mesh", {kind: {_KEY: wish}, "istio": {}, **around}), *_of_a_mesh(args)]
    if not faults:
        record, addresses = reading.as_record(wish), reading.record(reading.as_record(args), "addresses")
        cluster = RangeWish(name, kind, reading.text_table(record, "ranges"), needed(kind, record))
        supernet = IPv4Network(reading.text(addresses, "supernet") or SUPERNET)
        placed = place([cluster], supernet, reading.text_table(addresses, "reserved"))
        if not placed.faults:
            return placed.ranges[name]
        faults = list(placed.faults)
    raise ConfigurationFaults(name, [_of_lone(each, kind, name) for each in faults], what="cluster")


def _of_a_mesh(args: Mapping[str, Any]) -> Iterator[Fault]:
    """What a lone cluster would pass over: it has no neighbours that come and go, and no VPN gateway."""
    addresses = reading.record(reading.as_record(args), "addresses")
    for key, remedy in (("book", "remove it, and pin  ranges  to have them stay"), ("asns", "remove it")):
        if key in addresses:
            problem = "is for meshes, and this cluster stands alone"
            yield Fault(f"addresses.{key}", addresses[key], problem, "supernet, reserved", remedy)


def _of_lone(fault: Fault, kind: str, name: str) -> Fault:
    """The fault as of a cluster's own arguments, where no kind and no name stand before a key."""
    whole = f"{kind}.{_KEY}"

    def told(text: str) -> str:
        return text.replace(f"{whole}.", "").replace(whole, name).replace("access.login", _LOGIN)

    return replace(fault, path=told(fault.path), problem=told(fault.problem), remedy=told(fault.remedy))
