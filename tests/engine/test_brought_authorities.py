"""Authorities that are not made here, by the real engine: signed outside, as the example does, or brought as PEM."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from configurations_of_pem import key_pem
from lab_engine import ROOT, Lab, passed
from leaf_certificates import believed, leaf
from secret_scanner import readable, secrets_in, shown_by
from stack_life import Life

PROGRAM = """
import json
import pulumi
import pulumi_multimesh as multimesh

told = json.load(open("told.json"))
outside = None
if told["outside"]:
    from authority import ExampleAuthority
    outside = ExampleAuthority()
    if told["careless"]:
        outside.root = lambda name: outside._root.cert_pem.apply(lambda pem: pem + told["careless"])
args = {**told["pki"], "clusters": ["one"], "trust_domain": "cluster.local"}
if told["secret"]:
    below = args["intermediates"]["one"]
    args["intermediates"] = {"one": {key: pulumi.Output.secret(value) for key, value in below.items()}}
    args["root_certificates"] = {name: pulumi.Output.secret(pem) for name, pem in args["root_certificates"].items()}
pki = multimesh.MeshPki("pki", args, authority=outside)
one = pki.authorities["one"]
for name, value in {"key": one.key, "chain": one.chain, "bundle": one.root, "certificate": one.certificate}.items():
    pulumi.export(name, value)
pulumi.export("ends", pki.ends)
"""


class Stack:
    """The program's stack."""

    def __init__(self, life: Life) -> None:
        self.life = life
        shutil.copy(ROOT / "examples" / "external-authority" / "authority.py", life.folder)
        life.program(PROGRAM)

    def write(self, pki: dict[str, Any], *, outside: bool = False, secret: bool = False, careless: str = "") -> None:
        """`careless`: what the authority outside says after its root."""
        told = {"pki": pki, "outside": outside, "secret": secret, "careless": careless}
        (self.life.folder / "told.json").write_text(json.dumps(told))

    def outputs(self) -> dict[str, Any]:
        words = ("exec", "--", "pulumi", "stack", "output", "--json", "--show-secrets", "--stack", "test")
        return json.loads(passed(self.life.lab.command(*words, folder=self.life.folder)))


@pytest.fixture
def stack(lab: Lab, tmp_path: Path) -> Stack:
    return Stack(Life.begin(lab, tmp_path))


def test_signed_outside_and_then_brought_as_they_are(stack: Stack) -> None:
    stack.write({}, outside=True)
    stack.life.up()
    stack.life.unchanged()
    lab, folder = stack.life.lab, stack.life.folder
    assert readable(shown_by(lab, folder, "test"), secrets_in(lab, folder, "test")) == []
    made = stack.outputs()
    assert made["chain"].count("BEGIN CERTIFICATE") == 3
    assert believed(leaf(made["key"], made["chain"]), made["bundle"])
    assert set(made["ends"]) == {"root", "one"}
    certificate = made["chain"].removesuffix(made["bundle"])

    good = {"certificate": certificate, "key": made["key"]}
    brought = {"root_certificates": {"default": made["bundle"]}, "intermediates": {"one": good}}
    stack.write(brought, secret=True)
    stack.life.up()
    stack.life.unchanged()
    assert stack.outputs() == made
    words = ("exec", "--", "pulumi", "stack", "export", "--stack", "test")
    assert "PRIVATE KEY" not in passed(stack.life.lab.command(*words, folder=stack.life.folder))

    # A file that holds its key as well, of which the engine knows the content as the first.
    for careless in (
        {**brought, "root_certificates": {"default": made["bundle"] + made["key"]}},
        {**brought, "intermediates": {"one": {**good, "certificate": made["key"] + certificate}}},
    ):
        stack.write(careless, secret=True)
        said = stack.life.refused("up", "--yes", "--skip-preview")
        assert "holds a private key" in said
        assert "PRIVATE KEY" not in said + passed(stack.life.lab.command(*words, folder=stack.life.folder))

    # Only what is nearest: the one between is missing, which is known when the engine knows the key.
    short = {**good, "certificate": made["certificate"]}
    stack.write({**brought, "intermediates": {"one": short}}, secret=True)
    said = stack.life.refused("up", "--yes", "--skip-preview")
    assert "the authority of one:" in said
    assert "is not signed by" in said
    assert "PRIVATE KEY" not in said


def test_a_root_of_an_authority_outside_is_looked_at_too(stack: Stack) -> None:
    stack.write({}, outside=True, careless=key_pem())
    told = stack.life.refused("up", "--yes", "--skip-preview")
    assert "the root default holds a private key" in told
    words = ("exec", "--", "pulumi", "stack", "export", "--stack", "test")
    assert "PRIVATE KEY" not in told + passed(stack.life.lab.command(*words, folder=stack.life.folder))
    stack.write({}, outside=True, careless="a word beside it")
    stack.life.up()
    assert "a word" not in stack.outputs()["bundle"]


def test_the_example_previews(lab: Lab) -> None:
    folder = ROOT / "examples" / "external-authority"
    output = passed(lab.pulumi("preview", "--stack", "preview", folder=folder))
    assert re.search(r"\+ \d+ to create", output), output[-2000:]
    assert "tls:index:LocallySignedCert shop-pki-gcp-eu" in output
    assert "tls:index:SelfSignedCert shop-pki-root" not in output
