"""How often each rule of a form was applied, and with what result: by unit (RULE_RESULTS).

A rule is applied at a place (a row of the form, a total, a figure) if everything that it needs is
there. Where something is blank or refused, or nothing is known of the period before, it can say
nothing: such places are counted, too, so that a unit without findings is not taken for a sound one.
"""

import numpy as np
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
    values = values[values["reporting_unit"].notna()].astype(dict.fromkeys(_FIGURE, object)).copy()
    own = {form: _Stated(values[values["form"] == form]) for form in {b.form for b in broken}}
    found = [_result(own[one.form], one, history) for one in broken]
    held = pd.concat([RULE_RESULTS.of([]), *(f for f in found if len(f))])
    sums = held.groupby(_BY, sort=False)[_COUNTS].sum().astype(int).reset_index()
    return RULE_RESULTS.take(sums.assign(time_period=history.now))


_OF_ROW, _OF_FIGURE = "_row", "_figure"


class _Stated:
    """The ``values`` of a form with the numbers of their rows and figures; of each of the rows its
    key, which items stand in it, and which of them have a figure (item → flags)."""

    def __init__(self, values: pd.DataFrame) -> None:
        numbers = {
            name: values.groupby(key, sort=False, dropna=False).ngroup()
            for name, key in ((_OF_ROW, _ROW), (_OF_FIGURE, _FIGURE))
        }
        self.values = values = values.assign(**numbers)
        self.rows = values.drop_duplicates(_OF_ROW)[_ROW]
        self.stands, self.known = {}, {}
        for item, own in values.drop_duplicates(_OF_FIGURE).groupby("item"):
            self.stands[item] = self._at(own)
            self.known[item] = self._at(own[own["obs_value"].notna()])

    def _at(self, figures: pd.DataFrame) -> np.ndarray:
        found = np.zeros(len(self.rows), bool)
        found[figures[_OF_ROW].to_numpy()] = True
        return found


def _result(stated: _Stated, broken: validate.Broken, history: History) -> pd.DataFrame:
    """Counts of one rule by unit."""
    of = _of_rows if broken.rule["kind"] in ("sum", "at_most") else _of_figures
    asked, tried = of(stated, broken.rule, history)
    failed = _among(asked, broken.rows)
    codes, units = pd.factorize(asked["reporting_unit"])
    results = (tried, tried & ~failed, tried & failed, ~tried)
    counts = {
        name: np.bincount(codes, result, len(units)).astype(int)
        for name, result in zip(_COUNTS, results, strict=True)
    }
    told = {"reporting_unit": units, "form": broken.form, "rule": broken.rule["rule"]}
    return pd.DataFrame(told | counts)


def _among(asked: pd.DataFrame, broken: pd.DataFrame) -> np.ndarray:
    """Which of the places asked are among the broken ones; mostly there are none."""
    if broken.empty:
        return np.zeros(len(asked), bool)
    key = list(asked)
    known = set(broken[key].itertuples(index=False, name=None))
    held = [place in known for place in asked.itertuples(index=False, name=None)]
    return np.array(held, bool)


def _of_rows(stated: _Stated, rule: dict, _) -> tuple[pd.DataFrame, np.ndarray]:
    """Rows with an item of the rule, and which of them have a figure for each."""
    items = [rule["total"], *rule["parts"]] if "parts" in rule else [rule["item"], rule["limit"]]
    nowhere = np.zeros(len(stated.rows), bool)
    asked = np.any([stated.stands.get(item, nowhere) for item in items], axis=0)
    tried = np.all([stated.known.get(item, nowhere) for item in items], axis=0)
    return stated.rows[asked], tried[asked]


def _of_figures(stated: _Stated, rule: dict, history: History) -> tuple[pd.DataFrame, np.ndarray]:
    """Figures that the rule is about, and to which of them it could be applied."""
    places, applied = _places(stated.values, rule, history)
    asked = places.drop_duplicates(_OF_FIGURE)
    return asked[_FIGURE], asked[_OF_FIGURE].isin(applied[_OF_FIGURE]).to_numpy()


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
        return rows, expected_ranges.with_past(rows, rule, history)
    before = rule.get("previous_item", rule["item"])
    return rows, validate.beside_previous(rows, rule["item"], history.before, before)
