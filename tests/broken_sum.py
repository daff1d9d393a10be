"""A period small enough to reckon by hand: three units, a form of one sum, and a scored share."""

from datetime import date
from types import SimpleNamespace

import numpy as np
import pandas as pd

from analysis.indicators import indicators
from analysis.schema.tables import OBSERVATIONS
from analysis.scoring import composite

TEXT = {"vi": "x", "en": "x"}
ITEMS = ("done", "left", "total")
FORM = {
    "form": "f1",
    "layout": "sheet",
    "rows": "unit",
    "items": {item: {"name": TEXT, "kind": "count"} for item in ITEMS},
    "rules": [{"rule": "sum_broken", "kind": "sum", "total": "total", "parts": ["done", "left"]}],
}
FRAMEWORK = {
    "framework": "q",
    "title": TEXT,
    "max_score": 10,
    "normalise": {"method": "points"},
    "weight": "given",
    "aggregate": "sum",
    "missing_children": "none",
    "rank_within": "all",
    "uncertainty": {"replicates": 2, "seed": 1},
    "dimensions": {"d": {"name": TEXT, "max_score": 10}},
    "indicators": {
        "share": {
            "name": {"vi": "Tỷ lệ", "en": "Share"},
            "dimension": "d",
            "direction": 1,
            "formula": {"ratio": {"numerator": ["done"], "denominator": ["total"]}},
            "points": {"max": 10, "full_mark_at": 100, "zero_denominator": "zero"},
        }
    },
}
RULES = {
    code: {"severity": severity, "name": {"vi": f"Tên {code}", "en": code}}
    for code, severity in {
        "sum_broken": "blocking", "received_late": "warning", "blank": "warning",
        "outlying": "warning", "not_received": "warning",
    }.items()
}  # fmt: skip
SENT = {"u1": (30, 20, 60), "u2": (80, 20, 100), "u3": (55, 45, 100)}
UNITS = pd.DataFrame({"code": list(SENT), "type": "t", "parent": "", "name_vi": list(SENT)})
PLAN = SimpleNamespace(
    code="2022-Q2",
    forms=["f1"],
    frameworks=["q"],
    due={"units": list(SENT)},
    units_on=None,
    end=date(2022, 6, 30),
    period=SimpleNamespace(previous=SimpleNamespace(code="2022-Q1")),
)
CATALOGUE = SimpleNamespace(
    forms={"f1": FORM}, frameworks={"q": FRAMEWORK}, rules=RULES, units_on=lambda _: UNITS
)


def issue(unit: str, rule: str, item: str | None = None, **other) -> dict:
    place = {"source_file": f"{unit}.xlsx", "source_sheet": "S", "source_cell": item or ""}
    at = {"level": "_T", "field": "_T"} if item else {"level": None, "field": None}
    said = {"message_vi": "", "message_en": "", "raw_text": "", "time_period": "2022-Q2"}
    severity = RULES[rule]["severity"]
    held = {"rule": rule, "reporting_unit": unit, "form": "f1", "item": item, "severity": severity}
    return place | at | said | held | other


def tables(
    issues: list[dict], sent: dict = SENT, withdrawn: tuple[str, ...] = ("u1",), framework=FRAMEWORK
) -> dict[str, pd.DataFrame]:
    """What the pipeline makes of it; all figures of the units ``withdrawn`` are refused."""
    rows = [
        {"reporting_unit": unit, "item": item, "obs_value": value,
         "refused_value": value if unit in withdrawn else np.nan}
        for unit, values in sent.items()
        for item, value in zip(ITEMS, values, strict=True)
    ]  # fmt: skip
    cells = pd.DataFrame(rows).assign(form="f1", level="_T", field="_T", state="in_force")
    cells["obs_value"] = cells["obs_value"].astype(float).mask(cells["refused_value"].notna())
    cells["obs_status"] = np.where(cells["obs_value"].isna(), "V", "A")
    cells.loc[cells["obs_value"].isna() & cells["refused_value"].isna(), "obs_status"] = "O"
    made = cells.assign(time_period="2022-Q2", source_cell=cells["item"], source_sheet="S")
    made = made.assign(source_file=made["reporting_unit"] + ".xlsx", raw_text="", revision=0.0)
    observations = OBSERVATIONS.take(made.assign(received_at=pd.NaT))
    totals = indicators.unit_totals(observations)
    values = indicators.compute(totals, framework, list(SENT), None, "2022-Q2")
    values = values.assign(listed=True)
    built = composite.build(values, framework)
    tree = built.tree
    weights = {"framework": "q", "level": tree.levels, "code": tree.codes, "weight": tree.weights}
    return {
        "cells": cells,
        "observations": observations,
        "issues": pd.DataFrame(issues),
        "totals": totals,
        "level_totals": totals.iloc[:0].assign(level=""),
        "indicator_values": built.values,
        "national": indicators.together(values, framework).assign(framework="q"),
        "scores": built.scores,
        "weights": pd.DataFrame(weights),
    }


def period(made: dict[str, pd.DataFrame]) -> SimpleNamespace:
    return SimpleNamespace(
        plan=PLAN,
        catalogue=CATALOGUE,
        tables=SimpleNamespace(**made),
        names={unit: f"Đơn vị {unit}" for unit in SENT},
        framework=lambda code: FRAMEWORK,
    )
