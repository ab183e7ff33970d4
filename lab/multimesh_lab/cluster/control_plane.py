"""The control plane of one cluster: etcd, API server, controller-manager, scheduler.

Owns: their flags and their order. Does not own: nodes, and what a cloud adds (load_balancers).
"""

import time

from multimesh_lab import tools
from multimesh_lab.cluster.api import Api, ApiError
from multimesh_lab.cluster.facts import ClusterError, ClusterFacts
from multimesh_lab.firewall import API_PORT
from multimesh_lab.processes import Daemon, ProcessEndedError

NAMES = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler")
_ETCD, _ETCD_PEER = "http://127.0.0.1:2379", "http://127.0.0.1:2380"
PATIENCE = 90.0
ONE_PROCESSOR = {"GOMAXPROCS": "1"}
"""Go's scheduler looks for work on every processor it may use, a good part of what an idle process does; the processes
of several clusters share the machine, so none of them needs more than one."""


def ensure(facts: ClusterFacts) -> None:
    """All of it runs and the API server is ready when this returns."""
    _etcd(facts)
    server = _api_server(facts)
    await_ready(facts, server)
    _controllers(facts)


def await_ready(facts: ClusterFacts, server: Daemon) -> None:
    api, deadline, said = Api(facts), time.monotonic() + PATIENCE, "nothing"
    while True:
        try:
            if api.text("/readyz") == "ok":
                return
        except (OSError, ApiError) as fault:
            said = str(fault)
        if not server.alive():
            raise ProcessEndedError(server)
        if time.monotonic() > deadline:
            raise ClusterError(
                f"the API server of {facts.name} is not ready after {PATIENCE:.0f} s, it says: {said}; "
                f"see {server.log_file}"
            )
        time.sleep(0.1)


def _etcd(facts: ClusterFacts) -> None:
    """Only the namespace's own loopback reaches it, and it trusts that."""
    data = facts.folder / "etcd"
    data.mkdir(mode=0o700, exist_ok=True)
    facts.daemon("etcd").start(
        [
            tools.binary("etcd"),
            f"--data-dir={data}",
            f"--listen-client-urls={_ETCD}",
            f"--advertise-client-urls={_ETCD}",
            f"--listen-peer-urls={_ETCD_PEER}",
            f"--initial-advertise-peer-urls={_ETCD_PEER}",
            f"--initial-cluster=default={_ETCD_PEER}",
            # A lab's data need not outlive the machine's power.
            "--unsafe-no-fsync",
            "--log-level=warn",
        ],
        ONE_PROCESSOR,
    )


def _api_server(facts: ClusterFacts) -> Daemon:
    plan, pki = facts.plan, facts.certificates
    daemon = facts.daemon("kube-apiserver")
    daemon.start(
        [
            tools.binary("kube-apiserver"),
            f"--etcd-servers={_ETCD}",
            "--bind-address=0.0.0.0",
            f"--secure-port={API_PORT}",
            f"--advertise-address={plan.node}",
            f"--tls-cert-file={pki / 'apiserver.crt'}",
            f"--tls-private-key-file={pki / 'apiserver.key'}",
            f"--token-auth-file={facts.token_file}",
            f"--authentication-config={facts.authentication_file}",
            "--authorization-mode=Node,RBAC",
            "--enable-admission-plugins=NodeRestriction",
            f"--service-account-issuer={facts.oidc_issuer}",
            f"--service-account-key-file={pki / 'service-accounts.key'}",
            f"--service-account-signing-key-file={pki / 'service-accounts.key'}",
            f"--api-audiences={facts.oidc_issuer},https://kubernetes.default.svc,istio-ca",
            f"--service-cluster-ip-range={plan.services}",
            f"--kubelet-certificate-authority={pki / 'ca.crt'}",
            f"--kubelet-client-certificate={pki / 'apiserver-kubelet-client.crt'}",
            f"--kubelet-client-key={pki / 'apiserver-kubelet-client.key'}",
            "--kubelet-preferred-address-types=InternalIP",
            "--allow-privileged=true",
            "--profiling=false",
        ],
        ONE_PROCESSOR,
    )
    return daemon


def _controllers(facts: ClusterFacts) -> None:
    """They give up when the API server is not there within 10 s, so they come after it."""
    pki = facts.certificates
    facts.daemon("kube-controller-manager").start(
        [
            tools.binary("kube-controller-manager"),
            f"--kubeconfig={facts.kubeconfig_of('controller-manager')}",
            f"--service-account-private-key-file={pki / 'service-accounts.key'}",
            f"--root-ca-file={pki / 'ca.crt'}",
            "--use-service-account-credentials=true",
            "--leader-elect=false",
            "--secure-port=0",
        ],
        ONE_PROCESSOR,
    )
    facts.daemon("kube-scheduler").start(
        [
            tools.binary("kube-scheduler"),
            f"--kubeconfig={facts.kubeconfig_of('scheduler')}",
            "--leader-elect=false",
            "--secure-port=0",
        ],
        ONE_PROCESSOR,
    )
