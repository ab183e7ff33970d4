"""What a machine sends to Consul: who may bear its token, and that its proxy is the proxy of its service."""

import json

from hypothesis import given
from hypothesis import strategies as st

from pulumi_multimesh.plan.consul_machines import PROXY_PORT, proxy_id, registrations, token_request

_LABELS = st.from_regex(r"[a-z]([-a-z0-9]{0,20}[a-z0-9])?", fullmatch=True)


def test_a_token_is_for_one_service_on_its_nodes() -> None:
    found = json.loads(token_request("gcp-eu", "billing", "an accessor", "a secret", ["two", "one"]))
    assert (found["AccessorID"], found["SecretID"]) == ("an accessor", "a secret")
    assert found["ServiceIdentities"] == [{"ServiceName": "billing", "Datacenters": ["gcp-eu"]}]
    assert found["NodeIdentities"] == [
        {"NodeName": "one", "Datacenter": "gcp-eu"},
        {"NodeName": "two", "Datacenter": "gcp-eu"},
    ]
    assert not {"Policies", "Roles"} & set(found), "and for nothing else"


@given(_LABELS, _LABELS, st.integers(1, 65535), st.dictionaries(_LABELS, st.integers(1, 65535), max_size=3))
def test_the_proxy_is_of_the_service_and_on_its_node(service: str, node: str, port: int, calls: dict[str, int]) -> None:
    bodies = registrations("gcp-eu", service, node, "10.0.0.7", port, calls)
    itself, proxy = (json.loads(body) for body in bodies)
    for body in (itself, proxy):
        assert (body["Datacenter"], body["Node"], body["Address"]) == ("gcp-eu", node, "10.0.0.7")
        assert body["Service"]["Address"] == "10.0.0.7"
    assert "Kind" not in itself["Service"]
    assert (itself["Service"]["Service"], itself["Service"]["Port"]) == (service, port)
    told = proxy["Service"]
    assert (told["Kind"], told["ID"], told["Service"]) == ("connect-proxy", proxy_id(service), proxy_id(service))
    assert told["Port"] == PROXY_PORT
    assert told["Proxy"]["DestinationServiceName"] == itself["Service"]["Service"]
    assert told["Proxy"]["DestinationServiceID"] == itself["Service"]["ID"]
    assert told["Proxy"]["LocalServicePort"] == port
    assert {each["DestinationName"]: each["LocalBindPort"] for each in told["Proxy"]["Upstreams"]} == calls
