"""`multimesh plan --update-book`, and a plan beside the book that it wrote."""

import io
import json
from pathlib import Path

import pytest
import yaml

from pulumi_multimesh.cli import main

MESH = """\
gke: {gcp-eu: {project: acme-dev, region: europe-west4}}
eks: {aws-us: {region: us-east-1}}
istio: {}
connectivity: vpn
api_access: {office: 203.0.113.0/24}
addresses: {book: addresses.yaml}
"""
WITHOUT_AWS = MESH.replace("eks: {aws-us: {region: us-east-1}}\n", "")


@pytest.fixture
def mesh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "mesh.yaml"
    path.write_text(MESH)
    return path


def run(capsys: pytest.CaptureFixture[str], code: int, *arguments: str) -> str:
    """What the command tells; nothing comes from the stream that it should not use."""
    assert main(["plan", *arguments]) == code
    captured = capsys.readouterr()
    told, other = (captured.out, captured.err) if code == 0 else (captured.err, captured.out)
    assert other == ""
    return told


def update(capsys: pytest.CaptureFixture[str], code: int = 0) -> str:
    return run(capsys, code, "-f", "mesh.yaml", "--update-book")


class TestWriting:
    def test_it_is_asked_for_written_and_then_kept(self, mesh: Path, capsys: pytest.CaptureFixture[str]):
        told = run(capsys, 1, "-f", "mesh.yaml", "--name", "the shop")
        assert 'addresses.book: "addresses.yaml" is not there' in told
        assert "remedy: write it:  multimesh plan -f mesh.yaml --name 'the shop' --update-book" in told
        told = update(capsys)
        assert told.startswith("addresses.yaml: written, 0 kept; commit it with the change\n")
        assert "  + cluster aws-us: eks, nodes 10.188.0.0/16, services 10.189.64.0/18\n" in told
        assert "  + tunnel aws-us~gcp-eu/3: 169.254." in told
        assert "gcp-eu" in run(capsys, 0, "-f", "mesh.yaml")

    def test_it_is_readable(self, mesh: Path, capsys: pytest.CaptureFixture[str]):
        update(capsys)
        text = (mesh.parent / "addresses.yaml").read_text()
        assert text.startswith("# The address book of this mesh: ")
        assert "`multimesh plan --update-book` writes it" in text
        assert "  aws-us:\n    kind: eks\n    block: 10.188.0.0/15\n    ranges:\n      nodes: 10.188.0.0/16\n" in text
        document = yaml.safe_load(text)
        assert list(document) == ["version", "clusters", "asns", "tunnels", "freed"]
        for part in ("clusters", "asns", "tunnels"):
            assert list(document[part]) == sorted(document[part])

    def test_without_a_change_the_file_is_not_touched(self, mesh: Path, capsys: pytest.CaptureFixture[str]):
        update(capsys)
        book = mesh.parent / "addresses.yaml"
        book.write_text(f"# a remark of ours\n{book.read_text()}")
        before = (book.read_text(), book.stat().st_ino, book.stat().st_mtime_ns)
        assert update(capsys) == "addresses.yaml: nothing to change\n"
        assert (book.read_text(), book.stat().st_ino, book.stat().st_mtime_ns) == before

    def test_what_is_gone_is_freed_and_comes_back_elsewhere(self, mesh: Path, capsys: pytest.CaptureFixture[str]):
        update(capsys)
        mesh.write_text(WITHOUT_AWS)
        assert "The address book remembers aws-us" in run(capsys, 0, "-f", "mesh.yaml")
        told = update(capsys)
        assert told.startswith("addresses.yaml: written, 1 kept")
        assert "  - cluster aws-us: eks, nodes 10.188.0.0/16, services 10.189.64.0/18 is free\n" in told
        assert "  - ASN of aws-us: " in told
        freed = yaml.safe_load((mesh.parent / "addresses.yaml").read_text())["freed"]
        assert freed["ranges"] == ["10.188.0.0/15"] and len(freed["tunnels"]) == 4
        mesh.write_text(MESH)
        assert "10.188." not in update(capsys)

    def test_nothing_is_left_beside_it_and_its_rights_stay(self, mesh: Path, capsys: pytest.CaptureFixture[str]):
        update(capsys)
        book = mesh.parent / "addresses.yaml"
        book.chmod(0o640)
        mesh.write_text(WITHOUT_AWS)
        update(capsys)
        assert book.stat().st_mode & 0o777 == 0o640
        assert {path.name for path in mesh.parent.iterdir()} == {"mesh.yaml", "addresses.yaml"}

    def test_a_link_to_it_stays_one(self, mesh: Path, capsys: pytest.CaptureFixture[str]):
        (mesh.parent / "books").mkdir()
        (mesh.parent / "addresses.yaml").symlink_to("books/shop.yaml")
        update(capsys)
        assert (mesh.parent / "addresses.yaml").is_symlink()
        assert "aws-us" in (mesh.parent / "books" / "shop.yaml").read_text()

    def test_a_write_that_is_broken_off_leaves_the_old_one(
        self, mesh: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ):
        update(capsys)
        book = mesh.parent / "addresses.yaml"
        before = book.read_text()
        mesh.write_text(WITHOUT_AWS)

        def full(_: int) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("os.fsync", full)
        assert "cannot be written: No space left on device" in update(capsys, 1)
        assert book.read_text() == before
        assert {path.name for path in mesh.parent.iterdir()} == {"mesh.yaml", "addresses.yaml"}

    def test_json_holds_what_the_book_holds(self, mesh: Path, capsys: pytest.CaptureFixture[str]):
        update(capsys)
        plan = json.loads(run(capsys, 0, "-f", "mesh.yaml", "-o", "json"))
        booked = yaml.safe_load((mesh.parent / "addresses.yaml").read_text())["clusters"]
        for name, cluster in plan["clusters"].items():
            assert booked[name]["ranges"].items() <= cluster["ranges"].items()


class TestWhereItIs:
    def test_beside_the_stacks_configuration(self, mesh: Path, capsys: pytest.CaptureFixture[str]):
        folder = mesh.parent / "stacks"
        folder.mkdir()
        (mesh.parent / "Pulumi.yaml").write_text("name: shop\nruntime: python\nstackConfigDir: stacks\n")
        indented = "".join(f"    {line}\n" for line in MESH.splitlines())
        (folder / "Pulumi.dev.yaml").write_text(f"config:\n  multimesh:mesh:\n{indented}")
        assert "multimesh plan --stack dev --update-book" in run(capsys, 1, "--stack", "dev")
        run(capsys, 0, "--stack", "dev", "--update-book")
        assert (folder / "addresses.yaml").exists()
        run(capsys, 0, "--stack", "dev")

    def test_beside_the_file_of_the_arguments(
        self, mesh: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ):
        elsewhere = mesh.parent / "elsewhere"
        elsewhere.mkdir()
        monkeypatch.chdir(elsewhere)
        run(capsys, 0, "-f", str(mesh), "--update-book")
        assert (mesh.parent / "addresses.yaml").exists()
        assert not list(elsewhere.iterdir())

    def test_here_when_the_arguments_come_from_standard_input(
        self, mesh: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr("sys.stdin", io.StringIO(MESH))
        run(capsys, 0, "-f", "-", "--update-book")
        assert (mesh.parent / "addresses.yaml").exists()

    def test_nowhere(self, mesh: Path, capsys: pytest.CaptureFixture[str]):
        mesh.write_text(MESH.replace("addresses: {book: addresses.yaml}\n", ""))
        assert "addresses: {book: addresses.yaml}" in run(capsys, 2, "-f", "mesh.yaml", "--update-book")

    def test_in_a_folder_that_is_not_there(self, mesh: Path, capsys: pytest.CaptureFixture[str]):
        mesh.write_text(MESH.replace("addresses.yaml", "books/addresses.yaml"))
        assert "cannot be written: No such file or directory" in update(capsys, 1)


class TestFaults:
    def told(self, mesh: Path, capsys: pytest.CaptureFixture[str], book: str) -> str:
        """What both commands tell of a book; neither changes it."""
        path = mesh.parent / "addresses.yaml"
        path.write_text(book)
        told = run(capsys, 1, "-f", "mesh.yaml")
        assert update(capsys, 1) == told
        assert path.read_text() == book
        return told

    def test_every_one_with_its_path(self, mesh: Path, capsys: pytest.CaptureFixture[str]):
        told = self.told(mesh, capsys, "version: 1\nasns: {a: 64512, b: 64512}\ntunnels: {a~b/0: 10.0.0.0/30}\n")
        assert "2 faults in the configuration of mesh" in told
        assert "addresses.yaml: asns.b: 64512 is also that of a" in told
        assert 'addresses.yaml: tunnels.a~b/0: "10.0.0.0/30" is not an inside range' in told

    def test_together_with_those_of_the_arguments(self, mesh: Path, capsys: pytest.CaptureFixture[str]):
        mesh.write_text(MESH.replace("project: acme-dev, ", ""))
        told = self.told(mesh, capsys, "version: 1\nasns: {a: 1}\n")
        assert "addresses.yaml: asns.a: 1 is not a number" in told
        assert "gke.gcp-eu.project is missing" in told

    @pytest.mark.parametrize(
        ("book", "problem"),
        [
            ("- : [", "addresses.yaml is not valid YAML, line 1"),
            ("<<<<<<< HEAD\nversion: 1\n=======\n", "addresses.yaml is not valid YAML, line"),
            ("version: 1\nasns: {}\nasns: {}\n", 'addresses.yaml is not valid YAML, line 3, column 1: the key "asns"'),
            ("", "addresses.yaml is no table"),
            ("- a\n", "addresses.yaml is no table"),
            ("version: 2\n", "addresses.yaml: version: 2 is not a version that this library reads"),
        ],
    )
    def test_what_is_no_book(self, mesh: Path, capsys: pytest.CaptureFixture[str], book: str, problem: str):
        assert problem in self.told(mesh, capsys, book)

    def test_a_folder(self, mesh: Path, capsys: pytest.CaptureFixture[str]):
        mesh.write_text(MESH.replace("book: addresses.yaml", "book: ."))
        assert "cannot be read: Is a directory" in update(capsys, 1)

    def test_the_stacks_configuration_is_not_written_over(self, mesh: Path, capsys: pytest.CaptureFixture[str]):
        mesh.write_text(MESH.replace("addresses.yaml", "mesh.yaml"))
        before = mesh.read_text()
        assert "is not a version that this library reads" in update(capsys, 1)
        assert mesh.read_text() == before
