"""The illustrative year of a PAR-like rating: who is ranked, which doubts there are, its files."""

import numpy as np
import pandas as pd
import pytest
from tools.sample import rating

from analysis import project
from analysis.catalogue import plans, reader
from analysis.period import load
from analysis.scoring import composite

PERIOD = rating.PERIOD
APART = ["UBDT", "TTCP"]


@pytest.fixture(scope="module")
def loaded():
    return load(PERIOD)


@pytest.fixture(scope="module")
def figures(loaded):
    return rating.figures(loaded.catalogue, loaded.plan)


def whole(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["level"] == "framework"].set_index("reporting_unit")


# --- framework and period -----------------------------------------------------------------------


def test_points_are_those_that_the_framework_states(loaded):
    entries = loaded.framework()["indicators"]
    survey = [i["points"]["max"] for i in entries.values() if "standard_error" in i["formula"]]
    others = [i["points"]["max"] for i in entries.values() if "standard_error" not in i["formula"]]
    assert survey == [4.5] * 7 and sum(survey) == 31.5
    assert others == [11, 10, 10, 10, 9.5, 9, 9] and sum(others) == 68.5
    items = loaded.catalogue.forms["par_like"]["items"]
    for indicator in entries.values():
        assert items[indicator["formula"]["value"]]["maximum"] == indicator["points"]["max"]


def test_it_says_that_it_is_not_the_par_index(loaded):
    framework, plan = loaded.framework(), loaded.plan
    assert "không phải" in framework["title"]["vi"] and "not the PAR" in framework["title"]["en"]
    assert framework["certainty"] == "unverified"
    assert {i["certainty"] for i in framework["indicators"].values()} == {"unverified"}
    assert plan.synthetic and "minh họa" in plan.title["vi"]
    assert "không phải PAR Index" in plan.status_note["vi"]
    readme = (project.Place().submissions(PERIOD) / "README.md").read_text("utf-8")
    assert "SYNTHETIC" in readme and "DỮ LIỆU MINH HỌA" in readme


def test_due_are_ministries_and_ministerial_level_agencies_but_three(loaded):
    units = loaded.catalogue.units_on(loaded.plan.end)
    of_type = units.loc[units["type"].isin(["ministry", "ministerial_level"]), "code"]
    assert set(of_type) - set(loaded.due["code"]) == {"BQP", "BCA", "VPCP"}
    assert len(loaded.due) == 19
    assert "Bộ Quốc phòng, Bộ Công an và Văn phòng Chính phủ" in loaded.plan.coverage_note["vi"]


def test_its_regime_is_not_that_of_another_year_beside_it(loaded):
    """2022 holds published scores of provinces: nothing may be carried from one to the other."""
    assert str(loaded.plan.start) == "2021-01-01" and str(loaded.plan.end) == "2021-12-31"
    assert plans.plan("2022", loaded.catalogue).regime != loaded.plan.regime


# --- scores and ranks ---------------------------------------------------------------------------


def test_units_that_are_not_ranked_have_a_score_and_no_rank_and_do_not_count(loaded):
    scores = whole(loaded.tables.scores)
    assert scores.loc[APART, "score"].notna().all()
    assert scores.loc[APART, ["rank", "ranked"]].isna().all(axis=None)
    others = scores.drop(APART)
    known = others["score"].notna()
    assert known.sum() == 16 and (others.loc[known, "ranked"] == 16).all()
    expected = others["score"].rank(method="min", ascending=False)
    pd.testing.assert_series_equal(others["rank"], expected, check_names=False)
    assert set(scores["peer_type"]) == {"all"}, "ministries and agencies in one ranking"


def test_ranks_are_the_same_whether_the_unranked_are_rated_or_not(loaded):
    framework = loaded.framework()
    values = loaded.tables.indicator_values[["framework", "reporting_unit", "time_period",
        "indicator", "obs_value", "obs_status", "standard_error"]]  # fmt: skip
    without = values[~values["reporting_unit"].isin(APART)]
    ranks = [whole(composite.build(v, framework).scores)["rank"] for v in (values, without)]
    assert ranks[0].drop(APART).to_dict() == pytest.approx(ranks[1].to_dict(), nan_ok=True)


def test_the_gap_is_shown_and_leaves_no_total(loaded, figures):
    unit, lost = figures.loc[figures["value"].isna(), ["reporting_unit", "indicator"]].iloc[0]
    scores = loaded.tables.scores
    own = scores[scores["reporting_unit"] == unit].set_index("code")
    assert unit not in APART and own.loc[lost, "obs_status"] == "O"
    assert np.isnan(own.loc["par_like", "score"]) and np.isnan(own.loc["par_like", "rank"])
    assert own.loc["par_like", "coverage"] == pytest.approx(0.955)
    issues = loaded.tables.issues
    assert issues["rule"].tolist() == ["blank", "blank"] and set(issues["reporting_unit"]) == {unit}


def test_doubt_of_method_of_sampling_and_of_both_stand_apart(loaded):
    table = whole(loaded.tables.rank_intervals)
    assert set(table["source"]) == {"method", "sampling", "both"}
    assert set(loaded.tables.rank_pairs["source"]) == {"method", "sampling", "both"}
    assert "sampling_error" in set(loaded.tables.rank_factors["factor"])
    ranked = table[table["rank_low"].notna()]
    assert (ranked.groupby("source").size() == 16).all()
    assert not set(APART) & set(ranked.index)
    assert (ranked["failed"] == 0).all() and (ranked["replicates"] == 1000).all()
    width = (ranked["rank_high"] - ranked["rank_low"]).groupby(ranked["source"]).sum()
    assert 0 < width["sampling"] and 0 < width["method"] < width["both"]


def test_the_interval_of_sampling_is_that_of_the_stated_errors(loaded):
    """Points are added, so errors add as squares: a 90 % interval is 2 × 1.645 × its root."""
    values = loaded.tables.indicator_values
    error = np.sqrt((values["standard_error"] ** 2).groupby(values["reporting_unit"]).sum())
    table = whole(loaded.tables.rank_intervals).query("source == 'sampling'")
    # scores of replicates are in percent of the scale, and the whole has 100 points
    width = (table["score_high"] - table["score_low"]).dropna()
    assert len(width) == 18
    np.testing.assert_allclose(width, 2 * 1.645 * error[width.index], rtol=0.12)


# --- the generator ------------------------------------------------------------------------------


def test_the_committed_file_is_what_the_generator_builds(loaded):
    folder = project.Place().submissions(PERIOD)
    ((name, content, day),) = rating.submissions(loaded.catalogue, project.PROJECT)
    assert (folder / name).read_bytes() == content and content.count(b"\n") == 1 + 19 * 21
    assert (folder / "received.csv").read_text("utf-8") == f"file,received_at\n{name},{day}\n"
    assert (folder / "README.md").read_bytes() == rating.readme()


def test_without_its_plan_nothing_is_made_up(tmp_path, loaded):
    with pytest.raises(reader.CatalogueError, match="period 2021 is unknown"):
        rating.submissions(loaded.catalogue, tmp_path)


def test_figures_are_within_what_the_model_says(loaded, figures):
    entries = loaded.framework()["indicators"]
    top = figures["indicator"].map(lambda c: entries[c]["points"]["max"])
    kind = figures["item"].str.extract("_(appraised|survey|error)$")[0]
    share = figures["value"] / top
    assert share[kind == "appraised"].between(0.6, 0.97).all()
    assert figures.loc[kind == "error", "value"].dropna().between(0.05, 0.25).all()
    assert share[kind == "survey"].dropna().between(0.4, 1).all()
    assert kind.value_counts().to_dict() == {"appraised": 133, "survey": 133, "error": 133}
    gaps = figures[figures["value"].isna()]
    assert len(gaps) == 2 and gaps["indicator"].nunique() == 1, "an answer and its error"
    pd.testing.assert_series_equal(figures["value"], figures["value"].round(2))


def test_every_figure_is_read_as_it_was_made(loaded, figures):
    made = figures.set_index(["reporting_unit", "item"])["value"].sort_index()
    read = loaded.tables.observations.set_index(["reporting_unit", "item"])["obs_value"]
    pd.testing.assert_series_equal(made, read.sort_index(), check_names=False)
    assert loaded.tables.balance["unaccounted"].tolist() == [0]
