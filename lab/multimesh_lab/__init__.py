"""The lab: the real engine, real clusters and a real mesh on one machine; only the cloud APIs are simulated."""
