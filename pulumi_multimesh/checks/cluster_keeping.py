"""Checks of what a cluster's cloud keeps for it: encryption, logs, nodes, identities.

Owns: settings of GKE, EKS, AKS and OKE beside their API servers (api_servers.py). Does not own: what runs in clusters.
"""

from collections.abc import Iterable

from pulumi_multimesh.checks.check import Check, Level
from pulumi_multimesh.checks.cloud_types import (
    AKS,
    EKS,
    EKS_ADDON,
    EKS_TEMPLATE,
    GKE,
    GKE_NODES,
    OKE,
    OKE_NODES,
    by_cloud,
)
from pulumi_multimesh.checks.item import UNREAD, Item, at, is_empty, is_off, text, texts, yaml_in

_HOPS = 2
"""To a pod's own network. https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/docs/install.md: with fewer
the driver counts the volumes that a node can take from elsewhere, and may count wrong."""
_OWN_KEY = "has no key of yours for Kubernetes Secrets"


def _key_gke(item: Item) -> Iterable[str]:
    state = at(item.properties, "databaseEncryption", "state")
    if state is not UNREAD and state not in ("ENCRYPTED", "ALL_OBJECTS_ENCRYPTION_ENABLED"):
        yield _OWN_KEY


def _key_eks(item: Item) -> Iterable[str]:
    if is_empty(item.properties, "encryptionConfig"):
        yield _OWN_KEY


def _key_aks(item: Item) -> Iterable[str]:
    if is_off(item.properties, "securityProfile", "azureKeyVaultKms", "enabled"):
        yield _OWN_KEY


def _key_oke(item: Item) -> Iterable[str]:
    if is_empty(item.properties, "kmsKeyId"):
        yield _OWN_KEY


def _log_eks(item: Item) -> Iterable[str]:
    kinds = at(item.properties, "enabledClusterLogTypes")
    if kinds is not UNREAD and "audit" not in texts(item.properties, "enabledClusterLogTypes"):
        yield "enabledClusterLogTypes has no audit"


def _public_gke(item: Item) -> Iterable[str]:
    if is_off(item.properties, "privateClusterConfig", "enablePrivateNodes"):
        yield "gives its nodes public addresses"


def _public_pool(item: Item) -> Iterable[str]:
    if at(item.properties, "networkConfig", "enablePrivateNodes") is False:
        yield "gives its nodes public addresses"


def _default_account(item: Item) -> Iterable[str]:
    if is_empty(item.properties, "nodeConfig", "serviceAccount"):
        yield "runs its nodes as the project's default account, which may edit the project where nobody changed it"
    if text(item.properties, "nodeConfig", "workloadMetadataConfig", "mode") == "GCE_METADATA":
        yield "shows every pod the node's own token"


def _old_metadata(item: Item) -> Iterable[str]:
    if at(item.properties, "metadataOptions", "httpTokens") not in ("required", UNREAD):
        yield "metadataOptions.httpTokens is not required: a pod gets the node's role by fetching it"
    hops = at(item.properties, "metadataOptions", "httpPutResponseHopLimit")
    if isinstance(hops, int | float) and hops > _HOPS:
        yield f"metadataOptions.httpPutResponseHopLimit is {hops:.0f}: tokens go further than any pod of the node is"


def _old_metadata_oke(item: Item) -> Iterable[str]:
    found = text(item.properties, "nodeMetadata", "areLegacyImdsEndpointsDisabled")
    if at(item.properties, "nodeMetadata") is not UNREAD and found.lower() != "true":
        yield "nodeMetadata.areLegacyImdsEndpointsDisabled is not true: the old metadata service answers every pod"


def _identity_gke(item: Item) -> Iterable[str]:
    if is_empty(item.properties, "workloadIdentityConfig") and is_off(item.properties, "enableAutopilot"):
        yield "has no workload identity: pods share what their node may do"


def _identity_aks(item: Item) -> Iterable[str]:
    if is_off(item.properties, "securityProfile", "workloadIdentity", "enabled"):
        yield "has no workload identity: pods need secrets, or share what their node may do"


def _policies_gke(item: Item) -> Iterable[str]:
    dataplane = at(item.properties, "datapathProvider")
    if dataplane not in ("ADVANCED_DATAPATH", UNREAD) and is_off(item.properties, "networkPolicy", "enabled"):
        yield "keeps no NetworkPolicy"


def _policies_eks(item: Item) -> Iterable[str]:
    settings = at(item.properties, "configurationValues")
    if text(item.properties, "addonName") == "vpc-cni" and settings is not UNREAD:
        wish = at(yaml_in(settings), "enableNetworkPolicy")
        if str(wish).lower() != "true":
            yield "keeps no NetworkPolicy"


def _policies_aks(item: Item) -> Iterable[str]:
    if at(item.properties, "networkProfile", "networkPolicy") in (None, "none"):
        yield "keeps no NetworkPolicy"


CHECKS = (
    Check(
        id="cluster-secrets-key",
        level=Level.ADVISORY,
        title="Kubernetes Secrets are encrypted with a key of yours.",
        why="Among them is the key of the cluster's authority. With a key of yours its use is logged, and taking it "
        "away ends every copy.",
        remedy="Give the cluster `secrets_key`, where its cloud offers it.",
        source="https://kubernetes.io/docs/tasks/administer-cluster/kms-provider/",
        types=(*GKE, *EKS, *AKS, *OKE),
        look=by_cloud({GKE: _key_gke, EKS: _key_eks, AKS: _key_aks, OKE: _key_oke}),
    ),
    Check(
        id="cluster-audit-log",
        level=Level.ADVISORY,
        title="Who did what in the API server is logged.",
        why="Without it nobody can say afterwards who read a Secret or changed a policy.",
        remedy="EKS: `audit` among the cluster's logs; GKE and OKE always log it.",
        source="https://docs.aws.amazon.com/eks/latest/userguide/control-plane-logs.html",
        types=EKS,
        look=_log_eks,
    ),
    Check(
        id="cluster-public-nodes",
        level=Level.MANDATORY,
        title="Nodes have no public addresses.",
        why="A port that something opens on a node is then open to the world, and each node's address goes out with "
        "its calls, so that peers cannot admit the cluster by one.",
        remedy="GKE: `privateClusterConfig.enablePrivateNodes: true`, and a NAT.",
        source="https://cloud.google.com/kubernetes-engine/docs/concepts/private-cluster-concept",
        types=(*GKE, *GKE_NODES),
        look=by_cloud({GKE: _public_gke, GKE_NODES: _public_pool}),
    ),
    Check(
        id="cluster-node-rights",
        level=Level.MANDATORY,
        title="A pod does not get its node's rights.",
        why="Whatever runs on a node, or can be made to fetch an address, asks the metadata server for the node's "
        "token.",
        remedy="GKE: an account of the nodes' own and `GKE_METADATA`. EKS: `httpTokens: required` with one hop, or "
        "with two at most where a pod needs the metadata, as AWS' driver for EBS does: this library sets two, and any "
        "pod can then still ask for the node's role, so give that role nothing of an application's. OKE: "
        "`areLegacyImdsEndpointsDisabled: true`.",
        source="https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html",
        types=(*GKE_NODES, *EKS_TEMPLATE, *OKE_NODES),
        look=by_cloud({GKE_NODES: _default_account, EKS_TEMPLATE: _old_metadata, OKE_NODES: _old_metadata_oke}),
    ),
    Check(
        id="cluster-workload-identity",
        level=Level.MANDATORY,
        title="Pods have identities of their own in the cloud.",
        why="Else they share the node's, or carry keys that never end.",
        remedy="GKE: `workloadIdentityConfig.workloadPool`. AKS: `securityProfile.workloadIdentity.enabled` and the "
        "OIDC issuer.",
        source="https://cloud.google.com/kubernetes-engine/docs/concepts/workload-identity",
        types=(*GKE, *AKS),
        look=by_cloud({GKE: _identity_gke, AKS: _identity_aks}),
    ),
    Check(
        id="cluster-network-policies",
        level=Level.ADVISORY,
        title="The cluster's network keeps NetworkPolicies.",
        why="The API server takes a NetworkPolicy everywhere; where the network does not keep it, it is a wish.",
        remedy="GKE: `datapathProvider: ADVANCED_DATAPATH`. EKS: `enableNetworkPolicy` of `vpc-cni`. AKS: "
        "`networkProfile.networkPolicy: cilium`, `azure` or `calico`.",
        source="https://kubernetes.io/docs/concepts/services-networking/network-policies/#prerequisites",
        types=(*GKE, *EKS_ADDON, *AKS),
        look=by_cloud({GKE: _policies_gke, EKS_ADDON: _policies_eks, AKS: _policies_aks}),
    ),
)
