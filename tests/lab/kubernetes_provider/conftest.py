"""The kubernetes stand-in, configured for a real API server on loopback."""

from collections.abc import Generator
from typing import Any

import pytest
from api_server import running
from simulated_cloud import Engine

from multimesh_lab import tools
from multimesh_lab.providers.kubernetes.provider import KubernetesProvider


@pytest.fixture(scope="session")
def kubeconfig(tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    try:
        for name in ("etcd", "kube-apiserver", "kube-controller-manager", "helm"):
            tools.binary(name)
    except tools.ToolMissing as fault:
        pytest.skip(f"needs an API server: {fault}")
    with running(tmp_path_factory.mktemp("api-server")) as text:
        yield text


@pytest.fixture
def engine(kubeconfig: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Engine:
    monkeypatch.setenv("MULTIMESH_LAB_DIR", str(tmp_path))
    provider: Any = KubernetesProvider()
    return Engine(provider, {"kubeconfig": kubeconfig})
