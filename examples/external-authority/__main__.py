"""GKE and EKS as one mesh whose intermediates an authority outside the mesh signs."""

import helloworld
import pulumi
from authority import ExampleAuthority

import pulumi_multimesh as multimesh

mesh = multimesh.MultiCloudMesh(
    "shop",
    {
        "gke": {"gcp-eu": {"project": "acme-dev", "region": "europe-west4"}},
        "eks": {"aws-us": {"region": "us-east-1"}},
        "istio": {"topology": "multi-primary"},
        "api_access": {"office": "203.0.113.0/24"},
    },
    authority=ExampleAuthority(),
)
helloworld.deploy(mesh, {"gcp-eu": "v1", "aws-us": "v2"})

pulumi.export("clusters", mesh.cluster_names)
pulumi.export("rootCertificate", mesh.root_certificate)
pulumi.export("trust", mesh.trust)
pulumi.export("kubeconfigs", mesh.kubeconfigs)
