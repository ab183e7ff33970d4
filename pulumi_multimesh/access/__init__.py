"""Who may do what in a cluster, by Kubernetes' own roles."""
