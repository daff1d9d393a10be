"""Error localisation: all smallest sets of cells, exactly, and no larger one."""

from fractions import Fraction
from itertools import combinations

import known
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from analysis.catalogue.linear_rules import Linear
from analysis.editing import localise
from analysis.editing.blocks import TOTAL, Known, Shape

SMALL = known.parts("abc", {"a": "bc"})


@pytest.mark.parametrize("rule_set", known.RULE_SETS)
@pytest.mark.parametrize("name", known.sent())
def test_all_minimal_solutions_are_those_of_an_independent_enumeration(name, rule_set):
    block = known.block(name, rule_set)
    found = {
        frozenset((*block.place(v), s.spans[v].low, s.spans[v].high) for v in s.spans)
        | frozenset((block.lets_go[v][1], None, None, None) for v in s.let_go)
        for s in localise.solutions(block)
    }
    assert found == known.solutions(name, rule_set)


@st.composite
def grids(draw, most=9):
    """A small block that was right, with one to three figures changed and perhaps a gap."""
    rows = [[draw(st.integers(0, most)) for _ in "bc"] for _ in range(draw(st.integers(1, 2)))]
    rows = [[sum(r), *r] for r in rows]
    rows.append([sum(c) for c in zip(*rows, strict=True)])
    for _ in range(draw(st.integers(0, 3))):
        r, c = draw(st.integers(0, len(rows) - 1)), draw(st.integers(0, 2))
        rows[r][c] = draw(st.none() | st.integers(-most, 3 * most))
    return rows


def small(grid, **more):
    return SMALL.block([*map(str, range(1, len(grid))), TOTAL], grid, **more)


def holds(grid) -> bool:
    sums = all(row[0] == row[1] + row[2] for row in grid)
    totals = all(grid[-1][c] == sum(r[c] for r in grid[:-1]) for c in range(3))
    return sums and totals and all(x >= 0 for row in grid for x in row)


def can_be_mended(grid, free) -> bool:
    """By another way: mixed-integer programming on the values themselves."""
    width, n = 3, 3 * len(grid)
    sums = [{r * width: 1, r * width + 1: -1, r * width + 2: -1} for r in range(len(grid))]
    last = (len(grid) - 1) * width
    sums += [{last + c: 1} | {r * width + c: -1 for r in range(len(grid) - 1)} for c in range(3)]
    matrix = np.zeros((len(sums), n))
    for k, one in enumerate(sums):
        for i, x in one.items():
            matrix[k, i] = x
    flat = [x for row in grid for x in row]
    if any(x is not None and x < 0 and i not in free for i, x in enumerate(flat)):
        return False
    low = [0 if i in free or x is None else x for i, x in enumerate(flat)]
    high = [1e4 if i in free or x is None else x for i, x in enumerate(flat)]
    equal = LinearConstraint(matrix, 0, 0)
    return milp(np.zeros(n), integrality=np.ones(n), bounds=Bounds(low, high),
                constraints=equal).success  # fmt: skip


@settings(max_examples=20, deadline=None)
@given(grids())
def test_brute_force_over_all_subsets_finds_the_same_sets(grid):
    found = localise.solutions(small(grid))
    given_cells = [i for i, x in enumerate(x for row in grid for x in row) if x is not None]
    for size in range(10):
        mended = {
            frozenset(s) for s in combinations(given_cells, size) if can_be_mended(grid, set(s))
        }
        if mended:
            break
    assert {s.cells for s in found} == mended
    assert {s.cost for s in found} == {size}


@settings(max_examples=60, deadline=None)
@given(grids(most=10**12))
def test_the_values_of_a_solution_make_every_rule_hold(grid):
    block = small(grid)
    for solution in localise.solutions(block):
        free, changed = sorted(solution.spans), block
        # bounds are sharp: any cell may take its least value, and then the others can follow
        for cell in free:
            rest = frozenset(free[free.index(cell) :])
            as_is = (cell, changed.values[cell] or 0)
            low = localise.Trial(changed, rest).spans(*as_is, localise.Allowance())[cell].low
            changed = changed.changed({cell: low})
        values = iter(changed.values)
        assert holds([[next(values) for _ in row] for row in grid])


@settings(max_examples=30, deadline=None)
@given(grids(), st.randoms(use_true_random=False))
def test_the_order_of_rows_and_columns_changes_nothing(grid, random):
    rows, columns = list(range(len(grid) - 1)), [0, 1, 2]
    random.shuffle(rows)
    random.shuffle(columns)
    rows.append(len(grid) - 1)
    block = small(grid)
    names = [block.rows[r] for r in rows]
    other = Shape(tuple("abc"[c] for c in columns), SMALL.linear, "total_row", SMALL.counts)
    moved = other.block(names, [[grid[r][c] for c in columns] for r in rows])

    def sets(of):
        return {
            frozenset((of.rows[r], of.columns[c]) for r, c in map(of.place, s.cells))
            for s in localise.solutions(of)
        }

    assert sets(block) == sets(moved)


def test_a_single_broken_sum_has_a_solution_for_each_of_its_cells():
    block = known.parts("abc", {"a": "bc"}, total=False).block(["1"], [[10, 4, 5]])
    assert {s.cells for s in localise.solutions(block)} == {
        frozenset({0}), frozenset({1}), frozenset({2}),
    }  # fmt: skip


def test_what_a_cell_weighs_decides_which_one_is_taken():
    shape = known.parts("abc", {"a": "bc"}, total=False)
    sure = Shape(shape.columns, shape.linear, None, shape.counts, {"a": 2, "b": 1.5})
    (only,) = localise.solutions(sure.block(["1"], [[10, 4, 5]]))
    assert only.cells == {2} and only.spans[2].only == 6 and only.cost == 1


def test_a_warning_can_be_let_go_at_the_cost_of_a_cell():
    shape = known.parts("abc", {"a": "bc"}, total=False)
    stock = Known("1", "b", 7, "carried_over")
    found = localise.solutions(shape.block(["1"], [[10, 4, 6]], [stock]))
    assert {(s.cells, len(s.let_go)) for s in found} == {(frozenset(), 1)}


def test_decimals_and_what_rounding_may_leave_are_held_exactly():
    rule = Linear("sum", {"a": 1, "b": -1, "c": -1}, tolerance=0.1)
    shape = Shape(("a", "b", "c"), (rule, Linear(None, {"b": -1}, equal=False)))
    within = shape.block(["1"], [[Fraction("1.2"), Fraction("0.5"), Fraction("0.6")]])
    beyond = shape.block(["1"], [[Fraction("1.3"), Fraction("0.5"), Fraction("0.6")]])
    assert localise.solutions(within)[0].cost == 0
    found = {tuple(s.cells): s.spans for s in localise.solutions(beyond)}
    span = found[0,][0]
    assert (span.low, span.high, beyond.scale) == (10, 12, 10)


def test_rules_that_contradict_each_other_leave_a_block_unsettled():
    rules = (Linear("low", {"a": 1}, bound=1), Linear("high", {"a": 1}, bound=2))
    with pytest.raises(localise.UnsettledError):
        localise.solutions(Shape(("a",), rules).block(["1"], [[1]]))


def test_the_search_ends_after_its_steps():
    block = known.block("B059" if "B059" in known.sent() else next(iter(known.sent())), "soft")
    with pytest.raises(localise.ExhaustedError):
        localise.solutions(block, localise.Allowance(3))
    with pytest.raises(localise.ExhaustedError):  # and where each step goes through many rules
        localise.solutions(block, localise.Allowance(rules=3))
