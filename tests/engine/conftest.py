"""The real engine without clusters: needs neither root nor the machine's network."""

from collections.abc import Generator

import pytest
from lab_engine import Lab, missing_tools

from multimesh_lab import lifecycle
from multimesh_lab.home import LabHome


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Generator[Lab]:
    """Simulated clouds of a module's own, so that what one leaves behind when it fails is not met by another."""
    reason = missing_tools("pulumi", "helm", "manifests")
    if reason:
        pytest.skip(f"needs the engine: {reason}")
    home = LabHome(tmp_path_factory.mktemp("engine-lab") / "lab")
    yield Lab(home)
    lifecycle.down(home)
