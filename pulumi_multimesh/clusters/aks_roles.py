"""Who acts in an AKS cluster's name, and what each may do.

Owns: the identities of control plane and nodes, and every role given for the cluster. Does not own: workloads'
identities, which belong to the workloads.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_azure_native import authorization, containerservice, managedidentity

from pulumi_multimesh.clusters.aks_site import AksSite
from pulumi_multimesh.clusters.azure_facts import identity_of
from pulumi_multimesh.config import AksNetworkIds

# Azure, "Azure built-in roles".
_NETWORK_CONTRIBUTOR = "4d97b98b-1d4f-4787-a291-c67834d212e7"
_MANAGED_IDENTITY_OPERATOR = "f1a07417-d97a-45cb-824c-7a7467783830"
_ACR_PULL = "7f951dda-4ed3-4680-a7ca-43fe172d538d"
_KEY_VAULT_CRYPTO_USER = "12338af0-0e69-4776-bea7-57ae8d297424"
_AKS_RBAC_CLUSTER_ADMIN = "b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b"
_AZURE_CLI = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"
"""The application in whose name the Azure CLI acts when a person has logged in."""


@dataclass(frozen=True)
class Identities:
    """The identities of a cluster, and the roles that must be there before the cluster is."""

    control_plane: managedidentity.UserAssignedIdentity
    control_plane_principal: pulumi.Output[str]
    kubelet: managedidentity.UserAssignedIdentity
    kubelet_profile: containerservice.UserAssignedIdentityArgsDict
    roles: Sequence[authorization.RoleAssignment]


def identities(site: AksSite, ids: AksNetworkIds, registries: Sequence[pulumi.Input[str]]) -> Identities:
    """Identities that are made before the cluster, so that their roles are there when it needs them.

    The nodes' own one would else be made by AKS, and be known only when the nodes already pull images.
    """
    control_plane, kubelet = _identity(site, "control-plane"), _identity(site, "kubelet")
    acting = identity_of(control_plane, site.group).principal_id
    puller = identity_of(kubelet, site.group)
    roles = [
        # To join nodes and internal load balancers to subnets that it did not make.
        _grant(site, "joins-nodes", _NETWORK_CONTRIBUTOR, acting, ids["nodes_subnet_id"]),
        # To give the nodes their identity.
        _grant(site, "assigns-kubelet", _MANAGED_IDENTITY_OPERATOR, acting, kubelet.id),
    ]
    if "pods_subnet_id" in ids:
        roles.append(_grant(site, "joins-pods", _NETWORK_CONTRIBUTOR, acting, ids["pods_subnet_id"]))
    for key, registry in named_registries(registries).items():
        roles.append(_grant(site, f"pulls-{key}", _ACR_PULL, puller.principal_id, registry))
    profile: containerservice.UserAssignedIdentityArgsDict = {
        "resource_id": kubelet.id,
        "object_id": puller.principal_id,
        "client_id": puller.client_id,
    }
    return Identities(control_plane, acting, kubelet, profile, roles)


def named_registries(registries: Sequence[pulumi.Input[str]]) -> dict[str, pulumi.Input[str]]:
    """Registries by name, so that a list in another order changes nothing; by place, where the id is an output."""
    return {
        registry.rstrip("/").rpartition("/")[2].lower() if isinstance(registry, str) else str(place): registry
        for place, registry in enumerate(registries)
    }


def grant_key(site: AksSite, principal: pulumi.Input[str], vault_id: pulumi.Input[str]) -> authorization.RoleAssignment:
    """Let the control plane encrypt and decrypt with the vault's keys."""
    return _grant(site, "uses-key", _KEY_VAULT_CRYPTO_USER, principal, vault_id)


def creator_role(
    site: AksSite, client: pulumi.Output[authorization.GetClientConfigResult], scope: pulumi.Input[str]
) -> authorization.RoleAssignment:
    """Let the identity that creates the cluster administer what is in it: Entra knows no such right by itself."""
    return authorization.RoleAssignment(
        f"{site.name}-creator",
        principal_id=client.object_id,
        # The SDK says User unless told; Azure refuses a type that is not the principal's own.
        principal_type=client.client_id.apply(lambda app: "User" if app == _AZURE_CLI else "ServicePrincipal"),
        role_definition_id=_definition(scope, _AKS_RBAC_CLUSTER_ADMIN),
        scope=scope,
        opts=pulumi.ResourceOptions(
            parent=site.parent,
            # Who runs Pulumi later is somebody else, and no reason to take the creator's right away.
            ignore_changes=["principalId", "principalType"],
        ),
    )


def _identity(site: AksSite, part: str) -> managedidentity.UserAssignedIdentity:
    return managedidentity.UserAssignedIdentity(
        f"{site.name}-{part}",
        resource_group_name=site.group,
        location=site.region,
        tags=dict(site.tags),
        opts=site.child(),
    )


def _grant(
    site: AksSite, what: str, role: str, principal: pulumi.Input[str], scope: pulumi.Input[str]
) -> authorization.RoleAssignment:
    return authorization.RoleAssignment(
        f"{site.name}-{what}",
        principal_id=principal,
        # Told, Azure does not look for a principal that Entra has not heard of yet.
        principal_type="ServicePrincipal",
        role_definition_id=_definition(scope, role),
        scope=scope,
        opts=site.child(),
    )


def _definition(scope: pulumi.Input[Any], role: str) -> pulumi.Output[str]:
    """The role's id in the subscription of the scope: `/subscriptions/<id>/…`."""

    def within(where: str) -> str:
        subscription = where.split("/")[2]
        return f"/subscriptions/{subscription}/providers/Microsoft.Authorization/roleDefinitions/{role}"

    return pulumi.Output.from_input(scope).apply(within)
