"""Programs run against the mocked engine."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pulumi
import pytest
from mocked_engine import Engine, Run


@pytest.fixture
def run() -> Iterator[Run]:
    """Runs a program against a fresh engine and returns what it registered."""

    def runner(program: Callable[[], Any], *, preview: bool = False) -> Engine:
        asyncio.set_event_loop(asyncio.new_event_loop())
        engine = Engine(preview=preview)
        pulumi.runtime.set_mocks(engine, "project", "stack", preview)

        @pulumi.runtime.test
        def body() -> Any:
            return program()

        body()
        return engine

    yield runner
