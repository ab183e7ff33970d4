"""Inside addresses and autonomous systems that clouds keep for themselves, apart from the library's own pools."""

INSIDE: dict[str, list[str]] = {
    # AWS, "Tunnel options for your Site-to-Site VPN connection".
    "aws": [*(f"169.254.{third}.0/30" for third in range(6)), "169.254.169.252/30"],
    # Oracle, "Setting up Site-to-Site VPN": 169.254.10.0–19.255, 100.0–109.255 and 192.0–201.255.
    "oci": [
        *("169.254.10.0/23", "169.254.12.0/22", "169.254.16.0/22"),
        *("169.254.100.0/22", "169.254.104.0/22", "169.254.108.0/23"),
        *("169.254.192.0/21", "169.254.200.0/23"),
    ],
    # Google Cloud: the metadata server.
    "gcp": ["169.254.169.254/32"],
    # Azure, "VPN Gateway FAQ": it keeps none, and takes 169.254.21.0–22.255 alone.
    "azure": [],
}
AZURES_INSIDE = ("169.254.21.0/24", "169.254.22.0/24")
ASNS = {8074, 8075, 12076, 65515, *range(65517, 65521), 23456, *range(64496, 64512), *range(65535, 65552)}
"""Azure, "VPN Gateway FAQ", BGP: those of Azure and of IANA."""
PRIVATE_ASNS = (range(64512, 65535), range(4200000000, 4294967295))
"""RFC 6996; Google Cloud, "Create Cloud Routers": a router takes no other."""
