"""Who may do what in the clusters: groups, and the roles that they have.

Owns: what was decided. Does not own: whether the declaration is right (rules/access.py), and what a role allows
(access/roles.py).
"""

from dataclasses import dataclass

from pulumi_multimesh.plan import reading
from pulumi_multimesh.plan.reading import Record


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

    @property
    def is_asked(self) -> bool:
        """Whether any group has a role."""
        return bool(self.operators or self.readers or self.teams)

    def called(self, group: str, kind: str) -> str:
        """What the clusters of that kind call the group."""
        return self.names.get(group, {}).get(kind, group)

    def teams_in(self, namespace: str) -> dict[str, Team]:
        """The teams that may deploy there."""
        return {name: team for name, team in self.teams.items() if namespace in team.namespaces}


def access(args: Record) -> AccessPlan:
    """The access of valid arguments."""
    wish = reading.record(args, "access")
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
    )
