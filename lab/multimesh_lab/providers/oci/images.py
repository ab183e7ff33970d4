"""Images that OKE offers for nodes in the simulated Oracle Cloud.

Owns: their names and OCIDs, and the file by which a newer one appears. Does not own: which pool has one (node_pool).
Names are OKE's, such as Oracle-Linux-8.10-2025.09.16-0-OKE-1.34.1-1191.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from multimesh_lab import files
from multimesh_lab.providers.oci import names, versions
from multimesh_lab.providers.store import Store

_NAME = re.compile(
    r"^Oracle-Linux-(?P<os>\d+\.\d+)-(?P<arch>aarch64-|Gen2-GPU-)?(?P<date>\d{4}\.\d{2}\.\d{2})-\d+"
    r"-OKE-(?P<version>\d+\.\d+\.\d+)-(?P<build>\d+)$"
)
_DATES = (("2025.07.21", "1002"), ("2025.09.16", "1191"))
_ARCHITECTURES = {"": "X86_64", "aarch64-": "AARCH64", "Gen2-GPU-": "GPU"}


@dataclass(frozen=True)
class Image:
    """One image, as its name describes it."""

    name: str
    id: str
    version: str
    architecture: str
    """X86_64, AARCH64 or GPU."""
    os: str
    age: tuple[str, tuple[int, int, int], int]


def all_of(store: Store, region: str) -> list[Image]:
    """Every image of the region, the newest first."""
    built = [
        f"Oracle-Linux-8.10-{arch}{date}-0-OKE-{version.removeprefix('v')}-{build}"
        for version in versions.SUPPORTED
        for arch in _ARCHITECTURES
        for date, build in _DATES
    ]
    added = cast("list[str]", files.read_json(_file(store), []))
    return sorted((_image(name, region) for name in built + added), key=lambda image: image.age, reverse=True)


def add(store: Store, name: str) -> None:
    """Have OKE offer one more image from now on."""
    _image(name, "")
    known = cast("list[str]", files.read_json(_file(store), []))
    files.write_json(_file(store), [*known, name])


def find(store: Store, region: str, image_id: object) -> Image | None:
    return next((image for image in all_of(store, region) if image.id == image_id), None)


def _image(name: str, region: str) -> Image:
    match = _NAME.match(name)
    if match is None:
        raise ValueError(f"{name!r} is not named like Oracle-Linux-8.10-2025.09.16-0-OKE-1.34.1-1191")
    version = f"v{match['version']}"
    return Image(
        name,
        f"ocid1.image.oc1.{region}.{names.unique_part(name)}",
        version,
        _ARCHITECTURES[match["arch"] or ""],
        f"OL{match['os'].partition('.')[0]}",
        (match["date"], versions.parsed(version), int(match["build"])),
    )


def _file(store: Store) -> Path:
    return store.folder / "images.json"
