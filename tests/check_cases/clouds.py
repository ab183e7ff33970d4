"""Cases of clusters as their clouds have them."""

from check_cases.things import ANY_ADDRESS, HALVES, OFFICE, Cases, each, thing
from pulumi_multimesh.checks.item import UNREAD

GKE = "gcp:container/cluster:Cluster"
GKE_NODES = "gcp:container/nodePool:NodePool"
EKS = "aws:eks/cluster:Cluster"
EKS_ADDON = "aws:eks/addon:Addon"
AKS = "azure-native:containerservice:ManagedCluster"
OKE = "oci:ContainerEngine/cluster:Cluster"

CASES: dict[str, Cases] = {
    "cluster-open-api": Cases(
        each(
            thing(GKE, {"name": "one"}),
            thing(GKE, {"masterAuthorizedNetworksConfig": {"cidrBlocks": [{"cidrBlock": ANY_ADDRESS}]}}),
            thing(EKS, {"vpcConfig": {"endpointPublicAccess": True}}),
            thing(EKS, {"vpcConfig": {"publicAccessCidrs": [ANY_ADDRESS]}}),
            thing(GKE, {"masterAuthorizedNetworksConfig": {"cidrBlocks": [{"cidrBlock": half} for half in HALVES]}}),
            thing(GKE, {"masterAuthorizedNetworksConfig": {"cidrBlocks": [{"cidrBlock": HALVES[0]}]}}),
            thing(
                GKE,
                {
                    "masterAuthorizedNetworksConfig": {
                        "cidrBlocks": [{"cidrBlock": OFFICE}],
                        "gcpPublicCidrsAccessEnabled": True,
                    }
                },
            ),
            thing(EKS, {"vpcConfig": {"publicAccessCidrs": [OFFICE, *HALVES]}}),
            thing(AKS, {"apiServerAccessProfile": {"authorizedIPRanges": HALVES}}),
            thing(AKS, {"apiServerAccessProfile": {"enablePrivateCluster": False}}),
            thing(AKS, {"apiServerAccessProfile": {"authorizedIPRanges": [ANY_ADDRESS]}}),
            thing(OKE, {"endpointConfig": {"isPublicIpEnabled": True}}),
        ),
        each(
            thing(GKE, {"masterAuthorizedNetworksConfig": {"cidrBlocks": [{"cidrBlock": OFFICE}]}}),
            thing(
                GKE,
                {
                    "masterAuthorizedNetworksConfig": {
                        "cidrBlocks": [{"cidrBlock": "10.0.0.0/8"}],
                        "gcpPublicCidrsAccessEnabled": False,
                    }
                },
            ),
            thing(GKE, {"privateClusterConfig": {"enablePrivateEndpoint": True}}),
            thing(GKE, {"masterAuthorizedNetworksConfig": UNREAD}),
            thing(EKS, {"vpcConfig": {"publicAccessCidrs": [OFFICE]}}),
            thing(EKS, {"vpcConfig": {"endpointPublicAccess": False}}),
            thing(EKS, {"vpcConfig": {"publicAccessCidrs": UNREAD}}),
            thing(AKS, {"apiServerAccessProfile": {"authorizedIPRanges": [OFFICE]}}),
            thing(AKS, {"apiServerAccessProfile": {"enablePrivateCluster": True}}),
            thing(OKE, {"endpointConfig": {"isPublicIpEnabled": True, "nsgIds": ["ocid1.nsg"]}}),
            thing(OKE, {"endpointConfig": {"isPublicIpEnabled": False}}),
        ),
    ),
    "cluster-local-logins": Cases(
        each(
            thing(GKE, {"masterAuth": {"clientCertificateConfig": {"issueClientCertificate": True}}}),
            thing(GKE, {"enableLegacyAbac": True}),
            thing(EKS, {"name": "one"}),
            thing(EKS, {"accessConfig": {"authenticationMode": "CONFIG_MAP"}}),
            thing(AKS, {"disableLocalAccounts": False}),
        ),
        each(
            thing(GKE, {"name": "one"}),
            thing(EKS, {"accessConfig": {"authenticationMode": "API"}}),
            thing(AKS, {"disableLocalAccounts": True}),
        ),
    ),
    "cluster-secrets-key": Cases(
        each(
            thing(GKE, {"databaseEncryption": {"state": "DECRYPTED"}}),
            thing(EKS, {"name": "one"}),
            thing(AKS, {"securityProfile": {"azureKeyVaultKms": {"enabled": False}}}),
            thing(OKE, {"name": "one"}),
        ),
        each(
            thing(GKE, {"databaseEncryption": {"state": "ENCRYPTED", "keyName": "k"}}),
            thing(EKS, {"encryptionConfig": {"provider": {"keyArn": "arn"}, "resources": ["secrets"]}}),
            thing(AKS, {"securityProfile": {"azureKeyVaultKms": {"enabled": True}}}),
            thing(OKE, {"kmsKeyId": UNREAD}),
        ),
    ),
    "cluster-audit-log": Cases(
        each(thing(EKS, {"enabledClusterLogTypes": ["api"]}), thing(EKS, {"name": "one"})),
        each(thing(EKS, {"enabledClusterLogTypes": ["api", "audit"]})),
    ),
    "cluster-public-nodes": Cases(
        each(thing(GKE, {"name": "one"}), thing(GKE_NODES, {"networkConfig": {"enablePrivateNodes": False}})),
        each(thing(GKE, {"privateClusterConfig": {"enablePrivateNodes": True}}), thing(GKE_NODES, {"name": "one"})),
    ),
    "cluster-node-rights": Cases(
        each(
            thing(GKE_NODES, {"nodeConfig": {"machineType": "e2-standard-4"}}),
            thing(
                GKE_NODES,
                {"nodeConfig": {"serviceAccount": "a", "workloadMetadataConfig": {"mode": "GCE_METADATA"}}},
            ),
            thing("aws:ec2/launchTemplate:LaunchTemplate", {"metadataOptions": {"httpTokens": "optional"}}),
            thing(
                "aws:ec2/launchTemplate:LaunchTemplate",
                {"metadataOptions": {"httpTokens": "required", "httpPutResponseHopLimit": 5.0}},
            ),
            thing("oci:ContainerEngine/nodePool:NodePool", {"nodeMetadata": {}}),
        ),
        each(
            thing(GKE_NODES, {"nodeConfig": {"serviceAccount": UNREAD}}),
            thing("aws:ec2/launchTemplate:LaunchTemplate", {"metadataOptions": {"httpTokens": "required"}}),
            thing(
                "aws:ec2/launchTemplate:LaunchTemplate",
                {"metadataOptions": {"httpTokens": "required", "httpPutResponseHopLimit": 2}},
            ),
            thing(
                "oci:ContainerEngine/nodePool:NodePool", {"nodeMetadata": {"areLegacyImdsEndpointsDisabled": "true"}}
            ),
        ),
    ),
    "cluster-workload-identity": Cases(
        each(thing(GKE, {"name": "one"}), thing(AKS, {"securityProfile": {}})),
        each(
            thing(GKE, {"workloadIdentityConfig": {"workloadPool": "p.svc.id.goog"}}),
            thing(GKE, {"enableAutopilot": True}),
            thing(AKS, {"securityProfile": {"workloadIdentity": {"enabled": True}}}),
        ),
    ),
    "cluster-network-policies": Cases(
        each(
            thing(GKE, {"name": "one"}),
            thing(EKS_ADDON, {"addonName": "vpc-cni"}),
            thing(EKS_ADDON, {"addonName": "vpc-cni", "configurationValues": '{"enableNetworkPolicy": "false"}'}),
            thing(EKS_ADDON, {"addonName": "vpc-cni", "configurationValues": '{"x": "enableNetworkPolicy: true"}'}),
            thing(EKS_ADDON, {"addonName": "vpc-cni", "configurationValues": "{"}),
            thing(AKS, {"networkProfile": {"networkPolicy": "none"}}),
        ),
        each(
            thing(GKE, {"datapathProvider": "ADVANCED_DATAPATH"}),
            thing(GKE, {"networkPolicy": {"enabled": True}}),
            thing(EKS_ADDON, {"addonName": "vpc-cni", "configurationValues": '{"enableNetworkPolicy": "true"}'}),
            thing(EKS_ADDON, {"addonName": "vpc-cni", "configurationValues": "enableNetworkPolicy: true"}),
            thing(EKS_ADDON, {"addonName": "vpc-cni", "configurationValues": UNREAD}),
            thing(EKS_ADDON, {"addonName": "coredns"}),
            thing(AKS, {"networkProfile": {"networkPolicy": "cilium"}}),
        ),
    ),
}
