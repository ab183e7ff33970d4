"""The mesh's certificate authorities: a root, and an intermediate for each cluster."""
