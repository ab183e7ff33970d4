"""Rules of what is under `pki` beside lives and keys, and of the trust domain's aliases."""

from typing import Any

import pytest
from configurations import changed

from pulumi_multimesh.plan.build import plan
from pulumi_multimesh.plan.render import render
from pulumi_multimesh.plan.validate import validate

FAULTS: dict[str, tuple[dict[str, Any], str, str]] = {
    "no roots": ({"roots": []}, "pki.roots", "is empty"),
    "no name": ({"roots": ["Default"]}, "pki.roots[0]", "is not a name"),
    "a long name": ({"roots": ["r" * 21]}, "pki.roots[0]", "is not a name"),
    "twice": ({"roots": ["a", "a"], "issuing": "a"}, "pki.roots[1]", "is there twice"),
    "who issues": ({"roots": ["a", "b"]}, "pki.issuing", "is missing"),
    "another issues": ({"roots": ["a"], "issuing": "b"}, "pki.issuing", "is not one of the roots"),
    "another than the first": ({"issuing": "b"}, "pki.issuing", "is not one of the roots"),
    "renewal": ({"renewal_days": 730}, "pki.renewal_days", "is out of bounds"),
    "warning": ({"warning_days": 0}, "pki.warning_days", "is out of bounds"),
    "a short life": ({"workload_minutes": 4}, "pki.workload_minutes", "is out of bounds"),
    "a long life": ({"workload_minutes": 129601}, "pki.workload_minutes", "is out of bounds"),
    "no cluster": ({"intermediates": {"moon": {}}}, "pki.intermediates.moon", "is not a cluster"),
    "generation": ({"intermediates": {"gcp-eu": {"generation": 0}}}, "pki.intermediates.gcp-eu.generation", "not a"),
    "a certificate alone": (
        {"intermediates": {"gcp-eu": {"certificate": "x"}}},
        "pki.intermediates.gcp-eu.certificate",
        "not the certificate of its root",
    ),
    "a root alone": (
        {"root_certificates": {"default": "x"}},
        "pki.intermediates.gcp-eu.key",
        "is missing, as the roots are brought",
    ),
    "other roots": ({"root_certificates": {"b": "x"}}, "pki.root_certificates", "does not name the same roots"),
    "made and brought": (
        {"root_certificates": {"default": "x"}, "renewal_days": 3},
        "pki.renewal_days",
        "has no effect",
    ),
}


@pytest.mark.parametrize("case", FAULTS)
def test_faults(case: str) -> None:
    pki, path, problem = FAULTS[case]
    found = [fault for fault in validate("shop", changed({"pki": pki})) if fault.path == path]
    assert [fault for fault in found if problem in fault.problem], case


@pytest.mark.parametrize("alias", ["Old", "cluster.local", ""])
def test_aliases(alias: str) -> None:
    args = changed({"istio": {"trust_domain_aliases": ["old.example.com", alias]}})
    assert [fault.path for fault in validate("shop", args)] == ["istio.trust_domain_aliases[1]"]


def test_all_roots_are_in_the_plan_and_in_its_text() -> None:
    found = plan("shop", changed({"pki": {"roots": ["default", "r2028"], "issuing": "r2028"}}))
    assert list(found.trust.roots) == ["default", "r2028"]
    assert found.trust.root.common_name == "Root CA r2028"
    assert {each.issuer for each in found.trust.intermediates.values()} == {"root-r2028"}
    text = render(found)
    assert text.index("O=Istio, CN=Root CA ") < text.index("CN=Root CA r2028") < text.index("└ ")
