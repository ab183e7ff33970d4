"""All checks.

Owns: which there are, and finding one by its id. Does not own: any of them.
"""

from pulumi_multimesh.checks import (
    api_servers,
    certificates,
    charts,
    cluster_keeping,
    firewalls,
    istio_access,
    istio_edges,
    istio_mtls,
    istio_routes,
    rbac,
    services,
    state_secrets,
    tunnels,
    workloads,
)
from pulumi_multimesh.checks.check import Check

CATALOGUE: tuple[Check, ...] = (
    *istio_mtls.CHECKS,
    *istio_access.CHECKS,
    *istio_edges.CHECKS,
    *istio_routes.CHECKS,
    *services.CHECKS,
    *workloads.CHECKS,
    *rbac.CHECKS,
    *charts.CHECKS,
    *api_servers.CHECKS,
    *cluster_keeping.CHECKS,
    *firewalls.CHECKS,
    *tunnels.CHECKS,
    *certificates.CHECKS,
    *state_secrets.CHECKS,
)
"""In the order in which findings are told."""
BY_ID = {check.id: check for check in CATALOGUE}
