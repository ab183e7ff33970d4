"""What the policy pack says in the engine's output.

Owns: where the pack is, and reading its findings. Does not own: what it should find.
"""

import re

from lab_engine import ROOT

PACK = str(ROOT / "pulumi_multimesh" / "policy_pack")


def found(output: str) -> dict[str, str]:
    """The level by which each check is told."""
    assert "multimesh@" in output, "the pack was not asked"
    return {check: level for level, check in re.findall(r"- \[(mandatory|advisory)\] +([\w-]+) ", output)}
