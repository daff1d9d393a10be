"""Slips of the pen: what a figure may have been."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.editing import slips


@pytest.mark.parametrize(
    ("submitted", "true", "code", "chance"),
    [
        (1243, 1234, "transposed", 1 / 3),
        (1, 10, "transposed", 1),  # 01
        (1239, 1234, "digit", 1 / 36),
        (34, 134, "digit_missing", 1 / 3),
        (11, 111, "digit_missing", 1),
        (1234, 124, "digit_extra", 1 / 80),
        (1224, 124, "digit_extra", 1 / 6 + 1 / 40),  # doubled, or put in on either side of it
        (5000, 5, "times_1000", 1),
        (12, 1200, "divided_100", 1),
        (-9, 9, "sign", 1),
    ],
)
def test_a_slip_has_the_chance_of_its_places_and_digits(submitted, true, code, chance):
    assert slips.likelihoods(submitted, true)[code] == pytest.approx(chance)


def test_a_figure_that_is_right_is_no_slip():
    assert slips.likelihoods(7, 7) == {}


@settings(max_examples=20)
@given(st.integers(-(10**13), 10**13))
def test_every_origin_of_a_figure_becomes_it_by_a_slip(submitted):
    for true in slips.origins(submitted):
        chances = slips.likelihoods(submitted, true)
        assert chances and all(0 < c <= 1 for c in chances.values())


@given(st.integers(1, 10**12), st.data())
def test_what_a_slip_makes_of_a_figure_has_it_among_its_origins(true, data):
    text = str(true)
    i, d = data.draw(st.integers(0, len(text) - 1)), data.draw(st.sampled_from("0123456789"))
    made = {
        "put in": text[:i] + d + text[i:],
        "mistyped": text[:i] + d + text[i + 1 :],
        "left out": text[:i] + text[i + 1 :] or text,
        "exchanged": text[:i] + text[i + 1 : i + 2] + text[i] + text[i + 2 :],
    }
    for submitted in {int(m) for m in made.values()} - {true}:
        if len(str(submitted)) >= len(text) - 1 or submitted == 0:  # no more than one leading 0
            assert true in slips.origins(submitted) or str(submitted) != made["left out"]
