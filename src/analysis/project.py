"""Where a project keeps its files: nothing else knows a path."""

import os
from dataclasses import dataclass, field
from pathlib import Path

ROOT = "REFORM_MONITOR_ROOT"
SAFE_PATH = "PYTHONSAFEPATH"
"""Environment variable of Python: processes do not look for modules in the working folder."""
_CLONE = Path(__file__).resolve().parents[2]
_CARRIED = Path(__file__).resolve().with_name("carried")  # in a wheel: pyproject.toml says what
SOFTWARE = _CARRIED if _CARRIED.is_dir() else _CLONE
"""Where the software lies with its documentation, templates, and what a project begins with."""


def holds(root: Path) -> bool:
    """Whether a folder is a project: it holds a catalogue."""
    return (root / "data" / "catalogue").is_dir()


def _meant() -> Path:
    """The project in which somebody works, as git finds its own: the nearest folder, from the
    working one up; else the clone that this file lies in; else the working folder, which is none.
    """
    try:
        here = Path.cwd()
    except FileNotFoundError:  # removed meanwhile
        return _CLONE
    return next((folder for folder in (here, *here.parents, _CLONE) if holds(folder)), here)


PROJECT = Path(os.environ.get(ROOT) or _meant()).resolve()
"""The project that is meant where none is named. The environment variable ``REFORM_MONITOR_ROOT``,
read once when this is imported, names it; else it is the one in which somebody works. A notebook
asks for a period alone, and its kernel is told by the variable where the period's project is."""


def turn_to(root: str | Path) -> None:
    """Mean another project from now on: in a fork of a process that was started for its own."""
    global PROJECT
    PROJECT = Path(root).resolve()


@dataclass(frozen=True)
class Place:
    """Where a project keeps its files."""

    root: Path = field(default_factory=lambda: PROJECT)

    @property
    def catalogue(self) -> Path:
        return self.root / "data" / "catalogue"

    @property
    def reference(self) -> Path:
        return self.root / "data" / "reference"

    def submissions(self, time_period: str) -> Path:
        return self.root / "data" / "submissions" / time_period

    def derived(self, time_period: str) -> Path:
        return self.root / "data" / "derived" / time_period

    def returns(self, time_period: str) -> Path:
        return self.derived(f"{time_period}-returns")

    def signed(self, time_period: str) -> Path:
        return self.root / "data" / "signed" / time_period

    def survey(self, code: str) -> Path:
        return self.root / "data" / "survey" / code

    @property
    def reports(self) -> Path:
        return self.root / "reports"
