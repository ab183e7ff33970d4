"""Revisions: what runs where, what new pods get, and what is said of a declaration that would leave some without."""

from typing import Any

import pytest
from configurations import changed
from hypothesis import given
from hypothesis import strategies as st

from pulumi_multimesh import versions
from pulumi_multimesh.plan import revisions
from pulumi_multimesh.plan.build import plan
from pulumi_multimesh.plan.revisions import ClusterRevisions
from pulumi_multimesh.plan.validate import validate

OLD, NEW = "1.30.3", "1.31.0"
PAIR: dict[str, Any] = {"1-30-3": {"version": OLD}, "1-31-0": {"version": NEW}}
VERSIONS = st.tuples(st.integers(1, 3), st.integers(0, 40), st.integers(0, 20))


def planned(istio: dict[str, Any]) -> dict[str, ClusterRevisions]:
    return plan("shop", changed({"istio": istio})).of_istio.revisions


def faults(istio: dict[str, Any]) -> dict[str, str]:
    found = validate("shop", changed({"istio": istio}))
    return {fault.path: f"{fault.problem}; {fault.allowed}; {fault.remedy}" for fault in found}


class TestPlan:
    def test_nothing_declared_nothing_planned(self) -> None:
        assert planned({}) == {}

    def test_all_run_everywhere_and_the_default_is_the_meshs(self) -> None:
        assert planned({"revisions": PAIR, "default": "1-30-3"}) == {
            name: ClusterRevisions({"1-30-3": OLD, "1-31-0": NEW}, "1-30-3") for name in ("aws-us", "gcp-eu")
        }

    def test_one_cluster_goes_first(self) -> None:
        """Step by step: the new one runs in one cluster, and is the default there."""
        pair = {**PAIR, "1-31-0": {"version": NEW, "clusters": ["gcp-eu"], "default_in": ["gcp-eu"]}}
        found = planned({"revisions": pair, "default": "1-30-3"})
        assert found["aws-us"] == ClusterRevisions({"1-30-3": OLD}, "1-30-3")
        assert found["gcp-eu"] == ClusterRevisions({"1-30-3": OLD, "1-31-0": NEW}, "1-31-0")

    def test_the_only_one_is_the_default(self) -> None:
        assert planned({"revisions": {"stable": {}}})["aws-us"] == ClusterRevisions(
            {"stable": versions.ISTIO.version}, "stable"
        )

    def test_one_without_a_version_has_the_charts(self) -> None:
        found = planned({"version": "1.30.2", "revisions": {"default": {}}})
        assert found["aws-us"].versions == {"default": "1.30.2"}

    def test_what_is_shared_is_the_newest_ones(self) -> None:
        assert ClusterRevisions({"a": "1.9.1", "b": "1.10.0", "c": "1.10.0-rc.1"}, "a").newest == "1.10.0"

    @given(VERSIONS, VERSIONS)
    def test_versions_sort_by_number(self, one: tuple[int, int, int], other: tuple[int, int, int]) -> None:
        first, second = (".".join(str(part) for part in parts) for parts in (one, other))
        assert (revisions.ordered(first) < revisions.ordered(second)) == (one < other)
        assert revisions.ordered(f"{first}-rc.1") < revisions.ordered(first)


@pytest.mark.parametrize(
    ("istio", "path", "said"),
    [
        ({"default": "a"}, "istio.default", "without revisions"),
        ({"revisions": PAIR}, "istio.default", "aws-us, gcp-eu would have several"),
        ({"revisions": PAIR, "default": "1-32-0"}, "istio.default", "is not a revision"),
        ({"revisions": {"1.31": {}}}, "istio.revisions.1.31", "1-30-3"),
        ({"revisions": {"r" * 41: {}}}, f"istio.revisions.{'r' * 41}", "1 to 40"),
        ({"revisions": {"a": {"version": "1.31"}}}, "istio.revisions.a.version", "is not a version"),
        ({"revisions": {"a": {}, "b": {"clusters": ["x"]}}, "default": "a"}, "istio.revisions.b.clusters[0]", "aws-us"),
        (
            {"revisions": {"a": {}, "b": {"clusters": ["aws-us"], "default_in": ["gcp-eu"]}}, "default": "a"},
            "istio.revisions.b.default_in[0]",
            "would get no sidecar",
        ),
        (
            {"revisions": {"a": {"default_in": ["aws-us"]}, "b": {"default_in": ["aws-us"]}}, "default": "a"},
            "istio.revisions.b.default_in",
            "already",
        ),
        (
            {"revisions": {"a": {}, "b": {"clusters": ["aws-us"]}}, "default": "b"},
            "istio.default",
            "does not run in gcp-eu",
        ),
        (
            {"revisions": {"a": {"version": "1.27.0"}, "b": {"version": "1.30.0"}}, "default": "a"},
            "istio.revisions.b.version",
            "2 minors apart",
        ),
        (
            {"topology": "primary-remote", "primary": "gcp-eu", "revisions": {"a": {}}},
            "istio.revisions",
            "multi-primary",
        ),
    ],
)
def test_what_is_wrong_is_told_with_what_to_do(istio: dict[str, Any], path: str, said: str) -> None:
    found = faults(istio)
    assert list(found) == [path]
    assert said in found[path]


@given(
    st.dictionaries(
        st.sampled_from(["a", "b", "c"]),
        st.fixed_dictionaries(
            {},
            optional={
                "clusters": st.lists(st.sampled_from(["aws-us", "gcp-eu"]), unique=True),
                "default_in": st.lists(st.sampled_from(["aws-us", "gcp-eu"]), unique=True),
            },
        ),
        min_size=1,
    ),
    st.sampled_from(["a", "b", "c", None]),
)
def test_no_cluster_of_a_valid_mesh_is_left_without_its_default(wanted: dict[str, Any], default: str | None) -> None:
    istio = {"revisions": wanted, **({"default": default} if default else {})}
    if faults(istio):
        return
    for cluster in planned(istio).values():
        assert cluster.default in cluster.versions
