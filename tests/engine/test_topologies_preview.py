"""Previews of each topology, of ambient and of other meshes while no cluster exists: all that will be made is shown."""

import re
import shutil
from pathlib import Path

import pytest
from lab_engine import ROOT, Lab, passed
from policy_findings import PACK, found

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
    "linkerd": (
        "kubernetes:helm.sh/v3:Release shop-azure-eu-linkerd-control-plane",
        "kubernetes:multicluster.linkerd.io/v1alpha3:Link shop-gcp-eu-links-aws-us-link",
        "kubernetes:core/v1:Secret shop-aws-us-links-azure-eu-credentials",
        "kubernetes:core/v1:ServicePatch shop-aws-us-sample-helloworld-exported",
    ),
    "consul": (
        "kubernetes:helm.sh/v3:Release shop-azure-eu-consul-release",
        "kubernetes:consul.hashicorp.com/v1alpha1:PeeringAcceptor shop-gcp-eu-peers-aws-us-acceptor",
        "kubernetes:consul.hashicorp.com/v1alpha1:PeeringDialer shop-gcp-eu-peers-azure-eu-dialer",
        "kubernetes:core/v1:Secret shop-gcp-eu-peers-aws-us-carried",
        "aws:ec2:Eip shop-aws-us-consul-0",
    ),
    "flat": (
        "aws:ec2:VpnConnection shop-aws-us",
        "kubernetes:core/v1:Secret shop-aws-us-reads-gcp-eu",
    ),
}

RESOURCES = {"primary-remote": 186, "external-control-plane": 136, "flat": 139, "linkerd": 213, "consul": 192}

GATEWAYS = ("primary-remote", "external-control-plane")
"""Examples with Istio's east-west gateways."""

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
    output = passed(
        lab.pulumi("preview", "--stack", "preview", "--policy-pack", PACK, folder=ROOT / "examples" / example)
    )
    assert "mandatory" not in found(output).values()
    assert f"+ {RESOURCES[example]} to create" in output, output[-2000:]
    for shown in EXAMPLES[example]:
        assert shown in output, shown
    assert ("eastwest" in output) == (example in GATEWAYS), "a flat mesh has no gateways, other meshes have others"


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
