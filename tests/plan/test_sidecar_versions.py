"""Which sidecars are of another version than their control plane gives now, in each of the meshes."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_multimesh.plan.restart import Restart, restart

OLD, NEW = "1.30.3", "1.31.0"
BEFORE, THEN, AFTER = "2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z", "2026-11-03T00:00:00Z"
INJECTOR = """exec consul-k8s-control-plane inject-connect \\
  -consul-image="hashicorp/consul:9.9.9" \\
  -consul-dataplane-image="mirror:5000/hashicorp/consul-dataplane:{}" \\
  -release-name="consul"
"""


def pod(where: str, container: str, image: str, **metadata: Any) -> dict[str, Any]:
    space, _, name = where.partition("/")
    owner = {"kind": "StatefulSet", "name": name.rpartition("-")[0], "controller": True}
    given_to_all = {"name": name, "namespace": space, "creationTimestamp": BEFORE, "ownerReferences": [owner]}
    ready = {"type": "Ready", "status": "True", "lastTransitionTime": THEN}
    return {
        "kind": "Pod",
        "metadata": {**given_to_all, **metadata},
        "spec": {"containers": [{"name": "app"}], "initContainers": [{"name": container, "image": image}]},
        "status": {"phase": "Running", "conditions": [{"type": "Initialized", "status": "True"}, ready]},
    }


def istiod(version: str, revision: str = "default", **metadata: Any) -> dict[str, Any]:
    marks = {"app": "istiod", "istio.io/rev": revision}
    return pod(f"istio-system/istiod-{version}", "discovery", f"istio/pilot:{version}", labels=marks, **metadata)


def linkerd_injector(version: str, **metadata: Any) -> dict[str, Any]:
    marks = {"linkerd.io/control-plane-component": "proxy-injector"}
    said = {"linkerd.io/proxy-version": version}
    name = f"linkerd/injector-{version}"
    return pod(name, "linkerd-proxy", "cr.l5d.io/linkerd/proxy:other", labels=marks, annotations=said, **metadata)


def consul_injector(version: str, **metadata: Any) -> dict[str, Any]:
    marks = {"app": "consul", "component": "connect-injector"}
    found = pod(f"consul/injector-{version}", "other", "x", labels=marks, **metadata)
    words = ["/bin/sh", "-ec", INJECTOR.format(version)]
    found["spec"]["containers"] = [{"name": "sidecar-injector", "image": "consul-k8s:1", "command": words}]
    return found


def of_istio(version: str, where: str = "web/api-0", **metadata: Any) -> dict[str, Any]:
    said = {"sidecar.istio.io/status": json.dumps({"revision": "default"}), **metadata.pop("annotations", {})}
    return pod(where, "istio-proxy", f"mirror/istio/proxyv2:{version}", annotations=said, **metadata)


def of_linkerd(version: str, where: str = "web/api-0", **metadata: Any) -> dict[str, Any]:
    said = {"linkerd.io/proxy-version": version, **metadata.pop("annotations", {})}
    return pod(where, "linkerd-proxy", "cr.l5d.io/linkerd/proxy:other", annotations=said, **metadata)


def of_consul(version: str, where: str = "web/api-0", **metadata: Any) -> dict[str, Any]:
    return pod(where, "consul-dataplane", f"hashicorp/consul-dataplane:{version}", **metadata)


MESHES: dict[str, tuple[dict[str, Any], Any, Any]] = {
    "istio": ({"labels": {"istio-injection": "enabled"}}, istiod, of_istio),
    "linkerd": ({"annotations": {"linkerd.io/inject": "enabled"}}, linkerd_injector, of_linkerd),
    "consul": ({"labels": {"multimesh.io/consul": "enabled"}}, consul_injector, of_consul),
}
WEBHOOK = {
    "kind": "MutatingWebhookConfiguration",
    "metadata": {"name": "default", "labels": {"istio.io/rev": "default"}},
}


def found_in(mesh: str, *pods: dict[str, Any], **of_namespace: Any) -> Restart:
    space = {"kind": "Namespace", "metadata": {"name": "web", **MESHES[mesh][0], **of_namespace}}
    return restart([space, WEBHOOK, *pods])


each_mesh = pytest.mark.parametrize("mesh", MESHES)


@each_mesh
def test_another_version_than_the_control_planes_is_restarted_and_the_same_is_not(mesh: str) -> None:
    _, plane, workload = MESHES[mesh]
    found = found_in(mesh, plane(NEW), workload(OLD, "web/api-0"), workload(NEW, "web/db-0"))
    (only,) = found.workloads
    assert (only.kind, only.name) == ("StatefulSet", "api")
    assert only.reason == f"has a sidecar of version {OLD} and would get one of {NEW}"
    assert found.left == ()


@each_mesh
def test_while_control_planes_are_replaced_nothing_is_and_that_is_said(mesh: str) -> None:
    _, plane, workload = MESHES[mesh]
    found = found_in(mesh, plane(OLD), plane(NEW), workload(OLD), workload(NEW, "web/db-0"))
    assert found.workloads == ()
    assert found.left == (
        f"control planes of {OLD} and {NEW} run side by side; call this again when one of them is left",
    )
    ended = plane(OLD, deletionTimestamp=AFTER)
    assert [each.name for each in found_in(mesh, ended, plane(NEW), workload(OLD)).workloads] == ["api"]


@each_mesh
def test_what_started_under_the_control_plane_is_named_and_not_restarted_for_ever(mesh: str) -> None:
    _, plane, workload = MESHES[mesh]
    found = found_in(mesh, plane(NEW), workload(OLD, creationTimestamp=AFTER))
    assert found.workloads == ()
    assert found.left == (
        f"web/api-0 got a sidecar of {OLD} from a control plane of {NEW}: its image is set elsewhere",
    )


@each_mesh
def test_a_control_plane_elsewhere_says_nothing(mesh: str) -> None:
    _, _, workload = MESHES[mesh]
    found = found_in(mesh, workload(OLD))
    assert (found.workloads, found.left) == ((), ())


@pytest.mark.parametrize(
    ("mesh", "mark"),
    [("istio", "sidecar.istio.io/proxyImage"), ("linkerd", "config.linkerd.io/proxy-version")],
)
def test_a_version_that_is_written_is_left_alone(mesh: str, mark: str) -> None:
    _, plane, workload = MESHES[mesh]
    found = found_in(mesh, plane(NEW), workload(OLD, annotations={mark: OLD}))
    assert (found.workloads, found.left) == ((), ())


def test_the_version_of_a_namespace_is_left_alone() -> None:
    marks = {"linkerd.io/inject": "enabled", "config.linkerd.io/proxy-version": OLD}
    assert found_in("linkerd", linkerd_injector(NEW), of_linkerd(OLD), annotations=marks).workloads == ()


def test_each_revision_of_istio_has_its_own_version() -> None:
    planes = [istiod(NEW), istiod(OLD, "stable")]
    assert [each.name for each in found_in("istio", *planes, of_istio(OLD)).workloads] == ["api"]
    assert found_in("istio", *planes, of_istio(NEW)).workloads == ()


@pytest.mark.parametrize("version", ["1.31.0-distroless", "1.31.0-debug", "1.31.0@sha256:abc"])
def test_variants_of_one_version_are_the_same(version: str) -> None:
    assert found_in("istio", istiod(NEW), of_istio(version)).workloads == ()


@given(st.lists(st.tuples(st.sampled_from([OLD, NEW]), st.sampled_from([BEFORE, AFTER])), max_size=6), st.booleans())
def test_after_a_restart_nothing_is_left_to_restart(pods: list[tuple[str, str]], rolls: bool) -> None:
    for mesh, (_, plane, workload) in MESHES.items():
        planes = [plane(NEW), plane(OLD)] if rolls else [plane(NEW)]
        there = [workload(has, f"web/{n}-0", creationTimestamp=since) for n, (has, since) in enumerate(pods)]
        found = found_in(mesh, *planes, *there)
        rolled = {each.name for each in found.workloads}
        assert rolled == (set() if rolls else {str(n) for n, each in enumerate(pods) if each == (OLD, BEFORE)})
        after = [
            workload(NEW, f"web/{n}-0", creationTimestamp=AFTER) if str(n) in rolled else each
            for n, each in enumerate(there)
        ]
        assert found_in(mesh, *planes, *after).workloads == ()
