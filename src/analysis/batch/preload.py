"""What the zygote of :mod:`batch.kernels` does before it forks: all that pages would do anew.

It imports what notebooks and kernels use, reads the catalogue, draws one picture (fonts are read on
the first), and takes what it holds out of the reach of the garbage collector: a fork that walked
through it would copy it page by page.
"""
# ruff: noqa: F401, E402

import gc
import importlib
import io
import os
import pkgutil
from contextlib import suppress

from analysis.batch import zygote

zygote.note()  # before anything else of it is imported

# no kernel of a batch is debugged: spare each page the debugger's warnings about it
os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")
# the other allocator reserves a gigabyte at once, which would count towards the memory of a page
os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")

import babel.dates
import ipykernel.debugger
import ipykernel.ipkernel
import ipykernel.kernelapp
import ipykernel.zmqshell
import IPython.core.completerlib
import IPython.core.debugger
import IPython.core.logger
import IPython.core.oinspect
import IPython.extensions.storemagic
import jsonschema
import matplotlib.backends.backend_agg
import matplotlib.backends.backend_svg
import matplotlib_inline.backend_inline
import pandas.core.arrays.arrow.extension_types
import pandas.core.methods.to_dict
import pandas.core.reshape.reshape
import pandas.io.formats.style
import psutil
import pyarrow.dataset
import pyarrow.parquet
import scipy.stats
import seaborn
import tornado.platform.asyncio
from matplotlib.figure import Figure

import analysis
from analysis.catalogue import catalogue, reader
from analysis.language import words


def _modules() -> None:
    for module in pkgutil.walk_packages(analysis.__path__, "analysis.", onerror=lambda _: None):
        if module.name != "analysis.__main__":
            with suppress(ImportError, SyntaxError):  # the page that needs it will say so
                importlib.import_module(module.name)


def _rehearse() -> None:
    figure = Figure()
    figure.subplots().set_title("\u0103")
    figure.savefig(io.BytesIO(), format="svg")
    words.number(1234.5, 2)


_modules()
_rehearse()
with suppress(reader.CatalogueError, OSError):  # where it is broken the pages will say so
    catalogue.load()
gc.collect()
gc.freeze()
