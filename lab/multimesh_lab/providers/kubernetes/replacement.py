"""Which changes of a built-in kind the API server refuses to make in place.

Owns: the table. Does not own: the diff. The source of the table is the real provider's own
(`forceNew` in pulumi-kubernetes, provider/pkg/provider/diff.go).
"""

from collections.abc import Sequence
from typing import Any

from multimesh_lab.providers.kubernetes.paths import Path

_POD = [
    "affinity",
    "automountServiceAccountToken",
    "dnsConfig",
    "dnsPolicy",
    "enableServiceLinks",
    "hostAliases",
    "hostIPC",
    "hostNetwork",
    "hostPID",
    "hostname",
    "imagePullSecrets",
    "nodeName",
    "nodeSelector",
    "overhead",
    "preemptionPolicy",
    "priority",
    "priorityClassName",
    "readinessGates",
    "restartPolicy",
    "runtimeClassName",
    "schedulerName",
    "securityContext",
    "serviceAccount",
    "serviceAccountName",
    "shareProcessNamespace",
    "subdomain",
    "terminationGracePeriodSeconds",
    "volumes",
]
_CONTAINER = [
    "args",
    "command",
    "env",
    "image",
    "imagePullPolicy",
    "lifecycle",
    "livenessProbe",
    "readinessProbe",
    "ports",
    "resources",
    "securityContext",
    "stdin",
    "stdinOnce",
    "terminationMessagePath",
    "terminationMessagePolicy",
    "tty",
    "volumeDevices",
    "volumeMounts",
    "workingDir",
]
_VOLUME_SOURCES = [
    "awsElasticBlockStore",
    "azureDisk",
    "azureFile",
    "cephfs",
    "cinder",
    "csi",
    "fc",
    "flexVolume",
    "flocker",
    "gcePersistentDisk",
    "glusterfs",
    "hostPath",
    "iscsi",
    "local",
    "nfs",
    "photonPersistentDisk",
    "portworxVolume",
    "quobyte",
    "rbd",
    "scaleIO",
    "storageos",
    "vsphereVolume",
]

_ALL = ("metadata.name", "metadata.namespace")
_FORCING: dict[str, tuple[str, ...]] = {
    "apps/Deployment": ("spec.selector",),
    "apps/DaemonSet": ("spec.selector",),
    "apps/StatefulSet": (
        "spec.selector",
        "spec.serviceName",
        "spec.volumeClaimTemplates",
        "spec.podManagementPolicy",
        "spec.revisionHistoryLimit",
    ),
    "batch/Job": ("spec.selector", "spec.completions", "spec.parallelism", "spec.template"),
    "core/Pod": (
        *(f"spec.{key}" for key in _POD),
        *(f"spec.{which}.{key}" for which in ("containers", "initContainers") for key in _CONTAINER),
    ),
    "core/PersistentVolumeClaim": (
        "spec.accessModes",
        "spec.selector",
        "spec.storageClassName",
        "spec.volumeName",
    ),
    "core/PersistentVolume": tuple(f"spec.{source}" for source in _VOLUME_SOURCES),
    "core/Service": ("spec.clusterIP",),
    "core/ResourceQuota": ("spec.scopes",),
    "rbac.authorization.k8s.io/RoleBinding": ("roleRef",),
    "rbac.authorization.k8s.io/ClusterRoleBinding": ("roleRef",),
    "storage.k8s.io/StorageClass": ("parameters", "provisioner"),
}


def forcing_paths(
    inputs: dict[str, Any], *, secret_mutable: bool, config_map_mutable: bool, patch: bool
) -> tuple[str, ...]:
    """The paths (without list positions) whose change replaces an object such as this."""
    if patch:
        return _ALL
    group = inputs["apiVersion"].rpartition("/")[0] or "core"
    kind = f"{group}/{inputs['kind']}"
    if kind == "core/Secret":
        frozen = not secret_mutable or inputs.get("immutable") is True
        return (*_ALL, "type", *(("data",) if frozen else ()), *(() if secret_mutable else ("stringData",)))
    if kind == "core/ConfigMap":
        frozen = not config_map_mutable or inputs.get("immutable") is True
        return (*_ALL, *(("data", "binaryData") if frozen else ()))
    return (*_ALL, *_FORCING.get(kind, ()))


def forces(path: Path, forcing: Sequence[str]) -> bool:
    """Whether a changed path is one of the forcing ones, lies in one, or holds one."""
    bare = [step for step in path if isinstance(step, str)]
    for each in forcing:
        wanted = each.split(".")
        shorter = min(len(bare), len(wanted))
        if bare[:shorter] == wanted[:shorter] and shorter:
            return True
    return False
