"""The table of keys that a configuration may have: what each holds and which ones it must have.

It says again what `config.py` says, because that module needs the engine's SDK and planning does not; a test
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
_INTEGER = Field(Kind.INTEGER)
_BOOLEAN = Field(Kind.BOOLEAN)
_TEXT_TABLE = Field(Kind.TEXT_TABLE)

RANGES: Fields = {"nodes": _TEXT, "pods": _TEXT, "services": _TEXT, "control_plane": _TEXT}

NODE_POOL: Fields = {
    "machine_type": _TEXT,
    "min_size": _INTEGER,
    "max_size": _INTEGER,
    "disk_size_gb": _INTEGER,
}

PROJECT_ALLOWED = "a Google Cloud project id: 6 to 30 letters, digits and dashes"
GCP_REGION_ALLOWED = "a Google Cloud region, such as europe-west4"
AWS_REGION_ALLOWED = "an AWS region, such as us-east-1"
EGRESS_ALLOWED = "the IPv4 addresses from which the cluster's traffic leaves, at least one"

GKE: Fields = {
    "project": Field(Kind.TEXT, "my-project", required=True, allowed=PROJECT_ALLOWED),
    "region": Field(Kind.TEXT, "europe-west4", required=True, allowed=GCP_REGION_ALLOWED),
    "release_channel": _TEXT,
    "node_pool": Field(Kind.RECORD, fields=NODE_POOL),
    "ranges": Field(Kind.RECORD, fields=RANGES),
    "deletion_protection": _BOOLEAN,
}

EKS: Fields = {
    "region": Field(Kind.TEXT, "us-east-1", required=True, allowed=AWS_REGION_ALLOWED),
    "kubernetes_version": Field(Kind.TEXT, '"1.34"'),
    "zones": Field(Kind.TEXTS, "[us-east-1a, us-east-1b]"),
    "node_pool": Field(Kind.RECORD, fields=NODE_POOL),
    "ranges": Field(Kind.RECORD, fields=RANGES),
    "deletion_protection": _BOOLEAN,
}

EXISTING: Fields = {
    "kubeconfig": Field(Kind.ANYTHING),
    "cloud": _TEXT,
    "region": _TEXT,
    "egress_ips": Field(Kind.TEXTS, "[203.0.113.7]", required=True, allowed=EGRESS_ALLOWED),
    "ranges": Field(Kind.RECORD, fields=RANGES),
}

ADDRESSES: Fields = {
    "supernet": Field(Kind.TEXT, "10.0.0.0/8"),
    "reserved": Field(Kind.TEXT_TABLE, "{office: 10.0.0.0/16}"),
}

PKI: Fields = {
    "algorithm": _TEXT,
    "rsa_bits": _INTEGER,
    "organization": _TEXT,
    "root_validity_days": _INTEGER,
    "intermediate_validity_days": _INTEGER,
}

CHARTS: Fields = {"repository": _TEXT, "version": Field(Kind.TEXT, '"1.30.3"')}

GATEWAY: Fields = {"min_replicas": _INTEGER, "max_replicas": _INTEGER}

ISTIO: Fields = {
    "topology": Field(Kind.TEXT, "multi-primary"),
    "mesh_id": _TEXT,
    "trust_domain": _TEXT,
    "charts": Field(Kind.RECORD, fields=CHARTS),
    "gateway": Field(Kind.RECORD, fields=GATEWAY),
    "values": Field(Kind.TABLES, "{istiod: {pilot: {autoscaleMin: 2}}}"),
}

MESH: Fields = {
    "gke": Field(Kind.RECORDS, "{gcp-eu: {project: my-project, region: europe-west4}}", fields=GKE),
    "eks": Field(Kind.RECORDS, "{aws-us: {region: us-east-1}}", fields=EKS),
    "existing": Field(Kind.RECORDS, "{old: {egress_ips: [203.0.113.7]}}", fields=EXISTING),
    "istio": Field(Kind.RECORD, "{topology: multi-primary}", fields=ISTIO),
    "api_access": Field(Kind.TEXT_TABLE, "{office: 203.0.113.0/24}"),
    "addresses": Field(Kind.RECORD, fields=ADDRESSES),
    "pki": Field(Kind.RECORD, fields=PKI),
    "tags": _TEXT_TABLE,
}

CLUSTER_KINDS = ("gke", "eks", "existing")
"""Keys under which clusters lie, by name."""
