"""What a flat mesh lets into a network of Google Cloud: the peers' pods and nodes, at any port.

Owns: the rule. Does not own: that of webhooks (clusters/gke.py) and those of load balancers, which GKE writes itself.
"""

from collections.abc import Sequence

import pulumi
import pulumi_gcp as gcp


def admit(
    name: str, project: str, network: pulumi.Input[str], ranges: Sequence[str], opts: pulumi.ResourceOptions
) -> gcp.compute.Firewall:
    """Let these ranges reach every machine of the network: a pod may listen at any port, the mesh guards who calls."""
    return gcp.compute.Firewall(
        name,
        project=project,
        network=network,
        direction="INGRESS",
        source_ranges=sorted(ranges),
        allows=[{"protocol": protocol} for protocol in ("tcp", "udp", "icmp", "sctp")],
        opts=opts,
    )
