"""How to log in to an AKS cluster: by kubelogin, which fetches a token of Entra and asks nobody.

Owns: the kubeconfig. Does not own: who may do what in the cluster (aks_roles.py).
"""

import base64
from dataclasses import dataclass
from typing import Any, cast

import pulumi
import yaml
from pulumi_azure_native import containerservice

from pulumi_multimesh.clusters.aks_site import AksSite
from pulumi_multimesh.clusters.cluster import exec_kubeconfig

_SERVER_APPLICATION = "6dae42f8-4368-4678-94ff-3960e28e3630"
"""The one Entra application of all AKS API servers."""


@dataclass(frozen=True)
class Door:
    """Where the API server is, and by which authority it is known."""

    server: pulumi.Output[str]
    ca: pulumi.Output[str]
    """PEM in base64."""


def door(site: AksSite, cluster: containerservice.ManagedCluster) -> Door:
    """What Azure's own kubeconfig says; a cluster's resource does not tell its authority.

    Azure's kubeconfig would ask a person for a code, so nothing else of it is used. It is asked for by name, which is
    known while a change of the cluster is previewed, so the Kubernetes provider looks unchanged then.
    """
    answer = containerservice.list_managed_cluster_user_credentials_output(
        resource_group_name=site.group,
        resource_name=cluster.name,
        opts=pulumi.InvokeOutputOptions(parent=cluster, depends_on=[cluster]),
    )
    # Address and authority are public; whatever else Azure may write into the file is not.
    whole = pulumi.Output.secret(answer).apply(lambda found: _cluster_of(found.kubeconfigs[0].value))
    return Door(
        pulumi.Output.unsecret(whole.apply(lambda entry: entry["server"])),
        pulumi.Output.unsecret(whole.apply(lambda entry: entry["certificate-authority-data"])),
    )


def _cluster_of(encoded: str) -> dict[str, str]:
    document: Any = yaml.safe_load(base64.b64decode(encoded))
    return cast("dict[str, str]", document["clusters"][0]["cluster"])


def kubelogin_kubeconfig(
    name: pulumi.Input[str], where: Door, mode: str, tenant: pulumi.Input[str]
) -> pulumi.Output[str]:
    """A kubeconfig without any credential."""
    return pulumi.Output.all(name, where.server, where.ca, tenant).apply(
        lambda facts: exec_kubeconfig(facts[0], facts[1], facts[2], _get_token(mode, facts[3]))
    )


def _get_token(mode: str, tenant: str) -> dict[str, Any]:
    # Which identity logs in is told by the environment, so no client id is named here.
    words = ["get-token", "--login", mode, "--server-id", _SERVER_APPLICATION, "--tenant-id", tenant]
    return {"command": "kubelogin", "args": words}
