"""Answer files of a survey → one checked row per answer, with every cell accounted for.

The columns are those of a survey in ``data/catalogue/surveys``, found by
:mod:`analysis.survey.answer_sheets`. What an answer means is the matter of
:mod:`analysis.survey.answers`; here answers become rows, and rows are held against each other.
"""

import numpy as np
import pandas as pd

from analysis.language.words import fold, meant, number, plain
from analysis.survey import answers, combined, questionnaire, several

_PLACE = ["source_file", "source_sheet", "source_cell"]
_READ = ["value", "obs_status", "rule", "found", "expected"]
_STATED = r"(?!-[789](?:\.0)?$)-?\d{1,15}(?:\.\d+)?(?:E\d{1,2})?"  # no code of a missing answer
FINDINGS = [*_PLACE, "row", "item", "raw_text", "rule", "found", "expected"]


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
        if spec["kind"] == "several":
            together = cells.index[of_item]
        if len(together):
            own = cells.loc[together]
            if spec["kind"] == "several":
                found = several.parse(own, spec)
            else:
                found = combined.parse(own, survey, item, parameters)
            columns = [*_READ, "lead"]
            out.loc[found.index, columns] = found[columns].to_numpy()
        rows = cells.index[of_item].difference(together, sort=False)
        if not len(rows):
            continue
        texts, kind = cells.loc[rows, "raw_text"], spec["kind"]
        if kind in names:
            found = _looked_up(texts, names[kind], f"{kind}_unknown")
        elif kind in ("code", "edition"):
            found = _codes(texts, kind, edition)
        else:
            found = _answers(texts, cells.loc[rows, "machine"], spec, parameters)
        out.loc[rows, _READ] = found[_READ].astype(object).to_numpy()
    return out


def _answers(texts: pd.Series, machine: pd.Series, spec: dict, parameters: dict) -> pd.DataFrame:
    """Answers as people write them, and figures as programs do (1.125 is a decimal)."""
    kind, spec = spec["kind"], questionnaire.spelled(spec)
    plainly = machine.astype(bool) & texts.str.fullmatch(_STATED)
    if kind not in questionnaire.NUMBERS or not plainly.any():
        return answers.parse(texts, kind, spec, parameters)
    stated = answers.stated(texts[plainly], kind, spec)
    return pd.concat([stated, answers.parse(texts[~plainly], kind, spec, parameters)]).loc[
        texts.index
    ]


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
        *_contradictions(records, survey),
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


def _contradictions(records: pd.DataFrame, survey: dict) -> list[pd.DataFrame]:
    """Answers of one row that do not go together, as the survey states it."""
    return [
        _mark(records[_hold(records, line)], line["at"], line["rule"])
        for line in survey.get("contradictions", [])
    ]


def _hold(records: pd.DataFrame, line: dict) -> pd.Series:
    """Whether all that a line of ``contradictions`` says holds."""

    def above(items: list[str]) -> pd.Series:
        return (records[items] > 0).any(axis=1)

    held = [records[item].isin(codes) for item, codes in line.get("where", {}).items()]
    held += [~records[item].isin(codes) for item, codes in line.get("unless", {}).items()]
    if "above_zero" in line:
        held.append(above(line["above_zero"]))
    if "not_above_zero" in line:
        held.append(~above(line["not_above_zero"]))
    if "zero" in line:
        held.append((records[line["zero"]] == 0).all(axis=1))
    if "before" in line:
        first, second = line["before"]
        held.append(records[first] < records[second])
    return np.logical_and.reduce(held)


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
