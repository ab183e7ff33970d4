"""Networks with a cluster each, in every cloud, as the library provisions them.

Owns: these. Does not own: how they are joined (landscape_vpn.py, landscape_peering.py).
"""

from collections.abc import Mapping

from landscape_records import KINDS, Landscape, Place

_API = "https://www.googleapis.com/compute/v1/"


def gcp_place(land: Landscape, name: str, number: int) -> Place:
    """A VPC with one subnet; nodes are tagged with the cluster's name."""
    kinds, project, region = KINDS["gcp"], "projects/demo", "europe-west4"
    nodes, pods = f"10.{number}.0.0/20", f"10.{number}.64.0/18"
    network = land.add(kinds["network"], name, f"{project}/global/networks/{name}", name=name, routingMode="GLOBAL")
    subnet = land.add(
        kinds["subnetwork"],
        name,
        f"{project}/regions/{region}/subnetworks/{name}",
        name=name,
        region=region,
        network=network,
        ipCidrRange=nodes,
        secondaryIpRanges=[{"rangeName": "pods", "ipCidrRange": pods}],
    )
    cluster = land.add(
        kinds["cluster"],
        name,
        f"{project}/locations/{region}/clusters/{name}",
        name=name,
        location=region,
        network=network,
        subnetwork=f"{_API}{subnet}",
        ipAllocationPolicy={"clusterSecondaryRangeName": "pods"},
    )
    pool = f"{cluster}/nodePools/main"
    land.add(kinds["nodePool"], f"{name}-main", pool, cluster=name, nodeConfig={"tags": [name]})
    return Place(
        "gcp", name, number, region, network, f"gcp/{cluster}", (nodes, pods), (pods,), (nodes, pods), (nodes,)
    )


def aws_place(land: Landscape, name: str, number: int, region: str = "us-east-1") -> Place:
    """A VPC with two private subnets, each with a route table of its own."""
    kinds, vpc_range = KINDS["aws"], f"10.{number}.0.0/16"
    vpc = land.add(
        kinds["vpc"], name, f"vpc-{name}", cidrBlock=vpc_range, region=region, mainRouteTableId=f"rtb-{name}"
    )
    subnets: list[str] = []
    for zone in (0, 1):
        part, cidr = f"{name}-private-{zone}", f"10.{number}.{64 * zone}.0/18"
        tags = {"kubernetes.io/role/internal-elb": "1"}
        subnets.append(land.add(kinds["subnet"], part, f"subnet-{part}", vpcId=vpc, cidrBlock=cidr, tags=tags))
        table = land.add(kinds["routeTable"], part, f"rtb-{part}", vpcId=vpc)
        way_out = {"destinationCidrBlock": "0.0.0.0/0", "natGatewayId": f"nat-{zone}"}
        land.add(kinds["route"], part, f"r-{part}", routeTableId=table, **way_out)
        land.add(kinds["routeTableAssociation"], part, f"a-{part}", routeTableId=table, subnetId=subnets[-1])
    arn, group = f"arn:aws:eks:{region}:123456789012:cluster/{name}", f"sg-{name}"
    land.add(kinds["securityGroup"], f"eks-cluster-sg-{name}", group, vpcId=vpc)
    config = {"vpcId": vpc, "subnetIds": subnets, "clusterSecurityGroupId": group}
    land.add(kinds["cluster"], name, name, name=name, arn=arn, vpcConfig=config)
    land.add(kinds["nodeGroup"], f"{name}-main", f"{name}:main", clusterName=name, subnetIds=subnets)
    parts = (f"10.{number}.0.0/18", f"10.{number}.64.0/18")
    return Place("aws", name, number, region, vpc, f"aws/{arn}", (vpc_range,), parts, parts, parts)


def azure_place(land: Landscape, name: str, number: int, *, overlay: bool = False) -> Place:
    """A virtual network with subnets of nodes and of pods; with `overlay` the pods hide behind the nodes."""
    kinds, group = KINDS["azure"], "/subscriptions/s/resourceGroups/rg/providers"
    nodes, pods = f"10.{number}.0.0/20", f"10.{number}.64.0/18"
    vnet = land.add(
        kinds["virtualNetwork"],
        name,
        f"{group}/Microsoft.Network/virtualNetworks/{name}",
        location="westeurope",
        addressSpace={"addressPrefixes": [f"10.{number}.0.0/16"]},
    )
    where = {
        part: land.add(kinds["subnet"], f"{name}-{part}", f"{vnet}/subnets/{part}", addressPrefix=cidr)
        for part, cidr in (("nodes", nodes), ("pods", pods), ("GatewaySubnet", f"10.{number}.250.0/27"))
    }
    # ARM does not tell letters' cases apart, and AKS hands ids back in its own.
    pool = {"name": "system", "vnetSubnetID": where["nodes"].replace("resourceGroups", "resourcegroups")}
    cluster = land.add(
        kinds["managedCluster"],
        name,
        f"{group}/Microsoft.ContainerService/managedClusters/{name}",
        agentPoolProfiles=[pool if overlay else {**pool, "podSubnetID": where["pods"]}],
        networkProfile={"networkPluginMode": "overlay"} if overlay else {},
    )
    own = () if overlay else (pods,)
    return Place(
        "azure", name, number, "westeurope", vnet, f"azure/{cluster}", (nodes, *own), own, (nodes, *own), (nodes,)
    )


def oci_place(land: Landscape, name: str, number: int, region: str = "eu-frankfurt-1", drg: str | None = None) -> Place:
    """A VCN on a DRG, its own or the given one; nodes and pods share a route table, load balancers have another."""
    kinds, unique = KINDS["oci"], f"oc1.{region}.{name}"
    ranges = {"nodes": f"10.{number}.0.0/20", "pods": f"10.{number}.64.0/18", "lb": f"10.{number}.32.0/24"}
    vcn = land.add(kinds["vcn"], name, f"ocid1.vcn.{unique}", cidrBlocks=list(ranges.values()))
    where: dict[str, str] = {}
    for part, cidr in ranges.items():
        side = "public" if part == "lb" else "private"
        table = f"ocid1.routetable.{unique}{side}"
        way_out = {"destination": "0.0.0.0/0", "destinationType": "CIDR_BLOCK", "networkEntityId": f"{side}-gateway"}
        land.add(kinds["routeTable"], f"{name}-{side}", table, vcnId=vcn, routeRules=[way_out])
        where[part] = land.add(
            kinds["subnet"],
            f"{name}-{part}",
            f"ocid1.subnet.{unique}{part}",
            vcnId=vcn,
            cidrBlock=cidr,
            routeTableId=table,
        )
    drg = drg or land.add(kinds["drg"], name, f"ocid1.drg.{unique}")
    details = {"type": "VCN", "id": vcn}
    land.add(kinds["drgAttachment"], name, f"ocid1.drgattachment.{unique}", drgId=drg, networkDetails=details)
    cluster = _oci_cluster(land, name, unique, vcn, where)
    seen = tuple(ranges.values())
    sources = (ranges["nodes"], ranges["pods"])
    return Place("oci", name, number, region, vcn, f"oci/{cluster}", seen, (ranges["pods"],), sources, (ranges["lb"],))


def _oci_cluster(land: Landscape, name: str, unique: str, vcn: str, where: Mapping[str, str]) -> str:
    kinds, group = KINDS["oci"], f"ocid1.networksecuritygroup.{unique}"
    land.add(kinds["networkSecurityGroup"], f"{name}-pods", group, vcnId=vcn)
    land.add(
        kinds["networkSecurityGroupSecurityRule"],
        f"{name}-pods-to-anywhere",
        f"{name}-egress",
        networkSecurityGroupId=group,
        direction="EGRESS",
        protocol="all",
        destination="0.0.0.0/0",
        destinationType="CIDR_BLOCK",
    )
    cluster = land.add(
        kinds["cluster"],
        name,
        f"ocid1.cluster.{unique}",
        vcnId=vcn,
        clusterPodNetworkOptions=[{"cniType": "OCI_VCN_IP_NATIVE"}],
        options={"serviceLbSubnetIds": [where["lb"]]},
    )
    pods = {"cniType": "OCI_VCN_IP_NATIVE", "podSubnetIds": [where["pods"]], "podNsgIds": [group]}
    details = {"placementConfigs": [{"subnetId": where["nodes"]}], "nodePoolPodNetworkOptionDetails": pods}
    pool = f"ocid1.nodepool.{unique}"
    land.add(kinds["nodePool"], f"{name}-main", pool, clusterId=cluster, nodeConfigDetails=details)
    return cluster


def oci_send(land: Landscape, place: Place, ranges: tuple[str, ...], target: str) -> None:
    """Route rules of both tables towards the target."""
    for side in ("private", "public"):
        record = land.find("oci routeTable", f"{place.name}-{side}")
        more = [{"destination": cidr, "destinationType": "CIDR_BLOCK", "networkEntityId": target} for cidr in ranges]
        land.change("oci routeTable", f"{place.name}-{side}", routeRules=[*record.outputs["routeRules"], *more])


def make_place(land: Landscape, cloud: str, name: str, number: int) -> Place:
    """A place of the cloud, with its defaults."""
    makers = {"gcp": gcp_place, "aws": aws_place, "azure": azure_place, "oci": oci_place}
    return makers[cloud](land, name, number)


def open_pods(land: Landscape, place: Place, others: tuple[Place, ...]) -> None:
    """Firewalls of the place admit the others' pods, as the library opens them in a flat mesh."""
    cidrs = [cidr for other in others for cidr in other.pods]
    if place.cloud == "gcp":
        land.add(
            KINDS["gcp"]["firewall"],
            f"{place.name}-mesh",
            f"projects/demo/global/firewalls/{place.name}-mesh",
            network=f"{_API}{place.network}",
            direction="INGRESS",
            priority=1000,
            sourceRanges=cidrs,
            targetTags=[place.name],
            allows=[{"protocol": "tcp"}, {"protocol": "udp"}],
        )
    for position, cidr in enumerate(cidrs):
        name = f"{place.name}-mesh-{position}"
        if place.cloud == "aws":
            rule = {"securityGroupId": f"sg-{place.name}", "cidrIpv4": cidr, "ipProtocol": "-1"}
            land.add(KINDS["aws"]["securityGroupIngressRule"], name, f"sgr-{name}", **rule)
        if place.cloud == "oci":
            group = land.find("oci networkSecurityGroup", f"{place.name}-pods").id
            rule = {"direction": "INGRESS", "protocol": "6", "source": cidr, "sourceType": "CIDR_BLOCK"}
            kind = KINDS["oci"]["networkSecurityGroupSecurityRule"]
            land.add(kind, name, name, networkSecurityGroupId=group, **rule)
