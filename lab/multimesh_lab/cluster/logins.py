"""OIDC providers whose tokens a cluster's API server takes, by its own structured authentication configuration.

Owns: the configuration's file, and that the API server has taken it. Does not own: what a cloud allows (providers), and
the tokens of the lab itself (users.py).
"""

import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from multimesh_lab import files
from multimesh_lab.cluster.api import Api, ApiError
from multimesh_lab.cluster.facts import ClusterError, ClusterFacts

_TAKEN = "apiserver_authentication_config_controller_last_config_info"
PATIENCE = 90.0
"""The API server asks a new provider for its keys for a minute before it gives up
(kubeapiserver/options/authentication.go, UpdateAuthenticationConfigTimeout)."""


@dataclass(frozen=True)
class Login:
    """A provider, as a cloud has told its API servers of it."""

    issuer: str
    client_id: str
    username_claim: str = "sub"
    username_prefix: str = ""
    groups_claim: str = ""
    """Empty: a token brings no groups."""
    groups_prefix: str = ""
    required_claims: Mapping[str, str] = field(default_factory=dict[str, str])

    @classmethod
    def by_flags(
        cls, issuer: str, client_id: str, flags: Mapping[str, Any], required_claims: Mapping[str, str]
    ) -> "Login":
        """As kube-apiserver's flags `--oidc-…` have it, whose defaults EKS and OKE have too.

        `flags`: `usernameClaim`, `usernamePrefix`, `groupsClaim` and `groupsPrefix`, as far as given. Names other than
        an address get the issuer as their prefix unless one is given, `-` being none.
        """
        claim, prefix = flags.get("usernameClaim") or "sub", flags.get("usernamePrefix")
        if prefix is None:
            prefix = "-" if claim == "email" else f"{issuer}#"
        return cls(
            issuer=issuer,
            client_id=client_id,
            username_claim=claim,
            username_prefix="" if prefix == "-" else prefix,
            groups_claim=flags.get("groupsClaim") or "",
            groups_prefix=flags.get("groupsPrefix") or "",
            required_claims=required_claims,
        )


def configuration(login: Login | None, authority: str) -> str:
    """The file's text; `authority` is the PEM of whoever signed the provider's certificate, empty for public ones."""
    found: dict[str, Any] = {"apiVersion": "apiserver.config.k8s.io/v1", "kind": "AuthenticationConfiguration"}
    if login is not None:
        issuer: dict[str, Any] = {"url": login.issuer, "audiences": [login.client_id]}
        if authority:
            issuer["certificateAuthority"] = authority
        names = {"username": {"claim": login.username_claim, "prefix": login.username_prefix}}
        if login.groups_claim:
            names["groups"] = {"claim": login.groups_claim, "prefix": login.groups_prefix}
        rules = [{"claim": key, "requiredValue": login.required_claims[key]} for key in sorted(login.required_claims)]
        found["jwt"] = [{"issuer": issuer, "claimMappings": names, "claimValidationRules": rules}]
    return json.dumps(found, indent=2) + "\n"


def write(facts: ClusterFacts, text: str) -> bool:
    """Whether the file says something else than before."""
    path = facts.authentication_file
    if path.exists() and path.read_text() == text:
        return False
    files.write(path, text)
    return True


def is_taken(metrics: str, text: str) -> bool:
    """Whether the API server with these metrics goes by the text, of which it shows a digest."""
    mark = f'hash="sha256:{hashlib.sha256(text.encode()).hexdigest()}"'
    return any(line.startswith(_TAKEN) and mark in line for line in metrics.splitlines())


def await_taken(facts: ClusterFacts, text: str) -> None:
    """The API server goes by the text when this returns: it looks at the file by itself, and asks the provider first.

    Raises `ClusterError` when it does not, as when it cannot reach the provider or does not believe its certificate.
    """
    api, deadline = Api(facts), time.monotonic() + PATIENCE
    while True:
        try:
            if is_taken(api.text("/metrics"), text):
                return
        except (OSError, ApiError) as fault:
            raise ClusterError(f"the API server of {facts.name} does not say which logins it takes: {fault}") from fault
        if time.monotonic() > deadline:
            raise ClusterError(
                f"the API server of {facts.name} has not taken the login after {PATIENCE:.0f} s: it must reach the "
                "issuer and believe its certificate, by a public authority or by the one that `multimesh-lab settings "
                f"login_authority=FILE` names; see {facts.daemon('kube-apiserver').log_file}"
            )
        time.sleep(0.5)
