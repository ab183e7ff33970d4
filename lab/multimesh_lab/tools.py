"""The Go tools of the lab, built once into a per-user cache that several clones share.

Owns: which tools there are, where a built one lies, and building what is missing. Does not own: running them.
A module's folder in the cache is named by a digest of all it is built from, so a changed go.mod builds anew and
an unchanged one is never built twice.
"""

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[2] / "tools"
PULUMI_VERSION = "3.250.0"
_FITTING_PULUMI = (3, 231)  # the oldest CLI that the SDKs of this project accept


class ToolMissing(Exception):
    """A tool that the lab needs is not built, or cannot be."""


@dataclass(frozen=True)
class Module:
    """A folder under tools/ with a go.mod, and the commands built from it."""

    folder: str
    commands: dict[str, str] = field(hash=False)
    ldflags: str = "-s -w"
    files: dict[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]], hash=False)
    """Files and folders to copy beside the commands: name → (Go module, path in it)."""
    only_for_tests: bool = False
    """Whether the lab works without it."""


_ISTIO = {name: f"istio.io/istio/pilot/cmd/{name}" for name in ("pilot-discovery", "pilot-agent")}
_ISTIO_FILES = {
    "manifests": ("istio.io/istio", "manifests"),
    "envoy_bootstrap_tmpl.json": ("istio.io/istio", "tools/packaging/common/envoy_bootstrap.json"),
}

MODULES = (
    Module("images", {"helloworld": "./helloworld", "pause": "./pause"}),
    Module(
        "pulumi",
        {"pulumi": "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"},
        # Without a version of its own the CLI is refused by the Automation API.
        f"-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v{PULUMI_VERSION}",
    ),
    Module(
        "kubernetes",
        {
            "etcd": "go.etcd.io/etcd/server/v3",
            **{
                name: f"k8s.io/kubernetes/cmd/{name}"
                for name in (
                    "kube-apiserver",
                    "kube-controller-manager",
                    "kube-proxy",
                    "kube-scheduler",
                    "kubectl",
                    "kubelet",
                )
            },
        },
        # An API server that does not know its version calls itself v0.0.0, which charts refuse.
        "-s -w"
        " -X k8s.io/component-base/version.gitVersion=v1.36.3"
        " -X k8s.io/component-base/version.gitMajor=1"
        " -X k8s.io/component-base/version.gitMinor=36",
    ),
    Module("helm", {"helm": "helm.sh/helm/v4/cmd/helm"}),
    Module("coredns", {"coredns": "github.com/coredns/coredns"}),
    Module(
        "istio",
        {**_ISTIO, "istioctl": "istio.io/istio/istioctl/cmd/istioctl"},
        files=_ISTIO_FILES,
    ),
    # An older build, from which a mesh is upgraded.
    Module("istio-before", _ISTIO, files=_ISTIO_FILES, only_for_tests=True),
)


def cache_root() -> Path:
    """MULTIMESH_CACHE_DIR, or the user's cache folder."""
    named = os.environ.get("MULTIMESH_CACHE_DIR")
    if named:
        return Path(named).expanduser().absolute()
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "pulumi-multimesh"


@cache
def _go_version() -> str:
    go = shutil.which("go")
    if go is None:
        raise ToolMissing(
            "go is not on PATH: the lab builds its tools from source and needs Go 1.26 or newer (Debian: golang-go)"
        )
    command = [go, "env", "GOVERSION", "GOOS", "GOARCH"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@cache
def module_folder(module: Module) -> Path:
    """Where the module's commands lie once they are built."""
    digest = hashlib.sha256(f"{_go_version()}{module.ldflags}{sorted(module.commands.items())}".encode())
    digest.update(str(sorted(module.files.items())).encode())
    source = SOURCES / module.folder
    for path in sorted(source.rglob("*")):
        if path.is_file():
            digest.update(str(path.relative_to(source)).encode() + path.read_bytes())
    return cache_root() / "tools" / f"{module.folder}-{digest.hexdigest()[:16]}"


def binary(name: str, folder: str | None = None) -> Path:
    """The built command or copied file of that name; raises `ToolMissing` when it has not been built.

    `folder`: the module's; the first one that has it unless given.
    """
    for module in MODULES:
        if name in {**module.commands, **module.files} and folder in (None, module.folder):
            path = module_folder(module) / name
            if not path.exists():
                raise ToolMissing(f"{name} is not built: run `make tools`")
            return path
    known = ", ".join(sorted({command for module in MODULES for command in module.commands}))
    raise ToolMissing(f"{name} is not a tool of the lab; the tools are {known}")


def system_pulumi() -> Path | None:
    """A whole Pulumi on PATH: a fitting version with the official Python language host beside it; else None."""
    found = shutil.which("pulumi")
    if found is None or not (Path(found).resolve().parent / "pulumi-language-python").exists():
        return None
    environment = {**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"}
    answer = subprocess.run([found, "version"], capture_output=True, text=True, check=False, env=environment)
    version = re.match(r"v(\d+)\.(\d+)", answer.stdout)
    if version is None:
        return None
    major, minor = int(version[1]), int(version[2])
    return Path(found) if major == _FITTING_PULUMI[0] and minor >= _FITTING_PULUMI[1] else None


def modules_needed(*, for_tests: bool = False) -> tuple[Module, ...]:
    """All modules, without the engine's where the machine has a whole one, and without those of tests alone."""
    left_out = set() if system_pulumi() is None else {"pulumi"}
    return tuple(
        module for module in MODULES if module.folder not in left_out and (for_tests or not module.only_for_tests)
    )


@contextlib.contextmanager
def _locked(path: Path) -> Generator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def build(module: Module) -> bool:
    """Build the module's commands unless they are there; says whether anything was built."""
    target = module_folder(module)
    if target.exists():
        return False
    with _locked(cache_root() / "tools" / f"{module.folder}.lock"):
        if target.exists():
            return False
        scratch = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{module.folder}-"))
        try:
            for position, (name, package) in enumerate(module.commands.items(), 1):
                _build_command(module, name, package, scratch / name, f"{position}/{len(module.commands)}")
            for name, (go_module, path) in module.files.items():
                _copy(_go_module_folder(module, go_module) / path, scratch / name)
            scratch.chmod(0o755)
            scratch.rename(target)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    return True


def _build_command(module: Module, name: str, package: str, target: Path, position: str) -> None:
    _say(f"  {module.folder} {position}: {name} …")
    started = time.monotonic()
    command = ["go", "build", "-trimpath", "-ldflags", module.ldflags, "-o", str(target), package]
    environment = {**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-buildvcs=false -mod=readonly"}
    answer = subprocess.run(
        command, cwd=SOURCES / module.folder, env=environment, capture_output=True, text=True, check=False
    )
    if answer.returncode:
        lines = "\n    ".join(answer.stderr.strip().splitlines()[-20:])
        raise ToolMissing(f"{name} does not build from tools/{module.folder}:\n    {lines}")
    _say(f"  {module.folder} {position}: {name} built in {time.monotonic() - started:.0f} s")


def _copy(source: Path, target: Path) -> None:
    """Of a file or a folder the contents alone: what lies in Go's cache is read-only."""
    if source.is_dir():
        target.mkdir()
        for each in source.iterdir():
            _copy(each, target / each.name)
    else:
        shutil.copyfile(source, target)


def _go_module_folder(module: Module, go_module: str) -> Path:
    command = ["go", "list", "-m", "-f", "{{.Dir}}", go_module]
    answer = subprocess.run(command, cwd=SOURCES / module.folder, capture_output=True, text=True, check=True)
    return Path(answer.stdout.strip())


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def build_all(*, for_tests: bool = False) -> None:
    """Build every module that is missing, with a line for each command."""
    missing = [module for module in modules_needed(for_tests=for_tests) if not module_folder(module).exists()]
    if not missing:
        _say(f"tools: up to date in {cache_root() / 'tools'}")
        return
    names = ", ".join(module.folder for module in missing)
    _say(f"tools: building {names} (some 20 minutes on two cores for all, once for each user)")
    started = time.monotonic()
    for module in missing:
        build(module)
    _say(f"tools: built in {time.monotonic() - started:.0f} s into {cache_root() / 'tools'}")


def main() -> int:
    try:
        build_all(for_tests="--for-tests" in sys.argv[1:])
    except ToolMissing as fault:
        sys.stderr.write(f"multimesh-lab: {fault}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
