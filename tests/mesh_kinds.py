"""The kinds of Linkerd and Consul as their charts publish them, written for tests: names, groups, versions and schemas.

Owns: CustomResourceDefinitions, each as small as its published schema allows. Does not own: what is done with them.
What such a schema does not know an API server drops with a warning, and refuses in a strict dry run alone, which is
what mesh_world.py makes of every resource. From linkerd2, charts/linkerd-crds/templates/policy and
multicluster/charts/linkerd-multicluster/templates/link-crd.yaml; consul-k8s, charts/consul/templates/crd-*.yaml.
"""

from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
TRUTH: Schema = {"type": "boolean"}
NUMBER: Schema = {"type": "integer"}
TABLE: Schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
PORT: Schema = {"x-kubernetes-int-or-string": True}
NAME = {**TEXT, "minLength": 1, "maxLength": 253}
GROUP = {**TEXT, "maxLength": 253}
IDENTITY = {**TEXT, "pattern": r"^(\*|[a-z0-9]([-a-z0-9]*[a-z0-9])?)(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$"}


def record(required: tuple[str, ...] = (), **fields: Schema) -> Schema:
    """An object with these fields and no others."""
    return {"type": "object", "properties": fields, **({"required": list(required)} if required else {})}


def many(item: Schema) -> Schema:
    """A list of such items."""
    return {"type": "array", "items": item}


def by_name(item: Schema) -> Schema:
    """A table of such items by any name."""
    return {"type": "object", "additionalProperties": item}


SELECTOR = record(
    matchLabels=TABLE,
    matchExpressions=many(record(("key", "operator"), key=TEXT, operator=TEXT, values=many(TEXT))),
)
_CONDITIONS = many(
    record(("status", "type"), type=TEXT, status=TEXT, reason=TEXT, message=TEXT, lastTransitionTime=TEXT)
)
_SECRET = record(name=TEXT, key=TEXT, backend=TEXT)
_STATUS = record(
    conditions=_CONDITIONS,
    lastSyncedTime=TEXT,
    latestPeeringVersion=NUMBER,
    secret=record(name=TEXT, key=TEXT, backend=TEXT, resourceVersion=TEXT),
)
_PERMISSION = record(
    action=TEXT,
    http=record(
        pathExact=TEXT,
        pathPrefix=TEXT,
        pathRegex=TEXT,
        methods=many(TEXT),
        header=many(record(name=TEXT, exact=TEXT, prefix=TEXT, suffix=TEXT, regex=TEXT, present=TRUTH, invert=TRUTH)),
    ),
)

_ROUTE_RULE = record(
    matches={
        **many(
            record(
                path=record(
                    type={**TEXT, "enum": ["Exact", "PathPrefix", "RegularExpression"], "default": "PathPrefix"},
                    value={**TEXT, "maxLength": 1024, "default": "/"},
                ),
                method={
                    **TEXT,
                    "enum": ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"],
                },
                headers=many(record(("name", "value"), name=TEXT, type=TEXT, value=TEXT)),
                queryParams=many(record(("name", "value"), name=TEXT, type=TEXT, value=TEXT)),
            )
        ),
        "maxItems": 8,
    },
    filters=many(TABLE),
    backendRefs=many(TABLE),
    timeouts=TABLE,
)

LINKERD: dict[tuple[str, str, str], Schema] = {
    ("policy.linkerd.io", "v1beta3", "Server"): {
        **record(
            ("port",),
            accessPolicy={**TEXT, "default": "deny"},
            podSelector=SELECTOR,
            externalWorkloadSelector=SELECTOR,
            port=PORT,
            proxyProtocol={**TEXT, "default": "unknown"},
        ),
        "oneOf": [{"required": ["podSelector"]}, {"required": ["externalWorkloadSelector"]}],
    },
    ("policy.linkerd.io", "v1alpha1", "MeshTLSAuthentication"): {
        **record(
            identities=many(IDENTITY),
            identityRefs=many(record(("kind",), group=GROUP, kind=TEXT, name=NAME, namespace=TEXT)),
        ),
        "oneOf": [{"required": ["identities"]}, {"required": ["identityRefs"]}],
    },
    ("policy.linkerd.io", "v1alpha1", "NetworkAuthentication"): record(
        ("networks",), networks=many(record(("cidr",), cidr=TEXT, **{"except": many(TEXT)}))
    ),
    ("policy.linkerd.io", "v1beta3", "HTTPRoute"): record(
        hostnames=many(TEXT),
        parentRefs={
            **many(
                record(
                    ("name",),
                    group={**GROUP, "default": "policy.linkerd.io"},
                    kind={**TEXT, "default": "Gateway"},
                    name=NAME,
                    namespace=TEXT,
                    port=NUMBER,
                    sectionName=TEXT,
                )
            ),
            "maxItems": 32,
        },
        rules={**many(_ROUTE_RULE), "maxItems": 16},
    ),
    ("policy.linkerd.io", "v1alpha1", "AuthorizationPolicy"): record(
        ("targetRef", "requiredAuthenticationRefs"),
        targetRef=record(("kind", "name"), group=GROUP, kind=TEXT, name=NAME),
        requiredAuthenticationRefs=many(record(("kind", "name"), group=GROUP, kind=TEXT, name=NAME, namespace=TEXT)),
    ),
}
"""By group, version and kind: the schema of `spec`; of the chart `linkerd-crds`."""

LINKERD_MULTICLUSTER: dict[tuple[str, str, str], Schema] = {
    ("multicluster.linkerd.io", "v1alpha3", "Link"): record(
        clusterCredentialsSecret=TEXT,
        gatewayAddress=TEXT,
        gatewayIdentity=TEXT,
        gatewayPort=TEXT,
        probeSpec=record(
            failureThreshold={**TEXT, "default": "3"},
            path=TEXT,
            period=TEXT,
            port=TEXT,
            timeout={**TEXT, "format": "duration", "default": "30s"},
        ),
        selector=SELECTOR,
        remoteDiscoverySelector=SELECTOR,
        federatedServiceSelector=SELECTOR,
        targetClusterName=TEXT,
        targetClusterDomain=TEXT,
        targetClusterLinkerdNamespace=TEXT,
        excludedAnnotations=many(TEXT),
        excludedLabels=many(TEXT),
    ),
}
"""Of the chart `linkerd-multicluster`."""

_CONSUL = "consul.hashicorp.com", "v1alpha1"
CONSUL: dict[tuple[str, str, str], Schema] = {
    (*_CONSUL, "Mesh"): record(
        transparentProxy=record(meshDestinationsOnly=TRUTH),
        peering=record(peerThroughMeshGateways=TRUTH),
        allowEnablingPermissiveMutualTLS=TRUTH,
    ),
    (*_CONSUL, "ProxyDefaults"): record(config=TABLE, mode=TEXT, meshGateway=record(mode=TEXT)),
    (*_CONSUL, "ExportedServices"): record(
        services=many(
            record(name=TEXT, namespace=TEXT, consumers=many(record(peer=TEXT, partition=TEXT, samenessGroup=TEXT)))
        )
    ),
    (*_CONSUL, "ServiceDefaults"): record(protocol=TEXT, mode=TEXT, meshGateway=record(mode=TEXT)),
    (*_CONSUL, "ServiceIntentions"): record(
        destination=record(name=TEXT, namespace=TEXT),
        sources=many(
            record(
                name=TEXT,
                namespace=TEXT,
                partition=TEXT,
                peer=TEXT,
                samenessGroup=TEXT,
                action=TEXT,
                description=TEXT,
                permissions=many(_PERMISSION),
            )
        ),
    ),
    (*_CONSUL, "ServiceResolver"): record(
        failover=by_name(
            record(
                service=TEXT,
                serviceSubset=TEXT,
                namespace=TEXT,
                datacenters=many(TEXT),
                targets=many(
                    record(service=TEXT, serviceSubset=TEXT, namespace=TEXT, datacenter=TEXT, partition=TEXT, peer=TEXT)
                ),
                samenessGroup=TEXT,
            )
        ),
        redirect=record(service=TEXT, datacenter=TEXT, peer=TEXT),
    ),
}
"""Of the chart `consul`."""

CONSUL_PEERING: dict[tuple[str, str, str], Schema] = {
    (*_CONSUL, "PeeringAcceptor"): record(("peer",), peer=record(secret=_SECRET)),
    (*_CONSUL, "PeeringDialer"): record(("peer",), peer=record(secret=_SECRET)),
}
"""Of the same chart, where peering is on."""

GATEWAY_API: dict[tuple[str, str, str], Schema] = {("gateway.networking.k8s.io", "v1", "HTTPRoute"): TABLE}
"""One of the Gateway API's kinds, which the charts `linkerd-crds` and `consul` both bring; its schema is left out."""


def definitions(kinds: dict[tuple[str, str, str], Schema]) -> list[dict[str, Any]]:
    """The CustomResourceDefinitions."""
    return [_definition(group, version, kind, spec) for (group, version, kind), spec in kinds.items()]


def _definition(group: str, version: str, kind: str, spec: Schema) -> dict[str, Any]:
    plural = kind.lower() if kind.endswith("s") else _plural(kind.lower())
    if kind == "Mesh":
        plural = "meshes"
    schema = record(apiVersion=TEXT, kind=TEXT, metadata={"type": "object"}, spec=spec, status=_STATUS)
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}", **_approved(group)},
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"kind": kind, "plural": plural, "singular": kind.lower(), "listKind": f"{kind}List"},
            "versions": [
                {
                    "name": version,
                    "served": True,
                    "storage": True,
                    "schema": {"openAPIV3Schema": schema},
                    "subresources": {"status": {}},
                }
            ],
        },
    }


def _approved(group: str) -> dict[str, Any]:
    """An API server takes a kind of Kubernetes' own groups if it says where it was approved."""
    of_kubernetes = group.endswith(".k8s.io")
    return {"annotations": {"api-approved.kubernetes.io": "unapproved, a stand-in"}} if of_kubernetes else {}


def _plural(word: str) -> str:
    return f"{word[:-1]}ies" if word.endswith("y") else f"{word}s"
