"""The table of keys under `access`: what each holds and which ones it must have.

Owns: keys and kinds of values. Does not own: whether values are right (rules/access.py).
"""

from pulumi_multimesh.plan.cluster_fields import LOGIN, Field, Fields, Kind

TEAM: Fields = {
    "groups": Field(Kind.TEXTS, "[payments-dev]", required=True, allowed="the team's groups"),
    "namespaces": Field(Kind.TEXTS, "[payments]", required=True, allowed="where it may deploy"),
}

GROUP_NAMES: Fields = {
    "gke": Field(Kind.TEXT, "payments-dev@example.com"),
    "eks": Field(Kind.TEXT, "payments-dev"),
    "aks": Field(Kind.TEXT, "5d2c1f9e-0a4b-4c59-9a0a-0f6f2f5f5a11"),
    "oke": Field(Kind.TEXT, "ocid1.group.oc1..…"),
    "existing": Field(Kind.TEXT, "payments-dev"),
}

ACCESS: Fields = {
    "operators": Field(Kind.TEXTS, "[mesh-operators]"),
    "readers": Field(Kind.TEXTS, "[developers]"),
    "teams": Field(Kind.RECORDS, "{payments: {groups: [payments-dev], namespaces: [payments]}}", fields=TEAM),
    "groups": Field(Kind.RECORDS, "{payments-dev: {gke: payments-dev@example.com}}", fields=GROUP_NAMES),
    "login": Field(Kind.RECORD, "{issuer: https://login.example.com, client_id: kubernetes}", fields=LOGIN),
}
