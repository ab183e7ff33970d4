"""The simulated AWS: a whole cluster, and every rule broken once."""

import json
from pathlib import Path
from typing import Any

import pytest
from simulated_cloud import CheckFailedError, Engine, FakeRuntime, RefusedByProviderError, Resource, home_in

from multimesh_lab.providers.aws.provider import provider
from multimesh_lab.providers.aws.vpc import zone_id
from multimesh_lab.providers.wire import UNKNOWN

VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
IGW = "aws:ec2/internetGateway:InternetGateway"
EIP = "aws:ec2/eip:Eip"
NAT = "aws:ec2/natGateway:NatGateway"
TABLE = "aws:ec2/routeTable:RouteTable"
ROUTE = "aws:ec2/route:Route"
ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
ROLE = "aws:iam/role:Role"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
CLUSTER = "aws:eks/cluster:Cluster"
NODES = "aws:eks/nodeGroup:NodeGroup"
ADDON = "aws:eks/addon:Addon"
ENTRY = "aws:eks/accessEntry:AccessEntry"
POLICY = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation"
IDENTITY = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
Inputs = dict[str, Any]


@pytest.fixture
def runtime() -> FakeRuntime:
    return FakeRuntime()


@pytest.fixture
def cloud(tmp_path: Path, runtime: FakeRuntime) -> Engine:
    config = {"region": "us-east-1", "defaultTags": json.dumps({"tags": {"owner": "mesh"}})}
    return Engine(provider(home_in(tmp_path), runtime), config)


@pytest.fixture
def vpc(cloud: Engine) -> Resource:
    return cloud.create(VPC, "vpc", {"cidrBlock": "10.0.0.0/16", "tags": {"a": "b"}})


@pytest.fixture
def subnets(cloud: Engine, vpc: Resource) -> list[Resource]:
    return [subnet(cloud, vpc, f"10.0.{i}.0/24", zone) for i, zone in enumerate("abc")]


def subnet(cloud: Engine, vpc: Resource, block: str, zone: str) -> Resource:
    inputs = {"vpcId": vpc.id, "cidrBlock": block, "availabilityZone": f"us-east-1{zone}"}
    return cloud.create(SUBNET, f"s{zone}", inputs)


@pytest.fixture
def role(cloud: Engine) -> Resource:
    return cloud.create(ROLE, "cluster", {"assumeRolePolicy": "{}"})


@pytest.fixture
def cluster_inputs(subnets: list[Resource], role: Resource) -> Inputs:
    return {
        "roleArn": role.outputs["arn"],
        "vpcConfig": {"subnetIds": [s.id for s in subnets], "publicAccessCidrs": ["198.18.3.9/32"]},
        "accessConfig": {"authenticationMode": "API", "bootstrapClusterCreatorAdminPermissions": True},
        "bootstrapSelfManagedAddons": False,
        "kubernetesNetworkConfig": {"serviceIpv4Cidr": "172.20.0.0/16"},
    }


@pytest.fixture
def cluster(cloud: Engine, cluster_inputs: Inputs) -> Resource:
    return cloud.create(CLUSTER, "eks", cluster_inputs)


@pytest.fixture
def node_inputs(cluster: Resource, role: Resource, subnets: list[Resource]) -> Inputs:
    return {
        "clusterName": cluster.id,
        "nodeRoleArn": role.outputs["arn"],
        "subnetIds": [s.id for s in subnets],
        "scalingConfig": {"minSize": 1, "desiredSize": 2, "maxSize": 3},
    }


def addon(cloud: Engine, cluster: Resource, name: str) -> Resource:
    return cloud.create(ADDON, name, {"clusterName": cluster.id, "addonName": name})


def nat(cloud: Engine, vpc: Resource, place: Resource, name: str = "nat") -> Resource:
    if not cloud.store.all(IGW):
        cloud.create(IGW, "igw", {"vpcId": vpc.id})
    eip = cloud.create(EIP, f"{name}-eip", {"domain": "vpc"})
    return cloud.create(NAT, name, {"allocationId": eip.id, "subnetId": place.id})


class TestCluster:
    def test_outputs_are_those_of_eks(self, cluster: Resource, vpc: Resource) -> None:
        assert cluster.outputs["endpoint"] == "https://198.18.0.11:6443"
        assert cluster.outputs["certificateAuthority"] == {"data": "Q0E="}
        assert cluster.outputs["identities"][0]["oidcs"][0]["issuer"] == "https://198.18.0.11/oidc"
        assert cluster.outputs["vpcConfig"]["vpcId"] == vpc.id
        assert cluster.outputs["vpcConfig"]["clusterSecurityGroupId"].startswith("sg-")
        assert cluster.outputs["status"] == "ACTIVE"
        assert cluster.outputs["version"] == "1.36"

    def test_nested_outputs_are_unknown_at_preview(self, cloud: Engine, cluster_inputs: Inputs) -> None:
        seen = cloud.preview(CLUSTER, "eks", cluster_inputs)
        assert seen["vpcConfig"]["clusterSecurityGroupId"] is UNKNOWN
        assert seen["vpcConfig"]["subnetIds"] == cluster_inputs["vpcConfig"]["subnetIds"]
        assert seen["endpoint"] is UNKNOWN

    def test_public_access_follows_the_program(
        self, cloud: Engine, cluster: Resource, cluster_inputs: Inputs, runtime: FakeRuntime
    ) -> None:
        assert list(runtime.admitted.values()) == [["198.18.3.9/32"]]
        private = {
            **cluster_inputs["vpcConfig"],
            "endpointPublicAccess": False,
            "endpointPrivateAccess": True,
        }
        after = cloud.update(cluster, {**cluster_inputs, "vpcConfig": private})
        assert list(runtime.admitted.values()) == [[]]
        group = cluster.outputs["vpcConfig"]["clusterSecurityGroupId"]
        assert after.outputs["vpcConfig"]["clusterSecurityGroupId"] == group
        assert after.outputs["createdAt"] == cluster.outputs["createdAt"]

    def test_self_managed_addons_force_another_cluster(
        self, cloud: Engine, cluster: Resource, cluster_inputs: Inputs
    ) -> None:
        changed = {**cluster_inputs, "bootstrapSelfManagedAddons": True}
        assert list(cloud.diff(cluster, changed).replaces) == ["bootstrapSelfManagedAddons"]

    def test_authentication_goes_one_way(self, cloud: Engine, cluster: Resource, cluster_inputs: Inputs) -> None:
        back = {"authenticationMode": "CONFIG_MAP", "bootstrapClusterCreatorAdminPermissions": True}
        with pytest.raises(RefusedByProviderError, match="from API to CONFIG_MAP"):
            cloud.update(cluster, {**cluster_inputs, "accessConfig": back})

    @pytest.mark.parametrize(
        ("vpc_config", "message"),
        [
            ({"endpointPublicAccess": False}, "cannot both be disabled"),
            ({"publicAccessCidrs": ["x"]}, "not an IPv4 range"),
            ({"securityGroupIds": ["sg-gone"]}, "'sg-gone' does not exist"),
            ({"subnetIds": ["subnet-gone"]}, "'subnet-gone' does not exist"),
        ],
    )
    def test_vpc_rules(self, cloud: Engine, cluster_inputs: Inputs, vpc_config: Inputs, message: str) -> None:
        cluster_inputs["vpcConfig"].update(vpc_config)
        with pytest.raises(RefusedByProviderError, match=message):
            cloud.create(CLUSTER, "eks", cluster_inputs)

    def test_two_zones_at_least(self, cloud: Engine, cluster_inputs: Inputs, subnets: list[Resource]) -> None:
        cluster_inputs["vpcConfig"]["subnetIds"] = [subnets[0].id]
        with pytest.raises(RefusedByProviderError, match="at least two different AZs"):
            cloud.create(CLUSTER, "eks", cluster_inputs)

    def test_one_vpc(self, cloud: Engine, cluster_inputs: Inputs, subnets: list[Resource]) -> None:
        other = cloud.create(VPC, "other", {"cidrBlock": "10.1.0.0/16"})
        foreign = subnet(cloud, other, "10.1.0.0/24", "b")
        cluster_inputs["vpcConfig"]["subnetIds"] = [subnets[0].id, foreign.id]
        with pytest.raises(RefusedByProviderError, match="must belong to one VPC"):
            cloud.create(CLUSTER, "eks", cluster_inputs)

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"kubernetesNetworkConfig": {"serviceIpv4Cidr": "172.20.0.0/25"}}, "allowed are /12 to /24"),
            ({"kubernetesNetworkConfig": {"serviceIpv4Cidr": "100.64.0.0/16"}}, "is not within"),
            ({"kubernetesNetworkConfig": {"serviceIpv4Cidr": "10.0.0.0/20"}}, "overlaps 10.0.0.0/16"),
            ({"roleArn": "arn:aws:iam::123456789012:role/gone"}, "does not exist"),
            ({"encryptionConfig": {"provider": {"keyArn": "gone"}, "resources": ["secrets"]}}, "KMS key"),
        ],
    )
    def test_rules(self, cloud: Engine, cluster_inputs: Inputs, change: Inputs, message: str) -> None:
        with pytest.raises(RefusedByProviderError, match=message):
            cloud.create(CLUSTER, "eks", {**cluster_inputs, **change})

    def test_check(self, cloud: Engine, cluster_inputs: Inputs) -> None:
        bad = {**cluster_inputs, "name": "-x", "accessConfig": {"authenticationMode": "RBAC"}}
        with pytest.raises(CheckFailedError) as caught:
            cloud.check(CLUSTER, "eks", bad)
        assert caught.value.paths == ["name", "accessConfig.authenticationMode"]

    def test_it_stays_while_it_has_nodes_or_is_protected(
        self, cloud: Engine, cluster: Resource, cluster_inputs: Inputs, node_inputs: Inputs
    ) -> None:
        addon(cloud, cluster, "vpc-cni")
        nodes = cloud.create(NODES, "nodes", node_inputs)
        with pytest.raises(RefusedByProviderError, match="nodegroups attached"):
            cloud.delete(cluster)
        cloud.delete(nodes)
        protected = cloud.update(cluster, {**cluster_inputs, "deletionProtection": True})
        with pytest.raises(RefusedByProviderError, match="deletion protection"):
            cloud.delete(protected)
        cloud.delete(cloud.update(cluster, cluster_inputs))
        assert [r.type for r in cloud.store.all(GROUP)] == []


class TestNodesAndAddons:
    def test_nodes_without_a_cni_never_get_ready(
        self, cloud: Engine, cluster: Resource, node_inputs: Inputs, runtime: FakeRuntime
    ) -> None:
        with pytest.raises(RefusedByProviderError, match="NodeCreationFailure"):
            cloud.create(NODES, "nodes", node_inputs)
        assert not runtime.nodes
        assert len(cloud.store.all(NODES)) == 1, "the group exists, unhealthy"

    def test_nodes_join_once_there_is_a_cni(
        self, cloud: Engine, cluster: Resource, node_inputs: Inputs, runtime: FakeRuntime
    ) -> None:
        addon(cloud, cluster, "vpc-cni")
        nodes = cloud.create(NODES, "nodes", node_inputs)
        assert nodes.outputs["status"] == "ACTIVE"
        assert next(iter(runtime.nodes.values()))["topology.kubernetes.io/zone"] == "us-east-1a"
        cloud.delete(nodes)
        assert not runtime.nodes

    def test_self_managed_addons_are_enough(
        self, cloud: Engine, cluster_inputs: Inputs, node_inputs: Inputs, runtime: FakeRuntime
    ) -> None:
        made = cloud.create(CLUSTER, "old", {**cluster_inputs, "bootstrapSelfManagedAddons": True})
        cloud.create(NODES, "nodes", {**node_inputs, "clusterName": made.id})
        assert ("install_dns", f"aws/{made.outputs['arn']}") in runtime.calls

    def test_coredns_before_nodes_is_degraded_and_recovers(
        self, cloud: Engine, cluster: Resource, node_inputs: Inputs, runtime: FakeRuntime
    ) -> None:
        """pulumi-eks#1819: the resource exists; once there are nodes, an update heals it."""
        inputs = {"clusterName": cluster.id, "addonName": "coredns"}
        with pytest.raises(RefusedByProviderError, match="DEGRADED"):
            cloud.create(ADDON, "coredns", inputs)
        record = cloud.store.all(ADDON)[0]
        addon(cloud, cluster, "vpc-cni")
        cloud.create(NODES, "nodes", node_inputs)
        degraded = Resource(ADDON, record.urn, record.id, inputs, dict(record.outputs), {})
        assert cloud.update(degraded, inputs).outputs["arn"]
        assert runtime.calls == [("install_dns", f"aws/{cluster.outputs['arn']}")]

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"clusterName": "gone"}, "'gone' does not exist"),
            ({"nodeRoleArn": "arn:aws:iam::123456789012:role/gone"}, "does not exist"),
            ({"launchTemplate": {"id": "lt-gone", "version": "1"}}, "lt-gone"),
        ],
    )
    def test_node_rules(self, cloud: Engine, node_inputs: Inputs, change: Inputs, message: str) -> None:
        with pytest.raises(RefusedByProviderError, match=message):
            cloud.create(NODES, "nodes", {**node_inputs, **change})

    def test_node_check(self, cloud: Engine, node_inputs: Inputs) -> None:
        node_inputs["scalingConfig"] = {"minSize": 3, "desiredSize": 1, "maxSize": 2}
        with pytest.raises(CheckFailedError, match="minSize ≤ desiredSize ≤ maxSize"):
            cloud.check(NODES, "nodes", node_inputs)

    def test_addon_rules(self, cloud: Engine, cluster: Resource) -> None:
        with pytest.raises(RefusedByProviderError, match="is not supported"):
            addon(cloud, cluster, "nothing")
        with pytest.raises(CheckFailedError, match="is not JSON"):
            inputs = {"clusterName": cluster.id, "addonName": "vpc-cni", "configurationValues": "{"}
            cloud.check(ADDON, "a", inputs)


class TestAccess:
    def test_entries_and_policies(self, cloud: Engine, cluster: Resource, role: Resource) -> None:
        entry = {"clusterName": cluster.id, "principalArn": role.outputs["arn"]}
        policy = {
            **entry,
            "policyArn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
            "accessScope": {"type": "cluster"},
        }
        with pytest.raises(RefusedByProviderError, match="ResourceNotFoundException"):
            cloud.create(POLICY, "p", policy)
        cloud.create(ENTRY, "e", entry)
        cloud.create(POLICY, "p", policy)
        with pytest.raises(RefusedByProviderError, match="cluster-access-policy"):
            cloud.create(POLICY, "bad", {**policy, "policyArn": "arn:aws:iam::aws:policy/Admin"})
        with pytest.raises(RefusedByProviderError, match="already exists"):
            cloud.create(ENTRY, "again", entry)

    def test_entries_need_the_api_mode(self, cloud: Engine, cluster_inputs: Inputs, role: Resource) -> None:
        del cluster_inputs["accessConfig"]
        made = cloud.create(CLUSTER, "old", cluster_inputs)
        with pytest.raises(RefusedByProviderError, match="authentication mode must be set"):
            cloud.create(ENTRY, "e", {"clusterName": made.id, "principalArn": role.outputs["arn"]})

    def test_one_pod_identity_per_service_account(self, cloud: Engine, cluster: Resource, role: Resource) -> None:
        account = {"clusterName": cluster.id, "namespace": "n", "serviceAccount": "s"}
        inputs = {**account, "roleArn": role.outputs["arn"]}
        cloud.create(IDENTITY, "i", inputs)
        with pytest.raises(RefusedByProviderError, match="Association already exists"):
            cloud.create(IDENTITY, "again", inputs)


class TestEgress:
    def test_nat_after_the_cluster_and_gone_again(
        self, cloud: Engine, vpc: Resource, subnets: list[Resource], cluster: Resource, runtime: FakeRuntime
    ) -> None:
        key = f"aws/{cluster.outputs['arn']}"
        second = nat(cloud, vpc, subnets[1], "second")
        assert runtime.egress[key] == second.outputs["publicIp"]
        first = nat(cloud, vpc, subnets[0], "first")
        assert runtime.egress[key] == first.outputs["publicIp"], "that of the first zone"
        cloud.delete(first)
        assert runtime.egress[key] == second.outputs["publicIp"]
        cloud.delete(second)
        assert runtime.egress[key] is None

    def test_nat_before_the_cluster(
        self,
        cloud: Engine,
        vpc: Resource,
        subnets: list[Resource],
        cluster_inputs: Inputs,
        runtime: FakeRuntime,
    ) -> None:
        gateway = nat(cloud, vpc, subnets[0])
        cloud.create(CLUSTER, "eks", cluster_inputs)
        assert list(runtime.egress.values()) == [gateway.outputs["publicIp"]]

    def test_nat_needs_an_internet_gateway(self, cloud: Engine, subnets: list[Resource]) -> None:
        eip = cloud.create(EIP, "eip", {})
        with pytest.raises(RefusedByProviderError, match="no Internet gateway attached"):
            cloud.create(NAT, "nat", {"allocationId": eip.id, "subnetId": subnets[0].id})

    @pytest.mark.parametrize(
        ("inputs", "message"),
        [
            ({}, "needs subnetId"),
            ({"allocationId": "eipalloc-gone"}, "eipalloc-gone"),
            ({"connectivityType": "private", "allocationId": "x"}, "takes no allocationId"),
            ({"availabilityMode": "regional"}, "takes vpcId and no subnetId"),
        ],
    )
    def test_rules(self, cloud: Engine, subnets: list[Resource], inputs: Inputs, message: str) -> None:
        place = {"subnetId": subnets[0].id} if inputs else {}
        with pytest.raises(RefusedByProviderError, match=message):
            cloud.create(NAT, "nat", {**place, **inputs})

    def test_an_address_serves_one_gateway(self, cloud: Engine, vpc: Resource, subnets: list[Resource]) -> None:
        gateway = nat(cloud, vpc, subnets[0])
        again = {"allocationId": gateway.outputs["allocationId"], "subnetId": subnets[1].id}
        with pytest.raises(RefusedByProviderError, match="AlreadyAssociated"):
            cloud.create(NAT, "again", again)


class TestNetwork:
    def test_tags(self, vpc: Resource) -> None:
        assert vpc.outputs["tagsAll"] == {"owner": "mesh", "a": "b"}

    def test_a_vpc_in_use_stays(self, cloud: Engine, vpc: Resource, subnets: list[Resource]) -> None:
        with pytest.raises(RefusedByProviderError, match="DependencyViolation"):
            cloud.delete(vpc)
        for each in subnets:
            cloud.delete(each)
        cloud.delete(vpc)

    @pytest.mark.parametrize(
        ("block", "message"),
        [
            ("10.0.0.0/8", "allowed are /16 to /28"),
            ("169.254.0.0/16", "link-local"),
        ],
    )
    def test_vpc_ranges(self, cloud: Engine, block: str, message: str) -> None:
        with pytest.raises(RefusedByProviderError, match=message):
            cloud.create(VPC, "v", {"cidrBlock": block})

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"cidrBlock": "10.9.0.0/24"}, "is not within 10.0.0.0/16"),
            ({"cidrBlock": "10.0.1.0/25"}, "overlaps 10.0.1.0/24"),
            ({"cidrBlock": "10.0.9.0/29"}, "allowed are /16 to /28"),
            ({"vpcId": "vpc-gone"}, "vpc-gone"),
            ({"availabilityZone": "us-east-1z"}, "allowed are"),
        ],
    )
    def test_subnet_rules(
        self, cloud: Engine, vpc: Resource, subnets: list[Resource], change: Inputs, message: str
    ) -> None:
        with pytest.raises(RefusedByProviderError, match=message):
            cloud.create(SUBNET, "s", {"vpcId": vpc.id, "cidrBlock": "10.0.9.0/24", **change})

    def test_routes(self, cloud: Engine, vpc: Resource, subnets: list[Resource]) -> None:
        gateway = cloud.create(IGW, "igw", {"vpcId": vpc.id})
        table = cloud.create(TABLE, "public", {"vpcId": vpc.id})
        route = {"routeTableId": table.id, "destinationCidrBlock": "0.0.0.0/0", "gatewayId": gateway.id}
        cloud.create(ROUTE, "r", route)
        with pytest.raises(RefusedByProviderError, match="RouteAlreadyExists"):
            cloud.create(ROUTE, "again", route)
        with pytest.raises(RefusedByProviderError, match="igw-gone"):
            cloud.create(ROUTE, "gone", {**route, "gatewayId": "igw-gone"})
        with pytest.raises(RefusedByProviderError, match="exactly one target"):
            cloud.create(ROUTE, "none", {"routeTableId": table.id, "destinationCidrBlock": "0.0.0.0/0"})
        joined = {"routeTableId": table.id, "subnetId": subnets[0].id}
        cloud.create(ASSOCIATION, "a", joined)
        with pytest.raises(RefusedByProviderError, match="AlreadyAssociated"):
            cloud.create(ASSOCIATION, "b", joined)
        with pytest.raises(RefusedByProviderError, match="DependencyViolation"):
            cloud.delete(table)

    def test_one_internet_gateway(self, cloud: Engine, vpc: Resource) -> None:
        cloud.create(IGW, "igw", {"vpcId": vpc.id})
        with pytest.raises(RefusedByProviderError, match="already has an internet gateway"):
            cloud.create(IGW, "more", {"vpcId": vpc.id})

    def test_security_groups(self, cloud: Engine, vpc: Resource) -> None:
        group = cloud.create(GROUP, "g", {"vpcId": vpc.id})
        rule = {"securityGroupId": group.id, "ipProtocol": "-1", "cidrIpv4": "10.1.0.0/16"}
        cloud.create(INGRESS, "r", rule)
        with pytest.raises(RefusedByProviderError, match=r"InvalidPermission.Duplicate"):
            cloud.create(INGRESS, "again", rule)
        with pytest.raises(CheckFailedError, match="exactly one of"):
            cloud.check(INGRESS, "two", {**rule, "cidrIpv6": "::/0"})
        with pytest.raises(CheckFailedError, match="fromPort and toPort"):
            cloud.check(INGRESS, "ports", {**rule, "ipProtocol": "tcp"})
        with pytest.raises(CheckFailedError, match="begins with 'sg-'"):
            cloud.check(GROUP, "bad", {"vpcId": vpc.id, "name": "sg-x"})


class TestIam:
    def test_a_role_with_policies_stays(self, cloud: Engine, role: Resource) -> None:
        policy = "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"
        attached = cloud.create(ATTACHMENT, "a", {"role": role.id, "policyArn": policy})
        with pytest.raises(RefusedByProviderError, match="DeleteConflict"):
            cloud.delete(role)
        cloud.delete(attached)
        cloud.delete(role)

    def test_rules(self, cloud: Engine, role: Resource) -> None:
        with pytest.raises(RefusedByProviderError, match="cannot be found"):
            cloud.create(ATTACHMENT, "a", {"role": "gone", "policyArn": "x"})
        with pytest.raises(RefusedByProviderError, match="is not valid"):
            cloud.create(ATTACHMENT, "a", {"role": role.id, "policyArn": "x"})
        with pytest.raises(CheckFailedError, match="invalid JSON"):
            cloud.check(ROLE, "r", {"assumeRolePolicy": "{"})
        with pytest.raises(CheckFailedError, match="https://"):
            cloud.check("aws:iam/openIdConnectProvider:OpenIdConnectProvider", "o", {"url": "x", "clientIdLists": []})

    def test_alias_of_a_key(self, cloud: Engine) -> None:
        key = cloud.create("aws:kms/key:Key", "k", {})
        alias = cloud.create("aws:kms/alias:Alias", "Mesh", {"targetKeyId": key.id})
        assert alias.id.startswith("alias/Mesh-")
        with pytest.raises(RefusedByProviderError, match="NotFoundException"):
            cloud.create("aws:kms/alias:Alias", "b", {"targetKeyId": "gone"})


def test_functions(cloud: Engine) -> None:
    zones = cloud.invoke("aws:index/getAvailabilityZones:getAvailabilityZones", {})
    assert zones["names"] == ["us-east-1a", "us-east-1b", "us-east-1c"]
    assert zones["zoneIds"][0] == "use1-az1"
    assert cloud.invoke("aws:index/getCallerIdentity:getCallerIdentity", {})["accountId"] == "123456789012"
    assert cloud.invoke("aws:index/getPartition:getPartition", {})["partition"] == "aws"
    assert cloud.invoke("aws:index/getRegion:getRegion", {})["region"] == "us-east-1"


@pytest.mark.parametrize(("zone", "expected"), [("eu-west-2b", "euw2-az2"), ("ap-southeast-1a", "apse1-az1")])
def test_zone_ids(zone: str, expected: str) -> None:
    assert zone_id(zone) == expected


def test_no_region(cloud: Engine) -> None:
    cloud.configure({})
    with pytest.raises(RefusedByProviderError, match="missing region"):
        cloud.preview(VPC, "v", {"cidrBlock": "10.0.0.0/16"})
