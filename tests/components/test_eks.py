"""EksCluster: what it registers, with outputs known and unknown."""

import json
from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest
from mocked_engine import Engine, Run
from options_seen import watch

import pulumi_multimesh as multimesh

ARGS: dict[str, Any] = {
    "region": "us-east-1",
    "api_access": {"office": "203.0.113.0/24"},
    "tags": {"team": "platform"},
}
CLUSTER = "aws:eks/cluster:Cluster"
POOL = "aws:eks/nodeGroup:NodeGroup"
ADDON = "aws:eks/addon:Addon"
ENTRY = "aws:eks/accessEntry:AccessEntry"
RELEASE = "kubernetes:helm.sh/v3:Release"
HUB = {"vpc_id": "vpc-hub", "private_subnet_ids": ["subnet-1", "subnet-2"], "egress_ips": ["203.0.113.7"]}
EVERYTHING: dict[str, Any] = {
    "zones": ["us-east-1a", "us-east-1b"],
    "node_pools": {"apps": {}, "batch": {"size": 2, "spot": True, "zones": ["us-east-1b"]}},
    "admins": ["arn:aws:iam::123456789012:role/platform", "arn:aws:iam::123456789012:user/ada"],
    "load_balancer_controller": {},
    "log_retention_days": 90,
    "deletion_protection": True,
}


def made(run: Run, **changes: Any) -> Engine:
    args: Any = {**ARGS, **changes}
    return run(lambda: multimesh.EksCluster("shop", args))


def one(engine: Engine, token: str, name: str | None = None) -> dict[str, Any]:
    (found,) = [r for r in engine.of(token) if name in (None, r.name)]
    return found.inputs


@pytest.mark.parametrize("changes", [{}, EVERYTHING, {"network": HUB, "ranges": {"nodes": "10.200.0.0/16"}}])
def test_the_same_resources_with_known_and_with_unknown_outputs(run: Run, changes: dict[str, Any]) -> None:
    args: Any = {**ARGS, **changes}
    known = made(run, **changes)
    unknown = run(lambda: multimesh.EksCluster("shop", args), preview=True)
    assert known.names() == unknown.names()
    assert len(known.names()) == len(known.resources)


def test_a_named_vpc_is_used_and_none_is_made(run: Run) -> None:
    def program() -> None:
        # Made in the same program, so that the ids are outputs.
        ids = {key: pulumi.Output.from_input(value) for key, value in HUB.items()}
        args: Any = {**ARGS, "network": ids, "ranges": {"nodes": "10.200.0.0/16"}}
        multimesh.EksCluster("shop", args)

    engine = run(program)
    assert engine.of("aws:ec2/vpc:Vpc") == []
    assert engine.of("aws:ec2/natGateway:NatGateway") == []
    assert one(engine, CLUSTER)["vpcConfig"]["subnetIds"] == ["subnet-1", "subnet-2"]
    assert one(engine, POOL)["subnetIds"] == ["subnet-1", "subnet-2"]


def test_the_api_admits_names_and_peers_once_each_and_no_one_else(run: Run) -> None:
    cluster = one(made(run, admitted_ips=["198.51.100.7", "198.51.100.7"]), CLUSTER)
    assert cluster["vpcConfig"]["publicAccessCidrs"] == ["203.0.113.0/24", "198.51.100.7/32"]
    assert cluster["accessConfig"]["authenticationMode"] == "API"


def test_the_cluster_and_its_log_group_have_the_roles_name(run: Run) -> None:
    engine = made(run, log_retention_days=90)
    group = one(engine, "aws:cloudwatch/logGroup:LogGroup")
    assert (group["name"], group["retentionInDays"]) == ("/aws/eks/role/cluster", 90)
    assert one(engine, CLUSTER)["name"] == "role"


def test_without_logs_there_is_no_log_group(run: Run) -> None:
    engine = made(run, control_plane_logs=False)
    assert engine.of("aws:cloudwatch/logGroup:LogGroup") == []
    assert one(engine, CLUSTER)["enabledClusterLogTypes"] == []


def test_pools_in_eks_words(run: Run) -> None:
    taints = [{"key": "batch", "value": "x", "effect": "PreferNoSchedule"}]
    pools = {
        "apps": {"machine_type": "m7g.large", "min_size": 3, "max_size": 9},
        "batch": {"size": 2, "spot": True, "taints": taints, "labels": {"for": "batch"}, "max_unavailable": 2},
    }
    engine = made(run, node_pools=pools)
    apps, batch = one(engine, POOL, "shop-apps"), one(engine, POOL, "shop-batch")
    assert apps["scalingConfig"] == {"desiredSize": 3, "minSize": 3, "maxSize": 9}
    assert (apps["amiType"], apps["capacityType"]) == ("AL2023_ARM_64_STANDARD", "ON_DEMAND")
    assert batch["scalingConfig"] == {"desiredSize": 2, "minSize": 2, "maxSize": 2}
    assert (batch["amiType"], batch["capacityType"]) == ("AL2023_x86_64_STANDARD", "SPOT")
    assert batch["taints"] == [{"key": "batch", "value": "x", "effect": "PREFER_NO_SCHEDULE"}]
    assert (batch["labels"], batch["updateConfig"]) == ({"for": "batch"}, {"maxUnavailable": 2})
    assert apps["version"] == batch["version"] == one(engine, CLUSTER)["version"]
    templates = engine.of("aws:ec2/launchTemplate:LaunchTemplate")
    assert {t.inputs["metadataOptions"]["httpTokens"] for t in templates} == {"required"}


def test_a_pool_of_one_zone_is_in_that_zones_subnet(run: Run) -> None:
    pool = one(made(run, **EVERYTHING), POOL, "shop-batch")
    assert pool["subnetIds"] == ["shop-private-1-id"]


@pytest.mark.parametrize(("version", "pinned"), [("1.34", True), ("1.35", True), ("1.36", False)])
def test_builds_of_add_ons_are_pinned_where_they_are_known(run: Run, version: str, pinned: bool) -> None:
    addons = made(run, kubernetes_version=version).of(ADDON)
    assert len(addons) == 6
    assert {"addonVersion" in addon.inputs for addon in addons} == {pinned}


def test_administrators_by_name_and_outputs_by_place(run: Run) -> None:
    def program() -> None:
        made_here = pulumi.Output.from_input("arn:aws:iam::1:role/made-here")
        args: Any = {**ARGS, "admins": ["arn:aws:iam::123456789012:role/platform", made_here]}
        multimesh.EksCluster("shop", args)

    engine = run(program)
    assert {r.name for r in engine.of(ENTRY)} == {"shop-admin-role-platform", "shop-admin-1"}
    policies = {r.inputs["policyArn"] for r in engine.of("aws:eks/accessPolicyAssociation:AccessPolicyAssociation")}
    assert policies == {"arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"}


@pytest.mark.parametrize(("wish", "arn"), [("provider", None), ("arn:aws:kms:us-east-1:1:key/1", "given")])
def test_no_key_is_made_where_none_is_asked_for(run: Run, wish: str, arn: str | None) -> None:
    engine = made(run, encryption_key=wish)
    assert engine.of("aws:kms/key:Key") == []
    encryption = one(engine, CLUSTER).get("encryptionConfig")
    assert encryption == (arn and {"provider": {"keyArn": wish}, "resources": ["secrets"]})


def test_the_controller_of_load_balancers_comes_only_when_asked(run: Run) -> None:
    assert made(run).of(RELEASE) == []
    engine = made(run, load_balancer_controller={"repository": "https://charts.acme.example", "version": "1.0.0"})
    release = one(engine, RELEASE)
    assert (release["chart"], release["version"]) == ("aws-load-balancer-controller", "1.0.0")
    assert release["repositoryOpts"] == {"repo": "https://charts.acme.example"}
    assert release["values"]["clusterName"] == "eks-1234567"
    rights = json.loads(one(engine, "aws:iam/rolePolicy:RolePolicy")["policy"])["Statement"]
    actions = {a for statement in rights if isinstance(statement["Action"], list) for a in statement["Action"]}
    assert actions.isdisjoint({"*", "ec2:*", "elasticloadbalancing:*"})
    assert len(actions) > 20
    identity = one(engine, "aws:eks/podIdentityAssociation:PodIdentityAssociation")
    assert identity["serviceAccount"] == release["values"]["serviceAccount"]["name"]


def test_the_kubeconfig_holds_a_command_and_no_credential(run: Run) -> None:
    provider = one(made(run), "pulumi:providers:kubernetes")
    user = json.loads(provider["kubeconfig"])["users"][0]["user"]
    assert set(user) == {"exec"}
    assert user["exec"]["args"][:4] == ["--region", "us-east-1", "eks", "get-token"]
    assert provider["clusterIdentifier"] == "https://oidc.test"


@pytest.mark.parametrize("protected", [False, True])
def test_deletion_protection_is_ekss_flag_and_pulumis_own(
    run: Run, monkeypatch: pytest.MonkeyPatch, protected: bool
) -> None:
    seen = watch(monkeypatch)
    cluster = one(made(run, deletion_protection=protected), CLUSTER)
    assert cluster["deletionProtection"] is protected
    assert {what for what, options in seen.items() if options.protect} == ({"Cluster shop"} if protected else set())


def test_only_what_eks_changes_by_itself_is_left_to_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = watch(monkeypatch)
    made(run, node_pools={"apps": {}, "fixed": {"size": 3}})
    left = {what: set(options.ignore_changes) for what, options in seen.items() if options.ignore_changes}
    assert left == {
        "Cluster shop": {"accessConfig.bootstrapClusterCreatorAdminPermissions", "bootstrapSelfManagedAddons"},
        "NodeGroup shop-apps": {"scalingConfig.desiredSize"},
    }


def test_another_key_is_another_cluster_and_nothing_else_is_replaced_on_purpose(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = watch(monkeypatch)
    made(run, **EVERYTHING)
    forced = {what: options.replace_on_changes for what, options in seen.items() if options.replace_on_changes}
    assert forced == {"Cluster shop": ["encryptionConfig.provider.keyArn"]}


def test_what_needs_another_thing_comes_after_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = watch(monkeypatch)
    made(run, **EVERYTHING)
    ways_out = {"NatGateway shop-private-0", "NatGateway shop-private-1"}
    rights = {"RolePolicyAttachment shop-AmazonEKSClusterPolicy", "LogGroup shop", "Key shop"}
    assert seen["Cluster shop"].before >= ways_out | rights
    early = {"Addon shop-vpc-cni", "Addon shop-kube-proxy", "Addon shop-eks-pod-identity-agent"}
    pools = {"NodeGroup shop-apps", "NodeGroup shop-batch"}
    late = {"Addon shop-coredns", "Addon shop-metrics-server", "Addon shop-aws-ebs-csi-driver"}
    for what in early:
        assert seen[what].before.isdisjoint(pools)
    for what in pools:
        assert seen[what].before >= early | {"RolePolicyAttachment shop-nodes-AmazonEKS_CNI_Policy"}
    for what in late:
        assert seen[what].before >= pools
    controller = "shop-aws-load-balancer-controller"
    assert seen[f"Release {controller}"].before >= pools | late | {
        f"RolePolicy {controller}",
        f"PodIdentityAssociation {controller}",
    }


def test_what_has_a_load_balancer_comes_after_the_controller(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def program() -> None:
        args: Any = {**ARGS, "load_balancer_controller": {}}
        cluster = multimesh.EksCluster("shop", args)
        k8s.core.v1.Service("front", spec={"type": "LoadBalancer"}, opts=cluster.inside(goes_first=True))

    seen = watch(monkeypatch)
    run(program)
    assert "Release shop-aws-load-balancer-controller" in seen["Service front"].before


def test_an_output_can_be_the_key(run: Run) -> None:
    engine = made(run, encryption_key=pulumi.Output.from_input("arn:aws:kms:us-east-1:1:key/1"))
    assert one(engine, CLUSTER)["encryptionConfig"]["provider"] == {"keyArn": "arn:aws:kms:us-east-1:1:key/1"}


def test_a_key_made_here_encrypts_secrets_and_is_turned_each_year(run: Run) -> None:
    engine = made(run)
    assert one(engine, "aws:kms/key:Key")["enableKeyRotation"] is True
    assert one(engine, CLUSTER)["encryptionConfig"] == {
        "provider": {"keyArn": "arn:aws:kms:1"},
        "resources": ["secrets"],
    }


def test_each_zone_has_a_way_out_of_its_own(run: Run) -> None:
    engine = made(run)
    ways = {r.name: r.inputs["subnetId"] for r in engine.of("aws:ec2/natGateway:NatGateway")}
    assert ways == {f"shop-private-{zone}": f"shop-public-{zone}-id" for zone in range(3)}
    out = {r.name: r.inputs.get("natGatewayId") for r in engine.of("aws:ec2/route:Route")}
    assert out == {"shop-public": None} | {f"shop-private-{zone}": f"shop-private-{zone}-id" for zone in range(3)}


UNTAGGED = {
    "aws:ec2/route:Route",
    "aws:ec2/routeTableAssociation:RouteTableAssociation",
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
    "aws:iam/rolePolicy:RolePolicy",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
}
"""AWS has no tags for these."""


def test_tags_are_on_all_that_can_carry_them(run: Run) -> None:
    engine = made(run, **EVERYTHING)
    ours = [r for r in engine.resources if r.token.startswith("aws:")]
    assert {r.token for r in ours} >= UNTAGGED
    for registered in ours:
        wanted = None if registered.token in UNTAGGED else "platform"
        assert registered.inputs.get("tags", {}).get("team") == wanted, registered.token
    for template in engine.of("aws:ec2/launchTemplate:LaunchTemplate"):
        on = {each["resourceType"]: each["tags"]["team"] for each in template.inputs["tagSpecifications"]}
        assert on == {"instance": "platform", "volume": "platform"}


def test_faults_are_told_at_once_and_nothing_is_registered(run: Run) -> None:
    def program() -> None:
        args: Any = {"region": "us-east-1", "node_pools": {"apps": {"zones": ["us-east-1a"]}}}
        with pytest.raises(pulumi.RunError) as raised:
            multimesh.EksCluster("shop", args)
        assert "api_access is missing" in str(raised.value)
        assert "node_pools.apps.zones" in str(raised.value)

    assert run(program).resources == []
