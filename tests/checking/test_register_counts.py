"""Records counted by state, age and theme: small registers by hand."""

from types import SimpleNamespace

import pandas as pd
import pytest

from analysis.checking import register_counts
from analysis.schema.tables import STATES


def frame(*rows, columns=("reporting_unit", "state")) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(columns))


@pytest.mark.parametrize(
    ("counts", "shares"),
    [
        ((3, 1, 2, 1), (75, 25, 200 / 3)),
        ((0, 4, 0, 0), (0, 100, None)),
        ((1, 0, 0, 1), (100, 0, 0)),
        ((0, 0, 0, 0), (None, None, None)),
    ],
)
def test_shares_are_of_what_was_due_and_nothing_to_measure_gives_none(counts, shares):
    names = ["completed", "open_overdue", "completed_on_time", "completed_late"]
    row = register_counts.rates(pd.DataFrame([counts], columns=names)).iloc[0]
    for name, share in zip(("completed", "overdue", "on_time"), shares, strict=True):
        value = row[f"{name}_share"]
        assert pd.isna(value) if share is None else value == pytest.approx(share)


def test_states_are_counted_by_unit_most_records_first():
    rows = frame(("a", "open_within"), ("b", "completed_late"), ("b", "open_overdue"),
                 ("b", "completed_no_deadline"))  # fmt: skip
    found = register_counts.states(rows, "reporting_unit")
    assert list(found)[:4] == ["reporting_unit", "all", "completed", "open"]
    assert found.iloc[:, :4].values.tolist() == [["b", 3, 2, 1], ["a", 1, 0, 1]]
    assert found[STATES].sum(axis=None) == 4
    assert register_counts.states(rows)[["whole", "all"]].values.tolist() == [["whole", 4]]


def test_what_is_overdue_by_as_many_days_as_a_band_has_is_in_it():
    days = [1, 30, 31, 90, 91, 400]
    rows = frame(*(("open_overdue", d) for d in days), ("completed_late", 5),
                 columns=["state", "days_over"])  # fmt: skip
    found = register_counts.ageing(rows, {"ageing": [30, 90]})
    assert found.to_dict() == {(1, 30): 2, (31, 90): 2, (91, 0): 2}
    assert register_counts.ageing(rows.iloc[:0], {"ageing": [30, 90]}).isna().all()
    assert register_counts.ageing(rows[6:], {"ageing": [30, 90]}).tolist() == [0, 0, 0]


def test_what_falls_due_is_told_for_each_horizon_most_to_do_first():
    rows = frame(("a", "open_within", 30), ("a", "open_within", 31), ("b", "open_within", 60),
                 ("b", "open_within", 61), ("c", "open_within", 60), ("c", "open_within", 1),
                 ("d", "open_within", 61), ("e", "open_overdue", 5),
                 columns=["reporting_unit", "state", "days_left"])  # fmt: skip
    found = register_counts.forecast(rows, {"forecast": [30, 60]})
    assert found.values.tolist() == [["_T", 2, 5], ["a", 1, 2], ["c", 1, 2], ["b", 0, 1]]
    none = register_counts.forecast(rows[6:], {"forecast": [30, 60]})
    assert none.values.tolist() == [["_T", 0, 0]]
    assert register_counts.forecast(rows[:0], {"forecast": [30, 60]}).empty


def test_of_the_keywords_of_a_theme_the_first_that_is_found_is_told():
    themes = {"tax": {"keywords": ["hoàn thuế", "thuế"]}, "time": {"keywords": ["kéo dài"]}}
    form = {"themes": {"attribute": "text", "list": themes}}
    rows = frame(("1", "Hoan thue keo dai", "a", "s"), ("2", "THUẾ", "b", "s"),
                 ("3", None, "b", "s"), ("4", "thuếx", "b", "s"),
                 columns=["record", "text", "reporting_unit", "state"])  # fmt: skip
    found = register_counts.themes(rows, form)
    assert found.values.tolist() == [
        ["1", "tax", "hoàn thuế", "a", "s"],
        ["1", "time", "kéo dài", "a", "s"],
        ["2", "tax", "thuế", "b", "s"],
    ]


PLAN = SimpleNamespace(code="2022-Q2", obs_status="A", start="2022-03-15", end="2022-06-14")
FORM = {
    "form": "f",
    "layout": "register",
    "record": "code",
    "attributes": {"code": {"kind": "code"}}
    | {name: {"kind": "date"} for name in ("opened", "due", "closed")},
    "dates": {"opened": "opened", "due": "due", "closed": "closed"},
    "items": {
        "all": {"count": {}},
        "new": {"count": {"opened": "during"}},
        "left": {"count": {"state": ["open_within", "open_overdue"]}},
        "new_left": {"count": {"state": ["open_within", "open_overdue"], "opened": "during"}},
        "stated": {},
    },
}


def records(*rows: tuple) -> pd.DataFrame:
    """schema.RECORDS of (unit, opened, due, closed), a code for each."""
    return pd.DataFrame(
        dict(reporting_unit=unit, form="f", sender="s", record=str(n), row=n, attribute=attribute)
        | dict(entry=entry, obs_status="A" if entry else "O", raw_text="", revision=0)
        | dict(source_file="so.xlsx", source_sheet="S", source_cell=f"A{n}", time_period="2022-Q2")
        | dict(received_at=pd.Timestamp("2022-06-20"))
        for n, (unit, *dates) in enumerate(rows)
        for attribute, entry in zip(FORM["attributes"], (str(n), *dates), strict=True)
    )


def test_items_count_their_records_for_every_unit_and_every_lead():
    held = records(
        ("a", "2022-03-14", "2022-06-14", None),
        ("a", "2022-03-15", "2022-06-13", None),
        ("a", "2022-04-01", None, "2022-06-14"),
        ("c", "2022-06-14", "2022-06-20", "2022-06-15"),  # closed later: still open
        ("a", "2022-06-15", None, None),  # not yet
        ("a", "2022-01-01", None, "2022-03-14"),  # closed before
        ("a", "2022-01-01", None, "2022-03-15"),
    )
    forms = {"f": FORM, "other": {"form": "other", "layout": "sheet", "items": {}},
             "none": FORM | {"form": "none"}}  # fmt: skip
    found = register_counts.counts(held, forms, PLAN, ["b", "a"])
    wide = found.pivot(index="item", columns="reporting_unit", values="obs_value")[["a", "b", "c"]]
    assert wide.T.to_dict("list") == {
        "all": [4, 0, 1],
        "left": [2, 0, 1],
        "new": [2, 0, 1],
        "new_left": [1, 0, 1],
    }
    assert set(found["form"]) == {"f"} and set(found["source_file"]) == {"so.xlsx"}
    one = register_counts.counts(held[:1], forms, PLAN, ["b"])
    assert one["obs_value"].tolist() == [0.0] * 4, "a register of one cell has come, too"
    assert register_counts.counts(held, {"none": forms["none"]}, PLAN, ["b"]).empty
