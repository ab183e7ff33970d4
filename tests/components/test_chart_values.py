"""Every value that the library sets is one that the lab's charts know: Helm ignores the others without a word.

A value is known when the chart's values.yaml has it, or a template of the chart reads it by its full name. Maps that
a chart hands on as they are say nothing of their keys, so those that the library puts into them are named here. And
what the library writes in Istio's own kinds passes Istio's own strict reading of them.
"""

import copy
import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from exception_days import UNTIL
from lab_engine import missing_tools
from mocked_engine import Engine, Run

import pulumi_multimesh as multimesh
from multimesh_lab import tools
from multimesh_lab.chart_repository import CHARTS

RELEASE = "kubernetes:helm.sh/v3:Release"
_missing = missing_tools("manifests", "istioctl", "pilot-discovery")
pytestmark = pytest.mark.skipif(_missing is not None, reason=f"needs Istio's charts: {_missing}")

_FLEET: dict[str, Any] = {
    "gke": {"gcp-eu": {"project": "acme-dev", "region": "europe-west4"}},
    "eks": {"aws-us": {"region": "us-east-1", "zones": ["us-east-1a", "us-east-1b"]}},
    "aks": {"azure-eu": {"region": "westeurope"}},
    "oke": {"oci-eu": {"compartment_id": "ocid1.compartment.oc1..a", "region": "eu-frankfurt-1"}},
    "api_access": {"office": "203.0.113.0/24"},
}
_TUNED: dict[str, Any] = {
    "control_plane": {"services": 1000, "proxies": 2000, "min_replicas": 3, "max_replicas": 9},
    "proxy": {
        "cpu": "200m",
        "memory": "256Mi",
        "cpu_limit": "2",
        "memory_limit": "1Gi",
        "concurrency": 2,
        "access_log": "json",
        "access_log_filter": "response.code >= 400",
    },
    "tracing": {"service": "otel.observability.svc.cluster.local", "port": 4317, "sampling_percent": 5},
    "scopes": {"web": {"calls": ["payments", "orders/api"]}},
    "failover": True,
    "gateway": {"min_replicas": 3, "max_replicas": 7},
}
_FITTING = {"node_pools": {"default": {"machine_type": "c3-standard-4"}}}
_PKI: dict[str, Any] = {"roots": ["default", "r2028"], "issuing": "default", "workload_minutes": 60}
_SECURITY: dict[str, Any] = {
    "default": "deny",
    "allow": [
        {
            "callers": ["web/frontend", "other"],
            "to": "web/api",
            "methods": ["GET"],
            "paths": ["/v1/*"],
            "ports": ["80"],
        },
        {"callers": ["*"], "to": "web", "token": "corp", "claims": {"groups": "shop"}},
        {"callers": ["istio-system/istio-ingressgateway"], "to": "sign-on"},
        {"callers": ["web"], "to": "legacy/api", "methods": ["GET"]},
    ],
    "zones": {"front": {"namespaces": ["other"]}, "back": {"namespaces": ["web"]}},
    "crossings": [
        {"callers": ["front", "ingress"], "to": "back", "ports": ["80"]},
        {"callers": ["*"], "to": "back", "ports": ["8080"]},
    ],
    "sign_on": {"service": "sign-on/oauth2-proxy", "hosts": ["shop.example.com"], "public_paths": ["/health"]},
    "issuers": {"corp": {"issuer": "https://login.example.com", "jwks_uri": "https://login.example.com/keys"}},
    "plain_text": {"legacy": {"until": UNTIL, "reason": "a test"}},
}
VARIANTS: dict[str, dict[str, Any]] = {
    "multi-primary": {**_FLEET, "istio": {}},
    "tuned": {**_FLEET, "istio": _TUNED},
    "accelerated": {
        "gke": {"gcp-eu": {**_FLEET["gke"]["gcp-eu"], **_FITTING}},
        "eks": _FLEET["eks"],
        "istio": {"proxy": {"tls_acceleration": "cryptomb"}},
        "api_access": _FLEET["api_access"],
    },
    "accelerated by devices": {
        "eks": {"aws-us": {"region": "us-east-1", "node_pools": {"default": {"machine_type": "m7i.metal-24xl"}}}},
        "istio": {"proxy": {"tls_acceleration": "qat"}},
        "api_access": _FLEET["api_access"],
    },
    "one replica": {
        **_FLEET,
        "istio": {"control_plane": {"services": 10, "proxies": 10, "min_replicas": 1}, "proxy": {"cpu": "50m"}},
    },
    "primary-remote": {**_FLEET, "istio": {**_TUNED, "topology": "primary-remote", "primary": "aws-us"}},
    "external": {**_FLEET, "istio": {**_TUNED, "topology": "external", "management": "gcp-eu"}},
    "ambient": {**_FLEET, "istio": {"data_plane": "ambient"}},
    "revisions": {
        **_FLEET,
        "istio": {**_TUNED, "revisions": {"default": {}, "next": {"version": "1.31.0"}}, "default": "next"},
    },
    "secured": {**_FLEET, "istio": {"ingress": {}}, "security": _SECURITY},
    "trust": {**_FLEET, "istio": {"trust_domain_aliases": ["old.example.com"]}, "pki": _PKI},
    "trust of an external control plane": {
        **_FLEET,
        "istio": {"topology": "external", "management": "gcp-eu"},
        "pki": _PKI,
    },
    "private roads": {**_FLEET, "istio": {}, "connectivity": "vpn"},
    "one network": {
        **_FLEET,
        "aks": {"azure-eu": {"region": "westeurope", "network_mode": "pod-subnet"}},
        "istio": {},
        "connectivity": "vpn",
        "flat": True,
    },
}

HANDED_ON: dict[tuple[str, str], frozenset[str]] = {
    # Of the Service of an istiod that serves other clusters.
    ("istiod", "serviceAnnotations"): frozenset({"galley.istio.io/analyze-suppress"}),
    # Environment variables of istiod.
    ("istiod", "env"): frozenset(
        {
            "AMBIENT_ENABLE_MULTI_NETWORK",
            "BLOCKED_CIDRS_IN_JWKS_URIS",
            "ISTIO_MULTIROOT_MESH",
            "LOCAL_CLUSTER_SECRET_WATCHER",
        }
    ),
    # Of MeshConfig and ProxyConfig; istiod passes over what it does not know.
    ("istiod", "meshConfig"): frozenset(
        {
            "accessLogEncoding",
            "accessLogFile",
            "defaultConfig.concurrency",
            "defaultConfig.privateKeyProvider.cryptomb.fallback",
            "defaultConfig.privateKeyProvider.cryptomb.pollDelay",
            "defaultConfig.privateKeyProvider.qat.fallback",
            "defaultConfig.privateKeyProvider.qat.pollDelay",
            "defaultConfig.proxyMetadata.PROXY_CONFIG_XDS_AGENT",
            "defaultConfig.proxyMetadata.SECRET_TTL",
            "enableTracing",
            "extensionProviders",
            "localityLbSetting.enabled",
            "localityLbSetting.failoverPriority",
            "trustDomain",
            "trustDomainAliases",
        }
    ),
    # Of Kubernetes' PodDisruptionBudget.
    ("gateway", "podDisruptionBudget"): frozenset({"minAvailable"}),
    # Istio, "pilot-agent": the variables of the proxy's container.
    ("gateway", "env"): frozenset({"EXIT_ON_ZERO_ACTIVE_CONNECTIONS"}),
    # Of the clouds' own controllers; tests/lab has what each of them takes.
    ("gateway", "service.annotations"): frozenset(),
}
"""Maps that a chart hands on: the keys that the library may put into them, all of them where none is named."""


@pytest.fixture(scope="module")
def charts() -> dict[str, Path]:
    """The folders of the charts that the lab serves."""
    return {chart: tools.binary("manifests") / "charts" / folder for chart, folder in CHARTS.items()}


@pytest.fixture(scope="module")
def istiod() -> bytes:
    """The program."""
    return tools.binary("pilot-discovery").read_bytes()


@cache
def defaults(chart: Path) -> Mapping[str, Any]:
    return yaml.safe_load((chart / "values.yaml").read_text())["_internal_defaults_do_not_set"]


@cache
def read_by_templates(chart: Path) -> frozenset[str]:
    """Values that templates name in full."""
    texts = (path.read_text() for path in (chart / "templates").iterdir())
    names = (re.findall(r"\.Values\)?\.([A-Za-z][\w.]*)", text) for text in texts)
    return frozenset(name for found in names for name in found)


def leaves(values: Mapping[str, Any], *above: str) -> Iterator[tuple[str, ...]]:
    """The paths of what is set."""
    for key, value in values.items():
        if isinstance(value, Mapping) and value:
            yield from leaves(value, *above, key)
        else:
            yield (*above, key)


def unknown(name: str, chart: Path, values: Mapping[str, Any]) -> list[str]:
    """The values that the chart does not know."""
    return [".".join(path) for path in leaves(values) if not _is_known(name, chart, path)]


def _is_known(name: str, chart: Path, path: tuple[str, ...]) -> bool:
    for length in range(1, len(path)):
        above, below = ".".join(path[:length]), ".".join(path[length:])
        if (name, above) in HANDED_ON:
            allowed = HANDED_ON[name, above]
            return _has(chart, path[:length]) and (not allowed or below in allowed)
    return _has(chart, path)


def _has(chart: Path, path: tuple[str, ...]) -> bool:
    if ".".join(path) in read_by_templates(chart):
        return True
    found: Any = defaults(chart)
    for key in path:
        if not isinstance(found, Mapping) or key not in found:
            return False
        found = found[key]
    return True


def made(run: Run, variant: str) -> Engine:
    def program() -> None:
        args: Any = copy.deepcopy(VARIANTS[variant])
        mesh = multimesh.MultiCloudMesh("shop", args)
        for namespace in ("web", "legacy"):
            mesh.enrol(namespace)

    return run(program)


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_charts_know_every_value(variant: str, run: Run, charts: dict[str, Path]) -> None:
    releases = made(run, variant).of(RELEASE)
    assert {"base", "istiod"} <= {release.inputs["chart"] for release in releases}
    wrong = {
        release.name: found
        for release in releases
        if (found := unknown(release.inputs["chart"], charts[release.inputs["chart"]], release.inputs["values"]))
    }
    assert wrong == {}


@pytest.mark.parametrize("variant", VARIANTS)
def test_istio_reads_every_resource_of_its_own_kinds(variant: str, run: Run, tmp_path: Path) -> None:
    """Istio's strict reading: what it does not know is an error, which istiod itself would not say."""
    resources = [each for each in made(run, variant).resources if ".istio.io/" in each.token]
    assert resources
    answer = read_by_istio([_manifest(each.inputs) for each in resources], tmp_path)
    assert answer.returncode == 0, answer.stderr


class TestIstiodKnowsWhatItsChartHandsOn:
    """By the names that the built program itself carries, as those of protobuf's fields and of its variables."""

    @pytest.mark.parametrize("variable", sorted(HANDED_ON["istiod", "env"]))
    def test_variables(self, variable: str, istiod: bytes) -> None:
        assert variable.encode() in istiod

    @pytest.mark.parametrize(
        "field",
        sorted({part for path in HANDED_ON["istiod", "meshConfig"] for part in path.split(".") if not part.isupper()}),
    )
    def test_fields(self, field: str, istiod: bytes) -> None:
        assert _is_field(field, istiod)

    @pytest.mark.parametrize("variable", ["PROXY_CONFIG_XDS_AGENT", "SECRET_TTL"])
    def test_variables_of_proxies(self, variable: str) -> None:
        """What is under `proxyMetadata` is the environment of each proxy's agent."""
        assert variable.encode() in tools.binary("pilot-agent").read_bytes()

    def test_a_mistyped_name_is_none(self, istiod: bytes) -> None:
        assert not _is_field("failoverPriorities", istiod)
        assert b"LOCAL_CLUSTER_SECRETS_WATCHER" not in istiod


def _is_field(name: str, program: bytes) -> bool:
    """A name of one word is its own name in JSON."""
    return any(f"{kind}={name},".encode() in program for kind in ("json", "name"))


class TestTheseTestsCanFail:
    """A check of what everybody passes over in silence has to show that it does not."""

    @pytest.mark.parametrize(
        ("chart", "values", "found"),
        [
            ("istiod", {"autoscaleMinimum": 2}, ["autoscaleMinimum"]),
            (
                "istiod",
                {"global": {"proxy": {"resource": {"limits": {"cpu": 1}}}}},
                ["global.proxy.resource.limits.cpu"],
            ),
            ("istiod", {"meshConfig": {"trustDomian": "a"}}, ["meshConfig.trustDomian"]),
            ("gateway", {"service": {"annotation": {"a": "b"}}}, ["service.annotation.a"]),
            ("gateway", {"podDisruptionBudget": {"minimum": 1}}, ["podDisruptionBudget.minimum"]),
            ("base", {"base": {"validationFailurePolicies": "Fail"}}, ["base.validationFailurePolicies"]),
            ("base", {"base": {"validationFailurePolicy": "Fail"}}, []),
            ("gateway", {"service": {"annotations": {"a": "b"}}}, []),
            ("istiod", {"profile": "remote"}, []),
        ],
    )
    def test_values(self, chart: str, values: dict[str, Any], found: list[str], charts: dict[str, Path]) -> None:
        assert unknown(chart, charts[chart], values) == found

    def test_resources(self, tmp_path: Path) -> None:
        rule = {"host": "*.local", "trafficPolicy": {"outlierDetection": {"maxEjection": 100}}}
        manifest = {
            "apiVersion": "networking.istio.io/v1",
            "kind": "DestinationRule",
            "metadata": {"name": "failover", "namespace": "istio-system"},
            "spec": rule,
        }
        answer = read_by_istio([manifest], tmp_path)
        assert answer.returncode != 0
        assert "maxEjection" in answer.stderr


def read_by_istio(manifests: list[dict[str, Any]], folder: Path) -> subprocess.CompletedProcess[str]:
    """`istioctl validate`, which asks no cluster."""
    path = folder / "resources.yaml"
    path.write_text("\n---\n".join(json.dumps(manifest) for manifest in manifests))
    words = (tools.binary("istioctl"), "validate", "-f", path)
    return subprocess.run(words, capture_output=True, text=True, check=False)


def _manifest(inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {key: inputs[key] for key in ("apiVersion", "kind", "metadata", "spec")}
