"""Objects' lives beyond the plain ones, against a real API server: patches, takeovers, readiness, refusals."""

import time
from typing import Any

import pytest
from google.rpc import status_pb2
from pulumi.runtime.proto import provider_pb2
from simulated_cloud import CheckFailedError, Engine, FakeContext, RefusedByProviderError, Resource

from multimesh_lab.providers.kubernetes.api import APPLY, JSON, MERGE, Api
from multimesh_lab.providers.wire import UNKNOWN, decode, encode

CONFIG_MAP, PATCH, DEPLOYMENT, SERVICE, JOB = (
    "kubernetes:core/v1:ConfigMap",
    "kubernetes:core/v1:ConfigMapPatch",
    "kubernetes:apps/v1:Deployment",
    "kubernetes:core/v1:Service",
    "kubernetes:batch/v1:Job",
)


class PartialContext(FakeContext):
    """Keeps what an unhealthy resource's error carries."""

    failed: provider_pb2.ErrorResourceInitFailed

    def abort_with_status(self, status: Any) -> Any:
        detail = status_pb2.Status.FromString(dict(status.trailing_metadata)["grpc-status-details-bin"])
        self.failed = provider_pb2.ErrorResourceInitFailed()
        assert detail.details[0].Unpack(self.failed)
        super().abort_with_status(status)


def config_map(name: str, **data: Any) -> dict[str, Any]:
    metadata = {"name": name, "namespace": "default"}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


def deployment(name: str, replicas: int, **annotations: str) -> dict[str, Any]:
    labels = {"app": name}
    container = {"name": "c", "image": "i", "tty": False, "resources": {"limits": {"cpu": "1000m"}}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": name,
            "namespace": "default",
            "annotations": {f"pulumi.com/{key}": value for key, value in annotations.items()},
        },
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
        },
    }


@pytest.fixture
def api(kubeconfig: str) -> Api:
    return Api(kubeconfig)


@pytest.fixture
def partial(engine: Engine) -> PartialContext:
    engine.context = PartialContext()
    return engine.context


def path_of(name: str, plural: str = "/api/v1/namespaces/default/configmaps") -> str:
    return f"{plural}/{name}"


DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments"


def test_zero_values_and_quantities_make_no_second_difference(engine: Engine) -> None:
    made = engine.create(DEPLOYMENT, "calm", deployment("calm", 0))
    answer = engine.diff(made, deployment("calm", 0))
    assert dict(answer.detailedDiff) == {}
    read = engine.read(made)
    assert read is not None
    assert engine.diff(read, deployment("calm", 0)).changes == provider_pb2.DiffResponse.DIFF_NONE
    engine.delete(made)


def test_a_patch_takes_only_its_fields_and_gives_them_back(engine: Engine, api: Api, kubeconfig: str) -> None:
    engine.configure({"kubeconfig": kubeconfig, "enableConfigMapMutable": "true"})
    owned = engine.create(CONFIG_MAP, "shared", config_map("shared", ours="1"))
    patch = engine.create(PATCH, "p", config_map("shared", theirs="2"))
    assert patch.id == "default/shared"
    assert patch.outputs["data"] == {"ours": "1", "theirs": "2"}
    changed = engine.update(patch, config_map("shared", theirs="3"))
    assert changed.outputs["data"] == {"ours": "1", "theirs": "3"}
    engine.delete(changed)
    assert api.request("GET", path_of("shared"))["data"] == {"ours": "1"}
    engine.delete(owned)
    engine.delete(changed)


def test_a_patch_needs_a_name(engine: Engine) -> None:
    with pytest.raises(CheckFailedError, match=r"metadata\.name"):
        engine.check(PATCH, "p", {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {}})


def test_a_provider_that_upserts_takes_over_what_exists(engine: Engine, api: Api, kubeconfig: str) -> None:
    api.request("POST", path_of("")[:-1], config_map("found", a="1"), params={"fieldManager": "kubectl"})
    engine.configure({"kubeconfig": kubeconfig, "upsertExistingObjects": "true", "enablePatchForce": "true"})
    made = engine.create(CONFIG_MAP, "found", config_map("found", a="2"))
    assert made.outputs["data"] == {"a": "2"}
    changed = engine.update(made, config_map("found", b="3"))
    assert changed.outputs["data"] == {"b": "3"}, "what kubectl had set is ours since the hand-over"
    engine.delete(changed)


def test_a_field_of_another_manager_conflicts_unless_it_is_ignored(engine: Engine, api: Api) -> None:
    made = engine.update(engine.create(DEPLOYMENT, "scaled", deployment("scaled", 0)), deployment("scaled", 0))
    spec: dict[str, Any] = {"paused": True}
    body = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "scaled"}, "spec": spec}
    params = {"fieldManager": "autoscaler", "force": "true"}
    api.request("PATCH", path_of("scaled", DEPLOYMENTS), body, content_type=APPLY, params=params)
    wanted = deployment("scaled", 0, skipAwait="true")
    wanted["spec"]["paused"] = True
    same = engine.update(made, wanted)
    del same.inputs["spec"]["paused"]
    spec["minReadySeconds"] = 5
    api.request("PATCH", path_of("scaled", DEPLOYMENTS), body, content_type=APPLY, params=params)
    wanted["spec"]["minReadySeconds"] = 7
    with pytest.raises(RefusedByProviderError, match="ignoreChanges"):
        engine.update(same, wanted)
    with pytest.raises(RefusedByProviderError, match="ignoreChanges"):
        engine.update(same, wanted, preview=True)
    request = _update_request(engine, same, wanted, ["spec.minReadySeconds"])
    assert decode(engine.provider.Update(request, engine.context).properties)["spec"]["minReadySeconds"] == 5
    engine.delete(same)


def _update_request(
    engine: Engine, resource: Resource, inputs: dict[str, Any], ignored: list[str]
) -> provider_pb2.UpdateRequest:
    news = engine.check(resource.token, resource.urn.rpartition("::")[2], inputs, resource.inputs)
    return provider_pb2.UpdateRequest(
        id=resource.id,
        urn=resource.urn,
        olds=encode(resource.outputs),
        news=encode(news),
        ignoreChanges=ignored,
    )


def test_an_unready_object_is_kept_with_its_state(engine: Engine, partial: PartialContext) -> None:
    with pytest.raises(RefusedByProviderError, match="Deployment late is not ready"):
        engine.create(DEPLOYMENT, "late", deployment("late", 1, timeoutSeconds="2"))
    assert partial.failed.id == "default/late"
    state, inputs = decode(partial.failed.properties), decode(partial.failed.inputs)
    assert state["metadata"]["uid"]
    assert state["__inputs"] == inputs
    assert state["__fieldManager"].startswith("pulumi-kubernetes-")
    assert any("no nodes" in each or "not scheduled" in each or "ready" in each for each in partial.failed.reasons)
    kept = Resource(DEPLOYMENT, _urn(DEPLOYMENT, "late"), "default/late", inputs, state, state)
    with pytest.raises(RefusedByProviderError, match="is not ready"):
        engine.read(kept)
    assert decode(partial.failed.inputs)["spec"]["replicas"] == 1
    healed = engine.update(kept, deployment("late", 0))
    assert engine.read(healed) is not None
    engine.delete(healed)


def _urn(token: str, name: str) -> str:
    return f"urn:pulumi:dev::project::{token}::{name}"


def test_what_cannot_be_waited_for_is_refused_before_anything_is_made(engine: Engine, api: Api) -> None:
    wanted = deployment("never", 0, waitFor="delete")
    with pytest.raises(RefusedByProviderError, match=r"waitFor holds 'delete'"):
        engine.create(DEPLOYMENT, "never", wanted)
    assert api.get(api.kind("apps/v1", "Deployment"), "default", "never") is None


def test_waiting_for_a_path_and_a_condition(engine: Engine) -> None:
    wanted = deployment("awaited", 0, waitFor='["condition=available", "jsonpath={.spec.replicas}=0"]')
    made = engine.create(DEPLOYMENT, "awaited", wanted)
    assert made.outputs["status"]["conditions"]
    engine.delete(made)


def test_a_failed_job_says_so_at_once_and_on_refresh(engine: Engine, api: Api, partial: PartialContext) -> None:
    spec: dict[str, Any] = {
        "template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "i"}]}},
        "activeDeadlineSeconds": 1,
    }
    wanted = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "late-job"}, "spec": spec}
    started = time.monotonic()
    with pytest.raises(RefusedByProviderError, match="DeadlineExceeded"):
        engine.create(JOB, "late-job", wanted)
    assert time.monotonic() - started < 60
    state = decode(partial.failed.properties)
    kept = Resource(JOB, _urn(JOB, "late-job"), "default/late-job", decode(partial.failed.inputs), state, state)
    with pytest.raises(RefusedByProviderError, match="DeadlineExceeded"):
        engine.read(kept)
    engine.delete(kept)


def test_a_service_waits_for_quiet_and_a_headless_one_does_not(engine: Engine) -> None:
    def service(name: str, **spec: Any) -> dict[str, Any]:
        spec |= {"selector": {"app": name}, "ports": [{"port": 80}]}
        return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": spec}

    started = time.monotonic()
    headless = engine.create(SERVICE, "headless", service("headless", clusterIP="None"))
    assert time.monotonic() - started < 8
    quiet = service("quiet")
    quiet["metadata"]["annotations"] = {"pulumi.com/timeoutSeconds": "2"}
    made = engine.create(SERVICE, "quiet", quiet)
    assert engine.read(made) is not None
    waiting = service("balanced", type="LoadBalancer")
    waiting["metadata"]["annotations"] = {"pulumi.com/timeoutSeconds": "1"}
    with pytest.raises(RefusedByProviderError, match="the load balancer has no address"):
        engine.create(SERVICE, "balanced", waiting)
    for name in ("headless", "quiet", "balanced"):
        gone = Resource(SERVICE, _urn(SERVICE, name), f"default/{name}", {}, service(name), {})
        engine.delete(gone)
    assert headless.id == "default/headless"


def test_a_cluster_wide_kind_is_known_from_its_definition(engine: Engine) -> None:
    names = {"plural": "towns", "singular": "town", "kind": "Town"}
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    versions = [{"name": "v1", "served": True, "storage": True, "schema": schema}]
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "towns.lab.test"},
        "spec": {"group": "lab.test", "names": names, "scope": "Cluster", "versions": versions},
    }
    town = {"apiVersion": "lab.test/v1", "kind": "Town", "metadata": {"name": "here"}, "spec": {"size": 2, "zero": ""}}
    token = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition"
    engine.check(token, "towns", definition)
    assert "namespace" not in engine.check("kubernetes:lab.test/v1:Town", "here", town)["metadata"]
    crd = engine.create(token, "towns", definition)
    made = engine.create("kubernetes:lab.test/v1:Town", "here", town)
    assert made.id == "here"
    assert made.outputs["spec"] == {"size": 2, "zero": ""}, "custom kinds have no normal form"
    changed = engine.update(crd, definition)
    engine.delete(made)
    engine.delete(changed)


def test_drift_shows_after_a_refresh_in_what_the_program_sets(engine: Engine, api: Api, kubeconfig: str) -> None:
    engine.configure({"kubeconfig": kubeconfig, "enableConfigMapMutable": "true"})
    made = engine.create(CONFIG_MAP, "drifting", config_map("drifting", a="1"))
    api.request("PATCH", path_of("drifting"), {"data": {"a": "9", "b": "9"}}, content_type=MERGE)
    assert engine.diff(made, config_map("drifting", a="1")).changes == provider_pb2.DiffResponse.DIFF_NONE
    read = engine.read(made)
    assert read is not None
    assert read.inputs["data"] == {"a": "9"}
    assert list(engine.diff(read, config_map("drifting", a="1")).detailedDiff) == ["data.a"]
    engine.delete(read)


def test_an_import_has_what_the_object_is_made_of(engine: Engine, api: Api) -> None:
    api.request("POST", path_of("")[:-1], config_map("foreign", a="1"), content_type=JSON)
    bare = Resource(CONFIG_MAP, _urn(CONFIG_MAP, "foreign"), "default/foreign", {}, {}, {})
    read = engine.read(bare)
    assert read is not None
    assert read.inputs == config_map("foreign", a="1")
    engine.delete(read)


def test_an_update_of_what_is_gone_says_so(engine: Engine, kubeconfig: str) -> None:
    engine.configure({"kubeconfig": kubeconfig, "enableConfigMapMutable": "true"})
    made = engine.create(CONFIG_MAP, "gone", config_map("gone", a="1"))
    engine.delete(made)
    with pytest.raises(RefusedByProviderError, match="is gone; run `pulumi refresh`"):
        engine.update(made, config_map("gone", a="2"))
    unknown = {**config_map("gone"), "data": {"a": UNKNOWN}}
    assert engine.update(made, unknown, preview=True).outputs["data"] == {"a": UNKNOWN}
