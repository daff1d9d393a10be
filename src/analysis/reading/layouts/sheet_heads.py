"""The head of a sheet: which column of it is which column of the form, by heads and by numbers."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from analysis.language.words import fold, plain
from analysis.reading.layouts import unit_lines

_MARK = re.compile(r"^\(?(\d{1,2})\)?(\s*=.*)?$")
_LETTER = re.compile(r"^\(?[A-Za-zĐđ]\)?$")
_ABOVE = 6  # rows in which the heads over a line of heads or of numbers may stand
_ENOUGH = 0.6  # of the form's columns or items: as many make a head

Grid = dict[int, dict[int, dict]]
"""Row → column → cell, see :func:`analysis.reading.layouts.cells.cells_by_row`."""


@dataclass(frozen=True)
class Heads:
    """``first``, ``last``: rows of the head; ``where``: column of the sheet → column of the form;
    ``numbers``: whether the last row is the line of column numbers; ``findings``: what is wrong
    with it, at its cells; ``named``: how many of the form's items are named by their heads."""

    first: int
    last: int
    where: dict[int, dict]
    numbers: bool
    findings: list[dict]
    named: int

    @property
    def items(self) -> dict[int, str]:
        """Column of the sheet → item."""
        return {c: f["item"] for c, f in self.where.items() if "item" in f}

    def column_of(self, role: str) -> int | None:
        """The column of the sheet with the number of the line, or with the field."""
        return next((c for c, f in self.where.items() if f.get("role") == role), None)


@lru_cache(maxsize=65536)
def names(text: str) -> frozenset[str]:
    """A head as compared: folded, with and without what stands in brackets at its end."""
    return frozenset({fold(text), fold(unit_lines.without_brackets(text))} - {""})


def find(grid: Grid, form: dict) -> Heads | None:
    """The head of the first table in ``grid`` that is the form's; None where there is none."""
    for row, text, marks in _candidates(grid, form):
        heads = _numbered(grid, row, marks, text, form) if marks else None
        heads = heads or (_named(grid, *text, marks, row, form) if text else None)
        if heads:
            return heads
    return None


def again(grid: Grid, heads: Heads, form: dict) -> list[int]:
    """The rows of further heads below the first: a second table begins there."""
    roles = (heads.column_of("line"), heads.column_of("field"))
    own = {c: names(f["header"]["vi"][-1]) for c, f in heads.where.items()}
    found = {row for row, _, _ in _candidates(grid, form) if row > heads.last}
    for row, cells in grid.items():
        words = {c: r["raw_text"] for c, r in cells.items() if r["raw_type"] != "number"}
        hits = [c for c, text in words.items() if c in own and names(text) & own[c]]
        many = len(hits) >= max(3, 0.3 * len(own)) or len({*hits} & {*roles}) == 2
        if row > heads.last and many:
            found.add(row)
    return sorted(found)


Text = tuple[int, dict[int, dict]]


def _candidates(grid: Grid, form: dict) -> Iterator[tuple[int, Text | None, dict[int, int]]]:
    """Where a head may end: (row, line of heads and its columns, numbers of the columns)."""
    text: Text | None = None
    leaves = {name for c in form["columns"] for name in names(c["header"]["vi"][-1])}
    needed = _ENOUGH * len(form["items"])
    least = _ENOUGH * len(form["columns"])
    for row, line in grid.items():
        if text and row > text[0] + 3:
            yield text[0], text, {}
            text = None
        marks = _marks(line, least) if len(line) >= least else {}
        if marks:
            yield row, text, marks
            text = None
            continue
        words = [r for r in line.values() if r["raw_type"] != "number"]
        if len(words) < needed or sum(bool(names(r["raw_text"]) & leaves) for r in words) < needed:
            continue
        where = _by_text(grid, row, form)
        if len({c["item"] for c in where.values() if "item" in c}) >= needed:
            if text and len(text[1]) >= len(where):
                yield text[0], text, {}
            text = row, where
    if text:
        yield text[0], text, {}


def _marks(line: dict[int, dict], least: float) -> dict[int, int]:
    """Column of the sheet → its number, in a line of numbers of columns (and letters).

    What stands to their right may be anything. Numbers that do not follow each other are those of
    columns only in brackets: else they may be figures.
    """
    marks, texts = {}, {c: plain(r["raw_text"]) for c, r in sorted(line.items())}
    for c, text in texts.items():
        if mark := _MARK.match(text):
            marks[c] = int(mark[1])
    words = [c for c, text in texts.items() if c not in marks and not _LETTER.match(text)]
    if len(marks) < least or (words and min(words) < max(marks)):
        return {}
    bracketed = all(texts[c].startswith("(") for c in marks)
    return marks if bracketed or _straight(marks) else {}


def _straight(marks: dict[int, int]) -> bool:
    numbers = list(marks.values())
    return numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def _by_text(grid: Grid, row: int, form: dict) -> dict[int, dict]:
    """Column of the sheet → column of the form by the heads down to ``row``.

    Group heads stand left in their merged cells; heads of one line may stand above.
    """
    over: dict[int, set[str]] = {}
    line = grid[row]
    width = max(line)
    for above in (grid[r] for r in range(max(1, row - _ABOVE), row) if r in grid):
        group: frozenset[str] = frozenset()
        for c in range(1, width + 1):
            group = names(above[c]["raw_text"]) if c in above else group
            over.setdefault(c, set()).update(group)
    where = {}
    for c, r in line.items():
        own = names(r["raw_text"])
        for column in form["columns"]:
            head = column["header"]["vi"]
            if names(head[-1]) & own and (len(head) == 1 or names(head[0]) & over.get(c, set())):
                where[c] = column
    for above in (grid[r] for r in range(max(1, row - 3), row) if r in grid):
        for c, r in above.items():
            for column in form["columns"]:
                head = column["header"]["vi"]
                if len(head) == 1 and c not in line and names(head[0]) & names(r["raw_text"]):
                    where[c] = column
    return where


def _numbered(grid: Grid, row: int, marks: dict, text: Text | None, form: dict) -> Heads | None:
    """The head by its line of numbers, as far as the heads above agree with it.

    Heads that are all intact decide over numbers that begin elsewhere (A, B, 1, 2 …), if these
    stand under no other columns.
    """
    columns = {c["number"]: c for c in form["columns"]}
    where = {c: columns[n] for c, n in marks.items() if n in columns}
    if not _straight(marks) or len(where) < _ENOUGH * len(columns):
        return None
    if not _supported(grid, row, where, form):
        return None
    by_text = text[1] if text else {}
    wrong = _disagreeing(grid, row, where, form)
    letters = any(_LETTER.match(plain(r["raw_text"])) for r in grid[row].values())
    lettered = letters and any("role" in f for f in where.values())
    if lettered:  # A, B, 1, 2 …: these are not the numbers of the form
        wrong = list(where)
    intact = _all_items_once(by_text, form) and set(marks) <= set(by_text)
    if wrong and intact and _shift(marks, by_text) is not None:
        return _named(grid, *text, marks, row, form) if text else None
    line = grid[row]
    findings = [
        {**line[c], "rule": "column_disagrees", "expected": ", ".join(where[c]["header"]["vi"])}
        for c in wrong
    ]
    more = {c: f for c, f in by_text.items() if c not in where and f in where.values()}
    findings += [] if wrong else _twice(grid, row, {**where, **more})
    findings += _missing(where, line[next(iter(marks))], form)
    return Heads(_first(grid, row, form), row, where, True, findings, _items(by_text))


def _named(
    grid: Grid, leaf: int, where: dict[int, dict], marks: dict, row: int, form: dict
) -> Heads:
    """The head by its words; ``row`` is the line of numbers below, if there is one."""
    findings = _twice(grid, leaf, where)
    parenthesised = marks and all(plain(grid[row][c]["raw_text"])[:1] == "(" for c in marks)
    if parenthesised and not findings and _shift(marks, where) is None:
        findings = [
            {**grid[row][c], "rule": "column_disagrees", "expected": ", ".join(f["header"]["vi"])}
            for c, f in where.items()
            if c in marks and marks[c] != f["number"]
        ]
    findings += _missing(where, next(iter(grid[leaf].values())), form)
    return Heads(_first(grid, leaf, form), row, where, bool(marks), findings, _items(where))


def _items(where: dict[int, dict]) -> int:
    return len({f["item"] for f in where.values() if "item" in f})


def _all_items_once(where: dict[int, dict], form: dict) -> bool:
    items = [f["item"] for f in where.values() if "item" in f]
    return sorted(items) == sorted(c["item"] for c in form["columns"] if "item" in c)


def _shift(marks: dict[int, int], where: dict[int, dict]) -> int | None:
    """By how much all numbers are off the columns that the heads name; None if not by as much."""
    shifts = {marks[c] - f["number"] for c, f in where.items() if c in marks and "item" in f}
    return shifts.pop() if len(shifts) == 1 else None


def _known(form: dict) -> set[str]:
    """All heads of the form, as they are compared."""
    return {name for c in form["columns"] for t in c["header"]["vi"] for name in names(t)}


def _above(grid: Grid, row: int, column: int) -> set[str]:
    """What stands over a cell of the line of numbers, as heads are compared."""
    over = (grid[r][column] for r in range(max(1, row - 4), row) if column in grid.get(r, {}))
    return {name for r in over for name in names(r["raw_text"])}


def _supported(grid: Grid, row: int, where: dict[int, dict], form: dict) -> bool:
    """Whether heads of the form stand over its numbers, if any do: others are numbered, too."""
    known = _known(form)
    above = [_above(grid, row, c) for c in where]
    headed = [texts for texts in above if texts]
    return sum(bool(texts & known) for texts in headed) >= len(headed) / 2


def _disagreeing(grid: Grid, row: int, where: dict[int, dict], form: dict) -> list[int]:
    """The columns over whose number stands the head of another."""
    known, wrong = _known(form), []
    for c, column in where.items():
        texts = _above(grid, row, c)
        own = {name for t in column["header"]["vi"] for name in names(t)}
        if texts & known - own or (texts & known and not texts & own):
            wrong.append(c)
    return wrong


def _first(grid: Grid, row: int, form: dict) -> int:
    """The row in which the heads begin."""
    known = _known(form)
    rows = [r for r in range(max(1, row - _ABOVE), row + 1) if r in grid]
    headed = [r for r in rows if any(names(x["raw_text"]) & known for x in grid[r].values())]
    return headed[0] if headed else row


def _twice(grid: Grid, row: int, where: dict[int, dict]) -> list[dict]:
    """One finding for all items that stand in two columns, with both places."""
    places: dict[int, list[int]] = {}
    for c, f in sorted(where.items()):
        if "item" in f:
            places.setdefault(f["number"], []).append(c)
    doubled = {n: held for n, held in places.items() if len(held) > 1}
    if not doubled:
        return []
    runs = [[held[i] for held in doubled.values() if len(held) > i] for i in range(2)]
    at = [_cell(grid, row, c) for c in (runs[0][0], runs[0][-1], runs[1][0], runs[1][-1])]
    named = [r["source_cell"] for r in at]
    spans = [a if a == b else f"{a}:{b}" for a, b in (named[:2], named[2:])]
    head = ", ".join(where[runs[1][0]]["header"]["vi"])
    return [{**at[2], "rule": "column_in_two_places", "found": ", ".join(spans), "expected": head}]


def _cell(grid: Grid, row: int, column: int) -> dict:
    """The lowest cell of a column down to ``row``."""
    return next(grid[r][column] for r in range(row, 0, -1) if r in grid and column in grid[r])


def _missing(where: dict, at: dict, form: dict) -> list[dict]:
    here = {c["number"] for c in where.values()}
    return [
        {**at, "rule": "column_missing", "expected": ", ".join(c["header"]["vi"])}
        for c in form["columns"]
        if "item" in c and c["number"] not in here
    ]
