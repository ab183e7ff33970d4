"""The engine mocked: what a program registers, with outputs known (as in `up`) or unknown (as in a first preview)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import mocked_aks
import mocked_oke
from pulumi.runtime import mocks as pulumi_mocks

COMPUTED: dict[str, dict[str, Any]] = {
    "gcp:compute/address:Address": {"address": "198.18.3.1", "selfLink": "address"},
    "gcp:container/cluster:Cluster": {
        "endpoint": "198.18.0.11",
        "masterAuth": {"clusterCaCertificate": "Q0E="},
        "name": "gke-1234567",
    },
    "gcp:compute/haVpnGateway:HaVpnGateway": {
        "vpnInterfaces": [{"id": 0, "ipAddress": "198.18.3.10"}, {"id": 1, "ipAddress": "198.18.3.11"}]
    },
    "gcp:serviceaccount/account:Account": {"member": "serviceAccount:nodes", "email": "nodes@acme"},
    "kubernetes:core/v1:Service": {"status": {"loadBalancer": {"ingress": [{"ip": "198.18.201.1"}]}}},
    "aws:ec2/eip:Eip": {"publicIp": "198.18.3.2", "allocationId": "eipalloc-1"},
    "aws:ec2/launchTemplate:LaunchTemplate": {"latestVersion": 1},
    "aws:iam/role:Role": {"arn": "arn:aws:iam::1:role/r", "name": "role"},
    "aws:kms/key:Key": {"arn": "arn:aws:kms:1"},
    "aws:eks/cluster:Cluster": {
        "name": "eks-1234567",
        "arn": "arn:aws:eks:1",
        "endpoint": "https://198.18.0.12:6443",
        "certificateAuthority": {"data": "Q0E="},
        "identities": [{"oidcs": [{"issuer": "https://oidc.test"}]}],
    },
    "aws:ec2/customerGateway:CustomerGateway": {"arn": "arn:aws:ec2:1:customer-gateway"},
    "aws:ec2/vpnGateway:VpnGateway": {"arn": "arn:aws:ec2:1:vpn-gateway"},
    "aws:ec2/vpnConnection:VpnConnection": {
        "arn": "arn:aws:ec2:1:vpn-connection",
        "tunnel1Address": "198.18.3.11",
        "tunnel2Address": "198.18.3.12",
    },
    "aws:cloudwatch/logGroup:LogGroup": {"arn": "arn:aws:logs:1:log-group", "name": "log-group"},
    "aws:lambda/function:Function": {"name": "function"},
    "tls:index/privateKey:PrivateKey": {
        "privateKeyPem": "PRIVATE",
        "privateKeyPemPkcs8": "PKCS8",
        "publicKeyPem": "PUBLIC",
    },
    "tls:index/selfSignedCert:SelfSignedCert": {"certPem": "ROOT\n"},
    "tls:index/certRequest:CertRequest": {"certRequestPem": "REQUEST\n"},
    "tls:index/locallySignedCert:LocallySignedCert": {"certPem": "INTERMEDIATE\n"},
    "kubernetes:core/v1:Secret": {"data": {"token": "dG9rZW4=", "ca.crt": "Q0E=", "data": "cGVlcg=="}},
    **mocked_aks.COMPUTED,
    **mocked_oke.COMPUTED,
}

INVOKES: dict[str, Callable[[dict[Any, Any]], dict[str, Any]]] = {
    "gcp:organizations/getProject:getProject": lambda args: {"number": "123456789012", **args},
    "aws:index/getAvailabilityZones:getAvailabilityZones": lambda args: {
        "names": ["us-east-1a", "us-east-1b", "us-east-1c"],
        "id": "us-east-1",
    },
    # A stack without a former `up`.
    "pulumi:pulumi:readStackResourceOutputs": lambda args: {"name": args["stackName"], "outputs": {}},
    **mocked_aks.INVOKES,
    **mocked_oke.INVOKES,
}
"""Answers to what programs ask the clouds."""

IDS: dict[str, Callable[[str, str], str]] = {"azure-native": mocked_aks.identifier}
"""How a cloud makes ids, where a program reads them."""
NAMED = frozenset(mocked_aks.NAMED)
"""Types whose output `name` is not an input of theirs."""
RESHAPED: dict[str, dict[str, Any]] = {**mocked_aks.RESHAPED}
"""Inputs that come back in another shape, by type."""


@dataclass
class Registered:
    """A resource that the program registered."""

    token: str
    name: str
    inputs: dict[str, Any]
    provider: str


SIGNATURE = "4dabf18193072939515e22adb298388d"


def opened(value: Any) -> Any:
    """The value with every secret open, for a test to look at."""
    if isinstance(value, dict):
        return opened(value["value"]) if SIGNATURE in value else {key: opened(item) for key, item in value.items()}
    return [opened(item) for item in value] if isinstance(value, list) else value


@dataclass
class Engine(pulumi_mocks.Mocks):
    """Answers as the providers would; in a preview whatever they compute is left out and so unknown."""

    preview: bool = False
    resources: list[Registered] = field(default_factory=list[Registered])

    def new_resource(self, args: pulumi_mocks.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        self.resources.append(Registered(args.typ, args.name, opened(args.inputs), args.provider or ""))
        echoed = {**args.inputs, **RESHAPED.get(args.typ, {})}
        if self.preview:
            return "", echoed
        identify = IDS.get(args.typ.partition(":")[0], lambda typ, name: f"{name}-id")
        named = {"name": args.name} if args.typ in NAMED else {}
        return identify(args.typ, args.name), {**echoed, **named, **COMPUTED.get(args.typ, {})}

    def call(self, args: pulumi_mocks.MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        return INVOKES[args.token](args.args), []

    def of(self, token: str) -> list[Registered]:
        return [resource for resource in self.resources if resource.token == token]

    def names(self) -> set[tuple[str, str]]:
        return {(resource.token, resource.name) for resource in self.resources}


Run = Callable[..., Engine]
"""Runs a program; `preview=True` leaves every computed output unknown."""
