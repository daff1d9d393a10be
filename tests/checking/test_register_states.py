"""Which records a period counts, and in which state: at each of their days."""

from types import SimpleNamespace

import pandas as pd
import pytest

from analysis.checking import register_states

PLAN = SimpleNamespace(start="2022-03-15", end="2022-06-14")
DATES = ["opened", "due", "closed"]
FORM = {
    "form": "f",
    "attributes": {name: {"kind": "date"} for name in DATES},
    "dates": {name: name for name in DATES},
}


def records(*rows: tuple) -> pd.DataFrame:
    """schema.RECORDS of (opened, due, closed), in their order."""
    return pd.DataFrame(
        dict(reporting_unit="a", form="f", sender="s", record=str(n), row=n, attribute=attribute)
        | dict(entry=entry, obs_status="V" if entry == "?" else "A", source_file="so.xlsx")
        for n, dates in enumerate(rows)
        for attribute, entry in zip(DATES, dates, strict=True)
    )


@pytest.mark.parametrize(
    ("dates", "state", "opened", "left", "over"),
    [
        (("2022-03-14", "2022-06-14", None), "open_within", "before", 0, None),
        (("2022-03-15", "2022-06-13", None), "open_overdue", "during", None, 1),
        (("2022-06-14", "2022-06-24", "2022-06-15"), "open_within", "during", 10, None),
        (("2022-06-14", "2022-06-04", "2022-06-15"), "open_overdue", "during", None, 10),
        (("2022-04-01", None, None), "open_no_deadline", "during", None, None),
        (("2022-04-01", None, "2022-06-14"), "completed_no_deadline", "during", None, None),
        (("2022-01-01", "2022-03-15", "2022-03-15"), "completed_on_time", "before", None, None),
        (("2022-01-01", "2022-03-14", "2022-03-15"), "completed_late", "before", None, None),
    ],
)
def test_what_is_followed_has_a_state_and_days_to_go_or_gone(dates, state, opened, left, over):
    [row] = register_states.followed(records(dates), FORM, PLAN).to_dict("records")
    assert (row["state"], row["opened"]) == (state, opened)
    for column, days in (("days_left", left), ("days_over", over)):
        assert pd.isna(row[column]) if days is None else row[column] == days


@pytest.mark.parametrize(
    "dates",
    [
        ("2022-06-15", None, None),  # opened after the period
        ("2022-01-01", "2022-03-01", "2022-03-14"),  # closed before it
        (None, "2022-06-01", None),
        ("2022-04-01", "2022-06-01", "?"),  # what is refused is in no count
    ],
)
def test_what_belongs_to_another_period_or_is_not_placed_is_not_followed(dates):
    held = records(dates).assign(entry=lambda t: t["entry"].replace("?", None))
    assert register_states.followed(held, FORM, PLAN).empty


def test_a_record_that_is_not_placed_has_no_state_and_each_may_have_a_day_of_its_own():
    days = pd.to_datetime(pd.Series(["2022-06-01", "2022-06-02", "2022-06-01"]))
    held = pd.DataFrame({"due": days, "closed": pd.NaT, "placed": [True, True, False]})
    found = register_states.state(held, FORM, pd.to_datetime(pd.Series(["2022-06-02"] * 3)))
    assert found.tolist() == ["open_overdue", "open_within", None]
