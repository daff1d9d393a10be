"""Modules that lie beside a notebook are found, but after all libraries: whatever lies there under
the name of one, as a file that was received, is not run in its place.

Python and IPython put the working folder before them; IPython calls this when a kernel starts.
"""

import os
import sys

from analysis.project import SAFE_PATH


def load_ipython_extension(shell: object) -> None:
    """Look in the working folder last. What a notebook starts itself looks as it would anywhere."""
    os.environ.pop(SAFE_PATH, None)
    here = os.getcwd()
    sys.path[:] = [path for path in sys.path if path not in ("", here)] + [here]
