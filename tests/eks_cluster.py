"""A cluster of simulated EKS, with the network and the role that it needs, as tests of EKS' rules declare it."""

from typing import Any

from simulated_cloud import Engine, Resource


def role_of_eks(cloud: Engine) -> Resource:
    return cloud.create("aws:iam/role:Role", "role", {"assumeRolePolicy": "{}"})


def cluster_inputs(cloud: Engine, role: Resource) -> dict[str, Any]:
    """The cluster's inputs; its two subnets are made."""
    vpc = cloud.create("aws:ec2/vpc:Vpc", "vpc", {"cidrBlock": "10.0.0.0/16"})
    subnets = [
        cloud.create(
            "aws:ec2/subnet:Subnet",
            f"s{zone}",
            {"vpcId": vpc.id, "cidrBlock": f"10.0.{third}.0/24", "availabilityZone": f"us-east-1{zone}"},
        )
        for third, zone in enumerate("ab")
    ]
    return {
        "name": "shop",
        "version": "1.33",
        "roleArn": role.outputs["arn"],
        "vpcConfig": {"subnetIds": [subnet.id for subnet in subnets]},
        "accessConfig": {"authenticationMode": "API"},
        "bootstrapSelfManagedAddons": False,
    }
