"""What makes brought certificates unsound is told, each by its own words, and never the key."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from configurations_of_pem import Pem, authority, key_pem
from cryptography.hazmat.primitives.asymmetric import ec

from pulumi_multimesh.pki.brought import brought_faults
from pulumi_multimesh.pki.certificates import end_of, problems, root_problem, split

ROOT = authority("Root")
GOOD = authority("Intermediate", ROOT, path_length=0)
BETWEEN = authority("Between", ROOT)
BELOW = authority("Below", BETWEEN)
NARROW = authority("Narrow", ROOT, path_length=0)
LOCKED = key_pem(password=b"x")
PAST, FUTURE = datetime.now(UTC) - timedelta(days=9), datetime.now(UTC) + timedelta(days=9)


def test_sound_ones() -> None:
    assert problems(GOOD.certificate, GOOD.key, ROOT.certificate) == []
    assert problems(GOOD.certificate, None, ROOT.certificate) == []
    assert problems(BELOW.certificate + BETWEEN.certificate, BELOW.key, ROOT.certificate) == []
    assert problems(GOOD.certificate + ROOT.certificate, GOOD.key, ROOT.certificate) == [], "a chain with its root"
    assert root_problem(ROOT.certificate) is None


CASES: dict[str, tuple[Pem, str, str]] = {
    "another key": (Pem(GOOD.certificate, key_pem()), "", "the key is not the certificate's"),
    "a locked key": (Pem(GOOD.certificate, key_pem(password=b"x")), "", "without a password"),
    "no key": (Pem(GOOD.certificate, "x"), "", "is not a private key"),
    "no CA": (authority("Leaf", ROOT, ca=False), "", "is not one of an authority|not one of an authority"),
    "over": (authority("Over", ROOT, ends=PAST), "", "ended on"),
    "too early": (authority("Early", ROOT, begins=FUTURE), "", "begins on"),
    "another root": (authority("Stranger"), "", "is not signed by"),
    "a gap": (BELOW, "", "is not signed by"),
    "below a narrow one": (authority("Deep", NARROW), NARROW.certificate, "allows 0 authorities below it"),
    "for servers alone": (authority("Server", ROOT, server_only=True), "", "extended key usage"),
    "no PEM": (Pem("x", GOOD.key), "", "not certificates as PEM"),
    "its key after it": (GOOD, GOOD.key, "holds a private key"),
    "its key before it": (Pem(GOOD.key + GOOD.certificate, GOOD.key), "", "holds a private key"),
}


@pytest.mark.parametrize("case", CASES)
def test_unsound_ones(case: str) -> None:
    pem, between, said = CASES[case]
    found = problems(pem.certificate + between, pem.key, ROOT.certificate)
    assert any(part in problem for problem in found for part in said.split("|")), found
    assert all("PRIVATE KEY" not in problem for problem in found)


@pytest.mark.parametrize(
    ("pem", "said"),
    [
        ("x", "is not a certificate as PEM"),
        (ROOT.certificate * 2, "holds 2 certificates"),
        (authority("Leaf", ca=False).certificate, "not a certificate of an authority"),
        (GOOD.certificate, "did not sign itself"),
        (authority("Old", ends=PAST).certificate, "ended on"),
        (ROOT.certificate + ROOT.key, "holds a private key"),
        (LOCKED + ROOT.certificate, "holds a private key"),
    ],
    ids=(
        "no PEM",
        "two",
        "no CA",
        "not a root",
        "over",
        "its key",
        "its locked key",
    ),  # the certificates are new in each worker
)
def test_unsound_roots(pem: str, said: str) -> None:
    assert said in (root_problem(pem) or "")


def test_faults_by_path() -> None:
    def paths(certificate: Any, root: str, key: Any = GOOD.key) -> list[str]:
        below = {"gcp-eu": {"certificate": certificate, "key": key}}
        args = {"pki": {"root_certificates": {"default": root}, "intermediates": below}}
        return [fault.path for fault in brought_faults(args)]

    assert paths(GOOD.certificate, ROOT.certificate) == []
    assert paths(GOOD.certificate, ROOT.certificate, key=object()) == []
    assert paths(object(), ROOT.certificate) == []
    assert paths(BELOW.certificate, ROOT.certificate) == ["pki.intermediates.gcp-eu"] * 2
    assert paths(GOOD.certificate, "x") == ["pki.root_certificates.default"]
    assert paths(GOOD.key + GOOD.certificate, ROOT.certificate) == ["pki.intermediates.gcp-eu.certificate"]
    both = ["pki.root_certificates.default", "pki.intermediates.gcp-eu.certificate"]
    assert paths(GOOD.certificate + GOOD.key, ROOT.certificate + ROOT.key) == both


def test_a_fault_shows_no_key() -> None:
    below = {"gcp-eu": {"certificate": GOOD.certificate + GOOD.key, "key": GOOD.key}}
    args = {"pki": {"root_certificates": {"default": ROOT.key + ROOT.certificate}, "intermediates": below}}
    told = "\n".join(str(fault) for fault in brought_faults(args))
    assert "holds a private key" in told
    for key in (ROOT.key, GOOD.key):
        assert not [line for line in key.splitlines() if line in told]


def test_only_certificates_are_passed_on() -> None:
    """Whatever stands beside a certificate, as `openssl x509 -text` writes it, or a key that nobody saw."""
    around = f"Data: x\n{BELOW.certificate}\r\nBag Attributes\n{BETWEEN.certificate}-----BEGIN X-----\nMIIB"
    assert split(around) == (BELOW.certificate, BETWEEN.certificate)


def test_reading() -> None:
    assert split(BELOW.certificate + BETWEEN.certificate) == (BELOW.certificate, BETWEEN.certificate)
    assert split(GOOD.certificate.strip()) == (GOOD.certificate, "")
    assert split(BELOW.certificate + BETWEEN.certificate + ROOT.certificate) == (BELOW.certificate, BETWEEN.certificate)
    assert end_of(GOOD.certificate).endswith("Z")


def test_linkerd_signs_on_p256_alone() -> None:
    """linkerd2, pkg/issuercerts: another key is refused by the identity controller, which then does not start."""
    other = authority("Other", ROOT, curve=ec.SECP384R1())

    def problems_of(pem: Pem, mesh: str) -> list[str]:
        below = {"gcp-eu": {"certificate": pem.certificate, "key": pem.key}}
        pki = {"root_certificates": {"default": ROOT.certificate}, "intermediates": below}
        return [fault.problem for fault in brought_faults({mesh: {}, "pki": pki})]

    assert problems_of(GOOD, "linkerd") == []
    assert problems_of(other, "istio") == []
    (problem,) = problems_of(other, "linkerd")
    assert "not ECDSA on P-256" in problem
