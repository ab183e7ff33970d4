"""Checks of what must be there before any request can cross: root, remote secrets, gateways, sidecars.

Owns: naming a cause. Does not own: traffic (traffic.py).
"""

import base64
import hashlib
from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from multimesh_lab.network import PRIVATE
from multimesh_lab.verification.finding import Check, Finding
from multimesh_lab.verification.kubectl import Cluster, Unreachable

_SYSTEM = "istio-system"
_GATEWAY = "istio-eastwestgateway"


def check_structure(clusters: Sequence[Cluster], namespace: str) -> list[Finding]:
    """All structural findings; a cluster that does not answer yields one finding and is left out of the rest."""
    findings: list[Finding] = []
    answering: list[Cluster] = []
    for cluster in clusters:
        answer = cluster.run("get", "--raw", "/readyz")
        reachable = answer.returncode == 0
        findings.append(
            Finding(
                Check.REACHABLE,
                cluster.name,
                reachable,
                "the API server answers" if reachable else f"the API server does not answer: {answer.stderr.strip()}",
                "multimesh-lab status; multimesh-lab logs " + cluster.name,
            )
        )
        if reachable:
            answering.append(cluster)
    try:
        findings.extend(_roots(answering, namespace))
        for cluster in answering:
            # Where another cluster's control plane is named, this one has none that would read anything.
            own = _served_by(cluster) in (None, cluster.name)
            if own:
                findings.extend(_remote_secrets(cluster, clusters))
            findings.append(_gateway(cluster, configured=own))
            findings.append(_sidecars(cluster, namespace))
    except Unreachable as fault:
        findings.append(Finding(Check.REACHABLE, "-", False, str(fault), "multimesh-lab status"))
    return findings


def _roots(clusters: Sequence[Cluster], namespace: str) -> Iterator[Finding]:
    """Workloads trust what istiod puts into this ConfigMap, so it, not the Secret, is what must agree."""
    roots = {cluster.name: _root_of(cluster, namespace) for cluster in clusters}
    known = [root for root in roots.values() if root]
    common = max(known, key=known.count) if known else None
    for name, root in roots.items():
        if root is None:
            yield Finding(
                Check.ROOT,
                name,
                False,
                "istiod has not handed out a root of trust",
                f"is istiod running? multimesh-lab exec -- kubectl get pods -n {_SYSTEM}",
            )
        elif root != common or (len(set(known)) > 1 and known.count(root) * 2 <= len(known)):
            others = ", ".join(f"{other} {value}" for other, value in roots.items() if other != name)
            yield Finding(
                Check.ROOT,
                name,
                False,
                f"workloads trust the root {root}, those of the other clusters another one ({others}):"
                " no connection between them can be authenticated",
                "give every cluster an intermediate of the one root: `pulumi up`, then restart istiod",
            )
        else:
            yield Finding(Check.ROOT, name, True, f"workloads trust the root {root}")


def _root_of(cluster: Cluster, namespace: str) -> str | None:
    found = cluster.get("configmap", "istio-ca-root-cert", namespace)
    if found is None:
        return None
    certificate = x509.load_pem_x509_certificate(found["data"]["root-cert.pem"].encode())
    return hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest()[:16]


def _served_by(cluster: Cluster) -> str | None:
    """The cluster whose control plane a remote names; None where none is named."""
    namespace = cluster.get("namespace", _SYSTEM, _SYSTEM)
    if namespace is None:
        return None
    return namespace["metadata"].get("annotations", {}).get("topology.istio.io/controlPlaneClusters")


def _remote_secrets(cluster: Cluster, clusters: Sequence[Cluster]) -> Iterator[Finding]:
    for other in clusters:
        if other.name == cluster.name:
            continue
        name = f"istio-remote-secret-{other.name}"
        problem = _remote_secret_problem(cluster.get("secret", name, _SYSTEM), other.name)
        yield Finding(
            Check.REMOTE_SECRET,
            cluster.name,
            problem is None,
            f"{name}: {problem}" if problem else f"{name} is there: istiod can read {other.name}",
            "restore it: `pulumi refresh`, then `pulumi up`",
        )


def _remote_secret_problem(secret: dict[str, Any] | None, other: str) -> str | None:
    if secret is None:
        return f"is missing, so istiod does not know the endpoints of {other}"
    if secret["metadata"].get("labels", {}).get("istio/multiCluster") != "true":
        return "lacks the label istio/multiCluster=true, by which istiod finds it"
    if other not in secret.get("data", {}):
        keys = ", ".join(secret.get("data", {})) or "none"
        return f"has the key {keys}, but the cluster calls itself {other}"
    if b"token" not in base64.b64decode(secret["data"][other]):
        return "holds no token"
    return None


def _gateway(cluster: Cluster, *, configured: bool) -> Finding:
    # A release is one resource, so what is lost out of it shows in no diff.
    remedy = "make the release anew: pulumi up --replace URN-OF-THE-GATEWAY'S-RELEASE (pulumi stack --show-urns)"
    service = cluster.get("service", _GATEWAY, _SYSTEM)
    if service is None:
        message = f"the Service {_GATEWAY} is missing: the other clusters have no way in"
        return Finding(Check.GATEWAY, cluster.name, False, message, remedy)
    ingress = service.get("status", {}).get("loadBalancer", {}).get("ingress") or []
    addresses = [entry.get("ip") or entry.get("hostname") for entry in ingress]
    if not addresses:
        message = f"the Service {_GATEWAY} has no address yet"
        return Finding(Check.GATEWAY, cluster.name, False, message, "multimesh-lab logs " + cluster.name)
    pods = cluster.items("pods", _SYSTEM, "istio=eastwestgateway")
    ready = sum(1 for pod in pods if _ready(pod))
    if not ready:
        message = f"none of {len(pods)} gateway pods is ready"
        return Finding(Check.GATEWAY, cluster.name, False, message, remedy)
    if configured and cluster.get("gateways.networking.istio.io", "cross-network-gateway", _SYSTEM) is None:
        message = "the cross-network-gateway is missing: the gateway listens to nothing"
        return Finding(Check.GATEWAY, cluster.name, False, message, remedy)
    message = f"{addresses[0]}:15443, {ready} of {len(pods)} pods ready"
    return Finding(Check.GATEWAY, cluster.name, True, message)


def _sidecars(cluster: Cluster, namespace: str) -> Finding:
    pods = cluster.items("pods", namespace, "")
    bare = [pod["metadata"]["name"] for pod in pods if not _has_sidecar(pod)]
    if bare or not pods:
        message = f"without a sidecar: {', '.join(bare)}" if bare else f"no pod in the namespace {namespace}"
        remedy = f"label the namespace istio-injection=enabled and restart its pods ({namespace})"
        return Finding(Check.SIDECAR, cluster.name, False, message, remedy)
    return Finding(Check.SIDECAR, cluster.name, True, f"{len(pods)} pods of {namespace} have their sidecar")


def _has_sidecar(pod: dict[str, Any]) -> bool:
    spec = pod["spec"]
    return any(container["name"] == "istio-proxy" for container in spec["containers"] + spec.get("initContainers", []))


def _ready(pod: dict[str, Any]) -> bool:
    conditions = pod.get("status", {}).get("conditions", [])
    return any(condition["type"] == "Ready" and condition["status"] == "True" for condition in conditions)


def is_private(clusters: Sequence[Cluster]) -> bool:
    """Whether the east-west gateways have addresses of the clouds' own networks, where only private roads lead."""
    found = [cluster.get("service", "istio-eastwestgateway", _SYSTEM) for cluster in clusters]
    ingress = [entry for service in found if service for entry in service["status"]["loadBalancer"].get("ingress", [])]
    addresses = [IPv4Address(entry["ip"]) for entry in ingress if "ip" in entry]
    return any(address in PRIVATE for address in addresses)
