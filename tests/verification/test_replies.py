"""Which versions must answer, and that nothing passes when there is nobody to answer."""

from collections.abc import Sequence
from typing import Any, cast

from multimesh_lab.verification.finding import Check
from multimesh_lab.verification.kubectl import Cluster
from multimesh_lab.verification.traffic import check_replies, deployed_versions


class Deployments:
    """A cluster that has these Deployments and no more."""

    def __init__(self, *labels: dict[str, str]) -> None:
        self._labels = labels

    def items(self, kind: str, namespace: str, selector: str) -> list[dict[str, Any]]:
        assert (kind, namespace, selector) == ("deployments", "sample", "app=helloworld")
        return [{"metadata": {"labels": labels}} for labels in self._labels]


def clusters(*members: Deployments) -> Sequence[Cluster]:
    return cast("Sequence[Cluster]", members)


def test_every_version_that_a_deployment_names_is_expected_once() -> None:
    one = Deployments({"app": "helloworld", "version": "v3"}, {"app": "helloworld"})
    other = Deployments({"app": "helloworld", "version": "v1"}, {"app": "helloworld", "version": "v3"})
    assert deployed_versions(clusters(one, other), "sample") == ["v1", "v3"]


def test_nobody_to_answer_proves_nothing() -> None:
    findings, replies = check_replies(clusters(Deployments()), "sample", [], 0)
    assert [(finding.check, finding.ok) for finding in findings] == [(Check.REPLIES, False)]
    assert replies == {}
