"""Roots and intermediates made by pulumi-tls, and intermediates whose keys are made so and that others sign.

Owns: keys, requests and certificates. Does not own: the tree itself (plan.trust). A private key is a secret from the
provider on; certificates are public.
"""

import pulumi
import pulumi_tls as tls

from pulumi_multimesh.pki.authority import CertificateRequest, ExternalAuthority, Intermediate, Root
from pulumi_multimesh.pki.certificates import end_of, sound, sound_root, tidy
from pulumi_multimesh.plan.mesh_plan import CertificatePlan, TrustPlan

_USES = ["cert_signing", "crl_signing"]
"""What RFC 5280 §4.2.1.3 asks of an authority that signs certificates and revocation lists and nothing else."""

# A root that is made anew under its own name parts the mesh at once; another one takes a name of its own, and steps.
_KEPT_KEY = pulumi.ResourceOptions(ignore_changes=["algorithm", "ecdsaCurve", "rsaBits"])
_KEPT_CERTIFICATE = pulumi.ResourceOptions(ignore_changes=["subject", "validityPeriodHours"])


class _Keys:
    """The keys and requests of clusters."""

    def __init__(self, name: str, plan: TrustPlan, parent: pulumi.Resource) -> None:
        self._name, self._plan, self._parent = name, plan, parent
        self._child = pulumi.ResourceOptions(parent=parent)

    def _key(self, name: str, plan: CertificatePlan, opts: pulumi.ResourceOptions | None = None) -> tls.PrivateKey:
        return tls.PrivateKey(
            name,
            algorithm=plan.algorithm,
            ecdsa_curve=plan.ecdsa_curve,
            rsa_bits=plan.rsa_bits,
            opts=pulumi.ResourceOptions.merge(self._child, opts),
        )

    def _named(self, cluster: str) -> str:
        """The first generation has the name that it had before there were others."""
        generation = self._plan.generations[cluster]
        return f"{self._name}-{cluster}" if generation == 1 else f"{self._name}-{cluster}-{generation}"

    def _request(self, name: str, key: tls.PrivateKey, plan: CertificatePlan) -> tls.CertRequest:
        return tls.CertRequest(
            name,
            private_key_pem=key.private_key_pem,
            subject={
                "common_name": plan.common_name,
                "organization": plan.organization,
                "locality": plan.locality,
            },
            dns_names=list(plan.dns_names),
            opts=self._child,
        )


class MadeHere(_Keys):
    """Roots of the mesh's own, each of whose keys signs intermediates only."""

    def __init__(self, name: str, plan: TrustPlan, parent: pulumi.Resource) -> None:
        super().__init__(name, plan, parent)
        self._root_keys: dict[str, tls.PrivateKey] = {}
        self._roots: dict[str, tls.SelfSignedCert] = {}

    def root(self, name: str) -> Root:
        plan = self._plan.roots[name]
        called = f"{self._name}-{plan.name}"
        self._root_keys[name] = self._key(called, plan, _KEPT_KEY)
        made = self._roots[name] = tls.SelfSignedCert(
            called,
            private_key_pem=self._root_keys[name].private_key_pem,
            subject={"common_name": plan.common_name, "organization": plan.organization},
            is_ca_certificate=True,
            allowed_uses=_USES,
            validity_period_hours=plan.validity_hours,
            max_path_length=plan.max_path_length,
            set_subject_key_id=True,
            set_authority_key_id=True,
            opts=pulumi.ResourceOptions.merge(self._child, _KEPT_CERTIFICATE),
        )
        return Root(made.cert_pem, made.validity_end_time)

    def intermediate(self, cluster: str, root: str) -> Intermediate:
        plan, name = self._plan.intermediates[cluster], self._named(cluster)
        key = self._key(name, plan)
        certificate = tls.LocallySignedCert(
            name,
            ca_private_key_pem=self._root_keys[root].private_key_pem,
            ca_cert_pem=self._roots[root].cert_pem,
            cert_request_pem=self._request(name, key, plan).cert_request_pem,
            is_ca_certificate=True,
            allowed_uses=_USES,
            validity_period_hours=plan.validity_hours,
            early_renewal_hours=self._plan.renewal_hours,
            # The tls provider writes 0 as "no limit"; what keeps an intermediate from authorities of its own is the
            # root's limit of 1.
            max_path_length=plan.max_path_length,
            set_subject_key_id=True,
            opts=self._child,
        )
        return Intermediate(
            certificate=certificate.cert_pem,
            between=pulumi.Output.from_input(""),
            key=pulumi.Output.secret(key.private_key_pem),
            ends=certificate.validity_end_time,
        )


class SignedOutside(_Keys):
    """Intermediates with keys of this stack, under roots whose keys are elsewhere."""

    def __init__(self, name: str, plan: TrustPlan, parent: pulumi.Resource, authority: ExternalAuthority) -> None:
        super().__init__(name, plan, parent)
        self._authority = authority
        self._certificates: dict[str, pulumi.Output[str]] = {}

    def root(self, name: str) -> Root:
        certificate = sound_root(name, self._authority.root(name))
        self._certificates[name] = certificate
        return Root(certificate, certificate.apply(end_of))

    def intermediate(self, cluster: str, root: str) -> Intermediate:
        plan, name = self._plan.intermediates[cluster], self._named(cluster)
        key = self._key(name, plan)
        request = CertificateRequest(
            name=name,
            cluster=cluster,
            pem=self._request(name, key, plan).cert_request_pem,
            root=root,
            validity_hours=plan.validity_hours,
            parent=self._parent,
        )
        signed = self._authority.sign(request)
        private = pulumi.Output.secret(key.private_key_pem)
        # What an authority outside answers is not known before, so it is looked at as soon as it is.
        answer = pulumi.Output.all(signed.certificate, signed.between).apply(lambda found: "".join(map(tidy, found)))
        certificate, between = sound(cluster, answer, private, self._certificates[root])
        return Intermediate(certificate, between, private, certificate.apply(end_of))
