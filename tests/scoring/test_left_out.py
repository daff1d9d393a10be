"""The ranking without one indicator or group, beside R's ranks of the same data."""

import numpy as np
import pandas as pd
import pytest
import r_index
from composites import framework, matrices, values
from hypothesis import given, settings

from analysis.catalogue import tree as trees
from analysis.scoring import composite, left_out


def built(made, table, peers=None):
    peers = peers or dict.fromkeys(table["reporting_unit"], "all")
    found = composite.build(table, made, peers)
    return found, left_out.ranks(found.values, found.scores, found.tree, made)


def test_ranks_without_each_indicator_and_dimension_are_those_of_r():
    _, found = built(r_index.tai(), r_index.table())
    wide = found.pivot(index="reporting_unit", columns="code", values="rank_without")
    expected = r_index.answers("without")
    assert len(expected.columns) == 12
    pd.testing.assert_frame_equal(
        wide.loc[expected.index, expected.columns], expected, check_names=False
    )


def test_how_far_a_ranking_moves_is_summed_up():
    found = left_out.shifts(
        pd.DataFrame(
            {
                "level": "indicator",
                "code": "x",
                "reporting_unit": list("abcd"),
                "rank": [1.0, 2, 3, 4],
                "rank_without": [2.0, 1, 3, np.nan],
            }
        )
    ).iloc[0]
    assert found["units"] == 3 and found["moved"] == pytest.approx(200 / 3)
    assert found["mean_shift"] == pytest.approx(2 / 3) and found["largest_shift"] == 1
    assert found["reporting_unit"] == "a"
    assert found["spearman"] == pytest.approx(1 - 6 * 2 / (3 * 8))
    assert found["kendall"] == pytest.approx(1 / 3), "one pair of three is reversed"


def test_who_has_only_what_is_granted_has_no_rank_without_the_rest():
    made = framework({"a": ["x", "y"]})
    table = values([[1, 2], [3, 4], [5, 6], [0, 7.0]], made)
    found = composite.build(table, made, dict.fromkeys(table["reporting_unit"], "all"))
    marked = found.values.assign(granted=np.nan)
    last = (marked["reporting_unit"] == "u3") & (marked["indicator"] == "x")
    marked.loc[last, "granted"] = marked.loc[last, "normalised"]
    ranks = left_out.ranks(marked, found.scores, found.tree, made)
    own = ranks[ranks["reporting_unit"] == "u3"].set_index("code")["rank_without"]
    assert np.isnan(own["y"]) and own["x"] == 1


def test_without_its_only_indicator_a_dimension_goes_too():
    made = framework({"a": ["x", "y"], "b": ["w"]})
    tree = trees.of(made)
    smaller, kept = left_out.without(tree, tree.codes.index("w"))
    assert smaller.codes == ("x", "y", "a", "f") and kept.tolist() == [0, 1, 3, 5]
    assert smaller.parent.tolist() == [2, 2, 3, -1]
    alone = trees.of(framework({"a": ["x"]}))
    assert left_out.without(alone, 0) is None


@given(matrices(units=(4, 8)))
@settings(max_examples=25)
def test_leaving_out_a_copy_moves_nobody(x):
    made = framework({"a": ["x", "y"]})
    _, found = built(made, values(x[:, [0, 0]], made))
    assert (found["rank"] == found["rank_without"]).all()


@pytest.mark.parametrize("kind", ["arithmetic", "sum"])
def test_scores_tie_without_an_entry_where_their_printed_ones_do(kind):
    """Without z 52, 48 and 60 %: as 10.4, 9.6 and 12 points of 20, or 5.2, 4.8 and 6 of 10."""
    made = framework({"a": ["x", "y"], "b": ["z"]}, rank_decimals=0, aggregate=kind)
    made["normalise"] = {"method": "points", "range": [0, 100 if kind == "sum" else 10]}
    made |= {"max_score": 40, "weight": "given" if kind == "sum" else "equal"}
    for entries, tops in (("dimensions", [20, 20]), ("indicators", [10, 10, 20])):
        for entry, top in zip(made[entries].values(), tops, strict=True):
            mark = {"points": {"max": top, "full_mark_at": 100}}
            entry |= {"max_score": top} if entries == "dimensions" else mark
    table = values([[52, 52, 10], [48, 48, 20], [60, 60, 30]], made)
    _, found = built(made, table)
    own = found[found["code"] == "z"].set_index("reporting_unit")["rank_without"]
    assert own.to_dict() == {"u0": 2, "u1": 2, "u2": 1}
    assert set(found["code"]) == {"x", "y", "z", "a"}, "b is its only part"


@pytest.mark.parametrize(
    ("after", "spearman", "largest"),
    [([3.0, 2, 1], -1, 2), ([2.0, 1, np.nan], np.nan, 1), ([1.0, 1, 1], np.nan, 2)],
)
def test_orders_go_together_only_among_three_that_are_not_all_alike(after, spearman, largest):
    table = pd.DataFrame({"reporting_unit": list("abc"), "rank": [1.0, 2, 3]})
    table = table.assign(level="indicator", code="x", rank_without=after)
    found = left_out.shifts(table).iloc[0]
    assert found["spearman"] == pytest.approx(spearman, nan_ok=True)
    assert found["kendall"] == pytest.approx(spearman, nan_ok=True)
    assert found["largest_shift"] == largest
    nobody = left_out.shifts(table.assign(rank_without=np.nan)).iloc[0]
    assert nobody["units"] == 0 and nobody["reporting_unit"] is None


def test_who_has_something_measured_beside_what_is_granted_is_ranked_without_the_rest():
    made = framework({"b": ["z"], "a": ["x", "y", "v"]})
    table = values([[1, 2, 3, 3], [3, 4, 1, 2], [5, 1, 6, 9]], made)
    found = composite.build(table, made, dict.fromkeys(table["reporting_unit"], "all"))
    marked = found.values.assign(granted=np.nan)
    first = (marked["reporting_unit"] == "u0") & (marked["indicator"] == "x")
    marked.loc[first, "granted"] = marked.loc[first, "normalised"]
    ranks = left_out.ranks(marked, found.scores, found.tree, made)
    assert ranks["rank_without"].notna().all()
    assert set(ranks["code"]) == {"z", "x", "y", "v", "a"}, "b is its only part"
