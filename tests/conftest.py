"""What all tests share: what the live ones counted is printed at the end, also where everything went well."""

import pytest
from live_load import COUNTED


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
