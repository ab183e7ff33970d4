"""Cases of firewalls and tunnels."""

from check_cases.things import ANY_ADDRESS, HALVES, OFFICE, Cases, each, thing

FIREWALL = "gcp:compute/firewall:Firewall"
AWS_RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
AWS_OLD_RULE = "aws:ec2/securityGroupRule:SecurityGroupRule"
AWS_GROUP = "aws:ec2/securityGroup:SecurityGroup"
AZURE_RULE = "azure-native:network:SecurityRule"
AZURE_GROUP = "azure-native:network:NetworkSecurityGroup"
OCI_RULE = "oci:Core/networkSecurityGroupSecurityRule:NetworkSecurityGroupSecurityRule"
OCI_LIST = "oci:Core/securityList:SecurityList"
GCP_TUNNEL = "gcp:compute/vPNTunnel:VPNTunnel"
AWS_TUNNEL = "aws:ec2/vpnConnection:VpnConnection"
AZURE_TUNNEL = "azure-native:network:VirtualNetworkGatewayConnection"
OCI_TUNNEL = "oci:Core/ipsecConnectionTunnelManagement:IpsecConnectionTunnelManagement"
_SOUND_AWS: dict[str, object] = {
    **{f"tunnel{tunnel}Phase{phase}IntegrityAlgorithms": ["SHA2-256"] for tunnel in (1, 2) for phase in (1, 2)},
    **{f"tunnel{tunnel}Phase{phase}DhGroupNumbers": [14, 20] for tunnel in (1, 2) for phase in (1, 2)},
}
AZURE_IN = {"access": "Allow", "direction": "Inbound", "protocol": "Tcp"}

CASES: dict[str, Cases] = {
    "firewall-open": Cases(
        each(
            thing(FIREWALL, {"sourceRanges": [ANY_ADDRESS], "allows": [{"protocol": "tcp", "ports": ["22"]}]}),
            thing(FIREWALL, {"allows": [{"protocol": "all"}]}),
            thing(FIREWALL, {"sourceRanges": HALVES, "allows": [{"protocol": "tcp", "ports": ["22"]}]}),
            thing(AWS_RULE, {"cidrIpv4": HALVES[1], "ipProtocol": "-1"}),
            thing(AWS_RULE, {"cidrIpv6": "2000::/3", "ipProtocol": "-1"}),
            thing(AZURE_RULE, {**AZURE_IN, "sourceAddressPrefixes": HALVES, "destinationPortRange": "22"}),
            thing(OCI_RULE, {"direction": "INGRESS", "source": HALVES[0], "protocol": "all"}),
            thing(AWS_RULE, {"cidrIpv4": ANY_ADDRESS, "ipProtocol": "-1"}),
            thing(AWS_RULE, {"cidrIpv6": "::/0", "ipProtocol": "tcp", "fromPort": 22.0, "toPort": 22.0}),
            thing(
                AWS_OLD_RULE,
                {"type": "ingress", "cidrBlocks": [ANY_ADDRESS], "protocol": "tcp", "fromPort": 1, "toPort": 443},
            ),
            thing(
                AWS_GROUP, {"ingress": [{"cidrBlocks": [ANY_ADDRESS], "protocol": "udp", "fromPort": 53, "toPort": 53}]}
            ),
            thing(AZURE_RULE, {**AZURE_IN, "sourceAddressPrefix": "*", "destinationPortRange": "22"}),
            thing(
                AZURE_GROUP,
                {
                    "securityRules": [
                        {**AZURE_IN, "sourceAddressPrefix": "Internet", "destinationPortRanges": ["443", "22"]}
                    ]
                },
            ),
            thing(OCI_RULE, {"direction": "INGRESS", "source": ANY_ADDRESS, "protocol": "all"}),
            thing(
                OCI_LIST,
                {
                    "ingressSecurityRules": [
                        {"source": ANY_ADDRESS, "protocol": "6", "tcpOptions": {"min": 6443, "max": 6443}}
                    ]
                },
            ),
        ),
        each(
            thing(FIREWALL, {"sourceRanges": [OFFICE], "allows": [{"protocol": "tcp", "ports": ["22"]}]}),
            thing(FIREWALL, {"sourceRanges": [ANY_ADDRESS], "allows": [{"protocol": "tcp", "ports": ["443"]}]}),
            thing(FIREWALL, {"sourceTags": ["ours"], "allows": [{"protocol": "tcp"}]}),
            thing(FIREWALL, {"direction": "EGRESS", "allows": [{"protocol": "all"}]}),
            thing(AWS_RULE, {"cidrIpv4": OFFICE, "ipProtocol": "-1"}),
            thing(AWS_RULE, {"cidrIpv4": ANY_ADDRESS, "ipProtocol": "icmp", "fromPort": 3, "toPort": 4}),
            thing(AWS_OLD_RULE, {"type": "egress", "cidrBlocks": [ANY_ADDRESS], "protocol": "-1"}),
            thing(AWS_GROUP, {"ingress": [{"cidrBlocks": [OFFICE], "protocol": "-1", "fromPort": 0, "toPort": 0}]}),
            thing(AZURE_RULE, {**AZURE_IN, "access": "Deny", "sourceAddressPrefix": "*", "destinationPortRange": "*"}),
            thing(AZURE_GROUP, {"securityRules": []}),
            thing(
                OCI_RULE,
                {
                    "direction": "INGRESS",
                    "source": ANY_ADDRESS,
                    "protocol": "6",
                    "tcpOptions": {"destinationPortRange": {"min": 443, "max": 443}},
                },
            ),
            thing(OCI_RULE, {"direction": "EGRESS", "destination": ANY_ADDRESS, "protocol": "all"}),
            thing(OCI_LIST, {"ingressSecurityRules": [{"source": OFFICE, "protocol": "all"}]}),
        ),
    ),
    "tunnel-old-ike": Cases(
        each(
            thing(GCP_TUNNEL, {"ikeVersion": 1}),
            thing(AWS_TUNNEL, {"tunnel1IkeVersions": ["ikev1", "ikev2"], "tunnel2IkeVersions": ["ikev2"]}),
            thing(AWS_TUNNEL, {"type": "ipsec.1"}),
            thing(AZURE_TUNNEL, {"connectionProtocol": "IKEv1"}),
            thing(OCI_TUNNEL, {"routing": "BGP"}),
        ),
        each(
            thing(GCP_TUNNEL, {"ikeVersion": 2}),
            thing(AWS_TUNNEL, {"tunnel1IkeVersions": ["ikev2"], "tunnel2IkeVersions": ["ikev2"]}),
            thing(AZURE_TUNNEL, {"connectionProtocol": "IKEv2"}),
            thing(OCI_TUNNEL, {"ikeVersion": "V2"}),
        ),
    ),
    "tunnel-weak-algorithms": Cases(
        each(
            thing(GCP_TUNNEL, {"cipherSuite": {"phase1": {"encryptions": ["3DES-CBC"]}}}),
            thing(AWS_TUNNEL, {**_SOUND_AWS, "tunnel1Phase1IntegrityAlgorithms": ["SHA1"]}),
            thing(AWS_TUNNEL, {**_SOUND_AWS, "tunnel2Phase2DhGroupNumbers": [2.0, 14.0]}),
            thing(AWS_TUNNEL, {**_SOUND_AWS, "tunnel2Phase2DhGroupNumbers": [22]}),
            thing(AWS_TUNNEL, {"type": "ipsec.1"}),
            thing(AWS_TUNNEL, {**_SOUND_AWS, "tunnel2Phase1IntegrityAlgorithms": []}),
            thing(AZURE_TUNNEL, {"ipsecPolicies": [{"ipsecEncryption": "None", "dhGroup": "DHGroup14"}]}),
            thing(AZURE_TUNNEL, {"ipsecPolicies": [{"ipsecEncryption": "AES256", "dhGroup": "None"}]}),
            thing(AZURE_TUNNEL, {"connectionType": "IPsec"}),
            thing(AZURE_TUNNEL, {"ipsecPolicies": [{"ikeEncryption": "DES3", "dhGroup": "DHGroup14"}]}),
            thing(AZURE_TUNNEL, {"ipsecPolicies": [{"ikeEncryption": "AES256", "dhGroup": "DHGroup2"}]}),
            thing(OCI_TUNNEL, {"phaseOneDetails": {"customDhGroup": "GROUP5"}}),
            thing(OCI_TUNNEL, {"phaseTwoDetails": {"customAuthenticationAlgorithm": "HMAC_SHA1_128"}}),
        ),
        each(
            thing(GCP_TUNNEL, {"cipherSuite": {"phase1": {"encryptions": ["AES-CBC-256"], "dhs": ["Group-14"]}}}),
            thing(AWS_TUNNEL, _SOUND_AWS),
            thing(AZURE_TUNNEL, {"connectionType": "Vnet2Vnet"}),
            thing(AZURE_TUNNEL, {"ipsecPolicies": [{"ikeEncryption": "AES256", "dhGroup": "DHGroup14"}]}),
            thing(
                OCI_TUNNEL,
                {"phaseOneDetails": {"customDhGroup": "GROUP14", "customAuthenticationAlgorithm": "SHA2_384"}},
            ),
        ),
    ),
}
