"""Proposals: what is probably wrong where a rule is broken, with where it stands."""

import pandas as pd
import pytest

from analysis.catalogue import catalogue as cat
from analysis.checking import validate
from analysis.editing import localise, proposals
from analysis.schema.tables import PROPOSALS

CATALOGUE = cat.load()
FORM = CATALOGUE.forms["II.06a"]
SEVERITIES = {code: rule["severity"] for code, rule in CATALOGUE.rules.items()}
ITEMS = [i.removeprefix("dossiers_") for i in FORM["items"]]
LAND = [1234, 700, 500, 34, 1100, 300, 750, 50, 134, 100, 34]
TAX = [560, 217, 300, 43, 500, 250, 230, 20, 60, 45, 15]
COLUMNS = "CDEFGHIJKLM"


def sheet(unit="01", level="province", forms="II.06a", **changed) -> pd.DataFrame:
    """Two rows and their total; ``changed``: cell (E12) → another figure."""
    lines = {"land": LAND, "tax": TAX, "_T": [a + b for a, b in zip(LAND, TAX, strict=True)]}
    rows = [
        dict(reporting_unit=unit, form=forms, level=level, field=field, item=f"dossiers_{item}",
             obs_value=changed.get(f"{c}{row}", value), obs_status="A", source_file=f"{unit}.xlsx",
             source_sheet="II.06a", source_cell=f"{c}{row}", row=row, raw_text="", hidden=None,
             role="value", time_period="2022-Q2")
        for row, (field, line) in enumerate(lines.items(), 11)
        for c, item, value in zip(COLUMNS, ITEMS, line, strict=True)
    ]  # fmt: skip
    return pd.DataFrame(rows).astype({"obs_value": float})


def proposed(values, previous=None) -> proposals.Located:
    previous = pd.DataFrame() if previous is None else previous
    found = validate.figures(values, {"II.06a": FORM}, previous)
    args = {"II.06a": FORM}, SEVERITIES, previous
    located = proposals.table(values, found, *args)
    PROPOSALS.check(located.proposals)
    return located


def test_figures_that_agree_have_no_proposals():
    assert proposed(sheet()).proposals.empty


def test_a_cell_in_two_broken_sums_is_certain_and_has_its_figure():
    located = proposed(sheet(H12=520))
    (row,) = located.proposals.to_dict("records")
    assert row["source_cell"] == "H12" and row["certain"] and row["solutions"] == row["rank"] == 1
    assert (row["submitted"], row["proposed"], row["cause"]) == (520, 250, "transposed")
    assert row["rules"].split(",") == ["resolved_parts", "total_row"]
    assert set(located.agreed.values()) == {frozenset({("01.xlsx", "II.06a", "H12")})}


def test_only_blocks_in_which_a_rule_is_broken_have_any():
    values = pd.concat([sheet("01"), sheet("02", E11=5), sheet("02", level="district")])
    table = proposed(values).proposals
    assert set(zip(table["reporting_unit"], table["level"], strict=True)) == {("02", "province")}
    assert table["block"].tolist() == [1] * len(table)


def test_what_may_be_several_cells_agrees_on_nothing():
    held = sheet()
    located = proposed(held[held["field"] == "land"].replace({"obs_value": {750: 770}}))
    assert not located.agreed
    assert located.proposals["solutions"].unique().tolist() == [
        3
    ]  # the total is in the balance, too
    assert not located.proposals["certain"].any()


def test_a_warning_decides_nothing_alone():
    """Received is in two sums; that it is the wrong one rests on the one that may be let go."""
    held = sheet()
    row = held[held["field"] == "land"].replace({"obs_value": {1234: 1239}})
    located = proposed(row)
    assert not located.agreed
    first = located.proposals[located.proposals["rank"] == 1]
    assert first["source_cell"].tolist() == ["C11"] and first["proposed"].tolist() == [1234]


def test_stocks_of_the_period_before_take_part():
    before = sheet(L11=30, M11=4, K11=34)
    before = before[before["field"] == "land"]
    row = sheet(F11=43)
    table = proposed(row[row["field"] == "land"], before).proposals
    first = table[table["rank"] == 1].to_dict("records")
    assert [(r["source_cell"], r["proposed"]) for r in first] == [("F11", 34)]
    assert first[0]["rules"] == "received_parts,carried_over"


def test_a_block_that_is_not_settled_in_its_steps_is_counted(monkeypatch):
    monkeypatch.setattr(localise.Allowance, "spend", lambda self, rules=0: _exhausted())
    located = proposed(sheet(H12=520))
    assert located.proposals["status"].tolist() == ["unsettled"] and not located.agreed
    assert located.proposals["rank"].tolist() == [0]


def _exhausted():
    raise localise.ExhaustedError


@pytest.mark.parametrize("value", [None, 217])
def test_a_missing_figure_that_follows_from_the_others_is_proposed(value):
    table = proposed(sheet(D12=value, H12=520)).proposals
    missing = table[table["cause"] == proposals.MISSING]
    assert missing["proposed"].tolist() == ([217] if value is None else [])
    assert missing["submitted"].isna().all()
