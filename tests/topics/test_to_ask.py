"""What the page of the submissions, and check, ask about first."""

from types import SimpleNamespace

import pandas as pd
from rich.console import Console
from tests import broken_sum
from tests.broken_sum import issue

from analysis.commands import narrowed, terminal
from analysis.display import show
from analysis.exchange import influence
from analysis.language import use
from analysis.schema.tables import OBSERVATIONS
from analysis.topics import submissions


def asked(issues: list[dict], most: int = 12) -> pd.DataFrame:
    made = broken_sum.tables(issues)
    table = influence.table(broken_sum.PLAN, broken_sum.CATALOGUE, made, OBSERVATIONS.of([]))
    return submissions.to_ask(table, broken_sum.period(made), most)


def test_each_figure_is_told_with_its_ends_and_on_what_they_rest():
    """The figures are reckoned in tests/exchange/test_influence.py."""
    use("vi")
    (row,) = asked([issue("u1", "sum_broken", "total")]).to_dict("records")
    assert row == {
        "unit": "Đơn vị u1",
        "place": "u1.xlsx · S · total",
        "rule": "Tên sum_broken",
        "indicator": "Tỷ lệ",
        "value": "50,00 – 66,67 %",
        "score": "5,00 – 6,67",
        "rank": "chưa có hạng → 2 – 3",
        "national": "63,46 – 67,31 %",
        "basis": "đúng một trong các ô được nêu sai",
    }


def test_one_cause_is_one_line_and_what_moves_nothing_or_was_not_sent_is_none():
    file = {"source_file": "<b>.xlsx"}
    whole = [issue("u1", "blank", "total", **file, source_sheet=s) for s in ("S", "T")]
    others = [issue("u2", "received_late"), issue("u3", "not_received")]
    table = asked([*whole, *others])
    assert table["unit"].tolist() == ["Đơn vị u1"]
    assert "&lt;b&gt;.xlsx" in show(table, "influence").data
    assert len(asked(whole, most=0)) == 0


def test_check_prints_what_to_ask_first_and_nothing_where_nothing_moves(monkeypatch):
    console = Console(width=250, record=True)
    monkeypatch.setattr(terminal, "console", console)
    with console.capture() as told:
        narrowed.show_first(asked([issue("u1", "sum_broken", "total")]))
        narrowed.show_first(asked([issue("u2", "received_late")]))
    text = told.get()
    assert text.count("ask first") == 1 and "chưa có hạng → 2 – 3" in text
    assert "63,46 – 67,31 %" in text and "u1.xlsx" in text


def test_what_was_not_sent_is_missing_with_its_reason():
    held = SimpleNamespace(
        issues=pd.DataFrame([issue("u1", "not_received")]),
        submissions=pd.DataFrame(columns=["state", "reporting_unit", "form", "rule"]),
    )
    (row,) = submissions.missing(held, {"u1": "A"}, broken_sum.RULES).to_dict("records")
    assert row["unit"] == "A" and row["reason"]
