"""The simulated AWS as a provider server.

Owns: which types and functions it has. Does not own: their rules.
"""

from multimesh_lab.home import LabHome
from multimesh_lab.providers.aws import (
    cluster,
    eks,
    eks_login,
    functions,
    gateways,
    iam,
    invokes,
    peering,
    routes,
    security_groups,
    vpc,
    vpn,
    vpn_connection,
)
from multimesh_lab.providers.cloud import CloudProvider
from multimesh_lab.providers.kinds import by_token
from multimesh_lab.providers.runtime import ClusterRuntime
from multimesh_lab.providers.runtimes import runtime_of
from multimesh_lab.providers.store import Store

KINDS = by_token(
    *(vpc.KINDS, routes.KINDS, gateways.KINDS, peering.KINDS, vpn.KINDS, vpn_connection.KINDS),
    *(security_groups.KINDS, iam.KINDS, functions.KINDS, (cluster.CLUSTER_KIND,), eks.KINDS, eks_login.KINDS),
)


def provider(home: LabHome, runtime: ClusterRuntime | None = None) -> CloudProvider:
    """The provider of this lab; a test passes a runtime of its own."""
    clusters = runtime or runtime_of(home)
    store = Store(home, "aws")
    return CloudProvider("aws", store, clusters, KINDS, invokes.INVOKES, replacing_config=frozenset({"region"}))
