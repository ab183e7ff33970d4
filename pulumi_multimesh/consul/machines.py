"""A service on machines outside Kubernetes: who it is, and what a machine's bootstrap sends to the servers.

Owns: its token, and the requests as outputs. Does not own: their form (plan/consul_machines.py). **A token counts once
it was made by the servers' API**, which takes the one that is derived here: somebody who has the first token sends it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from pulumi_multimesh.consul.keys import ConsulKeys, token
from pulumi_multimesh.plan import consul_machines
from pulumi_multimesh.plan.consul import ConsulMachinesPlan


@dataclass(frozen=True)
class ConsulMachineService:
    """One of `consul.machines` with a service; the same token and accessor as long as the stack has its key."""

    datacenter: str
    """The cluster's name."""
    service: str
    accessor: pulumi.Output[str]
    """By which the token is read, changed and deleted: a UUID, and no secret."""
    token: pulumi.Output[str]
    """By which the machines' proxies say who they are: a UUID, a secret."""

    def token_request(self, *nodes: pulumi.Input[str]) -> pulumi.Output[str]:
        """The body of `PUT /v1/acl/token`, a secret, to be sent once, with the first token: not by the machine.

        `nodes`: the machines by the names that they register; none, and somebody else has to register them.
        """
        return pulumi.Output.all(self.accessor, self.token, *nodes).apply(
            lambda told: consul_machines.token_request(self.datacenter, self.service, told[0], told[1], told[2:])
        )

    def registrations(
        self,
        node: pulumi.Input[str],
        address: pulumi.Input[str],
        port: int,
        calls: Mapping[str, int] | None = None,
    ) -> pulumi.Output[list[str]]:
        """The bodies of `PUT /v1/catalog/register` for the service and for its proxy, to be sent in this order.

        The machine's bootstrap sends them with the service's token; they hold no secret. `calls`: by service that the
        machine calls, a port of its loopback; none unless given. See `plan.consul_machines.registrations`.
        """
        return pulumi.Output.all(node, address).apply(
            lambda told: consul_machines.registrations(
                self.datacenter, self.service, told[0], told[1], port, calls or {}
            )
        )


def machine_service(keys: ConsulKeys, plan: ConsulMachinesPlan) -> ConsulMachineService:
    """Another service, another cluster or another key of the stack, and its token is another."""

    def derived(what: str) -> pulumi.Output[str]:
        return keys.source.apply(lambda secret: token(secret, f"{what} {plan.text}"))

    accessor = pulumi.Output.unsecret(derived("accessor of"))
    return ConsulMachineService(plan.cluster, plan.service, accessor, derived("token of"))
