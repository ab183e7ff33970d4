"""Add-ons of OKE clusters in the simulated Oracle Cloud; bookkeeping, the lab's clusters have what they have.

Owns: which there are and who may have them. Does not own: the cluster.
"""

from multimesh_lab.providers.kinds import Call, Kind
from multimesh_lab.providers.oci import cluster, names
from multimesh_lab.providers.oci.tokens import ADDON, CLUSTER
from multimesh_lab.providers.wire import Properties

# docs.oracle.com/en-us/iaas/Content/ContEng/Tasks/contengintroducingclusteraddons.htm
_KNOWN = (
    "CertManager",
    "ClusterAutoscaler",
    "CoreDNS",
    "Flannel",
    "Istio",
    "KubeProxy",
    "KubernetesDashboard",
    "KubernetesMetricsServer",
    "NativeIngressController",
    "NvidiaGpuPlugin",
    "OciVcnIpNative",
    "WeblogicKubernetesOperator",
)
_OF_CNI = {"Flannel": cluster.FLANNEL, "OciVcnIpNative": cluster.VCN_NATIVE}


def _rules(call: Call) -> None:
    parent = names.must_find(call, CLUSTER, call.inputs["clusterId"], "clusterId")
    name = str(call.inputs["addonName"])
    if name not in _KNOWN:
        raise names.not_found("addonName", name, f"one of {', '.join(_KNOWN)}")
    # The same page: add-ons are managed on enhanced clusters only, and the CNI's is that of the cluster.
    if parent.outputs.get("type") != cluster.ENHANCED:
        raise names.invalid(f"addonName {name!r}: cluster add-ons need an {cluster.ENHANCED}; {parent.id!r} is none")
    cni = cluster.cni_of(dict(parent.outputs))
    if _OF_CNI.get(name, cni) != cni:
        raise names.invalid(f"addonName {name!r} is for clusters with {_OF_CNI[name]}; this one has {cni}")


def _outputs(call: Call) -> Properties:
    version = call.inputs.get("version") or "v1.0.0"
    return {"addonErrors": [], "currentInstalledVersion": version, "state": "ACTIVE", "timeCreated": names.CREATED}


KIND = Kind(
    ADDON,
    # GetAddonCompositeId in oracle/terraform-provider-oci, containerengine_addon_resource.go.
    identify=lambda call: f"clusters/{call.inputs['clusterId']}/addons/{call.inputs['addonName']}",
    replaces=frozenset({"addonName", "clusterId"}),  # ForceNew of oci_containerengine_addon
    planned=lambda call: {"overrideExisting": False},
    rules=(_rules,),
    create=_outputs,
    update=lambda call: {"currentInstalledVersion": _outputs(call)["currentInstalledVersion"]},
    create_minutes=1,
    delete_minutes=1,
)
