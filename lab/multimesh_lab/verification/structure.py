"""Checks of what must be there before any request can cross: root, remote secrets, gateways, sidecars, identities.

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
from multimesh_lab.verification.identities import check_identities
from multimesh_lab.verification.kubectl import Cluster, Unreachable
from multimesh_lab.verification.parts import Part, is_flat, parts_of

_GATEWAY = "istio-eastwestgateway"
_ASKED = ("istio-injection=enabled", "istio.io/rev")
"""The labels by which a namespace asks for sidecars."""
_INJECT = "sidecar.istio.io/inject"


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
        parts, flat = parts_of(answering), is_flat(answering)
        findings.extend(_roots([cluster for cluster in answering if parts[cluster.name].in_mesh], namespace))
        for cluster in answering:
            part = parts[cluster.name]
            if part.has_control_plane:
                findings.extend(_remote_secrets(cluster, part, clusters))
            if part.in_mesh:
                findings.append(_no_gateway(cluster, part) if flat else _gateway(cluster, part))
                findings.extend(check_sidecars([cluster], namespace))
                findings.extend(check_identities([cluster]))
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
                "is istiod running? multimesh-lab exec -- kubectl get pods -A -l app=istiod",
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


def _remote_secrets(cluster: Cluster, part: Part, clusters: Sequence[Cluster]) -> Iterator[Finding]:
    for other in clusters:
        if other.name in (cluster.name, part.reads_config_of):
            continue
        name = f"istio-remote-secret-{other.name}"
        problem = _remote_secret_problem(cluster.get("secret", name, part.namespace), other.name)
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


def _gateway(cluster: Cluster, part: Part) -> Finding:
    # A release is one resource, so what is lost out of it shows in no diff.
    remedy = "make the release anew: pulumi up --replace URN-OF-THE-GATEWAY'S-RELEASE (pulumi stack --show-urns)"
    service = cluster.get("service", _GATEWAY, part.namespace)
    if service is None:
        message = f"the Service {_GATEWAY} is missing: the other clusters have no way in"
        return Finding(Check.GATEWAY, cluster.name, False, message, remedy)
    ingress = service.get("status", {}).get("loadBalancer", {}).get("ingress") or []
    addresses = [entry.get("ip") or entry.get("hostname") for entry in ingress]
    if not addresses:
        message = f"the Service {_GATEWAY} has no address yet"
        return Finding(Check.GATEWAY, cluster.name, False, message, "multimesh-lab logs " + cluster.name)
    pods = cluster.items("pods", part.namespace, "istio=eastwestgateway")
    ready = sum(1 for pod in pods if _ready(pod))
    if not ready:
        message = f"none of {len(pods)} gateway pods is ready"
        return Finding(Check.GATEWAY, cluster.name, False, message, remedy)
    if part.configured and cluster.get("gateways.networking.istio.io", "cross-network-gateway", part.namespace) is None:
        message = "the cross-network-gateway is missing: the gateway listens to nothing"
        return Finding(Check.GATEWAY, cluster.name, False, message, remedy)
    message = f"{addresses[0]}:15443, {ready} of {len(pods)} pods ready"
    return Finding(Check.GATEWAY, cluster.name, True, message)


def _no_gateway(cluster: Cluster, part: Part) -> Finding:
    if cluster.get("service", _GATEWAY, part.namespace) is not None:
        message = f"there is a Service {_GATEWAY}, though all clusters are on the network {part.network}"
        return Finding(
            Check.GATEWAY, cluster.name, False, message, "give each cluster a network of its own, or remove it"
        )
    message = f"none, as all pods are on the network {part.network} and call each other directly"
    return Finding(Check.GATEWAY, cluster.name, True, message)


def check_sidecars(clusters: Sequence[Cluster], namespace: str) -> list[Finding]:
    """Whether the pods have one in every namespace that asks for it, the demo's among them whether it does or not."""
    return [_sidecars(cluster, namespace) for cluster in clusters]


def _sidecars(cluster: Cluster, namespace: str) -> Finding:
    injected = [found for ask in _ASKED for found in cluster.names("namespaces", ask)]
    pods = [pod for each in sorted({namespace, *injected}) for pod in cluster.items("pods", each, "")]
    bare = [_named(pod) for pod in pods if _wants_sidecar(pod) and not _has_sidecar(pod)]
    if bare:
        message = f"without a sidecar: {', '.join(bare)}"
        remedy = "enrol the namespace, and restart what ran before: kubectl rollout restart deployment -n NAMESPACE"
        return Finding(Check.SIDECAR, cluster.name, False, message, remedy)
    if not any(pod["metadata"]["namespace"] == namespace for pod in pods):
        message, remedy = f"no pod in the namespace {namespace}", "install the example's workloads: pulumi up"
        return Finding(Check.SIDECAR, cluster.name, False, message, remedy)
    spaces = ", ".join(sorted({pod["metadata"]["namespace"] for pod in pods}))
    return Finding(Check.SIDECAR, cluster.name, True, f"{len(pods)} pods of {spaces} have their sidecar")


def _named(pod: dict[str, Any]) -> str:
    return f"{pod['metadata']['namespace']}/{pod['metadata']['name']}"


def _wants_sidecar(pod: dict[str, Any]) -> bool:
    """Istio injects no pod that opts out or is on its node's network; one that has ended has nothing to carry."""
    metadata = pod["metadata"]
    given = {**metadata.get("annotations", {}), **metadata.get("labels", {})}
    ended = pod.get("status", {}).get("phase") in ("Succeeded", "Failed")
    return given.get(_INJECT) != "false" and not pod["spec"].get("hostNetwork", False) and not ended


def _has_sidecar(pod: dict[str, Any]) -> bool:
    spec = pod["spec"]
    return any(container["name"] == "istio-proxy" for container in spec["containers"] + spec.get("initContainers", []))


def _ready(pod: dict[str, Any]) -> bool:
    conditions = pod.get("status", {}).get("conditions", [])
    return any(condition["type"] == "Ready" and condition["status"] == "True" for condition in conditions)


def is_private(clusters: Sequence[Cluster]) -> bool:
    """Whether only private roads lead: gateways have addresses of the clouds' own networks, or there are none."""
    if is_flat(clusters):
        return True
    parts = parts_of(clusters)
    found = [cluster.get("service", _GATEWAY, parts[cluster.name].namespace) for cluster in clusters]
    ingress = [entry for service in found if service for entry in service["status"]["loadBalancer"].get("ingress", [])]
    addresses = [IPv4Address(entry["ip"]) for entry in ingress if "ip" in entry]
    return any(address in PRIVATE for address in addresses)
