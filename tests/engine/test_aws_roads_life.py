"""AWS's private roads by the real engine: from nothing, again, readdressed, refreshed, and gone without a program.

Oracle's end is an address that becomes known only with AWS's own, as in a mesh.
"""

from pathlib import Path

from lab_engine import Lab
from stack_life import Life

from multimesh_lab.providers.store import Record

PROGRAM = """
import pulumi
import pulumi_aws as aws

from pulumi_multimesh.network.aws_admission import admit
from pulumi_multimesh.network.aws_peering import AwsPeering
from pulumi_multimesh.network.aws_vpn import AwsVpnGateway
from pulumi_multimesh.network.handles import AwsNetwork
from pulumi_multimesh.network.vpn_gateway import RemoteGateway, TunnelEnd


def network(name, region, cidr):
    vpc = aws.ec2.Vpc(name, region=region, cidr_block=cidr)
    tables = [aws.ec2.RouteTable(f"{{name}}-{{i}}", region=region, vpc_id=vpc.id) for i in range(2)]
    return AwsNetwork(name, region, vpc.id, [table.id for table in tables], [cidr], {{"team": "platform"}})


def ends(third, places):
    return [
        TunnelEnd(i, interface, slot, f"169.254.{{third}}.{{4 * i}}/30", f"169.254.{{third}}.{{4 * i + 1}}",
                  f"169.254.{{third}}.{{4 * i + 2}}", pulumi.Output.secret(f"k{{third}}keykey{{i}}"))
        for i, (interface, slot) in enumerate(places)
    ]


here, far = network("us", "us-east-1", "10.0.0.0/16"), network("eu", "eu-west-1", "10.1.0.0/16")
AwsPeering("us-eu", here, far)
gateway = AwsVpnGateway("us", here, 64600)
group = aws.ec2.SecurityGroup("nodes", region="us-east-1", vpc_id=here.vpc_id)
admit("us-peers", "us-east-1", group.id, ["10.9.0.0/16", "10.8.0.0/16"], here.tags, pulumi.ResourceOptions())
link = pulumi.ResourceOptions(parent=gateway)

google = ends(40, [(0, 0), (0, 1), (1, 0), (1, 1)])
google_at = {{end.index: f"203.0.113.{{end.interface + 1}}" for end in google}}
to_google = RemoteGateway("gcp", "gcp", 64512, ["10.9.0.0/16"], google_at)
pulumi.export("google", list(gateway.connect("us-gcp", google, to_google, link).values()))

oracle = ends(41, [(0, 0), (1, 0)])
addresses = gateway.connect_later("us-oci", oracle, link)
known = {{i: addresses[i].apply(lambda own, i=i: f"203.0.113.{{{oracle} + i}}") for i in addresses}}
gateway.readdress("us-oci", oracle, RemoteGateway("oci", "oci", 31898, ["10.8.0.0/16"], known), link)
"""
CUSTOMER = "aws:ec2/customerGateway:CustomerGateway"
CONNECTION = "aws:ec2/vpnConnection:VpnConnection"
WITHOUT_TAGS = {
    "aws:ec2/vpc:Vpc",  # the program's own, like tables and group
    "aws:ec2/routeTable:RouteTable",
    "aws:ec2/securityGroup:SecurityGroup",
    "aws:ec2/route:Route",
    "aws:ec2/peeringConnectionOptions:PeeringConnectionOptions",
    "aws:ec2/vpnGatewayRoutePropagation:VpnGatewayRoutePropagation",
    "aws:iam/rolePolicy:RolePolicy",
    "aws:lambda/invocation:Invocation",
}


def of(life: Life, token: str) -> list[Record]:
    return [record for record in life.inventory() if record.type == token]


def other_ends(life: Life) -> dict[str, str]:
    """The address to which each connection leads."""
    addresses = {record.id: str(record.outputs["ipAddress"]) for record in of(life, CUSTOMER)}
    return {record.name: addresses[str(record.outputs["customerGatewayId"])] for record in of(life, CONNECTION)}


def test_the_life_of_awss_roads(lab: Lab, tmp_path: Path) -> None:
    lab.home.create()
    life = Life.begin(lab, tmp_path)
    life.program(PROGRAM.format(oracle=10))
    shown = {(step.type, step.name) for step in life.preview() if step.type.startswith("aws:")}
    life.up()
    made = {(record.type, record.name) for record in life.inventory()}
    assert shown == made
    assert other_ends(life) == {
        "us-gcp-0": "203.0.113.1",
        "us-gcp-1": "203.0.113.2",
        "us-oci-0": "203.0.113.10",
        "us-oci-1": "203.0.113.11",
    }
    bare = {record.type for record in life.inventory() if record.outputs.get("tags", {}).get("team") != "platform"}
    assert bare <= WITHOUT_TAGS
    life.unchanged()
    life.unchanged()  # also after a refresh, which has told the engine of the real customer gateways

    life.program(PROGRAM.format(oracle=20))
    life.up()
    assert other_ends(life)["us-oci-0"] == "203.0.113.20"
    assert len(of(life, CUSTOMER)) == 6, "those that were left are gone"
    life.unchanged()

    (life.folder / "__main__.py").unlink()
    life.destroy()
    assert life.inventory() == []
