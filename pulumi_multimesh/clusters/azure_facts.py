"""What Azure chose for a resource, asked of Azure itself.

While azure-native previews an update of a resource, it knows no outputs but the inputs, `name`, `location` and the id
(pulumi-azure-native, provider.go, Update). A changed tag would then make an identity's principal or an address unknown,
and role assignments would look replaced. A question by name has its answer in such a preview too, and no answer before
the resource is there. Owns: these questions. Does not own: the kubeconfig (aks_login.py).
"""

import pulumi
from pulumi_azure_native import containerservice, managedidentity, network


def identity_of(
    identity: managedidentity.UserAssignedIdentity, group: pulumi.Input[str]
) -> pulumi.Output[managedidentity.GetUserAssignedIdentityResult]:
    """The identity with the ids that Entra gave it."""
    return managedidentity.get_user_assigned_identity_output(
        resource_group_name=group, resource_name=identity.name, opts=_asked_of(identity)
    )


def address_of(address: network.PublicIPAddress, group: pulumi.Input[str]) -> pulumi.Output[str]:
    """The IPv4 address itself."""
    found = network.get_public_ip_address_output(
        resource_group_name=group, public_ip_address_name=address.name, opts=_asked_of(address)
    )
    return found.ip_address.apply(lambda ip: ip or "")


def issuer_of(cluster: containerservice.ManagedCluster, group: pulumi.Input[str]) -> pulumi.Output[str]:
    """The issuer of the cluster's service account tokens."""
    found = containerservice.get_managed_cluster_output(
        resource_group_name=group, resource_name=cluster.name, opts=_asked_of(cluster)
    )
    return found.oidc_issuer_profile.apply(lambda profile: profile.issuer_url if profile else "")


def _asked_of(resource: pulumi.Resource) -> pulumi.InvokeOutputOptions:
    return pulumi.InvokeOutputOptions(parent=resource, depends_on=[resource])
