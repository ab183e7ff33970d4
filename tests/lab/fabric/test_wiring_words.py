"""What strongSwan, BIRD and iptables are told, word by word."""

from dataclasses import replace
from pathlib import Path

import pytest
from wired_networks import tunnel_end, two_networks

from multimesh_lab.fabric import wiring_bgp, wiring_ipsec, wiring_rules
from multimesh_lab.fabric.model import GATEWAY_FLOW, POD_FLOW, Proposal
from multimesh_lab.fabric.wiring_plan import End, Face, Flow, Forwarding, Router
from multimesh_lab.network import Plan

A, B = Plan(1), Plan(2)


class TestProposals:
    def test_every_alternative_is_offered(self) -> None:
        accepted = Proposal(("aes128", "aes256"), ("sha256", "sha384"), ("modp2048", "ecp256"))
        assert wiring_ipsec.ike_proposals(accepted) == "aes128-aes256-sha256-sha384-modp2048-ecp256"
        assert wiring_ipsec.esp_proposals(accepted) == "aes128-aes256-sha256-sha384-modp2048-ecp256"

    def test_ciphers_with_integrity_of_their_own_are_apart(self) -> None:
        accepted = Proposal(("aes256", "aes256gcm16"), ("sha256", "aes256gcm16"), ("modp2048",))
        assert wiring_ipsec.ike_proposals(accepted) == "aes256-sha256-modp2048, aes256gcm16-prfsha256-modp2048"
        assert wiring_ipsec.esp_proposals(accepted) == "aes256-sha256-modp2048, aes256gcm16-modp2048"

    def test_no_forward_secrecy_is_an_alternative_or_the_only_one(self) -> None:
        either = Proposal(("aes256",), ("sha256",), ("modp2048", "none"))
        assert wiring_ipsec.esp_proposals(either) == "aes256-sha256-modp2048, aes256-sha256"
        never = Proposal(("aes256",), ("sha256",), ("none",))
        assert wiring_ipsec.esp_proposals(never) == "aes256-sha256"


class TestCharon:
    def test_a_connection_says_what_the_cloud_declares(self) -> None:
        said = wiring_ipsec.connections(End(1, tunnel_end(ike_seconds=36000, esp_seconds=10800)))
        for line in (
            "version = 2",
            "local_addrs = 198.18.3.1",
            "remote_addrs = 198.18.3.3",
            "proposals = aes256-sha256-modp2048",
            "esp_proposals = aes256-sha256-modp2048",
            "rekey_time = 36000s",
            "rekey_time = 10800s",
        ):
            assert f" {line}\n" in said

    @pytest.mark.parametrize(("versions", "word"), [((1,), 1), ((2,), 2), ((1, 2), 0)])
    def test_versions(self, versions: tuple[int, ...], word: int) -> None:
        assert f"version = {word}\n" in wiring_ipsec.connections(End(1, tunnel_end(ike_versions=versions)))

    def test_a_key_cannot_end_its_own_line(self) -> None:
        said = wiring_ipsec.connections(End(1, tunnel_end(key='a"\n}')))
        assert "secret = 0sYSIKfQ==\n" in said

    def test_an_end_that_waits_is_not_current_and_says_so(self, tmp_path: Path) -> None:
        charon = wiring_ipsec.Charon(tmp_path, End(1, tunnel_end()))
        assert not charon.is_current()
        assert charon.association() == wiring_ipsec.Association(False, False, "its charon does not run")


class TestBird:
    def _router(self, **changes: object) -> Router:
        router = two_networks().wiring.routers[0]
        return replace(router, ends=(replace(router.ends[0], **changes),))  # pyright: ignore[reportArgumentType]

    def test_a_session_says_what_the_cloud_declares(self) -> None:
        said = wiring_bgp.configuration(self._router())
        assert "local 169.254.40.1 as 64512;" in said
        assert "neighbor 169.254.40.2 as 64600;" in said
        assert (
            "export filter { if source = RTS_STATIC && net ~ [ 198.19.201.0/24, 198.19.101.0/24 ] then accept;" in said
        )
        assert "if source = RTS_BGP" not in said

    def test_passing_on(self) -> None:
        assert "if source = RTS_BGP then accept;" in wiring_bgp.configuration(self._router(passes_on=True))

    def test_only_what_the_network_takes_gets_into_its_routes(self) -> None:
        router = two_networks().wiring.routers[0]
        assert "export where source = RTS_BGP && net ~ [ 198.19.202.0/24, 198.19.102.0/24 ];" in (
            wiring_bgp.configuration(router)
        )
        assert "ipv4 { import none; export none; };" in wiring_bgp.configuration(replace(router, installed=()))

    @pytest.mark.parametrize(
        "changes",
        [{"own_inside": None}, {"peer_inside": None}, {"peer_asn": None}, {"bgp_faults": ("it is off",)}],
    )
    def test_no_session_where_its_cloud_opens_none(self, changes: dict[str, object]) -> None:
        router = self._router(at=tunnel_end(**changes))
        assert "protocol bgp" not in wiring_bgp.configuration(router)


class TestRules:
    def _rules(self, router: Router, *flows: Flow, faces: tuple[Face, ...] = ()) -> list[str]:
        return wiring_rules.rules(router, flows, faces)

    def test_without_a_flow_only_answers_and_the_tunnels_own_packets_pass(self) -> None:
        found = self._rules(replace(two_networks().wiring.routers[0], slots=()))
        assert ":FORWARD DROP [0:0]" in found
        accepted = [line for line in found if line.endswith("-j ACCEPT")]
        assert accepted[0] == "-A FORWARD -m conntrack --ctstate ESTABLISHED,RELATED --ctdir REPLY -j ACCEPT"
        assert "-A FORWARD -i eth0 -o end1 -s 198.18.3.3 -d 198.18.3.1 -j ACCEPT" in accepted
        assert not [line for line in accepted if "198.19." in line]

    @pytest.mark.parametrize(("to", "target"), [(GATEWAY_FLOW, B.internal), (POD_FLOW, B.pods)])
    def test_a_flow_is_from_all_of_a_cluster_to_what_it_leads_to(self, to: str, target: object) -> None:
        found = self._rules(Router(1, "a", (1,)), Flow(1, 2, to))
        for source in (A.pods, A.subnet):
            assert f"-A FORWARD -s {source} -m conntrack --ctorigdst {target} -j ACCEPT" in found

    def test_a_balancer_with_a_name_stands_in_the_router(self) -> None:
        entry = Forwarding("198.19.101.1", "TCP", 443, 30001, 1, ("198.19.202.0/24",))
        found = self._rules(Router(1, "a", (1,), forwardings=(entry,)))
        assert (
            "-A PREROUTING -s 198.19.202.0/24 -d 198.19.101.1 -p tcp --dport 443 "
            "-j DNAT --to-destination 198.19.201.2:30001"
        ) in found

    def test_balancers_see_declared_addresses_and_pods_see_real_ones(self) -> None:
        faces = (Face(2, B.subnet, "10.2.0.10"), Face(1, A.subnet, "10.1.0.10"))
        found = [line for line in self._rules(Router(1, "a", (1,)), faces=faces) if "10." in line.rpartition("-j")[2]]
        assert found == [
            f"-A POSTROUTING -s {B.subnet} -o node1 -m conntrack --ctorigdst {A.internal} -j SNAT --to-source 10.2.0.10"
        ]
