"""What is left with scopes is reckoned without what every proxy has anyway."""

import pytest
from scoping import Measured, shares


def row(services: int, size: int, *, scoped: bool) -> Measured:
    return Measured(services, scoped, size, memory_mib=1.0, push_ms=1.0, push_bytes=1, needless_pushes=0)


def test_shares_are_of_what_services_add() -> None:
    rows = [
        row(100, 840, scoped=False),
        row(100, 240, scoped=True),
        row(1000, 6600, scoped=False),
        row(1000, 240, scoped=True),
    ]
    found = shares(200, rows)
    assert found == {100: pytest.approx(40 / 640), 1000: pytest.approx(40 / 6400)}
