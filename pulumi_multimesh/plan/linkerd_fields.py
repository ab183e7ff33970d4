"""The table of keys under `linkerd`: what each holds.

Owns: keys and kinds of values. Does not own: whether values are right (rules/linkerd.py).
"""

from pulumi_multimesh.plan.charts import CHARTS
from pulumi_multimesh.plan.cluster_fields import Field, Fields, Kind

GATEWAY: Fields = {"replicas": Field(Kind.INTEGER)}

PROBE: Fields = {
    "to": Field(Kind.TEXT, "payments/api", required=True, allowed="NAMESPACE or NAMESPACE/APP"),
    "paths": Field(Kind.TEXTS, "[/healthz]", required=True, allowed="paths that the kubelet asks"),
}

LINKERD: Fields = {
    "version": Field(Kind.TEXT, '"2026.6.3"'),
    "charts": Field(Kind.RECORD, fields=CHARTS),
    "trust_domain": Field(Kind.TEXT),
    "high_availability": Field(Kind.BOOLEAN),
    "gateway": Field(Kind.RECORD, fields=GATEWAY),
    "gateway_api": Field(Kind.TEXTS, "[gcp-eu]"),
    "probes": Field(Kind.LIST_OF_RECORDS, "[{to: payments/api, paths: [/healthz]}]", fields=PROBE),
    "viz": Field(Kind.BOOLEAN),
    "values": Field(Kind.TABLES, "{linkerd-control-plane: {proxy: {logLevel: warn}}}"),
}
