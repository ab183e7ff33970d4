"""The keys of where a mesh's charts come from, which every mesh has.

Owns: these keys. Does not own: whether values are right (plan/rules/charts.py).
"""

from typing import TypedDict


class ChartsArgs(TypedDict, total=False):
    """Where the mesh's charts come from."""

    repository: str
    """A Helm repository's URL; the project's own unless given. For a mirror inside a company."""
