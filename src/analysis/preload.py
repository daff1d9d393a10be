"""What the zygote of :mod:`analysis.kernels` imports before it forks: all that notebooks use."""

import ipykernel.ipkernel  # noqa: F401
import ipykernel.kernelapp  # noqa: F401
import ipykernel.zmqshell  # noqa: F401
import jsonschema  # noqa: F401
import matplotlib.backends.backend_agg  # noqa: F401
import matplotlib.backends.backend_svg  # noqa: F401
import matplotlib_inline.backend_inline  # noqa: F401
import pandas.io.formats.style  # noqa: F401
import pyarrow.parquet  # noqa: F401

from analysis import charts, narrative, pipeline, tables  # noqa: F401
