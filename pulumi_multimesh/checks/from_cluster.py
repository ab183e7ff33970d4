"""Items of a running cluster, asked by kubectl.

Owns: which kinds are asked for, and an object as an item. Does not own: calling kubectl (kubectl.py), and any Secret:
none is read.
"""

from collections.abc import Mapping
from typing import Any

from pulumi_multimesh.checks.item import Item, text
from pulumi_multimesh.kubectl import Kubectl

KINDS = (
    "namespaces",
    "services",
    "configmaps",
    "pods",
    "deployments.apps",
    "statefulsets.apps",
    "daemonsets.apps",
    "cronjobs.batch",
    "networkpolicies.networking.k8s.io",
    "roles.rbac.authorization.k8s.io",
    "rolebindings.rbac.authorization.k8s.io",
    "clusterroles.rbac.authorization.k8s.io",
    "clusterrolebindings.rbac.authorization.k8s.io",
    "peerauthentications.security.istio.io",
    "requestauthentications.security.istio.io",
    "authorizationpolicies.security.istio.io",
    "destinationrules.networking.istio.io",
    "gateways.networking.istio.io",
    "serviceentries.networking.istio.io",
)
"""What checks look at; a kind that a cluster has not, such as Istio's in a management cluster, is left out."""


def from_cluster(cluster: Kubectl) -> list[Item]:
    """Every object of those kinds; raises `ToolError` when the cluster does not answer.

    A pod that something else owns is left out, since its owner is told.
    """
    there = set(cluster.run("api-resources", "--verbs=list", "-o", "name").split())
    kinds = [kind for kind in KINDS if kind in there]
    return [item(found, cluster.cluster) for found in cluster.objects(*kinds) if not _is_owned(found)]


def item(found: Mapping[str, Any], cluster: str) -> Item:
    """A Kubernetes object as an item."""
    namespace, name = text(found, "metadata", "namespace"), text(found, "metadata", "name")
    return Item(
        type=f"kubernetes:{found['apiVersion']}:{found['kind']}",
        name="/".join(part for part in (namespace, name) if part),
        properties=found,
        cluster=cluster,
    )


def _is_owned(found: Mapping[str, Any]) -> bool:
    return found["kind"] == "Pod" and bool(found["metadata"].get("ownerReferences"))
