"""Names that Linkerd gives its parts, which certificates, Secrets and links must match.

Owns: those names. Does not own: the parts (linkerd/). From the chart `linkerd-control-plane`, templates/*-rbac.yaml,
the identity controller, cmd/identity/main.go, and `linkerd multicluster link-gen`, multicluster/cmd/link-gen.go.
"""

NAMESPACE = "linkerd"
ISSUER_SECRET = "linkerd-identity-issuer"
ROOTS_CONFIG_MAP = "linkerd-identity-trust-roots"
WEBHOOKS = {
    "policyValidator": "policy-validator",
    "profileValidator": "sp-validator",
    "proxyInjector": "proxy-injector",
}
"""By the chart's value: what it is called."""

MULTICLUSTER = "linkerd-multicluster"
"""The namespace of gateways and mirrors."""
GATEWAY = "linkerd-gateway"
GATEWAY_PORT, PROBE_PORT = 4143, 4191
REMOTE_ACCESS = "linkerd-service-mirror-remote-access-default"
"""The account by which other clusters read services."""

VIZ = "linkerd-viz"
"""The namespace of what shows the traffic."""
VIZ_SERVERS = {"tap": "tap", "tapInjector": "tap-injector"}
"""Its servers that the API server calls, by the chart's value: what each is called (templates/tap*-rbac.yaml)."""
PROMETHEUS = "prometheus"
"""The service account there that reads the metrics of proxies."""
ADMIN_PORT = "linkerd-admin"
"""The port of a proxy with its metrics and probes, as its container names it."""

EXPORTED = "mirror.linkerd.io/exported"
"""The label of exported services; its value says how they are reached."""
THROUGH_GATEWAY, REACHED_DIRECTLY = "true", "remote-discovery"
FEDERATED, MEMBER = "mirror.linkerd.io/federated", "member"
"""The label of services that are one over several clusters, and its value."""


def identity(trust_domain: str, namespace: str = NAMESPACE) -> str:
    """The DNS name by which the identity controller knows its own issuer's certificate."""
    return f"identity.{namespace}.{trust_domain}"


def workload_identity(account: str, namespace: str, trust_domain: str) -> str:
    """The identity of a service account's pods; `*` for all accounts of the namespace."""
    return f"{account}.{namespace}.serviceaccount.identity.{NAMESPACE}.{trust_domain}"


def gateway_identity(trust_domain: str) -> str:
    """The identity of gateways."""
    return workload_identity(GATEWAY, MULTICLUSTER, trust_domain)


def webhook_secret(webhook: str) -> str:
    """The Secret of a webhook's certificate."""
    return f"linkerd-{webhook}-k8s-tls"


def webhook_host(webhook: str, namespace: str = NAMESPACE) -> str:
    """The name by which the API server calls a webhook."""
    return f"linkerd-{webhook}.{namespace}.svc"


def viz_secret(server: str) -> str:
    """The Secret of the certificate of one of viz's servers."""
    return f"{server}-k8s-tls"


def viz_host(server: str) -> str:
    """The name by which the API server calls one of viz's servers."""
    return f"{server}.{VIZ}.svc"


def credentials(cluster: str) -> str:
    """The Secret with which a cluster is read."""
    return f"cluster-credentials-{cluster}"
