"""Inputs and outputs of an Azure type in each other's form, at every depth.

Owns: what a preview knows, and what of an answer could be an input. Does not own: the SDK's classes (sdk_schema).
"""

import typing
from collections.abc import Mapping
from typing import Any, cast

from pulumi import _types as sdk_types  # pyright: ignore[reportPrivateUsage]

from multimesh_lab.providers import sdk_schema
from multimesh_lab.providers.azure_native.kind import ArmKind
from multimesh_lab.providers.wire import UNKNOWN, Properties


def previewed(kind: ArmKind, inputs: Mapping[str, Any]) -> Properties:
    """The outputs as PreviewOutputs guesses them: inputs, and nothing else known (convert/previewOutputs.go)."""
    return _previewed(sdk_schema.resource_shape(kind.token).output_types, inputs)


def as_inputs(kind: ArmKind, outputs: Mapping[str, Any]) -> Properties:
    """What of the outputs the body of a PUT has too (convert/sdkOutputsToSdkInputs.go); never what is in the URL."""
    properties = sdk_schema.resource_shape(kind.token).inputs.properties
    body = {key: expected for key, expected in properties.items() if key not in kind.replaces or key == "location"}
    return _projected({key: body[key] for key in body}, outputs)


def _previewed(expected: Mapping[str, Any], inputs: Mapping[str, Any]) -> Properties:
    return {key: _guess(each, inputs[key]) if key in inputs else UNKNOWN for key, each in expected.items()}


def _guess(expected: Any, value: Any) -> Any:
    expected = sdk_types.unwrap_type(expected)
    if _is_output(expected):
        if isinstance(value, Mapping):
            return _previewed(sdk_types.output_type_types(expected), cast("Mapping[str, Any]", value))
        return UNKNOWN
    element = _element(expected)
    if isinstance(value, list) and element is not None:
        return [_guess(element, item) for item in cast("list[Any]", value)] if _is_list(expected) else UNKNOWN
    return value


def _projected(expected: Mapping[str, Any], outputs: Mapping[str, Any]) -> Properties:
    return {key: _as_input(expected[key], value) for key, value in outputs.items() if key in expected}


def _as_input(expected: Any, value: Any) -> Any:
    expected = sdk_types.unwrap_type(expected)
    if sdk_types.is_input_type(expected) and isinstance(value, Mapping):
        return _projected(sdk_types.input_type_types(expected), cast("Mapping[str, Any]", value))
    if _is_list(expected) and isinstance(value, Mapping):  # a set of strings is put as a list and told as a table
        return sorted(cast("Mapping[str, Any]", value))
    element = _element(expected)
    if isinstance(value, list):
        return [_as_input(element, item) for item in cast("list[Any]", value)]
    if isinstance(value, Mapping):
        return {key: _as_input(element, item) for key, item in cast("Mapping[str, Any]", value).items()}
    return value


def _is_output(expected: Any) -> bool:
    return isinstance(expected, type) and sdk_types.is_output_type(expected)


def _is_list(expected: Any) -> bool:
    origin = typing.get_origin(expected)
    return isinstance(origin, type) and issubclass(origin, typing.Sequence)


def _element(expected: Any) -> Any:
    """The type of the items of a list or table."""
    arguments = typing.get_args(expected)
    return arguments[-1] if arguments else None
