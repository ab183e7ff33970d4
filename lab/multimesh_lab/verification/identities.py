"""Whether each proxy shows the identity of the pod that it is in, and no other.

Owns: the comparison of a leaf's URI with the pod's namespace and service account (SPIFFE ID, and X.509-SVID §2: one
URI). Does not own: who signed it (structure.py), and what an identity may do.
"""

import base64
import json
from collections.abc import Iterator, Sequence
from typing import Any

from cryptography import x509

from multimesh_lab.verification.finding import Check, Finding
from multimesh_lab.verification.kubectl import Cluster

_PROXY = "istio-proxy"
_REMEDY = "restart it: kubectl rollout restart deployment -n NAMESPACE; and look at what istiod says in its log"
_DOMAIN = "cluster.local"
"""Istio's own trust domain, where a proxy is told of none."""


def check_identities(clusters: Sequence[Cluster]) -> list[Finding]:
    """For each cluster: whether every proxy that runs there, of workloads and of gateways, shows its pod's identity."""
    return [_identities(cluster) for cluster in clusters]


def _identities(cluster: Cluster) -> Finding:
    pods = [pod for pod in cluster.items_everywhere("pods") if _proxy_of(pod) is not None and _runs(pod)]
    if not pods:
        return Finding(Check.IDENTITY, cluster.name, False, "no pod with a proxy runs", "pulumi up")
    wrong = [fault for pod in pods for fault in _faults(cluster, pod)]
    if wrong:
        return Finding(Check.IDENTITY, cluster.name, False, "; ".join(wrong), _REMEDY)
    domains = ", ".join(sorted({expected(pod).split("/")[2] for pod in pods}))
    return Finding(Check.IDENTITY, cluster.name, True, f"{len(pods)} proxies show their pods' identities of {domains}")


def _faults(cluster: Cluster, pod: dict[str, Any]) -> Iterator[str]:
    where = f"{pod['metadata']['namespace']}/{pod['metadata']['name']}"
    try:
        shown = shown_by(cluster, pod["metadata"]["namespace"], pod["metadata"]["name"])
    except LookupError as fault:
        yield f"{where} {fault}"
        return
    if shown != [expected(pod)]:
        yield f"{where} shows {', '.join(shown) or 'no URI'} in place of {expected(pod)}"


def expected(pod: dict[str, Any]) -> str:
    """The identity that a pod has by its own object."""
    told = {each["name"]: each.get("value", "") for each in (_proxy_of(pod) or {}).get("env", [])}
    domain = told.get("TRUST_DOMAIN") or _DOMAIN
    return f"spiffe://{domain}/ns/{pod['metadata']['namespace']}/sa/{pod['spec'].get('serviceAccountName', 'default')}"


def shown_by(cluster: Cluster, namespace: str, pod: str) -> list[str]:
    """The URIs of the certificate that a pod's Envoy has for others; raises `LookupError` where it has none."""
    request = ("pilot-agent", "request", "GET", "config_dump?resource=dynamic_active_secrets")
    answer = cluster.run("exec", "-n", namespace, pod, "-c", _PROXY, "--", *request)
    if answer.returncode or "{" not in answer.stdout:
        raise LookupError(f"does not say what it shows: {answer.stderr.strip() or answer.stdout.strip()}")
    # The agent's own log lines come first.
    dump = json.loads(answer.stdout[answer.stdout.index("{") :])
    found = {each["name"]: each["secret"] for each in dump.get("configs", [])}
    if "default" not in found:
        raise LookupError("has no certificate")
    chain = base64.b64decode(found["default"]["tls_certificate"]["certificate_chain"]["inline_bytes"])
    leaf = x509.load_pem_x509_certificates(chain)[0]
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return names.get_values_for_type(x509.UniformResourceIdentifier)


def _proxy_of(pod: dict[str, Any]) -> dict[str, Any] | None:
    containers = [*pod["spec"]["containers"], *pod["spec"].get("initContainers", [])]
    return next((each for each in containers if each["name"] == _PROXY), None)


def _runs(pod: dict[str, Any]) -> bool:
    return pod.get("status", {}).get("phase") == "Running" and "deletionTimestamp" not in pod["metadata"]
