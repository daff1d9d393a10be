"""Rules × results: recounted from the figures as they were received, by another way."""

from itertools import product

import pandas as pd
import pytest

from analysis import period
from analysis.catalogue import catalogue as cat
from analysis.checking import expected_ranges, fates, rule_results, validate

CATALOGUE = cat.load()
ITEMS = ["staff", "trained", "other"]
RULES = [
    dict(rule="trained_within_staff", kind="at_most", item="trained", limit="staff"),
    dict(rule="staff_parts", kind="sum", total="staff", parts=["trained", "other"]),
    dict(rule="total_row", kind="total_row"),
    dict(rule="carried_over", kind="equals_previous", item="other", previous_item="staff"),
    dict(rule="figure_jump", kind="expected_range", item="staff", at_least=1),
    dict(rule="whole_parts", kind="whole", unit="01", items=["staff"]),
]
FORM = {"f": {"form": "f", "layout": "sheet", "rules": RULES}}


def values(*figures, unit="01", field="land", level="province"):
    at = dict(reporting_unit=unit, form="f", level=level, field=field, source_file="f")
    at |= dict(source_sheet="s", raw_text="", obs_status="A", hidden=None)
    cells = [f"{field}{level}:{i}" for i in ITEMS]
    table = pd.DataFrame({"item": ITEMS, "obs_value": figures, "source_cell": cells})
    return table.assign(**at).astype({"obs_value": float})


def results(*tables, before=None):
    past = expected_ranges.History(now="2022-Q2")
    if before is not None:
        setting = CATALOGUE.parameters["expected_range"]["values"]
        setting = next(iter(setting.values()))
        before = before.assign(time_period="2022-Q1")
        past = expected_ranges.History("2022-Q2", "2022-Q1", before, {}, setting)
    values = pd.concat(tables, ignore_index=True)
    broken = validate.by_rule(values, FORM, past.before, past)
    found = rule_results.table(values, broken, past)
    assert (found["applied"] == found["passed"] + found["failed"]).all()
    counts = found.set_index(["reporting_unit", "rule"])
    return counts[["applied", "passed", "failed", "not_applicable"]].apply(tuple, axis=1)


def test_what_passes_what_fails_and_what_a_blank_stops():
    rows = [values(10, 4, 6), values(10, 4, 7, field="health")]
    rows += [values(None, 9, 1, field="labour"), values(3, 4, None, field="justice")]
    found = results(*rows)
    assert found["01", "staff_parts"] == (2, 1, 1, 2)
    assert found["01", "trained_within_staff"] == (3, 2, 1, 1)
    assert found["01", "carried_over"] == (0, 0, 0, 4), "no period before"
    assert found["01", "figure_jump"] == (0, 0, 0, 4)


def test_totals_and_what_was_before():
    rows = [values(10, 4, 6), values(20, 8, 12, field="health")]
    total = values(30, 12, 19, field="_T")
    found = results(*rows, total, before=values(6, 4, 6))
    assert found["01", "total_row"] == (3, 2, 1, 0)
    assert found["01", "carried_over"] == (1, 1, 0, 2)
    assert found["01", "figure_jump"] == (1, 1, 0, 2)
    gap = results(rows[0], values(None, 8, 12, field="health"), total)
    assert gap["01", "total_row"] == (2, 1, 1, 1)


def test_a_whole_needs_all_its_parts():
    found = results(values(30, 1, 2), values(10, 1, 2, unit="02"), values(20, 1, 2, unit="03"))
    assert found["01", "whole_parts"] == (1, 1, 0, 0)
    assert found["01", "whole_parts"] and ("02", "whole_parts") not in found.index
    gap = results(values(30, 1, 2), values(None, 1, 2, unit="02"), values(20, 1, 2, unit="03"))
    assert gap["01", "whole_parts"] == (0, 0, 0, 1)
    alone = results(values(30, 1, 2))
    assert alone["01", "whole_parts"] == (0, 0, 0, 1), "of no other unit anything is known"
    broken = results(values(31, 1, 2), values(10, 1, 2, unit="02"), values(20, 1, 2, unit="03"))
    assert broken["01", "whole_parts"] == (1, 0, 1, 0)


@pytest.mark.parametrize("form", ["II.06a", "edocs"])
def test_sums_and_limits_of_shipped_figures_recounted_from_the_cells(form):
    """In plain loops over what each row states, before anything was withdrawn."""
    held = period.load("2022-Q2").tables
    cells = fates.values(held.cells)
    cells = cells[(cells["form"] == form) & cells["reporting_unit"].notna()]
    known = cells["obs_value"].fillna(cells["refused_value"])
    keys = zip(*(cells[c] for c in ("reporting_unit", "level", "field")), strict=True)
    rows: dict[tuple, dict[str, float]] = {}
    for key, item, value in zip(keys, cells["item"], known, strict=True):
        rows.setdefault(key, {}).setdefault(item, value)
    counted: dict[tuple, list[int]] = {}
    rules = [r for r in CATALOGUE.forms[form]["rules"] if r["kind"] in ("sum", "at_most")]
    for (key, row), rule in product(rows.items(), rules):
        first, *others = [rule.get("total") or rule["item"]] + (
            rule.get("parts") or [rule["limit"]]
        )
        if not {first, *others} & set(row):
            continue
        figures = [row.get(i, float("nan")) for i in others]
        right = row.get(first, float("nan")) - sum(figures)
        result = (
            2 if pd.isna(right) else int(right > 0 if rule["kind"] == "at_most" else right != 0)
        )
        counted.setdefault((key[0], rule["rule"]), [0, 0, 0])[result] += 1
    table = held.rule_results
    mine = table[(table["form"] == form) & table["rule"].isin([r["rule"] for r in rules])]
    said = {(r.reporting_unit, r.rule): [r.passed, r.failed, r.not_applicable]
            for r in mine.itertuples()}  # fmt: skip
    assert said == counted
    assert (table["applied"] == table["passed"] + table["failed"]).all() and mine["failed"].sum()
