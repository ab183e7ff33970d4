"""An audit: the checks over a stack's state and the objects that run in its clusters.

Owns: which check looks at what. Does not own: fetching either (audit_command.py), and any check.
"""

from collections.abc import Sequence
from dataclasses import replace

from pulumi_multimesh.checks.catalogue import CATALOGUE
from pulumi_multimesh.checks.check import Finding, run
from pulumi_multimesh.checks.item import KUBERNETES, Item
from pulumi_multimesh.checks.settings import Settings
from pulumi_multimesh.checks.state_secrets import STATE_ONLY


def audit(declared: Sequence[Item], running: Sequence[Item] | None, settings: Settings) -> list[Finding]:
    """What is found, in the catalogue's order; `running` is None where no cluster was asked.

    Where clusters were asked, what they say counts, and not what the state has of the same objects: a policy that
    somebody deleted by hand is gone, and one that somebody applied is there.
    """
    checks = settings.checks()
    running = None if running is None else _with_makers(declared, running)
    elsewhere = [item for item in declared if not item.type.startswith(KUBERNETES)]
    # A release is in no cluster as an object, so that it is the state's to tell; what it installed is the cluster's.
    releases = [item for item in declared if item.type.startswith(KUBERNETES) and not item.kind]
    one_by_one = declared if running is None else [*elsewhere, *releases, *running]
    together = declared if running is None else [*elsewhere, *running]
    found = [
        *run([check for check in checks if check.look and check.id not in STATE_ONLY], one_by_one, settings.excepted),
        *run([check for check in checks if check.survey], together, settings.excepted),
        *run([check for check in checks if check.id in STATE_ONLY], declared, settings.excepted),
    ]
    order = {check.id: number for number, check in enumerate(CATALOGUE)}
    return sorted(found, key=lambda each: (order[each.check.id], each.item.cluster, each.item.name, each.message))


def _with_makers(declared: Sequence[Item], running: Sequence[Item]) -> list[Item]:
    """What runs, with whether the state has it too: what a program makes is no vendor's, whatever it is called."""
    made = {_identity(item) for item in declared if item.kind}
    return [replace(item, is_made_by_program=_identity(item) in made) for item in running]


def _identity(item: Item) -> tuple[str, str, str, str]:
    """In whichever cluster: a state does not tell which of the kubeconfigs its provider has."""
    return item.group, item.kind, item.namespace or "default", item.object_name
