"""The Python language host of a self-built CLI: it runs the program of an unmodified Pulumi.yaml.

Owns: running a program, or a policy pack, for the engine. Does not own: installing its dependencies; the lab's own
environment has them. The official CLI brings a host of its own, and then this one is not used.
"""

import os
import queue
import runpy
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent import futures
from importlib import metadata
from pathlib import Path
from types import FrameType
from typing import IO, Any

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

    def RunPlugin(self, request: Any, context: Any) -> Iterator[Any]:
        """A policy pack in a process of its own while the engine listens; what it prints goes to the engine."""
        program = [sys.executable, "-u", request.info.program_directory, *request.args]
        # An interrupt from the terminal is the engine's to pass on, so the pack is in a group of its own.
        pack = subprocess.Popen(
            program,
            cwd=request.pwd,
            env=dict(pair.partition("=")[::2] for pair in request.env),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        context.add_callback(pack.kill)
        for name, line in _printed(pack):
            is_error = name == "stderr"
            yield (
                language_pb2.RunPluginResponse(stderr=line) if is_error else language_pb2.RunPluginResponse(stdout=line)
            )
        yield language_pb2.RunPluginResponse(exitcode=pack.wait())

    def interrupted(self, _signal: int, _frame: FrameType | None) -> None:
        """The engine ends its plug-ins by an interrupt; one from the terminal it passes to a running program itself."""
        if not self.running:
            os._exit(0)


def _printed(process: subprocess.Popen[bytes]) -> Iterator[tuple[str, bytes]]:
    """What it prints, by stream and as it comes, until both streams end."""
    told: queue.Queue[tuple[str, bytes]] = queue.Queue()

    def read(name: str, stream: IO[bytes]) -> None:
        for line in stream:
            told.put((name, line))
        told.put((name, b""))

    streams = {"stdout": process.stdout, "stderr": process.stderr}
    for name, stream in streams.items():
        if stream is not None:
            threading.Thread(target=read, args=(name, stream), daemon=True).start()
    open_streams = len(streams)
    while open_streams:
        name, line = told.get()
        if line:
            yield name, line
        else:
            open_streams -= 1


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
