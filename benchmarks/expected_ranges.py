"""Expected ranges beside “three times the period before”: false alarms, and slips that are found.

Run: ``python benchmarks/expected_ranges.py``. Every figure of every period is held against the
earlier ones alone, as it would have been when it came. Series: the items that shipped forms hold
against their past (illustrative periods, whose planted faults are among the figures) and figures
that others published (budgets and population of provinces, Doing Business). For each: the figures
compared, the share that each rule doubts as published, and of slips planted into one figure in
fifty (×10, ×1,000, ÷10; figures of at least ten times ``at_least``) the share that each finds.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from analysis import period
from analysis.catalogue import catalogue as cat
from analysis.catalogue import dated
from analysis.checking import expected_ranges
from analysis.project import PROJECT, Place

CODES = ["2021-Q1", "2021-Q2", "2021-Q3", "2021-Q4", "2022-Q1", "2022-Q2"]
DRAWS = 4  # of the fifty parts of a period into which slips are planted in turn
SLIPS = {"×10": 10, "×1.000": 1000, "÷10": 0.1}
_KEY = ["reporting_unit", "form", "level", "field", "item"]


def series() -> Iterator[tuple[str, pd.DataFrame, float]]:
    """Name, figures (long, with time_period) and ``at_least`` of each set."""
    held = pd.concat([period.load(code).tables.observations for code in CODES])
    for form, item in (
        ("II.06a", "dossiers_received"),
        ("egov", "egov_dossiers"),
        ("edocs", "documents_sent"),
        ("II.07b", "local_procedures"),
    ):
        yield f"{form} {item}", held[(held["form"] == form) & (held["item"] == item)], 100
    place = Place(PROJECT).reference
    for name in ("budget_plan", "budget_final"):
        table = pd.read_csv(place / f"cleaned-tables/{name}.csv", dtype={"gso_code": str})
        for item in ("total.rev", "total.exp", "balance.trans", "target.trans"):
            yield f"{name} {item}", _long(table, "gso_code", "year", item), 1000
    table = pd.read_csv(
        place / "gso-population-2022-2024/gso_population_grdp_63_provinces.csv",
        dtype={"gso_code": str},
    )
    for item, group in table.groupby("indicator"):
        yield f"population {item}", _long(group, "gso_code", "year", "value"), 10
    table = pd.read_csv(place / "series/doing_business.csv")
    for item in ("starting_business.time", "construction_permits.time", "paying_taxes.time"):
        group = table[table["measure"] == item]
        yield f"Doing Business {item}", _long(group, "economy", "edition", "value"), 1


def _long(table: pd.DataFrame, unit: str, year: str, value: str) -> pd.DataFrame:
    named = {unit: "reporting_unit", year: "time_period", value: "obs_value"}
    long = table[list(named)].rename(columns=named).assign(form="f", level="_T", field="_T")
    return long.assign(item="i", time_period=long["time_period"].astype(str)).dropna()


def doubts(now: pd.DataFrame, before: pd.DataFrame, at_least: float, types: dict, setting: dict):
    """Each figure of ``now`` that can be compared: doubted by the range, and by the factor."""
    codes = sorted(before["time_period"].unique())
    code = now["time_period"].iloc[0]
    history = expected_ranges.History(code, codes[-1], before, types, setting)
    rule = {"item": now["item"].iloc[0], "at_least": at_least, "rule": "jump"}
    found = expected_ranges.held_against(now, rule, history).set_index("at")
    last = before[before["time_period"] == codes[-1]].drop_duplicates(_KEY)
    both = now.merge(last[[*_KEY, "obs_value"]], on=_KEY, suffixes=("", "_last")).set_index("at")
    high = both[["obs_value", "obs_value_last"]].max(axis=1)
    low = both[["obs_value", "obs_value_last"]].min(axis=1)
    jump = (high >= at_least) & (high > 3 * low)
    return found["doubted"].astype(bool), jump, found["basis"]


def measured(figures: pd.DataFrame, at_least: float, types: dict, setting: dict) -> dict:
    figures = figures.astype({c: object for c in _KEY}).dropna(subset=["obs_value"])
    figures = figures.drop_duplicates([*_KEY, "time_period"]).reset_index(drop=True)
    figures = figures.assign(at=figures.index)
    rng, parts = np.random.default_rng(20), []
    for code in sorted(figures["time_period"].unique())[1:]:
        now, before = (
            figures[figures["time_period"] == code],
            figures[figures["time_period"] < code],
        )
        ours, jump, basis = doubts(now, before, at_least, types, setting)
        parts += [("n", len(ours)), ("range", ours.sum()), ("jump n", len(jump))]
        parts += [("jump", jump.sum()), *((f"by {b}", n) for b, n in basis.value_counts().items())]
        big = now.index[(now["obs_value"] >= 10 * at_least) & now["at"].isin(ours.index)]
        for name, factor in SLIPS.items():
            for some in np.array_split(rng.permutation(big), 50)[:DRAWS]:
                spoilt = now.copy()
                spoilt.loc[some, "obs_value"] = (spoilt.loc[some, "obs_value"] * factor).round()
                ours, jump, _ = doubts(spoilt, before, at_least, types, setting)
                parts.append((f"{name} n", len(some)))
                parts.append((f"{name} range", ours.reindex(some).fillna(False).sum()))
                parts.append((f"{name} jump", jump.reindex(some).fillna(False).sum()))
    return pd.DataFrame(parts, columns=["what", "n"]).groupby("what")["n"].sum().to_dict()


def main() -> None:
    held = cat.load()
    types = dict(zip(held.units["code"], held.units["type"], strict=True))
    setting = dated.value_on(held.parameters["expected_range"], pd.Timestamp("2022-06-14").date())
    for name, figures, at_least in series():
        own = (
            types
            if figures["reporting_unit"].iloc[0] in types
            else dict.fromkeys(figures["reporting_unit"], "economy")
        )
        m = measured(figures, at_least, own, setting)
        if not m.get("n"):
            continue
        told = [
            f"{s} {m[f'{s} range'] / m[f'{s} n']:.1%} / {m[f'{s} jump'] / m[f'{s} n']:.1%}"
            for s in SLIPS
            if m.get(f"{s} n")
        ]
        by = ", ".join(f"{b[3:]} {n}" for b, n in m.items() if b.startswith("by "))
        print(
            f"{name:42s} n = {m['n']:6.0f}: doubted {m['range'] / m['n']:.2%} / "
            f"{m['jump'] / m['jump n']:.2%}; found {', '.join(told)} ({by})"
        )


if __name__ == "__main__":
    main()
