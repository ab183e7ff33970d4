"""Rules of what is wanted of the mesh: the chosen one has to keep it.

Owns: `wants`. Does not own: what each mesh keeps (advice.py), and what other keys ask for, which the rules of each mesh
refuse.
"""

from collections.abc import Iterator

from pulumi_multimesh.plan import meshes, reading
from pulumi_multimesh.plan.advice import NEEDS
from pulumi_multimesh.plan.fault import Fault
from pulumi_multimesh.plan.reading import Record


def wants_faults(args: Record) -> Iterator[Fault]:
    """Each demand that the chosen mesh does not keep, with those that do."""
    wish, chosen = reading.record(args, "wants"), meshes.chosen(args)
    for need in NEEDS:
        if need.want and wish.get(need.want) is True and need.is_asked(args) and chosen not in need.kept_by:
            keepers = " or ".join(need.kept_by)
            remedy = f"choose {keepers}, or remove it"
            if need.unless_flat and chosen == meshes.LINKERD:
                remedy = f"choose {keepers}, write  flat: true  on private roads, or remove it"
            yield Fault(f"wants.{need.want}", True, f"is not kept by {chosen}: {need.what}", keepers, remedy)
