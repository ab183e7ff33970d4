"""Who reaches the API server of an OKE cluster of the simulated Oracle Cloud, and how a program is told to."""

import pytest
import yaml
from oracle_cloud import LIST, OPERATOR, RULE, Inputs, Network, create, rule_inputs
from simulated_cloud import Engine, FakeRuntime, RefusedByProviderError, Resource

from multimesh_lab import drift, property_paths

KUBECONFIG = "oci:ContainerEngine/getClusterKubeConfig:getClusterKubeConfig"


def with_endpoint(inputs: Inputs, **change: object) -> Inputs:
    return {**inputs, "endpointConfig": {**inputs["endpointConfig"], **change}}


class TestAccess:
    def admitted(self, runtime: FakeRuntime, cluster: Resource) -> list[str]:
        return runtime.admitted[f"oci/{cluster.id}"]

    def test_the_rules_of_the_endpoints_group(self, cluster: Resource, runtime: FakeRuntime) -> None:
        assert self.admitted(runtime, cluster) == [OPERATOR]

    def test_a_rule_made_later_and_gone_again(
        self, cloud: Engine, cluster: Resource, network: Network, runtime: FakeRuntime
    ) -> None:
        made = cloud.create(RULE, "peer", rule_inputs(network.api_group, "INGRESS", "198.18.3.9/32", 6443))
        assert self.admitted(runtime, cluster) == [OPERATOR, "198.18.3.9/32"]
        cloud.update(made, rule_inputs(network.api_group, "INGRESS", "198.18.3.10/32", 6443))
        assert self.admitted(runtime, cluster) == ["198.18.3.10/32", OPERATOR]
        cloud.delete(made)
        assert self.admitted(runtime, cluster) == [OPERATOR]

    @pytest.mark.parametrize(("direction", "port"), [("INGRESS", 443), ("EGRESS", 6443)])
    def test_other_rules_admit_nobody(
        self, cloud: Engine, cluster: Resource, network: Network, runtime: FakeRuntime, direction: str, port: int
    ) -> None:
        cloud.create(RULE, "peer", rule_inputs(network.api_group, direction, "198.18.3.9/32", port))
        assert self.admitted(runtime, cluster) == [OPERATOR]

    def test_a_rule_changed_behind_the_engines_back(
        self, cloud: Engine, cluster: Resource, runtime: FakeRuntime
    ) -> None:
        home = cloud.store.home
        found = drift.find(home, "oci", "NetworkSecurityGroupSecurityRule", "api-operator")
        drift.change(home, found, [property_paths.parse("source=198.18.9.9/32")], runtime)
        assert self.admitted(runtime, cluster) == ["198.18.9.9/32"]
        drift.delete(home, found, runtime=runtime)
        assert self.admitted(runtime, cluster) == []

    def test_the_subnets_list_counts_too(
        self, cloud: Engine, cluster: Resource, network: Network, runtime: FakeRuntime
    ) -> None:
        rule = {"protocol": "all", "source": "198.18.4.0/24"}
        cloud.update(network.no_rules, {**network.no_rules.inputs, "ingressSecurityRules": [rule]})
        assert self.admitted(runtime, cluster) == [OPERATOR, "198.18.4.0/24"]

    def test_a_list_put_on_the_subnet_later(
        self, cloud: Engine, cluster: Resource, network: Network, runtime: FakeRuntime
    ) -> None:
        rule = {"protocol": "6", "source": "198.18.4.0/24", "tcpOptions": {"min": 6000, "max": 7000}}
        wide = create(cloud, LIST, "wide", {"vcnId": network.vcn.id, "ingressSecurityRules": [rule]})
        cloud.update(network.api, {**network.api.inputs, "securityListIds": [wide.id]})
        assert self.admitted(runtime, cluster) == [OPERATOR, "198.18.4.0/24"]

    def test_leaving_the_group(
        self, cloud: Engine, cluster: Resource, cluster_inputs: Inputs, runtime: FakeRuntime
    ) -> None:
        cloud.update(cluster, with_endpoint(cluster_inputs, nsgIds=[]))
        assert self.admitted(runtime, cluster) == []

    def test_without_a_public_address_nobody(
        self, cloud: Engine, cluster: Resource, cluster_inputs: Inputs, runtime: FakeRuntime
    ) -> None:
        after = cloud.update(cluster, with_endpoint(cluster_inputs, isPublicIpEnabled=False))
        assert self.admitted(runtime, cluster) == []
        assert after.outputs["endpoints"][0]["publicEndpoint"] == ""

    def test_without_a_way_to_the_internet_nobody(
        self, cloud: Engine, cluster: Resource, network: Network, runtime: FakeRuntime
    ) -> None:
        cloud.update(network.public_table, {**network.public_table.inputs, "routeRules": []})
        assert self.admitted(runtime, cluster) == []

    def test_a_disabled_internet_gateway_lets_nobody_in(
        self, cloud: Engine, cluster: Resource, network: Network, runtime: FakeRuntime
    ) -> None:
        cloud.update(network.internet, {**network.internet.inputs, "enabled": False})
        assert self.admitted(runtime, cluster) == []


class TestKubeconfig:
    def test_its_form_is_okes(self, cloud: Engine, cluster: Resource) -> None:
        answer = cloud.invoke(KUBECONFIG, {"clusterId": cluster.id, "tokenVersion": "2.0.0"})
        document = yaml.safe_load(answer["content"])
        entry = document["clusters"][0]["cluster"]
        assert entry == {"server": "https://198.18.0.11:6443", "certificate-authority-data": "Q0E="}
        plugin = document["users"][0]["user"]["exec"]
        assert plugin["apiVersion"] == "client.authentication.k8s.io/v1beta1"
        wanted = f"ce cluster generate-token --cluster-id {cluster.id} --region eu-frankfurt-1"
        assert [plugin["command"], *plugin["args"]] == ["oci", *wanted.split()]
        assert document["current-context"] == document["contexts"][0]["name"] == f"context-{cluster.id[-11:]}"

    def test_the_private_endpoint_on_request(self, cloud: Engine, cluster: Resource) -> None:
        answer = cloud.invoke(KUBECONFIG, {"clusterId": cluster.id, "endpoint": "PRIVATE_ENDPOINT"})
        assert "server: https://10.0.0.2:6443" in answer["content"]

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"clusterId": "gone"}, "the OCID of an existing cluster"),
            ({"tokenVersion": "1.0.0"}, "only '2.0.0' is given"),
            ({"endpoint": "PUBLIC"}, "must be one of PUBLIC_ENDPOINT"),
            ({"endpoint": "LEGACY_KUBERNETES"}, "has no LEGACY_KUBERNETES"),
        ],
    )
    def test_rules(self, cloud: Engine, cluster: Resource, change: Inputs, message: str) -> None:
        with pytest.raises(RefusedByProviderError, match=message):
            cloud.invoke(KUBECONFIG, {"clusterId": cluster.id, **change})
