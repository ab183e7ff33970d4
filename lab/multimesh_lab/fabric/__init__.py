"""What may pass between the lab's clusters, as it follows from what was provisioned in the simulated clouds."""
