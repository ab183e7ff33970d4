"""What every provider server of the lab shares: the handshake, the port on stdout, and a quiet end.

Owns: the process of a provider plug-in. Does not own: any resource.
The engine starts one process per provider instance and reads the port from the first line of its stdout.
"""

import os
import signal
import sys
import threading
import time
from concurrent import futures
from importlib import metadata
from types import FrameType

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

_MESSAGE_LIMIT = 400 * 1024 * 1024  # the engine's own limit (sdk/go/common/util/rpcutil)
_PARENT_CHECK_SECONDS = 2.0


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """A provider that accepts any configuration and has no resource yet."""

    accepts_secrets = False

    def __init__(self, package: str, distribution: str) -> None:
        self.package = package
        self.version = metadata.version(distribution)
        self.stopping = threading.Event()

    def GetPluginInfo(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo(version=self.version)

    def Handshake(
        self, request: provider_pb2.ProviderHandshakeRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ProviderHandshakeResponse:
        return provider_pb2.ProviderHandshakeResponse(
            accept_secrets=self.accepts_secrets, accept_resources=False, accept_outputs=False
        )

    def Attach(self, request: plugin_pb2.PluginAttach, context: grpc.ServicerContext) -> empty_pb2.Empty:
        return empty_pb2.Empty()

    def CheckConfig(
        self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CheckResponse:
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext) -> provider_pb2.DiffResponse:
        same = request.old_inputs == request.news
        changes = provider_pb2.DiffResponse.DIFF_NONE if same else provider_pb2.DiffResponse.DIFF_SOME
        return provider_pb2.DiffResponse(changes=changes)

    def Configure(
        self, request: provider_pb2.ConfigureRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ConfigureResponse:
        return provider_pb2.ConfigureResponse(acceptSecrets=self.accepts_secrets, supportsPreview=True)

    def Cancel(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> empty_pb2.Empty:
        self.stopping.set()
        return empty_pb2.Empty()


def serve(provider: Provider) -> None:
    """Serve until the engine goes away; prints the port as the only line on stdout."""
    threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()
    server = grpc.server(
        futures.ThreadPoolExecutor(max_workers=32),
        options=[
            ("grpc.max_receive_message_length", _MESSAGE_LIMIT),
            ("grpc.max_send_message_length", _MESSAGE_LIMIT),
        ],
    )
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    # The engine ends its plug-ins by an interrupt and calls one that lingers a bug of the provider.
    signal.signal(signal.SIGINT, _end)
    signal.signal(signal.SIGTERM, _end)
    server.wait_for_termination()


def _end(_signal: int, _frame: FrameType | None) -> None:
    os._exit(0)


def _end_with_parent(parent: int) -> None:
    """A killed engine cannot say goodbye; no provider process may outlive it."""
    while os.getppid() == parent:
        time.sleep(_PARENT_CHECK_SECONDS)
    os._exit(0)
