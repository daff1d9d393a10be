"""Findings of one cause in one line: how many cells, which, and one of them as an example."""

import re
from collections import Counter
from collections.abc import Iterable

import pandas as pd
from openpyxl.utils import get_column_letter, range_boundaries

from analysis.schema import row_tuples
from analysis.schema.tables import LINES

APART = 3
"""So many findings of one rule in one sheet are still told one by one."""
_MOST = 5_000  # cells of one finding
_BLOCKS = 8  # that a line names
_NAMED = ("probable", "perhaps")
_POINTER = "/"  # how the place of a value of JSON begins
_PLACE = re.compile(r"[A-Z]{1,3}[1-9]\d{0,6}(?::[A-Z]{1,3}[1-9]\d{0,6})?")


def lines(issues: pd.DataFrame, rules: dict, by_rule: bool = False) -> pd.DataFrame:
    """Issues gathered, in their order.

    Notes of one rule in one sheet are one line; so are other findings that say the same of several
    cells. Where they are more than :data:`APART`, those of a rule that has words for ``many`` are,
    too, and with ``by_rule`` those of any rule. What a sender may ``confirm`` is asked cell by
    cell, and what is ``probable`` (:mod:`analysis.exchange.mending`) is told by itself.

    Parameters
    ----------
    issues
        schema.ISSUES; where it has ``cells``, the places that one finding concerns; perhaps with
        ``probable`` and ``perhaps``: the cells that are named instead of them.
    rules
        ``rules.yml``: ``name`` and, where a rule has it, ``many``: what is said of ``{n}`` cells.

    Returns
    -------
    schema.LINES.
    """
    return LINES.of(told(issues, rules, by_rule))


def told(issues: pd.DataFrame, rules: dict, by_rule: bool = False) -> list[dict]:
    """The rows of :func:`lines`."""
    at = list(zip(issues["source_file"], issues["source_sheet"], issues["rule"], strict=True))
    alike, groups = Counter(at), {}
    for place, issue in zip(at, row_tuples.rows(issues), strict=True):
        own = _own(issue, alike[place] <= APART, rules.get(issue.rule, {}), by_rule)
        groups.setdefault((*place, own), []).append(issue)
    return [_line(group, rules, by_rule) for group in groups.values()]


def _own(issue, few: bool, rule: dict, by_rule: bool) -> str:
    """What only findings share, of those of one rule in one sheet, that are told in one line."""
    raw, cell = _text(issue.raw_text), _text(issue.source_cell)
    apart = few if by_rule else issue.severity != "note" and (few or "many" not in rule)
    named = not by_rule and any(_text(getattr(issue, c, None)) for c in _NAMED)
    said = issue.message_vi.replace(f"“{_quoted(raw)}”", "“…”") if apart or named else ""
    if not cell:  # of a file or sheet: what is named tells apart
        return said + raw
    return said + cell if "confirm" in rule and not by_rule else said


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _quoted(raw: object) -> str:
    return str(raw)[:120]


def _line(group: list, rules: dict, by_rule: bool) -> dict:
    first, n = group[0], len(group)
    told = {c: getattr(first, c) for c in LINES.columns if hasattr(first, c)}
    instead = next(filter(None, (_text(getattr(first, c, None)) for c in _NAMED)), "")
    told["cells"] = instead or ranges(place for issue in group for place in places(issue))
    told["findings"] = n
    if n > 1:
        rule = rules.get(first.rule, {})
        for language in ("vi", "en"):
            told[f"message_{language}"] = _gathered(first, n, rule, language, by_rule)
    return told


_WORDS = {
    "vi": {"cells": "{n} ô", "such": "ví dụ", "fine": "; không cần sửa."},
    "en": {"cells": "{n} cells", "such": "e.g.", "fine": "; nothing to mend."},
}


def _gathered(first, n: int, rule: dict, language: str, by_rule: bool) -> str:
    words, message = _WORDS[language], getattr(first, f"message_{language}")
    cells, cell = words["cells"].format(n=n), first.source_cell or ""
    if "many" in rule:
        cells = rule["many"][language].format(n=n)
    elif "name" in rule and (by_rule or first.severity == "note"):
        cells = f"{rule['name'][language]}: {cells}"
    if first.severity != "note" or not cell:
        return f"{cells}, {words['such']} {cell}: {message}".replace(" : ", ": ")
    raw = f" “{_quoted(first.raw_text)}”" if first.raw_text else ""
    return f"{cells}, {words['such']} {cell}{raw}{words['fine']}"


def places(issue) -> list[str]:
    """The cells that an issue concerns, its own first; none where the whole file is meant.

    ``issue``: a row with ``source_cell`` and perhaps ``cells`` (``C11, D11, F11:F14``).
    """
    stated = getattr(issue, "cells", None)
    own = [issue.source_cell] if isinstance(issue.source_cell, str) else []
    texts = [*own, *_PLACE.findall(stated if isinstance(stated, str) else "")]
    found: dict[str, None] = dict.fromkeys(t for t in own if t.startswith(_POINTER))
    for text in filter(_PLACE.fullmatch, texts):
        left, top, right, bottom = range_boundaries(text)
        for row in range(top, bottom + 1):
            for column in range(left, right + 1):
                if len(found) >= _MOST:
                    return list(found)
                found[f"{get_column_letter(column)}{row}"] = None
    return list(found)


def ranges(cells: Iterable[str], most: int = _BLOCKS) -> str:
    """Places as few blocks as a person would name them; after ``most`` of them "…".

    >>> ranges(["C11", "C12", "D11", "D12", "F3"])
    'F3, C11:D12'
    """
    columns: dict[int, set[int]] = {}
    pointers = []
    for cell in cells:
        if cell.startswith(_POINTER):
            pointers.append(cell)
            continue
        left, top, *_ = range_boundaries(cell)
        columns.setdefault(left, set()).add(top)
    blocks: dict[tuple[int, int], list[list[int]]] = {}
    for column in sorted(columns):
        for run in _runs(sorted(columns[column])):
            beside = blocks.setdefault(run, [])
            if beside and beside[-1][1] == column - 1:
                beside[-1][1] = column
            else:
                beside.append([column, column])
    placed = sorted((run, *span) for run, spans in blocks.items() for span in spans)
    named = pointers + [_block(run, left, right) for run, left, right in placed]
    return ", ".join(named[:most]) + (", …" if len(named) > most else "")


def _runs(rows: list[int]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for row in rows:
        if found and found[-1][1] == row - 1:
            found[-1] = (found[-1][0], row)
        else:
            found.append((row, row))
    return found


def _block(run: tuple[int, int], left: int, right: int) -> str:
    first, last = f"{get_column_letter(left)}{run[0]}", f"{get_column_letter(right)}{run[1]}"
    return first if first == last else f"{first}:{last}"


def by_rule(issues: pd.DataFrame, rules: dict) -> pd.DataFrame:
    """How often each rule is broken, worst first: severity, rule, name_vi, findings, files,
    example (file, sheet and cell of the first)."""
    rows = []
    for rule, own in issues.groupby("rule", sort=False):
        first = own.iloc[0]
        at = (first["source_file"], first["source_sheet"], first["source_cell"])
        rows.append(
            {
                "severity": first["severity"],
                "rule": rule,
                "name_vi": rules[rule]["name"]["vi"],
                "findings": len(own),
                "files": own.loc[own["source_file"] != "", "source_file"].nunique(),
                "example": " ".join(filter(None, at)),
            }
        )
    columns = ["severity", "rule", "name_vi", "findings", "files", "example"]
    return _worst_first(pd.DataFrame(rows, columns=columns), ["findings"])


def by_file(issues: pd.DataFrame) -> pd.DataFrame:
    """How many findings each file has, worst first: source_file, blocking, warning, note."""
    named = issues[issues["source_file"] != ""]
    counts = pd.crosstab(named["source_file"], named["severity"].astype(str))
    counts = counts.reindex(columns=_SEVERITIES, fill_value=0).reset_index()
    return counts.sort_values(_SEVERITIES, ascending=False, kind="stable").reset_index(drop=True)


_SEVERITIES = ["blocking", "warning", "note"]


def _worst_first(table: pd.DataFrame, most: list[str]) -> pd.DataFrame:
    order = table["severity"].map(_SEVERITIES.index)
    ranked = table.assign(order=order).sort_values(
        ["order", *most], ascending=[True, *(False for _ in most)], kind="stable"
    )
    return ranked.drop(columns="order").reset_index(drop=True)
