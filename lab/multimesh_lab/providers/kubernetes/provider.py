"""The provider protocol for Kubernetes objects and Helm releases.

Owns: the protocol. Does not own: what each call does to an object (objects.py) or a release (release.py).
"""

from typing import Any, NoReturn

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2

from multimesh_lab.providers.kubernetes import config, inputs, release
from multimesh_lab.providers.kubernetes.api import Api, ApiError, NoSuchKind, Unreachable
from multimesh_lab.providers.kubernetes.apply import Refused
from multimesh_lab.providers.kubernetes.awaiting import NotReady
from multimesh_lab.providers.kubernetes.helm import Helm, HelmError
from multimesh_lab.providers.kubernetes.objects import Objects, Unhealthy
from multimesh_lab.providers.kubernetes.state import is_patch
from multimesh_lab.providers.partial import abort_unhealthy
from multimesh_lab.providers.server import Provider
from multimesh_lab.providers.wire import decode, encode, plain

Properties = dict[str, Any]
_Disabled = provider_pb2.CheckRequest.AutonamingOptions.DISABLE
_WORDS = (Refused, ApiError, NoSuchKind, Unreachable, HelmError)


class KubernetesProvider(Provider):
    """One provider instance, and so one cluster."""

    accepts_secrets = True

    def __init__(self) -> None:
        super().__init__("kubernetes", "pulumi-kubernetes")
        self._options = config.options({})
        self._objects = Objects(self._options, None, "the provider is not configured", self.stopping)

    # The provider itself

    def Handshake(self, request: Any, context: grpc.ServicerContext) -> provider_pb2.ProviderHandshakeResponse:
        response = super().Handshake(request, context)
        response.supports_autonaming_configuration = True
        return response

    def CheckConfig(self, request: Any, context: grpc.ServicerContext) -> provider_pb2.CheckResponse:
        found = config.failures(decode(request.news), request.urn.rpartition("::")[2])
        return provider_pb2.CheckResponse(inputs=request.news, failures=_failures(found))

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
        api, unreachable = None, ""
        try:
            candidate = Api(self._options.kubeconfig)
            candidate.version()
            api = candidate
        except Exception as fault:
            # A cluster that is away must not stop work on the others; whoever needs it says so.
            unreachable = f"the cluster cannot be reached: {fault}"
        self._objects = Objects(self._options, api, unreachable, self.stopping)
        response = super().Configure(request, context)
        response.supports_autonaming_configuration = True
        return response

    def _helm(self) -> Helm:
        return Helm(self._options.kubeconfig)

    # Check and Diff

    def Check(self, request: Any, context: grpc.ServicerContext) -> provider_pb2.CheckResponse:
        news, olds = decode(request.news), decode(request.olds)
        if _is_release(request.urn):
            return self._check_release(request.urn, news, olds)
        if self._objects.api is None and self._options.skip_update_unreachable and olds:
            return provider_pb2.CheckResponse(inputs=request.olds)
        # An old object has its name, so nothing is drawn.
        may_draw = bool(olds) or request.autonaming.mode != _Disabled
        faults = inputs.failures(news, patch=is_patch(request.urn, news), may_draw=may_draw)
        if faults:
            return provider_pb2.CheckResponse(failures=_failures(faults))
        naming = inputs.Naming(request.urn, request.randomSeed, request.autonaming.proposed_name)
        return provider_pb2.CheckResponse(inputs=encode(self._objects.check(news, olds, naming)))

    def _check_release(self, urn: str, news: Properties, olds: Properties) -> provider_pb2.CheckResponse:
        faults = release.failures(news)
        if faults:
            return provider_pb2.CheckResponse(failures=_failures(faults))
        namespace = self._objects.default_namespace() or "default"
        try:
            found = release.checked(self._helm(), news, olds, urn=urn, namespace=namespace)
        except HelmError as fault:
            faults = [("chart", f"the chart cannot be loaded: {fault}")]
        except release.BadValues as fault:
            faults = [("valueYamlFiles", str(fault))]
        else:
            return provider_pb2.CheckResponse(inputs=encode(found))
        return provider_pb2.CheckResponse(failures=_failures(faults))

    def Diff(self, request: Any, context: grpc.ServicerContext) -> provider_pb2.DiffResponse:
        state, news = decode(request.olds), decode(request.news)
        old_inputs = plain(state.get("__inputs")) or decode(request.old_inputs)
        if _is_release(request.urn):
            return release.diff(state, old_inputs, news, request.ignoreChanges)
        return self._objects.diff(request.urn, state, old_inputs, news, request.ignoreChanges)

    # Create, Read, Update, Delete

    def Create(self, request: Any, context: grpc.ServicerContext) -> provider_pb2.CreateResponse:
        given = decode(request.properties)
        try:
            if request.preview:
                shown = given if _is_release(request.urn) else self._objects.preview_create(request.urn, given)
                return provider_pb2.CreateResponse(id="", properties=encode(shown))
            if _is_release(request.urn):
                self._objects.reached()
                identity, state = release.create(self._helm(), given)
            else:
                identity, state = self._objects.create(request.urn, given, request.timeout)
            return provider_pb2.CreateResponse(id=identity, properties=encode(state))
        except Unhealthy as fault:
            _abort_unhealthy(context, fault)
        except _WORDS as fault:
            _abort(context, fault)

    def Read(self, request: Any, context: grpc.ServicerContext) -> provider_pb2.ReadResponse:
        state, given = decode(request.properties), decode(request.inputs)
        try:
            if _is_release(request.urn):
                self._objects.reached()
                found = release.read(self._helm(), given or release.imported(request.id))
            else:
                found = self._objects.read(request.urn, request.id, state, given)
            if found is None:
                return provider_pb2.ReadResponse()
            return provider_pb2.ReadResponse(id=request.id, properties=encode(found[0]), inputs=encode(found[1]))
        except Unhealthy as fault:
            _abort_unhealthy(context, fault)
        except Unreachable as fault:
            if self._options.delete_unreachable:
                return provider_pb2.ReadResponse()
            if self._options.skip_update_unreachable:
                return provider_pb2.ReadResponse(id=request.id, properties=request.properties, inputs=request.inputs)
            _abort(context, fault)
        except _WORDS as fault:
            _abort(context, fault)

    def Update(self, request: Any, context: grpc.ServicerContext) -> provider_pb2.UpdateResponse:
        urn, state, given = request.urn, decode(request.olds), decode(request.news)
        ignored = request.ignoreChanges
        try:
            if _is_release(urn):
                if request.preview:
                    return provider_pb2.UpdateResponse(properties=encode(given))
                self._objects.reached()
                return provider_pb2.UpdateResponse(properties=encode(release.update(self._helm(), given)))
            if request.preview:
                after = self._objects.preview_update(urn, state, given, ignored)
            else:
                after = self._objects.update(urn, request.id, state, given, request.timeout, ignored)
            return provider_pb2.UpdateResponse(properties=encode(after))
        except Unhealthy as fault:
            _abort_unhealthy(context, fault)
        except _WORDS as fault:
            _abort(context, fault)

    def Delete(self, request: Any, context: grpc.ServicerContext) -> empty_pb2.Empty:
        state = plain(decode(request.properties))
        try:
            self._objects.reached()
            if _is_release(request.urn):
                self._helm().uninstall(state["name"], state)
            else:
                self._objects.delete(request.urn, request.id, state, request.timeout)
            return empty_pb2.Empty()
        except NotReady as fault:
            abort_unhealthy(context, request.id, request.properties, request.old_inputs, fault.reasons)
        except Unreachable as fault:
            if self._options.delete_unreachable and not _is_release(request.urn):
                return empty_pb2.Empty()
            _abort(context, fault)
        except _WORDS as fault:
            _abort(context, fault)

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


def _failures(faults: list[tuple[str, str]]) -> list[provider_pb2.CheckFailure]:
    return [provider_pb2.CheckFailure(property=name, reason=reason) for name, reason in faults]


def _abort(context: grpc.ServicerContext, fault: Exception) -> NoReturn:
    context.abort(grpc.StatusCode.UNKNOWN, str(fault))
    raise AssertionError("unreachable: abort raises")


def _abort_unhealthy(context: grpc.ServicerContext, fault: Unhealthy) -> NoReturn:
    abort_unhealthy(context, fault.resource_id, encode(fault.state), encode(fault.given), fault.reasons)


def _is_release(urn: str) -> bool:
    return f"{release.TOKEN}::" in urn
