"""GkeCluster: what it registers, with outputs known and unknown."""

import json
from typing import Any

import pulumi
import pytest
from mocked_engine import Engine, Run
from options_seen import watch

import pulumi_multimesh as multimesh

ARGS: dict[str, Any] = {
    "project": "acme-dev",
    "region": "europe-west4",
    "api_access": {"office": "203.0.113.0/24"},
    "tags": {"team": "platform"},
}
CLUSTER = "gcp:container/cluster:Cluster"
POOL = "gcp:container/nodePool:NodePool"
RIGHT = "gcp:projects/iAMMember:IAMMember"
HUB = {"network": "hub", "subnetwork": "hub-nodes", "pods_range": "pods-1", "egress_ips": ["203.0.113.7"]}
HUB_RANGES = {"nodes": "10.200.0.0/20", "pods": "10.204.0.0/16", "services": "10.201.0.0/20"}
EVERYTHING: dict[str, Any] = {
    "zones": ["europe-west4-a", "europe-west4-b"],
    "kubernetes_version": "1.34",
    "endpoint": "dns",
    "node_pools": {"apps": {}, "batch": {"size": 2, "spot": True}},
    "maintenance": {"days": ["sunday", "saturday"], "start": "22:30", "hours": 6},
    "registries": ["acme-dev", "acme-images"],
    "deletion_protection": True,
}


def made(run: Run, **changes: Any) -> Engine:
    args: Any = {**ARGS, **changes}
    return run(lambda: multimesh.GkeCluster("shop", args))


def one(engine: Engine, token: str, name: str | None = None) -> dict[str, Any]:
    (found,) = [r for r in engine.of(token) if name in (None, r.name)]
    return found.inputs


@pytest.mark.parametrize("changes", [{}, EVERYTHING, {"network": HUB, "ranges": HUB_RANGES}])
def test_the_same_resources_with_known_and_with_unknown_outputs(run: Run, changes: dict[str, Any]) -> None:
    args: Any = {**ARGS, **changes}
    known = made(run, **changes)
    unknown = run(lambda: multimesh.GkeCluster("shop", args), preview=True)
    assert known.names() == unknown.names()
    assert len(known.names()) == len(known.resources)


def test_a_named_network_is_used_and_none_is_made(run: Run) -> None:
    def program() -> None:
        # Made in the same program, so that the ids are outputs.
        ids = {key: pulumi.Output.from_input(value) if key != "pods_range" else value for key, value in HUB.items()}
        args: Any = {**ARGS, "network": ids, "ranges": HUB_RANGES}
        multimesh.GkeCluster("shop", args)

    engine = run(program)
    assert engine.of("gcp:compute/network:Network") == []
    assert engine.of("gcp:compute/address:Address") == []
    cluster = one(engine, CLUSTER)
    assert (cluster["network"], cluster["subnetwork"]) == ("hub", "hub-nodes")
    policy = {"clusterSecondaryRangeName": "pods-1", "servicesSecondaryRangeName": "services"}
    assert cluster["ipAllocationPolicy"] == policy


def test_the_api_admits_names_and_peers_once_each_and_no_one_else(run: Run) -> None:
    cluster = one(made(run, admitted_ips=["198.51.100.7", "198.51.100.7"]), CLUSTER)
    assert cluster["masterAuthorizedNetworksConfig"] == {
        "cidrBlocks": [
            {"cidrBlock": "203.0.113.0/24", "displayName": "office"},
            {"cidrBlock": "198.51.100.7/32", "displayName": "mesh-198.51.100.7/32"},
        ],
        "gcpPublicCidrsAccessEnabled": False,
    }


def test_pools_in_gkes_words(run: Run) -> None:
    taints = [{"key": "batch", "effect": "NoExecute"}]
    batch = {"size": 3, "spot": True, "taints": taints, "labels": {"for": "batch"}, "max_unavailable": 2}
    engine = made(run, node_pools={"apps": {"min_size": 4, "max_size": 9}, "batch": batch})
    apps, batch = one(engine, POOL, "shop-apps"), one(engine, POOL, "shop-batch")
    assert apps["autoscaling"] == {"totalMinNodeCount": 4, "totalMaxNodeCount": 9, "locationPolicy": "BALANCED"}
    assert (apps["initialNodeCount"], apps.get("nodeCount")) == (2, None)
    assert apps["upgradeSettings"] == {"maxSurge": 1, "maxUnavailable": 0}
    assert (batch["nodeCount"], batch.get("autoscaling")) == (1, None)
    assert batch["upgradeSettings"] == {"maxSurge": 0, "maxUnavailable": 2}
    config = batch["nodeConfig"]
    assert (config["spot"], config["labels"]) == (True, {"for": "batch"})
    assert config["taints"] == [{"key": "batch", "value": "", "effect": "NO_EXECUTE"}]


def test_a_pool_of_one_zone_has_its_whole_size_there(run: Run) -> None:
    pool = one(made(run, node_pools={"apps": {"size": 2, "zones": ["europe-west4-b"]}}), POOL)
    assert (pool["nodeCount"], pool["nodeLocations"]) == (2, ["europe-west4-b"])


def test_a_key_is_made_for_gkes_own_agent(run: Run) -> None:
    engine = made(run)
    right = one(engine, "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember")
    agent = "serviceAccount:service-123456789012@container-engine-robot.iam.gserviceaccount.com"
    assert (right["role"], right["member"]) == ("roles/cloudkms.cryptoKeyEncrypterDecrypter", agent)
    assert one(engine, CLUSTER)["databaseEncryption"] == {"state": "ENCRYPTED", "keyName": "shop-id"}


@pytest.mark.parametrize(
    ("wish", "settings"),
    [("provider", {"state": "DECRYPTED"}), ("my-key", {"state": "ENCRYPTED", "keyName": "my-key"})],
)
def test_no_key_is_made_where_none_is_asked_for(run: Run, wish: str, settings: dict[str, str]) -> None:
    engine = made(run, encryption_key=wish)
    assert engine.of("gcp:kms/keyRing:KeyRing") == []
    assert one(engine, CLUSTER)["databaseEncryption"] == settings


def test_nodes_have_no_more_than_two_rights(run: Run) -> None:
    rights = {(r.inputs["project"], r.inputs["role"]) for r in made(run, registries=["acme-images"]).of(RIGHT)}
    assert rights == {
        ("acme-dev", "roles/container.defaultNodeServiceAccount"),
        ("acme-images", "roles/artifactregistry.reader"),
    }


def test_the_meshes_webhooks_are_all_that_is_opened(run: Run) -> None:
    engine = made(run)
    rule = one(engine, "gcp:compute/firewall:Firewall")
    assert rule["allows"] == [{"protocol": "tcp", "ports": ["8080", "8089", "8443", "9443", "15017"]}]
    assert rule["sourceRanges"] == [one(engine, CLUSTER)["privateClusterConfig"]["masterIpv4CidrBlock"]]
    assert rule["targetTags"] == one(engine, POOL)["nodeConfig"]["tags"]


def test_a_window_repeats_from_a_fixed_day(run: Run) -> None:
    cluster = one(made(run, **EVERYTHING), CLUSTER)
    assert cluster["maintenancePolicy"]["recurringWindow"] == {
        "startTime": "2026-01-01T22:30:00Z",
        "endTime": "2026-01-02T04:30:00Z",
        "recurrence": "FREQ=WEEKLY;BYDAY=SA,SU",
    }


@pytest.mark.parametrize(("logs", "count"), [(True, 5), (False, 2)])
def test_control_plane_logs(run: Run, logs: bool, count: int) -> None:
    cluster = one(made(run, control_plane_logs=logs), CLUSTER)
    assert len(cluster["loggingConfig"]["enableComponents"]) == count


def test_the_kubeconfig_holds_a_command_and_no_credential(run: Run) -> None:
    provider = one(made(run), "pulumi:providers:kubernetes")
    kubeconfig = json.loads(provider["kubeconfig"])
    assert kubeconfig["users"][0]["user"]["exec"]["command"] == "gke-gcloud-auth-plugin"
    assert set(kubeconfig["users"][0]["user"]) == {"exec"}


@pytest.mark.parametrize("protected", [False, True])
def test_deletion_protection_is_googles_flag_and_pulumis_own(
    run: Run, monkeypatch: pytest.MonkeyPatch, protected: bool
) -> None:
    seen = watch(monkeypatch)
    cluster = one(made(run, deletion_protection=protected), CLUSTER)
    assert cluster["deletionProtection"] is protected
    assert {what for what, options in seen.items() if options.protect} == ({"Cluster shop"} if protected else set())


@pytest.mark.parametrize(
    ("changes", "of_the_cluster"),
    [({}, ["minMasterVersion"]), ({"kubernetes_version": "1.34"}, [])],
)
def test_only_what_gke_changes_by_itself_is_left_to_it(
    run: Run, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], of_the_cluster: list[str]
) -> None:
    seen = watch(monkeypatch)
    made(run, node_pools={"apps": {}, "fixed": {"size": 3}}, **changes)
    left = {what: set(options.ignore_changes) for what, options in seen.items() if options.ignore_changes}
    assert left == {
        "Cluster shop": {"nodeConfig", "initialNodeCount", "nodePools", *of_the_cluster},
        "NodePool shop-apps": {"initialNodeCount", "version", "nodeCount"},
        "NodePool shop-fixed": {"initialNodeCount", "version"},
    }


def test_the_way_out_and_the_keys_right_come_before_the_cluster_and_the_nodes_rights_before_these(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = watch(monkeypatch)
    made(run, registries=["acme-images"])
    assert seen["Cluster shop"].before >= {"RouterNat shop", "CryptoKeyIAMMember shop"}
    rights = {"IAMMember shop-nodes", "IAMMember shop-pulls-acme-images"}
    assert seen["NodePool shop-default"].before >= rights


LABELS = {CLUSTER: "resourceLabels", "gcp:kms/cryptoKey:CryptoKey": "labels"}
"""By type that has labels: the input. A pool's are those of its nodes; see the next test."""


def test_tags_are_labels_of_the_cluster_its_key_and_its_nodes(run: Run) -> None:
    engine = made(run, **EVERYTHING)
    assert {token: one(engine, token).get(key) for token, key in LABELS.items()} == dict.fromkeys(LABELS, ARGS["tags"])
    pools = engine.of(POOL)
    assert len(pools) == 2
    assert [pool.inputs["nodeConfig"]["resourceLabels"] for pool in pools] == [ARGS["tags"]] * 2


def test_the_name_of_the_api_server_is_guarded_by_iam_and_peers_are_not_admitted_by_address(run: Run) -> None:
    cluster = one(made(run, endpoint="dns", admitted_ips=["198.51.100.7"]), CLUSTER)
    door = cluster["controlPlaneEndpointsConfig"]["dnsEndpointConfig"]
    assert door == {"allowExternalTraffic": True, "enableK8sTokensViaDns": True}
    blocks = cluster["masterAuthorizedNetworksConfig"]["cidrBlocks"]
    assert blocks == [{"cidrBlock": "203.0.113.0/24", "displayName": "office"}]
    assert "controlPlaneEndpointsConfig" not in one(made(run), CLUSTER)


def test_an_output_can_be_the_key(run: Run) -> None:
    engine = made(run, encryption_key=pulumi.Output.from_input("my-key"))
    assert one(engine, CLUSTER)["databaseEncryption"] == {"state": "ENCRYPTED", "keyName": "my-key"}


def test_faults_are_told_at_once_and_nothing_is_registered(run: Run) -> None:
    def program() -> None:
        with pytest.raises(pulumi.RunError) as raised:
            args: Any = {"region": "westeurope", "zones": ["a"]}
            multimesh.GkeCluster("shop", args)
        told = str(raised.value)
        assert all(word in told for word in ("project is missing", "api_access is missing", "is a region of Azure"))

    assert run(program).resources == []
