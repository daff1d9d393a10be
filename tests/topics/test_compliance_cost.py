"""Sentences on what a change of a procedure saves."""

import pandas as pd
import pytest

from analysis.language import languages
from analysis.topics import compliance_cost

CASE = pd.Series(
    {
        "title_vi": "Khai thuế",
        "title_en": "Tax return",
        "currency": "VND",
        "times_per_year": 12,
        "hours": 8.0,
    }
)


def change(before: float, after: float) -> pd.Series:
    saved = before - after
    return pd.Series(
        {"before": before, "after": after, "saving": saved, "saving_percent": 100 * saved / before}
    )


def test_what_is_saved_and_what_it_costs_more():
    assert compliance_cost.key(CASE, change(975e9, 325e9), 4) == (
        "Từ 12 lần thành 4 lần một năm: 975 tỷ đồng thành 325 tỷ đồng, tiết kiệm 650 tỷ đồng mỗi "
        "năm (66,7 %)."
    )
    more = compliance_cost.key(CASE, change(3e9, 6e9), 24, hours_share=0.5)
    assert "tốn thêm 3,0 tỷ đồng mỗi năm (100,0 %)." in more
    assert more.endswith(" Số giờ bằng 50 % hiện nay.")


def test_in_english():
    with languages.using("en"):
        text = compliance_cost.key(CASE, change(975e9, 325e9), 4)
        rate = compliance_cost.by_rate(CASE, pd.Series([1.5e12, 2e12]))
    assert text.startswith("From 12 to 4 times a year: 975 billion VND becomes 325 billion VND")
    assert rate.startswith("Tax return: ") and "1,500 to 2,000 billion VND" in rate


def test_where_the_source_gives_too_little_that_is_said():
    unknown = pd.Series({"before": float("nan"), "after": 1.0, "saving": float("nan")})
    assert "chỉ có chi phí một lần" in compliance_cost.key(CASE, unknown, 4)
    assert "không đủ số liệu" in compliance_cost.by_rate(CASE, pd.Series([float("nan")]))


def test_a_currency_without_a_scale_is_refused():
    with pytest.raises(KeyError, match="JPY"):
        compliance_cost.scale("JPY")


def result(before, after, low=float("nan"), high=float("nan")):
    row = change(before, after).to_dict() | {"ci_low": low, "ci_high": high}
    return pd.DataFrame([row | {"standard_error": (high - low) / 4}])


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (975e9, 325e9, "975 tỷ đồng một năm thành 325 tỷ đồng: tiết kiệm 650 tỷ đồng."),
        (2.34e9, 0.6e9, "2,34 tỷ đồng một năm thành 0,60 tỷ đồng: tiết kiệm 1,74 tỷ đồng."),
        (4.5e6, 9e6, "4,50 triệu đồng một năm thành 9,00 triệu đồng: tốn thêm 4,50 triệu đồng."),
        (900.0, 0.0, "900 đồng một năm thành 0 đồng: tiết kiệm 900 đồng."),
    ],
)
def test_amounts_of_any_size_can_be_read(before, after, told):
    said = compliance_cost.saved(result(before, after))
    assert said.startswith(told) and said.endswith("không có khoảng.")


def test_an_estimated_saving_has_its_interval():
    said = compliance_cost.saved(result(975e9, 325e9, 600e9, 700e9))
    assert "Khoảng tin cậy 95 % của tiết kiệm: 600 đến 700 tỷ đồng (phương pháp delta" in said
    assert "Thiếu đầu vào" in compliance_cost.saved(result(float("nan"), 1e9))
