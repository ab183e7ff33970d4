"""The tuning in charts' values and in Istio's own resources; nothing of it where nothing is asked."""

import copy
from typing import Any

import pytest
from mocked_engine import Run

import pulumi_multimesh as multimesh

ARGS: dict[str, Any] = {
    "gke": {"gcp-eu": {"project": "acme-dev", "region": "europe-west4"}},
    "eks": {"aws-us": {"region": "us-east-1"}},
    "api_access": {"office": "203.0.113.0/24"},
}
RELEASE = "kubernetes:helm.sh/v3:Release"
FILTER = "kubernetes:networking.istio.io/v1alpha3:EnvoyFilter"
SIDECAR = "kubernetes:networking.istio.io/v1:Sidecar"


def mesh(**istio: Any) -> multimesh.MultiCloudMesh:
    args: Any = {**copy.deepcopy(ARGS), "istio": istio}
    return multimesh.MultiCloudMesh("shop", args)


def istiod(engine: Any) -> dict[str, Any]:
    return next(r for r in engine.of(RELEASE) if r.name == "shop-gcp-eu-istio-istiod").inputs["values"]


def test_nothing_asked_nothing_more(run: Run) -> None:
    engine = run(lambda: mesh())
    values = istiod(engine)
    assert values["meshConfig"] == {"trustDomain": "cluster.local"}
    assert "resources" not in values
    assert "proxy" not in values["global"]
    assert engine.of(SIDECAR) == []


def test_replicas_spread_over_zones_and_nodes(run: Run) -> None:
    engine = run(lambda: mesh())
    for release in engine.of(RELEASE):
        if release.inputs["chart"] in ("istiod", "gateway"):
            spread = release.inputs["values"]["topologySpreadConstraints"]
            assert [each["topologyKey"] for each in spread] == ["topology.kubernetes.io/zone", "kubernetes.io/hostname"]
            assert {each["whenUnsatisfiable"] for each in spread} == {"ScheduleAnyway"}


def test_gateways_wait_and_connections_end_before_they_do(run: Run) -> None:
    engine = run(lambda: mesh(gateway={"drain_seconds": 60}, ingress={}))
    gateways = [r.inputs["values"] for r in engine.of(RELEASE) if r.inputs["chart"] == "gateway"]
    assert len(gateways) == 4
    for values in gateways:
        assert values["terminationGracePeriodSeconds"] == 60
        assert values["env"] == {"EXIT_ON_ZERO_ACTIVE_CONNECTIONS": "true"}
    rules = engine.of(FILTER)
    assert sorted(rule.name for rule in rules) == [
        "shop-aws-us-istio-connection-age",
        "shop-gcp-eu-istio-connection-age",
    ]
    (patch,) = rules[0].inputs["spec"]["configPatches"]
    assert patch["match"]["context"] == "SIDECAR_INBOUND"
    told = patch["patch"]["value"]["typed_config"]
    assert told["common_http_protocol_options"] == {"max_connection_duration": "40s"}


def test_gateways_end_as_the_chart_has_it_where_that_is_asked_for(run: Run) -> None:
    engine = run(lambda: mesh(gateway={"drain_seconds": 0}))
    assert engine.of(FILTER) == []
    for release in engine.of(RELEASE):
        assert "terminationGracePeriodSeconds" not in release.inputs["values"]


def test_a_declared_size_is_what_istiod_asks_for(run: Run) -> None:
    values = istiod(run(lambda: mesh(control_plane={"services": 1000, "proxies": 2000, "min_replicas": 3})))
    assert values["autoscaleMin"] == 3
    assert values["resources"]["requests"]["cpu"].endswith("m")
    assert values["resources"]["requests"]["memory"].endswith("Mi")


def test_proxies_logs_and_tls(run: Run) -> None:
    proxy = {"cpu": "200m", "memory_limit": "2Gi", "concurrency": 2, "access_log": "json"}
    values = istiod(run(lambda: mesh(proxy=proxy)))
    assert values["global"]["proxy"]["resources"] == {"requests": {"cpu": "200m"}, "limits": {"memory": "2Gi"}}
    assert values["global"]["meshID"] == "shop"
    assert values["meshConfig"] == {
        "trustDomain": "cluster.local",
        "accessLogFile": "/dev/stdout",
        "accessLogEncoding": "JSON",
        "defaultConfig": {"concurrency": 2},
    }


def test_accelerated_handshakes_fall_back(run: Run) -> None:
    machines = {"default": {"machine_type": "c3-standard-4"}}

    def program() -> None:
        args: Any = copy.deepcopy(ARGS)
        args["gke"]["gcp-eu"]["node_pools"] = machines
        args["istio"] = {"proxy": {"tls_acceleration": "cryptomb"}}
        multimesh.MultiCloudMesh("shop", args)

    config = istiod(run(program))["meshConfig"]["defaultConfig"]
    assert config == {"privateKeyProvider": {"cryptomb": {"pollDelay": "0.010s", "fallback": True}}}


def test_traces_go_to_the_collector_in_each_cluster(run: Run) -> None:
    engine = run(lambda: mesh(tracing={"service": "otel.obs.svc.cluster.local", "sampling_percent": 0}))
    (provider,) = istiod(engine)["meshConfig"]["extensionProviders"]
    assert provider["opentelemetry"] == {"service": "otel.obs.svc.cluster.local", "port": 4317}
    rules = engine.of("kubernetes:telemetry.istio.io/v1:Telemetry")
    assert len(rules) == 2
    assert rules[0].inputs["spec"] == {
        "tracing": [{"providers": [{"name": provider["name"]}], "randomSamplingPercentage": 0}]
    }


def test_chosen_requests_are_logged_beside_the_traces(run: Run) -> None:
    logged = {"access_log": "text", "access_log_filter": "response.code >= 400"}
    engine = run(lambda: mesh(proxy=logged, tracing={"service": "otel.obs.svc.cluster.local"}))
    rules = engine.of("kubernetes:telemetry.istio.io/v1:Telemetry")
    assert [rule.inputs["metadata"]["name"] for rule in rules] == ["mesh-default"] * 2, "Istio takes one of them"
    assert rules[0].inputs["spec"]["accessLogging"] == [
        {"providers": [{"name": "envoy"}], "filter": {"expression": "response.code >= 400"}}
    ]
    assert "tracing" in rules[0].inputs["spec"]


def test_a_single_replica_has_no_budget_that_keeps_it(run: Run) -> None:
    size = {"services": 10, "proxies": 10, "min_replicas": 1}
    values = istiod(run(lambda: mesh(control_plane=size, proxy={"cpu": "50m"})))
    assert values["global"]["defaultPodDisruptionBudget"] == {"enabled": False}
    assert values["global"]["proxy"]["resources"] == {"requests": {"cpu": "50m"}}
    assert "defaultPodDisruptionBudget" not in istiod(run(lambda: mesh()))["global"]


def test_failover_prefers_by_network_and_cluster_and_detects_what_is_ill(run: Run) -> None:
    engine = run(lambda: mesh(failover=True))
    locality = istiod(engine)["meshConfig"]["localityLbSetting"]
    assert locality["failoverPriority"] == ["topology.istio.io/network", "topology.istio.io/cluster"]
    rules = engine.of("kubernetes:networking.istio.io/v1:DestinationRule")
    assert len(rules) == 2
    policy = rules[0].inputs["spec"]["trafficPolicy"]
    assert policy["outlierDetection"]["maxEjectionPercent"] == 100
    assert policy["connectionPool"] == {"tcp": {"connectTimeout": "3s"}}, "less than callers wait"


def test_scopes_of_the_root_namespace_and_of_enrolled_ones(run: Run) -> None:
    def program() -> None:
        made = mesh(scopes={"web": {"calls": ["payments", "orders/api"]}})
        made.enrol("web", ["gcp-eu"])
        made.enrol("payments", ["gcp-eu"])

    engine = run(program)
    found = {
        (r.name, r.inputs["metadata"]["namespace"]): r.inputs["spec"]["egress"][0]["hosts"] for r in engine.of(SIDECAR)
    }
    shared = ["./*", "istio-system/*"]
    assert found == {
        ("shop-aws-us-istio-scope", "istio-system"): shared,
        ("shop-gcp-eu-istio-scope", "istio-system"): shared,
        ("shop-gcp-eu-web-scope", "web"): [*shared, "orders/api.orders.svc.cluster.local", "payments/*"],
    }


def test_enrolling_makes_the_namespace_or_labels_one_that_is_there(run: Run) -> None:
    def program() -> None:
        made = mesh()
        made.enrol("web")
        made.enrol("old", ["aws-us"], create=False)

    engine = run(program)
    label = {"istio-injection": "enabled"}
    made = {r.name: r.inputs["metadata"] for r in engine.of("kubernetes:core/v1:Namespace") if "web" in r.name}
    assert made == {key: {"name": "web", "labels": label} for key in ("shop-aws-us-web", "shop-gcp-eu-web")}
    (patched,) = engine.of("kubernetes:core/v1:NamespacePatch")
    assert patched.inputs["metadata"] == {"name": "old", "labels": label}


def test_what_runs_already_is_restarted_for_its_sidecar_and_for_another_revision(run: Run) -> None:
    def program(**istio: Any) -> None:
        mesh(**istio).enrol("old", ["aws-us"], create=False, restart=["web", "api"])

    def restarted(engine: Any) -> dict[str, str]:
        patches = engine.of("kubernetes:apps/v1:DeploymentPatch")
        assert {patch.inputs["metadata"]["namespace"] for patch in patches} == {"old"}
        return {
            patch.inputs["metadata"]["name"]: patch.inputs["spec"]["template"]["metadata"]["annotations"][
                "multimesh.io/sidecar-of"
            ]
            for patch in patches
        }

    assert restarted(run(lambda: program())) == {"api": "default", "web": "default"}
    moved = {"revisions": {"default": {}, "next": {}}, "default": "next"}
    assert restarted(run(lambda: program(**moved))) == {"api": "next", "web": "next"}


def test_nothing_is_restarted_where_nothing_runs(run: Run) -> None:
    with pytest.raises(ValueError, match="add create=False"):
        run(lambda: mesh().enrol("new", restart=["api"]))
