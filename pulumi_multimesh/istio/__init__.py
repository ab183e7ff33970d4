"""Istio as the mesh: a control plane and an east-west gateway in each cluster, and the credentials that join them."""
