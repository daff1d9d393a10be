"""The one-stop rating: cases that a person can check, and the form as it is read."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest
import yaml

from analysis.catalogue import catalogue as cat
from analysis.catalogue import frameworks
from analysis.indicators import indicators
from analysis.reading import workbook
from analysis.reading.layouts import locate
from analysis.scoring import composite, score

CASES = yaml.safe_load((Path(__file__).parents[1] / "examples/one_stop.yml").read_text("utf-8"))
DAY = date(2022, 9, 30)


@pytest.fixture(scope="module")
def framework():
    return frameworks.on_day(cat.load().frameworks["one_stop"], DAY)


def built(framework: dict, points: list) -> pd.Series:
    """The whole of one unit with these points, read as items of the form."""
    items = [i["formula"]["value"] for i in framework["indicators"].values()]
    totals = pd.DataFrame(
        {"reporting_unit": "u", "time_period": "2022-Q3", "item": items, "obs_value": points}
    ).astype({"obs_value": float})
    totals["obs_status"] = totals["obs_value"].map(lambda v: "O" if pd.isna(v) else "A")
    values = indicators.compute(totals, framework, ["u"])
    scores = composite.build(values, framework, {"u": "department"}).scores
    return scores[scores["level"] == "framework"].iloc[0]


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["case"])
def test_worked_examples(framework, case):
    whole, expected = built(framework, case["points"]), case["expected"]
    band = score.band(whole["score"], framework)
    assert whole["coverage"] == pytest.approx(expected["coverage"] / 18)
    assert (band or {"vi": None})["vi"] == expected["band"]
    if expected["total"] is None:
        assert pd.isna(whole["score"])
    else:
        assert whole["score"] == pytest.approx(expected["total"], abs=1e-9)
        assert whole["max_score"] == 18


def test_every_bound_of_a_band_has_its_case(framework):
    totals = {case["expected"]["total"] for case in CASES}
    assert {band["from"] for band in framework["bands"]} <= totals


def test_what_is_not_verified_says_so(framework):
    assert framework["certainty"] == "third_party"
    assert "from_memory: that exactly 15" in framework["bands_certainty"]
    assert "from memory" in framework["indicators"]["handling_time_points"]["note"]["en"]


def test_the_form_is_read_row_by_row(tmp_path):
    form = cat.load().forms["one_stop"]
    path = tmp_path / "q3.csv"
    rows = [f'Sở Nội vụ,{n},chỉ số {n},2,"1,5"' for n in range(1, 10)]
    head = "don_vi,chi_so,ten_chi_so,diem_chuan,diem_tham_dinh"
    path.write_text("\n".join([head, *rows, "Sở Nội vụ,10,lạ,2,2"]), "utf-8")
    cells = locate.locate(workbook.read(path, cat.load().parameters["limits"]), {"f": form}, {})
    values = cells[cells["role"] == "value"]
    assert values["item"].tolist() == list(form["items"])
    assert set(values["unit_text"]) == {"Sở Nội vụ"} and form["numbers"] == "vietnamese"
    assert cells.loc[cells["rule"] == "item_unknown", "found"].tolist() == ["10"]
    assert not (cells["rule"] == "outside_form").any()
