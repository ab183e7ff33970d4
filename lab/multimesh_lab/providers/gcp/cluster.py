"""GKE clusters and node pools of the simulated Google Cloud, each a real Kubernetes cluster of the lab.

Owns: GKE's rules and what a cluster tells of itself. Does not own: the Kubernetes cluster
(the lab's runtime).
`endpoint` is a bare host on GKE; here it is host:port, because the lab's API servers listen on 6443.
"""

import base64
import hashlib
import re
from collections.abc import Iterable
from dataclasses import replace
from ipaddress import IPv4Network
from typing import Any, cast

from multimesh_lab.cluster import ClusterRequest
from multimesh_lab.providers import cidrs
from multimesh_lab.providers.gcp import cluster_rules, names, nat, network
from multimesh_lab.providers.kinds import Autoname, Call, Kind, RefusedError
from multimesh_lab.providers.sdk_schema import InputFault
from multimesh_lab.providers.store import Record
from multimesh_lab.providers.wire import Properties

CLUSTER = "gcp:container/cluster:Cluster"
NODE_POOL = "gcp:container/nodePool:NodePool"
_LOCATION = re.compile(r"^[a-z]+-[a-z]+\d+(-[a-z])?$")


def key(cluster_id: str) -> str:
    """The cluster's id in the lab."""
    return f"gcp/{cluster_id}"


def region_of(location: str) -> str:
    return "-".join(location.split("-")[:2])


def _within(properties: Properties, name: str) -> Properties:
    return cast("Properties", properties.get(name) or {})


def _plan(call: Call) -> Properties:
    return {
        "project": names.project(call),
        "location": names.location(call),
        "deletionProtection": True,  # the provider's default since v6 (google_container_cluster)
        "network": "default",
        "networkingMode": "VPC_NATIVE",
        **names.labels(call, "resourceLabels"),
    }


def _check(inputs: Properties) -> Iterable[InputFault]:
    # ConflictsWith and ValidateFunc of google_container_cluster.
    if inputs.get("clusterIpv4Cidr") is not None and inputs.get("ipAllocationPolicy") is not None:
        yield InputFault("clusterIpv4Cidr", "conflicts with ipAllocationPolicy")
    yield from cluster_rules.check(inputs)
    if inputs.get("enableAutopilot") and inputs.get("removeDefaultNodePool"):
        yield InputFault("removeDefaultNodePool", "conflicts with enableAutopilot")


def _name_and_location(call: Call) -> None:
    # At most 40 characters (GKE API, projects.locations.clusters.name).
    names.checked(str(call.inputs["name"]), 40)
    location = names.location(call)
    if not _LOCATION.match(location):
        raise RefusedError(f"Error 400: location {location!r} is neither a region nor a zone, badRequest")


def _node_count(call: Call) -> None:
    # The API's own words: cluster.initial_node_count must be greater than zero.
    if call.old:
        return  # read once, when the cluster is made
    has_pools = bool(call.inputs.get("nodePools")) or bool(call.inputs.get("enableAutopilot"))
    if not has_pools and int(call.inputs.get("initialNodeCount") or 0) < 1:
        raise RefusedError("Error 400: Cluster.initial_node_count must be greater than zero, badRequest")


def _network_and_ranges(call: Call) -> None:
    found = names.must_find(call, network.NETWORK, call.inputs.get("network", "default"), "network")
    location = names.location(call)
    scoped = replace(call, inputs={**call.inputs, "region": region_of(location)})
    subnetwork = names.must_find(scoped, network.SUBNETWORK, call.inputs.get("subnetwork"), "subnetwork")
    if names.find(call, network.NETWORK, subnetwork.inputs["network"]) != found:
        raise RefusedError(f"Error 400: subnetwork {subnetwork.id!r} is not in the network {found.id!r}, badRequest")
    if subnetwork.outputs["region"] != region_of(location):
        raise RefusedError(
            f"Error 400: subnetwork {subnetwork.id!r} is not in the cluster's region {region_of(location)!r}"
        )
    _secondary_ranges(call, subnetwork)


def _secondary_ranges(call: Call, subnetwork: Record) -> None:
    # cloud.google.com/kubernetes-engine/docs/concepts/alias-ips: both ranges exist and are not the same one.
    policy = _within(call.inputs, "ipAllocationPolicy")
    ranges = cast("list[dict[str, Any]]", subnetwork.outputs.get("secondaryIpRanges") or [])
    known = [str(each["rangeName"]) for each in ranges]
    asked = [policy.get("clusterSecondaryRangeName"), policy.get("servicesSecondaryRangeName")]
    for name in asked:
        if name is not None and name not in known:
            raise RefusedError(
                f"Error 400: secondary range {name!r} does not exist in {subnetwork.id!r}; there are {known}"
            )
    if asked[0] is not None and asked[0] == asked[1]:
        raise RefusedError(f"Error 400: pods and services cannot share the secondary range {asked[0]!r}")


def _control_plane_range(call: Call) -> None:
    # A /28 of its own in the VPC (cloud.google.com/kubernetes-engine/docs/how-to/legacy/network-isolation).
    block = _within(call.inputs, "privateClusterConfig").get("masterIpv4CidrBlock")
    if block is None:
        return
    cidrs.sized(str(block), "privateClusterConfig.masterIpv4CidrBlock", 28, 28)
    found = names.must_find(call, network.NETWORK, call.inputs.get("network", "default"), "network")
    taken = [entry for r in network.in_network(call, network.SUBNETWORK, found) for entry in network.ranges_of(r)]
    for other in network.in_network(call, CLUSTER, found):
        other_block = _within(cast("Properties", other.inputs), "privateClusterConfig").get("masterIpv4CidrBlock")
        if other_block is not None:
            taken.append((str(other_block), other.id))
    cidrs.must_not_overlap(str(block), "privateClusterConfig.masterIpv4CidrBlock", taken)


def _authorised(call: Call) -> list[str] | None:
    config = call.inputs.get("masterAuthorizedNetworksConfig")
    if config is None:
        return None
    blocks = cast("list[Properties]", config.get("cidrBlocks") or [])
    return [str(block["cidrBlock"]) for block in blocks]


def _authorised_ranges(call: Call) -> None:
    for index, text in enumerate(_authorised(call) or []):
        cidrs.parse(text, f"masterAuthorizedNetworksConfig.cidrBlocks[{index}].cidrBlock")


def _workload_pool(call: Call) -> None:
    # The one pool of a project is PROJECT_ID.svc.id.goog (cloud.google.com/kubernetes-engine/docs/how-
    # to/workload-identity).
    pool = _within(call.inputs, "workloadIdentityConfig").get("workloadPool")
    expected = f"{names.project(call)}.svc.id.goog"
    if pool is not None and pool != expected:
        raise RefusedError(f"Error 400: workloadPool is {pool!r}; the only one allowed is {expected!r}")


def _create(call: Call) -> Properties:
    location = names.location(call)
    facts = call.runtime.create(
        ClusterRequest(
            id=key(call.id),
            name=str(call.inputs["name"]),
            cloud="gcp",
            region=region_of(location),
            kubernetes_version=str(call.inputs.get("minMasterVersion") or ""),
        )
    )
    _apply_settings(call)
    if not call.inputs.get("removeDefaultNodePool"):
        join(call, call.id, "default-pool", {})
    host = facts.endpoint.removeprefix("https://")
    version = f"{facts.version.removeprefix('v')}-gke.1"
    ca = base64.b64encode(facts.ca_pem.encode()).decode()
    certificate = {"clientCertificate": "", "clientKey": "", "clusterCaCertificate": ca}
    outputs: Properties = {
        "endpoint": host,
        "masterAuth": {**certificate, **_within(call.inputs, "masterAuth")},
        "masterVersion": version,
        "nodeVersion": version,
        "selfLink": names.CONTAINER_API + call.id,
        "labelFingerprint": "a9dc16a7",
        "operation": f"operation-create-{call.inputs['name']}",
        "servicesIpv4Cidr": _range_named(call, "servicesSecondaryRangeName"),
        "nodeLocations": _zones(location)[1:] if location.count("-") > 1 else _zones(location),
    }
    private = _within(call.inputs, "privateClusterConfig")
    if private:
        outputs["privateClusterConfig"] = {"privateEndpoint": host, "publicEndpoint": host, **private}
    doors = _within(call.inputs, "controlPlaneEndpointsConfig")
    if "dnsEndpointConfig" in doors:
        # cloud.google.com/kubernetes-engine/docs/concepts/network-isolation: gke-UID.REGION.gke.goog
        name = f"gke-{hashlib.sha256(call.id.encode()).hexdigest()[:12]}.{region_of(location)}.gke.goog"
        outputs["controlPlaneEndpointsConfig"] = {
            **doors,
            "dnsEndpointConfig": {"endpoint": name, **_within(doors, "dnsEndpointConfig")},
        }
    return outputs


def _apply_settings(call: Call) -> None:
    authorised = _authorised(call)
    # Without the setting the control plane's public endpoint is open to all.
    call.runtime.admit_api(key(call.id), ["0.0.0.0/0"] if authorised is None else authorised)
    record = call.store.get(CLUSTER, call.id)
    if record is not None:
        address = nat.egress_for(call, record)
        if address is not None:
            call.runtime.set_egress(key(call.id), address)


def _update(call: Call) -> Properties:
    _apply_settings(call)
    upgraded = cluster_rules.upgraded_to(call)
    return {"masterVersion": upgraded} if upgraded else {}


def _range_named(call: Call, which: str) -> str:
    name = _within(call.inputs, "ipAllocationPolicy").get(which)
    scope = {**call.inputs, "region": region_of(names.location(call))}
    scoped = replace(call, inputs=scope)
    subnetwork = names.find(scoped, network.SUBNETWORK, call.inputs.get("subnetwork"))
    ranges = cast("list[dict[str, Any]]", subnetwork.outputs.get("secondaryIpRanges") or []) if subnetwork else []
    chosen = [str(each["ipCidrRange"]) for each in ranges if each["rangeName"] == name]
    return str(IPv4Network(chosen[0])) if chosen else ""


def _zones(location: str) -> list[str]:
    return [location] if location.count("-") > 1 else [f"{location}-{zone}" for zone in "abc"]


def join(call: Call, cluster_id: str, pool: str, labels: dict[str, str]) -> None:
    """Give the cluster its node, with the labels that GKE gives, and the DNS that GKE installs by itself."""
    location = cluster_id.split("/")[3]
    own = {
        "cloud.google.com/gke-nodepool": pool,
        "topology.kubernetes.io/region": region_of(location),
        "topology.kubernetes.io/zone": _zones(location)[0],
    }
    call.runtime.join_node(key(cluster_id), {**own, **labels})
    call.runtime.install_dns(key(cluster_id))


def _protected(call: Call) -> None:
    # The real provider's own refusal (resource_container_cluster.go, resourceContainerClusterDelete).
    if call.old.get("deletionProtection", True):
        raise RefusedError(
            f"Cannot destroy cluster {call.id!r} because deletion_protection is set to true. "
            "Set it to false to proceed with cluster deletion."
        )


def _delete(call: Call) -> None:
    call.runtime.delete(key(call.id))
    for pool in call.store.all(NODE_POOL):
        if pool.id.startswith(f"{call.id}/"):
            call.store.remove(NODE_POOL, pool.id)


def _always_differs(inputs: Properties) -> Iterable[str]:
    # With the default pool removed the API returns no nodeConfig, so it is planned anew each time (pulumi-
    # gcp#744).
    if inputs.get("removeDefaultNodePool") and inputs.get("nodeConfig"):
        yield "nodeConfig"


CLUSTER_KIND = Kind(
    CLUSTER,
    identify=lambda call: (
        f"projects/{names.project(call)}/locations/{names.location(call)}/clusters/{call.inputs['name']}"
    ),
    # ForceNew of google_container_cluster.
    replaces=frozenset(
        {
            "name",
            "project",
            "location",
            "network",
            "subnetwork",
            "networkingMode",
            "description",
            "initialNodeCount",
            "nodeConfig",
            "clusterIpv4Cidr",
            "datapathProvider",
            "defaultMaxPodsPerNode",
            "enableAutopilot",
            "enableKubernetesAlpha",
            "confidentialNodes",
            "ipAllocationPolicy",
            "privateClusterConfig.masterIpv4CidrBlock",
            "privateClusterConfig.privateEndpointSubnetwork",
        }
    ),
    autoname=Autoname(limit=40, lower=True),
    planned=_plan,
    computed_within=frozenset(
        {
            "privateClusterConfig.privateEndpoint",
            "privateClusterConfig.publicEndpoint",
            "controlPlaneEndpointsConfig.dnsEndpointConfig.endpoint",
        }
    ),
    check=_check,
    rules=(
        _name_and_location,
        _node_count,
        _network_and_ranges,
        _control_plane_range,
        _authorised_ranges,
        _workload_pool,
        cluster_rules.version_moves,
        cluster_rules.window,
        cluster_rules.zones,
        cluster_rules.encryption_key,
        cluster_rules.security_group,
    ),
    in_use=(_protected,),
    create=_create,
    update=_update,
    delete=_delete,
    private=frozenset({*names.LABEL_SECRETS, "masterAuth.clientKey"}),
    perpetual=_always_differs,
    create_minutes=6.5,
    delete_minutes=4.5,
)
