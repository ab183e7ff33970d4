"""The function that AWS Lambda runs: a VPN connection gets another customer gateway, and loses it again on delete.

Owns: the exchange, which may be asked for twice. Does not own: who may ask for it (aws_readdress.py).
It is uploaded as it stands here, so it imports nothing of this package, and it never runs in a program of Pulumi's.
"""

import time
from typing import Any

import boto3  # pyright: ignore[reportMissingImports]

_PAUSE_SECONDS = 5
_RESERVE_MILLISECONDS = 20_000
"""Left for the answer, so that the caller learns what was waited for."""
_GONE = "InvalidVpnConnectionID.NotFound"
_NOT_YET = ("UnauthorizedOperation", "IncorrectState", "RequestLimitExceeded", "Unavailable")
"""Fresh rights take a while to be known everywhere, and a connection takes one change at a time."""


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Bring the connections where the event wants them; returns which customer gateway each was given."""
    ec2: Any = boto3.client("ec2")
    wanted = _wanted(event)
    for connection, customer in wanted.items():
        _start(ec2, connection, customer, context)
    for connection, customer in wanted.items():
        _finish(ec2, connection, customer, context)
    return wanted


def _wanted(event: dict[str, Any]) -> dict[str, str]:
    """The customer gateway of each connection: after a delete, and after a change to another one, the placeholder."""
    call = event["tf"]
    if call["action"] == "delete":
        return {event["connection"]: event["placeholder"]}
    before = call.get("prev_input") or event
    left = {} if before["connection"] == event["connection"] else {before["connection"]: before["placeholder"]}
    return {**left, event["connection"]: event["customer"]}


def _start(ec2: Any, connection: str, customer: str, context: Any) -> None:
    while True:
        seen = _seen(ec2, connection)
        if seen is None or seen["CustomerGatewayId"] == customer:
            return
        try:
            ec2.modify_vpn_connection(VpnConnectionId=connection, CustomerGatewayId=customer)
            return
        except ec2.exceptions.ClientError as error:
            if error.response["Error"]["Code"] not in _NOT_YET:
                raise
            print(f"{connection}: {error}; asking again")  # noqa: T201
            _pause(context, connection, str(error))


def _finish(ec2: Any, connection: str, customer: str, context: Any) -> None:
    while True:
        seen = _seen(ec2, connection)
        if seen is None or (seen["CustomerGatewayId"] == customer and seen["State"] == "available"):
            return
        _pause(context, connection, f"{seen['State']} with {seen['CustomerGatewayId']}")


def _seen(ec2: Any, connection: str) -> dict[str, Any] | None:
    """The connection as AWS has it; None once it is deleted, and then there is nothing to exchange."""
    try:
        found = ec2.describe_vpn_connections(VpnConnectionIds=[connection])["VpnConnections"]
    except ec2.exceptions.ClientError as error:
        if error.response["Error"]["Code"] != _GONE:
            raise
        return None
    return next((each for each in found if each["State"] not in ("deleting", "deleted")), None)


def _pause(context: Any, connection: str, last: str) -> None:
    if context.get_remaining_time_in_millis() < _RESERVE_MILLISECONDS:
        raise TimeoutError(f"{connection} did not get its customer gateway in time; last seen: {last}")
    time.sleep(_PAUSE_SECONDS)
