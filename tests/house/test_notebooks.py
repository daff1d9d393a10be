"""Every notebook runs with its defaults in a clean kernel."""

import os

import papermill
import pytest

from analysis import project
from analysis.batch import execute
from analysis.period import load
from analysis.survey import editions

NOTEBOOKS = sorted((project.PROJECT / "notebooks").glob("*.ipynb"))


@pytest.fixture(scope="module")
def loaded(in_this_process):
    """What most of them ask for is made once."""
    execute.prepare(project.PROJECT)
    load("2026-Q3")
    editions.load("2022")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_run_with_their_defaults(loaded, path):
    """From top to bottom as they are shipped, each in a process of its own as pages are."""
    executed = papermill.execute_notebook(
        str(path),
        None,
        engine_name="reform-monitor",
        kernel_name="python3",
        language="python",
        cwd=str(path.parent),
        progress_bar=False,
        env=dict(os.environ),
        seconds=300,
    )
    counts = [cell.execution_count for cell in executed.cells if cell.cell_type == "code"]
    assert counts and counts == list(range(1, len(counts) + 1)), "each cell, once, in order"
