"""Which clusters there are, which slot each has, and who holds which simulated public address.

Owns: slots and public addresses, remembered on disk under a lock. Does not own: what runs in a slot.
"""

import hashlib
import shutil
from pathlib import Path
from uuid import UUID

from multimesh_lab import files, tools
from multimesh_lab.cluster.facts import ClusterError, ClusterFacts, ClusterRequest
from multimesh_lab.home import LabHome
from multimesh_lab.network import PUBLIC, SLOTS, Plan, run

_CLOUDS = ("gcp", "aws", "azure", "oci", "none")


def find(home: LabHome, cluster_id: str) -> ClusterFacts | None:
    """The cluster with this id, or None."""
    return next((facts for facts in all_clusters(home) if facts.id == cluster_id), None)


def get(home: LabHome, cluster_id: str) -> ClusterFacts:
    """The cluster with this id, which must be there."""
    facts = find(home, cluster_id)
    if facts is None:
        known = ", ".join(sorted(other.id for other in all_clusters(home))) or "none"
        raise ClusterError(f"the lab has no cluster {cluster_id}; it has: {known}")
    return facts


def all_clusters(home: LabHome) -> list[ClusterFacts]:
    """All clusters, by slot."""
    loaded = (ClusterFacts.load(home.clusters / str(slot)) for slot in SLOTS)
    return [facts for facts in loaded if facts is not None]


def claim(home: LabHome, request: ClusterRequest) -> ClusterFacts:
    """The facts of the cluster with the request's id; a new one gets the first free slot."""
    if request.cloud not in _CLOUDS:
        raise ClusterError(f"cloud is {request.cloud!r}; allowed are {', '.join(_CLOUDS)}")
    with files.locked(home.clusters / "slots.lock"):
        known = find(home, request.id)
        if known is not None:
            return known
        slot = _free_slot(home)
        if slot is None:
            raise ClusterError(
                f"all {len(SLOTS)} slots of the lab have a cluster, none is left for {request.name}; "
                "remedy: destroy a stack, or `multimesh-lab down`"
            )
        plan = Plan(slot)
        facts = ClusterFacts(
            id=request.id,
            name=request.name,
            cloud=request.cloud,
            region=request.region,
            slot=slot,
            namespace=plan.namespace,
            endpoint=f"https://{plan.node}:6443",
            ca_pem="",
            version=run(str(tools.binary("kube-apiserver")), "--version").split()[-1],
            oidc_issuer=_issuer(request),
            folder=home.clusters / str(slot),
        )
        facts.folder.mkdir(parents=True, exist_ok=True)
        facts.folder.chmod(0o700)
        facts.save()
        return facts


def claim_on_paper(home: LabHome, cluster_id: str) -> int | None:
    """The slot whose addresses stand for a cluster on paper; the same one for the same id, None when none is left."""
    with files.locked(home.clusters / "slots.lock"):
        held = on_paper(home)
        if cluster_id not in held:
            slot = _free_slot(home)
            if slot is None:
                return None
            held[cluster_id] = slot
            files.write_json(_paper(home), held)
        return held[cluster_id]


def forget_on_paper(home: LabHome, cluster_id: str) -> None:
    """Safe to repeat."""
    with files.locked(home.clusters / "slots.lock"):
        held = on_paper(home)
        if held.pop(cluster_id, None) is not None:
            files.write_json(_paper(home), held)


def on_paper(home: LabHome) -> dict[str, int]:
    """The slots of clusters on paper, by their ids."""
    return files.read_json(_paper(home), {})


def _paper(home: LabHome) -> Path:
    return home.clusters / "on-paper.json"


def _free_slot(home: LabHome) -> int | None:
    taken = {facts.slot for facts in all_clusters(home)} | set(on_paper(home).values())
    return next((slot for slot in SLOTS if slot not in taken), None)


def forget(facts: ClusterFacts) -> None:
    """Remove the cluster's folder, and with it its claim on the slot."""
    with files.locked(facts.folder.parent / "slots.lock"):
        shutil.rmtree(facts.folder, ignore_errors=True)
        if facts.folder.exists():
            raise ClusterError(f"{facts.folder} cannot be removed: is something mounted in it?")


def _issuer(request: ClusterRequest) -> str:
    """An issuer in the form that the cloud gives it, one of its own for every cluster.

    GKE: https://container.googleapis.com/v1/projects/P/locations/L/clusters/C ("Workload Identity Federation for
    GKE"). EKS: https://oidc.eks.REGION.amazonaws.com/id/ and 32 hexadecimal digits ("Create an IAM OIDC provider").
    AKS: https://REGION.oic.prod-aks.azure.com/TENANT/UUID/ ("Create an OpenID Connect provider on AKS").
    """
    digest = hashlib.sha256(request.id.encode()).hexdigest()
    if request.cloud == "gcp":
        return f"https://container.googleapis.com/v1/{request.id.removeprefix('gcp/')}"
    if request.cloud == "aws":
        return f"https://oidc.eks.{request.region}.amazonaws.com/id/{digest[:32].upper()}"
    if request.cloud == "azure":
        return f"https://{request.region}.oic.prod-aks.azure.com/{UUID(int=0)}/{UUID(digest[:32])}/"
    return f"https://issuer.{request.cloud}.multimesh.test/{digest[:32]}"


def allocate_address(home: LabHome, owner: str) -> str:
    """A simulated public address; the same one for the same owner."""
    with files.locked(_addresses(home).with_suffix(".lock")):
        held: dict[str, str] = files.read_json(_addresses(home), {})
        if owner not in held:
            taken = set(held.values())
            free = next((str(address) for address in PUBLIC.hosts() if str(address) not in taken), None)
            if free is None:
                raise ClusterError(f"all addresses of {PUBLIC} are taken, none is left for {owner}")
            held[owner] = free
            files.write_json(_addresses(home), held)
        return held[owner]


def release_address(home: LabHome, owner: str) -> None:
    """The owner needs its address no more; safe to repeat."""
    with files.locked(_addresses(home).with_suffix(".lock")):
        held: dict[str, str] = files.read_json(_addresses(home), {})
        if held.pop(owner, None) is not None:
            files.write_json(_addresses(home), held)


def _addresses(home: LabHome) -> Path:
    return home.root / "addresses.json"
