"""The published record of APCI: complete, sourced, bounds as bounds, contradictions both shown."""

import numpy as np
import pytest

from analysis.catalogue import catalogue
from analysis.display.charts import survey_charts
from analysis.published import apci_figures
from analysis.topics import apci_published

NAMES = catalogue.load().procedure_groups["name_vi"].to_dict()


@pytest.fixture(scope="module")
def published():
    return apci_figures.apci_published()


def test_every_figure_has_its_source_certainty_and_known_words(published):
    assert len(published) == 106  # 101 as collected and 5 that stood in notes only
    assert published["source_url"].str.startswith("http").all()
    assert published["certainty"].isin(["third_party", "derived"]).all()
    assert set(published["bound"]) <= {*apci_figures.BOUND, *apci_published.BOUNDED}
    assert set(published["procedure_group"]) - {"all"} <= set(NAMES)
    words = {**apci_figures.MEASURE, **apci_published.PUBLISHED_MEASURE}
    assert set(published["measure"]) <= set(words)


@pytest.mark.parametrize(
    ("edition", "group", "measure", "value"),
    [
        ("2018", "tax", "cost_mean_per_procedure", 73750),
        ("2018", "construction", "cost_mean_per_procedure", 64_100_000),
        ("2020", "environment", "cost_mean_per_procedure", 63_300_000),
        ("2022", "starting_business", "direct_cost_mean_per_procedure", 476_200),
        ("2022", "land", "score", 71.4),
        ("2021", "land", "score", 72.6),
    ],
)
def test_figures_as_printed(published, edition, group, measure, value):
    row = published[
        (published["edition"] == edition)
        & (published["procedure_group"] == group)
        & (published["measure"] == measure)
    ]
    assert row["obs_value"].tolist() == [value]


def test_a_lower_bound_is_never_a_value(published):
    series = apci_figures.apci_series(published, "cost_mean_per_procedure")
    more = series[series["bound"] == "lower_bound"]
    assert len(more) == 5
    assert more["estimate"].isna().all() and np.isinf(more["high"]).all()
    assert series.loc[series["bound"] != "lower_bound", "estimate"].notna().all()


def test_contradicting_figures_both_stand(published):
    apart = apci_figures.apci_conflicts(published)
    hours = apart[apart["conflict"] == "construction_hours_2018"]
    assert sorted(hours["obs_value"]) == [103.9, 108.9, 110]
    assert (apart.groupby("conflict").size() >= 2).all()


def test_customs_and_cross_border_trade_are_two_series(published):
    series = apci_figures.apci_series(published, "cost_mean_per_procedure")
    editions = series.groupby("procedure_group")["edition"].agg(set)
    assert editions["customs"] == {"2018"}
    assert "2018" not in editions["cross_border_trade"]


def test_2018_is_cut_off_from_later_editions(published):
    series = apci_figures.apci_series(published, "cost_mean_per_procedure")
    assert set(series.loc[series["edition"] == "2018", "segment"]) == {0}
    assert set(series.loc[series["edition"] > "2018", "segment"]) == {1}


@pytest.mark.parametrize(
    ("edition", "group", "rate"),
    [
        ("2018", "construction", 19743),
        ("2020", "tax", 67211),
        ("2022", "starting_business", 72900),
        ("2022", "land", 74534),
    ],
)
def test_implied_hourly_rates_are_the_printed_arithmetic(published, edition, group, rate):
    rates = apci_figures.implied_hourly_rates(published).set_index(["edition", "procedure_group"])
    assert rates.loc[(edition, group), "hourly_rate"] == pytest.approx(rate, rel=2e-4)


def test_the_picture_says_more_than_and_joins_nothing_across_the_break(published):
    series = apci_figures.apci_series(published, "cost_mean_per_procedure")
    series = series[series["procedure_group"] != "all"]
    html = survey_charts.editions(
        series, names=NAMES, title="Chi phí", unit="triệu đồng", source="Nguồn.", scale=1e6
    ).html
    assert "2020: hơn 9,10" in html and "2018: 64,1" in html
    assert "không nối thành xu hướng" in html
    assert html.split('aria-label="')[1].startswith("Kỳ 2022: cao nhất ")


def test_the_standard_cost_cases_are_ready_for_the_model():
    cases = apci_figures.standard_cost_cases()
    assert {"procedure", "task", "hours", "source_url", "certainty"} <= set(cases)
    assert cases["case"].is_unique
