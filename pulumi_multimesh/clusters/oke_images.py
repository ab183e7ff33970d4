"""Which image an OKE pool's nodes start from: the newest for its version, chosen once and then kept.

Owns: the choice and its memory. Does not own: an image that the user names.
"""

import re
from collections.abc import Sequence

import pulumi
from pulumi_oci import containerengine

from pulumi_multimesh.clusters.oke_site import OkeSite

_OS = "OL8"
_ARM = re.compile(r"\.A[0-9]+(\.|$)")
# Such as Oracle-Linux-8.10-2025.09.16-0-OKE-1.34.1-1191.
_NAME = re.compile(
    r"Oracle-Linux-8\.\d+-(?P<architecture>aarch64-|Gen2-GPU-)?(?P<date>\d{4}\.\d\d\.\d\d)-(?P<revision>\d+)"
    r"-OKE-(?P<version>\d+\.\d+\.\d+)-(?P<build>\d+)"
)
_MARKS = {"X86_64": "", "AARCH64": "aarch64-", "GPU": "Gen2-GPU-"}


def architecture_of(machine: str) -> str:
    """The kind of image that a shape boots."""
    if "GPU" in machine:
        return "GPU"
    return "AARCH64" if _ARM.search(machine) else "X86_64"


def kept_image(site: OkeSite, pool: str, version: str, machine: str) -> pulumi.Output[str]:
    """OCID of the newest image when the pool was made, or when its version or architecture changed.

    Oracle publishes an image every few weeks; were each taken as it appears, a `pulumi up` would replace nodes that
    nobody asked to replace.
    """
    architecture = architecture_of(machine)
    found = containerengine.get_node_pool_option_output(
        node_pool_option_id="all",
        compartment_id=site.compartment,
        node_pool_k8s_version=version,
        node_pool_os_arch=architecture,
        node_pool_os_type=_OS,
        should_list_all_patch_versions=True,
        opts=site.asking(),
    )
    newest = found.sources.apply(lambda sources: newest_image(pool, version, architecture, sources))
    kept = pulumi.Stash(
        site.part(f"{pool}-image"),
        input=newest,
        opts=pulumi.ResourceOptions(
            parent=site.parent,
            ignore_changes=["input"],
            replacement_trigger=f"{version} {architecture}",
        ),
    )
    return kept.output.apply(str)


def newest_image(
    pool: str,
    version: str,
    architecture: str,
    sources: Sequence[containerengine.outputs.GetNodePoolOptionSourceResult],
) -> str:
    """OCID of the newest of the images that fit; the list has no promised order, and the cloud's filters are coarse."""
    fitting: list[tuple[tuple[str, int, int], str]] = []
    for source in sources:
        name = _NAME.fullmatch(source.source_name)
        if name and f"v{name['version']}" == version and (name["architecture"] or "") == _MARKS[architecture]:
            fitting.append(((name["date"], int(name["revision"]), int(name["build"])), source.image_id))
    if not fitting:
        raise pulumi.RunError(
            f"node_pools.{pool}: OKE has no Oracle Linux 8 image for Kubernetes {version} on {architecture}; "
            "allowed: a version that OKE still offers (oci ce cluster-options get --cluster-option-id all); "
            f"remedy: set kubernetes_version to one of those, or name an image: {pool}: {{image: ocid1.image.…}}"
        )
    return max(fitting)[1]
