"""What an OKE node does when it starts: load kernel modules, fetch a credential provider, and join with its taints.

Owns: the script. Does not own: what OKE's own part of it does.
"""

import base64
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from pulumi_multimesh.config import TaintArgs

# Oracle Linux loads these on no demand from within a container, and istio-init needs them to redirect traffic
# (oracle-terraform-modules/terraform-oci-oke#1009, istio/istio#23009).
_MODULES = (
    "br_netfilter",
    "nf_nat",
    "xt_REDIRECT",
    "xt_owner",
    "iptable_nat",
    "iptable_mangle",
    "iptable_filter",
)
_JOIN = "/var/run/oke-init.sh"
_BINARIES = "/usr/local/lib/oke-credentials"
_PROVIDER = f"{_BINARIES}/credential-provider-oke"
_PROVIDER_CONFIG = "/etc/kubernetes/credential-provider.yaml"
# As Oracle's provider reads it: oracle-devrel/oke-credential-provider-for-ocir, examples.
_PROVIDER_SETTINGS = """\
apiVersion: kubelet.config.k8s.io/v1
kind: CredentialProviderConfig
providers:
  - name: credential-provider-oke
    apiVersion: credentialprovider.kubelet.k8s.io/v1
    matchImages: ["*.ocir.io"]
    defaultCacheDuration: 55m
    env:
      - {name: REGISTRY_TOKEN_PATH, value: /20180419/docker/token}
      - {name: DEFAULT_USER, value: BEARER_TOKEN}
      - {name: REGISTRY_PROTOCOL, value: https}
      - {name: OCIR_AUTH_METHOD, value: INSTANCE_PRINCIPAL}
"""


@dataclass(frozen=True)
class CredentialProvider:
    """The program by which a kubelet logs in to Oracle's registry."""

    url: str
    sha256: str


def user_data(taints: Sequence[TaintArgs], credentials: CredentialProvider | None) -> str:
    """The script as cloud-init takes it."""
    arguments: list[str] = []
    if taints:
        # A pool has no taints of its own in OKE, so each kubelet registers with them.
        given = ",".join(f"{taint['key']}={taint.get('value', '')}:{taint['effect']}" for taint in taints)
        arguments.append(f"--register-with-taints={given}")
    if credentials:
        arguments += [
            f"--image-credential-provider-bin-dir={_BINARIES}",
            f"--image-credential-provider-config={_PROVIDER_CONFIG}",
        ]
    lines = ["#!/bin/bash", "set -euo pipefail", *_modules(), *(_fetch(credentials) if credentials else []), *_join()]
    if arguments:
        lines[-1] += f" --kubelet-extra-args {shlex.quote(' '.join(arguments))}"
    return base64.b64encode("\n".join([*lines, ""]).encode()).decode()


def _modules() -> list[str]:
    listed = "\\n".join(_MODULES)
    return [
        f"printf '{listed}\\n' >/etc/modules-load.d/istio.conf",
        # A node without one of them is still a node; istio-init says what it misses.
        f"modprobe --all {' '.join(_MODULES)} || true",
    ]


def _fetch(credentials: CredentialProvider) -> list[str]:
    return [
        f"mkdir -p {_BINARIES} /etc/kubernetes",
        f"curl --fail --silent --show-error --location --retry 5 --output {_PROVIDER} {shlex.quote(credentials.url)}",
        f"echo '{credentials.sha256}  {_PROVIDER}' | sha256sum --check",
        f"chmod 755 {_PROVIDER}",
        f"cat >{_PROVIDER_CONFIG} <<'END'",
        _PROVIDER_SETTINGS + "END",
    ]


def _join() -> list[str]:
    """OKE's own script, which every custom one has to fetch and run (Oracle, "Using Custom Cloud-init Scripts")."""
    source = "http://169.254.169.254/opc/v2/instance/metadata/oke_init_script"
    return [
        f"curl --fail --silent --retry 5 -H 'Authorization: Bearer Oracle' {source} | base64 --decode >{_JOIN}",
        f"bash {_JOIN}",
    ]
