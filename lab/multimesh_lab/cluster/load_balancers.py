"""A cloud's load-balancer controller for one cluster: `python -m multimesh_lab.cluster.load_balancers FOLDER SLOT`.

Owns: the addresses and names of the cluster's Services of type LoadBalancer, and their status. Does not own: the
packets to an address that kube-proxy knows; it knows no hostname, so those of AWS are forwarded before the node: on
the machine, or, for an internal one, in the router of the cloud's network (fabric), which reads what is held here.
"""

import hashlib
import logging
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from multimesh_lab import dns, files, firewall
from multimesh_lab.cluster import cloud_controller
from multimesh_lab.cluster.api import Api, ApiError, Json
from multimesh_lab.cluster.facts import ClusterFacts
from multimesh_lab.firewall import Forwarding
from multimesh_lab.home import LabHome
from multimesh_lab.providers.store import inventory

_SERVICES = "/api/v1/services"
_WATCH_SECONDS = 30
_EIP = "aws:ec2/eip:Eip"
_INTERNAL = {
    # Google Cloud, "Create internal load balancers on GKE"; the second is the older name.
    "networking.gke.io/load-balancer-type": "internal",
    "cloud.google.com/load-balancer-type": "internal",
    # AWS Load Balancer Controller, "Service annotations".
    "service.beta.kubernetes.io/aws-load-balancer-scheme": "internal",
    # Azure, "Use an internal load balancer with AKS".
    "service.beta.kubernetes.io/azure-load-balancer-internal": "true",
    # Oracle Cloud, "Provisioning internal network load balancers", and for classic ones.
    "oci-network-load-balancer.oraclecloud.com/internal": "true",
    "service.beta.kubernetes.io/oci-load-balancer-internal": "true",
}
"""Annotation → the value with which it asks for an address in the cloud's own network."""
_CLOUD_OF = {"gke.io": "gcp", "google.com": "gcp", "aws-": "aws", "azure-": "azure", "oci-": "oci"}


@dataclass(frozen=True)
class Service:
    """What a load balancer needs to know of a Service."""

    namespace: str
    name: str
    uid: str
    sources: tuple[str, ...]
    ports: tuple[tuple[str, int, int], ...]
    """Protocol, port, node port."""
    ingress: tuple[str, ...]
    """What its status says now: addresses or hostnames."""
    wants: bool
    """Whether it is of type LoadBalancer."""
    internal: tuple[str, ...] = ()
    """The clouds of which it asks an address in their own network; each heeds its own annotations only."""
    allocations: tuple[str, ...] = ()
    """AWS: the Elastic IPs that it is to have, by their allocation ids."""
    subnets: tuple[str, ...] = ()
    """AWS: the subnets that it is to be in; none: those that EKS finds."""

    @classmethod
    def of(cls, item: Json) -> "Service":
        spec, metadata = item["spec"], item["metadata"]
        told: list[Json] = item.get("status", {}).get("loadBalancer", {}).get("ingress") or []
        return cls(
            namespace=metadata["namespace"],
            name=metadata["name"],
            uid=metadata["uid"],
            sources=tuple(spec.get("loadBalancerSourceRanges") or ()),
            ports=tuple(
                (port.get("protocol", "TCP"), port["port"], port["nodePort"])
                for port in spec.get("ports", [])
                if port.get("nodePort")
            ),
            ingress=tuple(entry.get("ip") or entry.get("hostname", "") for entry in told),
            # A class of its own means another controller, as the clouds' controllers understand it.
            wants=spec.get("type") == "LoadBalancer" and not spec.get("loadBalancerClass"),
            internal=_internal(metadata.get("annotations") or {}),
            allocations=_listed(metadata, "aws-load-balancer-eip-allocations"),
            subnets=_listed(metadata, "aws-load-balancer-subnets"),
        )

    @property
    def status_path(self) -> str:
        return f"/api/v1/namespaces/{self.namespace}/services/{self.name}/status"

    def hostname(self, region: str) -> str:
        """In the form k8s-NAMESPACE-NAME-HASH that the AWS load balancer controller gives, with the lab's own end."""
        digest = hashlib.sha256(self.uid.encode()).hexdigest()[:10]
        words = (self.namespace.replace("-", "")[:8], self.name.replace("-", "")[:8], digest)
        return f"k8s-{'-'.join(words)}.elb.{region}.amazonaws.test"


def _listed(metadata: Json, name: str) -> tuple[str, ...]:
    text = (metadata.get("annotations") or {}).get(f"service.beta.kubernetes.io/{name}", "")
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _internal(annotations: Json) -> tuple[str, ...]:
    asked = [name for name, value in _INTERNAL.items() if str(annotations.get(name, "")).lower() == value]
    return tuple(sorted({cloud for name in asked for sign, cloud in _CLOUD_OF.items() if sign in name}))


class Controller:
    """Brings addresses, names, forwardings and statuses to what the Services ask for."""

    def __init__(self, facts: ClusterFacts, api: Api) -> None:
        self._facts = facts
        self._api = api
        self._memory = cloud_controller.memory(facts)
        self._forwardings: list[Forwarding] | None = None

    def run_once(self) -> None:
        """Reconcile, then return at the next change of any Service, or after a while without one."""
        listed = self._api.get(_SERVICES)
        self.reconcile([Service.of(item) for item in listed["items"]])
        version = cast(str, listed["metadata"]["resourceVersion"])
        next(iter(self._api.watch(_SERVICES, version, _WATCH_SECONDS)), None)

    def reconcile(self, services: list[Service]) -> None:
        held: dict[str, Json] = files.read_json(self._memory, {})
        wanting = {service.uid: service for service in services if service.wants}
        for uid in [uid for uid in held if uid not in wanting or self._moved(held[uid], wanting[uid])]:
            gone = held.pop(uid)
            logging.info("%s is free again", gone["address"])
            if gone["hostname"]:
                dns.remove_name(self._facts.home, gone["hostname"])
        for uid, service in wanting.items():
            if uid not in held:
                given = self._give(service, {entry["address"] for entry in held.values()})
                if given is None:
                    continue
                held[uid] = given
            held[uid] |= {"ports": [list(port) for port in service.ports], "sources": list(service.sources)}
        files.write_json(self._memory, held)
        if self._by_hostname:
            self._forward(wanting, held)
        for service in services:
            entry = held.get(service.uid)
            self._tell(service, (entry["hostname"] or entry["address"]) if entry else None)

    def _moved(self, entry: Json, service: Service) -> bool:
        """Whether it has an address of the other kind: internal balancers and public ones are different things."""
        return entry.get("internal", False) != self._is_internal(service)

    def _is_internal(self, service: Service) -> bool:
        return self._facts.cloud in service.internal

    @property
    def _by_hostname(self) -> bool:
        return self._facts.cloud == "aws"

    def _give(self, service: Service, taken: set[str]) -> Json | None:
        """What the Service's load balancer has; None while it cannot be made."""
        internal = self._is_internal(service)
        plan = self._facts.plan
        free = (str(address) for address in (plan.internal if internal else plan.pool).hosts())
        address = next(candidate for candidate in free if candidate not in taken)
        if self._by_hostname and service.allocations and not internal:
            elastic = self._elastic_ip(service)
            if elastic is None:
                return None
            address = elastic
        hostname = service.hostname(self._facts.region) if self._by_hostname else ""
        if hostname:
            dns.add_name(self._facts.home, hostname, address)
        logging.info("%s/%s has %s %s", service.namespace, service.name, address, hostname)
        return {"address": address, "hostname": hostname, "internal": internal}

    def _elastic_ip(self, service: Service) -> str | None:
        """The first of the Elastic IPs that the Service names; in the lab a load balancer has one address."""
        # cloud-provider-aws, pkg/providers/v1, "Must have same number of EIP AllocationIDs (%d) and SubnetIDs (%d)".
        if service.subnets and len(service.subnets) != len(service.allocations):
            counts = f"{len(service.allocations)} and SubnetIDs {len(service.subnets)}"
            logging.error(
                "%s/%s: must have same number of EIP AllocationIDs %s", service.namespace, service.name, counts
            )
            return None
        known = {
            record.id: record.outputs["publicIp"]
            for record in inventory(self._facts.home, "aws")
            if record.type == _EIP
        }
        for allocation in service.allocations:
            if allocation not in known:
                logging.error("%s/%s: InvalidAllocationID.NotFound: %s", service.namespace, service.name, allocation)
                return None
        return known[service.allocations[0]]

    def _forward(self, wanting: dict[str, Service], held: dict[str, Json]) -> None:
        wanted = [
            Forwarding(held[uid]["address"], protocol, port, node_port, service.sources)
            for uid, service in sorted(wanting.items())
            if uid in held and not held[uid]["internal"]
            for protocol, port, node_port in service.ports
        ]
        if wanted != self._forwardings:
            firewall.set_forwardings(self._facts.plan, wanted)
            self._forwardings = wanted

    def _tell(self, service: Service, reached_at: str | None) -> None:
        wanted = () if reached_at is None else (reached_at,)
        if service.ingress == wanted:
            return
        kind = "hostname" if self._by_hostname else "ip"
        ingress = None if reached_at is None else [{kind: reached_at}]
        try:
            self._api.merge(service.status_path, {"status": {"loadBalancer": {"ingress": ingress}}})
        except ApiError as fault:
            # The Service may have gone since it was listed.
            if fault.status != 404:
                raise


def main() -> int:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    folder, slot = sys.argv[1:]
    facts = ClusterFacts.load(LabHome(Path(folder)).clusters / slot)
    if facts is None:
        logging.error("the lab in %s has no cluster in slot %s", folder, slot)
        return 1
    controller = Controller(facts, Api(facts, cloud_controller.NAME))
    while True:
        try:
            controller.run_once()
        except (OSError, ApiError, ValueError) as fault:
            logging.warning("again in a second: %s", fault)
            time.sleep(1)


if __name__ == "__main__":
    sys.exit(main())
