"""The table of keys under `istio`: what each holds and which ones it must have.

Owns: keys and kinds of values. Does not own: whether values are right (rules/istio.py).
"""

from pulumi_multimesh.plan.charts import CHARTS
from pulumi_multimesh.plan.cluster_fields import Field, Fields, Kind

_TEXT = Field(Kind.TEXT)
_INTEGER = Field(Kind.INTEGER)

GATEWAY: Fields = dict.fromkeys(("min_replicas", "max_replicas", "drain_seconds"), _INTEGER)

CONTROL_PLANE_SIZE: Fields = dict.fromkeys(("services", "proxies", "min_replicas", "max_replicas"), _INTEGER)

PROXY: Fields = {
    "cpu": Field(Kind.TEXT, '"200m"'),
    "memory": Field(Kind.TEXT, "256Mi"),
    "cpu_limit": Field(Kind.TEXT, '"2"'),
    "memory_limit": Field(Kind.TEXT, "1Gi"),
    "concurrency": _INTEGER,
    "access_log": Field(Kind.TEXT, "json"),
    "access_log_filter": Field(Kind.TEXT, '"response.code >= 400"'),
    "tls_acceleration": Field(Kind.TEXT, "cryptomb"),
    "regex_engine": _TEXT,
}

TRACING: Fields = {"service": _TEXT, "port": _INTEGER, "sampling_percent": _INTEGER}

REVISION: Fields = {
    "version": Field(Kind.TEXT, '"1.30.3"'),
    "clusters": Field(Kind.TEXTS, "[gcp-eu]"),
    "default_in": Field(Kind.TEXTS, "[gcp-eu]"),
}

SCOPE: Fields = {"calls": Field(Kind.TEXTS, "[payments, orders/api]")}

READER: Fields = {"tokens": Field(Kind.TEXTS, "[default, k2026-11]")}

INGRESS: Fields = {
    "clusters": Field(Kind.TEXTS, "[gcp-eu]"),
    "admitted": Field(Kind.TEXT_TABLE, "{office: 203.0.113.0/24}"),
    "private": Field(Kind.BOOLEAN),
    "min_replicas": _INTEGER,
    "max_replicas": _INTEGER,
}

ISTIO: Fields = {
    "topology": Field(Kind.TEXT, "multi-primary"),
    "primary": Field(Kind.TEXT, "gcp-eu"),
    "management": Field(Kind.TEXT, "gcp-eu"),
    "config_cluster": Field(Kind.TEXT, "aws-us"),
    "data_plane": Field(Kind.TEXT, "ambient"),
    "mesh_id": _TEXT,
    "trust_domain": _TEXT,
    "version": Field(Kind.TEXT, '"1.30.3"'),
    "trust_domain_aliases": Field(Kind.TEXTS, "[old.example.com]"),
    "charts": Field(Kind.RECORD, fields=CHARTS),
    "revisions": Field(Kind.RECORDS, '{1-30-3: {version: "1.30.3"}}', fields=REVISION),
    "default": Field(Kind.TEXT, "1-30-3"),
    "gateway": Field(Kind.RECORD, fields=GATEWAY),
    "readers": Field(Kind.RECORDS, "{gcp-eu: {tokens: [default, k2026-11]}}", fields=READER),
    "leaving": Field(Kind.TEXTS, "[oci-eu]"),
    "ingress": Field(Kind.RECORD, "{clusters: [gcp-eu]}", fields=INGRESS),
    "control_plane": Field(Kind.RECORD, "{services: 1000, proxies: 2000}", fields=CONTROL_PLANE_SIZE),
    "proxy": Field(Kind.RECORD, "{access_log: json}", fields=PROXY),
    "tracing": Field(Kind.RECORD, "{service: otel-collector.observability.svc.cluster.local}", fields=TRACING),
    "scopes": Field(Kind.RECORDS, "{web: {calls: [payments]}}", fields=SCOPE),
    "failover": Field(Kind.BOOLEAN),
    "values": Field(Kind.TABLES, "{istiod: {pilot: {autoscaleMin: 2}}}"),
}
