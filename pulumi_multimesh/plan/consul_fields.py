"""The table of keys under `consul`: what each holds.

Owns: keys and kinds of values. Does not own: whether values are right (rules/consul.py).
"""

from pulumi_multimesh.plan.charts import CHARTS
from pulumi_multimesh.plan.cluster_fields import Field, Fields, Kind

GATEWAY: Fields = {"replicas": Field(Kind.INTEGER)}

CONSUL: Fields = {
    "topology": Field(Kind.TEXT, "peering"),
    "primary": Field(Kind.TEXT, "gcp-eu"),
    "version": Field(Kind.TEXT, '"2.0.3"'),
    "charts": Field(Kind.RECORD, fields=CHARTS),
    "servers": Field(Kind.INTEGER),
    "storage": Field(Kind.TEXT, "10Gi"),
    "gateway": Field(Kind.RECORD, fields=GATEWAY),
    "exports": Field(Kind.TEXTS, "[web/api]"),
    "machines": Field(Kind.TEXTS, "[gcp-eu/billing]"),
    "gateway_api": Field(Kind.TEXTS, "[gcp-eu]"),
    "values": Field(Kind.TABLES, "{consul: {ui: {enabled: false}}}"),
}
