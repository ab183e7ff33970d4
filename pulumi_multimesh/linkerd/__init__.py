"""Linkerd as the mesh."""
