"""The key by which an AKS cluster's Secrets are encrypted in etcd.

Owns: the key vault and the key that are made here. Does not own: a key that the user brings, nor its permissions.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import containerservice, keyvault

from pulumi_multimesh.clusters.aks_roles import grant_key
from pulumi_multimesh.clusters.aks_site import AksSite
from pulumi_multimesh.plan import names

_PROVIDERS_OWN = "provider"
_LONGEST_VAULT = 15
"""A vault's name has 24 characters at most, with the engine's suffix."""


@dataclass(frozen=True)
class Encryption:
    """How etcd is encrypted, and what must be there before."""

    kms: containerservice.AzureKeyVaultKmsArgsDict | None
    """None: by Azure's own key alone."""
    before: Sequence[pulumi.Resource] = ()


def encryption(
    site: AksSite,
    wish: pulumi.Input[str] | None,
    principal: pulumi.Input[str],
    tenant: pulumi.Input[str],
    *,
    protected: bool,
) -> Encryption:
    """The wished encryption: with a key that is made here, one that is brought, or Azure's own."""
    if isinstance(wish, str) and wish == _PROVIDERS_OWN:
        return Encryption(None)
    if wish is not None:
        return Encryption(_kms(wish))
    vault = _vault(site, tenant, protected=protected)
    key = _key(site, vault)
    return Encryption(_kms(key.key_uri_with_version), [grant_key(site, principal, vault.id)])


def _kms(key: pulumi.Input[str]) -> containerservice.AzureKeyVaultKmsArgsDict:
    # A private vault needs a control plane within the network, which has no public API server.
    return {"enabled": True, "key_id": key, "key_vault_network_access": "Public"}


def _vault(site: AksSite, tenant: pulumi.Input[str], *, protected: bool) -> keyvault.Vault:
    return keyvault.Vault(
        names.bounded(site.name, _LONGEST_VAULT),
        resource_group_name=site.group,
        location=site.region,
        properties={
            "sku": {"family": "A", "name": keyvault.SkuName.STANDARD},
            "tenant_id": tenant,
            "enable_rbac_authorization": True,
            # A cluster whose key is gone is lost, so the key outlives its deletion for this long.
            "enable_soft_delete": True,
            "enable_purge_protection": True,
            "soft_delete_retention_in_days": 90,
            "public_network_access": "Enabled",
        },
        tags=dict(site.tags),
        opts=pulumi.ResourceOptions(parent=site.parent, protect=protected or None),
    )


def _key(site: AksSite, vault: keyvault.Vault) -> keyvault.Key:
    return keyvault.Key(
        f"{site.name}-secrets",
        resource_group_name=site.group,
        vault_name=vault.name,
        properties={"kty": "RSA", "key_size": 2048},
        tags=dict(site.tags),
        opts=pulumi.ResourceOptions(
            parent=site.parent,
            # Azure's management API makes keys and never changes one.
            ignore_changes=["tags"],
            # Deleting a key asks for a right to the vault's data, and the vault takes its keys along.
            deleted_with=vault,
        ),
    )
