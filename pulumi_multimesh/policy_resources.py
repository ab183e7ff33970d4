"""Policies as resources of one cluster.

Owns: their form, their names and their order. Does not own: what they say (policies.py of each mesh).
"""

from collections.abc import Sequence
from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as k8s

from pulumi_multimesh.clusters.cluster import KubernetesCluster


class Policy(TypedDict):
    """One of a mesh's resources about security, in a namespace that is given elsewhere."""

    api_version: str
    kind: str
    name: str
    spec: dict[str, Any]
    annotations: NotRequired[dict[str, str]]


def make_policies(
    name: str,
    cluster: KubernetesCluster,
    namespace: str,
    policies: Sequence[Policy],
    parent: pulumi.Resource,
    after: Sequence[pulumi.Resource],
) -> list[pulumi.Resource]:
    """One resource for each, named by kind and name, so that a further one changes none of the others."""
    return [
        k8s.apiextensions.CustomResource(
            f"{name}-{policy['kind'].lower()}-{policy['name']}",
            api_version=policy["api_version"],
            kind=policy["kind"],
            metadata=_metadata(policy, namespace),
            spec=policy["spec"],
            opts=cluster.inside(parent, depends_on=after),
        )
        for policy in policies
    ]


def _metadata(policy: Policy, namespace: str) -> dict[str, Any]:
    annotations = policy.get("annotations")
    return {"name": policy["name"], "namespace": namespace, **({"annotations": annotations} if annotations else {})}
