"""Who uses a subnet of the simulated Azure.

Owns: the answer, and the refusal that follows from it. Does not own: subnets.
"""

from multimesh_lab.providers.azure_native import ids
from multimesh_lab.providers.azure_native.tokens import CLUSTER, POOL, VPN_GATEWAY
from multimesh_lab.providers.store import Record, Store
from multimesh_lab.providers.wire import Properties


def users(store: Store, subnet_id: str) -> list[str]:
    """What uses the subnet: pools of nodes, and a VPN gateway."""
    found: list[str] = []
    for each in store.all(VPN_GATEWAY):
        own = ids.listed(each.outputs, "ipConfigurations")
        found += [str(part.get("id")) for part in own if ids.same(ids.within(part, "subnet").get("id"), subnet_id)]
    for each in store.all(CLUSTER):
        pools = ids.listed(each.outputs, "agentPoolProfiles")
        found += [f"{each.id}/agentPools/{pool.get('name')}" for pool in pools if _uses(pool, subnet_id)]
    return found + [each.id for each in store.all(POOL) if _uses(dict(each.outputs), subnet_id)]


def must_be_unused(store: Store, subnet: Record) -> None:
    # "Troubleshoot: Delete a virtual network in Azure" (learn.microsoft.com): InUseSubnetCannotBeDeleted.
    found = users(store, subnet.id)
    if found:
        message = (
            f"Subnet {subnet.outputs['name']} is in use by {found[0]} and cannot be deleted. "
            "In order to delete the subnet, delete all the resources within the subnet."
        )
        raise ids.invalid("InUseSubnetCannotBeDeleted", message)


def _uses(pool: Properties, subnet_id: str) -> bool:
    return any(ids.same(pool.get(key), subnet_id) for key in ("vnetSubnetID", "podSubnetID"))
