"""What tells certificates from others, written on pods that read theirs at their start alone.

Owns: the annotation and its value. Does not own: which pods those are (linkerd/trust.py, consul/trust.py).
"""

import hashlib
from collections.abc import Sequence

import pulumi

CERTIFICATES = "multimesh.pulumi.com/certificates"
"""The annotation; pods with another value are other pods, so that a controller replaces them one after the other."""
_DIGITS = 16


def fingerprint(*certificates: pulumi.Input[str]) -> pulumi.Output[str]:
    """The beginning of the SHA-256 of these certificates as PEM, in hex; of public ones, since anybody may read it."""
    return pulumi.Output.all(*certificates).apply(_digest)


def _digest(found: Sequence[str]) -> str:
    return hashlib.sha256("".join(found).encode()).hexdigest()[:_DIGITS]
