"""A preview of the committed stacks while no cluster exists anywhere."""

import re
import shutil
from pathlib import Path

import pytest
from lab_engine import ROOT, Lab, passed
from policy_findings import PACK, found


def test_the_dev_stack_previews_every_resource_without_a_cluster(lab: Lab) -> None:
    output = passed(lab.pulumi("preview", "--stack", "dev", "--policy-pack", PACK))
    assert "mandatory" not in found(output).values()
    assert re.search(r"\+ 107 to create", output), output[-2000:]
    for token in (
        "gcp:container:Cluster",
        "aws:eks:Cluster",
        "tls:index:LocallySignedCert",
        "kubernetes:helm.sh/v3:Release dev-gcp-eu-istio-istiod",
        "kubernetes:helm.sh/v3:Release dev-aws-us-eastwest-gateway",
        "kubernetes:core/v1:Secret dev-aws-us-reads-gcp-eu",
        "kubernetes:security.istio.io/v1:PeerAuthentication",
    ):
        assert token in output


def test_the_prod_stack_previews(lab: Lab) -> None:
    output = passed(lab.pulumi("preview", "--stack", "prod"))
    assert re.search(r"\+ 107 to create", output), output[-2000:]


def test_a_preview_leaves_the_users_files_alone(lab: Lab) -> None:
    before = (ROOT / "Pulumi.dev.yaml").read_text()
    passed(lab.pulumi("preview", "--stack", "dev"))
    assert (ROOT / "Pulumi.dev.yaml").read_text() == before


FAULTY = """
config:
  multimesh:mesh:
    gke:
      gcp-eu: {region: us-east-1, zone: a}
      Bad_Name: {project: acme-dev, region: europe-west4}
    istio: {}
    linkerd: {}
    api_access: {office: 203.0.113.1/24}
"""


@pytest.mark.parametrize("stack", ["faulty"])
def test_faults_are_told_at_once_and_nothing_is_registered(lab: Lab, tmp_path: Path, stack: str) -> None:
    shutil.copytree(ROOT / "reference", tmp_path / "reference")
    (tmp_path / "Pulumi.yaml").write_text((ROOT / "Pulumi.yaml").read_text())
    (tmp_path / f"Pulumi.{stack}.yaml").write_text(FAULTY)
    answer = lab.pulumi("preview", "--stack", stack, folder=tmp_path)
    assert answer.returncode != 0
    for path in (
        "gke.gcp-eu.project",
        "gke.gcp-eu.zone",
        "gke.gcp-eu.region",
        "Bad_Name",
        "linkerd",
        "api_access.office",
    ):
        assert path in answer.stdout, path
    assert "Traceback" not in answer.stdout
    assert "MultiCloudMesh" not in answer.stdout.partition("Diagnostics:")[0]
