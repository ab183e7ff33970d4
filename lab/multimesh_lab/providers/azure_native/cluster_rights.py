"""Which identities an AKS cluster has, and what they must be allowed before it is made.

Owns: these rules, with those of the key for etcd and of logins. Does not own: who has which role (authorization).
"""

import re
from collections.abc import Iterator

from multimesh_lab.providers.azure_native import ids
from multimesh_lab.providers.azure_native.authorization import (
    CONTRIBUTOR,
    KEY_VAULT_ADMINISTRATOR,
    KEY_VAULT_CRYPTO_OFFICER,
    KEY_VAULT_CRYPTO_USER,
    MANAGED_IDENTITY_OPERATOR,
    NETWORK_CONTRIBUTOR,
    may,
)
from multimesh_lab.providers.azure_native.tokens import IDENTITY, KEY, VAULT
from multimesh_lab.providers.kinds import Call
from multimesh_lab.providers.store import Record

_KEY_URI = re.compile(r"^https://([\w-]+)\.vault\.azure\.net/keys/([\w-]+)(?:/([0-9a-f]{32}))?$")


def control_plane(call: Call) -> Record | None:
    """The identity in whose name the control plane acts; none when Azure makes one."""
    given = ids.listed(ids.within(call.inputs, "identity"), "userAssignedIdentities")
    return ids.must_find(call.store, IDENTITY, given[0], "identity.userAssignedIdentities[0]") if given else None


def check_identities(call: Call) -> None:
    identity = ids.within(call.inputs, "identity")
    given, kind = ids.listed(identity, "userAssignedIdentities"), identity.get("type")
    # "Use a managed identity in AKS" (learn.microsoft.com): one of the two kinds, one identity of the user's own.
    if kind not in ("SystemAssigned", "UserAssigned"):
        raise _invalid(f"identity.type '{kind}' must be SystemAssigned or UserAssigned")
    if (kind == "UserAssigned") != (len(given) == 1):
        raise _invalid(f"identity: {kind} with {len(given)} userAssignedIdentities; UserAssigned has exactly one")
    acting = control_plane(call)
    kubelet = ids.within(call.inputs, "identityProfile", "kubeletidentity")
    if kubelet:
        if acting is None:
            raise _invalid("identityProfile.kubeletidentity needs an identity of type UserAssigned")
        _kubelet(call, acting, kubelet.get("resourceId"))
        before = ids.within(call.old, "identityProfile", "kubeletidentity").get("resourceId")
        if before and not ids.same(before, kubelet.get("resourceId")):
            raise _invalid("identityProfile.kubeletidentity cannot be changed after the cluster's creation")
    if acting is not None:
        _joins(call, acting)


def _kubelet(call: Call, acting: Record, kubelet: object) -> None:
    found = ids.must_find(call.store, IDENTITY, kubelet, "identityProfile.kubeletidentity.resourceId")
    # The same article: the control plane's identity needs Managed Identity Operator on the kubelet's identity.
    if not may(call.store, acting.outputs["principalId"], (MANAGED_IDENTITY_OPERATOR, CONTRIBUTOR), found.id):
        message = (
            "The cluster using user-assigned managed identity must be granted 'Managed Identity Operator' role to "
            f"assign kubelet identity. Cluster identity {acting.id}, kubelet identity {found.id}."
        )
        raise ids.invalid("CustomKubeletIdentityMissingPermissionError", message)


def _joins(call: Call, acting: Record) -> None:
    # "Bring your own subnet": the same article, and "Troubleshoot LinkedAuthorizationFailed" (learn.microsoft.com).
    for what, subnet in subnets(call):
        if not may(call.store, acting.outputs["principalId"], (NETWORK_CONTRIBUTOR, CONTRIBUTOR), subnet):
            message = (
                f"The client with object id '{acting.outputs['principalId']}' does not have permission to perform "
                f"action 'Microsoft.Network/virtualNetworks/subnets/join/action' on {what} '{subnet}'. "
                "Give the identity the role Network Contributor there before the cluster is made."
            )
            raise ids.refused(403, "LinkedAuthorizationFailed", message)


def subnets(call: Call) -> Iterator[tuple[str, str]]:
    """Where the pools' nodes and pods are."""
    for index, pool in enumerate(ids.listed(call.inputs, "agentPoolProfiles")):
        for key in ("vnetSubnetID", "podSubnetID"):
            if pool.get(key):
                yield f"agentPoolProfiles[{index}].{key}", str(pool[key])


def check_logins(call: Call) -> None:
    # "Manage local accounts with AKS-managed Microsoft Entra integration" (learn.microsoft.com).
    entra = ids.within(call.inputs, "aadProfile")
    if call.inputs.get("disableLocalAccounts") and not entra.get("managed"):
        raise _invalid("disableLocalAccounts needs aadProfile.managed: nobody else could log in")
    if entra.get("enableAzureRBAC") and call.inputs.get("enableRBAC") is False:
        raise _invalid("aadProfile.enableAzureRBAC needs enableRBAC")
    # "Integrate Microsoft Entra ID with AKS" (learn.microsoft.com): it cannot be taken away again.
    if ids.within(call.old, "aadProfile").get("managed") and not entra.get("managed"):
        raise _invalid("aadProfile.managed: Entra integration cannot be disabled once it is enabled")
    # "Deploy and configure workload identity" (learn.microsoft.com), and the OIDC issuer stays once it is there.
    issuer = ids.within(call.inputs, "oidcIssuerProfile").get("enabled")
    if ids.within(call.inputs, "securityProfile", "workloadIdentity").get("enabled") and not issuer:
        raise _invalid("securityProfile.workloadIdentity needs oidcIssuerProfile.enabled")
    if ids.within(call.old, "oidcIssuerProfile").get("enabled") and not issuer:
        raise _invalid("oidcIssuerProfile.enabled: the OIDC issuer cannot be disabled once it is enabled")


def check_encryption(call: Call) -> None:
    # "Add Key Management Service etcd encryption to an AKS cluster" (learn.microsoft.com).
    kms = ids.within(call.inputs, "securityProfile", "azureKeyVaultKms")
    if not kms.get("enabled"):
        return
    match = _KEY_URI.match(str(kms.get("keyId")))
    if match is None or match[3] is None:
        message = f"securityProfile.azureKeyVaultKms.keyId '{kms.get('keyId')}' must be a key's URI with its version"
        raise _invalid(message)
    vault = next((each for each in call.store.all(VAULT) if ids.same(each.outputs["name"], match[1])), None)
    keys = [each for each in call.store.all(KEY) if each.outputs.get("keyUriWithVersion") == match[0]]
    if vault is None or not keys:
        raise _invalid(f"securityProfile.azureKeyVaultKms.keyId: no key {match[0]} was found")
    acting = control_plane(call)
    roles = (KEY_VAULT_CRYPTO_USER, KEY_VAULT_CRYPTO_OFFICER, KEY_VAULT_ADMINISTRATOR)
    if acting is None or not may(call.store, acting.outputs["principalId"], roles, vault.id):
        message = (
            "securityProfile.azureKeyVaultKms: the cluster's identity has no permission to encrypt and decrypt with "
            f"key {match[0]}; give it the role Key Vault Crypto User on {vault.id} before"
        )
        raise ids.invalid("InvalidParameter", f"{message}.")
    public = ids.within(vault.outputs, "properties").get("publicNetworkAccess", "Enabled") != "Disabled"
    if public != (kms.get("keyVaultNetworkAccess", "Public") == "Public"):
        raise _invalid(
            "securityProfile.azureKeyVaultKms.keyVaultNetworkAccess must fit the vault's publicNetworkAccess"
        )


def _invalid(message: str) -> Exception:
    return ids.invalid("InvalidParameter", f"{message}.")
