"""Control planes side by side: what each is, who gets which, and in what order the default moves."""

import base64
import copy
import subprocess
from typing import Any

import pytest
import yaml
from lab_engine import missing_tools
from mocked_engine import Engine, Run
from options_seen import watch

import pulumi_multimesh as multimesh
from multimesh_lab import tools
from multimesh_lab.chart_repository import CHARTS

ARGS: dict[str, Any] = {
    "gke": {"gcp-eu": {"project": "acme-dev", "region": "europe-west4"}},
    "eks": {"aws-us": {"region": "us-east-1"}},
    "api_access": {"office": "203.0.113.0/24"},
}
OLD, NEW = "1.30.3", "1.31.0"
RELEASE = "kubernetes:helm.sh/v3:Release"
TAG = "kubernetes:admissionregistration.k8s.io/v1:MutatingWebhookConfiguration"
missing = missing_tools("manifests", "helm")
BOTH: dict[str, Any] = {"default": {"version": OLD}, "1-31-0": {"version": NEW}}


def mesh(**istio: Any) -> multimesh.MultiCloudMesh:
    args: Any = {**copy.deepcopy(ARGS), "istio": istio}
    return multimesh.MultiCloudMesh("shop", args)


def releases(engine: Engine) -> dict[str, dict[str, Any]]:
    return {r.name: r.inputs for r in engine.of(RELEASE) if "gcp-eu" in r.name}


def selected(webhook: dict[str, Any], selector: str, labels: dict[str, str]) -> bool:
    """Kubernetes' own rule of label selectors."""
    rules = {
        "In": lambda key, values: labels.get(key) in values,
        "NotIn": lambda key, values: labels.get(key) not in values,
        "DoesNotExist": lambda key, _: key not in labels,
    }
    return all(
        rules[each["operator"]](each["key"], each.get("values", [])) for each in webhook[selector]["matchExpressions"]
    )


def test_nothing_declared_is_what_it_always_was(run: Run) -> None:
    engine = run(lambda: mesh())
    found = releases(engine)
    assert set(found) == {"shop-gcp-eu-istio-base", "shop-gcp-eu-istio-istiod", "shop-gcp-eu-eastwest-gateway"}
    assert "revision" not in found["shop-gcp-eu-istio-istiod"]["values"]
    assert "revision" not in found["shop-gcp-eu-eastwest-gateway"]["values"]
    assert "defaultRevision" not in found["shop-gcp-eu-istio-base"]["values"]
    assert engine.of(TAG) == []


def test_a_new_one_beside_the_first_changes_nothing_of_the_first(run: Run) -> None:
    before, after = releases(run(lambda: mesh())), releases(run(lambda: mesh(revisions=BOTH, default="default")))
    new = after.pop("shop-gcp-eu-istio-istiod-1-31-0")
    assert (new["name"], new["version"], new["values"]["revision"]) == ("istiod-1-31-0", NEW, "1-31-0")
    base = after["shop-gcp-eu-istio-base"]
    # What they share is the newest one's, and nothing else differs.
    assert base.pop("version") == NEW
    before["shop-gcp-eu-istio-base"].pop("version")
    assert after == before


def test_the_default_moves_with_gateways_and_validation(run: Run) -> None:
    engine = run(lambda: mesh(revisions=BOTH, default="1-31-0"))
    found = releases(engine)
    gateway = found["shop-gcp-eu-eastwest-gateway"]
    assert (gateway["version"], gateway["values"]["revision"]) == (NEW, "1-31-0")
    assert found["shop-gcp-eu-istio-base"]["values"]["defaultRevision"] == "1-31-0"
    # Two webhooks for one pod, and the last one called wins: the first one's has to go.
    assert found["shop-gcp-eu-istio-istiod"]["values"]["global"]["operatorManageWebhooks"] is True
    tags = {r.name: r.inputs for r in engine.of(TAG)}
    assert sorted(tags) == ["shop-aws-us-istio-default", "shop-gcp-eu-istio-default"]
    tag = tags["shop-gcp-eu-istio-default"]
    assert tag["metadata"]["labels"]["istio.io/rev"] == "1-31-0"
    assert {webhook["clientConfig"]["service"]["name"] for webhook in tag["webhooks"]} == {"istiod-1-31-0"}
    bundles = {webhook["clientConfig"]["caBundle"] for webhook in tag["webhooks"]}
    assert [base64.b64decode(bundle) for bundle in bundles] == [b"ROOT\n"]


def test_moving_the_default_between_named_ones_is_a_change_of_one_resource_of_the_same_name(run: Run) -> None:
    pair = {"1-30-3": {"version": OLD}, "1-31-0": {"version": NEW}}
    first, second = (
        {r.name: r.inputs for r in run(lambda default=default: mesh(revisions=pair, default=default)).of(TAG)}
        for default in pair
    )
    assert set(first) == set(second)
    assert {name: tag["metadata"]["name"] for name, tag in first.items()} == {
        name: tag["metadata"]["name"] for name, tag in second.items()
    }
    assert first != second


def test_no_pod_starts_without_a_webhook_while_the_default_moves(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The new one is ready before the tag leads to it, and the first one gives up its own webhook after that."""
    seen = watch(monkeypatch)
    run(lambda: mesh(revisions=BOTH, default="1-31-0").enrol("web"))
    tag = "MutatingWebhookConfiguration shop-gcp-eu-istio-default"
    assert "Release shop-gcp-eu-istio-istiod-1-31-0" in seen[tag].before
    assert tag in seen["Release shop-gcp-eu-istio-istiod"].before
    assert tag in seen["Release shop-gcp-eu-eastwest-gateway"].before
    assert tag in seen["IstioEnrolment shop-gcp-eu-web"].before


@pytest.mark.skipif(missing is not None, reason=f"needs Istio's charts and Helm: {missing}")
def test_the_tag_is_as_istios_own_chart_would_write_it(run: Run) -> None:
    settings = ("--set", "revision=1-31-0", "--set", "revisionTags={default}")
    chart = tools.binary("manifests") / "charts" / CHARTS["istiod"]
    words = (tools.binary("helm"), "template", "istiod", chart, "--namespace", "istio-system", *settings)
    text = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    (wanted,) = (
        each for each in yaml.safe_load_all(text) if each and each["metadata"]["name"] == "istio-revision-tag-default"
    )
    made = run(lambda: mesh(revisions=BOTH, default="1-31-0")).of(TAG)[0].inputs
    for webhook in made["webhooks"]:
        del webhook["clientConfig"]["caBundle"]
    assert by_name(made["webhooks"]) == by_name(wanted["webhooks"])
    assert made["metadata"]["labels"].items() <= wanted["metadata"]["labels"].items()


def by_name(webhooks: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {webhook["name"]: webhook for webhook in webhooks}


def test_one_cluster_goes_first(run: Run) -> None:
    pair = {**BOTH, "1-31-0": {"version": NEW, "clusters": ["gcp-eu"], "default_in": ["gcp-eu"]}}
    engine = run(lambda: mesh(revisions=pair, default="default"))
    assert [r.name for r in engine.of(TAG)] == ["shop-gcp-eu-istio-default"]
    other = {r.name: r.inputs for r in engine.of(RELEASE) if "aws-us" in r.name}
    assert "shop-aws-us-istio-istiod-1-31-0" not in other
    assert {release["version"] for release in other.values()} == {OLD}


@pytest.mark.parametrize(
    ("namespace", "pod", "called"),
    [
        ({"istio-injection": "enabled"}, {}, 1),
        ({"istio-injection": "enabled"}, {"sidecar.istio.io/inject": "false"}, 0),
        ({"istio.io/rev": "default"}, {}, 1),
        ({"istio.io/rev": "1-30-3"}, {}, 0),
        ({}, {}, 0),
        ({}, {"sidecar.istio.io/inject": "true"}, 1),
        ({}, {"sidecar.istio.io/inject": "true", "istio.io/rev": "1-30-3"}, 0),
        ({}, {"sidecar.istio.io/inject": "true", "istio.io/rev": "default"}, 1),
        ({"istio-injection": "disabled"}, {}, 0),
    ],
)
def test_the_default_is_for_pods_that_name_no_other(
    namespace: dict[str, str], pod: dict[str, str], called: int, run: Run
) -> None:
    """Once and no more: a second call of the webhook would do the work again."""
    engine = run(lambda: mesh(revisions=BOTH, default="1-31-0"))
    webhooks = engine.of(TAG)[0].inputs["webhooks"]
    matching = [
        webhook["name"]
        for webhook in webhooks
        if selected(webhook, "namespaceSelector", namespace) and selected(webhook, "objectSelector", pod)
    ]
    assert len(matching) == called


def test_a_namespace_can_be_pinned_to_a_revision(run: Run) -> None:
    engine = run(lambda: mesh(revisions=BOTH, default="default").enrol("web", ["gcp-eu"], revision="1-31-0"))
    (namespace,) = (r for r in engine.of("kubernetes:core/v1:Namespace") if r.name == "shop-gcp-eu-web")
    assert namespace.inputs["metadata"]["labels"] == {"istio.io/rev": "1-31-0"}


def test_pinning_to_what_is_not_there_is_refused(run: Run) -> None:
    with pytest.raises(ValueError, match="gcp-eu has no revision 'next'; its revisions: 1-31-0, default"):
        run(lambda: mesh(revisions=BOTH, default="default").enrol("web", ["gcp-eu"], revision="next"))
    with pytest.raises(ValueError, match=r"declare istio\.revisions"):
        run(lambda: mesh().enrol("web", ["gcp-eu"], revision="next"))
