"""Vaults, policies, logs, add-ons and functions of the simulated Oracle Cloud."""

from datetime import UTC, datetime, timedelta

import pytest
from oracle_cloud import (
    ADDON,
    ALL_SERVICES,
    CLUSTER,
    COMPARTMENT,
    DYNAMIC_GROUP,
    KEY,
    LOG,
    LOG_GROUP,
    POLICY,
    TENANCY,
    VAULT,
    Inputs,
    create,
)
from simulated_cloud import Engine, RefusedByProviderError, Resource

from multimesh_lab.providers.oci import images, kms

OPTION = "oci:ContainerEngine/getNodePoolOption:getNodePoolOption"


def in_days(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


class TestKms:
    @pytest.fixture
    def vault(self, cloud: Engine) -> Resource:
        return create(cloud, VAULT, "vault", {"displayName": "vault", "vaultType": "DEFAULT"})

    @pytest.fixture
    def key_inputs(self, vault: Resource) -> Inputs:
        shape = {"algorithm": "AES", "length": 32}
        return {"displayName": "k", "keyShape": shape, "managementEndpoint": vault.outputs["managementEndpoint"]}

    def test_a_key_is_in_the_vault_of_its_endpoint(self, cloud: Engine, vault: Resource, key_inputs: Inputs) -> None:
        key = create(cloud, KEY, "key", key_inputs)
        assert (key.outputs["vaultId"], key.outputs["state"]) == (vault.id, "ENABLED")
        assert vault.outputs["managementEndpoint"].endswith("-management.kms.eu-frankfurt-1.oraclecloud.com")

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"managementEndpoint": "https://gone"}, "the managementEndpoint of an existing vault"),
            ({"keyShape": {"algorithm": "AES", "length": 256}}, "AES with a length of 256 bytes"),
            ({"keyShape": {"algorithm": "DES", "length": 16}}, "DES with a length"),
            ({"protectionMode": "EXTERNAL"}, "simulated are HSM and SOFTWARE"),
            ({"desiredState": "DISABLED"}, "can only be created in ENABLED state"),
        ],
    )
    def test_rules(self, cloud: Engine, key_inputs: Inputs, change: Inputs, message: str) -> None:
        with pytest.raises(RefusedByProviderError, match=message):
            create(cloud, KEY, "key", {**key_inputs, **change})

    def test_an_external_vault_is_not_simulated(self, cloud: Engine) -> None:
        with pytest.raises(RefusedByProviderError, match="simulated are DEFAULT and VIRTUAL_PRIVATE"):
            create(cloud, VAULT, "vault", {"displayName": "v", "vaultType": "EXTERNAL"})

    def test_what_forces_another_key(self, cloud: Engine, key_inputs: Inputs) -> None:
        key = create(cloud, KEY, "key", key_inputs)
        changed = {**key.inputs, "protectionMode": "SOFTWARE", "displayName": "other"}
        assert list(cloud.diff(key, changed).replaces) == ["protectionMode"]

    def test_deletion_is_scheduled_in_thirty_days(self, cloud: Engine, vault: Resource, key_inputs: Inputs) -> None:
        key = create(cloud, KEY, "key", key_inputs)
        cloud.delete(key)
        cloud.delete(vault)
        assert cloud.store.all() == []
        assert set(kms.pending(cloud.store)) == {key.id, vault.id}
        when = datetime.fromisoformat(kms.pending(cloud.store)[key.id])
        assert timedelta(days=29) < when - datetime.now(UTC) <= timedelta(days=30)

    @pytest.mark.parametrize("days", [1, 31])
    def test_seven_to_thirty_days(self, cloud: Engine, key_inputs: Inputs, days: int) -> None:
        key = create(cloud, KEY, "key", {**key_inputs, "timeOfDeletion": in_days(days)})
        with pytest.raises(RefusedByProviderError, match="must be 7 to 30 days from now"):
            cloud.delete(key)

    def test_a_time_that_is_none(self, cloud: Engine, key_inputs: Inputs) -> None:
        key = create(cloud, KEY, "key", {**key_inputs, "timeOfDeletion": "soon"})
        with pytest.raises(RefusedByProviderError, match="is not an RFC 3339 time"):
            cloud.delete(key)

    def test_a_vault_does_not_go_before_its_keys(self, cloud: Engine, vault: Resource, key_inputs: Inputs) -> None:
        key = create(cloud, KEY, "key", key_inputs)
        cloud.delete(key)
        soon = cloud.update(vault, {**vault.inputs, "timeOfDeletion": in_days(8)})
        with pytest.raises(RefusedByProviderError, match=r"409-Conflict, the key .* is scheduled to be deleted later"):
            cloud.delete(soon)


class TestIdentity:
    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"statements": []}, "must have at least one entry"),
            ({"statements": ["Let oke use keys"]}, "No permissions found"),
            ({"statements": ["Allow group admins to own keys in tenancy"]}, "No permissions found"),
            ({"name": "key users"}, "must be 1 to 100 letters"),
            ({"name": "Keys"}, "409-PolicyAlreadyExists, name 'Keys' is already used"),
        ],
    )
    def test_policies(self, cloud: Engine, change: Inputs, message: str) -> None:
        inputs = {"description": "d", "statements": ["Allow service oke to use keys in tenancy"], "name": "keys"}
        create(cloud, POLICY, "keys", inputs)
        with pytest.raises(RefusedByProviderError, match=message):
            create(cloud, POLICY, "more", {**inputs, "name": "more", **change})

    def test_statements_change_in_place_and_the_name_does_not(self, cloud: Engine) -> None:
        inputs = {"description": "d", "statements": ["Allow any-user to read all-resources in tenancy"]}
        policy = create(cloud, POLICY, "keys", inputs)
        changed = {**policy.inputs, "statements": ["Endorse any-user to use keys in any-tenancy"], "name": "other"}
        answer = cloud.diff(policy, changed)
        assert list(answer.replaces) == ["name"]
        assert sorted(answer.diffs) == ["name", "statements"]

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"compartmentId": COMPARTMENT}, "the OCID of the tenancy"),
            ({"matchingRule": "all clusters"}, "conditions in ALL"),
            ({"name": "clusters"}, "409-DynamicGroupAlreadyExists"),
        ],
    )
    def test_dynamic_groups(self, cloud: Engine, change: Inputs, message: str) -> None:
        rule = "ALL {resource.type = 'cluster'}"
        inputs = {"compartmentId": TENANCY, "description": "d", "matchingRule": rule, "name": "clusters"}
        create(cloud, DYNAMIC_GROUP, "clusters", inputs)
        with pytest.raises(RefusedByProviderError, match=message):
            create(cloud, DYNAMIC_GROUP, "more", {**inputs, "name": "more", **change})


class TestLogs:
    @pytest.fixture
    def group(self, cloud: Engine) -> Resource:
        return create(cloud, LOG_GROUP, "group", {"displayName": "oke"})

    @pytest.fixture
    def log_inputs(self, group: Resource, cluster: Resource) -> Inputs:
        source = {
            "category": "all-service-logs",
            "resource": cluster.id,
            "service": "oke-k8s-cp-prod",
            "sourceType": "OCISERVICE",
        }
        return {
            "displayName": "control-plane",
            "logGroupId": group.id,
            "logType": "SERVICE",
            "configuration": {"compartmentId": COMPARTMENT, "source": source},
            "retentionDuration": 30,
        }

    def test_a_log_of_a_cluster(self, cloud: Engine, group: Resource, log_inputs: Inputs) -> None:
        log = cloud.create(LOG, "log", log_inputs)
        assert (log.outputs["compartmentId"], log.outputs["isEnabled"]) == (COMPARTMENT, True)
        with pytest.raises(RefusedByProviderError, match="409-Conflict, The LogGroup"):
            cloud.delete(group)
        cloud.delete(log)
        cloud.delete(group)

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"logGroupId": "gone"}, "the OCID of an existing LogGroup"),
            ({"logType": "AUDIT"}, "must be CUSTOM or SERVICE"),
            ({"logType": "CUSTOM"}, "is not allowed for CUSTOM"),
            ({"configuration": None}, "is required for SERVICE"),
            ({"retentionDuration": 45}, "must be one of 30, 60, 90, 120, 150, 180"),
            ({"displayName": "control-plane"}, "displayName 'control-plane' is already used"),
            ({}, r"all-service-logs of .* is already logged by"),
        ],
    )
    def test_rules(self, cloud: Engine, log_inputs: Inputs, change: Inputs, message: str) -> None:
        cloud.create(LOG, "log", log_inputs)
        with pytest.raises(RefusedByProviderError, match=message):
            cloud.create(LOG, "more", {**log_inputs, "displayName": "more", **change})

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"sourceType": "AGENT"}, "must be 'OCISERVICE'"),
            ({"service": "oke"}, "is not simulated; simulated are oke-k8s-cp-prod, flowlogs"),
            ({"category": "etcd"}, "category 'etcd' of oke-k8s-cp-prod must be one of all-service-logs"),
            ({"resource": "gone"}, "the OCID of an existing Cluster"),
        ],
    )
    def test_sources(self, cloud: Engine, log_inputs: Inputs, change: Inputs, message: str) -> None:
        source = {**log_inputs["configuration"]["source"], **change}
        with pytest.raises(RefusedByProviderError, match=message):
            cloud.create(LOG, "log", {**log_inputs, "configuration": {"source": source}})

    def test_group_names_are_unique(self, cloud: Engine, group: Resource) -> None:
        with pytest.raises(RefusedByProviderError, match=f"displayName 'oke' is already used: '{group.id}'"):
            create(cloud, LOG_GROUP, "more", {"displayName": "oke"})

    def test_what_forces_another_log(self, cloud: Engine, log_inputs: Inputs) -> None:
        log = cloud.create(LOG, "log", log_inputs)
        source = {**log_inputs["configuration"]["source"], "category": "kube-apiserver"}
        changed = {**log_inputs, "retentionDuration": 60, "configuration": {"source": source}}
        assert list(cloud.diff(log, changed).replaces) == ["configuration"]


class TestAddons:
    def inputs(self, cluster: Resource, name: str = "CertManager") -> Inputs:
        return {"clusterId": cluster.id, "addonName": name, "removeAddonResourcesOnDelete": True}

    def test_an_addon(self, cloud: Engine, cluster: Resource) -> None:
        made = cloud.create(ADDON, "addon", self.inputs(cluster))
        assert made.id == f"clusters/{cluster.id}/addons/CertManager"
        changed = {**self.inputs(cluster), "version": "v1.16.1", "removeAddonResourcesOnDelete": False}
        assert not cloud.diff(made, changed).replaces
        assert cloud.update(made, changed).outputs["currentInstalledVersion"] == "v1.16.1"

    @pytest.mark.parametrize(
        ("name", "message"),
        [("Prometheus", "must be one of CertManager"), ("Flannel", "is for clusters with FLANNEL_OVERLAY")],
    )
    def test_rules(self, cloud: Engine, cluster: Resource, name: str, message: str) -> None:
        with pytest.raises(RefusedByProviderError, match=message):
            cloud.create(ADDON, "addon", self.inputs(cluster, name))

    def test_basic_clusters_have_none(self, cloud: Engine, cluster_inputs: Inputs) -> None:
        basic = cloud.create(CLUSTER, "basic", {**cluster_inputs, "type": "BASIC_CLUSTER"})
        with pytest.raises(RefusedByProviderError, match="cluster add-ons need an ENHANCED_CLUSTER"):
            cloud.create(ADDON, "addon", self.inputs(basic))


class TestFunctions:
    def test_services(self, cloud: Engine) -> None:
        answer = cloud.invoke(
            "oci:Core/getServices:getServices",
            {"filters": [{"name": "name", "values": ["All .* Services In Oracle Services Network"], "regex": True}]},
        )
        assert [each["cidrBlock"] for each in answer["services"]] == [ALL_SERVICES]
        exact = {"filters": [{"name": "cidrBlock", "values": ["all"]}]}
        assert cloud.invoke("oci:Core/getServices:getServices", exact)["services"] == []

    @pytest.mark.parametrize(("region", "count"), [("eu-frankfurt-1", 3), ("eu-zurich-1", 1)])
    def test_availability_domains(self, cloud: Engine, region: str, count: int) -> None:
        cloud.configure({"region": region})
        token = "oci:Identity/getAvailabilityDomains:getAvailabilityDomains"
        found = cloud.invoke(token, {"compartmentId": TENANCY})["availabilityDomains"]
        assert [each["name"] for each in found] == [f"LaBx:{region.upper()}-AD-{n + 1}" for n in range(count)]

    def test_cluster_options(self, cloud: Engine) -> None:
        answer = cloud.invoke("oci:ContainerEngine/getClusterOption:getClusterOption", {"clusterOptionId": "all"})
        assert answer["kubernetesVersions"][-1] == "v1.34.1"
        assert {each["cniType"] for each in answer["clusterPodNetworkOptions"]} == {
            "OCI_VCN_IP_NATIVE",
            "FLANNEL_OVERLAY",
        }

    def test_images_come_newest_first(self, cloud: Engine) -> None:
        sources = cloud.invoke(OPTION, {"nodePoolOptionId": "all"})["sources"]
        names = [each["sourceName"] for each in sources]
        assert {"Oracle-Linux-8.10-2025.09.16-0-OKE-1.34.1-1191"} < set(names)
        assert any("aarch64" in name for name in names)
        assert any("Gen2-GPU" in name for name in names)
        dates = [name.split("-0-OKE-")[0][-10:] for name in names]
        assert dates == sorted(dates, reverse=True)
        assert len({each["imageId"] for each in sources}) == len(sources)

    def test_a_newer_image_appears(self, cloud: Engine) -> None:
        newer = "Oracle-Linux-8.10-2025.11.20-0-OKE-1.34.1-1345"
        before = cloud.invoke(OPTION, {"nodePoolOptionId": "all"})["sources"]
        images.add(cloud.store, newer)
        after = cloud.invoke(OPTION, {"nodePoolOptionId": "all"})["sources"]
        assert after[0]["sourceName"] == newer
        assert after[1:] == before

    def test_an_image_is_named_as_okes_are(self, cloud: Engine) -> None:
        with pytest.raises(ValueError, match="is not named like Oracle-Linux"):
            images.add(cloud.store, "Ubuntu-24.04")

    @pytest.mark.parametrize(
        ("argument", "value", "part"),
        [
            ("nodePoolK8sVersion", "v1.32.1", "-OKE-1.32.1-"),
            ("nodePoolOsArch", "AARCH64", "-aarch64-"),
            ("nodePoolOsType", "OL8", "Oracle-Linux-8"),
        ],
    )
    def test_images_can_be_narrowed(self, cloud: Engine, argument: str, value: str, part: str) -> None:
        found = cloud.invoke(OPTION, {"nodePoolOptionId": "all", argument: value})["images"]
        assert found
        assert all(part in name for name in found)

    def test_others_are_refused(self, cloud: Engine) -> None:
        with pytest.raises(RefusedByProviderError, match="is not simulated; simulated are"):
            cloud.invoke("oci:Core/getImages:getImages", {"compartmentId": COMPARTMENT})

    def test_an_unknown_region_is_refused(self, cloud: Engine) -> None:
        cloud.configure({"region": "mars-1"})
        with pytest.raises(RefusedByProviderError, match="is not one of the simulated regions"):
            cloud.invoke("oci:Core/getServices:getServices", {})


def test_a_type_without_behaviour_is_refused(cloud: Engine) -> None:
    with pytest.raises(RefusedByProviderError, match=r"is not simulated; simulated are .*oci:Core/vcn"):
        cloud.create("oci:ObjectStorage/bucket:Bucket", "b", {"compartmentId": COMPARTMENT})
