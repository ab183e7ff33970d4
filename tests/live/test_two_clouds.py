"""The two-cloud example in the lab, from a preview to an empty cloud: one mesh for all of these, in this order.

Each claim of the README has its test here; the last tests break the mesh and expect the verification to say how.
"""

import base64
import json
import shutil
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
import stand_in_charts
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from lab_certificates import self_signed
from lab_engine import Lab, passed
from live_mesh import STACK, UP, Mesh, plain_text_call
from secret_scanner import readable

from multimesh_lab import cluster as clusters_of_the_lab
from multimesh_lab.home import LabHome
from multimesh_lab.providers.store import inventory
from multimesh_lab.verification.finding import Check
from multimesh_lab.verification.kubectl import Cluster
from multimesh_lab.verification.verify import Verification

pytestmark = pytest.mark.live


@pytest.fixture(scope="module")
def mesh(lab: LabHome) -> Generator[Mesh]:
    made = Mesh(Lab(lab), "two-clouds")
    shown = made.pulumi("preview", "--stack", STACK)
    assert clusters_of_the_lab.all_clusters(lab) == [], "a preview makes nothing"
    assert "+ 117 to create" in shown
    made.pulumi(*UP)
    yield made


def test_both_clusters_hear_both_versions_and_nothing_is_readable(mesh: Mesh) -> None:
    result = mesh.verify()
    assert result.ok, "\n".join(str(finding) for finding in result.findings)
    assert {name: set(heard) for name, heard in result.replies.items()} == {
        "aws-us": {"v1", "v2"},
        "gcp-eu": {"v1", "v2"},
    }
    assert {finding.check for finding in result.findings} == set(Check)


def test_a_call_in_plain_text_is_refused_and_istioctl_complains_of_nothing(mesh: Mesh) -> None:
    with mesh.clusters() as members:
        for member in members:
            assert "reset by peer" in plain_text_call(member), member.name
            passed(member.analyze("istio-system"))


def test_a_second_up_and_a_refresh_change_nothing(mesh: Mesh) -> None:
    mesh.pulumi(*UP, "--expect-no-changes")
    mesh.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes", "--stack", STACK)
    mesh.pulumi(*UP, "--expect-no-changes")


@pytest.mark.parametrize("other", ["linkerd", "consul"])
def test_another_mesh_previews_with_clusters_and_networks_untouched(mesh: Mesh, tmp_path: Path, other: str) -> None:
    """Istio's parts go and the other's come; what the clouds have is not among the steps. The charts are stand-ins."""
    folder = tmp_path / other
    shutil.copytree(mesh.folder, folder)
    program = folder / "__main__.py"
    chosen = '"istio": {"topology": "multi-primary"}'
    assert chosen in program.read_text()
    (tmp_path / "charts").mkdir()
    with stand_in_charts.served(tmp_path / "charts") as url:
        wish = {"charts": {"repository": url}, "version": stand_in_charts.VERSION}
        program.write_text(program.read_text().replace(chosen, f'"{other}": {wish}'))
        # Without --show-secrets this engine's --json stops at a stack's secret outputs: "attempt to encrypt value".
        shown = passed(mesh.lab.pulumi("preview", "--json", "--show-secrets", "--stack", STACK, folder=folder))
    steps = [step for step in json.loads(shown[shown.index("{") :])["steps"] if step["op"] not in ("same", "read")]
    # The stack's and components' own steps are about their outputs.
    changed = {
        (step["urn"].split("::")[2].rpartition("$")[2], step["urn"].rpartition("::")[2], step["op"]) for step in steps
    }
    clouds = {
        each for each in changed if not each[0].startswith(("kubernetes:", "tls:", "multimesh:", "pulumi:pulumi:"))
    }
    # Consul's gateway on AWS has addresses of its own; nothing that is there is touched.
    fixed = {each for each in clouds if each[0] == "aws:ec2/eip:Eip" and each[1].startswith("shop-aws-us-consul-")}
    assert clouds == fixed
    assert {op for _, _, op in fixed} == ({"create"} if other == "consul" else set())
    releases = {(step["urn"].rpartition("::")[2], step["op"]) for step in steps if ":Release::" in step["urn"]}
    assert ("shop-gcp-eu-istio-istiod", "delete") in releases
    new = {"linkerd": "shop-gcp-eu-linkerd-control-plane", "consul": "shop-gcp-eu-consul-release"}
    assert (new[other], "create") in releases
    marked = {(name, op) for kind, name, op in changed if kind == "kubernetes:core/v1:Namespace" and "sample" in name}
    assert marked == {("shop-gcp-eu-sample", "update"), ("shop-aws-us-sample", "update")}
    assert not {name for kind, name, _ in changed if kind.endswith(("GkeCluster", "EksCluster"))}


def test_no_key_and_no_token_can_be_read_in_state_previews_or_logs(mesh: Mesh) -> None:
    secrets = mesh.secrets()
    assert {"key", "token"} <= {kind for name in secrets for kind in ("key", "token") if f"({kind})" in name}
    shown = mesh.shown()
    assert len(shown) > 10
    assert readable(shown, secrets) == []


def test_another_root_in_one_cluster_is_found_and_named(mesh: Mesh, tmp_path: Path) -> None:
    with mesh.clusters() as members:
        victim = _named(members, "aws-us")
        kept = _kept(victim, "secret", "cacerts")
        _put(victim, _foreign_authority(kept), tmp_path)
        _restart(victim)
        failed = mesh.verify(patience=10)
        assert not failed.ok
        roots = [finding for finding in failed.causes() if finding.check is Check.ROOT]
        assert roots, [str(finding) for finding in failed.findings]
        assert "another one" in roots[0].message
        _put(victim, kept, tmp_path)
        _restart(victim)
    assert mesh.verify().ok


def _without(mesh: Mesh, where: str, kind: str, name: str, check: Check) -> tuple[Verification, str]:
    """The verification after something of Istio's was deleted, and what the one failed finding of the check says."""
    with mesh.clusters() as members:
        passed(_named(members, where).run("delete", kind, name, "-n", "istio-system"))
    time.sleep(5)
    failed = mesh.verify(patience=10)
    assert not failed.ok
    (cause,) = [finding for finding in failed.causes() if finding.check is check]
    assert cause.where == where
    return failed, cause.message


def test_a_missing_remote_secret_is_found_and_named(mesh: Mesh) -> None:
    failed, message = _without(mesh, "gcp-eu", "secret", "istio-remote-secret-aws-us", Check.REMOTE_SECRET)
    assert "istio-remote-secret-aws-us: is missing" in message
    assert failed.replies["gcp-eu"]["v2"] == 0, "without the secret the other version cannot be known"
    mesh.pulumi("refresh", "--yes", "--skip-preview", "--stack", STACK)
    mesh.pulumi(*UP)
    assert mesh.verify().ok


def test_a_missing_gateway_is_found_and_named(mesh: Mesh) -> None:
    _, message = _without(mesh, "aws-us", "service", "istio-eastwestgateway", Check.GATEWAY)
    assert "Service istio-eastwestgateway is missing" in message


def test_destroy_leaves_an_empty_cloud(mesh: Mesh) -> None:
    home = mesh.lab.home
    assert len(inventory(home, "gcp")) > 8
    assert len(inventory(home, "aws")) > 30
    mesh.pulumi("destroy", "--yes", "--skip-preview", "--stack", STACK)
    assert inventory(home, "gcp") == []
    assert inventory(home, "aws") == []
    assert clusters_of_the_lab.all_clusters(home) == []


def _named(members: list[Cluster], name: str) -> Cluster:
    return next(member for member in members if member.name == name)


def _kept(member: Cluster, kind: str, name: str) -> dict[str, Any]:
    found = member.get(kind, name, "istio-system")
    assert found is not None
    metadata = {key: found["metadata"][key] for key in ("name", "namespace")}
    return {key: found[key] for key in ("apiVersion", "kind", "data", "type")} | {"metadata": metadata}


def _put(member: Cluster, secret: dict[str, Any], folder: Path) -> None:
    path = folder / "secret.json"
    path.write_text(json.dumps(secret))
    passed(member.run("replace", "-f", str(path)))


def _restart(member: Cluster) -> None:
    """istiod first: the pods' certificates come from it."""
    for namespace, names in (("istio-system", ["istiod"]), ("sample", ["client", "helloworld-v2"])):
        for name in names:
            passed(member.run("rollout", "restart", f"deploy/{name}", "-n", namespace))
        for name in names:
            words = ("rollout", "status", f"deploy/{name}", "-n", namespace, "--timeout=150s", "--request-timeout=0")
            passed(member.run(*words, seconds=180))


def _foreign_authority(kept: dict[str, Any]) -> dict[str, Any]:
    """An authority of its own root, whole and valid in itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = self_signed("Another Root", key).public_bytes(Encoding.PEM)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    data = {"ca-key.pem": pem, "ca-cert.pem": certificate, "root-cert.pem": certificate, "cert-chain.pem": certificate}
    return {**kept, "data": {name: base64.b64encode(value).decode() for name, value in data.items()}}
