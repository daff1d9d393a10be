"""Rules → issues. Each rule's severity and words stand in ``data/catalogue/rules.yml``."""

from typing import NamedTuple

import pandas as pd

from analysis.checking import expected_ranges, wording
from analysis.language.words import day, number
from analysis.schema.tables import FINDINGS, ISSUES, NOWHERE, Table, parts

_KEY = ["reporting_unit", "form", "level", "field"]
_AT = FINDINGS.columns[: FINDINGS.columns.index("rule")]
LOOKED_AT = [*_AT, "obs_value", "obs_status", "hidden"]
"""The columns of value cells that rules of forms read."""

_NOISE = 1e-9  # what adding decimals leaves in their last places; sums of counts are exact


def arrivals(
    submissions: pd.DataFrame,
    received: pd.DataFrame,
    hashes: dict[str, str],
    plan,
    due: dict[str, pd.DataFrame],
) -> pd.DataFrame:
    """Findings on files as they came: late, on an unknown day, changed since, not due, not there.

    Parameters
    ----------
    submissions
        schema.SUBMISSIONS.
    received
        Arrivals in their order (:func:`analysis.exchange.receipts.read`).
    hashes
        File name → SHA-256.
    due
        Form → the units that must send it.
    """
    noted = received.dropna(subset=["sha256"]).groupby("file")["sha256"].last()
    rows = []
    for row in submissions.itertuples():
        file, form, unit = row.source_file, row.form, row.reporting_unit
        found = _timeliness(row.received_at, plan)
        if noted.get(file, hashes.get(file)) != hashes.get(file):
            found.append({"rule": "changed_since_receipt", "found": file})
        owing = [due[form]] if form in due else due.values()
        if pd.notna(unit) and not any(unit in set(units["code"]) for units in owing):
            found.append({"rule": "unit_not_due", "raw_text": unit})
        at = NOWHERE | dict(source_file=file, reporting_unit=unit, form=form)
        rows += [{**at, **f} for f in found]
    absent = sorted(set(received["file"]) - set(submissions["source_file"]))
    blank = NOWHERE | dict(reporting_unit="", form="", rule="file_missing")
    return FINDINGS.of([*rows, *({**blank, "source_file": f, "found": f} for f in absent)])


def _timeliness(arrived, plan) -> list[dict]:
    """Findings on the day of receipt (Nghị định 09/2019/NĐ-CP, art. 13, or none if not due)."""
    if pd.isna(arrived):
        return [{"rule": "received_unknown"}]
    if plan.deadline and arrived.date() > plan.deadline:
        return [{"rule": "received_late", "found": day(arrived), "expected": day(plan.deadline)}]
    return []


def completeness(cells: pd.DataFrame, due: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Findings ``not_received`` for each form and unit of ``due`` where none is in force."""
    held = cells[cells["state"].eq("in_force") & cells["role"].isin(["value", "record"])]
    have = set(zip(held["form"], held["reporting_unit"], strict=True))
    return FINDINGS.of(
        NOWHERE
        | dict(source_file="", reporting_unit=u.code, form=form)
        | dict(rule="not_received", found=u.name_vi, expected=form)
        for form, units in due.items()
        for u in units.itertuples()
        if (form, u.code) not in have
    )


def levels_absent(values: pd.DataFrame, absent: pd.DataFrame) -> pd.DataFrame:
    """Findings ``level_missing`` at the files that lack the rows of ``absent``.

    ``absent``: reporting_unit, form, level and its printed ``name``.
    """
    files = values[["source_file", "source_sheet", "reporting_unit", "form"]].drop_duplicates()
    files = files.astype({"reporting_unit": object, "form": object})
    rows = files.merge(absent, on=["reporting_unit", "form"])[[*files, "level", "name"]]
    rows = rows.rename(columns={"name": "expected"})
    return FINDINGS.of(rows.assign(rule="level_missing", source_cell="", raw_text=""))


def cell_findings(cells: pd.DataFrame) -> pd.DataFrame:
    """The findings that reading and cleaning left at cells (rows with a ``rule``)."""
    return FINDINGS.take(cells[cells["rule"].notna()])


class Broken(NamedTuple):
    """Where a ``rule`` of a ``form`` is broken: rows of value cells with rule, found, expected."""

    form: str
    rule: dict
    rows: pd.DataFrame


def figures(
    values: pd.DataFrame,
    forms: dict,
    previous: pd.DataFrame,
    history: expected_ranges.History | None = None,
) -> pd.DataFrame:
    """Findings on figures that should agree, by the ``rules`` of each form.

    Parameters
    ----------
    values
        Value cells in force; ``obs_value`` empty where no figure was accepted.
    previous
        Observations of the period before (may be empty).
    history
        All earlier observations, and what they are held against by; without it figures have no
        range in which they are expected.

    Returns
    -------
    schema.FINDINGS with ``cells``, one row for each identity that is broken: at the total, naming
    the cells of its parts on the same sheet.
    """
    return together(by_rule(values, forms, previous, history))


def together(found: list[Broken]) -> pd.DataFrame:
    """The findings of all rules as one table (schema.FINDINGS)."""
    rows = [one.rows.reindex(columns=list(FINDINGS.declared)) for one in found if len(one.rows)]
    return pd.concat(list(map(FINDINGS.of, rows)), ignore_index=True) if rows else FINDINGS.of([])


def by_rule(
    values: pd.DataFrame,
    forms: dict,
    previous: pd.DataFrame,
    history: expected_ranges.History | None = None,
) -> list[Broken]:
    """What each rule of each form finds, as :func:`figures` takes them together."""
    kinds = {
        "sum": _sum,
        "at_most": _at_most,
        "total_row": _total_row,
        "equals_previous": _equals_previous,
        "jump": _jump,
        "expected_range": _expected_range,
        "whole": _whole,
    }
    values = values.reindex(columns=LOOKED_AT)
    texts = values.select_dtypes("string")
    values = values.astype(dict.fromkeys(texts, object)).copy()  # quick to take rows of
    own = {code: values[values["form"] == code] for code in forms}
    past = history or expected_ranges.History()
    found = []
    for code, form in forms.items():
        wide = _wide(own[code])
        against = {"expected_range": past, "sum": wide, "at_most": wide}
        for rule in form["rules"]:
            kind = rule["kind"]
            rows = kinds[kind](own[code], rule, against.get(kind, previous))
            found.append(Broken(code, rule, rows))
    return found


def _wide(values: pd.DataFrame) -> pd.DataFrame:
    """Rows of a form; items are columns."""
    held = values.drop_duplicates([*_KEY, "item"])
    return held.pivot(index=_KEY, columns="item", values="obs_value")


def _whole_rows(wide: pd.DataFrame, items: list[str]) -> pd.DataFrame:
    """Those that have all the items."""
    if not set(items) <= set(wide):
        return wide.iloc[:0].reindex(columns=items)
    held = wide[items]
    return held[held.notna().to_numpy().all(axis=1)]


def _mark(values: pd.DataFrame, broken: pd.DataFrame, items: list[str], rule: str) -> pd.DataFrame:
    """One finding for each row in ``broken`` (index _KEY; found, expected), at the first of its
    cells ``items`` and naming all of them; one for each sheet, if they stand on several."""
    if broken.empty:
        return values.iloc[:0]
    at = values[values["item"].isin(items)].merge(
        broken[["found", "expected"]].reset_index(), on=_KEY, suffixes=("_", "")
    )
    for column in ("found", "expected"):
        at[column] = at[column].map(_figure)
    at = at.sort_values("item", key=lambda i: i.map(items.index), kind="stable")
    place = [*_KEY, "source_file", "source_sheet"]
    cells = at.astype(dict.fromkeys(place, object)).groupby(place, sort=False, dropna=False)
    at = at.assign(cells=cells["source_cell"].transform(_list), rule=at.get("rule", rule))
    at["cells"] = at["cells"].where(at["cells"] != at["source_cell"], None)
    return at.drop_duplicates(place)


def _list(cells: pd.Series) -> str:
    return ", ".join(dict.fromkeys(cells))


def _figure(value: float) -> str:
    return number(value, 0 if float(value).is_integer() else 2)


def _sum(values: pd.DataFrame, rule: dict, wide: pd.DataFrame) -> pd.DataFrame:
    """total = Σ parts in each row (identities 1–4 of form II.06a); rows with gaps are skipped.

    ``tolerance`` of the rule is what rounding may leave between them (none, if it says nothing).
    """
    wide = _whole_rows(wide, [rule["total"], *rule["parts"]])
    parts = wide[rule["parts"]].sum(axis=1)
    apart = (wide[rule["total"]] - parts).abs() > rule.get("tolerance", 0) + _NOISE
    broken = wide.assign(found=wide[rule["total"]], expected=parts)[apart]
    found = _mark(values, broken, [rule["total"], *rule["parts"]], rule["rule"])
    return _left_out(found, values[values["item"].isin(rule["parts"])], _KEY)


def _at_most(values: pd.DataFrame, rule: dict, wide: pd.DataFrame) -> pd.DataFrame:
    wide = _whole_rows(wide, [rule["item"], rule["limit"]])
    wide = wide.assign(found=wide[rule["item"]], expected=wide[rule["limit"]])
    broken = wide[wide["found"] > wide["expected"]]
    return _mark(values, broken, [rule["item"], rule["limit"]], rule["rule"])


def _total_row(values: pd.DataFrame, rule: dict, _) -> pd.DataFrame:
    """A total row = Σ of its rows: per level over fields, and over all levels."""
    stated, rows = totals_beside_rows(values)
    level = ["reporting_unit", "form", "item", "level"]
    broken = stated[(stated["obs_value"] - stated["rows"]).abs() > _NOISE]
    broken = broken.assign(
        rule=rule["rule"],
        found=broken["obs_value"].map(_figure),
        expected=broken["rows"].map(_figure),
    )
    all_levels = broken["level"] == "_T"
    return pd.concat(
        [
            _left_out(broken[all_levels], rows, level[:3]),
            _left_out(broken[~all_levels], rows, level),
        ]
    ).sort_index()


def totals_beside_rows(values: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The total cells that can be compared, with ``rows``, the sum of theirs; and all the rows."""
    part = parts(values)
    rows = values[part & (values["obs_status"] != "M")]
    level = ["reporting_unit", "form", "item", "level"]
    sums = rows.groupby(level)["obs_value"].sum(skipna=False)
    overall = rows.groupby(level[:3])["obs_value"].sum(skipna=False)
    overall = overall.reset_index().assign(level="_T").set_index(level)["obs_value"]
    added = pd.concat([overall, sums]).rename("rows").reset_index().drop_duplicates(level)
    stated = values[~part].merge(added, on=level).dropna(subset=["obs_value", "rows"])
    return stated, rows


def _left_out(broken: pd.DataFrame, rows: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """``broken`` totals (with rule, found, expected) of ``rows``: of those that are the sum of the
    rows that are shown it is said which are hidden."""
    away = rows["hidden"].isin(["row", "column"])
    if broken.empty or not away.any():
        return broken
    shown = rows[~away].groupby(key)["obs_value"].sum(min_count=1).rename("shown")
    hidden = rows[away & rows["obs_value"].notna()]
    line = hidden["source_cell"].str.extract(r"^([A-Z]+)(\d+)$")
    line = line[1].where(hidden["hidden"] == "row", line[0])
    names = line.groupby([hidden[k] for k in key]).agg(_list).rename("lines")
    both = broken[key].merge(shown, on=key, how="left").merge(names, on=key, how="left")
    both.index = broken.index
    explained = both["lines"].notna() & ((broken["obs_value"] - both["shown"]).abs() <= _NOISE)
    return broken.assign(
        rule=broken["rule"].mask(explained, "total_leaves_out_hidden"),
        found=broken["found"].mask(explained, both["lines"]),
    )


def _whole(values: pd.DataFrame, rule: dict, _) -> pd.DataFrame:
    """The row of ``unit`` = Σ of all other units, for each of ``items`` that all of them have."""
    rows = values[values["item"].isin(rule["items"])]
    whole = rows["reporting_unit"] == rule["unit"]
    parts = rows[~whole].groupby("item")["obs_value"].agg(lambda s: s.sum(skipna=False))
    stated = rows[whole].merge(parts.rename("parts").reset_index(), on="item")
    apart = (stated["obs_value"] - stated["parts"]).abs() > rule.get("tolerance", 0) + _NOISE
    broken = stated[apart]
    return broken.assign(
        rule=rule["rule"],
        found=broken["obs_value"].map(_figure),
        expected=broken["parts"].map(_figure),
    )


def beside_previous(
    values: pd.DataFrame, item: str, previous: pd.DataFrame, before: str
) -> pd.DataFrame:
    """Rows of ``item`` beside the same unit's figure ``before`` in the previous period."""
    if previous.empty:
        return values.iloc[:0].assign(previous=0.0)
    held = previous[(previous["item"] == before) & previous["obs_value"].notna()]
    held = held[[*_KEY, "obs_value"]].rename(columns={"obs_value": "previous"})
    rows = values[(values["item"] == item) & values["obs_value"].notna()]
    return rows.merge(held.drop_duplicates(_KEY), on=_KEY)


def _equals_previous(values: pd.DataFrame, rule: dict, previous: pd.DataFrame) -> pd.DataFrame:
    """Opening stock = closing stock of the period before (identity 7)."""
    both = beside_previous(values, rule["item"], previous, rule["previous_item"])
    broken = both[both["obs_value"] != both["previous"]]
    return broken.assign(
        rule=rule["rule"],
        found=broken["obs_value"].map(_figure),
        expected=broken["previous"].map(_figure),
    )


def _jump(values: pd.DataFrame, rule: dict, previous: pd.DataFrame) -> pd.DataFrame:
    """More than ``factor`` times up or down on the period before, where either side counts."""
    both = beside_previous(values, rule["item"], previous, rule["item"])
    high = both[["obs_value", "previous"]].max(axis=1)
    low = both[["obs_value", "previous"]].min(axis=1)
    broken = both[(high >= rule["at_least"]) & (high > rule["factor"] * low)]
    return broken.assign(
        rule=rule["rule"],
        found=broken["obs_value"].map(number),
        expected=broken["previous"].map(number),
    )


def _expected_range(values: pd.DataFrame, rule: dict, past) -> pd.DataFrame:
    """Far from the unit's own earlier figures, or from what those of its peers let expect."""
    return expected_ranges.findings(values, rule, past)


def issues(
    findings: pd.DataFrame, rules: dict, time_period: str, table: Table = ISSUES
) -> pd.DataFrame:
    """Word the findings, ordered by severity, file and cell, as ``table`` (schema.ISSUES); they
    are open, unless it is said who answered them, when and why."""
    found = findings.astype(object).where(findings.notna(), None)
    said = [wording.said(rules[row["rule"]], row) for row in found.to_dict("records")]
    severity = pd.CategoricalDtype(["blocking", "warning", "note"], ordered=True)
    if "state" not in found:
        found = found.assign(state="open", answered_by=None, answered_on=None, reason=None)
    found = found.assign(
        time_period=time_period,
        answered_on=pd.to_datetime(found["answered_on"]),
        severity=found["rule"].map(lambda r: rules[r]["severity"]).astype(severity),
        message_vi=[text["vi"] for text in said],
        message_en=[text["en"] for text in said],
    )
    found = found.sort_values(
        ["severity", "source_file", "source_sheet"], kind="stable", ignore_index=True
    )
    return table.take(_once(found, table.key)).reset_index(drop=True)


def _once(issues: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """One row for each place and rule, in which nothing is lost that several say."""
    issues = issues if "cells" in issues else issues.assign(cells=None)
    again = issues.duplicated(key, keep=False)
    if not again.any():
        return issues
    several = issues[again].groupby(key, sort=False, dropna=False)
    first = issues[again].drop_duplicates(key)
    for column, between in (("message_vi", " "), ("message_en", " "), ("cells", ", ")):
        said = several[column].agg(lambda s, b=between: b.join(dict.fromkeys(s.dropna())) or None)
        first[column] = said.to_numpy()
    return pd.concat([issues[~again], first]).sort_index()
