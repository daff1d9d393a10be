"""Marks by the coefficient of variation, regressions of an edition, and what must stay hidden."""

import numpy as np
import pandas as pd
import pytest
from fieldwork_files import CODE, frame, submissions, workbook
from hypothesis import given
from hypothesis import strategies as st

from analysis import project
from analysis.catalogue import catalogue as cat
from analysis.catalogue import plans, reader
from analysis.survey import disclosure, edition_regressions, flow, measures, reliability, sampling

LIMITS = reliability.Limits(16.6, 33.3)


def test_marks_are_those_of_the_classes_of_statistics_canada():
    errors = [16.5, 16.54, 16.56, 33.3, 33.34, 33.36, np.nan]
    table = pd.DataFrame({"estimate": [100.0] * 7 + [0.0], "standard_error": [*errors, 1.0]})
    found = reliability.marks(table, LIMITS)
    assert found.tolist() == [
        "published", "published", "caution", "caution", "caution", "withheld", "caution", "caution",
    ]  # fmt: skip


@given(
    st.lists(st.tuples(st.floats(1e-3, 1e6), st.floats(0, 1e6)), max_size=8), st.floats(0.01, 99)
)
def test_marks_do_not_depend_on_the_unit(pairs, times):
    table = pd.DataFrame(pairs, columns=["estimate", "standard_error"])
    near = reliability.cv(table)
    clear = ~((near - 16.55).abs() < 1e-6) & ~((near - 33.35).abs() < 1e-6)
    other = reliability.marks(table * times, LIMITS)
    assert (other == reliability.marks(table, LIMITS))[clear].all()


def test_what_is_withheld_has_no_value_and_what_was_hidden_has_no_mark():
    table = pd.DataFrame(
        {"respondents": [50, 3, 50], "estimate": [10.0, 10, 10], "standard_error": [1.0, 9, 9]}
    )
    found = reliability.held_back(disclosure.suppress(table, 5), LIMITS)
    assert found["quality"].tolist() == ["published", "", "withheld"]
    assert found["obs_status"].tolist() == ["A", "Q", "Q"]
    assert found["estimate"].notna().tolist() == [True, False, False]
    assert found["hidden"].tolist() == ["", "primary", ""]


STATED = """
publication: coefficient_of_variation
quantiles: hf7
province_intervals: pooled
calibration: {method: linear, bounds: [0.2, 5]}
regressions:
  - {code: time, name: {vi: Thời gian, en: Time}, kind: linear, outcome: hours, transform: log,
     terms: [procedure_group, firm_size]}
  - {code: online, name: {vi: Trực tuyến, en: Online}, kind: logistic, outcome: filed_online,
     terms: [procedure_group]}
  - {code: informal, name: {vi: Chi ngoài, en: Informal}, kind: logistic, outcome: paid_informally,
     terms: [procedure_group]}
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    root = tmp_path_factory.mktemp("root")
    place, catalogue = project.Place(root), cat.load()
    drawn = frame(place.survey(CODE), 150, STATED)
    sent = submissions(drawn, np.random.default_rng(3))
    (place.survey(CODE) / "kobo.xlsx").write_bytes(workbook(sent))
    plan = plans.edition("apci", "2023", catalogue, root)
    return flow.build(plan, catalogue, place), catalogue, root


def test_an_edition_is_marked_wherever_the_same_figure_stands(made):
    tables, *_ = made
    estimates = tables.estimates
    assert {"published", "caution", "withheld"} <= set(estimates["quality"])
    shown = estimates[estimates["estimate"].notna() & estimates["quality"].ne("caution")]
    assert (100 * shown["standard_error"] / shown["estimate"].abs() < 16.6).all()
    gone = estimates[estimates["quality"] == "withheld"]
    assert gone["estimate"].isna().all() and gone["obs_status"].eq("Q").all()
    for table in (tables.sensitivity, tables.resampled):
        assert table.loc[table["quality"] == "withheld", "estimate"].isna().all()


def test_regressions_of_an_edition_say_what_they_are_or_why_they_are_not(made):
    own = made[0].regressions.set_index(["regression", "term", "category"]).sort_index()
    assert own.loc["time", "obs_status"].eq("A").all()
    assert own.loc["time", "reason"].tolist().count("reference") == 2
    assert own.loc["time"].loc["intercept", "degrees_of_freedom"].iloc[0] > 50
    # nobody said yes, or all who answered said no: there is nothing to explain
    informal = own.loc["informal"].iloc[0]
    assert (informal["obs_status"], informal["reason"]) == ("M", "one_answer")


def test_a_regression_on_a_category_of_few_is_hidden_as_a_whole(made):
    tables, catalogue, _ = made
    asked, table = catalogue.surveys["apci"], tables.answers.copy()
    few = table["response"].isin(table["response"].unique()[:3])
    table["firm_size"] = np.where(few, "large", "micro")
    rules = disclosure.Rules(5, 0.1, pd.DataFrame())
    sample = sampling.design(table, "design_weight", psu="response", lonely_psu="certainty")
    one = {"code": "a", "kind": "linear", "outcome": "hours", "terms": ["firm_size"]}
    found = edition_regressions.table(sample, [one], asked, tables.estimates, rules)
    assert found["obs_status"].eq("Q").all() and found["estimate"].isna().all()
    assert found["hidden"].tolist() == ["secondary", "primary", "secondary"]


def test_sums_that_would_tell_a_hidden_cell_hide_the_regression(made):
    """All groups but one are shown by size: the sum over all of them would tell the one."""
    tables, catalogue, _ = made
    asked, table = catalogue.surveys["apci"], tables.answers
    rules = disclosure.Rules(5, 0.1, pd.DataFrame())
    sample = sampling.design(table, "design_weight", psu="response", lonely_psu="certainty")
    cells = measures.estimate(sample, asked).assign(obs_status="A", hidden="")
    own = (cells["measure"] == "hours") & (cells["statistic"] == "mean")
    few = own & (cells["domain"] == "firm_size")
    at = cells[few].sort_values("respondents").index[0]
    cells = cells[own & (few | (cells["domain"] == "_T"))]
    cells.loc[at, ["obs_status", "respondents"]] = ["Q", 3]
    one = {"code": "a", "kind": "linear", "outcome": "hours", "terms": ["firm_size"]}
    rules = disclosure.Rules(int(tables.answers["response"].nunique()), 0.1, pd.DataFrame())
    found = edition_regressions.table(sample, [one], asked, cells, rules)
    assert found["obs_status"].eq("Q").all()


@pytest.mark.parametrize(
    ("stated", "told"),
    [
        ("regressions: [{code: a, name: {vi: a, en: a}, kind: linear, outcome: ours,"
         " terms: [region]}]",
         "regressions: no measure ours"),
        ("regressions: [{code: a, name: {vi: a, en: a}, kind: linear, outcome: filed_online,"
         " terms: [region]}]", "logistic is for measures that are shares"),
        ("regressions: [{code: a, name: {vi: a, en: a}, kind: linear, outcome: hours,"
         " terms: [industry]}]", "regressions: industry is none of procedure_group, key_region"),
        ("replicates: {file: w.csv, weight: w, columns: 'r*', type: BRR}\nvariance: jackknife",
         "variance: weights and errors come from replicates already"),
        ("quantiles: hf5", "hf5"),
    ],
)  # fmt: skip
def test_what_an_edition_asks_for_and_cannot_have_is_named(tmp_path, stated, told):
    frame(project.Place(tmp_path).survey(CODE), 150, stated + "\n")
    with pytest.raises(reader.CatalogueError, match=told):
        plans.edition("apci", "2023", cat.load(), tmp_path)
