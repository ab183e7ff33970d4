"""The simulated AWS's Lambda: its rules, and the library's own function run by it against VPN connections."""

import importlib.resources
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from simulated_cloud import CheckFailedError, Engine, FakeRuntime, RefusedByProviderError, Resource, home_in

from multimesh_lab.providers.aws import rights
from multimesh_lab.providers.aws.provider import provider
from multimesh_lab.providers.wire import ARCHIVE, ASSET, SIGNATURE, UNKNOWN

ROLE = "aws:iam/role:Role"
INLINE = "aws:iam/rolePolicy:RolePolicy"
FUNCTION = "aws:lambda/function:Function"
INVOCATION = "aws:lambda/invocation:Invocation"
CUSTOMER = "aws:ec2/customerGateway:CustomerGateway"
CONNECTION = "aws:ec2/vpnConnection:VpnConnection"
Inputs = dict[str, Any]
Functions = Callable[..., Resource]
HANDLER = importlib.resources.files("pulumi_multimesh.network").joinpath("aws_readdress_handler.py").read_text()
TRUST = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
DESCRIBE = {"Effect": "Allow", "Action": "ec2:DescribeVpnConnections", "Resource": "*"}
MODIFY = {"Effect": "Allow", "Action": "ec2:ModifyVpnConnection", "Resource": "*"}


def code(**texts: str) -> Inputs:
    assets = {f"{name}.py": {SIGNATURE: ASSET, "text": text} for name, text in texts.items()}
    return {SIGNATURE: ARCHIVE, "assets": assets}


@pytest.fixture
def cloud(tmp_path: Path) -> Engine:
    return Engine(provider(home_in(tmp_path), FakeRuntime()), {"region": "us-east-1"})


@pytest.fixture
def role(cloud: Engine) -> Resource:
    return cloud.create(ROLE, "role", {"name": "readdress", "assumeRolePolicy": json.dumps({"Statement": [TRUST]})})


@pytest.fixture
def rights_given(cloud: Engine, role: Resource) -> None:
    allow(cloud, role, DESCRIBE, MODIFY)


def allow(cloud: Engine, role: Resource, *statements: Inputs) -> Resource:
    policy = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    return cloud.create(INLINE, "rights", {"role": role.id, "policy": policy})


@pytest.fixture
def function(cloud: Engine, role: Resource) -> Functions:
    def make(text: str = HANDLER, **more: Any) -> Resource:
        inputs: Inputs = {
            "role": role.outputs["arn"],
            "runtime": "python3.13",
            "handler": "index.handler",
            "timeout": 900,
            "code": code(index=text),
            **more,
        }
        return cloud.create(FUNCTION, "f", inputs)

    return make


def gateway(cloud: Engine, address: str) -> Resource:
    return cloud.create(CUSTOMER, address, {"type": "ipsec.1", "bgpAsn": "31898", "ipAddress": address})


@pytest.fixture
def placeholder(cloud: Engine) -> Resource:
    return gateway(cloud, "192.0.2.1")


@pytest.fixture
def oracle(cloud: Engine) -> Resource:
    return gateway(cloud, "203.0.113.9")


@pytest.fixture
def connection(cloud: Engine, placeholder: Resource) -> Resource:
    return connect(cloud, placeholder)


def connect(cloud: Engine, placeholder: Resource) -> Resource:
    vgw = cloud.create("aws:ec2/vpnGateway:VpnGateway", "vgw", {})
    ends = {"vpnGatewayId": vgw.id, "customerGatewayId": placeholder.id}
    return cloud.create(CONNECTION, "vpn", {"type": "ipsec.1", **ends})


def call_of(function: Resource, connection: Resource, placeholder: Resource, customer: Resource) -> Inputs:
    event = {"connection": connection.id, "placeholder": placeholder.id, "customer": customer.id}
    return {"functionName": function.id, "lifecycleScope": "CRUD", "input": json.dumps(event)}


def customer_of(cloud: Engine, connection: Resource) -> object:
    record = cloud.store.get(CONNECTION, connection.id)
    return record.outputs["customerGatewayId"] if record else None


@pytest.mark.usefixtures("rights_given")
class TestTheLibrarysFunction:
    def test_a_connection_is_readdressed_and_given_back(
        self, cloud: Engine, function: Functions, connection: Resource, placeholder: Resource, oracle: Resource
    ) -> None:
        made = cloud.create(INVOCATION, "i", call_of(function(), connection, placeholder, oracle))
        assert json.loads(made.outputs["result"]) == {connection.id: oracle.id}
        assert customer_of(cloud, connection) == oracle.id
        with pytest.raises(RefusedByProviderError, match="in use"):
            cloud.delete(oracle)
        cloud.delete(made)
        assert customer_of(cloud, connection) == placeholder.id
        cloud.delete(oracle)
        cloud.delete(connection)
        cloud.delete(placeholder)

    def test_another_address_is_followed(
        self, cloud: Engine, function: Functions, connection: Resource, placeholder: Resource, oracle: Resource
    ) -> None:
        lambda_ = function()
        made = cloud.create(INVOCATION, "i", call_of(lambda_, connection, placeholder, oracle))
        moved = gateway(cloud, "203.0.113.10")
        inputs = call_of(lambda_, connection, placeholder, moved)
        assert not cloud.diff(made, inputs).replaces
        assert cloud.update(made, inputs, preview=True).raw["result"] is UNKNOWN
        after = cloud.update(made, inputs)
        assert customer_of(cloud, connection) == moved.id
        cloud.delete(oracle)
        cloud.delete(after)
        assert customer_of(cloud, connection) == placeholder.id

    def test_a_connection_that_takes_anothers_place(
        self, cloud: Engine, function: Functions, connection: Resource, placeholder: Resource, oracle: Resource
    ) -> None:
        """The one that is left goes back to its placeholder, so that both customer gateways can go."""
        lambda_ = function()
        made = cloud.create(INVOCATION, "i", call_of(lambda_, connection, placeholder, oracle))
        second = connect(cloud, placeholder)
        cloud.update(made, call_of(lambda_, second, placeholder, oracle))
        assert customer_of(cloud, connection) == placeholder.id
        assert customer_of(cloud, second) == oracle.id

    def test_asked_twice_nothing_changes(
        self, cloud: Engine, function: Functions, connection: Resource, placeholder: Resource, oracle: Resource
    ) -> None:
        cloud.store.change(CONNECTION, connection.id, {"customerGatewayId": oracle.id})
        cloud.create(INVOCATION, "i", call_of(function(timeout=30), connection, placeholder, oracle))
        assert customer_of(cloud, connection) == oracle.id

    def test_a_connection_that_is_gone(
        self, cloud: Engine, function: Functions, connection: Resource, placeholder: Resource, oracle: Resource
    ) -> None:
        inputs = call_of(function(), connection, placeholder, oracle)
        made = cloud.create(INVOCATION, "i", inputs)
        cloud.delete(connection)
        cloud.delete(made)
        with pytest.raises(RefusedByProviderError, match=f"LookupError.*there is no VPN connection {connection.id}"):
            cloud.create(INVOCATION, "again", inputs)

    def test_it_says_what_it_waited_for_before_its_time_is_up(
        self, cloud: Engine, function: Functions, connection: Resource, placeholder: Resource, oracle: Resource
    ) -> None:
        with pytest.raises(RefusedByProviderError, match=f"TimeoutError.*last seen: modifying with {oracle.id}"):
            cloud.create(INVOCATION, "i", call_of(function(timeout=120), connection, placeholder, oracle))

    def test_what_aws_refuses_for_good_ends_it(
        self, cloud: Engine, function: Functions, connection: Resource, placeholder: Resource, oracle: Resource
    ) -> None:
        inputs = call_of(function(), connection, placeholder, oracle)
        cloud.delete(oracle)
        with pytest.raises(RefusedByProviderError, match=r"ClientError.*InvalidCustomerGatewayID\.NotFound"):
            cloud.create(INVOCATION, "i", inputs)
        assert cloud.store.all(INVOCATION) == []


class TestRights:
    def test_without_them_it_gives_up_and_says_so(
        self,
        cloud: Engine,
        role: Resource,
        function: Functions,
        connection: Resource,
        placeholder: Resource,
        oracle: Resource,
    ) -> None:
        elsewhere = {**MODIFY, "Resource": [placeholder.outputs["arn"], oracle.outputs["arn"]]}
        allow(cloud, role, DESCRIBE, elsewhere)
        with pytest.raises(RefusedByProviderError, match=f"ClientError.*UnauthorizedOperation.*{connection.id}"):
            cloud.create(INVOCATION, "i", call_of(function(), connection, placeholder, oracle))
        assert customer_of(cloud, connection) == placeholder.id

    @pytest.mark.parametrize(
        ("statements", "allowed"),
        [
            ([{"Effect": "Allow", "Action": "ec2:Describe*", "Resource": "*"}], True),
            ([{"Effect": "Allow", "Action": ["s3:*", "EC2:describevpnconnections"], "Resource": ["arn:*"]}], True),
            ([{"Effect": "Allow", "Action": "ec2:Modify*", "Resource": "*"}], False),
            ([{"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:*"}], False),
            ([DESCRIBE, {"Effect": "Deny", "Action": "ec2:*", "Resource": "*"}], False),
            ([{**DESCRIBE, "Condition": {"Bool": {"aws:SecureTransport": "true"}}}], False),
            ([], False),
        ],
    )
    def test_of_a_role(self, cloud: Engine, role: Resource, statements: list[Inputs], allowed: bool) -> None:
        allow(cloud, role, *statements)
        resource = "arn:aws:ec2:us-east-1:123456789012:vpn-connection/vpn-1"
        assert rights.allow(cloud.store, role.outputs["arn"], "ec2:DescribeVpnConnections", resource) is allowed


class TestFunction:
    @pytest.mark.parametrize(
        ("change", "path"),
        [
            ({"timeout": 901}, "timeout"),
            ({"timeout": 0}, "timeout"),
            ({"memorySize": 127}, "memorySize"),
            ({"name": "with space"}, "name"),
            ({"imageUri": "image"}, "code"),
            ({"code": None}, "code"),
        ],
    )
    def test_what_the_provider_refuses(self, cloud: Engine, change: Inputs, path: str) -> None:
        inputs = {"role": "arn", "runtime": "python3.13", "handler": "i.h", "code": code(i="")}
        with pytest.raises(CheckFailedError) as refused:
            cloud.check(FUNCTION, "f", {**inputs, **change})
        assert refused.value.paths == [path]

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"role": "arn:aws:iam::123456789012:role/gone"}, "cannot be assumed by Lambda"),
            ({"runtime": None}, "Runtime and Handler are mandatory"),
            ({"handler": None}, "Runtime and Handler are mandatory"),
            ({"runtime": "nodejs22.x"}, "not simulated"),
            ({"code": {SIGNATURE: ARCHIVE, "path": "function.zip"}}, "only an archive of texts"),
        ],
    )
    def test_what_lambda_refuses(self, function: Functions, change: Inputs, message: str) -> None:
        with pytest.raises(RefusedByProviderError, match=message):
            function(**change)

    def test_a_role_that_trusts_somebody_else(self, cloud: Engine, function: Functions) -> None:
        trust = {**TRUST, "Principal": {"Service": ["ec2.amazonaws.com"]}}
        other = cloud.create(ROLE, "other", {"assumeRolePolicy": json.dumps({"Statement": [trust]})})
        with pytest.raises(RefusedByProviderError, match="cannot be assumed by Lambda"):
            function(role=other.outputs["arn"])

    def test_new_code_is_the_same_function(self, cloud: Engine, function: Functions) -> None:
        made = function()
        news = {**made.inputs, "code": code(index="def handler(event, context): return 2")}
        assert not cloud.diff(made, news).replaces
        after = cloud.update(made, news)
        assert after.outputs["codeSha256"] != made.outputs["codeSha256"]
        event = {"functionName": made.id, "lifecycleScope": "CRUD", "input": "{}"}
        assert cloud.create(INVOCATION, "i", event).outputs["result"] == "2"


class TestInvocation:
    def test_the_event_says_what_happens(self, cloud: Engine, function: Functions) -> None:
        lambda_ = function("def handler(event, context):\n    print('to the log')\n    return event")
        inputs = {"functionName": lambda_.id, "lifecycleScope": "CRUD", "input": '{"a": 1}'}
        made = cloud.create(INVOCATION, "i", inputs)
        assert json.loads(made.outputs["result"]) == {"a": 1, "tf": {"action": "create", "prev_input": None}}
        after = cloud.update(made, {**inputs, "input": '{"a": 2}'})
        assert json.loads(after.outputs["result"]) == {"a": 2, "tf": {"action": "update", "prev_input": {"a": 1}}}

    @pytest.mark.parametrize(
        ("text", "fault"),
        [
            ("def handler(event, context): raise ValueError('no')", '"errorType": "ValueError", "errorMessage": "no"'),
            ("import missing", "ModuleNotFoundError"),
            ("def another(event, context): ...", "AttributeError"),
            ("import boto3\ndef handler(event, context): boto3.client('s3')", "a client of s3 is not simulated"),
            ("import time\ndef handler(event, context): time.sleep(901)", "timed out after 900.00 seconds"),
            ("import os\ndef handler(event, context): os._exit(3)", "Runtime.ExitError"),
        ],
    )
    def test_a_fault_of_the_function_is_the_calls(
        self, cloud: Engine, function: Functions, text: str, fault: str
    ) -> None:
        inputs = {"functionName": function(text).id, "lifecycleScope": "CRUD", "input": "{}"}
        with pytest.raises(RefusedByProviderError, match=r"invoking Lambda Function \(f-") as refused:
            cloud.create(INVOCATION, "i", inputs)
        assert fault in str(refused.value)
        assert cloud.store.all(INVOCATION) == []

    @pytest.mark.parametrize("text", ["{", "[]", '"text"'])
    def test_its_input_is_an_object(self, cloud: Engine, text: str) -> None:
        with pytest.raises(CheckFailedError) as refused:
            cloud.check(INVOCATION, "i", {"functionName": "f", "lifecycleScope": "CRUD", "input": text})
        assert refused.value.paths == ["input"]

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"functionName": "gone"}, "ResourceNotFoundException: Function not found: arn:aws:lambda:us-east-1"),
            ({"region": "eu-west-1"}, "ResourceNotFoundException: Function not found: arn:aws:lambda:eu-west-1"),
            ({"lifecycleScope": None}, "another scope than CRUD is not simulated"),
        ],
    )
    def test_what_is_refused(self, cloud: Engine, function: Functions, change: Inputs, message: str) -> None:
        inputs = {"functionName": function().id, "lifecycleScope": "CRUD", "input": "{}", **change}
        with pytest.raises(RefusedByProviderError, match=message):
            cloud.create(INVOCATION, "i", inputs)
