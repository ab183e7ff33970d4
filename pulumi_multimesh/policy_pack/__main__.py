"""The policy pack: pulumi preview --policy-pack "$(multimesh policy-pack)"."""

from pulumi_multimesh.checks.policies import pack

pack()
