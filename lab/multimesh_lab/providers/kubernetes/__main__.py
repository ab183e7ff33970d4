"""The plug-in's process."""

from multimesh_lab.providers.kubernetes.provider import KubernetesProvider
from multimesh_lab.providers.server import serve

serve(KubernetesProvider())
