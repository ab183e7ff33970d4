"""Rules of how gateways end.

Owns: `istio.gateway.drain_seconds`. Does not own: what follows from it (plan/draining.py).
"""

from collections.abc import Iterator

from pulumi_multimesh.plan import reading
from pulumi_multimesh.plan.draining import DRAIN_SECONDS, LEAST_SECONDS
from pulumi_multimesh.plan.fault import Fault
from pulumi_multimesh.plan.reading import Record

_MOST = 3600


def drain_faults(gateway: Record) -> Iterator[Fault]:
    """The faults of that time; connections that last for seconds only would cost more than they save."""
    seconds = reading.integer(gateway, "drain_seconds")
    if seconds is not None and seconds != 0 and not LEAST_SECONDS <= seconds <= _MOST:
        problem = "is too short" if seconds < LEAST_SECONDS else "is too long"
        allowed = f"{LEAST_SECONDS} to {_MOST} seconds, or 0 for the chart's own way"
        remedy = f"leave it out for {DRAIN_SECONDS}"
        yield Fault("istio.gateway.drain_seconds", seconds, problem, allowed, remedy)
