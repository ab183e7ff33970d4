"""One call of a simulated Lambda function: its files in a folder of their own, its code in a process of its own.

Owns: the process and what goes in and out of it. Does not own: what happens in it (function_runner).
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

from multimesh_lab.home import ENVIRONMENT_VARIABLE, LabHome
from multimesh_lab.providers.store import read_settings

_START_SECONDS = 60
"""For the process itself, beside what its function waits for."""


@dataclass(frozen=True)
class Order:
    """What to run, and as whom."""

    files: Mapping[str, str]
    handler: str
    event: str
    """JSON."""
    seconds: int
    """How long the function may run, in the cloud's time."""
    region: str
    role: str
    """The role's ARN."""
    name: str


@dataclass(frozen=True)
class Answer:
    """What came of it: JSON either way."""

    result: str
    fault: str | None


def run(home: LabHome, order: Order) -> Answer:
    """Run the function and wait for it; time passes at the lab's scale."""
    with tempfile.TemporaryDirectory(prefix="lambda-") as folder:
        for name, text in order.files.items():
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        scale = read_settings(home).duration_scale
        process = subprocess.run(
            [sys.executable, "-m", "multimesh_lab.providers.aws.function_runner"],
            input=json.dumps({**asdict(order), "files": folder, "scale": scale}),
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
                ENVIRONMENT_VARIABLE: str(home.root),
            },
            capture_output=True,
            text=True,
            timeout=_START_SECONDS + order.seconds * scale,
            check=False,
        )
    if process.returncode != 0:
        return Answer("", json.dumps({"errorType": "Runtime.ExitError", "errorMessage": process.stderr[-2000:]}))
    written = cast("dict[str, Any]", json.loads(process.stdout))
    return Answer(written.get("result", ""), written.get("fault"))
