"""The real engine without clusters: needs neither root nor the machine's network."""

from collections.abc import Generator

import pytest
from lab_engine import Lab, simulated_clouds


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Generator[Lab]:
    """Simulated clouds of a module's own, so that what one leaves behind when it fails is not met by another."""
    with simulated_clouds(tmp_path_factory.mktemp("engine-lab")) as made:
        yield made
