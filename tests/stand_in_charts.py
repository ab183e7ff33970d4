"""Stand-ins for the charts of Linkerd and Consul, which cannot be had here: Helm installs them as the real ones.

Owns: charts that record what they were given, and make what the library and other clusters find after the real ones:
the kinds, the accounts that are read with, the Services of gateways. Does not own: the kinds (mesh_kinds.py). Nothing
of a mesh runs: no proxy, no control plane.
"""

import functools
import http.server
import json
import subprocess
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import mesh_kinds
from api_server import free_port

from multimesh_lab import tools

VERSION = "0.0.1-stand-in"
"""Of all of them."""

RECORD = "stand-in"
"""What each release leaves behind: a ConfigMap `stand-in-CHART` with the values as JSON under `values`."""

_RECORD = """
apiVersion: v1
kind: ConfigMap
metadata: {name: stand-in-{{ .Chart.Name }}, namespace: {{ .Release.Namespace }}}
data:
  values: {{ .Values | toJson | quote }}
"""
_MULTICLUSTER = """
{{- if .Values.gateway.enabled }}
apiVersion: v1
kind: Service
metadata:
  name: linkerd-gateway
  namespace: {{ .Release.Namespace }}
  annotations: {{ .Values.gateway.serviceAnnotations | toJson }}
spec:
  type: LoadBalancer
  loadBalancerSourceRanges: {{ .Values.gateway.loadBalancerSourceRanges | toJson }}
  selector: {app: linkerd-gateway}
  ports:
    - {name: mc-gateway, port: 4143}
    - {name: mc-probe, port: 4191}
{{- end }}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: linkerd-service-mirror-remote-access-default, namespace: {{ .Release.Namespace }}}
"""
_CONSUL = """
{{- $federated := (.Values.global.federation).enabled }}
{{- if and .Values.global.peering.enabled (not .Values.meshGateway.enabled) }}
{{- fail "the stand-in of the chart consul: peering wants a mesh gateway" }}
{{- end }}
{{- if and $federated (not .Values.meshGateway.enabled) }}
{{- fail "the stand-in of the chart consul: federation wants a mesh gateway" }}
{{- end }}
{{- if and (or .Values.global.peering.enabled $federated) (not .Values.global.tls.enabled) }}
{{- fail "the stand-in of the chart consul: what is joined wants TLS" }}
{{- end }}
{{- if .Values.meshGateway.enabled }}
apiVersion: v1
kind: Service
metadata:
  name: consul-mesh-gateway
  namespace: {{ .Release.Namespace }}
  {{- if .Values.meshGateway.service.annotations }}
  annotations:
    {{- tpl .Values.meshGateway.service.annotations . | nindent 4 }}
  {{- end }}
spec:
  type: LoadBalancer
  selector: {component: mesh-gateway}
  ports:
    - {name: gateway, port: {{ .Values.meshGateway.service.port }}, targetPort: 8443}
  {{- if .Values.meshGateway.service.additionalSpec }}
  {{- tpl .Values.meshGateway.service.additionalSpec . | nindent 2 }}
  {{- end }}
{{- end }}
---
{{- if .Values.global.acls.createReplicationToken }}
apiVersion: v1
kind: Secret
metadata: {name: consul-acl-replication-acl-token, namespace: {{ .Release.Namespace }}}
stringData: {token: 5f3c3a3e-0000-4000-8000-000000000000}
{{- end }}
"""
"""As the real chart writes them: texts of YAML are put where they belong. It ends with `fail` where the real one does,
in templates/server-statefulset.yaml and templates/connect-inject-deployment.yaml."""


def _where(condition: str, kinds: dict[tuple[str, str, str], mesh_kinds.Schema]) -> str:
    """Kinds that a chart brings on a condition."""
    documents = "".join(f"\n---\n{json.dumps(kind)}" for kind in mesh_kinds.definitions(kinds))
    return f"\n{{{{- if {condition} }}}}{documents}\n{{{{- end }}}}"


_LINKERD_CRDS = _where(".Values.installGatewayAPI", mesh_kinds.GATEWAY_API)
_CONSUL_KINDS = _where(".Values.global.peering.enabled", mesh_kinds.CONSUL_PEERING) + _where(
    # What is not said is true, as in the real chart's values.
    'ne (toString .Values.global.installK8sNetworkingCRDs) "false"',
    mesh_kinds.GATEWAY_API,
)


def _charts() -> dict[str, tuple[list[dict[str, Any]], str]]:
    """By chart: the kinds that it brings, and further templates."""
    return {
        "linkerd-crds": (mesh_kinds.definitions(mesh_kinds.LINKERD), _LINKERD_CRDS),
        "linkerd-control-plane": ([], ""),
        "linkerd-multicluster": (mesh_kinds.definitions(mesh_kinds.LINKERD_MULTICLUSTER), _MULTICLUSTER),
        "linkerd-viz": ([], ""),
        "consul": (mesh_kinds.definitions(mesh_kinds.CONSUL), _CONSUL + _CONSUL_KINDS),
    }


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: a test's output is its own."""
        del format, args


@contextmanager
def served(folder: Path) -> Generator[str]:
    """A Helm repository of all charts, made in the folder; its URL on loopback."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    _package(folder, url)
    handler = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield url
        finally:
            server.shutdown()


def _package(folder: Path, url: str) -> None:
    for chart, (kinds, template) in _charts().items():
        source = folder / "sources" / chart
        (source / "templates").mkdir(parents=True)
        about = {"apiVersion": "v2", "name": chart, "version": VERSION, "description": "a stand-in that records"}
        (source / "Chart.yaml").write_text(json.dumps(about))
        (source / "values.yaml").write_text("{}\n")
        (source / "templates" / "record.yaml").write_text(_RECORD)
        (source / "templates" / "further.yaml").write_text(template)
        documents = "\n---\n".join(json.dumps(kind) for kind in kinds)
        (source / "templates" / "kinds.yaml").write_text(documents)
        subprocess.run(
            [tools.binary("helm"), "package", source, "--destination", folder], check=True, capture_output=True
        )
    subprocess.run([tools.binary("helm"), "repo", "index", folder, "--url", url], check=True, capture_output=True)
