"""The tls provider as the engine sees it: a bridged Plugin Framework provider without any cloud behind it.

Owns: check, diff, create, read and update of its four resources. Does not own: keys and certificates.
Delete does nothing and import is not supported, as in the real one.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import grpc
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import provider_pb2

from multimesh_lab.providers import sdk_schema
from multimesh_lab.providers.property_diff import changes, top_level
from multimesh_lab.providers.server import Provider
from multimesh_lab.providers.tls.resources import RESOURCES, Resource, due
from multimesh_lab.providers.wire import UNKNOWN, Properties, Secret, decode, encode, plain


class TlsProvider(Provider):
    """Keys and certificates, real ones."""

    # A bridged provider answers no: inputs come in clear and sensitive values are wrapped here.
    accepts_secrets = False

    def __init__(self) -> None:
        super().__init__("tls", "pulumi-tls")

    def Check(self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext) -> provider_pb2.CheckResponse:
        resource = _resource(request.type, context)
        news = plain(decode(request.news))
        found = sdk_schema.faults(sdk_schema.resource_shape(request.type), news)
        found = found or list(resource.check(news))
        failures = [provider_pb2.CheckFailure(property=f.path, reason=f.reason) for f in found]
        return provider_pb2.CheckResponse(inputs=_wrapped(news, resource.secret_inputs), failures=failures)

    def Diff(self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext) -> provider_pb2.DiffResponse:
        resource = _resource(request.type, context)
        news = plain(decode(request.news))
        found = {top_level(path) for path in changes(plain(decode(request.old_inputs)), news)}
        found -= set(request.ignoreChanges)
        if news.get("maxPathLength") is None:
            found.discard("maxPathLength")  # the attribute is computed too, so leaving it out keeps the old value
        state = {**plain(decode(request.olds)), **_early(news)}
        replaces = found - resource.in_place
        if resource.renews and due(state, datetime.now(UTC)):
            found.add("readyForRenewal")
            replaces.add("readyForRenewal")
        none, some = provider_pb2.DiffResponse.DIFF_NONE, provider_pb2.DiffResponse.DIFF_SOME
        return provider_pb2.DiffResponse(
            changes=some if found else none, diffs=sorted(found), replaces=sorted(replaces)
        )

    def Create(self, request: provider_pb2.CreateRequest, context: grpc.ServicerContext) -> provider_pb2.CreateResponse:
        resource = _resource(request.type, context)
        known = {**resource.defaults, **plain(decode(request.properties))}
        if request.preview:
            computed = sdk_schema.resource_shape(request.type).computed
            unknown = dict.fromkeys(computed, UNKNOWN)
            return provider_pb2.CreateResponse(properties=_state(resource, {**unknown, **known}))
        try:
            made = resource.create(known)
        except ValueError as error:
            context.abort(grpc.StatusCode.UNKNOWN, f"tls: {error}")
        state = {**known, **made.outputs, "id": made.id}
        return provider_pb2.CreateResponse(id=made.id, properties=_state(resource, state))

    def Read(self, request: provider_pb2.ReadRequest, context: grpc.ServicerContext) -> provider_pb2.ReadResponse:
        resource = _resource(request.type, context)
        state = plain(decode(request.properties))
        if not state:
            context.abort(grpc.StatusCode.UNIMPLEMENTED, "tls: resources of this provider cannot be imported")
        if resource.renews and due(state, datetime.now(UTC)):
            state["readyForRenewal"] = True
        inputs = _wrapped(plain(decode(request.inputs)), resource.secret_inputs)
        return provider_pb2.ReadResponse(id=request.id, properties=_state(resource, state), inputs=inputs)

    def Update(self, request: provider_pb2.UpdateRequest, context: grpc.ServicerContext) -> provider_pb2.UpdateResponse:
        resource = _resource(request.type, context)
        news = plain(decode(request.news))
        state = {**plain(decode(request.olds)), **_early(news), **news}
        return provider_pb2.UpdateResponse(properties=_state(resource, state))

    def Delete(self, request: provider_pb2.DeleteRequest, context: grpc.ServicerContext) -> empty_pb2.Empty:
        return empty_pb2.Empty()


def _resource(token: str, context: grpc.ServicerContext) -> Resource:
    resource = RESOURCES.get(token)
    if resource is None:
        known = ", ".join(sorted(RESOURCES))
        context.abort(grpc.StatusCode.UNIMPLEMENTED, f"resource type {token!r} is not known; known are {known}")
    return resource


def _early(news: Mapping[str, Any]) -> Properties:
    return {"earlyRenewalHours": news.get("earlyRenewalHours") or 0}


def _state(resource: Resource, state: Mapping[str, Any]) -> struct_pb2.Struct:
    return _wrapped(state, resource.secret_inputs | resource.secret_outputs)


def _wrapped(properties: Mapping[str, Any], private: frozenset[str]) -> struct_pb2.Struct:
    return encode({k: Secret(v) if k in private and v is not UNKNOWN else v for k, v in properties.items()})
