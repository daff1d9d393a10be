"""Items of forms → indicator values: ratios with their parts, or values as stated; no averages."""

import numpy as np
import pandas as pd

from analysis.schema.tables import INDICATOR_VALUES, LEVEL_TOTALS, parts

_UNIT = ["reporting_unit", "time_period", "item"]


def unit_totals(observations: pd.DataFrame, levels: pd.DataFrame | None = None) -> pd.DataFrame:
    """One figure per unit and item.

    Rows of a form are added over fields and levels; its own total rows are a check, not a source.
    One figure missing or refused makes the total missing: a sum of what happens to be there would
    understate the unit.

    Parameters
    ----------
    levels
        reporting_unit, form, level, ``asked`` (whether the unit reports on that level) and
        ``alone`` (whether the form has no rows but its levels: then none may be absent).

    Returns
    -------
    reporting_unit, time_period, item, obs_value, obs_status.
    """
    rows = observations[parts(observations)]
    totals = _added(rows[rows["obs_status"] != "M"], _UNIT)
    if levels is None or not len(totals):
        return totals
    short = absent_levels(rows, levels)[["reporting_unit", "form"]].drop_duplicates()
    short = short.merge(rows[["reporting_unit", "form", "item"]].drop_duplicates())
    gap = pd.MultiIndex.from_frame(totals[["reporting_unit", "item"]]).isin(
        pd.MultiIndex.from_frame(short[["reporting_unit", "item"]])
    )
    totals.loc[gap & totals["obs_value"].notna(), "obs_status"] = "O"
    return totals.assign(obs_value=totals["obs_value"].mask(gap))


def absent_levels(observations: pd.DataFrame, levels: pd.DataFrame) -> pd.DataFrame:
    """The rows of ``levels`` that a form lacks although the unit has sent it (see unit_totals)."""
    key = ["reporting_unit", "form"]
    sent = pd.MultiIndex.from_frame(observations[key].drop_duplicates())
    held = pd.MultiIndex.from_frame(observations[[*key, "level"]].drop_duplicates())
    asked = levels[levels["asked"] & levels["alone"]]
    here = pd.MultiIndex.from_frame(asked[key]).isin(sent)
    return asked[here & ~pd.MultiIndex.from_frame(asked[[*key, "level"]]).isin(held)]


def level_totals(observations: pd.DataFrame, levels: pd.DataFrame) -> pd.DataFrame:
    """One figure per unit, item and level of its form, as :func:`unit_totals` over one level.

    Levels on which the unit does not report (a ministry has no communes) are there with status M.

    Returns reporting_unit, time_period, item, level, obs_value, obs_status.
    """
    rows = observations[parts(observations) & (observations["level"] != "_T")]
    totals = _added(rows[rows["obs_status"] != "M"], [*_UNIT, "level"])
    items = observations[["time_period", "form", "item"]].drop_duplicates()
    other = levels[~levels["asked"]].merge(items, on="form").assign(obs_status="M")
    other = LEVEL_TOTALS.take(other.assign(obs_value=float("nan")))
    found = pd.concat([totals, other], ignore_index=True)
    return found.drop_duplicates([*_UNIT, "level"], ignore_index=True)


def _added(rows: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    grouped = rows.groupby(key, sort=False)
    totals = grouped["obs_value"].sum().to_frame()
    totals["missing"] = rows["obs_value"].isna().groupby([rows[k] for k in key], sort=False).any()
    for status in "VPE":
        flag = (rows["obs_status"] == status).groupby([rows[k] for k in key], sort=False).any()
        totals[status] = flag
    totals["obs_value"] = totals["obs_value"].mask(totals["missing"])
    totals["obs_status"] = "A"
    totals.loc[totals["E"], "obs_status"] = "E"
    totals.loc[totals["P"], "obs_status"] = "P"
    totals.loc[totals["missing"], "obs_status"] = "O"
    totals.loc[totals["missing"] & totals["V"], "obs_status"] = "V"
    return totals[["obs_value", "obs_status"]].reset_index()


def complete_records(observations: pd.DataFrame, forms: dict) -> pd.DataFrame:
    """Without the records that lack one of the items that their form wants together (``complete``).

    A record is what is measured: one without both parts of a share says nothing about it, and
    leaves the share of the others what it is. Forms that say nothing keep all their rows.
    """
    kept = pd.Series(True, index=observations.index)
    key = ["source_file", "reporting_unit", "field"]
    for code, form in forms.items():
        own = observations[(observations["form"] == code)]
        for item in form.get("complete", []):
            have = own[(own["item"] == item) & own["obs_value"].notna()].set_index(key).index
            kept[own.index] &= own.set_index(key).index.isin(have)
    return observations[kept]


def compute(
    totals: pd.DataFrame,
    framework: dict,
    units: list[str],
    by_level: pd.DataFrame | None = None,
    time_period: str | None = None,
) -> pd.DataFrame:
    """Indicator values of a framework for ``units``.

    A ratio is 100 × Σ numerator / Σ denominator, in percent; a change is the ratio of what has gone
    (before − after) to what there was; a value is the unit's total of its item, in the indicator's
    unit of measure, without numerator and denominator, and with the ``standard_error`` that another
    item states, where the formula names one. ``obs_status``: A, P or E as the inputs; O or V where
    an input is missing or refused; M where the denominator is zero (nothing to measure) or the unit
    does not report on the formula's level.

    Parameters
    ----------
    by_level
        As of :func:`level_totals`, for formulas with a ``level``.
    time_period
        The period's code; that of the totals if not given, which tells none where there are none.

    Returns
    -------
    schema.INDICATOR_VALUES, one row per unit and indicator.
    """
    if time_period is None and len(totals):
        time_period = totals["time_period"].iloc[0]
    formulas = {code: indicator["formula"] for code, indicator in framework["indicators"].items()}
    wides = {}
    for level in {f.get("level") for f in formulas.values()}:
        held = totals if level is None else _of_level(by_level, level, totals)
        wides[level] = _Wide(held, [f for f in formulas.values() if f.get("level") == level], units)
    tables = [
        pd.DataFrame(_values(wides[formula.get("level")], formula)).assign(
            indicator=code, reporting_unit=units
        )
        for code, formula in formulas.items()
    ]
    result = pd.concat(tables, ignore_index=True)
    result = result.assign(framework=framework["framework"], time_period=time_period)
    return INDICATOR_VALUES.of(result)


def inputs(formula: dict) -> list[str]:
    """Items without which a formula of the catalogue has no value (its error is none of them)."""
    if "value" in formula:
        return [formula["value"]]
    return list(dict.fromkeys(item for side in sides(formula).values() for item in side))


def read(formula: dict) -> list[str]:
    """All items that a formula reads: those without which it has no value, and its error."""
    return [*inputs(formula), *([formula["standard_error"]] if "standard_error" in formula else [])]


def base(formula: dict) -> str:
    """The item that tells whether there is anything to measure: the first of the denominator."""
    return formula["value"] if "value" in formula else sides(formula)["whole"][0]


def sides(formula: dict) -> dict[str, list[str]]:
    """What is added and subtracted for the numerator, and what makes the denominator."""
    if "change" in formula:
        before, after = formula["change"]["before"], formula["change"]["after"]
        return {"add": before, "subtract": after, "whole": before}
    ratio = formula["ratio"]
    return {"add": ratio["numerator"], "subtract": [], "whole": ratio["denominator"]}


def _of_level(by_level: pd.DataFrame | None, level: str, totals: pd.DataFrame) -> pd.DataFrame:
    if by_level is None:
        return totals.iloc[:0]
    return by_level[by_level["level"] == level]


class _Wide:
    """The figures of ``units`` (rows) for all items (columns) that ``formulas`` read, and where
    these have which status."""

    def __init__(self, totals: pd.DataFrame, formulas: list[dict], units: list[str]) -> None:
        items = list(dict.fromkeys(item for f in formulas for item in read(f)))
        held = totals[totals["item"].isin(items)]
        self.at = {item: k for k, item in enumerate(items)}
        self.figures = np.full((len(units), len(items)), np.nan)
        self.flags = {flag: np.zeros(self.figures.shape, bool) for flag in "EPVM"}
        rows = pd.Index(units).get_indexer(held["reporting_unit"])
        columns = held["item"].map(self.at).to_numpy(int)
        known = rows >= 0
        place = rows[known], columns[known]
        self.figures[place] = held["obs_value"].to_numpy(float)[known]
        status = held["obs_status"].to_numpy(object)[known]
        for flag, here in self.flags.items():
            here[place] = status == flag

    def sums(self, items: list[str]) -> np.ndarray:
        return self.figures[:, [self.at[i] for i in items]].sum(axis=1)


def _values(wide: _Wide, formula: dict) -> dict[str, np.ndarray]:
    """One indicator of the units: numerator, denominator, obs_value, obs_status."""
    made = _stated(wide, formula) if "value" in formula else _share(wide, **sides(formula))
    items = [wide.at[i] for i in inputs(formula)]
    flagged = {flag: here[:, items] for flag, here in wide.flags.items()}
    known = ~np.isnan(wide.figures[:, items]).any(axis=1)
    status = np.full(len(known), "A", object)
    for flag in "EP":
        status[flagged[flag].any(axis=1)] = flag
    status[known & (made["denominator"] == 0)] = "M"
    status[~known] = "O"
    status[~known & flagged["V"].any(axis=1)] = "V"
    if "level" in formula:
        status[~known & flagged["M"].all(axis=1)] = "M"
    return made | {"obs_status": status}


def _share(wide: _Wide, add: list, subtract: list, whole: list) -> dict[str, np.ndarray]:
    top, bottom = wide.sums(add) - wide.sums(subtract), wide.sums(whole)
    value = np.divide(100 * top, bottom, out=np.full(len(top), np.nan), where=bottom != 0)
    return {"numerator": top, "denominator": bottom, "obs_value": value}


def _stated(wide: _Wide, formula: dict) -> dict[str, np.ndarray]:
    stated, nothing = wide.sums([formula["value"]]), np.full(len(wide.figures), np.nan)
    made = {"numerator": nothing, "denominator": nothing, "obs_value": stated}
    if "standard_error" in formula:
        error = wide.sums([formula["standard_error"]])
        made["standard_error"] = np.where(np.isnan(stated), np.nan, error)
    return made


def national(
    totals: pd.DataFrame,
    framework: dict,
    members: list[str],
    by_level: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """The same indicators for all ``members`` together, from summed counts.

    Only units with both parts of a ratio enter it, and of these only who had something to measure:
    0 of 0 is no share of anything. An indicator that is a value has no parts to sum: its
    ``obs_value`` is missing here, never an average, and ``units`` counts who has one.

    Returns indicator, obs_value (percent), numerator, denominator, units (how many entered),
    nothing (how many had nothing to measure), of (how many there are that report on the indicator's
    level).
    """
    return together(compute(totals, framework, members, by_level), framework)


def together(values: pd.DataFrame, framework: dict) -> pd.DataFrame:
    """:func:`national` where the indicator values of all members have been computed."""
    elsewhere = values["obs_status"].eq("M") & values["denominator"].isna()
    stated = [c for c, i in framework["indicators"].items() if "value" in i["formula"]]
    by_value = values["indicator"].isin(stated) & values["obs_value"].notna()
    parts = values[["numerator", "denominator"]].notna().all(axis=1)
    idle = parts & values["denominator"].eq(0)
    held = values[by_value | (parts & ~idle)]
    table = held.groupby("indicator", sort=False).agg(
        numerator=("numerator", lambda s: s.sum(min_count=1)),
        denominator=("denominator", lambda s: s.sum(min_count=1)),
        units=("reporting_unit", "size"),
    )
    table = table.reindex(list(framework["indicators"]))
    table["units"] = table["units"].fillna(0).astype(int)
    share = 100 * table["numerator"] / table["denominator"]
    table["obs_value"] = share.where(table["denominator"] > 0)  # a difference may be below 0
    counts = {
        name: rows.groupby(values["indicator"]).sum().reindex(table.index, fill_value=0)
        for name, rows in {"nothing": idle, "of": ~elsewhere}.items()
    }
    return table.assign(**counts).reset_index()
