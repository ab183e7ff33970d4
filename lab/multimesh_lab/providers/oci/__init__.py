"""The simulated Oracle Cloud."""
