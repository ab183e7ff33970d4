"""What the simulated Azure knows about one type of resource beyond what every cloud does.

Owns: the form in which naming and the answer to GET are written down. Does not own: any rule.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from multimesh_lab.providers.kinds import Kind
from multimesh_lab.providers.store import Record, Store
from multimesh_lab.providers.wire import Properties


class Naming(Enum):
    """How azure-native names what the program does not (AutoNamer, provider/pkg/resources/resources.go).

    A random suffix where the resource has one name of its own in its provider's path, a copy of the resource's name
    where it lies within another, and a UUID for a role assignment.
    """

    RANDOM = "random"
    COPY = "copy"
    UUID = "uuid"


def _nothing_more(store: Store, record: Record) -> Properties:
    del store, record
    return {}


@dataclass(frozen=True)
class ArmKind(Kind):
    """One type.

    `named_by` is the parameter that ends its URL. `shown` is what GET tells beyond what was put, as it follows from
    other resources at that time. `parts` are properties that list resources of their own: they go into the inputs on
    a refresh only if the program gave them (CONTRIBUTING.md of pulumi-azure-native, "Sub-resources").
    """

    named_by: str = "resourceName"
    naming: Naming = Naming.RANDOM
    shown: Callable[[Store, Record], Properties] = _nothing_more
    parts: frozenset[str] = frozenset()
