"""Rules of EKS clusters: retention, versions, zones and pace of pools."""

from typing import Any

import pytest
from plan.configurations import changed

from pulumi_multimesh.plan.validate import validate

EKS = "eks/aws-us/"
CASES: dict[str, tuple[dict[str, Any], str, str]] = {
    "retention": ({EKS + "log_retention_days": 45}, "eks.aws-us.log_retention_days", "write  30"),
    "pool's zones without the cluster's": (
        {EKS + "node_pools": {"apps": {"zones": ["us-east-1a"]}}},
        "eks.aws-us.node_pools.apps.zones", "add  zones  to eks.aws-us",
    ),
    "pool's zone that is none of the cluster's": (
        {EKS + "zones": ["us-east-1a", "us-east-1b"], EKS + "node_pools": {"apps": {"zones": ["us-east-1c"]}}},
        "eks.aws-us.node_pools.apps.zones[0]", "write  us-east-1a",
    ),
    "no node may go": (
        {EKS + "node_pools": {"apps": {"max_unavailable": 0}}},
        "eks.aws-us.node_pools.apps.max_unavailable", "leave it out",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_fault(case: str) -> None:
    changes, path, remedy = CASES[case]
    (fault,) = validate("shop", changed(changes))
    assert fault.path == path
    assert remedy in fault.remedy
