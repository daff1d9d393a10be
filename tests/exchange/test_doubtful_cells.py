"""One figure is spoilt: among the ways in which the finding can be mended is the true one."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from analysis.checking import validate
from analysis.exchange import doubtful_cells
from analysis.indicators import attainable
from analysis.indicators.attainable import Sum

TEXT = {"vi": "x", "en": "x"}
SUM = {"rule": "parts", "kind": "sum", "total": "total", "parts": ["done", "left"]}
MOST = {"rule": "within", "kind": "at_most", "item": "online", "limit": "done"}
ROWS = {"rule": "total_row", "kind": "total_row"}
FORM = {
    "form": "f",
    "items": {i: {"name": TEXT, "kind": "count"} for i in ("done", "left", "total", "online")},
    "rules": [SUM, MOST, ROWS],
}
CARRIED = {"rule": "carried", "kind": "equals_previous", "item": "left", "previous_item": "online"}
SEVERITIES = dict.fromkeys(("parts", "within", "total_row"), "blocking") | {"carried": "warning"}
LEVELS = ("district", "commune", "_T")


def cells(figures: dict[tuple[str, str], float]) -> pd.DataFrame:
    rows = [{"item": i, "level": level, "obs_value": v} for (i, level), v in figures.items()]
    made = pd.DataFrame(rows).assign(form="f", reporting_unit="u", field="_T", obs_status="A")
    made["source_cell"] = made["item"] + made["level"]
    return made.assign(source_file="a", source_sheet="s", part=made["level"] != "_T", hidden=None)


def block(sent: pd.DataFrame, gone: set[str], before=None, form=FORM) -> doubtful_cells.Block:
    """``gone``: the cells that are withdrawn."""
    named = sent["source_cell"].isin(gone)
    refused = sent[named].assign(refused_value=sent["obs_value"])
    observed = sent.assign(obs_value=sent["obs_value"].mask(named))
    before = sent.iloc[:0] if before is None else before
    return doubtful_cells.block(observed, refused, before, form, SEVERITIES, [])


def share(held: doubtful_cells.Block, found: doubtful_cells.Doubt) -> tuple[float, float]:
    """Between what the share of done in total lies, over all ways."""
    top, bottom = (
        np.array(
            [float(i == item and part) for (i, *_), part in zip(held.at, held.part, strict=True)]
        )
        for item in ("done", "total")
    )
    ends = []
    for space, x, free in filter(None, (held.left(way, found) for way in found.ways)):
        sums = (Sum(side[free], side[~free] @ x[~free]) for side in (top, bottom))
        ends.append(attainable.fraction(space, *sums))
    ends = [e for e in ends if e is not None]
    assert ends
    return min(e[0] for e in ends), max(e[1] for e in ends)


@st.composite
def true_forms(draw) -> dict[tuple[str, str], float]:
    figures = {}
    for level in LEVELS[:2]:
        done, left = draw(st.integers(1, 10**6)), draw(st.integers(1, 10**6))
        figures |= {("done", level): done, ("left", level): left, ("total", level): done + left}
        figures["online", level] = draw(st.integers(0, done))
    for item in FORM["items"]:
        figures[item, "_T"] = sum(figures[item, level] for level in LEVELS[:2])
    return {key: float(v) for key, v in figures.items()}


@settings(max_examples=15)
@given(true_forms(), st.data())
def test_the_true_share_lies_within_what_each_finding_allows(true, data):
    spoilt = data.draw(st.sampled_from(sorted(true)))
    sent = cells(true | {spoilt: float(data.draw(st.integers(0, 2 * 10**6)))})
    found = validate.figures(sent, {"f": FORM}, sent.iloc[:0])
    assume(len(found))
    named = found["cells"].where(found["cells"].notna(), found["source_cell"])
    held = block(sent, set(", ".join(named).split(", ")))
    parts = (
        [true["done", level] for level in LEVELS[:2]],
        [true["total", level] for level in LEVELS[:2]],
    )
    truth = sum(parts[0]) / sum(parts[1])
    for issue in found.itertuples():
        low, high = share(held, doubtful_cells.doubt(held, issue))
        assert low - 1e-9 <= truth <= high + 1e-9


def at(item: str, level: str, rule: str) -> SimpleNamespace:
    return SimpleNamespace(item=item, level=level, field="_T", rule=rule)


TRUE = {
    (item, level): value
    for level, values in {
        "district": (30, 20, 50, 3), "commune": (60, 40, 100, 6), "_T": (90, 60, 150, 9)
    }.items()
    for item, value in zip(FORM["items"], map(float, values), strict=True)
}  # fmt: skip


def test_a_row_sum_and_a_column_total_leave_one_figure():
    """40 of 30 done at the district: the total row says 90, so it is 30 whatever the sum says."""
    sent = cells(TRUE | {("done", "district"): 40.0})
    held = block(sent, {"donedistrict", "leftdistrict", "totaldistrict"})
    found = doubtful_cells.doubt(held, at("total", "district", "parts"))
    assert share(held, found) == pytest.approx((90 / 150, 90 / 150))


def test_what_does_not_apply_counts_as_nothing_until_a_total_says_otherwise():
    sent = cells(TRUE)
    gone = sent["source_cell"] == "onlinedistrict"
    sent.loc[gone, ["obs_value", "obs_status"]] = [np.nan, "M"]
    held = block(sent, {"online_T"})
    found = doubtful_cells.doubt(held, at("online", "_T", "total_row"))
    open_ways = [held.left(way, found) for way in found.ways if held.left(way, found)]
    ends = [space.ends()[0] for space, *_ in open_ways]
    assert ends == [6.0, 3.0, 9.0]  # the total, or the district's figure, or the commune's


def test_a_stock_carried_over_moves_with_one_other_figure_of_its_sum():
    form = FORM | {"rules": [SUM, CARRIED]}
    now = {key: v for key, v in TRUE.items() if key[1] != "_T"}
    before = cells(now | {("online", "district"): 10.0})
    held = block(cells(now), set(), before, form)
    found = doubtful_cells.doubt(held, at("left", "district", "carried"))
    # as it is 90/150; the total 10 less; or ten more done
    assert share(held, found) == pytest.approx((90 / 150, 100 / 150))


def test_a_point_that_slipped_in_the_whole_form_is_one_way():
    form = FORM | {"rules": [SUM, CARRIED, ROWS]}
    before = cells(TRUE | {("online", "district"): TRUE["left", "district"]})
    held = block(cells({k: 10 * v for k, v in TRUE.items()}), set(), before, form)
    found = doubtful_cells.doubt(held, at("left", "district", "carried"))
    lefts = [x for w in found.ways if (left := held.left(w, found)) for x in [left[1]]]
    assert any(x == pytest.approx(np.array(list(TRUE.values()))) for x in lefts)
