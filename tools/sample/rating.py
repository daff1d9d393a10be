"""The illustrative year 2021: a rating of ministries, in part by survey, synthetic in every figure.

Who is rated stands in the period's ``period.yml``, what is rated and for how many points in its
framework. Model: a unit is good in general, and a little better or worse in each part. Appraised
points are a share of the maximum. Points by survey are a mean: so many people answer on a scale
from 1 to 5, 1 is no points and 5 all of them, and the standard error is that of their answers. The
samples are small on purpose, smaller than any survey of that kind: their error is to be seen in the
ranks. The answers to one question at one unit are lost, so that a gap shows too.
"""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.catalogue import catalogue as cat
from analysis.catalogue import frameworks, plans

SEED = 20210876
"""Taken so that neither the first nor the last are those of the published PAR Index of 2021."""
PERIOD = "2021"
FILE = "par_minh_hoa.csv"
_RECEIVED = date(2022, 2, 15)
_APPRAISED = (0.605, 0.965)  # share of the maximum, lowest and highest
_PEOPLE = (20, 140)  # who answer, fewest and most
_LIKERT = np.arange(1, 6)


def submissions(catalogue: cat.Catalogue, root: Path) -> list[tuple]:
    """What arrives of the year, gaps included, the same bytes every time: name, content, day.

    Raises
    ------
    analysis.catalogue.reader.CatalogueError
        if the period has no ``period.yml``.
    """
    plan = plans.plan(PERIOD, catalogue, root)
    table = written(figures(catalogue, plan), catalogue, plan)
    text = table.to_csv(index=False, lineterminator="\n", float_format="%.2f")
    return [(FILE, text.encode("utf-8"), _RECEIVED)]


def readme() -> bytes:
    """What stands beside the file."""
    return _README.format(code=PERIOD, seed=SEED).encode("utf-8")


def figures(catalogue: cat.Catalogue, plan: plans.PeriodPlan) -> pd.DataFrame:
    """The points of every due unit.

    Returns reporting_unit, indicator, item, value (points, two decimals); of an indicator by survey
    one row with its points and one with their standard error.
    """
    framework = frameworks.on_day(catalogue.frameworks[plan.frameworks[0]], plan.end)
    units = plans.due_units(catalogue, plan)["code"]
    rows = []
    for n, unit in enumerate(units):
        rng = np.random.default_rng([SEED, n])
        level = rng.normal(0.83, 0.025)
        for code, indicator in framework["indicators"].items():
            formula, top = indicator["formula"], indicator["points"]["max"]
            if "standard_error" in formula:
                mean, error = _surveyed(rng, level, top)
                rows.append((unit, code, formula["value"], mean))
                rows.append((unit, code, formula["standard_error"], error))
            else:
                share = np.clip(rng.normal(level, 0.05), *_APPRAISED)
                rows.append((unit, code, formula["value"], top * share))
    table = pd.DataFrame(rows, columns=["reporting_unit", "indicator", "item", "value"])
    return _with_gap(table.assign(value=table["value"].round(2)), framework)


def _surveyed(rng: np.random.Generator, level: float, top: float) -> tuple[float, float]:
    """Mean points of those who answer, and its standard error s ÷ √n."""
    people = int(np.exp(rng.uniform(*np.log(_PEOPLE))))
    middle = 1 + 4 * rng.normal(level - 0.05, 0.04)
    answers = np.clip(np.rint(rng.normal(middle, 0.9, people)), _LIKERT[0], _LIKERT[-1])
    points = top * (answers - 1) / 4
    return points.mean(), points.std(ddof=1) / np.sqrt(people)


def _with_gap(table: pd.DataFrame, framework: dict) -> pd.DataFrame:
    """Without the answers to one question at one unit that would be ranked."""
    rng = np.random.default_rng(SEED)
    apart = {unit for rule in framework.get("not_ranked", []) for unit in rule["units"]}
    units = [u for u in table["reporting_unit"].unique() if u not in apart]
    formulas = {c: i["formula"] for c, i in framework["indicators"].items()}
    surveyed = [c for c, formula in formulas.items() if "standard_error" in formula]
    lost = table["reporting_unit"].eq(rng.choice(units)) & table["indicator"].eq(
        rng.choice(surveyed)
    )
    return table.assign(value=table["value"].mask(lost))


def written(table: pd.DataFrame, catalogue: cat.Catalogue, plan: plans.PeriodPlan) -> pd.DataFrame:
    """The figures as the form lays them out: its columns, unit names, its names of the items."""
    form = catalogue.forms[plan.forms[0]]
    names = plans.due_units(catalogue, plan).set_index("code")["name_vi"]
    elements = {
        item: described["read_from"]["element"] for item, described in form["items"].items()
    }
    heads = form["columns"]
    return pd.DataFrame(
        {
            heads["reporting_unit"]: table["reporting_unit"].map(names),
            heads["element"]: table["item"].map(elements),
            heads["value"]: table["value"],
        }
    )


_README = """# {code}: SYNTHETIC / DỮ LIỆU MINH HỌA

Mọi con số trong thư mục này do máy sinh ra (`python -m tools sample`, seed {seed}); không phải
PAR Index 2021, không phải số liệu thật của bất kỳ bộ nào.

Every figure here is generated (`src/analysis/par_sample.py`, seed {seed}). This is not the PAR
Index of 2021, and none is a figure of a real ministry. `period.yml` is written by hand: it says who
is rated and why the others are not.
"""
