"""Causes: several cells by one slip, the likeliest first, and ties named as such."""

import random

import known
import pytest

from analysis.catalogue.linear_rules import Linear
from analysis.editing import causes, localise
from analysis.editing.blocks import TOTAL, Block, Shape

SHAPE = known.parts("abcde", {"a": "bc", "d": "e"})
TRUE = [[345, 123, 222, 31, 31], [1087, 975, 112, 764, 764], [508, 77, 431, 9, 9]]
TRUE.append([sum(c) for c in zip(*TRUE, strict=True)])


def block(changes) -> Block:
    grid = [list(r) for r in TRUE]
    for (r, c), value in changes.items():
        grid[r][c] = value
    return SHAPE.block(["1", "2", "3", TOTAL], grid)


def explained(of: Block) -> list[causes.Explanation]:
    return causes.explanations(of, localise.solutions(of))


def told(of: Block, one: causes.Explanation) -> dict:
    return {of.place(v): s.only for v, s in one.values.items()}


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("transposed", {(0, 1): 132}),
        ("digit_missing", {(1, 0): 108}),
        ("times_1000", {(2, 2): 431000}),
        ("sign", {(2, 1): -77}),
        ("swapped", {(0, 1): 222, (0, 2): 123}),  # side by side
        ("swapped", {(1, 2): 431, (2, 2): 112}),  # one above the other
        ("copied_above", {(2, 1): 975}),
        ("total_not_updated", {(3, 1): 1172, (3, 2): 768}),
        ("row_times_1000", {(0, c): 1000 * x for c, x in enumerate(TRUE[0])}),
        ("row_copied", {(1, c): x for c, x in enumerate(TRUE[0])}),
        ("digit", {(0, 2): 227, (3, 2): 770}),  # carried into the total
    ],
)
def test_one_cause_explains_its_cells_with_their_true_figures(code, changes):
    of = block(changes)
    first = explained(of)[0]
    assert [c.code for c in first.causes] == [code]
    assert told(of, first) == {(r, c): TRUE[r][c] for r, c in changes}


def test_a_single_broken_sum_is_no_certainty():
    of = known.parts("abc", {"a": "bc"}, total=False).block(["1"], [[50, 12, 36]])
    found = explained(of)
    codes = [[c.code for c in e.causes] for e in found]
    assert codes == [["digit"], ["digit"], [""]] and causes.tied(found) == 2


WITHIN = Shape(
    ("sent", "online", "received"),
    (Linear("within", {"online": 1, "sent": -1}, equal=False),),
    "total_row",
    frozenset({"sent", "online", "received"}),
)
SENT = [[1840, 1210, 2675], [3127, 2960, 1904], [952, 431, 1388]]
SENT.append([sum(c) for c in zip(*SENT, strict=True)])


def without_identities(changes) -> Block:
    grid = [list(r) for r in SENT]
    for (r, c), value in changes.items():
        grid[r][c] = value
    return WITHIN.block(["1", "2", "3", TOTAL], grid)


def test_two_slips_in_columns_that_no_identity_binds_are_not_one_stale_total():
    slips = {(0, 1): 1215, (1, 2): 1984}  # one digit wrong in each
    of = without_identities(slips)
    found = explained(of)
    likely = [told(of, e) for e in found[: causes.tied(found)]]
    assert {place: SENT[place[0]][place[1]] for place in slips} in likely


def test_a_total_that_was_not_updated_is_one_cause_where_columns_move_together():
    stale = {(3, c): SENT[3][c] - 37 for c in (0, 1)}
    of = without_identities(stale)
    found = explained(of)
    assert [c.code for c in found[0].causes] == ["total_not_updated"] and causes.tied(found) == 1


def test_of_a_block_that_is_wrong_all_over_no_figures_are_tried_one_by_one(monkeypatch):
    rng, tried, real = random.Random(2), [], localise.Trial.spans
    grid = [[rng.randint(50, 60) for _ in range(3)] for _ in range(9)]
    of = WITHIN.block([*map(str, range(1, 9)), TOTAL], grid)
    minimal = localise.solutions(of)
    monkeypatch.setattr(localise.Trial, "spans", lambda *a: tried.append(a) or real(*a))
    told_all = causes.of_minimal(of, minimal)
    assert len(told_all) == len(minimal) > 20 and len(tried) <= causes.PINNED
    monkeypatch.setattr(causes, "PINNED", 10**9)
    causes.of_minimal(of, minimal)
    assert len(tried) > causes.KINDS * 100, "they would be thousands"


@pytest.mark.parametrize("name", known.sent())
def test_in_blocks_with_known_errors_the_wrong_cells_are_among_the_likely_ones(name):
    of, truth = known.block(name, "soft"), known.sent()[name]
    true = [x for row in truth["true"] for x in row]
    wrong = {v for v, x in enumerate(true) if of.values[v] != x}
    found = explained(of)
    likely = [e.cells | set(of.missing) for e in found[: causes.tied(found)]]
    assert wrong in likely
    assert all(s.only == true[v] for v, s in found[likely.index(wrong)].values.items())
