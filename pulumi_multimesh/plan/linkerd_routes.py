"""Linkerd's routes for rules about methods and paths.

Owns: which routes a port has, and who is let in by each. Does not own: their resources (linkerd/policies.py), and
which patterns are refused (rules/linkerd_routes.py).

A call is judged by one route alone, the one with the longest path, of two with the same path the one that names the
call's method (linkerd2-proxy, linkerd/http/route/src/http/match.rs). Rules here add up instead, so each route lets in
whoever any rule lets in for all of its calls.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pulumi_multimesh.plan import reading
from pulumi_multimesh.plan.reading import Record
from pulumi_multimesh.plan.security import Rule

KUBELET = "the kubelet's probes"
"""The caller that a probe is from: no identity, so whoever asks the same is let in as well."""


@dataclass(frozen=True, order=True)
class Pattern:
    """Paths."""

    base: str
    is_prefix: bool
    """With all below the base, by whole segments (the same module's path.rs), and the base itself."""

    def covers(self, other: "Pattern") -> bool:
        """Whether each path of the other is one of this."""
        if not self.is_prefix:
            return self == other
        return self.base == "/" or other.base.rstrip("/") == self.base or other.base.startswith(f"{self.base}/")


ANY_PATH = Pattern("/", is_prefix=True)


@dataclass(frozen=True)
class Route:
    """Calls of one port that the same callers may make."""

    pattern: Pattern
    methods: tuple[str, ...]
    """All that no other route of the same pattern names where it is empty."""
    callers: tuple[str, ...]
    """As rules name them, or `KUBELET`; sorted."""


def pattern(path: str) -> Pattern | None:
    """The pattern of a rule's path; None for one that no route can have."""
    if path in ("*", "/*"):
        return ANY_PATH
    if path.endswith("/*"):
        return Pattern(path[:-2].rstrip("/") or "/", is_prefix=True)
    return None if "*" in path else Pattern(path, is_prefix=False)


def probes(wish: Record) -> dict[str, tuple[str, ...]]:
    """The paths that are probed, by target, of Linkerd's arguments."""
    listed = [reading.as_record(each) for each in reading.as_list(wish.get("probes"))]
    return {reading.text(each, "to") or "": reading.texts(each, "paths") for each in listed}


def needs_routes(rules: Iterable[Rule]) -> bool:
    """Whether any rule is about HTTP."""
    return any(rule.methods or rule.paths for rule in rules)


def routes(rules: Sequence[Rule], probed: Iterable[str] = ()) -> tuple[Route, ...]:
    """The routes of one port of an app from the rules for it; none where no rule is about HTTP."""
    if not needs_routes(rules):
        return ()
    judged = _judged(rules, probed)
    return tuple(
        Route(each, methods, callers)
        for each, by_callers in sorted(judged.items())
        if not _is_told_by_prefix(each, judged)
        for callers, methods in sorted(by_callers.items(), key=lambda item: item[1])
    )


def clashes(rules: Sequence[Rule], probed: Iterable[str] = ()) -> list[str]:
    """Paths that are as long as a prefix that other callers have, so that nothing says which route a call takes."""
    if not needs_routes(rules):
        return []
    judged = _judged(rules, probed)
    return [
        each.base
        for each in sorted(judged)
        if not each.is_prefix and Pattern(each.base, is_prefix=True) in judged and not _is_told_by_prefix(each, judged)
    ]


_ByCallers = Mapping[tuple[str, ...], tuple[str, ...]]


def _is_told_by_prefix(each: Pattern, judged: Mapping[Pattern, _ByCallers]) -> bool:
    return not each.is_prefix and judged.get(Pattern(each.base, is_prefix=True)) == judged[each]


def _judged(rules: Sequence[Rule], probed: Iterable[str]) -> dict[Pattern, _ByCallers]:
    """For each pattern the methods by who may call with them; no methods for all others."""
    grants = [(_patterns(rule), rule.methods, rule.callers) for rule in rules]
    grants += [([Pattern(path, is_prefix=False)], ("GET",), (KUBELET,)) for path in probed]
    found = {each for patterns, _, _ in grants for each in patterns}
    return {each: _by_callers([grant for grant in grants if any(p.covers(each) for p in grant[0])]) for each in found}


def _patterns(rule: Rule) -> list[Pattern]:
    return [found for path in rule.paths if (found := pattern(path)) is not None] if rule.paths else [ANY_PATH]


def _by_callers(grants: Sequence[tuple[Any, tuple[str, ...], tuple[str, ...]]]) -> _ByCallers:
    """From patterns, methods and callers that all hold for the same paths."""
    of_any = {caller for _, methods, callers in grants if not methods for caller in callers}
    grouped: dict[tuple[str, ...], list[str]] = {tuple(sorted(of_any)): []} if of_any else {}
    for method in sorted({method for _, methods, _ in grants for method in methods}):
        callers = of_any | {caller for _, methods, names in grants if method in methods for caller in names}
        grouped.setdefault(tuple(sorted(callers)), []).append(method)
    # The route for all methods does not name any, and so needs none of those that it lets the same callers use.
    return {callers: () if set(callers) == of_any else tuple(methods) for callers, methods in grouped.items()}
