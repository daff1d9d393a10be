"""Items of forms → indicator values: ratios with their parts, or values as stated; no averages."""

import pandas as pd

from analysis.schema import INDICATOR_VALUES, shaped


def unit_totals(observations: pd.DataFrame) -> pd.DataFrame:
    """One figure per unit and item.

    Rows of a form are added over fields and levels; its own total rows are a check, not a source.
    One figure missing or refused makes the total missing: a sum of what happens to be there would
    understate the unit.

    Returns reporting_unit, time_period, item, obs_value, obs_status.
    """
    by_row = observations["field"] != "_T"
    only_total = ~observations.set_index(["source_file", "reporting_unit"]).index.isin(
        observations[by_row].set_index(["source_file", "reporting_unit"]).index
    )
    rows = observations[by_row | only_total]
    rows = rows[rows["obs_status"] != "M"]
    key = ["reporting_unit", "time_period", "item"]
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


def compute(totals: pd.DataFrame, framework: dict, units: list[str]) -> pd.DataFrame:
    """Indicator values of a framework for ``units``.

    A ratio is 100 × Σ numerator / Σ denominator, in percent; a value is the unit's total of its
    item, in the indicator's unit of measure, without numerator and denominator, and with the
    ``standard_error`` that another item states, where the formula names one. ``obs_status``:
    A, P or E as the inputs; O or V where an input is missing or refused; M where the denominator
    is zero (nothing to measure).

    Returns schema.INDICATOR_VALUES, one row per unit and indicator.
    """
    period = totals["time_period"].iloc[0] if len(totals) else None
    wide = totals.pivot(index="reporting_unit", columns="item", values="obs_value").reindex(units)
    status = totals.pivot(index="reporting_unit", columns="item", values="obs_status").reindex(
        units
    )
    tables = []
    for code, indicator in framework["indicators"].items():
        formula = indicator["formula"]
        table = _ratio(wide, formula["ratio"]) if "ratio" in formula else _value(wide, formula)
        flags = status.reindex(columns=inputs(formula))
        known = wide.reindex(columns=inputs(formula)).notna().all(axis=1)
        table["obs_status"] = "A"
        for flag in "EP":
            table.loc[flags.eq(flag).any(axis=1), "obs_status"] = flag
        table.loc[known & (table["denominator"] == 0), "obs_status"] = "M"
        table.loc[~known, "obs_status"] = "O"
        table.loc[~known & flags.eq("V").any(axis=1), "obs_status"] = "V"
        tables.append(table.assign(indicator=code))
    result = pd.concat(tables).rename_axis("reporting_unit").reset_index()
    result = result.assign(framework=framework["framework"], time_period=period)
    return shaped(result, INDICATOR_VALUES)


def inputs(formula: dict) -> list[str]:
    """Items without which a formula of the catalogue has no value (its error is none of them)."""
    if "value" in formula:
        return [formula["value"]]
    return [*formula["ratio"]["numerator"], *formula["ratio"]["denominator"]]


def _ratio(wide: pd.DataFrame, ratio: dict) -> pd.DataFrame:
    top = wide.reindex(columns=ratio["numerator"]).sum(axis=1, skipna=False)
    bottom = wide.reindex(columns=ratio["denominator"]).sum(axis=1, skipna=False)
    value = (100 * top / bottom).where(bottom != 0)
    return pd.DataFrame({"numerator": top, "denominator": bottom, "obs_value": value})


def _value(wide: pd.DataFrame, formula: dict) -> pd.DataFrame:
    stated = wide.reindex(columns=[formula["value"]])[formula["value"]]
    table = pd.DataFrame(
        {"numerator": float("nan"), "denominator": float("nan"), "obs_value": stated}
    )
    if "standard_error" not in formula:
        return table
    error = wide.reindex(columns=[formula["standard_error"]])[formula["standard_error"]]
    return table.assign(standard_error=error.where(stated.notna()))


def national(totals: pd.DataFrame, framework: dict, members: list[str]) -> pd.DataFrame:
    """The same indicators for all ``members`` together, from summed counts.

    Only units with both parts of a ratio enter it. An indicator that is a value has no parts to
    sum: its ``obs_value`` is missing here, never an average, and ``units`` counts who has one.

    Returns indicator, obs_value (percent), numerator, denominator, units (how many entered), of
    (how many there are).
    """
    values = compute(totals, framework, members)
    stated = [c for c, i in framework["indicators"].items() if "value" in i["formula"]]
    by_value = values["indicator"].isin(stated) & values["obs_value"].notna()
    held = values[by_value | values[["numerator", "denominator"]].notna().all(axis=1)]
    table = held.groupby("indicator", sort=False).agg(
        numerator=("numerator", lambda s: s.sum(min_count=1)),
        denominator=("denominator", lambda s: s.sum(min_count=1)),
        units=("reporting_unit", "size"),
    )
    table = table.reindex(list(framework["indicators"]))
    table["units"] = table["units"].fillna(0).astype(int)
    table["obs_value"] = (100 * table["numerator"] / table["denominator"]).where(
        table["denominator"] > 0
    )
    return table.assign(of=len(members)).reset_index()


def cumulate(observations: pd.DataFrame, items: dict, time_period: str) -> pd.DataFrame:
    """Put the observations of adjacent sub-periods together into one longer period.

    Flows add up; an opening stock is that of the first sub-period, a closing stock or a level
    that of the last (METHOD.md, 3). A row missing in any sub-period is missing in the whole.

    Parameters
    ----------
    observations
        schema.OBSERVATIONS of the sub-periods.
    items
        The form's items with their ``nature``.
    time_period
        Code of the longer period.

    Returns
    -------
    reporting_unit, time_period, form, item, level, field, obs_value, obs_status.
    """
    key = ["reporting_unit", "form", "item", "level", "field"]
    periods = sorted(observations["time_period"].unique())
    nature = observations["item"].map(lambda i: items[i]["nature"])
    chosen = pd.concat(
        [
            observations[nature == "flow"],
            observations[(nature == "opening_stock") & (observations["time_period"] == periods[0])],
            observations[
                nature.isin(["closing_stock", "level"])
                & (observations["time_period"] == periods[-1])
            ],
        ]
    )
    wanted = chosen["item"].map(lambda i: len(periods) if items[i]["nature"] == "flow" else 1)
    grouped = chosen.assign(wanted=wanted).groupby(key, sort=False)
    table = grouped.agg(
        obs_value=("obs_value", lambda s: s.sum(skipna=False)),
        held=("obs_value", "size"),
        wanted=("wanted", "first"),
    )
    complete = (table["held"] == table["wanted"]) & table["obs_value"].notna()
    table["obs_value"] = table["obs_value"].where(complete)
    table["obs_status"] = complete.map({True: "A", False: "O"})
    table = table.drop(columns=["held", "wanted"]).reset_index()
    return table.assign(time_period=time_period)
