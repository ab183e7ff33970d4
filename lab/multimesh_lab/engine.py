"""The engine's surroundings in the lab: plug-ins, language host, login stand-ins, state backend, environment.

Owns: what `multimesh-lab exec` puts around a command. Does not own: what the plug-ins do.
Everything lies in the lab's own folder; the user's ~/.pulumi, kubeconfig and cloud logins are neither read nor written.
"""

import os
import secrets
import shutil
import sys
from importlib import metadata
from pathlib import Path

from multimesh_lab import credentials, tools
from multimesh_lab import home as homes
from multimesh_lab.home import LabHome

PROVIDERS = {
    "gcp": "pulumi-gcp",
    "aws": "pulumi-aws",
    "azure-native": "pulumi-azure-native",
    "oci": "pulumi-oci",
    "tls": "pulumi-tls",
    "kubernetes": "pulumi-kubernetes",
}
"""Package → the distribution whose version the engine will ask the plug-in for."""

_HELPERS = ("kubectl", "helm", "istioctl")
_FOREIGN = (
    "KUBECONFIG",
    "PULUMI_ACCESS_TOKEN",
    "PULUMI_CONFIG_PASSPHRASE",
    "PULUMI_STACK",
    "PULUMI_K8S_CLIENT_QPS",
)


def prepare(home: LabHome) -> None:
    """Lay out commands and plug-ins; safe to repeat, and takes no time when all is there."""
    home.create()
    if not home.passphrase.exists():
        home.passphrase.touch(mode=0o600)
        home.passphrase.write_text(secrets.token_urlsafe(24))
    for package, distribution in PROVIDERS.items():
        version = metadata.version(distribution)
        folder = home.pulumi_home / "plugins" / f"resource-{package}-v{version}"
        folder.mkdir(parents=True, exist_ok=True)
        _script(folder / f"pulumi-resource-{package}", f"multimesh_lab.providers.{package.replace('-', '_')}")
    for command in credentials.COMMANDS:
        _script(home.bin / command, "multimesh_lab.credentials", command)
    for command in _HELPERS:
        _link(home.bin / command, tools.binary(command))
    if tools.system_pulumi() is None:
        _copy(home.bin / "pulumi", tools.binary("pulumi"))
        _script(home.bin / "pulumi-language-python", "multimesh_lab.language_host")


def environment(home: LabHome) -> dict[str, str]:
    """The environment of a command in the lab."""
    result = {key: value for key, value in os.environ.items() if key not in _FOREIGN}
    return {
        **result,
        "PATH": f"{home.bin}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        homes.ENVIRONMENT_VARIABLE: str(home.root),
        "PULUMI_HOME": str(home.pulumi_home),
        "PULUMI_BACKEND_URL": f"file://{home.backend}",
        "PULUMI_CONFIG_PASSPHRASE_FILE": str(home.passphrase),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        # The lab has every plug-in that it can serve; looking for more would wait for a network that may be closed.
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    }


def pulumi(home: LabHome) -> Path:
    """The engine's command: the machine's own when it is whole, else the built one."""
    return tools.system_pulumi() or home.bin / "pulumi"


def _script(path: Path, module: str, *arguments: str) -> None:
    """A command that runs a module of the lab with the lab's own Python, wherever it is called from."""
    package_folder = Path(__file__).resolve().parents[1]
    line = " ".join([f'"{sys.executable}"', "-m", module, *arguments, '"$@"'])
    text = f'#!/bin/sh\nPYTHONPATH="{package_folder}${{PYTHONPATH:+:$PYTHONPATH}}" exec {line}\n'
    if path.exists() and path.read_text() == text:
        return
    path.write_text(text)
    path.chmod(0o755)


def _link(path: Path, target: Path) -> None:
    if path.is_symlink() and path.readlink() == target:
        return
    path.unlink(missing_ok=True)
    path.symlink_to(target)


def _copy(path: Path, target: Path) -> None:
    """The engine takes the language host that lies beside its own file without a warning, so a link would not do."""
    if path.exists() and path.stat().st_size == target.stat().st_size:
        return
    path.unlink(missing_ok=True)
    try:
        path.hardlink_to(target)
    except OSError:
        shutil.copy2(target, path)


def whole_path(command: str, home: LabHome) -> str | None:
    """Where a command is found in the lab, or None."""
    return shutil.which(command, path=environment(home)["PATH"])
