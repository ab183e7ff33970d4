"""The keys of the mesh's certificate authorities.

Owns: the keys under `pki`. Does not own: whether values are right (plan/rules/mesh.py and pki.py).
"""

from typing import TypedDict

import pulumi


class IntermediateArgs(TypedDict, total=False):
    """One cluster's intermediate."""

    generation: int
    """1 unless given; a higher number makes a new key and certificate under the same root, in one `pulumi up`."""
    certificate: pulumi.Input[str]
    """Brought: the intermediate as PEM, and after it those between it and the root, if there are any; never its key."""
    key: pulumi.Input[str]
    """Brought: its private key as PEM, without a password; best as a secret."""


class PkiArgs(TypedDict, total=False):
    """The mesh's own certificate authorities."""

    algorithm: str
    """`ECDSA` (P-256) or `RSA`; `ECDSA` unless given: smaller certificates and faster handshakes."""
    rsa_bits: int
    """Bits of an RSA key: 2048, 3072 or 4096; 4096 unless given."""
    organization: str
    """The subject's organization; the mesh's name, such as `Istio`, unless given."""
    root_validity_days: int
    """Life of the root; 3650 unless given."""
    intermediate_validity_days: int
    """Life of each cluster's intermediate; 730 unless given. It cannot outlive the root."""
    renewal_days: int
    """An intermediate is renewed by the first `up` in its last days; 30, or a third of its life, unless given."""
    warning_days: int
    """`up` warns of certificates that end within so many days; 60 unless given, more than `renewal_days`."""
    workload_minutes: int
    """Life of workloads' certificates, which are renewed after half of it; 1440, a day, unless given."""
    roots: list[str]
    """Names of the roots that are trusted, the oldest first; one, called `default`, unless given.

    A root is rotated in steps, each a `pulumi up`: `[default]`; `[default, r2028]` with `issuing: default`; the same
    with `issuing: r2028`; `[r2028]`. docs/pki.md says what to see to in between.
    """
    issuing: str
    """The one of `roots` that signs the intermediates; needed with several."""
    root_certificates: dict[str, str]
    """Brought: the certificate of each root as PEM, by name, and never its key.

    Each cluster's intermediate must then be brought too.
    """
    intermediates: dict[str, IntermediateArgs]
    """By cluster with a control plane: what its intermediate is or, where roots are brought, the intermediate."""
