"""Rules that contradict each other, add nothing, leave one value or are never applied are found."""

import shutil
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.catalogue import catalogue as cat
from analysis.catalogue import inspection, rule_sets
from analysis.catalogue.linear_rules import Linear
from analysis.project import Place

ITEMS = "abcde"
SEVERITIES = {"hard": "blocking", "again": "blocking", "soft": "warning", "jump": "warning"}


def form(*rules, layout="sheet", **maxima):
    items = {i: {"kind": "count"} | ({"maximum": maxima[i]} if i in maxima else {}) for i in ITEMS}
    return {"form": "f", "layout": layout, "items": items, "rules": list(rules)}


def add(total, *parts, rule="hard"):
    return dict(rule=rule, kind="sum", total=total, parts=list(parts))


def most(item, limit, rule="hard"):
    return dict(rule=rule, kind="at_most", item=item, limit=limit)


def faults(*rules, **more):
    return list(rule_sets.faults(form(*rules, **more), SEVERITIES, 10**9))


def remarks(*rules):
    return list(rule_sets.remarks(form(*rules), SEVERITIES))


def test_rules_that_say_different_things_are_no_fault():
    assert faults(add("a", "b", "c"), add("b", "d", "e"), most("e", "c"), most("d", "c")) == []
    assert remarks(add("a", "b", "c"), most("d", "a"), most("e", "d")) == []


def test_two_sums_that_force_a_part_to_nothing():
    """a = b + c and b = a + d leave c and d nothing but 0 (validatetools: fixed variables)."""
    found = faults(add("a", "b", "c"), add("b", "a", "d", rule="again"))
    assert [where for where, _ in found] == [("rules", 1)] * 2
    assert {what for _, what in found} == {
        "rules hard, again: c can only be 0",
        "rules hard, again: d can only be 0",
    }


def test_a_rule_that_stands_twice_is_named_once_where_it_is_repeated():
    [(where, what)] = faults(most("a", "b"), most("a", "b", rule="again"))
    assert where == ("rules", 1)
    assert what == "rule again says nothing new: it follows from rule hard"


def test_what_blocks_does_not_follow_from_what_only_warns():
    assert faults(most("a", "b", rule="soft"), most("a", "b"))[0][0] == ("rules", 0)
    assert remarks(most("a", "b", rule="soft"), most("b", "c", rule="soft"), most("a", "c")) == []


def test_a_chain_is_a_remark_for_one_of_its_figures_may_be_blank():
    chain = (most("a", "b"), most("b", "c"), most("a", "c", rule="again"))
    assert faults(*chain) == []
    [(where, what)] = remarks(*chain)
    assert where == ("rules", 2) and "again follows from rule hard, unless" in what


def test_a_rule_that_is_never_applied():
    large = dict(rule="jump", kind="expected_range", item="a", at_least=200)
    [(where, what)] = faults(large, a=100)
    assert where == ("rules", 0, "at_least") and "more than a can be, 100" in what
    assert faults(large) == []
    [(where, what)] = faults(dict(rule="hard", kind="total_row"), layout="register")
    assert where == ("rules", 0) and "no total row" in what


def test_a_limit_that_no_figure_reaches_makes_a_rule_idle():
    tolerant = add("a", "b") | {"tolerance": 5}
    [(_, what)] = faults(tolerant, a=2, b=2)
    assert "follows from what its items can be" in what


def test_the_check_of_the_catalogue_names_the_line_and_no_start_is_stopped(tmp_path):
    shutil.copytree(Place().catalogue, tmp_path / "data/catalogue")
    path = tmp_path / "data/catalogue/forms/edocs.yml"
    text = path.read_text("utf-8")
    rule = "  - {rule: signed_within_electronic, kind: at_most, item: documents_sent_signed, "
    path.write_text(text + rule + "limit: documents_sent_electronically}\n", "utf-8")
    _, found = inspection.problems(tmp_path)
    [(line, what)] = found["data/catalogue/forms/edocs.yml"]
    assert (
        line == len(text.splitlines()) + 1 and "signed_within_electronic says nothing new" in what
    )
    assert len(found) == 1 and cat.load(tmp_path).forms["edocs"]
    [(line, _)] = inspection.remarks(tmp_path)["data/catalogue/forms/II.07b.yml"]
    assert (
        "one_stop_procedures, limit"
        in (path.parent / "II.07b.yml").read_text().split("\n")[line - 1]
    )


def linear(coefficients, bound, equal):
    return Linear("r", dict(zip(ITEMS, coefficients, strict=True)), bound, equal)


SHARES = st.lists(st.integers(-1, 1), min_size=5, max_size=5)
POINT = st.lists(st.integers(-(10**4), 10**4), min_size=5, max_size=5)


def at(rule, point):
    return sum(c * point[ITEMS.index(i)] for i, c in rule.coefficients.items())


def rules_held_by(point, drawn):
    """Rules that ``point`` fulfils: each drawn is (coefficients, room; None for an equation)."""
    found = []
    for coefficients, room in drawn:
        value = at(linear(coefficients, 0, False), point)
        found.append(linear(coefficients, value + (room or 0), room is None))
    return found


DRAWN = st.lists(
    st.tuples(SHARES, st.one_of(st.none(), st.integers(0, 10**4))), min_size=1, max_size=4
)


@settings(deadline=None, max_examples=20)
@given(POINT, DRAWN, SHARES)
def test_what_some_figures_fulfil_is_never_called_contradictory_nor_what_they_break_implied(
    point, drawn, coefficients
):
    rules = rules_held_by(point, drawn)
    assert rule_sets.contradiction(rules) is None
    broken = linear(coefficients, at(linear(coefficients, 0, False), point) - 1, False)
    assert rule_sets.implied(broken, rules) is None
    for n, item in enumerate(ITEMS):
        one = rule_sets.fixed(item, rules)
        assert one is None or one[0] == Fraction(point[n])


@settings(deadline=None, max_examples=20)
@given(POINT, DRAWN, st.lists(st.integers(0, 3), min_size=4, max_size=4), st.integers(0, 5))
def test_a_combination_of_rules_is_found_to_follow_from_them_and_its_opposite_to_contradict(
    point, drawn, weights, room
):
    rules = rules_held_by(point, drawn)
    weights = weights[: len(rules)]
    sums = [sum(w * r.coefficients[i] for w, r in zip(weights, rules, strict=True)) for i in ITEMS]
    bound = sum(w * r.bound for w, r in zip(weights, rules, strict=True)) + room
    assert rule_sets.implied(linear(sums, bound, False), rules) is not None
    against = linear([-s for s in sums], -bound - 1, False)
    assert rule_sets.contradiction([*rules, against]) is not None


@pytest.mark.parametrize("code", ["II.06a", "egov"])
def test_shipped_rules_that_are_taken_apart_are_missed(code):
    """Each linear rule of the form says something: none follows from what is left."""
    shipped = cat.load()
    severities = {c: r["severity"] for c, r in shipped.rules.items()}
    assert list(rule_sets.faults(shipped.forms[code], severities, 10**9)) == []
