"""Strata of which too few answered are taken together as the survey says: no firm of the population
is lost, the weights and errors are those of a design with these cells, and it is said."""

from dataclasses import replace
from datetime import date
from itertools import product

import numpy as np
import pandas as pd
import pytest
from fieldwork_files import CODE, frame, submissions, workbook
from hypothesis import given
from hypothesis import strategies as st

from analysis import project
from analysis.catalogue import catalogue as cat
from analysis.catalogue import plans, survey_checks
from analysis.survey import collapsing, estimation, flow, linearisation, sampling, weighting

BY = ["region", "size"]
ORDER = {"size": ["s", "m", "l"], "region": ["north", "centre", "south"]}
RULE = {"least": 2, "order": ORDER}
FIRMS = st.lists(st.integers(0, 4), min_size=9, max_size=9)


def counts(responded, population=50):
    table = pd.DataFrame(product(ORDER["region"], ORDER["size"]), columns=BY)
    return table.assign(population=population, responded=list(responded))


def cells(responded, rule=RULE):
    return list(collapsing.strata(counts(responded), BY, rule)["cell"])


def test_the_next_size_of_the_region_is_taken_in_then_the_next_region():
    assert cells([2, 2, 2, 3, 0, 5, 4, 4, 1])[3:] == [
        *["centre, s", "centre, m + centre, l", "centre, m + centre, l"],
        *["south, s", "south, m + south, l", "south, m + south, l"],
    ]
    whole = cells([2, 2, 2, 0, 1, 0, 4, 4, 4])
    assert whole[3:] == 2 * [f"centre, {s} + south, {s}" for s in ORDER["size"]]
    assert whole[:3] == ["north, s", "north, m", "north, l"]
    assert cells([0, 0, 0, 1, 0, 0, 0, 0, 0]) == [cells([0] * 9)[0]] * 9, "all, if all are short"


def test_without_a_rule_and_where_all_of_a_stratum_answered_nothing_is_taken_together():
    assert len(set(cells([0] * 9, None))) == 9
    table = counts([1, 2, 2, 2, 2, 2, 2, 2, 2]).assign(population=[1] + [50] * 8)
    assert (collapsing.strata(table, BY, RULE)["together"] == "").all()


@given(FIRMS, st.integers(1, 3), st.permutations(BY))
def test_no_firm_of_the_population_is_lost_and_no_cell_is_short(responded, least, columns):
    rule = {"least": least, "order": {c: ORDER[c] for c in columns}}
    table = counts(responded, np.arange(60, 69))
    found = collapsing.strata(table, BY, rule)
    once = found.drop_duplicates("cell")
    assert once["cell_population"].sum() == table["population"].sum()
    held = found.groupby("cell")["responded"].sum()
    assert (held >= least).all() or len(held) == 1
    alone = found["together"] == ""
    assert (found.loc[alone, "cell_population"] == found.loc[alone, "population"]).all()
    assert found.loc[alone, "responded"].ge(least).all() or len(held) == 1


@given(st.lists(st.integers(0, 5), min_size=1, max_size=8), st.integers(1, 4))
def test_groups_are_runs_of_neighbours_and_no_wider_than_needed(numbers, least):
    found = collapsing.groups(numbers, least)
    assert found == sorted(found) and set(found) == set(range(max(found) + 1))
    sums = np.bincount(found, numbers)
    assert (sums >= least).all() or len(sums) == 1
    if min(numbers) >= least:
        assert found == list(range(len(numbers)))


def edition(tmp_path, drawn, strata, totals):
    folder = project.Place(tmp_path).survey("x-2023")
    folder.mkdir(parents=True)
    for name, table in (("selected", drawn), ("strata", strata), ("totals", totals)):
        table.to_csv(folder / f"{name}.csv", index=False)
    day = date(2023, 1, 1)
    return plans.EditionPlan("x", "2023", {}, True, [day, day], day), project.Place(tmp_path)


def weighed(tmp_path, answered, rule, sizes=("s", "m", "l"), drawn=(4, 4, 2)):
    """One region with three sizes of 40, 30 and 10 firms, of which 4, 4 and 2 were drawn."""
    chosen = pd.DataFrame({"size": np.repeat(sizes, drawn), "region": "north"})
    chosen["response"] = [f"{n:02d}" for n in range(11, 11 + len(chosen))]
    strata = pd.DataFrame({"region": "north", "size": ["s", "m", "l"], "population": [40, 30, 10]})
    totals = pd.DataFrame({"variable": ["region"], "category": "north", "total": [80]})
    plan, place = edition(tmp_path, chosen, strata, totals)
    records = pd.DataFrame({"response": answered, "state": "accepted"})
    asked = {"stratum": BY, "psu": "response", "collapse": rule}
    return weighting.weighted(plan, {k: v for k, v in asked.items() if v}, place, records)


def test_weights_and_errors_are_those_of_the_collapsed_design(tmp_path):
    """Small: 3 of 4 answered; of medium 1 of 4, of large 1 of 2: these are one cell.

    By hand: small 40/3; medium 30/4 and large 10/2 carried on to (30 + 10)/(7.5 + 5) = 3.2 times.
    """
    firms, sample = weighed(tmp_path, ["11", "12", "13", "15", "19"], RULE)
    assert firms.design_weight.tolist() == pytest.approx([40 / 3] * 3 + [24, 16])
    assert sample["together"].tolist() == ["", *["north, m + north, l"] * 2]
    assert firms.population[np.argsort(firms.sampled)].tolist() == [40, 40]
    y = np.array([1.0, 3, 8, 20, 40])
    plain = replace(sampling.with_columns(firms, y=y), calibrations=())  # met before it was raked
    found = estimation.mean(plain, "y").iloc[0]
    mean = (40 / 3 * 12 + 24 * 20 + 16 * 40) / 80
    assert found["estimate"] == pytest.approx(mean)
    z = firms.design_weight * (y - mean) / 80
    by_hand = (1 - 3 / 40) * 3 * np.var(z[:3], ddof=1) + (1 - 2 / 40) * 2 * np.var(z[3:], ddof=1)
    assert found["standard_error"] ** 2 == pytest.approx(by_hand)
    assert found["degrees_of_freedom"] == 3
    assert (linearisation.left_to_chance(firms) > 0).all()


def test_strata_from_which_nobody_was_drawn_are_represented_too(tmp_path):
    firms, sample = weighed(tmp_path, ["11", "12", "15", "16"], RULE, ("s", "m"), (4, 4))
    assert sample["population"].sum() == firms.design_weight.sum() == pytest.approx(80)
    assert sample["selected"].tolist() == [4, 4, 0]


def test_without_a_rule_an_empty_stratum_stops_it_as_before(tmp_path):
    with pytest.raises(ValueError, match="nobody answered in class"):
        weighed(tmp_path, ["11", "12", "13"], None)


def test_known_totals_of_an_empty_category_are_met_together(tmp_path):
    drawn = pd.DataFrame({"response": ["11", "12", "13", "14"], "region": list("aabc")})
    strata = pd.DataFrame({"region": list("abc"), "population": [20, 30, 50]})
    totals = strata.rename(columns={"region": "category", "population": "total"})
    plan, place = edition(tmp_path, drawn, strata, totals.assign(variable="region"))
    rule = {"least": 1, "order": {"region": list("abc")}}
    records = pd.DataFrame({"response": ["11", "12", "14"], "state": "accepted"})
    asked = {"stratum": ["region"], "psu": "response", "collapse": rule}
    firms, _ = weighting.weighted(plan, asked, place, records)
    assert firms.design_weight.tolist() == pytest.approx([10, 10, 80])
    assert firms.table["region"].tolist() == ["a", "a", "c"], "domains stay what they are"


def test_an_edition_with_an_empty_region_is_estimated_and_says_what_was_taken_together(tmp_path):
    place, catalogue = project.Place(tmp_path), cat.load()
    drawn = frame(place.survey(CODE), 150)
    rng = np.random.default_rng(3)
    sent = submissions(drawn[drawn["region"] != "central_highlands"], rng)
    (place.survey(CODE) / "kobo.xlsx").write_bytes(workbook(sent))
    plan = plans.edition("apci", "2023", catalogue, tmp_path)
    tables = flow.build(plan, catalogue, place)
    firms = tables.answers.drop_duplicates("response")
    assert firms["design_weight"].sum() == pytest.approx(tables.sample["population"].sum())
    told = tables.issues[tables.issues["rule"] == "strata_collapsed"]
    assert told["source_file"].eq("strata.csv").all() and told["severity"].eq("note").all()
    lines = (place.survey(CODE) / "strata.csv").read_text("utf-8").splitlines()
    for cell, raw in zip(told["source_cell"], told["raw_text"], strict=True):
        assert lines[int(cell[1:]) - 1].startswith(raw.replace(", ", ","))
    assert "central_highlands, micro + southeast, micro" in " ".join(told["message_en"])
    estimates = tables.estimates[tables.estimates["domain"] == "region"]
    assert "central_highlands" not in set(estimates.loc[estimates["answers"] > 0, "category"])


def test_an_order_that_leaves_out_a_choice_is_named():
    survey = cat.load().surveys["apci"]
    order = {"firm_size": ["micro", "small", "medium", "giant"]}
    broken = survey | {"collapse": {"least": 2, "order": order}}
    told = [what for _, what in survey_checks.faults(broken, {})]
    assert told == [
        "collapse: order: firm_size: giant is no choice",
        "collapse: order: firm_size: large has no neighbour",
    ]
    assert not list(survey_checks.faults(survey, {}))


def test_a_category_of_nobody_takes_nobody_in():
    totals = pd.Series({"a": 5, "b": 0, "c": 9, "z": 4})
    found = collapsing.margin(totals, pd.Series(["a", "c"]), ["a", "b", "c"], 1)
    assert found == {v: v for v in "abcz"}
    answered = collapsing.margin(totals, pd.Series(["a", "b", "c", "c"]), ["a", "b", "c"], 2)
    assert answered == {"a": "a + b", "b": "a + b", "c": "c", "z": "z"}, "as somebody is of it"
    one = collapsing.margin(totals.replace(0, 1), pd.Series(["a", "c"]), ["a", "b", "c"], 1)
    assert one == {"a": "a", "b": "b + c", "c": "b + c", "z": "z"}, "a category of one firm"
    two = collapsing.margin(totals, pd.Series(["b", "b", "c", "c"]), ["a", "b", "c"], 2)
    assert two == {"a": "a + b", "b": "a + b", "c": "c", "z": "z"}, "two are enough for two"


@pytest.mark.parametrize(
    ("numbers", "least", "found"),
    [
        ([2, 2, 2], 2, [0, 1, 2]),
        ([2, 1, 2], 2, [0, 1, 1]),
        ([2, 2, 1], 2, [0, 1, 1]),  # the last takes the one before
        ([0, 0, 1, 1], 2, [0, 0, 0, 0]),
        ([1, 0, 0, 5], 1, [0, 1, 1, 1]),
        ([0], 1, [0]),
        ([], 1, []),
    ],
)
def test_who_is_short_takes_the_next_until_there_is_enough(numbers, least, found):
    assert collapsing.groups(numbers, least) == found


def test_a_region_that_is_short_joins_the_like_sizes_of_its_neighbour_or_the_fullest_cell():
    """Of centre there is large alone; its neighbour south has small and medium: 3 beats 2."""
    rows = [("north", "s", 5), ("centre", "l", 1), ("south", "s", 2), ("south", "m", 3)]
    table = pd.DataFrame(rows, columns=["region", "size", "responded"]).assign(population=50)
    found = collapsing.strata(table, BY, RULE)
    assert found["cell"].tolist() == [
        "north, s", "centre, l + south, m", "south, s", "centre, l + south, m"
    ]  # fmt: skip
    assert found["cell_population"].tolist() == [50, 100, 50, 100]
    equal = collapsing.strata(table.assign(responded=[5, 1, 3, 3]), BY, RULE)
    assert equal["cell"].tolist()[1] == "centre, l + south, s", "of equal ones the first"


def test_each_pair_of_neighbours_that_are_short_is_a_cell_of_its_own():
    table = pd.DataFrame({"size": list("abcdef"), "responded": [1, 1, 3, 1, 1, 4]})
    rule = {"least": 2, "order": {"size": list("abcdef")}}
    found = collapsing.strata(table.assign(population=50), ["size"], rule)
    assert found["cell"].tolist() == ["a + b"] * 2 + ["c"] + ["d + e"] * 2 + ["f"]


def test_all_of_a_stratum_is_enough_whatever_the_rule_asks():
    table = counts([1, 2, 2, 2, 2, 2, 2, 2, 2]).assign(population=[2] + [50] * 8)
    assert collapsing.strata(table, BY, RULE)["together"].ne("").sum() == 2, "one of two is short"
