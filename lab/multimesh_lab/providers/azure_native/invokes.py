"""Functions of the simulated Azure: what a program may ask without creating anything.

Owns: their answers, with the kubeconfig of a cluster. Does not own: any resource.
"""

import base64
from collections.abc import Callable, Mapping
from typing import Any

import yaml

from multimesh_lab.providers.azure_native import cluster, ids
from multimesh_lab.providers.azure_native.tokens import ADDRESS, CLUSTER, IDENTITY
from multimesh_lab.providers.store import Record, Store
from multimesh_lab.providers.wire import Properties

_Arguments = Mapping[str, Any]
_Function = Callable[[_Arguments, _Arguments], Properties]
AZURE_CLI = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"
"""The Azure CLI's application: somebody has logged in, as `az login` does."""
_OBJECT = "00000000-0000-0000-0000-0000000000aa"
# "Use kubelogin to authenticate users in AKS" (learn.microsoft.com): the applications of AKS' server and client.
_SERVER, _CLIENT = "6dae42f8-4368-4678-94ff-3960e28e3630", "80faf920-1908-4b52-b5ef-a8e7bedfc67a"
_PATHS = {
    ADDRESS: "Microsoft.Network/publicIPAddresses",
    IDENTITY: "Microsoft.ManagedIdentity/userAssignedIdentities",
    CLUSTER: "Microsoft.ContainerService/managedClusters",
}


def _client_config(arguments: _Arguments, config: _Arguments) -> Properties:
    del arguments
    subscription = ids.subscription(config)
    return {"clientId": AZURE_CLI, "objectId": _OBJECT, "subscriptionId": subscription, "tenantId": ids.TENANT}


def _asked(store: Store, token: str, arguments: _Arguments, config: _Arguments, key: str) -> Record:
    group, name = str(arguments.get("resourceGroupName")), str(arguments.get(key))
    path = f"/subscriptions/{ids.subscription(config)}/resourceGroups/{group}/providers/{_PATHS[token]}/{name}"
    record = ids.find(store, token, path)
    if record is None:
        raise ids.not_found(path)
    return record


def _getter(store: Store, shown: Callable[[Record], Properties], token: str, key: str) -> _Function:
    def get(arguments: _Arguments, config: _Arguments) -> Properties:
        record = _asked(store, token, arguments, config, key)
        return {**shown(record), "id": record.id}

    return get


def _credentials(store: Store) -> _Function:
    def listed(arguments: _Arguments, config: _Arguments) -> Properties:
        record = _asked(store, CLUSTER, arguments, config, "resourceName")
        if cluster.LAB not in record.outputs:
            raise ids.refused(409, "OperationNotAllowed", f"The cluster {record.id} is still being made.")
        document = kubeconfig(record)
        text = yaml.safe_dump(document, sort_keys=False)
        return {"kubeconfigs": [{"name": "clusterUser", "value": base64.b64encode(text.encode()).decode()}]}

    return listed


def kubeconfig(record: Record) -> Properties:
    """The file that AKS gives: its login asks a person for a code (pulumi/pulumi-azure-native#2399)."""
    made, name, group = cluster.facts_of(record), str(record.outputs["name"]), str(record.inputs["resourceGroupName"])
    user = f"clusterUser_{group}_{name}"
    authority = base64.b64encode(made.ca_pem.encode()).decode()
    words = ["get-token", "--environment", "AzurePublicCloud", "--server-id", _SERVER, "--client-id", _CLIENT]
    login = {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": "kubelogin",
        "args": [*words, "--tenant-id", ids.TENANT, "--login", "devicecode"],
        "env": None,
        "provideClusterInfo": False,
    }
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": {"certificate-authority-data": authority, "server": made.endpoint}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": user}}],
        "current-context": name,
        "preferences": {},
        "users": [{"name": user, "user": {"exec": login}}],
    }


def invokes(store: Store, shown: Callable[[Record], Properties]) -> Mapping[str, _Function]:
    """The functions by token; `shown` is the answer to GET."""
    return {
        "azure-native:authorization:getClientConfig": _client_config,
        "azure-native:network:getPublicIPAddress": _getter(store, shown, ADDRESS, "publicIpAddressName"),
        "azure-native:managedidentity:getUserAssignedIdentity": _getter(store, shown, IDENTITY, "resourceName"),
        "azure-native:containerservice:getManagedCluster": _getter(store, shown, CLUSTER, "resourceName"),
        "azure-native:containerservice:listManagedClusterUserCredentials": _credentials(store),
    }
