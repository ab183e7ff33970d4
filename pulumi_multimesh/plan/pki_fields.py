"""The table of keys of the certificate authorities.

Owns: keys and kinds of values under `pki`. Does not own: whether values are right (rules/mesh.py and rules/pki.py).
"""

from pulumi_multimesh.plan.cluster_fields import Field, Fields, Kind

_TEXT = Field(Kind.TEXT)
_INTEGER = Field(Kind.INTEGER)

INTERMEDIATE: Fields = {
    "generation": Field(Kind.INTEGER, "2"),
    "certificate": Field(Kind.INPUT_TEXT),
    "key": Field(Kind.ANYTHING),
}

PKI: Fields = {
    "algorithm": _TEXT,
    "rsa_bits": _INTEGER,
    "organization": _TEXT,
    "root_validity_days": _INTEGER,
    "intermediate_validity_days": _INTEGER,
    "renewal_days": _INTEGER,
    "warning_days": _INTEGER,
    "workload_minutes": _INTEGER,
    "roots": Field(Kind.TEXTS, "[default]"),
    "issuing": Field(Kind.TEXT, "default"),
    "root_certificates": Field(Kind.TEXT_TABLE),
    "intermediates": Field(Kind.RECORDS, "{gcp-eu: {generation: 2}}", fields=INTERMEDIATE),
}
