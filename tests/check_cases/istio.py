"""Cases of Istio, and of what Linkerd and Consul have in its place: mTLS, who may call whom, edges and routes."""

from typing import Any

from check_cases.things import (
    ANY_ADDRESS,
    HALVES,
    ISTIO_NETWORKING,
    ISTIO_SECURITY,
    OFFICE,
    Cases,
    day,
    declared,
    deployment,
    each,
    namespace,
    peer,
    release,
    thing_of_kubernetes,
)
from pulumi_multimesh.checks.item import UNREAD, Item
from pulumi_multimesh.checks.mesh_defaults import DEFAULT_POLICY
from pulumi_multimesh.plan.security import PLAIN_TEXT_UNTIL

_FROM = {"from": [{"source": {"principals": ["cluster.local/ns/web/sa/front"]}}]}
_ANONYMOUS = {"from": [{"source": {"notPrincipals": ["*"]}}]}
_BEARS = {"from": [{"source": {"requestPrincipals": ["https://login.example.com/*"]}}]}
_ISTIOD = release("istiod")
LINKERD, CONSUL, GATEWAY_API = (
    "policy.linkerd.io/v1alpha1",
    "consul.hashicorp.com/v1alpha1",
    "gateway.networking.k8s.io/v1",
)


def istiod(namespace: str = "istio-system", **env: str) -> Item:
    """A control plane that runs."""
    spec = {"containers": [{"name": "discovery", "env": [{"name": key, "value": env[key]} for key in env]}]}
    labels = {"app": "istiod", "app.kubernetes.io/part-of": "istio"}
    return thing_of_kubernetes(
        "apps/v1", "Deployment", namespace, "istiod", metadata={"labels": labels}, spec={"template": {"spec": spec}}
    )


_LIVE_ISTIOD, _ELSEWHERE = istiod(), istiod("mesh", LOCAL_CLUSTER_SECRET_WATCHER="true")


def linkerd(policy: str | None) -> Item:
    """A release of Linkerd's control plane."""
    values = {"proxy": {} if policy is None else {"defaultInboundPolicy": policy}}
    return release("linkerd-control-plane", "linkerd", values=values)


def linkerd_config(policy: str) -> Item:
    """Where a Linkerd that runs keeps its values."""
    said = f"proxy:\n  defaultInboundPolicy: {policy}\n"
    return thing_of_kubernetes("v1", "ConfigMap", "linkerd", "linkerd-config", data={"values": said})


def intentions(to: str, *sources: dict[str, str]) -> Item:
    return thing_of_kubernetes(
        CONSUL, "ServiceIntentions", spec={"destination": {"name": to}, "sources": list(sources)}
    )


def of_gateway_api(annotations: dict[str, str] | None = None, **listener: Any) -> Item:
    metadata = {"annotations": annotations or {}}
    return thing_of_kubernetes(GATEWAY_API, "Gateway", metadata=metadata, spec={"listeners": [listener]})


def route(*hosts: str, namespace: str = "shop", **spec: Any) -> Item:
    said = {"hosts": list(hosts), **spec}
    return thing_of_kubernetes(ISTIO_NETWORKING, "VirtualService", namespace, spec=said)


def destination(host: str, **spec: Any) -> Item:
    return thing_of_kubernetes(ISTIO_NETWORKING, "DestinationRule", spec={"host": host, **spec})


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


CASES: dict[str, Cases] = {
    "istio-plain-text": Cases(
        each(
            peer("PERMISSIVE"),
            peer("DISABLE"),
            peer("STRICT", portLevelMtls={"8080": {"mode": "DISABLE"}}),
            namespace(in_mesh=False, annotations={DEFAULT_POLICY: "all-unauthenticated"}),
            deployment(pod={"metadata": {"annotations": {DEFAULT_POLICY: "cluster-unauthenticated"}}}),
            thing_of_kubernetes(CONSUL, "ServiceDefaults", spec={"mutualTLSMode": "permissive"}),
        ),
        each(
            peer("STRICT"),
            peer("PERMISSIVE", until=day(30)),
            peer("UNSET"),
            namespace(in_mesh=False, annotations={DEFAULT_POLICY: "all-authenticated"}),
            namespace(in_mesh=False, annotations={DEFAULT_POLICY: "all-unauthenticated", PLAIN_TEXT_UNTIL: day(30)}),
            thing_of_kubernetes(CONSUL, "ServiceDefaults", spec={"protocol": "http"}),
        ),
    ),
    "istio-plain-text-over": Cases(
        each(
            peer("PERMISSIVE", until=day(-1)),
            namespace(in_mesh=False, annotations={DEFAULT_POLICY: "all-unauthenticated", PLAIN_TEXT_UNTIL: day(-1)}),
        ),
        each(peer("PERMISSIVE", until=day(0)), peer("STRICT", until=day(-1))),
    ),
    "istio-mesh-strict": Cases(
        (
            [_ISTIOD],
            [_LIVE_ISTIOD],
            [_ISTIOD, peer("PERMISSIVE", "istio-system")],
            [_ISTIOD, peer("STRICT", "shop")],
            [_ISTIOD, peer("STRICT", "istio-system", selector={"matchLabels": {"app": "one"}})],
            [istiod("mesh")],
            [linkerd(None)],
            [linkerd("all-unauthenticated")],
            [linkerd_config("cluster-unauthenticated")],
        ),
        (
            [_ISTIOD, peer("STRICT", "istio-system")],
            [_LIVE_ISTIOD, peer("STRICT", "istio-system")],
            [release("istiod", values={"profile": "remote"})],
            [istiod("mesh"), peer("STRICT", "mesh")],
            [_ELSEWHERE],
            [linkerd("all-authenticated")],
            [release("linkerd-control-plane", "linkerd", values=UNREAD)],
            [linkerd_config("deny")],
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
            access(_ANONYMOUS, until="soon"),
            access(_ANONYMOUS, until=day(-1)),
            access({"from": [{"source": {"ipBlocks": [ANY_ADDRESS]}}]}),
            access({"from": [{"source": {"remoteIpBlocks": HALVES}}]}),
            thing_of_kubernetes(LINKERD, "AuthorizationPolicy", spec={"requiredAuthenticationRefs": []}),
            thing_of_kubernetes(LINKERD, "ServerAuthorization", spec={"client": {"unauthenticated": True}}),
        ),
        each(
            access(_FROM),
            access(_ANONYMOUS, until=day(30)),
            access({"from": [{"source": {"ipBlocks": [OFFICE]}}]}),
            access({"from": [{"source": {"ipBlocks": [ANY_ADDRESS], "namespaces": ["web"]}}]}),
            thing_of_kubernetes(
                LINKERD,
                "AuthorizationPolicy",
                spec={"requiredAuthenticationRefs": [{"kind": "MeshTLSAuthentication", "name": "web"}]},
            ),
            access(),
            access({}, action="DENY"),
            access({}, namespace="istio-system", selector={"matchLabels": {"istio": "eastwestgateway"}}),
        ),
    ),
    "istio-default-allow": Cases(
        (
            [_ISTIOD],
            [_LIVE_ISTIOD, access(_FROM, namespace="istio-system")],
            [_ISTIOD, access(namespace="shop")],
            [istiod("mesh")],
            [linkerd("all-authenticated")],
            [intentions("*", {"name": "*", "action": "allow"})],
            [release("consul", "consul", values={"global": {"acls": {"manageSystemACLs": False}}})],
        ),
        (
            [_ISTIOD, access(namespace="istio-system")],
            [istiod("mesh"), access(namespace="mesh")],
            [release("gateway")],
            [linkerd("deny")],
            [intentions("api", {"name": "*", "action": "allow"})],
            [intentions("*", {"name": "*", "action": "deny"})],
            [release("consul", "consul", values={"global": {"acls": {"manageSystemACLs": True}}})],
        ),
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
        each(
            gateway(port={"number": 80, "protocol": "HTTP"}, hosts=["a.example.com"]),
            gateway(port={"number": 80, "protocol": "GRPC-WEB"}, hosts=["a.example.com"]),
            gateway(port={"number": 5432, "protocol": "TCP"}, hosts=["*"]),
            of_gateway_api(protocol="HTTP", port=80),
            of_gateway_api(protocol="TCP", port=5432),
        ),
        each(
            gateway(port={"number": 80, "protocol": "HTTP"}, tls={"httpsRedirect": True}),
            gateway(port={"number": 443, "protocol": "HTTPS"}, tls={"mode": "SIMPLE"}),
            gateway(port={"number": 15443, "protocol": "TLS"}, tls={"mode": "AUTO_PASSTHROUGH"}),
            of_gateway_api(protocol="HTTPS", port=443, tls={"mode": "Terminate"}),
            of_gateway_api(protocol="HBONE", port=15008),
            of_gateway_api({"networking.istio.io/service-type": "ClusterIP"}, protocol="HTTP", port=80),
        ),
    ),
    "istio-gateway-old-tls": Cases(
        each(gateway(tls={"minProtocolVersion": "TLSV1_1"})), each(gateway(tls={"minProtocolVersion": "TLSV1_3"}))
    ),
    "istio-gateway-any-host": Cases(
        each(gateway(hosts=["*"]), of_gateway_api(protocol="HTTPS", allowedRoutes={"namespaces": {"from": "All"}})),
        each(
            of_gateway_api(protocol="HTTPS"),
            of_gateway_api(hostname="a.example.com", allowedRoutes={"namespaces": {"from": "All"}}),
            gateway(hosts=["web/shop.example.com"]),
            gateway(hosts=["*.local", "*"], tls={"mode": "AUTO_PASSTHROUGH"}),
        ),
    ),
    "istio-without-sidecar": Cases(
        each(
            deployment(pod={"metadata": {"labels": {"sidecar.istio.io/inject": "false"}}}),
            deployment(pod={"metadata": {"annotations": {"sidecar.istio.io/inject": "false"}}}),
            deployment(pod={"metadata": {"annotations": {"linkerd.io/inject": "disabled"}}}),
            deployment(pod={"metadata": {"annotations": {"consul.hashicorp.com/connect-inject": "false"}}}),
            declared(deployment("kube-system", {"metadata": {"labels": {"sidecar.istio.io/inject": "false"}}})),
        ),
        each(deployment(), deployment("kube-system", {"metadata": {"labels": {"sidecar.istio.io/inject": "false"}}})),
    ),
    "istio-past-the-sidecar": Cases(
        each(
            deployment(pod={"metadata": {"annotations": {"traffic.sidecar.istio.io/excludeInboundPorts": "9000"}}}),
            deployment(pod={"metadata": {"annotations": {"config.linkerd.io/skip-inbound-ports": "9000"}}}),
        ),
        each(deployment(pod={"metadata": {"annotations": {"prometheus.io/port": "9000"}}})),
    ),
    "istio-route-elsewhere": Cases(
        each(
            route("api.payments.svc.cluster.local"),
            route("api", "api.payments.svc.cluster.local"),
            route("*.payments.svc.cluster.local"),
            route("*"),
            route("api.payments.svc.cluster.local", gateways=["ingress", "mesh"]),
            route("api.payments.svc.cluster.local", exportTo=["*"]),
            route("api.payments.svc.cluster.local", exportTo=[".", "web"]),
            destination("api.payments.svc.cluster.local"),
        ),
        each(
            route("api"),
            route("api.shop.svc.cluster.local"),
            route("api.example.com"),
            route("api.payments.svc.cluster.local", exportTo=["."]),
            route("*", gateways=["ingress"]),
            route("*", namespace="istio-system"),
            destination("api"),
            destination("api.payments.svc.cluster.local", exportTo=["."]),
        ),
    ),
}
