"""How Azure's resources name each other: by ARM id, in which the case of letters means nothing.

Owns: following such a reference. Does not own: any resource.
"""

from multimesh_lab.fabric.inventory import Inventory
from multimesh_lab.providers.store import Record

VNET = "azure-native:network:VirtualNetwork"
SUBNET = "azure-native:network:Subnet"


def same(one: object, other: object) -> bool:
    return str(one).lower() == str(other).lower()


def outer(resource_id: str) -> str:
    """The id of the resource that this one lies in."""
    return resource_id.rpartition("/")[0].rpartition("/")[0]


def find(inventory: Inventory, token: str, resource_id: object) -> Record | None:
    return next((record for record in inventory.all(token) if same(record.id, resource_id)), None)
