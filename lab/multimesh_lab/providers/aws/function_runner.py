"""`python -m multimesh_lab.providers.aws.function_runner`: the process in which a simulated Lambda function runs.

Owns: what Lambda gives a function: its event, its context, boto3, and its time. Does not own: EC2 (ec2_client).
"""

import importlib
import json
import sys
import time
import types
from dataclasses import dataclass
from typing import Any, cast

from multimesh_lab.home import LabHome
from multimesh_lab.providers.aws.ec2_client import Clock, Ec2Client
from multimesh_lab.providers.store import Store


class TimedOutError(BaseException):
    """The function ran longer than it may: nothing that it catches itself."""


@dataclass
class CloudTime:
    """The cloud's time: as long as the function sleeps, while this machine waits as little as the lab's scale says."""

    limit: float
    scale: float
    now: float = 0.0

    def __post_init__(self) -> None:
        self._real_sleep = time.sleep

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        if self.now > self.limit:
            raise TimedOutError
        self._real_sleep(seconds * self.scale)


@dataclass(frozen=True)
class Context:
    """What a handler is told of its call."""

    function_name: str
    clock: CloudTime
    aws_request_id: str = "00000000-0000-0000-0000-000000000000"

    def get_remaining_time_in_millis(self) -> int:
        return int((self.clock.limit - self.clock.now) * 1000)


def boto3_for(store: Store, region: str, role: str, clock: Clock) -> types.ModuleType:
    """A module in boto3's place whose clients act on the simulated cloud with the role's rights."""

    def client(service: str) -> Ec2Client:
        if service != "ec2":
            raise NotImplementedError(f"a client of {service} is not simulated; simulated is ec2")
        return Ec2Client(store, region, role, clock)

    module = types.ModuleType("boto3")
    module.__dict__["client"] = client
    return module


def answer(order: dict[str, Any]) -> dict[str, str]:
    """The handler's result as JSON, or its fault as Lambda reports it."""
    clock = CloudTime(float(order["seconds"]), float(order["scale"]))
    store = Store(LabHome.from_environment(), "aws")
    sys.modules["boto3"] = boto3_for(store, order["region"], order["role"], clock)
    sys.path.insert(0, order["files"])
    time.sleep = clock.sleep
    module, _, name = str(order["handler"]).rpartition(".")
    try:
        handler = getattr(importlib.import_module(module), name)
        return {"result": json.dumps(handler(json.loads(order["event"]), Context(order["name"], clock)))}
    except TimedOutError:
        message = f"Task timed out after {clock.limit:.2f} seconds"
        return {"fault": json.dumps({"errorType": "Sandbox.Timedout", "errorMessage": message})}
    except Exception as error:
        return {"fault": json.dumps({"errorType": type(error).__name__, "errorMessage": str(error)})}


def main() -> None:
    order = cast("dict[str, Any]", json.loads(sys.stdin.read()))
    out, sys.stdout = sys.stdout, sys.stderr  # what the function prints is its log
    out.write(json.dumps(answer(order)))


if __name__ == "__main__":
    main()
