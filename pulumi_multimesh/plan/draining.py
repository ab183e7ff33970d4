"""How gateways end without a call being lost.

Owns: how long they go on, and how old connections become. Does not own: whether the arguments are right
(rules/istio_draining.py), and what it is written into (istio/gateway_chart.py, istio/connection_age.py).

A gateway between networks passes encrypted connections through and cannot tell either end that it is about to go: what
is under way in a connection when it is cut is lost, and a call that has been sent must not be sent again by a proxy,
since it may have been carried out. So connections end by themselves, between two calls, before the gateway does.
"""

from dataclasses import dataclass

from pulumi_multimesh.plan import reading
from pulumi_multimesh.plan.data_plane import AMBIENT, data_plane
from pulumi_multimesh.plan.reading import Record

DRAIN_SECONDS = 90
"""Unless given: longer than most calls, and short enough for the drain of a node."""

LEAST_SECONDS = 30


@dataclass(frozen=True)
class Drain:
    """The end of a gateway."""

    seconds: int
    """For which it goes on at most; it ends once it has no connection."""
    connection_seconds: int
    """The greatest age of an HTTP connection between workloads; 0 for any, where none passes through a gateway."""


def drain(args: Record) -> Drain | None:
    """How the gateways of valid arguments end; None where the chart's own way is asked for, or in an ambient mesh."""
    seconds = reading.integer(reading.record(reading.record(args, "istio"), "gateway"), "drain_seconds")
    seconds = DRAIN_SECONDS if seconds is None else seconds
    if seconds == 0 or data_plane(args) == AMBIENT:
        return None
    return Drain(seconds, 0 if args.get("flat") is True else seconds * 2 // 3)
