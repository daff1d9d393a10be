"""What shown totals tell of their parts, by sums of two or three firms that can be done by hand."""

import numpy as np
import pytest
from scipy import sparse

from analysis.survey import bounds


def matrix(*rows) -> sparse.csr_array:
    return sparse.csr_array(np.array(rows, dtype=float))


def system(*rows, firms=None, owner=None, total=None, first=None) -> bounds.System:
    """Totals of parts, each of one firm that answered 1 where nothing else is said."""
    count = len(rows[0])
    ones = np.ones(count)
    firms, total = (ones if x is None else np.array(x, float) for x in (firms, total))
    first = total if first is None else np.array(first, float)
    owner = np.arange(count) if owner is None else np.array(owner)
    return bounds.System(matrix(*rows), owner, firms, total, first)


def test_rows_of_size_one_have_it_as_their_greatest_coefficient():
    found = bounds.of_size_one(matrix([2, 4, 0], [0, 0, 0], [-0.4, 0.1, 0.05]))
    np.testing.assert_allclose(found.toarray(), [[0.5, 1, 0], [0, 0, 0], [-1, 0.25, 0.125]])
    assert bounds.of_size_one(sparse.csr_array((0, 3))).shape == (0, 3)
    assert bounds.of_size_one(sparse.csr_array((2, 3))).toarray().tolist() == [[0] * 3] * 2


def test_blocks_are_what_hangs_together():
    rows = matrix([1, 0, 0, 1, 0], [0, 1, 0, 0, 0], [0, 0, 0, 1, 0], [0, 0, 0, 0, 0])
    found = [(own.tolist(), parts.tolist()) for own, parts in bounds.blocks(rows)]
    assert found == [([0, 2], [0, 3]), ([1], [1])], "no total is of the parts 2 and 4"
    assert list(bounds.blocks(sparse.csr_array((2, 3)))) == []


@pytest.mark.parametrize("size", [1e-6, 1, 1e6])
def test_combinations_of_the_rows_are_their_own_projection(size):
    found = bounds.projector(size * matrix([1, 1, 0], [2, 2, 0]))
    np.testing.assert_allclose(found, [[0.5, 0.5, 0], [0.5, 0.5, 0], [0, 0, 0]], atol=1e-12)
    whole = bounds.projector(size * matrix([1, 1, 0], [1, 0, 0], [0, 0, 1], [1, 1, 1]))
    np.testing.assert_allclose(whole, np.eye(3), atol=1e-12)


def test_of_nothing_nothing_is_a_combination():
    for rows in (sparse.csr_array((0, 2)), sparse.csr_array((2, 2))):
        assert bounds.projector(rows).tolist() == [[0, 0], [0, 0]]
        assert bounds.needless(rows).tolist() == [True] * rows.shape[0]


@pytest.mark.parametrize("size", [1e-6, 1, 1e6])
def test_a_total_is_needless_where_the_rest_tell_it(size):
    rows = size * matrix([1, 0, 0, 0], [0, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 1])
    assert bounds.needless(rows).tolist() == [True, True, True, False]


def test_a_total_is_spanned_where_the_others_tell_it_exactly():
    rows = matrix([1, 1, 0, 0], [0, 1, 0, 0], [0, 0, 1, 1])
    wanted = matrix([1, 0, 0, 0], [1, 1, 1, 1], [0, 0, 1, 0], [0, 0, 1, 1.001], [0, 0, 0, 0])
    assert bounds.spanned(rows, wanted).tolist() == [True, True, False, False, True]


@pytest.mark.parametrize(
    ("rows", "firms", "minimum", "found"),
    [
        # x + y alone: of both, so that both together must be fewer than allowed
        ([[1, 1]], [2, 2], 5, [0, 1]),
        ([[1, 1]], [2, 3], 5, []),
        ([[1, 1]], [3, 1], 5, [0, 1]),
        # x + y + z: three firms are fewer than four, and not fewer than three
        ([[1, 1, 1]], [1, 1, 1], 4, [0, 1, 2]),
        ([[1, 1, 1]], [1, 1, 1], 3, []),
        # a part alone, below, at and above the minimum
        ([[1, 0], [0, 1]], [4.5, 5], 5, [0]),
        ([[1, 0], [0, 1]], [5, 6], 5, []),
    ],
)
def test_parts_are_suspect_where_a_combination_of_too_few_could_be_greatest(
    rows, firms, minimum, found
):
    assert bounds.suspects(system(*rows, firms=firms), minimum).tolist() == found


def test_amounts_of_the_same_firms_count_once_among_the_suspect():
    """a + b are two amounts of two firms: together with c of one they are three firms."""
    held = system([1, 1, 1], firms=[2, 2, 1], owner=[0, 0, 1])
    assert bounds.suspects(held, 4).tolist() == [0, 1, 2]
    assert bounds.suspects(held, 3).tolist() == []


@pytest.mark.parametrize(
    ("rows", "more", "at", "least"),
    [
        ([[1, 1]], {"firms": [2, 3]}, 0, 5),
        ([[1, 0.5]], {"firms": [2, 3]}, 0, 3.5),
        ([[1, 0.5]], {"firms": [2, 3]}, 1, 7),  # 2x + y
        # (x + y) − (y + z/4) leaves 2 + 4 ÷ 4 firms, x + y alone 2 + 3
        ([[1, 1, 0], [0, 1, 0.25]], {"firms": [2, 3, 4]}, 0, 3),
        # two amounts of the same firms: the greater is what counts of them
        ([[1, 0.5, 1]], {"firms": [2, 2, 1], "owner": [0, 0, 1]}, 0, 3),
        ([[0.5, 1, 1]], {"firms": [2, 2, 1], "owner": [0, 0, 1]}, 1, 3),
        ([[1, 0.5]], {"firms": [2, 2], "owner": [0, 0]}, 0, 2),  # no other firm
        ([[0, 1]], {"firms": [2, 3]}, 0, 12),  # no total is of it
    ],
)
def test_the_fewest_firms_of_a_combination(rows, more, at, least):
    found, weight = bounds.of_few(system(*rows, **more), at, 10)
    assert found == pytest.approx(least)
    assert weight.shape == (len(rows),) and (weight >= 0).all()


def test_a_total_weighs_what_it_has_in_the_combination():
    held = system([1, 1, 0], [0, 1, 0.25], firms=[2, 3, 4])
    assert bounds.of_few(held, 0, 10)[1].tolist() == pytest.approx([1, 1])
    held = system([1, 1, 0], [0, 1, 1], firms=[2, 3, 4])
    assert bounds.of_few(held, 0, 10)[1].tolist() == pytest.approx([1, 0]), "x + y alone is less"


@pytest.mark.parametrize(
    ("need", "floor", "share"),
    [
        (20, [10, 20], 1),  # x can be larger by all that y can be less
        (40, [10, 20], 0.5),
        (16, [10, 4], 0.25),
        (5, [10, 0], 0),
    ],
)
def test_how_much_larger_a_part_can_be_in_another_world(need, floor, share):
    held = system([1, 1], total=[10, 20])
    reach, weight = bounds.moved(held, np.array(floor, float), matrix([1, 0]), np.array([need]))
    assert reach == pytest.approx([share])
    assert (weight > 0).all() == (share < 1), "the total stands in the way"


def test_two_aims_share_what_can_move():
    """x and y want 10 each and z has 10 to give: half of what both need."""
    held, aims = system([1, 1, 1], total=[10, 10, 10]), matrix([1, 0, 0], [0, 1, 0])
    needs, floor = np.array([10.0, 10.0]), np.array([0, 0, 10.0])
    assert bounds.moved(held, floor, aims, needs)[0].sum() == pytest.approx(1)
    assert bounds.moved(held, 2 * floor, aims, needs)[0] == pytest.approx([1, 1])


def test_parts_of_amount_0_can_be_larger_and_not_less():
    """x is 0 and y is 10: x + y tells of x that it is 10 at most, of y nothing beyond that."""
    held = system([1, 1], total=[0, 10])
    assert bounds.moved(held, held.total, matrix([0, 1]), np.array([1.0]))[0] == pytest.approx([0])


def test_no_aim_is_larger_by_more_than_it_needs():
    """The same amount twice: where it is larger by 20, the one that needs 5 has all of it."""
    held = system([1, 1], total=[10, 20])
    needs = np.array([5.0, 20.0])
    found = bounds.moved(held, held.total, matrix([1, 0], [1, 0]), needs)[0]
    assert found.tolist() == pytest.approx([1, 1])


def test_aims_of_which_one_world_serves_none_are_tried_by_themselves():
    """x, y and z each need two of three amounts of 10 nearly whole; all at once get half of it."""
    rows = [1, 1, 0, 1, 0, 0], [0, 1, 1, 0, 1, 0], [1, 0, 1, 0, 0, 1]
    few, many = [1e-3] * 3, [10.0] * 3
    held = system(*rows, total=few + many, first=few + [0.1] * 3, firms=[1] * 3 + [200] * 3)
    aims, needs = matrix(*np.eye(6)[:3]), np.array([9.0] * 3)
    assert (bounds.moved(held, held.total, aims, needs)[0] < 0.6).all()
    assert bounds.close(held, aims, needs).tolist() == []


@pytest.mark.parametrize(("need", "found"), [(4.9, []), (5.1, [0])])
def test_an_amount_is_close_where_a_firm_that_knows_its_own_can_bound_it(need, found):
    """x and y are 10 and 20, of which one firm of y has 15: it knows that y is 15 or more."""
    held = system([1, 1], firms=[1, 2], total=[10, 20], first=[10, 15])
    aims, needs = matrix([1, 0]), np.array([need])
    assert bounds.close(held, aims, needs).tolist() == found
    weight = bounds.told(held, aims, need)
    assert weight is None if not found else weight.tolist() == pytest.approx([weight[0]])
    assert found == [] or weight[0] > 0


def test_of_many_aims_those_are_close_that_no_world_serves():
    """y has nothing to give: x is known; z and w are not, as either may give to the other."""
    held = system(
        [1, 1, 0, 0], [0, 0, 1, 1], total=[10, 5, 30, 30], first=[10, 5, 1, 1], firms=[1, 1, 9, 9]
    )
    aims, needs = matrix(*np.eye(4)[[0, 2, 3, 1]]), np.array([7.0, 3, 3, 12])
    assert bounds.close(held, aims, needs).tolist() == [0, 3]
    assert bounds.close(held, aims[[1, 2]], needs[[1, 2]]).tolist() == []
    whole = np.array([1.0, 1.0])
    assert bounds.close(held, aims[[0, 3]], whole).tolist() == [0, 1], "both are of one firm"


@pytest.mark.parametrize(
    ("rows", "aim", "ends"),
    [
        ([[1, 1, 0]], [1, 0, 0], [0, 30]),
        ([[1, 1, 0], [0, 1, 0]], [1, 0, 0], [10, 10]),
        ([[1, 2, 0]], [1, 0, 0], [0, 50]),
        ([[1, 2, 0]], [0, 1, 0], [0, 25]),
        ([[1, 1, 0], [0, 1, 1]], [1, 0, 1], [10, 70]),  # 30 + 40 − 2y, y from 0 to 30
        ([[1, 1, 0]], [0, 0, 1], [0, np.inf]),
        ([[1, 1, 0]], [1, 0, 1], [0, np.inf]),
        ([[1, 1, 0]], [2, 2, 0], [60, 60]),
    ],
)
def test_what_all_shown_totals_allow(rows, aim, ends):
    """Of 10, 20 and 20, none below 0."""
    held = system(*rows, total=[10, 20, 20])
    assert bounds.intervals(held, matrix(aim)).tolist() == [pytest.approx(ends, abs=1e-6)]


@pytest.mark.parametrize(
    ("rows", "total", "ends"),
    [
        ([[1, 0], [1, 1]], [0, 5], [5, 5]),  # x = 0 is shown, and x + y = 5
        ([[1, 1]], [0, 20], [0, 20]),  # that x is 0 is told by nothing
    ],
)
def test_what_is_0_is_told_only_where_it_is_shown(rows, total, ends):
    held = system(*rows, total=total)
    assert bounds.intervals(held, matrix([0, 1])).tolist() == [pytest.approx(ends, abs=1e-6)]


def test_intervals_are_those_of_each_aim():
    held = system([1, 1, 0], [0, 0, 1], total=[5, 20, 3])
    found = bounds.intervals(held, matrix([0, 0, 1], [0, 1, 0], [0, 1, 1]))
    assert found.tolist() == [pytest.approx(ends, abs=1e-6) for ends in ([3, 3], [0, 25], [3, 28])]
