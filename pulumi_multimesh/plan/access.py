"""Who may do what in the clusters: groups, the roles that they have, and what each cluster calls them.

Owns: what was decided. Does not own: whether the declaration is right (rules/access.py), what a role allows
(access/roles.py), and the logins themselves (login.py).
"""

from dataclasses import dataclass

from pulumi_multimesh.plan import reading
from pulumi_multimesh.plan.login import LoginPlan, Way, login, ways
from pulumi_multimesh.plan.reading import Record

ANY_NAME = ("eks", "existing")
"""Kinds whose own login may call a group by any name, so that its name here may be that."""


@dataclass(frozen=True)
class Team:
    """An application team."""

    groups: tuple[str, ...]
    namespaces: tuple[str, ...]


@dataclass(frozen=True)
class AccessPlan:
    """Groups by what they may do."""

    operators: tuple[str, ...]
    readers: tuple[str, ...]
    teams: dict[str, Team]
    """By name."""
    names: dict[str, dict[str, str]]
    """What a group is called by the clusters of a kind, by group and kind."""
    login: LoginPlan | None
    """The OIDC provider whose tokens some clusters take; None unless declared."""
    ways: dict[str, tuple[Way, ...]]
    """By cluster: who logs in how."""

    @property
    def is_asked(self) -> bool:
        """Whether any group has a role."""
        return bool(self.operators or self.readers or self.teams)

    def called(self, group: str, kind: str) -> str:
        """What the own login of clusters of that kind calls the group."""
        return self.names.get(group, {}).get(kind, group)

    def takes_login(self, cluster: str) -> bool:
        """Whether the cluster takes the tokens of the OIDC provider."""
        return self.login is not None and cluster in self.login.clusters

    def bound(self, group: str, cluster: str, kind: str) -> tuple[str, ...]:
        """All that the cluster's logins call the group, to each of which it is bound, sorted.

        Where there is an OIDC provider, the cloud's own name counts beside it if it is told, or may be any.
        """
        if self.login is None or cluster not in self.login.clusters:
            return (self.called(group, kind),)
        has_own = kind in self.names.get(group, {}) or kind in ANY_NAME
        return tuple(sorted({self.login.prefix + group, *([self.called(group, kind)] if has_own else [])}))

    def teams_in(self, namespace: str) -> dict[str, Team]:
        """The teams that may deploy there."""
        return {name: team for name, team in self.teams.items() if namespace in team.namespaces}


def access(args: Record) -> AccessPlan:
    """The access of valid arguments."""
    wish, provider = reading.record(args, "access"), login(args)
    return AccessPlan(
        operators=tuple(sorted(reading.texts(wish, "operators"))),
        readers=tuple(sorted(reading.texts(wish, "readers"))),
        teams={
            name: Team(tuple(sorted(reading.texts(each, "groups"))), tuple(sorted(reading.texts(each, "namespaces"))))
            for name, each in reading.records(wish, "teams").items()
        },
        names={
            group: {kind: name for kind, name in each.items() if isinstance(name, str)}
            for group, each in reading.records(wish, "groups").items()
        },
        login=provider,
        ways=ways(args, provider),
    )
