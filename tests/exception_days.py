"""Days until which tests' exceptions from mTLS hold: near enough to be agreed on, and not so near that it is told."""

from datetime import date, timedelta

UNTIL = (date.today() + timedelta(days=180)).isoformat()
