"""What all tests share: no example is timed, and what the live ones counted is printed, also where all went well."""

import pytest
from hypothesis import HealthCheck, settings
from live_load import COUNTED

# How long an example takes says how busy the machine is, and nothing of what is tested.
settings.register_profile("untimed", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]
    lines = [
        f"{report.nodeid.rpartition('::')[2]}: {value}"
        for report in reports
        if report.when == "call"
        for key, value in report.user_properties
        if key == COUNTED
    ]
    if lines:
        terminalreporter.section("calls under load, in the lab")
        for line in lines:
            terminalreporter.write_line(line)
