"""Files that people write by hand (catalogue, plans): a few pages of text, and files.

What else stands under such a name would be waited for, or take the memory of the machine: a pipe, a
device, a link to either, a film that was dropped into the wrong folder.
"""

import errno
import stat
from pathlib import Path

from analysis.language.messages import tell

MOST = 2_000_000
"""Bytes: twenty times the largest that we ship. So much YAML may take 600 MB once parsed."""
MOST_OF_LIST = 20_000_000
"""Bytes of a CSV, which takes little more when it is read: some 100,000 units."""


class UnfitError(OSError):
    """What stands there is not written by hand; ``strerror`` says why, and what to do."""


def content(path: Path) -> bytes:
    """What a file that somebody wrote by hand holds.

    Raises
    ------
    UnfitError
        for what is no file, or larger than :data:`MOST` (a CSV: :data:`MOST_OF_LIST`).
    OSError
    """
    seen = path.stat()
    if not stat.S_ISREG(seen.st_mode):
        said = tell("is no file: put one there, or take it away")
        raise UnfitError(errno.EINVAL, said, str(path))
    bound = MOST_OF_LIST if path.suffix == ".csv" else MOST
    if seen.st_size > bound:
        size, most = f"{seen.st_size / 1e6:.0f}", f"{bound / 1e6:.0f}"
        said = tell("has {size} MB, at most {most} are read: take it away", size=size, most=most)
        raise UnfitError(errno.EFBIG, said, str(path))
    # files of the system that never end, or wait for others, say that they are empty
    return path.read_bytes() if seen.st_size else b""
