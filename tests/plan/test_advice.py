"""Which mesh fits: the rules say what the rules of faults say."""

from typing import Any

import pytest
from configurations import ABSENT, changed
from hypothesis import given
from hypothesis import strategies as st

from pulumi_multimesh.plan.advice import BY_EFFORT, FITS, NEEDS, advice, sentences
from pulumi_multimesh.plan.build import plan
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
    "one control plane for several clusters": {"istio": {"topology": "primary-remote", "primary": "gcp-eu"}},
    "proxies of nodes in place of sidecars": {"istio": {"data_plane": "ambient"}},
    "pods that call each other without gateways": {"connectivity": "vpn", "flat": True},
    "machines outside Kubernetes": {"istio": ABSENT, "consul": {"machines": ["gcp-eu"]}},
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
    assert list(found.fitting) == sorted(found.fitting, key=BY_EFFORT.index)
