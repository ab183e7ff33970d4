"""The lab as a whole, as far as it needs no machine."""

from pathlib import Path

import pytest

from multimesh_lab import lifecycle, network
from multimesh_lab.cluster import registry
from multimesh_lab.cluster.facts import ClusterRequest
from multimesh_lab.home import LabHome
from multimesh_lab.processes import Daemon


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LabHome:
    made = LabHome(tmp_path / "lab")
    made.create()
    monkeypatch.setattr(network, "owner", _nobody)
    monkeypatch.setattr(registry, "run", _says_its_version)
    monkeypatch.setattr(registry.tools, "binary", Path("/tools").joinpath)
    return made


def _nobody() -> None:
    return None


def _says_its_version(*_: str) -> str:
    return "Kubernetes v1.36.3\n"


class TestDown:
    @pytest.mark.parametrize("folder", [Path("/"), Path.home()])
    def test_a_folder_that_holds_the_users_own_is_never_removed(self, folder: Path) -> None:
        with pytest.raises(lifecycle.LabError, match="cannot be a lab's folder"):
            lifecycle.down(LabHome(folder))


class TestUp:
    def test_a_second_lab_is_told_which_the_first_is(self, home: LabHome, monkeypatch: pytest.MonkeyPatch) -> None:
        def owner() -> str:
            return "/elsewhere/lab"

        monkeypatch.setattr(network, "owner", owner)
        with pytest.raises(lifecycle.LabError, match="MULTIMESH_LAB_DIR=/elsewhere/lab multimesh-lab down"):
            lifecycle.up(home)


class TestStale:
    def test_nothing_is_not_stale(self, home: LabHome) -> None:
        assert not lifecycle.is_stale(home)

    def test_a_process_that_ended_makes_it_stale(self, home: LabHome) -> None:
        daemon = Daemon("dns", home.root)
        daemon.start(["sleep", "60"])
        pid_file = daemon.pid_file.read_text()
        daemon.stop(patience=1)
        daemon.pid_file.write_text(pid_file)
        assert lifecycle.is_stale(home)

    def test_a_cluster_without_a_network_is_stale(self, home: LabHome) -> None:
        """The machine was started again."""
        registry.claim(home, ClusterRequest("gcp/a", "a", "gcp", "europe-west4"))
        assert lifecycle.is_stale(home)


class TestLogs:
    @pytest.fixture
    def logs(self, home: LabHome) -> LabHome:
        facts = registry.claim(home, ClusterRequest("gcp/a", "gcp-eu-1a2b3c4", "gcp", "europe-west4"))
        for path in (home.logs / "dns.log", facts.folder / "logs" / "kubelet.log", facts.folder / "logs" / "etcd.log"):
            path.parent.mkdir(exist_ok=True)
            path.touch()
        return home

    @pytest.mark.parametrize(
        ("cluster", "process", "names"),
        [
            (None, None, ["dns", "etcd", "kubelet"]),
            ("lab", None, ["dns"]),
            ("gcp-eu", None, ["etcd", "kubelet"]),
            ("gcp-eu-1a2b3c4", "kubelet", ["kubelet"]),
            ("aws", None, []),
            ("gcp-eu", "dns", []),
        ],
    )
    def test_are_found_by_the_beginning_of_the_clusters_name(
        self, logs: LabHome, cluster: str | None, process: str | None, names: list[str]
    ) -> None:
        """Clouds add a suffix to a cluster's name, which nobody wants to type."""
        assert [path.stem for path in lifecycle.log_files(logs, cluster, process)] == names
