"""The key for Kubernetes secrets of a GKE cluster.

Owns: key ring, key and GKE's right to use it, unless a key is brought. Does not own: the cluster.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp

PROVIDER = "provider"
"""What `encryption_key` says for Google's own key."""
_ROTATION = f"{90 * 24 * 3600}s"
"""Every 90 days, as Google recommends for symmetric keys (Cloud KMS, "Key rotation")."""


@dataclass(frozen=True)
class Encryption:
    """How the cluster encrypts Kubernetes secrets, and what must be there before it can."""

    settings: gcp.container.ClusterDatabaseEncryptionArgsDict
    before: Sequence[pulumi.Resource]


def encryption(
    parent: pulumi.Resource,
    name: str,
    project: str,
    region: str,
    wish: pulumi.Input[str] | None,
    labels: Mapping[str, str],
) -> Encryption:
    """A key made here, a brought one, which GKE's service agent must be allowed to use already, or Google's own."""
    if wish == PROVIDER:
        return Encryption({"state": "DECRYPTED"}, ())
    if wish is not None:
        return Encryption({"state": "ENCRYPTED", "key_name": wish}, ())
    child = pulumi.ResourceOptions(parent=parent)
    # A regional cluster takes a key of its own region only.
    ring = gcp.kms.KeyRing(name, project=project, location=region, opts=child)
    key = gcp.kms.CryptoKey(
        name, key_ring=ring.id, purpose="ENCRYPT_DECRYPT", rotation_period=_ROTATION, labels=dict(labels), opts=child
    )
    right = gcp.kms.CryptoKeyIAMMember(
        name,
        crypto_key_id=key.id,
        role="roles/cloudkms.cryptoKeyEncrypterDecrypter",
        member=_service_agent(parent, project),
        opts=child,
    )
    return Encryption({"state": "ENCRYPTED", "key_name": key.id}, (right,))


def _service_agent(parent: pulumi.Resource, project: str) -> pulumi.Output[str]:
    """In whose name GKE encrypts (GKE, "Encrypt secrets at the application layer")."""
    found = gcp.organizations.get_project_output(project_id=project, opts=pulumi.InvokeOutputOptions(parent=parent))
    return found.number.apply(
        lambda number: f"serviceAccount:service-{number}@container-engine-robot.iam.gserviceaccount.com"
    )
