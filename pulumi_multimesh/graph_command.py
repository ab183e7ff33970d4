"""`multimesh graph`: a plan as a picture.

Owns: the command's choice of a language. Does not own: the graph (plan/graph.py, plan/graph_text.py).
"""

import sys

from pulumi_multimesh.plan.graph import graph
from pulumi_multimesh.plan.graph_text import dot, mermaid
from pulumi_multimesh.plan.mesh_plan import MeshPlan

LANGUAGES = {"mermaid": mermaid, "dot": dot}


def graph_command(plan: MeshPlan, language: str) -> int:
    """Print it; returns the exit code."""
    sys.stdout.write(LANGUAGES[language](graph(plan)))
    return 0
