"""Items of a running cluster, asked by kubectl.

Owns: which kinds are asked for, and an object as an item. Does not own: calling kubectl (kubectl.py), and any Secret:
none is read.
"""

from collections.abc import Collection, Mapping
from typing import Any

from pulumi_multimesh.checks.item import Item, at, items, text
from pulumi_multimesh.kubectl import Kubectl

KINDS = (
    "namespaces",
    "services",
    "configmaps",
    "pods",
    "deployments.apps",
    "statefulsets.apps",
    "daemonsets.apps",
    "replicasets.apps",
    "replicationcontrollers",
    "jobs.batch",
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
    "virtualservices.networking.istio.io",
    "gateways.gateway.networking.k8s.io",
    "authorizationpolicies.policy.linkerd.io",
    "serverauthorizations.policy.linkerd.io",
    "servers.policy.linkerd.io",
    "serviceintentions.consul.hashicorp.com",
    "servicedefaults.consul.hashicorp.com",
    "proxydefaults.consul.hashicorp.com",
)
"""What checks look at; a kind that a cluster has not, such as those of another mesh, is left out."""

_MADE = ("Pod", "ReplicaSet", "Job")
"""What controllers make from a template of theirs."""


def from_cluster(cluster: Kubectl) -> list[Item]:
    """Every object of those kinds; raises `ToolError` when the cluster does not answer.

    What another of these objects controls is left out, as a Deployment's pods are, since that one is told.
    """
    there = set(cluster.run("api-resources", "--verbs=list", "-o", "name", "--request-timeout=30s").split())
    found = cluster.objects(*(kind for kind in KINDS if kind in there))
    told = {text(each, "metadata", "uid") for each in found}
    return [item(each, cluster.cluster) for each in found if not _is_controlled(each, told)]


def item(found: Mapping[str, Any], cluster: str) -> Item:
    """A Kubernetes object as an item."""
    namespace, name = text(found, "metadata", "namespace"), text(found, "metadata", "name")
    return Item(
        type=f"kubernetes:{found['apiVersion']}:{found['kind']}",
        name="/".join(part for part in (namespace, name) if part),
        properties=found,
        cluster=cluster,
    )


def _is_controlled(found: Mapping[str, Any], told: Collection[str]) -> bool:
    """Whether one of those that are told makes it; a kind that is not asked for, or is gone, tells nothing."""
    if found["kind"] not in _MADE:
        return False
    owners = items(found, "metadata", "ownerReferences")
    return any(at(owner, "controller") is True and text(owner, "uid") in told for owner in owners)
