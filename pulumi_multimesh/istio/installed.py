"""What a cluster offers once Istio is in it, be its control plane its own or another cluster's.

Owns: the contract. Does not own: who fulfils it (control_plane.py, remote_control_plane.py).
"""

from typing import Protocol

import pulumi
import pulumi_kubernetes as k8s

from pulumi_multimesh.charts import Charts

STATUS_PORT = 15021
"""Of every gateway's Service: it answers HTTP, and whether the gateway is ready."""


class Housed(Protocol):
    """Something of Istio's in a namespace of its own."""

    charts: Charts
    """For what else is installed from the same charts."""
    namespace: k8s.core.v1.Namespace
    """Istio's own."""


class Installed(Housed, Protocol):
    """Istio in one cluster."""

    @property
    def base(self) -> k8s.helm.v3.Release:
        """With the definitions of Istio's kinds and the account that other clusters read with."""
        ...

    @property
    def injects(self) -> pulumi.Resource:
        """What must be there before a pod that wants a sidecar, such as a gateway's, may be made."""
        ...
