"""Who is told in time that a certificate ends.

Owns: the words, when they are said, and the ends of authorities and servers in one. Does not own: counting days
(endings.py), and renewal, which the tls provider does (made.py, server_certificate.py) or the user.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime

import pulumi

from pulumi_multimesh.pki.endings import Ending, endings
from pulumi_multimesh.plan.mesh_plan import TrustPlan
from pulumi_multimesh.plan.trust import SERVER_RENEWAL_DAYS

SEPARATOR = "/"
"""Between a cluster and a server in it; authorities have none in their names."""
_AUTHORITIES = ""
"""In the place of a cluster."""


def warnings(ends: Mapping[str, str | None], plan: TrustPlan, now: datetime) -> Iterator[str]:
    """A line for each authority that ends in the plan's days of warning, with what to do."""
    roots = {root.name for root in plan.roots.values()}
    for ending in _near(ends, plan.warning_days, now):
        what = "root" if ending.name in roots else "intermediate of"
        named = "the root" if ending.name == "root" else f"the {what} {ending.name.removeprefix('root-')}"
        if ending.name in roots:
            remedy = "rotate it now: docs/pki.md has the steps"
        elif plan.source == "made":
            remedy = f"an `up` in its last {plan.renewal_hours // 24} days renews it"
        else:
            remedy = "bring or sign another in time"
        yield f"{named} {_when(ending)}; {remedy}"


def server_warnings(ends: Mapping[str, str | None], warning_days: int, now: datetime) -> Iterator[str]:
    """The same for the servers among them, which the library signs whoever made the authorities."""
    servers = {name: end for name, end in ends.items() if SEPARATOR in name}
    for ending in _near(servers, warning_days, now):
        cluster, _, server = ending.name.partition(SEPARATOR)
        renewal = f"an `up` in its last {SERVER_RENEWAL_DAYS} days renews it, if it is not left out by a target"
        yield f"the certificate of {server} in {cluster} {_when(ending)}; {renewal}"


def all_ends(
    authorities: pulumi.Output[dict[str, str]], servers: Mapping[str, pulumi.Output[dict[str, str]]]
) -> pulumi.Output[dict[str, str]]:
    """The ends of all in one, the servers' by cluster and name."""

    def joined(found: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
        return {
            f"{cluster}{SEPARATOR}{name}" if cluster else name: end
            for cluster, ends in found.items()
            for name, end in ends.items()
        }

    return pulumi.Output.all(**{_AUTHORITIES: authorities, **servers}).apply(joined)


def warn_in_time(resource: pulumi.Resource, ends: pulumi.Output[dict[str, str]], plan: TrustPlan) -> None:
    """Warnings in the output of `up` and `preview`; those of the intermediates end with their renewal."""
    _say(resource, ends, lambda found: warnings(found, plan, datetime.now(UTC)))


def warn_of_servers(resource: pulumi.Resource, ends: pulumi.Output[dict[str, str]], warning_days: int) -> None:
    """The same for servers."""
    _say(resource, ends, lambda found: server_warnings(found, warning_days, datetime.now(UTC)))


def _say(
    resource: pulumi.Resource,
    ends: pulumi.Output[dict[str, str]],
    lines: Callable[[Mapping[str, str | None]], Iterable[str]],
) -> None:
    def look(found: Mapping[str, str | None]) -> None:
        for line in lines(found):
            pulumi.log.warn(line, resource)

    ends.apply(look)


def _near(ends: Mapping[str, str | None], days: int, now: datetime) -> list[Ending]:
    return [ending for ending in endings(ends, now) if ending.days < days]


def _when(ending: Ending) -> str:
    return f"ends on {ending.ends:%Y-%m-%d}, in {ending.days} days" if ending.days >= 0 else "has ended"
