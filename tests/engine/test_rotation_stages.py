"""Rotations by the real engine and a real API server: each stage changes what it says and nothing else, and what
workloads hold from the stage before is believed in the next.

The program has the part of a mesh that this is about, behind the same gate as a whole mesh: two clusters, which are two
namespaces of one API server.
"""

import json
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from api_server import running
from lab_engine import Lab, missing_tools, passed
from leaf_certificates import believed, leaf
from stack_life import Life, work

PROGRAM = """
import json
import pulumi
import pulumi_kubernetes as k8s
import pulumi_multimesh as multimesh
from pulumi_multimesh.checked import checked_plan
from pulumi_multimesh.istio.cacerts import cacerts

told = json.load(open("told.json"))
known = {"kubeconfig": told["kubeconfig"], "egress_ips": ["203.0.113.7"]}
ranges = {"one": "10.1.0.0/16", "two": "10.2.0.0/16"}
args = {
    "existing": {name: {**known, "ranges": {"pods": cidr}} for name, cidr in ranges.items()},
    "istio": {},
    "pki": told["pki"],
}
plan = checked_plan("shop", args)
pki = multimesh.MeshPki("shop-pki", {**told["pki"], "clusters": list(plan.clusters), "trust_domain": "cluster.local"})
for name in plan.clusters:
    cluster = multimesh.ExistingCluster(f"shop-{name}", known)
    space = k8s.core.v1.Namespace(f"{name}-space", metadata={"name": f"space-{name}"}, opts=cluster.inside())
    made = cacerts(f"shop-{name}-istio", cluster, pki.authorities[name], f"space-{name}", cluster, [space])
    pulumi.export(f"{name}-key", pki.authorities[name].key)
    pulumi.export(f"{name}-chain", pki.authorities[name].chain)
pulumi.export("bundle", pki.root_certificate)
pulumi.export("ends", pki.ends)
"""
KEY, ROOT = "tls:index/privateKey:PrivateKey", "tls:index/selfSignedCert:SelfSignedCert"
REQUEST, SIGNED = "tls:index/certRequest:CertRequest", "tls:index/locallySignedCert:LocallySignedCert"
SECRET = "kubernetes:core/v1:Secret"
SECRETS = {(SECRET, f"shop-{name}-istio-cacerts", "update") for name in ("one", "two")}
RESIGNED = {(SIGNED, f"shop-pki-{name}", "replace") for name in ("one", "two")}
NAMED: dict[str, Any] = {"roots": ["default"]}
DISTRIBUTED: dict[str, Any] = {"roots": ["default", "r2028"], "issuing": "default"}
SWITCHED: dict[str, Any] = {"roots": ["default", "r2028"], "issuing": "r2028"}
RETIRED: dict[str, Any] = {"roots": ["r2028"]}


class Stack:
    """The program's stack, and what its workloads would hold."""

    def __init__(self, life: Life, kubeconfig: str) -> None:
        self.life, self.kubeconfig = life, kubeconfig

    def write(self, pki: dict[str, Any]) -> None:
        (self.life.folder / "told.json").write_text(json.dumps({"kubeconfig": self.kubeconfig, "pki": pki}))

    def outputs(self) -> dict[str, str]:
        words = ("exec", "--", "pulumi", "stack", "output", "--json", "--show-secrets", "--stack", "test")
        return json.loads(passed(self.life.lab.command(*words, folder=self.life.folder)))

    def stage(self, pki: dict[str, Any], expected: set[tuple[str, str, str]]) -> dict[str, str]:
        """A stage whose preview is exactly what is expected, and after which nothing is left to do."""
        before = self.outputs()
        self.write(pki)
        assert work(self.life.preview()) == expected
        self.life.up()
        self.life.unchanged()
        after = self.outputs()
        holds(before, after)
        return after

    def refused(self, pki: dict[str, Any]) -> str:
        """What a preview and an `up` say of a stage that must not come now; both leave all as it is."""
        before = self.outputs()
        self.write(pki)
        said = self.life.refused("preview")
        assert "nothing was registered" in self.life.refused("up", "--yes", "--skip-preview")
        assert self.outputs() == before
        return said


def holds(before: dict[str, str], after: dict[str, str]) -> None:
    """Whoever is not there yet believes who is, and the other way round, for certificates from before and after."""
    for shown in (before, after):
        for name in ("one", "two"):
            chain = leaf(shown[f"{name}-key"], shown[f"{name}-chain"])
            assert believed(chain, before["bundle"])
            assert believed(chain, after["bundle"])


@pytest.fixture(scope="module")
def stack(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Generator[Stack]:
    reason = missing_tools("etcd", "kube-apiserver", "kube-controller-manager")
    if reason:
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("rotation")
    life = Life.begin(lab, folder)
    life.program(PROGRAM)
    (folder / "server").mkdir()
    with running(folder / "server") as kubeconfig:
        made = Stack(life, kubeconfig)
        made.write({})
        life.up()
        yield made


def test_an_intermediate_gets_a_new_key_and_no_other_resource_changes(stack: Stack) -> None:
    expected = {
        *((kind, "shop-pki-one-2", "create") for kind in (KEY, REQUEST, SIGNED)),
        *((kind, "shop-pki-one", "delete") for kind in (KEY, REQUEST, SIGNED)),
        (SECRET, "shop-one-istio-cacerts", "update"),
    }
    before = stack.outputs()
    after = stack.stage({"intermediates": {"one": {"generation": 2}}}, expected)
    assert after["one-key"] != before["one-key"]
    assert after["two-key"] == before["two-key"]
    stack.write({})
    stack.life.up()


def test_renewal_under_the_same_key_is_the_providers(stack: Stack) -> None:
    """Days before the end in which an `up` renews are in place; with more than are left it renews now."""
    stack.write({"renewal_days": 60})
    signed = {(SIGNED, f"shop-pki-{name}", "update") for name in ("one", "two")}
    assert work(stack.life.preview()) == signed
    stack.write({"renewal_days": 729, "intermediate_validity_days": 730})
    assert work(stack.life.preview()) == signed


def test_a_root_is_rotated_in_its_stages_and_none_is_skipped(stack: Stack) -> None:
    said = stack.refused(DISTRIBUTED)
    assert "pki.roots" in said
    assert "write  pki: {roots: [default]}" in said
    assert "a stage is skipped" in stack.refused(RETIRED)
    old = stack.stage(NAMED, SECRETS)

    assert "pki.issuing" in stack.refused(SWITCHED)
    assert "roots: [default, r2028], issuing: default" in stack.refused(RETIRED)
    root = {(KEY, "shop-pki-root-r2028", "create"), (ROOT, "shop-pki-root-r2028", "create")}
    distributed = stack.stage(DISTRIBUTED, {*root, *SECRETS})
    assert distributed["bundle"].startswith(old["bundle"])
    assert distributed["one-chain"] == old["one-chain"]

    said = stack.refused(RETIRED)
    assert "a stage is skipped" in said
    switched = stack.stage(SWITCHED, {*RESIGNED, *SECRETS})
    assert switched["bundle"] == distributed["bundle"]
    assert switched["one-key"] == old["one-key"], "a key is made anew only when it is asked for"

    gone = {(KEY, "shop-pki-root", "delete"), (ROOT, "shop-pki-root", "delete")}
    stack.write(RETIRED)
    assert work(stack.life.preview()) == {*gone, *SECRETS}
    stack.life.up()
    stack.life.unchanged()
    retired = stack.outputs()
    assert believed(leaf(retired["two-key"], retired["two-chain"]), retired["bundle"])
    assert not believed(leaf(old["two-key"], old["two-chain"]), retired["bundle"]), "the old one is believed no more"
    assert "a stage is skipped" in stack.refused({})


def test_no_key_is_shown(stack: Stack) -> None:
    words = ("exec", "--", "pulumi", "stack", "export", "--stack", "test")
    export = passed(stack.life.lab.command(*words, folder=Path(stack.life.folder)))
    assert "PRIVATE KEY" not in export
