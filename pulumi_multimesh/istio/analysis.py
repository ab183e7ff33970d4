"""What `istioctl analyze` is told not to complain of.

Owns: the annotations. Does not own: which resources have them.
"""

NOT_ALIKE = {"galley.istio.io/analyze-suppress": "IST0170"}
"""For a Service that every cluster has, each a different one by design.

A gateway's has node ports of its own in each cluster, which the analysis compares too; the `istiod` that leads to
another cluster's has fewer ports than that one.
"""

A_PATCH = {"galley.istio.io/analyze-suppress": "IST0133"}
"""For an `EnvoyFilter`: every one is warned of, since the next version may make something else of it."""
