"""The function that AWS Lambda runs: a VPN connection gets another customer gateway, and loses it again on delete.

Owns: the exchange, which may be asked for twice. Does not own: who may ask for it (aws_readdress.py).
It is uploaded as it stands here, so it imports nothing of this package, and it never runs in a program of Pulumi's.
"""

import functools
import itertools
import time
from collections.abc import Callable
from typing import Any

import boto3  # pyright: ignore[reportMissingImports]

_PAUSE_SECONDS = 5
_RESERVE_MILLISECONDS = 20_000
"""Left for the answer, so that the caller learns what was waited for."""
_GONE = "InvalidVpnConnectionID.NotFound"
_UNAUTHORIZED, _BUSY = "UnauthorizedOperation", "IncorrectState"
_ATTEMPTS = 24
"""Two minutes: fresh rights are known everywhere after some seconds, and lacking ones should soon be reported."""


def handler(event: dict[str, Any], context: Any) -> dict[str, str]:
    """Give connections the customer gateways that the event asks for; returns which each was given.

    `event`: ids of the `connection`, its `placeholder` and its `customer` gateway, and the provider's `tf`, which says
    what happens to the resource (`action`) and what the ids were before (`prev_input`).
    Raises `LookupError` if the connection is gone that is to have the customer gateway, `TimeoutError` if AWS is not
    done while the function may run.
    """
    ec2: Any = boto3.client("ec2")
    wanted = _wanted(event)
    for connection, customer in wanted.items():
        seen = _seen(ec2, connection, context)
        if seen is None and customer == event["customer"]:
            raise LookupError(f"there is no VPN connection {connection}")
        if seen is not None and seen["CustomerGatewayId"] != customer:
            modify = functools.partial(ec2.modify_vpn_connection, VpnConnectionId=connection)
            _ask(ec2, functools.partial(modify, CustomerGatewayId=customer), connection, context)
    for connection, customer in wanted.items():
        _await(ec2, connection, customer, context)
    return wanted


def _wanted(event: dict[str, Any]) -> dict[str, str]:
    """The customer gateway of each connection: after a delete, and after a change to another one, the placeholder."""
    call = event["tf"]
    if call["action"] == "delete":
        return {event["connection"]: event["placeholder"]}
    before = call.get("prev_input") or event
    left = {} if before["connection"] == event["connection"] else {before["connection"]: before["placeholder"]}
    return {**left, event["connection"]: event["customer"]}


def _await(ec2: Any, connection: str, customer: str, context: Any) -> None:
    while True:
        seen = _seen(ec2, connection, context)
        if seen is None or (seen["CustomerGatewayId"] == customer and seen["State"] == "available"):
            return
        _pause(context, connection, f"{seen['State']} with {seen['CustomerGatewayId']}")


def _seen(ec2: Any, connection: str, context: Any) -> dict[str, Any] | None:
    """The connection as AWS has it; None once it is deleted, and then there is nothing to exchange."""
    describe = functools.partial(ec2.describe_vpn_connections, VpnConnectionIds=[connection])
    found = _ask(ec2, describe, connection, context)
    known: list[dict[str, Any]] = found["VpnConnections"] if found else []
    return next((each for each in known if each["State"] not in ("deleting", "deleted")), None)


def _ask(ec2: Any, call: Callable[[], Any], connection: str, context: Any) -> Any:
    """The answer to a call, which is repeated while AWS cannot do it yet; None if the connection is gone.

    A connection takes one change at a time.
    """
    for attempt in itertools.count(1):
        try:
            return call()
        except ec2.exceptions.ClientError as error:
            code = error.response["Error"]["Code"]
            if code == _GONE:
                return None
            if code != _BUSY and (code != _UNAUTHORIZED or attempt == _ATTEMPTS):
                raise
            _pause(context, connection, str(error))
    return None


def _pause(context: Any, connection: str, last: str) -> None:
    if context.get_remaining_time_in_millis() < _RESERVE_MILLISECONDS:
        raise TimeoutError(f"{connection} did not get its customer gateway in time; last seen: {last}")
    time.sleep(_PAUSE_SECONDS)
