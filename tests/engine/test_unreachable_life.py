"""A cluster that cannot be reached, by the real engine and two real API servers, one of which is stopped.

Without a word about it the others cannot be changed; named, it is passed over, by a refresh too and with what Helm has
installed in it; once it is called lost it can be taken out.
"""

import json
from contextlib import ExitStack
from pathlib import Path

import pytest
from api_server import running
from lab_engine import Lab, missing_tools, passed

PROGRAM = """
import json
import pulumi_kubernetes as k8s
import pulumi_multimesh as multimesh

for name, told in json.load(open("clusters.json")).items():
    cluster = multimesh.ExistingCluster(name, {"egress_ips": ["203.0.113.7"], **told["args"]})
    k8s.core.v1.ConfigMap(name, metadata={"name": "settings"}, data={"said": told["said"]}, opts=cluster.inside())
    k8s.helm.v3.Release(f"{name}-release", chart="./chart", values={"said": told["said"]}, opts=cluster.inside())
"""
TEMPLATE = """
apiVersion: v1
kind: ConfigMap
metadata: {name: said}
data: {said: {{ .Values.said }}}
"""
ALL = ["far", "far-release", "near", "near-release"]
UP = ("up", "--yes", "--skip-preview", "--stack", "test")


class Two:
    """The program over the clusters that are there, each with a word in a ConfigMap and in a release."""

    def __init__(self, lab: Lab, folder: Path, configs: dict[str, str]) -> None:
        self.lab, self.folder, self.configs = lab, folder, configs
        (folder / "Pulumi.yaml").write_text("name: unreachable\nruntime: python\n")
        (folder / "__main__.py").write_text(PROGRAM)
        (folder / "chart" / "templates").mkdir(parents=True)
        (folder / "chart" / "Chart.yaml").write_text("apiVersion: v2\nname: said\nversion: 0.0.1\n")
        (folder / "chart" / "templates" / "said.yaml").write_text(TEMPLATE)

    def declare(self, said: dict[str, str], far: str = "") -> None:
        """What is said in each; `far`: what is known of that cluster, `unreachable` or `lost`."""
        told = {
            name: {
                "said": word,
                "args": {"kubeconfig": self.configs[name], **({far: True} if far and name == "far" else {})},
            }
            for name, word in said.items()
        }
        (self.folder / "clusters.json").write_text(json.dumps(told))

    def up(self, *more: str) -> str:
        return passed(self.lab.pulumi(*UP, *more, folder=self.folder))

    def refresh(self, *more: str) -> str:
        return passed(
            self.lab.pulumi("refresh", "--yes", "--skip-preview", "--stack", "test", *more, folder=self.folder)
        )

    def resources(self) -> list[str]:
        """ConfigMaps and releases in the state."""
        state = json.loads(
            passed(self.lab.command("exec", "--", "pulumi", "stack", "export", "--stack", "test", folder=self.folder))
        )
        return sorted(
            each["urn"].rsplit("::", 1)[1]
            for each in state["deployment"]["resources"]
            if each["type"].endswith((":ConfigMap", ":Release"))
        )


def test_the_others_go_on_and_the_lost_one_can_be_taken_out(lab: Lab, tmp_path: Path) -> None:
    reason = missing_tools("etcd", "kube-apiserver", "kube-controller-manager")
    if reason:
        pytest.skip(reason)
    with ExitStack() as near, ExitStack() as far:
        folders = {name: tmp_path / name for name in ("near", "far")}
        for folder in folders.values():
            folder.mkdir()
        configs = {
            "near": near.enter_context(running(folders["near"])),
            "far": far.enter_context(running(folders["far"])),
        }
        two = Two(lab, tmp_path, configs)
        two.declare({"near": "first", "far": "first"})
        two.up()
        far.close()
        two.declare({"near": "second", "far": "second"})
        refused = lab.pulumi(*UP, folder=tmp_path)
        assert refused.returncode != 0
        assert "cannot be reached" in refused.stdout or "unreachable" in refused.stdout, refused.stdout
        two.declare({"near": "third", "far": "third"}, "unreachable")
        said = two.up()
        assert "near-release" in said
        assert "far-release" not in said, "its release is passed over too"
        two.up("--expect-no-changes")
        two.refresh("--expect-no-changes")
        assert two.resources() == ALL, "an outage is no loss"
        two.declare({"near": "third", "far": "third"}, "lost")
        two.up()
        assert two.resources() == ALL
        two.declare({"near": "third"})
        # Helm's releases are not deleted from what is lost, but forgotten when it is looked at.
        two.up("--refresh")
        assert two.resources() == ["near", "near-release"]
        two.up("--expect-no-changes")
