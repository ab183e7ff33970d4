"""The rule of the oldest Kubernetes that a mesh takes.

Owns: that rule. Does not own: which versions a cloud has (its own module).
"""

import re
from collections.abc import Iterator

from pulumi_multimesh.plan import reading
from pulumi_multimesh.plan.fault import Fault
from pulumi_multimesh.plan.reading import Record


def too_old_faults(args: Record, what: str, least: tuple[int, int]) -> Iterator[Fault]:
    """Clusters that name an older version than `what` takes; those that name none have a newer one."""
    lowest = f"{least[0]}.{least[1]}"
    for kind, name, wish in reading.clusters(args):
        text = reading.text(wish, "kubernetes_version")
        found = re.match(r"v?(\d+)\.(\d+)", text or "")
        if found and (int(found[1]), int(found[2])) < least:
            path, problem = f"{kind}.{name}.kubernetes_version", f"is older than {what} take"
            yield Fault(path, text, problem, f"{lowest} or newer", "leave it out, or choose another mesh")
