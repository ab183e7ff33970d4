"""VCNs and what is in them in the simulated Oracle Cloud: every rule broken once, and who holds whom."""

import pytest
from oracle_cloud import (
    ADDRESS,
    ALL_SERVICES,
    COMPARTMENT,
    IGW,
    LIST,
    NAT,
    SGW,
    SUBNET,
    TABLE,
    VCN,
    Inputs,
    Network,
    create,
    service_id,
    subnet_inputs,
)
from simulated_cloud import CheckFailedError, Engine, FakeRuntime, RefusedByProviderError, Resource

from multimesh_lab.providers.wire import UNKNOWN

ANYWHERE = {"destination": "0.0.0.0/0", "destinationType": "CIDR_BLOCK"}


class TestVcn:
    def test_what_oracle_makes_in_it_comes_and_goes_with_it(self, cloud: Engine) -> None:
        vcn = create(cloud, VCN, "vcn", {"cidrBlocks": ["10.0.0.0/16"], "dnsLabel": "mesh"})
        assert vcn.outputs["cidrBlock"] == "10.0.0.0/16"
        assert vcn.outputs["vcnDomainName"] == "mesh.oraclevcn.com"
        rules = cloud.store.get(LIST, vcn.outputs["defaultSecurityListId"])
        assert rules is not None
        assert rules.outputs["ingressSecurityRules"][0]["tcpOptions"] == {"min": 22, "max": 22}
        assert cloud.store.get(TABLE, vcn.outputs["defaultRouteTableId"]) is not None
        cloud.delete(vcn)
        assert cloud.store.all() == []

    def test_preview_does_not_know_what_the_cloud_chooses(self, cloud: Engine) -> None:
        seen = cloud.preview(VCN, "vcn", {"compartmentId": COMPARTMENT, "cidrBlocks": ["10.0.0.0/16"]})
        assert (seen["cidrBlock"], seen["displayName"], seen["defaultRouteTableId"]) == (UNKNOWN, UNKNOWN, UNKNOWN)
        assert seen["cidrBlocks"] == ["10.0.0.0/16"]

    def test_unknown_inputs_at_preview(self, cloud: Engine) -> None:
        inputs = {"compartmentId": COMPARTMENT, "cidrBlocks": UNKNOWN, "definedTags": UNKNOWN, "freeformTags": UNKNOWN}
        seen = cloud.preview(VCN, "vcn", inputs)
        assert (seen["cidrBlocks"], seen["definedTags"], seen["freeformTags"]) == (UNKNOWN, UNKNOWN, UNKNOWN)

    @pytest.mark.parametrize(
        ("inputs", "message"),
        [
            ({"compartmentId": "root"}, "the OCID of a compartment"),
            ({"cidrBlocks": ["10.0.0.0/15"]}, r"is a /15; allowed are /16 to /30"),
            ({"cidrBlocks": ["10.0.0.0/31"]}, "is a /31"),
            ({"cidrBlocks": ["10.0.0.0/16", "10.0.4.0/24"]}, r"overlaps 10.0.0.0/16 of cidrBlocks\[0\]"),
            ({"cidrBlocks": [f"10.{i}.0.0/16" for i in range(6)]}, "a VCN has at most 5"),
            ({"dnsLabel": "my-vcn"}, "at most 15 letters and digits"),
            ({"dnsLabel": "1vcn"}, "begin with a letter"),
            ({"dnsLabel": "a" * 16}, "at most 15"),
        ],
    )
    def test_rules(self, cloud: Engine, inputs: Inputs, message: str) -> None:
        with pytest.raises(RefusedByProviderError, match=message):
            create(cloud, VCN, "vcn", {"cidrBlocks": ["10.0.0.0/16"], **inputs})

    @pytest.mark.parametrize("given", [{}, {"cidrBlock": "10.0.0.0/16", "cidrBlocks": ["10.0.0.0/16"]}])
    def test_one_form_of_range(self, cloud: Engine, given: Inputs) -> None:
        with pytest.raises(CheckFailedError, match="exactly one of cidrBlocks and cidrBlock"):
            create(cloud, VCN, "vcn", given)

    @pytest.mark.parametrize(
        ("after", "works"),
        [
            (["10.0.0.0/16", "10.1.0.0/16", "10.2.0.0/16"], True),
            (["10.0.0.0/16"], True),
            (["10.0.0.0/16", "10.3.0.0/16"], True),
            (["10.2.0.0/16", "10.0.0.0/16", "10.1.0.0/16"], False),
            (["10.0.0.0/16", "10.1.0.0/16", "10.2.0.0/16", "10.3.0.0/16"], False),
        ],
    )
    def test_ranges_change_one_by_one(self, cloud: Engine, after: list[str], works: bool) -> None:
        vcn = create(cloud, VCN, "vcn", {"cidrBlocks": ["10.0.0.0/16", "10.1.0.0/16"]})
        changed = {**vcn.inputs, "cidrBlocks": after}
        assert not cloud.diff(vcn, changed).replaces
        if works:
            assert cloud.update(vcn, changed).outputs["cidrBlocks"] == after
        else:
            with pytest.raises(RefusedByProviderError, match="only one add/remove or modification is allowed at once"):
                cloud.update(vcn, changed)

    def test_a_range_with_a_subnet_stays(self, cloud: Engine, network: Network) -> None:
        with pytest.raises(RefusedByProviderError, match="would be in none of the ranges"):
            cloud.update(network.vcn, {**network.vcn.inputs, "cidrBlocks": ["10.9.0.0/16"]})

    def test_a_full_vcn_stays(self, cloud: Engine, network: Network) -> None:
        with pytest.raises(RefusedByProviderError, match=r"409-IncorrectState, .* that is in use"):
            cloud.delete(network.vcn)


class TestSubnet:
    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"vcnId": "gone"}, "the OCID of an existing Vcn"),
            ({"cidrBlock": "10.1.0.0/24"}, r"10.1.0.0/24 is not within 10.0.0.0/16"),
            ({"cidrBlock": "10.0.10.128/25"}, r"overlaps 10.0.10.0/24"),
            ({"cidrBlock": "10.0.200.0/31"}, "allowed are /16 to /30"),
            ({"dnsLabel": "pods-1"}, "at most 15 letters and digits"),
            ({"availabilityDomain": "LaBx:US-ASHBURN-1-AD-1"}, "must be one of LaBx:EU-FRANKFURT-1-AD-1"),
            ({"routeTableId": "gone"}, "the OCID of an existing RouteTable"),
            ({"securityListIds": ["gone"]}, "the OCID of an existing SecurityList"),
            ({"securityListIds": ["a"] * 6}, "a subnet has at most 5"),
            ({"prohibitInternetIngress": False}, "set only one of them"),
        ],
    )
    def test_rules(self, cloud: Engine, network: Network, change: Inputs, message: str) -> None:
        inputs = subnet_inputs(network.vcn, "10.0.200.0/24", network.private_table, network.no_rules, private=True)
        with pytest.raises(RefusedByProviderError, match=message):
            create(cloud, SUBNET, "more", {**inputs, **change})

    def test_labels_are_unique_in_the_vcn(self, cloud: Engine, network: Network) -> None:
        inputs = {"vcnId": network.vcn.id, "dnsLabel": "pods"}
        create(cloud, SUBNET, "a", {**inputs, "cidrBlock": "10.0.200.0/24"})
        with pytest.raises(RefusedByProviderError, match="dnsLabel 'Pods' is already used"):
            create(cloud, SUBNET, "b", {**inputs, "cidrBlock": "10.0.201.0/24", "dnsLabel": "Pods"})

    def test_labels_need_that_of_the_vcn(self, cloud: Engine) -> None:
        vcn = create(cloud, VCN, "vcn", {"cidrBlocks": ["10.0.0.0/16"]})
        with pytest.raises(RefusedByProviderError, match="was created without a dnsLabel"):
            create(cloud, SUBNET, "a", {"vcnId": vcn.id, "cidrBlock": "10.0.0.0/24", "dnsLabel": "a"})

    def test_defaults_are_those_of_the_vcn(self, cloud: Engine, network: Network) -> None:
        made = create(cloud, SUBNET, "plain", {"vcnId": network.vcn.id, "cidrBlock": "10.0.200.0/24"})
        assert made.outputs["routeTableId"] == network.vcn.outputs["defaultRouteTableId"]
        assert made.outputs["securityListIds"] == [network.vcn.outputs["defaultSecurityListId"]]
        assert (made.outputs["virtualRouterIp"], made.outputs["prohibitPublicIpOnVnic"]) == ("10.0.200.1", False)

    def test_a_route_table_taken_away_is_put_back(self, cloud: Engine, network: Network) -> None:
        default = network.vcn.outputs["defaultRouteTableId"]
        cloud.store.change(SUBNET, network.workers.id, {"routeTableId": default})
        read = cloud.read(network.workers)
        assert read is not None
        answer = cloud.diff(read, network.workers.inputs)
        assert (list(answer.diffs), list(answer.replaces)) == (["routeTableId"], [])

    def test_what_forces_another(self, cloud: Engine, network: Network) -> None:
        changed = {**network.api.inputs, "prohibitPublicIpOnVnic": True, "routeTableId": network.private_table.id}
        answer = cloud.diff(network.api, changed)
        assert list(answer.diffs) == ["prohibitPublicIpOnVnic", "routeTableId"]
        assert list(answer.replaces) == ["prohibitPublicIpOnVnic"]


class TestGateways:
    @pytest.mark.parametrize("token", [IGW, NAT, SGW])
    def test_one_of_each_kind_in_a_vcn(self, cloud: Engine, network: Network, token: str) -> None:
        services = {"services": [{"serviceId": service_id(cloud)}]} if token == SGW else {}
        with pytest.raises(RefusedByProviderError, match=r"The maximum limit of 1 for .* has been exceeded in VCN"):
            create(cloud, token, "second", {"vcnId": network.vcn.id, **services})

    def test_a_reserved_address_serves_one_gateway(self, cloud: Engine, network: Network) -> None:
        read = cloud.read(network.address)
        assert read is not None
        assert (read.outputs["assignedEntityId"], read.outputs["state"]) == (network.nat.id, "ASSIGNED")
        other = create(cloud, VCN, "other", {"cidrBlocks": ["10.0.0.0/16"]})
        with pytest.raises(RefusedByProviderError, match="is already assigned to"):
            create(cloud, NAT, "second", {"vcnId": other.id, "publicIpId": network.address.id})
        with pytest.raises(RefusedByProviderError, match=r"409-Conflict, The PublicIp .* is referenced by"):
            cloud.delete(network.address)

    def test_its_gateway_frees_it(self, cloud: Engine, network: Network, runtime: FakeRuntime) -> None:
        assert network.nat.outputs["natIp"] == network.address.outputs["ipAddress"] == "198.18.3.1"
        cloud.update(network.private_table, {**network.private_table.inputs, "routeRules": []})
        cloud.delete(network.nat)
        cloud.delete(network.address)
        assert not runtime.addresses

    def test_without_one_a_gateway_has_oracles(self, cloud: Engine, runtime: FakeRuntime) -> None:
        vcn = create(cloud, VCN, "vcn", {"cidrBlocks": ["10.0.0.0/16"]})
        nat = create(cloud, NAT, "nat", {"vcnId": vcn.id})
        assert nat.outputs["natIp"] == "198.18.3.1"
        after = cloud.update(nat, {**nat.inputs, "freeformTags": {"a": "b"}})
        assert after.outputs["publicIpId"] == nat.outputs["publicIpId"]
        cloud.delete(nat)
        assert not runtime.addresses

    def test_what_routes_lead_to_stays(self, cloud: Engine, network: Network) -> None:
        for used in (network.internet, network.nat, network.services):
            with pytest.raises(RefusedByProviderError, match=r"409-Conflict, .* is referenced by .*RouteTable"):
                cloud.delete(used)

    @pytest.mark.parametrize(
        ("token", "inputs", "message"),
        [
            (ADDRESS, {"lifetime": "FOREVER"}, "must be 'RESERVED' or 'EPHEMERAL'"),
            (ADDRESS, {"lifetime": "EPHEMERAL"}, "is not simulated"),
            (NAT, {"publicIpId": "gone"}, "the OCID of an existing PublicIp"),
            (IGW, {"routeTableId": "gone"}, "the OCID of an existing RouteTable"),
            (NAT, {"routeTableId": "gone"}, "the OCID of an existing RouteTable"),
            (SGW, {"routeTableId": "gone", "services": []}, "the OCID of an existing RouteTable"),
            (SGW, {"services": [{"serviceId": "gone"}]}, "an id that getServices gives"),
        ],
    )
    def test_rules(self, cloud: Engine, token: str, inputs: Inputs, message: str) -> None:
        vcn = create(cloud, VCN, "vcn", {"cidrBlocks": ["10.0.0.0/16"]})
        place = {} if token == ADDRESS else {"vcnId": vcn.id}
        with pytest.raises(RefusedByProviderError, match=message):
            create(cloud, token, "gateway", {**place, **inputs})

    def test_a_service_gateway_has_one_label(self, cloud: Engine) -> None:
        vcn = create(cloud, VCN, "vcn", {"cidrBlocks": ["10.0.0.0/16"]})
        found = cloud.invoke("oci:Core/getServices:getServices", {})["services"]
        both = [{"serviceId": each["id"]} for each in found]
        with pytest.raises(RefusedByProviderError, match="takes one service CIDR label"):
            create(cloud, SGW, "sgw", {"vcnId": vcn.id, "services": both})

    def test_what_forces_another(self, cloud: Engine, network: Network) -> None:
        changed = {**network.nat.inputs, "publicIpId": "another", "blockTraffic": True}
        assert list(cloud.diff(network.nat, changed).replaces) == ["publicIpId"]


class TestRoutes:
    @pytest.mark.parametrize(
        ("rule", "message"),
        [
            ({"networkEntityId": "gone"}, "one of the simulated targets: InternetGateway, NatGateway"),
            ({"destinationType": "CIRD_BLOCK"}, "must be CIDR_BLOCK or SERVICE_CIDR_BLOCK"),
            ({"destination": "nowhere"}, "is not an IPv4 range"),
            ({"destination": "10.0.4.0/24"}, "lies within 10.0.0.0/16 of the VCN"),
            ({"cidrBlock": "0.0.0.0/0"}, "leave out cidrBlock"),
            ({"destinationType": "SERVICE_CIDR_BLOCK"}, "needs a service gateway as target"),
        ],
    )
    def test_rules(self, cloud: Engine, network: Network, rule: Inputs, message: str) -> None:
        inputs = {"vcnId": network.vcn.id, "routeRules": [{**ANYWHERE, "networkEntityId": network.nat.id, **rule}]}
        with pytest.raises(RefusedByProviderError, match=message):
            create(cloud, TABLE, "table", inputs)

    @pytest.mark.parametrize(
        ("rule", "message"),
        [
            (ANYWHERE, "takes only destinationType SERVICE_CIDR_BLOCK"),
            (
                {"destination": "oci-fra-objectstorage", "destinationType": "SERVICE_CIDR_BLOCK"},
                rf"that .* has enabled; it has \['{ALL_SERVICES}'\]",
            ),
        ],
    )
    def test_services(self, cloud: Engine, network: Network, rule: Inputs, message: str) -> None:
        inputs = {"vcnId": network.vcn.id, "routeRules": [{**rule, "networkEntityId": network.services.id}]}
        with pytest.raises(RefusedByProviderError, match=message):
            create(cloud, TABLE, "table", inputs)

    def test_targets_are_in_the_same_vcn(self, cloud: Engine, network: Network) -> None:
        other = create(cloud, VCN, "other", {"cidrBlocks": ["10.9.0.0/16"]})
        rules = [{**ANYWHERE, "networkEntityId": network.nat.id}]
        with pytest.raises(RefusedByProviderError, match="in another VCN than the route table"):
            create(cloud, TABLE, "table", {"vcnId": other.id, "routeRules": rules})

    def test_a_table_in_use_stays(self, cloud: Engine, network: Network) -> None:
        with pytest.raises(RefusedByProviderError, match=r"409-Conflict, The RouteTable .* is referenced by .*Subnet"):
            cloud.delete(network.private_table)

    def test_a_default_table_stays(self, cloud: Engine) -> None:
        vcn = create(cloud, VCN, "vcn", {"cidrBlocks": ["10.0.0.0/16"]})
        default = Resource(TABLE, "", vcn.outputs["defaultRouteTableId"], {}, {}, {})
        with pytest.raises(RefusedByProviderError, match="is the default route table of its VCN"):
            cloud.delete(default)

    def test_rules_change_in_place(self, cloud: Engine, network: Network) -> None:
        changed = {**network.private_table.inputs, "routeRules": []}
        assert not cloud.diff(network.private_table, changed).replaces


def test_everything_goes_in_the_opposite_order(cloud: Engine, network: Network, runtime: FakeRuntime) -> None:
    def delete(*resources: Resource) -> None:
        for resource in resources:
            cloud.delete(resource)

    delete(*network.rules.values(), network.api_group, network.worker_group)
    delete(network.api, network.workers, network.pods, network.no_rules)
    delete(network.public_table, network.private_table)
    delete(network.internet, network.nat, network.services, network.address, network.vcn)
    assert cloud.store.all() == []
    assert not runtime.addresses
