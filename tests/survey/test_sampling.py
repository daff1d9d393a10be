"""How a sample is described, its weights and what known totals make of them: by hand, at limits."""

import warnings

import numpy as np
import pandas as pd
import pytest

from analysis.survey import sampling
from analysis.survey.replicates import Replicates

TABLE = pd.DataFrame(
    {"s": list("bbaaa"), "d": list("xyxxy"), "f": [1, 1, 1, 2, 1], "w": [1.0, 2, 3, 4, 5],
     "N": [4, 4, 6, 6, 6], "M": [5, 5, 4, 4, 2]}
)  # fmt: skip


def test_codes_are_those_of_strata_in_order_and_of_psu_within_them():
    held = sampling.design(TABLE, "w", ["s"], "N", "d")
    assert held.strata == ("a", "b") and held.stratum.tolist() == [1, 1, 0, 0, 0]
    assert held.psu.tolist() == [0, 1, 2, 2, 3] and held.psu_stratum.tolist() == [1, 1, 0, 0]
    assert held.sampled.tolist() == [2, 2] and held.population.tolist() == [6, 4]
    assert (held.lonely_psu, held.units) == ("fail", 4) and held.unit is held.psu
    crossed = sampling.design(TABLE, "w", ["s", "d"])
    assert crossed.strata == ("a × x", "a × y", "b × x", "b × y")
    assert crossed.stratum.tolist() == [2, 3, 0, 0, 1] and np.isinf(crossed.population).all()
    plain = sampling.design(TABLE, "w")
    assert plain.psu.tolist() == list(range(5)) and plain.sampled.tolist() == [5]


def test_units_of_the_second_stage_are_counted_within_their_psu():
    held = sampling.design(TABLE, None, "s", "N", "d", second="f", within="M")
    assert held.unit.tolist() == [0, 1, 2, 3, 4] and held.units == 5
    assert held.second.psu.tolist() == [0, 1, 2, 2, 3]
    assert held.second.sampled.tolist() == [1, 1, 2, 1]
    assert held.second.population.tolist() == [5, 5, 4, 2]
    # districts 4 ÷ 2 and 6 ÷ 2; firms 5 ÷ 1, 4 ÷ 2 and 2 ÷ 1
    assert held.design_weight.tolist() == [10, 10, 6, 6, 6]
    twice = pd.concat([TABLE, TABLE.tail(1)], ignore_index=True)
    again = sampling.design(twice, None, "s", "N", "d", second="f", within="M")
    assert again.unit.tolist() == [0, 1, 2, 3, 4, 4] and again.second.sampled.tolist() == [
        1,
        1,
        2,
        1,
    ]
    with pytest.raises(
        ValueError, match="M: stratum psu 2 of stratum a has 2 psu in the sample and 1"
    ):
        few = TABLE.assign(M=[5, 5, 1, 1, 2])
        sampling.design(few, None, "s", "N", "d", second="f", within="M")


@pytest.mark.parametrize(
    ("change", "how", "told"),
    [
        ({"d": ["x", None, "x", None, "y"]}, {"psu": "d"}, "d: missing for 2 rows"),
        ({"f": [1, None, 1, 2, 1]}, {"psu": "d", "second": "f"}, "f: missing for 1 rows"),
        ({"w": [1, np.inf, 1, 0, 1]}, {}, "w: 2 rows have no positive weight"),
        ({"N": [1, 1, 6, 6, 6]}, {"population": "N"}, "N: stratum b has 2 psu .* and 1 in the"),
        ({}, {"lonely_psu": "none"}, "lonely_psu must be one of fail, .*, not 'none'"),
        ({}, {"design_weight": None}, "either design_weight or population must be given"),
    ],
)
def test_a_design_that_cannot_be_is_refused(change, how, told):
    with pytest.raises(ValueError, match=told):
        sampling.design(TABLE.assign(**change), **({"design_weight": "w", "stratum": "s"} | how))


def test_a_population_is_a_share_only_where_all_are_1_or_less():
    one = TABLE.tail(3).assign(N=[1, 1, 3], s=list("abc"))
    held = sampling.design(one, "w", "s", "N")
    assert held.population.tolist() == [1, 1, 3], "firms, as one stratum has three"
    shares = sampling.design(one.assign(N=[1, 1, 0.5]), "w", "s", "N")
    assert shares.population.tolist() == [1, 1, 2]


def test_answers_of_units_have_their_weights_and_replicates():
    held = sampling.design(TABLE.assign(code=list("vwxyz")), "w", "s", "N", "d", second="f",
                           within="M")  # fmt: skip
    answers = pd.DataFrame({"code": list("zxz")})
    found = sampling.expand(held, answers, "code")
    assert found.design_weight.tolist() == [5, 3, 5] and found.by_unit and not held.by_unit
    assert found.psu.tolist() == [3, 2, 3] and found.second.unit.tolist() == [4, 2, 4]
    assert found.stratum.tolist() == [0, 0, 0]
    with pytest.raises(ValueError, match="2 rows are of no unit of the sample"):
        sampling.expand(held, pd.DataFrame({"code": list("zab")}), "code")


def test_who_did_not_answer_is_carried_by_both_columns_of_the_class():
    asked = TABLE.assign(yes=[1, 1, 1, 0, 1])
    found = sampling.adjust_nonresponse(asked, "w", "yes", ["s", "d"])
    np.testing.assert_array_equal(found, [1, 2, 7, np.nan, 5])
    with pytest.raises(ValueError, match=r"nobody answered in class \['a', 'y'\]"):
        sampling.adjust_nonresponse(asked.assign(yes=[1, 1, 1, 1, 0]), "w", "yes", ["s", "d"])


def test_a_total_of_0_of_nobody_is_met_and_a_missing_value_is_named():
    held = sampling.design(TABLE, "w")
    met = sampling.post_stratify(held, "s", pd.Series({"a": 24.0, "b": 6.0, "c": 0.0}))
    assert met.design_weight.tolist() == [2, 4, 6, 8, 10]
    assert met.calibrations[0].before.tolist() == [1, 2, 3, 4, 5]
    gaps = sampling.design(TABLE.assign(s=["a", None, None, "a", "a"]), "w")
    with pytest.raises(ValueError, match="s: missing for 2 rows"):
        sampling.post_stratify(gaps, "s", pd.Series({"a": 24.0}))
    crossed = pd.Series({("a", "x"): 14.0, ("a", "y"): 5, ("b", "x"): 3, ("b", "y"): 2})
    two = sampling.post_stratify(held, ["s", "d"], crossed)
    assert two.design_weight.tolist() == [3, 2, 6, 8, 5]


def test_raking_ends_where_no_crossed_cell_moves_by_the_tolerance():
    """Margins that the weights meet move nothing; one round moves 15 firms to 30, another none."""
    held = sampling.design(TABLE, "w")
    met = {"s": pd.Series({"a": 12.0, "b": 3.0})}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert sampling.rake(held, met, iterations=1).design_weight.tolist() == [1, 2, 3, 4, 5]
        double = {"s": 2 * met["s"]}
        found = sampling.rake(held, double, iterations=2)
        assert found.design_weight.tolist() == [2, 4, 6, 8, 10]
        # a moves by 12 of 15 firms: a tolerance above that, or of 0.81 of all, is met at once
        for tolerance in (12.01, 0.81):
            assert sampling.rake(held, double, tolerance, 1).design_weight.sum() == 30
    for tolerance in (11.99, 12.0, 0.79):
        with pytest.warns(UserWarning, match="did not settle within 1 iterations"):
            sampling.rake(held, double, tolerance, 1)


def test_calibrated_weights_are_above_0_or_refused():
    held = sampling.design(TABLE, "w")
    x = np.array([[0.0], [0], [0], [0], [1]])
    found = sampling.calibrate(held, x, np.array([9.0]))
    assert found.design_weight == pytest.approx([1, 2, 3, 4, 9]) and len(found.calibrations) == 1
    with pytest.raises(ValueError, match="1 weights would not be positive"):
        sampling.calibrate(held, x, np.array([-1.0]))


def test_replicates_make_a_sample_of_one_stratum():
    rows = np.arange(3)
    replicates = Replicates(np.ones((3, 2)), rows, 1.0, np.ones(2), rows)
    held = sampling.replicated(TABLE.head(3), np.array([1.0, 2, 3]), replicates)
    assert held.psu.tolist() == [0, 1, 2] and held.stratum.tolist() == [0, 0, 0]
    assert held.sampled.tolist() == [3] and np.isinf(held.population).all()
    assert held.strata == ("",) and held.replicates is not None


def test_tails_are_drawn_in_within_each_stratum_by_weight():
    table = pd.DataFrame(
        {"s": list("aaaabb"), "y": [4.0, 1, 2, 3, 9, np.nan], "w": [1, 1, 1, 17, 1, 1.0]}
    )
    found = sampling.winsorise(table, "y", "s", "w")
    np.testing.assert_array_equal(found, [3, 1, 2, 3, 9, np.nan], "95 % of 20 weigh 19: the 3")
    low = sampling.winsorise(table, "y", ["s"], "w", low=0.1, high=1.0)
    np.testing.assert_array_equal(low, [4, 2, 2, 3, 9, np.nan])
