"""Consul as the mesh."""
