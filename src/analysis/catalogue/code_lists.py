"""Code lists as they are read: columns that are known, cells that can be what they are said to be.

What each list must hold stands in ``schemas/codelists.json``; what lists must say of each other, in
:mod:`analysis.catalogue.list_checks`.
"""

import csv
import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pandas as pd

from analysis.catalogue import shapes
from analysis.catalogue.reader import Reader, schema
from analysis.language import codes
from analysis.language.messages import noted, tell
from analysis.storage import by_hand

_NO_DAY = noted("is no day (yyyy-mm-dd)")


def read(reader: Reader, path: Path) -> pd.DataFrame:
    """A list as text, one row for each code; what is wrong with it is told to ``reader``.

    The index is the line of each row less two. Of a list that cannot be used there are the columns
    alone.
    """
    shape = schema("codelists")["properties"]["units" if path.stem[:5] == "units" else path.stem]
    lines: list[int] = []
    rows: list[list[str]] = []
    try:
        for line, row in _rows(by_hand.content(path).decode("utf-8-sig")):
            lines.append(line)
            rows.append(row)
        found = list(_faults(lines, rows, shape))
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        found = [(line, tell("cannot be read: not UTF-8; save the file in this encoding"))]
    except csv.Error as error:
        found = [((lines or [0])[-1] + 1, tell("cannot be read: {error}", error=error))]
    except FileNotFoundError:
        found = [(1, tell("file is missing"))]
    except OSError as error:
        found = [(1, tell("cannot be read: {strerror}", strerror=error.strerror))]
    if found:
        reader.refuse(path, found)
        return pd.DataFrame(columns=list(shape["properties"]), dtype=str)
    cells = list(_cells(lines, rows, shape))
    undated = [c for c in cells if c[1].endswith(tell(_NO_DAY)) and path.stem[:5] == "units"]
    reader.refuse(path, cells, sound=not undated)  # whose days nobody knows is not looked up
    table = pd.DataFrame(rows[1:], columns=rows[0], index=[n - 2 for n in lines[1:]], dtype=str)
    return table.rename_axis(None)


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not empty, with the line in which each begins."""
    begun, rows = 1, csv.reader(io.StringIO(text, newline=""), strict=True)
    for row in rows:
        if row:
            yield begun, row
        begun = rows.line_num + 1


def _faults(lines: list[int], rows: list[list[str]], shape: dict) -> Iterator[tuple[int, str]]:
    if not rows:
        yield 1, tell("is empty")
        return
    heads, known = rows[0], shape["properties"]
    if len(heads) == 1 and (sign := next((s for s in ";\t" if s in heads[0]), None)):
        yield lines[0], tell("columns stand apart by {sign!r}: write commas", sign=sign)
        return
    told = [
        tell("unknown column {h!r}{hint}", h=h, hint=codes.hint(h, known))
        for h in heads
        if h not in known
    ]
    told += [
        tell("the column {h!r} stands twice", h=h)
        for h in dict.fromkeys(heads)
        if heads.count(h) > 1
    ]
    if absent := [name for name in shape["required"] if name not in heads]:
        told = ["; ".join([tell("columns missing: {absent}", absent=", ".join(absent)), *told])]
    yield from ((lines[0], what) for what in told)
    other = [n for n, row in zip(lines, rows, strict=True) if len(row) != len(heads)]
    if other and not told:
        cells = len(rows[lines.index(other[0])])
        more = tell(" ({n} rows)", n=len(other)) if other[1:] else ""
        yield (
            other[0],
            tell("has {cells} cells, not {n}{more}", cells=cells, n=len(heads), more=more),
        )


def _cells(lines: list[int], rows: list[list[str]], shape: dict) -> Iterator[tuple[int, str]]:
    """Cells that cannot be what their column is said to hold."""
    heads = rows[0]
    for place, head in enumerate(heads):
        column = shape["properties"][head]
        asked = {k: v for k, v in column.items() if k not in ("description", "type")}
        if not asked:
            continue
        wrong = {
            text: what for text in {r[place] for r in rows[1:]} if (what := _cell(asked, text))
        }
        for line, row in zip(lines[1:], rows[1:], strict=True):
            if row[place] in wrong:
                yield line, f"{_called(row, heads)}: {head}{wrong[row[place]]}"


def _cell(asked: dict, text: str) -> str:
    if asked.get("format") == "date":
        return "" if not text or _is_day(text) else f" {tell(_NO_DAY)}"
    if not text.strip():
        return f" {tell('is missing')}"
    return next((f": {what.removeprefix('file: ')}" for _, what in shapes.faults(asked, text)), "")


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _called(row: list[str], heads: list[str]) -> str:
    return row[heads.index("code")] if "code" in heads else " to ".join(row[:2])
