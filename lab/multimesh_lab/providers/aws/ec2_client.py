"""EC2 as boto3 shows it to a simulated Lambda function: calls on the lab's own AWS, with the rights of its role.

Owns: the calls' form, refusals and durations. Does not own: what a call does to a connection (vpn_connection).
"""

import types
from typing import Any, Protocol

from multimesh_lab.providers.aws import rights, vpn_connection
from multimesh_lab.providers.aws.vpn import CONNECTION, CUSTOMER
from multimesh_lab.providers.kinds import RefusedError
from multimesh_lab.providers.store import Record, Store


class Clock(Protocol):
    """The cloud's time, in seconds."""

    @property
    def now(self) -> float: ...


class ClientError(Exception):
    """botocore's: what AWS refuses, with its code."""

    def __init__(self, code: str, message: str, operation: str) -> None:
        super().__init__(f"An error occurred ({code}) when calling the {operation} operation: {message}")
        self.response = {"Error": {"Code": code, "Message": message}}


class Ec2Client:
    """The calls that are simulated; boto3 has them under the same names, with the same keyword arguments."""

    exceptions = types.SimpleNamespace(ClientError=ClientError)

    def __init__(self, store: Store, region: str, role: str, clock: Clock) -> None:
        self._store, self._region, self._role, self._clock = store, region, role, clock
        self._busy_until: dict[str, float] = {}

    def describe_vpn_connections(self, *, VpnConnectionIds: list[str]) -> dict[str, Any]:  # noqa: N803
        operation = "DescribeVpnConnections"
        self._must_be_allowed(operation, ["*"])
        found = [self._record(CONNECTION, each, "InvalidVpnConnectionID", operation) for each in VpnConnectionIds]
        return {"VpnConnections": [self._described(record) for record in found]}

    def modify_vpn_connection(self, *, VpnConnectionId: str, CustomerGatewayId: str) -> dict[str, Any]:  # noqa: N803
        operation = "ModifyVpnConnection"
        with self._store.locked():
            connection = self._record(CONNECTION, VpnConnectionId, "InvalidVpnConnectionID", operation)
            customer = self._record(CUSTOMER, CustomerGatewayId, "InvalidCustomerGatewayID", operation)
            self._must_be_allowed(operation, [str(connection.outputs["arn"]), str(customer.outputs["arn"])])
            if self._busy(connection.id):
                # One change at a time: docs.aws.amazon.com/vpn/latest/s2svpn/endpoint-replacements.html.
                raise ClientError("IncorrectState", f"{connection.id} is in the state modifying", operation)
            try:
                vpn_connection.exchange(self._store, connection, customer)
            except RefusedError as refusal:
                code, _, message = str(refusal).partition(": ")
                raise ClientError(code, message, operation) from refusal
        self._busy_until[connection.id] = self._clock.now + vpn_connection.CHANGE_MINUTES * 60
        changed = self._record(CONNECTION, VpnConnectionId, "InvalidVpnConnectionID", operation)
        return {"VpnConnection": self._described(changed)}

    def _must_be_allowed(self, operation: str, resources: list[str]) -> None:
        # Service authorization reference, EC2: describing knows no single connections, modifying knows connection and
        # customer gateway.
        refused = [each for each in resources if not rights.allow(self._store, self._role, f"ec2:{operation}", each)]
        if refused:
            message = (
                f"You are not authorized to perform this operation. {self._role} has no ec2:{operation} on {refused}"
            )
            raise ClientError("UnauthorizedOperation", message, operation)

    def _record(self, token: str, resource_id: str, code: str, operation: str) -> Record:
        record = self._store.get(token, resource_id)
        if record is None or record.outputs.get("region") != self._region:
            raise ClientError(f"{code}.NotFound", f"The ID '{resource_id}' does not exist", operation)
        return record

    def _described(self, record: Record) -> dict[str, Any]:
        return {
            "VpnConnectionId": record.id,
            "CustomerGatewayId": record.outputs["customerGatewayId"],
            "VpnGatewayId": record.outputs["vpnGatewayId"],
            "State": "modifying" if self._busy(record.id) else "available",
        }

    def _busy(self, connection: str) -> bool:
        return self._clock.now < self._busy_until.get(connection, 0.0)
