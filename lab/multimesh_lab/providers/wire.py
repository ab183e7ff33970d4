"""The provider protocol's values as Python values, and back.

Owns: secrets, unknowns, assets and whole numbers on the wire. Does not own: what a provider does with them.
Signatures and sentinels are the engine's own (sdk/go/common/resource/properties.go and plugin/rpc.go).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from google.protobuf import struct_pb2

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"
OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
ASSET = "c44067f5952c0a294b673a41bacd8c17"
ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7"
UNKNOWN_SENTINELS = frozenset(
    {
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
        "030794c1-ac77-496b-92df-f27374a8bd58",
    }
)
_UNKNOWN_STRING = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


class _Unknown:
    """A value that the engine does not know yet; there is one of them, `UNKNOWN`."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = _Unknown()


@dataclass(frozen=True)
class Secret:
    """A value that the engine keeps encrypted; never nested in another secret."""

    value: Any

    def __repr__(self) -> str:
        return "Secret(…)"


Properties = dict[str, Any]


def decode(struct: struct_pb2.Struct) -> Properties:
    """The struct as plain Python, with `Secret` and `UNKNOWN` where the engine says so."""
    return {key: _decode(value) for key, value in struct.fields.items()}


def _decode(value: struct_pb2.Value) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        return _decode_object(value.struct_value)
    if kind == "list_value":
        return [_decode(item) for item in value.list_value.values]
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    if kind == "string_value":
        return UNKNOWN if value.string_value in UNKNOWN_SENTINELS else value.string_value
    if kind == "bool_value":
        return value.bool_value
    return None


def _decode_object(struct: struct_pb2.Struct) -> Any:
    fields = struct.fields
    signature = fields[SIGNATURE].string_value if SIGNATURE in fields else ""
    if signature == SECRET:
        return Secret(plain(_decode(fields["value"])))
    if signature == OUTPUT:
        inner = _decode(fields["value"]) if "value" in fields else UNKNOWN
        is_secret = "secret" in fields and fields["secret"].bool_value
        return Secret(plain(inner)) if is_secret else inner
    return {key: _decode(item) for key, item in fields.items()}


def encode(properties: Mapping[str, Any]) -> struct_pb2.Struct:
    """The opposite of `decode`."""
    return struct_pb2.Struct(fields={key: _encode(value) for key, value in properties.items()})


def _encode(value: Any) -> struct_pb2.Value:
    if value is None:
        return struct_pb2.Value(null_value=struct_pb2.NULL_VALUE)
    if isinstance(value, _Unknown):
        return struct_pb2.Value(string_value=_UNKNOWN_STRING)
    if isinstance(value, Secret):
        wrapped: Properties = {SIGNATURE: SECRET, "value": value.value}
        return struct_pb2.Value(struct_value=encode(wrapped))
    if isinstance(value, bool):
        return struct_pb2.Value(bool_value=value)
    if isinstance(value, int | float):
        return struct_pb2.Value(number_value=value)
    if isinstance(value, str):
        return struct_pb2.Value(string_value=value)
    if isinstance(value, Mapping):
        return struct_pb2.Value(struct_value=encode(cast("Mapping[str, Any]", value)))
    if isinstance(value, Sequence):
        items = [_encode(item) for item in cast("Sequence[Any]", value)]
        return struct_pb2.Value(list_value=struct_pb2.ListValue(values=items))
    raise TypeError(f"{type(value).__name__} has no form on the wire")


def plain(value: Any) -> Any:
    """The value with every `Secret` opened; `UNKNOWN` stays."""
    if isinstance(value, Secret):
        return plain(value.value)
    return _map(value, plain)


def contains(value: Any, test: Callable[[Any], bool]) -> bool:
    """Whether the test holds for the value or for anything in it."""
    if test(value):
        return True
    if isinstance(value, Secret):
        return contains(value.value, test)
    if isinstance(value, Mapping):
        return any(contains(item, test) for item in cast("Mapping[str, Any]", value).values())
    if isinstance(value, list):
        return any(contains(item, test) for item in cast("list[Any]", value))
    return False


def has_unknown(value: Any) -> bool:
    return contains(value, lambda item: isinstance(item, _Unknown))


def has_secret(value: Any) -> bool:
    return contains(value, lambda item: isinstance(item, Secret))


def _map(value: Any, change: Callable[[Any], Any]) -> Any:
    if isinstance(value, Mapping):
        return {key: change(item) for key, item in cast("Mapping[str, Any]", value).items()}
    if isinstance(value, list):
        return [change(item) for item in cast("list[Any]", value)]
    return value
