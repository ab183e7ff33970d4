"""Small files that several processes of the lab share: written whole or not at all, some for their owner's eyes only.

Owns: locking and atomic writing. Does not own: what any file says.
"""

import contextlib
import fcntl
import json
import os
import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import Any


@contextlib.contextmanager
def locked(path: Path) -> Generator[None]:
    """Hold the lock file while the block runs; others, threads of this process too, wait."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def write(path: Path, text: str, mode: int = 0o600) -> None:
    """Replace the file in one step; a reader sees the old text or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, scratch = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "w") as file:
            file.write(text)
        Path(scratch).chmod(mode)
        Path(scratch).replace(path)
    except BaseException:
        Path(scratch).unlink(missing_ok=True)
        raise


def write_json(path: Path, value: Any) -> None:
    write(path, json.dumps(value, indent=2, sort_keys=True) + "\n")


def read_json(path: Path, missing: Any) -> Any:
    """What the file holds, or `missing` when there is no such file."""
    try:
        return json.loads(path.read_text())
    except FileNotFoundError:
        return missing
