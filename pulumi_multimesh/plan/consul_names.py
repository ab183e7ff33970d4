"""Names that Consul and its chart give their parts, which certificates, Secrets and peers must match.

Owns: those names. Does not own: the parts (consul/). From the chart `consul`, templates/tls-init-job.yaml, and
consul-k8s, control-plane/connect-inject.
"""

NAMESPACE = "consul"
RELEASE = "consul"
"""With `global.name` the prefix of everything that the chart makes."""
SERVERS = "servers"
"""What the servers' certificate is called in reports."""
GATEWAY = f"{RELEASE}-mesh-gateway"
SERVERS_SHOWN = f"{RELEASE}-expose-servers"
"""The Service of servers that are shown outside their cluster."""
REPLICATION_TOKEN = f"{RELEASE}-acl-replication-acl-token"
"""The Secret in which the chart of a primary datacenter leaves its token, under the key `token`."""
ENROLLED = "multimesh.io/consul"
"""The label of namespaces whose pods are injected."""


def peering_secret(peer: str) -> str:
    """The Secret with the token by which a peer is joined."""
    return f"peering-token-{peer}"


def server_hosts(datacenter: str) -> list[str]:
    """The DNS names of a datacenter's servers, as `consul-k8s-control-plane tls-init` would write them."""
    servers = f"{RELEASE}-server"
    return [
        f"server.{datacenter}.consul",
        f"*.server.{datacenter}.consul",
        "localhost",
        servers,
        f"{servers}.{NAMESPACE}",
        f"{servers}.{NAMESPACE}.svc",
        f"*.{servers}",
        f"*.{servers}.{NAMESPACE}",
        f"*.{servers}.{NAMESPACE}.svc",
    ]
