"""The table of keys that a mesh's configuration may have: what each holds and which ones it must have.

Owns: keys and kinds of values of the mesh as a whole. Does not own: the keys of clusters (cluster_fields.py),
of a mesh (istio_fields.py and so on) and of what has a table of its own, and whether values are right (rules/).
"""

from pulumi_multimesh.plan.access_fields import ACCESS
from pulumi_multimesh.plan.cluster_fields import ADDRESSES, AKS, EKS, EXISTING, GKE, OKE, Field, Fields, Kind
from pulumi_multimesh.plan.consul_fields import CONSUL
from pulumi_multimesh.plan.istio_fields import ISTIO
from pulumi_multimesh.plan.linkerd_fields import LINKERD
from pulumi_multimesh.plan.pki_fields import PKI
from pulumi_multimesh.plan.security_fields import SECURITY
from pulumi_multimesh.plan.wants_fields import WANTS

_TEXT = Field(Kind.TEXT)

PAIR: Fields = {
    "first": Field(Kind.TEXT, "gcp-eu", required=True, allowed="a cluster's name"),
    "second": Field(Kind.TEXT, "aws-us", required=True, allowed="a cluster's name"),
}

LINKS: Fields = {
    "topology": Field(Kind.TEXT, "full-mesh"),
    "hub": _TEXT,
    "transit": Field(Kind.BOOLEAN),
    "pairs": Field(Kind.LIST_OF_RECORDS, "[{first: gcp-eu, second: aws-us}]", fields=PAIR),
    "gateways_of": Field(Kind.TEXT_TABLE, "{azure-us: azure-eu}"),
}

MESH: Fields = {
    "gke": Field(Kind.RECORDS, "{gcp-eu: {project: my-project, region: europe-west4}}", fields=GKE),
    "eks": Field(Kind.RECORDS, "{aws-us: {region: us-east-1}}", fields=EKS),
    "aks": Field(Kind.RECORDS, "{azure-eu: {region: westeurope}}", fields=AKS),
    "oke": Field(
        Kind.RECORDS, "{oci-eu: {compartment_id: ocid1.compartment.oc1..…, region: eu-frankfurt-1}}", fields=OKE
    ),
    "existing": Field(Kind.RECORDS, "{old: {egress_ips: [203.0.113.7]}}", fields=EXISTING),
    "istio": Field(Kind.RECORD, "{topology: multi-primary}", fields=ISTIO),
    "linkerd": Field(Kind.RECORD, "{high_availability: true}", fields=LINKERD),
    "consul": Field(Kind.RECORD, "{topology: peering}", fields=CONSUL),
    "wants": Field(Kind.RECORD, "{machines: true}", fields=WANTS),
    "api_access": Field(Kind.TEXT_TABLE, "{office: 203.0.113.0/24}"),
    "connectivity": Field(Kind.TEXT, "gateways"),
    "flat": Field(Kind.BOOLEAN),
    "links": Field(Kind.RECORD, "{topology: full-mesh}", fields=LINKS),
    "addresses": Field(Kind.RECORD, fields=ADDRESSES),
    "pki": Field(Kind.RECORD, fields=PKI),
    "access": Field(Kind.RECORD, "{operators: [mesh-operators]}", fields=ACCESS),
    "security": Field(Kind.RECORD, "{default: deny}", fields=SECURITY),
    "unreachable": Field(Kind.TEXTS, "[gcp-eu]"),
    "lost": Field(Kind.TEXTS, "[gcp-eu]"),
    "tags": Field(Kind.TEXT_TABLE),
}
