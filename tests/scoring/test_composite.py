"""The steps together: known answers of published indices, properties, bad input."""

import numpy as np
import pandas as pd
import pytest
from composites import framework, matrices, values
from few import FEW
from hypothesis import given
from hypothesis import strategies as st

from analysis import project
from analysis.catalogue import frameworks, reader
from analysis.scoring import composite, score, uncertainty

PUBLISHED = project.PROJECT / "tests" / "published"


def whole(built):
    rows = built.scores[built.scores["level"] == "framework"]
    return rows.set_index("reporting_unit")


def from_files(code, table):
    made = frameworks.load(PUBLISHED / code / f"{code}.yml")
    return composite.build(table.assign(framework=code, time_period="1", obs_status="A"), made)


def test_the_technology_achievement_index():
    """The ranks that the handbook prints for equal weights, the scores that UNDP printed."""
    built = from_files("tai", pd.read_csv(PUBLISHED / "tai" / "values.csv"))
    printed = pd.read_csv(PUBLISHED / "tai" / "published.csv").set_index("reporting_unit")
    found = whole(built).reindex(printed.index)
    assert found["rank"].tolist() == printed["rank_equal"].tolist()
    held = printed["score"].notna()
    assert held.sum() == 22
    assert (found["score"] - printed["score"])[held].abs().max() < 0.0055


def test_the_human_development_index():
    data = pd.read_csv(PUBLISHED / "hdi" / "values.csv").set_index("reporting_unit")
    table = data.drop(columns="hdi").melt(
        ignore_index=False, var_name="indicator", value_name="obs_value"
    )
    found = whole(from_files("hdi", table.reset_index()))["score"]
    # inputs are rounded to a tenth of a year: a thousandth of the index
    assert (found - data["hdi"]).abs().max() <= 0.001


def test_a_publisher_may_rank_the_scores_that_are_printed():
    """As the Human Development Report does: countries that are printed with 0.962 share a rank."""
    printed = np.repeat(np.arange(500, 900) / 1000, 3)
    exact = printed + np.random.default_rng(5).uniform(-4e-4, 4e-4, len(printed))
    table = pd.DataFrame({"reporting_unit": range(len(exact)), "score": exact})
    table = table.assign(level="framework", code="f")
    as_printed = score.rank(table, decimals=3).set_index("reporting_unit")["rank"]
    expected = pd.Series(printed).rank(ascending=False, method="min")
    assert as_printed.tolist() == expected.tolist()
    assert score.rank(table)["rank"].is_unique


def test_the_rounding_is_the_framework_s_to_say():
    made = framework(rank_decimals=0, normalise={"method": "goalposts"})
    for entry in made["indicators"].values():
        entry["goalposts"] = [0, 100]
    table = values([[50.1] * 4, [50.4] * 4, [60] * 4], made)
    assert whole(composite.build(table, made))["rank"].tolist() == [2, 2, 1]
    held = uncertainty.experiment(table, made)
    published = uncertainty.evaluate(held, np.zeros((1, len(held.factors)), int))
    assert uncertainty.ranks(held, published)[0].tolist() == [2, 2, 1]


def test_the_example_of_the_technical_note():
    note = pd.read_csv(PUBLISHED / "hdi" / "technical_note.csv").iloc[0]
    from analysis.scoring import aggregate

    parts = np.array([[note["health"], note["education"], note["income"]]])
    assert aggregate.mean(parts, np.ones(3), "geometric")[0] == pytest.approx(note["hdi"], abs=5e-4)


def test_every_step_leaves_its_mark():
    made = framework(
        impute="median", treat="winsorise", screen={"units": 0.5}, missing_children="none"
    )
    rng = np.random.default_rng(3)
    x = rng.uniform(10, 20, (12, 4))
    x[0, 0], x[1, 1], x[2] = 1e6, np.nan, np.nan
    built = composite.build(values(x, made), made)
    table = built.values.set_index(["reporting_unit", "indicator"])
    assert table.loc[("u0", "a1"), "treated"] == "winsorised_high"
    assert table.loc[("u0", "a1"), "obs_value"] == 1e6
    assert table.loc[("u1", "a2"), "obs_status"] == "I"
    assert (table.loc["u2", "screened"] == "unit").all()
    assert np.isnan(whole(built).loc["u2", "rank"])
    said = set(zip(built.notes["rule"], built.notes["reporting_unit"], strict=True))
    assert {("unit_screened", "u2"), ("unit_without_values", "u2")} <= said


def test_infinite_values_are_named_and_never_ranked():
    made = framework()
    x = np.array([[1.0, 2, 3, 4], [np.inf, 1, 1, 1], [4, 3, 2, 1], [2, 2, 2, 2]])
    built = composite.build(values(x, made), made)
    row = built.notes[built.notes["rule"] == "value_not_finite"].iloc[0]
    assert (row["reporting_unit"], row["indicator"]) == ("u1", "a1")
    assert np.isnan(whole(built).loc["u1", ["score", "rank"]].astype(float)).all()
    assert whole(built)["rank"].notna().sum() == 3


def test_an_indicator_without_data_is_named():
    made = framework()
    x = np.array([[1.0, np.nan, 3, 4], [4, np.nan, 2, 1]])
    built = composite.build(values(x, made), made)
    assert "a2" in set(
        built.notes.loc[built.notes["rule"] == "indicator_without_values", "indicator"]
    )
    assert whole(built)["rank"].isna().all()


def test_units_that_are_scored_but_not_ranked():
    made = framework(not_ranked=[{"units": ["u0"], "reason": {"vi": "x", "en": "x"}}])
    found = whole(composite.build(values([[9, 9, 9, 9], [2, 2, 2, 2], [1, 1, 1, 1]], made), made))
    assert found.loc["u0", "score"] == 100 and np.isnan(found.loc["u0", "rank"])
    assert found.loc[["u1", "u2"], "rank"].tolist() == [1, 2]
    assert found.loc["u1", "ranked"] == 2


def test_arguments_are_not_changed():
    made = framework(impute="mean", treat="winsorise_or_log")
    table = values(np.random.default_rng(0).uniform(1, 9, (9, 4)), made)
    before = table.copy(deep=True)
    composite.build(table, made)
    pd.testing.assert_frame_equal(table, before)


def ranks(x, made):
    return whole(composite.build(values(x, made), made))["rank"].tolist()


@FEW
@given(matrices(), st.integers(1, 50), st.integers(-100, 100), st.integers(0, 3))
def test_ranks_do_not_depend_on_the_unit_of_an_indicator(x, times, plus, i):
    made = framework(normalise={"method": "goalposts"})
    for c in made["indicators"].values():
        c["goalposts"] = [0, 10_000]
    code = list(made["indicators"])[i]
    other = framework(normalise={"method": "goalposts"}) | {
        "indicators": made["indicators"]
        | {code: made["indicators"][code] | {"goalposts": [plus, 10_000 * times + plus]}}
    }
    y = x.copy()
    y[:, i] = y[:, i] * times + plus
    assert ranks(x, made) == ranks(y, other)


@FEW
@given(matrices(), st.integers(0, 3), st.sampled_from(["arithmetic", "geometric", "harmonic"]))
def test_doing_better_in_one_indicator_never_lowers_the_score(x, i, mean):
    made = framework(aggregate=mean, normalise={"method": "goalposts"})
    for c in made["indicators"].values():
        c["goalposts"] = [0, 20_000]
    y = x.copy()
    y[0, i] += 500
    before, after = (whole(composite.build(values(v, made), made)) for v in (x, y))
    assert after.loc["u0", "score"] >= before.loc["u0", "score"] - 1e-9
    assert after.loc["u0", "rank"] <= before.loc["u0", "rank"]
    others = before.index.drop("u0")
    np.testing.assert_allclose(after.loc[others, "score"], before.loc[others, "score"])


@FEW
@given(matrices(), st.integers(0, 1000))
def test_an_indicator_in_which_all_are_equal_changes_no_rank(x, same):
    flat = framework({"a": ["x", "y", "z", "w"]})
    wider = framework({"a": ["x", "y", "z", "w", "v"]})
    assert ranks(x, flat) == ranks(np.column_stack([x, np.full(len(x), float(same))]), wider)


@FEW
@given(matrices(units=(2, 8)))
def test_the_order_of_units_changes_nothing(x):
    made = framework()
    table = values(x, made)
    plain = whole(composite.build(table, made))["score"]
    turned = whole(composite.build(table.iloc[::-1], made))["score"]
    np.testing.assert_allclose(turned.reindex(plain.index), plain)


# --- what the catalogue refuses ------------------------------------------------------------------


def broken(tmp_path, old, new, code="hdi"):
    text = (PUBLISHED / code / f"{code}.yml").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / f"{code}.yml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    line = text[: text.index(old)].count("\n") + 1
    with pytest.raises(reader.CatalogueError) as error:
        frameworks.load(path)
    return str(error.value), line


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("goalposts: [20, 85]", "goalposts: [20, 20]", "life_expectancy: goalposts are equal"),
        ("goalposts: [20, 85]", "goalposts: [85, 20]", "run against the direction"),
        ("goalposts: [100, 75000]", "goalposts: [0, 75000]", "must be above 0"),
        ("    goalposts: [0, 18]\n", "", "expected_schooling: goalposts needs goalposts"),
        ("dimension: health", "dimension: wealth", "no dimension wealth"),
        ("aggregate: geometric", "aggregate: median", "median"),
        ("weight: equal", "weight: given", "no weight, and weights are given"),
        ("range: [0, 1]", "range: [1, 0]", "range: from the worst score to the best"),
        ("range: [0, 1]", "range: [1, 1]", "range: from the worst score to the best"),
        ("range: [0, 1]", "range: [-1, 1]", "scores may be below 0"),
        ("weight: equal", "weight: equal\ntreat: log", "not of their logarithm"),
        ("seed: 1990,", "seed: 1990, treat: [winsorise_or_log],", "not of their logarithm"),
    ],
)
def test_a_broken_framework_is_named_with_its_line(tmp_path, old, new, said):
    text, line = broken(tmp_path, old, new)
    assert said in text
    named = [int(row.split(":")[1]) for row in text.splitlines()]
    assert all(n > 1 for n in named) or "median" in said
    if "goalposts are equal" in said or "wealth" in said:
        assert line in named


def rewritten(tmp_path, *changes):
    text = (PUBLISHED / "hdi" / "hdi.yml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "hdi.yml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_tree_with_a_circle_is_named(tmp_path):
    path = rewritten(
        tmp_path,
        ("en: Long and healthy life}}", "en: Long and healthy life}, parent: income}"),
        ("en: Decent standard of living}}", "en: Decent standard of living}, parent: health}"),
    )
    with pytest.raises(reader.CatalogueError, match=r"hdi.yml:\d+: .*part of itself: .*health"):
        frameworks.load(path)


def test_a_dimension_without_parts_is_named(tmp_path):
    path = rewritten(tmp_path, ("dimension: health", "dimension: income"))
    with pytest.raises(reader.CatalogueError, match=r"hdi.yml:\d+: health: nothing is part of it"):
        frameworks.load(path)


def test_weights_that_do_not_sum_are_named(tmp_path):
    path = rewritten(
        tmp_path,
        ("weight: equal", "weight: given"),
        ("  health: {name", "  health: {weight: 0.5, name"),
        ("  education: {name", "  education: {weight: 0.4, name"),
        ("  income: {name", "  income: {weight: 0.3, name"),
        ("    direction: 1\n", "    direction: 1\n    weight: 1\n"),
        ("[0, 18]\n", "[0, 18]\n    note: {vi: x, en: x}\n"),
    )
    text = path.read_text(encoding="utf-8")
    for code in ("expected_schooling", "mean_schooling"):
        at = text.index(f"  {code}:")
        text = text[:at] + text[at:].replace("weight: 1\n", "weight: 0.5\n", 1)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(reader.CatalogueError) as error:
        frameworks.load(path)
    assert "hdi: the weights of its parts sum to 1.2, not to 1 or 100" in str(error.value)


def test_dated_values_hold_from_their_day(tmp_path):
    from datetime import date

    path = tmp_path / "hdi.yml"
    text = (PUBLISHED / "hdi" / "hdi.yml").read_text(encoding="utf-8")
    dated = "goalposts: {2010-01-01: [20, 83.2], 2014-01-01: [20, 85]}"
    path.write_text(text.replace("goalposts: [20, 85]", dated), encoding="utf-8")
    made = frameworks.load(path)
    held = {y: frameworks.on_day(made, date(y, 6, 1))["indicators"] for y in (2012, 2020)}
    life = {y: own["life_expectancy"] for y, own in held.items()}
    assert [life[d]["goalposts"] for d in (2012, 2020)] == [[20, 83.2], [20, 85]]
    with pytest.raises(reader.CatalogueError, match="goalposts: nothing holds on 2009-06-01"):
        frameworks.on_day(made, date(2009, 6, 1))
    path.write_text(
        text.replace("goalposts: [20, 85]", dated.replace("85", "20")), encoding="utf-8"
    )
    with pytest.raises(reader.CatalogueError, match="goalposts are equal"):
        frameworks.load(path)


def test_what_is_screened_says_its_share_and_the_limit():
    made = framework({"a": ["x", "y", "z", "w"]}, missing_children={"at_least": 0.1})
    made["screen"] = {"indicators": 0.6, "units": 0.7, "indicators_not_zero": 0.4}
    gap = np.nan
    table = values(
        [[1, 0, gap, 1], [2, 0, gap, 2], [3, 0, 5, 3], [4, 1, 6, gap], [5, gap, 7, gap]], made
    )
    notes = composite.build(table, made).notes
    told = notes[notes["rule"].str.endswith("_screened")].set_index("rule")
    columns = ["reporting_unit", "indicator", "found", "expected"]
    # y: of its four values three are 0, and at most 60 % may be; of u4's kept cells one of three
    assert told.loc["indicator_zeros_screened", columns].tolist()[1:] == ["y", "75", "60"]
    assert "indicator_screened" not in told.index, "exactly 60 % of z and w are there"


def test_values_that_are_shown_only_stay_in_the_table():
    made = framework({"a": ["x", "y", "z"]})
    made["indicators"]["z"]["scored"] = False
    table = values([[1, 2, 30.0], [3, 1, 40.0]], made)
    built = composite.build(table, made).values
    assert built["obs_value"].sort_values().tolist() == [1, 1, 2, 3, 30, 40]
    assert built.index.tolist() == list(range(6))
    assert built.loc[built["indicator"] == "z", "normalised"].isna().all()


def test_an_indicator_of_one_value_is_not_called_constant():
    made = framework({"a": ["x", "y"]}, missing_children={"at_least": 0.5})
    built = composite.build(values([[1, 7], [2, np.nan], [3, np.nan]], made), made)
    assert "indicator_constant" not in set(built.notes["rule"])
    built = composite.build(values([[1, 7], [2, 7], [3, np.nan]], made), made)
    told = built.notes[built.notes["rule"] == "indicator_constant"]
    assert told["indicator"].tolist() == ["y"]


def test_shares_and_percents_are_as_stated_and_a_unit_of_parts_is_compared_with_none():
    made = framework({"a": ["x", "y"], "b": ["z"]}, weight="relative")
    for code, weight in {"x": 0.25, "y": 0.75, "z": 100}.items():
        made["indicators"][code]["weight"] = weight
    made["dimensions"]["a"]["weight"], made["dimensions"]["b"]["weight"] = 40, 60
    built = composite.build(values(np.arange(9.0).reshape(3, 3), made), made)
    assert "weights_rescaled" not in set(built.notes["rule"])
    peers = {"u0": "province", "u1": "ministry", "u2": "whole"}
    assert composite.compared(made, peers) == dict.fromkeys(peers, "all")
    assert composite.compared(made | {"wholes": ["u2", "u9"]}, peers) == {
        "u0": "all",
        "u1": "all",
        "u2": "whole",
    }
    assert composite.compared(made | {"rank_within": "type"}, peers) == peers


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ({"indicators": 0.6}, ("indicator_screened", None, "y", "40", "60")),
        ({"units": 0.7}, ("unit_screened", "u4", None, "50", "70")),
        ({"indicators_not_zero": 0.5}, ("indicator_zeros_screened", None, "z", "60", "50")),
        ({"units_not_zero": 0.5}, ("unit_zeros_screened", "u3", None, "67", "50")),
    ],
)
def test_each_way_to_be_screened_says_what_was_found_and_what_is_asked(rule, told):
    made = framework({"a": ["x", "y", "z", "w"]}, missing_children={"at_least": 0.1}, screen=rule)
    gap = np.nan
    table = values(
        [[1, 0, 3, 1], [2, gap, 3, 2], [3, 4, 0, 3], [0, gap, 0, 1], [5, gap, 0, gap]], made
    )
    notes = composite.build(table, made).notes
    notes = notes[notes["rule"].str.endswith("_screened")]
    columns = ["rule", "reporting_unit", "indicator", "found", "expected"]
    assert [tuple(row) for row in notes[columns].to_numpy()] == [told]


def test_a_single_value_that_is_known_is_noted_nowhere_and_none_is():
    made = framework({"a": ["x", "y"]}, missing_children={"at_least": 0.1})
    table = values([[1, 3], [2, np.nan], [np.nan, np.nan]], made)
    notes = composite.build(table, made).notes
    assert notes[["rule", "reporting_unit"]].to_numpy().tolist() == [["unit_without_values", "u2"]]
