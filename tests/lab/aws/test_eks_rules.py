"""Rules of EKS that a change can break: versions, sizes, encryption, logs and rights."""

from pathlib import Path
from typing import Any

import pytest
from eks_cluster import cluster_inputs, role_of_eks
from simulated_cloud import CheckFailedError, Engine, FakeRuntime, RefusedByProviderError, Resource, home_in

from multimesh_lab.providers.aws.provider import provider
from multimesh_lab.providers.wire import UNKNOWN

CLUSTER = "aws:eks/cluster:Cluster"
NODES = "aws:eks/nodeGroup:NodeGroup"
ADDON = "aws:eks/addon:Addon"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
INLINE = "aws:iam/rolePolicy:RolePolicy"
LOGS = "aws:cloudwatch/logGroup:LogGroup"
Inputs = dict[str, Any]


@pytest.fixture
def cloud(tmp_path: Path) -> Engine:
    return Engine(provider(home_in(tmp_path), FakeRuntime()), {"region": "us-east-1"})


@pytest.fixture
def role(cloud: Engine) -> Resource:
    return role_of_eks(cloud)


@pytest.fixture
def inputs(cloud: Engine, role: Resource) -> Inputs:
    return cluster_inputs(cloud, role)


@pytest.fixture
def cluster(cloud: Engine, inputs: Inputs) -> Resource:
    return cloud.create(CLUSTER, "shop", inputs)


def addon(name: str, **more: Any) -> Inputs:
    return {"clusterName": "shop", "addonName": name, **more}


def nodes(cluster: Resource, role: Resource, **more: Any) -> Inputs:
    return {
        "clusterName": cluster.id,
        "nodeRoleArn": role.outputs["arn"],
        "subnetIds": cluster.inputs["vpcConfig"]["subnetIds"],
        "scalingConfig": {"minSize": 1, "desiredSize": 1, "maxSize": 1},
        **more,
    }


class TestVersions:
    def test_a_minor_at_a_time(self, cloud: Engine, cluster: Resource, inputs: Inputs) -> None:
        after = cloud.update(cluster, {**inputs, "version": "1.34"})
        assert after.outputs["version"] == "1.34"
        assert not cloud.diff(cluster, {**inputs, "version": "1.34"}).replaces

    @pytest.mark.parametrize("version", ["1.35", "1.32"])
    def test_no_leap_and_no_way_back(self, cloud: Engine, cluster: Resource, inputs: Inputs, version: str) -> None:
        with pytest.raises(RefusedByProviderError, match=f"from 1.33 to {version}"):
            cloud.update(cluster, {**inputs, "version": version})

    def test_an_unknown_version(self, cloud: Engine, inputs: Inputs) -> None:
        with pytest.raises(RefusedByProviderError, match=r"unsupported Kubernetes version 1\.20"):
            cloud.create(CLUSTER, "shop", {**inputs, "version": "1.20"})

    @pytest.mark.parametrize(("version", "reason"), [("1.34", "does not go with"), ("1.29", "does not go with")])
    def test_nodes_are_not_newer_nor_much_older(
        self, cloud: Engine, cluster: Resource, role: Resource, version: str, reason: str
    ) -> None:
        cloud.create(ADDON, "cni", addon("vpc-cni"))
        with pytest.raises(RefusedByProviderError, match=reason):
            cloud.create(NODES, "pool", nodes(cluster, role, version=version))

    def test_nodes_do_not_go_back(self, cloud: Engine, cluster: Resource, role: Resource) -> None:
        cloud.create(ADDON, "cni", addon("vpc-cni"))
        pool = cloud.create(NODES, "pool", nodes(cluster, role, version="1.33"))
        with pytest.raises(RefusedByProviderError, match=r"cannot be rolled back from 1\.33 to 1\.32"):
            cloud.update(pool, nodes(cluster, role, version="1.32"))

    @pytest.mark.parametrize("build", ["1.20.4", "v1.20", "latest"])
    def test_a_build_that_is_none(self, cloud: Engine, cluster: Resource, build: str) -> None:
        with pytest.raises(RefusedByProviderError, match="versions look like"):
            cloud.create(ADDON, "cni", addon("vpc-cni", addonVersion=build))

    def test_a_proxy_newer_than_the_control_plane(self, cloud: Engine, cluster: Resource) -> None:
        with pytest.raises(RefusedByProviderError, match=r"does not go with Kubernetes 1\.33"):
            cloud.create(ADDON, "proxy", addon("kube-proxy", addonVersion="v1.34.0-eksbuild.4"))


class TestNodes:
    @pytest.mark.parametrize(
        ("wrong", "path"),
        [
            ({"updateConfig": {"maxUnavailable": 0}}, "updateConfig.maxUnavailable"),
            ({"updateConfig": {"maxUnavailable": 101}}, "updateConfig.maxUnavailable"),
            ({"taints": [{"key": "a", "effect": "NoSchedule"}]}, "taints[0].effect"),
            ({"capacityType": "spot"}, "capacityType"),
        ],
    )
    def test_values_that_the_api_refuses(
        self, cloud: Engine, cluster: Resource, role: Resource, wrong: Inputs, path: str
    ) -> None:
        with pytest.raises(CheckFailedError) as failed:
            cloud.check(NODES, "pool", nodes(cluster, role, **wrong))
        assert failed.value.paths == [path]

    def test_another_template_version_is_unknown_while_it_is_previewed(self, cloud: Engine) -> None:
        template = cloud.create(TEMPLATE, "t", {"imageId": "ami-1", "updateDefaultVersion": True})
        assert template.outputs["latestVersion"] == 1
        assert cloud.update(template, {"imageId": "ami-2"}, preview=True).raw["latestVersion"] is UNKNOWN
        tagged = {"imageId": "ami-1", "updateDefaultVersion": True, "tags": {"a": "b"}}
        assert cloud.update(template, tagged, preview=True).raw["latestVersion"] == 1
        after = cloud.update(template, {"imageId": "ami-2", "updateDefaultVersion": True})
        assert (after.outputs["latestVersion"], after.outputs["defaultVersion"]) == (2, 2)


class TestSurroundings:
    def test_encryption_comes_in_place_and_never_goes(self, cloud: Engine, inputs: Inputs) -> None:
        key = cloud.create("aws:kms/key:Key", "key", {})
        encryption = {"provider": {"keyArn": key.outputs["arn"]}, "resources": ["secrets"]}
        plain = cloud.create(CLUSTER, "shop", inputs)
        assert not cloud.diff(plain, {**inputs, "encryptionConfig": encryption}).replaces
        encrypted = cloud.update(plain, {**inputs, "encryptionConfig": encryption})
        assert list(cloud.diff(encrypted, inputs).replaces) == ["encryptionConfig"]

    def test_more_ranges_than_eks_admits(self, cloud: Engine, inputs: Inputs) -> None:
        ranges = [f"203.0.113.{last}/32" for last in range(41)]
        with pytest.raises(RefusedByProviderError, match="41 public access CIDR blocks; at most 40"):
            cloud.create(CLUSTER, "shop", {**inputs, "vpcConfig": {**inputs["vpcConfig"], "publicAccessCidrs": ranges}})

    def test_a_retention_that_cloudwatch_does_not_have(self, cloud: Engine) -> None:
        with pytest.raises(CheckFailedError) as failed:
            cloud.check(LOGS, "logs", {"retentionInDays": 31})
        assert failed.value.paths == ["retentionInDays"]

    def test_a_pod_identity_whose_role_is_not_there(self, cloud: Engine, cluster: Resource) -> None:
        identity = {"serviceAccount": "sa", "roleArn": "arn:aws:iam::123456789012:role/none"}
        with pytest.raises(RefusedByProviderError, match="role/none"):
            cloud.create(ADDON, "ebs", addon("vpc-cni", podIdentityAssociations=[identity]))

    def test_an_inline_policy_needs_its_role_and_goes_before_it(self, cloud: Engine, role: Resource) -> None:
        with pytest.raises(RefusedByProviderError, match="NoSuchEntity"):
            cloud.create(INLINE, "rights", {"role": "nobody", "policy": "{}"})
        with pytest.raises(CheckFailedError, match="invalid JSON"):
            cloud.check(INLINE, "rights", {"role": role.id, "policy": "{"})
        with pytest.raises(RefusedByProviderError, match="LimitExceeded"):
            cloud.create(INLINE, "rights", {"role": role.id, "policy": '"' + "x" * 10240 + '"'})
        rights = cloud.create(INLINE, "rights", {"role": role.id, "policy": "{}"})
        with pytest.raises(RefusedByProviderError, match="DeleteConflict"):
            cloud.delete(role)
        cloud.delete(rights)
        cloud.delete(role)
