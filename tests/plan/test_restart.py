"""Which workloads have to be restarted: those without the sidecar that their namespace asks for, and no others."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_multimesh.plan.restart import Restart, Workload, restart

Labels = dict[str, str]
INJECTED: Labels = {"istio-injection": "enabled"}


def namespace(name: str, labels: Labels) -> dict[str, Any]:
    return {"kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def webhook(revision: str, tag: str | None = None) -> dict[str, Any]:
    labels = {"istio.io/rev": revision, **({"istio.io/tag": tag} if tag else {})}
    return {"kind": "MutatingWebhookConfiguration", "metadata": {"name": revision, "labels": labels}}


def pod(where: str, owner: tuple[str, str] | None, revision: str | None = None, **more: Any) -> dict[str, Any]:
    """A pod; with a revision it has a sidecar, as a native sidecar like istiod injects it."""
    space, _, name = where.partition("/")
    metadata = {"name": name, "namespace": space, **more.pop("metadata", {})}
    if owner:
        metadata["ownerReferences"] = [{"kind": owner[0], "name": owner[1], "controller": True}]
    proxy: list[Any] = []
    if revision is not None:
        metadata["annotations"] = {"sidecar.istio.io/status": json.dumps({"revision": revision})}
        proxy = [{"name": "istio-proxy"}]
    status = {"phase": more.pop("phase", "Running")}
    spec = {"containers": [{"name": "app"}], "initContainers": proxy, **more}
    return {"kind": "Pod", "metadata": metadata, "spec": spec, "status": status}


def replica_set(where: str, deployment: str) -> dict[str, Any]:
    space, _, name = where.partition("/")
    owner = {"kind": "Deployment", "name": deployment, "controller": True}
    return {"kind": "ReplicaSet", "metadata": {"name": name, "namespace": space, "ownerReferences": [owner]}}


WEB = [namespace("web", INJECTED), webhook("default"), replica_set("web/api-1", "api")]
API = ("ReplicaSet", "api-1")


def names(found: Restart) -> list[str]:
    return [f"{each.namespace} {each.kind}/{each.name}" for each in found.workloads]


def test_each_workload_once_by_what_rolls_its_pods() -> None:
    pods = [
        pod("web/api-1-a", API),
        pod("web/api-1-b", API),
        pod("web/db-0", ("StatefulSet", "db")),
        pod("web/log-x", ("DaemonSet", "log")),
    ]
    found = restart([*WEB, *pods])
    assert names(found) == ["web DaemonSet/log", "web Deployment/api", "web StatefulSet/db"]
    assert found.workloads[1] == Workload("web", "Deployment", "api", "has no sidecar")
    assert (found.asking, found.left) == (("web",), ())


@pytest.mark.parametrize(
    "right",
    [
        pod("web/api-1-a", API, "default"),
        pod("web/ended", API, phase="Succeeded"),
        pod("web/failed", API, phase="Failed"),
        pod("web/ends", API, metadata={"deletionTimestamp": "2026-11-23T00:00:00Z"}),
        pod("web/on-its-node", API, hostNetwork=True),
        pod("web/out", API, metadata={"labels": {"sidecar.istio.io/inject": "false"}}),
        pod("web/out-too", API, metadata={"annotations": {"sidecar.istio.io/inject": "false"}}),
        pod("web/says-nothing", API, ""),
        pod("web/label-of-a-tag", API, "default", metadata={"labels": {"istio.io/rev": "stable"}}),
        pod("web/label-alone", API, "", metadata={"labels": {"istio.io/rev": "stable"}}),
        pod("other/outside", API),
    ],
    ids=lambda each: each["metadata"]["name"],
)
def test_what_is_right_is_left_alone(right: dict[str, Any]) -> None:
    found = restart([*WEB, namespace("other", {"team": "a"}), right])
    assert (found.workloads, found.left) == ((), ())


@pytest.mark.parametrize(
    ("labels", "asked"),
    [
        (INJECTED, "1-31-0"),
        ({"istio.io/rev": "default"}, "1-31-0"),
        ({"istio.io/rev": "1-30-3"}, "1-30-3"),
        ({**INJECTED, "istio.io/rev": "1-30-3"}, "1-31-0"),
        ({"istio-injection": "disabled", "istio.io/rev": "1-30-3"}, None),
    ],
)
def test_the_default_and_a_named_revision(labels: Labels, asked: str | None) -> None:
    there = [webhook("1-30-3"), webhook("1-31-0"), webhook("1-31-0", tag="default"), namespace("web", labels)]
    for present in ("1-30-3", "1-31-0", "default"):
        found = restart([*there, pod("web/db-0", ("StatefulSet", "db"), present)])
        if asked in (None, present):
            assert found.workloads == ()
        else:
            (workload,) = found.workloads
            assert workload.reason == f"has a sidecar of {present} and would get one of {asked}"


def test_nothing_is_restarted_for_a_revision_that_is_not_there() -> None:
    found = restart(
        [namespace("web", {"istio.io/rev": "gone"}), webhook("default"), pod("web/db-0", ("StatefulSet", "db"))]
    )
    assert found.workloads == ()
    assert found.left == ("web asks for the revision gone, which is not in this cluster: its pods would not start",)


@pytest.mark.parametrize(("owner", "said"), [(None, "of no workload"), (("Job", "once"), "of the Job once")])
def test_what_nobody_rolls_is_named(owner: tuple[str, str] | None, said: str) -> None:
    found = restart([*WEB, pod("web/alone", owner)])
    assert (found.workloads, found.left) == ((), (f"web/alone, {said}, has no sidecar; start it anew yourself",))


def test_only_the_named_namespaces() -> None:
    both = [
        *WEB,
        namespace("orders", INJECTED),
        pod("web/db-0", ("StatefulSet", "db")),
        pod("orders/q-0", ("StatefulSet", "q")),
    ]
    assert names(restart(both, ["orders"])) == ["orders StatefulSet/q"]
    assert restart(both, ["orders", "absent"]).asking == ("orders",)


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from([None, "default", "next"]), st.booleans()), max_size=8)
)
def test_after_it_nothing_is_left_to_restart(given_pods: list[tuple[str, str | None, bool]]) -> None:
    def listed(revision_of: dict[int, str]) -> list[dict[str, Any]]:
        return [
            *WEB,
            *(
                pod(f"web/{number}", ("StatefulSet" if rolls else "DaemonSet", name), revision_of.get(number, present))
                for number, (name, present, rolls) in enumerate(given_pods)
            ),
        ]

    found = restart(listed({}))
    wrong = {("StatefulSet" if rolls else "DaemonSet", name) for name, has, rolls in given_pods if has != "default"}
    assert {(each.kind, each.name) for each in found.workloads} == wrong
    rolled = {
        number: "default"
        for number, (name, _, rolls) in enumerate(given_pods)
        if ("StatefulSet" if rolls else "DaemonSet", name) in wrong
    }
    assert restart(listed(rolled)).workloads == ()


OTHERS: dict[str, tuple[dict[str, Any], str, dict[str, str]]] = {
    "linkerd": ({"annotations": {"linkerd.io/inject": "enabled"}}, "linkerd-proxy", {"linkerd.io/inject": "disabled"}),
    "consul": (
        {"labels": {"multimesh.io/consul": "enabled"}},
        "consul-dataplane",
        {"consul.hashicorp.com/connect-inject": "false"},
    ),
}


@pytest.mark.parametrize("mesh", OTHERS)
def test_other_meshes_have_sidecars_without_revisions(mesh: str) -> None:
    marks, container, refusal = OTHERS[mesh]
    space = {"kind": "Namespace", "metadata": {"name": "web", **marks}}
    without = pod("web/api-1-a", API)
    having = pod("web/api-1-b", API, containers=[{"name": "app"}, {"name": container}])
    refusing = pod("web/api-1-c", API, metadata={"annotations": refusal})
    others = [space, replica_set("web/api-1", "api")]
    assert restart([*others, having, refusing]).workloads == ()
    (found,) = restart([*others, having, refusing, without]).workloads
    assert (found.name, found.reason) == ("api", "has no sidecar")
    assert restart(others).asking == ("web",)
