"""For every check: things that it must find, and things that it must leave alone.

Owns: all cases as one table. What a case of a cloud says is compared with the cloud's SDK
(tests/checks/test_check_cases.py).
"""

from check_cases import clouds, istio, kubernetes, networks, trust
from check_cases.things import Cases

CASES: dict[str, Cases] = {**istio.CASES, **kubernetes.CASES, **clouds.CASES, **networks.CASES, **trust.CASES}
