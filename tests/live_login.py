"""An issuer of tokens, made here, with a key of its own: what live tests sign on with."""

import base64
import json
import time
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

ISSUER = "https://login.example.com"


class Login:
    """An issuer of tokens with a key of its own."""

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def key_set(self) -> str:
        """The public key as a JSON Web Key Set (RFC 7517)."""
        numbers = self._key.public_key().public_numbers()
        key = {
            "kty": "RSA",
            "alg": "RS256",
            "use": "sig",
            "kid": "lab",
            "n": _text(numbers.n.to_bytes(256)),
            "e": _text(numbers.e.to_bytes(3)),
        }
        return json.dumps({"keys": [key]})

    def token(self, *, ends_in: int = 3600, **claims: Any) -> str:
        """A token (RFC 7519), signed with RS256; `ends_in` seconds."""
        now = int(time.time())
        said = {"iss": ISSUER, "sub": "me", "aud": "shop", "team": "shop", "iat": now, "exp": now + ends_in, **claims}
        parts = ({"alg": "RS256", "typ": "JWT", "kid": "lab"}, said)
        head = ".".join(_text(json.dumps(part).encode()) for part in parts)
        return f"{head}.{_text(self._key.sign(head.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
