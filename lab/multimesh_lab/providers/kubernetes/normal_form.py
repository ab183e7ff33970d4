"""The form that the real provider gives to objects of built-in kinds by sending them through their Go types.

Owns: what that drops (unknown fields, zero values) and rewrites (quantities). Does not own: names and namespaces.
The fields and their types are those of the official client's models; which of them Go drops when they are zero is
what `omitempty` on a field that is no pointer means in k8s.io/api v0.36. Of the field names that are a pointer in one
type and a value in another only the ones listed below are treated; the zero values of the rest are kept.
"""

import re
from collections.abc import Mapping
from typing import Any, cast

from kubernetes.client import models  # pyright: ignore[reportMissingTypeStubs]

from multimesh_lab.providers.kubernetes.quantities import canonical
from multimesh_lab.providers.wire import Secret, has_unknown

Properties = dict[str, Any]

_GROUPS = frozenset(
    {
        "",
        "admissionregistration.k8s.io",
        "apps",
        "autoscaling",
        "batch",
        "certificates.k8s.io",
        "coordination.k8s.io",
        "discovery.k8s.io",
        "flowcontrol.apiserver.k8s.io",
        "networking.k8s.io",
        "node.k8s.io",
        "policy",
        "rbac.authorization.k8s.io",
        "scheduling.k8s.io",
        "storage.k8s.io",
    }
)
_DROPPED_WHEN_ZERO = frozenset(
    {
        "allocationMode",
        "chapAuthDiscovery",
        "chapAuthSession",
        "clusterIP",
        "component",
        "concurrencyPolicy",
        "dnsPolicy",
        "externalID",
        "externalName",
        "externalTrafficPolicy",
        "failureThreshold",
        "generateName",
        "globalDefault",
        "healthCheckNodePort",
        "host",
        "hostIP",
        "hostIPC",
        "hostNetwork",
        "hostPID",
        "hostPort",
        "imagePullPolicy",
        "initialDelaySeconds",
        "iscsiInterface",
        "loadBalancerIP",
        "medium",
        "messageExpression",
        "minReadySeconds",
        "nodePort",
        "number",
        "paused",
        "persistentVolumeReclaimPolicy",
        "podCIDR",
        "podManagementPolicy",
        "policyName",
        "priorityClassName",
        "providerID",
        "publishNotReadyAddresses",
        "schedulerName",
        "scheme",
        "serviceAccount",
        "serviceAccountName",
        "sessionAffinity",
        "sslEnabled",
        "stdin",
        "stdinOnce",
        "subPath",
        "subPathExpr",
        "subdomain",
        "successThreshold",
        "terminationMessagePath",
        "terminationMessagePolicy",
        "tty",
        "unschedulable",
        "whenDeleted",
        "whenScaled",
        "workingDir",
    }
)
_DROPPED_IN = frozenset(
    {
        ("RbacV1Subject", "apiGroup"),
        ("RbacV1Subject", "namespace"),
        ("V1Container", "image"),
        ("V1EnvVar", "value"),
        ("V1PodSpec", "hostname"),
        ("V1PodSpec", "nodeName"),
        ("V1PodSpec", "restartPolicy"),
        ("V1Probe", "periodSeconds"),
        ("V1Probe", "timeoutSeconds"),
        ("V1ServicePort", "name"),
        ("V1ServicePort", "protocol"),
        ("V1ContainerPort", "name"),
        ("V1ContainerPort", "protocol"),
        ("V1SecretVolumeSource", "secretName"),
        ("V1Toleration", "value"),
        ("V1VolumeMount", "readOnly"),
    }
)
_KEPT_WHEN_EMPTY = frozenset(
    {
        ("V1ClusterRole", "rules"),
        ("V1EndpointSlice", "endpoints"),
        ("V1HTTPIngressRuleValue", "paths"),
        ("V1MutatingWebhook", "admissionReviewVersions"),
        ("V1NodeSelector", "nodeSelectorTerms"),
        ("V1NonResourcePolicyRule", "verbs"),
        ("V1PodFailurePolicy", "rules"),
        ("V1PodFailurePolicyOnExitCodesRequirement", "values"),
        ("V1PodSpec", "containers"),
        ("V1PolicyRule", "verbs"),
        ("V1ResourcePolicyRule", "verbs"),
        ("V1Role", "rules"),
        ("V1SuccessPolicy", "rules"),
        ("V1TopologySelectorLabelRequirement", "values"),
        ("V1ValidatingWebhook", "admissionReviewVersions"),
    }
)
_QUANTITY_MAPS = frozenset(
    {
        "capacity",
        "default",
        "defaultRequest",
        "hard",
        "limits",
        "max",
        "min",
        "overhead",
        "requests",
    }
)
_QUANTITIES = frozenset({"averageValue", "divisor", "sizeLimit"})


class _WrongType(Exception):
    """Go could not read the object; the real provider then leaves it as it is."""


def normal(inputs: Properties) -> Properties:
    """The inputs as their Go type would give them back; unchanged for custom kinds and where a value is unknown."""
    kind, version = inputs.get("kind"), inputs.get("apiVersion")
    if kind == "CustomResourceDefinition":
        return _normal_definition(inputs)
    if has_unknown(inputs) or not isinstance(kind, str) or not isinstance(version, str):
        return inputs
    model = _model(version, kind)
    if model is None:
        return inputs
    try:
        return cast("Properties", _object(inputs, model))
    except _WrongType:
        return inputs


def is_built_in(api_version: str) -> bool:
    """Whether the version's kinds are Kubernetes' own."""
    return api_version.rpartition("/")[0] in _GROUPS


def _normal_definition(inputs: Properties) -> Properties:
    result = {key: value for key, value in inputs.items() if key != "status"}
    spec = result.get("spec")
    if isinstance(spec, dict) and cast("Properties", spec).get("preserveUnknownFields") is False:
        result["spec"] = {
            key: value for key, value in cast("Properties", spec).items() if key != "preserveUnknownFields"
        }
    return result


def _model(api_version: str, kind: str) -> Any:
    group, _, version = api_version.rpartition("/")
    return getattr(models, f"{version.capitalize()}{kind}", None) if group in _GROUPS else None


def _object(value: Any, model: Any) -> Any:
    if isinstance(value, Secret):
        return Secret(_object(value.value, model))
    if not isinstance(value, Mapping):
        raise _WrongType
    types = {name: model.openapi_types[attribute] for attribute, name in model.attribute_map.items()}
    result: Properties = {}
    for key, item in cast("Mapping[str, Any]", value).items():
        if key in types and item is not None:
            after = _value(item, types[key], key)
            if not _dropped(after, types[key], key, model.__name__):
                result[key] = after
    return result


def _dropped(value: Any, kind: str, key: str, model: str) -> bool:
    bare = value.value if isinstance(value, Secret) else value
    if kind.startswith(("List[", "Dict[")):
        return not bare and (model, key) not in _KEPT_WHEN_EMPTY
    return bare in (False, 0, "") and (key in _DROPPED_WHEN_ZERO or (model, key) in _DROPPED_IN)


def _value(value: Any, kind: str, key: str) -> Any:
    if isinstance(value, Secret):
        return Secret(_value(value.value, kind, key))
    nested = re.fullmatch(r"(?:List|Dict)\[(?:str, )?(.*)\]", kind)
    if nested and kind.startswith("List["):
        if not isinstance(value, list):
            raise _WrongType
        return [_value(item, nested[1], key) for item in cast("list[Any]", value)]
    if nested:
        if not isinstance(value, Mapping):
            raise _WrongType
        quantities = key in _QUANTITY_MAPS
        items = cast("Mapping[str, Any]", value).items()
        # The keys of a map are the user's own words and say nothing about their values.
        return {name: _quantity(item) if quantities else _value(item, nested[1], "") for name, item in items}
    if kind in ("str", "bool", "int"):
        return _quantity(value) if key in _QUANTITIES else _scalar(value, kind)
    model = getattr(models, kind, None)
    return _object(value, model) if hasattr(model, "openapi_types") else value


def _scalar(value: Any, kind: str) -> Any:
    expected: dict[str, type] = {"str": str, "bool": bool, "int": int}
    if not isinstance(value, expected[kind]) or (kind == "int" and isinstance(value, bool)):
        raise _WrongType
    return value


def _quantity(value: Any) -> Any:
    if isinstance(value, Secret):
        return Secret(_quantity(value.value))
    return canonical(str(value)) if isinstance(value, str | int | float) and not isinstance(value, bool) else value
