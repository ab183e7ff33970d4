"""What the kubernetes stand-in decides without a cluster: names, normal form, differences, configuration."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi.runtime.proto import provider_pb2

from multimesh_lab.providers.kubernetes import config, paths
from multimesh_lab.providers.kubernetes.awaiting import validate
from multimesh_lab.providers.kubernetes.diff import diff
from multimesh_lab.providers.kubernetes.inputs import Naming, checked, failures
from multimesh_lab.providers.kubernetes.normal_form import normal
from multimesh_lab.providers.kubernetes.ownership import handed_over, without_ignored
from multimesh_lab.providers.kubernetes.quantities import canonical
from multimesh_lab.providers.kubernetes.replacement import forces, forcing_paths
from multimesh_lab.providers.wire import UNKNOWN, Secret

NAMING = Naming("urn:pulumi:dev::project::kubernetes:core/v1:ConfigMap::thing", b"seed")
WORDS = st.text("abcdefg.[]\"'\\/-", min_size=1, max_size=6)
VALUES = st.recursive(
    st.booleans() | st.integers(-9, 9) | st.text(max_size=3) | st.text(max_size=3).map(Secret) | st.just(UNKNOWN),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.fixed_dictionaries(
    {
        "apiVersion": st.sampled_from(["v1", "apps/v1", "lab.test/v1"]),
        "kind": st.sampled_from(["ConfigMap", "Secret", "Deployment", "Door"]),
        "metadata": st.fixed_dictionaries({}, optional={"name": st.sampled_from(["", "a"]), "labels": VALUES}),
    },
    optional={"data": VALUES, "stringData": st.dictionaries(WORDS, st.text(max_size=4)), "spec": VALUES},
)


def check(news: dict[str, Any], olds: dict[str, Any] | None = None) -> dict[str, Any]:
    return checked(news, olds or {}, NAMING, default_namespace="default", namespaced=True)


def difference(old: dict[str, Any], new: dict[str, Any], ignored: Sequence[str] = ()) -> provider_pb2.DiffResponse:
    forcing = forcing_paths(new, secret_mutable=False, config_map_mutable=False, patch=False)
    return diff(old, old, new, namespaced=True, forcing=forcing, ignored=ignored)


@given(OBJECTS)
def test_checking_twice_is_checking_once(news: dict[str, Any]) -> None:
    once = check(news)
    assert check(once, once) == once


@given(OBJECTS)
def test_equal_objects_do_not_differ(news: dict[str, Any]) -> None:
    inputs = check(news)
    answer = difference(inputs, inputs)
    assert answer.changes == provider_pb2.DiffResponse.DIFF_NONE
    assert not answer.replaces


@given(st.lists(WORDS | st.integers(0, 99), min_size=1, max_size=5))
def test_a_path_comes_back_from_its_written_form(path: list[str | int]) -> None:
    assert paths.steps(paths.written(path)) == path


def test_a_drawn_name_is_kept_and_a_chosen_one_is_not() -> None:
    first = check({"apiVersion": "v1", "kind": "ConfigMap"})
    name = first["metadata"]["name"]
    assert name.startswith("thing-") and len(name) == len("thing-") + 8
    assert check({"apiVersion": "v1", "kind": "ConfigMap"}, first)["metadata"]["name"] == name
    chosen = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "mine"}}
    assert "name" not in check({"apiVersion": "v1", "kind": "ConfigMap"}, chosen)["metadata"]


def test_what_a_check_refuses() -> None:
    generated = {"apiVersion": "v1", "kind": "Pod", "metadata": {"generateName": "a-"}}
    assert failures(generated, patch=False, may_draw=True)[0][0] == "metadata.generateName"
    unnamed = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {}}
    assert failures(unnamed, patch=False, may_draw=True) == []
    assert failures(unnamed, patch=True, may_draw=True)[0][0] == "metadata.name"
    assert failures(unnamed, patch=False, may_draw=False)[0][0] == "metadata.name"
    assert failures({"apiVersion": "v1", "kind": "PodList", "items": []}, patch=False, may_draw=True)[0][0] == "kind"


@pytest.mark.parametrize(
    ("given_form", "wanted"),
    [("1000m", "1"), ("1024Mi", "1Gi"), ("0.5", "500m"), ("1.5Gi", "1536Mi"), ("2000", "2k"), ("0", "0"), ("?", "?")],
)
def test_quantities_are_canonical(given_form: str, wanted: str) -> None:
    assert canonical(given_form) == wanted


def deployment(**container: Any) -> dict[str, Any]:
    spec = {"containers": [{"name": "c", "image": "i", **container}]}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"replicas": 0, "template": {"spec": spec}}}


def test_built_in_kinds_lose_typos_and_zero_values_and_keep_pointers() -> None:
    given_form = deployment(
        tty=False,
        imagePulPolicy="Always",
        env=[{"name": "A", "value": ""}],
        args=[],
        resources={"limits": {"cpu": "1000m"}},
    )
    given_form["spec"]["template"]["spec"]["volumes"] = [{"name": "v", "emptyDir": {}}]
    found = normal(given_form)["spec"]
    assert found["replicas"] == 0, "a pointer keeps its zero"
    assert found["template"]["spec"]["volumes"] == [{"name": "v", "emptyDir": {}}]
    container = {"name": "c", "image": "i", "env": [{"name": "A"}], "resources": {"limits": {"cpu": "1"}}}
    assert found["template"]["spec"]["containers"] == [container]


@pytest.mark.parametrize(
    "untouched",
    [
        deployment(tty=UNKNOWN, args=[]),
        deployment(tty="no boolean", args=[]),
        {"apiVersion": "serving.example/v1", "kind": "Service", "spec": {"tty": False, "typo": ""}},
    ],
)
def test_unknown_wrong_and_custom_objects_stay_as_they_are(untouched: dict[str, Any]) -> None:
    assert normal(untouched) == untouched


def test_a_secrets_data_is_secret_even_when_given_in_clear() -> None:
    inputs = check({"apiVersion": "v1", "kind": "Secret", "stringData": {"a": "b"}})
    assert inputs["data"] == Secret({"a": "Yg=="})


@pytest.mark.parametrize(
    ("kind", "path", "replaced"),
    [
        (("apps/v1", "Deployment"), ["spec", "selector", "matchLabels", "a"], True),
        (("apps/v1", "Deployment"), ["spec", "template"], False),
        (("v1", "Pod"), ["spec", "containers", 0, "image"], True),
        (("v1", "Pod"), ["spec", "tolerations", 0], False),
        (("v1", "Service"), ["spec", "type"], False),
        (("v1", "ConfigMap"), ["data", "a.b"], True),
        (("rbac.authorization.k8s.io/v1", "RoleBinding"), ["roleRef", "name"], True),
        (("lab.test/v1", "Door"), ["metadata", "namespace"], True),
    ],
)
def test_which_changes_replace(kind: tuple[str, str], path: list[str | int], replaced: bool) -> None:
    inputs = {"apiVersion": kind[0], "kind": kind[1]}
    forcing = forcing_paths(inputs, secret_mutable=False, config_map_mutable=False, patch=False)
    assert forces(path, forcing) is replaced


def test_a_namespace_that_goes_without_saying_is_no_difference() -> None:
    """While a cluster is away no default namespace can be written, which must not replace everything in it."""
    old = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "default"}}
    new = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}
    assert difference(old, new).changes == provider_pb2.DiffResponse.DIFF_NONE


def test_a_key_with_dots_is_quoted_in_paths() -> None:
    old = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"a.b": "1"}}
    assert list(difference(old, {**old, "data": {"a.b": "2"}}).replaces) == ['data["a.b"]']


def kubeconfig(server: str, token: str = "t") -> str:
    return f"""{{"current-context": "c", "contexts": [{{"name": "c", "context": {{"cluster": "k", "user": "u"}}}}],
    "clusters": [{{"name": "k", "cluster": {{"server": "{server}"}}}}],
    "users": [{{"name": "u", "user": {{"token": "{token}"}}}}]}}"""


@pytest.mark.parametrize(
    ("old", "new", "replaced"),
    [
        ({"kubeconfig": kubeconfig("a")}, {"kubeconfig": kubeconfig("b")}, ["kubeconfig"]),
        ({"kubeconfig": kubeconfig("a", "1")}, {"kubeconfig": kubeconfig("a", "2")}, []),
        ({"kubeconfig": kubeconfig("a")}, {"kubeconfig": UNKNOWN}, ["kubeconfig"]),
        ({"kubeconfig": "?"}, {"kubeconfig": kubeconfig("a")}, []),
        ({"kubeconfig": kubeconfig("a")}, {"kubeconfig": kubeconfig("a"), "namespace": UNKNOWN}, []),
        (
            {"kubeconfig": kubeconfig("a"), "clusterIdentifier": "x"},
            {"kubeconfig": UNKNOWN, "clusterIdentifier": "x"},
            [],
        ),
        (
            {"kubeconfig": kubeconfig("a"), "clusterIdentifier": "x"},
            {"kubeconfig": kubeconfig("a"), "clusterIdentifier": "y"},
            ["clusterIdentifier"],
        ),
    ],
)
def test_which_configuration_is_another_cluster(old: Any, new: Any, replaced: list[str]) -> None:
    assert config.replacing_keys(old, new) == replaced


def test_configuration_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_K8S_ENABLE_SECRET_MUTABLE", "true")
    assert config.options({}).secret_mutable
    assert not config.options({"enableSecretMutable": "false"}).secret_mutable


def test_what_the_stand_in_cannot_do_is_said() -> None:
    assert [key for key, _ in config.failures({"enableServerSideApply": "false"}, "k")] == ["enableServerSideApply"]
    assert [key for key, _ in config.failures({"renderYamlToDirectory": "out"}, "k")] == ["renderYamlToDirectory"]
    assert [key for key, _ in config.failures({"strictMode": "true"}, "default_4")] == [
        "strictMode",
        "kubeconfig",
        "context",
    ]


def test_fields_of_earlier_tools_are_handed_over_whole() -> None:
    entries = [
        {"manager": "mine", "operation": "Apply", "fieldsV1": {"f:data": {"f:a": {}}}},
        {"manager": "pulumi-kubernetes", "operation": "Update", "fieldsV1": {"f:data": {"f:b": {}}}},
        {"manager": "autoscaler", "operation": "Update", "fieldsV1": {"f:spec": {"f:replicas": {}}}},
        {"manager": "kubectl", "operation": "Update", "subresource": "status", "fieldsV1": {}},
    ]
    found = handed_over(entries, "mine")
    assert [entry["manager"] for entry in found] == ["autoscaler", "kubectl", "mine"]
    assert found[-1]["fieldsV1"] == {"f:data": {"f:a": {}, "f:b": {}}}
    assert handed_over(found, "mine") == found


def test_an_ignored_field_of_another_manager_is_not_sent() -> None:
    live = {
        "metadata": {"managedFields": [{"manager": "autoscaler", "fieldsV1": {"f:spec": {"f:replicas": {}}}}]},
        "spec": {"replicas": 7, "paused": True},
    }
    wanted = {"spec": {"replicas": 1, "paused": False}}
    ignored = [paths.steps("spec.replicas"), paths.steps("spec.paused")]
    assert without_ignored(wanted, live, ignored, "mine") == {"spec": {"paused": True}}
    assert wanted["spec"]["replicas"] == 1, "the inputs themselves stay"


def test_a_star_in_an_ignored_path_stands_for_every_step() -> None:
    containers = [{"name": "a", "image": "live"}, {"name": "b", "image": "live"}]
    wanted = {"spec": {"containers": [{"name": "a", "image": "1"}, {"name": "b", "image": "2"}], "words": "text"}}
    live = {"metadata": {}, "spec": {"containers": containers, "words": "other"}}
    ignored = [paths.steps("spec.containers[*].image"), paths.steps("spec.words[*].none")]
    assert without_ignored(wanted, live, ignored, "mine")["spec"] == {"containers": containers, "words": "text"}
    old = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"x": "1", "y": "1"}}
    new = {**old, "data": {"x": "2", "y": "2"}}
    assert difference(old, new, ignored=["data.*"]).changes == provider_pb2.DiffResponse.DIFF_NONE
    assert list(difference(old, new, ignored=["data.x"]).detailedDiff) == ["data.y"]


def test_which_empty_lists_are_kept() -> None:
    """`verbs` is required of a rule, while the server leaves out the values of an operator that takes none."""
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "rules": [{"verbs": [], "resources": []}]}
    assert normal(role)["rules"] == [{"verbs": []}]
    selector = {"matchExpressions": [{"key": "a", "operator": "Exists", "values": []}]}
    found = normal({"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"selector": selector}})
    assert found["spec"]["selector"]["matchExpressions"] == [{"key": "a", "operator": "Exists"}]


def test_the_keys_of_a_map_say_nothing_of_their_values() -> None:
    given_form = {"apiVersion": "v1", "kind": "ConfigMap", "data": {"divisor": "1000m", "sizeLimit": "1024Mi"}}
    assert normal(given_form) == given_form


@pytest.mark.parametrize("bad", [{"waitFor": "delete"}, {"waitFor": "jsonpath=.a"}, {"timeoutSeconds": "soon"}])
def test_annotations_that_cannot_be_waited_for(bad: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"annotation pulumi\.com/"):
        validate({f"pulumi.com/{key}": value for key, value in bad.items()})
