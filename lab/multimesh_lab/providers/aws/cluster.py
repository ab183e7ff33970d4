"""EKS clusters of the simulated AWS; behind each is a real Kubernetes cluster of the lab.

Owns: EKS's rules for a cluster and what it tells of itself. Does not own: nodes, add-ons and access (eks).
"""

import base64
import ipaddress
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import cast

from multimesh_lab.cluster import ClusterRequest
from multimesh_lab.providers import cidrs
from multimesh_lab.providers.aws import eks_versions, gateways, names
from multimesh_lab.providers.aws.iam import KEY
from multimesh_lab.providers.aws.security_groups import GROUP
from multimesh_lab.providers.aws.vpc import SUBNET, VPC
from multimesh_lab.providers.kinds import Autoname, Call, Kind, RefusedError
from multimesh_lab.providers.sdk_schema import InputFault
from multimesh_lab.providers.store import Record
from multimesh_lab.providers.wire import Properties

CLUSTER = "aws:eks/cluster:Cluster"
NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
ADDON = "aws:eks/addon:Addon"
_NAME = re.compile(r"^[0-9A-Za-z][A-Za-z0-9_-]{0,99}$")
_MODES = ("CONFIG_MAP", "API_AND_CONFIG_MAP", "API")  # in the one direction in which a cluster may change
_IN_CLUSTER = (
    "aws:eks/accessEntry:AccessEntry",
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
    "aws:eks/podIdentityAssociation:PodIdentityAssociation",
    "aws:eks/identityProviderConfig:IdentityProviderConfig",
)
_MOST_RANGES = 40
_PRIVATE = [ipaddress.IPv4Network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")]


def key(arn: object) -> str:
    """The cluster's id in the lab."""
    return f"aws/{arn}"


def arn_of(call: Call) -> str:
    return names.arn(call, "eks", f"cluster/{call.inputs['name']}")


def _within(properties: Properties, name: str) -> Properties:
    return cast("Properties", properties.get(name) or {})


def _check(inputs: Properties) -> Iterable[InputFault]:
    # Validation of aws_eks_cluster.
    name = inputs.get("name")
    if isinstance(name, str) and not _NAME.match(name):
        yield InputFault("name", f"{name!r} must match {_NAME.pattern}")
    mode = _within(inputs, "accessConfig").get("authenticationMode")
    if isinstance(mode, str) and mode not in _MODES:
        yield InputFault("accessConfig.authenticationMode", f"{mode!r}; allowed are {', '.join(_MODES)}")


def _plan(call: Call) -> Properties:
    return {**names.plan(call), "bootstrapSelfManagedAddons": True, "deletionProtection": False}


def _version_rules(call: Call) -> None:
    asked, before = call.inputs.get("version"), call.old.get("version")
    if asked is not None:
        eks_versions.must_be_known(str(asked))
        if before is not None:
            eks_versions.must_step(str(before), str(asked))


def _subnets(call: Call) -> list[Record]:
    ids = cast("list[str]", call.inputs["vpcConfig"]["subnetIds"])
    return [names.must_find(call, SUBNET, each, "InvalidParameterException") for each in ids]


def _subnet_rules(call: Call) -> None:
    # docs.aws.amazon.com/eks/latest/userguide/network-reqs.html: at least two subnets, in different zones
    # of one VPC.
    subnets = _subnets(call)
    zones = {str(each.outputs.get("availabilityZone")) for each in subnets}
    if len(zones) < 2:
        raise RefusedError(
            f"InvalidParameterException: Subnets specified must be in at least two different AZs; "
            f"they are in {sorted(zones)}"
        )
    if len({each.inputs["vpcId"] for each in subnets}) > 1:
        raise RefusedError("InvalidParameterException: Subnets specified must belong to one VPC")
    for group in cast("list[str]", call.inputs["vpcConfig"].get("securityGroupIds") or []):
        names.must_find(call, GROUP, group, "InvalidParameterException")


def _endpoint_rules(call: Call) -> None:
    # docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html: one of the two must be on.
    config = _within(call.inputs, "vpcConfig")
    if not config.get("endpointPublicAccess", True) and not config.get("endpointPrivateAccess", False):
        raise RefusedError("InvalidParameterException: Private and public endpoint access cannot both be disabled")
    ranges = cast("list[str]", config.get("publicAccessCidrs") or [])
    # docs.aws.amazon.com/eks/latest/userguide/service-quotas.html: 40 public endpoint access ranges for each cluster.
    if len(ranges) > _MOST_RANGES:
        raise RefusedError(
            f"InvalidParameterException: {len(ranges)} public access CIDR blocks; at most {_MOST_RANGES} are allowed"
        )
    for index, text in enumerate(ranges):
        cidrs.parse(text, f"InvalidParameterException: vpcConfig.publicAccessCidrs[{index}]")


def _service_range(call: Call) -> None:
    # EKS API, KubernetesNetworkConfigRequest: private, /24 to /12, not within the VPC's range.
    text = _within(call.inputs, "kubernetesNetworkConfig").get("serviceIpv4Cidr")
    if text is None:
        return
    what = "InvalidParameterException: kubernetesNetworkConfig.serviceIpv4Cidr"
    network = cidrs.sized(str(text), what, 12, 24)
    if not any(network.subnet_of(each) for each in _PRIVATE):
        raise RefusedError(f"{what}: {text} is not within {', '.join(map(str, _PRIVATE))}")
    vpc = names.must_find(call, VPC, _subnets(call)[0].inputs["vpcId"], "InvalidVpcID.NotFound")
    cidrs.must_not_overlap(str(text), what, [(str(vpc.outputs["cidrBlock"]), vpc.id)])


def _role_and_key(call: Call) -> None:
    names.must_have_role(call, call.inputs["roleArn"])
    arn = _within(_within(call.inputs, "encryptionConfig"), "provider").get("keyArn")
    if arn is not None and names.by_output(call, KEY, "arn", arn) is None:
        raise RefusedError(f"InvalidParameterException: the KMS key {arn!r} does not exist")


def _mode_moves_forward(call: Call) -> None:
    # One way only (docs.aws.amazon.com/eks/latest/userguide/setting-up-access-entries.html).
    before = _within(call.old, "accessConfig").get("authenticationMode")
    after = _within(call.inputs, "accessConfig").get("authenticationMode")
    if before and after and _MODES.index(str(after)) < _MODES.index(str(before)):
        raise RefusedError(
            f"InvalidParameterException: Unsupported authentication mode update from {before} to {after}"
        )


def _create(call: Call) -> Properties:
    arn = arn_of(call)
    facts = call.runtime.create(
        ClusterRequest(
            id=key(arn),
            name=str(call.inputs["name"]),
            cloud="aws",
            region=names.region(call),
            kubernetes_version=str(call.inputs.get("version") or ""),
        )
    )
    vpc = str(_subnets(call)[0].inputs["vpcId"])
    group = _cluster_group(call, vpc)
    _admit(call)
    address = gateways.egress_of(call, vpc)
    if address is not None:
        call.runtime.set_egress(key(arn), address)
    ca = base64.b64encode(facts.ca_pem.encode()).decode()
    return {
        "arn": arn,
        "endpoint": facts.endpoint,
        "certificateAuthority": {"data": ca},
        "identities": [{"oidcs": [{"issuer": facts.oidc_issuer}]}],
        "createdAt": datetime.now(UTC).isoformat(),  # the one output that tells a recreated cluster from the old one
        "status": "ACTIVE",
        "platformVersion": "eks.1",
        "version": call.inputs.get("version") or ".".join(facts.version.removeprefix("v").split(".")[:2]),
        **_nested(call, vpc, group),
    }


def _nested(call: Call, vpc: str, group: str) -> Properties:
    defaults = {
        "endpointPublicAccess": True,
        "endpointPrivateAccess": False,
        "publicAccessCidrs": ["0.0.0.0/0"],
    }
    network = {"serviceIpv4Cidr": "172.20.0.0/16", "ipFamily": "ipv4"}
    access = {"authenticationMode": "CONFIG_MAP", "bootstrapClusterCreatorAdminPermissions": True}
    computed = {"clusterSecurityGroupId": group, "vpcId": vpc}
    return {
        "vpcConfig": {**defaults, **computed, **_within(call.inputs, "vpcConfig")},
        "kubernetesNetworkConfig": {**network, **_within(call.inputs, "kubernetesNetworkConfig")},
        "accessConfig": {**access, **_within(call.inputs, "accessConfig")},
    }


def _cluster_group(call: Call, vpc: str) -> str:
    """The security group that EKS makes for a cluster; programs add rules to it."""
    group = names.fresh("sg")(call)
    name = f"eks-cluster-sg-{call.inputs['name']}"
    outputs = {"name": name, "vpcId": vpc, "arn": names.arn(call, "ec2", f"security-group/{group}")}
    call.store.put(Record(GROUP, group, "", name, {"name": name}, outputs))
    return group


def _admit(call: Call) -> None:
    config = _within(call.inputs, "vpcConfig")
    public = cast("list[str]", config.get("publicAccessCidrs") or ["0.0.0.0/0"])
    # With the public endpoint off only the VPC reaches the API server, which in the lab is the cluster
    # itself.
    call.runtime.admit_api(key(arn_of(call)), public if config.get("endpointPublicAccess", True) else [])


def _update(call: Call) -> Properties:
    _admit(call)
    before = _within(call.old, "vpcConfig")
    return _nested(call, str(before.get("vpcId")), str(before.get("clusterSecurityGroupId")))


def _deletable(call: Call) -> None:
    if call.old.get("deletionProtection"):
        raise RefusedError("InvalidRequestException: deletion protection is enabled; set deletionProtection to false")
    for group in call.store.all(NODE_GROUP):
        if group.inputs["clusterName"] == call.inputs["name"]:
            raise RefusedError(f"ResourceInUseException: Cluster has nodegroups attached: {group.id!r}")


def _delete(call: Call) -> None:
    call.runtime.delete(key(call.old["arn"]))
    call.store.remove(GROUP, str(_within(call.old, "vpcConfig").get("clusterSecurityGroupId")))
    for token in (ADDON, *_IN_CLUSTER):
        for record in call.store.all(token):
            if record.inputs["clusterName"] == call.inputs["name"]:
                call.store.remove(token, record.id)


CLUSTER_KIND = Kind(
    CLUSTER,
    identify=lambda call: str(call.inputs["name"]),
    # ForceNew of aws_eks_cluster.
    replaces=frozenset(
        {
            "name",
            "roleArn",
            "region",
            "outpostConfig",
            "bootstrapSelfManagedAddons",
            "accessConfig.bootstrapClusterCreatorAdminPermissions",
            "kubernetesNetworkConfig.serviceIpv4Cidr",
            "kubernetesNetworkConfig.ipFamily",
        }
    ),
    # CustomizeDiff of aws_eks_cluster: encryption can be added and never taken away.
    replaces_when_gone=frozenset({"encryptionConfig"}),
    autoname=Autoname(limit=100),
    planned=_plan,
    computed_within=frozenset({"vpcConfig.clusterSecurityGroupId", "vpcConfig.vpcId"}),
    check=_check,
    rules=(_version_rules, _subnet_rules, _endpoint_rules, _service_range, _role_and_key, _mode_moves_forward),
    in_use=(_deletable,),
    create=_create,
    update=_update,
    delete=_delete,
    create_minutes=10.4,
    delete_minutes=6,
)
