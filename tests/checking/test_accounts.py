"""All that was submitted is accounted for: the count of the file, the reason of each cell."""

import pandas as pd
import pytest

from analysis.catalogue import catalogue as cat
from analysis.checking import accounts, fates
from analysis.period import load
from analysis.schema.tables import ACCOUNTED, ISSUES, LOCATED

RULES = cat.load().rules


def cells(**columns) -> pd.DataFrame:
    """One cell that does not count, B3 of a sheet, and what else is said of it."""
    cell = dict(source_file="f", source_sheet="s", source_cell="B3", row=3, column=2)
    cell |= dict(raw_text="7", raw_type="number", form="x", role="value", obs_status="V")
    cell |= dict(reporting_unit="01", state="in_force", revision=0, time_period="t", fate="issue")
    return ACCOUNTED.of([cell | columns])


def issues(**columns) -> pd.DataFrame:
    issue = dict(source_file="f", source_sheet="s", source_cell="B3", rule="total_row", form="x")
    issue |= dict(time_period="t", severity="blocking", message_vi="", message_en="", state="open")
    return ISSUES.of([issue | dict(reporting_unit="01") | columns])


EXPLAINED = [
    ("at its place", {}, {}),
    ("by its own rule", {"rule": "text_kept"}, {"rule": "text_kept", "severity": "note"}),
    ("among the cells of another", {}, {"source_cell": "C9", "cells": "C9, B3"}),
    ("in its row", {"covered_by": "duplicate_row"}, {"source_cell": "A3", "rule": "duplicate_row"}),
    ("in its column", {"covered_by": "column_twice"},
     {"source_cell": "B1", "rule": "column_twice"}),
    ("on its sheet", {"covered_by": "header_not_found"},
     {"source_cell": "A1", "rule": "header_not_found"}),
    ("of the file", {"covered_by": "sheet_missing"},
     {"source_sheet": "", "source_cell": "", "rule": "sheet_missing"}),
    ("its file is refused", {"state": "refused", "file_rule": "period_mismatch"},
     {"source_cell": "A5", "rule": "period_mismatch"}),
    ("its unit is replaced", {"state": "superseded"},
     {"source_sheet": "", "source_cell": "", "rule": "superseded", "severity": "note"}),
]  # fmt: skip


@pytest.mark.parametrize(("why", "cell", "issue"), EXPLAINED, ids=[e[0] for e in EXPLAINED])
def test_a_cell_is_explained_by_an_issue_and_not_by_one_of_elsewhere(why, cell, issue):
    own = cells(**cell)
    assert accounts.unexplained(own, issues(**issue)).empty
    for elsewhere in (
        dict(source_file="other"),
        dict(rule="jump", severity="warning"),
        dict(source_cell="D8", cells=None, source_sheet="other"),
    ):
        if "source_sheet" in elsewhere and own["state"].iloc[0] != "in_force":
            continue  # a file is refused as a whole, wherever that is said
        (lost,) = accounts.unexplained(own, issues(**issue | elsewhere)).itertuples()
        assert (lost.source_cell, lost.rule) == ("B3", "withdrawn_unexplained")


@pytest.mark.parametrize("place", ["A4", "C1", "A30", "BB1"])
def test_the_rule_of_a_row_explains_no_cell_of_another(place):
    said = issues(source_cell=place, rule="duplicate_row")
    assert len(accounts.unexplained(cells(covered_by="duplicate_row"), said)) == 1


def test_cells_that_count_need_no_reason():
    assert accounts.unexplained(cells(fate="accepted"), issues().iloc[:0]).empty


@pytest.mark.parametrize("code", ["2022-Q2", "2025-Q3", "canada-2023", "budget-2017", "2024"])
def test_in_the_shipped_periods_every_cell_that_does_not_count_has_its_issue(code):
    held = load(code).tables
    lost = held.cells[(held.cells["fate"] == "issue")]
    assert accounts.unexplained(held.cells, held.issues).empty
    # the rule would see it: without the issues nothing is explained
    nothing = accounts.unexplained(held.cells, held.issues.iloc[:0])
    assert len(nothing) == (lost["raw_type"] != "file").sum()


# --- the count of the file ------------------------------------------------------------------------


def read(n: int, sheet="s", file="f", **columns) -> pd.DataFrame:
    rows = [
        dict(source_file=file, source_sheet=sheet, source_cell=f"A{i}", row=i, column=1)
        | dict(raw_text="7", raw_type="number", form="x", role="value")
        for i in range(1, n + 1)
    ]
    return LOCATED.of(rows).assign(**columns)


def counted(*rows: tuple) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["source_file", "source_sheet", "cells"])


@pytest.mark.parametrize("count", [[("f", "s", 4)], [("f", "s", 2)],
                                   [("f", "s", 3), ("f", "hidden", 1)],
                                   [("f", "s", 2), ("f", "t", 1)]])  # fmt: skip
def test_a_file_of_which_not_just_its_cells_were_read_says_so(count):
    table = accounts.held_to(
        pd.concat([read(3), read(2, file="g")]), counted(*count, ("g", "s", 2))
    )
    assert table.loc[table["rule"].notna(), "source_file"].tolist() == ["f"]
    (row,) = table[table["rule"].notna()].itertuples()
    total = sum(n for *_, n in count)
    assert (row.rule, row.found, row.expected) == ("cells_unaccounted", "3", str(total))
    assert (row.role, row.form, row.source_cell) == ("file", "x", "")


def test_a_file_of_which_all_was_read_or_nothing_could_be_stays_as_it_is():
    broken = read(1, file="b", raw_type="file", raw_text="", source_cell="", role="file")
    both = pd.concat([read(3), broken.assign(rule="file_unreadable")])
    assert accounts.held_to(both, counted(("f", "s", 3))) is both
    assert accounts.held_to(both, counted(("f", "s", 3), ("b", "s", 9))) is both


def test_the_balance_begins_with_the_count_of_the_file():
    held = pd.concat([
        read(3, fate="accepted"), read(1, file="b", raw_type="file", raw_text="", fate="issue"),
    ])  # fmt: skip
    count = counted(("f", "s", 3), ("f", "t", 2), ("b", "s", 9))
    table = fates.balance(held, count).set_index("source_file")
    assert table.loc["f"].to_dict() == dict(
        submitted=5, labels=0, accepted=3, in_issues=0, unaccounted=2
    )
    assert table.loc["b"].to_dict() == dict(
        submitted=9, labels=0, accepted=0, in_issues=9, unaccounted=0
    )
    alone = fates.balance(held).set_index("source_file")
    assert alone["submitted"].to_dict() == {"b": 0, "f": 3} and not alone["unaccounted"].any()


def test_a_file_that_only_was_counted_is_unaccounted():
    table = fates.balance(read(1, fate="accepted"), counted(("f", "s", 1), ("g", "s", 4)))
    assert table.set_index("source_file")["unaccounted"].to_dict() == {"f": 0, "g": 4}
