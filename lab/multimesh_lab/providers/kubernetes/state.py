"""What the engine keeps of an object: outputs, and inputs as a read finds them.

Owns: that form, and what a URN says of a kind. Does not own: any call.
"""

from typing import Any

from multimesh_lab.providers.kubernetes.api import Object
from multimesh_lab.providers.kubernetes.diff import pruned
from multimesh_lab.providers.kubernetes.inputs import with_secrets
from multimesh_lab.providers.kubernetes.normal_form import is_built_in
from multimesh_lab.providers.wire import plain

Properties = dict[str, Any]

_NOT_IMPORTED = frozenset({"creationTimestamp", "generation", "managedFields", "resourceVersion", "selfLink", "uid"})
_ANNOTATIONS_NOT_IMPORTED = frozenset(
    {"deployment.kubernetes.io/revision", "kubectl.kubernetes.io/last-applied-configuration"}
)
_CLUSTER_SCOPED = frozenset(
    {
        "APIService",
        "CSIDriver",
        "CSINode",
        "CertificateSigningRequest",
        "ClusterRole",
        "ClusterRoleBinding",
        "CustomResourceDefinition",
        "FlowSchema",
        "IngressClass",
        "MutatingWebhookConfiguration",
        "Namespace",
        "Node",
        "PersistentVolume",
        "PriorityClass",
        "PriorityLevelConfiguration",
        "RuntimeClass",
        "StorageClass",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
        "ValidatingWebhookConfiguration",
        "VolumeAttachment",
    }
)


def is_cluster_scoped(api_version: str, kind: str) -> bool:
    """Whether it is a kind of Kubernetes' own that lies in no namespace."""
    return _has_schema(api_version) and kind in _CLUSTER_SCOPED


def _has_schema(api_version: str) -> bool:
    return is_built_in(api_version) or api_version.startswith(("apiextensions.k8s.io/", "apiregistration.k8s.io/"))


def is_patch(urn: str, given: Properties) -> bool:
    """Whether the resource only patches an object: its type's name is the kind's and `Patch`."""
    return _token(urn).endswith(f":{given.get('kind')}Patch")


def kind_of(urn: str, state: Properties) -> tuple[str, str]:
    """apiVersion and kind, from the state or, for an import, from the type token."""
    if "kind" in state:
        return state["apiVersion"], state["kind"]
    _, version, kind = _token(urn).split(":")
    return version.removeprefix("core/"), kind.removesuffix("Patch")


def _token(urn: str) -> str:
    return urn.split("::")[2].rpartition("$")[2]


def state_of(live: Object, given: Properties, manager: str) -> Properties:
    """The whole live object, and what later diffs and updates need."""
    return {
        **with_secrets(live, given),
        "__inputs": with_secrets(given, {}),
        "__initialApiVersion": live.get("apiVersion", ""),
        "__fieldManager": manager,
    }


def refreshed(live: Object, given: Properties) -> Properties:
    """The given inputs with what the cluster has in the places that the program sets."""
    return with_secrets(pruned(live, plain(given)), given)


def imported(live: Object) -> Properties:
    """Inputs for an object that had none; of a custom kind, which has no schema here, only the identity."""
    metadata = {key: value for key, value in live["metadata"].items() if key not in _NOT_IMPORTED}
    if not _has_schema(live["apiVersion"]):
        identity = {key: value for key, value in metadata.items() if key in ("name", "namespace")}
        return {"apiVersion": live["apiVersion"], "kind": live["kind"], "metadata": identity}
    annotations = metadata.pop("annotations", {}).items()
    kept = {key: value for key, value in annotations if key not in _ANNOTATIONS_NOT_IMPORTED}
    if kept:
        metadata["annotations"] = kept
    found = {key: value for key, value in live.items() if key != "status"}
    return with_secrets({**found, "metadata": metadata}, {})
