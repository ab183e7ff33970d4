"""For every check: things that it must find, and things that it must leave alone.

Owns: the cases. What a case of a cloud says is compared with the cloud's SDK (tests/checks/test_check_cases.py).
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pulumi_multimesh.checks.item import UNREAD, Item
from pulumi_multimesh.plan.security import PLAIN_TEXT_UNTIL

ISTIO_SECURITY, ISTIO_NETWORKING = "security.istio.io/v1", "networking.istio.io/v1"
RBAC = "rbac.authorization.k8s.io/v1"
KEY = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIB0123456789abcdefABCDEF0123456789abcdef\n-----END EC PRIVATE KEY-----\n"
TOKEN = "eyJhbGciOiJSUzI1NiIsI.eyJpc3MiOiJrdWJlcm5l.c2lnbmF0dXJlLW9mLWl0"


def thing(kind: str, properties: dict[str, Any], name: str = "it") -> Item:
    """A resource of a stack."""
    return Item(kind, name, properties, urn=f"urn:pulumi:s::p::{kind}::{name}")


def thing_of_kubernetes(version: str, kind: str, namespace: str = "shop", name: str = "it", **more: Any) -> Item:
    """An object of a cluster; `metadata` is added to its name and namespace."""
    metadata = {"name": name, "namespace": namespace, **more.pop("metadata", {})}
    properties = {"apiVersion": version, "kind": kind, "metadata": metadata, **more}
    return Item(f"kubernetes:{version}:{kind}", f"{namespace}/{name}", properties, cluster="one")


def peer(mode: str, namespace: str = "shop", until: str | None = None, **spec: Any) -> Item:
    annotations = {} if until is None else {PLAIN_TEXT_UNTIL: until}
    return thing_of_kubernetes(
        ISTIO_SECURITY,
        "PeerAuthentication",
        namespace,
        metadata={"annotations": annotations},
        spec={"mtls": {"mode": mode}, **spec},
    )


def access(*rules: dict[str, Any], namespace: str = "shop", until: str | None = None, **spec: Any) -> Item:
    annotations = {} if until is None else {PLAIN_TEXT_UNTIL: until}
    said = {**spec, **({"rules": list(rules)} if rules else {})}
    metadata = {"annotations": annotations}
    return thing_of_kubernetes(ISTIO_SECURITY, "AuthorizationPolicy", namespace, metadata=metadata, spec=said)


def tokens(**rule: Any) -> Item:
    return thing_of_kubernetes(
        ISTIO_SECURITY, "RequestAuthentication", spec={"jwtRules": [{"issuer": "https://login.example.com", **rule}]}
    )


def gateway(**server: Any) -> Item:
    return thing_of_kubernetes(ISTIO_NETWORKING, "Gateway", spec={"servers": [server]})


def deployment(namespace: str = "shop", pod: dict[str, Any] | None = None, **container: Any) -> Item:
    spec = {"containers": [{"name": "app", "image": "app:1.0", **container}], **(pod or {}).get("spec", {})}
    template = {"metadata": (pod or {}).get("metadata", {}), "spec": spec}
    return thing_of_kubernetes("apps/v1", "Deployment", namespace, spec={"template": template})


def role(kind: str = "ClusterRole", name: str = "ours", labels: dict[str, str] | None = None, **rule: Any) -> Item:
    return thing_of_kubernetes(RBAC, kind, name=name, metadata={"labels": labels or {}}, rules=[rule])


def binding(to: str, *subjects: str, name: str = "ours") -> Item:
    named = [{"kind": "Group", "name": each} for each in subjects]
    return thing_of_kubernetes(
        RBAC, "ClusterRoleBinding", name=name, subjects=named, roleRef={"kind": "ClusterRole", "name": to}
    )


def release(chart: str = "gateway", namespace: str = "istio-system", **more: Any) -> Item:
    kind = "kubernetes:helm.sh/v3:Release"
    made = thing(kind, {"chart": chart, "namespace": namespace, "version": "1.30.3", **more}, chart)
    return Item(made.type, made.name, made.properties, "one", made.urn)


def service(kind: str, annotations: dict[str, str] | None = None, ports: tuple[int, ...] = (80,), **spec: Any) -> Item:
    listed = [{"port": port} for port in ports]
    return thing_of_kubernetes(
        "v1", "Service", metadata={"annotations": annotations or {}}, spec={"type": kind, "ports": listed, **spec}
    )


def namespace(*, in_mesh: bool) -> Item:
    labels = {"istio-injection": "enabled"} if in_mesh else {}
    return thing_of_kubernetes("v1", "Namespace", "", "shop", metadata={"labels": labels})


def ends_in(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


def day(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).date().isoformat()


def root(**more: Any) -> Item:
    return thing("tls:index/selfSignedCert:SelfSignedCert", {"isCaCertificate": True, **more})


def leaf(**more: Any) -> Item:
    return thing("tls:index/locallySignedCert:LocallySignedCert", {"isCaCertificate": False, **more})


GKE = "gcp:container/cluster:Cluster"
GKE_NODES = "gcp:container/nodePool:NodePool"
EKS = "aws:eks/cluster:Cluster"
EKS_ADDON = "aws:eks/addon:Addon"
AKS = "azure-native:containerservice:ManagedCluster"
OKE = "oci:ContainerEngine/cluster:Cluster"
FIREWALL = "gcp:compute/firewall:Firewall"
AWS_RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
AWS_OLD_RULE = "aws:ec2/securityGroupRule:SecurityGroupRule"
AWS_GROUP = "aws:ec2/securityGroup:SecurityGroup"
AZURE_RULE = "azure-native:network:SecurityRule"
AZURE_GROUP = "azure-native:network:NetworkSecurityGroup"
OCI_RULE = "oci:Core/networkSecurityGroupSecurityRule:NetworkSecurityGroupSecurityRule"
OCI_LIST = "oci:Core/securityList:SecurityList"
GCP_TUNNEL = "gcp:compute/vPNTunnel:VPNTunnel"
AWS_TUNNEL = "aws:ec2/vpnConnection:VpnConnection"
AZURE_TUNNEL = "azure-native:network:VirtualNetworkGatewayConnection"
OCI_TUNNEL = "oci:Core/ipsecConnectionTunnelManagement:IpsecConnectionTunnelManagement"
TLS_KEY = "tls:index/privateKey:PrivateKey"
GCP_KEY, AWS_KEY, AZURE_KEY = "gcp:kms/cryptoKey:CryptoKey", "aws:kms/key:Key", "azure-native:keyvault:Key"
ANY_ADDRESS, OFFICE = "0.0.0.0/0", "203.0.113.0/24"
AZURE_IN = {"access": "Allow", "direction": "Inbound", "protocol": "Tcp"}
_FROM = {"from": [{"source": {"principals": ["cluster.local/ns/web/sa/front"]}}]}
_ANONYMOUS = {"from": [{"source": {"notPrincipals": ["*"]}}]}
_BEARS = {"from": [{"source": {"requestPrincipals": ["https://login.example.com/*"]}}]}
_ISTIOD = release("istiod")
_LIVE_ISTIOD = thing_of_kubernetes(
    "apps/v1", "Deployment", "istio-system", "istiod", metadata={"labels": {"app": "istiod"}}
)


@dataclass(frozen=True)
class Cases:
    """Of one check; a list within is of items that are looked at together."""

    bad: tuple[list[Item], ...]
    good: tuple[list[Item], ...]


def each(*items: Item) -> tuple[list[Item], ...]:
    """Items that are looked at alone."""
    return tuple([item] for item in items)


CASES: dict[str, Cases] = {
    "istio-plain-text": Cases(
        each(peer("PERMISSIVE"), peer("DISABLE"), peer("STRICT", portLevelMtls={"8080": {"mode": "DISABLE"}})),
        each(peer("STRICT"), peer("PERMISSIVE", until=day(30)), peer("UNSET")),
    ),
    "istio-plain-text-over": Cases(
        each(peer("PERMISSIVE", until=day(-1))), each(peer("PERMISSIVE", until=day(0)), peer("STRICT", until=day(-1)))
    ),
    "istio-mesh-strict": Cases(
        (
            [_ISTIOD],
            [_LIVE_ISTIOD],
            [_ISTIOD, peer("PERMISSIVE", "istio-system")],
            [_ISTIOD, peer("STRICT", "shop")],
            [_ISTIOD, peer("STRICT", "istio-system", selector={"matchLabels": {"app": "one"}})],
        ),
        (
            [_ISTIOD, peer("STRICT", "istio-system")],
            [_LIVE_ISTIOD, peer("STRICT", "istio-system")],
            [release("istiod", values={"profile": "remote"})],
            [release("gateway")],
        ),
    ),
    "istio-destination-plain-text": Cases(
        each(
            thing_of_kubernetes(
                ISTIO_NETWORKING, "DestinationRule", spec={"trafficPolicy": {"tls": {"mode": "DISABLE"}}}
            ),
            thing_of_kubernetes(
                ISTIO_NETWORKING,
                "DestinationRule",
                spec={"subsets": [{"name": "v1", "trafficPolicy": {"tls": {"mode": "DISABLE"}}}]},
            ),
            thing_of_kubernetes(
                ISTIO_NETWORKING,
                "DestinationRule",
                spec={
                    "trafficPolicy": {"portLevelSettings": [{"tls": {"mode": "SIMPLE", "insecureSkipVerify": True}}]}
                },
            ),
        ),
        each(
            thing_of_kubernetes(
                ISTIO_NETWORKING, "DestinationRule", spec={"trafficPolicy": {"tls": {"mode": "ISTIO_MUTUAL"}}}
            ),
            thing_of_kubernetes(ISTIO_NETWORKING, "DestinationRule", spec={"host": "shop"}),
        ),
    ),
    "istio-allow-anybody": Cases(
        each(
            access({}),
            access({"to": [{"operation": {"methods": ["GET"]}}]}),
            access(_FROM, {}, action="ALLOW"),
            access(_ANONYMOUS),
        ),
        each(
            access(_FROM),
            access(_ANONYMOUS, until=day(30)),
            access(),
            access({}, action="DENY"),
            access({}, namespace="istio-system", selector={"matchLabels": {"istio": "eastwestgateway"}}),
        ),
    ),
    "istio-default-allow": Cases(
        ([_ISTIOD], [_LIVE_ISTIOD, access(_FROM, namespace="istio-system")], [_ISTIOD, access(namespace="shop")]),
        ([_ISTIOD, access(namespace="istio-system")], [release("gateway")]),
    ),
    "istio-token-not-required": Cases(
        ([tokens()], [tokens(), access(_FROM)]),
        (
            [tokens(), access(_BEARS)],
            [tokens(), access({"when": [{"key": "request.auth.claims[groups]", "values": ["a"]}]})],
            [tokens(), access({"from": [{"source": {"notRequestPrincipals": ["*"]}}]}, action="DENY")],
        ),
    ),
    "istio-token-keys-by-http": Cases(
        each(tokens(jwksUri="http://login.example.com/keys")), each(tokens(jwksUri="https://x/keys"), tokens(jwks="{}"))
    ),
    "istio-token-any-audience": Cases(each(tokens()), each(tokens(audiences=["shop"]))),
    "istio-any-host-outside": Cases(
        each(thing_of_kubernetes(ISTIO_NETWORKING, "ServiceEntry", spec={"hosts": ["*"]})),
        each(thing_of_kubernetes(ISTIO_NETWORKING, "ServiceEntry", spec={"hosts": ["*.example.com"]})),
    ),
    "istio-gateway-plain-http": Cases(
        each(gateway(port={"number": 80, "protocol": "HTTP"}, hosts=["a.example.com"])),
        each(
            gateway(port={"number": 80, "protocol": "HTTP"}, tls={"httpsRedirect": True}),
            gateway(port={"number": 443, "protocol": "HTTPS"}, tls={"mode": "SIMPLE"}),
        ),
    ),
    "istio-gateway-old-tls": Cases(
        each(gateway(tls={"minProtocolVersion": "TLSV1_1"})), each(gateway(tls={"minProtocolVersion": "TLSV1_3"}))
    ),
    "istio-gateway-any-host": Cases(
        each(gateway(hosts=["*"])),
        each(
            gateway(hosts=["web/shop.example.com"]), gateway(hosts=["*.local", "*"], tls={"mode": "AUTO_PASSTHROUGH"})
        ),
    ),
    "istio-without-sidecar": Cases(
        each(
            deployment(pod={"metadata": {"labels": {"sidecar.istio.io/inject": "false"}}}),
            deployment(pod={"metadata": {"annotations": {"sidecar.istio.io/inject": "false"}}}),
        ),
        each(deployment(), deployment("kube-system", {"metadata": {"labels": {"sidecar.istio.io/inject": "false"}}})),
    ),
    "istio-past-the-sidecar": Cases(
        each(deployment(pod={"metadata": {"annotations": {"traffic.sidecar.istio.io/excludeInboundPorts": "9000"}}})),
        each(deployment(pod={"metadata": {"annotations": {"prometheus.io/port": "9000"}}})),
    ),
    "service-open-load-balancer": Cases(
        each(service("LoadBalancer"), service("LoadBalancer", loadBalancerSourceRanges=[ANY_ADDRESS])),
        each(
            service("ClusterIP"),
            service("LoadBalancer", loadBalancerSourceRanges=[OFFICE]),
            service("LoadBalancer", {"networking.gke.io/load-balancer-type": "Internal"}),
        ),
    ),
    "mesh-open-gateway": Cases(
        each(
            release(values={"name": "istio-eastwestgateway", "service": {}}),
            release(values={"name": "istio-eastwestgateway", "service": {"loadBalancerSourceRanges": [ANY_ADDRESS]}}),
            service("LoadBalancer", ports=(15021, 15443)),
        ),
        each(
            release(values={"name": "istio-eastwestgateway", "service": {"loadBalancerSourceRanges": [OFFICE]}}),
            release(values={"name": "istio-eastwestgateway", "service": {"loadBalancerSourceRanges": UNREAD}}),
            release(values={"name": "istio-eastwestgateway", "service": {"type": "ClusterIP"}}),
            release(values={"name": "istio-ingressgateway", "service": {}}),
            service("LoadBalancer", ports=(15443,), loadBalancerSourceRanges=[OFFICE]),
        ),
    ),
    "service-node-port": Cases(each(service("NodePort")), each(service("ClusterIP"), service("LoadBalancer"))),
    "namespace-without-network-policy": Cases(
        ([namespace(in_mesh=True)],),
        (
            [namespace(in_mesh=False)],
            [namespace(in_mesh=True), thing_of_kubernetes("networking.k8s.io/v1", "NetworkPolicy")],
        ),
    ),
    "pod-on-its-node": Cases(
        each(
            deployment(securityContext={"privileged": True}),
            deployment(pod={"spec": {"hostNetwork": True}}),
            deployment(pod={"spec": {"volumes": [{"name": "all", "hostPath": {"path": "/"}}]}}),
        ),
        each(
            deployment(securityContext={"privileged": False}),
            deployment("kube-system", securityContext={"privileged": True}),
            deployment(pod={"spec": {"volumes": [{"name": "some", "emptyDir": {}}]}}),
        ),
    ),
    "pod-image-floating": Cases(
        each(
            deployment(image="app"), deployment(image="registry.example.com:5000/app"), deployment(image="app:latest")
        ),
        each(deployment(image="app:1.2"), deployment(image=f"app@sha256:{'0' * 64}"), deployment(image="auto")),
    ),
    "pod-secret-in-environment": Cases(
        each(deployment(env=[{"name": "TOKEN", "value": TOKEN}]), deployment(env=[{"name": "KEY", "value": KEY}])),
        each(deployment(env=[{"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "a", "key": "b"}}}])),
    ),
    "config-map-secret": Cases(
        each(thing_of_kubernetes("v1", "ConfigMap", data={"key.pem": KEY})),
        each(thing_of_kubernetes("v1", "ConfigMap", data={"root.pem": KEY.replace("EC PRIVATE KEY", "CERTIFICATE")})),
    ),
    "rbac-all-rights": Cases(
        each(role(verbs=["*"], resources=["*"], apiGroups=["*"]), role("Role", verbs=["*"], resources=["*"])),
        each(
            role(verbs=["get"], resources=["*"]),
            role(name="cluster-admin", verbs=["*"], resources=["*"]),
            role(labels={"kubernetes.io/bootstrapping": "rbac-defaults"}, verbs=["*"], resources=["*"]),
        ),
    ),
    "rbac-wildcard": Cases(
        each(role(verbs=["get"], resources=["*"]), role(verbs=["get"], resources=["pods"], apiGroups=["*"])),
        each(role(verbs=["get"], resources=["pods"], apiGroups=[""]), role(name="system:x", verbs=["*"])),
    ),
    "rbac-escalation": Cases(
        each(role(verbs=["impersonate"], resources=["users"]), role(verbs=["bind"], resources=["clusterroles"])),
        each(role(verbs=["create"], resources=["rolebindings"])),
    ),
    "rbac-reads-secrets": Cases(
        each(role(verbs=["list"], resources=["secrets"])),
        each(
            role("Role", verbs=["list"], resources=["secrets"]),
            role(verbs=["get"], resources=["secrets"], resourceNames=["one"]),
            role(verbs=["create"], resources=["secrets"]),
        ),
    ),
    "rbac-cluster-admin": Cases(
        each(binding("cluster-admin", "developers")),
        each(binding("view", "developers"), binding("cluster-admin", "system:masters", name="cluster-admin")),
    ),
    "rbac-everybody": Cases(
        each(binding("view", "system:authenticated"), binding("edit", "developers", "system:anonymous")),
        each(
            binding("view", "developers"), binding("system:discovery", "system:authenticated", name="system:discovery")
        ),
    ),
    "chart-unpinned": Cases(
        each(release(version=None), release(version=">=1.0"), release(version="1.30"), release(version="~1.30.3")),
        each(release(version="1.30.3"), release(version="v1.2.3-rc.1"), release("./charts/own", version=None)),
    ),
    "chart-by-http": Cases(
        each(release(repositoryOpts={"repo": "http://charts.example.com"})),
        each(
            release(repositoryOpts={"repo": "https://charts.example.com"}),
            release(repositoryOpts={"repo": "http://127.0.0.1:8879"}),
        ),
    ),
    "chart-secret-in-values": Cases(
        each(release(values={"identity": {"issuer": {"tls": {"keyPEM": KEY}}}})),
        each(release(values={"identity": {"issuer": {"scheme": "kubernetes.io/tls"}}})),
    ),
    "cluster-open-api": Cases(
        each(
            thing(GKE, {"name": "one"}),
            thing(GKE, {"masterAuthorizedNetworksConfig": {"cidrBlocks": [{"cidrBlock": ANY_ADDRESS}]}}),
            thing(EKS, {"vpcConfig": {"endpointPublicAccess": True}}),
            thing(EKS, {"vpcConfig": {"publicAccessCidrs": [ANY_ADDRESS]}}),
            thing(AKS, {"apiServerAccessProfile": {"enablePrivateCluster": False}}),
            thing(AKS, {"apiServerAccessProfile": {"authorizedIPRanges": [ANY_ADDRESS]}}),
            thing(OKE, {"endpointConfig": {"isPublicIpEnabled": True}}),
        ),
        each(
            thing(GKE, {"masterAuthorizedNetworksConfig": {"cidrBlocks": [{"cidrBlock": OFFICE}]}}),
            thing(GKE, {"privateClusterConfig": {"enablePrivateEndpoint": True}}),
            thing(GKE, {"masterAuthorizedNetworksConfig": UNREAD}),
            thing(EKS, {"vpcConfig": {"publicAccessCidrs": [OFFICE]}}),
            thing(EKS, {"vpcConfig": {"endpointPublicAccess": False}}),
            thing(EKS, {"vpcConfig": {"publicAccessCidrs": UNREAD}}),
            thing(AKS, {"apiServerAccessProfile": {"authorizedIPRanges": [OFFICE]}}),
            thing(AKS, {"apiServerAccessProfile": {"enablePrivateCluster": True}}),
            thing(OKE, {"endpointConfig": {"isPublicIpEnabled": True, "nsgIds": ["ocid1.nsg"]}}),
            thing(OKE, {"endpointConfig": {"isPublicIpEnabled": False}}),
        ),
    ),
    "cluster-local-logins": Cases(
        each(
            thing(GKE, {"masterAuth": {"clientCertificateConfig": {"issueClientCertificate": True}}}),
            thing(GKE, {"enableLegacyAbac": True}),
            thing(EKS, {"name": "one"}),
            thing(EKS, {"accessConfig": {"authenticationMode": "CONFIG_MAP"}}),
            thing(AKS, {"disableLocalAccounts": False}),
        ),
        each(
            thing(GKE, {"name": "one"}),
            thing(EKS, {"accessConfig": {"authenticationMode": "API"}}),
            thing(AKS, {"disableLocalAccounts": True}),
        ),
    ),
    "cluster-secrets-key": Cases(
        each(
            thing(GKE, {"databaseEncryption": {"state": "DECRYPTED"}}),
            thing(EKS, {"name": "one"}),
            thing(AKS, {"securityProfile": {"azureKeyVaultKms": {"enabled": False}}}),
            thing(OKE, {"name": "one"}),
        ),
        each(
            thing(GKE, {"databaseEncryption": {"state": "ENCRYPTED", "keyName": "k"}}),
            thing(EKS, {"encryptionConfig": {"provider": {"keyArn": "arn"}, "resources": ["secrets"]}}),
            thing(AKS, {"securityProfile": {"azureKeyVaultKms": {"enabled": True}}}),
            thing(OKE, {"kmsKeyId": UNREAD}),
        ),
    ),
    "cluster-audit-log": Cases(
        each(thing(EKS, {"enabledClusterLogTypes": ["api"]}), thing(EKS, {"name": "one"})),
        each(thing(EKS, {"enabledClusterLogTypes": ["api", "audit"]})),
    ),
    "cluster-public-nodes": Cases(
        each(thing(GKE, {"name": "one"}), thing(GKE_NODES, {"networkConfig": {"enablePrivateNodes": False}})),
        each(thing(GKE, {"privateClusterConfig": {"enablePrivateNodes": True}}), thing(GKE_NODES, {"name": "one"})),
    ),
    "cluster-node-rights": Cases(
        each(
            thing(GKE_NODES, {"nodeConfig": {"machineType": "e2-standard-4"}}),
            thing(
                GKE_NODES,
                {"nodeConfig": {"serviceAccount": "a", "workloadMetadataConfig": {"mode": "GCE_METADATA"}}},
            ),
            thing("aws:ec2/launchTemplate:LaunchTemplate", {"metadataOptions": {"httpTokens": "optional"}}),
            thing("oci:ContainerEngine/nodePool:NodePool", {"nodeMetadata": {}}),
        ),
        each(
            thing(GKE_NODES, {"nodeConfig": {"serviceAccount": UNREAD}}),
            thing("aws:ec2/launchTemplate:LaunchTemplate", {"metadataOptions": {"httpTokens": "required"}}),
            thing(
                "oci:ContainerEngine/nodePool:NodePool", {"nodeMetadata": {"areLegacyImdsEndpointsDisabled": "true"}}
            ),
        ),
    ),
    "cluster-workload-identity": Cases(
        each(thing(GKE, {"name": "one"}), thing(AKS, {"securityProfile": {}})),
        each(
            thing(GKE, {"workloadIdentityConfig": {"workloadPool": "p.svc.id.goog"}}),
            thing(GKE, {"enableAutopilot": True}),
            thing(AKS, {"securityProfile": {"workloadIdentity": {"enabled": True}}}),
        ),
    ),
    "cluster-network-policies": Cases(
        each(
            thing(GKE, {"name": "one"}),
            thing(EKS_ADDON, {"addonName": "vpc-cni"}),
            thing(AKS, {"networkProfile": {"networkPolicy": "none"}}),
        ),
        each(
            thing(GKE, {"datapathProvider": "ADVANCED_DATAPATH"}),
            thing(GKE, {"networkPolicy": {"enabled": True}}),
            thing(EKS_ADDON, {"addonName": "vpc-cni", "configurationValues": '{"enableNetworkPolicy": "true"}'}),
            thing(EKS_ADDON, {"addonName": "coredns"}),
            thing(AKS, {"networkProfile": {"networkPolicy": "cilium"}}),
        ),
    ),
    "firewall-open": Cases(
        each(
            thing(FIREWALL, {"sourceRanges": [ANY_ADDRESS], "allows": [{"protocol": "tcp", "ports": ["22"]}]}),
            thing(FIREWALL, {"allows": [{"protocol": "all"}]}),
            thing(AWS_RULE, {"cidrIpv4": ANY_ADDRESS, "ipProtocol": "-1"}),
            thing(AWS_RULE, {"cidrIpv6": "::/0", "ipProtocol": "tcp", "fromPort": 22.0, "toPort": 22.0}),
            thing(
                AWS_OLD_RULE,
                {"type": "ingress", "cidrBlocks": [ANY_ADDRESS], "protocol": "tcp", "fromPort": 1, "toPort": 443},
            ),
            thing(
                AWS_GROUP, {"ingress": [{"cidrBlocks": [ANY_ADDRESS], "protocol": "udp", "fromPort": 53, "toPort": 53}]}
            ),
            thing(AZURE_RULE, {**AZURE_IN, "sourceAddressPrefix": "*", "destinationPortRange": "22"}),
            thing(
                AZURE_GROUP,
                {
                    "securityRules": [
                        {**AZURE_IN, "sourceAddressPrefix": "Internet", "destinationPortRanges": ["443", "22"]}
                    ]
                },
            ),
            thing(OCI_RULE, {"direction": "INGRESS", "source": ANY_ADDRESS, "protocol": "all"}),
            thing(
                OCI_LIST,
                {
                    "ingressSecurityRules": [
                        {"source": ANY_ADDRESS, "protocol": "6", "tcpOptions": {"min": 6443, "max": 6443}}
                    ]
                },
            ),
        ),
        each(
            thing(FIREWALL, {"sourceRanges": [OFFICE], "allows": [{"protocol": "tcp", "ports": ["22"]}]}),
            thing(FIREWALL, {"sourceRanges": [ANY_ADDRESS], "allows": [{"protocol": "tcp", "ports": ["443"]}]}),
            thing(FIREWALL, {"sourceTags": ["ours"], "allows": [{"protocol": "tcp"}]}),
            thing(FIREWALL, {"direction": "EGRESS", "allows": [{"protocol": "all"}]}),
            thing(AWS_RULE, {"cidrIpv4": OFFICE, "ipProtocol": "-1"}),
            thing(AWS_RULE, {"cidrIpv4": ANY_ADDRESS, "ipProtocol": "icmp", "fromPort": 3, "toPort": 4}),
            thing(AWS_OLD_RULE, {"type": "egress", "cidrBlocks": [ANY_ADDRESS], "protocol": "-1"}),
            thing(AWS_GROUP, {"ingress": [{"cidrBlocks": [OFFICE], "protocol": "-1", "fromPort": 0, "toPort": 0}]}),
            thing(AZURE_RULE, {**AZURE_IN, "access": "Deny", "sourceAddressPrefix": "*", "destinationPortRange": "*"}),
            thing(AZURE_GROUP, {"securityRules": []}),
            thing(
                OCI_RULE,
                {
                    "direction": "INGRESS",
                    "source": ANY_ADDRESS,
                    "protocol": "6",
                    "tcpOptions": {"destinationPortRange": {"min": 443, "max": 443}},
                },
            ),
            thing(OCI_RULE, {"direction": "EGRESS", "destination": ANY_ADDRESS, "protocol": "all"}),
            thing(OCI_LIST, {"ingressSecurityRules": [{"source": OFFICE, "protocol": "all"}]}),
        ),
    ),
    "tunnel-old-ike": Cases(
        each(
            thing(GCP_TUNNEL, {"ikeVersion": 1}),
            thing(AWS_TUNNEL, {"tunnel1IkeVersions": ["ikev1", "ikev2"], "tunnel2IkeVersions": ["ikev2"]}),
            thing(AWS_TUNNEL, {"type": "ipsec.1"}),
            thing(AZURE_TUNNEL, {"connectionProtocol": "IKEv1"}),
            thing(OCI_TUNNEL, {"routing": "BGP"}),
        ),
        each(
            thing(GCP_TUNNEL, {"ikeVersion": 2}),
            thing(AWS_TUNNEL, {"tunnel1IkeVersions": ["ikev2"], "tunnel2IkeVersions": ["ikev2"]}),
            thing(AZURE_TUNNEL, {"connectionProtocol": "IKEv2"}),
            thing(OCI_TUNNEL, {"ikeVersion": "V2"}),
        ),
    ),
    "tunnel-weak-algorithms": Cases(
        each(
            thing(GCP_TUNNEL, {"cipherSuite": {"phase1": {"encryptions": ["3DES-CBC"]}}}),
            thing(AWS_TUNNEL, {"tunnel1Phase1IntegrityAlgorithms": ["SHA1"]}),
            thing(AWS_TUNNEL, {"tunnel2Phase2DhGroupNumbers": [2.0, 14.0]}),
            thing(AZURE_TUNNEL, {"ipsecPolicies": [{"ikeEncryption": "DES3", "dhGroup": "DHGroup14"}]}),
            thing(AZURE_TUNNEL, {"ipsecPolicies": [{"ikeEncryption": "AES256", "dhGroup": "DHGroup2"}]}),
            thing(OCI_TUNNEL, {"phaseOneDetails": {"customDhGroup": "GROUP5"}}),
            thing(OCI_TUNNEL, {"phaseTwoDetails": {"customAuthenticationAlgorithm": "HMAC_SHA1_128"}}),
        ),
        each(
            thing(GCP_TUNNEL, {"cipherSuite": {"phase1": {"encryptions": ["AES-CBC-256"], "dhs": ["Group-14"]}}}),
            thing(
                AWS_TUNNEL,
                {"tunnel1Phase1IntegrityAlgorithms": ["SHA2-256"], "tunnel1Phase1DhGroupNumbers": [14, 20]},
            ),
            thing(AZURE_TUNNEL, {"ipsecPolicies": [{"ikeEncryption": "AES256", "dhGroup": "DHGroup14"}]}),
            thing(
                OCI_TUNNEL,
                {"phaseOneDetails": {"customDhGroup": "GROUP14", "customAuthenticationAlgorithm": "SHA2_384"}},
            ),
        ),
    ),
    "key-weak": Cases(
        each(
            thing(TLS_KEY, {"algorithm": "RSA", "rsaBits": 1024.0}),
            thing(TLS_KEY, {"algorithm": "ECDSA"}),
            thing(TLS_KEY, {"algorithm": "ECDSA", "ecdsaCurve": "P224"}),
        ),
        each(
            thing(TLS_KEY, {"algorithm": "RSA"}),
            thing(TLS_KEY, {"algorithm": "RSA", "rsaBits": 2048}),
            thing(TLS_KEY, {"algorithm": "ECDSA", "ecdsaCurve": "P256"}),
            thing(TLS_KEY, {"algorithm": "ED25519"}),
        ),
    ),
    "authority-key-in-state": Cases(each(root()), each(root(isCaCertificate=False))),
    "certificate-ending": Cases(
        each(root(validityEndTime=ends_in(59)), leaf(validityEndTime=ends_in(-1))),
        each(root(validityEndTime=ends_in(62)), leaf(validityEndTime=UNREAD), leaf()),
    ),
    "certificate-too-long": Cases(
        each(root(validityPeriodHours=24 * 365 * 30), leaf(validityPeriodHours=24 * 800)),
        each(root(validityPeriodHours=24 * 365 * 10), leaf(validityPeriodHours=24 * 365)),
    ),
    "certificate-signs": Cases(
        each(leaf(allowedUses=["cert_signing", "server_auth"])),
        each(leaf(allowedUses=["server_auth"]), leaf(isCaCertificate=True, allowedUses=["cert_signing"])),
    ),
    "vault-key-rests": Cases(
        each(thing(GCP_KEY, {"keyRing": "r"}), thing(AWS_KEY, {"description": "d"})),
        each(
            thing(GCP_KEY, {"rotationPeriod": "7776000s"}),
            thing(GCP_KEY, {"purpose": "ASYMMETRIC_SIGN"}),
            thing(AWS_KEY, {"enableKeyRotation": True}),
            thing(AWS_KEY, {"keyUsage": "SIGN_VERIFY"}),
        ),
    ),
    "vault-key-leaves": Cases(
        each(
            thing(AZURE_KEY, {"properties": {"attributes": {"exportable": True}}}),
            thing(AWS_KEY, {"multiRegion": True}),
            thing(GCP_KEY, {"importOnly": True}),
        ),
        each(
            thing(AZURE_KEY, {"properties": {"attributes": {"enabled": True}}}),
            thing(AWS_KEY, {"enableKeyRotation": True}),
            thing(GCP_KEY, {"importOnly": False}),
        ),
    ),
    "state-secret-readable": Cases(
        each(thing("any:index:Thing", {"a": {"b": [KEY]}}), thing("any:index:Thing", {"token": f"Bearer {TOKEN}"})),
        each(thing("any:index:Thing", {"a": UNREAD, "b": "a PRIVATE KEY is a secret"})),
    ),
}
