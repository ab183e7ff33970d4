"""Stand-ins for the clouds' login commands, which kubeconfigs name: they print a lab token as those print theirs.

Owns: `gke-gcloud-auth-plugin` and `aws eks get-token` in the lab. Does not own: tokens (cluster).
"""

import argparse
import json
import os
import sys

from multimesh_lab import cluster
from multimesh_lab.home import LabHome


def main() -> int:
    """The first argument says which command this stands for; the rest are that command's own."""
    command, *arguments = sys.argv[1:]
    name = _gke_cluster() if command == "gke-gcloud-auth-plugin" else _eks_cluster(arguments)
    if name is None:
        sys.stderr.write(f"{command} (lab stand-in): no cluster of this lab is meant\n")
        return 1
    credential = {
        "kind": "ExecCredential",
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "spec": {},
        "status": {"token": cluster.token(LabHome.from_environment(), name)},
    }
    sys.stdout.write(json.dumps(credential) + "\n")
    return 0


def _gke_cluster() -> str | None:
    """The plug-in is told the server by `provideClusterInfo`."""
    info = json.loads(os.environ.get("KUBERNETES_EXEC_INFO", "{}"))
    server = info.get("spec", {}).get("cluster", {}).get("server")
    known = cluster.all_clusters(LabHome.from_environment())
    return next((facts.name for facts in known if facts.endpoint == server), None)


def _eks_cluster(arguments: list[str]) -> str | None:
    parser = argparse.ArgumentParser(prog="aws (lab stand-in)")
    parser.add_argument("--region")
    parser.add_argument("--output", choices=["json"])
    parser.add_argument("service", choices=["eks"])
    parser.add_argument("action", choices=["get-token"])
    parser.add_argument("--cluster-name", required=True)
    wish = parser.parse_args(arguments)
    known = cluster.all_clusters(LabHome.from_environment())
    return next((facts.name for facts in known if facts.name == wish.cluster_name), None)


if __name__ == "__main__":
    sys.exit(main())
