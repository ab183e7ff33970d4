"""`multimesh plan` as a user calls it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pulumi_multimesh import __version__
from pulumi_multimesh.cli import main

MESH = """\
gke:
  gcp-eu: {project: acme-dev, region: europe-west4}
existing:
  old:
    egress_ips: [203.0.113.7]
    kubeconfig: {secure: AAABAencrypted}
istio: {topology: multi-primary}
api_access: {office: 203.0.113.0/24}
"""


def indented(text: str, margin: str = "    ") -> str:
    return "".join(f"{margin}{line}\n" for line in text.splitlines())


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Pulumi.yaml").write_text("name: acme-mesh\nruntime: python\n")
    (tmp_path / "Pulumi.dev.yaml").write_text(f"config:\n  multimesh:mesh:\n{indented(MESH)}")
    (tmp_path / "Pulumi.prod.yaml").write_text(f"config:\n  multimesh:name: prod\n  multimesh:mesh:\n{indented(MESH)}")
    (tmp_path / "mesh.yaml").write_text(MESH)
    return tmp_path


@pytest.mark.usefixtures("project")
class TestSources:
    @pytest.mark.parametrize(
        ("arguments", "name"),
        [
            (["--stack", "dev"], "acme-mesh"),
            (["--stack", "prod"], "prod"),
            (["--stack", "acme/acme-mesh/prod"], "prod"),
            (["--stack", "prod", "--name", "shop"], "shop"),
            (["-f", "mesh.yaml"], "mesh"),
            (["-f", "mesh.yaml", "--name", "shop"], "shop"),
        ],
    )
    def test_name_of_the_mesh(self, arguments: list[str], name: str, capsys: pytest.CaptureFixture[str]):
        assert main(["plan", *arguments]) == 0
        assert capsys.readouterr().out.startswith(f'Mesh "{name}": 2 clusters')

    def test_json(self, capsys: pytest.CaptureFixture[str]):
        assert main(["plan", "-f", "mesh.yaml", "-o", "json"]) == 0
        out = capsys.readouterr().out
        assert set(json.loads(out)["clusters"]) == {"gcp-eu", "old"}
        assert "AAABAencrypted" not in out

    def test_json_says_what_the_roads_cost(self, capsys: pytest.CaptureFixture[str]):
        assert main(["plan", "-f", "mesh.yaml", "-o", "json"]) == 0
        told = json.loads(capsys.readouterr().out)["estimate"]
        assert [(item["what"], item["count"]) for item in told["items"]] == [
            ("Google Cloud load balancers (public)", 1)
        ]
        assert told["dollars"] == told["items"][0]["dollars"] > 0
        assert told["minutes"] == 3

    def test_configuration_that_was_set_as_json(self, project: Path, capsys: pytest.CaptureFixture[str]):
        mesh = json.dumps({"existing": {"a": {"egress_ips": ["203.0.113.7"]}}, "istio": {}})
        (project / "Pulumi.dev.yaml").write_text(f"config:\n  multimesh:mesh: '{mesh}'\n")
        assert main(["plan", "--stack", "dev"]) == 0
        assert "1 cluster," in capsys.readouterr().out

    def test_folder_of_stack_configurations(self, project: Path):
        (project / "stacks").mkdir()
        (project / "Pulumi.dev.yaml").rename(project / "stacks" / "Pulumi.dev.yaml")
        (project / "Pulumi.yaml").write_text("name: acme-mesh\nruntime: python\nstackConfigDir: stacks\n")
        assert main(["plan", "--stack", "dev"]) == 0


@pytest.mark.usefixtures("project")
class TestFaults:
    def test_all_of_them_on_standard_error(self, project: Path, capsys: pytest.CaptureFixture[str]):
        (project / "mesh.yaml").write_text("gke: {gcp-eu: {region: us-east-1}}\n")
        assert main(["plan", "-f", "mesh.yaml", "--name", "shop"]) == 1
        captured = capsys.readouterr()
        assert captured.out == ""
        assert captured.err.startswith('4 faults in the configuration of mesh "shop"; nothing was registered:')

    def test_a_secret_where_the_plan_needs_a_value(self, project: Path, capsys: pytest.CaptureFixture[str]):
        text = MESH.replace("region: europe-west4", "region: {secure: AAABAregion}")
        (project / "mesh.yaml").write_text(text)
        assert main(["plan", "-f", "mesh.yaml"]) == 1
        err = capsys.readouterr().err
        assert "gke.gcp-eu.region is a Secret" in err and "AAABA" not in err


@pytest.mark.usefixtures("project")
class TestUsage:
    def expect(self, capsys: pytest.CaptureFixture[str], arguments: list[str], *words: str) -> None:
        assert main(["plan", *arguments]) == 2
        captured = capsys.readouterr()
        assert captured.out == ""
        for word in words:
            assert word in captured.err

    def test_neither_file_nor_stack(self, capsys: pytest.CaptureFixture[str]):
        self.expect(capsys, [], "--stack NAME or -f FILE", "stacks here: dev, prod")

    def test_no_such_file(self, capsys: pytest.CaptureFixture[str]):
        self.expect(capsys, ["-f", "none.yaml"], "cannot read none.yaml", "No such file")

    def test_no_such_stack(self, capsys: pytest.CaptureFixture[str]):
        self.expect(capsys, ["--stack", "test"], "Pulumi.test.yaml does not exist", "dev, prod")

    def test_stack_without_a_mesh(self, project: Path, capsys: pytest.CaptureFixture[str]):
        (project / "Pulumi.dev.yaml").write_text("config:\n  gcp:project: x\n")
        self.expect(capsys, ["--stack", "dev"], 'no "multimesh:mesh"')

    def test_a_stacks_file_given_as_mesh_arguments(self, capsys: pytest.CaptureFixture[str]):
        self.expect(capsys, ["-f", "Pulumi.dev.yaml"], "--stack")

    def test_bad_yaml_with_its_line(self, project: Path, capsys: pytest.CaptureFixture[str]):
        (project / "mesh.yaml").write_text("gke:\n  a: [1\nkubeconfig: s3cret\n")
        self.expect(capsys, ["-f", "mesh.yaml"], "mesh.yaml, line 3", "not valid YAML")

    def test_bad_yaml_shows_no_content(self, project: Path, capsys: pytest.CaptureFixture[str]):
        (project / "mesh.yaml").write_text('kubeconfig: "s3cret\n')
        assert main(["plan", "-f", "mesh.yaml"]) == 2
        assert "s3cret" not in capsys.readouterr().err

    def test_a_key_that_is_given_twice(self, project: Path, capsys: pytest.CaptureFixture[str]):
        (project / "mesh.yaml").write_text("gke:\n  a: {}\n  a: {}\n")
        self.expect(capsys, ["-f", "mesh.yaml"], "line 3", 'the key "a" is given twice')

    def test_file_and_stack(self, capsys: pytest.CaptureFixture[str]):
        with pytest.raises(SystemExit) as ended:
            main(["plan", "-f", "mesh.yaml", "--stack", "dev"])
        assert ended.value.code == 2
        assert "not allowed with" in capsys.readouterr().err


def test_version(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"multimesh {__version__}\n"


def test_help_has_commented_examples(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        main(["plan", "--help"])
    out = capsys.readouterr().out
    assert '  # the plan of the stack "dev"' in out and "multimesh plan --stack dev" in out
    assert "exit codes:" in out


def test_as_a_process_from_standard_input(tmp_path: Path):
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-m", "pulumi_multimesh.cli", "plan", "-f", "-", "--name", "shop"],
        input=MESH, capture_output=True, text=True, cwd=tmp_path, env={"PYTHONPATH": str(root)}, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith('Mesh "shop"')
