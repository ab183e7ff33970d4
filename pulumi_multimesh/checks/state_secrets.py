"""The check that a state has no secret in the clear.

Owns: keys and tokens where anybody who may read the state reads them. Does not own: what is in clusters.
A preview is not judged: the policy SDK does not say of a value whether the engine keeps it as a secret.
"""

from collections.abc import Iterable

from pulumi_multimesh.checks.check import Check, Level
from pulumi_multimesh.checks.item import Item, all_texts
from pulumi_multimesh.checks.workloads import holds_secret


def _readable(item: Item) -> Iterable[str]:
    for path, value in all_texts(item.properties):
        if item.urn and holds_secret(value):
            yield f"{path} has a private key or a token that everybody who may read the state can read"


CHECKS = (
    Check(
        id="state-secret-readable",
        level=Level.MANDATORY,
        title="A state has no secret in the clear.",
        why="A state is read by pipelines, backups and whoever debugs; a key in it is everybody's, for good.",
        remedy="Pass it as a secret (`pulumi.Output.secret`, `pulumi config set --secret`), run `pulumi up`, and "
        "replace the key, since it has been readable.",
        source="https://www.pulumi.com/docs/iac/concepts/secrets/",
        types=("*",),
        look=_readable,
    ),
)
STATE_ONLY = frozenset(check.id for check in CHECKS)
"""What a preview cannot judge."""
