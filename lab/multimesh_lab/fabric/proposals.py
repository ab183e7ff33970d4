"""Algorithms of IKE and ESP, each under the one name that strongSwan has for it.

Owns: the translation from every cloud's words, and what two ends share. Does not own: what a cloud proposes unless it
is told otherwise (gcp.py, aws.py, azure.py, oci.py).
"""

import re
from collections.abc import Iterable, Sequence

from multimesh_lab.fabric.model import Proposal

NO_PFS = "none"
_GROUPS = {
    1: "modp768",
    2: "modp1024",
    5: "modp1536",
    14: "modp2048",
    15: "modp3072",
    16: "modp4096",
    17: "modp6144",
    18: "modp8192",
    19: "ecp256",
    20: "ecp384",
    21: "ecp521",
    22: "modp1024s160",
    23: "modp2048s224",
    24: "modp2048s256",
}
"""By number (IANA, "Internet Key Exchange Version 2 (IKEv2) Parameters", transform type 4)."""
_BITS = {"2048": 14, "3072": 15, "4096": 16}
"""Azure also calls a group by the length of its prime: `DHGroup2048`, `PFS2048`."""


def proposal(encryption: Iterable[object], integrity: Iterable[object], groups: Iterable[object]) -> Proposal:
    """The proposal that a cloud writes in its own words."""
    return Proposal(
        tuple(dict.fromkeys(_encryption(str(word)) for word in encryption)),
        tuple(dict.fromkeys(_integrity(str(word)) for word in integrity)),
        tuple(dict.fromkeys(group(word) for word in groups)),
    )


def group(word: object) -> str:
    """A Diffie-Hellman group: `14`, `Group-14`, `DHGroup14`, `PFS2048`, `GROUP14`, `ECP256`, `None`."""
    if isinstance(word, int | float):
        return _GROUPS.get(int(word), f"group {int(word)}")
    upper = str(word).upper()
    if upper in ("NONE", ""):
        return NO_PFS
    digits = "".join(re.findall(r"\d+", upper))
    if upper.startswith("ECP"):
        return f"ecp{digits}"
    return _GROUPS.get(_BITS.get(digits, int(digits or 0)), upper.lower())


def lacking(one: Proposal, other: Proposal) -> list[tuple[str, Sequence[str], Sequence[str]]]:
    """What the two have not in common, with what each accepts; none when they can agree."""
    ciphers = [word for word in one.encryption if word in other.encryption]
    found: list[tuple[str, Sequence[str], Sequence[str]]] = []
    if not ciphers:
        found.append(("encryption", one.encryption, other.encryption))
    # A combined-mode cipher brings its own integrity (RFC 7296, 3.3).
    combined = any("gcm" in word for word in ciphers)
    if not combined and not set(one.integrity) & set(other.integrity):
        found.append(("integrity", one.integrity, other.integrity))
    if not set(one.groups) & set(other.groups):
        found.append(("Diffie-Hellman group", one.groups, other.groups))
    return found


def _encryption(word: str) -> str:
    upper = word.upper()
    bits = re.search(r"128|192|256", upper)
    if "AES" not in upper or bits is None:
        return "3des" if "3" in upper and "DES" in upper else upper.lower()
    if "GCM" in upper:
        return f"aes{bits.group()}gcm16"
    return f"aes{bits.group()}{'ctr' if 'CTR' in upper else ''}"


def _integrity(word: str) -> str:
    upper = word.upper()
    if "GCM" in upper:
        return _encryption(word)
    bits = re.search(r"256|384|512", upper)
    if bits:
        return f"sha{bits.group()}"
    return "sha1" if "SHA" in upper else upper.lower()
