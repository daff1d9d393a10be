"""Whether the rules of a form can be right together, and whether each of them says something.

The rules that are linear in a row (:mod:`analysis.catalogue.linear_rules`) are a system of
inequalities. What R's *validatetools* (E. de Jonge & M. van der Loo) calls infeasible, redundant
and fixed is found here by the lemma of Farkas: a system has no solution, or implies another
inequality, exactly if some combination of its inequalities says so. Linear programming proposes the
combination; it counts only if it holds in whole numbers and fractions, so nothing is reported that
is not proven. What is tighter than a
millionth of the largest bound may be missed, and that counts are whole is not used.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np

from analysis.catalogue import linear_rules
from analysis.catalogue.linear_rules import Linear
from analysis.language.messages import tell

_DENOMINATOR = 10**6  # of the shares of a combination; those of sums and limits are small
_LEAST = 1e-7  # shares below are noise of the solver

Row = tuple[dict[str, Fraction], Fraction, int]
"""An inequality Σ coefficient × item ≤ bound, and the place of its rule among those given."""


def contradiction(rules: Sequence[Linear]) -> list[int] | None:
    """Places of rules that no figures fulfil together; None where some figures fulfil them all."""
    proof = _combined(_rows(rules), {}, None)
    return proof[1] if proof else None


def implied(rule: Linear, others: Sequence[Linear]) -> list[int] | None:
    """Places of ``others`` from which ``rule`` follows; None where it does not.

    ``others`` must not contradict each other.
    """
    rows, used = _rows(others), set()
    for coefficients, bound, _ in _rows([rule]):
        nothing = not coefficients and bound >= 0  # 0 ≤ bound: true of all figures
        proof = (bound, []) if nothing else _combined(rows, coefficients, bound)
        if proof is None:
            return None
        used.update(proof[1])
    return sorted(used)


def fixed(item: str, rules: Sequence[Linear]) -> tuple[Fraction, list[int]] | None:
    """The one value that ``rules`` leave to an item, and the places of those that do.

    None where it may have several. ``rules`` must not contradict each other.
    """
    rows = _rows(rules)
    high = _combined(rows, {item: Fraction(1)}, None)
    low = _combined(rows, {item: Fraction(-1)}, None) if high else None
    if high is None or low is None or high[0] != -low[0]:
        return None
    return high[0], sorted({*high[1], *low[1]})


def faults(form: dict, severities: dict[str, str], count_max: float) -> Iterator[tuple[tuple, str]]:
    """Where and what: rules of a form that contradict each other, leave an item but one value, say
    of the same items what others say already, or are never applied.

    Parameters
    ----------
    severities
        Code of a rule → blocking, warning or note (rules.yml).
    count_max
        The largest count that can be right, where its item names no maximum (parameters.yml).
    """
    yield from _never(form, count_max)
    held, limits = _linear(form, severities)
    rules = [*(linear for _, linear in held), *limits]
    together = contradiction(rules)
    if together is not None:
        last, named = _named(together, held)
        yield last, tell("{named}: no figures fulfil them together", named=named)
        return
    for where, rule, named in _idle(held, limits, of_its_items=True):
        yield (
            where,
            tell("rule {rule} says nothing new: it follows from {named}", rule=rule, named=named),
        )
    for item in dict.fromkeys(item for _, linear in held for item in linear.coefficients):
        one = fixed(item, rules)
        if one and any(place < len(held) for place in one[1]):
            last, named = _named(one[1], held)
            yield (
                last,
                tell("{named}: {item} can only be {one}", named=named, item=item, one=one[0]),
            )


def remarks(form: dict, severities: dict[str, str]) -> Iterator[tuple[tuple, str]]:
    """Where and what: rules of a form that follow from others as long as no figure is blank.

    They are no fault: beside a blank they find what the others cannot.
    """
    held, limits = _linear(form, severities)
    if contradiction([*(linear for _, linear in held), *limits]) is None:
        for where, rule, named in _idle(held, limits, of_its_items=False):
            yield (
                where,
                tell(
                    "rule {rule} follows from {named}, unless one of their figures is blank",
                    rule=rule,
                    named=named,
                ),
            )


def _linear(form: dict, severities: dict[str, str]) -> tuple[list[tuple[int, Linear]], list]:
    """The rules that are linear in a row, each with its place in the form, and limits of items."""
    rules = [
        (place, linear)
        for place, rule in enumerate(form["rules"])
        for linear in linear_rules.rows({"items": {}, "rules": [rule]}, severities)
    ]
    return rules, linear_rules.rows(form | {"rules": []}, severities)


def _idle(
    held: list[tuple[int, Linear]], limits: list[Linear], of_its_items: bool
) -> Iterator[tuple[tuple, str | None, str]]:
    """Where rules stand that find nothing which others do not, and what these are; of two that say
    the same, the later one. ``of_its_items``: the others name no further items.

    What blocks may follow only from what blocks: a warning lets the figures through.
    """
    left = list(held)
    for place, rule in reversed(held):
        rest = [(p, r) for p, r in left if r is not rule]
        others = [(p, r) for p, r in rest if rule.soft or not r.soft]
        if of_its_items:
            others = [o for o in others if set(o[1].coefficients) <= set(rule.coefficients)]
        why = implied(rule, [*(r for _, r in others), *limits])
        if why is not None:
            left = rest
            named = _named(why, others)[1] or tell("what its items can be")
            yield ("rules", place), rule.rule, named


def _never(form: dict, count_max: float) -> Iterator[tuple[tuple, str]]:
    """Rules that are applied to no figure at all."""
    for place, rule in enumerate(form["rules"]):
        spec = form["items"].get(rule.get("item"), {})
        largest = spec.get("maximum", count_max if spec.get("kind") == "count" else None)
        if largest is not None and rule.get("at_least", 0) > largest:
            what = tell(
                "at_least {at_least} is more than {item} can be, {largest}",
                at_least=rule["at_least"],
                item=rule["item"],
                largest=largest,
            )
            yield (
                ("rules", place, "at_least"),
                tell("rule {rule} is never applied: {what}", rule=rule["rule"], what=what),
            )
        rows = form["layout"] == "sheet" or "field" in form.get("columns", ())
        if rule["kind"] == "total_row" and not rows:
            what = tell("a form of layout {layout} has no total row", layout=form["layout"])
            yield (
                ("rules", place),
                tell("rule {rule} is never applied: {what}", rule=rule["rule"], what=what),
            )


def _named(places: list[int], held: list[tuple[int, Linear]]) -> tuple[tuple, str]:
    """Where the last of the rules stands, and all of them by name; limits of items have none."""
    at = sorted((held[p] for p in places if p < len(held)), key=lambda one: one[0])
    names = dict.fromkeys(str(rule.rule) for _, rule in at)
    where = ("rules", at[-1][0]) if at else ("items",)
    several = tell("rules {names}", names=", ".join(names))
    one = tell("rule {name}", name=next(iter(names), ""))
    return where, several if len(names) > 1 else one if names else ""


def _rows(rules: Sequence[Linear]) -> list[Row]:
    """The rules as inequalities; what is equal within a tolerance is two."""
    found: list[Row] = []
    for place, rule in enumerate(rules):
        shares = {item: Fraction(c) for item, c in rule.coefficients.items() if c}
        bound, room = _exact(rule.bound), _exact(rule.tolerance)
        found.append((shares, bound + room, place))
        if rule.equal:
            found.append(({item: -c for item, c in shares.items()}, room - bound, place))
    return found


def _exact(figure: float) -> Fraction:
    """A decimal as it is written: 0.1 is one tenth."""
    return Fraction(str(figure))


def _combined(
    rows: list[Row], target: dict[str, Fraction], bound: Fraction | None
) -> tuple[Fraction, list[int]] | None:
    """The least bound of ``target`` that a combination of ``rows`` proves, and their rules.

    None if there is none, or none within ``bound``. Of the empty target: a bound below 0.
    """
    from scipy.optimize import linprog  # a third of a second, needed when rules are examined only

    if not rows:
        return None
    items = list(dict.fromkeys([*(i for shares, _, _ in rows for i in shares), *target])) or [""]
    matrix = np.array([[float(shares.get(i, 0)) for shares, _, _ in rows] for i in items])
    wanted = np.array([float(target.get(i, 0)) for i in items])
    cost = np.array([float(b) for _, b, _ in rows])
    most = None if target else 1  # a contradiction could be multiplied for ever
    found = linprog(cost, A_eq=matrix, b_eq=wanted, bounds=(0, most))
    if not found.success:
        return None
    shares = [
        Fraction(y).limit_denominator(_DENOMINATOR) if y > _LEAST else Fraction(0) for y in found.x
    ]
    used = [(y, row) for y, row in zip(shares, rows, strict=True) if y]
    proven = all(
        sum(y * row[0].get(i, 0) for y, row in used) == target.get(i, Fraction(0)) for i in items
    )
    total = sum((y * row[1] for y, row in used), Fraction(0))
    within = total < 0 if not target else bound is None or total <= bound
    return (total, sorted({row[2] for _, row in used})) if proven and within else None
