"""The kubeconfig that OKE gives for a cluster: it names a command of the OCI CLI and holds no secret.

Owns: its form (token version 2.0.0). Does not own: the token that the command prints (credentials).
"""

import base64

from multimesh_lab.providers.kinds import RefusedError
from multimesh_lab.providers.oci import facts, names
from multimesh_lab.providers.oci.tokens import CLUSTER
from multimesh_lab.providers.store import Store

_ENDPOINTS = {
    "PUBLIC_ENDPOINT": "publicEndpoint",
    "PRIVATE_ENDPOINT": "privateEndpoint",
    "LEGACY_KUBERNETES": "kubernetes",
    "VCN_HOSTNAME": "vcnHostnameEndpoint",
}
_FORM = """---
apiVersion: v1
kind: ""
clusters:
- name: cluster-{short}
  cluster:
    server: https://{server}
    certificate-authority-data: {authority}
users:
- name: user-{short}
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1beta1
      command: oci
      args:
      - ce
      - cluster
      - generate-token
      - --cluster-id
      - {cluster}
      - --region
      - {region}
      env: []
contexts:
- name: context-{short}
  context:
    cluster: cluster-{short}
    user: user-{short}
current-context: context-{short}
"""


def content(store: Store, region: str, cluster_id: str, endpoint: str | None, token_version: str | None) -> str:
    """The file's text (Container Engine API, CreateKubeconfig)."""
    record, known = store.get(CLUSTER, cluster_id), facts.known(store, cluster_id)
    if record is None or known is None:
        raise names.not_found("clusterId", cluster_id, "the OCID of an existing cluster")
    # Version 1.0.0 held a token and is no longer given.
    if token_version not in (None, "2.0.0"):
        raise names.invalid(f"tokenVersion {token_version!r}: only '2.0.0' is given")
    chosen = endpoint or ("PUBLIC_ENDPOINT" if names.listed(record.outputs, "endpoints")[0]["publicEndpoint"] else None)
    chosen = chosen or ("PRIVATE_ENDPOINT" if record.outputs.get("endpointConfig") else "LEGACY_KUBERNETES")
    if chosen not in _ENDPOINTS:
        raise names.invalid(f"endpoint {chosen!r} must be one of {', '.join(_ENDPOINTS)}")
    server = names.listed(record.outputs, "endpoints")[0].get(_ENDPOINTS[chosen])
    if not server:
        raise RefusedError(f"400-InvalidParameter, endpoint: the cluster {cluster_id!r} has no {chosen}")
    return _FORM.format(
        short=cluster_id[-11:],
        server=server,
        authority=base64.b64encode(known.ca_pem.encode()).decode(),
        cluster=cluster_id,
        region=region,
    )
