"""Rules of GKE that a change can break: versions, windows, keys, zones, pools."""

from pathlib import Path
from typing import Any

import pytest
from simulated_cloud import CheckFailedError, Engine, FakeRuntime, RefusedByProviderError, Resource, home_in

from multimesh_lab.providers.gcp.provider import provider
from multimesh_lab.providers.wire import UNKNOWN

CLUSTER = "gcp:container/cluster:Cluster"
POOL = "gcp:container/nodePool:NodePool"
RING = "gcp:kms/keyRing:KeyRing"
KEY = "gcp:kms/cryptoKey:CryptoKey"
USER = "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember"
Inputs = dict[str, Any]


@pytest.fixture
def cloud(tmp_path: Path) -> Engine:
    return Engine(provider(home_in(tmp_path), FakeRuntime()), {"project": "acme-dev", "region": "europe-west4"})


@pytest.fixture
def inputs(cloud: Engine) -> Inputs:
    network = cloud.create("gcp:compute/network:Network", "net", {"autoCreateSubnetworks": False})
    ranges = [
        {"rangeName": "pods", "ipCidrRange": "10.4.0.0/14"},
        {"rangeName": "services", "ipCidrRange": "10.8.0.0/20"},
    ]
    subnet = cloud.create(
        "gcp:compute/subnetwork:Subnetwork",
        "nodes",
        {"network": network.id, "ipCidrRange": "10.0.0.0/20", "secondaryIpRanges": ranges},
    )
    return {
        "name": "shop",
        "location": "europe-west4",
        "network": network.id,
        "subnetwork": subnet.id,
        "ipAllocationPolicy": {"clusterSecondaryRangeName": "pods", "servicesSecondaryRangeName": "services"},
        "removeDefaultNodePool": True,
        "initialNodeCount": 1,
        "minMasterVersion": "1.34",
    }


@pytest.fixture
def cluster(cloud: Engine, inputs: Inputs) -> Resource:
    return cloud.create(CLUSTER, "shop", inputs)


def pool(**more: Any) -> Inputs:
    return {"cluster": "shop", "location": "europe-west4", "initialNodeCount": 1, **more}


def window(hours: int, recurrence: str) -> Inputs:
    recurring = {
        "startTime": "2026-01-01T03:00:00Z",
        "endTime": f"2026-01-01T{3 + hours:02}:00:00Z",
        "recurrence": recurrence,
    }
    return {"maintenancePolicy": {"recurringWindow": recurring}}


class TestVersions:
    def test_the_least_version_rises_in_place(self, cloud: Engine, inputs: Inputs) -> None:
        old = cloud.create(CLUSTER, "shop", {**inputs, "minMasterVersion": None})
        minor = int(old.outputs["masterVersion"].split(".")[1])
        asked = {**inputs, "minMasterVersion": f"1.{minor + 1}"}
        assert not cloud.diff(old, asked).replaces
        assert cloud.update(old, asked).outputs["masterVersion"].startswith(f"1.{minor + 1}.")

    def test_no_leap(self, cloud: Engine, inputs: Inputs) -> None:
        old = cloud.create(CLUSTER, "shop", {**inputs, "minMasterVersion": None})
        minor = int(old.outputs["masterVersion"].split(".")[1])
        with pytest.raises(RefusedByProviderError, match="only the next minor"):
            cloud.update(old, {**inputs, "minMasterVersion": f"1.{minor + 2}"})

    def test_a_lower_least_version_asks_for_nothing(self, cloud: Engine, inputs: Inputs) -> None:
        old = cloud.create(CLUSTER, "shop", {**inputs, "minMasterVersion": None})
        after = cloud.update(old, {**inputs, "minMasterVersion": "1.30"})
        assert after.outputs["masterVersion"] == old.outputs["masterVersion"]

    def test_a_version_that_is_none(self, cloud: Engine, inputs: Inputs) -> None:
        with pytest.raises(RefusedByProviderError, match="is invalid"):
            cloud.create(CLUSTER, "shop", {**inputs, "minMasterVersion": "v1.34"})


class TestWindows:
    @pytest.mark.parametrize(
        ("hours", "recurrence"), [(4, "FREQ=DAILY"), (12, "FREQ=WEEKLY;BYDAY=SA"), (6, "FREQ=WEEKLY;BYDAY=SA,SU")]
    )
    def test_long_enough(self, cloud: Engine, inputs: Inputs, hours: int, recurrence: str) -> None:
        assert cloud.create(CLUSTER, "shop", {**inputs, **window(hours, recurrence)})

    @pytest.mark.parametrize(
        ("hours", "recurrence", "message"),
        [
            (3, "FREQ=DAILY", "at least 4"),
            (11, "FREQ=WEEKLY;BYDAY=SA", "longer than 32d without 48h"),
            (5, "FREQ=WEEKLY;BYDAY=SA,SU", "longer than 32d without 48h"),
        ],
    )
    def test_too_short(self, cloud: Engine, inputs: Inputs, hours: int, recurrence: str, message: str) -> None:
        with pytest.raises(RefusedByProviderError, match=message):
            cloud.create(CLUSTER, "shop", {**inputs, **window(hours, recurrence)})


class TestKeys:
    def key(self, cloud: Engine, location: str) -> Resource:
        ring = cloud.create(RING, "ring", {"location": location})
        return cloud.create(KEY, "key", {"keyRing": ring.id})

    def encrypted(self, inputs: Inputs, key: Resource) -> Inputs:
        return {**inputs, "databaseEncryption": {"state": "ENCRYPTED", "keyName": key.id}}

    def grant(self, cloud: Engine, key: Resource) -> None:
        number = cloud.invoke("gcp:organizations/getProject:getProject", {})["number"]
        member = f"serviceAccount:service-{number}@container-engine-robot.iam.gserviceaccount.com"
        role = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
        cloud.create(USER, "agent", {"cryptoKeyId": key.id, "role": role, "member": member})

    def test_the_service_agent_must_be_allowed_to_use_it(self, cloud: Engine, inputs: Inputs) -> None:
        key = self.key(cloud, "europe-west4")
        with pytest.raises(RefusedByProviderError, match="lacks the permission"):
            cloud.create(CLUSTER, "shop", self.encrypted(inputs, key))
        self.grant(cloud, key)
        assert cloud.create(CLUSTER, "shop", self.encrypted(inputs, key))

    def test_it_lies_in_the_clusters_region(self, cloud: Engine, inputs: Inputs) -> None:
        key = self.key(cloud, "us-east1")
        self.grant(cloud, key)
        with pytest.raises(RefusedByProviderError, match="must be in the cluster's region 'europe-west4'"):
            cloud.create(CLUSTER, "shop", self.encrypted(inputs, key))

    def test_a_key_is_out_of_the_inventory_and_its_name_stays_taken(self, cloud: Engine) -> None:
        ring = cloud.create(RING, "ring", {"location": "europe-west4", "name": "ring"})
        key = cloud.create(KEY, "key", {"keyRing": ring.id, "name": "key"})
        cloud.delete(key)
        assert not cloud.store.all(KEY)
        with pytest.raises(RefusedByProviderError, match="already exists"):
            cloud.create(KEY, "key", {"keyRing": ring.id, "name": "key"})


class TestCluster:
    def test_zones_of_another_region(self, cloud: Engine, inputs: Inputs) -> None:
        with pytest.raises(RefusedByProviderError, match="'us-east1-b' is not in the cluster's region"):
            cloud.create(CLUSTER, "shop", {**inputs, "nodeLocations": ["europe-west4-a", "us-east1-b"]})

    def test_logs_of_a_component_that_is_none(self, cloud: Engine, inputs: Inputs) -> None:
        with pytest.raises(CheckFailedError) as failed:
            cloud.check(CLUSTER, "shop", {**inputs, "loggingConfig": {"enableComponents": ["API_SERVER"]}})
        assert failed.value.paths == ["loggingConfig.enableComponents[0]"]

    def test_the_endpoint_by_name_is_unknown_until_it_is_there_and_stays(self, cloud: Engine, inputs: Inputs) -> None:
        named = {**inputs, "controlPlaneEndpointsConfig": {"dnsEndpointConfig": {"allowExternalTraffic": True}}}
        seen = cloud.preview(CLUSTER, "shop", named)
        assert seen["controlPlaneEndpointsConfig"]["dnsEndpointConfig"]["endpoint"] is UNKNOWN
        made = cloud.create(CLUSTER, "shop", named)
        door = made.outputs["controlPlaneEndpointsConfig"]["dnsEndpointConfig"]["endpoint"]
        assert door.endswith(".europe-west4.gke.goog")
        after = cloud.update(made, {**named, "resourceLabels": {"a": "b"}}, preview=True)
        assert after.outputs["controlPlaneEndpointsConfig"]["dnsEndpointConfig"]["endpoint"] == door


class TestPools:
    def test_taints_in_gkes_own_words(self, cloud: Engine) -> None:
        with pytest.raises(CheckFailedError) as failed:
            cloud.check(POOL, "apps", pool(nodeConfig={"taints": [{"key": "a", "value": "", "effect": "NoSchedule"}]}))
        assert failed.value.paths == ["nodeConfig.taints[0].effect"]

    @pytest.mark.usefixtures("cluster")
    @pytest.mark.parametrize(("surge", "away"), [(0, 0), (20, 1)])
    def test_an_upgrade_needs_a_way_forward(self, cloud: Engine, surge: int, away: int) -> None:
        with pytest.raises(RefusedByProviderError, match="their sum must be in 1 to 20"):
            cloud.create(POOL, "apps", pool(upgradeSettings={"maxSurge": surge, "maxUnavailable": away}))

    @pytest.mark.usefixtures("cluster")
    def test_zones_of_another_region(self, cloud: Engine) -> None:
        with pytest.raises(RefusedByProviderError, match="is not in the cluster's region"):
            cloud.create(POOL, "apps", pool(nodeLocations=["us-east1-b"]))


class TestGroups:
    def test_the_group_has_a_fixed_name_and_comes_in_place(
        self, cloud: Engine, cluster: Resource, inputs: Inputs
    ) -> None:
        wanted = {**inputs, "authenticatorGroupsConfig": {"securityGroup": "gke-security-groups@example.com"}}
        assert not cloud.diff(cluster, wanted).replaces
        assert cloud.update(cluster, wanted).outputs["authenticatorGroupsConfig"]["securityGroup"].startswith("gke-")
        with pytest.raises(RefusedByProviderError, match="must be gke-security-groups@DOMAIN"):
            cloud.update(cluster, {**inputs, "authenticatorGroupsConfig": {"securityGroup": "ops@example.com"}})
