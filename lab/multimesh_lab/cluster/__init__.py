"""Real Kubernetes clusters on this machine, one network namespace each; the API for the simulated clouds.

Owns: what `__all__` names. Does not own: the clouds' rules, and the lab around the clusters (lifecycle).
"""

from multimesh_lab.cluster.facts import ClusterError, ClusterFacts, ClusterRequest
from multimesh_lab.cluster.logins import Login
from multimesh_lab.cluster.operations import (
    admit_api,
    create,
    delete,
    install_dns,
    join_node,
    remove_node,
    set_egress,
    set_login,
)
from multimesh_lab.cluster.registry import all_clusters, allocate_address, find, release_address
from multimesh_lab.cluster.users import entra_token, token, token_of

__all__ = [
    "ClusterError",
    "ClusterFacts",
    "ClusterRequest",
    "Login",
    "admit_api",
    "all_clusters",
    "allocate_address",
    "create",
    "delete",
    "entra_token",
    "find",
    "install_dns",
    "join_node",
    "release_address",
    "remove_node",
    "set_egress",
    "set_login",
    "token",
    "token_of",
]
