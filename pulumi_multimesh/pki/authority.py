"""What a mesh's certificate authorities are made of, whoever makes them.

Owns: the shapes, and the interface by which an authority outside signs. Does not own: any key or signature (made.py,
brought.py, and what users give).
"""

from dataclasses import dataclass, field
from typing import Protocol

import pulumi


@dataclass(frozen=True)
class Authority:
    """A cluster's authority, as PEM."""

    certificate: pulumi.Output[str]
    key: pulumi.Output[str]
    """A secret."""
    root: pulumi.Output[str]
    """All roots that the cluster trusts, the oldest first."""
    chain: pulumi.Output[str]
    """The certificate, those between it and its root, and that root."""
    bundle: pulumi.Output[str]
    """The same without the root."""
    annotations: dict[str, str] = field(default_factory=dict[str, str])
    """What the Secret says of it, so that the next `up` knows what this one left; nothing where no roots are named."""


@dataclass(frozen=True)
class CertificateRequest:
    """A request for the intermediate of one cluster, whose key stays in the stack."""

    name: str
    """A logical name that is unique in the mesh, for the resources that sign: `shop-pki-gcp-eu`."""
    cluster: str
    pem: pulumi.Output[str]
    """PKCS #10 as PEM, with the subject and the name `istiod.istio-system.svc`."""
    root: str
    """Under which of `pki.roots` to sign; `default` where there is one."""
    validity_hours: int
    """As `pki.intermediate_validity_days` has it."""
    parent: pulumi.Resource
    """For the resources that sign, so that they belong to the mesh."""


@dataclass(frozen=True)
class SignedCertificate:
    """An authority's answer, as PEM."""

    certificate: pulumi.Input[str]
    """An authority itself: CA true, a path length of 0 or none, and no extended key usage."""
    between: pulumi.Input[str] = ""
    """The certificates between it and the root, the nearest first; none unless given. The root may be among them."""


class ExternalAuthority(Protocol):
    """An authority outside the mesh: yours, by resources of whatever provider it has."""

    def root(self, name: str) -> pulumi.Input[str]:
        """The certificate of the root of that name, as PEM; `default` where `pki.roots` names none."""
        ...

    def sign(self, request: CertificateRequest) -> SignedCertificate:
        """An intermediate for a cluster; called once for each in a program, so it registers resources."""
        ...


@dataclass(frozen=True)
class Intermediate:
    """What a source gives for one cluster."""

    certificate: pulumi.Output[str]
    between: pulumi.Output[str]
    key: pulumi.Output[str]
    ends: pulumi.Output[str]
    """When the certificate ends, by RFC 3339."""


@dataclass(frozen=True)
class Root:
    """What a source gives for one root."""

    certificate: pulumi.Output[str]
    ends: pulumi.Output[str]
    """When it ends, by RFC 3339."""


class Source(Protocol):
    """Where roots and intermediates come from."""

    def root(self, name: str) -> Root:
        """The root of that name."""
        ...

    def intermediate(self, cluster: str, root: str) -> Intermediate:
        """The intermediate of the cluster under that root."""
        ...
