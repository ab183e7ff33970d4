"""Every name of the library is made here.

Owns: logical names, and names inside clusters that must match on both sides. Does not own: the engine's
random suffixes, which make physical names unique.
"""

import hashlib

LONGEST_MESH = 12
LONGEST_CLUSTER = 18
"""With a dash between them and the engine's suffix of eight they fit the 40 characters of a GKE name."""

_DIGITS_OF_HASH = 6


def cluster(mesh: str, name: str) -> str:
    """A cluster's logical name: `shop-gcp-eu`."""
    return f"{mesh}-{name}"


def child(parent: str, suffix: str) -> str:
    """The logical name of a part: `shop-gcp-eu-istio`."""
    return f"{parent}-{suffix}"


def network(name: str) -> str:
    """The mesh network of a cluster that has one of its own: `network-gcp-eu`."""
    return f"network-{name}"


def remote_secret(name: str) -> str:
    """The Secret by which an istiod reads another cluster, as `istioctl create-remote-secret` calls it."""
    return f"istio-remote-secret-{name}"


def bounded(text: str, limit: int) -> str:
    """The text while it fits; else its beginning and a hash of the whole, so that two long names stay two."""
    if limit <= _DIGITS_OF_HASH + 1:
        raise ValueError(f"limit is {limit}; a bounded name needs more than {_DIGITS_OF_HASH + 1} characters")
    if len(text) <= limit:
        return text
    digest = hashlib.sha256(text.encode()).hexdigest()[:_DIGITS_OF_HASH]
    return f"{text[: limit - _DIGITS_OF_HASH - 1].rstrip('-')}-{digest}"
