"""Memory of a process and of everything it started, looked at while it works (Linux: /proc)."""

import os
import threading
import time
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
MB = 1024 * 1024


def _parents() -> dict[int, int]:
    """Process → its parent, of all processes there are."""
    found = {}
    for entry in PROC.glob("[0-9]*/stat"):
        try:
            # the name in brackets may hold anything, brackets and spaces too
            found[int(entry.parent.name)] = int(entry.read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError, IndexError):  # it has ended meanwhile
            continue
    return found


def tree(root: int) -> list[int]:
    """``root`` and all that descend from it."""
    parents = _parents()
    found = [root]
    for pid in found:
        found += [child for child, parent in parents.items() if parent == pid]
    return found


def resident(pids: list[int]) -> int:
    """Resident bytes, added up: what processes share counts once for each, so it is at most that.

    Forks of one process share most of theirs; :func:`proportional` divides it.
    """
    page, total = os.sysconf("SC_PAGE_SIZE"), 0
    for pid in pids:
        try:
            total += int((PROC / str(pid) / "statm").read_text().split()[1]) * page
        except (OSError, IndexError):
            continue
    return total


def proportional(pids: list[int]) -> int:
    """Resident bytes, what is shared divided among those that share it: what is really in use."""
    total = 0
    for pid in pids:
        try:
            lines = (PROC / str(pid) / "smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
    return total


@dataclass(frozen=True)
class Sample:
    """One look: seconds since the start, resident and proportional bytes, processes."""

    at: float
    resident: int
    proportional: int
    processes: int


class Watch:
    """Looks at this process and its descendants every ``seconds`` while the block runs.

    ``samples`` holds the looks; none where there is no /proc.
    """

    def __init__(self, seconds: float = 1.0) -> None:
        self.samples: list[Sample] = []
        self._seconds, self._ended = seconds, threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> "Watch":
        self._started = time.monotonic()
        if PROC.is_dir():
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()

    def _look(self) -> None:
        while not self._ended.wait(self._seconds):
            pids = tree(os.getpid())
            at = time.monotonic() - self._started
            self.samples.append(Sample(at, resident(pids), proportional(pids), len(pids)))

    def peak(self, since: float = 0.0, until: float = float("inf")) -> Sample:
        """The look with most in use between two moments; all zero where there was none."""
        held = [s for s in self.samples if since <= s.at <= until]
        return max(held, key=lambda s: s.proportional, default=Sample(since, 0, 0, 0))

    def said(self, since: float = 0.0, until: float = float("inf")) -> str:
        """:meth:`peak` in words."""
        most = self.peak(since, until)
        if not most.processes:
            return "memory not known here"
        return (
            f"{most.proportional / MB:,.0f} MB in use ({most.resident / MB:,.0f} MB resident, "
            f"shared pages counted in each of {most.processes} processes)"
        )
