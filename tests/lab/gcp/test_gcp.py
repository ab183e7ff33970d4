"""The simulated Google Cloud: a whole cluster, and every rule broken once."""

from pathlib import Path
from typing import Any

import pytest
from simulated_cloud import CheckFailedError, Engine, FakeRuntime, RefusedByProviderError, Resource, home_in

from multimesh_lab.providers.gcp.provider import provider
from multimesh_lab.providers.wire import UNKNOWN, Secret

NETWORK = "gcp:compute/network:Network"
SUBNETWORK = "gcp:compute/subnetwork:Subnetwork"
ADDRESS = "gcp:compute/address:Address"
ROUTER = "gcp:compute/router:Router"
NAT = "gcp:compute/routerNat:RouterNat"
FIREWALL = "gcp:compute/firewall:Firewall"
CLUSTER = "gcp:container/cluster:Cluster"
POOL = "gcp:container/nodePool:NodePool"
ACCOUNT = "gcp:serviceaccount/account:Account"
GRANT = "gcp:projects/iAMMember:IAMMember"
Inputs = dict[str, Any]


@pytest.fixture
def runtime() -> FakeRuntime:
    return FakeRuntime()


@pytest.fixture
def cloud(tmp_path: Path, runtime: FakeRuntime) -> Engine:
    return Engine(provider(home_in(tmp_path), runtime), {"project": "acme-dev", "region": "europe-west4"})


def subnet_inputs(network: Resource) -> Inputs:
    ranges = [
        {"rangeName": "pods", "ipCidrRange": "10.4.0.0/14"},
        {"rangeName": "services", "ipCidrRange": "10.8.0.0/20"},
    ]
    return {"network": network.id, "ipCidrRange": "10.0.0.0/20", "secondaryIpRanges": ranges}


@pytest.fixture
def network(cloud: Engine) -> Resource:
    return cloud.create(NETWORK, "net", {"autoCreateSubnetworks": False})


@pytest.fixture
def subnet(cloud: Engine, network: Resource) -> Resource:
    return cloud.create(SUBNETWORK, "nodes", subnet_inputs(network))


@pytest.fixture
def cluster_inputs(network: Resource, subnet: Resource) -> Inputs:
    return {
        "location": "europe-west4",
        "network": network.id,
        "subnetwork": subnet.id,
        "ipAllocationPolicy": {
            "clusterSecondaryRangeName": "pods",
            "servicesSecondaryRangeName": "services",
        },
        "removeDefaultNodePool": True,
        "initialNodeCount": 1,
        "privateClusterConfig": {"enablePrivateNodes": True, "masterIpv4CidrBlock": "172.16.0.0/28"},
        "masterAuthorizedNetworksConfig": {"cidrBlocks": [{"cidrBlock": "198.18.3.7/32"}]},
        "workloadIdentityConfig": {"workloadPool": "acme-dev.svc.id.goog"},
    }


@pytest.fixture
def cluster(cloud: Engine, cluster_inputs: Inputs) -> Resource:
    return cloud.create(CLUSTER, "GKE", cluster_inputs)


def nat_inputs(cloud: Engine, network: Resource) -> Inputs:
    address = cloud.create(ADDRESS, "egress", {})
    router = cloud.create(ROUTER, "router", {"network": network.id})
    return {
        "router": router.outputs["name"],
        "sourceSubnetworkIpRangesToNat": "ALL_SUBNETWORKS_ALL_IP_RANGES",
        "natIpAllocateOption": "MANUAL_ONLY",
        "natIps": [address.outputs["selfLink"]],
    }


class TestCluster:
    def test_outputs_are_those_of_gke(self, cluster: Resource) -> None:
        assert cluster.outputs["endpoint"] == "198.18.0.11:6443"
        assert cluster.outputs["masterAuth"]["clusterCaCertificate"] == "Q0E="
        assert cluster.outputs["servicesIpv4Cidr"] == "10.8.0.0/20"
        assert cluster.id.startswith("projects/acme-dev/locations/europe-west4/clusters/gke-")

    def test_private_outputs_are_secret(self, cluster: Resource) -> None:
        assert isinstance(cluster.raw["effectiveLabels"], Secret)
        assert isinstance(cluster.raw["pulumiLabels"], Secret)
        assert isinstance(cluster.raw["masterAuth"]["clientKey"], Secret)

    def test_preview_knows_inputs_and_nothing_computed(self, cloud: Engine, cluster_inputs: Inputs) -> None:
        seen = cloud.preview(CLUSTER, "gke", cluster_inputs)
        assert seen["location"] == "europe-west4"
        assert seen["deletionProtection"] is True
        assert seen["endpoint"] is UNKNOWN
        assert seen["privateClusterConfig"]["publicEndpoint"] is UNKNOWN
        assert not cloud.store.all(CLUSTER)

    def test_only_the_authorised_reach_the_api(self, cluster: Resource, runtime: FakeRuntime) -> None:
        assert runtime.admitted == {f"gcp/{cluster.id}": ["198.18.3.7/32"]}

    def test_without_the_setting_the_api_is_open(
        self, cloud: Engine, cluster_inputs: Inputs, runtime: FakeRuntime
    ) -> None:
        del cluster_inputs["masterAuthorizedNetworksConfig"]
        made = cloud.create(CLUSTER, "open", cluster_inputs)
        assert runtime.admitted[f"gcp/{made.id}"] == ["0.0.0.0/0"]

    def test_authorised_networks_change_in_place(
        self, cloud: Engine, cluster: Resource, cluster_inputs: Inputs, runtime: FakeRuntime
    ) -> None:
        changed = {**cluster_inputs, "masterAuthorizedNetworksConfig": {"cidrBlocks": []}}
        assert not cloud.diff(cluster, changed).replaces
        after = cloud.update(cluster, changed)
        assert runtime.admitted[f"gcp/{cluster.id}"] == []
        assert after.outputs["endpoint"] == cluster.outputs["endpoint"]

    def test_the_same_again_is_no_change(self, cloud: Engine, cluster: Resource, cluster_inputs: Inputs) -> None:
        assert not cloud.diff(cluster, cluster_inputs).diffs

    @pytest.mark.parametrize(
        ("change", "path"),
        [
            ({"location": "us-east1"}, "location"),
            ({"initialNodeCount": 2}, "initialNodeCount"),
            ({"datapathProvider": "ADVANCED_DATAPATH"}, "datapathProvider"),
        ],
    )
    def test_what_forces_another_cluster(
        self, cloud: Engine, cluster: Resource, cluster_inputs: Inputs, change: Inputs, path: str
    ) -> None:
        answer = cloud.diff(cluster, {**cluster_inputs, **change})
        assert list(answer.replaces) == [path]
        assert not answer.deleteBeforeReplace

    def test_a_name_of_the_users_is_deleted_first(self, cloud: Engine, cluster_inputs: Inputs) -> None:
        named = {**cluster_inputs, "name": "mine"}
        made = cloud.create(CLUSTER, "gke", named)
        assert cloud.diff(made, {**named, "initialNodeCount": 2}).deleteBeforeReplace

    def test_node_config_with_the_default_pool_removed_never_settles(
        self, cloud: Engine, cluster_inputs: Inputs
    ) -> None:
        """The trap of pulumi-gcp#744."""
        inputs = {**cluster_inputs, "nodeConfig": {"machineType": "e2-small"}}
        made = cloud.create(CLUSTER, "gke", inputs)
        assert list(cloud.diff(made, inputs).replaces) == ["nodeConfig"]

    def test_deletion_protection(self, cloud: Engine, cluster: Resource, cluster_inputs: Inputs) -> None:
        with pytest.raises(RefusedByProviderError, match="deletion_protection is set to true"):
            cloud.delete(cluster)
        cloud.delete(cloud.update(cluster, {**cluster_inputs, "deletionProtection": False}))
        assert cloud.read(cluster) is None

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"name": "x" * 41}, "at most 40 characters"),
            ({"name": "Upper"}, "lower-case"),
            ({"location": "nowhere"}, "neither a region nor a zone"),
            ({"initialNodeCount": 0}, "must be greater than zero"),
            ({"network": "projects/acme-dev/global/networks/gone"}, "given as network was not found"),
            ({"subnetwork": "gone"}, "given as subnetwork was not found"),
            ({"location": "us-east1"}, "not in the cluster's region 'us-east1'"),
            ({"ipAllocationPolicy": {"clusterSecondaryRangeName": "nope"}}, "'nope' does not exist"),
            (
                {
                    "ipAllocationPolicy": {
                        "clusterSecondaryRangeName": "pods",
                        "servicesSecondaryRangeName": "pods",
                    }
                },
                "cannot share",
            ),
            ({"privateClusterConfig": {"masterIpv4CidrBlock": "172.16.0.0/24"}}, "allowed are /28"),
            ({"privateClusterConfig": {"masterIpv4CidrBlock": "10.0.0.16/28"}}, "overlaps 10.0.0.0/20"),
            (
                {"masterAuthorizedNetworksConfig": {"cidrBlocks": [{"cidrBlock": "1.2.3"}]}},
                "not an IPv4 range",
            ),
            ({"workloadIdentityConfig": {"workloadPool": "other.svc.id.goog"}}, "only one allowed"),
            ({"databaseEncryption": {"state": "ENCRYPTED", "keyName": "gone"}}, "keyName was not found"),
        ],
    )
    def test_rules(self, cloud: Engine, cluster_inputs: Inputs, change: Inputs, message: str) -> None:
        with pytest.raises(RefusedByProviderError, match=message):
            cloud.create(CLUSTER, "gke", {**cluster_inputs, **change})
        assert not cloud.store.all(CLUSTER)

    def test_control_planes_do_not_overlap(self, cloud: Engine, cluster: Resource, cluster_inputs: Inputs) -> None:
        with pytest.raises(RefusedByProviderError, match=r"overlaps 172.16.0.0/28"):
            cloud.create(CLUSTER, "second", cluster_inputs)

    def test_check_names_every_fault(self, cloud: Engine) -> None:
        with pytest.raises(CheckFailedError) as caught:
            cloud.check(CLUSTER, "gke", {"loction": "x", "initialNodeCount": "1"})
        assert caught.value.paths == ["initialNodeCount", "loction"]

    def test_no_project_is_an_error_at_preview(self, cloud: Engine, cluster_inputs: Inputs) -> None:
        cloud.configure({})
        with pytest.raises(RefusedByProviderError, match="project: required field is not set"):
            cloud.preview(CLUSTER, "gke", cluster_inputs)


class TestNodePool:
    def test_a_pool_is_the_node_and_dns(self, cloud: Engine, cluster: Resource, runtime: FakeRuntime) -> None:
        assert not runtime.nodes
        pool = cloud.create(POOL, "pool", {"cluster": cluster.id, "nodeConfig": {"labels": {"a": "b"}}})
        assert pool.outputs["location"] == "europe-west4"
        labels = runtime.nodes[f"gcp/{cluster.id}"]
        assert labels["topology.kubernetes.io/region"] == "europe-west4"
        assert labels["a"] == "b"
        assert runtime.calls == [("install_dns", f"gcp/{cluster.id}")]
        cloud.delete(pool)
        assert not runtime.nodes

    def test_the_default_pool_is_a_node_too(self, cloud: Engine, cluster_inputs: Inputs, runtime: FakeRuntime) -> None:
        made = cloud.create(CLUSTER, "gke", {**cluster_inputs, "removeDefaultNodePool": False})
        assert f"gcp/{made.id}" in runtime.nodes

    def test_without_nodes_it_says_so(self, cloud: Engine, cluster: Resource, runtime: FakeRuntime) -> None:
        runtime.has_nodes = False
        assert cloud.create(POOL, "p", {"cluster": cluster.id}).outputs["operation"] == "simulated-without-nodes"

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"cluster": "gone"}, "Not found"),
            ({"autoscaling": {"totalMinNodeCount": 3, "totalMaxNodeCount": 1}}, "is greater than"),
            ({"autoscaling": {"maxNodeCount": 1, "totalMaxNodeCount": 1}}, "conflicts with"),
            ({"nodeConfig": {"serviceAccount": "x@acme-dev.iam.gserviceaccount.com"}}, "is not found"),
            ({"name": "9"}, "beginning with a letter"),
        ],
    )
    def test_rules(self, cloud: Engine, cluster: Resource, change: Inputs, message: str) -> None:
        inputs = {"cluster": cluster.id, "location": "europe-west4", **change}
        with pytest.raises(RefusedByProviderError, match=message):
            cloud.create(POOL, "pool", inputs)


class TestEgress:
    def test_nat_before_the_cluster(
        self, cloud: Engine, network: Resource, cluster_inputs: Inputs, runtime: FakeRuntime
    ) -> None:
        cloud.create(NAT, "nat", nat_inputs(cloud, network))
        made = cloud.create(CLUSTER, "gke", cluster_inputs)
        assert runtime.egress == {f"gcp/{made.id}": "198.18.3.1"}

    def test_a_nat_names_its_router_when_the_provider_has_no_region(
        self, cloud: Engine, network: Resource, cluster_inputs: Inputs, runtime: FakeRuntime
    ) -> None:
        """The regions then come from each resource, and a cluster has a location instead of one."""
        region = {"region": "europe-west4"}
        cluster_inputs = {**cluster_inputs, "location": "europe-west4"}
        nat = nat_inputs(cloud, network)
        cloud.configure({"project": "acme-dev"})
        cloud.create(NAT, "nat", {**nat, **region})
        made = cloud.create(CLUSTER, "gke", cluster_inputs)
        assert runtime.egress == {f"gcp/{made.id}": "198.18.3.1"}

    def test_nat_after_the_cluster_and_gone_again(
        self, cloud: Engine, network: Resource, cluster: Resource, runtime: FakeRuntime
    ) -> None:
        nat = cloud.create(NAT, "nat", nat_inputs(cloud, network))
        assert runtime.egress == {f"gcp/{cluster.id}": "198.18.3.1"}
        cloud.delete(nat)
        assert runtime.egress == {f"gcp/{cluster.id}": None}

    def test_nat_of_another_region_does_not_serve_it(
        self, cloud: Engine, network: Resource, cluster: Resource, runtime: FakeRuntime
    ) -> None:
        cloud.configure({"project": "acme-dev", "region": "us-east1"})
        cloud.create(NAT, "nat", nat_inputs(cloud, network))
        assert runtime.egress == {}

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"router": "gone"}, "given as router was not found"),
            ({"natIpAllocateOption": "AUTO_ONLY"}, "AUTO_ONLY takes none"),
            ({"natIps": ["gone"]}, "given as natIps was not found"),
        ],
    )
    def test_rules(self, cloud: Engine, network: Resource, change: Inputs, message: str) -> None:
        with pytest.raises(RefusedByProviderError, match=message):
            cloud.create(NAT, "nat", {**nat_inputs(cloud, network), **change})

    def test_an_address_in_use_stays(self, cloud: Engine, network: Resource) -> None:
        inputs = nat_inputs(cloud, network)
        cloud.create(NAT, "nat", inputs)
        record = cloud.store.all(ADDRESS)[0]
        address = Resource(ADDRESS, record.urn, record.id, dict(record.inputs), dict(record.outputs), {})
        with pytest.raises(RefusedByProviderError, match="already being used"):
            cloud.delete(address)


class TestNetwork:
    def test_a_network_in_use_stays(self, cloud: Engine, network: Resource, subnet: Resource) -> None:
        with pytest.raises(RefusedByProviderError, match="resourceInUseByAnotherResource"):
            cloud.delete(network)
        cloud.delete(subnet)
        cloud.delete(network)
        assert cloud.store.all() == []

    def test_a_subnetwork_with_a_cluster_stays(self, cloud: Engine, cluster: Resource, subnet: Resource) -> None:
        with pytest.raises(RefusedByProviderError, match=cluster.id):
            cloud.delete(subnet)

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"ipCidrRange": "10.5.0.0/16", "secondaryIpRanges": []}, "overlaps 10.4.0.0/14"),
            ({"ipCidrRange": "10.20.0.0/30", "secondaryIpRanges": []}, "allowed are /8 to /29"),
            ({"ipCidrRange": "10.20.0.1/24", "secondaryIpRanges": []}, "has host bits set"),
            ({"network": "gone"}, "was not found"),
        ],
    )
    def test_range_rules(
        self, cloud: Engine, network: Resource, subnet: Resource, change: Inputs, message: str
    ) -> None:
        with pytest.raises(RefusedByProviderError, match=message):
            cloud.create(SUBNETWORK, "more", {**subnet_inputs(network), **change})

    def test_ranges_of_one_subnetwork_do_not_overlap(self, cloud: Engine, network: Resource) -> None:
        twice = [{"rangeName": "a", "ipCidrRange": "10.0.8.0/24"}]
        with pytest.raises(RefusedByProviderError, match=r"overlaps 10.0.0.0/20"):
            cloud.create(SUBNETWORK, "s", {**subnet_inputs(network), "secondaryIpRanges": twice})

    def test_the_same_range_in_another_network_is_fine(self, cloud: Engine, subnet: Resource) -> None:
        other = cloud.create(NETWORK, "other", {})
        assert cloud.create(SUBNETWORK, "s", subnet_inputs(other)).id != subnet.id

    @pytest.mark.parametrize(
        ("inputs", "message"),
        [
            ({"sourceRanges": ["10.0.0.0/8"]}, "exactly one of `allows` and `denies`"),
            ({"allows": [{"protocol": "tcp"}]}, "needs one of sourceRanges"),
            ({"allows": [{"protocol": "tcp"}], "sourceRanges": ["10.0.0.0/99"]}, "not an IPv4 range"),
            (
                {
                    "allows": [{"protocol": "tcp"}],
                    "sourceTags": ["a"],
                    "targetServiceAccounts": ["b"],
                },
                "cannot be used in one rule",
            ),
        ],
    )
    def test_firewall_rules(self, cloud: Engine, network: Resource, inputs: Inputs, message: str) -> None:
        with pytest.raises(RefusedByProviderError, match=message):
            cloud.create(FIREWALL, "fw", {"network": network.id, **inputs})


class TestIdentity:
    def test_account_is_known_at_preview_as_far_as_it_is(self, cloud: Engine) -> None:
        seen = cloud.preview(ACCOUNT, "nodes", {"accountId": "gke-nodes"})
        assert seen["email"] == "gke-nodes@acme-dev.iam.gserviceaccount.com"
        assert seen["uniqueId"] is UNKNOWN

    def test_account_id_has_six_characters_at_least(self, cloud: Engine) -> None:
        with pytest.raises(RefusedByProviderError, match="6 to 30"):
            cloud.create(ACCOUNT, "a", {"accountId": "abc"})

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"role": "owner"}, "is not roles/NAME"),
            ({"member": "bob"}, "KIND:IDENTITY"),
            ({"member": "serviceAccount:gone@acme-dev.iam.gserviceaccount.com"}, "does not exist"),
        ],
    )
    def test_grants(self, cloud: Engine, change: Inputs, message: str) -> None:
        account = cloud.create(ACCOUNT, "nodes", {"accountId": "gke-nodes"})
        inputs = {"project": "acme-dev", "role": "roles/viewer", "member": account.outputs["member"]}
        cloud.create(GRANT, "good", inputs)
        with pytest.raises(RefusedByProviderError, match=message):
            cloud.create(GRANT, "bad", {**inputs, **change})

    def test_a_key_ring_outlives_its_destruction(self, cloud: Engine) -> None:
        inputs = {"location": "europe-west4", "name": "ring"}
        cloud.delete(cloud.create("gcp:kms/keyRing:KeyRing", "ring", inputs))
        with pytest.raises(RefusedByProviderError, match="already exists"):
            cloud.create("gcp:kms/keyRing:KeyRing", "ring", inputs)


def test_functions(cloud: Engine) -> None:
    assert cloud.invoke("gcp:organizations/getClientConfig:getClientConfig", {})["project"] == "acme-dev"
    assert len(cloud.invoke("gcp:organizations/getProject:getProject", {})["number"]) == 12
    zones = cloud.invoke("gcp:compute/getZones:getZones", {"region": "us-east1"})
    assert zones["names"] == ["us-east1-a", "us-east1-b", "us-east1-c"]
    with pytest.raises(RefusedByProviderError, match="is not simulated; simulated are"):
        cloud.invoke("gcp:x/y:z", {})


def test_a_type_without_behaviour_is_refused(cloud: Engine) -> None:
    with pytest.raises(RefusedByProviderError, match=r"is not simulated; simulated are .*gcp:compute/network"):
        cloud.create("gcp:storage/bucket:Bucket", "b", {"location": "EU"})
