"""The policy pack in the real engine: it blocks a program with faults, each by its id, and lets a sound one pass."""

import json
from pathlib import Path

import pytest
from lab_engine import ROOT, Lab, passed
from policy_findings import PACK, found

PROGRAM = """
import pulumi
import pulumi_aws as aws
import pulumi_gcp as gcp
import pulumi_kubernetes as k8s
import pulumi_tls as tls

BAD = {bad}

def either(bad, good):
    return bad if BAD else good

key = tls.PrivateKey("key", algorithm="RSA", rsa_bits=either(1024, 2048))
# The cluster is not there yet, as in the first preview of any mesh.
cluster = k8s.Provider("cluster", kubeconfig=key.public_key_openssh.apply(lambda _: "{{}}"))
there = pulumi.ResourceOptions(provider=cluster)
network = gcp.compute.Network("network", project="acme-dev", auto_create_subnetworks=False)
gcp.compute.Firewall(
    "door",
    project="acme-dev",
    network=network.self_link,
    source_ranges=[either("0.0.0.0/0", "203.0.113.0/24")],
    allows=[{{"protocol": "tcp", "ports": ["22"]}}],
)
aws.kms.Key("vault", region="us-east-1", enable_key_rotation=either(False, True))
k8s.helm.v3.Release(
    "istiod",
    chart="istiod",
    namespace="istio-system",
    version=either("~1.30", "1.30.3"),
    repository_opts={{"repo": either("http://charts.example.com", "https://charts.example.com")}},
    opts=there,
)
k8s.apiextensions.CustomResource(
    "mtls",
    api_version="security.istio.io/v1",
    kind="PeerAuthentication",
    metadata={{"name": "default", "namespace": "istio-system"}},
    spec={{"mtls": {{"mode": either("PERMISSIVE", "STRICT")}}}},
    opts=there,
)
k8s.apiextensions.CustomResource(
    "default-deny",
    api_version="security.istio.io/v1",
    kind="AuthorizationPolicy",
    metadata={{"name": "default-deny", "namespace": either("shop", "istio-system")}},
    spec=either({{"rules": [{{}}]}}, {{}}),
    opts=there,
)
k8s.rbac.v1.ClusterRole(
    "role",
    metadata={{"name": "role"}},
    rules=[{{"api_groups": [""], "resources": [either("*", "pods")], "verbs": [either("*", "get")]}}],
    opts=there,
)
k8s.core.v1.Service(
    "service",
    metadata={{"name": "service", "namespace": "shop"}},
    spec={{"type": either("NodePort", "ClusterIP"), "ports": [{{"port": 80}}]}},
    opts=there,
)
k8s.apps.v1.Deployment(
    "app",
    metadata={{"name": "app", "namespace": "shop"}},
    spec={{
        "selector": {{"matchLabels": {{"app": "app"}}}},
        "template": {{
            "metadata": {{"labels": {{"app": "app"}}}},
            "spec": {{
                "containers": [
                    {{
                        "name": "app",
                        "image": either("app:latest", "app:1.0"),
                        "securityContext": {{"privileged": BAD}},
                    }}
                ]
            }},
        }},
    }},
    opts=there,
)
"""
MANDATORY = {
    "chart-by-http",
    "chart-unpinned",
    "firewall-open",
    "istio-allow-anybody",
    "istio-mesh-strict",
    "istio-plain-text",
    "key-weak",
    "pod-on-its-node",
    "rbac-all-rights",
    "rbac-escalation",
}
ADVISORY = {
    "istio-default-allow",
    "pod-image-floating",
    "rbac-reads-secrets",
    "service-node-port",
    "vault-key-rests",
}


def program(folder: Path, *, bad: bool) -> None:
    (folder / "Pulumi.yaml").write_text("name: judged\nruntime: python\n")
    (folder / "__main__.py").write_text(PROGRAM.format(bad=bad))


def test_a_bad_program_is_blocked_by_every_check_that_is_for_it(lab: Lab, tmp_path: Path) -> None:
    program(tmp_path, bad=True)
    answer = lab.pulumi("preview", "--stack", "judged", "--policy-pack", PACK, folder=tmp_path)
    assert answer.returncode != 0
    assert found(answer.stdout) == {**dict.fromkeys(MANDATORY, "mandatory"), **dict.fromkeys(ADVISORY, "advisory")}
    assert "multimesh checks istio-plain-text" in answer.stdout
    assert "can't run policy" not in answer.stdout, "what is not known yet is no noise"


def test_levels_and_exceptions_of_a_file(lab: Lab, tmp_path: Path) -> None:
    program(tmp_path, bad=True)
    told = dict.fromkeys(MANDATORY - {"key-weak", "firewall-open"}, "advisory")
    wished = {**told, "key-weak": {"enforcementLevel": "mandatory", "except": ["ke*"]}, "firewall-open": "disabled"}
    (tmp_path / "checks.json").write_text(json.dumps(wished))
    words = ("--policy-pack", PACK, "--policy-pack-config", "checks.json")
    output = passed(lab.pulumi("preview", "--stack", "judged", *words, folder=tmp_path))
    assert found(output) == dict.fromkeys((*told, *ADVISORY), "advisory")


def test_a_sound_program_passes_without_a_word(lab: Lab, tmp_path: Path) -> None:
    program(tmp_path, bad=False)
    output = passed(lab.pulumi("preview", "--stack", "judged", "--policy-pack", PACK, folder=tmp_path))
    assert found(output) == {}


@pytest.mark.parametrize("example", ["two-clouds", "four-clouds", "external-authority"])
def test_an_example_has_nothing_that_is_forbidden(lab: Lab, example: str) -> None:
    """Those of other topologies and meshes: test_topologies_preview.py."""
    folder = ROOT / "examples" / example
    output = passed(lab.pulumi("preview", "--stack", "judged", "--policy-pack", PACK, folder=folder))
    told = found(output)
    assert set(told.values()) == {"advisory"}
    # That of external-authority stands for a company's, whose key would be elsewhere.
    assert "authority-key-in-state" in told


def test_four_clouds_with_tunnels_have_nothing_that_is_forbidden(lab: Lab) -> None:
    folder = ROOT / "examples" / "four-clouds-private"
    output = passed(lab.pulumi("preview", "--stack", "judged", "--policy-pack", PACK, folder=folder))
    assert found(output) == dict.fromkeys(
        ("authority-key-in-state", "istio-default-allow", "namespace-without-network-policy", "pod-image-floating"),
        "advisory",
    )
