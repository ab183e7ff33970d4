"""The table of keys under `wants`: what each holds.

Owns: keys and kinds of values. Does not own: which mesh keeps what (advice.py).
"""

from pulumi_multimesh.plan.cluster_fields import Field, Fields, Kind

WANTS: Fields = {
    "machines": Field(Kind.BOOLEAN),
    "callers_apart": Field(Kind.BOOLEAN),
    "one_service": Field(Kind.BOOLEAN),
    "open_source": Field(Kind.BOOLEAN),
}
