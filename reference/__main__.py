"""The reference program: the mesh that the stack's configuration describes, under `multimesh:mesh`.

The kubeconfig of a cluster that is already there is a secret of its own, `multimesh:kubeconfig-NAME`, so that the
configuration itself stays readable.
"""

from typing import cast

import pulumi

import pulumi_multimesh as multimesh

config = pulumi.Config("multimesh")
args = cast("multimesh.MeshArgs", config.require_object("mesh"))
for name, existing in args.get("existing", {}).items():
    if "kubeconfig" not in existing:
        kubeconfig = config.get_secret(f"kubeconfig-{name}")
        if kubeconfig is not None:
            existing["kubeconfig"] = kubeconfig

mesh = multimesh.MultiCloudMesh(config.get("name") or pulumi.get_project(), args)

pulumi.export("clusters", mesh.cluster_names)
pulumi.export("rootCertificate", mesh.root_certificate)
pulumi.export("kubeconfigs", mesh.kubeconfigs)
