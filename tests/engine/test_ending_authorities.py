"""Brought authorities that end soon are told in a preview and by an audit, by what the component says of their ends."""

import json
import sys
from pathlib import Path

from configurations_of_pem import authority
from lab_engine import Lab, passed
from policy_findings import PACK, found
from stack_life import Life

PROGRAM = """
import json
import pulumi
import pulumi_multimesh as multimesh

pki = json.load(open("pki.json"))
given = pki["intermediates"]["one"]
below = {"one": {**given, "key": pulumi.Output.secret(given["key"])}}
multimesh.MeshPki("pki", {**pki, "intermediates": below, "clusters": ["one"], "trust_domain": "cluster.local"})
"""


def test_a_brought_authority_that_ends_soon_is_told_before_and_after(lab: Lab, tmp_path: Path) -> None:
    root = authority("root")
    one = authority("one", root, path_length=0)
    given = {"certificate": one.certificate, "key": one.key}
    pki = {"root_certificates": {"default": root.certificate}, "intermediates": {"one": given}}
    (tmp_path / "pki.json").write_text(json.dumps(pki))
    life = Life.begin(lab, tmp_path)
    life.program(PROGRAM)
    preview = passed(lab.pulumi("preview", "--stack", "test", "--policy-pack", PACK, folder=life.folder))
    assert found(preview)["certificate-ending"] == "advisory"
    assert "pki: one ends in 19 days" in preview

    life.up()
    words = ("audit", "--stack", "test", "--no-clusters", "-o", "json")
    answer = lab.command("exec", "--", sys.executable, "-m", "pulumi_multimesh.cli", *words, folder=life.folder)
    told = [each for each in json.loads(passed(answer)) if each["check"] == "certificate-ending"]
    assert sorted(each["message"].split()[0] for each in told) == ["one", "root"]
