"""The provider protocol for Kubernetes objects and Helm releases.

Owns: the protocol. Does not own: what each call does to an object (inputs, diff, apply) or a release (release.py).
"""

from typing import Any, NoReturn

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2

from multimesh_lab.providers.kubernetes import apply, awaiting, config, inputs, release
from multimesh_lab.providers.kubernetes.api import Api, ApiError, NoSuchKind, Object, Unreachable
from multimesh_lab.providers.kubernetes.diff import diff, pruned
from multimesh_lab.providers.kubernetes.helm import Helm, HelmError
from multimesh_lab.providers.partial import abort_unhealthy
from multimesh_lab.providers.property_diff import changes, top_level
from multimesh_lab.providers.server import Provider
from multimesh_lab.providers.wire import decode, encode, has_unknown, plain

Properties = dict[str, Any]
_ECHOED = {"Forbidden", "AlreadyExists", "NotFound"}
"""Refusals of a dry run that say nothing of the object itself."""

_WORDS = (apply.Refused, ApiError, NoSuchKind, Unreachable, HelmError)


class KubernetesProvider(Provider):
    """One provider instance, and so one cluster."""

    accepts_secrets = True

    def __init__(self) -> None:
        super().__init__("kubernetes", "pulumi-kubernetes")
        self._options = config.options({})
        self._api: Api | None = None
        self._unreachable = "the provider is not configured"

    # The provider itself

    def DiffConfig(self, request: Any, context: grpc.ServicerContext) -> provider_pb2.DiffResponse:
        olds, news = decode(request.old_inputs), decode(request.news)
        changed = config.changed_keys(olds, news)
        return provider_pb2.DiffResponse(
            changes=provider_pb2.DiffResponse.DIFF_SOME if changed else provider_pb2.DiffResponse.DIFF_NONE,
            diffs=changed,
            replaces=config.replacing_keys(olds, news),
        )

    def Configure(self, request: Any, context: grpc.ServicerContext) -> provider_pb2.ConfigureResponse:
        self._options = config.options(decode(request.args))
        try:
            api = Api(self._options.kubeconfig, self._options.context)
            api.version()
            self._api, self._unreachable = api, ""
        except Exception as fault:
            # A cluster that is away must not stop work on the others; whoever needs it says so.
            self._api, self._unreachable = None, f"the cluster cannot be reached: {fault}"
        return super().Configure(request, context)

    def _reached(self) -> Api:
        if self._api is None:
            raise Unreachable(self._unreachable)
        return self._api

    def _helm(self) -> Helm:
        return Helm(self._options.kubeconfig)

    def _namespaced(self, properties: Properties) -> bool:
        try:
            return self._reached().kind(properties["apiVersion"], properties["kind"]).namespaced
        except (NoSuchKind, Unreachable, ApiError):
            return properties["kind"] not in _CLUSTER_SCOPED

    # Check and Diff

    def Check(self, request: Any, context: grpc.ServicerContext) -> provider_pb2.CheckResponse:
        news, olds = decode(request.news), decode(request.olds)
        if _is_release(request.urn):
            try:
                found = release.checked(
                    self._helm(),
                    news,
                    olds,
                    urn=request.urn,
                    namespace=self._default_namespace() or "default",
                )
            except HelmError as fault:
                failure = provider_pb2.CheckFailure(property="chart", reason=f"the chart cannot be loaded: {fault}")
                return provider_pb2.CheckResponse(failures=[failure])
            return provider_pb2.CheckResponse(inputs=encode(found))
        if self._api is None and self._options.skip_update_unreachable and olds:
            return provider_pb2.CheckResponse(inputs=request.olds)
        found = inputs.checked(
            news,
            olds,
            urn=request.urn,
            seed=request.randomSeed,
            default_namespace=self._default_namespace(),
            namespaced=self._namespaced(plain(news)),
        )
        return provider_pb2.CheckResponse(inputs=encode(found))

    def _default_namespace(self) -> str | None:
        return self._options.namespace or (self._api.namespace if self._api else None)

    def Diff(self, request: Any, context: grpc.ServicerContext) -> provider_pb2.DiffResponse:
        state, news = decode(request.olds), decode(request.news)
        old_inputs = decode(request.old_inputs) or plain(state.get("__inputs", {}))
        if _is_release(request.urn):
            return _release_diff(state, old_inputs, news, list(request.ignoreChanges))
        return diff(
            state,
            old_inputs,
            news,
            secret_mutable=self._options.secret_mutable,
            config_map_mutable=self._options.config_map_mutable,
            patch=_is_patch(request.urn, news),
        )

    # Create, Read, Update, Delete

    def Create(self, request: Any, context: grpc.ServicerContext) -> provider_pb2.CreateResponse:
        given = decode(request.properties)
        try:
            if _is_release(request.urn):
                return self._install(given, request, context)
            return self._create(given, request, context)
        except _WORDS as fault:
            _abort(context, fault)

    def _create(self, given: Properties, request: Any, context: grpc.ServicerContext) -> provider_pb2.CreateResponse:
        patch = _is_patch(request.urn, given)
        change = self._change(given, request.timeout, upsert=patch or self._options.upsert)
        if request.preview:
            live = None if patch or has_unknown(given) else self._dry_run(change)
            properties = given if live is None else inputs.with_secrets({**live, "status": {}}, given)
            properties.pop("status", None)
            return provider_pb2.CreateResponse(id="", properties=encode(properties))
        namespaced = self._namespaced(plain(given))
        identity = inputs.object_id(plain(given), namespaced=namespaced)
        manager = apply.new_manager()
        try:
            live = apply.create(self._reached(), change, dry_run=False, stopping=self.stopping)
        except awaiting.NotReady as fault:
            state = encode(_state(fault.live, given, manager))
            abort_unhealthy(context, identity, state, encode(given), fault.reasons)
        return provider_pb2.CreateResponse(id=identity, properties=encode(_state(live, given, manager)))

    def _dry_run(self, change: apply.Change) -> Object | None:
        """What the server would make of it; None where it cannot say yet."""
        if self._api is None:
            return None
        try:
            return apply.create(self._api, change, dry_run=True, stopping=self.stopping)
        except ApiError as fault:
            if fault.reason in _ECHOED or fault.code in (403, 404, 409):
                return None
            raise apply.Refused(f"{change.described()}: {fault.message}") from fault
        except (apply.Refused, NoSuchKind, Unreachable):
            return None

    def _change(self, given: Properties, seconds: float, *, upsert: bool = False) -> apply.Change:
        annotations = plain(given).get("metadata", {})
        annotations = annotations.get("annotations", {}) if isinstance(annotations, dict) else {}
        force = self._options.force or str((annotations or {}).get("pulumi.com/patchForce")).lower() == "true"
        return apply.Change(given, seconds, upsert=upsert, force=force)

    def Read(self, request: Any, context: grpc.ServicerContext) -> provider_pb2.ReadResponse:
        state, given = decode(request.properties), decode(request.inputs)
        try:
            if _is_release(request.urn):
                self._reached()
                found = release.read(self._helm(), given or _imported_release(request.id))
                if found is None:
                    return provider_pb2.ReadResponse()
                return provider_pb2.ReadResponse(id=request.id, properties=encode(found), inputs=request.inputs)
            return self._read(state, given, request, context)
        except Unreachable as fault:
            if self._options.delete_unreachable:
                return provider_pb2.ReadResponse()
            if self._options.skip_update_unreachable:
                return provider_pb2.ReadResponse(id=request.id, properties=request.properties, inputs=request.inputs)
            _abort(context, fault)
        except (ApiError, HelmError, NoSuchKind) as fault:
            _abort(context, fault)

    def _read(
        self, state: Properties, given: Properties, request: Any, context: grpc.ServicerContext
    ) -> provider_pb2.ReadResponse:
        api = self._reached()
        kind_name, api_version = _kind_of(request.urn, state)
        namespace, name = inputs.split_id(request.id)
        try:
            live = api.get(api.kind(api_version, kind_name), namespace, name)
        except NoSuchKind:
            live = None
        if live is None:
            return provider_pb2.ReadResponse()
        found = _imported(live) if not given else _refreshed(live, given)
        manager = plain(state).get("__fieldManager") or apply.new_manager()
        properties = encode(_state(live, found, manager))
        missing = awaiting.unready(api, live) if given else None
        if missing:
            reason = f"{live['kind']} {name} is not ready: {missing}"
            abort_unhealthy(context, request.id, properties, encode(found), [reason])
        return provider_pb2.ReadResponse(id=request.id, properties=properties, inputs=encode(found))

    def Update(self, request: Any, context: grpc.ServicerContext) -> provider_pb2.UpdateResponse:
        state, given = decode(request.olds), decode(request.news)
        try:
            if _is_release(request.urn):
                return self._upgrade(given, request, context)
            if request.preview and (self._api is None or has_unknown(given)):
                return provider_pb2.UpdateResponse(properties=encode(given))
            known = plain(state)
            annotations = plain(given)["metadata"].get("annotations", {}) or {}
            manager = (
                annotations.get("pulumi.com/patchFieldManager") or known.get("__fieldManager") or apply.new_manager()
            )
            change = self._change(given, request.timeout)
            try:
                live = apply.update(
                    self._reached(), change, known, manager, dry_run=request.preview, stopping=self.stopping
                )
            except awaiting.NotReady as fault:
                after = encode(_state(fault.live, given, manager))
                abort_unhealthy(context, request.id, after, encode(given), fault.reasons)
            return provider_pb2.UpdateResponse(properties=encode(_state(live, given, manager)))
        except _WORDS as fault:
            _abort(context, fault)

    def Delete(self, request: Any, context: grpc.ServicerContext) -> empty_pb2.Empty:
        state = plain(decode(request.properties))
        try:
            self._reached()
            if _is_release(request.urn):
                self._helm().uninstall(state["name"], state)
            elif not _is_patch(request.urn, state):
                apply.delete(self._reached(), state, request.id, request.timeout, self.stopping)
            return empty_pb2.Empty()
        except Unreachable as fault:
            if self._options.delete_unreachable and not _is_release(request.urn):
                return empty_pb2.Empty()
            _abort(context, fault)
        except awaiting.NotReady as fault:
            abort_unhealthy(context, request.id, request.properties, request.old_inputs, fault.reasons)
        except (apply.Refused, ApiError, HelmError) as fault:
            _abort(context, fault)

    # Helm releases

    def _install(self, given: Properties, request: Any, context: grpc.ServicerContext) -> provider_pb2.CreateResponse:
        if request.preview:
            return provider_pb2.CreateResponse(id="", properties=encode(given))
        self._reached()
        identity = f"{plain(given)['namespace']}/{plain(given)['name']}"
        try:
            found = release.install(self._helm(), given)
        except release.Unhealthy as fault:
            abort_unhealthy(context, identity, encode(fault.outputs), encode(given), [str(fault)])
        return provider_pb2.CreateResponse(id=identity, properties=encode(found))

    def _upgrade(self, given: Properties, request: Any, context: grpc.ServicerContext) -> provider_pb2.UpdateResponse:
        if request.preview:
            return provider_pb2.UpdateResponse(properties=encode(given))
        self._reached()
        try:
            found = release.upgrade(self._helm(), given)
        except release.Unhealthy as fault:
            abort_unhealthy(context, request.id, encode(fault.outputs), encode(given), [str(fault)])
        return provider_pb2.UpdateResponse(properties=encode(found))

    # What the lab leaves out

    def Invoke(self, request: Any, context: grpc.ServicerContext) -> provider_pb2.InvokeResponse:
        context.abort(grpc.StatusCode.UNIMPLEMENTED, f"{request.tok} is not in the lab's kubernetes stand-in")
        raise AssertionError("unreachable: abort raises")

    def Construct(self, request: Any, context: grpc.ServicerContext) -> provider_pb2.ConstructResponse:
        context.abort(
            grpc.StatusCode.UNIMPLEMENTED,
            f"{request.type} is not in the lab's kubernetes stand-in; helm.v3.Release and plain resources are",
        )
        raise AssertionError("unreachable: abort raises")


_CLUSTER_SCOPED = {
    "ClusterRole",
    "ClusterRoleBinding",
    "CustomResourceDefinition",
    "MutatingWebhookConfiguration",
    "Namespace",
    "Node",
    "PersistentVolume",
    "PriorityClass",
    "StorageClass",
    "ValidatingWebhookConfiguration",
}


def _abort(context: grpc.ServicerContext, fault: Exception) -> NoReturn:
    context.abort(grpc.StatusCode.UNKNOWN, str(fault))
    raise AssertionError("unreachable: abort raises")


def _is_release(urn: str) -> bool:
    return f"{release.TOKEN}::" in urn


def _is_patch(urn: str, given: Properties) -> bool:
    token = urn.split("::")[2].rpartition("$")[2]
    return token.endswith(f":{given.get('kind')}Patch")


def _kind_of(urn: str, state: Properties) -> tuple[str, str]:
    """Kind and apiVersion, from the state or, for an import, from the type token."""
    if "kind" in state:
        return state["kind"], state["apiVersion"]
    _, version, kind = urn.split("::")[2].rpartition("$")[2].split(":")
    return kind, version.removeprefix("core/")


def _state(live: Object, given: Properties, manager: str) -> Properties:
    """The whole live object, and what later diffs and updates need."""
    outputs = inputs.with_secrets(live, given)
    # Secret leaves stay secret within; the object as a whole is none.
    return {
        **outputs,
        "__inputs": given,
        "__initialApiVersion": live.get("apiVersion", ""),
        "__fieldManager": manager,
    }


_NOT_IMPORTED = ("creationTimestamp", "generation", "managedFields", "resourceVersion", "uid", "selfLink")


def _imported(live: Object) -> Properties:
    metadata = {key: value for key, value in live["metadata"].items() if key not in _NOT_IMPORTED}
    return {**{key: value for key, value in live.items() if key != "status"}, "metadata": metadata}


def _refreshed(live: Object, given: Properties) -> Properties:
    """The given inputs with what the cluster has in the places that the program sets."""
    found = pruned(live, plain(given))
    return inputs.with_secrets(found, given)


def _imported_release(resource_id: str) -> Properties:
    namespace, name = inputs.split_id(resource_id)
    return {"name": name, "namespace": namespace, "chart": name, "version": "", "values": {}}


def _release_diff(
    state: Properties, old_inputs: Properties, news: Properties, ignored: list[str]
) -> provider_pb2.DiffResponse:
    """Old inputs, as refresh found them changed, against the inputs of now; only name and namespace replace."""
    before, after = plain(old_inputs), plain(news)
    if "values" in state:
        before["values"] = plain(state["values"])
    found = {path: change for path, change in changes(before, after).items() if top_level(path) not in ignored}
    replaces = sorted({top_level(path) for path in found} & {"name", "namespace"})
    some = provider_pb2.DiffResponse.DIFF_SOME if found else provider_pb2.DiffResponse.DIFF_NONE
    return provider_pb2.DiffResponse(changes=some, replaces=replaces, diffs=sorted({top_level(path) for path in found}))
