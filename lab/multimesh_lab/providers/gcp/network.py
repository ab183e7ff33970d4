"""Networks, subnetworks and firewalls of the simulated Google Cloud.

Owns: the rules on their ranges and who uses whom. Does not own: NAT (nat) or clusters (cluster).
Nothing is routed by these: what may pass between the lab's clusters follows from the clusters' own settings.
"""

import ipaddress
from collections.abc import Iterator
from typing import Any, cast

from multimesh_lab.providers import cidrs
from multimesh_lab.providers.gcp import names
from multimesh_lab.providers.kinds import Call, Kind, RefusedError
from multimesh_lab.providers.store import Record
from multimesh_lab.providers.wire import Properties

NETWORK = "gcp:compute/network:Network"
SUBNETWORK = "gcp:compute/subnetwork:Subnetwork"
FIREWALL = "gcp:compute/firewall:Firewall"
_USERS_OF_NETWORK = (
    SUBNETWORK,
    FIREWALL,
    "gcp:compute/router:Router",
    "gcp:compute/haVpnGateway:HaVpnGateway",
    "gcp:compute/networkPeering:NetworkPeering",
    "gcp:container/cluster:Cluster",
)
_CREATED = "2026-01-01T00:00:00.000-08:00"


def _link(call: Call) -> str:
    return names.COMPUTE_API + call.id


def _network_plan(call: Call) -> Properties:
    return {
        "project": names.project(call),
        "autoCreateSubnetworks": True,
        "routingMode": "REGIONAL",
        "mtu": 0,
        "deleteDefaultRoutesOnCreate": False,
        "networkFirewallPolicyEnforcementOrder": "AFTER_CLASSIC_FIREWALL",
    }


def _network_outputs(call: Call) -> Properties:
    number = str(int.from_bytes(call.id.encode()[-7:], "big"))
    return {"selfLink": _link(call), "numericId": number, "networkId": number, "gatewayIpv4": ""}


def _network_unused(call: Call) -> None:
    # compute.networks.delete answers resourceInUseByAnotherResource (cloud.google.com/vpc/docs/create-
    # modify-vpc-networks).
    for token in _USERS_OF_NETWORK:
        for record in call.store.all(token):
            if names.find(call, NETWORK, record.inputs.get("network")) == call.store.get(NETWORK, call.id):
                raise RefusedError(
                    f"Error 400: The network resource {call.id!r} is already being used by {record.id!r}, "
                    "resourceInUseByAnotherResource"
                )


def ranges_of(record: Record) -> Iterator[tuple[str, str]]:
    """Every range of a subnetwork, with the name of its owner."""
    yield str(record.outputs["ipCidrRange"]), record.id
    for secondary in cast("list[dict[str, Any]]", record.outputs.get("secondaryIpRanges") or []):
        yield str(secondary["ipCidrRange"]), f"{record.id} ({secondary['rangeName']})"


def in_network(call: Call, token: str, network: Record) -> list[Record]:
    """The resources of a type whose `network` is this one, the called one left out."""
    return [r for r in call.others(token) if names.find(call, NETWORK, r.inputs.get("network")) == network]


def _ranges_are_free(call: Call) -> None:
    # All primary and secondary ranges in a VPC must be distinct, /8 to /29
    # (cloud.google.com/vpc/docs/subnets#ipv4-ranges).
    network = names.must_find(call, NETWORK, call.inputs["network"], "network")
    own = [("ipCidrRange", str(call.inputs.get("ipCidrRange")))]
    secondary = cast("list[dict[str, Any]]", call.inputs.get("secondaryIpRanges") or [])
    own += [(f"secondaryIpRanges[{i}].ipCidrRange", str(r.get("ipCidrRange"))) for i, r in enumerate(secondary)]
    taken = [entry for r in in_network(call, SUBNETWORK, network) for entry in ranges_of(r)]
    for what, text in own:
        cidrs.sized(text, what, 8, 29)
        cidrs.must_not_overlap(text, what, taken)
        taken.append((text, what))


def _range_names_differ(call: Call) -> None:
    # rangeName: unique within the subnetwork, RFC 1035 (Compute API, subnetworks.secondaryIpRanges).
    seen: set[str] = set()
    for secondary in cast("list[dict[str, Any]]", call.inputs.get("secondaryIpRanges") or []):
        name = str(secondary.get("rangeName"))
        names.checked(name, 63)
        if name in seen:
            raise RefusedError(f"secondaryIpRanges: the range name {name!r} is given twice")
        seen.add(name)


def _subnetwork_plan(call: Call) -> Properties:
    return {
        "project": names.project(call),
        "region": names.region(call),
        "stackType": "IPV4_ONLY",
        "purpose": "PRIVATE",
        "privateIpGoogleAccess": False,
    }


def _subnetwork_outputs(call: Call) -> Properties:
    gateway = ipaddress.IPv4Network(str(call.inputs["ipCidrRange"])).network_address + 1
    return {
        "selfLink": _link(call),
        "gatewayAddress": str(gateway),
        "creationTimestamp": _CREATED,
        "subnetworkId": int.from_bytes(call.id.encode()[-5:], "big"),
    }


def _subnetwork_unused(call: Call) -> None:
    # A subnetwork that a cluster uses cannot be deleted (cloud.google.com/vpc/docs/create-modify-vpc-
    # networks#delete-subnet).
    for record in call.store.all("gcp:container/cluster:Cluster"):
        used = names.find(call, SUBNETWORK, record.inputs.get("subnetwork"))
        if used is not None and used.id == call.id:
            raise RefusedError(
                f"Error 400: The subnetwork resource {call.id!r} is already being used by {record.id!r}, "
                "resourceInUseByAnotherResource"
            )


def _firewall_rules(call: Call) -> None:
    names.must_find(call, NETWORK, call.inputs["network"], "network")
    allows, denies = call.inputs.get("allows"), call.inputs.get("denies")
    # Exactly one of allow and deny; tags or service accounts, not both (Compute API, firewalls).
    if bool(allows) == bool(denies):
        raise RefusedError("firewall: exactly one of `allows` and `denies` must be given")
    has_tags = call.inputs.get("sourceTags") or call.inputs.get("targetTags")
    has_accounts = call.inputs.get("sourceServiceAccounts") or call.inputs.get("targetServiceAccounts")
    if has_tags and has_accounts:
        raise RefusedError("firewall: tags and service accounts cannot be used in one rule")
    for index, text in enumerate(cast("list[str]", call.inputs.get("sourceRanges") or [])):
        cidrs.parse(text, f"sourceRanges[{index}]")
    sources = ("sourceRanges", "sourceTags", "sourceServiceAccounts")
    ingress = call.inputs.get("direction", "INGRESS") == "INGRESS"
    if ingress and not any(call.inputs.get(each) for each in sources):
        # google_compute_firewall: "one of source_tags, source_ranges, or source_service_accounts must be
        # defined".
        raise RefusedError(f"firewall: an INGRESS rule needs one of {', '.join(sources)}")


def _project_plan(call: Call) -> Properties:
    return {"project": names.project(call), "direction": "INGRESS", "priority": 1000}


def _linked(call: Call) -> Properties:
    return {"selfLink": _link(call), "creationTimestamp": _CREATED}


KINDS = (
    Kind(
        NETWORK,
        identify=lambda call: names.global_id("networks", call),
        # ForceNew of google_compute_network.
        replaces=frozenset({"name", "project", "description", "autoCreateSubnetworks", "internalIpv6Range"}),
        autoname=names.AUTONAME,
        planned=_network_plan,
        rules=(names.rfc1035,),
        in_use=(_network_unused,),
        create=_network_outputs,
        create_minutes=0.3,
        delete_minutes=0.3,
    ),
    Kind(
        SUBNETWORK,
        identify=lambda call: names.regional_id("subnetworks", call),
        # ForceNew of google_compute_subnetwork; ipCidrRange may only grow in place, so any other change
        # replaces.
        replaces=frozenset({"name", "project", "region", "network", "ipCidrRange", "description", "purpose"}),
        autoname=names.AUTONAME,
        planned=_subnetwork_plan,
        rules=(names.rfc1035, _ranges_are_free, _range_names_differ),
        in_use=(_subnetwork_unused,),
        create=_subnetwork_outputs,
        create_minutes=0.3,
        delete_minutes=0.3,
    ),
    Kind(
        FIREWALL,
        identify=lambda call: names.global_id("firewalls", call),
        # ForceNew of google_compute_firewall.
        replaces=frozenset({"name", "project", "network", "direction"}),
        autoname=names.AUTONAME,
        planned=_project_plan,
        rules=(names.rfc1035, _firewall_rules),
        create=_linked,
    ),
)
