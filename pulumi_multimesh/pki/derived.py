"""Values that are secret and random, made from a key of the stack.

Owns: how one becomes the other. Does not own: what they are for. See docs/decisions/0016-keys-of-tunnels.md.
"""

import hashlib
import hmac


def derived(secret: str, purpose: str) -> bytes:
    """32 bytes that nobody guesses who has not the secret; another purpose, and they are others."""
    return hmac.new(secret.encode(), purpose.encode(), hashlib.sha256).digest()
