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
    "trust domain": ({"linkerd/trust_domain": "my_mesh"}, "linkerd.trust_domain", "identities"),
    "long trust domain": ({"linkerd/trust_domain": "a" * 64}, "linkerd.trust_domain", "identities"),
    "replicas": ({"linkerd/gateway": {"replicas": 0}}, "linkerd.gateway.replicas", "too small"),
    "gateway API": ({"linkerd/gateway_api": ["nowhere"]}, "linkerd.gateway_api[0]", "not a cluster"),
    "RSA": ({"pki": {"algorithm": "RSA"}}, "pki.algorithm", "cannot sign"),
    "old Kubernetes": ({"eks/aws-us/kubernetes_version": "1.30"}, "eks.aws-us.kubernetes_version", "older than"),
    "methods": ({"security": {"allow": [{**RULE, "methods": ["GET"]}]}}, "security.allow[0].methods", "whole ports"),
    "paths": ({"security": {"allow": [{**RULE, "paths": ["/a"]}]}}, "security.allow[0].paths", "whole ports"),
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
