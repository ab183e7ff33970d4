"""A peering between two VPCs: request, acceptance, names of hosts, and routes in every table on both sides.

Owns: the peering. Does not own: which networks need one, nor what is admitted (aws_admission.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from pulumi_multimesh.network.handles import AwsNetwork


@dataclass(frozen=True)
class AwsAccount:
    """The account of a peering's second VPC where it is another than that of the first."""

    owner_id: str
    """Twelve digits."""
    provider: pulumi.ProviderResource
    """AWS with that account's credentials."""


class AwsPeering(pulumi.ComponentResource):
    """Two VPCs joined; `first` asks and `second` accepts.

    Their ranges must not overlap, or AWS refuses; a third VPC is never reached through one of them.
    """

    connection: aws.ec2.VpcPeeringConnection

    def __init__(
        self,
        name: str,
        first: AwsNetwork,
        second: AwsNetwork,
        *,
        account: AwsAccount | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`account`: that of `second`; unless given both are in the account of the credentials at hand."""
        super().__init__("multimesh:index:AwsPeering", name, {"between": [first.name, second.name]}, opts)
        self._name = name
        own = pulumi.ResourceOptions(parent=self)
        theirs = own if account is None else pulumi.ResourceOptions(parent=self, provider=account.provider)
        # AWS accepts its own request only where one account and one region have both ends.
        by_itself = account is None and first.region == second.region
        self.connection = aws.ec2.VpcPeeringConnection(
            name,
            region=first.region,
            vpc_id=first.vpc_id,
            peer_vpc_id=second.vpc_id,
            peer_owner_id=account.owner_id if account else None,
            peer_region=None if by_itself else second.region,
            auto_accept=True if by_itself else None,
            tags={**first.tags, "Name": name},
            opts=own,
        )
        accepted: list[pulumi.Resource] = [self.connection]
        if not by_itself:
            accepted.append(self._accepter(second, theirs))
        after = pulumi.ResourceOptions(depends_on=accepted)
        own_after, theirs_after = (pulumi.ResourceOptions.merge(opts, after) for opts in (own, theirs))
        self._names_of_hosts(first, second, own_after, theirs_after)
        self._routes(first, second.ranges, own_after)
        self._routes(second, first.ranges, theirs_after)
        self.register_outputs({"connectionId": self.connection.id})

    def _accepter(self, second: AwsNetwork, opts: pulumi.ResourceOptions) -> aws.ec2.VpcPeeringConnectionAccepter:
        return aws.ec2.VpcPeeringConnectionAccepter(
            self._name,
            region=second.region,
            vpc_peering_connection_id=self.connection.id,
            auto_accept=True,
            tags={**second.tags, "Name": self._name},
            opts=opts,
        )

    def _names_of_hosts(
        self, first: AwsNetwork, second: AwsNetwork, own: pulumi.ResourceOptions, theirs: pulumi.ResourceOptions
    ) -> None:
        """AWS's names of hosts lead to private addresses from the other side too; each side says so for itself."""
        aws.ec2.PeeringConnectionOptions(
            f"{self._name}-{first.name}",
            region=first.region,
            vpc_peering_connection_id=self.connection.id,
            requester={"allow_remote_vpc_dns_resolution": True},
            opts=own,
        )
        aws.ec2.PeeringConnectionOptions(
            f"{self._name}-{second.name}",
            region=second.region,
            vpc_peering_connection_id=self.connection.id,
            accepter={"allow_remote_vpc_dns_resolution": True},
            opts=theirs,
        )

    def _routes(self, network: AwsNetwork, ranges: Sequence[str], opts: pulumi.ResourceOptions) -> None:
        for position, table in enumerate(network.route_tables):
            for cidr in ranges:
                # Named by the range, so that one more range leaves the other routes where they are.
                aws.ec2.Route(
                    f"{self._name}-{network.name}-{position}-{cidr.replace('.', '-').replace('/', '-')}",
                    region=network.region,
                    route_table_id=table,
                    destination_cidr_block=cidr,
                    vpc_peering_connection_id=self.connection.id,
                    opts=opts,
                )
