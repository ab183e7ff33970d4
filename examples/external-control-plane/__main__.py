"""EKS and AKS as one mesh, whose control plane runs in a GKE cluster that is not in the mesh.

The mesh's clusters reach it at a load balancer of its own, which admits nobody else. Istio's configuration lies in the
EKS cluster, the first by name of those that are served.
"""

import helloworld
import pulumi

import pulumi_multimesh as multimesh

mesh = multimesh.MultiCloudMesh(
    "shop",
    {
        "gke": {"control": {"project": "acme-dev", "region": "europe-west4"}},
        "eks": {"aws-us": {"region": "us-east-1"}},
        "aks": {"azure-eu": {"region": "westeurope"}},
        "istio": {"topology": "external", "management": "control"},
        "api_access": {"office": "203.0.113.0/24"},
    },
)
helloworld.deploy(mesh, {"aws-us": "v1", "azure-eu": "v2"})

pulumi.export("clusters", mesh.cluster_names)
pulumi.export("rootCertificate", mesh.root_certificate)
pulumi.export("kubeconfigs", mesh.kubeconfigs)
