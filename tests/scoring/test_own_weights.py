"""Weights of one's own: the published give what is published, others what a reader can add up."""

import numpy as np
import pandas as pd
import pytest
from composites import framework, matrices, values
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.scoring import composite, own_weights

MEANS = ("arithmetic", "geometric", "harmonic")
some = st.floats(0.01, 100)


def built(x, **changes):
    made = framework(normalise={"method": "min_max", "range": [1, 100]}, **changes)
    return made, composite.build(values(x, made), made)


def whole(scores):
    held = scores[scores["level"] == "framework"].astype({"reporting_unit": object})
    return held.set_index("reporting_unit")[["score", "rank", "ranked"]]


@settings(max_examples=15)
@given(matrices(), st.sampled_from(MEANS), some)
def test_the_published_weights_give_the_published_ranks_whatever_they_add_up_to(x, mean, times):
    made, held = built(x, aggregate=mean)
    same = {code: times * weight for code, weight in own_weights.parts(held.tree).items()}
    found = own_weights.rescored(held.values, made, held.tree, same)
    pd.testing.assert_frame_equal(whole(found), whole(held.scores), rtol=1e-9, check_dtype=False)


@settings(max_examples=15)
@given(matrices(), some, some)
def test_an_arithmetic_score_is_the_weighted_mean_of_its_parts(x, a, b):
    made, held = built(x)
    parts = held.scores[held.scores["level"] == "dimension"].astype({"reporting_unit": object})
    parts = parts.pivot(index="reporting_unit", columns="code", values="score")
    found = whole(own_weights.rescored(held.values, made, held.tree, {"a": a, "b": b}))
    expected = (a * parts["a"] + b * parts["b"]) / (a + b)
    np.testing.assert_allclose(found["score"], expected.reindex(found.index), rtol=1e-9)


@pytest.mark.parametrize("mean", MEANS)
def test_a_part_of_weight_0_is_left_out_even_where_it_is_missing(mean):
    x = np.array([[10, 4, np.nan, 8], [3, 9, 2, 2], [5, 1, 7, 0]], float)
    made, held = built(x, aggregate=mean)
    assert np.isnan(whole(held.scores).loc["u0", "score"])
    found = whole(own_weights.rescored(held.values, made, held.tree, {"a": 1, "b": 0}))
    alone = framework(
        {"a": ["a1", "a2"]}, normalise={"method": "min_max", "range": [1, 100]}, aggregate=mean
    )
    expected = whole(composite.build(values(x[:, :2], alone), alone).scores)
    np.testing.assert_allclose(found["score"], expected["score"])
    assert found["rank"].tolist() == expected["rank"].tolist()


@pytest.mark.parametrize(
    ("weights", "told"),
    [
        ({"a": 1}, "b"),
        ({"a": 1, "b": 1, "c": 1}, "c"),
        ({"a": -1, "b": 1}, "từ 0 trở lên"),
        ({"a": float("nan"), "b": 1}, "từ 0 trở lên"),
        ({"a": float("inf"), "b": 1}, "từ 0 trở lên"),
        ({"a": 0, "b": 0}, "lớn hơn 0"),
    ],
)
def test_weights_that_make_no_score_are_refused_in_words(weights, told):
    made, held = built(np.arange(12.0).reshape(3, 4))
    with pytest.raises(ValueError, match=told):
        own_weights.rescored(held.values, made, held.tree, weights)
