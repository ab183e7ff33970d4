"""The DNS inside a cluster: CoreDNS as a Deployment, as managed clusters have it.

Owns: its objects. Does not own: names outside cluster.local, which the lab's own DNS answers.
"""

import time

from multimesh_lab import images
from multimesh_lab.cluster.api import Api, Json
from multimesh_lab.cluster.facts import ClusterError, ClusterFacts
from multimesh_lab.network import HOST

_NAMESPACE = "/api/v1/namespaces/kube-system"
_DEPLOYMENT = "/apis/apps/v1/namespaces/kube-system/deployments/coredns"
_RBAC = "/apis/rbac.authorization.k8s.io/v1"
_LABELS = {"k8s-app": "kube-dns"}
_META = {"name": "coredns", "namespace": "kube-system"}
PATIENCE = 90.0

_COREFILE = f"""\
.:53 {{
    errors
    ready
    kubernetes cluster.local in-addr.arpa {{
        pods insecure
    }}
    forward . {HOST}
    cache 5
    reload 2s
}}
"""


def ensure(facts: ClusterFacts) -> None:
    """Its objects are there; on a cluster with a node it also answers when this returns."""
    api = Api(facts)
    for path, manifest in _objects(facts):
        api.apply(path, manifest)
    if facts.daemon("kubelet").alive():
        _await_available(facts, api)


def _await_available(facts: ClusterFacts, api: Api) -> None:
    deadline = time.monotonic() + PATIENCE
    while not api.get(_DEPLOYMENT)["status"].get("availableReplicas"):
        if time.monotonic() > deadline:
            pods = api.get(f"{_NAMESPACE}/pods?labelSelector=k8s-app%3Dkube-dns")["items"]
            said = "; ".join(str(pod["status"].get("containerStatuses", pod["status"])) for pod in pods)
            raise ClusterError(f"CoreDNS of {facts.name} does not run after {PATIENCE:.0f} s: {said or 'no pods'}")
        time.sleep(0.1)


def _objects(facts: ClusterFacts) -> list[tuple[str, Json]]:
    rbac = "rbac.authorization.k8s.io"
    return [
        (
            f"{_NAMESPACE}/serviceaccounts/coredns",
            {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": _META},
        ),
        (
            f"{_RBAC}/clusterroles/system:coredns",
            {
                "apiVersion": f"{rbac}/v1",
                "kind": "ClusterRole",
                "metadata": {"name": "system:coredns"},
                "rules": [
                    _readable("", ["endpoints", "services", "pods", "namespaces"]),
                    _readable("discovery.k8s.io", ["endpointslices"]),
                ],
            },
        ),
        (
            f"{_RBAC}/clusterrolebindings/system:coredns",
            {
                "apiVersion": f"{rbac}/v1",
                "kind": "ClusterRoleBinding",
                "metadata": {"name": "system:coredns"},
                "roleRef": {"apiGroup": rbac, "kind": "ClusterRole", "name": "system:coredns"},
                "subjects": [{"kind": "ServiceAccount", **_META}],
            },
        ),
        (
            f"{_NAMESPACE}/configmaps/coredns",
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": _META, "data": {"Corefile": _COREFILE}},
        ),
        (
            f"{_NAMESPACE}/services/kube-dns",
            {
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": {"name": "kube-dns", "namespace": "kube-system", "labels": _LABELS},
                "spec": {
                    "clusterIP": facts.plan.dns_service,
                    "selector": _LABELS,
                    "ports": [
                        {"name": "dns", "port": 53, "protocol": "UDP"},
                        {"name": "dns-tcp", "port": 53, "protocol": "TCP"},
                    ],
                },
            },
        ),
        (_DEPLOYMENT, _deployment()),
    ]


def _readable(group: str, resources: list[str]) -> Json:
    return {"apiGroups": [group], "resources": resources, "verbs": ["list", "watch"]}


def _deployment() -> Json:
    ready = {"path": "/ready", "port": 8181}
    container = {
        "name": "coredns",
        "image": images.coredns(),
        "imagePullPolicy": "IfNotPresent",
        "args": ["-conf", "/etc/coredns/Corefile"],
        "ports": [
            {"name": "dns", "containerPort": 53, "protocol": "UDP"},
            {"name": "dns-tcp", "containerPort": 53, "protocol": "TCP"},
        ],
        "volumeMounts": [{"name": "config", "mountPath": "/etc/coredns", "readOnly": True}],
        # Asked often until it has started, and then as seldom as Kubernetes does by default.
        "startupProbe": {"httpGet": ready, "periodSeconds": 1, "failureThreshold": 90},
        "readinessProbe": {"httpGet": ready},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {**_META, "labels": _LABELS},
        "spec": {
            "selector": {"matchLabels": _LABELS},
            "template": {
                "metadata": {"labels": _LABELS},
                "spec": {
                    "serviceAccountName": "coredns",
                    "dnsPolicy": "Default",
                    "priorityClassName": "system-cluster-critical",
                    "containers": [container],
                    "volumes": [{"name": "config", "configMap": {"name": "coredns"}}],
                },
            },
        },
    }
