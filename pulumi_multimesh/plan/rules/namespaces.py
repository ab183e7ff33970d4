"""Rules of a namespace's name, wherever one is written.

Owns: its form, and that it is not the mesh's own. Does not own: what it is named for.
"""

from collections.abc import Iterator

from pulumi_multimesh.plan.fault import Fault
from pulumi_multimesh.plan.rules.text import is_label


def namespace_faults(path: str, namespace: str, system: str, what: str, remedy: str) -> Iterator[Fault]:
    """`what`: the thing that would be every namespace's, were it the mesh's own namespace's, such as `scope`."""
    if not is_label(namespace):
        yield Fault(path, None, "is not a namespace's name", "lower-case letters, digits and dashes", "correct it")
    if namespace == system:
        problem = f"is the mesh's own namespace, whose {what} would be every namespace's"
        yield Fault(path, None, problem, "a namespace of workloads", remedy)
