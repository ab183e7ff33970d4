"""Clusters: one component for each kind, all behind the one contract of `cluster.py`."""
