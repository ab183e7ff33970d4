"""The simulated Google Cloud as a provider server.

Owns: which types and functions it has. Does not own: their rules.
"""

from multimesh_lab.home import LabHome
from multimesh_lab.providers.cloud import CloudProvider
from multimesh_lab.providers.gcp import bgp, cluster, iam, invokes, nat, network, node_pool, peering, routers, vpn
from multimesh_lab.providers.kinds import by_token
from multimesh_lab.providers.runtime import ClusterRuntime
from multimesh_lab.providers.runtimes import runtime_of
from multimesh_lab.providers.store import Store

KINDS = by_token(
    network.KINDS,
    routers.KINDS,
    nat.KINDS,
    vpn.KINDS,
    bgp.KINDS,
    (peering.KIND,),
    iam.KINDS,
    (cluster.CLUSTER_KIND, node_pool.NODE_POOL_KIND),
)


def provider(home: LabHome, runtime: ClusterRuntime | None = None) -> CloudProvider:
    """The provider of this lab; a test passes a runtime of its own."""
    clusters = runtime or runtime_of(home)
    return CloudProvider("gcp", Store(home, "gcp"), clusters, KINDS, invokes.INVOKES)
