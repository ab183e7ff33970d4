"""What the real engine makes of drift: a refresh sees it, the next update sets it right."""

import re
from pathlib import Path

from lab_engine import Lab, passed

PROGRAM = """
import pulumi
import pulumi_gcp as gcp
import pulumi_aws as aws

google = gcp.Provider("google", project="acme-dev", region="europe-west4")
amazon = aws.Provider("amazon", region="us-east-1", default_tags={"tags": {"owner": "mesh"}})
network = gcp.compute.Network(
    "net", auto_create_subnetworks=False, routing_mode="GLOBAL", opts=pulumi.ResourceOptions(provider=google)
)
gcp.compute.Address("egress", opts=pulumi.ResourceOptions(provider=google))
vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16", tags={"team": "a"}, opts=pulumi.ResourceOptions(provider=amazon))
"""
QUIET = ("--yes", "--skip-preview", "--stack", "one")


def test_changes_and_deletions_from_outside_are_seen_and_repaired(lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: drift\nruntime: python\n")
    (tmp_path / "__main__.py").write_text(PROGRAM)

    def pulumi(*words: str) -> str:
        return passed(lab.pulumi(*words, *QUIET, folder=tmp_path))

    pulumi("up")
    pulumi("refresh", "--expect-no-changes")
    passed(lab.command("drift", "set", "gcp", "Network", "net", "routingMode=REGIONAL"))
    passed(lab.command("drift", "set", "aws", "Vpc", "vpc", "tags.team=b"))
    passed(lab.command("drift", "delete", "gcp", "Address", "egress"))
    seen = pulumi("refresh")
    assert re.search(r"~ 2 updated", seen) and re.search(r"- 1 deleted", seen), seen
    repaired = pulumi("up")
    assert re.search(r"\+ 1 created", repaired) and re.search(r"~ 2 updated", repaired), repaired
    pulumi("refresh", "--expect-no-changes")
    pulumi("up", "--expect-no-changes")
    pulumi("destroy")
    assert "gcp" not in passed(lab.command("drift", "list"))
