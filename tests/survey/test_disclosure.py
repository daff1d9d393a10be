"""What is hidden stays hidden, and nothing else is."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from analysis.survey import disclosure
from analysis.survey.disclosure import open_ends, suppress


def cells(people, **keys):
    table = pd.DataFrame({"respondents": people, **keys})
    return table.assign(estimate=1.0 * table.index, standard_error=1.0, ci_low=0.0, ci_high=2.0)


def test_fewer_than_the_minimum_are_hidden_and_marked():
    found = suppress(cells([4, 5, 0]), 5)
    assert found["obs_status"].tolist() == ["Q", "A", "O"]
    assert found["estimate"].isna().tolist() == [True, False, False]
    assert found.loc[0, ["standard_error", "ci_low", "ci_high"]].isna().all()


def test_a_cell_that_the_total_gives_away_takes_the_smallest_other_with_it():
    found = suppress(cells([3, 40, 9, 20]), 5, margins=[[]])
    assert found["hidden"].tolist() == ["primary", "", "secondary", ""]


def test_what_is_hidden_in_a_line_is_never_alone_nor_of_too_few_together():
    """Whatever hid it: less the shown ones, the total would give it away, or them to each other."""
    found = suppress(cells([1, 2, 9, 40]), 5, margins=[[]])
    assert found["hidden"].tolist() == ["primary", "primary", "secondary", ""]
    outset = np.array([True, False, False])
    found = suppress(cells([40, 60, 50]), 5, margins=[[]], from_outset=outset)
    assert found["hidden"].tolist() == ["secondary", "", "secondary"]


def test_what_tells_of_the_answers_is_hidden_with_them():
    found = suppress(cells([1, 9]).assign(design_effect=2.0, effective_n=0.5), 5)
    assert found.loc[0, ["design_effect", "effective_n"]].isna().all()
    assert found.loc[1, ["design_effect", "effective_n"]].notna().all()


def test_no_interval_of_a_median_ends_at_an_answer_that_can_be_guessed():
    rows = pd.DataFrame(
        {"measure": "cost", "statistic": ["median"] * 3 + ["mean"], "g": list("abca")}
    )
    rows = rows.assign(
        standard_error=1.0, ci_low=[1.0, 2.0, 2.0, 0.5], ci_high=[5.0, 9.0, 5.0, 9.5]
    )
    answers = pd.DataFrame({"g": list("aaabbbccc"), "cost": [1.0, 5.0, 9.0] * 3})
    found = open_ends(rows, answers, ["g"])
    shown = found[["standard_error", "ci_low", "ci_high"]].notna().to_numpy().tolist()
    assert shown == [[False, False, True], [False, True, False], [True] * 3, [True] * 3]


def test_lines_are_kept_apart():
    found = suppress(cells([3, 9, 8, 30], group=list("aabb")), 5, margins=[["group"]])
    assert found["hidden"].tolist() == ["primary", "secondary", "", ""]


def test_two_margins_are_gone_through_until_nothing_is_given_away():
    table = cells([2, 9, 8, 7, 30, 20, 6, 25, 21], row=list("aaabbbccc"), column=list("xyz" * 3))
    found = suppress(table, 5, margins=[["row"], ["column"]])
    for margin in ("row", "column"):
        gone = found[found["obs_status"] == "Q"].groupby(margin)["respondents"]
        assert (gone.size() >= 2).all()
        assert (gone.sum() >= 5).all()


def test_more_columns_can_be_hidden():
    assert suppress(cells([1]).assign(score=9.0), 5, also=["score"])["score"].isna().all()


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 2), st.integers(0, 3)), min_size=1),
    st.integers(2, 8),
)
def test_no_line_gives_a_hidden_cell_away(rows, minimum):
    people, group, place = zip(*rows, strict=True)
    table = cells(people, group=group, place=place)
    before = table.copy()
    found = suppress(table, minimum, margins=[["group"], ["place"]])
    pd.testing.assert_frame_equal(table, before)
    shown = found[found["obs_status"] == "A"]
    assert (shown["respondents"] >= minimum).all()
    hidden = found[found["obs_status"] == "Q"]
    assert hidden["estimate"].isna().all()
    for margin in ("group", "place"):
        for key, gone in hidden.groupby(margin):
            enough = len(gone) > 1 and gone["respondents"].sum() >= minimum
            assert enough or not (shown[margin] == key).any()
    assert np.array_equal(found["obs_status"] == "O", found["respondents"] == 0)


def test_the_smallest_of_the_shown_goes_with_it_and_a_cell_without_firms_never():
    found = suppress(cells([3, 0, 9, 20]), 5, margins=[[]])
    assert found["hidden"].tolist() == ["primary", "", "secondary", ""]
    assert found["obs_status"].tolist() == ["Q", "O", "Q", "A"]
    found = suppress(cells([3, 0]), 5, margins=[[]])
    assert found["hidden"].tolist() == ["primary", ""], "nothing else can be hidden"


def excess(amounts, beyond, minimum=3, share=0.1, group="g"):
    firms = [f"f{i}" for i in range(len(amounts))]
    answers = pd.DataFrame({"procedure_group": group, "response": firms})
    rules = disclosure.Rules(minimum, share, pd.DataFrame())
    held = pd.Series(amounts, dtype=float), pd.Series(beyond, dtype=float)
    return rules.told_by_excess(answers, *held)


def test_what_is_cut_off_tells_of_too_few_or_of_one_above_all():
    """The p % rule: what all but the two largest add must be p % of the largest, or more."""
    assert excess([100, 90, 80], [50, 40, 10]) == set(), "exactly 10 % of 100"
    assert excess([100, 90, 80], [50, 40, 9.9]) == {"g"}
    assert excess([100, 90, 80, 70], [50, 40, 5, 5]) == set(), "two together"
    assert excess([100, 90, 80], [50, 40, 0]) == {"g"}, "two firms alone are cut"
    assert excess([100, 90], [50, 40], minimum=2, share=0) == set()
    assert excess([100, 90, 80], [0, 0, 0]) == set(), "nobody is cut"


def test_weights_that_few_firms_have_tell_of_these():
    def told(weights, minimum=3):
        firms = [f"f{i}" for i in range(len(weights))]
        answers = pd.DataFrame(
            {"procedure_group": "g", "response": firms, "design_weight": weights}
        )
        return disclosure.Rules(minimum, 0.1, pd.DataFrame()).told_by_weights(answers)

    assert told([1.0] * 6) == set()
    assert told([1.0] * 6 + [2.0]) == {"g"} and told([1.0] * 6 + [2.0, 3]) == {"g"}
    assert told([1.0] * 6 + [2.0, 3, 4]) == set(), "as many as are enough"
    assert told([1.0] * 6 + [1 + 1e-12]) == set(), "the same but for arithmetic"


def test_a_group_is_hidden_where_its_own_mean_is():
    rows = [
        ("g", "_T", "fee", "", "few"),
        ("h", "_T", "fee", "", ""),
        ("i", "size", "fee", "", "few"),
        ("j", "_T", "cost", "", "few"),
        ("k", "_T", "fee", "low", "few"),
    ]
    columns = ["procedure_group", "domain", "measure", "variant", "reason"]
    record = pd.DataFrame(rows, columns=columns)
    rules = disclosure.Rules(3, 0.1, record)
    assert rules.hidden("fee") == {"g"} and rules.hidden("fee", "low") == {"k"}
    assert rules.hidden("cost") == {"j"} and rules.hidden("hours") == set()


def test_excess_is_what_a_firm_has_in_all_its_answers_of_a_group():
    """Two answers of a make it one firm; of two groups each is judged by its own firms."""
    answers = pd.DataFrame({"procedure_group": list("ggghh"), "response": list("aabab")})
    rules = disclosure.Rules(2, 0, pd.DataFrame())
    amounts = pd.Series([10.0] * 5)
    assert rules.told_by_excess(answers, amounts, pd.Series([1.0, 1, 0, 1, 1])) == {"g"}
    assert rules.told_by_excess(answers, amounts, pd.Series([1.0, 0, 1, 0, 0])) == set()
    assert rules.told_by_excess(answers, amounts, pd.Series([1e-9, 0, 0, 0, 0])) == set()
    one = disclosure.Rules(1, 0.1, pd.DataFrame())
    # the largest excess is the first firm's, whatever order they come in: 3 is 10 % of 30
    held = pd.DataFrame({"procedure_group": "g", "response": list("abc")})
    for order in ([0, 1, 2], [2, 1, 0], [1, 2, 0]):
        amount, beyond = (pd.Series(np.array(x)[order]) for x in ([30.0, 900, 900], [9.0, 5, 3]))
        assert one.told_by_excess(held, amount, beyond) == set()
        assert one.told_by_excess(held, amount, beyond.replace(3.0, 2.9)) == {"g"}


def test_who_answered_exactly_as_many_as_are_needed_is_shown():
    found = suppress(cells([5, 5]), 5, margins=[[]])
    assert found["obs_status"].tolist() == ["A", "A"]
    found = suppress(cells([5, 0]).assign(obs_status=["M", "M"]), 5)
    assert found["obs_status"].tolist() == ["M", "M"], "there is no such figure"
    found = suppress(cells([4, 5]).assign(obs_status=["M", "A"]), 5)
    assert found["obs_status"].tolist() == ["Q", "A"]
    outset = np.array([True, True, False])
    found = suppress(cells([0, 4, 9]), 5, from_outset=outset)
    assert found["hidden"].tolist() == ["", "primary", ""]


def test_two_hidden_cells_of_enough_firms_together_stay_two():
    found = suppress(cells([2, 3, 40, 9]), 5, margins=[[]])
    assert found["hidden"].tolist() == ["primary", "primary", "", ""]
    found = suppress(cells([2, 2, 40, 9]), 5, margins=[[]])
    assert found["hidden"].tolist() == ["primary", "primary", "", "secondary"]
    found = suppress(cells([1, 1, 3, 40]), 5, margins=[[]])
    assert found["hidden"].tolist() == ["primary"] * 3 + [""], "three of five firms"


def test_an_interval_stays_open_where_it_ends_at_or_beyond_an_end_and_nowhere_else():
    rows = pd.DataFrame({"ci_low": [0.9, 1.0, 1.1, 1.1], "ci_high": [8.9, 8.9, 9.0, 8.9]})
    rows = rows.assign(measure="cost", statistic="median", standard_error=1.0)
    found = open_ends(rows, pd.DataFrame({"cost": [1.0, 5.0, 9.0, np.nan]}), [])
    assert found["ci_low"].isna().tolist() == [True, True, False, False]
    assert found["ci_high"].isna().tolist() == [False, False, True, False]
    assert found["standard_error"].isna().tolist() == [True, True, True, False]


def test_where_nothing_can_be_hidden_beside_a_cell_other_lines_do_not_tell_it_as_well():
    """Of row a there is one cell, of 2: its total tells it. Less it, column x would tell the 9,
    and row b the sum of the two of y."""
    table = cells([2, 9, 30, 20], row=list("abbb"), column=list("xxyy"))
    for margins in ([["row"], ["column"]], [["column"], ["row"]]):
        found = suppress(table, 5, margins)
        assert found["hidden"].tolist() == ["primary"] + ["secondary"] * 3
