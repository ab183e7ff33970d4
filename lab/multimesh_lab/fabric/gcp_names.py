"""How Google Cloud's resources name each other: by self link, by id, or by bare name within a project and region.

Owns: following such a reference. Does not own: any resource.
"""

from multimesh_lab.fabric.inventory import Inventory, text
from multimesh_lab.providers.store import Record

NETWORK = "gcp:compute/network:Network"
SUBNETWORK = "gcp:compute/subnetwork:Subnetwork"
NETWORK_PEERING = "gcp:compute/networkPeering:NetworkPeering"
CLUSTER = "gcp:container/cluster:Cluster"


def refers_to(reference: object, record: Record, region: str = "") -> bool:
    """Whether the reference is to this resource; a bare name also has to be of the region, if one is given."""
    target = _relative(str(reference or ""))
    if "/" in target:
        return target == _relative(record.id) or target == _relative(text(record, "selfLink"))
    return target != "" and target == text(record, "name") and region in ("", text(record, "region"))


def find(inventory: Inventory, token: str, reference: object, region: str = "") -> Record | None:
    """The resource of this type that the reference is to."""
    return next((record for record in inventory.all(token) if refers_to(reference, record, region)), None)


def _relative(reference: str) -> str:
    """Without the address of the API, so that ids and self links can be compared."""
    _, found, rest = reference.partition("/projects/")
    return f"projects/{rest}" if found and "://" in reference else reference
