"""Who may do what in the clusters: what is read of a declaration, and what is said of a wrong one."""

from typing import Any

import pytest
from configurations import changed

from pulumi_multimesh.plan.access import AccessPlan
from pulumi_multimesh.plan.build import plan
from pulumi_multimesh.plan.reading import as_record
from pulumi_multimesh.plan.render import render
from pulumi_multimesh.plan.rules.access import access_faults
from pulumi_multimesh.plan.validate import validate

MAIL, OBJECT = "ops@example.com", "5d2c1f9e-0a4b-4c59-9a0a-0f6f2f5f5a11"
TEAM: dict[str, Any] = {"groups": ["pay@example.com"], "namespaces": ["payments"]}


def declared(**access: Any) -> AccessPlan:
    return plan("shop", changed({"access": access})).access


def faults(kinds: dict[str, Any] | None = None, **access: Any) -> dict[str, str]:
    found = access_faults(as_record({**changed({"access": access}), **(kinds or {})}))
    return {fault.path: str(fault) for fault in found}


def test_nothing_declared_is_nothing_made() -> None:
    assert not declared().is_asked
    assert "Who may do what" not in render(plan("shop", changed({})))


def test_a_group_has_another_name_in_another_cloud() -> None:
    found = declared(operators=["ops"], teams={"pay": TEAM}, groups={"ops": {"gke": MAIL, "aks": OBJECT}})
    assert (found.called("ops", "gke"), found.called("ops", "aks"), found.called("ops", "eks")) == (MAIL, OBJECT, "ops")
    assert list(found.teams_in("payments")) == ["pay"]
    assert found.teams_in("web") == {}


def test_the_plan_shows_it() -> None:
    text = render(plan("shop", changed({"access": {"operators": [MAIL], "teams": {"pay": TEAM}}})))
    assert text.partition("Who may do what in the clusters\n")[2].splitlines()[:3] == [
        "  MAY           GROUPS           WHERE",
        f"  run the mesh  {MAIL}  everywhere",
        "  deploy (pay)  pay@example.com  payments",
    ]


WRONG: dict[str, tuple[dict[str, Any], str, str]] = {
    "no group": ({"operators": []}, "access.operators", "is empty"),
    "an empty name": ({"readers": [" "]}, "access.readers[0]", "is empty"),
    "everybody": ({"readers": ["system:authenticated"]}, "access.readers[0]", "Kubernetes' own groups"),
    "no namespace": ({"teams": {"pay": {**TEAM, "namespaces": []}}}, "access.teams.pay.namespaces", "is empty"),
    "Istio's own": (
        {"teams": {"pay": {**TEAM, "namespaces": ["istio-system"]}}},
        "access.teams.pay.namespaces[0]",
        "the mesh's own namespace",
    ),
    "a team's name": ({"teams": {"Pay": TEAM}}, "access.teams.Pay", "not a team's name"),
    "unused": ({"operators": [MAIL], "groups": {"dev": {"eks": "x"}}}, "access.groups.dev", "has no role"),
    "no address": ({"operators": ["ops"]}, "access.operators[0]", "groups: {ops: {gke: shop-dev@example.com}}"),
    "no address given": (
        {"operators": ["ops"], "groups": {"ops": {"gke": "ops"}}},
        "access.groups.ops.gke",
        "not what gke clusters call a group",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_faults_name_the_path(case: str) -> None:
    access, path, said = WRONG[case]
    found = faults(**access)
    assert list(found) == [path]
    assert said in found[path]


@pytest.mark.parametrize(
    ("kind", "good"), [("aks", OBJECT), ("oke", "ocid1.group.oc1..aaaa"), ("gke", MAIL)], ids=("aks", "oke", "gke")
)
def test_each_cloud_has_a_form_of_its_own(kind: str, good: str) -> None:
    others = {"gke": {}, "eks": {}, kind: {"one": {}}}
    assert list(faults(others, operators=["ops"])) == ["access.operators[0]"]
    assert faults(others, operators=["ops"], groups={"ops": {kind: good}}) == {}


def test_faults_are_told_with_all_others() -> None:
    assert [fault.path for fault in validate("shop", changed({"access": {"operators": []}}))] == ["access.operators"]
