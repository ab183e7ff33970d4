"""Algorithms by every cloud's name for them, and what two ends share."""

import pytest

from multimesh_lab.fabric.model import Proposal
from multimesh_lab.fabric.proposals import group, lacking, proposal


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("AES256", "AES-CBC-256", "AES_256_CBC"), ("aes256",)),
        (("AES128", "AES-CBC-128", "AES_128_CBC"), ("aes128",)),
        (("AES-CBC-192", "AES192", "AES_192_CBC"), ("aes192",)),
        (("AES256-GCM-16", "AES-GCM-16-256", "GCMAES256", "AES_256_GCM"), ("aes256gcm16",)),
        (("AES128-GCM-16", "AES-GCM-16-128", "GCMAES128", "AES_128_GCM"), ("aes128gcm16",)),
        (("DES3",), ("3des",)),
    ],
)
def test_ciphers(words: tuple[str, ...], expected: tuple[str, ...]) -> None:
    assert proposal(words, (), ()).encryption == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("SHA256", "SHA2-256", "HMAC-SHA2-256-128", "SHA2_256", "HMAC_SHA2_256_128"), ("sha256",)),
        (("SHA384", "SHA2-384", "HMAC-SHA2-384-192", "SHA2_384"), ("sha384",)),
        (("SHA1", "HMAC-SHA1-96", "SHA1_96", "HMAC_SHA1_128"), ("sha1",)),
        (("SHA2-512",), ("sha512",)),
        (("GCMAES256",), ("aes256gcm16",)),
        (("MD5",), ("md5",)),
    ],
)
def test_digests(words: tuple[str, ...], expected: tuple[str, ...]) -> None:
    assert proposal((), words, ()).integrity == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ((14, 14.0, "Group-14", "DHGroup14", "DHGroup2048", "PFS14", "PFS2048", "GROUP14"), "modp2048"),
        ((2, "DHGroup2", "PFS2", "GROUP2"), "modp1024"),
        ((5, "GROUP5"), "modp1536"),
        ((19, "ECP256", "GROUP19"), "ecp256"),
        ((20, "ECP384"), "ecp384"),
        ((24, "DHGroup24", "PFS24", "GROUP24"), "modp2048s256"),
        (("None", "none"), "none"),
    ],
)
def test_groups(words: tuple[object, ...], expected: str) -> None:
    assert {group(word) for word in words} == {expected}


def test_names_of_strongswan_stay_what_they_are() -> None:
    known = proposal(("AES256", "AES-GCM-16-128"), ("SHA256", "SHA1"), (14, 19, 5))
    assert proposal(known.encryption, known.integrity, known.groups) == known


def test_what_two_ends_have_not_in_common() -> None:
    one = Proposal(("aes256",), ("sha256",), ("modp2048",))
    assert lacking(one, one) == []
    assert lacking(one, Proposal(("aes128", "aes256"), ("sha1", "sha256"), ("ecp256", "modp2048"))) == []
    assert lacking(one, Proposal(("aes128",), ("sha1",), ("none",))) == [
        ("encryption", ("aes256",), ("aes128",)),
        ("integrity", ("sha256",), ("sha1",)),
        ("Diffie-Hellman group", ("modp2048",), ("none",)),
    ]


def test_a_combined_cipher_brings_its_own_integrity() -> None:
    one = Proposal(("aes256gcm16",), ("aes256gcm16",), ("modp2048",))
    assert lacking(one, Proposal(("aes256gcm16", "aes256"), ("sha256",), ("modp2048",))) == []
    # Without a combined cipher in common it still takes a digest.
    assert [what for what, _, _ in lacking(one, Proposal(("aes256",), ("sha256",), ("modp2048",)))] == [
        "encryption",
        "integrity",
    ]
