"""A program loads the SDKs of the clouds that it uses, and no other."""

import re
from pathlib import Path

from lab_engine import Lab, passed

PROGRAM = """
import sys

import pulumi
import pulumi_multimesh as multimesh

mesh = multimesh.MultiCloudMesh("shop", {
    "gke": {"gcp-eu": {"project": "acme-dev", "region": "europe-west4"}},
    "eks": {"aws-us": {"region": "us-east-1"}},
    "istio": {},
    "api_access": {"office": "203.0.113.0/24"},
})
roots = {name.partition(".")[0] for name in sys.modules}
pulumi.info("sdks: " + " ".join(sorted(root for root in roots if root.startswith("pulumi_"))))
"""


def test_a_program_of_two_clouds_loads_their_sdks_alone(lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: sdks\nruntime: python\n")
    (tmp_path / "__main__.py").write_text(PROGRAM)
    output = passed(lab.pulumi("preview", "--stack", "two", folder=tmp_path))
    loaded = re.search(r"sdks: (.*)", output)
    assert loaded, output
    assert set(loaded[1].split()) == {"pulumi_aws", "pulumi_gcp", "pulumi_kubernetes", "pulumi_multimesh", "pulumi_tls"}
