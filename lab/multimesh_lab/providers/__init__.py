"""Provider servers of the lab: simulated clouds, and the stand-in that talks to real API servers."""
