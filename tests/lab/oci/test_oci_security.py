"""Security lists and groups of the simulated Oracle Cloud: every rule of form broken once, and who holds whom."""

import pytest
from oracle_cloud import DEFAULT_LIST, GROUP, LIST, RULE, VCN, Inputs, Network, create, rule_inputs
from simulated_cloud import Engine, RefusedByProviderError


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"protocol": "tcp"}, "protocol 'tcp' must be 'all' or a protocol number"),
        ({"protocol": "300"}, "must be 'all' or a protocol number"),
        ({"source": "everyone"}, "is not an IPv4 range"),
        ({"sourceType": "NETWORK_SECURITY_GROUP"}, "must be CIDR_BLOCK or SERVICE_CIDR_BLOCK"),
        ({"sourceType": "SERVICE_CIDR_BLOCK"}, "is not a service CIDR label"),
        ({"udpOptions": {"min": 1, "max": 2}}, "udpOptions is valid only for protocol 17, not '6'"),
        ({"tcpOptions": {"min": 20, "max": 10}}, "min not above max"),
        ({"tcpOptions": {"min": 0, "max": 70000}}, "must lie in 1 to 65535"),
    ],
)
def test_rules_of_lists(cloud: Engine, network: Network, rule: Inputs, message: str) -> None:
    good = {"protocol": "6", "source": "0.0.0.0/0"}
    inputs = {"vcnId": network.vcn.id, "ingressSecurityRules": [good, {**good, **rule}]}
    with pytest.raises(RefusedByProviderError, match=rf"ingressSecurityRules\[1\].*{message}"):
        create(cloud, LIST, "list", inputs)


def test_a_list_has_200_rules_at_most(cloud: Engine, network: Network) -> None:
    rules = [{"protocol": "all", "destination": "0.0.0.0/0"}] * 201
    with pytest.raises(RefusedByProviderError, match="a security list has at most 200"):
        create(cloud, LIST, "list", {"vcnId": network.vcn.id, "egressSecurityRules": rules})


def test_a_list_in_use_stays(cloud: Engine, network: Network) -> None:
    with pytest.raises(RefusedByProviderError, match=r"409-Conflict, The SecurityList .* is referenced by"):
        cloud.delete(network.no_rules)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"networkSecurityGroupId": "gone"}, "the OCID of an existing NetworkSecurityGroup"),
        ({"direction": "IN"}, "must be INGRESS or EGRESS"),
        ({"source": None}, "source is required if direction = INGRESS"),
        ({"sourceType": None}, "sourceType is required if direction = INGRESS"),
        ({"destination": "0.0.0.0/0"}, "destination is not allowed if direction = INGRESS"),
        ({"direction": "EGRESS"}, "destination is required if direction = EGRESS"),
        ({"source": "ocid1.gone", "sourceType": "NETWORK_SECURITY_GROUP"}, "an existing NetworkSecurityGroup"),
        ({"protocol": "1"}, "tcpOptions is valid only for protocol 6, not '1'"),
        ({"icmpOptions": {"type": 3}}, "icmpOptions is valid only for protocol 1 or 58"),
        ({"tcpOptions": {"destinationPortRange": {"min": 5, "max": 4}}}, "destinationPortRange: min 5 and max 4"),
    ],
)
def test_rules_of_groups(cloud: Engine, network: Network, change: Inputs, message: str) -> None:
    inputs = {**rule_inputs(network.api_group, "INGRESS", "0.0.0.0/0", 443), **change}
    with pytest.raises(RefusedByProviderError, match=message):
        cloud.create(RULE, "rule", inputs)


def test_a_group_has_120_rules_at_most(cloud: Engine, network: Network) -> None:
    group = create(cloud, GROUP, "full", {"vcnId": network.vcn.id})
    for port in range(120):
        cloud.create(RULE, f"rule-{port}", rule_inputs(group, "INGRESS", "10.0.0.0/16", 1000 + port))
    with pytest.raises(RefusedByProviderError, match="has 120 rules; allowed are 120"):
        cloud.create(RULE, "one-more", rule_inputs(group, "INGRESS", "10.0.0.0/16", 999))


def test_a_group_that_rules_name_stays(cloud: Engine, network: Network) -> None:
    with pytest.raises(RefusedByProviderError, match=r"409-Conflict, .* is referenced by the rule"):
        cloud.delete(network.worker_group)


def test_groups_of_two_vcns_do_not_know_each_other(cloud: Engine, network: Network) -> None:
    other = create(cloud, VCN, "other", {"cidrBlocks": ["10.9.0.0/16"]})
    foreign = create(cloud, GROUP, "foreign", {"vcnId": other.id})
    with pytest.raises(RefusedByProviderError, match=r"source: .* is in the VCN"):
        cloud.create(RULE, "rule", rule_inputs(network.api_group, "INGRESS", foreign.id, 443))


def test_the_default_list_is_managed_and_left_without_rules(cloud: Engine) -> None:
    vcn = create(cloud, VCN, "vcn", {"cidrBlocks": ["10.0.0.0/16"]})
    default = vcn.outputs["defaultSecurityListId"]
    rule = {"protocol": "all", "source": "10.0.0.0/16"}
    managed = cloud.create(
        DEFAULT_LIST, "default", {"manageDefaultResourceId": default, "ingressSecurityRules": [rule]}
    )
    assert managed.id == default
    cloud.delete(managed)
    record = cloud.store.get(LIST, default)
    assert record is not None
    assert record.outputs["ingressSecurityRules"] == []


def test_only_a_default_list_is_managed_so(cloud: Engine, network: Network) -> None:
    with pytest.raises(RefusedByProviderError, match="is not the default security list of a VCN"):
        cloud.create(DEFAULT_LIST, "default", {"manageDefaultResourceId": network.no_rules.id})


def test_a_default_lists_rules_have_the_same_form(cloud: Engine, network: Network) -> None:
    inputs = {
        "manageDefaultResourceId": network.vcn.outputs["defaultSecurityListId"],
        "egressSecurityRules": [{"protocol": "tcp", "destination": "0.0.0.0/0"}],
    }
    with pytest.raises(RefusedByProviderError, match="must be 'all' or a protocol number"):
        cloud.create(DEFAULT_LIST, "default", inputs)


@pytest.mark.parametrize("token", [LIST, GROUP])
def test_both_are_in_a_vcn(cloud: Engine, token: str) -> None:
    with pytest.raises(RefusedByProviderError, match="the OCID of an existing Vcn"):
        create(cloud, token, "lost", {"vcnId": "gone"})
