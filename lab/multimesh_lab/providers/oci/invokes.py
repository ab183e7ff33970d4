"""Functions of the simulated Oracle Cloud: what a program may ask without creating anything.

Owns: their answers. Does not own: any resource.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from multimesh_lab.providers.oci import (
    cluster,
    images,
    ipsec_answers,
    kubeconfig,
    names,
    regions,
    shapes,
    versions,
)
from multimesh_lab.providers.store import Store
from multimesh_lab.providers.wire import Properties

_Arguments = Mapping[str, Any]


def _services(arguments: _Arguments, config: _Arguments) -> Properties:
    region = regions.region_of(config)
    found = [
        {"id": each.id, "name": each.name, "description": each.name, "cidrBlock": each.label}
        for each in regions.services(region)
    ]
    return {"id": f"CoreServicesDataSource-{region}", "services": _filtered(found, arguments), **_asked(arguments)}


def _availability_domains(arguments: _Arguments, config: _Arguments) -> Properties:
    region, compartment = regions.region_of(config), str(arguments.get("compartmentId"))
    found = [
        {
            "id": f"ocid1.availabilitydomain.oc1..{names.unique_part(each)}",
            "name": each,
            "compartmentId": compartment,
        }
        for each in regions.availability_domains(region)
    ]
    return {
        "id": f"IdentityAvailabilityDomainsDataSource-{region}",
        "compartmentId": compartment,
        "availabilityDomains": _filtered(found, arguments),
        **_asked(arguments),
    }


def _cluster_option(arguments: _Arguments, config: _Arguments) -> Properties:
    regions.region_of(config)
    return {
        **arguments,
        "id": f"ContainerengineClusterOptionDataSource-{arguments.get('clusterOptionId')}",
        "kubernetesVersions": list(versions.SUPPORTED),
        "clusterPodNetworkOptions": [{"cniType": cluster.FLANNEL}, {"cniType": cluster.VCN_NATIVE}],
    }


def _asked(arguments: _Arguments) -> Properties:
    return {"filters": arguments["filters"]} if arguments.get("filters") else {}


def _filtered(found: Sequence[Properties], arguments: _Arguments) -> list[Properties]:
    """As every data source of the provider filters (internal/tfresource/filters.go, ApplyFilters)."""
    kept = list(found)
    for each in cast("list[Properties]", arguments.get("filters") or []):
        kept = [item for item in kept if _passes(str(item.get(str(each["name"]), "")), each)]
    return kept


def _passes(value: str, each: Properties) -> bool:
    wanted = [str(text) for text in each["values"]]
    return any(re.search(text, value) for text in wanted) if each.get("regex") else value in wanted


def invokes(store: Store) -> Mapping[str, Callable[[_Arguments, _Arguments], Properties]]:
    """The functions, some of which look into the cloud's memory."""

    def node_pool_option(arguments: _Arguments, config: _Arguments) -> Properties:
        found = images.all_of(store, regions.region_of(config))
        for name, attribute in (
            ("nodePoolK8sVersion", "version"),
            ("nodePoolOsArch", "architecture"),
            ("nodePoolOsType", "os"),
        ):
            if arguments.get(name) is not None:
                found = [image for image in found if getattr(image, attribute) == arguments[name]]
        return {
            **arguments,
            "id": f"ContainerengineNodePoolOptionDataSource-{arguments.get('nodePoolOptionId')}",
            "images": [image.name for image in found],
            "kubernetesVersions": list(versions.SUPPORTED),
            "shapes": list(shapes.NAMES),
            "sources": [{"imageId": image.id, "sourceName": image.name, "sourceType": "IMAGE"} for image in found],
        }

    def kube_config(arguments: _Arguments, config: _Arguments) -> Properties:
        text = kubeconfig.content(
            store,
            regions.region_of(config),
            str(arguments.get("clusterId")),
            arguments.get("endpoint"),
            arguments.get("tokenVersion"),
        )
        return {
            **arguments,
            "id": f"ContainerengineClusterKubeConfigDataSource-{arguments['clusterId']}",
            "content": text,
        }

    def tunnels(arguments: _Arguments, config: _Arguments) -> Properties:
        regions.region_of(config)
        found = ipsec_answers.tunnels(store, str(arguments.get("ipsecId")))
        return {
            "id": f"CoreIpSecConnectionTunnelsDataSource-{arguments.get('ipsecId')}",
            "ipsecId": arguments.get("ipsecId"),
            "ipSecConnectionTunnels": _filtered(found, arguments),
            **_asked(arguments),
        }

    return {
        "oci:Core/getServices:getServices": _services,
        "oci:Core/getIpsecConnectionTunnels:getIpsecConnectionTunnels": tunnels,
        "oci:Identity/getAvailabilityDomains:getAvailabilityDomains": _availability_domains,
        "oci:ContainerEngine/getClusterOption:getClusterOption": _cluster_option,
        "oci:ContainerEngine/getNodePoolOption:getNodePoolOption": node_pool_option,
        "oci:ContainerEngine/getClusterKubeConfig:getClusterKubeConfig": kube_config,
    }
