"""Answer files of a survey → one checked row per answer, with every cell accounted for.

An answer file has one head row and one row per respondent × procedure; its columns are those of a
survey in ``data/catalogue/surveys``. What an answer means is the matter of
:mod:`analysis.survey.answers`; here columns are found, answers placed and rows held against each
other.
"""

import numpy as np
import pandas as pd
from openpyxl.utils import get_column_letter

from analysis.language.words import fold, meant, number, plain
from analysis.survey import answers, combined

_PLACE = ["source_file", "source_sheet", "source_cell"]
FINDINGS = [*_PLACE, "row", "item", "raw_text", "rule", "found", "expected"]
_HEAD_ROWS = 20


def locate(cells: pd.DataFrame, survey: dict) -> pd.DataFrame:
    """Give the cells of answer files their role, item and record; add the answers left blank.

    Parameters
    ----------
    cells
        schema.CELLS with rule, found (see :func:`analysis.reading.workbook.read`).
    survey
        A survey of the catalogue.

    Returns
    -------
    The cells and ``role`` (value, label, other), ``item``, ``part`` (the head, of an answer given
    in several columns), ``record`` (number of the answer row, missing outside it), ``expected``;
    blank answers of a record are added as value cells with an empty raw_text. The head row is the
    one of the first rows that names most columns; a sheet without the required columns is refused
    as a whole.
    """
    parts = combined.heads(survey)
    heads = {
        fold(name): (item, "")
        for item, column in survey["columns"].items()
        for name in [item, column["head"], *column.get("aliases", [])]
    }
    heads |= {fold(head): (item, head) for item, own in parts.items() for head in own}
    required = [i for i, c in survey["columns"].items() if c.get("required")]
    sheets = [
        _sheet(part, heads, required, parts)
        for _, part in cells.groupby(["source_file", "source_sheet"], sort=False)
    ]
    table = pd.concat(sheets, ignore_index=True)
    key = ["source_file", "source_sheet", "row"]
    rows = table[table["role"] == "value"].drop_duplicates(key)[key]
    return table.merge(rows.assign(record=np.arange(len(rows))), on=key, how="left")


def _sheet(part: pd.DataFrame, heads: dict, required: list, parts: dict) -> pd.DataFrame:
    part = part.assign(role="other", item=None, part=None, expected=None)
    if part["rule"].notna().any():  # the file could not be read
        return part.assign(role="file")
    named = part["raw_text"].map(lambda t: heads.get(fold(t)))
    early = part["row"] <= part["row"].min() + _HEAD_ROWS
    hits = named[early].groupby(part["row"]).nunique()
    head = hits.idxmax() if len(hits) else 0
    columns = dict(
        zip(part.loc[part["row"] == head, "column"], named[part["row"] == head], strict=True)
    )
    columns = {c: place for c, place in columns.items() if place}
    rule, what = _fault(list(columns.values()), required, parts)
    if rule:
        first = part.index[0]
        part.loc[first, ["rule", "expected"]] = [rule, what]
        part["covered_by"] = rule
        return part
    part["item"] = part["column"].map({c: item for c, (item, _) in columns.items()})
    part["part"] = part["column"].map({c: own for c, (_, own) in columns.items()})
    part["role"] = np.select(
        [part["row"] <= head, part["item"].notna()], ["label", "value"], "other"
    )
    part.loc[(part["role"] == "label"), ["item", "part"]] = None
    part.loc[part["role"] == "other", "rule"] = "outside_form"
    return pd.concat([part, _blanks(part, columns)], ignore_index=True)


def _fault(held: list[tuple[str, str]], required: list, parts: dict) -> tuple[str | None, object]:
    """What is wrong with the columns of a sheet: (rule, column); an answer of several columns needs
    all of them, and stands either in these or in one of its own."""
    items = {item for item, _ in held}
    for item in required:
        if item not in items:
            return "column_missing", item
    for item, own in parts.items():
        here = [part for i, part in held if i == item]
        if "" in here and len(set(here)) > 1:
            return "column_twice", item
        absent = [part for part in own if part not in here]
        if absent and here and "" not in here:
            return "column_missing", absent[0]
    again = [place for place in held if held.count(place) > 1]
    return ("column_twice", again[0][1] or again[0][0]) if again else (None, None)


def _blanks(part: pd.DataFrame, columns: dict[int, tuple[str, str]]) -> pd.DataFrame:
    """The cells of answered rows that hold nothing."""
    values = part[part["role"] == "value"]
    whole = pd.MultiIndex.from_product([values["row"].unique(), columns])
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
            "item": [columns[c][0] for c in found],
            "part": [columns[c][1] for c in found],
        }
    )


def read(
    cells: pd.DataFrame,
    survey: dict,
    names: dict[str, dict[str, str]],
    parameters: dict,
    edition: str,
) -> pd.DataFrame:
    """Add what each value cell means: ``value``, ``obs_status``, ``rule``, ``found``, ``expected``,
    ``lead`` (whether it carries the answer: each does, but of those given in several columns one).

    ``names`` maps folded names to codes, for kind ``province`` and ``procedure_group``; an unknown
    name is an issue, never a guess. ``parameters``: hours_per_working_day, hours_per_half_day.
    """
    out = cells.assign(value=None, obs_status=None, lead=True)
    value = cells["role"] == "value"
    for item, spec in survey["columns"].items():
        of_item = value & (cells["item"] == item)
        together = cells.index[of_item & (cells["part"].fillna("") != "")]
        if len(together):
            found = combined.parse(cells.loc[together], survey, item, parameters)
            columns = ["value", "obs_status", "rule", "found", "expected", "lead"]
            out.loc[found.index, columns] = found[columns].to_numpy()
        rows = cells.index[of_item].difference(together, sort=False)
        if not len(rows):
            continue
        texts = cells.loc[rows, "raw_text"]
        kind = spec["kind"]
        if kind in names:
            found = _looked_up(texts, names[kind], f"{kind}_unknown")
        elif kind in ("code", "edition"):
            found = _codes(texts, kind, edition)
        else:
            found = answers.parse(texts, kind, spec, parameters)
        columns = ["value", "obs_status", "rule", "found", "expected"]
        out.loc[rows, columns] = found[columns].astype(object).to_numpy()
    return out


def _looked_up(texts: pd.Series, names: dict[str, str], rule: str) -> pd.DataFrame:
    codes = {text: meant(text, names) for text in texts.unique()}
    value = texts.map(codes)
    empty = texts.map(fold) == ""
    status = np.select([value.notna(), empty], ["A", "O"], "V")
    rules = np.select([value.notna(), empty], [None, "blank"], rule)
    return _found(texts, value, status, rules)


def _codes(texts: pd.Series, kind: str, edition: str) -> pd.DataFrame:
    """Codes compared without case, spaces and leading noughts; editions by their year."""
    text = texts.map(plain).str.upper().str.replace(" ", "")
    expected = None
    if kind == "edition":
        year = text.str.extract(r"^(?:APCI)?-?((?:20)\d\d)$")[0]
        status = np.select([text == "", year == edition], ["O", "A"], "V")
        rules = np.select([text == "", year == edition], ["blank", None], "response_other_edition")
        value, expected = year, edition
    else:
        value = text.str.lstrip("0").where(text != "")
        status = np.where(text == "", "O", "A")
        rules = np.where(text == "", "blank", None)
    return _found(texts, value, status, rules, expected)


def _found(texts, value, status, rules, expected=None) -> pd.DataFrame:
    table = pd.DataFrame({"value": value, "obs_status": status, "rule": rules}, index=texts.index)
    return table.assign(found=None, expected=expected)


def wide(cells: pd.DataFrame, survey: dict) -> pd.DataFrame:
    """One row per record: a column per item, NaN where no value was accepted, and its sums.

    Adds the survey's ``sums`` (``hours``, ``direct_cost``): all parts known, else the stated
    total, else missing; ``source_file``, ``source_sheet``, ``row``.
    """
    held = cells[(cells["role"] == "value") & cells["lead"].astype(bool)].assign(
        value=lambda t: t["value"].where(t["obs_status"].isin(["A", "E"]))
    )
    table = held.pivot(index="record", columns="item", values="value")
    table = table.reindex(columns=list(survey["columns"]))
    for item, spec in survey["columns"].items():
        if spec["kind"] in ("hours", "money", "count", "rating", "weight"):
            table[item] = pd.to_numeric(table[item])
        elif spec["kind"] == "date":
            table[item] = pd.to_datetime(table[item])
    for name, rule in survey["sums"].items():
        summed = table[rule["parts"]].sum(axis=1, skipna=False)
        table[name] = summed.fillna(table[rule["total"]]) if rule.get("total") else summed
    first = held.drop_duplicates("record").set_index("record")
    return table.join(first[["source_file", "source_sheet", "row"]]).reset_index()


def findings(records: pd.DataFrame, survey: dict, selected: set[str]) -> pd.DataFrame:
    """What is wrong with rows and between their answers.

    Parameters
    ----------
    records
        Of :func:`wide`.
    selected
        Respondents of the sample; empty where no list is known.

    Returns
    -------
    record, item, rule, found, expected: the cells concerned. A finding at the item ``response``
    concerns the row as a whole.
    """
    found = [
        _unplaced(records, survey),
        _twice(records, survey),
        _outside_sample(records, selected),
        _sums_disagree(records, survey),
        *_contradictions(records),
        _slips(records, survey),
    ]
    found = [f for f in found if len(f)]
    columns = ["record", "item", "rule", "found", "expected"]
    if not found:
        return pd.DataFrame(columns=columns)
    return pd.concat(found, ignore_index=True)[columns]


def _mark(records, items, rule: str, found=None, expected=None) -> pd.DataFrame:
    """Findings of ``rule`` at ``items`` of all of ``records``."""
    base = pd.DataFrame(
        {"record": records["record"].to_numpy(), "rule": rule, "found": found, "expected": expected}
    )
    return pd.concat([base.assign(item=item) for item in items], ignore_index=True)


def _unplaced(records: pd.DataFrame, survey: dict) -> pd.DataFrame:
    """A row without its key, group or province belongs nowhere."""
    needed = [i for i, c in survey["columns"].items() if c.get("required")]
    needed = [i for i in needed if survey["columns"][i]["kind"] != "choice"]
    missing = records[needed].isna()
    rows = records[missing.any(axis=1)]
    first = missing.loc[rows.index].idxmax(axis=1)
    heads = first.map(lambda item: survey["columns"][item]["head"])
    return _mark(rows, ["response"], "response_unplaced", found=heads.to_numpy())


def _twice(records: pd.DataFrame, survey: dict) -> pd.DataFrame:
    """The same key twice: equal rows count once, rows that differ both stop counting."""
    held = records.dropna(subset=survey["key"])
    again = held[held.duplicated(survey["key"], keep=False)]
    if again.empty:
        return again
    answers_ = [c for c in survey["columns"] if c in again]
    same = again.duplicated(answers_, keep="first")
    differ = again.groupby(survey["key"])[answers_].transform("nunique", dropna=False).max(axis=1)
    where = again["source_file"] + ": " + again["row"].map(str)
    first = where.groupby([again[k] for k in survey["key"]]).transform("first")
    equal, unlike = same & (differ == 1), differ > 1
    return pd.concat(
        [
            _mark(again[equal], ["response"], "response_repeated", first[equal].to_numpy()),
            _mark(again[unlike], ["response"], "response_contradicts", first[unlike].to_numpy()),
        ]
    )


def _outside_sample(records: pd.DataFrame, selected: set[str]) -> pd.DataFrame:
    if not selected:
        return records.iloc[:0]
    rows = records[records["response"].notna() & ~records["response"].isin(selected)]
    return _mark(rows, ["response"], "response_not_selected")


def _sums_disagree(records: pd.DataFrame, survey: dict) -> pd.DataFrame:
    """A total that is not the sum of its parts: which of them is wrong is unknown."""
    found = []
    for rule in survey["sums"].values():
        if not rule.get("total"):
            continue
        parts = records[rule["parts"]].sum(axis=1, skipna=False)
        total = records[rule["total"]]
        rows = records[(parts - total).abs() > rule["tolerance"] + 1e-9]
        items = [rule["total"], *rule["parts"]]
        says, sums = (s[rows.index].map(lambda v: number(v, 2)) for s in (total, parts))
        found.append(_mark(rows, items, "total_contradicts_steps", says.array, sums.array))
    return pd.concat(found) if found else records.iloc[:0]


def _contradictions(records: pd.DataFrame) -> list[pd.DataFrame]:
    """Answers of one row that do not go together."""
    outsourced = records["route"] == "outsourced"
    paid = records["outsourced_cost"]
    cost = records[["fees", "copies", "travel", "other_cost"]].sum(axis=1)
    cases = [
        (outsourced & (records["hours"] > 0), ["hours_total"], "outsourced_own_hours"),
        (
            records["route"].isin(["outsourced", "partly"]) & ~(paid > 0),
            ["outsourced_cost"],
            "outsourced_without_cost",
        ),
        ((records["route"] == "own") & (paid > 0), ["route", "outsourced_cost"], "own_with_agent"),
        (
            ~outsourced & (records["hours"] == 0) & (cost > 0),
            ["hours_total"],
            "cost_without_hours",
        ),
        (records["end_date"] < records["start_date"], ["end_date"], "ends_before_start"),
        (
            (records["informal"] == "no") & (records["informal_cost"] > 0),
            ["informal", "informal_cost"],
            "informal_contradicts",
        ),
    ]
    return [_mark(records[rows], items, rule) for rows, items, rule in cases]


def _slips(records: pd.DataFrame, survey: dict) -> pd.DataFrame:
    """Hundreds of times the median of the procedure group, or as much below: a slip of ×1,000?"""
    slip = survey["slip"]
    found = []
    for item in slip["items"]:
        values = records[item].where(records[item] > 0)
        groups = values.groupby(records["procedure_group"])
        usual = groups.transform("median").where(groups.transform("count") >= slip["at_least"])
        times = values / usual
        off = (times >= slip["times"]) | (times <= 1 / slip["times"])
        rows = records[off]
        parts = survey["sums"].get(item, {"parts": [item]})
        items = [*parts["parts"], *filter(None, [parts.get("total")])]
        says, often = (s[rows.index].map(lambda v: number(v, 2)) for s in (values, usual))
        found.append(_mark(rows, items, "thousand_slip", says.array, often.array))
    return pd.concat(found) if found else records.iloc[:0]


def at_cells(found: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """Findings of records at the cells they concern (FINDINGS)."""
    place = cells[cells["role"] == "value"][[*_PLACE, "row", "record", "item", "raw_text"]]
    if found.empty:
        return pd.DataFrame(columns=[*FINDINGS, "record"]).astype({"record": float})
    return found.merge(place, on=["record", "item"])[[*FINDINGS, "record"]]
