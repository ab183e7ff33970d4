"""azure-native as a provider server: it differs from the bridged providers in naming, previews, diffs and refreshes.

Owns: these differences. Does not own: the rules of any type (kinds), or what other clouds do alike (cloud).
Sources are files of pulumi/pulumi-azure-native, mainly provider/pkg/provider/provider.go.
"""

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2

from multimesh_lab.providers import sdk_schema
from multimesh_lab.providers.azure_native import ids, naming, refresh, shapes
from multimesh_lab.providers.azure_native.kind import ArmKind
from multimesh_lab.providers.azure_native.tokens import API_VERSIONS, GROUP
from multimesh_lab.providers.cloud import CloudProvider, Invokes
from multimesh_lab.providers.kinds import Call, RefusedError
from multimesh_lab.providers.runtime import ClusterRuntime
from multimesh_lab.providers.store import Record, Store
from multimesh_lab.providers.wire import UNKNOWN, Properties, decode, encode, plain

InvokesOf = Callable[[Store, Callable[[Record], Properties]], Invokes]
_STABLE = ("name", "location")
"""Outputs that stay known while an update is previewed (Update, `stableOutputs`)."""


class ArmProvider(CloudProvider):
    """A provider whose every resource is one URL of Azure's management API: it is put there and got from there."""

    def __init__(self, store: Store, runtime: ClusterRuntime, kinds: Mapping[str, ArmKind], invokes: InvokesOf) -> None:
        self._arm = kinds
        super().__init__("azure-native", store, runtime, kinds, invokes(store, self.shown))

    def DiffConfig(self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext) -> provider_pb2.DiffResponse:
        return provider_pb2.DiffResponse()  # so in the real one: no configuration replaces anything

    def Check(self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext) -> provider_pb2.CheckResponse:
        with self._refusing(context):
            kind = self._arm_kind(request.type)
            news = {key: value for key, value in plain(decode(request.news)).items() if value is not None}
            olds = plain(decode(request.olds))
            found = sdk_schema.faults(sdk_schema.resource_shape(kind.token), news)
            news = self._placed(kind, naming.named(kind, news, olds, request), olds)
            if news.get(kind.named_by) is None:
                reason = f"missing required property {kind.named_by!r}: automatic naming is disabled"
                found.append(sdk_schema.InputFault(kind.named_by, reason))
            found = found or list(kind.check(news))
            failures = [provider_pb2.CheckFailure(property=each.path, reason=each.reason) for each in found]
            return provider_pb2.CheckResponse(inputs=encode(news), failures=failures)
        raise AssertionError("unreachable: a refusal ends the call")

    def Diff(self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext) -> provider_pb2.DiffResponse:
        old, new = decode(request.old_inputs), decode(request.news)
        drawn = bool(plain(old).get(naming.RANDOMLY_NAMED))
        for each in (old, new):
            each.pop(naming.RANDOMLY_NAMED, None)
        if _same_place(plain(old.get("location")), plain(new.get("location"))):
            new["location"] = old["location"]
        asked = provider_pb2.DiffRequest()
        asked.CopyFrom(request)
        asked.old_inputs.CopyFrom(encode(old))
        asked.news.CopyFrom(encode(new))
        answer = super().Diff(asked, context)
        answer.ClearField("stables")
        answer.deleteBeforeReplace = bool(answer.replaces) and not drawn
        return answer

    def Create(self, request: provider_pb2.CreateRequest, context: grpc.ServicerContext) -> provider_pb2.CreateResponse:
        with self._refusing(context):
            kind = self._arm_kind(request.type)
            if request.preview:
                inputs = plain(decode(request.properties))
                self.store.log_call("create", kind.token, request.urn, "", True)
                return provider_pb2.CreateResponse(properties=encode(shapes.previewed(kind, inputs)))
        made = super().Create(request, context)
        return provider_pb2.CreateResponse(id=made.id, properties=encode(self._got(kind, made.id)))

    def Update(self, request: provider_pb2.UpdateRequest, context: grpc.ServicerContext) -> provider_pb2.UpdateResponse:
        with self._refusing(context):
            kind = self._arm_kind(request.type)
            if request.preview:
                self.store.log_call("update", kind.token, request.urn, request.id, True)
                state = shapes.previewed(kind, plain(decode(request.news)))
                old = plain(decode(request.olds))
                state.update({name: old[name] for name in _STABLE if name in old})
                return provider_pb2.UpdateResponse(properties=encode(state))
        known = self.store.get(kind.token, request.id)
        if known is not None:  # a PUT changes what is there, whatever the engine remembers of it
            request.olds.CopyFrom(encode(known.outputs))
            request.old_inputs.CopyFrom(encode(known.inputs))
        super().Update(request, context)
        return provider_pb2.UpdateResponse(properties=encode(self._got(kind, request.id)))

    def Read(self, request: provider_pb2.ReadRequest, context: grpc.ServicerContext) -> provider_pb2.ReadResponse:
        with self._refusing(context):
            kind = self._arm_kind(request.type)
            self.store.log_call("read", kind.token, request.urn, request.id, False)
            self._fail_if_told("read", kind)
            record = self.store.get(kind.token, request.id)
            if record is None:
                return provider_pb2.ReadResponse()
            state, known = self.shown(record), plain(decode(request.inputs))
            before = plain(decode(request.properties)) if known else state
            inputs = refresh.refreshed(kind, known or dict(record.inputs), before, state)
            return provider_pb2.ReadResponse(id=record.id, properties=encode(state), inputs=encode(inputs))
        raise AssertionError("unreachable: a refusal ends the call")

    def Delete(self, request: provider_pb2.DeleteRequest, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """Everything that lies in a resource goes with it: a group's resources, a network's subnets, a vault's keys."""
        answer = super().Delete(request, context)
        for each in self.store.all():
            if ids.lies_in(each.id, request.id):
                call = Call(self.store, self.runtime, self.config, each.type, each.urn, dict(each.inputs), each.id)
                call.old = dict(each.outputs)
                self._arm[each.type].delete(call)
                self.store.remove(each.type, each.id)
        return answer

    def shown(self, record: Record) -> Properties:
        """The resource as GET shows it."""
        kind = self._arm[record.type]
        whole: Properties = {
            **record.outputs,
            **kind.shown(self.store, record),
            "azureApiVersion": API_VERSIONS[record.type],
        }
        known = sdk_schema.resource_shape(kind.token).outputs
        return {key: value for key, value in whole.items() if key in known and value is not None}

    def _got(self, kind: ArmKind, resource_id: str) -> Properties:
        """What the GET tells that follows every PUT (readAfterWrite)."""
        record = self.store.get(kind.token, resource_id)
        return self.shown(record) if record else {}

    def _placed(self, kind: ArmKind, news: Properties, olds: Mapping[str, Any]) -> Properties:
        """The inputs with a location: the former one, that of the configuration, or that of the resource group."""
        if "location" not in sdk_schema.resource_shape(kind.token).inputs.properties or news.get("location"):
            return news
        if news.get("resourceGroupName") is UNKNOWN:
            return {**news, "location": UNKNOWN}
        name = str(news.get("resourceGroupName")).lower()
        groups = [each for each in self.store.all(GROUP) if str(each.outputs["name"]).lower() == name]
        place = (
            olds.get("location") or self.config.get("location") or (groups[0].outputs["location"] if groups else None)
        )
        return {**news, "location": place} if place else news

    def _arm_kind(self, token: str) -> ArmKind:
        self._kind(token)
        return self._arm[token]

    @contextmanager
    def _refusing(self, context: grpc.ServicerContext) -> Generator[None]:
        """Turn a refusal into the error that the engine shows."""
        try:
            yield
        except RefusedError as refusal:
            context.abort(grpc.StatusCode.UNKNOWN, f"{self.package} (simulated): {refusal}")


def _same_place(old: Any, new: Any) -> bool:
    """Whether both are one region: "West Europe" is "westeurope" (diff.go, normalizedLocation)."""
    return isinstance(old, str) and isinstance(new, str) and _normal(old) == _normal(new)


def _normal(location: str) -> str:
    return location.replace(" ", "").lower()
