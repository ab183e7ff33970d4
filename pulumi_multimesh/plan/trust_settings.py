"""What istiod is told of trust beside its authority.

Owns: the decided settings. Does not own: the certificate tree (trust.py) and the chart's values
(istio/trust_values.py).
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class TrustSettings:
    """How certificates are handed out and believed; without any, nothing is told to istiod."""

    aliases: tuple[str, ...] = ()
    """Further trust domains whose identities count as the mesh's own."""
    workload_minutes: int | None = None
    """Life of workloads' certificates; Istio's own day unless given."""
    many_roots: bool = False
    """Whether istiod takes further roots while it runs, and tells proxies of them at once."""
