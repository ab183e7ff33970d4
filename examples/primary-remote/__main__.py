"""EKS, GKE and OKE as one mesh whose one control plane, on EKS, serves all three.

The two remotes reach it through the east-west gateway of the EKS cluster, at an address that stays: an Elastic IP.
"""

import helloworld
import pulumi

import pulumi_multimesh as multimesh

mesh = multimesh.MultiCloudMesh(
    "shop",
    {
        "eks": {"aws-us": {"region": "us-east-1"}},
        "gke": {"gcp-eu": {"project": "acme-dev", "region": "europe-west4"}},
        "oke": {
            "oci-eu": {
                "compartment_id": "ocid1.compartment.oc1..aaaaaaaaexample",
                "region": "eu-frankfurt-1",
            }
        },
        "istio": {"topology": "primary-remote", "primary": "aws-us"},
        "api_access": {"office": "203.0.113.0/24"},
    },
)
helloworld.deploy(mesh, {"aws-us": "v1", "gcp-eu": "v2", "oci-eu": "v3"})

pulumi.export("clusters", mesh.cluster_names)
pulumi.export("rootCertificate", mesh.root_certificate)
pulumi.export("kubeconfigs", mesh.kubeconfigs)
