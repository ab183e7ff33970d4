"""A stand-in for the kubernetes provider: it applies to real API servers and runs the real Helm."""
