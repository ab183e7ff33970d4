"""The error for a resource that exists but is not healthy.

Owns: its form on the wire. Does not own: what healthy means.
The engine stores the resource with the reasons and asks for an update the next time.
"""

from collections.abc import Sequence
from typing import NamedTuple, NoReturn

import grpc
from google.protobuf import any_pb2, struct_pb2
from google.rpc import status_pb2  # pyright: ignore[reportMissingTypeStubs]
from pulumi.runtime.proto import provider_pb2

_DETAILS_KEY = "grpc-status-details-bin"


class _Status(NamedTuple):
    """What gRPC wants to be given; `grpcio-status` would be one more dependency for these three fields."""

    code: grpc.StatusCode
    details: str
    trailing_metadata: tuple[tuple[str, bytes], ...]


def abort_unhealthy(
    context: grpc.ServicerContext,
    resource_id: str,
    state: struct_pb2.Struct,
    inputs: struct_pb2.Struct,
    reasons: Sequence[str],
) -> NoReturn:
    """End the call with the resource's state and the reasons why it is not healthy."""
    failed = provider_pb2.ErrorResourceInitFailed(id=resource_id, properties=state, reasons=reasons, inputs=inputs)
    detail = any_pb2.Any()
    detail.Pack(failed)
    message = "; ".join(reasons)
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=message, details=[detail])
    metadata = ((_DETAILS_KEY, status.SerializeToString()),)
    context.abort_with_status(_Status(grpc.StatusCode.UNKNOWN, message, metadata))  # pyright: ignore[reportArgumentType]
    raise AssertionError("unreachable: abort_with_status raises")
