"""Files that people write by hand (catalogue, plans): a few pages of text, and files.

What else stands under such a name would be waited for, or take the memory of the machine: a pipe, a
device, a link to either, a film that was dropped into the wrong folder.
"""

import codecs
import errno
import io
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.language.messages import tell

if TYPE_CHECKING:
    import pandas as pd

MOST = 2_000_000
"""Bytes: twenty times the largest that we ship. So much YAML may take 600 MB once parsed."""
MOST_OF_LIST = 20_000_000
"""Bytes of a CSV, which takes little more when it is read: some 100,000 units."""


_DECIMAL = r"-?(?:\d+|\d{1,3}(?:\.\d{3})+)(?:,\d+)?"  # as Vietnamese settings write a number


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
    bound = MOST_OF_LIST if path.suffix.lower() == ".csv" else MOST
    if seen.st_size > bound:
        size, most = f"{seen.st_size / 1e6:.0f}", f"{bound / 1e6:.0f}"
        said = tell("has {size} MB, at most {most} are read: take it away", size=size, most=most)
        raise UnfitError(errno.EFBIG, said, str(path))
    # files of the system that never end, or wait for others, say that they are empty
    return path.read_bytes() if seen.st_size else b""


def table(data: bytes, missing: bool = False) -> "pd.DataFrame":
    """The rows of a list (CSV) as text, empty cells as "", however it was saved.

    Its heads stand apart by commas, semicolons or tabs; it is UTF-8 or, where it says so, UTF-16.
    With semicolons a column of nothing but numbers of which some have a decimal comma is given with
    points: so Excel saves with Vietnamese settings. ``missing``: empty cells are missing instead,
    and those with what pandas takes for it (NA, null …).

    Raises
    ------
    ValueError
        saying why it cannot be read.

    >>> table("code;share\\nH44;1.286,75\\n".encode("utf-16")).to_dict("records")
    [{'code': 'H44', 'share': '1286.75'}]
    """
    import pandas as pd  # who asks for help does not wait for pandas

    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(tell("not UTF-8; save the file in this encoding")) from error
    sign = max(",;\t", key=text.partition("\n")[0].count)
    held = pd.read_csv(io.StringIO(text), sep=sign, dtype=str, keep_default_na=missing)
    for name in held if sign == ";" else ():
        own = held[name].str.strip()
        stated = own[own.notna() & (own != "")]
        if stated.str.contains(",").any() and stated.str.fullmatch(_DECIMAL).all():
            pointed = own.str.replace(".", "", regex=False).str.replace(",", ".", regex=False)
            held[name] = pointed
    return held


def numbers(table: "pd.DataFrame", column: str, name: str) -> "pd.Series":
    """A column of :func:`table` as numbers, missing where the cell is empty.

    Raises
    ------
    ValueError
        naming the file as ``name`` and the line of the first cell that is no finite number.
    """
    import numpy as np
    import pandas as pd

    given = table[column].str.strip()
    read = pd.to_numeric(given, errors="coerce").astype(float)
    read = read.where(np.isfinite(read))
    wrong = np.flatnonzero(read.isna() & (given != ""))
    if len(wrong):
        value = table[column].iloc[wrong[0]]
        told = tell("{column} {value!r} is no number", column=column, value=value)
        raise ValueError(f"{name}:{wrong[0] + 2}: {told}")
    return read
