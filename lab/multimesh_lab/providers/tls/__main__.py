"""`python -m multimesh_lab.providers.tls`: the plug-in process that the engine starts."""

from multimesh_lab.providers.server import serve
from multimesh_lab.providers.tls.provider import TlsProvider

if __name__ == "__main__":
    serve(TlsProvider())
