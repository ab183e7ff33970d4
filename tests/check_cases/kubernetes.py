"""Cases of what runs in clusters, of rights in them, and of charts."""

from typing import Any

from check_cases.things import (
    ANY_ADDRESS,
    HALVES,
    KEY,
    OFFICE,
    TOKEN,
    Cases,
    declared,
    deployment,
    each,
    namespace,
    release,
    thing_of_kubernetes,
)
from pulumi_multimesh.checks.item import UNREAD, Item

RBAC = "rbac.authorization.k8s.io/v1"


def role(kind: str = "ClusterRole", name: str = "ours", labels: dict[str, str] | None = None, **rule: Any) -> Item:
    return thing_of_kubernetes(RBAC, kind, name=name, metadata={"labels": labels or {}}, rules=[rule])


def binding(to: str, *subjects: str, name: str = "ours", kind: str = "Group") -> Item:
    named = [{"kind": kind, "name": each} for each in subjects]
    return thing_of_kubernetes(
        RBAC, "ClusterRoleBinding", name=name, subjects=named, roleRef={"kind": "ClusterRole", "name": to}
    )


def istios(name: str) -> Item:
    """A part of Istio that has to be on its node."""
    labels = {"app.kubernetes.io/part-of": "istio"}
    spec = {"template": {"spec": {"volumes": [{"name": "bin", "hostPath": {"path": "/opt/cni/bin"}}]}}}
    return thing_of_kubernetes("apps/v1", "DaemonSet", "istio-system", name, metadata={"labels": labels}, spec=spec)


def capable(capability: str) -> Item:
    return deployment(securityContext={"capabilities": {"add": [capability]}})


def consul(**service: Any) -> Item:
    """Consul with gateways between clusters."""
    return release("consul", "consul", values={"meshGateway": {"enabled": True, "service": service}})


def linkerd(**gateway: Any) -> Item:
    """Linkerd with a gateway between clusters."""
    return release("linkerd-multicluster", "linkerd-multicluster", values={"gateway": gateway})


_BASICS = {"kubernetes.io/bootstrapping": "rbac-defaults"}


def service(kind: str, annotations: dict[str, str] | None = None, ports: tuple[int, ...] = (80,), **spec: Any) -> Item:
    listed = [{"port": port} for port in ports]
    return thing_of_kubernetes(
        "v1", "Service", metadata={"annotations": annotations or {}}, spec={"type": kind, "ports": listed, **spec}
    )


CASES: dict[str, Cases] = {
    "service-open-load-balancer": Cases(
        each(
            service("LoadBalancer"),
            service("LoadBalancer", loadBalancerSourceRanges=[ANY_ADDRESS]),
            service("LoadBalancer", loadBalancerSourceRanges=HALVES),
        ),
        each(
            service("ClusterIP"),
            service("LoadBalancer", loadBalancerSourceRanges=[OFFICE]),
            service("LoadBalancer", {"networking.gke.io/load-balancer-type": "Internal"}),
        ),
    ),
    "mesh-open-gateway": Cases(
        each(
            release(values={"name": "istio-eastwestgateway", "service": {}}),
            release(values={"name": "istio-eastwestgateway", "service": {"loadBalancerSourceRanges": [ANY_ADDRESS]}}),
            service("LoadBalancer", ports=(15021, 15443)),
            service("LoadBalancer", ports=(15008,)),
            service("LoadBalancer", ports=(4143, 4191)),
            thing_of_kubernetes(
                "v1",
                "Service",
                metadata={"labels": {"component": "mesh-gateway"}},
                spec={"type": "LoadBalancer", "ports": [{"port": 443}]},
            ),
            linkerd(enabled=True),
            linkerd(loadBalancerSourceRanges=[ANY_ADDRESS]),
            consul(),
            consul(additionalSpec=f'loadBalancerSourceRanges: ["{ANY_ADDRESS}"]'),
        ),
        each(
            release(values={"name": "istio-eastwestgateway", "service": {"loadBalancerSourceRanges": [OFFICE]}}),
            release(values={"name": "istio-eastwestgateway", "service": {"loadBalancerSourceRanges": UNREAD}}),
            release(values={"name": "istio-eastwestgateway", "service": {"type": "ClusterIP"}}),
            release(values={"name": "istio-ingressgateway", "service": {}}),
            service("LoadBalancer", ports=(15443,), loadBalancerSourceRanges=[OFFICE]),
            linkerd(enabled=False),
            linkerd(loadBalancerSourceRanges=[OFFICE]),
            linkerd(serviceAnnotations={"networking.gke.io/load-balancer-type": "Internal"}),
            consul(additionalSpec=f'loadBalancerSourceRanges: ["{OFFICE}"]'),
            consul(additionalSpec=UNREAD),
            consul(annotations='{"service.beta.kubernetes.io/azure-load-balancer-internal": "true"}'),
            release("consul", "consul", values={"meshGateway": {"enabled": False}}),
        ),
    ),
    "service-node-port": Cases(each(service("NodePort")), each(service("ClusterIP"), service("LoadBalancer"))),
    "namespace-without-network-policy": Cases(
        (
            [namespace(in_mesh=True)],
            [namespace(in_mesh=False, annotations={"linkerd.io/inject": "enabled"})],
            [namespace(in_mesh=False, labels={"multimesh.io/consul": "enabled"})],
        ),
        (
            [namespace(in_mesh=False)],
            [namespace(in_mesh=False, annotations={"linkerd.io/inject": "disabled"})],
            [namespace(in_mesh=True), thing_of_kubernetes("networking.k8s.io/v1", "NetworkPolicy")],
        ),
    ),
    "pod-on-its-node": Cases(
        each(
            deployment(securityContext={"privileged": True}),
            deployment(pod={"spec": {"hostNetwork": True}}),
            deployment(pod={"spec": {"volumes": [{"name": "all", "hostPath": {"path": "/"}}]}}),
            capable("SYS_ADMIN"),
            capable("CAP_SYS_PTRACE"),
            capable("all"),
            # Whoever declares it answers for it, wherever it is, and so does who puts it beside the mesh's own.
            declared(deployment("kube-system", securityContext={"privileged": True})),
            declared(istios("ztunnel")),
            deployment("azure-stores", securityContext={"privileged": True}),
            deployment("istio-system", securityContext={"privileged": True}),
            istios("ours"),
            thing_of_kubernetes("apps/v1", "ReplicaSet", spec={"template": {"spec": {"hostNetwork": True}}}),
            thing_of_kubernetes("batch/v1", "Job", spec={"template": {"spec": {"hostPID": True}}}),
        ),
        each(
            deployment(securityContext={"privileged": False}),
            deployment("kube-system", securityContext={"privileged": True}),
            istios("istio-cni-node"),
            istios("ztunnel"),
            capable("NET_ADMIN"),
            capable("NET_BIND_SERVICE"),
            deployment(pod={"spec": {"volumes": [{"name": "some", "emptyDir": {}}]}}),
        ),
    ),
    "pod-image-floating": Cases(
        each(
            deployment(image="app"), deployment(image="registry.example.com:5000/app"), deployment(image="app:latest")
        ),
        each(deployment(image="app:1.2"), deployment(image=f"app@sha256:{'0' * 64}"), deployment(image="auto")),
    ),
    "pod-secret-in-environment": Cases(
        each(deployment(env=[{"name": "TOKEN", "value": TOKEN}]), deployment(env=[{"name": "KEY", "value": KEY}])),
        each(deployment(env=[{"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "a", "key": "b"}}}])),
    ),
    "config-map-secret": Cases(
        each(thing_of_kubernetes("v1", "ConfigMap", data={"key.pem": KEY})),
        each(thing_of_kubernetes("v1", "ConfigMap", data={"root.pem": KEY.replace("EC PRIVATE KEY", "CERTIFICATE")})),
    ),
    "rbac-all-rights": Cases(
        each(
            role(verbs=["*"], resources=["*"], apiGroups=["*"]),
            role("Role", verbs=["*"], resources=["*"]),
            role(name="cloud-ops", verbs=["*"], resources=["*"]),
            declared(role(name="eks:ours", labels=_BASICS, verbs=["*"], resources=["*"])),
        ),
        each(
            role(verbs=["get"], resources=["*"]),
            role(name="cluster-admin", labels=_BASICS, verbs=["*"], resources=["*"]),
            role(name="eks:addon-manager", verbs=["*"], resources=["*"]),
        ),
    ),
    "rbac-wildcard": Cases(
        each(role(verbs=["get"], resources=["*"]), role(verbs=["get"], resources=["pods"], apiGroups=["*"])),
        each(role(verbs=["get"], resources=["pods"], apiGroups=[""]), role(name="system:x", verbs=["*"])),
    ),
    "rbac-escalation": Cases(
        each(
            role(verbs=["impersonate"], resources=["users"]),
            role(verbs=["bind"], resources=["clusterroles"]),
            role(verbs=["*"], resources=["clusterroles"], apiGroups=["rbac.authorization.k8s.io"]),
            role(verbs=["*"], resources=["*"], apiGroups=["*"]),
            role("Role", verbs=["*"], resources=["serviceaccounts"], apiGroups=[""]),
            declared(role(name="system:ours", verbs=["escalate"], resources=["roles"])),
        ),
        each(
            role(verbs=["create"], resources=["rolebindings"]),
            role(verbs=["*"], resources=["deployments"], apiGroups=["apps"]),
            role(verbs=["*"], resources=["*"], apiGroups=["apps"]),
            role(verbs=["get", "list"], resources=["clusterroles"], apiGroups=["rbac.authorization.k8s.io"]),
        ),
    ),
    "rbac-reads-secrets": Cases(
        each(
            role(verbs=["list"], resources=["secrets"]),
            role(verbs=["*"], resources=["secrets"], apiGroups=[""]),
            role(verbs=["get"], resources=["*"], apiGroups=[""]),
            role(verbs=["watch"], resources=["*"], apiGroups=["*"]),
        ),
        each(
            role(verbs=["get"], resources=["*"], apiGroups=["apps"]),
            role("Role", verbs=["get"], resources=["*"], apiGroups=[""]),
            role("Role", verbs=["list"], resources=["secrets"]),
            role(verbs=["get"], resources=["secrets"], resourceNames=["one"]),
            role(verbs=["create"], resources=["secrets"]),
        ),
    ),
    "rbac-cluster-admin": Cases(
        each(
            binding("cluster-admin", "developers"),
            binding("cluster-admin", "developers", name="cloud-admins"),
            binding("cluster-admin", "system:masters", "jane", name="cluster-admin"),
            binding("cluster-admin", "default", kind="ServiceAccount", name="system:default"),
            declared(binding("cluster-admin", "eks:ours", name="eks:ours")),
            binding("cluster-admin"),
        ),
        each(
            binding("view", "developers"),
            binding("cluster-admin", "system:masters", name="cluster-admin"),
            declared(binding("cluster-admin", "system:masters")),
            binding("cluster-admin", "eks:addon-manager", kind="User", name="eks:addon-cluster-admin"),
            binding("cluster-admin", "kubeadm:cluster-admins", name="kubeadm:cluster-admins"),
        ),
    ),
    "rbac-everybody": Cases(
        each(
            binding("view", "system:authenticated"),
            binding("edit", "developers", "system:anonymous"),
            binding("view", "system:serviceaccounts"),
            binding("view", "system:authenticated", name="system:discovery"),
            binding("system:discovery", "system:unauthenticated", name="system:discovery"),
        ),
        each(
            binding("view", "developers"),
            binding("view", "system:serviceaccounts:shop"),
            binding("system:discovery", "system:authenticated", name="system:discovery"),
            binding("system:public-info-viewer", "system:authenticated", "system:unauthenticated"),
        ),
    ),
    "chart-unpinned": Cases(
        each(release(version=None), release(version=">=1.0"), release(version="1.30"), release(version="~1.30.3")),
        each(release(version="1.30.3"), release(version="v1.2.3-rc.1"), release("./charts/own", version=None)),
    ),
    "chart-by-http": Cases(
        each(
            release(repositoryOpts={"repo": "http://charts.example.com"}),
            release("http://charts.example.com/gateway-1.30.3.tgz"),
            release("HTTP://charts.example.com/gateway-1.30.3.tgz"),
        ),
        each(
            release("https://charts.example.com/gateway-1.30.3.tgz"),
            release("oci://charts.example.com/gateway"),
            release(repositoryOpts={"repo": "https://charts.example.com"}),
            release(repositoryOpts={"repo": "http://127.0.0.1:8879"}),
        ),
    ),
    "chart-secret-in-values": Cases(
        each(release(values={"identity": {"issuer": {"tls": {"keyPEM": KEY}}}})),
        each(release(values={"identity": {"issuer": {"scheme": "kubernetes.io/tls"}}})),
    ),
}
