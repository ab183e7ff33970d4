"""GKE, AKS, EKS and OKE as one mesh, with a version of HelloWorld in each that every other one hears."""

import helloworld
import pulumi

import pulumi_multimesh as multimesh

mesh = multimesh.MultiCloudMesh(
    "shop",
    {
        "gke": {"gcp-eu": {"project": "acme-dev", "region": "europe-west4"}},
        "eks": {"aws-us": {"region": "us-east-1"}},
        "aks": {"azure-eu": {"region": "westeurope"}},
        "oke": {
            "oci-eu": {
                "compartment_id": "ocid1.compartment.oc1..aaaaaaaaexample",
                "region": "eu-frankfurt-1",
            }
        },
        "istio": {"topology": "multi-primary"},
        "api_access": {"office": "203.0.113.0/24"},
        "tags": {"team": "mesh"},
    },
)
helloworld.deploy(mesh, {"aws-us": "v1", "azure-eu": "v2", "gcp-eu": "v3", "oci-eu": "v4"})

pulumi.export("clusters", mesh.cluster_names)
pulumi.export("rootCertificate", mesh.root_certificate)
pulumi.export("kubeconfigs", mesh.kubeconfigs)
