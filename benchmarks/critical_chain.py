"""How much longer `pulumi up` takes than the clouds themselves: `python benchmarks/critical_chain.py`.

Four networks with clusters on paper and a VPN between every two, in clouds that take their real durations at a scale.
Owns: the run and the comparison. Does not own: the longest chain (chain.py). No root is needed.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from chain import Chain, longest

from multimesh_lab import lifecycle
from multimesh_lab.home import ENVIRONMENT_VARIABLE, LabHome
from multimesh_lab.providers import store
from multimesh_lab.providers.aws.provider import KINDS as AWS
from multimesh_lab.providers.azure_native.provider import KINDS as AZURE
from multimesh_lab.providers.gcp.provider import KINDS as GCP
from multimesh_lab.providers.oci.provider import KINDS as OCI
from multimesh_lab.providers.store import Settings

PROGRAM = """
import pulumi
from pulumi_multimesh.checked import checked_plan
from pulumi_multimesh.clusters.planned import make_clusters, make_networks, private_networks
from pulumi_multimesh.network.roads import make_roads

ARGS = {
    "gke": {"gcp-eu": {"project": "acme-dev", "region": "europe-west4"}},
    "eks": {"aws-us": {"region": "us-east-1"}},
    "aks": {"azure-eu": {"region": "westeurope"}},
    "oke": {"oci-eu": {"compartment_id": "ocid1.compartment.oc1..aaaaaaaaexample", "region": "eu-frankfurt-1"}},
    "istio": {},
    "connectivity": "vpn",
    "api_access": {"office": "203.0.113.0/24"},
}
plan = checked_plan("shop", ARGS)
whole = pulumi.ComponentResource("benchmark:index:Whole", "whole")
makers = make_networks(whole, plan, ARGS)
make_clusters(plan, makers)
make_roads(whole, plan, private_networks(plan, makers))
"""
_PARALLEL = "128"
"""The engine's own default, four for each core, would be what is measured on a small machine."""


class Stack:
    """The program in a lab of its own."""

    def __init__(self, folder: Path, scale: float) -> None:
        self.home = LabHome(folder / "lab")
        self.home.create()
        store.write_settings(self.home, Settings(clusters="none", duration_scale=scale))
        self._folder = folder / "program"
        self._folder.mkdir()
        (self._folder / "Pulumi.yaml").write_text("name: benchmark\nruntime: python\n")
        (self._folder / "__main__.py").write_text(PROGRAM)

    def pulumi(self, *words: str) -> str:
        command = [sys.executable, "-m", "multimesh_lab.cli", "exec", "--", "pulumi", *words, "--stack", "benchmark"]
        answer = subprocess.run(
            command,
            cwd=self._folder,
            env={**os.environ, ENVIRONMENT_VARIABLE: str(self.home.root)},
            capture_output=True,
            text=True,
            check=False,
        )
        if answer.returncode:
            raise RuntimeError(f"pulumi {words[0]} ended with {answer.returncode}: {answer.stdout}{answer.stderr}")
        return answer.stdout

    def up(self) -> float:
        """Bring it up; returns the seconds."""
        started = time.monotonic()
        self.pulumi("up", "--yes", "--skip-preview", "--parallel", _PARALLEL)
        return time.monotonic() - started

    def resources(self) -> Sequence[Mapping[str, Any]]:
        return json.loads(self.pulumi("stack", "export"))["deployment"]["resources"]


def minutes_of(resources: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """By URN: how long the cloud takes to make it."""
    kinds = {**GCP, **AWS, **AZURE, **OCI}
    return {each["urn"]: kinds[each["type"]].create_minutes for each in resources if each["type"] in kinds}


def needed(resources: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """By URN: the resources whose outputs are among its inputs; no order makes it come before those."""
    return {
        each["urn"]: sorted({urn for urns in (each.get("propertyDependencies") or {}).values() for urn in urns or ()})
        for each in resources
    }


def ordered(resources: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """By URN: all that it waits for, also what the library puts before it."""
    return {each["urn"]: list(each.get("dependencies") or ()) for each in resources}


def _told(chain: Chain, minutes: Mapping[str, float]) -> list[str]:
    return [f"  {minutes[urn]:6.2f} min  {urn.split('::', 2)[2]}" for urn in chain.names if minutes.get(urn)]


def main() -> int:
    parser = argparse.ArgumentParser(description="the time of `up` against the clouds' own longest chain")
    parser.add_argument("--scale", type=float, default=0.1, help="of the clouds' real durations; 0.1 unless given")
    parser.add_argument("-o", "--output", choices=("text", "json"), default="text")
    wish = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="multimesh-benchmark-") as folder:
        stack = Stack(Path(folder), wish.scale)
        try:
            seconds, resources = stack.up(), stack.resources()
        finally:
            lifecycle.down(stack.home)
    minutes = minutes_of(resources)
    least, recorded = longest(minutes, needed(resources)), longest(minutes, ordered(resources))
    found = {
        "resources": len(resources),
        "scale": wish.scale,
        "unavoidable_minutes": round(least.minutes, 2),
        "ordered_minutes": round(recorded.minutes, 2),
        "measured_minutes": round(seconds / 60 / wish.scale, 2),
        "ratio": round(seconds / 60 / wish.scale / least.minutes, 3),
    }
    if wish.output == "json":
        sys.stdout.write(json.dumps({**found, "chain": list(least.names)}, indent=2) + "\n")
        return 0
    sys.stdout.write(
        "\n".join(
            [
                f"{found['resources']} resources, durations of the clouds times {wish.scale}",
                f"longest unavoidable chain   {found['unavoidable_minutes']:7.2f} min",
                *_told(least, minutes),
                f"with the library's order    {found['ordered_minutes']:7.2f} min",
                f"measured, at full scale     {found['measured_minutes']:7.2f} min",
                f"measured / unavoidable      {found['ratio']:7.3f}",
                "",
            ]
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
