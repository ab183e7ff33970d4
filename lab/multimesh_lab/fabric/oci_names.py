"""Types of Oracle Cloud that roads are made of, and what an OCID tells.

Owns: these names. Does not own: any resource.
"""

from multimesh_lab.fabric.inventory import Inventory, listed, text
from multimesh_lab.providers.oci import tokens
from multimesh_lab.providers.store import Record

VCN, SUBNET = tokens.VCN, tokens.SUBNET
DRG = "oci:Core/drg:Drg"
ATTACHMENT = "oci:Core/drgAttachment:DrgAttachment"


def region_of(ocid: str) -> str:
    """The fourth part of an OCID (Oracle, "Resource Identifiers")."""
    parts = ocid.split(".")
    return parts[3] if len(parts) > 3 else ""


def attached(inventory: Inventory, drg: str) -> list[Record]:
    """The VCNs on the DRG."""
    found: list[Record] = []
    for attachment in inventory.where(ATTACHMENT, "drgId", drg):
        is_vcn = text(attachment, "networkDetails.type") in ("", "VCN")
        vcn = inventory.get(VCN, text(attachment, "networkDetails.id") or text(attachment, "vcnId"))
        if is_vcn and vcn is not None:
            found.append(vcn)
    return found


def announced(inventory: Inventory, drg: str) -> list[str]:
    """What the DRG tells its peers of its VCNs: their subnets, or their whole ranges where the attachment says so."""
    found: list[str] = []
    for attachment in inventory.where(ATTACHMENT, "drgId", drg):
        vcn = inventory.get(VCN, text(attachment, "networkDetails.id") or text(attachment, "vcnId"))
        if vcn is not None and text(attachment, "networkDetails.vcnRouteType") == "VCN_CIDRS":
            found += [str(each) for each in listed(vcn, "cidrBlocks")]
        elif vcn is not None:
            found += [text(subnet, "cidrBlock") for subnet in inventory.where(SUBNET, "vcnId", vcn.id)]
    return found
