"""What tests cost in seconds of processor time, with the processes that they start, as wall time
says what else the machine does: ``python -m pytest -p tests.costs [tests/…]`` (without ``-n``)."""

from collections import Counter
from contextlib import suppress

import psutil
import pytest

SHOWN = 20
_spent: Counter[str] = Counter()


def used() -> float:
    """Seconds of this process, of those that it waited for, and of those that still run."""
    own = psutil.Process()
    total = sum(own.cpu_times()[:4])
    for started in own.children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            total += sum(started.cpu_times()[:4])
    return total


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item):
    before = used()
    try:
        return (yield)
    finally:
        _spent[item.nodeid] += used() - before


def pytest_terminal_summary(terminalreporter):
    files: Counter[str] = Counter()
    for test, seconds in _spent.items():
        files[test.partition("::")[0]] += seconds
    for what, found in (("tests", _spent), ("files", files)):
        terminalreporter.section(f"slowest {what}, seconds of processor time")
        for name, seconds in found.most_common(SHOWN):
            terminalreporter.write_line(f"{seconds:8.1f}  {name}")
    terminalreporter.write_line(f"{_spent.total():8.1f}  all {len(_spent)}")
