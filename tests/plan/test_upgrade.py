"""The guided order of an upgrade: each step is valid and known for what it is, up to the new version alone."""

from typing import Any

import pytest
from configurations import changed
from hypothesis import given
from hypothesis import strategies as st

from pulumi_multimesh import versions
from pulumi_multimesh.plan.build import plan
from pulumi_multimesh.plan.upgrade import UpgradeRefused, upgrade
from pulumi_multimesh.plan.validate import validate

HERE = versions.ISTIO.version
NEXT = "1.31.2"

STARTS: dict[str, dict[str, Any]] = {
    "nothing said": {},
    "a version": {"version": "1.30.1"},
    "a named revision": {"revisions": {"1-30-3": {"version": "1.30.3"}}},
    "a named revision of the usual version": {"version": "1.29.4", "revisions": {"blue": {}}, "default": "blue"},
}


def mesh(istio: dict[str, Any]) -> dict[str, Any]:
    return changed({"istio": {"gateway": {"min_replicas": 3}, **istio}})


@given(st.sampled_from(sorted(STARTS)), st.sampled_from([None, "gcp-eu", "aws-us"]), st.sampled_from([NEXT, "1.30.9"]))
def test_each_step_is_valid_and_is_known_for_what_it_is(start: str, first: str | None, wanted: str) -> None:
    args = mesh(STARTS[start])
    count = len(upgrade(args, wanted, first).steps)
    assert count == (3 if first is None else 4)
    for number in range(count):
        found = upgrade(args, wanted, first)
        assert (found.done, len(found.steps)) == (number, count)
        args = found.applied(args, number)
        assert validate("shop", args) == []
        assert args["istio"]["gateway"] == {"min_replicas": 3}
    assert upgrade(args, wanted).steps == ()
    control = plan("shop", args).of_istio
    assert {(*each.versions.values(),) for each in control.revisions.values()} == {(wanted,)}


def test_one_cluster_moves_before_the_others() -> None:
    args = mesh({})
    found = upgrade(args, NEXT, "gcp-eu")
    defaults = [
        {name: each.default for name, each in plan("shop", found.applied(args, number)).of_istio.revisions.items()}
        for number in range(len(found.steps))
    ]
    assert upgrade(found.applied(args, 1), NEXT).done == 2, "whoever moved first is known by the configuration"
    old, new = "default", "1-31-2"
    assert defaults == [
        {"aws-us": old, "gcp-eu": old},
        {"aws-us": old, "gcp-eu": new},
        {"aws-us": new, "gcp-eu": new},
        {"aws-us": new, "gcp-eu": new},
    ]


@pytest.mark.parametrize("wanted", ["1.30.2", "1.29.9", HERE, "1.30.3-rc.1"])
def test_no_way_back(wanted: str) -> None:
    with pytest.raises(UpgradeRefused, match="is not newer than"):
        upgrade(mesh({"version": "1.30.3"}), wanted)


def test_too_far_at_once() -> None:
    assert upgrade(mesh({"version": "1.30.3"}), "1.32.0").steps
    with pytest.raises(UpgradeRefused, match=r"more than 2 minor versions at once; upgrade to the newest 1\.32 first"):
        upgrade(mesh({"version": "1.30.3"}), "1.33.0")
    with pytest.raises(UpgradeRefused, match="2 minor"):
        upgrade(mesh({"version": "1.30.3"}), "2.30.3")


def test_what_cannot_be() -> None:
    with pytest.raises(UpgradeRefused, match="write it like"):
        upgrade(mesh({}), "1.31")
    with pytest.raises(UpgradeRefused, match="its clusters: aws-us, gcp-eu"):
        upgrade(mesh({}), NEXT, "azure-eu")
    under_way = {"revisions": {"default": {}, "1-30-9": {"version": "1.30.9"}}, "default": "default"}
    with pytest.raises(UpgradeRefused, match="1-30-9 and default run side by side"):
        upgrade(mesh(under_way), NEXT)


class TestInPlace:
    """Where one control plane serves all, there is none beside it."""

    ARGS = mesh({"topology": "primary-remote", "primary": "gcp-eu", "version": "1.30.3"})

    def test_it_is_one_step(self) -> None:
        found = upgrade(self.ARGS, NEXT)
        assert not found.side_by_side
        after = found.applied(self.ARGS, 0)
        assert validate("shop", after) == []
        assert plan("shop", after).control_plane.chart_version == NEXT
        assert upgrade(after, NEXT).steps == ()

    def test_one_minor_version_at_a_time(self) -> None:
        with pytest.raises(UpgradeRefused, match=r"more than 1 minor version at once; upgrade to the newest 1\.31"):
            upgrade(self.ARGS, "1.32.0")


@pytest.mark.parametrize("mesh_name", ["linkerd", "consul"])
def test_other_meshes_have_nothing_side_by_side(mesh_name: str) -> None:
    args = {key: value for key, value in mesh({}).items() if key != "istio"}
    with pytest.raises(UpgradeRefused, match=f"the mesh is {mesh_name}"):
        upgrade({**args, mesh_name: {}}, NEXT)
