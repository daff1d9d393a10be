"""Figures of one day's units re-expressed for the units of a later day.

A code means a unit *at a date* (15 was Yên Bái and is now Lào Cai), so units are followed day by
day through their successors. Counts add; rates are computed anew from the sums and never averaged.
A unit that gave or received a function in between has no comparable figure: how much of it moved
is unknown and is not guessed (METHOD.md, 9).
"""

import numpy as np
import pandas as pd

from analysis.catalogue.unit_lists import alive, standing
from analysis.language import words
from analysis.language.languages import LANGUAGES, say, using

_DAY = pd.Timedelta(days=1)
_KEY = ["reporting_unit", "time_period", "item"]
_TOLD = ["obs_value", "obs_status", "parts", "recast"]
OUTCOMES = ("unchanged", "summed", "incomplete", "not_additive", "not_recastable")
"""How a figure came about, the firmest first."""


def mapping(units: pd.DataFrame, day: object, on: object, transfers: pd.DataFrame) -> pd.DataFrame:
    """What each unit of ``day`` has become by ``on``.

    Parameters
    ----------
    units
        Units with code, name_vi, name_en, valid_from, valid_to (first and last day, open where
        missing) and successor: the code under which a unit goes on the day after its last.
    day, on
        The day of the figures and the day whose units are wanted, not before it.
    transfers
        from_unit, to_unit, date (first day with the new unit), function_vi, function_en.

    Returns
    -------
    One row per unit alive on ``day``: reporting_unit, target (its code on ``on``), parts (how many
    units of ``day`` make up the target), recastable, reason_vi, reason_en (empty where recastable).
    The last three are the same for all parts of a target, since a sum needs every one of them.

    Raises
    ------
    ValueError
        if ``on`` is before ``day``; if a unit has ended and has no successor, or one that does not
        exist on the day after; if a code means two units on one day; if a transfer names a unit
        that does not exist then.
    """
    day, on = pd.Timestamp(day), pd.Timestamp(on)
    if on < day:
        raise ValueError(
            f"figures of {words.day(day)} cannot be recast to the units of {words.day(on)}: "
            "a merged figure cannot be split"
        )
    units = units.reset_index(drop=True)
    codes = units.loc[alive(units, day), "code"].reset_index(drop=True)
    rows = _followed(units, _meant(units, codes, day), on)
    target = rows.map(units["code"])
    reasons = _reasons(units, transfers, day, on).reindex(rows, fill_value="")
    return pd.DataFrame(
        {
            "reporting_unit": codes,
            "target": target,
            "parts": target.groupby(target).transform("size"),
            "recastable": (reasons["reason_vi"] == "").to_numpy(),
            "reason_vi": reasons["reason_vi"].to_numpy(),
            "reason_en": reasons["reason_en"].to_numpy(),
        }
    )


def _meant(units: pd.DataFrame, codes: pd.Series, day: object) -> pd.Series:
    """Row of ``units`` that each code means on its day; missing where it means none."""
    found = standing(units, codes, day)
    twice = found["asked"].duplicated()
    if twice.any():
        first = found[twice].iloc[0]
        raise ValueError(f"code {first['code']} means two units on {words.day(first['day'])}")
    return found.set_index("asked")["row"].reindex(codes.index)


def _followed(units: pd.DataFrame, rows: pd.Series, on: pd.Timestamp) -> pd.Series:
    """Row of ``units`` that each of ``rows`` has become by ``on``.

    Each step goes at least a day forward, so a circle of successors shows as one that is not there.
    """
    ended = rows.map(units["valid_to"]) < on
    while ended.any():
        left = units.loc[rows[ended]].set_axis(rows.index[ended])
        step = _meant(units, left["successor"], left["valid_to"] + _DAY)
        if step.isna().any():
            raise ValueError(_broken(left[step.isna()].iloc[0]))
        rows = rows.copy()
        rows[ended] = step.astype(rows.dtype)
        ended = rows.map(units["valid_to"]) < on
    return rows


def _broken(unit: pd.Series) -> str:
    what = f"unit {unit['code']} ({unit['name_vi']}) ended on {words.day(unit['valid_to'])}"
    if pd.isna(unit["successor"]) or unit["successor"] == "":
        return f"{what} and has no successor"
    after = words.day(unit["valid_to"] + _DAY)
    return f"{what} and its successor {unit['successor']} does not exist on {after}"


def _reasons(
    units: pd.DataFrame, transfers: pd.DataFrame, day: pd.Timestamp, on: pd.Timestamp
) -> pd.DataFrame:
    """Why targets cannot be recast: reason_vi, reason_en by row of ``units``."""
    moved = transfers.assign(date=pd.to_datetime(transfers["date"]))
    moved = moved[moved["date"].between(day, on, inclusive="right")]
    if moved.empty:
        return pd.DataFrame(columns=[f"reason_{lang}" for lang in LANGUAGES], dtype=object)
    giver = _named(units, moved["from_unit"], moved["date"] - _DAY)
    taker = _named(units, moved["to_unit"], moved["date"])
    said = pd.DataFrame(index=moved.index)
    for lang in LANGUAGES:
        names = units[f"name_{lang}"]
        told = pd.DataFrame(
            {
                "function": moved[f"function_{lang}"],
                "giver": giver.map(names),
                "taker": taker.map(names),
            }
        )
        with using(lang):
            told["day"] = moved["date"].map(words.day)
            said[f"reason_{lang}"] = [
                say("{function}: chuyển từ {giver} sang {taker} từ {day}", **row)
                for row in told.to_dict("records")
            ]
    gave, took = _followed(units, giver, on), _followed(units, taker, on)
    # a function that stays within one target changes none of its sums
    apart = gave != took
    both = pd.concat([said[apart].set_axis(side[apart]) for side in (gave, took)])
    return both.groupby(level=0, sort=False).agg("; ".join).astype(object)


def _named(units: pd.DataFrame, codes: pd.Series, days: pd.Series) -> pd.Series:
    rows = _meant(units, codes, days)
    if rows.isna().any():
        first = rows.index[rows.isna()][0]
        raise ValueError(
            f"transfer of unit {codes[first]}: no such unit on {words.day(days[first])}"
        )
    return rows


def recast(totals: pd.DataFrame, mapping: pd.DataFrame, items: dict) -> pd.DataFrame:
    """Totals re-expressed for the targets of ``mapping``.

    Parameters
    ----------
    totals
        reporting_unit, time_period, item (once each), obs_value, obs_status, as of
        :func:`analysis.indicators.indicators.unit_totals`; units as of the mapping's day.
    mapping
        Of :func:`mapping`.
    items
        Items of the forms by code. An item adds over units if it says ``additive: true``, or says
        nothing and its ``kind`` is count.

    Returns
    -------
    The columns named above, one row per target, period and item that any part has, with parts
    and ``recast``:

    * unchanged: the target has one part, whose figure and status stand;
    * summed: of several parts; status as of the weakest part (E, then P);
    * incomplete: a part is missing, refused or absent; no value, status O, or V if a part is V;
    * not_additive (several parts of an item that does not add), not_recastable (a function moved):
      no value, status M.

    Raises
    ------
    ValueError
        if a unit is not in the mapping, an item not in ``items``, or a figure occurs twice.
    """
    _check(totals, mapping, items)
    parts = totals[[*_KEY, "obs_value", "obs_status"]].merge(
        mapping[["reporting_unit", "target", "parts", "recastable"]], on="reporting_unit"
    )
    parts = parts.assign(**{s: parts["obs_status"] == s for s in "EPV"})
    grouped = parts.groupby(["target", "time_period", "item"], sort=False)
    table = grouped.agg(
        obs_value=("obs_value", "sum"),
        obs_status=("obs_status", "first"),
        parts=("parts", "first"),
        held=("obs_value", "count"),
        recastable=("recastable", "all"),
        **{s: (s, "any") for s in "EPV"},
    ).reset_index()
    additive = {c: i.get("additive", i["kind"] == "count") for c, i in items.items()}
    adds = table["item"].map(additive).astype(bool)  # of no item it would be objects
    missing = table["held"] < table["parts"]
    table["recast"] = np.select(
        [~table["recastable"], table["parts"] == 1, ~adds, missing],
        ["not_recastable", "unchanged", "not_additive", "incomplete"],
        "summed",
    )
    no = table["recast"].isin(["not_recastable", "not_additive"])
    table["obs_status"] = np.select(
        [no, table["parts"] == 1, missing & table["V"], missing, table["P"], table["E"]],
        ["M", table["obs_status"], "V", "O", "P", "E"],
        "A",
    )
    table["obs_value"] = table["obs_value"].mask(no | missing)
    return table.rename(columns={"target": "reporting_unit"})[[*_KEY, *_TOLD]]


def _check(totals: pd.DataFrame, mapping: pd.DataFrame, items: dict) -> None:
    unknown = ~totals["reporting_unit"].isin(mapping["reporting_unit"])
    if unknown.any():
        raise ValueError(f"unit {totals['reporting_unit'][unknown].iloc[0]} is not in the mapping")
    unknown = ~totals["item"].isin(list(items))
    if unknown.any():
        raise ValueError(f"no form has item {totals['item'][unknown].iloc[0]}")
    twice = totals.duplicated(_KEY)
    if twice.any():
        first = totals[twice].iloc[0]
        raise ValueError(f"item {first['item']} of unit {first['reporting_unit']} occurs twice")
