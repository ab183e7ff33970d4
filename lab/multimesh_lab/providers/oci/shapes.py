"""Shapes of compute instances in the simulated Oracle Cloud.

Owns: what a shape is and how much of it one may ask for. Does not own: who asks (node_pool).
"""

from dataclasses import dataclass

from multimesh_lab.providers.oci import names
from multimesh_lab.providers.wire import Properties


@dataclass(frozen=True)
class Shape:
    """A shape; a flexible one is told its processors and memory."""

    name: str
    architecture: str
    flexible: bool
    ocpus: int
    """The most that a flexible one has; what a fixed one has."""


# docs.oracle.com/en-us/iaas/Content/Compute/References/computeshapes.htm
_SHAPES = (
    Shape("VM.Standard.E3.Flex", "X86_64", flexible=True, ocpus=114),
    Shape("VM.Standard.E4.Flex", "X86_64", flexible=True, ocpus=114),
    Shape("VM.Standard.E5.Flex", "X86_64", flexible=True, ocpus=126),
    Shape("VM.Standard3.Flex", "X86_64", flexible=True, ocpus=56),
    Shape("VM.Standard.A1.Flex", "AARCH64", flexible=True, ocpus=80),
    Shape("VM.Standard.A2.Flex", "AARCH64", flexible=True, ocpus=78),
    Shape("VM.Standard2.1", "X86_64", flexible=False, ocpus=1),
    Shape("VM.Standard2.2", "X86_64", flexible=False, ocpus=2),
    Shape("VM.Standard2.4", "X86_64", flexible=False, ocpus=4),
    Shape("VM.GPU3.1", "GPU", flexible=False, ocpus=6),
)
NAMES = tuple(shape.name for shape in _SHAPES)
_MEMORY_PER_OCPU = (1, 64)
_VNICS = 24
_PODS = 110
_PODS_PER_VNIC = 31


def find(name: str) -> Shape:
    """The shape with this name."""
    found = next((shape for shape in _SHAPES if shape.name == name), None)
    if found is None:
        raise names.invalid(f"nodeShape {name!r} is not a simulated shape; those are {', '.join(NAMES)}")
    return found


def check_config(shape: Shape, config: Properties) -> None:
    """Refuse a size that the shape does not have."""
    # The same page: flexible shapes only, 1 to 64 GB for each OCPU.
    if not shape.flexible:
        if config:
            raise names.invalid(f"nodeShapeConfig: {shape.name} is not flexible; leave nodeShapeConfig out")
        return
    if config.get("ocpus") is None or config.get("memoryInGbs") is None:
        raise names.invalid(f"nodeShapeConfig: {shape.name} is flexible; set ocpus and memoryInGbs")
    ocpus, memory = float(config["ocpus"]), float(config["memoryInGbs"])
    if not 1 <= ocpus <= shape.ocpus:
        raise names.invalid(f"nodeShapeConfig.ocpus {ocpus:g} must lie in 1 to {shape.ocpus} for {shape.name}")
    least, most = (ocpus * each for each in _MEMORY_PER_OCPU)
    if not least <= memory <= most:
        raise names.invalid(
            f"nodeShapeConfig.memoryInGbs {memory:g} must lie in {least:g} to {most:g} for {ocpus:g} OCPUs"
        )


def pods(shape: Shape, config: Properties) -> int:
    """The most pods that a node has in the VCN's own addresses."""
    # docs.oracle.com/en-us/iaas/Content/ContEng/Concepts/contengpodnetworking_topic-OCI_CNI_plugin.htm: 31 for each
    # VNIC but the first, at most 110; computeshapes.htm: one VNIC for each OCPU, at least two.
    ocpus = int(float(config.get("ocpus") or shape.ocpus))
    return min(_PODS, (min(max(2, ocpus), _VNICS) - 1) * _PODS_PER_VNIC)
