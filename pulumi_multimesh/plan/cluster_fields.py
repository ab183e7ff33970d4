"""The forms that keys can have, and the keys of clusters: what each holds and which ones a cluster must have.

It says again what `config` says, because that module needs the engine's SDK and planning does not; a test
holds the two equal. Owns: keys and kinds of values. Does not own: whether values are right (rules/).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class Kind(Enum):
    """What a key holds, in words."""

    TEXT = "text"
    INTEGER = "a whole number"
    BOOLEAN = "true or false"
    TEXTS = "a list of texts"
    TEXT_TABLE = "a table of texts"
    ANYTHING = "anything"
    RECORD = "a table"
    RECORDS = "a table of tables, by name"
    TABLES = "a table of tables"
    LIST_OF_RECORDS = "a list of tables"
    INPUT_TEXT = "text, or an output of the program"
    INPUT_TEXTS = "a list of texts, or an output of the program"


@dataclass(frozen=True)
class Field:
    """One key."""

    kind: Kind
    example: str = ""
    """A value that is right, for a remedy."""
    required: bool = False
    allowed: str = ""
    """What a required key holds, for the message that it is missing."""
    fields: "Fields" = field(default_factory=dict[str, "Field"])
    """Of a record, or of each of several records: its own keys."""


Fields = Mapping[str, Field]

_TEXT = Field(Kind.TEXT)
_TEXTS = Field(Kind.TEXTS)
_INTEGER = Field(Kind.INTEGER)
_BOOLEAN = Field(Kind.BOOLEAN)
_TEXT_TABLE = Field(Kind.TEXT_TABLE)
_INPUT_TEXT = Field(Kind.INPUT_TEXT)
_INPUT_TEXTS = Field(Kind.INPUT_TEXTS)

RANGES: Fields = dict.fromkeys(("nodes", "pods", "services", "control_plane", "load_balancers", "vpn_gateway"), _TEXT)

ADDRESSES: Fields = {
    "supernet": Field(Kind.TEXT, "10.0.0.0/8"),
    "reserved": Field(Kind.TEXT_TABLE, "{office: 10.0.0.0/16}"),
    "book": Field(Kind.TEXT, "addresses.yaml"),
    "asns": Field(Kind.TEXT_TABLE, '{gcp-eu: "64530"}'),
}

TAINT: Fields = {
    "key": Field(Kind.TEXT, "dedicated", required=True, allowed="the taint's key"),
    "value": _TEXT,
    "effect": Field(Kind.TEXT, "NoSchedule", required=True, allowed="NoSchedule, PreferNoSchedule or NoExecute"),
}

NODE_POOL: Fields = {
    "machine_type": _TEXT,
    "size": _INTEGER,
    "min_size": _INTEGER,
    "max_size": _INTEGER,
    "disk_size_gb": _INTEGER,
    "zones": _TEXTS,
    "labels": _TEXT_TABLE,
    "taints": Field(Kind.LIST_OF_RECORDS, "[{key: dedicated, effect: NoSchedule}]", fields=TAINT),
    "spot": _BOOLEAN,
    "max_unavailable": _INTEGER,
}
SURGING_NODE_POOL: Fields = {**NODE_POOL, "max_surge": _INTEGER}
OKE_NODE_POOL: Fields = {
    **SURGING_NODE_POOL,
    "ocpus": _INTEGER,
    "memory_gb": _INTEGER,
    "image": _TEXT,
    "max_pods": _INTEGER,
}

MAINTENANCE: Fields = {
    "days": Field(Kind.TEXTS, "[saturday, sunday]", required=True, allowed="days of the week, in English"),
    "start": Field(Kind.TEXT, '"03:00"', required=True, allowed="hour and minute in UTC"),
    "hours": Field(Kind.INTEGER, "12", required=True, allowed="4 to 24"),
}

LOGIN: Fields = {
    "issuer": Field(Kind.TEXT, "https://login.example.com", required=True, allowed="the OIDC provider's address"),
    "client_id": Field(Kind.TEXT, "kubernetes", required=True, allowed="the client that tokens are issued for"),
    "username_claim": Field(Kind.TEXT, "email"),
    "groups_claim": Field(Kind.TEXT, "groups"),
    "prefix": Field(Kind.TEXT, '"oidc:"'),
    "required_claims": Field(Kind.TEXT_TABLE, "{organization: acme}"),
    "clusters": Field(Kind.TEXTS, "[aws-us]"),
}

ALONE: Fields = {
    "api_access": Field(Kind.TEXT_TABLE, "{office: 203.0.113.0/24}"),
    "admitted_ips": _INPUT_TEXTS,
    "addresses": Field(Kind.RECORD, fields=ADDRESSES),
    "tags": _TEXT_TABLE,
    "oidc_login": Field(Kind.RECORD, "{issuer: https://login.example.com, client_id: kubernetes}", fields=LOGIN),
    "unreachable": _BOOLEAN,
    "lost": _BOOLEAN,
}

PROJECT_ALLOWED = "a Google Cloud project id: 6 to 30 letters, digits and dashes"
GCP_REGION_ALLOWED = "a Google Cloud region, such as europe-west4"
AWS_REGION_ALLOWED = "an AWS region, such as us-east-1"
AZURE_REGION_ALLOWED = "an Azure region, such as westeurope"
OCI_REGION_ALLOWED = "an Oracle Cloud region, such as eu-frankfurt-1"
COMPARTMENT_ALLOWED = "the OCID of a compartment or tenancy"
EGRESS_ALLOWED = "the IPv4 addresses from which the cluster's traffic leaves, at least one"

_EGRESS = Field(Kind.INPUT_TEXTS, "[203.0.113.7]", required=True, allowed=EGRESS_ALLOWED)
_RANGES = Field(Kind.RECORD, fields=RANGES)


def _id(example: str, allowed: str) -> Field:
    return Field(Kind.INPUT_TEXT, example, required=True, allowed=allowed)


GKE_NETWORK_IDS: Fields = {
    "network": _id("projects/acme/global/networks/main", "a VPC's id or self link"),
    "subnetwork": _id("projects/acme/regions/europe-west4/subnetworks/nodes", "a subnet's id or self link"),
    "pods_range": _TEXT,
    "services_range": _TEXT,
    "egress_ips": _EGRESS,
}

GKE: Fields = {
    "project": Field(Kind.TEXT, "my-project", required=True, allowed=PROJECT_ALLOWED),
    "region": Field(Kind.TEXT, "europe-west4", required=True, allowed=GCP_REGION_ALLOWED),
    "zones": Field(Kind.TEXTS, "[europe-west4-a, europe-west4-b]"),
    "release_channel": _TEXT,
    "kubernetes_version": Field(Kind.TEXT, '"1.34"'),
    "endpoint": _TEXT,
    "network": Field(Kind.RECORD, fields=GKE_NETWORK_IDS),
    "node_pools": Field(Kind.RECORDS, "{default: {min_size: 3}}", fields=SURGING_NODE_POOL),
    "maintenance": Field(Kind.RECORD, fields=MAINTENANCE),
    "encryption_key": _INPUT_TEXT,
    "security_group": Field(Kind.TEXT, "gke-security-groups@example.com"),
    "control_plane_logs": _BOOLEAN,
    "registries": _TEXTS,
    "ranges": _RANGES,
    "deletion_protection": _BOOLEAN,
}

EKS_NETWORK_IDS: Fields = {
    "vpc_id": _id("vpc-0a1b2c3d", "a VPC's id"),
    "private_subnet_ids": Field(
        Kind.INPUT_TEXTS, "[subnet-0a1b, subnet-2c3d]", required=True, allowed="ids of subnets in two zones or more"
    ),
    "public_subnet_ids": _INPUT_TEXTS,
    "private_route_table_ids": _INPUT_TEXTS,
    "egress_ips": _EGRESS,
}

LOAD_BALANCER_CONTROLLER: Fields = {"repository": _TEXT, "version": _TEXT}

EKS_GROUP: Fields = {
    "roles": Field(
        Kind.INPUT_TEXTS,
        '["arn:aws:iam::123456789012:role/mesh-operators"]',
        required=True,
        allowed="ARNs of IAM roles, at least one",
    ),
}

EKS: Fields = {
    "region": Field(Kind.TEXT, "us-east-1", required=True, allowed=AWS_REGION_ALLOWED),
    "kubernetes_version": Field(Kind.TEXT, '"1.34"'),
    "zones": Field(Kind.TEXTS, "[us-east-1a, us-east-1b]"),
    "network": Field(Kind.RECORD, fields=EKS_NETWORK_IDS),
    "node_pools": Field(Kind.RECORDS, "{default: {min_size: 3}}", fields=NODE_POOL),
    "admins": _INPUT_TEXTS,
    "groups": Field(
        Kind.RECORDS, '{mesh-operators: {roles: ["arn:aws:iam::123456789012:role/ops"]}}', fields=EKS_GROUP
    ),
    "encryption_key": _INPUT_TEXT,
    "control_plane_logs": _BOOLEAN,
    "log_retention_days": _INTEGER,
    "load_balancer_controller": Field(Kind.RECORD, fields=LOAD_BALANCER_CONTROLLER),
    "ranges": _RANGES,
    "deletion_protection": _BOOLEAN,
}

AKS_NETWORK_IDS: Fields = {
    "nodes_subnet_id": _id("/subscriptions/…/subnets/nodes", "a subnet's id"),
    "pods_subnet_id": _INPUT_TEXT,
    "network_id": _INPUT_TEXT,
    "egress_ips": _EGRESS,
}

AKS: Fields = {
    "region": Field(Kind.TEXT, "westeurope", required=True, allowed=AZURE_REGION_ALLOWED),
    "resource_group": _INPUT_TEXT,
    "kubernetes_version": Field(Kind.TEXT, '"1.34"'),
    "tier": _TEXT,
    "upgrade_channel": _TEXT,
    "node_os_channel": _TEXT,
    "network_mode": _TEXT,
    "network": Field(Kind.RECORD, fields=AKS_NETWORK_IDS),
    "zones": Field(Kind.TEXTS, '["1", "2", "3"]'),
    "system_pool": Field(Kind.RECORD, fields=SURGING_NODE_POOL),
    "node_pools": Field(Kind.RECORDS, "{apps: {min_size: 3}}", fields=SURGING_NODE_POOL),
    "admin_groups": _TEXTS,
    "local_accounts": _BOOLEAN,
    "tenant_id": _TEXT,
    "login": _TEXT,
    "maintenance": Field(Kind.RECORD, fields=MAINTENANCE),
    "encryption_key": _INPUT_TEXT,
    "control_plane_logs": _BOOLEAN,
    "log_retention_days": _INTEGER,
    "registries": _INPUT_TEXTS,
    "ranges": _RANGES,
    "deletion_protection": _BOOLEAN,
}

OKE_NETWORK_IDS: Fields = {
    "vcn_id": _id("ocid1.vcn.oc1..…", "a VCN's OCID"),
    "endpoint_subnet_id": _id("ocid1.subnet.oc1..…", "a subnet's OCID"),
    "nodes_subnet_id": _id("ocid1.subnet.oc1..…", "a subnet's OCID"),
    "pods_subnet_id": _INPUT_TEXT,
    "load_balancers_subnet_id": _id("ocid1.subnet.oc1..…", "a subnet's OCID"),
    "drg_id": _INPUT_TEXT,
    "egress_ips": _EGRESS,
}

OKE: Fields = {
    "compartment_id": Field(Kind.TEXT, "ocid1.compartment.oc1..…", required=True, allowed=COMPARTMENT_ALLOWED),
    "region": Field(Kind.TEXT, "eu-frankfurt-1", required=True, allowed=OCI_REGION_ALLOWED),
    "home_region": Field(Kind.TEXT, "us-ashburn-1"),
    "kubernetes_version": Field(Kind.TEXT, "v1.34.1"),
    "network_mode": _TEXT,
    "network": Field(Kind.RECORD, fields=OKE_NETWORK_IDS),
    "zones": Field(Kind.TEXTS, "[Uocm:EU-FRANKFURT-1-AD-1]"),
    "node_pools": Field(Kind.RECORDS, "{default: {size: 3}}", fields=OKE_NODE_POOL),
    "encryption_key": _INPUT_TEXT,
    "control_plane_logs": _BOOLEAN,
    "log_retention_days": _INTEGER,
    "registries": _TEXTS,
    "credential_provider_url": _TEXT,
    "credential_provider_sha256": _TEXT,
    "ranges": _RANGES,
    "deletion_protection": _BOOLEAN,
}

EXISTING: Fields = {
    "kubeconfig": Field(Kind.ANYTHING),
    "cloud": _TEXT,
    "region": _TEXT,
    "egress_ips": Field(Kind.TEXTS, "[203.0.113.7]", required=True, allowed=EGRESS_ALLOWED),
    "ranges": _RANGES,
}

CLUSTERS: dict[str, Fields] = {"gke": GKE, "eks": EKS, "aks": AKS, "oke": OKE, "existing": EXISTING}
"""By kind: the key under which such clusters lie, by name."""
CLUSTER_KINDS = tuple(CLUSTERS)
MADE_HERE = ("gke", "eks", "aks", "oke")
"""Kinds of clusters that the library makes."""
