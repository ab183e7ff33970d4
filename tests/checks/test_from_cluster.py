"""Which objects of a cluster are looked at, with a stand-in for kubectl's answers."""

from pathlib import Path
from typing import Any

import pytest
from check_cases.things import thing_of_kubernetes

from pulumi_multimesh.checks.catalogue import BY_ID, CATALOGUE
from pulumi_multimesh.checks.check import run
from pulumi_multimesh.checks.from_cluster import KINDS, from_cluster
from pulumi_multimesh.checks.item import KUBERNETES
from pulumi_multimesh.kubectl import Kubectl

PRIVILEGED = {"containers": [{"name": "a", "image": "a:1", "securityContext": {"privileged": True}}]}


class Answers(Kubectl):
    """A cluster that has these objects, and every kind but those that are named."""

    def __init__(self, *found: dict[str, Any], without: tuple[str, ...] = ()) -> None:
        super().__init__("one", Path("kubeconfig"))
        self._found, self._kinds = list(found), [kind for kind in KINDS if kind not in without]
        self.asked: tuple[str, ...] = ()

    def run(self, *words: str) -> str:
        assert words[0] == "api-resources"
        return "\n".join([*self._kinds, "secrets"])

    def objects(self, *kinds: str) -> list[dict[str, Any]]:
        self.asked = kinds
        return self._found


def made(version: str, kind: str, name: str, owner: str | None = None, **metadata: Any) -> dict[str, Any]:
    """An object whose uid is its name, with a pod that has its node."""
    owners = [] if owner is None else [{"kind": "Any", "uid": owner, "controller": True, **metadata}]
    spec = PRIVILEGED if kind == "Pod" else {"template": {"spec": PRIVILEGED}}
    about = {"uid": name, "ownerReferences": owners}
    return dict(thing_of_kubernetes(version, kind, name=name, metadata=about, spec=spec).properties)


def names(cluster: Kubectl) -> list[str]:
    return [item.object_name for item in from_cluster(cluster)]


def test_what_another_object_that_is_told_makes_is_told_there() -> None:
    found = (
        made("apps/v1", "Deployment", "deployment"),
        made("apps/v1", "ReplicaSet", "set", "deployment"),
        made("v1", "Pod", "pod", "set"),
        made("batch/v1", "Job", "job"),
        made("v1", "Pod", "of-job", "job"),
    )
    assert names(Answers(*found)) == ["deployment", "job"]


@pytest.mark.parametrize("owner", ["gone", "a-rollout-that-no-check-asks-for"])
def test_what_nobody_who_is_told_makes_is_looked_at(owner: str) -> None:
    found = (made("apps/v1", "ReplicaSet", "set", owner), made("v1", "Pod", "static", "node-1"))
    assert names(Answers(*found)) == ["set", "static"]


def test_an_owner_that_does_not_control_hides_nothing() -> None:
    found = (made("apps/v1", "Deployment", "deployment"), made("v1", "Pod", "pod", "deployment", controller=False))
    assert names(Answers(*found)) == ["deployment", "pod"]


@pytest.mark.parametrize(("version", "kind"), [("batch/v1", "Job"), ("apps/v1", "ReplicaSet"), ("v1", "Pod")])
def test_a_privileged_pod_is_found_whatever_makes_it(version: str, kind: str) -> None:
    assert run([BY_ID["pod-on-its-node"]], from_cluster(Answers(made(version, kind, "bad"))))


def test_kinds_that_a_cluster_has_not_are_not_asked_for_and_no_secret_ever_is() -> None:
    cluster = Answers(without=("virtualservices.networking.istio.io",))
    from_cluster(cluster)
    assert "jobs.batch" in cluster.asked
    assert "virtualservices.networking.istio.io" not in cluster.asked
    assert "secrets" not in cluster.asked


PREVIEWED = {"NamespacePatch", "DeploymentPatch", "Release", "Chart"}
"""Kinds of the engine's, which no cluster has."""


def test_every_kind_that_a_check_is_for_is_asked_for() -> None:
    plurals = {kind.partition(".")[::2] for kind in KINDS}
    for check in CATALOGUE:
        for token in check.types:
            _, group, kind = f"{token}::".split(":")[:3]
            if token.startswith(KUBERNETES) and kind not in PREVIEWED:
                assert any(said == group and plural[:-1] in _singular(kind) for plural, said in plurals), token


def _singular(kind: str) -> tuple[str, ...]:
    """What is left of the plural without its last letter."""
    word = kind.lower()
    return word, f"{word[:-1]}ie", f"{word}e", word[:-1]
