"""Provinces by a model: every figure is called one, none is ranked, what is refused is told."""

import numpy as np
import pandas as pd

from analysis.display.charts import model_charts
from analysis.topics import apci_provinces

NAMES = {"01": "Thành phố Hà Nội", "35": "Hà Nam", "37": "Ninh Bình"}


def table(**changes):
    rows = pd.DataFrame(
        {
            "measure": "hours",
            "category": ["37", "35", "01"],
            "respondents": [0, 3, 458],
            "kind": ["synthetic", "synthetic", "model"],
            "direct": [np.nan, np.nan, 0.8],
            "direct_low": [np.nan, np.nan, 0.74],
            "direct_high": [np.nan, np.nan, 0.87],
            "shrinkage": [0.0, 0.0, 0.81],
            "estimate": [1.3, 0.93, 0.82],
            "ci_low": [1.1, 0.65, 0.7],
            "ci_high": [1.5, 1.21, 0.95],
            "residual": [np.nan, np.nan, -1.1],
            "residual_quantile": [np.nan, np.nan, 0.0],
            "reason": ["no_answer", "hidden", ""],
        }
    )
    return rows.assign(**changes)


def fit(**changes):
    rows = pd.DataFrame(
        [
            ("intercept", 0.96, 0.9, 1.0, 0.001, "", ""),
            ("g", 0.02, -0.1, 0.1, 0.6, "", ""),
            ("variance", 0.02, 0.01, 0.04, 0.001, "", ""),
            ("goodness", 14.0, np.nan, np.nan, 0.99, "", ""),
            ("normality", 0.9, np.nan, np.nan, 0.2, "", ""),
            ("areas", 61, np.nan, np.nan, np.nan, "", ""),
        ],
        columns=["figure", "estimate", "ci_low", "ci_high", "p_value", "reason", "detail"],
    ).set_index("figure")
    for figure, (column, value) in changes.items():
        rows.loc[figure, column] = value
    return rows.reset_index().assign(measure="hours")


def test_each_figure_of_a_model_is_called_one_and_provinces_stand_by_name():
    rows = apci_provinces.of_measure(table(), "hours", NAMES)
    assert rows["name"].tolist() == ["Hà Nam", "Ninh Bình", "Thành phố Hà Nội"]
    assert rows["model_text"].tolist() == [
        "mô hình, không có phiếu riêng: 0,93 (0,65–1,21)",
        "mô hình, không có phiếu riêng: 1,30 (1,10–1,50)",
        "mô hình: 0,82 (0,70–0,95)",
    ]
    assert rows["direct_text"].tolist() == ["che", "…", "0,80 (0,74–0,87)"]
    assert rows["n"].tolist() == ["che", "0", "458"]
    none = apci_provinces.of_measure(table(kind="none"), "hours", NAMES)
    assert set(none["model_text"]) == {"…"}
    alone = apci_provinces.of_measure(table(direct_low=np.nan), "hours", NAMES)
    assert alone["direct_text"].tolist()[2] == "0,80 (không tính được khoảng)"


def test_what_differs_from_the_nation_and_what_cannot_be_said():
    assert "1 nơi thấp hơn, 1 nơi cao hơn cả nước, 1 nơi chưa" in apci_provinces.glance(table())
    # 0.70–0.95 and 1.10–1.50 leave a gap; 0.65–1.21 meets both
    assert "chỉ 1 trong 3 cặp" in apci_provinces.cannot_say(table(), "hours")
    gone = table(estimate=np.nan)
    assert apci_provinces.cannot_say(gone, "hours") == ""
    assert apci_provinces.glance(gone) == "Không có số theo mô hình cho tỉnh, thành phố nào."


def test_what_is_to_be_known_of_the_model():
    told = apci_provinces.about(fit(), "hours")
    assert "0,0200 (0,0100–0,0400)" in told and "không biến giải thích nào" in told
    assert "không biến" not in apci_provinces.about(fit(g=("p_value", 0.01)), "hours")
    assert "không khớp" in apci_provinces.about(fit(goodness=("p_value", 0.01)), "hours")
    assert "dạng chuẩn" in apci_provinces.about(fit(normality=("p_value", 0.01)), "hours")
    assert "bằng 0" in apci_provinces.about(fit(variance=("reason", "no_variance")), "hours")
    refused = pd.DataFrame(
        {
            "measure": ["hours"], "figure": "refused", "reason": "too_few_areas",
            "detail": "7 < 20", "p_value": np.nan,
        }
    )  # fmt: skip
    assert "quá ít tỉnh, thành phố có số trực tiếp (7 < 20)" in apci_provinces.about(
        refused, "hours"
    )
    assert apci_provinces.about(fit(), "direct_cost") == ""
    asked = {"small_areas": {"covariates": {"variables": {"g": {"name": {"vi": "G", "en": "G"}}}}}}
    shown = apci_provinces.figures(fit(), "hours", asked).set_index("name")
    assert shown.loc["G", "value"] == "0,020 (-0,100–0,100)".replace("-", "−")
    assert shown.loc["Số tỉnh, thành phố trong mô hình", "value"] == "61"


def test_provinces_without_answers_are_named():
    rows = apci_provinces.of_measure(table(), "hours", NAMES)
    assert apci_provinces.missing(rows).endswith("cho biết: Hà Nam, Ninh Bình.")


def test_the_picture_names_who_is_furthest_from_the_line():
    points = pd.DataFrame({"name": ["A", "<b>B"], "x": [1.0, 1.0], "y": [1.1, 2.0]})
    drawn = model_charts.beside(points, title="T", source="S.")
    assert drawn.finding == "Xa đường bằng nhau nhất: <b>B, 1,00 và 2,00"
    assert "<b>B" not in drawn.html and drawn.data["Tên"].tolist() == ["A", "<b>B"]
    nothing = model_charts.normality(points.iloc[:0], title="T", source="S.")
    assert nothing.figure is None
