"""Security groups and their rules in the simulated AWS: bookkeeping, no packet is filtered by them.

Owns: their rules of form. Does not own: the security group that EKS makes for a cluster (cluster).
"""

from collections.abc import Iterable

from multimesh_lab.providers import cidrs
from multimesh_lab.providers.aws import names
from multimesh_lab.providers.aws.vpc import VPC
from multimesh_lab.providers.kinds import Autoname, Call, Kind, RefusedError
from multimesh_lab.providers.sdk_schema import InputFault
from multimesh_lab.providers.wire import Properties

GROUP = "aws:ec2/securityGroup:SecurityGroup"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
_PEERS = ("cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId")


def _group_check(inputs: Properties) -> Iterable[InputFault]:
    # aws_security_group: a name cannot begin with "sg-".
    if str(inputs.get("name", "")).startswith("sg-"):
        yield InputFault("name", f"{inputs['name']!r} begins with 'sg-', which is kept for ids")


def _group_rules(call: Call) -> None:
    vpc = call.inputs.get("vpcId")
    if vpc is None:
        raise RefusedError("VPCIdNotSpecified: the simulated account has no default VPC; set vpcId")
    names.must_find(call, VPC, vpc, "InvalidVpcID.NotFound")
    for other in call.others(GROUP):
        if (other.inputs.get("vpcId"), other.inputs.get("name")) == (vpc, call.inputs.get("name")):
            raise RefusedError(f"InvalidGroup.Duplicate: {call.inputs.get('name')!r} exists in {vpc}")


def _group_unused(call: Call) -> None:
    users = {
        "aws:eks/cluster:Cluster": "vpcConfig.securityGroupIds",
        INGRESS: "referencedSecurityGroupId",
        EGRESS: "referencedSecurityGroupId",
    }
    names.refuse_while_used(call, users)


def _rule_check(inputs: Properties) -> Iterable[InputFault]:
    # aws_vpc_security_group_*_rule: ExactlyOneOf; all protocols take no ports.
    given = [key for key in _PEERS if inputs.get(key) is not None]
    if len(given) != 1:
        yield InputFault("cidrIpv4", f"exactly one of {', '.join(_PEERS)} must be given, there are {len(given)}")
    ports = [key for key in ("fromPort", "toPort") if inputs.get(key) is not None]
    if inputs.get("ipProtocol") in ("tcp", "udp") and len(ports) != 2:
        yield InputFault("fromPort", f"fromPort and toPort are required with {inputs['ipProtocol']!r}")


def _rule_rules(call: Call) -> None:
    names.must_find(call, GROUP, call.inputs["securityGroupId"], "InvalidGroup.NotFound")
    if call.inputs.get("referencedSecurityGroupId") is not None:
        names.must_find(call, GROUP, call.inputs["referencedSecurityGroupId"], "InvalidGroup.NotFound")
    if call.inputs.get("cidrIpv4") is not None:
        cidrs.parse(str(call.inputs["cidrIpv4"]), "cidrIpv4")
    for other in call.others(call.type):
        if all(other.inputs.get(key) == call.inputs.get(key) for key in _IDENTITY):
            raise RefusedError(f"InvalidPermission.Duplicate: the rule already exists: {other.id!r}")


_IDENTITY = ("securityGroupId", "ipProtocol", "fromPort", "toPort", *_PEERS)


def _rule_kind(token: str) -> Kind:
    return Kind(
        token,
        identify=names.fresh("sgr"),
        replaces=frozenset({"securityGroupId", "region"}),  # RequiresReplace of aws_vpc_security_group_*_rule
        planned=names.plan,
        check=_rule_check,
        rules=(_rule_rules,),
        create=lambda call: {
            "arn": names.arn(call, "ec2", f"security-group-rule/{call.id}"),
            "securityGroupRuleId": call.id,
        },
    )


KINDS = (
    Kind(
        GROUP,
        identify=names.fresh("sg"),
        replaces=frozenset({"name", "namePrefix", "description", "vpcId", "region"}),  # ForceNew of aws_security_group
        autoname=Autoname(limit=255),
        planned=lambda call: {
            **names.plan(call),
            "description": "Managed by Pulumi",
            "revokeRulesOnDelete": False,
        },
        check=_group_check,
        rules=(_group_rules,),
        in_use=(_group_unused,),
        create=lambda call: {
            "arn": names.arn(call, "ec2", f"security-group/{call.id}"),
            "ownerId": names.ACCOUNT,
        },
    ),
    _rule_kind(INGRESS),
    _rule_kind(EGRESS),
)
