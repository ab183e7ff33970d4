"""What all parts of an OKE cluster share: parent, name, compartment, tags, and the providers of their regions.

Owns: the providers, and the one way to make options. Does not own: any resource of the cloud.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_oci as oci

from pulumi_multimesh.config import OkeArgs

_CREDENTIALS = ("auth", "configFileProfile", "fingerprint", "privateKeyPath", "tenancyOcid", "userOcid")
_SECRETS = ("privateKey", "privateKeyPassword")
_PACKAGE = "oci:Core/vcn:Vcn"


@dataclass(frozen=True)
class OkeSite:
    """Where a cluster's parts are made."""

    parent: pulumi.Resource
    name: str
    compartment: str
    region: str
    tags: Mapping[str, str]
    provider: oci.Provider
    """Oracle Cloud in the cluster's region."""
    home: oci.Provider
    """Oracle Cloud in the tenancy's home region, which alone takes policies."""

    @classmethod
    def of(cls, parent: pulumi.ComponentResource, name: str, wish: OkeArgs, tags: Mapping[str, str]) -> "OkeSite":
        """The site of a component's parts.

        A resource of Oracle Cloud names no region, so each region is a provider of its own, with the credentials of the
        stack's `oci:` configuration or, where that has none, of the machine's OCI profile. A provider that the program
        gives to the component is taken as it is.
        """
        region = wish["region"]
        given = parent.get_provider(_PACKAGE)
        provider = given if isinstance(given, oci.Provider) else _provider(parent, name, region)
        home_region = wish.get("home_region", region)
        home = provider if home_region == region else _provider(parent, f"{name}-home", home_region)
        return cls(parent, name, wish["compartment_id"], region, dict(tags), provider, home)

    @property
    def place(self) -> str:
        """The compartment as a policy's statement names it."""
        return place_of(self.compartment)

    def part(self, what: str) -> str:
        """The logical name of a part."""
        return f"{self.name}-{what}"

    def child(
        self, depends_on: Sequence[pulumi.Resource] = (), *, at_home: bool = False, protect: bool = False
    ) -> pulumi.ResourceOptions:
        """Options for a part."""
        return pulumi.ResourceOptions(
            parent=self.parent,
            provider=self.home if at_home else self.provider,
            depends_on=list(depends_on),
            protect=protect or None,
        )

    def asking(self, depends_on: Sequence[pulumi.Resource] = ()) -> pulumi.InvokeOutputOptions:
        """Options for a question to the cloud."""
        return pulumi.InvokeOutputOptions(provider=self.provider, depends_on=list(depends_on))


def place_of(compartment: str) -> str:
    """A compartment as a policy's statement names it; the root one has a word of its own."""
    return "tenancy" if compartment.startswith("ocid1.tenancy.") else f"compartment id {compartment}"


def _provider(parent: pulumi.Resource, name: str, region: str) -> oci.Provider:
    config = pulumi.Config("oci")
    auth, profile, fingerprint, key_path, tenancy, user = (config.get(key) for key in _CREDENTIALS)
    key, password = (config.get_secret(key) for key in _SECRETS)
    return oci.Provider(
        name,
        region=region,
        auth=auth,
        config_file_profile=profile,
        fingerprint=fingerprint,
        private_key_path=key_path,
        private_key=key,
        private_key_password=password,
        tenancy_ocid=tenancy,
        user_ocid=user,
        opts=pulumi.ResourceOptions(parent=parent),
    )
