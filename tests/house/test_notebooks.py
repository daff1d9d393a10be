"""Every notebook runs with its defaults in a clean kernel."""

import os
import subprocess
import sys

from analysis import project
from analysis.batch import kernels
from analysis.period import load
from analysis.survey import editions


def test_notebooks_run_with_their_defaults():
    load("2026-Q3")  # built once, not by several kernels at the same time
    editions.load("2022")
    words = "-p nbval --nbval-lax -p no:cacheprovider notebooks".split()
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *words],
        cwd=project.PROJECT,
        env=os.environ | {"JUPYTER_PATH": str(kernels.KERNELSPECS.parent)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    assert " passed" in done.stdout
