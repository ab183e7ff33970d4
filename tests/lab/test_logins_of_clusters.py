"""What the lab tells a real API server of an OIDC provider, as text."""

import json

import pytest

from multimesh_lab.cluster import Login
from multimesh_lab.cluster.logins import configuration

ISSUER = "https://login.example.com"


def test_no_login_is_a_configuration_too() -> None:
    assert json.loads(configuration(None, "")) == {
        "apiVersion": "apiserver.config.k8s.io/v1",
        "kind": "AuthenticationConfiguration",
    }


def test_a_provider_with_everything() -> None:
    login = Login(ISSUER, "kubernetes", "email", "oidc:", "groups", "oidc:", {"hd": "example.com", "a": "b"})
    (jwt,) = json.loads(configuration(login, "PEM"))["jwt"]
    assert jwt == {
        "issuer": {"url": ISSUER, "audiences": ["kubernetes"], "certificateAuthority": "PEM"},
        "claimMappings": {
            "username": {"claim": "email", "prefix": "oidc:"},
            "groups": {"claim": "groups", "prefix": "oidc:"},
        },
        "claimValidationRules": [
            {"claim": "a", "requiredValue": "b"},
            {"claim": "hd", "requiredValue": "example.com"},
        ],
    }


def test_public_authorities_and_no_groups_are_left_out() -> None:
    (jwt,) = json.loads(configuration(Login(ISSUER, "kubernetes"), ""))["jwt"]
    assert jwt["issuer"] == {"url": ISSUER, "audiences": ["kubernetes"]}
    assert list(jwt["claimMappings"]) == ["username"]


@pytest.mark.parametrize(
    ("flags", "claim", "prefix"),
    [
        ({}, "sub", f"{ISSUER}#"),
        ({"usernameClaim": "email"}, "email", ""),
        ({"usernameClaim": "name", "usernamePrefix": "-"}, "name", ""),
        ({"usernamePrefix": "oidc:"}, "sub", "oidc:"),
    ],
)
def test_prefixes_of_users_as_the_flags_have_them(flags: dict[str, str], claim: str, prefix: str) -> None:
    login = Login.by_flags(ISSUER, "kubernetes", flags, {})
    assert (login.username_claim, login.username_prefix, login.groups_claim) == (claim, prefix, "")
