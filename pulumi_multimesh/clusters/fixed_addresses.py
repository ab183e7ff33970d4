"""Addresses that a public load balancer is given before it is made.

Owns: what a cluster offers of them. Does not own: how a cloud makes them (the cluster's own kind).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi


@dataclass(frozen=True)
class FixedAddresses:
    """Addresses of one load balancer."""

    first: pulumi.Output[str]
    """One of them, for those that can be told one only."""
    annotations: Mapping[str, pulumi.Input[str]]
    """What makes a Service's load balancer take them."""
