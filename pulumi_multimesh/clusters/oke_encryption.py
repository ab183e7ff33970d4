"""The key by which an OKE cluster's Secrets are encrypted in etcd.

Owns: the vault and the key that are made here. Does not own: a key that the user brings, nor its policy.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_oci import kms

from pulumi_multimesh.clusters.oke_policies import key_policy
from pulumi_multimesh.clusters.oke_site import OkeSite

_PROVIDERS_OWN = "provider"
_AES_256 = 32
"""Bytes."""


@dataclass(frozen=True)
class Encryption:
    """How etcd is encrypted, and what must be there before."""

    key_id: pulumi.Input[str] | None
    """None: by Oracle's own key alone."""
    before: Sequence[pulumi.Resource] = ()


def encryption(site: OkeSite, wish: pulumi.Input[str] | None, *, protected: bool) -> Encryption:
    """The wished encryption: with a key that is made here, one that is brought, or Oracle's own."""
    if isinstance(wish, str) and wish == _PROVIDERS_OWN:
        return Encryption(None)
    if wish is not None:
        return Encryption(wish)
    key = _key(site, protected=protected)
    return Encryption(key.id, [key_policy(site, key.id)])


def _key(site: OkeSite, *, protected: bool) -> kms.Key:
    vault = kms.Vault(
        site.name,
        compartment_id=site.compartment,
        display_name=site.name,
        # A private vault costs thousands a month and is no safer for one key.
        vault_type="DEFAULT",
        freeform_tags=site.tags,
        opts=site.child(protect=protected),
    )
    return kms.Key(
        site.part("secrets"),
        compartment_id=site.compartment,
        management_endpoint=vault.management_endpoint,
        display_name=site.part("secrets"),
        key_shape={"algorithm": "AES", "length": _AES_256},
        protection_mode="HSM",
        freeform_tags=site.tags,
        # A cluster whose key is gone is lost.
        opts=site.child(protect=protected),
    )
