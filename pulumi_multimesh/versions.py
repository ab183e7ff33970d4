"""The one table of versions that the library installs by default.

Nothing here follows "latest", so no diff comes by itself.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class ChartSource:
    """A Helm repository and the version taken from it."""

    repository: str
    version: str


ISTIO = ChartSource("https://istio-release.storage.googleapis.com/charts", "1.30.3")
"""Charts `base`, `istiod` and `gateway`; all three carry the one version."""

LINKERD = ChartSource("https://helm.linkerd.io/edge", "2026.6.3")
"""Charts `linkerd-crds`, `linkerd-control-plane`, `linkerd-multicluster`, `linkerd-viz` of edge-26.6.3: Linkerd 2.20.

Linkerd's own releases are edge ones since February 2024; stable ones come from vendors, by `linkerd.charts`.
"""

CONSUL = ChartSource("https://helm.releases.hashicorp.com", "2.0.3")
"""Chart `consul`, with servers and proxies of the same version."""

EKS_KUBERNETES = "1.34"
"""In EKS's standard support and in Istio 1.30's range (1.32 to 1.36)."""

EKS_ADDONS: dict[str, dict[str, str]] = {
    "1.33": {
        "vpc-cni": "v1.20.4-eksbuild.1",
        "kube-proxy": "v1.33.3-eksbuild.10",
        "coredns": "v1.12.4-eksbuild.1",
        "eks-pod-identity-agent": "v1.3.9-eksbuild.3",
        "aws-ebs-csi-driver": "v1.54.0-eksbuild.1",
        "metrics-server": "v0.8.0-eksbuild.2",
    },
    "1.34": {
        "vpc-cni": "v1.20.4-eksbuild.1",
        "kube-proxy": "v1.34.0-eksbuild.4",
        "coredns": "v1.12.4-eksbuild.1",
        "eks-pod-identity-agent": "v1.3.9-eksbuild.3",
        "aws-ebs-csi-driver": "v1.54.0-eksbuild.1",
        "metrics-server": "v0.8.0-eksbuild.2",
    },
    "1.35": {
        "vpc-cni": "v1.21.1-eksbuild.3",
        "kube-proxy": "v1.35.0-eksbuild.2",
        "coredns": "v1.13.2-eksbuild.1",
        "eks-pod-identity-agent": "v1.3.10-eksbuild.2",
        "aws-ebs-csi-driver": "v1.55.0-eksbuild.2",
        "metrics-server": "v0.8.1-eksbuild.1",
    },
}
"""Builds of add-ons by Kubernetes version; another version takes EKS's default build of each.

Seen in public configurations of clusters of these versions: aws eks describe-addon-versions --kubernetes-version 1.34
"""

AWS_LOAD_BALANCER_CONTROLLER = ChartSource("https://aws.github.io/eks-charts", "1.14.1")
"""Chart `aws-load-balancer-controller`, for EKS clusters that ask for it; controller 2.14."""

AKS_KUBERNETES = "1.34"
"""Of AKS's generally available versions and in Istio 1.30's range; AKS chooses the patch."""

OKE_KUBERNETES = "v1.34.1"
"""Of OKE's versions and in Istio 1.30's range; OKE wants the patch, and a version of the nodes' own image."""
