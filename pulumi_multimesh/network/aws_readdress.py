"""Another customer gateway for VPN connections that exist already, within one `pulumi up`.

A connection to Oracle Cloud must exist before Oracle's end does, which is made from its addresses, and so begins with
a placeholder for a customer gateway. AWS can exchange it, which no resource of the provider does within the same
update: a small function calls `ModifyVpnConnection`, and a resource of the provider calls the function; also when it
is deleted, so that a `destroy` needs no program. After a call that failed, `up` again before `destroy`: AWS may have
exchanged the customer gateway all the same, and does not delete one that is in use.
Owns: function, rights, log and calls. Does not own: the connections and customer gateways (aws_vpn.py), nor what the
function does (aws_readdress_handler.py).
"""

import importlib.resources
import json
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from pulumi_multimesh.network.handles import AwsNetwork

_LONGEST_SECONDS = 900
"""The most that AWS lets a function run; AWS needs 2 to 10 minutes to exchange a customer gateway."""
_LOG_DAYS = 30
"""A month, in which an incident is usually found; a group that Lambda makes itself keeps everything for ever."""


@dataclass(frozen=True)
class Move:
    """A connection, the customer gateway that it was made with, and the one that it is to have."""

    connection: aws.ec2.VpnConnection
    placeholder: aws.ec2.CustomerGateway
    customer: aws.ec2.CustomerGateway


class AwsReaddressing(pulumi.ComponentResource):
    """The function that exchanges the customer gateways of one virtual private gateway's connections."""

    def __init__(self, name: str, network: AwsNetwork, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("multimesh:index:AwsReaddressing", name, {}, opts)
        self._network = network
        child = pulumi.ResourceOptions(parent=self)
        log = aws.cloudwatch.LogGroup(
            name, region=network.region, retention_in_days=_LOG_DAYS, tags=dict(network.tags), opts=child
        )
        self._role = aws.iam.Role(
            name, assume_role_policy=json.dumps(_policy(_trust())), tags=dict(network.tags), opts=child
        )
        rights = aws.iam.RolePolicy(
            name,
            role=self._role.name,
            # EC2 knows no rights on single connections for describing.
            policy=log.arn.apply(
                lambda arn: json.dumps(
                    _policy(
                        _allow("ec2:DescribeVpnConnections", "*"),
                        _allow(["logs:CreateLogStream", "logs:PutLogEvents"], f"{arn}:*"),
                    )
                )
            ),
            opts=child,
        )
        self._function = aws.lambda_.Function(
            name,
            region=network.region,
            description="Gives VPN connections of the mesh the customer gateways that are known only after them.",
            role=self._role.arn,
            runtime="python3.13",
            handler="index.handler",
            code=pulumi.AssetArchive({"index.py": pulumi.StringAsset(_handler())}),
            timeout=_LONGEST_SECONDS,
            logging_config={"log_format": "Text", "log_group": log.name},
            tags=dict(network.tags),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[rights]),
        )
        self.register_outputs({})

    def move(
        self, name: str, moves: Mapping[int, Move], gateway_arn: pulumi.Input[str], opts: pulumi.ResourceOptions
    ) -> None:
        """Give each connection its customer gateway, by number of the connection; undone when that is deleted."""
        touched = [part.arn for move in moves.values() for part in (move.connection, move.placeholder, move.customer)]
        rights = aws.iam.RolePolicy(
            name,
            role=self._role.name,
            policy=pulumi.Output.all(gateway_arn, *touched).apply(
                lambda arns: json.dumps(_policy(_allow("ec2:ModifyVpnConnection", arns)))
            ),
            opts=opts,
        )
        ready = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[rights]))
        for interface, move in moves.items():
            aws.lambda_.Invocation(
                f"{name}-{interface}",
                region=self._network.region,
                function_name=self._function.name,
                lifecycle_scope="CRUD",
                input=pulumi.Output.json_dumps(
                    {
                        "connection": move.connection.id,
                        "placeholder": move.placeholder.id,
                        "customer": move.customer.id,
                    }
                ),
                opts=ready,
            )


def _handler() -> str:
    return importlib.resources.files("pulumi_multimesh.network").joinpath("aws_readdress_handler.py").read_text()


def _trust() -> dict[str, object]:
    return {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}


def _allow(action: str | list[str], resource: str | list[str]) -> dict[str, object]:
    return {"Effect": "Allow", "Action": action, "Resource": resource}


def _policy(*statements: dict[str, object]) -> dict[str, object]:
    return {"Version": "2012-10-17", "Statement": list(statements)}
