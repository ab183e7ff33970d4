"""What the tests of the simulated clouds share: an engine's calls, and clusters that only remember."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import grpc
from pulumi.runtime.proto import provider_pb2

from multimesh_lab.cluster import ClusterRequest, Login
from multimesh_lab.home import LabHome
from multimesh_lab.providers.cloud import CloudProvider
from multimesh_lab.providers.runtime import Facts
from multimesh_lab.providers.store import Store
from multimesh_lab.providers.wire import Properties, decode, encode, plain


class RefusedByProviderError(Exception):
    """The provider ended the call with an error."""


class FakeContext:
    """A servicer context that raises where gRPC would."""

    def abort(self, code: grpc.StatusCode, details: str) -> NoReturn:
        raise RefusedByProviderError(details)

    def abort_with_status(self, status: Any) -> NoReturn:
        raise RefusedByProviderError(status.details)


class CheckFailedError(Exception):
    """Check found faults."""

    def __init__(self, failures: Sequence[provider_pb2.CheckFailure]) -> None:
        super().__init__("; ".join(f"{f.property}: {f.reason}" for f in failures))
        self.paths = [f.property for f in failures]


@dataclass
class FakeRuntime:
    """Clusters that note what was asked of them."""

    has_nodes: bool = True
    calls: list[tuple[str, Any]] = field(default_factory=list[tuple[str, Any]])
    egress: dict[str, str | None] = field(default_factory=dict[str, str | None])
    nodes: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    addresses: dict[str, str] = field(default_factory=dict[str, str])
    admitted: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    logins: dict[str, Login | None] = field(default_factory=dict[str, Login | None])
    clusters: dict[str, ClusterRequest] = field(default_factory=dict[str, ClusterRequest])

    def create(self, request: ClusterRequest) -> Facts:
        self.clusters[request.id] = request
        slot = len(self.clusters)
        return Facts(f"https://198.18.0.{10 + slot}:6443", "CA", "v1.36.3", f"https://198.18.0.{10 + slot}/oidc")

    def join_node(self, cluster_id: str, labels: Mapping[str, str]) -> None:
        self.nodes[cluster_id] = dict(labels)

    def remove_node(self, cluster_id: str) -> None:
        self.nodes.pop(cluster_id, None)

    def install_dns(self, cluster_id: str) -> None:
        self.calls.append(("install_dns", cluster_id))

    def admit_api(self, cluster_id: str, cidrs: Sequence[str]) -> None:
        self.admitted[cluster_id] = list(cidrs)

    def set_egress(self, cluster_id: str, address: str | None) -> None:
        self.egress[cluster_id] = address

    def set_login(self, cluster_id: str, login: Login | None) -> None:
        self.logins[cluster_id] = login

    def delete(self, cluster_id: str) -> None:
        del self.clusters[cluster_id]

    def allocate_address(self, owner: str) -> str:
        return self.addresses.setdefault(owner, f"198.18.3.{len(self.addresses) + 1}")

    def release_address(self, owner: str) -> None:
        self.addresses.pop(owner, None)


@dataclass
class Resource:
    """A resource as the engine's state holds it."""

    token: str
    urn: str
    id: str
    inputs: Properties
    outputs: Properties
    raw: Properties


class Engine:
    """Calls a cloud's servicer in the order in which the engine does."""

    def __init__(self, provider: CloudProvider, config: Mapping[str, Any]) -> None:
        self.provider = provider
        self.context: Any = FakeContext()
        self.configure(config)

    def configure(self, config: Mapping[str, Any]) -> None:
        self.provider.Configure(provider_pb2.ConfigureRequest(args=encode(config)), self.context)

    @property
    def store(self) -> Store:
        return self.provider.store

    def check(
        self, token: str, name: str, inputs: Mapping[str, Any], olds: Mapping[str, Any] | None = None
    ) -> Properties:
        request = provider_pb2.CheckRequest(
            urn=_urn(token, name),
            type=token,
            news=encode(inputs),
            olds=encode(olds or {}),
            randomSeed=b"seed",
        )
        response = self.provider.Check(request, self.context)
        if response.failures:
            raise CheckFailedError(response.failures)
        return decode(response.inputs)

    def preview(self, token: str, name: str, inputs: Mapping[str, Any]) -> Properties:
        return decode(self._create(token, name, self.check(token, name, inputs), preview=True).properties)

    def create(self, token: str, name: str, inputs: Mapping[str, Any]) -> Resource:
        checked = self.check(token, name, inputs)
        response = self._create(token, name, checked, preview=False)
        raw = decode(response.properties)
        return Resource(token, _urn(token, name), response.id, checked, plain(raw), raw)

    def _create(self, token: str, name: str, checked: Properties, *, preview: bool) -> provider_pb2.CreateResponse:
        request = provider_pb2.CreateRequest(
            urn=_urn(token, name), type=token, properties=encode(checked), preview=preview
        )
        return self.provider.Create(request, self.context)

    def diff(self, resource: Resource, inputs: Mapping[str, Any]) -> provider_pb2.DiffResponse:
        name = resource.urn.rpartition("::")[2]
        news = self.check(resource.token, name, inputs, resource.inputs)
        request = provider_pb2.DiffRequest(
            id=resource.id,
            urn=resource.urn,
            type=resource.token,
            olds=encode(resource.outputs),
            old_inputs=encode(resource.inputs),
            news=encode(news),
        )
        return self.provider.Diff(request, self.context)

    def update(self, resource: Resource, inputs: Mapping[str, Any], *, preview: bool = False) -> Resource:
        name = resource.urn.rpartition("::")[2]
        news = self.check(resource.token, name, inputs, resource.inputs)
        request = provider_pb2.UpdateRequest(
            id=resource.id,
            urn=resource.urn,
            type=resource.token,
            olds=encode(resource.outputs),
            old_inputs=encode(resource.inputs),
            news=encode(news),
            preview=preview,
        )
        raw = decode(self.provider.Update(request, self.context).properties)
        return Resource(resource.token, resource.urn, resource.id, news, plain(raw), raw)

    def read(self, resource: Resource) -> Resource | None:
        request = provider_pb2.ReadRequest(
            id=resource.id,
            urn=resource.urn,
            type=resource.token,
            properties=encode(resource.outputs),
            inputs=encode(resource.inputs),
        )
        response = self.provider.Read(request, self.context)
        if not response.id:
            return None
        raw = decode(response.properties)
        return Resource(resource.token, resource.urn, response.id, decode(response.inputs), plain(raw), raw)

    def delete(self, resource: Resource) -> None:
        request = provider_pb2.DeleteRequest(
            id=resource.id, urn=resource.urn, type=resource.token, properties=encode(resource.outputs)
        )
        self.provider.Delete(request, self.context)

    def invoke(self, token: str, arguments: Mapping[str, Any]) -> Properties:
        request = provider_pb2.InvokeRequest(tok=token, args=encode(arguments))
        return decode(getattr(self.provider.Invoke(request, self.context), "return"))


def _urn(token: str, name: str) -> str:
    return f"urn:pulumi:dev::project::{token}::{name}"


def home_in(folder: Path) -> LabHome:
    home = LabHome(folder / "lab")
    home.create()
    return home
