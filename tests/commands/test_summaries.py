"""A run that nobody watches leaves one summary: how it ended, what came, what is new since."""

import json
import os
import signal
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
import typer

from analysis.batch.pages import Result
from analysis.commands import summaries, terminal

RULES = {r: {"name": {"vi": r, "en": r}} for r in ("blank", "negative")}


def period(findings: list[tuple[str, str, str]], files: dict[str, str], scores: dict):
    """Findings: file, cell, rule; files: name → digest; scores: unit → score and rank."""
    issues = [
        dict(source_file=file, source_sheet="S", source_cell=cell, rule=rule, reporting_unit="10",
             form="f", severity="blocking" if rule == "negative" else "warning", state="open",
             message_vi=f"{rule} ở {cell}", message_en=rule)
        for file, cell, rule in findings
    ]  # fmt: skip
    columns = ["source_file", "source_sheet", "source_cell", "rule", "reporting_unit", "form",
               "severity", "state", "message_vi", "message_en"]  # fmt: skip
    held = [
        dict(source_file=name, reporting_unit="10", form="f", state="in_force", sha256=digest,
             received_at=pd.Timestamp("2022-06-20"))
        for name, digest in files.items()
    ]  # fmt: skip
    scored = [
        dict(framework="k", reporting_unit=unit, level="framework", score=score, rank=rank)
        for unit, (score, rank) in scores.items()
    ]
    return SimpleNamespace(
        plan=SimpleNamespace(key="2022-Q2", title={"vi": "Quý II", "en": "Second quarter"}),
        catalogue=SimpleNamespace(rules=RULES),
        tables=SimpleNamespace(
            issues=pd.DataFrame(issues, columns=columns),
            submissions=pd.DataFrame(held),
            scores=pd.DataFrame(scored),
        ),
    )


def run(target: Path, loaded, ends=None, pages=()) -> dict:
    with pytest.raises(BaseException) as ended, summaries.kept(target, "run 2022-Q2") as told:
        if loaded is not None:
            told.loaded(loaded)
            told.built("2022-Q2", list(pages))
        raise ends or typer.Exit(0)
    assert ended.type is type(ends or typer.Exit(0))
    return json.loads(target.with_suffix(".json").read_text("utf-8"))


FIRST = ([("a.xlsx", "C1", "blank")], {"a.xlsx": "1"}, {"10": (80.0, 2), "22": (90.0, 1)})


def test_what_is_new_since_the_run_before_is_told_and_only_that(tmp_path):
    first = run(tmp_path / "s", period(*FIRST))["periods"]["2022-Q2"]
    assert not first["received"] and not first["new_findings"] and not first["changed"]
    again = run(tmp_path / "s", period(*FIRST))["periods"]["2022-Q2"]
    assert not again["received"] and not again["new_findings"] and not again["mended"]
    later = period(
        [("b.xlsx", "D4", "negative")],
        {"a.xlsx": "1", "b.xlsx": "2"},
        {"10": (95.0, 1), "22": (90.0, 2)},
    )
    page = SimpleNamespace(name="glance")
    broken = Result(page, "error", 1.0, "KeyError: x\n  File secret.py")
    told = run(tmp_path / "s", later, typer.Exit(1), [broken])
    assert told["exit_code"] == 1 and told["since"]
    own = told["periods"]["2022-Q2"]
    assert [r["file"] for r in own["received"]] == ["b.xlsx"] and own["mended"] == 1
    assert [(f["source_cell"], f["severity"]) for f in own["new_findings"]] == [("D4", "blocking")]
    assert own["changed"] == [
        {"of": "k/10", "score": [80.0, 95.0], "rank": [2.0, 1.0]},
        {"of": "k/22", "score": [90.0, 90.0], "rank": [1.0, 2.0]},
    ]
    text = (tmp_path / "s.txt").read_text("utf-8")
    subject = text.splitlines()[0]
    assert (
        subject
        == "[reform-monitor] 2022-Q2: done, with something to see to; blocking: 1, pages failed: 1"
    )
    for part in (
        "b.xlsx 2022-06-20",
        "blocking: b.xlsx S D4: negative",
        "glance: KeyError: x",
        "80 → 95",
    ):
        assert part in text
    assert "secret.py" not in text + json.dumps(told)


@pytest.mark.parametrize(
    ("ends", "code", "reason"),
    [
        (terminal.Stopped("no period 2031"), 2, "no period 2031"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (RuntimeError("/home/me/secret"), 70, "RuntimeError"),
    ],
)
def test_a_run_that_fails_says_so_and_keeps_what_is_known_of_before(tmp_path, ends, code, reason):
    run(tmp_path / "s", period(*FIRST))
    held = run(tmp_path / "s", None, ends)
    text = (tmp_path / "s.txt").read_text("utf-8")
    assert held["exit_code"] == code and reason in text and "NOT DONE" in text
    assert "secret" not in text
    again = run(tmp_path / "s", period(*FIRST))["periods"]["2022-Q2"]
    assert not again["received"] and not again["new_findings"]


def test_a_signal_to_terminate_leaves_a_summary_and_the_handler_as_it_was(tmp_path):
    then = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt), summaries.kept(tmp_path / "s.txt", "run 2022-Q2"):
        os.kill(os.getpid(), signal.SIGTERM)
        signal.pause()
    assert signal.getsignal(signal.SIGTERM) is then
    assert json.loads((tmp_path / "s.json").read_text("utf-8"))["exit_code"] == 130


@pytest.mark.parametrize("name", ["s.json", "s.txt"])
def test_a_file_that_is_no_summary_stays(tmp_path, name):
    (tmp_path / name).write_text('{"mine": 1}', "utf-8")
    with pytest.raises(terminal.Stopped), summaries.kept(tmp_path / "s", "run"):
        raise AssertionError("nothing may be done")
    assert [p.name for p in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text("utf-8") == '{"mine": 1}'


def test_what_nobody_asks_for_is_not_worked_out():
    with summaries.kept(None, "run 2022-Q2") as told:
        told.loaded(object())
        told.built("2022-Q2", [])
    assert told.periods == {} and told.reasons == []


def test_a_survey_scores_measures_and_no_units(tmp_path):
    edition = period([], {}, {})
    edition.tables = SimpleNamespace(
        issues=edition.tables.issues, scores=pd.DataFrame([{"measure": "hours", "score": 71.0}])
    )
    with summaries.kept(tmp_path / "told", "apci 2022") as told:
        told.loaded(edition)
    (one,) = json.loads((tmp_path / "told.json").read_text("utf-8"))["periods"].values()
    assert one["state"]["scores"] == one["state"]["files"] == {} and one["files"] == 0
