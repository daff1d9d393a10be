"""Tables are what they are declared to be; a misspelt column is an error, not one of gaps."""

from dataclasses import fields

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import period, pipeline
from analysis.catalogue import catalogue as cat
from analysis.catalogue import plans
from analysis.checking import validate
from analysis.schema import tables as schema
from analysis.survey import editions


def _row(column: str, kind: str, **more: str) -> dict[str, str]:
    return dict.fromkeys(("key", "missing", "optional", "meaning"), "") | {
        "column": column,
        "kind": kind,
        **more,
    }


COLUMNS = [
    _row("unit", "text", key="yes"),
    _row("figure", "number", missing="yes", meaning="what was measured"),
    _row("units", "whole"),
    _row("apart", "flag", missing="yes"),
    _row("since", "day", missing="yes"),
    _row("why", "text", missing="yes", optional="yes"),
]
SMALL = schema.Table("small", "A table of a test.", False, COLUMNS)
ROWS = [
    dict(unit="01", figure=1.5, units=1, apart=True, since=pd.Timestamp("2022-06-14")),
    dict(unit="02", figure=None, units=2, apart=None, since=None),
]


def table(**changed) -> pd.DataFrame:
    return SMALL.of(ROWS).assign(**changed)


def test_rows_that_lack_what_may_be_missing_become_the_table():
    made = SMALL.of({"unit": r["unit"], "units": r["units"]} for r in ROWS)
    assert list(made) == SMALL.columns == ["unit", "figure", "units", "apart", "since"]
    assert SMALL.check(made) is made and made["figure"].isna().all()
    assert list(SMALL.of([])) == SMALL.columns and SMALL.check(SMALL.of([])).empty
    assert list(SMALL.of([r | {"why": "x"} for r in ROWS])) == [*SMALL.columns, "why"]


def test_a_misspelt_column_is_named_wherever_a_table_is_made():
    rows = [{("fgure" if k == "figure" else k): v for k, v in r.items()} for r in ROWS]
    with pytest.raises(schema.TableError, match="small: column fgure is not .*'unit': '01'"):
        SMALL.of(rows)
    with pytest.raises(schema.TableError, match="small: column figure is absent"):
        SMALL.take(pd.DataFrame(rows))
    with pytest.raises(schema.TableError, match="small: column fgure is not declared"):
        SMALL.check(pd.DataFrame(rows))
    with pytest.raises(schema.TableError, match="small: column units is absent"):
        SMALL.of([{"unit": "01"}])


def test_a_wider_table_gives_its_columns_in_their_order():
    wide = table(other=1)[["other", *reversed(SMALL.columns)]]
    assert list(SMALL.take(wide)) == SMALL.columns
    assert SMALL.check(wide.drop(columns="other")) is not None, "in any order"


WRONG = {
    "unit has a gap; row 1": {"unit": ["01", None]},
    "unit stands twice; row 1": {"unit": ["01", "01"]},
    "unit is no text; row 0": {"unit": [1, 2]},
    "units has a gap": {"units": [1, None]},
    "units is no whole": {"units": [1.0, 2.5]},
    "figure is no number": {"figure": ["1.5", None]},
    "figure is no number; row 1": {"figure": [None, "x"]},
    "apart is no flag": {"apart": ["yes", None]},
    "since is no day": {"since": ["2022-06-14", None]},
    "unit is no text": {"unit": ["01", 2]},
}


@pytest.mark.parametrize(("said", "changed"), WRONG.items(), ids=WRONG)
def test_what_is_wrong_is_named_with_its_table_and_a_row(said, changed):
    with pytest.raises(schema.TableError, match=f"small: column {said}"):
        SMALL.check(table(**changed))


@given(st.sampled_from(["figure", "apart", "since"]), st.sampled_from([float, object, "str"]))
def test_a_column_without_any_value_is_of_every_kind(column, kind):
    SMALL.check(table(**{column: pd.Series([None, None], dtype=kind)}))


def test_a_table_may_extend_another_or_hold_what_the_catalogue_names():
    more = schema.Table("more", "", True, [*COLUMNS, _row("extra", "text")])
    assert more.columns == [*SMALL.columns, "extra"]
    more.check(table(extra="x", question_7=1))
    with pytest.raises(schema.TableError, match="more: column extra is absent"):
        more.check(table(question_7=1))


def test_every_table_that_is_kept_is_declared_and_described():
    kept = [f.name for f in fields(pipeline.Tables)]
    kept += [f"survey.{f.name}" for f in fields(editions.Tables)]
    assert set(kept) <= set(schema.TABLES)
    for name, declared in schema.TABLES.items():
        told = schema.describe(name)
        assert told["column"].tolist() == list(declared.declared) and declared.holds
        assert set(told["type"]) <= {"text", "number", "whole", "flag", "day"}
        assert set(declared.key) <= set(declared.columns)


@pytest.mark.parametrize("code", ["2022-Q2", "2024", "plan-2022", "2026-Q3"])
def test_kept_tables_are_as_declared(code):
    kept = period.load(code).tables
    schema.check({f.name: getattr(kept, f.name) for f in fields(pipeline.Tables)})


def test_a_step_that_spoils_a_table_stops_the_flow(monkeypatch):
    """Were it kept, its pages would show gaps where there are figures."""
    issues = validate.issues
    spoilt = lambda *given: issues(*given).rename(columns={"severity": "severty"})  # noqa: E731
    monkeypatch.setattr(validate, "issues", spoilt)
    with pytest.raises(schema.TableError, match="issues: column severty is not declared"):
        period.check(plans.plan("plan-2022", cat.load()), cat.load())


def test_kept_tables_of_an_edition_are_as_declared():
    kept = editions.load("2022").tables
    schema.check({f.name: getattr(kept, f.name) for f in fields(editions.Tables)}, "survey.")
