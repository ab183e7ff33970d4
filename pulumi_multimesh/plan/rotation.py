"""From which trust a mesh may go to which other, so that at no moment a workload meets one that it does not believe.

Clusters are changed one after the other, and an `up` may end half-way: at every moment each cluster has either what it
had or what is wanted. Owns: what is remembered of a cluster's trust, and the refusals. Does not own: where it is
remembered (istio/cacerts.py, linkerd/trust.py, consul/trust.py) and read (pki/former_trust.py). See
docs/decisions/0026-rotation-in-steps.md.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pulumi_multimesh.plan.fault import Fault
from pulumi_multimesh.plan.trust import FIRST_ROOT

ROOTS, ISSUING = "multimesh.pulumi.com/roots", "multimesh.pulumi.com/issuing"
"""The annotations of a cluster's authority that say what it has."""


@dataclass(frozen=True)
class Trust:
    """What one cluster's control plane believes, and under which root it issues."""

    roots: tuple[str, ...] = (FIRST_ROOT,)
    """The oldest first."""
    issuing: str = FIRST_ROOT
    many_roots: bool = False
    """Whether roots are named; an istiod takes further ones while it runs only then."""
    starts_anew: bool = False
    """Whether its control plane starts anew with whatever roots are wanted: all do but an istiod that stays."""


def annotations(trust: Trust) -> dict[str, str]:
    """How it is remembered; a mesh that names no roots has what all have from the beginning, and says nothing."""
    return {ROOTS: " ".join(trust.roots), ISSUING: trust.issuing} if trust.many_roots else {}


def of_roots(found: Mapping[str, str]) -> dict[str, str]:
    """Those of the annotations that are for what holds the roots alone."""
    return {key: value for key, value in found.items() if key == ROOTS}


def of_issuer(found: Mapping[str, str]) -> dict[str, str]:
    """Those that are for what holds the certificates which the issuing root signed."""
    return {key: value for key, value in found.items() if key == ISSUING}


def remembered(found: Mapping[str, str], *, starts_anew: bool = False) -> Trust:
    """What annotations say; what they do not, is as in the beginning."""
    if ROOTS not in found:
        # Only what holds the roots was never told of them where an `up` ended between the two.
        return Trust(issuing=found.get(ISSUING, FIRST_ROOT), starts_anew=starts_anew)
    roots = tuple(found[ROOTS].split())
    return Trust(roots, found.get(ISSUING, roots[0]), many_roots=True, starts_anew=starts_anew)


def rotation_faults(wanted: Trust, former: Mapping[str, Trust]) -> Iterator[Fault]:
    """Why the wanted trust cannot follow what the clusters have, by cluster; nothing for a mesh that is new."""
    ahead = {name: trust for name, trust in former.items() if wanted.issuing not in trust.roots}
    behind = {name: trust for name, trust in former.items() if trust.issuing not in wanted.roots}
    if ahead:
        yield _issued_too_early(wanted, ahead)
    if behind:
        yield _retired_too_early(wanted, behind)
    if not ahead and not behind:
        yield from _taken_badly(wanted, {name: trust for name, trust in former.items() if not trust.starts_anew})


def _issued_too_early(wanted: Trust, ahead: Mapping[str, Trust]) -> Fault:
    name, trust = next(iter(sorted(ahead.items())))
    new = () if wanted.issuing in trust.roots else (wanted.issuing,)
    return Fault(
        "pki.issuing",
        wanted.issuing,
        f"is a root that {_listed(ahead)} {_do(ahead, 'does', 'do')} not trust yet: a stage is skipped",
        f"to issue under a root that every cluster trusts already; {name} trusts {', '.join(trust.roots)}",
        _step((*trust.roots, *new), trust.issuing, trust),
    )


def _retired_too_early(wanted: Trust, behind: Mapping[str, Trust]) -> Fault:
    name, trust = next(iter(sorted(behind.items())))
    return Fault(
        "pki.roots",
        list(wanted.roots),
        f"leaves out {trust.issuing}, under which {_listed(behind)} {_do(behind, 'issues', 'issue')}: "
        "a stage is skipped",
        f"to leave out a root under which no cluster issues any more; {name} trusts {', '.join(trust.roots)}",
        _next_to_leaving(wanted, trust),
    )


def _next_to_leaving(wanted: Trust, trust: Trust) -> str:
    """What brings the cluster nearer to a root that may be left out."""
    if wanted.issuing in trust.roots:
        return _step(trust.roots, wanted.issuing, trust)
    return _step((*trust.roots, wanted.issuing), trust.issuing, trust)


def _taken_badly(wanted: Trust, former: Mapping[str, Trust]) -> Iterator[Fault]:
    """A running istiod takes further roots only where it was told to, and only more or fewer at a time."""
    changed = {name: trust for name, trust in former.items() if trust.roots != wanted.roots}
    unready = {name: trust for name, trust in changed.items() if not trust.many_roots}
    if unready:
        first = next(iter(unready.values()))
        yield Fault(
            "pki.roots",
            list(wanted.roots),
            f"changes the roots of {_listed(unready)}, whose control plane takes no further ones while it runs",
            "first the roots that are there, by name",
            _step(first.roots, first.issuing, Trust(many_roots=True)),
        )
        return
    if changed and not wanted.many_roots:
        yield Fault(
            "pki.roots",
            None,
            f"is no longer there, and {_listed(changed)} {_do(changed, 'trusts', 'trust')} other roots: whoever has "
            "gone on could not go back, since its control plane takes no further ones while it runs",
            "first fewer roots by name, then none by name",
            _step(wanted.roots, wanted.issuing, Trust(many_roots=True)),
        )
        return
    mixed = {name: trust for name, trust in changed.items() if not _within(wanted.roots, trust.roots)}
    if mixed:
        name, trust = next(iter(sorted(mixed.items())))
        yield Fault(
            "pki.roots",
            list(wanted.roots),
            f"is neither all that {_listed(mixed)} {_do(mixed, 'trusts', 'trust')} and more, nor a part of it",
            "roots added at the end, or taken away at the beginning, and not both at once: a running istiod takes no "
            f"other change; {name} trusts {', '.join(trust.roots)}",
            _step(trust.roots, trust.issuing, trust),
        )


def _within(first: Sequence[str], second: Sequence[str]) -> bool:
    """Whether one of the two is a run of the other, as bundles that are written one after the other are."""
    short, long = sorted((tuple(first), tuple(second)), key=len)
    return any(long[start : start + len(short)] == short for start in range(len(long) - len(short) + 1))


def _step(roots: Sequence[str], issuing: str, trust: Trust) -> str:
    """The stage that comes first; for a mesh that has named no roots that is to name the ones it has."""
    if not trust.many_roots and not trust.starts_anew:
        roots, issuing = trust.roots, trust.issuing
    told = f"roots: [{', '.join(roots)}]"
    return f"write  pki: {{{told}{f', issuing: {issuing}' if len(roots) > 1 else ''}}}  and pulumi up; then go on"


def _listed(clusters: Mapping[str, Trust]) -> str:
    return ", ".join(sorted(clusters))


def _do(clusters: Mapping[str, Trust], one: str, several: str) -> str:
    return one if len(clusters) == 1 else several
