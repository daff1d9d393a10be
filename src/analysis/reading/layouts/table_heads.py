"""Layout ``table``: where the heads of a table stand, what each column is, and where they end.

Heads stand over several rows, merged or cut; below them may stand a line of column numbers. The
first row of a unit ends them, and it may look like such a line: "01 | 12 | 50 | 5".
"""

import re
from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple

from analysis.language.words import fold, plain
from analysis.reading.layouts.cells import of_sheet
from analysis.reading.layouts.stated_measures import Stated, in_head, of_line

_MARK = re.compile(r"^\(?(?:[A-Za-z]|\d{1,2})\)?(?:\s*=[\d\s+()-]+)?$")
_COUNTED = re.compile(r"^\(?(0|[1-9]\d?)\)?(?:\s*=[\d\s+()-]+)?$")
FIGURE = re.compile(r"^[.,\s()%+-]*\d[\d.,\s()%*+-]*$")
_NO_FIGURE = {"", "x", "na", "n a", "nd", "n d", "ko", "khong", "khong co", "chua co"}
_HEAD_ROWS = 20
"""More rows are no head: what stands over each column would be compared without end."""

Line = dict[int, dict]


class Over(NamedTuple):
    """A head over a column, folded: whole, without a measure; whether it stands in the column."""

    text: str
    bare: str
    own: bool


Stack = list[Over]


@dataclass(frozen=True)
class Head:
    """The head of a table: where it starts, the first row below it, row and column of the head of
    the names, heads over each column from the top, what they state of measures, and the rows above
    the first figures that already name a unit."""

    start: int
    first: int
    row: int
    names: int
    stacks: dict[int, Stack]
    stated: list[Stated]
    early: list[int]


def head_of(grid: dict[int, Line], table: dict) -> Head | None:
    """Where the heads of a table stand, and what each column is; None if they are not found."""
    wanted = {fold(written(h)) for h in table["names"]["head"]}
    at = ((n, c) for n, line in grid.items() for c in sorted(line) if text_of(line[c]) in wanted)
    found = next(at, None)
    if found is None:
        return None
    row, names = found
    start = row
    while len(grid.get(start - 1, {})) > 1:
        start -= 1
    first = next((n for n, line in grid.items() if n > row and _is_data(line, names)), None)
    if first is None or first - start > _HEAD_ROWS:
        return None
    between = [n for n in grid if row < n < first]
    early = [n for n in between if _names_alone(grid[n], names)]
    width = max(c for line in grid.values() for c in line)
    rows = [n for n in range(start, first) if n not in early]
    stacks, stated = _stacks(grid, rows, width, row, _known(table))
    return Head(start, first, row, names, stacks, stated, early)


def _is_data(line: Line, names: int) -> bool:
    """A name, and to its right a figure or a sign for none; no line of column numbers."""
    if names not in line or numbers_columns(line, names):
        return False
    right = [r for c, r in line.items() if c > names]
    if any(map(is_figure, right)):
        return True
    return bool(right) and all(fold(r["raw_text"]) in _NO_FIGURE for r in right)


def _names_alone(line: Line, names: int) -> bool:
    return names in line and max(line) == names and not numbers_columns(line, names)


def numbers_columns(line: Line, names: int) -> bool:
    """Whether a row numbers the columns: A, B, 1, 2, 3=1+2. Codes of units and small figures do not
    count on by one, and no unit has one letter for a name."""
    # the number of a column that a formula makes may be an error
    texts = [plain(line[c]["raw_text"]) for c in sorted(line) if line[c].get("raw_type") != "other"]
    if not texts or not all(_MARK.match(t) for t in texts):
        return False
    if names in line and plain(line[names]["raw_text"]).strip("()").isalpha():
        return True
    counted = [m for t in texts if (m := _COUNTED.match(t))]
    numbers = [int(m[1]) for m in counted]
    letters = sum(t.strip("()").isalpha() for t in texts)
    in_order = all(b == a + 1 for a, b in zip(numbers, numbers[1:], strict=False))
    return len(counted) + letters == len(texts) and in_order and (not numbers or numbers[0] <= 2)


def _stacks(
    grid: dict[int, Line], rows: list[int], width: int, row: int, known: set[str]
) -> tuple[dict[int, Stack], list[Stated]]:
    """Heads over each column from the top, and what they state of measures.

    A head reaches over the columns to its right that have none of their own, as merged cells do.
    """
    stacks: dict[int, Stack] = {c: [] for c in range(1, width + 1)}
    said: dict[tuple[int, int], tuple[str, dict, set[int]]] = {}
    owned: set[int] = set()
    for number in rows:
        line, over, at = grid.get(number, {}), None, (0, 0)
        for c, stack in stacks.items():
            if c in line:
                over, at = line[c], (number, c)
                measure = _measure(over, known) if number >= row else None
                if measure:
                    said[at] = (measure, over, set())
            elif c in owned:
                over = None
            if over is None:
                continue
            if full := text_of(over):
                stack.append(Over(full, fold(in_head(over["raw_text"])[0]), c in line))
            if at in said:
                said[at][2].add(c)
        owned |= set(line)
    return stacks, [Stated(text, cell, frozenset(columns)) for text, cell, columns in said.values()]


def _measure(head: dict, known: set[str]) -> str | None:
    """What a head states of the figures below it, unless the form has the same head."""
    if text_of(head) in known:
        return None
    return of_line(head["raw_text"]) or in_head(head["raw_text"])[1]


def _known(table: dict) -> set[str]:
    """Heads of the form, folded, and their parts."""
    every = [*table["names"]["head"], *table.get("labels", [])]
    every += [head for heads in table["columns"].values() for head in heads]
    return {fold(t) for head in every for t in ([head] if isinstance(head, str) else head)}


# --- what each column is -------------------------------------------------------------------------


def columns(
    grid: dict[int, Line], head: Head, table: dict
) -> tuple[dict[int, str], dict[int, str], list[dict]]:
    """Column → item; column → rule, of columns that cannot be told apart; findings on heads that
    are absent or stand twice, at each of these."""
    where: dict[int, str] = {}
    lost: dict[int, str] = {}
    findings: dict[str, dict] = {}
    missing: list[str] = []
    below = [line for n, line in grid.items() if n >= head.first]
    filled = Counter(c for line in below for c, r in line.items() if is_figure(r))
    for item, heads in table["columns"].items():
        own = _columns_of(head, heads, own=True)
        under = _columns_of(head, heads, own=False)
        if len(own) > 1:  # a head repeated over an empty column is no second one
            own = [c for c in own if filled[c]] or own
        if len(own) == 1:
            # the figures may stand beside the first column of a merged head
            beside = [c for c in under if c > own[0] and filled[c] > 2 * filled[own[0]]]
            own = beside[:1] or own
        if len(own) == 1:
            where[own[0]] = item
        elif own:
            lost |= dict.fromkeys(own, "column_twice")
            for at in (head_cell(grid, head, c) for c in own):
                said = {"rule": "column_twice", "expected": written(heads[0])}
                findings[at["source_cell"]] = {**at, "role": "label", **said}
        else:
            missing.append(written(heads[0]))
    if missing:  # one finding: of several at one place only the first would be told
        at = grid[head.row][head.names]
        said = of_sheet(at, "column_missing", expected="”, “".join(missing))
        findings["missing"] = {**said, "source_cell": at["source_cell"], "raw_text": ""}
    return where, lost, list(findings.values())


def labels(head: Head, table: dict) -> set[int]:
    """Columns that number or repeat: under one of ``labels``, or left of the names without head."""
    heads = table.get("labels", [])
    named = {*_columns_of(head, heads, own=True), *_columns_of(head, heads, own=False)}
    bare = {
        c for c, stack in head.stacks.items() if c < head.names and not any(o.own for o in stack)
    }
    return named | bare


def _columns_of(head: Head, heads: list, own: bool) -> list[int]:
    return [c for c, stack in head.stacks.items() if any(_matches(stack, h, own) for h in heads)]


def _matches(stack: Stack, head: str | list, own: bool) -> bool:
    """Whether heads one below the other read as ``head`` (a text, or a path of texts).

    Cut heads ("THU NSNN", "TRÊN", "ĐỊA BÀN") are read as one text; with ``own`` the lowest of
    them must stand in the column itself. A measure at the end of a head is no part of its name.
    """
    wanted, bare = fold(written(head)), fold(in_head(written(head))[0])
    for j in range(1, len(stack) + 1):
        if stack[j - 1].own != own:
            continue
        for i in range(j):
            *upper, last = stack[i:j]
            above = [o.text for o in upper]
            if " ".join([*above, last.text]) == wanted or " ".join([*above, last.bare]) == bare:
                return True
    return False


def of_head(line: Line, head: Head, table: dict) -> bool:
    """Whether a row between the head of the names and the first figures belongs to the head: it
    numbers the columns, names no unit, or says (part of) what the form calls its columns."""
    if head.names not in line or numbers_columns(line, head.names):
        return True
    known = _known(table)
    texts = [text_of(r) for c, r in line.items() if c != head.names]
    return any(t and any(t in k for k in known) for t in texts)


def head_cell(grid: dict[int, Line], head: Head, column: int) -> dict:
    """The lowest head that stands in or over the column."""
    for number in range(head.first - 1, head.start - 1, -1):
        for c in range(column, 0, -1):
            if c in grid.get(number, {}) and number not in head.early:
                return grid[number][c]
    return grid[head.row][head.names]


def repeated(line: Line, head: Head, where: dict[int, str]) -> bool | None:
    """Whether a row below the head is a head once more: False where it stands over other columns
    than the first one, None where it is no head."""
    texts = {c: text_of(r) for c, r in line.items() if r["raw_type"] == "text"}
    heads = {o.text for c in {head.names, *where} for o in head.stacks[c] if o.own}
    hits = [c for c, t in texts.items() if t in heads]
    if len(hits) < 2 or 2 * len(hits) <= len(line) or any(map(is_figure, line.values())):
        return None
    return all(texts[c] in {o.text for o in head.stacks[c]} for c in hits)


# --- cells ---------------------------------------------------------------------------------------


def written(head: str | list) -> str:
    """A head of a form as a sentence quotes it."""
    return head if isinstance(head, str) else " › ".join(head)


def text_of(r: dict) -> str:
    """The folded text of a cell."""
    return fold(r["raw_text"])


def is_figure(r: dict) -> bool:
    """Whether there is a number in a cell, however it is written, and no word."""
    return r["raw_type"] == "number" or bool(FIGURE.match(plain(r["raw_text"])))
