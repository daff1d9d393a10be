"""Findings of one cause are one line; how many, which cells, and an example."""

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.utils import get_column_letter, range_boundaries

from analysis.catalogue import catalogue as cat
from analysis.checking import gathered

RULES = cat.load().rules


def issues(rows: list[dict]) -> pd.DataFrame:
    blank = {"source_file": "a.xlsx", "source_sheet": "S", "raw_text": ""}
    said = {"message_vi": "Sai.", "message_en": "Wrong."}
    return pd.DataFrame([blank | said | row for row in rows])


def column(rule: str, severity: str, number: int, said: str = "“{raw}” sai.", first: int = 12):
    return [
        {
            "source_cell": f"D{first + n}",
            "rule": rule,
            "severity": severity,
            "raw_text": f"{n}x",
            "message_vi": said.format(raw=f"{n}x"),
        }
        for n in range(number)
    ]


def test_one_renamed_column_is_one_line_with_its_cells():
    found = gathered.lines(issues(column("outside_form", "warning", 576)), RULES)
    (line,) = found.itertuples()
    assert (line.findings, line.cells, line.severity) == (576, "D12:D587", "warning")
    assert line.message_vi == "576 ô nằm ngoài các cột của biểu, ví dụ D12: “0x” sai."


def test_what_must_be_mended_is_told_one_by_one_where_each_says_something_else():
    sums = [
        {"source_cell": f"C{n}", "rule": "total_row", "severity": "blocking",
         "message_vi": f"Tổng ghi {n}."}
        for n in range(9)
    ]  # fmt: skip
    assert gathered.lines(issues(sums), RULES)["findings"].tolist() == [1] * 9
    (line,) = gathered.lines(issues(sums), RULES, by_rule=True).itertuples()
    assert line.findings == 9 and "Dòng tổng sai: 9 ô, ví dụ C0: Tổng ghi 0." == line.message_vi


def test_few_are_told_one_by_one_and_sheets_and_files_apart():
    three = column("total_row", "blocking", 3, "Tổng ghi {raw}: “không”.")
    assert len(gathered.lines(issues(three), RULES, by_rule=True)) == 3
    notes = [*column("decimal_point", "note", 5), *column("decimal_point", "note", 5)]
    for n, note in enumerate(notes):
        note["source_sheet"] = "S" if n < 5 else "T"
    assert gathered.lines(issues(notes), RULES)["findings"].tolist() == [5, 5]
    sheets = [{"source_cell": "", "rule": "sheet_unused", "severity": "note", "raw_text": n}
              for n in "ABCD"]  # fmt: skip
    assert len(gathered.lines(issues(sheets), RULES)) == 4


def test_nothing_is_no_line():
    empty = issues([{"source_cell": "A1", "rule": "blank", "severity": "note"}]).iloc[:0]
    assert gathered.lines(empty, RULES).empty
    assert gathered.by_rule(empty, RULES).empty and gathered.by_file(empty).empty


@given(
    st.sets(st.tuples(st.integers(1, 9), st.integers(1, 12)), min_size=1),
)
def test_blocks_name_each_cell_once_and_no_other(places):
    cells = [f"{get_column_letter(c)}{r}" for c, r in places]
    named = []
    for block in gathered.ranges(cells, most=999).split(", "):
        left, top, right, bottom = range_boundaries(block)
        named += [(c, r) for c in range(left, right + 1) for r in range(top, bottom + 1)]
    assert sorted(named) == sorted(places)


def test_places_of_a_finding_are_its_own_and_those_that_it_names():
    row = type("Issue", (), {"source_cell": "C11", "cells": "C11, D11:E11; $F$9 x A1"})
    assert gathered.places(row) == ["C11", "D11", "E11", "A1"]
    absent = type("Issue", (), {"source_cell": "C11"})
    assert gathered.places(absent) == ["C11"]
    none = type("Issue", (), {"source_cell": "", "cells": None})
    assert gathered.places(none) == []
    endless = type("Issue", (), {"source_cell": "A1", "cells": "A1:XFD1048576"})
    assert len(gathered.places(endless)) == 5_000


def test_rules_and_files_are_counted_worst_first():
    many = [*column("outside_form", "warning", 9), *column("total_row", "blocking", 2),
            *column("negative", "blocking", 4)]  # fmt: skip
    for n, row in enumerate(many):
        row["source_file"] = "b.xlsx" if n > 9 else "a.xlsx"
    counts = gathered.by_rule(issues(many), RULES)
    assert counts["rule"].tolist() == ["negative", "total_row", "outside_form"]
    assert counts["findings"].tolist() == [4, 2, 9] and counts["files"].tolist() == [1, 2, 1]
    assert counts["example"].tolist()[0] == "b.xlsx S D12"
    files = gathered.by_file(issues(many))
    assert files.to_numpy().tolist() == [["b.xlsx", 5, 0, 0], ["a.xlsx", 1, 9, 0]]
