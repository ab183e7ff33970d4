"""OKE clusters whose secrets are encrypted with a key of one's own in the simulated Oracle Cloud."""

import pytest
from oracle_cloud import CLUSTER, COMPARTMENT, DYNAMIC_GROUP, KEY, POLICY, TENANCY, VAULT, Inputs, create
from simulated_cloud import Engine, RefusedByProviderError, Resource

ALLOW = "Allow any-user to use keys in compartment acme where request.principal.type = 'cluster'"


@pytest.fixture
def key(cloud: Engine) -> Resource:
    vault = create(cloud, VAULT, "vault", {"displayName": "vault", "vaultType": "DEFAULT"})
    shape = {"algorithm": "AES", "length": 32}
    endpoint = vault.outputs["managementEndpoint"]
    return create(cloud, KEY, "key", {"displayName": "k", "keyShape": shape, "managementEndpoint": endpoint})


def allow(cloud: Engine, statement: str) -> None:
    create(cloud, POLICY, "keys", {"description": "keys", "statements": [statement]})


def test_without_a_policy_it_is_refused(cloud: Engine, cluster_inputs: Inputs, key: Resource) -> None:
    with pytest.raises(RefusedByProviderError, match="no policy allows clusters to use the key"):
        cloud.create(CLUSTER, "oke", {**cluster_inputs, "kmsKeyId": key.id})


def test_a_policy_for_all_clusters(cloud: Engine, cluster_inputs: Inputs, key: Resource) -> None:
    allow(cloud, ALLOW)
    assert cloud.create(CLUSTER, "oke", {**cluster_inputs, "kmsKeyId": key.id}).outputs["kmsKeyId"] == key.id


def test_a_policy_for_the_service(cloud: Engine, cluster_inputs: Inputs, key: Resource) -> None:
    allow(cloud, f"Allow service oke to use keys in tenancy where target.key.id = '{key.id}'")
    cloud.create(CLUSTER, "oke", {**cluster_inputs, "kmsKeyId": key.id})


@pytest.mark.parametrize(
    "statement",
    [
        "Allow service oke to read keys in tenancy",
        "Allow service blockstorage to use keys in tenancy",
        "Allow any-user to use keys in tenancy where target.key.id = 'another'",
        "Allow any-user to use keys in tenancy where request.principal.type = 'workload'",
        "Allow dynamic-group clusters to use keys in tenancy",
    ],
)
def test_policies_that_do_not_do(cloud: Engine, cluster_inputs: Inputs, key: Resource, statement: str) -> None:
    allow(cloud, statement)
    with pytest.raises(RefusedByProviderError, match="no policy allows"):
        cloud.create(CLUSTER, "oke", {**cluster_inputs, "kmsKeyId": key.id})


def test_a_policy_for_a_group_of_clusters(cloud: Engine, cluster_inputs: Inputs, key: Resource) -> None:
    rule = f"ALL {{resource.type = 'cluster', resource.compartment.id = '{COMPARTMENT}'}}"
    inputs = {"compartmentId": TENANCY, "description": "clusters", "name": "clusters", "matchingRule": rule}
    create(cloud, DYNAMIC_GROUP, "group", inputs)
    allow(cloud, "Allow dynamic-group 'Default'/'clusters' to use keys in tenancy")
    cloud.create(CLUSTER, "oke", {**cluster_inputs, "kmsKeyId": key.id})


def test_a_disabled_key(cloud: Engine, cluster_inputs: Inputs, key: Resource) -> None:
    allow(cloud, ALLOW)
    cloud.update(key, {**key.inputs, "desiredState": "DISABLED"})
    with pytest.raises(RefusedByProviderError, match="is DISABLED, not ENABLED"):
        cloud.create(CLUSTER, "oke", {**cluster_inputs, "kmsKeyId": key.id})


def test_a_key_of_another_kind(cloud: Engine, cluster_inputs: Inputs, key: Resource) -> None:
    allow(cloud, ALLOW)
    shape = {"algorithm": "RSA", "length": 256}
    rsa = create(cloud, KEY, "rsa", {**key.inputs, "keyShape": shape})
    with pytest.raises(RefusedByProviderError, match="has the algorithm RSA"):
        cloud.create(CLUSTER, "oke", {**cluster_inputs, "kmsKeyId": rsa.id})
