"""Local and remote peering in the simulated Oracle Cloud: every rule broken once, and who holds whom."""

import pytest
from oracle_cloud import DRG, LPG, REGION, RPC, TABLE, VCN, Inputs, create
from simulated_cloud import Engine, RefusedByProviderError, Resource

from multimesh_lab.providers.wire import UNKNOWN

FAR = "us-ashburn-1"


def vcn(cloud: Engine, name: str, *blocks: str) -> Resource:
    return create(cloud, VCN, name, {"cidrBlocks": list(blocks)})


def gateway(cloud: Engine, name: str, owner: Resource, peer: Resource | None = None, **more: object) -> Resource:
    return create(cloud, LPG, name, {"vcnId": owner.id, **({"peerId": peer.id} if peer else {}), **more})


def again(cloud: Engine, resource: Resource) -> Resource:
    """The resource as the cloud has it by now."""
    seen = cloud.read(resource)
    assert seen is not None
    return seen


@pytest.fixture
def one(cloud: Engine) -> Resource:
    return vcn(cloud, "one", "10.1.0.0/20", "10.1.64.0/18")


@pytest.fixture
def two(cloud: Engine) -> Resource:
    return vcn(cloud, "two", "10.2.0.0/20")


class TestLocal:
    def test_both_sides_know_that_they_are_joined(self, cloud: Engine, one: Resource, two: Resource) -> None:
        first = gateway(cloud, "first", one)
        assert (first.outputs["peeringStatus"], first.outputs["peerId"]) == ("NEW", "")
        second = gateway(cloud, "second", two, first)
        for side, peer in ((second, first), (again(cloud, first), second)):
            assert (side.outputs["peeringStatus"], side.outputs["peerId"]) == ("PEERED", peer.id)
        assert second.outputs["peerAdvertisedCidrDetails"] == ["10.1.0.0/20", "10.1.64.0/18"]
        assert second.outputs["peerAdvertisedCidr"] == "10.1.0.0/17"
        assert again(cloud, first).outputs["peerAdvertisedCidrDetails"] == ["10.2.0.0/20"]

    def test_the_first_side_is_unchanged_for_the_program(self, cloud: Engine, one: Resource, two: Resource) -> None:
        first = gateway(cloud, "first", one)
        gateway(cloud, "second", two, first)
        seen = again(cloud, first)
        assert "peerId" not in seen.inputs
        assert not cloud.diff(seen, first.inputs).detailedDiff

    def test_an_update_leaves_the_peering(self, cloud: Engine, one: Resource, two: Resource) -> None:
        """Though the engine last heard of a gateway that was not peered."""
        first = gateway(cloud, "first", one)
        gateway(cloud, "second", two, first)
        renamed = cloud.update(first, {**first.inputs, "displayName": "renamed"})
        assert renamed.outputs["peeringStatus"] == again(cloud, renamed).outputs["peeringStatus"] == "PEERED"

    def test_preview(self, cloud: Engine) -> None:
        seen = cloud.preview(LPG, "first", {"compartmentId": "x", "vcnId": UNKNOWN, "peerId": UNKNOWN})
        assert (seen["peeringStatus"], seen["peerId"], seen["peerAdvertisedCidr"]) == (UNKNOWN, UNKNOWN, UNKNOWN)

    def test_only_one_side_names_the_other(self, cloud: Engine, one: Resource, two: Resource) -> None:
        first = gateway(cloud, "first", one)
        second = gateway(cloud, "second", two, first)
        with pytest.raises(RefusedByProviderError, match=r"The Local Peering Gateway with ID .* has already been conn"):
            gateway(cloud, "third", vcn(cloud, "three", "10.3.0.0/20"), second)

    def test_naming_the_other_later_makes_another_gateway(self, cloud: Engine, one: Resource, two: Resource) -> None:
        first, second = gateway(cloud, "first", one), gateway(cloud, "second", two)
        assert cloud.diff(second, {**second.inputs, "peerId": first.id}).replaces == ["peerId"]

    @pytest.mark.parametrize(
        ("blocks", "message"),
        [
            (["10.1.8.0/24"], "10.1.8.0/24 overlaps 10.1.0.0/20"),
            (["10.4.0.0/20", "10.1.64.0/20"], r"10.1.64.0/20 overlaps 10.1.64.0/18"),
        ],
    )
    def test_ranges_do_not_overlap(self, cloud: Engine, one: Resource, blocks: list[str], message: str) -> None:
        first = gateway(cloud, "first", one)
        with pytest.raises(RefusedByProviderError, match=message):
            gateway(cloud, "second", vcn(cloud, "same", *blocks), first)

    def test_not_with_itself(self, cloud: Engine, one: Resource) -> None:
        with pytest.raises(RefusedByProviderError, match="belongs to the same VCN"):
            gateway(cloud, "second", one, gateway(cloud, "first", one))

    def test_both_are_in_one_region(self, cloud: Engine, one: Resource) -> None:
        first = gateway(cloud, "first", one)
        cloud.configure({"region": FAR})
        far = vcn(cloud, "far", "10.5.0.0/20")
        with pytest.raises(RefusedByProviderError, match=r"peerId is .* in the region 'us-ashburn-1'"):
            gateway(cloud, "second", far, first)
        with pytest.raises(RefusedByProviderError, match=r"vcnId is .* in the region 'us-ashburn-1'"):
            gateway(cloud, "third", one)

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"vcnId": "gone"}, "the OCID of an existing Vcn"),
            ({"peerId": "gone"}, "the OCID of an existing LocalPeeringGateway"),
            ({"routeTableId": "gone"}, "the OCID of an existing RouteTable"),
            ({"compartmentId": "root"}, "the OCID of a compartment"),
        ],
    )
    def test_rules(self, cloud: Engine, one: Resource, change: Inputs, message: str) -> None:
        with pytest.raises(RefusedByProviderError, match=message):
            create(cloud, LPG, "first", {"vcnId": one.id, **change})

    def test_ten_for_a_vcn(self, cloud: Engine, one: Resource) -> None:
        for number in range(10):
            gateway(cloud, f"lpg-{number}", one)
        with pytest.raises(RefusedByProviderError, match="maximum limit of 10 for LocalPeeringGateway per VCN"):
            gateway(cloud, "one-more", one)

    def test_a_deleted_side_revokes_the_peering_for_good(self, cloud: Engine, one: Resource, two: Resource) -> None:
        first = gateway(cloud, "first", one)
        cloud.delete(gateway(cloud, "second", two, first))
        assert again(cloud, first).outputs["peeringStatus"] == "REVOKED"
        with pytest.raises(RefusedByProviderError, match="has already been connected"):
            gateway(cloud, "second", two, first)

    def test_a_route_leads_to_it_and_holds_it(self, cloud: Engine, one: Resource, two: Resource) -> None:
        first = gateway(cloud, "first", one)
        rule = {"destination": "10.2.0.0/20", "destinationType": "CIDR_BLOCK", "networkEntityId": first.id}
        with pytest.raises(RefusedByProviderError, match="is in another VCN than the route table"):
            create(cloud, TABLE, "table", {"vcnId": two.id, "routeRules": [rule]})
        table = create(cloud, TABLE, "table", {"vcnId": one.id, "routeRules": [rule]})
        with pytest.raises(RefusedByProviderError, match=r"409-Conflict, The LocalPeeringGateway .* by .*RouteTable"):
            cloud.delete(first)
        cloud.update(table, {**table.inputs, "routeRules": []})
        cloud.delete(first)

    def test_it_holds_its_vcn(self, cloud: Engine, one: Resource) -> None:
        gateway(cloud, "first", one)
        with pytest.raises(RefusedByProviderError, match=r"409-IncorrectState, .* LocalPeeringGateway .* in use"):
            cloud.delete(one)

    def test_a_route_table_stays_with_it(self, cloud: Engine, one: Resource) -> None:
        table = create(cloud, TABLE, "transit", {"vcnId": one.id, "routeRules": []})
        first = gateway(cloud, "first", one, routeTableId=table.id)
        with pytest.raises(RefusedByProviderError, match="cannot be left without a route table"):
            cloud.update(first, {key: value for key, value in first.inputs.items() if key != "routeTableId"})


class TestRemote:
    @pytest.fixture
    def near(self, cloud: Engine) -> Resource:
        return create(cloud, RPC, "near", {"drgId": create(cloud, DRG, "near", {}).id})

    @pytest.fixture
    def far_drg(self, cloud: Engine, near: Resource) -> Resource:
        """The tests go on in the other region from here."""
        cloud.configure({"region": FAR})
        return create(cloud, DRG, "far", {})

    @staticmethod
    def to_near(far_drg: Resource, near: Resource) -> Inputs:
        return {"drgId": far_drg.id, "peerId": near.id, "peerRegionName": REGION}

    def test_both_sides_know_that_they_are_joined(self, cloud: Engine, near: Resource, far_drg: Resource) -> None:
        assert near.outputs["peeringStatus"] == "NEW"
        far = create(cloud, RPC, "far", self.to_near(far_drg, near))
        assert (far.outputs["peeringStatus"], far.outputs["peerTenancyId"][:13]) == ("PEERED", "ocid1.tenancy")
        seen = again(cloud, near)
        assert (seen.outputs["peeringStatus"], seen.outputs["peerId"]) == ("PEERED", far.id)
        assert seen.outputs["peerRegionName"] == FAR
        assert not cloud.diff(seen, near.inputs).detailedDiff

    def test_an_update_leaves_the_peering(self, cloud: Engine, near: Resource, far_drg: Resource) -> None:
        create(cloud, RPC, "far", self.to_near(far_drg, near))
        cloud.configure({"region": REGION})
        assert cloud.update(near, {**near.inputs, "displayName": "n"}).outputs["peeringStatus"] == "PEERED"

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"drgId": "gone"}, "the OCID of an existing Drg"),
            ({"peerId": "gone"}, "the OCID of an existing RemotePeeringConnection"),
            ({"peerRegionName": None}, "peerId and peerRegionName are given together"),
            ({"peerId": None}, "peerId and peerRegionName are given together"),
            ({"peerRegionName": "uk-london-1"}, "in the region 'uk-london-1' that peerRegionName names"),
        ],
    )
    def test_rules(self, cloud: Engine, near: Resource, far_drg: Resource, change: Inputs, message: str) -> None:
        with pytest.raises(RefusedByProviderError, match=message):
            create(cloud, RPC, "far", {**self.to_near(far_drg, near), **change})

    def test_the_drg_is_in_the_region_that_is_asked(self, cloud: Engine, near: Resource, far_drg: Resource) -> None:
        with pytest.raises(RefusedByProviderError, match=r"drgId is .* in the region 'us-ashburn-1'"):
            create(cloud, RPC, "far", {"drgId": near.outputs["drgId"]})

    def test_a_connection_has_one_peer(self, cloud: Engine, near: Resource, far_drg: Resource) -> None:
        create(cloud, RPC, "far", self.to_near(far_drg, near))
        with pytest.raises(
            RefusedByProviderError, match=r"unexpected Peering Status `PEERED` .* already been connected"
        ):
            create(cloud, RPC, "another", self.to_near(far_drg, near))

    def test_a_deleted_side_revokes_the_peering_for_good(
        self, cloud: Engine, near: Resource, far_drg: Resource
    ) -> None:
        cloud.delete(create(cloud, RPC, "far", self.to_near(far_drg, near)))
        assert again(cloud, near).outputs["peeringStatus"] == "REVOKED"
        with pytest.raises(RefusedByProviderError, match="unexpected Peering Status `REVOKED`"):
            create(cloud, RPC, "far", self.to_near(far_drg, near))

    def test_what_forces_another(self, cloud: Engine, near: Resource) -> None:
        for name in ("drgId", "peerId", "peerRegionName"):
            assert name in cloud.diff(near, {**near.inputs, name: "other"}).replaces

    def test_it_holds_its_drg(self, cloud: Engine, near: Resource) -> None:
        drg = Resource(DRG, "", near.outputs["drgId"], {}, {}, {})
        with pytest.raises(RefusedByProviderError, match=r"409-Conflict, The Drg .* by .*RemotePeeringConnection"):
            cloud.delete(drg)
        cloud.delete(near)
        cloud.delete(drg)
