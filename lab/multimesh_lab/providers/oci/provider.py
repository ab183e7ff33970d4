"""The simulated Oracle Cloud as a provider server.

Owns: which types and functions it has. Does not own: their rules.
"""

from multimesh_lab.home import LabHome
from multimesh_lab.providers.cloud import CloudProvider
from multimesh_lab.providers.kinds import by_token
from multimesh_lab.providers.oci import (
    addons,
    cluster,
    drg,
    gateways,
    invokes,
    ipsec,
    ipsec_tunnel,
    kms,
    local_peering,
    logs,
    node_pool,
    policies,
    remote_peering,
    routes,
    security,
    subnet,
    vcn,
)
from multimesh_lab.providers.runtime import ClusterRuntime
from multimesh_lab.providers.runtimes import runtime_of
from multimesh_lab.providers.store import Store

_SINGLE = (vcn.KIND, subnet.KIND, routes.KIND, cluster.KIND, node_pool.KIND, addons.KIND)
_ROADS = (ipsec_tunnel.KIND, local_peering.KIND, remote_peering.KIND)
KINDS = by_token(
    _SINGLE,
    _ROADS,
    drg.KINDS,
    ipsec.KINDS,
    gateways.KINDS,
    security.KINDS,
    kms.KINDS,
    policies.KINDS,
    logs.KINDS,
)


def provider(home: LabHome, runtime: ClusterRuntime | None = None) -> CloudProvider:
    """The provider of this lab; a test passes a runtime of its own."""
    store = Store(home, "oci")
    return CloudProvider("oci", store, runtime or runtime_of(home), KINDS, invokes.invokes(store))
