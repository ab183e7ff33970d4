"""OKE clusters of the simulated Oracle Cloud, each a real Kubernetes cluster of the lab.

Owns: OKE's rules and what a cluster tells of itself. Does not own: the Kubernetes cluster (the lab's runtime), who
reaches it (reach).
"""

from typing import cast

from multimesh_lab.cluster import ClusterRequest
from multimesh_lab.providers import cidrs
from multimesh_lab.providers.kinds import Autoname, Call, Kind, RefusedError
from multimesh_lab.providers.oci import cluster_login, facts, names, policies, reach, subnet, vcn, versions
from multimesh_lab.providers.oci.tokens import ADDON, CLUSTER, KEY, NODE_POOL, SECURITY_GROUP, SUBNET
from multimesh_lab.providers.store import Record
from multimesh_lab.providers.wire import Properties

VCN_NATIVE = "OCI_VCN_IP_NATIVE"
FLANNEL = "FLANNEL_OVERLAY"
ENHANCED = "ENHANCED_CLUSTER"
_TYPES = ("BASIC_CLUSTER", ENHANCED)
_PODS, _SERVICES = "10.244.0.0/16", "10.96.0.0/16"
_GROUPS = 5


def cni_of(properties: Properties) -> str:
    """The cluster's CNI; flannel is the default of the API (ContEng/Concepts/contengpodnetworking_topic-flannel...)."""
    options = names.listed(properties, "clusterPodNetworkOptions")
    return str(options[0].get("cniType")) if options else FLANNEL


def network_config(properties: Properties) -> Properties:
    """The ranges of pods and services, with the API's defaults."""
    given = names.within(names.within(properties, "options"), "kubernetesNetworkConfig")
    return {"podsCidr": _PODS, "servicesCidr": _SERVICES, **given}


def _plan(call: Call) -> Properties:
    # CreateClusterDetails.type: "BASIC_CLUSTER" unless given.
    known = names.chosen(call, type="BASIC_CLUSTER", kmsKeyId="")
    known |= names.chosen(call, clusterPodNetworkOptions=[{"cniType": FLANNEL}])
    options: Properties = {"kubernetesNetworkConfig": network_config(call.inputs)}
    given = names.within(call.inputs, "options")
    before = cluster_login.kept(call)
    if before:
        options[cluster_login.OPTION] = before
    return {**names.plan(call), **known, "options": {**options, **given}}


def _type_and_network(call: Call) -> None:
    kind, cni = call.inputs.get("type") or call.old.get("type") or _TYPES[0], cni_of(call.inputs)
    if kind not in _TYPES:
        raise names.invalid(f"type {kind!r} must be {' or '.join(_TYPES)}")
    if cni not in (VCN_NATIVE, FLANNEL):
        raise names.invalid(f"clusterPodNetworkOptions[0].cniType {cni!r} must be {VCN_NATIVE} or {FLANNEL}")
    # docs.oracle.com/iaas/Content/ContEng/Tasks/contengcomparingenhancedwithbasicclusters_topic.htm: an enhanced
    # cluster has its endpoint in a subnet of the VCN, and never becomes a basic one again.
    if not call.inputs.get("endpointConfig") and (kind == ENHANCED or cni == VCN_NATIVE):
        raise names.invalid(f"endpointConfig is required with type {kind} and cniType {cni}")
    if call.old.get("type") == ENHANCED and kind != ENHANCED:
        raise names.invalid(f"type: an {ENHANCED} cannot be downgraded to {kind}")


def _endpoint(call: Call) -> None:
    config = names.within(call.inputs, "endpointConfig")
    if not config:
        return
    parent = vcn.of(call).id
    found = names.must_find_in_vcn(call, SUBNET, config.get("subnetId"), parent, "endpointConfig.subnetId")
    # docs.oracle.com/iaas/Content/ContEng/Concepts/contengnetworkconfigexample.htm: a public address needs a public
    # subnet.
    if config.get("isPublicIpEnabled") and subnet.is_private(found):
        raise names.invalid(f"endpointConfig.isPublicIpEnabled is true, but the subnet {found.id!r} is private")
    check_groups(call, names.listed(config, "nsgIds"), parent, "endpointConfig.nsgIds")


def check_groups(call: Call, groups: list[object], parent: str, what: str) -> None:
    """Refuse groups that a VNIC cannot be in."""
    # docs.oracle.com/en-us/iaas/Content/Network/Concepts/networksecuritygroups.htm: a VNIC is in five at most.
    if len(groups) > _GROUPS:
        raise names.invalid(f"{what} has {len(groups)} groups; a VNIC is in {_GROUPS} at most")
    for index, each in enumerate(groups):
        names.must_find_in_vcn(call, SECURITY_GROUP, each, parent, f"{what}[{index}]")


def _load_balancer_subnets(call: Call) -> None:
    parent = vcn.of(call).id
    subnets = names.listed(names.within(call.inputs, "options"), "serviceLbSubnetIds")
    for index, each in enumerate(subnets):
        names.must_find_in_vcn(call, SUBNET, each, parent, f"options.serviceLbSubnetIds[{index}]")


def _ranges(call: Call) -> None:
    # docs.oracle.com/iaas/Content/ContEng/Concepts/contengcidrblocks.htm: services, and with flannel pods too, have
    # ranges outside the VCN; with VCN-native networking pods have the VCN's own addresses.
    config, what = network_config(call.inputs), "400-InvalidParameter, options.kubernetesNetworkConfig"
    parent = vcn.of(call)
    taken = [(each, f"the VCN {parent.id}") for each in vcn.blocks(cast("Properties", parent.outputs))]
    services = str(config["servicesCidr"])
    cidrs.must_not_overlap(services, f"{what}.servicesCidr", taken)
    if cni_of(call.inputs) == FLANNEL:
        taken.append((services, "servicesCidr"))
        cidrs.must_not_overlap(str(config["podsCidr"]), f"{what}.podsCidr", taken)


def _version(call: Call) -> None:
    after = str(call.inputs["kubernetesVersion"])
    versions.parsed(after)
    if call.old.get("kubernetesVersion"):
        versions.check_upgrade(str(call.old["kubernetesVersion"]), after)


def _encryption_key(call: Call) -> None:
    # docs.oracle.com/iaas/Content/ContEng/Tasks/contengencryptingdata.htm: an enabled symmetric key, which a policy
    # allows clusters to use.
    if call.inputs.get("kmsKeyId") is None or call.old:
        return
    key = names.must_find(call, KEY, call.inputs["kmsKeyId"], "kmsKeyId")
    if key.outputs.get("state") != "ENABLED":
        raise names.invalid(f"kmsKeyId: the key {key.id!r} is {key.outputs.get('state')}, not ENABLED")
    algorithm = names.within(key.outputs, "keyShape").get("algorithm")
    if algorithm != "AES":
        raise names.invalid(f"kmsKeyId: the key {key.id!r} has the algorithm {algorithm}; only AES encrypts secrets")
    if not policies.clusters_may_use(call.store, key.id):
        raise RefusedError(
            f"404-NotAuthorizedOrNotFound, kmsKeyId: no policy allows clusters to use the key {key.id!r}; remedy: a "
            "policy such as 'Allow any-user to use keys in compartment id … where request.principal.type = 'cluster'', "
            "made before the cluster"
        )


def _create(call: Call) -> Properties:
    made = call.runtime.create(
        ClusterRequest(
            id=names.lab_id(call.id),
            name=str(call.inputs["name"]),
            cloud="oci",
            region=names.region(call),
            kubernetes_version=str(call.inputs["kubernetesVersion"]),
        )
    )
    facts.remember(call.store, call.id, made)
    cluster_login.apply(call)
    reach.apply_to(call, Record(CLUSTER, call.id, call.urn, "", call.inputs, call.inputs))
    metadata = {
        "createdByUserId": "ocid1.user.oc1..aaaaaaaasimulated",
        "createdByWorkRequestId": f"ocid1.clustersworkrequest.oc1.{names.region(call)}.{names.fresh(call)}",
        "timeCreated": names.CREATED,
    }
    return {"metadatas": [metadata], "lifecycleDetails": "", "state": "ACTIVE", **_computed(call)}


def _computed(call: Call) -> Properties:
    made = facts.known(call.store, call.id)
    if made is None:
        raise RefusedError(f"{call.id!r} is not a cluster of this lab; run `pulumi refresh` to drop it")
    config = names.within(call.inputs, "endpointConfig")
    found = call.store.get(SUBNET, str(config.get("subnetId")))
    host = made.endpoint.removeprefix("https://")
    endpoint = {
        "kubernetes": "" if found else host,
        "publicEndpoint": host if config.get("isPublicIpEnabled") else "",
        "privateEndpoint": f"{subnet.address(found, 0)}:{reach.API_PORT}" if found else "",
        "vcnHostnameEndpoint": "",
        "ipv6endpoint": "",
    }
    discovery = names.within(names.within(call.inputs, "options"), "openIdConnectDiscovery")
    is_open = bool(discovery.get("isOpenIdConnectDiscoveryEnabled"))
    return {
        "endpoints": [endpoint],
        "availableKubernetesUpgrades": versions.upgrades(str(call.inputs["kubernetesVersion"])),
        "openIdConnectDiscoveryEndpoint": made.oidc_issuer if is_open else "",
        "openIdConnectDiscoveryKey": "",
    }


def _update(call: Call) -> Properties:
    names.remember_update(call)
    cluster_login.apply(call)
    record = call.store.get(CLUSTER, call.id)
    if record is not None:
        reach.apply_to(call, record)
    return _computed(call)


def _delete(call: Call) -> None:
    if facts.known(call.store, call.id) is not None:
        call.runtime.delete(names.lab_id(call.id))
    facts.forget(call.store, call.id)
    # docs.oracle.com/iaas/Content/ContEng/Tasks/contengdeletingcluster.htm: its node pools go with it.
    for token in (NODE_POOL, ADDON):
        for record in call.store.all(token):
            if record.outputs.get("clusterId") == call.id:
                call.store.remove(token, record.id)


KIND = Kind(
    CLUSTER,
    identify=names.ocid("cluster"),
    # ForceNew of oci_containerengine_cluster, and its CustomizeDiff for the endpoint's subnet.
    replaces=frozenset(
        {
            "compartmentId",
            "vcnId",
            "clusterPodNetworkOptions",
            "kmsKeyId",
            "endpointConfig.subnetId",
            "options.ipFamilies",
            "options.kubernetesNetworkConfig",
            "options.serviceLbSubnetIds",
        }
    ),
    autoname=Autoname(limit=255),
    planned=_plan,
    rules=(
        names.in_compartment,
        _version,
        _type_and_network,
        _endpoint,
        _load_balancer_subnets,
        _ranges,
        _encryption_key,
        cluster_login.rules,
    ),
    create=_create,
    update=_update,
    delete=_delete,
    perpetual=names.tags_never_settle,
    create_minutes=7.5,
    delete_minutes=4,
)
