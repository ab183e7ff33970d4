"""The check that a state has no secret in the clear.

Owns: keys, tokens and keys of tunnels where anybody who may read the state reads them. Does not own: what is in
clusters, and how a key or a token is told from other texts (secret_texts.py).
A preview is not judged: the policy SDK does not say of a value whether the engine keeps it as a secret.
"""

import re
from collections.abc import Iterable

from pulumi_multimesh.checks.check import Check, Level
from pulumi_multimesh.checks.item import Item, all_texts
from pulumi_multimesh.checks.secret_texts import holds_secret

_KEY_OF_TUNNEL = re.compile(r"(?i)(^|\.|\])(sharedSecret|sharedKey|(tunnel\d)?pre_?sharedKey)$")
"""GCP's and OCI's, Azure's, and AWS' names; tests hold them against the providers' schemas."""
_CONFIGURED = "<pre_shared_key>"
"""In what AWS writes for the other side's machine, as XML."""


def _readable(item: Item) -> Iterable[str]:
    if not item.urn:
        return
    # An input that is a secret does not hide the output of its name, which may have been kept without being one.
    everything = {(path, value) for part in (item.properties, item.outputs) for path, value in all_texts(part)}
    for path in sorted({path for path, value in everything if holds_secret(value)}):
        yield f"{path} has a private key or a token that everybody who may read the state can read"
    for path in sorted({path for path, value in everything if value and _is_key_of_tunnel(path, value)}):
        yield f"{path} is the key of a tunnel, which everybody who may read the state can read"


def _is_key_of_tunnel(path: str, value: str) -> bool:
    return _KEY_OF_TUNNEL.search(path) is not None or _CONFIGURED in value


CHECKS = (
    Check(
        id="state-secret-readable",
        level=Level.MANDATORY,
        title="A state has no secret in the clear.",
        why="A state is read by pipelines, backups and whoever debugs; a key in it, in base64 or a tunnel's too, is "
        "everybody's, for good.",
        remedy="Pass it as a secret (`pulumi.Output.secret`, `pulumi config set --secret`), run `pulumi up`, and "
        "replace the key, since it has been readable.",
        source="https://www.pulumi.com/docs/iac/concepts/secrets/",
        types=("*",),
        look=_readable,
    ),
)
STATE_ONLY = frozenset(check.id for check in CHECKS)
"""What a preview cannot judge."""
