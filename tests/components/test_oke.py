"""OkeCluster: what it registers, with outputs known and unknown."""

import base64
import json
from typing import Any

import pulumi
import pytest
from mocked_engine import Engine, Run
from mocked_oke import ALL_SERVICES, ZONES

import pulumi_multimesh as multimesh
from pulumi_multimesh.clusters.oke_images import newest_image

COMPARTMENT = "ocid1.compartment.oc1..aaaa"
SHARED = "ocid1.compartment.oc1..shared"
ARGS: dict[str, Any] = {
    "compartment_id": COMPARTMENT,
    "region": "eu-frankfurt-1",
    "api_access": {"office": "203.0.113.0/24"},
    "tags": {"team": "platform"},
}
VCN: dict[str, Any] = {
    "vcn_id": "ocid1.vcn.oc1..hub",
    "endpoint_subnet_id": "ocid1.subnet.oc1..endpoint",
    "nodes_subnet_id": "ocid1.subnet.oc1..nodes",
    "load_balancers_subnet_id": "ocid1.subnet.oc1..lb",
    "egress_ips": ["203.0.113.7"],
}
HUB = {"network": {**VCN, "pods_subnet_id": "ocid1.subnet.oc1..pods"}, "ranges": {"nodes": "10.1.0.0/20"}}
FLANNEL_HUB = {"network": VCN, "network_mode": "flannel", "ranges": {"nodes": "10.1.0.0/20"}}
EVERYTHING: dict[str, Any] = {
    "home_region": "us-ashburn-1",
    "node_pools": {"apps": {"size": 3}, "batch": {"spot": True}, "arm": {"machine_type": "VM.Standard.A1.Flex"}},
    "admitted_ips": ["198.51.100.7", pulumi.Output.from_input("198.51.100.8")],
    "registries": [COMPARTMENT, SHARED],
    "credential_provider_url": "https://tools.example/credential-provider-oke",
    "credential_provider_sha256": "0123456789abcdef" * 4,
    "deletion_protection": True,
}
CLUSTER = "ContainerEngine/cluster:Cluster"
POOL = "ContainerEngine/nodePool:NodePool"
ADDON = "ContainerEngine/addon:Addon"
POLICY = "Identity/policy:Policy"
RULE = "Core/networkSecurityGroupSecurityRule:NetworkSecurityGroupSecurityRule"


def cluster(**changes: Any) -> multimesh.OkeCluster:
    args: Any = {**ARGS, **changes}
    return multimesh.OkeCluster("shop", args)


def made(run: Run, **changes: Any) -> Engine:
    return run(lambda: cluster(**changes))


def one(engine: Engine, token: str, name: str | None = None) -> dict[str, Any]:
    (found,) = [r for r in engine.of(f"oci:{token}") if name in (None, r.name)]
    return found.inputs


def script(pool: dict[str, Any]) -> str:
    return base64.b64decode(pool["nodeMetadata"]["user_data"]).decode()


def permissions(engine: Engine, group: str) -> set[tuple[str, str, str]]:
    """What a group's rules say: direction with peer, protocol, ports."""
    found: set[tuple[str, str, str]] = set()
    for rule in engine.of(f"oci:{RULE}"):
        if rule.inputs["networkSecurityGroupId"] == f"shop-{group}-id":
            peer = rule.inputs.get("source") or rule.inputs["destination"]
            ports = rule.inputs.get("tcpOptions", {}).get("destinationPortRange", {"min": "", "max": ""})
            assert ports["min"] == ports["max"]
            way = "from" if rule.inputs["direction"] == "INGRESS" else "to"
            found.add(
                (
                    f"{way} {peer.removeprefix('shop-').removesuffix('-id')}",
                    rule.inputs["protocol"],
                    str(ports["min"]).removesuffix(".0"),
                )
            )
    return found


@pytest.mark.parametrize(
    "changes", [{}, EVERYTHING, FLANNEL_HUB, {"control_plane_logs": False, "encryption_key": "provider"}]
)
def test_the_same_resources_with_known_and_with_unknown_outputs(run: Run, changes: dict[str, Any]) -> None:
    """A first preview must show everything, so nothing may be made from an output."""
    known = made(run, **changes)
    assert known.names() == run(lambda: cluster(**changes), preview=True).names()
    assert len(known.names()) == len(known.resources)


def test_exactly_the_rules_that_oke_asks_for_with_routable_pods(run: Run) -> None:
    engine = made(run, admitted_ips=["198.51.100.7", pulumi.Output.from_input("198.51.100.8"), "198.51.100.7"])
    assert permissions(engine, "endpoint") == {
        ("from 203.0.113.0/24", "6", "6443"),
        ("from 198.51.100.7/32", "6", "6443"),
        ("from 198.51.100.8/32", "6", "6443"),
        ("from nodes", "6", "6443"),
        ("from nodes", "6", "12250"),
        ("from nodes", "1", ""),
        ("from pods", "6", "6443"),
        ("from pods", "6", "12250"),
        ("to nodes", "1", ""),
        ("to nodes", "6", "10250"),
        ("to pods", "all", ""),
        (f"to {ALL_SERVICES}", "6", "443"),
    }
    assert permissions(engine, "nodes") == {
        ("from nodes", "all", ""),
        ("from pods", "all", ""),
        ("from endpoint", "6", "10250"),
        ("from 0.0.0.0/0", "1", ""),
        ("to 0.0.0.0/0", "all", ""),
    }
    # The injection webhook, 15017, is among what the endpoint reaches in pods.
    assert permissions(engine, "pods") == {
        ("from endpoint", "all", ""),
        ("from nodes", "all", ""),
        ("from pods", "all", ""),
        ("to 0.0.0.0/0", "all", ""),
    }


def test_flannels_pods_are_reached_through_their_nodes(run: Run) -> None:
    engine = made(run, network_mode="flannel")
    assert not [rule for rule in engine.of(f"oci:{RULE}") if "pods" in rule.name]
    assert ("to nodes", "6", "") in permissions(engine, "endpoint")
    assert ("from endpoint", "6", "") in permissions(engine, "nodes")
    options = one(engine, CLUSTER)["options"]["kubernetesNetworkConfig"]
    assert set(options) == {"podsCidr", "servicesCidr"}
    assert one(engine, CLUSTER)["clusterPodNetworkOptions"] == [{"cniType": "FLANNEL_OVERLAY"}]
    assert one(engine, POOL)["nodeConfigDetails"]["nodePoolPodNetworkOptionDetails"] == {"cniType": "FLANNEL_OVERLAY"}
    vcn = one(engine, "Core/vcn:Vcn")
    assert options["podsCidr"] not in vcn["cidrBlocks"]
    assert len(vcn["cidrBlocks"]) == 3


def test_path_discovery_is_the_one_icmp_message_that_passes(run: Run) -> None:
    rules = [rule.inputs for rule in made(run).of(f"oci:{RULE}") if rule.inputs["protocol"] == "1"]
    assert len(rules) == 3
    assert all(rule["icmpOptions"] == {"type": 3, "code": 4} for rule in rules)


def test_nodes_and_pods_have_no_addresses_of_their_own_and_leave_by_one_that_is_kept(run: Run) -> None:
    engine = made(run)
    subnets = {r.name: r.inputs for r in engine.of("oci:Core/subnet:Subnet")}
    private = {name: subnet["prohibitPublicIpOnVnic"] for name, subnet in subnets.items()}
    assert private == {"shop-endpoint": False, "shop-lb": False, "shop-nodes": True, "shop-pods": True}
    assert {subnets[name]["routeTableId"] for name in ("shop-nodes", "shop-pods")} == {"shop-private-id"}
    assert one(engine, "Core/natGateway:NatGateway")["publicIpId"] == "shop-egress-id"
    assert one(engine, "Core/publicIp:PublicIp")["lifetime"] == "RESERVED"
    routes = one(engine, "Core/routeTable:RouteTable", "shop-private")["routeRules"]
    assert {(rule["destination"], rule["destinationType"]) for rule in routes} == {
        ("0.0.0.0/0", "CIDR_BLOCK"),
        (ALL_SERVICES, "SERVICE_CIDR_BLOCK"),
    }


def test_each_subnet_has_a_list_of_its_own_without_rules(run: Run) -> None:
    engine = made(run)
    lists = {r.name: r.inputs for r in engine.of("oci:Core/securityList:SecurityList")}
    assert len(lists) == 4
    for name, each in lists.items():
        assert "ingressSecurityRules" not in each
        assert "egressSecurityRules" not in each
        assert one(engine, "Core/subnet:Subnet", name)["securityListIds"] == [f"{name}-id"]


def test_a_named_network_is_used_as_it_is(run: Run) -> None:
    engine = made(run, **FLANNEL_HUB)
    assert not engine.of("oci:Core/vcn:Vcn")
    assert one(engine, CLUSTER)["endpointConfig"]["subnetId"] == VCN["endpoint_subnet_id"]
    assert one(engine, CLUSTER)["options"]["serviceLbSubnetIds"] == [VCN["load_balancers_subnet_id"]]
    assert {group.inputs["vcnId"] for group in engine.of("oci:Core/networkSecurityGroup:NetworkSecurityGroup")} == {
        VCN["vcn_id"]
    }


def test_the_newest_image_of_version_and_architecture_is_chosen(run: Run) -> None:
    engine = made(
        run,
        node_pools={"x": {}, "arm": {"machine_type": "VM.Standard.A1.Flex"}, "own": {"image": "ocid1.image.oc1..mine"}},
    )
    chosen = {r.name: r.inputs["input"] for r in engine.of("pulumi:index:Stash")}
    assert chosen == {
        "shop-x-image": "image of Oracle-Linux-8.10-2025.09.16-0-OKE-1.34.1-1191",
        "shop-arm-image": "image of Oracle-Linux-8.10-aarch64-2025.09.16-0-OKE-1.34.1-1191",
    }
    assert one(engine, POOL, "shop-x")["nodeSourceDetails"]["imageId"] == "ocid1.image.oc1..kept"
    assert one(engine, POOL, "shop-own")["nodeSourceDetails"]["imageId"] == "ocid1.image.oc1..mine"


def test_a_version_without_an_image_is_told_with_its_remedy() -> None:
    with pytest.raises(
        pulumi.RunError, match=r"node_pools\.apps: .* for Kubernetes v1\.34\.1 on AARCH64; allowed: .*; remedy:"
    ):
        newest_image("apps", "v1.34.1", "AARCH64", [])


def test_nodes_load_istios_modules_before_they_join(run: Run) -> None:
    text = script(one(made(run), POOL))
    assert text.startswith("#!/bin/bash\nset -euo pipefail\n")
    assert text.index("xt_REDIRECT") < text.index("oke_init_script") < text.index("bash /var/run/oke-init.sh")
    assert text.endswith("bash /var/run/oke-init.sh\n")


def test_taints_and_registry_go_to_the_kubelet(run: Run) -> None:
    taints = [{"key": "dedicated", "value": "gateways", "effect": "NoSchedule"}, {"key": "slow", "effect": "NoExecute"}]
    engine = made(run, **{**EVERYTHING, "node_pools": {"apps": {"taints": taints}}})
    text = script(one(engine, POOL))
    arguments = (
        "--register-with-taints=dedicated=gateways:NoSchedule,slow=:NoExecute "
        "--image-credential-provider-bin-dir=/usr/local/lib/oke-credentials "
        "--image-credential-provider-config=/etc/kubernetes/credential-provider.yaml"
    )
    assert text.endswith(f"bash /var/run/oke-init.sh --kubelet-extra-args '{arguments}'\n")
    assert text.index("curl") < text.index("sha256sum --check") < text.index("chmod 755")
    assert one(engine, POLICY, "shop-registries")["statements"] == [
        f"Allow any-user to read repos in compartment id {compartment} "
        f"where ALL {{request.principal.type = 'instance', request.principal.compartment.id = '{COMPARTMENT}'}}"
        for compartment in (COMPARTMENT, SHARED)
    ]


def test_pools_are_placed_in_all_availability_domains_unless_some_are_named(run: Run) -> None:
    engine = made(run, node_pools={"all": {}, "some": {"zones": ZONES[1:2], "spot": True}})
    everywhere = one(engine, POOL, "shop-all")["nodeConfigDetails"]["placementConfigs"]
    assert everywhere == [{"availabilityDomain": zone, "subnetId": "shop-nodes-id"} for zone in ZONES]
    (placement,) = one(engine, POOL, "shop-some")["nodeConfigDetails"]["placementConfigs"]
    assert placement["availabilityDomain"] == ZONES[1]
    assert placement["preemptibleNodeConfig"] == {"preemptionAction": {"type": "TERMINATE"}}


def test_a_pool_of_a_fixed_shape_says_no_size_of_it(run: Run) -> None:
    engine = made(run, node_pools={"apps": {"machine_type": "VM.Standard2.4"}, "flex": {"ocpus": 4}})
    assert "nodeShapeConfig" not in one(engine, POOL, "shop-apps")
    assert one(engine, POOL, "shop-flex")["nodeShapeConfig"] == {"ocpus": 4, "memoryInGbs": 16}


def test_upgrades_replace_nodes_and_lose_no_capacity_unless_allowed(run: Run) -> None:
    pools = {"plain": {}, "away": {"max_surge": 0, "max_unavailable": 1}, "both": {"max_unavailable": 1}}
    engine = made(run, node_pools=pools)
    cycling = {name: one(engine, POOL, f"shop-{name}")["nodePoolCyclingDetails"] for name in pools}
    assert {name: (each["maximumSurge"], each["maximumUnavailable"]) for name, each in cycling.items()} == {
        "plain": ("1", "0"),
        "away": ("0", "1"),
        "both": ("1", "1"),
    }
    assert all(each["isNodeCyclingEnabled"] for each in cycling.values())


def test_the_autoscaler_has_the_pools_with_a_range_and_no_other(run: Run) -> None:
    engine = made(run, node_pools={"apps": {"size": 3}, "batch": {"min_size": 1, "max_size": 9}, "web": {}})
    settings = {each["key"]: each["value"] for each in one(engine, ADDON)["configurations"]}
    assert settings["nodes"] == "1:9:shop-batch-id, 2:4:shop-web-id"
    assert settings["authType"] == "workload"
    statements = one(engine, POLICY, "shop-autoscaler")["statements"]
    assert len(statements) == 6
    assert all("request.principal.cluster_id = 'shop-id'" in statement for statement in statements)
    assert all("service_account = 'cluster-autoscaler'" in statement for statement in statements)
    assert one(engine, POOL, "shop-apps")["nodeConfigDetails"]["size"] == 3


def test_without_a_range_there_is_no_autoscaler(run: Run) -> None:
    engine = made(run, node_pools={"apps": {"size": 3}})
    assert not engine.of(f"oci:{ADDON}")
    assert "shop-autoscaler" not in {policy.name for policy in engine.of(f"oci:{POLICY}")}


def test_secrets_are_encrypted_by_a_key_made_here_that_clusters_may_use(run: Run) -> None:
    engine = made(run)
    assert one(engine, CLUSTER)["kmsKeyId"] == "shop-secrets-id"
    (statement,) = one(engine, POLICY, "shop-secrets")["statements"]
    assert "target.key.id = 'shop-secrets-id'" in statement
    assert "request.principal.type = 'cluster'" in statement


@pytest.mark.parametrize(("wish", "key"), [("provider", None), ("ocid1.key.oc1.fra.aa.bb", "ocid1.key.oc1.fra.aa.bb")])
def test_a_brought_key_or_oracles_own(run: Run, wish: str, key: str | None) -> None:
    engine = made(run, encryption_key=wish)
    assert one(engine, CLUSTER).get("kmsKeyId") == key
    assert not engine.of("oci:Kms/vault:Vault")
    assert "shop-secrets" not in {policy.name for policy in engine.of(f"oci:{POLICY}")}


def test_the_cluster_may_keep_its_load_balancers_groups(run: Run) -> None:
    engine = made(run)
    assert one(engine, CLUSTER)["options"]["serviceLbConfig"]["backendNsgIds"] == ["shop-nodes-id"]
    statements = one(engine, POLICY, "shop-load-balancers")["statements"]
    assert [statement.split(" in ")[0] for statement in statements] == [
        "Allow any-user to manage network-security-groups",
        "Allow any-user to manage vcns",
    ]
    assert all("request.principal.id = 'shop-id'" in statement for statement in statements)


def test_policies_are_made_in_the_home_region_and_nothing_else_is(run: Run) -> None:
    engine = made(run, **EVERYTHING)
    for resource in engine.resources:
        if resource.token.startswith("oci:"):
            assert ("::shop-home::" in resource.provider) == resource.token.startswith("oci:Identity/"), resource.name
    regions = {r.name: r.inputs["region"] for r in engine.of("pulumi:providers:oci")}
    assert regions == {"shop": "eu-frankfurt-1", "shop-home": "us-ashburn-1"}


def test_the_root_compartment_has_a_word_of_its_own_in_policies(run: Run) -> None:
    engine = made(run, compartment_id="ocid1.tenancy.oc1..aaaa")
    for policy in engine.of(f"oci:{POLICY}"):
        assert all(" in tenancy where " in statement for statement in policy.inputs["statements"])


def test_the_programs_provider_is_used_if_it_gives_one(run: Run) -> None:
    def program() -> None:
        import pulumi_oci as oci

        own = oci.Provider("mine", region="eu-frankfurt-1")
        args: Any = ARGS
        multimesh.OkeCluster("shop", args, pulumi.ResourceOptions(providers=[own]))

    engine = run(program)
    assert [provider.name for provider in engine.of("pulumi:providers:oci")] == ["mine"]
    assert all("::mine::" in resource.provider for resource in engine.resources if resource.token.startswith("oci:"))


def test_the_kubeconfig_holds_a_command_and_no_credential(run: Run) -> None:
    (provider,) = made(run).of("pulumi:providers:kubernetes")
    kubeconfig = json.loads(provider.inputs["kubeconfig"])
    (user,) = kubeconfig["users"]
    assert set(user["user"]) == {"exec"}
    assert user["user"]["exec"]["command"] == "oci"
    assert user["user"]["exec"]["args"] == [
        "ce", "cluster", "generate-token", "--cluster-id", "shop-id", "--region", "eu-frankfurt-1",
    ]  # fmt: skip
    assert kubeconfig["clusters"][0]["cluster"]["server"] == "https://198.18.0.14:6443"
    assert provider.inputs["clusterIdentifier"] == "shop-id"


def test_control_plane_logs_are_kept_as_long_as_wished(run: Run) -> None:
    log = one(made(run, log_retention_days=90), "Logging/log:Log")
    assert log["retentionDuration"] == 90
    assert log["configuration"]["source"]["resource"] == "shop-id"
    assert not made(run, control_plane_logs=False).of("oci:Logging/log:Log")


TAGLESS = {"networkSecurityGroupSecurityRule", "addon"}


def test_tags_are_on_all_that_can_carry_them(run: Run) -> None:
    for resource in made(run, **EVERYTHING).resources:
        kind = resource.token.partition("/")[2].partition(":")[0]
        if resource.token.startswith("oci:") and kind not in TAGLESS:
            assert resource.inputs["freeformTags"] == {"team": "platform"}, resource.name
    options = one(made(run), CLUSTER)["options"]
    assert options["persistentVolumeConfig"]["freeformTags"] == {"team": "platform"}
    assert options["serviceLbConfig"]["freeformTags"] == {"team": "platform"}
    assert one(made(run), POOL)["nodeConfigDetails"]["freeformTags"] == {"team": "platform"}


def test_addresses_in_an_output_of_unknown_length_are_told_with_their_remedy(run: Run) -> None:
    def program() -> None:
        with pytest.raises(pulumi.RunError, match=r"admitted_ips is an output of a list.*network\.egress_ips\[0\]"):
            cluster(admitted_ips=pulumi.Output.from_input(["198.51.100.7"]))

    assert run(program).resources == []


KUBECONFIG = """
apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "https://198.18.0.13:6443", certificate-authority-data: Q0E=}}]
users: [{name: u, user: {token: a-secret}}]
contexts: [{name: x, context: {cluster: c, user: u}}]
current-context: x
"""


def mesh(**more: Any) -> multimesh.MultiCloudMesh:
    each = {"compartment_id": COMPARTMENT, "region": "eu-frankfurt-1"}
    args: Any = {
        "oke": {"one": each, "two": {**each, **more}},
        "existing": {"old": {"kubeconfig": KUBECONFIG, "egress_ips": ["198.51.100.7", "198.51.100.8"]}},
        "istio": {},
        "api_access": {"office": "203.0.113.0/24"},
    }
    return multimesh.MultiCloudMesh("shop", args)


def test_in_a_mesh_each_address_of_a_peer_has_a_rule(run: Run) -> None:
    engine = run(mesh)
    rules = {r.name: r.inputs["source"] for r in engine.of(f"oci:{RULE}") if "-one-api-address-" in r.name}
    assert rules == {
        "shop-one-api-address-198-51-100-7": "198.51.100.7/32",
        "shop-one-api-address-198-51-100-8": "198.51.100.8/32",
        "shop-one-api-address-1": "198.18.3.4/32",
    }
    assert engine.names() == run(mesh, preview=True).names()


def test_a_named_network_in_a_mesh_says_its_addresses_in_a_list(run: Run) -> None:
    def program() -> None:
        addresses = pulumi.Output.from_input(["203.0.113.7"])
        named: dict[str, Any] = {**FLANNEL_HUB, "network": {**VCN, "egress_ips": addresses}}
        with pytest.raises(pulumi.RunError, match=r"oke\.two\.network\.egress_ips is an output of a list"):
            mesh(**named)

    run(program)
