"""Whether what is true lies within the bounds that the table ``influence`` states.

Run: ``python benchmarks/influence.py [PERIOD …]`` (2022-Q2 if none). Of illustrative periods the
figures are known before anything is spoilt (``tools.sample``): the true value of each indicator,
the national figure with it, and the unit's score and rank with all its true values, the other units
as published. It is counted for how many lines of the table these lie within the bounds; the others
are printed, and how long the table takes.
"""

import sys
import time

import numpy as np
import pandas as pd
from tools.sample import country

import analysis
from analysis.catalogue import frameworks
from analysis.catalogue import tree as trees
from analysis.exchange import influence
from analysis.exchange.known_figures import Known
from analysis.indicators import indicators
from analysis.period import earlier
from analysis.project import Place
from analysis.scoring import composite, shifted

_NEAR = 1e-6
_USED = (
    "cells observations issues totals level_totals indicator_values national scores weights"
).split()


def truth(whole: country.Country, code: str) -> pd.DataFrame:
    """schema.OBSERVATIONS (as far as needed) of what offices have to report."""
    made = []
    for form in whole.forms(code):
        table = whole.figures(form, code)
        keys = [c for c in ("reporting_unit", "level", "field") if c in table]
        items = [i for i in form["items"] if i in table]
        long = table.melt(keys, items, "item", "obs_value").assign(form=form["form"])
        made.append(long.assign(level=long.get("level", "_T"), field=long.get("field", "_T")))
    held = pd.concat(made, ignore_index=True).assign(time_period=code, obs_status="A")
    held["obs_value"] = held["obs_value"].astype(float)
    return held.assign(source_file=held["form"]).dropna(subset=["obs_value"])


def true_values(period, observed: pd.DataFrame) -> pd.DataFrame:
    nobody = pd.DataFrame(columns=["reporting_unit", "form", "level", "asked", "alone"])
    levels = indicators.level_totals(observed, nobody.astype({"asked": bool, "alone": bool}))
    totals, units = indicators.unit_totals(observed), period.due["code"].tolist()
    held = [frameworks.on_day(period.catalogue.frameworks[c], period.plan.end)
            for c in period.plan.frameworks]  # fmt: skip
    return pd.concat([indicators.compute(totals, f, units, levels) for f in held])


def compared(period, table: pd.DataFrame, known: Known, values: pd.DataFrame) -> pd.DataFrame:
    """The lines of the table that state bounds, with what is true beside them."""
    true = values.set_index(["framework", "reporting_unit", "indicator"]).sort_index()
    rows = []
    for row in table[table["indicator"].notna()].itertuples():
        key = row.framework, row.reporting_unit, row.indicator
        own = true.loc[key]
        rest = known.others(*key)
        national = 100 * (rest[0] + own["numerator"]) / (rest[1] + own["denominator"])
        rows.append({"value": own["obs_value"], "national": national} | _placed(period, key, true))
    made = table[table["indicator"].notna()].reset_index(drop=True)
    return made.join(pd.DataFrame(rows).add_prefix("true_"))


def _placed(period, key: tuple, true: pd.DataFrame) -> dict:
    framework = period.framework(key[0])
    if not trees.scored(framework):
        return {"score": np.nan, "rank": np.nan}
    own = true.loc[key[:2], "obs_value"].reindex(trees.scored(framework))
    shifts = pd.DataFrame({"indicator": own.index, "low": own.to_numpy(), "high": own.to_numpy()})
    held = period.ranked(key[0])
    apart, decimals = tuple(composite.not_ranked(framework)), composite.decimals(framework)
    field = shifted.Field(
        framework, held.indicator_values, held.scores, period.tree(key[0]), decimals, apart
    )
    found = shifted.placed(shifts.assign(case=0, reporting_unit=key[1]), field).iloc[0]
    return {"score": found["score_low"], "rank": found["rank_low"]}


def main(codes: list[str]) -> None:
    whole = country.country()
    for code in codes:
        period = analysis.load(code)
        before = earlier(period.plan, period.catalogue, Place(period.root)).observations
        held = {name: getattr(period.tables, name) for name in _USED}
        started = time.process_time()
        table = influence.table(period.plan, period.catalogue, held, before)
        seconds = time.process_time() - started
        known = Known(period.plan, period.catalogue, held, before)
        beside = compared(period, table, known, true_values(period, truth(whole, code)))
        print(f"{code}: {len(table)} findings, {len(beside)} with bounds, {seconds:.1f} s")
        for what in ("value", "national", "score", "rank"):
            own = beside.dropna(subset=[f"{what}_low", f"true_{what}"])
            low, high = own[f"{what}_low"] - _NEAR, own[f"{what}_high"] + _NEAR
            within = own[f"true_{what}"].between(low, high)
            for label, part in (("all", own["wide"] | True), ("not wide", ~own["wide"])):
                print(f"  {what}, {label}: {within[part].sum()} of {part.sum()} within")
            columns = ["rule", "reporting_unit", "form", "source_cell", "indicator", "bounded_by"]
            columns += [f"{what}_low", f"true_{what}", f"{what}_high"]
            if not within.all():
                print(own.loc[~within, columns].head(40).to_string())


if __name__ == "__main__":
    main(sys.argv[1:] or ["2022-Q2"])
