"""How an edition's YAML says that it was drawn and is weighted, and what stops it."""

from datetime import date
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import project
from analysis.catalogue import plans
from analysis.survey import (
    calibration,
    estimation,
    jackknifing,
    replicate_files,
    sampling,
    weighting,
)

ASKED = {"stratum": ["size"], "psu": "response"}
DAY = date(2023, 1, 1)


@pytest.fixture
def edition(tmp_path):
    """12 firms drawn of two sizes (60 and 40 firms), all of which answered."""
    rng = np.random.default_rng(5)
    drawn = pd.DataFrame({"response": [f"{n}" for n in range(11, 23)]})
    drawn["size"] = ["s"] * 6 + ["l"] * 6
    drawn["industry"] = list("abab" * 3)
    drawn["employees"] = rng.integers(1, 40, 12)
    drawn["district"] = list("AABBCC" + "DDEEFF")
    drawn["firms"] = [10, 10, 8, 8, 12, 12] + [5, 5, 5, 5, 9, 9]
    strata = pd.DataFrame({"size": ["s", "l"], "population": [60, 40], "districts": [6, 5]})
    rows = [("industry", "a", 55), ("industry", "b", 45), ("employees", "_T", 2100)]
    totals = pd.DataFrame(rows, columns=["variable", "category", "total"])
    tables = {"selected": drawn, "strata": strata, "totals": totals}
    place = project.Place(tmp_path)

    def weighed(answered=None, **stated):
        folder = place.survey("x-2023")
        folder.mkdir(parents=True, exist_ok=True)
        for name, table in tables.items():
            plain = name == "totals" and "numbers" not in stated.get("calibration", {})
            table = table[table["category"] != "_T"] if plain else table
            table.to_csv(folder / f"{name}.csv", index=False, **weighed.saved)
        plan = plans.EditionPlan("x", "2023", {}, True, [DAY, DAY], DAY, **stated)
        codes = answered or drawn["response"].tolist()
        records = pd.DataFrame({"response": codes, "state": "accepted"})
        return weighting.weighted(plan, ASKED, place, records)

    weighed.tables, weighed.folder, weighed.saved = tables, place.survey("x-2023"), {}
    return weighed


@pytest.mark.parametrize("method", ["linear", "raking", "logit"])
def test_weights_meet_numbers_and_categories_at_once(edition, method):
    stated = {"method": method, "numbers": ["employees"], "bounds": [0.3, 3]}
    firms, _ = edition(calibration=stated)
    w = firms.design_weight
    assert w @ firms.table["employees"] == pytest.approx(2100, rel=1e-6)
    assert w[firms.table["industry"] == "a"].sum() == pytest.approx(55, rel=1e-6)
    assert w.sum() == pytest.approx(100, rel=1e-6)
    before = firms.calibrations[0].before
    assert (w / before > 0.3).all() and (w / before < 3).all()
    # what is known has no error
    assert estimation.total(firms, "employees")["standard_error"].iloc[0] < 1e-6


def test_lists_that_excel_saved_give_the_same_weights(edition):
    rows = edition.tables["totals"]
    edition.tables["totals"] = rows.assign(total=rows["total"] + [0.5, -0.5, 0])
    calibrated = {"method": "linear", "numbers": ["employees"], "bounds": [0.3, 3]}
    before, _ = edition(calibration=calibrated)
    edition.saved = {"sep": ";", "decimal": ",", "encoding": "utf-8-sig"}
    after, _ = edition(calibration=calibrated)
    assert ";55,5" in (edition.folder / "totals.csv").read_text("utf-8")
    assert (after.design_weight == before.design_weight).all()


def test_a_cell_that_says_na_is_a_value_that_is_missing(edition):
    edition.tables["strata"].loc[1, "size"] = "NA"
    with pytest.raises(ValueError, match="strata.csv:3: a value is missing"):
        edition()


def test_totals_that_no_weights_within_the_bounds_meet_are_named(edition):
    stated = {"method": "linear", "numbers": ["employees"], "bounds": [0.95, 1.05]}
    with pytest.raises(ValueError, match=r"between 0.95 and 1.05 .* meet the total of .* miss it"):
        edition(calibration=stated)
    edition.tables["totals"].loc[2, "total"] = 100 * 41  # more than the largest firm has, each
    with pytest.raises(ValueError, match="the total of employees"):
        edition(calibration=stated | {"method": "raking", "bounds": [0.01, 100]})


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda t: t["totals"].drop(index=2, inplace=True), "employees must stand once"),
        (lambda t: t["totals"].__setitem__("total", [55, 45, "many"]), "must be a number above 0"),
        (lambda t: t["selected"].__setitem__("employees", ["x"] * 12), "selected.csv:2: employees"),
    ],
)
def test_numbers_that_are_none_are_named_with_their_line(edition, change, told):
    change(edition.tables)
    with pytest.raises(ValueError, match=told):
        edition(calibration={"method": "linear", "numbers": ["employees"]})


def test_weights_are_trimmed_before_totals_are_met(edition):
    firms, _ = edition(calibration={"method": "raking", "trim": [7, 9]})
    assert firms.design_weight.sum() == pytest.approx(100)
    assert firms.calibrations[0].before.max() <= 9
    with pytest.raises(ValueError, match="cannot be trimmed"):
        edition(calibration={"method": "raking", "trim": [7, 8]})


def test_clusters_make_a_sample_of_two_stages(edition):
    """By hand: 6 of the small in 3 of 6 districts, 2 of 10 firms in the first."""
    clusters = {"column": "district", "within": "firms", "population": "districts"}
    firms, sample = edition(clusters=clusters)
    assert firms.calibrations[0].before[0] == pytest.approx(6 / 3 * 10 / 2)
    assert firms.sampled.tolist() == [3, 3] and sorted(firms.population) == [5, 6]
    assert firms.second.sampled.tolist() == [2] * 6
    assert sample["population"].tolist() == [60, 40] and sample["responded"].tolist() == [6, 6]
    found = estimation.mean(firms, "employees").iloc[0]
    assert found["respondents"] == 12 and found["degrees_of_freedom"] == 4
    edition.tables["strata"]["districts"] = [6, "?"]
    with pytest.raises(ValueError, match=r"strata.csv:3: districts must be a number"):
        edition(clusters=clusters)


def test_a_jackknife_meets_the_totals_in_each_replicate(edition):
    firms, _ = edition(variance="jackknife")
    own = firms.replicates.weights
    assert own.shape == (12, 12)
    np.testing.assert_allclose(own[firms.table["industry"] == "a"].sum(axis=0), 55, rtol=1e-6)


REPLICATES = {"file": "w.csv", "weight": "w", "columns": "r*", "type": "JK1"}


def given_weights(edition, **changes):
    drawn = edition.tables["selected"]
    full = np.full(12, 100 / 12)
    table = pd.DataFrame({"response": drawn["response"], "w": full})
    for n in range(12):
        table[f"r{n + 1}"] = np.where(np.arange(12) == n, 0.0, full * 12 / 11)
    for name, value in changes.items():
        table[name] = value
    edition.folder.mkdir(parents=True, exist_ok=True)
    table.to_csv(edition.folder / "w.csv", index=False)


def test_replicates_of_a_file_give_the_errors(edition):
    given_weights(edition)
    firms, sample = edition(replicates=REPLICATES)
    found = estimation.mean(firms, "employees").iloc[0]
    y = edition.tables["selected"]["employees"]
    assert found["standard_error"] == pytest.approx(y.std() / np.sqrt(12))
    assert found["degrees_of_freedom"] == 11
    assert sample["design_weight"].tolist() == pytest.approx([100 / 12] * 2)


@pytest.mark.parametrize(
    ("changes", "stated", "told"),
    [
        ({}, {"count": 80}, r"12 columns are called r\*, 80 are expected"),
        ({"r3": -1.0}, {}, r"w.csv:2: r3 is '-1.0'"),
        ({"w": 0.0}, {}, r"w.csv:2: w is '0.0'"),
        ({"response": range(51, 63)}, {}, "is not in selected.csv: weights of another file"),
        ({"response": 11}, {}, "stands twice"),
        ({}, {"combined": False}, "are they factors"),
        ({"w": 900.0}, {}, "are they factors"),
        ({}, {"weight": "weight"}, "column missing: weight"),
        ({}, {"type": "JKn"}, "of type JKn need rscales"),
        ({}, {"type": "Fay"}, "of type Fay need fay"),
        ({}, {"type": "other", "rscales": [1, 1]}, "need scale"),
        ({}, {"rscales": [1, 1]}, "2 rscales for 12 replicates"),
        ({}, {"file": "none.csv"}, "file is missing"),
    ],
)  # fmt: skip
def test_weights_of_another_file_are_refused_with_the_reason(edition, changes, stated, told):
    given_weights(edition, **changes)
    with pytest.raises(ValueError, match=told):
        edition(replicates=REPLICATES | stated)


def test_weights_of_another_population_are_refused(edition):
    given_weights(edition)
    edition.tables["strata"]["population"] = [6000, 4000]
    edition.tables["totals"]["total"] *= 100
    with pytest.raises(ValueError, match="adds up to 100, the firms of strata.csv to 10,000"):
        edition(replicates=REPLICATES)


def test_who_answered_and_has_no_weights_is_named(edition):
    given_weights(edition)
    path = edition.folder / "w.csv"
    path.write_text("\n".join(path.read_text().splitlines()[:-1]), encoding="utf-8")
    with pytest.raises(ValueError, match="no weights of 1 who answered .response 22"):
        edition(replicates=REPLICATES)


CLUSTERS = {"column": "district", "within": "firms", "population": "districts"}


def again(table: pd.DataFrame, row: int) -> pd.DataFrame:
    return pd.concat([table, table.iloc[[row]]], ignore_index=True)


@pytest.mark.parametrize(
    ("name", "change", "told"),
    [
        ("selected", lambda t: again(t, 3), ["selected.csv:14: response stands twice"]),
        ("strata", lambda t: again(t, 1), ["strata.csv:4: size stands twice"]),
        ("selected", lambda t: t.assign(size=["s", "s", "x"] + ["l"] * 9),
         ["selected.csv:4: stratum is not in strata.csv"]),
        ("selected", lambda t: t.assign(firm=[None, None, *"abcdefgh", "c", "i"]),
         ["selected.csv:12: firm stands twice"]),
        ("selected", lambda t: t.assign(size=[*"sss", None, *"llllllll"]),
         ["data/survey/x-2023/selected.csv:5: a value is missing"]),
        ("selected", lambda t: t.assign(firms=[10] * 11 + [0.5]),
         ["x-2023/selected.csv:13: firms must be a number of at least 1, not '0.5'"]),
        ("selected", lambda t: t.assign(firms=[0, 10] * 6),
         [f"selected.csv:{n}: firms must" for n in (2, 4, 6, 8, 10)]),
        ("strata", lambda t: t.assign(districts=[6, 0]),
         ["strata.csv:3: districts must be a number of at least 1, not '0'"]),
    ],
)  # fmt: skip
def test_a_frame_that_contradicts_itself_is_told_with_the_line(edition, name, change, told):
    edition.tables[name] = change(edition.tables[name])
    with pytest.raises(ValueError, match=r"\.csv:") as error:
        edition(clusters=CLUSTERS)
    lines = str(error.value).splitlines()
    assert [t in line for t, line in zip(told, lines, strict=True)] == [True] * len(told)


def test_a_frame_as_a_whole_is_taken_with_its_figures_as_numbers(edition):
    """Blank firms are no firm twice; districts may be of one firm; codes have lost their zeros."""
    one = edition.tables["selected"].assign(firm=[None, None, *"abcdefghij"])
    one["response"] = "00" + one["response"]
    edition.tables["selected"] = one.assign(firms=[2] * 12)
    firms, sample = edition(clusters=CLUSTERS)
    assert firms.table["response"].tolist() == [f"{n}" for n in range(11, 23)]
    assert firms.table["firms"].sum() == 24 and sample["population"].sum() == 100
    half = edition.tables["selected"].drop(index=[1, 3, 5, 7, 9, 11])
    edition.tables["selected"] = half.assign(firms=1, industry=list("ababab"))
    edition.tables["strata"]["districts"] = [3, 3]
    codes = edition.tables["selected"]["response"].str.lstrip("0").tolist()
    assert edition(codes, clusters=CLUSTERS)[0].second.population.tolist() == [1] * 6


def test_who_did_not_answer_is_stood_for_within_the_stratum(edition):
    """4 of 6 small and 3 of 6 large answered; districts are carried by what was drawn of them."""
    codes = ["11", "12", "13", "15", "17", "18", "22"]
    firms, sample = edition(codes, clusters=CLUSTERS)
    small = np.array([10, 10, 8, 8, 12, 12]) / 2 * 6 / 3
    large = np.array([5, 5, 5, 5, 9, 9]) / 2 * 5 / 3
    own = np.r_[
        small[[0, 1, 2, 4]] * small.sum() / small[[0, 1, 2, 4]].sum(),
        large[[0, 1, 5]] * large.sum() / large[[0, 1, 5]].sum(),
    ]
    np.testing.assert_allclose(firms.calibrations[0].before, own)
    told = sample.set_index("size")[["population", "selected", "responded"]]
    assert told.T.to_dict("list") == {"s": [60, 6, 4], "l": [40, 6, 3]}
    plain = edition(codes)[1].set_index("size")[["population", "selected", "responded"]]
    assert plain.T.to_dict("list") == told.T.to_dict("list")


@pytest.mark.parametrize(("population", "fine"), [(91, True), (111, True), (112, False)])
def test_given_weights_add_up_to_the_firms_but_for_a_tenth(edition, population, fine):
    given_weights(edition)
    edition.tables["strata"]["population"] = [60, population - 60]
    edition.tables["totals"]["total"] = [55, population - 55, 2100]
    if fine:
        assert edition(replicates=REPLICATES)[0].design_weight.sum() == pytest.approx(100)
    else:
        with pytest.raises(ValueError, match=f"w adds up to 100, .* to {population}: weights"):
            edition(replicates=REPLICATES)


def test_answers_have_what_the_frame_knows_but_for_where_the_firm_dealt_with_it():
    table = pd.DataFrame({"response": ["a", "b"], "province": ["01", "02"], "size": ["s", "l"],
                          "responded": True, "cell": "x", "cell_population": 9, "together": "",
                          "w": 2.0})  # fmt: skip
    firms = sampling.design(table, "w")
    records = pd.DataFrame(
        {"response": ["a", "b", "b"], "province": ["03", "04", "02"], "size": "?"}
    )
    records["state"] = ["accepted", "doubled", "accepted"]
    catalogue = SimpleNamespace(regions={"key_region": pd.Series({"02": "n", "03": "c"})})
    found = weighting.answers(records, firms, catalogue, ASKED)
    told = ["response", "province", "size", "key_region", "design_weight"]
    assert found[told].to_numpy().tolist() == [
        ["a", "03", "s", "c", 2], ["b", "02", "l", "n", 2]
    ]  # fmt: skip
    assert not {"responded", "cell", "cell_population", "together"} & set(found)


# --- properties ----------------------------------------------------------------------------------


def drawn(seed, strata=3):
    rng = np.random.default_rng(seed)
    rows = [
        {"h": h, "a": f"{h}{a}", "N": 9, "y": rng.lognormal(), "x": rng.lognormal(), "M": 1}
        for h in range(strata)
        for a in range(int(rng.integers(2, 6)))
    ]
    return pd.DataFrame(rows).assign(b=lambda t: range(len(t)))


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 2**31), st.floats(0.8, 1.25), st.sampled_from(calibration.METHODS))
def test_calibrated_totals_are_hit_whatever_the_scale(seed, times, method):
    rng = np.random.default_rng(seed)
    before, size = rng.uniform(1, 50, 40), 10.0 ** rng.integers(-6, 7)
    x = np.column_stack([np.ones(40), rng.lognormal(0, 0.5, 40) * size])
    reached = (before * np.clip(1 + 0.1 * rng.normal(size=40), 0.8, 1.2)) @ x
    bounds = (0.4, 2.5) if method == "logit" else (-np.inf, np.inf)
    found = calibration.weights(x, before, reached * times, method, bounds)
    np.testing.assert_allclose(found @ x, reached * times, rtol=1e-6)


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 2**31))
def test_the_jackknife_of_a_total_is_its_analytical_error(seed):
    sample = sampling.design(drawn(seed), None, "h", "N")
    plain, again = (
        estimation.total(s, ["y", "x"])["standard_error"]
        for s in (sample, jackknifing.jackknife(sample))
    )
    np.testing.assert_allclose(again, plain, rtol=1e-9)


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 2**31))
def test_one_unit_in_each_psu_fully_drawn_is_one_stage(seed):
    table = drawn(seed)
    one = sampling.design(table, None, "h", "N", psu="a")
    two = sampling.design(table, None, "h", "N", psu="a", second="b", within="M")
    for estimate in (estimation.mean, estimation.total):
        pd.testing.assert_frame_equal(estimate(one, "y"), estimate(two, "y"))


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 2**31), st.floats(0.3, 0.95), st.floats(1.1, 3))
def test_trimming_keeps_the_sum_and_the_ends(seed, low, high):
    w = np.random.default_rng(seed).lognormal(0, 1, 30)
    ends = low * w.mean(), high * w.mean()
    found = calibration.trimmed(w, *ends)
    assert found.sum() == pytest.approx(w.sum())
    assert found.min() >= ends[0] * (1 - 1e-9) and found.max() <= ends[1] * (1 + 1e-9)


def test_scales_of_replicates_are_those_of_their_type():
    for stated, scale in (
        ({"type": "BRR"}, 1 / 8),
        ({"type": "Fay", "fay": 0.5}, 1 / 2),
        ({"type": "JK1"}, 7 / 8),
        ({"type": "JK2"}, 1),
        ({"type": "bootstrap"}, 1 / 7),
        ({"type": "successive_difference"}, 1 / 2),
    ):
        assert replicate_files.scales(stated, 8, "w")[0] == pytest.approx(scale)
