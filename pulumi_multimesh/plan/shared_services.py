"""By which name a service of another cluster is called, in each mesh.

Owns: the names. Does not own: what makes a service known to others (the meshes' rooms).
"""

from pulumi_multimesh.plan.mesh_plan import MeshPlan
from pulumi_multimesh.plan.meshes import CONSUL, LINKERD


def host(plan: MeshPlan, namespace: str, service: str, of: str, seen_from: str) -> str:
    """The host by which callers in `seen_from` reach what `of` exports; raises `LookupError` where there is none.

    Istio: services of one name are one, so that the name is the service's own, and who answers is the mesh's to say.
    Linkerd: a mirror, `web-aws-us.shop.svc.cluster.local`. Consul: `web.virtual.aws-us.consul`, for pods whose calls
    are taken over transparently.
    """
    local = f"{service}.{namespace}.svc.cluster.local"
    mesh = plan.control_plane.mesh
    if of == seen_from or mesh not in (LINKERD, CONSUL):
        return local
    if of not in plan.mesh_peers(seen_from):
        raise LookupError(f"{seen_from} and {of} are not linked, so neither knows a service of the other")
    if mesh == LINKERD:
        return f"{service}-{of}.{namespace}.svc.cluster.local"
    if plan.of_consul.primary is not None:
        raise LookupError("a federation calls other datacenters by federate(), or by upstreams with a datacenter")
    return f"{service}.virtual.{of}.consul"


def federated_host(plan: MeshPlan, namespace: str, service: str) -> str:
    """The host of a service that is one over several clusters, the same from each of them."""
    match plan.control_plane.mesh:
        case "linkerd":
            return f"{service}-federated.{namespace}.svc.cluster.local"
        case "consul":
            return f"{service}.virtual.consul"
        case _:
            return f"{service}.{namespace}.svc.cluster.local"
