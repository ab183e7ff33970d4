"""The Python language host of a self-built CLI: it runs the program of an unmodified Pulumi.yaml.

Owns: running a program for the engine. Does not own: installing its dependencies; the lab's own environment has
them. The official CLI brings a host of its own, and then this one is not used.
"""

import os
import runpy
import signal
import sys
from collections.abc import Iterator
from concurrent import futures
from importlib import metadata
from pathlib import Path
from types import FrameType
from typing import Any

import grpc
from pulumi.automation._server import LanguageServer  # the SDK has no public name for it
from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2


class LanguageHost(LanguageServer):
    """The SDK's own server for inline programs, given a program from a folder."""

    def __init__(self) -> None:
        super().__init__(lambda: None)
        self.running = False

    def Handshake(self, request: Any, context: Any) -> Any:
        return language_pb2.LanguageHandshakeResponse()

    def RuntimeOptionsPrompts(self, request: Any, context: Any) -> Any:
        return language_pb2.RuntimeOptionsResponse()

    def InstallDependencies(self, request: Any, context: Any) -> Iterator[Any]:
        return iter(())

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        return plugin_pb2.PluginInfo(version=metadata.version("pulumi"))

    def Run(self, request: Any, context: Any) -> Any:
        folder = Path(request.info.program_directory or request.pwd)
        entry = folder / (request.info.entry_point or ".")

        def program() -> None:
            os.chdir(request.pwd or folder)
            sys.path.insert(0, str(entry if entry.is_dir() else entry.parent))
            runpy.run_path(str(entry), run_name="__main__")

        self.program = program
        self.running = True
        try:
            return super().Run(request, context)
        finally:
            self.running = False

    def interrupted(self, _signal: int, _frame: FrameType | None) -> None:
        """The engine ends its plug-ins by an interrupt; one from the terminal it passes to a running program itself."""
        if not self.running:
            os._exit(0)


def main() -> None:
    """Serve the engine; prints the port as the first line on stdout."""
    host = LanguageHost()
    signal.signal(signal.SIGINT, host.interrupted)
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=8))
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(host, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    server.wait_for_termination()


if __name__ == "__main__":
    main()
