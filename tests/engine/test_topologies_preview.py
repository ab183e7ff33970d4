"""Previews of each topology and of ambient while no cluster exists anywhere: all that will be made is shown."""

import re
import shutil
from pathlib import Path

import pytest
from lab_engine import ROOT, Lab, passed

EXAMPLES = {
    "primary-remote": (
        "kubernetes:networking.istio.io/v1:VirtualService shop-aws-us-eastwest-istiod",
        "aws:ec2:Eip shop-aws-us-eastwest-0",
        "kubernetes:discovery.k8s.io/v1:EndpointSlice shop-oci-eu-istio-istiod",
    ),
    "external-control-plane": (
        "kubernetes:core/v1:Secret shop-control-istio-kubeconfig",
        "kubernetes:core/v1:Service shop-control-istio-istiod",
        "kubernetes:discovery.k8s.io/v1:EndpointSlice shop-aws-us-istio-istiod",
        "kubernetes:core/v1:Secret shop-control-reads-azure-eu",
    ),
}

AMBIENT = """
config:
  multimesh:name: shop
  multimesh:mesh:
    gke:
      gcp-eu: {project: acme-dev, region: europe-west4}
    eks:
      aws-us: {region: us-east-1}
    istio: {data_plane: ambient}
    api_access: {office: 203.0.113.0/24}
"""


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_previews_every_resource_without_a_cluster(lab: Lab, example: str) -> None:
    output = passed(lab.pulumi("preview", "--stack", "preview", folder=ROOT / "examples" / example))
    for shown in EXAMPLES[example]:
        assert shown in output, shown


def test_an_ambient_mesh_previews(lab: Lab, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "reference", tmp_path / "reference")
    (tmp_path / "Pulumi.yaml").write_text((ROOT / "Pulumi.yaml").read_text())
    (tmp_path / "Pulumi.ambient.yaml").write_text(AMBIENT)
    output = passed(lab.pulumi("preview", "--stack", "ambient", folder=tmp_path))
    for shown in (
        "kubernetes:helm.sh/v3:Release shop-gcp-eu-ambient-ztunnel",
        "kubernetes:helm.sh/v3:Release shop-aws-us-ambient-cni",
        "kubernetes:gateway.networking.k8s.io/v1:Gateway shop-aws-us-eastwest-gateway",
    ):
        assert shown in output, shown
    assert not re.search(r"Release shop-\S+-eastwest-gateway", output), "that would be a gateway of sidecars"
