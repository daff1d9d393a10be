"""What ``check`` prints: a summary, worst first, and no more than is asked for."""

import json

import pandas as pd
import pytest
from rich.console import Console
from typer.testing import CliRunner

from analysis.__main__ import app
from analysis.catalogue import catalogue as cat
from analysis.catalogue import plans
from analysis.commands import narrowed, terminal
from analysis.language import codes

CATALOGUE = cat.load()
PLAN = plans.plan("2022-Q2", CATALOGUE)


def issues() -> pd.DataFrame:
    rows = [
        {"source_cell": f"N{n}", "rule": "outside_form", "severity": "warning",
         "reporting_unit": "10", "source_file": "a.xlsx", "message_vi": f"“{n}” nằm ngoài.",
         "message_en": f"“{n}” is outside."}
        for n in range(1, 577)
    ]  # fmt: skip
    other = {"source_cell": "C12", "rule": "negative", "severity": "blocking"}
    told = {"message_vi": "Âm.", "message_en": "Negative."}
    rows.append(other | told | {"reporting_unit": "11", "source_file": "b.xlsx"})
    return pd.DataFrame(rows).assign(source_sheet="S", raw_text="1")


def printed(monkeypatch, narrow=None, most: int = 40) -> str:
    console = Console(width=250, record=True, quiet=False)
    monkeypatch.setattr(terminal, "console", console)
    narrow = narrow or narrowed.Narrow()
    with console.capture() as told:
        narrowed.show(narrow.of(issues()), CATALOGUE.rules, narrow, most)
    return told.get()


def lines_of(text: str, *words: str) -> list[str]:
    return [line for line in text.splitlines() if all(word in line for word in words)]


def test_findings_of_one_cause_are_one_line_and_the_worst_comes_first(monkeypatch):
    text = printed(monkeypatch)
    (summary,) = lines_of(text, "outside_form")
    assert "576" in summary and "a.xlsx S N1" in summary
    assert text.index("negative") < text.index("outside_form")
    assert text.index("b.xlsx") < text.index("a.xlsx S N1")
    (detail,) = lines_of(text, "N1:N576")
    assert "576 cells outside the columns of the form" in detail


def test_a_rule_that_is_asked_for_is_told_finding_by_finding(monkeypatch):
    narrow = narrowed.chosen(PLAN, CATALOGUE, [], ["outside_form"], [])
    text = printed(monkeypatch, narrow, 5)
    assert len(lines_of(text, "is outside.")) == 5 and "571 more" in text
    assert "negative" not in text and "issues.csv" in text


def test_units_and_severities_are_understood_by_code_or_name(monkeypatch):
    chosen = narrowed.chosen(PLAN, CATALOGUE, ["Lào Cai", "11"], ["Số âm"], ["Phải sửa", "note"])
    assert chosen == narrowed.Narrow(("10", "11"), ("negative",), ("blocking", "note"))
    text = printed(monkeypatch, narrowed.Narrow(units=("11",)))
    assert "b.xlsx" in text and "a.xlsx" not in text
    assert "no issues" in printed(monkeypatch, narrowed.Narrow(("11",), (), ("note",)))


@pytest.mark.parametrize(
    ("asked", "nearest"),
    [((["Lao Cay"], [], []), "10"), (([], ["outside_from"], []), "outside_form"),
     (([], [], ["bloking"]), "blocking")],
)  # fmt: skip
def test_what_is_unknown_is_told_the_nearest(asked, nearest):
    with pytest.raises(codes.UnknownCodeError, match=f"nearest: .*{nearest}"):
        narrowed.chosen(PLAN, CATALOGUE, *asked)


def test_findings_as_json_are_those_asked_for_with_all_their_columns():
    results = pd.DataFrame(
        {"reporting_unit": ["10", "11"], "rule": ["negative"] * 2, "applied": [3, 4]}
    )
    held = issues().assign(expected=None, state="open")
    told = narrowed.as_json("2022-Q2", held, results, narrowed.Narrow(units=("11",)))
    found = json.loads(told)
    assert found["time_period"] == "2022-Q2"
    [finding] = found["findings"]
    assert set(finding) == set(held.columns) and finding["message_vi"] == "Âm."
    assert finding["expected"] is None and finding["state"] == "open"
    assert found["rule_results"] == [{"reporting_unit": "11", "rule": "negative", "applied": 4}]


def test_nothing_but_json_goes_to_the_output():
    done = CliRunner().invoke(app, ["check", "plan-2022", "--json"])
    assert done.exit_code == 0 and json.loads(done.stdout)["time_period"] == "plan-2022"
    assert "278 cells" in done.stderr
    wrong = CliRunner().invoke(app, ["check", "plan-2022", "--json", "--rule", "nosuch"])
    assert wrong.exit_code == 2 and not wrong.stdout and "nosuch" in wrong.stderr
    assert "278 cells" in CliRunner().invoke(app, ["check", "plan-2022"]).stdout
