"""GKE, EKS and AKS as one mesh of Linkerd, with HelloWorld in each of them, exported to the other two.

A client on GKE calls `helloworld` for its own cluster's and `helloworld-aws-us` for the one on EKS. Linkerd's charts
and images are not among what the lab can build: there this program can be previewed, and not brought up.
"""

import helloworld
import pulumi

import pulumi_multimesh as multimesh

mesh = multimesh.MultiCloudMesh(
    "shop",
    {
        "gke": {"gcp-eu": {"project": "acme-dev", "region": "europe-west4"}},
        "eks": {"aws-us": {"region": "us-east-1"}},
        "aks": {"azure-eu": {"region": "westeurope"}},
        "linkerd": {},
        "api_access": {"office": "203.0.113.0/24"},
    },
)
services = helloworld.deploy(mesh, {"gcp-eu": "v1", "aws-us": "v2", "azure-eu": "v3"})
mesh.export(helloworld.NAMESPACE, "helloworld", after=services)

pulumi.export("clusters", mesh.cluster_names)
pulumi.export("rootCertificate", mesh.root_certificate)
pulumi.export("trust", mesh.trust)
pulumi.export("kubeconfigs", mesh.kubeconfigs)
pulumi.export(
    "hosts",
    {name: mesh.host(helloworld.NAMESPACE, "helloworld", of=name, seen_from="gcp-eu") for name in mesh.clusters},
)
