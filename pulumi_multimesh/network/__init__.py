"""Private roads between the clusters' networks: VPN gateways, their connections, and peerings."""
