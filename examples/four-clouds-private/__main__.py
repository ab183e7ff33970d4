"""GKE, AKS, EKS and OKE as one mesh on private roads: IPsec with BGP between every two clouds, internal gateways only.

Takes half an hour more than public gateways in the clouds, for Azure's VPN gateway; docs/connectivity.md compares.
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
        "oke": {
            "oci-eu": {
                "compartment_id": "ocid1.compartment.oc1..aaaaaaaaexample",
                "region": "eu-frankfurt-1",
            }
        },
        "istio": {"topology": "multi-primary"},
        "connectivity": "vpn",
        # Who has which ranges, BGP numbers and tunnels, so that nobody moves when a cluster comes or goes.
        "addresses": {"book": "addresses.yaml"},
        "api_access": {"office": "203.0.113.0/24"},
        "tags": {"team": "mesh"},
    },
)
helloworld.deploy(mesh, {"aws-us": "v1", "azure-eu": "v2", "gcp-eu": "v3", "oci-eu": "v4"})

pulumi.export("clusters", mesh.cluster_names)
pulumi.export("rootCertificate", mesh.root_certificate)
pulumi.export("kubeconfigs", mesh.kubeconfigs)
