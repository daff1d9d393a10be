"""How often each rule of a form was applied, and with what result: by unit (RULE_RESULTS).

A rule is applied at a place (a row of the form, a total, a figure) if everything that it needs is
there. Where something is blank or refused, or nothing is known of the period before, it can say
nothing: such places are counted, too, so that a unit without findings is not taken for a sound one.
"""

import pandas as pd

from analysis.checking import expected_ranges, validate
from analysis.checking.expected_ranges import History
from analysis.schema.tables import RULE_RESULTS, parts

_ROW = ["reporting_unit", "level", "field"]
_FIGURE = [*_ROW, "item"]
_BY = ["reporting_unit", "form", "rule"]
_COUNTS = ["applied", "passed", "failed", "not_applicable"]


def table(values: pd.DataFrame, broken: list[validate.Broken], history: History) -> pd.DataFrame:
    """schema.RULE_RESULTS: a row for each unit, form and rule that the form names.

    Parameters
    ----------
    values
        Value cells in force, before anything that rules of forms find is withdrawn; figures that
        were counted from registers, too.
    broken
        What each rule found in them (:func:`analysis.checking.validate.by_rule`).
    """
    values = values[[*_FIGURE, "form", "source_file", "obs_value", "obs_status"]]
    values = values[values["reporting_unit"].notna()].astype(dict.fromkeys(_FIGURE, object))
    own = {form: _numbered(values[values["form"] == form]) for form in {b.form for b in broken}}
    found = [_result(own[one.form], one, history) for one in broken]
    held = pd.concat([RULE_RESULTS.of([]), *(f for f in found if len(f))])
    sums = held.groupby(_BY, sort=False)[_COUNTS].sum().astype(int).reset_index()
    return RULE_RESULTS.take(sums.assign(time_period=history.now))


_OF_ROW, _OF_FIGURE = "_row", "_figure"


def _numbered(values: pd.DataFrame) -> pd.DataFrame:
    """The values of a form with the numbers of their rows and figures: quick to compare."""
    numbers = {
        name: values.groupby(key, sort=False, dropna=False).ngroup()
        for name, key in ((_OF_ROW, _ROW), (_OF_FIGURE, _FIGURE))
    }
    return values.assign(**numbers)


def _result(values: pd.DataFrame, broken: validate.Broken, history: History) -> pd.DataFrame:
    """Counts of one rule by unit."""
    rule = broken.rule
    of_rows = rule["kind"] in ("sum", "at_most")
    of, key = (_OF_ROW, _ROW) if of_rows else (_OF_FIGURE, _FIGURE)
    places, applied = _row_places(values, rule) if of_rows else _places(values, rule, history)
    asked = places.drop_duplicates(of)
    tried, failed = asked[of].isin(applied[of]), _among(asked[key], broken.rows[key])
    results = (tried, tried & ~failed, tried & failed, ~tried)
    counts = pd.DataFrame(dict(zip(_COUNTS, results, strict=True)))
    counts = counts.groupby(asked["reporting_unit"], sort=False).sum().reset_index()
    return counts.assign(form=broken.form, rule=rule["rule"])


def _among(rows: pd.DataFrame, others: pd.DataFrame) -> pd.Series:
    """Which rows are among some others; mostly these are none."""
    if others.empty:
        return pd.Series(False, rows.index)
    known = set(others.itertuples(index=False, name=None))
    held = [row in known for row in rows.itertuples(index=False, name=None)]
    return pd.Series(held, rows.index, dtype=bool)


def _row_places(values: pd.DataFrame, rule: dict) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows with an item of the rule, and those of them that have a figure for each."""
    items = [rule["total"], *rule["parts"]] if "parts" in rule else [rule["item"], rule["limit"]]
    rows = values[values["item"].isin(items)].drop_duplicates(_OF_FIGURE)
    known = rows["obs_value"].notna().groupby(rows[_OF_ROW]).transform("sum")
    return rows, rows[known == len(items)]


def _places(
    values: pd.DataFrame, rule: dict, history: History
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Figures that the rule is about, and those that it could be applied to."""
    kind = rule["kind"]
    if kind == "total_row":
        return values[~parts(values)], validate.totals_beside_rows(values)[0]
    if kind == "whole":
        rows = values[values["item"].isin(rule["items"])]
        gaps = rows[rows["obs_value"].isna()]["item"]
        whole = rows[rows["reporting_unit"] == rule["unit"]]
        others = rows[rows["reporting_unit"] != rule["unit"]]["item"]
        return whole, whole[whole["item"].isin(others) & ~whole["item"].isin(gaps)]
    rows = values[values["item"] == rule["item"]]
    if kind == "expected_range":
        return rows, expected_ranges.with_past(rows, rule, history)[0]
    before = rule.get("previous_item", rule["item"])
    return rows, validate.beside_previous(rows, rule["item"], history.before, before)
