"""`python -m multimesh_lab.providers.azure_native`: the plug-in process that the engine starts."""

from multimesh_lab.home import LabHome
from multimesh_lab.providers.azure_native.provider import provider
from multimesh_lab.providers.server import serve

if __name__ == "__main__":
    serve(provider(LabHome.from_environment()))
