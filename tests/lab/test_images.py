"""Images made without a registry."""

import hashlib
import json
import os
import tarfile
from collections.abc import Iterator
from email.message import Message
from http.server import ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from multimesh_lab import image_registry, images, istio_release, tools
from multimesh_lab.home import LabHome
from multimesh_lab.oci import Image


def _image(name: str = "example.test/a:1") -> Image:
    image = Image(name, {"Entrypoint": ["/b/program"]})
    return image.add("b/program", b"#!").add("a/text", b"text", 0o644).link("b/other", "program")


def _member(archive: Path, name: str) -> bytes:
    with tarfile.open(archive) as tar:
        file = tar.extractfile(name)
        assert file is not None
        return file.read()


def _blob(archive: Path, descriptor: dict[str, Any]) -> bytes:
    content = _member(archive, "blobs/sha256/" + descriptor["digest"].removeprefix("sha256:"))
    assert hashlib.sha256(content).hexdigest() == descriptor["digest"].removeprefix("sha256:")
    assert len(content) == descriptor["size"]
    return content


class TestArchive:
    def test_equal_content_makes_equal_archives(self, tmp_path: Path) -> None:
        """The cache is keyed by content, so time and order must not matter."""
        _image().save(tmp_path / "one.tar")
        other = Image("example.test/a:1", {"Entrypoint": ["/b/program"]})
        other.link("b/other", "program").add("a/text", b"text", 0o644).add("b/program", b"#!")
        other.save(tmp_path / "two.tar")
        assert (tmp_path / "one.tar").read_bytes() == (tmp_path / "two.tar").read_bytes()
        assert _image().key() == other.key()

    def test_every_digest_and_size_is_right(self, tmp_path: Path) -> None:
        archive = tmp_path / "one.tar"
        _image().save(archive)
        (entry,) = json.loads(_member(archive, "index.json"))["manifests"]
        assert entry["annotations"]["io.containerd.image.name"] == "example.test/a:1"
        manifest = json.loads(_blob(archive, entry))
        config = json.loads(_blob(archive, manifest["config"]))
        _blob(archive, manifest["layers"][0])
        assert config["rootfs"]["diff_ids"] == [manifest["layers"][0]["digest"]]
        assert config["config"]["Entrypoint"] == ["/b/program"]

    def test_the_layer_has_folders_before_what_is_in_them(self, tmp_path: Path) -> None:
        archive = tmp_path / "one.tar"
        _image().save(archive)
        manifest = json.loads(_blob(archive, json.loads(_member(archive, "index.json"))["manifests"][0]))
        (tmp_path / "layer.tar").write_bytes(_blob(archive, manifest["layers"][0]))
        with tarfile.open(tmp_path / "layer.tar") as layer:
            members = {member.name: member for member in layer.getmembers()}
            names = layer.getnames()
        assert names.index("b") < names.index("b/program")
        assert members["b/program"].mode == 0o755
        assert members["a/text"].mode == 0o644
        assert members["b/other"].linkname == "program"
        assert members["tmp"].mode == 0o1777
        assert {(member.mtime, member.uid, member.gid) for member in members.values()} == {(0, 0, 0)}

    @pytest.mark.parametrize("change", ["name", "content", "mode", "link", "config"])
    def test_any_change_changes_the_key(self, change: str) -> None:
        changed = _image("example.test/a:2") if change == "name" else _image()
        if change == "content":
            changed.add("a/text", b"other", 0o644)
        elif change == "mode":
            changed.add("a/text", b"text", 0o600)
        elif change == "link":
            changed.link("b/other", "nothing")
        elif change == "config":
            changed.config["User"] = "1"
        assert changed.key() != _image().key()


class TestImages:
    def test_all_are_there_by_the_names_that_pods_ask_for(self) -> None:
        try:
            every = images.every_image()
        except tools.ToolMissing as missing:
            pytest.skip(f"an image needs a tool: {missing}")
        names = {image.name for image in every}
        assert {
            "registry.k8s.io/pause:3.10",
            "docker.io/istio/examples-helloworld-v1:1.0",
            "docker.io/istio/examples-helloworld-v2:1.0",
            "docker.io/curlimages/curl:latest",
            f"registry.istio.io/release/pilot:{istio_release.NEWEST.version}",
            f"registry.istio.io/release/proxyv2:{istio_release.NEWEST.version}",
        } < names
        assert len(every) == len(names)

    def test_programs_bring_the_libraries_they_name(self) -> None:
        image = Image("example.test/sh:1").add_program("bin/sh", Path("/bin/sh"))
        assert any(path.endswith(".so.6") for path in image.files)
        assert any("ld-linux" in path for path in image.files)

    def test_envoy_is_the_program_and_not_its_script(self) -> None:
        assert images.envoy().read_bytes()[:4] == b"\x7fELF"
        assert os.access(images.envoy(), os.X_OK)


class TestRegistry:
    """What a node's pull asks, asked over HTTP."""

    @pytest.fixture
    def served(self, tmp_path: Path) -> Iterator[str]:
        home = LabHome(tmp_path / "lab")
        _image().save(home.images / "a.tar")
        with ThreadingHTTPServer(("127.0.0.1", 0), image_registry.handler(image_registry.Library(home))) as server:
            Thread(target=server.serve_forever, daemon=True).start()
            yield f"http://127.0.0.1:{server.server_port}"
            server.shutdown()

    def _get(self, url: str, method: str = "GET") -> tuple[bytes, Message]:
        with urlopen(Request(url, method=method), timeout=5) as answer:
            return answer.read(), answer.headers

    def test_a_pull_finds_manifest_config_and_layer(self, served: str) -> None:
        tagged = f"{served}/v2/a/manifests/1?ns=example.test"
        body, head = self._get(tagged)
        assert head["Content-Type"] == "application/vnd.oci.image.manifest.v1+json"
        assert head["Docker-Content-Digest"] == "sha256:" + hashlib.sha256(body).hexdigest()
        nothing, same = self._get(tagged, "HEAD")
        assert nothing == b""
        assert same["Docker-Content-Digest"] == head["Docker-Content-Digest"]
        by_digest, _ = self._get(f"{served}/v2/a/manifests/{head['Docker-Content-Digest']}?ns=example.test")
        assert by_digest == body
        manifest = json.loads(body)
        for entry in (manifest["config"], *manifest["layers"]):
            blob, _ = self._get(f"{served}/v2/a/blobs/{entry['digest']}?ns=example.test")
            assert "sha256:" + hashlib.sha256(blob).hexdigest() == entry["digest"]

    @pytest.mark.parametrize(
        "path", ["a/manifests/2?ns=example.test", "a/manifests/1?ns=docker.io", "a/blobs/sha256:00", "a/tags/list"]
    )
    def test_what_the_lab_does_not_have_is_not_found(self, served: str, path: str) -> None:
        with pytest.raises(HTTPError, match="404"):
            self._get(f"{served}/v2/{path}")


class TestIstioRelease:
    def test_the_version_is_the_commit_that_is_pinned(self) -> None:
        commit = istio_release.module_version("istio", "istio.io/istio").rsplit("-", 1)[1]
        assert istio_release.NEWEST.version.endswith(commit)

    def test_placeholders_of_the_sources_are_filled(self, tmp_path: Path) -> None:
        (tmp_path / "Chart.yaml").write_text("name: istiod\nversion: 1.0.0\nappVersion: 1.0.0\n")
        (tmp_path / "values.yaml").write_text('hub: ""\nglobal:\n  hub: registry.istio.io/testing\n  tag: latest\n')
        istio_release.NEWEST.fill_placeholders(tmp_path)
        version = istio_release.NEWEST.version
        assert (tmp_path / "Chart.yaml").read_text() == f"name: istiod\nversion: {version}\nappVersion: {version}\n"
        expected = f'hub: ""\nglobal:\n  hub: registry.istio.io/release\n  tag: {version}\n'
        assert (tmp_path / "values.yaml").read_text() == expected

    def test_a_module_that_is_not_pinned_is_named(self) -> None:
        with pytest.raises(tools.ToolMissing, match=r"tools/istio/go\.mod does not require example\.test/no"):
            istio_release.module_version("istio", "example.test/no")
