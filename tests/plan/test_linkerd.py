"""Linkerd as the mesh: its plan, and every fault that it brings."""

from typing import Any

import pytest
from configurations import ABSENT, changed, existing

from pulumi_multimesh import versions
from pulumi_multimesh.plan.build import plan
from pulumi_multimesh.plan.render import render
from pulumi_multimesh.plan.shared_services import federated_host, host
from pulumi_multimesh.plan.validate import validate

BASE = changed({"istio": ABSENT, "linkerd": {}})
RULE: dict[str, Any] = {"callers": ["web/front"], "to": "web/api", "ports": ["8080"]}

FAULTS: dict[str, tuple[dict[str, Any], str, str]] = {
    "version": ({"linkerd/version": "edge-26.6.3"}, "linkerd.version", "is not a version"),
    "repository": ({"linkerd/charts": {"repository": "oci://x"}}, "linkerd.charts.repository", "OCI registry"),
    "chart": ({"linkerd/values": {"istiod": {}}}, "linkerd.values.istiod", "not a chart"),
    "values of viz": ({"linkerd/values": {"linkerd-viz": {}}}, "linkerd.values.linkerd-viz", "without viz"),
    "trust domain": ({"linkerd/trust_domain": "my_mesh"}, "linkerd.trust_domain", "identities"),
    "long trust domain": ({"linkerd/trust_domain": "a" * 64}, "linkerd.trust_domain", "identities"),
    "replicas": ({"linkerd/gateway": {"replicas": 0}}, "linkerd.gateway.replicas", "too small"),
    "gateway API": ({"linkerd/gateway_api": ["nowhere"]}, "linkerd.gateway_api[0]", "not a cluster"),
    "RSA": ({"pki": {"algorithm": "RSA"}}, "pki.algorithm", "cannot sign"),
    "old Kubernetes": ({"eks/aws-us/kubernetes_version": "1.30"}, "eks.aws-us.kubernetes_version", "older than"),
    "the end of a path": ({"security": {"allow": [{**RULE, "paths": ["*/a"]}]}}, "security.allow[0].paths[0]", "whole"),
    "half a segment": (
        {"security": {"allow": [{**RULE, "paths": ["/v1*"]}]}},
        "security.allow[0].paths[0]",
        "write  /v1/*",
    ),
    "a path and all below it": (
        {
            "security": {
                "allow": [{**RULE, "paths": ["/v1/*"]}, {**RULE, "callers": ["web/admin"], "paths": ["/v1"]}],
            }
        },
        "security.allow",
        "let other callers, methods or probes to /v1 than to all below it, for port 8080 of web/api",
    ),
    "a probe of all below a path": (
        {
            "linkerd/probes": [{"to": "web/api", "paths": ["/v1"]}],
            "security": {"allow": [{**RULE, "paths": ["/v1/*"]}]},
        },
        "security.allow",
        "cannot tell them apart",
    ),
    "a probe that Linkerd answers": (
        {"linkerd/probes": [{"to": "web/api", "paths": ["/health"]}], "security": {"allow": [RULE]}},
        "linkerd.probes[0].to",
        "by itself",
    ),
    "probes twice": (
        {
            "linkerd/probes": [{"to": "web/api", "paths": ["/a"]}, {"to": "web/api", "paths": ["/b"]}],
            "security": {"allow": [{**RULE, "methods": ["GET"]}]},
        },
        "linkerd.probes[1].to",
        "named twice",
    ),
    "no path of a probe": (
        {
            "linkerd/probes": [{"to": "web/api", "paths": []}],
            "security": {"allow": [{**RULE, "methods": ["GET"]}]},
        },
        "linkerd.probes[0].paths",
        "names no path",
    ),
    "a probe's path": (
        {
            "linkerd/probes": [{"to": "web/api", "paths": ["/live/*"]}],
            "security": {"allow": [{**RULE, "methods": ["GET"]}]},
        },
        "linkerd.probes[0].paths[0]",
        "not a probe's path",
    ),
    "no ports": (
        {"security": {"allow": [{"callers": ["a"], "to": "web/api"}]}},
        "security.allow[0].ports",
        "is missing",
    ),
    "two Servers": (
        {"security": {"allow": [RULE, {**RULE, "to": "web"}]}},
        "security.allow",
        "for port 8080 of all pods of web and for that of web/api",
    ),
    "zones": ({"security": {"zones": {"front": {"namespaces": ["web"]}}}}, "security.zones", "not made for Linkerd"),
    "own namespace": ({"security": {"allow": [{**RULE, "to": "linkerd"}]}}, "security.allow[0].to", "own namespace"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_one_mistake_is_one_fault(name: str) -> None:
    changes, path, problem = FAULTS[name]
    (fault,) = validate("shop", changed(changes, BASE))
    assert fault.path == path
    assert problem in str(fault)


def test_tokens_are_refused_with_their_issuers() -> None:
    issuers = {"corp": {"issuer": "https://a.example.com", "jwks_uri": "https://a.example.com/keys"}}
    wish = {"allow": [{**RULE, "token": "corp"}], "issuers": issuers}
    found = validate("shop", changed({"security": wish}, BASE))
    assert {fault.path for fault in found} == {"security.allow[0].token", "security.issuers"}


def test_a_flat_mesh_has_no_gateways() -> None:
    flat = {"connectivity": "vpn", "flat": True, "linkerd/gateway": {"replicas": 2}}
    (fault,) = validate("shop", changed(flat, BASE))
    assert fault.path == "linkerd.gateway"


def test_the_plan_of_linkerd() -> None:
    found = plan("shop", changed({"linkerd": {"gateway_api": ["gcp-eu"]}, "pki": {"workload_minutes": 60}}, BASE))
    assert found.istio is None
    assert found.consul is None
    assert (found.control_plane.mesh, found.control_plane.topology) == ("linkerd", "links")
    assert found.control_plane.namespace == "linkerd"
    assert found.control_plane.chart_version == versions.LINKERD.version
    assert found.of_linkerd.gateway_api == ("aws-us",)
    assert (found.of_linkerd.high_availability, found.of_linkerd.gateway_replicas) == (True, 3)
    assert {each.dns_names for each in found.trust.intermediates.values()} == {("identity.linkerd.cluster.local",)}
    assert found.trust.root.organization == "Linkerd"
    assert {(secret.of, secret.into) for secret in found.remote_secrets} == {
        ("aws-us", "gcp-eu"),
        ("gcp-eu", "aws-us"),
    }
    with pytest.raises(LookupError, match="the mesh is linkerd"):
        _ = found.of_istio


def test_what_rules_about_http_ask_of_probes() -> None:
    asked = {"security": {"allow": [{**RULE, "methods": ["GET"]}]}}
    told = "answers no HTTP probe of port 8080 of web/api by itself"
    assert told in render(plan("shop", changed(asked, BASE))).replace("\n  ", " ")
    probed = {**asked, "linkerd/probes": [{"to": "web/api", "paths": ["/health"]}]}
    found = plan("shop", changed(probed, BASE))
    assert found.of_linkerd.probes == {"web/api": ("/health",)}
    assert told not in render(found).replace("\n  ", " ")


def test_one_replica_without_high_availability() -> None:
    found = plan("shop", changed({"linkerd": {"high_availability": False}}, BASE)).of_linkerd
    assert (found.high_availability, found.gateway_replicas) == (False, 1)


def test_what_a_reader_is_told() -> None:
    text = render(plan("shop", changed({"security": {"allow": [RULE]}}, BASE)))
    assert text.startswith(f'Mesh "shop": 2 clusters, 1 link; linkerd {versions.LINKERD.version}, links\n')
    assert "Credentials of links" in text
    assert "linkerd-multicluster/linkerd-gateway" in text
    assert "want three nodes" in text.replace("\n  ", " ")


def test_hosts_of_what_others_export() -> None:
    found = plan("shop", BASE)
    assert host(found, "web", "api", "aws-us", "gcp-eu") == "api-aws-us.web.svc.cluster.local"
    assert host(found, "web", "api", "gcp-eu", "gcp-eu") == "api.web.svc.cluster.local"
    assert federated_host(found, "web", "api") == "api-federated.web.svc.cluster.local"


def test_no_host_of_a_cluster_that_is_not_linked() -> None:
    links = {"topology": "list", "pairs": [{"first": "gcp-eu", "second": "aws-us"}]}
    found = plan("shop", changed({"existing": {"old": existing()}, "links": links}, BASE))
    with pytest.raises(LookupError, match="not linked"):
        host(found, "web", "api", "old", "gcp-eu")


def test_the_plan_says_for_how_long_viz_keeps_what_it_saw() -> None:
    told = "\n".join(plan("shop", changed({"linkerd/viz": True}, BASE)).notes)
    assert "keeps six hours" in told
    assert "six hours" not in "\n".join(plan("shop", BASE).notes)
