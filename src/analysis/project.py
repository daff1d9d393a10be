"""Where a project keeps its files: nothing else knows a path."""

import os
from dataclasses import dataclass
from pathlib import Path

ROOT = "REFORM_MONITOR_ROOT"
SOFTWARE = Path(__file__).resolve().parents[2]
"""Where the software lies, with its documentation; often, but not always, it is the project too."""
PROJECT = Path(os.environ.get(ROOT) or SOFTWARE).resolve()
"""The project that is meant where none is named. The environment variable ``REFORM_MONITOR_ROOT``,
read once when this is imported, names another than the one that holds this file: a notebook asks
for a period alone, and its kernel is told in this way where the period's project is."""


@dataclass(frozen=True)
class Place:
    """Where a project keeps its files."""

    root: Path = PROJECT

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
