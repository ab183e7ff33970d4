"""Checks of keys and certificates that a stack makes.

Owns: what pulumi-tls makes, what `MeshPki` says of ends, and keys in the clouds' vaults. Does not own: secrets in a
state (state_secrets.py).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast

from pulumi_multimesh.checks.check import Check, Level
from pulumi_multimesh.checks.cloud_types import Types, by_cloud
from pulumi_multimesh.checks.item import UNREAD, Item, at, is_off, text, texts
from pulumi_multimesh.plan.trust import INTERMEDIATE_VALIDITY_DAYS, WARNING_DAYS

_KEY: Types = ("tls:index/privateKey:PrivateKey",)
_ROOT: Types = ("tls:index/selfSignedCert:SelfSignedCert",)
_SIGNED: Types = ("tls:index/locallySignedCert:LocallySignedCert",)
_PKI: Types = ("multimesh:index:MeshPki",)
"""This library's component, whose outputs tell the ends of brought certificates and of those signed outside too."""
_GCP_KEY: Types = ("gcp:kms/cryptoKey:CryptoKey",)
_AWS_KEY: Types = ("aws:kms/key:Key",)
_AZURE_KEY: Types = ("azure-native:keyvault:Key", "azure-native:keyvault/*:Key")
_SMALLEST_RSA = 2048
"""Bits; NIST SP 800-57 part 1, table 2."""
_LONGEST_ROOT = 24 * 366 * 10
_LONGEST_INTERMEDIATE = 24 * INTERMEDIATE_VALIDITY_DAYS
_LONGEST_LEAF = 24 * 398
"""Hours; what public authorities may issue at most, by the CA/Browser Forum's Baseline Requirements §6.3.2."""


def _number(item: Item, key: str) -> float | None:
    found = at(item.properties, key)
    return float(found) if isinstance(found, int | float) else None


def _weak(item: Item) -> Iterable[str]:
    bits = _number(item, "rsaBits")
    if text(item.properties, "algorithm") == "RSA" and bits is not None and bits < _SMALLEST_RSA:
        yield f"has {bits:.0f} bits"
    if text(item.properties, "algorithm") == "ECDSA" and at(item.properties, "ecdsaCurve") in (None, "P224"):
        yield "is on the curve P-224, which is also what no word means"


def _is_authority(item: Item) -> bool:
    return at(item.properties, "isCaCertificate") is True


def _in_state(item: Item) -> Iterable[str]:
    if _is_authority(item):
        yield "signs for a whole mesh, and its key is in the stack's state"


def _ending(found: Sequence[Item]) -> Iterator[tuple[Item, str]]:
    made = {text(item.properties, "validityEndTime") for item in found}
    for item in found:
        for called, said in _ends(item):
            # A certificate that the stack makes is told by itself.
            if called and said in made:
                continue
            ends = _moment(said)
            left = (ends - datetime.now(UTC)).days if ends is not None else WARNING_DAYS
            if left < WARNING_DAYS:
                told = f"ended on {said}" if left < 0 else f"ends in {left} days, on {said}"
                yield item, f"{called} {told}" if called else told


def _ends(item: Item) -> Iterator[tuple[str, str]]:
    """What it says of ends, by certificate: of itself without a name, of a mesh's authorities with theirs."""
    if item.type not in _PKI:
        yield "", text(item.properties, "validityEndTime")
        return
    ends = at(item.properties, "ends")
    for called in cast("Mapping[str, Any]", ends) if isinstance(ends, Mapping) else ():
        yield called, text(ends, called)


def _moment(said: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(said)
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _too_long(item: Item) -> Iterable[str]:
    hours = _number(item, "validityPeriodHours")
    longest = _LONGEST_LEAF
    if _is_authority(item):
        longest = _LONGEST_ROOT if item.type in _ROOT else _LONGEST_INTERMEDIATE
    if hours is not None and hours > longest:
        yield f"is valid for {hours / 24:.0f} days; {longest // 24} are enough"


def _signs(item: Item) -> Iterable[str]:
    uses = texts(item.properties, "allowedUses")
    if "cert_signing" in uses and not _is_authority(item):
        yield "may sign certificates and is no authority's"


def _rests_gcp(item: Item) -> Iterable[str]:
    encrypts = at(item.properties, "purpose") in (None, "ENCRYPT_DECRYPT")
    if encrypts and at(item.properties, "rotationPeriod") is None:
        yield "is never rotated"


def _rests_aws(item: Item) -> Iterable[str]:
    encrypts = at(item.properties, "keyUsage") in (None, "ENCRYPT_DECRYPT")
    if encrypts and is_off(item.properties, "enableKeyRotation"):
        yield "is never rotated"


def _leaves_azure(item: Item) -> Iterable[str]:
    if at(item.properties, "properties", "attributes", "exportable") is True:
        yield "may leave its vault"


def _leaves_aws(item: Item) -> Iterable[str]:
    if at(item.properties, "multiRegion") is True:
        yield "is copied to other regions"


def _leaves_gcp(item: Item) -> Iterable[str]:
    level = at(item.properties, "versionTemplate", "protectionLevel")
    if at(item.properties, "importOnly") is True and level is not UNREAD:
        yield "is brought from outside, where somebody else has it too"


CHECKS = (
    Check(
        id="key-weak",
        level=Level.MANDATORY,
        title="A key is long enough.",
        why="RSA below 2048 bits and the curve P-224 are within reach of who can pay for it, for as long as what they "
        "protect was recorded.",
        remedy="ECDSA with P-256, or RSA with 2048 bits and more.",
        source="NIST SP 800-57 part 1",
        types=_KEY,
        look=_weak,
    ),
    Check(
        id="authority-key-in-state",
        level=Level.ADVISORY,
        title="The key of the root is outside the stack.",
        why="The state's encryption is all that keeps it: whoever may decrypt the stack can make a mesh's identities.",
        remedy="Bring intermediates, or let an authority outside sign them: `pki.intermediates`, or an "
        "`ExternalAuthority`.",
        source="NIST SP 800-57 part 2, §2.3.9",
        types=_ROOT,
        look=_in_state,
    ),
    Check(
        id="certificate-ending",
        # A stop would stop the very update that replaces it.
        level=Level.ADVISORY,
        title="No certificate ends soon.",
        why="When an authority's ends, every workload's does, in all clusters at once.",
        remedy="Run `pulumi up`, which renews in time what it makes, and bring others in the place of those that you "
        "brought; `multimesh certificates` tells what ends when, and "
        "docs/pki.md how a root is rotated.",
        source="RFC 5280 §4.1.2.5",
        types=(*_ROOT, *_SIGNED, *_PKI),
        survey=_ending,
    ),
    Check(
        id="certificate-too-long",
        level=Level.ADVISORY,
        title="A certificate does not live longer than anybody remembers.",
        why="A key that leaked is good until its certificate ends: there is no revocation in a mesh.",
        remedy="Ten years for a root, two for an intermediate, 398 days for anything else, and rotate in between.",
        source="https://cabforum.org/working-groups/server/baseline-requirements/requirements/",
        types=(*_ROOT, *_SIGNED),
        look=_too_long,
    ),
    Check(
        id="certificate-signs",
        level=Level.MANDATORY,
        title="Only an authority may sign.",
        why="Not everything that verifies looks at both the key usage and the basic constraints.",
        remedy="Remove `cert_signing` from `allowedUses`, or set `isCaCertificate`.",
        source="RFC 5280 §4.2.1.3",
        types=(*_ROOT, *_SIGNED),
        look=_signs,
    ),
    Check(
        id="vault-key-rests",
        level=Level.ADVISORY,
        title="A key in a vault is rotated.",
        why="What was encrypted under one key for years is lost with it at once.",
        remedy="GCP: `rotationPeriod`. AWS: `enableKeyRotation: true`.",
        source="https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html",
        types=(*_GCP_KEY, *_AWS_KEY),
        look=by_cloud({_GCP_KEY: _rests_gcp, _AWS_KEY: _rests_aws}),
    ),
    Check(
        id="vault-key-leaves",
        level=Level.MANDATORY,
        title="A key does not leave its vault.",
        why="What can be taken out can be used without a trace of it in the vault's log.",
        remedy="Azure: no `exportable`. AWS: one key for each region. GCP: let the vault make it.",
        source="https://learn.microsoft.com/azure/key-vault/keys/policy-grammar",
        types=(*_AZURE_KEY, *_AWS_KEY, *_GCP_KEY),
        look=by_cloud({_AZURE_KEY: _leaves_azure, _AWS_KEY: _leaves_aws, _GCP_KEY: _leaves_gcp}),
    ),
)
