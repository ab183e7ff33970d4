"""GKE and EKS as one mesh network: pods call each other directly through IPsec tunnels, and there is no gateway.

Takes addresses that all pods keep among all clusters, and roads for them; docs/connectivity.md compares.
"""

import helloworld
import pulumi

import pulumi_multimesh as multimesh

mesh = multimesh.MultiCloudMesh(
    "shop",
    {
        "gke": {"gcp-eu": {"project": "acme-dev", "region": "europe-west4"}},
        "eks": {"aws-us": {"region": "us-east-1"}},
        "istio": {"topology": "multi-primary"},
        "connectivity": "vpn",
        "flat": True,
        "api_access": {"office": "203.0.113.0/24"},
    },
)
helloworld.deploy(mesh, {"aws-us": "v1", "gcp-eu": "v2"})

pulumi.export("clusters", mesh.cluster_names)
pulumi.export("rootCertificate", mesh.root_certificate)
pulumi.export("kubeconfigs", mesh.kubeconfigs)
