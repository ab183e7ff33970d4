"""What all parts of an AKS cluster share: their parent, name, region, resource group and tags.

Owns: this record, and the resource group unless one is named. Does not own: anything in the group.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import pulumi
from pulumi_azure_native import resources

from pulumi_multimesh.plan import names

LONGEST_CLUSTER = 20
"""With the engine's suffix, group and cluster fit into the 80 characters of `MC_<group>_<cluster>_<region>`."""


@dataclass(frozen=True)
class AksSite:
    """Where a cluster's parts are made."""

    parent: pulumi.Resource
    name: str
    region: str
    group: pulumi.Output[str]
    """Name of the resource group."""
    own_group: resources.ResourceGroup | None
    """The group when it was made here and is for this cluster alone."""
    tags: Mapping[str, str]

    @classmethod
    def of(
        cls,
        parent: pulumi.Resource,
        name: str,
        region: str,
        named_group: pulumi.Input[str] | None,
        tags: Mapping[str, str],
    ) -> Self:
        """A site in the named resource group, or else in one that is made for it."""
        if named_group is not None:
            return cls(parent, name, region, pulumi.Output.from_input(named_group), None, tags)
        group = resources.ResourceGroup(
            names.bounded(name, LONGEST_CLUSTER),
            location=region,
            tags=dict(tags),
            opts=pulumi.ResourceOptions(parent=parent),
        )
        return cls(parent, name, region, group.name, group, tags)

    def child(self, depends_on: Sequence[pulumi.Resource] = ()) -> pulumi.ResourceOptions:
        """Options for a part."""
        return pulumi.ResourceOptions(parent=self.parent, depends_on=list(depends_on))
