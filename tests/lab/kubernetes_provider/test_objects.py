"""Objects by the kubernetes stand-in, against a real API server."""

import base64
from typing import Any

import pytest
from pulumi.runtime.proto import provider_pb2
from simulated_cloud import Engine, RefusedByProviderError

from multimesh_lab.providers.kubernetes.provider import KubernetesProvider
from multimesh_lab.providers.wire import UNKNOWN, Secret

CONFIG_MAP, SECRET, NAMESPACE = (
    "kubernetes:core/v1:ConfigMap",
    "kubernetes:core/v1:Secret",
    "kubernetes:core/v1:Namespace",
)


def config_map(**data: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {}, "data": data}


def secret(name: str, **text: str) -> dict[str, Any]:
    metadata = {"name": name, "namespace": "default"}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": Secret(text)}


def test_an_object_is_named_made_read_and_removed(engine: Engine) -> None:
    made = engine.create(CONFIG_MAP, "settings", config_map(a="1"))
    assert made.id.startswith("default/settings-")
    assert made.inputs["metadata"]["namespace"] == "default"
    assert made.outputs["data"] == {"a": "1"}
    read = engine.read(made)
    assert read is not None
    assert read.inputs == made.inputs
    engine.delete(made)
    assert engine.read(made) is None
    engine.delete(made)


def test_no_change_is_no_difference(engine: Engine) -> None:
    made = engine.create(CONFIG_MAP, "still", config_map(a="1"))
    assert engine.diff(made, config_map(a="1")).changes == provider_pb2.DiffResponse.DIFF_NONE
    engine.delete(made)


def test_a_config_map_is_replaced_unless_it_may_change(engine: Engine, kubeconfig: str) -> None:
    made = engine.create(CONFIG_MAP, "changing", config_map(a="1"))
    assert list(engine.diff(made, config_map(a="2")).replaces) == ["data.a"]
    engine.configure({"kubeconfig": kubeconfig, "enableConfigMapMutable": "true"})
    answer = engine.diff(made, config_map(a="2"))
    assert list(answer.replaces) == []
    changed = engine.update(made, config_map(a="2", b="3"))
    assert changed.outputs["data"] == {"a": "2", "b": "3"}
    again = engine.update(changed, config_map(b="3"))
    assert again.outputs["data"] == {"b": "3"}, "a field that only we own goes when the program drops it"
    engine.delete(made)


def test_a_secrets_text_is_folded_and_stays_secret(engine: Engine) -> None:
    made = engine.create(SECRET, "folded", secret("folded", key="value"))
    assert "stringData" not in made.inputs
    assert isinstance(made.inputs["data"], Secret)
    assert isinstance(made.raw["data"], Secret)
    assert made.raw["data"].value == {"key": base64.b64encode(b"value").decode()}
    assert engine.diff(made, secret("folded", key="value")).changes == provider_pb2.DiffResponse.DIFF_NONE
    changed = engine.diff(made, secret("folded", key="other"))
    assert changed.deleteBeforeReplace
    engine.delete(made)


def test_what_exists_is_not_taken_over(engine: Engine) -> None:
    made = engine.create(SECRET, "taken", secret("taken", key="value"))
    with pytest.raises(RefusedByProviderError, match="exists already"):
        engine.create(SECRET, "taken", secret("taken", key="value"))
    engine.delete(made)


def test_a_service_account_token_is_awaited(engine: Engine) -> None:
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "reader", "namespace": "default"}}
    made = engine.create("kubernetes:core/v1:ServiceAccount", "reader", account)
    metadata = {"name": "reader-token", "annotations": {"kubernetes.io/service-account.name": "reader"}}
    wanted = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": "kubernetes.io/service-account-token"}
    token = engine.create(SECRET, "reader-token", wanted)
    assert {"token", "ca.crt", "namespace"} <= set(token.outputs["data"])
    engine.delete(token)
    engine.delete(made)


def test_a_custom_resource_after_its_definition(engine: Engine) -> None:
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "doors.lab.test"},
        "spec": {
            "group": "lab.test",
            "names": {"plural": "doors", "singular": "door", "kind": "Door"},
            "scope": "Namespaced",
            "versions": [
                {
                    "name": "v1",
                    "served": True,
                    "storage": True,
                    "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
                }
            ],
        },
    }
    crd = engine.create("kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition", "doors", definition)
    door = {"apiVersion": "lab.test/v1", "kind": "Door", "metadata": {"name": "front"}, "spec": {"open": 3}}
    made = engine.create("kubernetes:lab.test/v1:Door", "front", door)
    assert made.id == "default/front"
    assert made.outputs["spec"] == {"open": 3}
    changed = engine.update(made, {**door, "spec": {"open": 4}})
    assert changed.outputs["spec"] == {"open": 4}
    engine.delete(changed)
    engine.delete(crd)


def test_a_deployment_without_nodes_is_unready_and_says_why(engine: Engine) -> None:
    labels = {"app": "idle"}
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "idle", "annotations": {"pulumi.com/timeoutSeconds": "2"}},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "c", "image": "i"}]}},
        },
    }
    with pytest.raises(RefusedByProviderError, match="Deployment idle is not ready"):
        engine.create("kubernetes:apps/v1:Deployment", "idle", deployment)
    found = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "idle", "namespace": "default"}}
    engine.provider.Delete(_delete_request(found), engine.context)


def _delete_request(state: dict[str, Any]) -> provider_pb2.DeleteRequest:
    from multimesh_lab.providers.wire import encode

    urn = "urn:pulumi:dev::project::kubernetes:apps/v1:Deployment::idle"
    return provider_pb2.DeleteRequest(id="default/idle", urn=urn, properties=encode(state))


def test_a_preview_dry_runs_and_echoes_what_is_unknown(engine: Engine) -> None:
    shown = engine.preview(CONFIG_MAP, "shown", config_map(a="1"))
    assert shown["metadata"]["uid"]
    unknown = {**config_map(), "data": {"a": UNKNOWN}}
    assert engine.preview(CONFIG_MAP, "echoed", unknown)["data"] == {"a": UNKNOWN}
    with pytest.raises(RefusedByProviderError, match="a lowercase RFC 1123"):
        engine.preview(NAMESPACE, "bad", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "Not_Valid"}})


def test_an_unreachable_cluster_lets_a_preview_pass_and_refuses_the_rest() -> None:
    provider: Any = KubernetesProvider()
    away = Engine(provider, {"kubeconfig": UNREACHABLE})
    assert away.preview(CONFIG_MAP, "away", config_map(a="1"))["data"] == {"a": "1"}
    with pytest.raises(RefusedByProviderError, match="cannot be reached"):
        away.create(CONFIG_MAP, "away", config_map(a="1"))


UNREACHABLE = """
apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "https://127.0.0.1:1"}}]
users: [{name: u, user: {token: t}}]
contexts: [{name: c, context: {cluster: c, user: u}}]
current-context: c
"""
