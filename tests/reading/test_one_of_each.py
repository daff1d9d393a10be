"""One sheet, one table, one column of each: what is there twice is named, and none of it read."""

import pandas as pd
import pytest

from analysis.catalogue import catalogue as cat
from analysis.reading.layouts import locate_register, locate_table, table_heads
from analysis.schema.tables import LOCATED

FORM = cat.load().forms["plan_deliverables"]
HEADS = [a["head"]["vi"] for a in FORM["attributes"].values()]
RECORD = ["x"] * len(HEADS)
TABLE = {
    "form": "t",
    "tables": [
        {"sheets": ["S"], "names": {"head": ["Tỉnh"]}, "columns": {"a": ["Thu"], "b": ["Chi"]}}
    ],
}
ROWS = [["Tỉnh", "Thu", "Chi"], ["Hà Giang", "4", "3"]]


def cells(hidden: str | None = None, **sheets: list[list[str]]) -> list[dict]:
    return [
        dict(source_file="f", source_sheet=name, source_cell=f"{chr(64 + c)}{r}", row=r, column=c)
        | dict(raw_text=text, raw_type="number" if text.isdigit() else "text")
        | dict(hidden="sheet" if name == hidden else None)
        for name, lines in sheets.items()
        for r, line in enumerate(lines, 1)
        for c, text in enumerate(line, 1)
        if text
    ]


def register(**sheets) -> pd.DataFrame:
    given = cells(**sheets)
    found = LOCATED.of(locate_register.locate(given, FORM))
    place = ["source_sheet", "source_cell"]
    kept = found[(found["raw_type"] != "file") & (found["raw_text"] != "")]
    assert sorted(kept[place].apply(tuple, axis=1)) == sorted(
        (r["source_sheet"], r["source_cell"]) for r in given
    )
    assert set(found["covered_by"].dropna()) <= set(found["rule"].dropna())
    return found


def test_of_two_registers_in_a_workbook_neither_is_read():
    found = register(**{"Kế hoạch": [HEADS, RECORD], "Kế hoạch (2)": [HEADS, RECORD]})
    named = found[found["rule"] == "sheet_twice"]
    assert named["source_sheet"].tolist() == ["Kế hoạch", "Kế hoạch (2)"]
    assert "record" not in set(found["role"])


def test_an_empty_copy_of_the_form_is_no_second_register():
    found = register(**{"Kế hoạch": [HEADS], "Sổ": [["TIÊU ĐỀ"], HEADS, RECORD]})
    assert set(found.loc[found["role"] == "record", "source_sheet"]) == {"Sổ"}
    assert found.loc[found["rule"] == "sheet_unused", "source_sheet"].tolist() == ["Kế hoạch"]


def test_a_register_may_be_a_csv():
    assert "record" in set(register(**{"": [HEADS, RECORD]})["role"])


def test_two_columns_of_one_attribute_are_named_and_no_record_is_read():
    found = register(**{"Kế hoạch": [[*HEADS, "Thời hạn"], [*RECORD, "y"]]})
    named = found[found["rule"] == "column_twice"]
    assert named["raw_text"].tolist() == ["Thời hạn"] * 2 and "record" not in set(found["role"])


@pytest.mark.parametrize(
    ("again", "rule", "records"), [(HEADS, "head_repeated", 2), (HEADS[::-1], "table_twice", 0)]
)
def test_heads_once_more_below_are_no_record(again, rule, records):
    found = register(**{"Kế hoạch": [HEADS, RECORD, again, RECORD]})
    assert rule in set(found["rule"].dropna())
    assert found.loc[found["role"] == "record", "row"].nunique() == records


def test_a_cell_with_only_spaces_is_blank_and_kept():
    found = register(**{"Kế hoạch": [[*HEADS], [*RECORD[:-1], "\xa0", "", "\xa0"], ["\xa0"]]})
    spaces = found[found["raw_text"] == "\xa0"]
    assert len(spaces) == 3 and spaces["rule"].isna().all() and spaces["covered_by"].isna().all()


def table(hidden: str | None = None, **sheets) -> pd.DataFrame:
    return LOCATED.of(locate_table.locate(cells(hidden, **sheets), TABLE))


def test_a_hidden_sheet_of_the_right_name_is_no_better_than_a_visible_one():
    other = [ROWS[0], ["Hà Giang", "9", "9"]]
    assert set(table("S", S=ROWS, B=other)["rule"].dropna()) == {"sheet_twice"}
    assert "sheet_twice" not in set(table("B", S=ROWS, B=other)["rule"])
    assert "value" in set(table("S", S=ROWS)["role"])
    assert "value" in set(table("S", S=ROWS, B=ROWS)["role"]), "both say the same"


@pytest.mark.parametrize(
    ("row", "numbers"),
    [
        (["A", "B", "1", "2", "3=1+2"], True),
        (["(1)", "(2)", "(3)", "(4)"], True),
        (["1", "2", "3=1-2", "4"], True),
        (["", "01", "12", "50", "5"], False),
        (["", "01", "2", "3", "4"], False),
        (["", "10", "11", "12", "13"], False),
        (["1", "Hà Giang", "3", "4"], False),
        (["", "7", "5", "3", "1"], False),
    ],
)
def test_a_line_of_column_numbers_counts_on_by_one(row, numbers):
    line = {c: {"raw_text": t} for c, t in enumerate(row, 1) if t}
    assert table_heads.numbers_columns(line, 2) is numbers
