"""How a private key or a token is told from other texts.

Owns: these texts, in the clear and in base64. Does not own: where they are looked for.
"""

import base64
import binascii
import re
from collections.abc import Iterator

_IN_THE_CLEAR = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----|eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}")
"""A private key as PEM (RFC 7468 §10), and a JSON Web Token (RFC 7519 §3)."""
_ENCODED = re.compile(r"[A-Za-z0-9+/_-]{40,}(?:\r?\n[A-Za-z0-9+/_-]+)*={0,2}")
"""Base64 (RFC 4648 §4 and §5), also broken into lines."""
_DEPTH = 2
"""A kubeconfig that a cloud hands out in base64 has its user's key in base64 once more."""


def holds_secret(value: str) -> bool:
    """Whether a text has a private key or a token in it, as it is or in base64."""
    return _holds(value, _DEPTH)


def _holds(value: str, depth: int) -> bool:
    if _IN_THE_CLEAR.search(value) is not None:
        return True
    return depth > 0 and any(_holds(inner, depth - 1) for inner in _decoded(value))


def _decoded(value: str) -> Iterator[str]:
    for found in _ENCODED.finditer(value):
        encoded = re.sub(r"[\r\n=]", "", found[0]).translate(str.maketrans("-_", "+/"))
        try:
            yield base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True).decode("utf-8", "replace")
        except binascii.Error:
            continue
