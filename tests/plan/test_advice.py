"""Which mesh fits: the rules say what the rules of faults say."""

from typing import Any

import pytest
from configurations import ABSENT, changed, existing
from hypothesis import given
from hypothesis import strategies as st

from pulumi_multimesh.plan.advice import BY_EFFORT, FEW_LINKS, FITS, LINKING, NEEDS, advice, by_effort, sentences
from pulumi_multimesh.plan.build import plan
from pulumi_multimesh.plan.mesh_facts import FACTS
from pulumi_multimesh.plan.meshes import MESHES
from pulumi_multimesh.plan.render import render
from pulumi_multimesh.plan.validate import validate

RULE: dict[str, Any] = {"callers": ["web/front"], "to": "web/api"}
ASKED: dict[str, dict[str, Any]] = {
    "rules for all ports of what is called": {"security": {"allow": [RULE]}},
    "paths told by their end, or by a part of a segment": {"security": {"allow": [{**RULE, "paths": ["*/health"]}]}},
    "calls told apart by the pods' port": {"security": {"allow": [{**RULE, "ports": ["8080"]}]}},
    "rules for one app's name in two namespaces": {
        "security": {"allow": [{**RULE, "to": to, "ports": ["8080"]} for to in ("web/api", "shop/api")]}
    },
    "tokens of users, checked by the mesh": {
        "security": {
            "allow": [{**RULE, "token": "corp"}],
            "issuers": {"corp": {"issuer": "https://a.example.com", "jwks_uri": "https://a.example.com/keys"}},
        }
    },
    "zones of namespaces": {"security": {"zones": {"front": {"namespaces": ["web"]}}}},
    "one sign-on at the ingress": {
        "istio": {"ingress": {}},
        "security": {"sign_on": {"service": "sign-on/proxy", "hosts": ["shop.example.com"]}},
    },
    "ingress gateways of the mesh": {"istio": {"ingress": {}}},
    "keys of RSA": {"pki": {"algorithm": "RSA"}},
    "callers of other clusters told apart, behind gateways": {"wants": {"callers_apart": True}},
    "one service over several clusters, behind gateways": {"wants": {"one_service": True}},
    "an open-source licence": {"wants": {"open_source": True}},
    "one control plane for several clusters": {"istio": {"topology": "primary-remote", "primary": "gcp-eu"}},
    "proxies of nodes in place of sidecars": {"istio": {"data_plane": "ambient"}},
    "pods that call each other without gateways": {"connectivity": "vpn", "flat": True},
    "machines outside Kubernetes": {"istio": ABSENT, "consul": {}, "wants": {"machines": True}},
    "one datacenter that decides for all": {
        "istio": ABSENT,
        "consul": {"topology": "federation", "primary": "gcp-eu"},
    },
}
ANOTHER: dict[str, Any] = {
    "istio": {"istio": {}, "linkerd": ABSENT, "consul": ABSENT},
    "linkerd": {"istio": ABSENT, "linkerd": {}, "consul": ABSENT},
    "consul": {"istio": ABSENT, "linkerd": ABSENT, "consul": {}},
}


def under(mesh: str, asked: dict[str, Any]) -> dict[str, Any]:
    """What is asked for, with another mesh in the place of the one that it was written for."""
    args = changed(asked)
    kept = {key: value for key, value in args.items() if key not in MESHES}
    return {**kept, mesh: args.get(mesh, {})}


def test_every_need_is_tried() -> None:
    assert set(ASKED) == {need.what for need in NEEDS}
    assert set(FITS) == set(BY_EFFORT) == set(MESHES)


@pytest.mark.parametrize("what", ASKED)
def test_a_need_is_seen_and_told(what: str) -> None:
    args = changed(ASKED[what])
    found = advice(args)
    assert what in {need.what for need in found.needs}
    assert found.chosen in found.fitting
    told = "\n".join(sentences(found))
    assert f"asked for here: {what}" in told
    assert validate("shop", args) == []
    assert "Which mesh fits" in render(plan("shop", args))


@pytest.mark.parametrize("what", ASKED)
@pytest.mark.parametrize("mesh", MESHES)
def test_what_a_mesh_does_not_keep_it_refuses_or_has_no_key_for(what: str, mesh: str) -> None:
    """The advice follows the faults: a mesh that fits takes the arguments, another has faults or lacks the key."""
    asked = ASKED[what]
    (need,) = [need for need in NEEDS if need.what == what]
    args = under(mesh, asked)
    if set(asked) <= set(MESHES):
        assert need.is_asked(args) == (mesh in need.kept_by)
    else:
        assert (validate("shop", args) == []) == (mesh in need.kept_by)


def test_every_need_rests_on_a_fact() -> None:
    assert {LINKING, *(need.fact for need in NEEDS)} <= {fact.what for fact in FACTS}


@pytest.mark.parametrize("mesh", MESHES)
def test_what_is_wanted_of_any_mesh_leads_to_those_that_keep_it(mesh: str) -> None:
    for need in NEEDS:
        if not need.want:
            continue
        faults = validate("shop", under(mesh, {"wants": {need.want: True}}))
        if mesh in need.kept_by:
            assert faults == []
        else:
            (fault,) = faults
            assert (fault.path, fault.allowed) == (f"wants.{need.want}", " or ".join(need.kept_by))
            assert f"choose {' or '.join(need.kept_by)}" in fault.remedy
        assert validate("shop", under(mesh, {"wants": {need.want: False}})) == []


@pytest.mark.parametrize("want", ["callers_apart", "one_service"])
def test_a_flat_mesh_of_linkerd_keeps_what_one_behind_gateways_does_not(want: str) -> None:
    behind = under("linkerd", {"wants": {want: True}})
    (fault,) = validate("shop", behind)
    assert "flat: true" in fault.remedy
    assert validate("shop", {**behind, "connectivity": "vpn", "flat": True}) == []


def test_machines_can_be_declared_by_consuls_own_key_too() -> None:
    found = advice(under("consul", {"consul": {"machines": ["gcp-eu"]}, "istio": ABSENT}))
    assert [need.what for need in found.needs] == ["machines outside Kubernetes"]
    assert found.fitting == ("consul",)


def many(number: int, **more: Any) -> dict[str, Any]:
    return {"existing": {f"c{each}": existing() for each in range(number)}, "istio": {}, **more}


def test_with_more_links_than_linkerd_has_parts_istio_comes_first() -> None:
    few, more = advice(many(FEW_LINKS + 1)), advice(many(FEW_LINKS + 2))
    assert (few.linked, few.fitting[0]) == (("c0", FEW_LINKS), "linkerd")
    assert (more.linked, more.fitting[0]) == (("c0", FEW_LINKS + 1), "istio")
    told = "\n".join(sentences(more))
    assert f"c0 is linked to {FEW_LINKS + 1} others" in told
    assert "istio leaves the least to run, before linkerd and consul" in told
    assert "is linked to" not in "\n".join(sentences(few))
    hub = many(FEW_LINKS + 2, links={"topology": "list", "pairs": [{"first": "c0", "second": "c1"}]})
    assert advice(hub).fitting[0] == "linkerd"


def test_nothing_asked_and_all_fit() -> None:
    found = advice(changed({}))
    assert found.needs == ()
    assert found.fitting == BY_EFFORT
    assert "linkerd leaves the least to run, before istio and consul" in "\n".join(sentences(found))


@given(st.sets(st.sampled_from(sorted(ASKED))))
def test_whoever_fits_keeps_everything(wanted: set[str]) -> None:
    args = changed({})
    for what in sorted(wanted):
        args = changed({key: value for key, value in ASKED[what].items() if key != "istio"}, args)
    found = advice(args)
    for mesh in MESHES:
        assert (mesh in found.fitting) == all(mesh in need.kept_by for need in found.needs)
    assert list(found.fitting) == sorted(found.fitting, key=by_effort(found.linked[1]).index)
