"""What the examples' programs give to their mesh, read without running them."""

import ast
from typing import Any

from lab_engine import ROOT

EXAMPLES = tuple(sorted(project.parent.name for project in ROOT.glob("examples/*/Pulumi.yaml")))
"""Every example, so that none is missed."""


def example(name: str) -> dict[str, Any]:
    """The arguments that an example gives to its mesh."""
    tree = ast.parse((ROOT / "examples" / name / "__main__.py").read_text())
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    (call,) = [node for node in calls if isinstance(node.func, ast.Attribute) and node.func.attr == "MultiCloudMesh"]
    return ast.literal_eval(call.args[1])
