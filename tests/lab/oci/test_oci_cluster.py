"""OKE clusters of the simulated Oracle Cloud: a whole one, and every rule broken once."""

from typing import Any

import pytest
from oracle_cloud import (
    CLUSTER,
    COMPARTMENT,
    SUBNET,
    Inputs,
    Network,
    create,
)
from simulated_cloud import CheckFailedError, Engine, FakeRuntime, RefusedByProviderError, Resource

from multimesh_lab.providers.wire import UNKNOWN


def with_endpoint(inputs: Inputs, **change: Any) -> Inputs:
    return {**inputs, "endpointConfig": {**inputs["endpointConfig"], **change}}


def with_range(inputs: Inputs, **change: str) -> Inputs:
    return {**inputs, "options": {"kubernetesNetworkConfig": change}}


class TestCluster:
    def test_outputs_are_those_of_oke(self, cluster: Resource) -> None:
        endpoint = cluster.outputs["endpoints"][0]
        assert endpoint["publicEndpoint"] == "198.18.0.11:6443"
        assert endpoint["privateEndpoint"] == "10.0.0.2:6443"
        assert endpoint["kubernetes"] == ""
        assert cluster.outputs["openIdConnectDiscoveryEndpoint"] == "https://198.18.0.11/oidc"
        assert cluster.outputs["availableKubernetesUpgrades"] == ["v1.34.1"]
        assert cluster.outputs["metadatas"][0]["timeCreated"] == "2026-01-01 00:00:00 +0000 UTC"
        assert cluster.outputs["state"] == "ACTIVE"
        assert cluster.id.startswith("ocid1.cluster.oc1.eu-frankfurt-1.aaaaaaaa")

    def test_the_lab_is_asked_for_it(self, cluster: Resource, runtime: FakeRuntime) -> None:
        request = runtime.clusters[f"oci/{cluster.id}"]
        assert (request.cloud, request.region, request.kubernetes_version) == ("oci", "eu-frankfurt-1", "v1.33.1")

    def test_its_name_is_made_from_that_of_the_resource(self, cloud: Engine, cluster: Resource) -> None:
        assert cluster.outputs["name"].startswith("OKE-")
        assert len(cluster.outputs["name"]) == len("OKE-") + 7
        after = cloud.update(cluster, {k: v for k, v in cluster.inputs.items() if k not in ("name", "__defaults")})
        assert after.outputs["name"] == cluster.outputs["name"]

    def test_a_cluster_made_anew_has_another_id(self, cloud: Engine, cluster_inputs: Inputs) -> None:
        first = cloud.create(CLUSTER, "oke", cluster_inputs)
        cloud.delete(first)
        assert cloud.create(CLUSTER, "oke", cluster_inputs).id != first.id

    def test_preview_knows_inputs_and_nothing_computed(self, cloud: Engine, cluster_inputs: Inputs) -> None:
        seen = cloud.preview(CLUSTER, "oke", cluster_inputs)
        assert seen["type"] == "ENHANCED_CLUSTER"
        assert seen["endpoints"] is UNKNOWN
        assert seen["kmsKeyId"] is UNKNOWN
        assert not cloud.store.all(CLUSTER)

    def test_automatic_tags_are_outputs_and_no_difference(
        self, cloud: Engine, cluster: Resource, cluster_inputs: Inputs
    ) -> None:
        assert "Oracle-Tags.CreatedBy" in cluster.outputs["definedTags"]
        assert not cloud.diff(cluster, cluster_inputs).diffs
        read = cloud.read(cluster)
        assert read is not None
        assert not cloud.diff(read, cluster_inputs).diffs

    def test_tags_of_the_program_differ_for_ever(self, cloud: Engine, cluster_inputs: Inputs) -> None:
        inputs = {**cluster_inputs, "definedTags": {"Cost.Centre": "42"}}
        made = cloud.create(CLUSTER, "oke", inputs)
        assert list(cloud.diff(made, inputs).diffs) == ["definedTags"]

    def test_a_tag_changes_in_place(self, cloud: Engine, cluster: Resource, cluster_inputs: Inputs) -> None:
        changed = {**cluster_inputs, "freeformTags": {"owner": "mesh"}}
        answer = cloud.diff(cluster, changed)
        assert (list(answer.diffs), list(answer.replaces)) == (["freeformTags"], [])
        after = cloud.update(cluster, changed)
        assert after.outputs["freeformTags"] == {"owner": "mesh"}
        assert after.outputs["endpoints"] == cluster.outputs["endpoints"]

    @pytest.mark.parametrize(
        ("change", "path"),
        [
            ({"compartmentId": "ocid1.compartment.oc1..other"}, "compartmentId"),
            ({"clusterPodNetworkOptions": [{"cniType": "FLANNEL_OVERLAY"}]}, "clusterPodNetworkOptions"),
            ({"endpointConfig": {"subnetId": "another"}}, "endpointConfig"),
            ({"kmsKeyId": "a-key"}, "kmsKeyId"),
            ({"options": {"serviceLbSubnetIds": ["a"]}}, "options"),
        ],
    )
    def test_what_forces_another_cluster(
        self, cloud: Engine, cluster: Resource, cluster_inputs: Inputs, change: Inputs, path: str
    ) -> None:
        assert list(cloud.diff(cluster, {**cluster_inputs, **change}).replaces) == [path]

    def test_what_does_not(self, cloud: Engine, cluster: Resource, cluster_inputs: Inputs) -> None:
        changed = {**with_endpoint(cluster_inputs, nsgIds=[], isPublicIpEnabled=False), "kubernetesVersion": "v1.34.1"}
        assert not cloud.diff(cluster, changed).replaces

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"compartmentId": "root"}, "must be the OCID of a compartment"),
            ({"vcnId": "gone"}, "the OCID of an existing Vcn"),
            ({"kubernetesVersion": "1.33.1"}, "must have the form vX.Y.Z"),
            ({"kubernetesVersion": "v1.22.5"}, "is not supported; supported are v1.30.1"),
            ({"type": "VIRTUAL"}, "must be BASIC_CLUSTER or ENHANCED_CLUSTER"),
            ({"clusterPodNetworkOptions": [{"cniType": "CILIUM"}]}, "must be OCI_VCN_IP_NATIVE or"),
            ({"endpointConfig": None}, "endpointConfig is required with type ENHANCED_CLUSTER"),
            ({"type": "BASIC_CLUSTER", "endpointConfig": None}, "and cniType OCI_VCN_IP_NATIVE"),
            ({"endpointConfig": {"subnetId": "gone"}}, "the OCID of an existing Subnet"),
            ({"options": {"serviceLbSubnetIds": ["gone"]}}, "serviceLbSubnetIds"),
            ({"kmsKeyId": "gone"}, "the OCID of an existing Key"),
        ],
    )
    def test_rules(self, cloud: Engine, cluster_inputs: Inputs, change: Inputs, message: str) -> None:
        with pytest.raises(RefusedByProviderError, match=message):
            cloud.create(CLUSTER, "oke", {**cluster_inputs, **change})
        assert not cloud.store.all(CLUSTER)

    def test_a_public_endpoint_needs_a_public_subnet(
        self, cloud: Engine, cluster_inputs: Inputs, network: Network
    ) -> None:
        with pytest.raises(RefusedByProviderError, match="is private"):
            cloud.create(CLUSTER, "oke", with_endpoint(cluster_inputs, subnetId=network.workers.id))

    def test_the_endpoint_is_in_the_vcn(self, cloud: Engine, cluster_inputs: Inputs) -> None:
        other = create(cloud, "oci:Core/vcn:Vcn", "other", {"cidrBlocks": ["10.0.0.0/16"]})
        with pytest.raises(RefusedByProviderError, match=r"endpointConfig.subnetId: .* is in the VCN"):
            cloud.create(CLUSTER, "oke", {**cluster_inputs, "vcnId": other.id})

    @pytest.mark.parametrize(
        ("ranges", "cni", "message"),
        [
            ({"servicesCidr": "10.0.128.0/20"}, "OCI_VCN_IP_NATIVE", r"servicesCidr: 10.0.128.0/20 overlaps 10.0.0.0"),
            ({"podsCidr": "10.0.64.0/18"}, "FLANNEL_OVERLAY", r"podsCidr: 10.0.64.0/18 overlaps 10.0.0.0/16"),
            ({"podsCidr": "10.96.0.0/12"}, "FLANNEL_OVERLAY", "overlaps 10.96.0.0/16 of servicesCidr"),
        ],
    )
    def test_ranges_of_its_own(
        self, cloud: Engine, cluster_inputs: Inputs, ranges: dict[str, str], cni: str, message: str
    ) -> None:
        inputs = {**with_range(cluster_inputs, **ranges), "clusterPodNetworkOptions": [{"cniType": cni}]}
        with pytest.raises(RefusedByProviderError, match=message):
            cloud.create(CLUSTER, "oke", inputs)

    def test_pods_of_the_vcn_are_in_its_range(self, cloud: Engine, cluster_inputs: Inputs) -> None:
        """With VCN-native networking the pods' range is not used, so it may be any."""
        cloud.create(CLUSTER, "oke", with_range(cluster_inputs, podsCidr="10.0.32.0/19"))

    @pytest.mark.parametrize(
        ("before", "after", "message"),
        [
            ("v1.33.1", "v1.32.1", "cannot be downgraded"),
            ("v1.31.1", "v1.33.1", r"available are \['v1.31.10', 'v1.32.1'\]"),
        ],
    )
    def test_upgrades_go_one_step(
        self, cloud: Engine, cluster_inputs: Inputs, before: str, after: str, message: str
    ) -> None:
        made = cloud.create(CLUSTER, "oke", {**cluster_inputs, "kubernetesVersion": before})
        with pytest.raises(RefusedByProviderError, match=message):
            cloud.update(made, {**cluster_inputs, "kubernetesVersion": after})

    def test_an_upgrade_tells_what_is_next(self, cloud: Engine, cluster: Resource, cluster_inputs: Inputs) -> None:
        after = cloud.update(cluster, {**cluster_inputs, "kubernetesVersion": "v1.34.1"})
        assert after.outputs["availableKubernetesUpgrades"] == []

    def test_enhanced_stays_enhanced(self, cloud: Engine, cluster: Resource, cluster_inputs: Inputs) -> None:
        with pytest.raises(RefusedByProviderError, match="cannot be downgraded to BASIC_CLUSTER"):
            cloud.update(cluster, {**cluster_inputs, "type": "BASIC_CLUSTER"})

    def test_basic_becomes_enhanced(self, cloud: Engine, cluster_inputs: Inputs) -> None:
        made = cloud.create(CLUSTER, "oke", {**cluster_inputs, "type": "BASIC_CLUSTER"})
        assert not cloud.diff(made, cluster_inputs).replaces
        assert cloud.update(made, cluster_inputs).outputs["type"] == "ENHANCED_CLUSTER"

    def test_nothing_is_left_of_it(self, cloud: Engine, cluster: Resource, runtime: FakeRuntime) -> None:
        cloud.delete(cluster)
        assert cloud.read(cluster) is None
        assert not runtime.clusters
        assert not list((cloud.store.folder / "clusters").iterdir())

    def test_drift_is_seen_and_put_right(self, cloud: Engine, cluster: Resource, cluster_inputs: Inputs) -> None:
        tagged = cloud.update(cluster, {**cluster_inputs, "freeformTags": {"owner": "mesh"}})
        cloud.store.change(CLUSTER, cluster.id, {"freeformTags": {"owner": "someone"}})
        read = cloud.read(tagged)
        assert read is not None
        answer = cloud.diff(read, {**cluster_inputs, "freeformTags": {"owner": "mesh"}})
        assert (list(answer.diffs), list(answer.replaces)) == (["freeformTags"], [])

    def test_no_region_is_an_error_at_preview(self, cloud: Engine, cluster_inputs: Inputs) -> None:
        cloud.configure({})
        with pytest.raises(RefusedByProviderError, match="set the configuration oci:region"):
            cloud.create(CLUSTER, "oke", cluster_inputs)

    def test_check_names_every_fault(self, cloud: Engine) -> None:
        with pytest.raises(CheckFailedError) as caught:
            cloud.check(CLUSTER, "oke", {"compartmentId": COMPARTMENT, "vcnld": "x", "kubernetesVersion": 1})
        assert caught.value.paths == ["kubernetesVersion", "vcnId", "vcnld"]


def test_the_endpoints_subnet_stays(cloud: Engine, cluster: Resource, network: Network) -> None:
    with pytest.raises(RefusedByProviderError, match=r"409-Conflict, The Subnet .* is referenced by .*Cluster"):
        cloud.delete(network.api)
    assert cloud.store.get(SUBNET, network.api.id) is not None
