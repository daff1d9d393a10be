"""Three explorers for JupyterLab, over the functions that pages use: an indicator over units and
periods, weights of one's own, the cost of a procedure. The last line of a cell shows one."""

from collections.abc import Collection, Mapping

import pandas as pd

from analysis.display import controls, narrative, wordings
from analysis.display.charts import period_charts
from analysis.display.controls import Explorer
from analysis.display.resource import Shown, joined
from analysis.display.table import show
from analysis.history import breaks, history
from analysis.language.collation import in_order
from analysis.language.languages import choose, column, say
from analysis.period import Loaded
from analysis.scoring import own_weights
from analysis.survey import what_if
from analysis.topics import compliance_cost, rank_evidence, reweighted, scores_over_time

UNITS = 4
"""How many units can be asked for at once."""


MEASURES = {"percent": "%", "points": "điểm"}
"""What stands at the axis of an indicator, by its unit_measure; else that it is a value."""


def indicator(period: Loaded, framework: str = "", units: Collection[object] = ()) -> Explorer:
    """An indicator of a framework over the periods, of units that are named.

    ``framework``: its code, else the period's main one; ``units``: codes or names of those that it
    begins with, else the first two in the order of the alphabet.
    """
    chosen = period.framework(framework)
    code = chosen["framework"]
    names = period.catalogue.units_on(period.plan.end).set_index("code")[column("name")].to_dict()
    broken = breaks.listed(period, code)
    values = history.indicator_values(period, code)
    lines = scores_over_time.indicators_over_time(values, chosen, names, broken)
    labels = lines.drop_duplicates("indicator").set_index("indicator")["label"].to_dict()
    listed = lines.drop_duplicates("reporting_unit").sort_values("name", key=in_order)
    known = listed.set_index("reporting_unit")["name"].to_dict()
    if not labels or not known:
        raise ValueError(say("Kỳ {period} chưa có giá trị nào.", period=period.plan.key))
    begin = [known.get(period.unit(unit), "") for unit in units] or list(known.values())[:2]
    source = " ".join([narrative.source(period.plan), scores_over_time.broken(broken)])

    def view(indicator: str, **written: str) -> Shown:
        wanted = list(dict.fromkeys(period.unit(text) for text in written.values() if text.strip()))
        if not wanted:
            raise ValueError(say("Hãy nêu ít nhất một đơn vị."))
        own = lines[lines["indicator"] == indicator]
        unit = say(MEASURES.get(own["unit_measure"].iloc[0], "giá trị"))
        drawn = period_charts.chosen_over_time(
            own,
            [period.names[u] for u in wanted],
            title=labels[indicator],
            unit=unit,
            source=source,
        )
        rows = own[own["reporting_unit"].isin(wanted)].sort_values(
            ["name", "time_period"], key=in_order
        )
        heads, formats = wordings.columns("values_over_time")
        heads = {column: head for column, head in heads.items() if rows[column].notna().any()}
        return joined([drawn, show(rows, heads, {c: formats[c] for c in formats if c in heads})])

    boxes = {
        f"unit_{n}": controls.named(say("Đơn vị {n}", n=n), known.values(), name)
        for n, name in enumerate([*begin, "", "", "", ""][:UNITS], 1)
    }
    first = controls.one_of(say("Chỉ tiêu"), labels, next(iter(labels)))
    return Explorer(view, {"indicator": first, **boxes})


def weights(period: Loaded, framework: str = "") -> Explorer:
    """Ranks with weights of one's own beside the published ones and the interval of these."""
    chosen, held = period.framework(framework), period.ranked(framework)
    tree = period.tree(framework)
    published = own_weights.parts(tree)
    entries = {**chosen["indicators"], **chosen["dimensions"]}
    types = dict(zip(period.due["code"], period.due["type"], strict=True))
    values, scores = held.indicator_values, held.scores
    bars = rank_evidence.bars(held.rank_sources, held.rank_intervals)

    begin = {code: round(weight, 1) for code, weight in published.items()}

    def view(**own: float) -> Shown:
        exact = {c: published[c] if value == begin[c] else value for c, value in own.items()}
        ranked = own_weights.rescored(values, chosen, tree, exact, types)
        table = reweighted.beside(ranked, scores, bars, period.names)
        return joined([narrative.paragraphs(reweighted.key(table)), show(table, "reweighted")])

    sliders = {
        code: controls.slider(choose(entries[code]["name"]), weight, 0, 100, 0.5)
        for code, weight in begin.items()
    }
    return Explorer(view, sliders)


def cost(
    tasks: pd.DataFrame,
    now: Mapping[str, what_if.Quantity | float],
    then: Mapping[str, what_if.Quantity | float],
    title: str = "",
) -> Explorer:
    """The cost of a procedure a year before and after a change, by the inputs of its two sides.

    ``tasks``, ``now``, ``then``: as for :func:`analysis.survey.what_if.compare`. An input that is
    an estimate stays one until its box is changed: then it is a number that is given.
    """

    begin = {f"{side}_{name}": quantity for side, held in (("now", now), ("then", then))
             for name, quantity in held.items()}  # fmt: skip

    def given(side: str, boxes: Mapping[str, float]) -> dict[str, what_if.Quantity | float]:
        found = {}
        for name, value in boxes.items():
            if name.startswith(f"{side}_"):
                kept = begin[name]
                same = _value(kept) == value
                found[name.removeprefix(f"{side}_")] = kept if same else value
        return found

    def view(**boxes: float) -> Shown:
        compared = what_if.compare(tasks, given("now", boxes), given("then", boxes))
        drawn = compliance_cost.drawn(compared.result, title or say("Chi phí tuân thủ một năm"))
        return joined([drawn, show(compared.result, "saved")])

    sides = {"now": say("hiện nay"), "then": say("sau")}
    boxes = {
        name: controls.number_box(
            f"{say(what_if.LABELS[name.partition('_')[2]])} – {sides[name.partition('_')[0]]}",
            _value(quantity),
        )
        for name, quantity in begin.items()
    }
    return Explorer(view, boxes)


def _value(given: what_if.Quantity | float) -> float:
    """What stands in the box of an input: enough of its digits."""
    value = given.value if isinstance(given, what_if.Quantity) else float(given)
    return round(value, 2) if value >= 1 else float(f"{value:.3g}")
