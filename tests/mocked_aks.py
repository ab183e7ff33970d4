"""What Azure computes, for the mocked engine; answers to what the AKS components ask."""

import base64
from typing import Any

import yaml

SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000001"
AZURE_CLI = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"

KUBECONFIG = {
    "apiVersion": "v1",
    "kind": "Config",
    "clusters": [
        {"name": "aks", "cluster": {"server": "https://198.18.0.13:443", "certificate-authority-data": "Q0E="}}
    ],
    "users": [{"name": "someone", "user": {"exec": {"command": "kubelogin", "args": ["--login", "devicecode"]}}}],
}
"""As Azure answers: its login would ask a person."""


def identifier(token: str, name: str) -> str:
    """The id that Azure gives a resource."""
    kind = token.removeprefix("azure-native:").replace(":", "/")
    return f"{SUBSCRIPTION}/resourceGroups/group/providers/{kind}/{name}"


NAMED = {
    "azure-native:resources:ResourceGroup",
    "azure-native:network:VirtualNetwork",
    "azure-native:network:PublicIPAddress",
    "azure-native:managedidentity:UserAssignedIdentity",
    "azure-native:containerservice:ManagedCluster",
    "azure-native:keyvault:Vault",
}
"""Types whose output `name` is read."""

COMPUTED: dict[str, dict[str, Any]] = {
    "azure-native:keyvault:Key": {"keyUriWithVersion": "https://vault.vault.azure.net/keys/secrets/1"},
}

RESHAPED: dict[str, dict[str, Any]] = {
    "azure-native:containerservice:ManagedCluster": {
        "identity": {"type": "UserAssigned", "userAssignedIdentities": {}},
    }
}
"""Ids of identities go in as a list and come back as a table."""

ADDRESSES = {"shop-azure-eu-egress": "198.18.3.4", "shop-azure-us-egress": "198.18.3.5"}
"""Egress addresses by name; all others have 198.18.3.3."""

INVOKES: dict[str, Any] = {
    "azure-native:authorization:getClientConfig": lambda args: {
        "clientId": AZURE_CLI,
        "objectId": "creator",
        "subscriptionId": SUBSCRIPTION.rpartition("/")[2],
        "tenantId": "tenant",
    },
    "azure-native:managedidentity:getUserAssignedIdentity": lambda args: {
        "principalId": f"principal of {args['resourceName']}",
        "clientId": f"client of {args['resourceName']}",
        "name": args["resourceName"],
    },
    "azure-native:network:getPublicIPAddress": lambda args: {
        "ipAddress": ADDRESSES.get(args["publicIpAddressName"], "198.18.3.3"),
        "name": args["publicIpAddressName"],
    },
    "azure-native:containerservice:getManagedCluster": lambda args: {
        "oidcIssuerProfile": {"enabled": True, "issuerURL": f"https://issuer.test/{args['resourceName']}"},
        "name": args["resourceName"],
    },
    "azure-native:containerservice:listManagedClusterUserCredentials": lambda args: {
        "kubeconfigs": [
            {"name": "clusterUser", "value": base64.b64encode(yaml.safe_dump(KUBECONFIG).encode()).decode()}
        ]
    },
}
