"""The kubernetes stand-in beside other writers, on a server that falters, and with kinds that are new to it."""

from typing import Any

import pytest
import urllib3
from pulumi.runtime.proto import provider_pb2
from simulated_cloud import Engine, RefusedByProviderError, Resource

from multimesh_lab.providers.kubernetes.api import APPLY, JSON_PATCH, MERGE, Api, ApiError, Unreachable
from multimesh_lab.providers.wire import decode, encode

CONFIG_MAP, SERVICE, DEFINITION = (
    "kubernetes:core/v1:ConfigMap",
    "kubernetes:core/v1:Service",
    "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition",
)
CONFIG_MAPS = "/api/v1/namespaces/default/configmaps"
DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


def config_map(name: str, **data: str) -> dict[str, Any]:
    metadata = {"name": name, "namespace": "default"}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


def definition(plural: str, kind: str, scope: str, **annotations: str) -> dict[str, Any]:
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.busy.test", "annotations": annotations},
        "spec": {
            "group": "busy.test",
            "names": {"plural": plural, "singular": kind.lower(), "kind": kind},
            "scope": scope,
            "versions": [{"name": "v1", "served": True, "storage": True, "schema": schema}],
        },
    }


@pytest.fixture
def api(kubeconfig: str) -> Api:
    return Api(kubeconfig)


@pytest.fixture
def mutable(engine: Engine, kubeconfig: str) -> Engine:
    engine.configure({"kubeconfig": kubeconfig, "enableConfigMapMutable": "true"})
    return engine


class Rival:
    """Writes to an object just before somebody else does, so that whoever read it before is too late."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, method: str, content_type: str, wins: int) -> None:
        self.tries, self._wins = 0, wins
        really = Api.request

        def request(api: Api, asked: str, path: str, body: Any = None, **words: Any) -> Any:
            if asked == method and words.get("content_type", content_type) == content_type:
                self.tries += 1
                if self.tries <= self._wins:
                    mark = {"metadata": {"labels": {"rival": str(self.tries)}}}
                    really(api, "PATCH", path, mark, content_type=MERGE, params={"fieldManager": "rival"})
            return really(api, asked, path, body, **words)

        monkeypatch.setattr(Api, "request", request)


def test_a_hand_over_that_comes_too_late_is_done_again_and_only_when_needed(
    mutable: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = mutable.create(CONFIG_MAP, "raced", config_map("raced", a="1", b="1"))
    rival = Rival(monkeypatch, "PATCH", JSON_PATCH, wins=2)
    changed = mutable.update(made, config_map("raced", a="2"))
    assert rival.tries == 3
    assert changed.outputs["data"] == {"a": "2"}, "what the POST had set went, so it had become the resource's own"
    again = mutable.update(changed, config_map("raced", a="3"))
    assert rival.tries == 3
    mutable.delete(again)


def test_a_writer_that_never_rests_is_an_error_in_the_end(mutable: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    made = mutable.create(CONFIG_MAP, "restless", config_map("restless", a="1"))
    rival = Rival(monkeypatch, "PATCH", JSON_PATCH, wins=99)
    with pytest.raises(RefusedByProviderError, match="the object has been modified") as refused:
        mutable.update(made, config_map("restless", a="2"))
    assert rival.tries == 5
    assert "ignoreChanges" not in str(refused.value), "no field is another's"
    mutable.delete(made)


def test_several_fields_of_others_are_named_with_the_remedy(mutable: Engine, api: Api) -> None:
    made = mutable.update(
        mutable.create(CONFIG_MAP, "shared", config_map("shared", a="1", b="1")), config_map("shared", a="1", b="1")
    )
    params = {"fieldManager": "other", "force": "true"}
    api.request("PATCH", f"{CONFIG_MAPS}/shared", config_map("shared", a="9", b="9"), content_type=APPLY, params=params)
    with pytest.raises(RefusedByProviderError, match=r"2 conflicts(.|\n)*ignoreChanges"):
        mutable.update(made, config_map("shared", a="2", b="2"))
    forced = config_map("shared", a="2", b="2")
    forced["metadata"]["annotations"] = {"pulumi.com/patchForce": "true"}
    assert mutable.update(made, forced).outputs["data"] == {"a": "2", "b": "2"}
    mutable.delete(made)


def test_a_definition_is_previewed_as_it_is_written_and_written_again_when_too_late(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = engine.create(DEFINITION, "halls", definition("halls", "Hall", "Namespaced", turn="1"))
    once = engine.update(made, definition("halls", "Hall", "Namespaced", turn="2"))
    shown = engine.update(once, definition("halls", "Hall", "Namespaced", turn="3"), preview=True)
    assert shown.outputs["metadata"]["annotations"] == {"turn": "3"}
    rival = Rival(monkeypatch, "PUT", "application/json", wins=1)
    twice = engine.update(once, definition("halls", "Hall", "Namespaced", turn="3"))
    assert rival.tries == 2
    assert twice.outputs["metadata"]["annotations"] == {"turn": "3"}
    imported = engine.read(Resource(DEFINITION, made.urn, made.id, {}, {}, {}))
    assert imported is not None
    assert imported.inputs["spec"]["names"]["kind"] == "Hall"
    engine.delete(twice)


def test_where_an_object_lies_is_known_once_it_is_made(engine: Engine, api: Api) -> None:
    """Its definition may come with a chart, between the check and the making."""
    token = "kubernetes:busy.test/v1:Realm"
    realm = {"apiVersion": "busy.test/v1", "kind": "Realm", "metadata": {"name": "far"}, "spec": {"size": 1}}
    checked = engine.check(token, "far", realm)
    assert checked["metadata"]["namespace"] == "default"
    api.request("POST", DEFINITIONS, definition("realms", "Realm", "Cluster"))
    urn = f"urn:pulumi:dev::project::{token}::far"
    response = engine.provider.Create(provider_pb2.CreateRequest(urn=urn, properties=encode(checked)), engine.context)
    assert response.id == "far"
    state = decode(response.properties)
    made = Resource(token, urn, response.id, checked, state, state)
    assert engine.diff(made, realm).changes == provider_pb2.DiffResponse.DIFF_NONE
    engine.delete(made)
    api.request("DELETE", f"{DEFINITIONS}/realms.busy.test")


def test_a_removal_is_waited_for_though_the_server_falters(
    engine: Engine, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = config_map("held", a="1")
    wanted["metadata"]["finalizers"] = ["busy.test/hold"]
    made = engine.create(CONFIG_MAP, "held", wanted)
    really, looks = Api.get, list[str]()

    def get(self: Api, kind: Any, namespace: str, name: str) -> Any:
        looks.append(name)
        if len(looks) == 1:
            raise ApiError(503, "ServiceUnavailable", "etcd has no leader")
        if len(looks) == 3:
            api.request("PATCH", f"{CONFIG_MAPS}/held", {"metadata": {"finalizers": None}}, content_type=MERGE)
        return really(self, kind, namespace, name)

    monkeypatch.setattr(Api, "get", get)
    engine.delete(made)
    assert len(looks) >= 3
    assert really(api, api.kind("v1", "ConfigMap"), "default", "held") is None


def test_what_was_never_sent_is_sent_again_and_what_had_its_time_is_not(api: Api, monkeypatch: Any) -> None:
    pool: Any = api._pool
    really, sent = pool.request, list[str]()
    faults: list[Exception] = []

    def request(method: str, url: str, **words: Any) -> Any:
        sent.append(method)
        if faults:
            raise faults.pop()
        return really(method, url, **words)

    monkeypatch.setattr(pool, "request", request)
    faults.append(urllib3.exceptions.NewConnectionError(pool, "refused"))
    api.request("POST", CONFIG_MAPS, config_map("sent", a="1"))
    assert sent == ["POST", "POST"]
    sent.clear()
    for method, fault in (
        ("PATCH", urllib3.exceptions.ProtocolError("broken off")),
        ("GET", urllib3.exceptions.ReadTimeoutError(pool, "", "too slow")),
    ):
        faults.append(fault)
        with pytest.raises(Unreachable):
            api.request(method, f"{CONFIG_MAPS}/sent")
    assert sent == ["PATCH", "GET"]
    api.request("DELETE", f"{CONFIG_MAPS}/sent")


@pytest.mark.parametrize(("conditions", "is_waited_for"), [({}, True), ({"terminating": True}, False)])
def test_a_pod_on_its_way_out_does_not_hold_up_its_service(
    engine: Engine, api: Api, conditions: dict[str, bool], is_waited_for: bool
) -> None:
    slices = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices"
    endpoint = {"addresses": ["198.18.9.9"], "conditions": {"ready": False, **conditions}}
    labels = {"kubernetes.io/service-name": "leaving"}
    body = {"addressType": "IPv4", "endpoints": [endpoint], "metadata": {"name": "leaving", "labels": labels}}
    api.request("POST", slices, body)
    annotations = {"pulumi.com/timeoutSeconds": "1"}
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "leaving", "namespace": "default", "annotations": annotations},
        "spec": {"selector": {"app": "leaving"}, "ports": [{"port": 80}]},
    }
    if is_waited_for:
        with pytest.raises(RefusedByProviderError, match="its pods are not ready"):
            engine.create(SERVICE, "leaving", service)
    else:
        engine.create(SERVICE, "leaving", service)
    engine.delete(Resource(SERVICE, f"urn:pulumi:dev::project::{SERVICE}::leaving", "default/leaving", {}, service, {}))
    api.request("DELETE", f"{slices}/leaving")
