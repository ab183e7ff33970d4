"""The simulated Azure."""
