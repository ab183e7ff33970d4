"""Checks of clusters' API servers: who reaches them, and how one logs in.

Owns: the endpoints of GKE, EKS, AKS and OKE. Does not own: what is encrypted and kept of them (cluster_keeping.py).
"""

from collections.abc import Iterable

from pulumi_multimesh.checks.check import Check, Level
from pulumi_multimesh.checks.cloud_types import AKS, EKS, GKE, OKE, by_cloud
from pulumi_multimesh.checks.item import UNREAD, Item, admit_everybody, at, is_empty, is_off, items, text, texts


def _open_gke(item: Item) -> Iterable[str]:
    if at(item.properties, "privateClusterConfig", "enablePrivateEndpoint") in (True, UNREAD):
        return
    allowed = at(item.properties, "masterAuthorizedNetworksConfig")
    if allowed is UNREAD or at(allowed, "cidrBlocks") is UNREAD:
        return
    if allowed is None:
        yield "has no authorized networks, so that its API server answers everybody"
    if admit_everybody(text(block, "cidrBlock") for block in items(allowed, "cidrBlocks")):
        yield "masterAuthorizedNetworksConfig.cidrBlocks admits everybody"
    if at(allowed, "gcpPublicCidrsAccessEnabled") is True:
        yield "masterAuthorizedNetworksConfig.gcpPublicCidrsAccessEnabled admits every machine in Google's cloud"


def _open_eks(item: Item) -> Iterable[str]:
    network = at(item.properties, "vpcConfig")
    ranges = at(network, "publicAccessCidrs")
    if network is UNREAD or ranges is UNREAD or at(network, "endpointPublicAccess") is False:
        return
    if not ranges or admit_everybody(texts(network, "publicAccessCidrs")):
        yield "vpcConfig.publicAccessCidrs admits everybody"


def _open_aks(item: Item) -> Iterable[str]:
    access = at(item.properties, "apiServerAccessProfile")
    ranges = at(access, "authorizedIPRanges")
    if access is UNREAD or ranges is UNREAD or at(access, "enablePrivateCluster") is True:
        return
    if not ranges or admit_everybody(texts(access, "authorizedIPRanges")):
        yield "apiServerAccessProfile.authorizedIPRanges admits everybody"


def _open_oke(item: Item) -> Iterable[str]:
    endpoint = at(item.properties, "endpointConfig")
    if at(endpoint, "isPublicIpEnabled") is True and is_empty(endpoint, "nsgIds"):
        yield "has a public address and no security group: the subnet's lists alone say who reaches it"


def _old_logins_gke(item: Item) -> Iterable[str]:
    if at(item.properties, "masterAuth", "clientCertificateConfig", "issueClientCertificate") is True:
        yield "gives out a client certificate that nobody can take back"
    if at(item.properties, "enableLegacyAbac") is True:
        yield "has the old rights (ABAC), by which every service account may do all"


def _old_logins_eks(item: Item) -> Iterable[str]:
    mode = at(item.properties, "accessConfig", "authenticationMode")
    if mode is None or mode == "CONFIG_MAP":
        yield "keeps its logins in a ConfigMap: who may write it is administrator"


def _old_logins_aks(item: Item) -> Iterable[str]:
    if is_off(item.properties, "disableLocalAccounts"):
        yield "has local accounts: a certificate of an administrator that no directory knows"


CHECKS = (
    Check(
        id="cluster-open-api",
        level=Level.MANDATORY,
        title="An API server admits named addresses.",
        why="An API server is the cluster. A flaw in it, or a token that was lost, is then all that anybody in the "
        "world needs.",
        remedy="Name your offices, VPNs and pipelines in `api_access`; `MultiCloudMesh` adds the clusters that have to "
        "read each other.",
        source="https://kubernetes.io/docs/concepts/security/controlling-access/",
        types=(*GKE, *EKS, *AKS, *OKE),
        look=by_cloud({GKE: _open_gke, EKS: _open_eks, AKS: _open_aks, OKE: _open_oke}),
    ),
    Check(
        id="cluster-local-logins",
        level=Level.MANDATORY,
        title="Logins are accounts of the cloud's directory.",
        why="What is no account of the directory does not end with it: nobody sees it used, and nobody can take it "
        "back.",
        remedy="GKE: no client certificate, no legacy ABAC. EKS: `accessConfig.authenticationMode: API`. AKS: "
        "`disableLocalAccounts: true`.",
        source="https://learn.microsoft.com/azure/aks/manage-local-accounts-managed-azure-ad",
        types=(*GKE, *EKS, *AKS),
        look=by_cloud({GKE: _old_logins_gke, EKS: _old_logins_eks, AKS: _old_logins_aks}),
    ),
)
