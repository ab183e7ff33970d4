"""Calls by a pod outside the mesh that shows a certificate, of the stack's own authorities or of others."""

import base64

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from leaf_certificates import key_pem, leaf
from live_mesh import GIVEN, outsider

from multimesh_lab.verification.kubectl import Cluster


def files_of(shown: list[x509.Certificate], key: ec.EllipticCurvePrivateKey) -> dict[str, str]:
    chain = "".join(each.public_bytes(Encoding.PEM).decode() for each in shown)
    return {"chain.pem": chain, "key.pem": key_pem(key)}


def call_as(member: Cluster, identity: str, authority: tuple[str, str] | None = None) -> str:
    """What HelloWorld answers to a pod outside the mesh that shows a certificate for that identity.

    By the authority of that key and chain, or by the stack's own intermediate of the cluster.
    """
    secret = member.get("secret", "cacerts", "istio-system")
    assert secret is not None
    own = {name: base64.b64decode(text).decode() for name, text in secret["data"].items()}
    signs, chain = authority or (own["ca-key.pem"], own["cert-chain.pem"])
    key = ec.generate_private_key(ec.SECP256R1())
    with outsider(member, files_of(leaf(signs, chain, identity, key), key)) as curl:
        # By TLS 1.3 the caller has finished before it is refused, and may be cut off before it reads why.
        shown = ("--tls-max", "1.2", "--cert", f"{GIVEN}/chain.pem", "--key", f"{GIVEN}/key.pem")
        # Whether the workload is who it says is not asked here: no name of it is in its certificate, but its identity.
        return curl("--insecure", *shown, "https://helloworld.web:5000/hello")


def intermediate_of(member: Cluster) -> x509.Certificate:
    secret = member.get("secret", "cacerts", "istio-system")
    assert secret is not None
    return x509.load_pem_x509_certificate(base64.b64decode(secret["data"]["ca-cert.pem"]))
