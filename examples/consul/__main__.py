"""GKE, EKS and AKS as one mesh of Consul, each a datacenter, with HelloWorld in all of them as one service.

Calls stay at home while anybody there answers, and go to the peers when nobody does. Consul's chart and images are not
among what the lab can build: there this program can be previewed, and not brought up.
"""

import pulumi
import workloads

import pulumi_multimesh as multimesh

mesh = multimesh.MultiCloudMesh(
    "shop",
    {
        "gke": {"gcp-eu": {"project": "acme-dev", "region": "europe-west4"}},
        "eks": {"aws-us": {"region": "us-east-1"}},
        "aks": {"azure-eu": {"region": "westeurope"}},
        "consul": {"exports": ["sample/helloworld"]},
        "security": {"default": "deny", "allow": [{"callers": ["sample/client"], "to": "sample/helloworld"}]},
        "api_access": {"office": "203.0.113.0/24"},
    },
)
services = workloads.deploy(mesh, {"gcp-eu": "v1", "aws-us": "v2", "azure-eu": "v3"})
mesh.federate(workloads.NAMESPACE, "helloworld", after=services)

pulumi.export("clusters", mesh.cluster_names)
pulumi.export("kubeconfigs", mesh.kubeconfigs)
pulumi.export("host", mesh.federated_host(workloads.NAMESPACE, "helloworld"))
