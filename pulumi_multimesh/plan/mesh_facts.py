"""The facts by which the meshes are compared, each with where it is from.

Owns: these facts, and the table of them that docs/meshes.md has. Does not own: what follows from them (advice.py).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from pulumi_multimesh.plan.advice import NEEDS
from pulumi_multimesh.plan.meshes import CONSUL, ISTIO, LINKERD

AS_OF = "2026-11"
"""When all of them were looked up; a figure is as old as its own year says."""
_PLANES, _MADE_HERE = "control planes", "zones, sign-on, ingress gateways"
_ORDER = (ISTIO, LINKERD, CONSUL)


@dataclass(frozen=True)
class Fact:
    """One row of the comparison."""

    about: str
    """`complexity`, `performance`, `several clusters`, `load balancing`, `security` or `releases`."""
    what: str
    istio: str
    linkerd: str
    consul: str
    sources: str


FACTS = (
    Fact(
        "complexity",
        "runs in each cluster",
        "istiod, one Deployment; an east-west gateway",
        "identity, destination, proxy-injector; a gateway; a mirror for each linked cluster",
        "servers, a StatefulSet with a volume each; an injector; mesh gateways",
        "the charts istiod 1.30.3, linkerd-control-plane and linkerd-multicluster 2026.6.3, consul 2.0.3",
    ),
    Fact(
        "complexity",
        "state of its own",
        "none: Kubernetes' API has it all",
        "none",
        "a Raft log on each server's volume, which votes, and wants backups",
        "the same charts",
    ),
    Fact(
        "complexity",
        _PLANES,
        "one in each cluster, one for several, or one outside of them",
        "one in each cluster",
        "servers in each datacenter; in a federation the primary's decide",
        "istio.io, Deployment Models; linkerd.io, Multi-cluster; developer.hashicorp.com, WAN federation",
    ),
    Fact(
        "complexity",
        "where proxies run",
        "in each pod, or one on each node for its pods (ambient)",
        "in each pod",
        "in each pod",
        "istio.io, Ambient Mode; linkerd.io, Architecture; developer.hashicorp.com, Consul dataplane",
    ),
    Fact(
        "complexity",
        "values of its main chart",
        "141",
        "207",
        "491",
        "values.yaml of istiod 1.30.3; tests/chart_values/ of the other two",
    ),
    Fact(
        "performance",
        "a proxy at 1000 requests/s",
        "0.20 vCPU, 60 MB (Envoy, two workers, 1 KB a request; Istio 1.24, 2024)",
        "no figure at that load; at 2000 requests/s 26 MB at most, Istio's of then 156 MB (Linkerd's own test, 2021)",
        "none published; it is Envoy too",
        "istio.io, Performance and Scalability as of 1.24 (2024); linkerd.io, blog of 2021-11-29",
    ),
    Fact(
        "performance",
        "latency",
        "+2.65 ms at the 90th percentile through two sidecars (Istio 1.9, 2021)",
        "at 2000 requests/s the 99th percentile 163 ms below Istio's sidecars (Linkerd's own test, 2025-04)",
        "none published",
        "istio.io, Performance and Scalability as of 1.9 (2021); linkerd.io, blog of 2025-04-24, on GKE",
    ),
    Fact(
        "performance",
        "a control plane of 1000 services and 2000 proxies",
        "1 vCPU, 1.5 GB with isolated namespaces (Istio 1.24, 2024); benchmarks/scoping.py measures more",
        "no figure published",
        "no figure published",
        "istio.io, Performance and Scalability as of 1.24 (2024); docs/performance.md",
    ),
    Fact(
        "several clusters",
        "name of a service elsewhere",
        "its own: services of one name are one",
        "a mirror, `web-aws-us`; in a flat network also one over all, `web-federated`",
        "`web.virtual.aws-us.consul`, and failover to it",
        "istio.io, Multicluster; linkerd2, multicluster/service-mirror; developer.hashicorp.com, cluster peering",
    ),
    Fact(
        "several clusters",
        "reads other clusters' API servers",
        "yes, every istiod every cluster that it is linked to",
        "yes, mirrors and the destination controller",
        "no: servers tell each other through gateways; a federation's primary does, for logins",
        "pilot/pkg/serviceregistry; multicluster/cmd/link-gen.go; consul-k8s, values.yaml",
    ),
    Fact(
        "several clusters",
        "the caller's identity behind a gateway",
        "kept: gateways pass mTLS through",
        "lost: it is the gateway's; kept in a flat network",
        "kept: gateways pass mTLS through by server name",
        "istio.io, AUTO_PASSTHROUGH; linkerd2, templates/gateway-policy.yaml; developer.hashicorp.com, mesh gateways",
    ),
    Fact(
        "several clusters",
        "calls without gateways, where pods reach each other",
        "yes, in one network",
        "yes, to mirrors by remote discovery and to federated services",
        "no: peers call each other through mesh gateways",
        "istio.io, Deployment Models; linkerd2, multicluster/cmd/link-gen.go; developer.hashicorp.com, cluster peering",
    ),
    Fact(
        "several clusters",
        "what knows of another cluster",
        "the istiod that is there, one for any number",
        "a mirror, one Deployment for each linked cluster, and a mirrored Service for each exported one",
        "the servers and gateways that are there",
        "pilot/pkg/serviceregistry; linkerd-multicluster 2026.6.3; developer.hashicorp.com, cluster peering",
    ),
    Fact(
        "several clusters",
        "machines outside Kubernetes",
        "can join (WorkloadEntry); not made here",
        "can join (ExternalWorkload, with SPIRE); not made here",
        "can join: `consul.machines` shows them the servers",
        "istio.io, Virtual Machine Installation; linkerd.io, Non-Kubernetes workloads; docs/consul.md",
    ),
    Fact(
        "several clusters",
        "trust",
        "one root, an authority for each control plane",
        "one root, an authority for each cluster",
        "an authority of its own in each datacenter, which peers exchange",
        "docs/pki.md; developer.hashicorp.com, cluster peering",
    ),
    Fact(
        "load balancing",
        "how a server is chosen",
        "least requests, round robin, random or by hash; by place, and away from those that fail",
        "by the moving average of each server's latency, for every request",
        "round robin, least requests, ring hash, maglev or random; failover by a list",
        "istio.io, DestinationRule; linkerd.io, Load Balancing; developer.hashicorp.com, service-resolver",
    ),
    Fact(
        "security",
        "what a rule can tell apart",
        "identity, port or all ports, method, path by any end, tokens' claims",
        "identity, method, path by whole segments, of one port, which then answers the kubelet by named paths alone",
        "service, and method and path over HTTP; no ports",
        "istio.io, AuthorizationPolicy; linkerd.io, Authorization Policy; developer.hashicorp.com, service-intentions",
    ),
    Fact(
        "security",
        _MADE_HERE,
        "made: `security.zones`, `security.sign_on`, `istio.ingress`",
        "not made here; an ingress controller of yours gets a proxy like any pod",
        "not made here",
        "istio/zone_policies.py, istio/sign_on.py, istio/ingress_gateway.py; rules/linkerd.py, rules/consul.py",
    ),
    Fact(
        "security",
        "plain text, as this library installs it",
        "refused everywhere (STRICT), with exceptions that end",
        "refused everywhere (`all-authenticated`), with exceptions that end",
        "refused: proxies take nothing else; ACLs deny what no intention allows",
        "istio/strict_mtls.py, linkerd/policies.py, consul/trust.py",
    ),
    Fact(
        "security",
        "keys that may sign workloads",
        "ECDSA or RSA, made here, brought, or signed outside",
        "ECDSA on P-256, made here, brought, or signed outside",
        "Consul's own; `pki` signs its servers",
        "security/pkg/pki/util; linkerd2, pkg/issuercerts/issuercerts.go; consul-k8s, values.yaml",
    ),
    Fact(
        "releases",
        "of the project itself",
        "a minor version each quarter; Apache 2.0",
        "edge releases alone since February 2024, stable ones by vendors; Apache 2.0",
        "Business Source License 1.1 since 1.17, the chart MPL 2.0",
        "istio.io, Supported Releases; linkerd.io, Releases; hashicorp/consul, LICENSE",
    ),
)


def facts_table() -> str:
    """The comparison, as Markdown."""
    rows = (f"| {fact.about} | {fact.what} | {fact.istio} | {fact.linkerd} | {fact.consul} |" for fact in FACTS)
    return _table("| | | Istio | Linkerd | Consul |", rows)


def sources_list() -> str:
    """Where each fact is from, as Markdown."""
    return "\n".join(f"* {fact.what}: {fact.sources}" for fact in FACTS)


def needs_table() -> str:
    """The rules of the advice, as Markdown."""
    rows = (
        f"| {need.what} | {' | '.join('yes' if mesh in need.kept_by else 'no' for mesh in _ORDER)} | {need.fact} |"
        for need in NEEDS
    )
    return _table("| asked for | Istio | Linkerd | Consul | rests on |", rows)


def _table(head: str, rows: Iterable[str]) -> str:
    return "\n".join([head, "|---" * (head.count("|") - 1) + "|", *rows])
