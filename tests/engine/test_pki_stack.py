"""The PKI by the real engine: up, up again, refresh, a change, destroy."""

import json
import re
from pathlib import Path

from lab_engine import Lab, passed

PROGRAM = """
import pulumi
import pulumi_multimesh as multimesh

config = pulumi.Config()
days, organization = config.get_int("days") or 730, config.get("organization") or "Istio"
pki = multimesh.MeshPki("pki", {
    "clusters": ["one", "two"], "trust_domain": "cluster.local", "intermediate_validity_days": days,
    "organization": organization, "root_validity_days": config.get_int("root-days") or 3650,
})
pulumi.export("root", pki.root_certificate)
pulumi.export("key", pki.authorities["one"].key)
pulumi.export("chain", pki.authorities["one"].chain)
"""


def test_the_life_of_a_pki(lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: pki\nruntime: python\n")
    (tmp_path / "__main__.py").write_text(PROGRAM)
    run = ("--stack", "one")
    passed(lab.pulumi("up", "--yes", "--skip-preview", *run, folder=tmp_path))
    passed(lab.pulumi("up", "--yes", "--skip-preview", "--expect-no-changes", *run, folder=tmp_path))
    passed(lab.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes", *run, folder=tmp_path))

    export = passed(lab.command("exec", "--", "pulumi", "stack", "export", *run, folder=tmp_path))
    assert "PRIVATE KEY" not in export
    assert "BEGIN CERTIFICATE" in export
    outputs = json.loads(
        passed(lab.command("exec", "--", "pulumi", "stack", "output", "--json", *run, folder=tmp_path))
    )
    assert outputs["key"] == "[secret]"
    assert outputs["chain"].endswith(outputs["root"])

    (tmp_path / "Pulumi.one.yaml").write_text("config:\n  pki:days: 365\n")
    preview = passed(lab.pulumi("preview", *run, folder=tmp_path))
    assert re.search(r"\+-\s?2 to replace", preview), preview
    (tmp_path / "Pulumi.one.yaml").write_text("config:\n  pki:organization: Acme\n  pki:root-days: 3000\n")
    preview = passed(lab.pulumi("preview", "--diff", *run, folder=tmp_path))
    assert "LocallySignedCert" in preview
    assert "SelfSignedCert" not in preview, "a root that is there stays as it is"

    passed(lab.pulumi("destroy", "--yes", "--skip-preview", *run, folder=tmp_path))
    left = passed(lab.command("exec", "--", "pulumi", "stack", "export", *run, folder=tmp_path))
    assert "resources" not in json.loads(left)["deployment"]
