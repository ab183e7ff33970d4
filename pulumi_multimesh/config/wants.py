"""What a mesh is asked to keep, whichever is chosen: the keys under `wants`.

Owns: these keys. Does not own: which mesh keeps what (plan/advice.py); what other keys ask for says so by itself.
"""

from typing import TypedDict


class WantsArgs(TypedDict, total=False):
    """Demands on the choice of a mesh; a mesh that does not keep one is refused, and another one is named."""

    machines: bool
    """Machines outside Kubernetes can join; false unless given. Which networks they are in: `consul.machines`."""
    callers_apart: bool
    """Rules tell the callers of other clusters apart by their own identities; false unless given."""
    one_service: bool
    """`mesh.federate`: services of one name in several clusters can be one; false unless given."""
    open_source: bool
    """Under a licence that the Open Source Initiative approved; false unless given."""
