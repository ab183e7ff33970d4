"""Which mesh is chosen, and what the plan has to know of it before it knows anything else.

Owns: the meshes there are, the choice, the mesh's own namespace. Does not own: whether the choice is right
(rules/mesh.py), which mesh fits what (advice.py).
"""

from pulumi_multimesh.plan import consul_names, linkerd_names, names, roles, trust
from pulumi_multimesh.plan.reading import Record

ISTIO, LINKERD, CONSUL = "istio", "linkerd", "consul"
MESHES = (ISTIO, LINKERD, CONSUL)
ORGANIZATIONS = {ISTIO: "Istio", LINKERD: "Linkerd", CONSUL: "Consul"}
"""The organization in the subjects of a mesh's authorities, unless given."""


def chosen(args: Record) -> str:
    """The mesh of valid arguments; of others the first that is there, else Istio."""
    return next((mesh for mesh in MESHES if mesh in args), ISTIO)


def namespace(args: Record) -> str:
    """The mesh's own, in every cluster."""
    match chosen(args):
        case "linkerd":
            return linkerd_names.NAMESPACE
        case "consul":
            return consul_names.NAMESPACE
        case _:
            return names.istio_namespace(external=roles.topology(args) == roles.EXTERNAL)


def servers(mesh: str, cluster: str) -> tuple[tuple[str, str], ...]:
    """The mesh's own servers in a cluster that have certificates in the tree, each with its first DNS name."""
    match mesh:
        case "linkerd":
            return tuple((each, linkerd_names.webhook_host(each)) for each in linkerd_names.WEBHOOKS.values())
        case "consul":
            return ((consul_names.SERVERS, consul_names.server_hosts(cluster)[0]),)
        case _:
            return ()


def issuer_names(args: Record, trust_domain: str) -> tuple[str, ...]:
    """DNS names by which the mesh knows the certificates that sign its workloads'."""
    match chosen(args):
        case "linkerd":
            return (linkerd_names.identity(trust_domain),)
        case "consul":
            return ()
        case _:
            return (trust.ISTIOD,)
