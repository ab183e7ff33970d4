"""The table of keys under `security`: what each holds and which ones it must have.

Owns: keys and kinds of values. Does not own: whether values are right (rules/security.py).
"""

from pulumi_multimesh.plan.cluster_fields import Field, Fields, Kind

_CALLERS, _TARGET = "[web/frontend, monitoring]", "payments/api"

ALLOW: Fields = {
    "callers": Field(Kind.TEXTS, _CALLERS, required=True, allowed="identities, such as web/frontend, or *"),
    "to": Field(Kind.TEXT, _TARGET, required=True, allowed="NAMESPACE or NAMESPACE/APP"),
    "methods": Field(Kind.TEXTS, "[GET]"),
    "paths": Field(Kind.TEXTS, "[/v1/*]"),
    "ports": Field(Kind.TEXTS, '["8080"]'),
    "token": Field(Kind.TEXT, "corp"),
    "claims": Field(Kind.TEXT_TABLE, "{groups: payments}"),
}

ISSUER: Fields = {
    "issuer": Field(Kind.TEXT, "https://login.example.com", required=True, allowed="the claim iss of its tokens"),
    "audiences": Field(Kind.TEXTS, "[shop]"),
    "jwks_uri": Field(Kind.TEXT, "https://login.example.com/keys"),
    "jwks": Field(Kind.TEXT),
}

PLAIN_TEXT: Fields = {
    "until": Field(Kind.TEXT, '"2027-03-31"', required=True, allowed="the last day, such as 2027-03-31"),
    "reason": Field(Kind.TEXT, "the old billing host has no sidecar", required=True, allowed="why"),
}

ZONE: Fields = {
    "namespaces": Field(Kind.TEXTS, "[payments, ledger]", required=True, allowed="the namespaces of the zone"),
}

CROSSING: Fields = {
    "callers": Field(Kind.TEXTS, "[shop]", required=True, allowed="zones, ingress, or *"),
    "to": Field(Kind.TEXT, "payments", required=True, allowed="a zone"),
    "ports": Field(Kind.TEXTS, '["8080"]'),
}

SIGN_ON: Fields = {
    "service": Field(Kind.TEXT, "sign-on/oauth2-proxy", required=True, allowed="NAMESPACE/SERVICE of what is asked"),
    "port": Field(Kind.INTEGER, "80"),
    "hosts": Field(Kind.TEXTS, "[shop.example.com]"),
    "open_hosts": Field(Kind.TEXTS, "[www.example.com]"),
    "public_paths": Field(Kind.TEXTS, "[/health]"),
    "headers": Field(Kind.TEXTS, "[x-auth-request-email]"),
}

SECURITY: Fields = {
    "default": Field(Kind.TEXT, "deny"),
    "allow": Field(Kind.LIST_OF_RECORDS, f"[{{callers: {_CALLERS}, to: {_TARGET}}}]", fields=ALLOW),
    "issuers": Field(Kind.RECORDS, fields=ISSUER),
    "plain_text": Field(Kind.RECORDS, fields=PLAIN_TEXT),
    "zones": Field(Kind.RECORDS, "{payments: {namespaces: [payments]}}", fields=ZONE),
    "crossings": Field(Kind.LIST_OF_RECORDS, "[{callers: [shop], to: payments}]", fields=CROSSING),
    "sign_on": Field(Kind.RECORD, "{service: sign-on/oauth2-proxy}", fields=SIGN_ON),
}
