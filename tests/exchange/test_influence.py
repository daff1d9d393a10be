"""How far a finding can move what is published, reckoned by hand on three units and one sum."""

import numpy as np
import pandas as pd
import pytest
from tests import broken_sum
from tests.broken_sum import CATALOGUE, PLAN, SENT, issue

from analysis.exchange import influence
from analysis.schema.tables import INFLUENCE, OBSERVATIONS


def table(made: dict, before: pd.DataFrame | None = None) -> pd.DataFrame:
    nothing = OBSERVATIONS.of([])
    return influence.table(PLAN, CATALOGUE, made, nothing if before is None else before)


def test_a_broken_sum_moves_what_one_wrong_figure_moves():
    """u1 wrote 30 + 20 = 60. Either the total is 50 (30/50), or done is 40 (40/60), or left is 30
    (30/60); u2 has 80/100, u3 has 55/100."""
    found = table(broken_sum.tables([issue("u1", "sum_broken", "total")]))
    INFLUENCE.check(found)
    row = found.iloc[0]
    assert (row["value_low"], row["value_high"]) == pytest.approx((50, 100 * 40 / 60))
    assert (row["score_low"], row["score_high"]) == pytest.approx((5, 10 * 40 / 60))
    assert np.isnan(row["rank"]) and (row["rank_low"], row["rank_high"]) == (2, 3)
    low, high = 100 * (135 + 30) / 260, 100 * (135 + 40) / 260
    assert (row["national_low"], row["national_high"]) == pytest.approx((low, high))
    assert row["influence"] == 1 and row["bounded_by"] == "one_cell" and not row["wide"]


def test_what_a_warning_names_may_also_be_right():
    """u3 is ranked with 55 of 100 done. Its part may be anything that the sum allows: nothing."""
    found = table(broken_sum.tables([issue("u3", "outlying", "done")], withdrawn=()))
    row = found.iloc[0]
    assert row["value_low"] == row["value_high"] == pytest.approx(55)
    assert row["rank"] == row["rank_low"] == row["rank_high"] and row["influence"] == 0


def test_the_move_of_a_ranked_unit_is_counted_from_where_it_stands():
    """A sum that is only a warning: u1 is ranked third of three with 30/60, could be second."""
    soft = CATALOGUE.rules | {"sum_broken": {"severity": "warning", "name": broken_sum.TEXT}}
    made = broken_sum.tables([issue("u1", "sum_broken", "total", severity="warning")], withdrawn=())
    held = type(CATALOGUE)(**vars(CATALOGUE) | {"rules": soft})
    row = influence.table(PLAN, held, made, OBSERVATIONS.of([])).iloc[0]
    assert (row["rank"], row["rank_low"], row["rank_high"]) == (3, 2, 3)
    assert (row["value_low"], row["value_high"]) == pytest.approx((50, 100 * 40 / 60))
    assert row["influence"] == pytest.approx(1 / 2)  # one of the two places that there are


def test_a_form_that_was_not_received_is_bounded_by_its_rules_and_said_to_be_wide():
    made = broken_sum.tables(
        [issue("u1", "not_received")], {u: v for u, v in SENT.items() if u != "u1"}, ()
    )
    row = table(made).iloc[0]
    assert (row["value_low"], row["value_high"]) == pytest.approx((0, 100), abs=1e-9)
    assert row["wide"] and row["bounded_by"] == "rules"
    # its size is taken from the others, who both have 100
    low, high = 100 * 135 / 300, 100 * 235 / 300
    assert (row["national_low"], row["national_high"]) == pytest.approx((low, high))


def test_what_no_rule_bounds_is_bounded_by_the_past_or_the_peers_and_says_so(monkeypatch):
    monkeypatch.setitem(broken_sum.FORM, "rules", [])
    sent = SENT | {"u1": (30, 20, float("nan"))}
    made = broken_sum.tables([issue("u1", "blank", "total")], sent, withdrawn=())
    row = table(made).iloc[0]
    assert row["bounded_by"] == "peers" and row["wide"]
    assert (row["value_low"], row["value_high"]) == pytest.approx((0, 80))
    earlier = [
        {"reporting_unit": "u1", "item": item, "obs_value": value, "time_period": f"2021-Q{q}",
         "form": "f1", "level": "_T", "field": "_T", "obs_status": "A", "source_file": str(q)}
        for q in (1, 2, 3, 4)
        for item, value in {"done": 10.0 * q, "total": 50.0}.items()
    ]  # fmt: skip
    row = table(made, pd.DataFrame(earlier)).iloc[0]
    assert row["bounded_by"] == "history"
    assert (row["value_low"], row["value_high"]) == pytest.approx((0, 80))


def test_an_issue_without_figures_moves_nothing_and_what_cannot_be_known_says_so():
    found = table(
        broken_sum.tables(
            [
                issue("u2", "received_late"),
                issue("u9", "received_late"),
                issue("u1", "sum_broken", "total"),
            ]
        )
    )
    assert found["reporting_unit"].tolist() == ["u1", "u2", "u9"]
    late, stranger = found.iloc[1], found.iloc[2]
    assert late["influence"] == 0 and late["bounded_by"] == "" and pd.isna(late["indicator"])
    assert np.isnan(stranger["influence"]) and stranger["bounded_by"] == "not_measured"


def test_what_a_sender_is_told_and_cannot_mend_moves_nothing_and_keeps_its_row():
    """u1 has hidden figures, which the broken sum may move; that it came late moves none."""
    late = CATALOGUE.rules["received_late"] | {"sender": "told"}
    held = type(CATALOGUE)(**vars(CATALOGUE) | {"rules": CATALOGUE.rules | {"received_late": late}})
    made = broken_sum.tables([issue("u1", "received_late"), issue("u1", "sum_broken", "total")])
    asked = table(made).set_index("rule")
    found = influence.table(PLAN, held, made, OBSERVATIONS.of([])).set_index("rule")
    assert asked.loc["received_late", "influence"] > 0  # were there something to mend
    row = found.loc["received_late"]
    assert row["influence"] == 0 and row["bounded_by"] == "" and pd.isna(row["indicator"])
    pd.testing.assert_series_equal(found.loc["sum_broken"], asked.loc["sum_broken"])


def test_notes_and_findings_that_are_closed_are_not_asked_about():
    closed = issue("u1", "sum_broken", "total", state="confirmed")
    note = issue("u2", "received_late", severity="note", state=None)
    still = issue("u3", "received_late", state="open")
    found = table(broken_sum.tables([closed, note, still]))
    assert found["reporting_unit"].tolist() == ["u3"]


def test_a_period_without_findings_has_an_empty_table():
    made = broken_sum.tables([issue("u2", "received_late")])
    found = table(made | {"issues": made["issues"].iloc[:0]})
    assert INFLUENCE.check(found).empty


def test_jumps_of_a_whole_form_are_weighed_together():
    """u1 sent ten times what it had: the share is the same, the national figure is not."""
    jump = {"rule": "outlying", "kind": "jump", "item": "total", "factor": 3, "at_least": 10}
    form = broken_sum.FORM | {"rules": [*broken_sum.FORM["rules"], jump]}
    held = type(CATALOGUE)(**vars(CATALOGUE) | {"forms": {"f1": form}})
    sent = SENT | {"u1": (300, 200, 500)}
    made = broken_sum.tables([issue("u1", "outlying", "total")], sent, withdrawn=())
    before = made["observations"].assign(time_period="2022-Q1")
    before["obs_value"] = before["obs_value"] / np.where(before["reporting_unit"] == "u1", 10, 1)
    row = influence.table(PLAN, held, made, before).iloc[0]
    assert row["value_low"] == row["value_high"] == pytest.approx(60)
    low, high = 100 * (135 + 300) / 700, 100 * (135 + 30) / 250
    assert (row["national_low"], row["national_high"]) == pytest.approx((low, high))
