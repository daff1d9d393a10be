"""Whose figures a file holds and of which days, by all that says it: its text, title and name.

What counts is what the sheet states (:mod:`analysis.checking.standing`). Where its title, a second
line of it or the name of the file say otherwise, that is told; of two reporting units in one sheet
neither is taken.
"""

import re
from functools import lru_cache
from typing import NamedTuple

import pandas as pd

from analysis.language.words import fold, meant, plain, unaccented
from analysis.reading.layouts import named
from analysis.schema.tables import FINDINGS, NOWHERE

_SHEETS = ("sheet", "register")
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
_YEAR = r"(?:\W{0,3}(?:nam\b)?\W{0,3}((?:19|20)\d\d)\b)?"
_QUARTER = re.compile(r"(?<![a-z])(?:quy|q)\W{0,2}(iv|i{1,3}|[1-4])(?![a-z0-9])" + _YEAR)
_QUARTER_AFTER = re.compile(r"(?<!\d)((?:19|20)\d\d)\W?(?:quy|q)\W?([1-4])(?!\d)")
_PART = re.compile(r"(?<!\d)(?:0?6|sau) thang (dau|cuoi) nam" + _YEAR)
_PART_AFTER = re.compile(r"(?<!\d)((?:19|20)\d\d)\Ws([12])(?!\d)")
_MONTHS = re.compile(r"(?<!\d)(?:0?9|chin) thang(?: dau nam)?" + _YEAR)
_YEARS = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")
_DAYS = re.compile(r"\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./]\d{4}")
_RECIPIENT = re.compile(r"\b(?:kinh )?gui\b.*")
_SHORTEST = 4  # letters of a name that is looked for within the name of a file


class Named(NamedTuple):
    """A period that a text names: ``index`` of its ``frequency`` (Q, S, A; N: the first nine
    months), ``year`` (None where it is not said) and the ``text``."""

    year: int | None
    frequency: str
    index: int
    text: str


def periods_named(text: str) -> list[Named]:
    """The quarters, halves and years that a text names; a year only where it names nothing else.

    >>> [n[:3] for n in periods_named("Báo cáo Quý II/2022")]
    [(2022, 'Q', 2)]
    >>> [n[:3] for n in periods_named("II06a_10_2022-Q2 (2)")]
    [(2022, 'Q', 2)]
    """
    text = _DAYS.sub(" ", unaccented(plain(text)).lower().replace("_", " "))
    found = []
    for match in _QUARTER_AFTER.finditer(text):
        found.append(Named(int(match[1]), "Q", int(match[2]), match[0]))
    for match in _PART_AFTER.finditer(text):
        found.append(Named(int(match[1]), "S", int(match[2]), match[0]))
    if not found:
        for match in _QUARTER.finditer(text):
            index = _ROMAN.get(match[1]) or int(match[1])
            found.append(Named(_year(match[2]), "Q", index, match[0]))
    for match in _PART.finditer(text):
        found.append(Named(_year(match[2]), "S", 1 + (match[1] == "cuoi"), match[0]))
    found += [Named(_year(m[1]), "N", 1, m[0]) for m in _MONTHS.finditer(text)]
    return found or [Named(int(m[1]), "A", 1, m[0]) for m in _YEARS.finditer(text)]


def _year(text: str | None) -> int | None:
    return int(text) if text else None


def _otherwise(named: list[Named], period) -> str | None:
    """What is named, if none of it is the period; of a year alone only its number is compared."""
    own = (period.frequency, period.index)
    for name in named:
        alone = name.frequency == "A"
        if name.year in (None, period.year) and (alone or (name.frequency, name.index) == own):
            return None
    return ", ".join(dict.fromkeys(n.text.strip() for n in named)) or None


# --- the text of a sheet ------------------------------------------------------------------------


def marked(
    cells: pd.DataFrame,
    windows: pd.DataFrame,
    plan,
    forms: dict[str, dict],
    codes: dict[str, str],
    names: dict[str, str],
) -> pd.DataFrame:
    """Mark lines above a sheet's figures that name another unit or another period than it does.

    Parameters
    ----------
    cells
        Located cells with ``reporting_unit``.
    windows
        See :func:`analysis.reading.clean.windows`.
    codes, names
        Folded name → code of a unit, code → name.

    Returns
    -------
    The cells, with rules ``unit_by_text`` (which refuses the file) and ``period_by_title``.
    """
    text = cells["role"].isin(["label", "window"]) & cells["rule"].isna()
    own = {code for code, form in forms.items() if form["layout"] in _SHEETS}
    said = cells[text & cells["form"].isin(own)]
    if said.empty:
        return cells
    first = cells[cells["role"].isin(["value", "record"])].groupby("source_file")["row"].min()
    said = said[said["row"] < said["source_file"].map(first).fillna(0)]
    folded = said["raw_text"].map(fold)
    rows = [
        *_units_beside(cells, said[folded.str.startswith("don vi bao cao")], codes, names),
        *_titles(said[folded.str.contains(r"\bquy\b|\bthang\b")], windows, plan),
    ]
    if not rows:
        return cells
    told = pd.DataFrame(rows, columns=["at", "rule", "found", "expected"]).set_index("at")
    told = told[~told.index.duplicated()]
    cells = cells.astype(dict.fromkeys(told.columns, object))
    cells.loc[told.index, told.columns] = told
    return cells


def _units_beside(cells: pd.DataFrame, lines: pd.DataFrame, codes: dict, names: dict):
    """Lines "Đơn vị báo cáo: …" that name another unit than the file."""
    if lines.empty:
        return
    unit = cells.dropna(subset=["reporting_unit"]).groupby("source_file")["reporting_unit"].first()
    for line in lines.itertuples():
        after = plain(line.raw_text).partition(":")[2].strip()
        other, own = meant(after, codes) if after else None, unit.get(line.source_file)
        if other and own and other != own:
            yield line.Index, "unit_by_text", names[other], names.get(own, own)


def _titles(lines: pd.DataFrame, windows: pd.DataFrame, plan):
    """Lines that name another quarter or half year than this one, in files of these days."""
    right = windows[(windows["start"] == plan.start) & (windows["end"] == plan.end)]
    for line in lines[lines["source_file"].isin(right["source_file"])].itertuples():
        stated = [n for n in periods_named(line.raw_text) if n.frequency != "A"]
        if not fold(line.raw_text).startswith("ky bao cao"):  # a law, a column "quý trước" …
            stated = [n for n in stated if n.year]
        other = _otherwise(stated, plan.period)
        if other:
            yield line.Index, "period_by_title", other, plan.period.time_period


# --- the name of a file -------------------------------------------------------------------------


def by_name(
    submissions: pd.DataFrame,
    plan,
    forms: dict[str, dict],
    codes: dict[str, str],
    names: dict[str, str],
) -> pd.DataFrame:
    """Findings on files whose name is that of another unit or another period (schema.FINDINGS).

    ``submissions``: schema.SUBMISSIONS; of those in force. ``codes``, ``names``: as of
    :func:`marked`. A name that says nothing, or several things of which one is right, is in order.
    """
    rows = []
    for row in submissions[submissions["state"] == "in_force"].itertuples():
        stem = row.source_file.rpartition(".")[0] or row.source_file
        at = dict(source_file=row.source_file, reporting_unit=row.reporting_unit, form=row.form)
        other = _otherwise(periods_named(stem), plan.period)
        if other:
            found = dict(rule="period_by_name", found=other, expected=plan.period.time_period)
            rows.append(NOWHERE | at | found)
        if pd.isna(row.reporting_unit):
            continue
        own, told = row.reporting_unit, units_named(stem, forms, codes)
        if told and own not in told:
            found = ", ".join(names.get(u, u) for u in sorted(told))
            found = dict(rule="unit_by_name", found=found, expected=names.get(own, own))
            rows.append(NOWHERE | at | found)
    return FINDINGS.of(rows)


def units_named(stem: str, forms: dict[str, dict], codes: dict[str, str]) -> set[str]:
    """The units that the name of a file tells: by its code behind that of a form, as blank
    workbooks are called, or by a name.

    >>> sorted(units_named("II.06a_10_2022-Q2", {"II.06a": {}}, {"10": "10", "lao cai": "10"}))
    ['10']
    """
    known = set(codes.values())
    found = {c for form in forms for c in named.behind(form).findall(stem) if c in known}
    telling = _telling(frozenset(codes))
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", unaccented(stem))
    for text in {fold(stem), fold(parted)}:
        text = f" {_RECIPIENT.sub('', text)} "
        held = [n for n, alone in telling.items() if alone in text]
        longest = [n for n in held if not any(n != o and f" {n} " in f" {o} " for o in held)]
        found |= {codes[n] for n in longest}
    return found


@lru_cache(maxsize=4)
def _telling(names: frozenset[str]) -> dict[str, str]:
    """The names that tell a unit wherever they stand, each as a word among others."""
    return {n: f" {n} " for n in names if len(n) >= _SHORTEST and not n.isdigit()}
