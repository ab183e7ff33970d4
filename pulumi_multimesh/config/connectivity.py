"""How the clusters of a mesh reach each other: the keys under `links`.

Owns: these keys. Does not own: `connectivity` and `flat`, which are words of the mesh itself (mesh.py).
"""

from typing import TypedDict


class PairArgs(TypedDict):
    """Two clusters, in any order: each knows the other's services; who may call whom is said by `security`."""

    first: str
    """A cluster's name."""
    second: str
    """Another cluster's name."""


class LinksArgs(TypedDict, total=False):
    """Which clusters are joined."""

    topology: str
    """`full-mesh` (unless given): every two; `hub-and-spokes`: each with the hub; `list`: the pairs that are listed."""
    hub: str
    """The hub's name, for `hub-and-spokes` alone."""
    transit: bool
    """Whether spokes reach each other through the hub's VPN gateway; false unless given. On AWS and Azure alone."""
    pairs: list[PairArgs]
    """The joined pairs, for `list` alone."""
    gateways_of: dict[str, str]
    """By AKS cluster: the peered one whose VPN gateway serves it too (gateway transit); none unless given."""
