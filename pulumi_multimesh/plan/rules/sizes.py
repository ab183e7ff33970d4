"""The rule of a least and a most.

Owns: pairs of sizes. Does not own: what is counted.
"""

from collections.abc import Iterator

from pulumi_multimesh.plan import reading
from pulumi_multimesh.plan.fault import Fault
from pulumi_multimesh.plan.reading import Record


def size_faults(path: str, holder: Record, least: tuple[str, int], most: tuple[str, int]) -> Iterator[Fault]:
    """Faults of two keys, given with their defaults: 1 ≤ least ≤ most."""
    (low_key, low_default), (high_key, high_default) = least, most
    low, high = reading.integer(holder, low_key), reading.integer(holder, high_key)
    small = [(key, size) for key, size in ((low_key, low), (high_key, high)) if size is not None and size < 1]
    for key, size in small:
        yield Fault(f"{path}.{key}", size, "is too small", "a whole number, at least 1", "write at least 1")
    if small:
        return
    if low is not None and low > (high_default if high is None else high):
        said = f"{high_default} unless given" if high is None else str(high)
        yield Fault(
            f"{path}.{low_key}",
            low,
            f"is more than {high_key}, which is {said}",
            f"1 ≤ {low_key} ≤ {high_key}",
            f"set  {high_key}: {low}  or more",
        )
    elif low is None and high is not None and high < low_default:
        yield Fault(
            f"{path}.{high_key}",
            high,
            f"is less than {low_key}, which is {low_default} unless given",
            f"1 ≤ {low_key} ≤ {high_key}",
            f"add  {low_key}: {high}  beside it",
        )
