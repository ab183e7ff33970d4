"""Which clusters stand behind the simulated clouds of a lab.

Owns: the choice. Does not own: the clusters (runtime.py, paper.py).
"""

from multimesh_lab.home import LabHome
from multimesh_lab.providers.paper import PaperRuntime
from multimesh_lab.providers.runtime import ClusterRuntime, LabRuntime
from multimesh_lab.providers.store import read_settings


def runtime_of(home: LabHome) -> ClusterRuntime:
    """Real clusters, unless the lab's settings say `clusters: none`."""
    settings = read_settings(home)
    return LabRuntime(home, nodes=settings.real_nodes) if settings.clusters == "real" else PaperRuntime(home)
