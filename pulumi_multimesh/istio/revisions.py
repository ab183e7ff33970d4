"""Control planes side by side in one cluster, and the webhook that leads new pods to the default one.

Owns: the releases of the chart `istiod` by revision, the revision tag `default`. Does not own: which revisions there
are (plan/revisions.py), and what they share (control_plane.py).

The tag is a resource of its own rather than a value of a chart (`revisionTags`), because Helm would have to take it
out of one release before it could put it into the other, and pods that start in between would get no sidecar.
"""

import base64
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pulumi
import pulumi_kubernetes as k8s

from pulumi_multimesh.charts import Charts, merged
from pulumi_multimesh.clusters.cluster import KubernetesCluster
from pulumi_multimesh.istio.istiod import IstioControlPlaneArgs, istiod_values
from pulumi_multimesh.istio.tuning_values import spread
from pulumi_multimesh.plan.revisions import UNNAMED, ClusterRevisions

_REVISION, _INJECTION, _INJECT = "istio.io/rev", "istio-injection", "sidecar.istio.io/inject"


class Revisions:
    """The control planes of one cluster, by revision."""

    def __init__(
        self,
        name: str,
        cluster: KubernetesCluster,
        args: IstioControlPlaneArgs,
        wanted: ClusterRevisions,
        charts: Charts,
        parent: pulumi.Resource,
    ) -> None:
        self._name, self._cluster, self._args, self._wanted = name, cluster, args, wanted
        self._charts, self._parent = charts, parent
        self.releases: dict[str, k8s.helm.v3.Release] = {}
        """By revision; each is ready once it works."""

    def install(self, root: pulumi.Output[str], after: Sequence[pulumi.Resource]) -> pulumi.Resource:
        """All of them; returns what must be there before a pod that names no revision may be made."""
        for revision in self._wanted.versions:
            if revision != UNNAMED:
                self.releases[revision] = self._release(revision, after)
        tag: pulumi.Resource | None = None
        if self._wanted.default != UNNAMED:
            tag = self._tag(root)
        if UNNAMED in self._wanted.versions:
            # It gives up its own webhook for the default once the tag is there, and gets it back before that goes.
            self.releases[UNNAMED] = self._release(UNNAMED, [*after, *([tag] if tag else [])])
        return tag or self.releases[UNNAMED]

    def _release(self, revision: str, after: Sequence[pulumi.Resource]) -> k8s.helm.v3.Release:
        suffix = "" if revision == UNNAMED else f"-{revision}"
        charts = replace(self._charts, version=self._wanted.versions[revision])
        return charts.release(
            f"{self._name}-istiod{suffix}",
            "istiod",
            f"istiod{suffix}",
            merged(istiod_values(self._args), self._values(revision)),
            self._cluster.inside(self._parent, depends_on=after),
        )

    def _values(self, revision: str) -> dict[str, Any]:
        """What differs between revisions; nothing for one without a name that is the default, as all once were."""
        if revision != UNNAMED:
            labels = {"app": "istiod", _REVISION: revision}
            return {"revision": revision, "topologySpreadConstraints": spread(labels)}
        return {} if self._wanted.default == UNNAMED else {"global": {"operatorManageWebhooks": True}}

    def _tag(self, root: pulumi.Output[str]) -> k8s.admissionregistration.v1.MutatingWebhookConfiguration:
        """The default as Istio's own tag of that name has it; moving it is one change of one resource."""
        revision = self._wanted.default
        # istiod would write the same when it finds the webhook; with it the webhook works from the start.
        bundle = root.apply(lambda pem: base64.b64encode(pem.encode()).decode())
        client: k8s.admissionregistration.v1.WebhookClientConfigArgsDict = {
            "service": {
                "name": f"istiod-{revision}",
                "namespace": self._charts.namespace,
                "path": "/inject",
                "port": 443,
            },
            "ca_bundle": bundle,
        }
        return k8s.admissionregistration.v1.MutatingWebhookConfiguration(
            f"{self._name}-default",
            metadata={
                "name": "istio-revision-tag-default",
                "labels": {"istio.io/tag": UNNAMED, _REVISION: revision, "app": "sidecar-injector"},
            },
            webhooks=[_webhook(name, client, *selectors) for name, selectors in _SELECTORS.items()],
            opts=self._cluster.inside(self._parent, depends_on=[self.releases[revision]]),
        )


_Rules = list[k8s.meta.v1.LabelSelectorRequirementArgsDict]


def _has(key: str, value: str) -> k8s.meta.v1.LabelSelectorRequirementArgsDict:
    return {"key": key, "operator": "In", "values": [value]}


def _has_not(key: str, value: str) -> k8s.meta.v1.LabelSelectorRequirementArgsDict:
    return {"key": key, "operator": "NotIn", "values": [value]}


def _lacks(key: str) -> k8s.meta.v1.LabelSelectorRequirementArgsDict:
    return {"key": key, "operator": "DoesNotExist"}


_SELECTORS: dict[str, tuple[_Rules, _Rules]] = {
    "rev.namespace": ([_has(_REVISION, UNNAMED), _lacks(_INJECTION)], [_has_not(_INJECT, "false")]),
    "rev.object": ([_lacks(_REVISION), _lacks(_INJECTION)], [_has_not(_INJECT, "false"), _has(_REVISION, UNNAMED)]),
    "namespace": ([_has(_INJECTION, "enabled")], [_has_not(_INJECT, "false")]),
    "object": ([_lacks(_INJECTION), _lacks(_REVISION)], [_has(_INJECT, "true"), _lacks(_REVISION)]),
}
"""Namespaces and pods: those that ask for the default by its name, and those that ask for a sidecar and name none."""


def _webhook(
    name: str, client: k8s.admissionregistration.v1.WebhookClientConfigArgsDict, namespaces: _Rules, pods: _Rules
) -> k8s.admissionregistration.v1.MutatingWebhookArgsDict:
    return {
        "name": f"{name}.sidecar-injector.istio.io",
        "client_config": client,
        "rules": [{"operations": ["CREATE"], "api_groups": [""], "api_versions": ["v1"], "resources": ["pods"]}],
        "side_effects": "None",
        "failure_policy": "Fail",
        "reinvocation_policy": "Never",
        "admission_review_versions": ["v1"],
        "namespace_selector": {"match_expressions": namespaces},
        "object_selector": {"match_expressions": pods},
    }
