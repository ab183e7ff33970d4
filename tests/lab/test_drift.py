"""Drift: changes behind the engine's back, as the next refresh sees them."""

import json
from pathlib import Path
from typing import Any

import pytest
from simulated_cloud import Engine, FakeRuntime, Resource, home_in

from multimesh_lab import cli, drift
from multimesh_lab.drift import DriftError
from multimesh_lab.home import ENVIRONMENT_VARIABLE, LabHome
from multimesh_lab.property_paths import PathError, parse
from multimesh_lab.providers.aws import provider as aws
from multimesh_lab.providers.azure_native import provider as azure
from multimesh_lab.providers.gcp import provider as gcp
from multimesh_lab.providers.store import Settings, inventory, write_settings

NETWORK = "gcp:compute/network:Network"
SUBNETWORK = "gcp:compute/subnetwork:Subnetwork"
ADDRESS = "gcp:compute/address:Address"
CLUSTER = "gcp:container/cluster:Cluster"
POOL = "gcp:container/nodePool:NodePool"
VPC = "aws:ec2/vpc:Vpc"
GROUP = "azure-native:resources:ResourceGroup"


@pytest.fixture
def home(tmp_path: Path) -> LabHome:
    return home_in(tmp_path)


@pytest.fixture
def runtime() -> FakeRuntime:
    return FakeRuntime()


@pytest.fixture
def google(home: LabHome, runtime: FakeRuntime) -> Engine:
    return Engine(gcp.provider(home, runtime), {"project": "acme-dev", "region": "europe-west4"})


@pytest.fixture
def network(google: Engine) -> Resource:
    return google.create(NETWORK, "net", {"autoCreateSubnetworks": False})


@pytest.fixture
def cluster_inputs(google: Engine, network: Resource) -> dict[str, Any]:
    ranges = [{"rangeName": name, "ipCidrRange": cidr} for name, cidr in (("p", "10.4.0.0/14"), ("s", "10.8.0.0/20"))]
    subnet = google.create(
        SUBNETWORK, "nodes", {"network": network.id, "ipCidrRange": "10.0.0.0/20", "secondaryIpRanges": ranges}
    )
    return {
        "location": "europe-west4",
        "network": network.id,
        "subnetwork": subnet.id,
        "ipAllocationPolicy": {"clusterSecondaryRangeName": "p", "servicesSecondaryRangeName": "s"},
        "removeDefaultNodePool": True,
        "initialNodeCount": 1,
        "masterAuthorizedNetworksConfig": {"cidrBlocks": [{"cidrBlock": "198.18.3.7/32"}]},
    }


@pytest.fixture
def cluster(google: Engine, cluster_inputs: dict[str, Any]) -> Resource:
    return google.create(CLUSTER, "gke", cluster_inputs)


@pytest.fixture
def pool(google: Engine, cluster: Resource) -> Resource:
    return google.create(
        POOL, "default", {"cluster": cluster.id, "autoscaling": {"minNodeCount": 1, "maxNodeCount": 3}}
    )


def refreshed(engine: Engine, resource: Resource) -> Resource:
    seen = engine.read(resource)
    assert seen is not None
    return seen


def change(home: LabHome, runtime: FakeRuntime, what: tuple[str, str, str], *words: str) -> list[str]:
    return drift.change(home, drift.find(home, *what), [parse(word) for word in words], runtime)


class TestChange:
    def test_a_refresh_sees_it_and_the_program_sets_it_right(
        self, home: LabHome, runtime: FakeRuntime, google: Engine, pool: Resource
    ) -> None:
        lines = change(home, runtime, ("gcp", "NodePool", "default"), "autoscaling.maxNodeCount=9")
        assert lines == ["autoscaling.maxNodeCount: 3 → 9"]
        seen = refreshed(google, pool)
        assert seen.inputs["autoscaling"] == seen.outputs["autoscaling"] == {"minNodeCount": 1, "maxNodeCount": 9}
        assert set(google.diff(seen, pool.inputs).detailedDiff) == {"autoscaling.maxNodeCount"}
        repaired = google.update(seen, pool.inputs)
        assert refreshed(google, repaired).inputs["autoscaling"]["maxNodeCount"] == 3

    def test_what_follows_from_it_follows_and_nothing_else(self, home: LabHome) -> None:
        """The provider's own tags are known to the engine alone; a change of other tags must not lose them."""
        config = {"region": "us-east-1", "defaultTags": json.dumps({"tags": {"owner": "mesh"}})}
        amazon = Engine(aws.provider(home, FakeRuntime()), config)
        vpc = amazon.create(VPC, "vpc", {"cidrBlock": "10.0.0.0/16", "tags": {"a": "b"}})
        change(home, FakeRuntime(), ("aws", "Vpc", "vpc"), "tags.a=c", "tags.by=hand")
        seen = refreshed(amazon, vpc)
        assert seen.outputs["tags"] == {"a": "c", "by": "hand"}
        assert seen.outputs["tagsAll"] == {"owner": "mesh", "a": "c", "by": "hand"}
        assert seen.inputs["tags"] == {"a": "c"}, "a bridged provider's refresh keeps the inputs' own keys"
        same = {key: value for key, value in vpc.outputs.items() if key not in ("tags", "tagsAll")}
        assert {key: value for key, value in seen.outputs.items() if key not in ("tags", "tagsAll")} == same

    def test_azure_too_whose_inputs_carry_the_mark_of_a_drawn_name(self, home: LabHome) -> None:
        cloud = Engine(azure.provider(home, FakeRuntime()), {})
        group = cloud.create(GROUP, "shop", {"location": "westeurope", "tags": {"team": "mesh"}})
        assert change(home, FakeRuntime(), ("azure-native", "ResourceGroup", "shop"), "tags.team=other") == [
            'tags.team: "mesh" → "other"'
        ]
        seen = refreshed(cloud, group)
        assert seen.inputs["tags"] == {"team": "other"}
        assert set(cloud.diff(seen, group.inputs).detailedDiff) == {"tags.team"}

    def test_it_reaches_the_real_cluster(
        self, home: LabHome, runtime: FakeRuntime, google: Engine, cluster: Resource
    ) -> None:
        del google
        word = 'masterAuthorizedNetworksConfig.cidrBlocks=[{"cidrBlock": "203.0.113.0/24"}]'
        change(home, runtime, ("gcp", "Cluster", "gke"), word)
        assert runtime.admitted[f"gcp/{cluster.id}"] == ["203.0.113.0/24"]

    @pytest.mark.usefixtures("cluster")
    def test_the_clouds_rules_hold_for_the_console_too(self, home: LabHome, runtime: FakeRuntime) -> None:
        before = inventory(home, "gcp")
        word = 'masterAuthorizedNetworksConfig.cidrBlocks=[{"cidrBlock": "203.0.113.7/24"}]'
        with pytest.raises(DriftError, match=r"gcp \(simulated\) refuses the change: .*203\.0\.113\.7/24"):
            change(home, runtime, ("gcp", "Cluster", "gke"), word)
        assert inventory(home, "gcp") == before

    def test_what_only_the_cloud_computes_changes_without_an_update(
        self, home: LabHome, runtime: FakeRuntime, google: Engine, cluster: Resource
    ) -> None:
        change(home, runtime, ("gcp", "Cluster", "gke"), "masterVersion=1.99.9-gke.1")
        seen = refreshed(google, cluster)
        assert seen.outputs["masterVersion"] == "1.99.9-gke.1"
        assert seen.inputs == cluster.inputs

    def test_a_default_of_the_cloud_is_changed_in_part(
        self, home: LabHome, runtime: FakeRuntime, google: Engine, cluster: Resource
    ) -> None:
        """The program says nothing of masterAuth, the cloud does."""
        word = "masterAuth.clientCertificateConfig.issueClientCertificate=true"
        change(home, runtime, ("gcp", "Cluster", "gke"), word)
        certificate = refreshed(google, cluster).outputs["masterAuth"]["clusterCaCertificate"]
        assert certificate == cluster.outputs["masterAuth"]["clusterCaCertificate"]

    def test_secrets_are_not_shown(self, home: LabHome, runtime: FakeRuntime, google: Engine) -> None:
        google.create(ADDRESS, "egress", {"labels": {"team": "a"}})
        lines = change(home, runtime, ("gcp", "Address", "egress"), "labels.team=hush")
        assert [line for line in lines if "hush" in line] == ['labels.team: "a" → "hush"']
        assert "effectiveLabels.team: [secret] (update)" in lines

    @pytest.mark.usefixtures("pool")
    @pytest.mark.parametrize(
        ("word", "reason"),
        [
            ("maxSize=3", "maxSize: gcp:container/nodePool:NodePool has no property 'maxSize'; it has: .*autoscaling"),
            ("autoscaling.maxNodeCount=many", "autoscaling.maxNodeCount: "),
            ("autoscaling.maximum=3", "autoscaling.maximum: "),
        ],
    )
    def test_what_no_cloud_would_hold_is_refused(
        self, home: LabHome, runtime: FakeRuntime, word: str, reason: str
    ) -> None:
        with pytest.raises(DriftError, match=reason):
            change(home, runtime, ("gcp", "NodePool", "default"), word)

    @pytest.mark.usefixtures("pool")
    def test_a_path_through_a_number_is_refused(self, home: LabHome, runtime: FakeRuntime) -> None:
        with pytest.raises(PathError, match="which has nothing called 'high' in it"):
            change(home, runtime, ("gcp", "NodePool", "default"), "autoscaling.maxNodeCount.high=3")


class TestDelete:
    def test_it_is_gone_with_its_address(self, home: LabHome, runtime: FakeRuntime, google: Engine) -> None:
        address = google.create(ADDRESS, "egress", {})
        assert len(runtime.addresses) == 1
        drift.delete(home, drift.find(home, "gcp", "Address", "egress"), runtime=runtime)
        assert runtime.addresses == {}
        assert google.read(address) is None

    def test_a_pool_takes_the_node_with_it(
        self, home: LabHome, runtime: FakeRuntime, google: Engine, cluster: Resource, pool: Resource
    ) -> None:
        assert f"gcp/{cluster.id}" in runtime.nodes
        drift.delete(home, drift.find(home, "gcp", "NodePool", "default"), runtime=runtime)
        assert runtime.nodes == {}
        assert google.read(pool) is None

    def test_what_others_use_goes_only_by_force(
        self, home: LabHome, runtime: FakeRuntime, google: Engine, network: Resource, cluster: Resource
    ) -> None:
        found = drift.find(home, "gcp", "Network", "net")
        with pytest.raises(DriftError, match=r"refuses the deletion: .*; remedy: --force"):
            drift.delete(home, found, runtime=runtime)
        assert google.read(network) is not None
        drift.delete(home, found, force=True, runtime=runtime)
        assert google.read(network) is None
        drift.delete(home, drift.find(home, "gcp", "Cluster", "gke"), force=True, runtime=runtime)
        assert google.read(cluster) is None
        assert runtime.clusters == {}


@pytest.mark.usefixtures("pool")
class TestFind:
    @pytest.mark.parametrize(
        "type_name", ["NodePool", "nodepool", "container:NodePool", "container/nodePool:NodePool", POOL]
    )
    def test_a_type_by_any_of_its_names(self, home: LabHome, pool: Resource, type_name: str) -> None:
        assert drift.find(home, "gcp", type_name, "default").record.id == pool.id

    def test_a_resource_by_its_id_and_by_the_clouds_name(self, home: LabHome, pool: Resource) -> None:
        for name in (pool.id, pool.outputs["name"]):
            assert drift.find(home, "gcp", "NodePool", name).record.id == pool.id

    def test_two_of_one_name_need_the_id(self, home: LabHome, google: Engine, cluster: Resource) -> None:
        google.create(POOL, "default", {"cluster": cluster.id, "name": "other"})
        with pytest.raises(DriftError, match=r"name of 2 resources .* name an id: projects/acme-dev"):
            drift.find(home, "gcp", "NodePool", "default")

    @pytest.mark.parametrize(
        ("what", "reason"),
        [
            (("ibm", "NodePool", "default"), "'ibm' has nothing in this lab; there are: gcp"),
            (("gcp", "Nodegroup", "default"), "gcp has no Nodegroup; it has: Cluster, Network, NodePool, Subnetwork"),
            (("gcp", "NodePool", "spare"), "has no NodePool called spare; there are: default"),
        ],
    )
    def test_what_is_not_there_says_what_is(self, home: LabHome, what: tuple[str, str, str], reason: str) -> None:
        with pytest.raises(DriftError, match=reason):
            drift.find(home, *what)


class TestCommand:
    """`multimesh-lab drift` and `settings` as a user calls them, over clusters on paper."""

    @pytest.fixture(autouse=True)
    def lab(self, home: LabHome, monkeypatch: pytest.MonkeyPatch) -> None:
        write_settings(home, Settings(clusters="none"))
        monkeypatch.setenv(ENVIRONMENT_VARIABLE, str(home.root))
        google = Engine(gcp.provider(home), {"project": "acme-dev", "region": "europe-west4"})
        google.create(NETWORK, "net", {"routingMode": "GLOBAL"})

    def run(self, monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
        monkeypatch.setattr("sys.argv", ["multimesh-lab", *words])
        return cli.main()

    def test_list_set_delete(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        assert self.run(monkeypatch, "drift", "list") == 0
        heading, row = capsys.readouterr().out.splitlines()
        assert "simulated" in heading
        assert row.split()[:3] == ["gcp", "Network", "net"]
        assert self.run(monkeypatch, "drift", "set", "gcp", "Network", "net", "routingMode=REGIONAL") == 0
        said = capsys.readouterr().out
        assert "gcp (simulated): Network net changed behind the engine's back" in said
        assert 'routingMode: "GLOBAL" → "REGIONAL"' in said
        assert self.run(monkeypatch, "drift", "delete", "gcp", "Network", "net") == 0
        assert "gcp (simulated): Network net" in capsys.readouterr().out
        assert self.run(monkeypatch, "drift", "list") == 0
        assert "have nothing" in capsys.readouterr().out

    def test_the_same_value_changes_nothing(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert self.run(monkeypatch, "drift", "set", "gcp", "Network", "net", "routingMode=GLOBAL") == 0
        assert "nothing: it was like that already" in capsys.readouterr().out

    @pytest.mark.parametrize(
        ("words", "reason"),
        [
            (["drift", "delete", "gcp", "Network", "other"], "there are: net"),
            (["drift", "set", "gcp", "Network", "net", "routingMode"], "is not PATH=VALUE"),
            (["drift", "list", "aws"], "there are: gcp"),
            (["settings", "nodes=many"], "allowed are real and none"),
        ],
    )
    def test_a_mistake_is_one_message(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: list[str], reason: str
    ) -> None:
        assert self.run(monkeypatch, *words) == 1
        captured = capsys.readouterr()
        assert captured.out == ""
        assert captured.err.startswith("multimesh-lab: ") and reason in captured.err

    def test_settings_are_shown_and_set(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert self.run(monkeypatch, "settings", "duration_scale=0.5") == 0
        said = capsys.readouterr().out
        assert said.startswith("the simulated clouds of this lab:")
        assert "duration_scale  0.5" in said and "clusters        none" in said
