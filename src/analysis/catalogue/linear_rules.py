"""The rules of a form that are linear in the figures of one row, as coefficients.

What examines rules (whether they contradict each other) and what locates errors (which figures
cannot all be right) read the same list.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Linear:
    """Σ ``coefficients`` × item = ``bound`` (``equal``), or ≤ ``bound``.

    ``rule`` is the code of the rule that says so, None for what an item is (a count is no less than
    0). ``soft`` rules can be let go: they are warnings. ``tolerance`` is what rounding may leave.
    """

    rule: str | None
    coefficients: dict[str, int]
    bound: float = 0
    equal: bool = True
    soft: bool = False
    tolerance: float = 0


def rows(form: dict, severities: dict[str, str]) -> list[Linear]:
    """What every row of the form must fulfil.

    Parameters
    ----------
    severities
        Code of a rule → blocking, warning or note (rules.yml).
    """
    found = [_limit(item, spec) for item, spec in form["items"].items()]
    held = [limit for limits in found for limit in limits]
    for rule in form["rules"]:
        soft = severities[rule["rule"]] != "blocking"
        if rule["kind"] == "sum":
            parts = dict.fromkeys(rule["parts"], -1)
            tolerance = rule.get("tolerance", 0)
            total = {rule["total"]: 1} | parts
            held.append(Linear(rule["rule"], total, soft=soft, tolerance=tolerance))
        elif rule["kind"] == "at_most":
            both = {rule["item"]: 1, rule["limit"]: -1}
            held.append(Linear(rule["rule"], both, equal=False, soft=soft))
    return held


def _limit(item: str, spec: dict) -> list[Linear]:
    limits = []
    if spec["kind"] == "count":
        limits.append(Linear(None, {item: -1}, equal=False))
    if "maximum" in spec:
        limits.append(Linear(None, {item: 1}, bound=spec["maximum"], equal=False))
    return limits
