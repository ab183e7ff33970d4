"""A simulated cloud as a bridged provider: what the engine sees of gcp and aws.

Owns: check, diff, create, read, update, delete and invoke, and the order in which a cloud does things.
Does not own: the rules of any type (kinds), or what the SDK allows (sdk_schema).
"""

import functools
from collections.abc import Callable, Mapping
from typing import Any, cast

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2

from multimesh_lab.providers import autonames, outputs, sdk_schema
from multimesh_lab.providers.kinds import Call, Kind, RefusedError, UnhealthyError
from multimesh_lab.providers.partial import abort_unhealthy
from multimesh_lab.providers.property_diff import changes, forced, prune, top_level
from multimesh_lab.providers.runtime import ClusterRuntime
from multimesh_lab.providers.sdk_schema import InputFault
from multimesh_lab.providers.server import Provider
from multimesh_lab.providers.store import Record, Store, read_settings
from multimesh_lab.providers.wire import UNKNOWN, Properties, decode, encode, plain

Invokes = Mapping[str, Callable[[Mapping[str, Any], Mapping[str, Any]], Properties]]
_DIFF_KINDS = {
    ("add", False): provider_pb2.PropertyDiff.ADD,
    ("add", True): provider_pb2.PropertyDiff.ADD_REPLACE,
    ("delete", False): provider_pb2.PropertyDiff.DELETE,
    ("delete", True): provider_pb2.PropertyDiff.DELETE_REPLACE,
    ("update", False): provider_pb2.PropertyDiff.UPDATE,
    ("update", True): provider_pb2.PropertyDiff.UPDATE_REPLACE,
}


def _answering(method: Callable[..., Any]) -> Callable[..., Any]:
    """Turn a refusal into the error that the engine shows."""

    @functools.wraps(method)
    def call(self: Any, request: Any, context: grpc.ServicerContext) -> Any:
        try:
            return method(self, request, context)
        except RefusedError as refusal:
            context.abort(grpc.StatusCode.UNKNOWN, f"{self.package} (simulated): {refusal}")

    return call


class CloudProvider(Provider):
    """A provider whose resources are remembered in a store and ruled by kinds."""

    # A bridged provider answers no: the engine opens secrets for it and marks outputs named like secret
    # inputs.
    accepts_secrets = False

    def __init__(
        self,
        package: str,
        store: Store,
        runtime: ClusterRuntime,
        kinds: Mapping[str, Kind],
        invokes: Invokes,
        replacing_config: frozenset[str] = frozenset(),
    ) -> None:
        super().__init__(package, f"pulumi-{package}")
        self.store = store
        self.runtime = runtime
        self.kinds = kinds
        self.invokes = invokes
        self.replacing_config = replacing_config
        self.config: Properties = {}

    def DiffConfig(self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext) -> provider_pb2.DiffResponse:
        changed = {top_level(path) for path in changes(decode(request.old_inputs), decode(request.news))}
        none, some = provider_pb2.DiffResponse.DIFF_NONE, provider_pb2.DiffResponse.DIFF_SOME
        return provider_pb2.DiffResponse(
            changes=some if changed else none,
            diffs=sorted(changed),
            replaces=sorted(changed & self.replacing_config),
        )

    def Configure(
        self, request: provider_pb2.ConfigureRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ConfigureResponse:
        self.config = plain(decode(request.args))
        return provider_pb2.ConfigureResponse(
            acceptSecrets=False, supportsPreview=True, supports_autonaming_configuration=True
        )

    @_answering
    def Check(self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext) -> provider_pb2.CheckResponse:
        kind = self._kind(request.type)
        news = plain(decode(request.news))
        found = sdk_schema.faults(sdk_schema.resource_shape(kind.token), news)
        try:
            news = autonames.named(kind.autoname, news, plain(decode(request.olds)), request)
        except autonames.NamingError as error:
            found.append(InputFault(error.property, str(error)))
        found = found or list(kind.check(news))
        failures = [provider_pb2.CheckFailure(property=f.path, reason=f.reason) for f in found]
        return provider_pb2.CheckResponse(inputs=encode(news), failures=failures)

    @_answering
    def Diff(self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext) -> provider_pb2.DiffResponse:
        kind = self._kind(request.type)
        old, new = plain(decode(request.old_inputs)), plain(decode(request.news))
        ignored = frozenset(request.ignoreChanges)
        differing = {**dict.fromkeys(kind.perpetual(new), "update"), **changes(old, new)}
        found = {path: c for path, c in differing.items() if not forced(path, ignored)}
        forcing = {path for path in found if forced(path, kind.replaces)}
        forcing |= {path for path, change in found.items() if change == "delete" and path in kind.replaces_when_gone}
        touched = {top_level(path) for path in found}
        return provider_pb2.DiffResponse(
            changes=provider_pb2.DiffResponse.DIFF_SOME if found else provider_pb2.DiffResponse.DIFF_NONE,
            diffs=sorted(touched),
            replaces=sorted({top_level(path) for path in forcing}),
            stables=sorted({top_level(path) for path in kind.replaces} - touched),
            deleteBeforeReplace=bool(forcing) and autonames.name_is_the_users(kind.autoname, old, new),
            detailedDiff={
                path: provider_pb2.PropertyDiff(kind=_DIFF_KINDS[change, path in forcing], inputDiff=True)
                for path, change in found.items()
            },
            hasDetailedDiff=True,
        )

    @_answering
    def Create(self, request: provider_pb2.CreateRequest, context: grpc.ServicerContext) -> provider_pb2.CreateResponse:
        kind = self._kind(request.type)
        call = self._call(kind, request.urn, plain(decode(request.properties)), preview=request.preview)
        self.store.log_call("create", kind.token, call.urn, "", request.preview)
        if request.preview:
            return provider_pb2.CreateResponse(properties=outputs.on_wire(kind, outputs.at_preview(kind, call)))
        self._fail_if_told("create", kind)
        self._reserve(kind, call)
        try:
            state = {**outputs.planned(kind, call), **kind.create(call)}
            self._remember(kind, call, state)
        except UnhealthyError as error:
            state = outputs.planned(kind, call)
            self._remember(kind, call, state)
            abort_unhealthy(context, call.id, outputs.on_wire(kind, state), request.properties, [str(error)])
        except Exception as error:
            self.store.remove(kind.token, call.id)
            raise RefusedError(f"{kind.token} {call.id!r}: {error}") from error
        self._take_time(kind.create_minutes)
        return provider_pb2.CreateResponse(id=call.id, properties=outputs.on_wire(kind, state))

    @_answering
    def Read(self, request: provider_pb2.ReadRequest, context: grpc.ServicerContext) -> provider_pb2.ReadResponse:
        kind = self._kind(request.type)
        self.store.log_call("read", kind.token, request.urn, request.id, False)
        self._fail_if_told("read", kind)
        record = self.store.get(kind.token, request.id)
        if record is None:
            return provider_pb2.ReadResponse()
        known = plain(decode(request.inputs)) or dict(record.inputs)
        inputs = {**known, **cast("Properties", prune(record.outputs, known))}
        state = outputs.on_wire(kind, dict(record.outputs))
        return provider_pb2.ReadResponse(id=record.id, properties=state, inputs=encode(inputs))

    @_answering
    def Update(self, request: provider_pb2.UpdateRequest, context: grpc.ServicerContext) -> provider_pb2.UpdateResponse:
        kind = self._kind(request.type)
        call = self._call(kind, request.urn, plain(decode(request.news)), preview=request.preview)
        call.id, call.old = request.id, plain(decode(request.olds))
        call.old_inputs = plain(decode(request.old_inputs))
        self.store.log_call("update", kind.token, call.urn, call.id, request.preview)
        state = outputs.carried(kind, call)
        if request.preview:
            state.update(dict.fromkeys(kind.made_anew(call), UNKNOWN))
            return provider_pb2.UpdateResponse(properties=outputs.on_wire(kind, state))
        self._fail_if_told("update", kind)
        with self.store.locked():
            if self.store.get(kind.token, call.id) is None:
                raise RefusedError(f"{kind.token} {call.id!r} is not found; run `pulumi refresh` to drop it")
            _obey(kind.rules, call)
        try:
            state.update(kind.update(call))
        except UnhealthyError as error:
            abort_unhealthy(context, call.id, outputs.on_wire(kind, state), request.news, [str(error)])
        self._remember(kind, call, state)
        return provider_pb2.UpdateResponse(properties=outputs.on_wire(kind, state))

    @_answering
    def Delete(self, request: provider_pb2.DeleteRequest, context: grpc.ServicerContext) -> empty_pb2.Empty:
        kind = self._kind(request.type)
        self.store.log_call("delete", kind.token, request.urn, request.id, False)
        self._fail_if_told("delete", kind)
        record = self.store.get(kind.token, request.id)
        if record is None:  # a bridged provider takes "not found" for deleted
            return empty_pb2.Empty()
        call = self._call(kind, request.urn, dict(record.inputs))
        call.id, call.old = record.id, dict(record.outputs)
        with self.store.locked():
            _obey(kind.in_use, call)
        self._take_time(kind.delete_minutes)
        kind.delete(call)
        if kind.survives_delete:
            self.store.retire(kind.token, call.id)
        else:
            self.store.remove(kind.token, call.id)
        return empty_pb2.Empty()

    @_answering
    def Invoke(self, request: provider_pb2.InvokeRequest, context: grpc.ServicerContext) -> provider_pb2.InvokeResponse:
        function = self.invokes.get(request.tok)
        if function is None:
            known = ", ".join(sorted(self.invokes))
            raise RefusedError(f"function {request.tok!r} is not simulated; simulated are {known}")
        answer = function(plain(decode(request.args)), self.config)
        return provider_pb2.InvokeResponse(**cast("Any", {"return": encode(answer)}))

    def _kind(self, token: str) -> Kind:
        if token not in self.kinds:
            known = ", ".join(sorted(self.kinds))
            raise RefusedError(f"resource type {token!r} is not simulated; simulated are {known}")
        return self.kinds[token]

    def _call(self, kind: Kind, urn: str, inputs: Properties, *, preview: bool = False) -> Call:
        inputs.pop("__defaults", None)
        return Call(self.store, self.runtime, self.config, kind.token, urn, inputs, preview=preview)

    def _fail_if_told(self, method: str, kind: Kind) -> None:
        message = self.store.failure_due(read_settings(self.store.home), method, kind.token)
        if message is not None:
            raise RefusedError(message)

    def _reserve(self, kind: Kind, call: Call) -> None:
        """Check the rules and take the place in one step; an engine killed after this leaves an orphan."""
        with self.store.locked():
            outputs_known = outputs.planned(kind, call)
            _obey(kind.rules, call)
            call.id = kind.identify(call)
            if self.store.get(kind.token, call.id) is not None or self.store.is_retired(kind.token, call.id):
                raise RefusedError(f"{kind.token} {call.id!r} already exists")
            self._remember(kind, call, outputs_known)

    def _remember(self, kind: Kind, call: Call, state: Properties) -> None:
        private = tuple(sorted(kind.private))
        record = Record(kind.token, call.id, call.urn, call.urn_name, call.inputs, state, private)
        with self.store.locked():
            self.store.put(record)

    def _take_time(self, minutes: float) -> None:
        """As long as the real cloud takes, times the lab's scale; ends early when the engine cancels."""
        self.stopping.wait(minutes * 60 * read_settings(self.store.home).duration_scale)


def _obey(rules: tuple[Callable[[Call], None], ...], call: Call) -> None:
    for rule in rules:
        rule(call)
