"""The explorers over a real period: moved in Python, they show what the functions of pages say."""

import pytest

from analysis.period import load
from analysis.site import interactive
from analysis.survey import what_if
from analysis.survey.what_if import Quantity


@pytest.fixture(scope="module")
def period():
    return load("2024")


def listed(held) -> set[str]:
    """Whose values the table beneath the drawing has."""
    return {row["name"] for row in held.shown.resources[-1]["data"]}


def test_an_indicator_over_periods_of_units_that_are_named(period):
    held = interactive.indicator(period, units=["22", "Hà Nội"])
    assert listed(held) == {"Tỉnh Quảng Ninh", "Thành phố Hà Nội"}
    held.controls["unit_2"].value = "da nang"
    assert listed(held) == {"Tỉnh Quảng Ninh", "Thành phố Đà Nẵng"}
    before = held.shown.data
    held.controls["indicator"].value = held.controls["indicator"].options[1][1]
    assert held.shown.data != before
    held.controls["unit_1"].value = "Atlantis"
    assert "Không tính được" in held.shown.data and "Atlantis" in held.shown.data
    held.controls["unit_1"].value = held.controls["unit_2"].value = " "
    assert "ít nhất một đơn vị" in held.shown.data


def test_weights_move_ranks_beside_their_interval(period):
    held = interactive.weights(period)
    assert "không đơn vị nào đổi hạng" in held.shown.data
    first = next(iter(held.controls.values()))
    was, first.value = first.value, 90
    assert "đơn vị đổi hạng" in held.shown.data and "ngoài khoảng" in held.shown.data
    for box in held.controls.values():
        box.value = 0
    assert "lớn hơn 0" in held.shown.data
    assert was > 0


def test_a_cost_keeps_its_interval_until_its_estimate_is_written_over():
    hours = Quantity(3.6258180132442464, 0.06, 300, 342)
    now = {"wage": 350_000, "hours_per_day": 8, "hours": hours, "agent_price": 0}
    now |= {"times_per_year": 12, "subjects": 325_000}
    held = interactive.cost(what_if.procedure("Khai thuế"), now, {"times_per_year": 4})
    assert "tiết kiệm" in held.shown.data and "Khoảng tin cậy" in held.shown.data
    held.controls["then_times_per_year"].value = 24
    assert "tốn thêm" in held.shown.data
    held.controls["now_hours"].value = 4
    assert "không có khoảng" in held.shown.data
    held.controls["now_subjects"].value = -1
    assert "Số lượng đối tượng" in held.shown.data and "Không tính được" in held.shown.data
