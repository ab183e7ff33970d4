"""Linkerd over the clusters of a mesh: what is registered, with outputs known or not, and in which order."""

import copy
import json
from typing import Any

import pytest
from exception_days import UNTIL
from mocked_engine import Registered, Run
from options_seen import watch

import pulumi_multimesh as multimesh
from pulumi_multimesh.versions import LINKERD

ARGS: dict[str, Any] = {
    "gke": {"gcp-eu": {"project": "acme-dev", "region": "europe-west4"}},
    "eks": {"aws-us": {"region": "us-east-1"}},
    "linkerd": {},
    "api_access": {"office": "203.0.113.0/24"},
}
KUBECONFIG = json.dumps(
    {
        "clusters": [{"name": "c", "cluster": {"server": "https://198.18.0.9", "certificate-authority-data": "Q0E="}}],
        "users": [{"name": "c", "user": {"token": "t"}}],
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "c"}}],
        "current-context": "c",
    }
)
RELEASE, SECRET = "kubernetes:helm.sh/v3:Release", "kubernetes:core/v1:Secret"
LINK = "kubernetes:multicluster.linkerd.io/v1alpha3:Link"
FLAT = {"connectivity": "vpn", "flat": True}


def mesh(**changes: Any) -> multimesh.MultiCloudMesh:
    args: Any = {**copy.deepcopy(ARGS), **changes}
    return multimesh.MultiCloudMesh("shop", args)


def by_name(found: list[Registered]) -> dict[str, Registered]:
    return {each.name: each for each in found}


@pytest.mark.parametrize("changes", [{}, FLAT], ids=["gateways", "flat"])
def test_the_same_resources_with_known_and_with_unknown_outputs(run: Run, changes: dict[str, Any]) -> None:
    known = run(lambda: mesh(**changes).enrol("web"))
    unknown = run(lambda: mesh(**changes).enrol("web"), preview=True)
    assert known.names() == unknown.names()
    assert len(known.names()) == len(known.resources)


def test_no_key_is_among_the_values_and_all_certificates_are_given(run: Run) -> None:
    engine = run(mesh)
    for release in engine.of(RELEASE):
        assert "PRIVATE" not in json.dumps(release.inputs["values"])
        assert "PKCS8" not in json.dumps(release.inputs["values"])
    secrets = {each.inputs["metadata"]["name"]: each.inputs for each in engine.of(SECRET) if "aws-us" in each.name}
    issuer = secrets["linkerd-identity-issuer"]
    assert issuer["type"] == "kubernetes.io/tls"
    assert issuer["stringData"] == {"tls.crt": "INTERMEDIATE\n", "tls.key": "PRIVATE", "ca.crt": "ROOT\n"}
    for webhook in ("proxy-injector", "sp-validator", "policy-validator"):
        # Servers written in Rust take keys in no other form.
        assert secrets[f"linkerd-{webhook}-k8s-tls"]["stringData"]["tls.key"] == "PKCS8"


VIZ = {"linkerd": {"viz": True}}


def test_viz_is_given_its_certificates_and_comes_after_its_control_plane(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = watch(monkeypatch)
    engine = run(lambda: mesh(**VIZ))
    releases = by_name(engine.of(RELEASE))
    values = releases["shop-aws-us-viz-release"].inputs["values"]
    assert values["tap"]["externalSecret"] is values["tapInjector"]["externalSecret"] is True
    assert values["tap"]["caBundle"] == values["tapInjector"]["caBundle"] == "ROOT\n"
    assert (values["tap"]["replicas"], values["enablePodDisruptionBudget"]) == (3, True)
    assert "PRIVATE" not in json.dumps(values)
    assert "PKCS8" not in json.dumps(values)
    held = {
        each.inputs["metadata"]["name"]: each.inputs
        for each in engine.of(SECRET)
        if each.inputs["metadata"]["namespace"] == "linkerd-viz" and "aws-us" in each.name
    }
    assert set(held) == {"tap-k8s-tls", "tap-injector-k8s-tls"}
    assert {each["type"] for each in held.values()} == {"kubernetes.io/tls"}
    hosts = {each.name: each.inputs["dnsNames"] for each in engine.of("tls:index/certRequest:CertRequest")}
    assert hosts["shop-aws-us-viz-tap"] == ["tap.linkerd-viz.svc"]
    assert hosts["shop-aws-us-viz-tap-injector"] == ["tap-injector.linkerd-viz.svc"]
    options = seen["Release shop-aws-us-viz-release"]
    assert {"Secret shop-aws-us-viz-tap", "Secret shop-aws-us-viz-tap-injector"} <= set(options.before)
    assert "Release shop-aws-us-linkerd-control-plane" in seen["Namespace shop-aws-us-viz-system"].before


def test_viz_is_not_there_unless_asked_for(run: Run) -> None:
    assert not [each for each in run(mesh).resources if "viz" in each.name]


def test_the_url_of_another_prometheus_is_where_linkerd_looks_for_it(run: Run) -> None:
    url = "http://prometheus.monitoring.svc:9090"
    values = {"linkerd-viz": {"prometheusUrl": url, "prometheus": {"enabled": False}}}
    engine = run(lambda: mesh(linkerd={"viz": True, "values": values}))
    spaces = by_name(engine.of("kubernetes:core/v1:Namespace"))
    annotations = spaces["shop-aws-us-viz-system"].inputs["metadata"]["annotations"]
    assert annotations == {"viz.linkerd.io/external-prometheus": url}


@pytest.mark.parametrize(("default", "is_let_in"), [("deny", True), ("allow", False)])
def test_where_the_default_denies_metrics_are_for_viz_alone(run: Run, default: str, is_let_in: bool) -> None:
    engine = run(lambda: mesh(**VIZ, security={"default": default}).enrol("web", ["aws-us"]))
    named = {each.inputs["metadata"]["name"] for each in engine.of("kubernetes:policy.linkerd.io/v1beta3:Server")}
    assert named == ({"linkerd-admin"} if is_let_in else set())
    routes = engine.of("kubernetes:policy.linkerd.io/v1beta3:HTTPRoute")
    paths = {
        each.inputs["metadata"]["name"]: match["path"]
        for each in routes
        for rule in each.inputs["spec"]["rules"]
        for match in rule["matches"]
    }
    assert {path["value"] for path in paths.values()} == ({"/metrics", "/live", "/ready"} if is_let_in else set())
    for each in engine.of("kubernetes:policy.linkerd.io/v1alpha1:MeshTLSAuthentication"):
        assert paths[each.inputs["metadata"]["name"]] == {"type": "Exact", "value": "/metrics"}
        (identity,) = each.inputs["spec"]["identities"]
        assert identity.startswith("prometheus.linkerd-viz.serviceaccount.identity.linkerd.")


def test_each_pair_is_linked_in_both_directions(run: Run) -> None:
    engine = run(mesh)
    links = by_name(engine.of(LINK))
    assert set(links) == {"shop-aws-us-links-gcp-eu-link", "shop-gcp-eu-links-aws-us-link"}
    spec = links["shop-aws-us-links-gcp-eu-link"].inputs["spec"]
    assert spec["targetClusterName"] == "gcp-eu"
    assert spec["gatewayPort"] == "4143"
    assert spec["gatewayIdentity"].startswith("linkerd-gateway.linkerd-multicluster.serviceaccount.identity.linkerd.")
    held = [each for each in engine.of(SECRET) if each.inputs["metadata"]["name"] == "cluster-credentials-gcp-eu"]
    assert {each.inputs["metadata"]["namespace"] for each in held} == {"linkerd", "linkerd-multicluster"}
    for each in held:
        assert each.inputs["type"] == "mirror.linkerd.io/remote-kubeconfig"
        kubeconfig = json.loads(each.inputs["stringData"]["kubeconfig"])
        assert kubeconfig["clusters"][0]["cluster"]["server"] == "https://198.18.0.11"
        assert "exec" not in json.dumps(kubeconfig)


def test_links_come_after_the_gateway_that_they_lead_to(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = watch(monkeypatch)
    run(mesh)
    (link,) = [options for name, options in seen.items() if name == "Link shop-gcp-eu-links-aws-us-link"]
    assert "Release shop-gcp-eu-multicluster-release" in link.before
    (release,) = [options for name, options in seen.items() if name == "Release shop-aws-us-linkerd-control-plane"]
    assert "Release shop-aws-us-linkerd-crds" in release.before
    assert "Secret shop-aws-us-linkerd-trust-issuer" in release.before


def test_a_flat_mesh_has_no_gateways(run: Run) -> None:
    engine = run(lambda: mesh(**FLAT))
    releases = by_name(engine.of(RELEASE))
    values = releases["shop-aws-us-multicluster-release"].inputs["values"]
    assert values["gateway"] == {"enabled": False}
    assert values["controllers"] == [{"link": {"ref": {"name": "gcp-eu"}}, "gateway": {"enabled": False}}]
    spec = by_name(engine.of(LINK))["shop-aws-us-links-gcp-eu-link"].inputs["spec"]
    assert "gatewayAddress" not in spec
    assert spec["federatedServiceSelector"] == {"matchLabels": {"mirror.linkerd.io/federated": "member"}}


@pytest.mark.parametrize(
    ("changes", "call", "labels"),
    [
        ({}, "export", {"mirror.linkerd.io/exported": "true"}),
        (FLAT, "export", {"mirror.linkerd.io/exported": "remote-discovery"}),
        (FLAT, "federate", {"mirror.linkerd.io/federated": "member"}),
    ],
)
def test_one_call_shares_a_service(run: Run, changes: dict[str, Any], call: str, labels: dict[str, str]) -> None:
    engine = run(lambda: getattr(mesh(**changes), call)("web", "api", ["aws-us"]))
    (patch,) = engine.of("kubernetes:core/v1:ServicePatch")
    assert patch.inputs["metadata"] == {"name": "api", "namespace": "web", "labels": labels}


def test_a_service_over_gateways_cannot_be_federated(run: Run) -> None:
    with pytest.raises(Exception, match="flat: true"):
        run(lambda: mesh().federate("web", "api"))


def test_there_are_no_revisions(run: Run) -> None:
    with pytest.raises(Exception, match="linkerd has no revisions"):
        run(lambda: mesh().enrol("web", revision="next"))


def test_an_exception_from_mtls_says_until_when(run: Run) -> None:
    exception = {"web": {"until": UNTIL, "reason": "a test"}}
    engine = run(lambda: mesh(security={"plain_text": exception}).enrol("web", ["aws-us"]))
    (namespace,) = [each for each in engine.of("kubernetes:core/v1:Namespace") if each.name == "shop-aws-us-web"]
    assert namespace.inputs["metadata"]["annotations"] == {
        "linkerd.io/inject": "enabled",
        "config.linkerd.io/default-inbound-policy": "all-unauthenticated",
        "multimesh.io/plain-text-until": UNTIL,
        "multimesh.io/plain-text-reason": "a test",
    }


@pytest.mark.parametrize(("default", "policy"), [("deny", "deny"), ("allow", "all-authenticated")])
def test_nobody_without_an_identity_is_let_in(run: Run, default: str, policy: str) -> None:
    engine = run(lambda: mesh(security={"default": default}))
    values = [each.inputs["values"] for each in engine.of(RELEASE) if each.inputs["chart"] == "linkerd-control-plane"]
    assert {each["proxy"]["defaultInboundPolicy"] for each in values} == {policy}


def test_parts_alone_take_clusters_that_are_there(run: Run) -> None:
    """As a company with clusters of its own uses them."""

    def program() -> None:
        pki = multimesh.MeshPki(
            "pki", {"clusters": ["a", "b"], "trust_domain": "prod.example.com", "issuer_names": ["identity"]}
        )
        made: dict[str, multimesh.LinkerdMulticluster] = {}
        clusters = {
            name: multimesh.ExistingCluster(name, {"kubeconfig": KUBECONFIG, "egress_ips": ["203.0.113.7"]})
            for name in ("a", "b")
        }
        for name, other in (("a", "b"), ("b", "a")):
            control_plane = multimesh.LinkerdControlPlane(
                f"{name}-linkerd", clusters[name], pki.authorities[name], {"trust_domain": "prod.example.com"}
            )
            made[name] = multimesh.LinkerdMulticluster(
                f"{name}-multicluster",
                clusters[name],
                control_plane,
                {"cluster_name": name, "linked_to": [other], "admitted_ips": ["203.0.113.7"]},
            )
        multimesh.LinkerdLink("a-links-b", clusters["a"], made["a"], made["b"], {"target": "b"})

    engine = run(program)
    assert len(engine.of(LINK)) == 1
    crds = [each.inputs for each in engine.of(RELEASE) if each.inputs["chart"] == "linkerd-crds"]
    assert {each["version"] for each in crds} == {LINKERD.version}
    assert {each["repositoryOpts"]["repo"] for each in crds} == {LINKERD.repository}
