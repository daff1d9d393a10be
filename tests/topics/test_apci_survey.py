"""What a page of an edition shows, and that nothing suppressed is drawn or told."""

import numpy as np
import pandas as pd

from analysis.display.charts import quadrant_chart, survey_charts
from analysis.language import languages
from analysis.topics import apci_quadrants, apci_survey

NAMES = {"tax": "Thuế", "land": "Đất đai", "environment": "Môi trường"}


def estimates(**change) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "procedure_group": ["tax", "land", "environment"],
            "domain": "_T",
            "category": "_T",
            "measure": "hours",
            "statistic": "mean",
            "respondents": [300, 80, 3],
            "estimate": [3.0, 30.0, np.nan],
            "standard_error": [0.1, 2.0, np.nan],
            "ci_low": [2.8, 26.0, np.nan],
            "ci_high": [3.2, 34.0, np.nan],
            "obs_status": ["A", "A", "Q"],
            "hidden": ["", "", "primary"],
        }
    )
    return table.assign(**change)


def test_groups_come_largest_first_and_suppressed_ones_stay_in_the_table():
    table = apci_survey.by_group(estimates(), "hours", NAMES)
    assert table["name"].tolist() == ["Đất đai", "Thuế", "Môi trường"]
    texts = apci_survey.with_text(table)
    assert texts["text"].tolist() == ["30,0 (26,0–34,0)", "3,00 (2,80–3,20)", "che"]
    assert texts["n"].tolist() == ["80", "300", "quá ít"]


def test_a_suppressed_group_is_named_and_not_drawn():
    html = survey_charts.intervals(
        apci_survey.by_group(estimates(), "hours", NAMES),
        title="Giờ",
        unit="giờ",
        source="Minh họa.",
    ).html
    drawn, source = html.split("<p class='source'>")
    assert "Môi trường" not in drawn and "Che số liệu vì quá ít phiếu: Môi trường." in source
    assert "<title>Đất đai\n30,0 (26,0 đến 34,0)</title>" in drawn
    assert "Môi trường" not in source.partition("<details")[2], "nor among the data"


def test_neighbours_are_ranked_by_their_tested_difference():
    table = apci_survey.by_group(estimates(), "hours", NAMES)
    pair = {"procedure_group": "tax", "other": "land", "measure": "hours", "statistic": "mean"}
    sure = pd.DataFrame([pair | {"clear": True}])
    assert apci_survey.told_apart(table, sure).startswith("Mọi nhóm liền kề")
    assert "Đất đai và Thuế" in apci_survey.told_apart(table, sure.assign(clear=False))
    other = sure.assign(statistic="median")
    assert apci_survey.told_apart(table, other).startswith("Chưa có hai nhóm nào")


def test_an_estimate_whose_error_cannot_be_known_says_why():
    row = {"obs_status": "A", "estimate": 3.0, "ci_low": np.nan, "ci_high": np.nan}
    none = pd.Series(row | {"reason": "no_degrees_of_freedom"})
    assert apci_survey.interval(none) == "3,00 (mỗi tầng một phiếu, không tính được khoảng)"
    assert apci_survey.interval(pd.Series(row | {"reason": ""})) == "3,00 (khoảng bỏ ngỏ)"


def test_noise_is_told_as_noise():
    table = pd.DataFrame(
        {
            "procedure_group": ["tax", "land"],
            "measure": "hours",
            "earlier": [4.0, 30.0],
            "later": [3.0, 31.0],
            "estimate": [-1.0, 1.0],
            "clear": [True, False],
            "shared": [np.nan, np.nan],
        }
    )
    said = apci_survey.changes(table, "hours", NAMES, "2020")
    assert "giảm rõ ở Thuế" in said and "không nhóm nào tăng rõ" in said
    assert "1 nhóm thay đổi trong phạm vi sai số mẫu" in said
    assert said.endswith("nên hai mẫu được coi là độc lập.")
    known = apci_survey.changes(table.assign(shared=[12, 40]), "hours", NAMES, "2020")
    assert "trả lời cả hai kỳ (nhiều nhất 40 ở một nhóm)" in known
    nothing = table.assign(earlier=[0.0, 30.0], ci_low=-2.0, ci_high=2.0)
    assert "không có phần trăm: Thuế." in apci_survey.changes(nothing, "hours", NAMES, "2020")
    assert apci_survey.change(nothing, "hours", NAMES)["estimate"].isna().tolist() == [True, False]


def test_changes_tell_one_group_from_several_in_english():
    table = pd.DataFrame(
        {
            "procedure_group": ["tax", "land", "environment"],
            "measure": "hours",
            "earlier": [4.0, 30.0, 9.0],
            "later": [3.0, 31.0, 9.0],
            "estimate": [-1.0, 1.0, 0.0],
            "clear": [True, False, True],
            "shared": [np.nan] * 3,
        }
    )
    names = {"tax": "Tax", "land": "Land", "environment": "Environment"}
    with languages.using("en"):
        one = apci_survey.changes(table, "hours", names, "2020")
        two = apci_survey.changes(table.assign(clear=False), "hours", names, "2020")
    assert one.startswith("Compared with the 2020 edition: clear fall in Tax; ")
    assert "1 group changed within" in one and "3 groups changed within" in two


def test_without_an_earlier_edition_nothing_is_compared_or_drawn():
    empty = pd.DataFrame(columns=["procedure_group", "measure", "earlier", "later", "clear"])
    assert apci_survey.changes(empty, "hours", NAMES, "trước") == "Chưa có kỳ trước để so sánh."
    gone = estimates(estimate=np.nan, obs_status="Q").assign(name="Thuế")
    html = survey_charts.intervals(gone, title="Giờ", unit="giờ", source="").html
    assert "<svg" not in html and "Che số liệu vì quá ít phiếu" in html


def provinces(hours, direct, people=60, width=0.05):
    rows = []
    for measure, value in (("hours", hours), ("direct_cost", direct)):
        rows.append(
            {
                "domain": "province",
                "category": "01",
                "measure": measure,
                "estimate": value,
                "ci_low": value - width,
                "ci_high": value + width,
                "respondents": people,
                "obs_status": "A" if pd.notna(value) else "Q",
            }
        )
    return apci_quadrants.quadrants(pd.DataFrame(rows), {"01": "Thành phố Hà Nội"}).iloc[0]


def test_quadrants_say_what_is_beyond_chance():
    fast = provinces(0.7, 0.8)
    assert fast["quadrant"] == "Hiệu quả: nhanh, rẻ" and fast["clear"]
    assert not provinces(0.7, 0.97)["clear"]
    few = provinces(0.7, 0.8, people=10)
    assert few["small"] and not few["clear"]
    gone = provinces(np.nan, np.nan, people=3)
    assert gone["suppressed"] and gone["quadrant"] == "…"


def test_a_province_that_cannot_be_compared_says_why():
    free = pd.DataFrame([provinces(0.7, 1.0)]).assign(
        direct_cost=np.nan, direct_cost_free=True, quadrant="…", clear=False
    )
    row = apci_quadrants.ratios(free).iloc[0]
    assert row["hours_text"] == "0,70 (0,65–0,75)"
    assert (row["direct_text"], row["firm"]) == ("mức cả nước bằng 0", "…")
    alone = pd.DataFrame([provinces(0.7, 0.8, width=np.nan)])
    assert apci_quadrants.ratios(alone)["hours_text"].tolist() == ["0,70 (không tính được khoảng)"]


def test_the_quadrant_picture_names_only_what_is_clear():
    rows = pd.DataFrame([provinces(0.7, 0.8), provinces(1.3, 1.02)])
    html = quadrant_chart.quadrants(rows, title="Ma trận", source="Minh họa.").html
    assert html.count(">Hà Nội</text>") == 2, "once in each drawing"


def test_parts_of_a_whole_add_up_to_100():
    table = pd.DataFrame({"name": ["Thuế"], "a": [1.0], "b": [3.0]})
    shares = apci_survey.as_shares(table, ["a", "b"])
    assert shares[["a", "b"]].to_numpy().tolist() == [[25, 75]]
    html = survey_charts.stacked(
        shares, {"a": "Giờ", "b": "Tiền"}, title="Phần", unit="%", source="S."
    ).html
    assert "<strong>Phần lớn nhất: Tiền, 75</strong>" in html
    assert "<td>Thuế</td><td class='num'>25</td><td class='num'>75</td>" in html


def test_names_in_pictures_are_escaped():
    table = estimates().assign(name="<script>alert(1)</script>")
    html = survey_charts.intervals(table, title="<b>", unit="giờ", source="<i>").html
    assert "<script>" not in html and "<b>" not in html and "<i>" not in html
