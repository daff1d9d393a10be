"""Submissions read and located, each file once: what has been read before is kept.

The cells of a file in their places rest on its name and content, on what they are located by and
on the code of this module and those it imports; on nothing else. They are kept in one Parquet
file for a period and taken from there as long as all of that stays as it is.
"""

import hashlib
import json
import platform
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from analysis.lineage import imports
from analysis.reading import legacy_text, reply_sheet, together, workbook
from analysis.reading.layouts import locate, named
from analysis.schema.tables import COUNTED, LOCATED
from analysis.storage import files

_AT_ONCE = 200_000  # cells that are objects of Python at a time, which take ten times the room
_TYPES = {"whole": pa.int64(), "text": pa.large_string()}
_SCHEMA = pa.schema([(c.name, _TYPES[c.kind]) for c in LOCATED.declared.values()])
_STATED = b"reading"  # what the kept cells rest on, in the metadata of their file
_READERS = ["openpyxl", "pandas", "python-calamine", "xlrd"]

Key = tuple[str, str]
"""Name and digest of a file."""


@dataclass(frozen=True)
class Known:
    """What cells are located by: ``forms`` by code, ``field_names`` (folded name → code), ``words``
    of the language, the ``limits`` of :func:`reading.workbook.read`, and ``mappings`` of exports
    (:func:`analysis.reading.layouts.locate.locate`)."""

    forms: dict
    field_names: dict[str, str]
    words: set[str]
    limits: dict
    mappings: dict = field(default_factory=dict)


class Located(NamedTuple):
    """``cells`` (schema.LOCATED; a column without any entry has no type) and ``counted``
    (schema.COUNTED): how many cells the bytes of each file hold, whatever became of them."""

    cells: pd.DataFrame
    counted: pd.DataFrame


def read(
    paths: list[Path], known: Known, kept: Path, progress: Callable[[int, int], None] | None = None
) -> Located:
    """The cells of all files, each in its place in a form.

    Parameters
    ----------
    paths
        Files of one folder, in the order of the result.
    kept
        Where the cells are kept until the next time. What is there is used as far as it is whole
        and rests on the same; else it is made anew.
    progress
        Called with the number of files done and of all.

    """
    rests_on = _rests_on(known)
    parts, counts = _held(kept, rests_on)
    held, room, fresh, found = set(parts), together.Room(known.limits), {}, {}
    for path in together.in_turn(paths):
        key = (files.name_of(path), files.digest(path))
        if key not in held and not room.closed:
            received = workbook.received(path, known.limits)
            cells = placed(received.cells, known)
            if files.digest(path) != key[1]:  # replaced meanwhile: to be read again next time
                key = (key[0], "")
            fresh[key], counts[key] = cells, received.by_sheet
        if not room.takes(len(fresh[key] if key in fresh else parts.get(key, ()))):
            fresh.pop(key, None)
            key = (key[0], "")  # there may be room next time
            fresh[key], counts[key] = placed(room.refused(path).cells, known), {}
        found[path] = key
        if sum(map(len, fresh.values())) > _AT_ONCE:
            parts, fresh = parts | _as_arrow(fresh), {}
        if progress:
            progress(len(found), len(paths))
    parts |= _as_arrow(fresh)
    keys = [found[path] for path in paths]
    table = pa.concat_tables([parts[key] for key in keys]).combine_chunks()
    if set(keys) != held:
        rows = [parts[key].num_rows for key in keys]
        with suppress(OSError):  # what cannot be kept is read again
            _keep(kept, table, rests_on, keys, rows, [counts[key] for key in keys])
    sheets = [(key[0], *sheet) for key in keys for sheet in counts[key].items()]
    counted = pd.DataFrame(sheets, columns=COUNTED.columns)
    return Located(LOCATED.check(_frame(table)), COUNTED.check(counted))


def placed(cells: pd.DataFrame, known: Known) -> pd.DataFrame:
    """Cells of one file in their places, those of a list that comes back answered beside them."""
    replies, own = reply_sheet.parted(cells)
    if replies.empty:
        return _placed(cells, known)
    located = _placed(own, known) if len(own) else _placed(cells, known).query("role == 'file'")
    replies = replies.assign(form=located["form"].dropna().iloc[0])
    both = pd.concat([located, replies.astype(object)], ignore_index=True)
    return both.reindex(columns=LOCATED.columns).pipe(lambda t: t.where(t.notna(), None))


def _placed(cells: pd.DataFrame, known: Known) -> pd.DataFrame:
    """Cells of one file in their places; read as Unicode, kept as received."""
    text, findings = legacy_text.readable(cells, known.words)
    located = locate.locate(text, known.forms, known.field_names, known.mappings)
    if findings.empty:
        return located
    file = cells["source_file"].iloc[0]
    form = located["form"].iloc[0] if len(located) else named.form_of(file, known.forms)
    located = legacy_text.as_received(located, cells) if len(located) else located
    return pd.concat([findings.assign(form=form), located], ignore_index=True)


def _as_arrow(cells: dict[Key, pd.DataFrame]) -> dict[Key, pa.Table]:
    """The same as Arrow tables: kept or not, cells take the same way and have the same types."""
    filled = [part for part in cells.values() if len(part)]
    if not filled:
        return {key: _SCHEMA.empty_table() for key in cells}
    whole = LOCATED.of(pd.concat(filled, ignore_index=True))
    table = pa.Table.from_pandas(whole, _SCHEMA, preserve_index=False).replace_schema_metadata()
    return _parts(table, list(cells), [len(part) for part in cells.values()])


def _parts(table: pa.Table, keys: list[Key], rows: list[int]) -> dict[Key, pa.Table]:
    found, at = {}, 0
    for key, number in zip(keys, rows, strict=True):
        found[key] = table.slice(at, number)
        at += number
    return found


def _frame(table: pa.Table) -> pd.DataFrame:
    frame = table.to_pandas()
    for name in LOCATED.columns:
        if table[name].null_count == len(table):
            frame[name] = pd.Series([None] * len(table), dtype=object)
    return frame


# --- what is kept ---------------------------------------------------------------------------------


def _rests_on(known: Known) -> str:
    """SHA-256 over everything but the files."""
    with_what = [platform.python_version(), *(version(name) for name in _READERS)]
    by_what = (known.forms, known.field_names, sorted(known.words), known.limits)
    by_what += (known.mappings,)
    stated = f"{imports.digest([__name__])} {with_what!r} {by_what!r}"
    return hashlib.sha256(stated.encode()).hexdigest()


def _held(kept: Path, rests_on: str) -> tuple[dict[Key, pa.Table], dict[Key, dict[str, int]]]:
    """What is kept, and what was counted, by file; nothing where that is damaged or rests on
    something else."""
    try:
        source = pa.BufferReader(kept.read_bytes())
        file = pq.ParquetFile(source, page_checksum_verification=True)
        stated = json.loads(file.schema_arrow.metadata[_STATED])
        if stated["rests_on"] != rests_on or not file.schema_arrow.equals(_SCHEMA):
            return {}, {}
        table = file.read().replace_schema_metadata()
        keys = [(str(name), str(digest)) for name, digest in stated["files"]]
        if sum(stated["rows"]) != table.num_rows or min(stated["rows"]) < 0:
            return {}, {}
        counts = dict(zip(keys, stated["counted"], strict=True))
        return _parts(table, keys, stated["rows"]), counts
    except (OSError, pa.ArrowException, ValueError, LookupError, TypeError):
        return {}, {}


def _keep(
    kept: Path,
    table: pa.Table,
    rests_on: str,
    keys: list[Key],
    rows: list[int],
    counted: list[dict[str, int]],
) -> None:
    """Swapped in whole: of two runs at once the last one's is kept, and both are right."""
    told = {"rests_on": rests_on, "files": keys, "rows": rows, "counted": counted}
    stated = json.dumps(told)
    sink = pa.BufferOutputStream()
    table = table.replace_schema_metadata({_STATED: stated})
    pq.write_table(table, sink, write_page_checksum=True)
    files.write(kept, sink.getvalue().to_pybytes())
