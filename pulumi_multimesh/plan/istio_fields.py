"""The table of keys under `istio`: what each holds and which ones it must have.

Owns: keys and kinds of values. Does not own: whether values are right (rules/istio.py).
"""

from pulumi_multimesh.plan.cluster_fields import Field, Fields, Kind

_TEXT = Field(Kind.TEXT)
_INTEGER = Field(Kind.INTEGER)

CHARTS: Fields = {"repository": _TEXT, "version": Field(Kind.TEXT, '"1.30.3"')}

GATEWAY: Fields = {"min_replicas": _INTEGER, "max_replicas": _INTEGER}

ISTIO: Fields = {
    "topology": Field(Kind.TEXT, "multi-primary"),
    "primary": Field(Kind.TEXT, "gcp-eu"),
    "management": Field(Kind.TEXT, "gcp-eu"),
    "config_cluster": Field(Kind.TEXT, "aws-us"),
    "mesh_id": _TEXT,
    "trust_domain": _TEXT,
    "charts": Field(Kind.RECORD, fields=CHARTS),
    "gateway": Field(Kind.RECORD, fields=GATEWAY),
    "values": Field(Kind.TABLES, "{istiod: {pilot: {autoscaleMin: 2}}}"),
}
