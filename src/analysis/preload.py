"""What the zygote of :mod:`analysis.kernels` imports before it forks: all that notebooks use."""
# ruff: noqa: F401

import os
from contextlib import suppress

# no kernel of a batch is debugged: spare each page the debugger's warnings about it
os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")

import ipykernel.debugger
import ipykernel.ipkernel
import ipykernel.kernelapp
import ipykernel.zmqshell
import jsonschema
import matplotlib.backends.backend_agg
import matplotlib.backends.backend_svg
import matplotlib_inline.backend_inline
import pandas.io.formats.style
import pyarrow.parquet
import scipy.stats

from analysis import (
    charts,
    diagnose,
    explain,
    history,
    narrative,
    pipeline,
    rank_charts,
    rank_views,
    survey_charts,
    survey_views,
    surveys,
    tables,
)
from analysis.catalogue import CatalogueError, load

with suppress(CatalogueError, OSError):  # where it is broken the pages will say so
    load()  # read once here, and every page finds it read
