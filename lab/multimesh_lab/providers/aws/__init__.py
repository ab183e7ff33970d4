"""The simulated Amazon Web Services."""
