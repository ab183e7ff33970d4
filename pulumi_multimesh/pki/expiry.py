"""Who is told in time that a certificate ends.

Owns: the words, and when they are said. Does not own: counting days (endings.py), and renewal, which the tls provider
does (made.py) or the user.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import pulumi

from pulumi_multimesh.pki.endings import endings
from pulumi_multimesh.plan.mesh_plan import TrustPlan


def warnings(ends: Mapping[str, str | None], plan: TrustPlan, now: datetime) -> Iterator[str]:
    """A line for each certificate that ends in the plan's days of warning, with what to do."""
    roots = {root.name for root in plan.roots.values()}
    for ending in endings(ends, now):
        if ending.days >= plan.warning_days:
            continue
        what = "root" if ending.name in roots else "intermediate of"
        named = "the root" if ending.name == "root" else f"the {what} {ending.name.removeprefix('root-')}"
        when = f"ends on {ending.ends:%Y-%m-%d}, in {ending.days} days" if ending.days >= 0 else "has ended"
        if ending.name in roots:
            remedy = "rotate it now: docs/pki.md has the steps"
        elif plan.source == "made":
            remedy = f"an `up` in its last {plan.renewal_hours // 24} days renews it"
        else:
            remedy = "bring or sign another in time"
        yield f"{named} {when}; {remedy}"


def warn_in_time(resource: pulumi.Resource, ends: pulumi.Output[dict[str, str]], plan: TrustPlan) -> None:
    """Warnings in the output of `up` and `preview`; those of the intermediates end with their renewal."""

    def look(found: Mapping[str, str | None]) -> None:
        for line in warnings(found, plan, datetime.now(UTC)):
            pulumi.log.warn(line, resource)

    ends.apply(look)
