"""Whether a mesh in the lab is what it claims to be: named checks, asked of the clusters and of the wire itself."""
