"""Stand-ins for the clouds' login commands, which kubeconfigs name: they print a lab token as those print theirs.

Owns: `gke-gcloud-auth-plugin`, `aws eks get-token`, `kubelogin get-token` and `oci ce cluster generate-token` in the
lab. Does not own: tokens (cluster).
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from multimesh_lab import cluster
from multimesh_lab.cluster import ClusterFacts
from multimesh_lab.home import LabHome

AKS_SERVER_ID = "6dae42f8-4368-4678-94ff-3960e28e3630"
"""The Entra application of all AKS clusters ("Use kubelogin to authenticate users in AKS", learn.microsoft.com)."""

OCI_VERSION = "3.8.0"
"""What `oci --version` says: the oldest that this project's documents allow."""

_V1BETA1 = "client.authentication.k8s.io/v1beta1"
_BROWSER = ("devicecode", "interactive")
_KUBELOGIN_MODES = (
    *_BROWSER,
    "spn",
    "ropc",
    "msi",
    "azurecli",
    "azd",
    "workloadidentity",
    "azurepipelines",
    "chained",
)
_LIFETIME = timedelta(hours=1)


class NoTokenError(Exception):
    """The command prints no token, and why."""


def main(words: Sequence[str] | None = None) -> int:
    """The first argument says which command this stands for; the rest are that command's own."""
    command, *arguments = sys.argv[1:] if words is None else words
    try:
        answer = COMMANDS[command](LabHome.from_environment(), arguments)
    except (NoTokenError, cluster.ClusterError) as fault:
        sys.stderr.write(f"{command} (lab stand-in): {fault}\n")
        return 1
    sys.stdout.write(answer + "\n")
    return 0


def _credential(token: str, version: str = _V1BETA1, *, expires: bool = False) -> str:
    status: dict[str, str] = {"token": token}
    if expires:
        status["expirationTimestamp"] = (datetime.now(UTC) + _LIFETIME).strftime("%Y-%m-%dT%H:%M:%SZ")
    return json.dumps({"kind": "ExecCredential", "apiVersion": version, "spec": {}, "status": status})


def _only(home: LabHome, meant: str, fits: Callable[[ClusterFacts], bool]) -> ClusterFacts:
    """The cluster that is meant; the error says which there are."""
    known = cluster.all_clusters(home)
    found = next((facts for facts in known if fits(facts)), None)
    if found is None:
        others = ", ".join(f"{facts.id} ({facts.region})" for facts in known) or "none"
        raise NoTokenError(f"no cluster of this lab is {meant}; it has: {others}")
    return found


def _exec_info() -> Mapping[str, Any]:
    """What client-go tells a plug-in; with `provideClusterInfo` also the server."""
    return json.loads(os.environ.get("KUBERNETES_EXEC_INFO") or "{}")


def _gke(home: LabHome, _: Sequence[str]) -> str:
    """The plug-in is told the server by `provideClusterInfo`."""
    server = _exec_info().get("spec", {}).get("cluster", {}).get("server")
    if server is None:
        raise NoTokenError("KUBERNETES_EXEC_INFO names no server; remedy: provideClusterInfo: true in the kubeconfig")
    return _credential(cluster.token_of(_only(home, f"at {server}", lambda facts: facts.endpoint == server)))


def _aws(home: LabHome, arguments: Sequence[str]) -> str:
    parser = argparse.ArgumentParser(prog="aws (lab stand-in)")
    parser.add_argument("--region")
    parser.add_argument("--profile")
    parser.add_argument("--output", choices=["json"])
    parser.add_argument("service", choices=["eks"])
    parser.add_argument("action", choices=["get-token"])
    parser.add_argument("--cluster-name", required=True)
    parser.add_argument("--role-arn", "--role")
    wish = parser.parse_args(arguments)
    name, region = str(wish.cluster_name), wish.region

    def fits(facts: ClusterFacts) -> bool:
        return facts.cloud == "aws" and facts.name == name and region in (None, facts.region)

    return _credential(cluster.token_of(_only(home, f"the EKS cluster {name} in {region or 'any region'}", fits)))


def _kubelogin(home: LabHome, arguments: Sequence[str]) -> str:
    """A token of Entra is for AKS as a whole, so the real command asks for no cluster, and neither does this one."""
    parser = argparse.ArgumentParser(prog="kubelogin (lab stand-in)", allow_abbrev=False)
    parser.add_argument("action", choices=["get-token"])
    # Without the flag the real command waits for a device code too (Azure/kubelogin, pkg/internal/token/options.go).
    parser.add_argument("--login", "-l", default="devicecode")
    parser.add_argument("--server-id")
    parser.add_argument("--environment", "-e", default="AzurePublicCloud")
    parser.add_argument("--tenant-id", "-t")
    for flag in ("client-id", "client-secret", "client-certificate", "client-certificate-password", "username"):
        parser.add_argument(f"--{flag}")
    for flag in ("password", "identity-resource-id", "federated-token-file", "authority-host", "cache-dir", "timeout"):
        parser.add_argument(f"--{flag}")
    wish = parser.parse_args(arguments)
    _obey_kubelogin(os.environ.get("AAD_LOGIN_METHOD") or wish.login, wish.server_id)
    version = _exec_info().get("apiVersion") or _V1BETA1
    return _credential(cluster.entra_token(home), version, expires=True)


def _obey_kubelogin(login: str, server_id: str | None) -> None:
    """The rules are those of Azure/kubelogin (pkg/internal/token: options.go, execCredentialPlugin.go)."""
    if login not in _KUBELOGIN_MODES:
        raise NoTokenError(f"--login {login!r} is no login method; allowed are {', '.join(_KUBELOGIN_MODES)}")
    if login in _BROWSER:
        raise NoTokenError(
            f"--login {login} would wait for a browser, and nobody is there to open one; "
            "remedy: --login azurecli, spn, msi or workloadidentity in the kubeconfig"
        )
    if not server_id:
        raise NoTokenError(f"--server-id is required; for AKS it is {AKS_SERVER_ID}")
    if server_id != AKS_SERVER_ID:
        raise NoTokenError(
            f"--server-id {server_id} is not AKS's: its API servers would refuse the token; allowed is {AKS_SERVER_ID}"
        )


def _oci(home: LabHome, arguments: Sequence[str]) -> str:
    if list(arguments) in (["--version"], ["-v"]):
        return OCI_VERSION
    parser = argparse.ArgumentParser(prog="oci (lab stand-in)", allow_abbrev=False)
    # The CLI's own options may stand before the service or after the action.
    for flag in ("region", "profile", "auth", "config-file"):
        parser.add_argument(f"--{flag}")
    parser.add_argument("service", choices=["ce"])
    parser.add_argument("resource", choices=["cluster"])
    parser.add_argument("action", choices=["generate-token"])
    parser.add_argument("--cluster-id", required=True)
    wish = parser.parse_args(arguments)
    meant, region = f"oci/{wish.cluster_id}", wish.region

    def fits(facts: ClusterFacts) -> bool:
        # The token is a request signed for the region's own service, which another region's does not accept.
        return facts.id == meant and region in (None, facts.region)

    found = _only(home, f"{meant} in {region or 'any region'}", fits)
    return _credential(cluster.token_of(found), expires=True)


COMMANDS: Mapping[str, Callable[[LabHome, Sequence[str]], str]] = {
    "gke-gcloud-auth-plugin": _gke,
    "aws": _aws,
    "kubelogin": _kubelogin,
    "oci": _oci,
}
"""Command → what it prints in the lab."""


if __name__ == "__main__":
    sys.exit(main())
