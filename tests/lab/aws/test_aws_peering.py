"""The simulated AWS's peerings: requests, acceptance, options and routes, and every rule broken once."""

from pathlib import Path
from typing import Any

import pytest
from simulated_cloud import Engine, FakeRuntime, RefusedByProviderError, Resource, home_in

from multimesh_lab.providers.aws.provider import provider

VPC = "aws:ec2/vpc:Vpc"
TABLE = "aws:ec2/routeTable:RouteTable"
ROUTE = "aws:ec2/route:Route"
PEERING = "aws:ec2/vpcPeeringConnection:VpcPeeringConnection"
ACCEPTER = "aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter"
OPTIONS = "aws:ec2/peeringConnectionOptions:PeeringConnectionOptions"
ACTIVE, PENDING = "active", "pending-acceptance"
DNS = {"allowRemoteVpcDnsResolution": True}
FAR = "eu-west-1"
Inputs = dict[str, Any]


@pytest.fixture
def cloud(tmp_path: Path) -> Engine:
    return Engine(provider(home_in(tmp_path), FakeRuntime()), {"region": "us-east-1"})


@pytest.fixture
def own(cloud: Engine) -> Resource:
    return cloud.create(VPC, "own", {"cidrBlock": "10.0.0.0/16"})


@pytest.fixture
def near(cloud: Engine) -> Resource:
    return cloud.create(VPC, "near", {"cidrBlock": "10.1.0.0/16"})


@pytest.fixture
def far(cloud: Engine) -> Resource:
    return cloud.create(VPC, "far", {"cidrBlock": "10.2.0.0/16", "region": FAR})


@pytest.fixture
def pending(cloud: Engine, own: Resource, far: Resource) -> Resource:
    return cloud.create(PEERING, "p", {"vpcId": own.id, "peerVpcId": far.id, "peerRegion": FAR})


def accept(cloud: Engine, peering: Resource, **more: Any) -> Resource:
    inputs = {"vpcPeeringConnectionId": peering.id, "autoAccept": True, "region": FAR, **more}
    return cloud.create(ACCEPTER, "accepter", inputs)


def status(cloud: Engine, peering: Resource) -> object:
    record = cloud.store.get(PEERING, peering.id)
    return record.outputs["acceptStatus"] if record else None


class TestRequest:
    def test_within_a_region_aws_accepts_it_itself(self, cloud: Engine, own: Resource, near: Resource) -> None:
        made = cloud.create(PEERING, "p", {"vpcId": own.id, "peerVpcId": near.id, "autoAccept": True})
        assert (made.outputs["acceptStatus"], made.outputs["peerRegion"]) == (ACTIVE, "us-east-1")

    def test_it_waits_for_its_accepter(self, cloud: Engine, own: Resource, near: Resource) -> None:
        inputs = {"vpcId": own.id, "peerVpcId": near.id}
        made = cloud.create(PEERING, "p", inputs)
        assert made.outputs["acceptStatus"] == PENDING
        assert cloud.update(made, {**inputs, "autoAccept": True}).outputs["acceptStatus"] == ACTIVE

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"peerRegion": "us-east-1", "autoAccept": True}, "`peer_region` cannot be set whilst `auto_accept`"),
            ({"peerOwnerId": "210987654321", "autoAccept": True}, "OperationNotPermitted: User 123456789012 cannot"),
            ({"peerVpcId": "vpc-gone"}, "unexpected state 'failed'.*incorrect VPC-ID"),
            ({"peerRegion": FAR}, "unexpected state 'failed'.*incorrect VPC-ID"),
            ({"vpcId": "vpc-gone"}, "InvalidVpcID.NotFound"),
            ({"region": FAR}, "InvalidVpcID.NotFound"),
        ],
    )
    def test_what_is_refused(self, cloud: Engine, own: Resource, near: Resource, change: Inputs, message: str) -> None:
        with pytest.raises(RefusedByProviderError, match=message):
            cloud.create(PEERING, "p", {"vpcId": own.id, "peerVpcId": near.id, **change})
        assert cloud.store.all(PEERING) == []

    def test_a_vpc_of_another_region_is_not_accepted_from_here(
        self, cloud: Engine, own: Resource, far: Resource, pending: Resource
    ) -> None:
        with pytest.raises(RefusedByProviderError, match="cannot accept peering"):
            cloud.update(pending, {"vpcId": own.id, "peerVpcId": far.id, "peerRegion": FAR, "autoAccept": True})

    @pytest.mark.parametrize("block", ["10.0.0.0/16", "10.0.128.0/20"])
    def test_ranges_that_overlap(self, cloud: Engine, own: Resource, block: str) -> None:
        twin = cloud.create(VPC, "twin", {"cidrBlock": block})
        with pytest.raises(RefusedByProviderError, match="overlapping CIDR range"):
            cloud.create(PEERING, "p", {"vpcId": own.id, "peerVpcId": twin.id, "autoAccept": True})

    def test_a_pair_has_one(self, cloud: Engine, own: Resource, near: Resource) -> None:
        cloud.create(PEERING, "p", {"vpcId": own.id, "peerVpcId": near.id})
        with pytest.raises(RefusedByProviderError, match="VpcPeeringConnectionAlreadyExists"):
            cloud.create(PEERING, "q", {"vpcId": near.id, "peerVpcId": own.id})

    def test_fifty_and_no_more(self, cloud: Engine, own: Resource) -> None:
        for number in range(51):
            peer = cloud.create(VPC, f"v{number}", {"cidrBlock": f"10.{100 + number}.0.0/16"})
            inputs = {"vpcId": own.id, "peerVpcId": peer.id}
            if number < 50:
                cloud.create(PEERING, f"p{number}", inputs)
                continue
            with pytest.raises(RefusedByProviderError, match="ActiveVpcPeeringConnectionPerVpcLimitExceeded"):
                cloud.create(PEERING, f"p{number}", inputs)

    def test_neither_vpc_goes_before_it(self, cloud: Engine, own: Resource, far: Resource, pending: Resource) -> None:
        for vpc in (own, far):
            with pytest.raises(RefusedByProviderError, match=f"DependencyViolation.*{pending.id}"):
                cloud.delete(vpc)
        cloud.delete(pending)
        cloud.delete(own)
        cloud.delete(far)

    def test_other_ends_are_other_peerings(self, cloud: Engine, pending: Resource) -> None:
        for key in ("vpcId", "peerVpcId", "peerOwnerId"):
            assert list(cloud.diff(pending, {**pending.inputs, key: "other"}).replaces) == [key]


class TestAcceptance:
    def test_in_the_peers_region(self, cloud: Engine, own: Resource, far: Resource, pending: Resource) -> None:
        made = accept(cloud, pending)
        assert made.id == pending.id
        assert (made.outputs["vpcId"], made.outputs["peerVpcId"]) == (far.id, own.id)
        assert status(cloud, pending) == ACTIVE
        cloud.delete(made)
        assert status(cloud, pending) == ACTIVE, "nothing happens to the peering"

    def test_without_the_word_it_stays_pending(self, cloud: Engine, pending: Resource) -> None:
        accept(cloud, pending, autoAccept=None)
        assert status(cloud, pending) == PENDING

    def test_not_in_the_requesters_region(self, cloud: Engine, pending: Resource) -> None:
        with pytest.raises(RefusedByProviderError, match=f"its accepter is in {FAR}"):
            accept(cloud, pending, region="us-east-1")

    def test_not_for_another_account(self, cloud: Engine, own: Resource) -> None:
        theirs = {"vpcId": own.id, "peerVpcId": "vpc-theirs", "peerOwnerId": "210987654321", "peerRegion": FAR}
        made = cloud.create(PEERING, "p", theirs)
        assert made.outputs["acceptStatus"] == PENDING
        with pytest.raises(RefusedByProviderError, match="OperationNotPermitted"):
            accept(cloud, made)

    def test_not_what_is_gone(self, cloud: Engine, pending: Resource) -> None:
        cloud.delete(pending)
        with pytest.raises(RefusedByProviderError, match=r"InvalidVpcPeeringConnectionID\.NotFound"):
            accept(cloud, pending)


class TestOptions:
    def test_each_side_in_its_own_region(self, cloud: Engine, pending: Resource) -> None:
        accept(cloud, pending)
        peering = {"vpcPeeringConnectionId": pending.id}
        cloud.create(OPTIONS, "first", {**peering, "requester": DNS})
        cloud.create(OPTIONS, "second", {**peering, "accepter": DNS, "region": FAR})
        record = cloud.store.get(PEERING, pending.id)
        assert record is not None
        assert (record.outputs["requester"], record.outputs["accepter"]) == (DNS, DNS)

    def test_not_in_the_others(self, cloud: Engine, pending: Resource) -> None:
        accept(cloud, pending)
        for side, region in {"requester": FAR, "accepter": "us-east-1"}.items():
            inputs = {"vpcPeeringConnectionId": pending.id, side: DNS, "region": region}
            with pytest.raises(RefusedByProviderError, match=f"{side} options of {pending.id} can be modified in"):
                cloud.create(OPTIONS, side, inputs)

    def test_only_of_an_active_one(self, cloud: Engine, pending: Resource) -> None:
        with pytest.raises(RefusedByProviderError, match="Peering options can be added only to active peerings"):
            cloud.create(OPTIONS, "o", {"vpcPeeringConnectionId": pending.id, "requester": DNS})


class TestRoutes:
    def test_they_lead_somewhere_while_it_is_active(
        self, cloud: Engine, own: Resource, far: Resource, pending: Resource
    ) -> None:
        table = cloud.create(TABLE, "t", {"vpcId": own.id})
        there = cloud.create(TABLE, "there", {"vpcId": far.id, "region": FAR})
        to = {"vpcPeeringConnectionId": pending.id}
        out = cloud.create(ROUTE, "r", {**to, "routeTableId": table.id, "destinationCidrBlock": "10.2.0.0/16"})
        back = {**to, "routeTableId": there.id, "destinationCidrBlock": "10.0.0.0/16", "region": FAR}
        assert out.outputs["state"] == "blackhole"
        accept(cloud, pending)
        assert cloud.create(ROUTE, "back", back).outputs["state"] == ACTIVE
        after = cloud.read(out)
        assert after is not None
        assert after.outputs["state"] == ACTIVE
        cloud.delete(pending)
        assert {route.outputs["state"] for route in cloud.store.all(ROUTE)} == {"blackhole"}

    def test_they_are_in_tables_of_its_two_vpcs(self, cloud: Engine, near: Resource, pending: Resource) -> None:
        table = cloud.create(TABLE, "t", {"vpcId": near.id})
        route = {"routeTableId": table.id, "destinationCidrBlock": "10.2.0.0/16"}
        with pytest.raises(RefusedByProviderError, match="different networks"):
            cloud.create(ROUTE, "r", {**route, "vpcPeeringConnectionId": pending.id})
        with pytest.raises(RefusedByProviderError, match=r"InvalidVpcPeeringConnectionID\.NotFound"):
            cloud.create(ROUTE, "r", {**route, "vpcPeeringConnectionId": "pcx-gone"})
        with pytest.raises(RefusedByProviderError, match=f"does not exist in {FAR}"):
            cloud.create(ROUTE, "r", {**route, "vpcPeeringConnectionId": pending.id, "region": FAR})
