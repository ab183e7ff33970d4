"""What a provider's own Python SDK says about a resource: its properties, types and requirements.

Owns: the check of inputs against the SDK's classes. Does not own: what a cloud makes of valid inputs.
The SDKs are generated from the providers' schemas, so they are the one machine-readable schema that is
installed.
"""

import difflib
import enum
import functools
import importlib
import inspect
import threading
import types
import typing
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from typing import Any, cast

import pulumi
from pulumi import _types as sdk_types  # pyright: ignore[reportPrivateUsage]

from multimesh_lab.providers.wire import Secret, has_unknown

_SDKS = {
    "tls": "pulumi_tls",
    "gcp": "pulumi_gcp",
    "aws": "pulumi_aws",
    "azure-native": "pulumi_azure_native",
    "oci": "pulumi_oci",
}
_NAMES_SHOWN = 12
# An SDK loads its modules when they are first used, and one that another thread is just loading looks empty.
_loading = threading.RLock()
_IGNORED = frozenset({"__defaults", "__meta", "__createBeforeDelete"})


class UnknownTypeError(LookupError):
    """The SDK has no resource of this type."""


@dataclass(frozen=True)
class InputFault:
    """One thing wrong with the inputs, and where."""

    path: str
    reason: str


@dataclass(frozen=True)
class ObjectShape:
    """The properties of a resource's arguments, or of an object within them, by wire name."""

    properties: Mapping[str, Any]
    required: frozenset[str]


@dataclass(frozen=True)
class ResourceShape:
    """A resource type: what it takes and what it gives."""

    token: str
    inputs: ObjectShape
    output_types: Mapping[str, Any]

    @property
    def outputs(self) -> frozenset[str]:
        return frozenset(self.output_types)

    @property
    def computed(self) -> frozenset[str]:
        """Outputs that no input can set."""
        return self.outputs - frozenset(self.inputs.properties)


@functools.cache
def resource_shape(token: str) -> ResourceShape:
    """The shape of the resource with this type token."""
    with _loading:
        return _loaded_shape(token)


def _loaded_shape(token: str) -> ResourceShape:
    module, name = _class_of(token)
    # Where an object within arguments has the resource's name, `NAMEArgs` is that object.
    arguments = getattr(module, f"{name}InitArgs", None) or getattr(module, f"{name}Args")
    outputs = cast("dict[str, Any]", sdk_types.resource_types(getattr(module, name)))
    return ResourceShape(token, _object_shape(arguments), outputs)


def faults(shape: ResourceShape, inputs: Mapping[str, Any]) -> list[InputFault]:
    """Everything in which the inputs differ from the SDK's classes."""
    return sorted(_object_faults("", shape.inputs, inputs, shape.token), key=lambda fault: fault.path)


def _class_of(token: str) -> tuple[Any, str]:
    package, _, rest = token.partition(":")
    module_name = rest.partition(":")[0]
    if package not in _SDKS:
        raise UnknownTypeError(f"type {token!r}: no SDK is installed for the package {package!r}")
    _module(_SDKS[package])
    registered = cast("Mapping[str, list[Any]]", _registered_modules())
    for module in registered.get(f"{package}:{module_name}", []):
        classes = cast("Mapping[str, str]", module.mod_info["classes"])
        if token in classes:
            return _module(cast("str", module.mod_info["fqn"])), classes[token]
    version = metadata.version(f"pulumi-{package}")
    raise UnknownTypeError(f"type {token!r} is not in the {package} SDK {version}")


def _module(name: str) -> Any:
    with warnings.catch_warnings():  # an SDK warns of its own deprecated classes, and the engine would show it
        warnings.simplefilter("ignore")
        return importlib.import_module(name)


def _registered_modules() -> Any:
    from pulumi.runtime import rpc

    return rpc._RESOURCE_MODULES  # pyright: ignore[reportPrivateUsage]


@functools.cache
def _object_shape(cls: Any) -> ObjectShape:
    properties = cast("dict[str, Any]", sdk_types.input_type_types(cls))
    wire_names = sdk_types.input_type_py_to_pulumi_names(cls)
    parameters = list(inspect.signature(cls.__init__).parameters.values())[1:]
    required = {wire_names.get(p.name, p.name) for p in parameters if p.default is inspect.Parameter.empty}
    return ObjectShape(properties, frozenset(required))


def _object_faults(path: str, shape: ObjectShape, value: Mapping[str, Any], owner: str) -> Iterator[InputFault]:
    for key, item in value.items():
        where = f"{path}.{key}" if path else key
        if key in _IGNORED:
            continue
        if key not in shape.properties:
            yield InputFault(where, _unknown_property(key, shape, owner))
        elif item is not None:
            yield from _value_faults(where, shape.properties[key], item)
    for key in sorted(shape.required):
        if value.get(key) is None:
            where = f"{path}.{key}" if path else key
            yield InputFault(where, f"missing required property {where!r}")


def _unknown_property(key: str, shape: ObjectShape, owner: str) -> str:
    near = difflib.get_close_matches(key, list(shape.properties), n=1)
    names = sorted(shape.properties)
    listed = ", ".join(names[:_NAMES_SHOWN]) + (" …" if len(names) > _NAMES_SHOWN else "")
    hint = f"; did you mean {near[0]!r}?" if near else f"; known are {listed}"
    return f"unknown property {key!r} of {owner}{hint}"


def _value_faults(path: str, expected: Any, value: Any) -> Iterator[InputFault]:
    if isinstance(value, Secret):
        value = value.value
    expected = sdk_types.unwrap_type(expected)
    if expected is Any or (has_unknown(value) and not isinstance(value, dict | list)):
        return
    if sdk_types.is_input_type(expected):
        yield from _nested_faults(path, expected, value)
        return
    origin = typing.get_origin(expected)
    if _is_sequence(origin):
        yield from _list_faults(path, typing.get_args(expected)[0], value)
    elif _is_mapping(origin):
        yield from _map_faults(path, typing.get_args(expected)[1], value)
    elif _is_union(origin):
        yield from _union_faults(path, expected, value)
    elif not _is_scalar(expected, value):
        yield InputFault(path, f"{_named(value)} where {_type_name(expected)} is expected")


def _nested_faults(path: str, expected: Any, value: Any) -> Iterator[InputFault]:
    if isinstance(value, Mapping):
        yield from _object_faults(path, _object_shape(expected), cast("Mapping[str, Any]", value), path)
    else:
        yield InputFault(path, f"{_named(value)} where an object ({_type_name(expected)}) is expected")


def _list_faults(path: str, element: Any, value: Any) -> Iterator[InputFault]:
    if not isinstance(value, list):
        yield InputFault(path, f"{_named(value)} where a list is expected")
        return
    for index, item in enumerate(cast("list[Any]", value)):
        yield from _value_faults(f"{path}[{index}]", element, item)


def _map_faults(path: str, element: Any, value: Any) -> Iterator[InputFault]:
    if not isinstance(value, Mapping):
        yield InputFault(path, f"{_named(value)} where a map is expected")
        return
    for key, item in cast("Mapping[str, Any]", value).items():
        yield from _value_faults(f"{path}.{key}", element, item)


def _union_faults(path: str, expected: Any, value: Any) -> Iterator[InputFault]:
    members = [m for m in typing.get_args(expected) if m is not type(None) and not _is_plumbing(m)]
    attempts = [list(_value_faults(path, member, value)) for member in members]
    if attempts and all(attempts):
        yield from min(attempts, key=len)


def _is_plumbing(member: Any) -> bool:
    origin = typing.get_origin(member)
    return origin is pulumi.Output or member is pulumi.Output or "Awaitable" in str(origin)


def _is_union(origin: Any) -> bool:
    return origin in (typing.Union, types.UnionType)


def _is_sequence(origin: Any) -> bool:
    return inspect.isclass(origin) and issubclass(origin, typing.Sequence)


def _is_mapping(origin: Any) -> bool:
    return inspect.isclass(origin) and issubclass(origin, Mapping)


def _is_scalar(expected: Any, value: Any) -> bool:
    if not inspect.isclass(expected):
        return True
    if issubclass(expected, enum.Enum):
        return value in {member.value for member in expected}
    if issubclass(expected, bool):
        return isinstance(value, bool)
    if issubclass(expected, int):
        return isinstance(value, int) and not isinstance(value, bool)
    if issubclass(expected, float):
        return isinstance(value, int | float) and not isinstance(value, bool)
    if issubclass(expected, str) or issubclass(expected, pulumi.Resource):
        return isinstance(value, str)
    return True


def _type_name(expected: Any) -> str:
    if inspect.isclass(expected) and issubclass(expected, enum.Enum):
        return "one of " + ", ".join(repr(member.value) for member in expected)
    known: dict[Any, str] = {str: "a string", int: "an integer", float: "a number", bool: "a boolean"}
    return known.get(expected, getattr(expected, "__name__", str(expected)))


def _named(value: Any) -> str:
    """The kind of the value and never the value itself: it may be private."""
    names: dict[Any, str] = {
        str: "a string",
        bool: "a boolean",
        int: "an integer",
        float: "a number",
        list: "a list",
    }
    return names.get(type(value), "an object")
