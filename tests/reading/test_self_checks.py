"""Cells of ours on a blank form are never data; whatever else somebody writes there is."""

import pytest
from openpyxl.utils import coordinate_to_tuple

from analysis.reading.layouts import self_checks

TITLE = self_checks.READY_TITLE


def cells(*given: tuple[str, str, str]) -> list[dict]:
    """Cells of (address, raw_type, raw_text)."""
    found = []
    for at, raw_type, text in given:
        row, column = coordinate_to_tuple(at)
        found.append(dict(source_cell=at, row=row, column=column, raw_type=raw_type, raw_text=text))
    return found


@pytest.mark.parametrize(
    ("name", "held", "ready"),
    [
        ("Sẵn sàng gửi", [("A1", "text", TITLE), ("B2", "text", "✓")], True),
        ("SAN SANG GUI", [("B2", "text", "✓"), ("A1", "text", f" {TITLE} ")], True),
        ("Sẵn sàng gửi", [("A1", "text", TITLE), ("B2", "number", "5")], False),
        ("Sẵn sàng gửi", [("A1", "text", "Biểu 1")], False),
        ("Sẵn sàng gửi", [("A2", "text", TITLE)], False),
        ("Sẵn sàng gửi", [], False),
        ("Biểu 1", [("A1", "text", TITLE)], False),
    ],
)
def test_the_sheet_that_says_whether_a_form_is_ready_has_its_name_its_title_and_no_figure(
    name, held, ready
):
    assert self_checks.is_ready(name, cells(*held)) is ready


HEAD = ("D2", "text", f" {self_checks.BESIDE} ")
HEADS = [HEAD, ("D3", "text", "Tổng"), ("E3", "text", "Phần")]


@pytest.mark.parametrize(
    ("cell", "ours"),
    [
        (("D4", "text", "✓ đúng"), True),
        (("E4", "text", "✗ lệch 1"), True),
        (("D4", "text", "· chưa có"), True),
        (("D4", "text", ""), True),
        (("D4", "other", "=A4+B4"), True),
        (("D4", "other", "#REF!"), True),
        (("D4", "other", "Err:522"), True),
        (("D4", "other", "TRUE"), False),
        (("D4", "text", "=A4+B4"), False),
        (("D4", "text", "xem lại"), False),
        (("D4", "number", "5"), False),
        (("E3", "number", "5"), False),  # a head is a text
        (("D1", "text", "✓ đúng"), False),  # above the columns,
        (("C4", "text", "✓ đúng"), False),  # left of them,
        (("F4", "text", "✓ đúng"), False),  # right of them
        (("G3", "text", "Ghi chú"), False),  # a head that does not adjoin
    ],
)
def test_of_the_columns_of_checks_that_is_ours_which_reads_like_a_check(cell, ours):
    heads = [h for h in HEADS if h[0] != cell[0]]
    sheet = cells(("A4", "number", "7"), *heads, cell)
    rest, labels = self_checks.apart(sheet)
    assert [r["source_cell"] for r in labels] == [h[0] for h in heads] + [cell[0]] * ours
    assert {r["role"] for r in labels} == {"label"}
    assert [r["source_cell"] for r in rest] == ["A4"] + [cell[0]] * (not ours)


def test_the_first_column_of_checks_needs_no_head_of_its_own_and_a_form_may_have_none():
    sheet = cells(HEAD, ("D4", "text", "✓"), ("E4", "text", "✓"))
    rest, labels = self_checks.apart(sheet)
    assert [r["source_cell"] for r in labels] == ["D2", "D4"]
    assert self_checks.apart(rest) == (rest, [])
