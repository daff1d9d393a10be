"""What a page says of its standing before all else."""

import pandas as pd
import pytest

from analysis.period import load
from analysis.site import signature
from analysis.topics import awaited


@pytest.fixture(scope="module")
def plan():
    return load("2022-Q2").plan


def rows(*forms):
    columns = ["form", "title", "due", "here", "codes", "units"]
    return pd.DataFrame(
        [(f, f.upper(), 93, 92, ["01"], ["<Hà Nội>"]) for f in forms], columns=columns
    )


def test_many_forms_are_counted_in_one_line_and_told_one_by_one_behind_it(plan):
    said = awaited.told(rows("a", "b", "c"), plan, ["a", "b", "d"])
    assert said[0].startswith("2 biểu của trang này chưa đủ đơn vị gửi. Hạn gửi:")
    assert [s[:7] for s in said[1:]] == ["Biểu “A", "Biểu “B"]
    page = signature.marked("Tạm tính.", "", there=False, awaited=said)
    summary, _, behind = page.partition("</summary>")
    assert said[0] in summary and behind.count("<li>") == 2
    assert "&lt;Hà Nội&gt;" in behind and "<Hà" not in page


def test_one_form_is_told_in_a_sentence_and_none_not_at_all(plan):
    (said,) = awaited.told(rows("a", "b"), plan, ["b"])
    assert "92 trong 93" in said and "Hạn gửi" in said
    assert "<details" not in signature.marked("", "", there=False, awaited=[said])
    assert awaited.told(rows("a"), plan, ["b"]) == []
    assert signature.marked("", "", there=False) == signature.marked("", "", False, [])
