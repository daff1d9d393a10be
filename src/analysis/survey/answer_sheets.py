"""Where the answers stand in files: head row, columns, records; of exports, the sheets that belong
together.

A file that people filled in has one row for each respondent × procedure. One that Kobo or ODK
wrote (:mod:`analysis.survey.exported`) may have the respondent in one sheet and the procedures in
another: what the respondent said then stands in each of its records, each cell where it is.
"""

from collections.abc import Mapping
from difflib import SequenceMatcher
from typing import NamedTuple

import numpy as np
import pandas as pd
from openpyxl.utils import get_column_letter

from analysis.language.words import fold
from analysis.survey import combined, exported

LISTS = "Danh mục (không điền)"
"""The sheet of choices of a form that we made: nothing in it is an answer."""

CARRIED = "carried"
"""``raw_type`` of a cell that stands in one record and is an answer of others, too: its copies."""

_HEAD_ROWS = 20
_NEAR = 0.8  # of the letters of two heads that are alike
_PLACE = ["source_file", "source_sheet"]


class _Fault(NamedTuple):
    rule: str
    found: str | None = None
    expected: str | None = None


class _Sheet(NamedTuple):
    """A sheet as it is laid out: the row of heads, column → place, and column → head of those that
    stand for nothing; ``unread``: it could not be read."""

    cells: pd.DataFrame
    head: int = 0
    places: dict[int, exported.Place] = {}
    others: dict[int, str] = {}
    machine: bool = False
    unread: bool = False

    def column(self, *heads: str) -> int | None:
        """The column of the first of the heads that is there."""
        told = {text: column for column, text in self.others.items()}
        return next((told[head] for head in heads if head in told), None)

    def texts(self, head: str) -> pd.Series:
        """Row → what stands in the column of that head."""
        held = self.cells[
            (self.cells["column"] == self.column(head)) & (self.cells["row"] > self.head)
        ]
        return held.set_index("row")["raw_text"].str.strip()

    @property
    def file(self) -> str:
        return self.cells["source_file"].iloc[0]


def locate(
    cells: pd.DataFrame, survey: dict, others: Mapping[str, dict] | None = None
) -> pd.DataFrame:
    """Give the cells of answer files their role, item and record; add the answers left blank.

    Parameters
    ----------
    cells
        schema.CELLS with rule, found (see :func:`analysis.reading.workbook.read`).
    survey
        A survey of the catalogue.
    others
        The other surveys by code: a foreign file may be of one of them.

    Returns
    -------
    The cells and ``role`` (value, label, other), ``item``, ``part`` (of an answer given in several
    columns: the head, or the choice; of a label: what it records of the interview), ``record``
    (number of the answer row, missing outside it), ``machine`` (written by a program, with decimal
    points), ``expected``; blank answers of a record are added as value cells with an empty
    raw_text, and answers of a respondent once more for each further record of it (raw_type
    ``carried``). The head row is the one of the first rows that names most columns; a sheet without
    the required columns is refused as a whole, by one finding.
    """
    known = exported.heads(survey)
    sheets = [_laid_out(part, survey, known) for _, part in cells.groupby(_PLACE, sort=False)]
    above = {n: _parent(sheet, sheets) for n, sheet in enumerate(sheets)}
    above = {n: parent for n, parent in above.items() if parent is not None}
    faults = _faults(sheets, above, survey)
    faults = [_named(s, f, others or {}) for s, f in zip(sheets, faults, strict=True)]
    done = []
    for n, sheet in enumerate(sheets):
        told = _refused(sheet, faults[n]) if faults[n] else _placed(sheet)
        if not faults[n] and sheet.places and n not in above.values():
            both = [sheet] if n not in above else [sheets[above[n]], sheet]
            told = _without(told, sheet, both, survey)
            told = _unanswered(told, sheet)
        done.append(told.assign(sheet=n))
    first = sorted(range(len(sheets)), key=lambda n: (n in above.values(), n))
    table = pd.concat([done[n] for n in first], ignore_index=True)
    return _records(table, sheets, above).drop(columns="sheet")


def _laid_out(part: pd.DataFrame, survey: dict, known: dict) -> _Sheet:
    if part["rule"].notna().any():  # the file could not be read
        return _Sheet(part, unread=True)
    if part["source_sheet"].iloc[0] == LISTS:
        return _Sheet(part)
    early = part[part["row"] <= part["row"].min() + _HEAD_ROWS]
    best = _Sheet(part)
    for row, line in early.groupby("row"):
        texts = dict(zip(line["column"], line["raw_text"], strict=True))
        held = exported.places(texts, survey, known)
        if len({*held.values()}) > len({*best.places.values()}):
            others = {c: text.strip() for c, text in texts.items() if c not in held}
            machine = exported.is_one([*texts.values()], survey)
            best = _Sheet(part, int(row), held, others, machine)
    return best


def _parent(sheet: _Sheet, sheets: list[_Sheet]) -> int | None:
    """The sheet to which the rows of a repeat belong: of the same file, or, where keys are those of
    the whole world, of another. -1 where there is none; None for what is no repeat."""
    for head, key in exported.PARENT.items():
        if not sheet.places or sheet.column(head) is None:
            continue
        file, named = sheet.file, set(sheet.texts(head))
        held = [
            (other.file != file, -len(named & set(other.texts(key))), n)
            for n, other in enumerate(sheets)
            if other.column(key) is not None and other.column(*exported.PARENT) is None
        ]
        near = [n for elsewhere, _, n in sorted(held) if key == "KEY" or not elsewhere]
        return next(iter(near), -1)
    return None


def _faults(sheets: list[_Sheet], above: dict[int, int], survey: dict) -> list[_Fault | None]:
    """What is wrong with each sheet; one cause is said once."""
    faults: list[_Fault | None] = [None] * len(sheets)
    for n, sheet in enumerate(sheets):
        if sheet.unread or n in above.values() or sheet.cells["source_sheet"].iloc[0] == LISTS:
            continue
        parent = above.get(n)
        if parent == -1:
            faults[n] = _Fault(
                "parent_missing", next(h for h in exported.PARENT if sheet.column(h))
            )
            continue
        both = [sheet] if parent is None else [sheets[parent], sheet]
        faults[n] = _fault(both, survey)
    for parent in {*above.values()} - {-1}:
        if all(faults[n] for n, p in above.items() if p == parent):
            faults[parent] = _Fault("")
    good = {s.file for s, f in zip(sheets, faults, strict=True) if not f and s.places}
    for n, sheet in enumerate(sheets):  # a second sheet, with a remark, a list, another repeat
        if faults[n] and not sheet.places and sheet.file in good:
            faults[n] = _Fault("sheet_unused")
    spoilt = {s.file for s in sheets if (s.cells["rule"] == "cells_unaccounted").any()}
    for n, sheet in enumerate(sheets):  # said once, of the file
        if sheet.file in spoilt and not sheet.unread:
            faults[n] = _Fault("")
    return faults


def _fault(sheets: list[_Sheet], survey: dict) -> _Fault | None:
    """What is wrong with the columns of sheets that belong together: an answer of several columns
    needs all of them, and stands either in these or in one of its own."""
    columns, held = survey["columns"], [p for sheet in sheets for p in sheet.places.values()]
    items = {item for item, _ in held}
    required = [item for item, column in columns.items() if column.get("required")]
    missing = [item for item in required if item not in items]
    if not any(sheet.cells["raw_text"].str.strip().any() for sheet in sheets):
        return _Fault("answers_none")
    if missing and len(missing) * 2 > len(required):
        seen = [text for sheet in sheets for text in _first_row(sheet)]
        if not _repeats(missing, sheets, survey):
            heads = ", ".join(columns[item]["head"] for item in required)
            wanted = f"{survey['title']['vi']} ({heads})"
            near = _near(missing, sheets, survey)
            return _Fault("answers_foreign", near or ", ".join(seen[:6]), wanted)
    if missing:
        told = ", ".join(f"{columns[i]['head']} ({columns[i]['name']['vi']})" for i in missing)
        return _Fault("column_missing", _why(missing, sheets, survey), told)
    for item, own in combined.heads(survey).items():
        here = [part for i, part in held if i == item]
        if "" in here and len(set(here)) > 1:
            return _Fault("column_twice", None, item)
        absent = [part for part in own if part not in here]
        if absent and here and "" not in here:
            return _Fault("column_missing", None, absent[0])
    again = [place for place in held if held.count(place) > 1]
    return _Fault("column_twice", None, again[0][1] or again[0][0]) if again else None


def _named(sheet: _Sheet, fault: _Fault | None, others: Mapping[str, dict]) -> _Fault | None:
    """A foreign sheet, with the survey of which it has the required columns, if it is one."""
    if not fault or fault.rule != "answers_foreign":
        return fault
    for other in others.values():
        laid = _laid_out(sheet.cells, other, exported.heads(other))
        items = {item for item, _ in laid.places.values()}
        required = {i for i, c in other["columns"].items() if c.get("required")}
        if required and 2 * len(required & items) > len(required):
            return fault._replace(found=f"other: {other['title']['vi']}")
    return fault


def _unanswered(part: pd.DataFrame, sheet: _Sheet) -> pd.DataFrame:
    """A sheet of heads alone says that it holds no answer."""
    if (part["role"] == "value").any():
        return part
    at = part.index[(part["row"] == sheet.head) & (part["role"] == "label")][:1]
    part.loc[at, "rule"] = "answers_none"
    part.loc[at, ["found", "expected"]] = None
    return part


def _without(part: pd.DataFrame, sheet: _Sheet, sheets: list[_Sheet], survey: dict) -> pd.DataFrame:
    """A sheet without columns of the questionnaire says so once, at its first head: answers that
    are not there are no refusals of whoever was asked."""
    columns, held = survey["columns"], {i for one in sheets for i, _ in one.places.values()}
    asked = [item for section in survey.get("questionnaire", []) for item in section["items"]]
    absent = [item for item in asked if item not in held]
    if not absent:
        return part
    told = {
        "rule": "column_absent",
        "found": _near(absent, sheets, survey),
        "expected": ", ".join(f"{columns[i]['head']} ({columns[i]['name']['vi']})" for i in absent),
    }
    at = part.index[(part["row"] == sheet.head) & (part["role"] == "label")][:1]
    part.loc[at, "rule"] = "column_absent"
    part.loc[at, ["found", "expected"]] = [_near(absent, sheets, survey), told]
    return part


def _first_row(sheet: _Sheet) -> list[str]:
    """The texts of the head row, or of the first row where no column is known."""
    row = sheet.head or sheet.cells["row"].min()
    return list(sheet.cells.loc[sheet.cells["row"] == row, "raw_text"])


def _repeats(missing: list[str], sheets: list[_Sheet], survey: dict) -> bool:
    """Whether all that is missing is asked in a repeat, and the sheet is an export of the form."""
    asked = [s["items"] for s in survey.get("questionnaire", []) if s.get("repeat")]
    return sheets[0].machine and set(missing) <= {item for items in asked for item in items}


def _why(missing: list[str], sheets: list[_Sheet], survey: dict) -> str | None:
    """Why columns may be missing: repeats were not exported, or heads are other than they were."""
    if len(sheets) == 1 and _repeats(missing, sheets, survey):
        return "repeat: "
    return _near(missing, sheets, survey)


def _near(missing: list[str], sheets: list[_Sheet], survey: dict) -> str | None:
    """The heads that stand for nothing and are like those that are missing."""
    names = {fold(w) for i in missing for w in (i, survey["columns"][i]["head"])}
    names |= {fold(survey["columns"][i]["name"]["vi"]) for i in missing}
    heads = [t for one in sheets for t in one.others.values() if not exported.aside(t)]
    near = [
        text
        for text in heads
        if any(
            f" {fold(text)}".endswith(f" {n}")
            or any(_alike(fold(t), n) for t in (text, text.rpartition("/")[2]))
            for n in names
        )
    ]
    return f"near: {', '.join(near)}" if near else None


def _alike(one: str, other: str) -> bool:
    return SequenceMatcher(None, one, other).ratio() >= _NEAR


def _refused(sheet: _Sheet, fault: _Fault) -> pd.DataFrame:
    """The cells of a sheet that does not count: what is wrong stands at the first."""
    part = _bare(sheet).assign(covered_by=fault.rule or "sheet")
    if fault.rule:
        columns = ["rule", "found", "expected"]
        part.loc[part.index[0], columns] = list(fault)
        part.loc[part.index[0], "covered_by"] = None
    return part


def _bare(sheet: _Sheet) -> pd.DataFrame:
    told = {"role": "other", "item": None, "part": None, "expected": None, "covered_by": None}
    return sheet.cells.assign(**told, machine=sheet.machine)


def _placed(sheet: _Sheet) -> pd.DataFrame:
    part = _bare(sheet)
    if sheet.unread:
        return part.assign(role="file", expected=sheet.cells.get("expected"))
    if not sheet.places:
        return part.assign(role="label")
    item = part["column"].map({c: item for c, (item, _) in sheet.places.items()})
    kept = {c for c, text in sheet.others.items() if sheet.machine and exported.aside(text)}
    label = (part["row"] <= sheet.head) | part["column"].isin(kept)
    part["role"] = np.select([label, item.notna()], ["label", "value"], "other")
    value = part["role"] == "value"
    part["item"] = item.where(value, None)
    part["part"] = (
        part["column"].map({c: own for c, (_, own) in sheet.places.items()}).where(value, None)
    )
    meta = {c: exported.recorded(sheet.others[c]) for c in kept}
    of_interview = label & (part["row"] > sheet.head) & part["column"].isin(meta)
    part["part"] = np.where(of_interview, part["column"].map(meta), part["part"])
    other = part["role"] == "other"
    headed = other & part["column"].isin(sheet.others)
    part.loc[other & ~headed, "rule"] = "outside_form"
    part.loc[headed, "covered_by"] = "outside_form"
    heads = (part["row"] == sheet.head) & part["column"].isin(part.loc[headed, "column"])
    part.loc[heads, ["role", "rule"]] = ["other", "outside_form"]  # said once, of the column
    return pd.concat([part, _blanks(part, sheet)], ignore_index=True)


def _blanks(part: pd.DataFrame, sheet: _Sheet) -> pd.DataFrame:
    """The cells of answered rows that hold nothing."""
    values = part[part["role"] == "value"]
    whole = pd.MultiIndex.from_product([values["row"].unique(), sheet.places])
    empty = whole.difference(pd.MultiIndex.from_frame(values[["row", "column"]]))
    rows, found = empty.get_level_values(0), empty.get_level_values(1)
    return pd.DataFrame(
        {
            "source_file": part["source_file"].iloc[0],
            "source_sheet": part["source_sheet"].iloc[0],
            "source_cell": [f"{get_column_letter(int(c))}{r}" for r, c in empty],
            "row": rows,
            "column": found,
            "raw_text": "",
            "raw_type": "blank",
            "role": "value",
            "item": [sheet.places[c][0] for c in found],
            "part": [sheet.places[c][1] for c in found],
            "machine": sheet.machine,
        }
    )


def _records(table: pd.DataFrame, sheets: list[_Sheet], above: dict[int, int]) -> pd.DataFrame:
    """Number the records; what a respondent said stands in each of its own."""
    links = pd.DataFrame(columns=["sheet", "row", "of_sheet", "of_row"])
    linked = {n: p for n, p in above.items() if p >= 0}
    if linked:
        links = pd.concat([_links(n, p, sheets) for n, p in linked.items()])
        table = _without_orphans(table, links, linked, sheets)
    said = (table["role"] == "value") & table["sheet"].isin(linked.values())
    rows = table.loc[(table["role"] == "value") & ~said, ["sheet", "row"]].drop_duplicates()
    rows = rows.assign(record=np.arange(len(rows)))
    own = table[~said].merge(rows, on=["sheet", "row"], how="left")
    if not said.any():
        return own
    links = links.merge(rows, on=["sheet", "row"])[["of_sheet", "of_row", "record"]]
    keys = {"left_on": ["sheet", "row"], "right_on": ["of_sheet", "of_row"]}
    theirs = table[said].reset_index().merge(links, how="left", **keys)
    again = theirs.duplicated("index") & (theirs["raw_text"] != "")
    theirs["raw_type"] = theirs["raw_type"].mask(again, CARRIED)
    alone = theirs["record"].isna()  # nothing was said of any procedure
    numbers = theirs.loc[alone].groupby(["sheet", "row"], sort=False).ngroup()
    theirs.loc[alone, "record"] = numbers + len(rows)
    theirs = theirs.drop(columns=["index", "of_sheet", "of_row"])
    return pd.concat([own, theirs], ignore_index=True)


def _links(n: int, parent: int, sheets: list[_Sheet]) -> pd.DataFrame:
    """Rows of a repeat and the row that each belongs to."""
    head, key = next((h, k) for h, k in exported.PARENT.items() if sheets[n].column(h))
    above = sheets[parent].texts(key).drop_duplicates()
    rows = pd.Series(above.index, index=above.to_numpy())
    found = sheets[n].texts(head).map(rows).dropna().astype(int)
    return pd.DataFrame(
        {"sheet": n, "row": found.index, "of_sheet": parent, "of_row": found.to_numpy()}
    )


def _without_orphans(
    table: pd.DataFrame, links: pd.DataFrame, linked: dict[int, int], sheets: list[_Sheet]
) -> pd.DataFrame:
    """Rows of a repeat that belong to no row of the form do not count, and say so where they name
    it, or at their first cell."""
    known = pd.MultiIndex.from_frame(links[["sheet", "row"]])
    rows = pd.MultiIndex.from_frame(table[["sheet", "row"]])
    value = (table["role"] == "value") & table["sheet"].isin(linked)
    lost = value & ~rows.isin(known)
    if not lost.any():
        return table
    keys = table["sheet"].map({n: sheets[n].column(*exported.PARENT) for n in linked})
    named = rows.isin(rows[lost]) & (table["column"] == keys)
    first = table[(lost | named) & (table["raw_text"] != "")]
    first = first.assign(value=~named).sort_values("value", kind="stable")
    at = first.drop_duplicates(["sheet", "row"]).index
    table = table.assign(role=table["role"].mask(lost, "other"))
    table.loc[lost, "covered_by"] = "parent_missing"
    table.loc[lost, ["item", "part"]] = None
    table.loc[at, "role"], table.loc[at, "covered_by"] = "other", None
    table.loc[at, "rule"] = "parent_missing"
    return table[~(lost & (table["raw_text"] == ""))].reset_index(drop=True)
