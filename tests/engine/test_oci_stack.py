"""An OKE cluster on paper by the real engine: from nothing, again, changed, drifted and gone without a trace."""

from pathlib import Path

from lab_engine import Lab, passed
from stack_life import Life

from multimesh_lab.providers.oci import images
from multimesh_lab.providers.store import Store, inventory

PROGRAM = """
import pulumi
import pulumi_oci as oci

compartment = "ocid1.compartment.oc1..aaaaaaaaacme"
options = pulumi.ResourceOptions(provider=oci.Provider("oracle", region="eu-frankfurt-1"))
ask = pulumi.InvokeOptions(provider=options.provider)
all_services = oci.core.get_services(
    filters=[{{"name": "name", "values": ["All .* Services In Oracle Services Network"], "regex": True}}], opts=ask
).services[0]
domains = oci.identity.get_availability_domains(compartment_id=compartment, opts=ask).availability_domains
image = oci.containerengine.get_node_pool_option(
    node_pool_option_id="all", node_pool_k8s_version="v1.33.1", node_pool_os_arch="X86_64", opts=ask
).sources[0].image_id

vcn = oci.core.Vcn("vcn", compartment_id=compartment, cidr_blocks=["10.0.0.0/16"], dns_label="mesh", opts=options)
place = {{"compartment_id": compartment, "vcn_id": vcn.id}}
internet = oci.core.InternetGateway("internet", **place, opts=options)
address = oci.core.PublicIp("egress", compartment_id=compartment, lifetime="RESERVED", opts=options)
nat = oci.core.NatGateway("nat", **place, public_ip_id=address.id, opts=options)
services = oci.core.ServiceGateway("services", **place, services=[{{"service_id": all_services.id}}], opts=options)
out = {{"destination": "0.0.0.0/0", "destination_type": "CIDR_BLOCK"}}
to_services = {{"destination": all_services.cidr_block, "destination_type": "SERVICE_CIDR_BLOCK"}}
public = oci.core.RouteTable("public", **place, opts=options, route_rules=[{{**out, "network_entity_id": internet.id}}])
private = oci.core.RouteTable(
    "private",
    **place,
    opts=options,
    route_rules=[
        {{**out, "network_entity_id": nat.id}},
        {{**to_services, "network_entity_id": services.id}},
    ],
)
inside = {{"protocol": "6", "source": "10.0.0.0/16"}}
rules = oci.core.SecurityList(
    "rules",
    **place,
    ingress_security_rules=[inside, {{"protocol": "6", "source": "198.18.0.1/32"}}],
    egress_security_rules=[{{"protocol": "all", "destination": "0.0.0.0/0"}}],
    opts=options,
)


def subnet(name, block, table, hidden):
    return oci.core.Subnet(
        name,
        **place,
        cidr_block=block,
        route_table_id=table.id,
        security_list_ids=[rules.id],
        prohibit_public_ip_on_vnic=hidden,
        opts=options,
    )


api = subnet("api", "10.0.0.0/28", public, False)
workers = subnet("workers", "10.0.10.0/24", private, True)
pods = subnet("pods", "10.0.32.0/19", private, True)
cluster = oci.containerengine.Cluster(
    "oke",
    **place,
    kubernetes_version="v1.33.1",
    type="ENHANCED_CLUSTER",
    cluster_pod_network_options=[{{"cni_type": "OCI_VCN_IP_NATIVE"}}],
    endpoint_config={{"subnet_id": api.id, "is_public_ip_enabled": True}},
    freeform_tags={{"owner": "{owner}"}},
    opts=options,
)
oci.containerengine.NodePool(
    "pool",
    compartment_id=compartment,
    cluster_id=cluster.id,
    kubernetes_version="v1.33.1",
    node_shape="VM.Standard.E5.Flex",
    node_shape_config={{"ocpus": 2, "memory_in_gbs": 16}},
    node_source_details={{"image_id": image, "source_type": "IMAGE"}},
    node_config_details={{
        "size": {size},
        "placement_configs": [{{"availability_domain": d.name, "subnet_id": workers.id}} for d in domains],
        "node_pool_pod_network_option_details": {{
            "cni_type": "OCI_VCN_IP_NATIVE",
            "pod_subnet_ids": [pods.id],
        }},
    }},
    opts=options,
)
kubeconfig = oci.containerengine.get_cluster_kube_config_output(
    cluster_id=cluster.id, token_version="2.0.0", opts=ask
).content
pulumi.export("kubeconfig", kubeconfig)
pulumi.export("endpoint", cluster.endpoints[0].public_endpoint)
"""
NEWER = "Oracle-Linux-8.10-2025.11.20-0-OKE-1.33.1-1345"
OWNER = ("oke", "update", ("freeformTags", "freeformTags.owner"))
SIZE = ("pool", "update", ("nodeConfigDetails", "nodeConfigDetails.size"))
IMAGE = ("pool", "update", ("nodeSourceDetails", "nodeSourceDetails.imageId"))


def changed(life: Life) -> set[tuple[str, str, tuple[str, ...]]]:
    """What the engine would do: to which resource, how, and for which of its properties."""
    return {(step.name, step.op, step.paths) for step in life.preview()}


def test_the_life_of_an_oke_cluster(lab: Lab, tmp_path: Path) -> None:
    lab.home.create()
    life = Life.begin(lab, tmp_path)
    life.program(PROGRAM.format(owner="mesh", size=1))
    assert len([step for step in life.preview() if step.type.startswith("oci:")]) == 13
    life.up()
    life.unchanged()

    life.program(PROGRAM.format(owner="others", size=2))
    assert changed(life) == {OWNER, SIZE}
    life.up()
    life.unchanged()

    passed(lab.command("drift", "set", "oci", "Cluster", "oke", "freeformTags.owner=somebody"))
    life.refresh()
    assert changed(life) == {OWNER}
    images.add(Store(lab.home, "oci"), NEWER)
    assert changed(life) == {OWNER, IMAGE}
    life.up()
    life.unchanged()
    life.destroy()
    assert inventory(lab.home, "oci") == []
