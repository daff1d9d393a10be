"""What a page shows of what is not there yet: every chart, table, sentence and view is tried with
nothing, one row, no value and one unit. It says so; it neither fails nor tells nothing as 0."""

import html
import inspect
import re
import typing

import pandas as pd
import pytest
from display_calls import GIVEN, Part, Shipped, call, functions, used
from IPython.display import HTML

from analysis.display.charts.chart import Chart

_KEYS = ["reporting_unit", "label", "province", "procedure_group", "series", "name"]
_WHOLE = {"compliance_cost.drawn"}  # of what somebody asks there is always one answer
_OF_NOTHING = re.compile(r"\b0\s?/\s?\d|\b0 trong (?:0|\d)|hạng 0|thứ 0\b|\bnan\b|None|NaT|inf")


def _no_value(table):
    if isinstance(table, pd.Series):
        return table * float("nan") if table.dtype.kind in "if" else table
    return table.assign(**{c: float("nan") for c in table.select_dtypes("float")})


def _one_unit(table):
    key = next((k for k in _KEYS if k in table), None) if table.ndim == 2 else None
    return table[table[key] == table[key].iloc[0]] if key and len(table) else table.head(1)


LEFT = {
    "nothing": lambda table: table.iloc[:0],
    "one row": lambda table: table.iloc[:1],
    "no value": _no_value,
    "one unit": _one_unit,
}


@pytest.fixture(scope="module")
def shipped():
    return Shipped()


def text(shown: HTML | Chart) -> str:
    """What a reader sees of it."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", shown.__html__())).split())


def test_nothing_is_given_that_no_function_asks_for():
    assert sorted(used()) == sorted(GIVEN), "see display_calls.py"


@pytest.mark.parametrize("left", LEFT)
@pytest.mark.parametrize("name", sorted(functions()))
def test_it_returns_what_it_returns_otherwise(shipped, name, left):
    found = call(name, Part(shipped, LEFT[left]))
    expected = inspect.signature(functions()[name]).return_annotation
    expected = typing.get_origin(expected) or expected
    if expected not in (inspect.Signature.empty, typing.Any):
        assert isinstance(found, expected), type(found)
    if isinstance(found, HTML | Chart):
        assert text(found), "something must be said where nothing can be shown"
    if left == "nothing":
        drawn = found.__html__() if isinstance(found, HTML | Chart) else ""
        assert name in _WHOLE or "<svg" not in drawn, "words instead of a picture of nothing"
        told = found if isinstance(found, tuple | list) else [found]
        for part in told:
            seen = text(part) if isinstance(part, HTML) else part
            assert not isinstance(seen, str) or not _OF_NOTHING.search(seen), seen
