"""Addresses and NAT of the simulated Google Cloud.

Owns: which address a cluster's traffic leaves from. Does not own: the translation
itself (the lab's clusters do it).
"""

from typing import cast

from multimesh_lab.providers.gcp import names
from multimesh_lab.providers.gcp.network import NETWORK, SUBNETWORK
from multimesh_lab.providers.gcp.routers import NAT, ROUTER
from multimesh_lab.providers.kinds import Call, Kind, RefusedError
from multimesh_lab.providers.store import Record
from multimesh_lab.providers.wire import Properties

ADDRESS = "gcp:compute/address:Address"
CLUSTER = "gcp:container/cluster:Cluster"
_CREATED = "2026-01-01T00:00:00.000-08:00"


def _address_plan(call: Call) -> Properties:
    return {
        "project": names.project(call),
        "region": names.region(call),
        "addressType": "EXTERNAL",
        **names.labels(call),
    }


def _address_outputs(call: Call) -> Properties:
    address = call.runtime.allocate_address(f"gcp/{call.id}")
    return {
        "address": address,
        "selfLink": names.COMPUTE_API + call.id,
        "addressId": int.from_bytes(call.id.encode()[-5:], "big"),
        "creationTimestamp": _CREATED,
        "labelFingerprint": "42WmSpB8rSM=",
        "networkTier": call.inputs.get("networkTier", "PREMIUM"),
        "users": [],
    }


def _address_is_external(call: Call) -> None:
    if call.inputs.get("addressType", "EXTERNAL") != "EXTERNAL":
        raise RefusedError("addressType 'INTERNAL' is not simulated; the lab has 'EXTERNAL' addresses only")


def _address_unused(call: Call) -> None:
    # addresses.delete answers resourceInUseByAnotherResource while a NAT holds the address.
    for nat in call.store.all(NAT):
        if any(names.find(call, ADDRESS, each) == call.store.get(ADDRESS, call.id) for each in _nat_ips(nat)):
            raise RefusedError(
                f"Error 400: The address resource {call.id!r} is already being used by {nat.id!r}, "
                "resourceInUseByAnotherResource"
            )


def _nat_ips(nat: Record) -> list[str]:
    return cast("list[str]", nat.inputs.get("natIps") or [])


def _regional_plan(call: Call) -> Properties:
    return {"project": names.project(call), "region": names.region(call)}


def _nat_id(call: Call) -> str:
    router = str(call.inputs["router"]).rpartition("/")[2]
    return f"{names.project(call)}/{names.region(call)}/{router}/{call.inputs['name']}"


def _nat_rules(call: Call) -> None:
    router = names.must_find(call, ROUTER, call.inputs["router"], "router")
    addresses = cast("list[str]", call.inputs.get("natIps") or [])
    option = call.inputs.get("natIpAllocateOption", "AUTO_ONLY")
    # natIps only, and at least one, with MANUAL_ONLY (Compute API, routers.nats.natIpAllocateOption).
    if (option == "MANUAL_ONLY") != bool(addresses):
        raise RefusedError(
            f"natIpAllocateOption is {option!r} with {len(addresses)} natIps; "
            "MANUAL_ONLY needs addresses and AUTO_ONLY takes none"
        )
    for address in addresses:
        found = names.must_find(call, ADDRESS, address, "natIps")
        if found.outputs.get("region") != router.outputs.get("region"):
            raise RefusedError(f"natIps: {found.id!r} is not in the router's region {router.outputs['region']!r}")
    for other in call.others(NAT):
        # One NAT per subnetwork: a second one for all of a network's subnetworks is refused
        # (cloud.google.com/nat/docs).
        if _router_of(call, other) == router and not call.inputs.get("subnetworks"):
            raise RefusedError(f"router {router.id!r} already has {other.id!r} for all of its subnetworks")


def _router_of(call: Call, nat: Record) -> Record | None:
    return names.find(call, ROUTER, nat.inputs.get("router"), nat.outputs.get("region"))


def _nat_outputs(call: Call) -> Properties:
    _route_clusters(call, call.store.get(NAT, call.id))
    return {}


def _nat_gone(call: Call) -> None:
    nat = call.store.get(NAT, call.id)
    for cluster in _clusters_behind(call, nat):
        call.runtime.set_egress(_cluster_key(cluster), None)
    call.runtime.release_address(f"gcp/{call.id}")


def _route_clusters(call: Call, nat: Record | None) -> None:
    for cluster in _clusters_behind(call, nat):
        call.runtime.set_egress(_cluster_key(cluster), _address_of(call, nat))


def _cluster_key(cluster: Record) -> str:
    return f"gcp/{cluster.id}"


def _clusters_behind(call: Call, nat: Record | None) -> list[Record]:
    return [c for c in call.store.all(CLUSTER) if nat is not None and _serves(call, nat, c)]


def _serves(call: Call, nat: Record, cluster: Record) -> bool:
    """Cloud NAT serves the VMs of one network in one region (cloud.google.com/nat/docs/overview)."""
    router = _router_of(call, nat)
    if router is None or not str(cluster.outputs["location"]).startswith(str(router.outputs["region"])):
        return False
    network = names.find(call, NETWORK, router.inputs.get("network"))
    chosen = cast("list[dict[str, object]]", nat.inputs.get("subnetworks") or [])
    subnetwork = names.find(call, SUBNETWORK, cluster.inputs.get("subnetwork"))
    named = [names.find(call, SUBNETWORK, each.get("name")) for each in chosen]
    in_network = names.find(call, NETWORK, cluster.inputs.get("network")) == network
    return in_network and (not chosen or subnetwork in named)


def _address_of(call: Call, nat: Record | None) -> str:
    """The NAT's first address; an AUTO_ONLY NAT has one of its own."""
    if nat is not None and _nat_ips(nat):
        found = names.must_find(call, ADDRESS, _nat_ips(nat)[0], "natIps")
        return str(found.outputs["address"])
    return call.runtime.allocate_address(f"gcp/{nat.id if nat else call.id}")


def egress_for(call: Call, cluster: Record) -> str | None:
    """The address that a cluster's traffic leaves from, if a NAT serves it already."""
    for nat in call.store.all(NAT):
        if _serves(call, nat, cluster):
            return _address_of(call, nat)
    return None


KINDS = (
    Kind(
        ADDRESS,
        identify=lambda call: names.regional_id("addresses", call),
        # ForceNew of google_compute_address: all but labels.
        replaces=frozenset(
            {"name", "project", "region", "address", "addressType", "description", "networkTier", "purpose"}
        ),
        autoname=names.AUTONAME,
        planned=_address_plan,
        rules=(names.rfc1035, _address_is_external),
        in_use=(_address_unused,),
        create=_address_outputs,
        delete=lambda call: call.runtime.release_address(f"gcp/{call.id}"),
        private=names.LABEL_SECRETS,
    ),
    Kind(
        NAT,
        identify=_nat_id,
        # ForceNew of google_compute_router_nat.
        replaces=frozenset({"name", "project", "region", "router", "type", "endpointTypes"}),
        autoname=names.AUTONAME,
        planned=_regional_plan,
        rules=(names.rfc1035, _nat_rules),
        create=_nat_outputs,
        update=_nat_outputs,
        delete=_nat_gone,
        create_minutes=0.3,
        delete_minutes=0.3,
    ),
)
