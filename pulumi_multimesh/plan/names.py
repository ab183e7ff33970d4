"""Every name of the library is made here.

Owns: logical names, and names inside clusters that must match on both sides. Does not own: the engine's
random suffixes, which make physical names unique.
"""

import hashlib

LONGEST_MESH = 12
LONGEST_CLUSTER = 18
"""With a dash between them and the engine's suffix of eight they fit the 40 characters of a GKE name."""

_DIGITS_OF_HASH = 6

FLAT_NETWORK = "network-flat"
"""The mesh network of all clusters where pods reach each other; a cluster called `flat` has it in no other case."""

_ISTIO = "istio-system"
_EXTERNAL_ISTIO = "external-istiod"
"""As in Istio's own guide; a management cluster may have an Istio of its own beside."""


def istio_namespace(*, external: bool = False) -> str:
    """Istio's namespace; an external control plane has one of its own, of the same name in all that it serves."""
    return _EXTERNAL_ISTIO if external else _ISTIO


def cluster(mesh: str, name: str) -> str:
    """A cluster's logical name: `shop-gcp-eu`."""
    return f"{mesh}-{name}"


def child(parent: str, suffix: str) -> str:
    """The logical name of a part: `shop-gcp-eu-istio`."""
    return f"{parent}-{suffix}"


def cacerts(control_plane: str) -> str:
    """The logical name of a control plane's authority: `shop-gcp-eu-istio-cacerts`."""
    return f"{control_plane}-cacerts"


def trust(control_plane: str) -> str:
    """The logical name of what Linkerd or Consul in a cluster trusts: `shop-gcp-eu-linkerd-trust`."""
    return f"{control_plane}-trust"


def roots(of_trust: str) -> str:
    """That of the roots in it: `shop-gcp-eu-linkerd-trust-roots`."""
    return f"{of_trust}-roots"


def issuer(of_trust: str) -> str:
    """That of Linkerd's issuer: `shop-gcp-eu-linkerd-trust-issuer`."""
    return f"{of_trust}-issuer"


def servers(of_trust: str) -> str:
    """That of the certificate of Consul's servers: `shop-gcp-eu-consul-trust-servers`."""
    return f"{of_trust}-servers"


def network(name: str) -> str:
    """The mesh network of a cluster that has one of its own: `network-gcp-eu`."""
    return f"network-{name}"


def vpn(mesh: str, first: str, second: str) -> str:
    """The logical name of a VPN: `shop-aws-us-gcp-eu`; a tunnel's parts have its index after a dash."""
    return f"{mesh}-{first}-{second}"


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
