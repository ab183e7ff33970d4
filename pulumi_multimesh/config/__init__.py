"""What a user may write: one shallow family of dictionaries, the same in Python, in a stack and in YAML.

Owns: every key, its type and its meaning. Does not own: whether values fit together (plan.validate) nor what is
made of them (plan, components). The classes are read at run time, by the validator and by the multi-language host.
"""

from pulumi_multimesh.config.access import AccessArgs as AccessArgs
from pulumi_multimesh.config.access import GroupNamesArgs as GroupNamesArgs
from pulumi_multimesh.config.access import LoginArgs as LoginArgs
from pulumi_multimesh.config.access import TeamArgs as TeamArgs
from pulumi_multimesh.config.aks import AksArgs as AksArgs
from pulumi_multimesh.config.aks import AksNetworkIds as AksNetworkIds
from pulumi_multimesh.config.charts import ChartsArgs as ChartsArgs
from pulumi_multimesh.config.clusters import AddressesArgs as AddressesArgs
from pulumi_multimesh.config.clusters import AloneArgs as AloneArgs
from pulumi_multimesh.config.clusters import MaintenanceArgs as MaintenanceArgs
from pulumi_multimesh.config.clusters import NodePoolArgs as NodePoolArgs
from pulumi_multimesh.config.clusters import RangesArgs as RangesArgs
from pulumi_multimesh.config.clusters import SurgingNodePoolArgs as SurgingNodePoolArgs
from pulumi_multimesh.config.clusters import TaintArgs as TaintArgs
from pulumi_multimesh.config.connectivity import LinksArgs as LinksArgs
from pulumi_multimesh.config.connectivity import PairArgs as PairArgs
from pulumi_multimesh.config.consul import ConsulArgs as ConsulArgs
from pulumi_multimesh.config.consul import ConsulGatewayArgs as ConsulGatewayArgs
from pulumi_multimesh.config.eks import EksArgs as EksArgs
from pulumi_multimesh.config.eks import EksGroupArgs as EksGroupArgs
from pulumi_multimesh.config.eks import EksNetworkIds as EksNetworkIds
from pulumi_multimesh.config.eks import LoadBalancerControllerArgs as LoadBalancerControllerArgs
from pulumi_multimesh.config.existing import ExistingArgs as ExistingArgs
from pulumi_multimesh.config.gke import GkeArgs as GkeArgs
from pulumi_multimesh.config.gke import GkeNetworkIds as GkeNetworkIds
from pulumi_multimesh.config.istio import IstioArgs as IstioArgs
from pulumi_multimesh.config.istio import IstioControlPlaneSizeArgs as IstioControlPlaneSizeArgs
from pulumi_multimesh.config.istio import IstioGatewayArgs as IstioGatewayArgs
from pulumi_multimesh.config.istio import IstioIngressArgs as IstioIngressArgs
from pulumi_multimesh.config.istio import IstioProxyArgs as IstioProxyArgs
from pulumi_multimesh.config.istio import IstioReaderArgs as IstioReaderArgs
from pulumi_multimesh.config.istio import IstioRevisionArgs as IstioRevisionArgs
from pulumi_multimesh.config.istio import IstioScopeArgs as IstioScopeArgs
from pulumi_multimesh.config.istio import IstioTracingArgs as IstioTracingArgs
from pulumi_multimesh.config.linkerd import LinkerdArgs as LinkerdArgs
from pulumi_multimesh.config.linkerd import LinkerdGatewayArgs as LinkerdGatewayArgs
from pulumi_multimesh.config.linkerd import LinkerdProbeArgs as LinkerdProbeArgs
from pulumi_multimesh.config.mesh import MeshArgs as MeshArgs
from pulumi_multimesh.config.oke import OkeArgs as OkeArgs
from pulumi_multimesh.config.oke import OkeNetworkIds as OkeNetworkIds
from pulumi_multimesh.config.oke import OkeNodePoolArgs as OkeNodePoolArgs
from pulumi_multimesh.config.pki import IntermediateArgs as IntermediateArgs
from pulumi_multimesh.config.pki import PkiArgs as PkiArgs
from pulumi_multimesh.config.security import AllowArgs as AllowArgs
from pulumi_multimesh.config.security import CrossingArgs as CrossingArgs
from pulumi_multimesh.config.security import IssuerArgs as IssuerArgs
from pulumi_multimesh.config.security import PlainTextArgs as PlainTextArgs
from pulumi_multimesh.config.security import SecurityArgs as SecurityArgs
from pulumi_multimesh.config.security import SignOnArgs as SignOnArgs
from pulumi_multimesh.config.security import ZoneArgs as ZoneArgs
from pulumi_multimesh.config.wants import WantsArgs as WantsArgs
