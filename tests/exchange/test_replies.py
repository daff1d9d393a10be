"""An office's round: what it answers on the list that comes back is read, counts, and is seen."""

import shutil
import subprocess
from dataclasses import replace
from datetime import date

import hostile
import openpyxl
import pandas as pd
import pytest
from typer.testing import CliRunner

from analysis.__main__ import app
from analysis.catalogue import plans
from analysis.exchange import annotate, appended, blank_forms, first_sheet, receipts, replies
from analysis.period import check, load, send_back
from analysis.project import PROJECT
from analysis.reading import reply_sheet
from analysis.reading.reply_sheet import CONFIRMED
from analysis.topics import submissions

STATED = """
time_period: {code}
title: {{vi: Quý, en: Quarter}}
regime: nd09_2019
forms: [edocs]
frameworks: []
due: {{units: ["BQLLANG"]}}
synthetic: true
"""
BEFORE = [200, 150, 120, 100, 300, 250, 200, 150]
JUMPS = [2000, 1500, 1200, 1000, 300, 250, 200, 150]
BROKEN = [2000, 1500, 1200, 1000, 300, 350, 200, 150]  # H11 above G11
ANSWER, REASON, BY, CODE = 6, 7, 8, 10
SECOND = "data/submissions/2022-Q2"


def blank(root, code: str, figures: list[int], path) -> None:
    plan = plans.plan(code, hostile.CATALOGUE, root)
    (unit,) = (u for _, u in plans.due_units(hostile.CATALOGUE, plan, "edocs").iterrows())
    book = blank_forms.blank(hostile.CATALOGUE.forms["edocs"], unit, plan)
    for column, figure in enumerate(figures, 3):
        book.worksheets[0].cell(11, column).value = figure
    book.save(path)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A project of one unit: a first quarter, nothing yet of the second, and the copies that would
    go back of two files (``jumps-back.xlsx``, ``broken-back.xlsx``)."""
    root = tmp_path_factory.mktemp("project")
    (root / "data").mkdir()
    (root / "data/catalogue").symlink_to(PROJECT / "data/catalogue")
    for code in ("2022-Q1", "2022-Q2"):
        folder = root / "data/submissions" / code
        folder.mkdir(parents=True)
        (folder / "period.yml").write_text(STATED.format(code=code), "utf-8")
    blank(root, "2022-Q1", BEFORE, root / "q1.xlsx")
    receipts.receive([root / "q1.xlsx"], root / "data/submissions/2022-Q1", date(2022, 3, 20))
    for name, figures in (("jumps", JUMPS), ("broken", BROKEN)):
        blank(root, "2022-Q2", figures, root / f"{name}.xlsx")
        received(root, f"{name}.xlsx")
        copied(root).rename(root / f"{name}-back.xlsx")
        for path in (root / SECOND).glob("[!p]*"):
            path.unlink()
    return root


@pytest.fixture()
def root(whole, tmp_path):
    shutil.copytree(whole, tmp_path / "project", symlinks=True)
    return tmp_path / "project"


def received(root, name: str, on: int = 10) -> None:
    receipts.receive([root / name], root / SECOND, date(2022, 6, on))


def copied(root, stem: str = "*"):
    """The one annotated copy that goes back."""
    loaded = load("2022-Q2", root)
    (path,) = send_back(loaded.tables, loaded.plan, root).copies
    return path


def run(root, *words) -> tuple[int, str]:
    told = CliRunner().invoke(app, [*map(str, words), "--root", str(root)])
    assert told.exception is None or isinstance(told.exception, SystemExit), told.output
    return told.exit_code, told.output


def checked(root, at: str = "2022-Q2") -> dict:
    held = check(plans.plan(at, hostile.CATALOGUE, root), hostile.CATALOGUE, root)
    assert (held["balance"]["unaccounted"] == 0).all()
    return held


def states(root, rule: str = "figure_jump", at: str = "2022-Q2") -> list[str]:
    issues = checked(root, at)["issues"]
    return issues.loc[issues["rule"] == rule, "state"].tolist()


def filled(root, name: str, rule="figure_jump", answer=CONFIRMED, reason="sáp nhập", by="Lan"):
    """The copy of a file that came back, with an answer on the line of a rule."""
    book = openpyxl.load_workbook(root / f"{name}-back.xlsx")
    sheet = book[first_sheet.TITLE]
    (row,) = (r for r in range(7, sheet.max_row + 1)
              if str(sheet.cell(r, CODE).value).startswith(f"{rule} /"))  # fmt: skip
    for column, text in ((ANSWER, answer), (REASON, reason), (BY, by)):
        sheet.cell(row, column).value = text
    return book


def sent(root, book, name="again.xlsx", on=12) -> None:
    book.save(root / name)
    received(root, name, on)


def test_one_round_what_is_confirmed_is_closed_and_does_not_come_back(root):
    received(root, "jumps.xlsx")
    assert states(root) == ["open"]
    sent(root, filled(root, "jumps"))
    status, told = run(root, "check", "2022-Q2")
    assert status == 0 and "1 issues answered" in told
    tables = load("2022-Q2", root).tables
    (jump,) = tables.issues.query("rule == 'figure_jump'").itertuples()
    assert (jump.state, jump.answered_by, jump.reason) == ("confirmed", "Lan", "sáp nhập")
    assert jump.answered_on == pd.Timestamp("2022-06-12") and jump.source_file == "again.xlsx"
    row = tables.balance.set_index("source_file").loc["again.xlsx"]
    assert row["in_issues"] == 0 == row["unaccounted"], "the list that came back is labels"
    assert "sheet_unused" not in set(tables.issues["rule"])
    back = root / "data/derived/2022-Q2-returns"
    assert not (back / "again.xlsx").exists()
    assert "xác nhận" in (back / "again.html").read_text("utf-8")
    assert states(root, at="2022-Q2@2022-06-11") == ["open"], "nobody had answered yet"


def test_it_holds_in_the_next_file_as_long_as_the_value_stays(root):
    received(root, "jumps.xlsx")
    book = filled(root, "jumps")
    sent(root, book)
    del book[first_sheet.TITLE]
    sheet = book.worksheets[0]
    sheet.insert_rows(1)  # the place in the form, not the cell
    sheet["A1"] = "Ghi chú"
    sent(root, book, "third.xlsx", 13)
    assert states(root) == ["confirmed"]
    sheet["C12"] = 2001
    sent(root, book, "fourth.xlsx", 14)
    assert states(root) == ["open"]


def test_an_answer_to_what_was_changed_is_refused_and_the_new_value_is_asked_about(root):
    book = filled(root, "jumps")
    book.worksheets[1]["C11"] = 1900
    sent(root, book)
    issues = checked(root)["issues"].set_index("rule")
    assert issues.loc["figure_jump", "state"] == "open"
    refused = issues.loc["answer_outdated"]
    assert (refused["source_sheet"], refused["source_cell"]) == (first_sheet.TITLE, "F7")
    assert "2000" in refused["message_vi"] and "1900" in refused["message_vi"]


def test_what_is_no_whole_answer_is_refused_by_name_where_it_stands(root):
    book = filled(root, "jumps", answer=None)
    sheet = book[first_sheet.TITLE]
    code = sheet.cell(7, CODE).value
    lines = {
        8: (CONFIRMED, "vì", None, code, "answer_incomplete"),
        9: (CONFIRMED, " ", "Lan", code, "answer_incomplete"),
        10: ("sai", "vì", "Lan", code, "answer_unclear"),
        11: (CONFIRMED, "vì", "Lan", code.replace("C11 / 2000", "D11 / 1500"), "answer_unknown"),
        12: (CONFIRMED, "vì", "Lan", "no_rule / a / C11 / 2000", "answer_unknown"),
        13: (CONFIRMED, "vì", "Lan", None, "answer_unknown"),
        14: (
            CONFIRMED,
            "vì",
            "Lan",
            code.replace("figure_jump", "total_row"),
            "answer_not_allowed",
        ),
    }
    for row, (answer, reason, by, known, _) in lines.items():
        for column, text in zip(
            (ANSWER, REASON, BY, CODE), (answer, reason, by, known), strict=True
        ):
            sheet.cell(row, column).value = text
    sheet.cell(15, 2).value = "Cảm ơn các anh chị"
    sent(root, book)
    issues = checked(root)["issues"]
    own = issues[issues["source_sheet"] == first_sheet.TITLE].set_index("source_cell")
    expected = {f"F{row}": said[-1] for row, said in lines.items()}
    assert own["rule"].to_dict() == expected | {"G7": "text_kept", "B15": "text_kept"}
    assert own.loc[["G7", "B15"], "raw_text"].tolist() == ["sáp nhập", "Cảm ơn các anh chị"]
    assert "Người trả lời" in own.loc["F8", "message_vi"] and "Lý do" in own.loc["F9", "message_vi"]
    assert issues.set_index("rule").loc["figure_jump", "state"] == "open"


def test_an_identity_cannot_be_confirmed(root):
    rule = "received_electronically_within_received"
    sheet = openpyxl.load_workbook(root / "broken-back.xlsx")[first_sheet.TITLE]
    lines = {str(r[CODE - 1]).split(" / ")[0]: r for r in sheet.iter_rows(7, values_only=True)}
    assert lines[rule][ANSWER - 1] == reply_sheet.TO_MEND
    assert lines["figure_jump"][ANSWER - 1] is None
    (choice,) = sheet.data_validations.dataValidation
    assert choice.formula1 == f'"{CONFIRMED}"' and len(choice.sqref.ranges) == 1
    sent(root, filled(root, "broken", rule))
    issues = checked(root)["issues"].set_index("rule")
    assert issues.loc[rule, ["state", "severity"]].tolist() == ["open", "blocking"]
    assert issues.loc["answer_not_allowed", "source_sheet"] == first_sheet.TITLE


def test_only_what_may_be_confirmed_has_a_choice(tmp_path):
    at = {"source_file": "a.xlsx", "source_sheet": "", "source_cell": "", "raw_text": "1"}
    said = {"message_vi": "…", "message_en": "…"}
    rules = [("blocking", "negative"), ("warning", "jump"), ("note", "decimal_point")]
    found = pd.DataFrame([{**at, **said, "severity": s, "rule": r} for s, r in rules])
    annotate.annotate(None, found, tmp_path / "a.xlsx", rules=hostile.CATALOGUE.rules)
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    assert [sheet.cell(r, ANSWER).value for r in (7, 8, 9)] == [reply_sheet.TO_MEND, None, None]
    assert str(sheet.data_validations.dataValidation[0].sqref) == "F8"


def test_lines_may_be_sorted_and_deleted_and_the_sheet_renamed(root):
    book = filled(root, "broken")
    sheet = book[first_sheet.TITLE]
    lines = [[c.value for c in row] for row in sheet.iter_rows(7)]
    sheet.delete_rows(7, len(lines))
    for line in reversed([line for line in lines if line[0] != "Phải sửa"]):
        sheet.append(line)
    sheet.insert_rows(2)
    sheet.title = "đã xem"
    sent(root, book)
    assert states(root) == ["confirmed"]
    assert len(openpyxl.load_workbook(copied(root)).sheetnames) == 3, "our own is written anew"


def test_a_figure_that_waits_for_its_confirmation_is_used_once_it_has_it(root):
    rules = dict(hostile.CATALOGUE.rules)
    rules["figure_jump"] = rules["figure_jump"] | {"severity": "blocking"}
    catalogue = replace(hostile.CATALOGUE, rules=rules)
    plan = plans.plan("2022-Q2", catalogue, root)

    def figure() -> float:
        held = check(plan, catalogue, root)
        assert "withdrawn_unexplained" not in set(held["issues"]["rule"])
        return held["observations"].set_index("source_cell")["obs_value"]["C11"]

    received(root, "jumps.xlsx")
    assert pd.isna(figure())
    sent(root, filled(root, "jumps"))
    assert figure() == 2000


# --- analysts ------------------------------------------------------------------------------------


def test_a_scan_is_set_aside_and_the_check_then_ends_well(root):
    (root / "scan.pdf").write_bytes(b"%PDF-1.4 scan")
    received(root, "jumps.xlsx")
    received(root, "scan.pdf")
    assert run(root, "check", "2022-Q2")[0] == 1
    say = ("answer", "2022-Q2", "--file", "scan.pdf", "--rule", "file_type", "--on", "2022-06-15")
    assert run(root, *say, "--set-aside", "--reason", "bản quét", "--by", "Minh")[0] == 0
    assert run(root, "check", "2022-Q2")[0] == 0
    issues = load("2022-Q2", root).tables.issues
    told = issues.set_index("rule").loc["file_type", ["state", "answered_by", "reason"]]
    assert told.tolist() == ["set_aside", "Minh", "bản quét"]
    assert submissions.severities(issues)["blocking"] == 0
    counts = submissions.answered(issues, {}, hostile.CATALOGUE.rules)
    assert counts[["set_aside", "open"]].to_numpy().tolist() == [[1, 0]]
    assert states(root, "file_type", "2022-Q2@2022-06-14") == ["open"]
    (root / SECOND / "scan.pdf").write_bytes(b"%PDF-1.4 other")
    issues = checked(root)["issues"].set_index("rule")
    assert issues.loc["file_type", "state"] == "open" and "answer_outdated" in issues.index


def test_answers_are_handed_over_as_a_table_all_or_none(root):
    received(root, "broken.xlsx")
    table, noted = root / "mine.csv", root / SECOND / "answers.csv"
    lines = ["source_file;source_cell;rule;answer;reason;by",
             "broken.xlsx;C11;figure_jump;closed;đã hỏi;Minh"]  # fmt: skip
    blocking = "broken.xlsx;G11;received_electronically_within_received"
    wrong = {
        "broken.xlsx;Z9;figure_jump;closed;x;Minh": "answer_unknown",
        "broken.xlsx;C11;figure_jump;closed;;Minh": "answer_incomplete",
        f"{blocking};closed;x;Minh": "answer_not_allowed",
        f"{blocking};confirmed;x;Minh": "answer_not_allowed",
        f"{blocking};mended;x;Minh": "answer_unclear",
    }
    table.write_bytes("\r\n".join([*lines, *wrong]).encode())
    status, told = run(root, "answer", "2022-Q2", "--from", table, "--messages", "vi")
    assert status == 2 and "dòng 2" not in told and not noted.exists()
    for n, rule in enumerate(wrong.values(), 3):
        (own,) = (line for line in told.splitlines() if f"dòng {n}:" in line)
        assert hostile.CATALOGUE.rules[rule]["vi"].split("{")[0].strip(" “”") in own
    table.write_bytes("\r\n".join(lines).encode())
    assert run(root, "answer", "2022-Q2", "--from", table, "--on", "2022-06-15")[0] == 0
    assert states(root) == ["closed"]
    before = noted.read_bytes()
    assert run(root, "answer", "2022-Q2", "--from", table)[0] == 2, "it is answered already"
    assert noted.read_bytes() == before
    again = ("--file", "broken.xlsx", "--rule", "figure_jump", "--reopen", "--by", "Minh")
    assert run(root, "answer", "2022-Q2", *again, "--reason", "nhầm")[0] == 0
    assert states(root) == ["open"] and noted.read_bytes().startswith(before)


def test_a_line_that_an_office_has_spoilt_is_a_finding_and_the_others_count(root):
    """As Vietnamese Excel saves it: a mark, semicolons, days as 15/06/2022."""
    received(root, "jumps.xlsx")
    named = openpyxl.load_workbook(root / "jumps.xlsx").sheetnames[0]
    lines = {
        "15/06/2022;jumps.xlsx;C11;figure_jump;closed;;Minh;{s};2000;;": "answer_incomplete",
        ";jumps.xlsx;C11;figure_jump;closed;x;Minh;{s};2000;;": "answer_incomplete",
        "15/06/2022;jumps.xlsx;C11;figure_jump;maybe;x;Minh;{s};2000;;": "answer_unclear",
        "15/06/2022;jumps.xlsx;C11;no_rule;closed;x;Minh;{s};2000;;": "answer_unknown",
        "15/06/2022;other.xlsx;;file_type;closed;x;Minh;;;;": "answer_not_allowed",
        "15/06/2022;jumps.xlsx;C11;figure_jump;closed;x;Minh;{s};1999;;": "answer_outdated",
        "15/06/2022;jumps.xlsx;D11;figure_jump;closed;x;Minh;{s};1500;;": "answer_unknown",
        '15/06/2022;"jumps.xlsx;C11': "answer_line",
        "15/06/2022;jumps.xlsx;C11;figure_jump;closed;đã hỏi;Minh;{s};2000;;": None,
    }
    held = [line.format(s=named) for line in ["\ufeff" + ";".join(replies.COLUMNS), *lines]]
    book = root / SECOND / "answers.csv"
    book.write_bytes("\r\n".join([*held, ""]).encode())
    issues = checked(root)["issues"]
    assert issues.set_index("rule").loc["figure_jump", "state"] == "closed"
    own = issues[issues["source_file"] == "answers.csv"].set_index("source_cell")["rule"].to_dict()
    places = [
        f"{'A' if rule == 'answer_line' else 'E'}{n}" for n, rule in enumerate(lines.values(), 2)
    ]
    assert own == {place: rule for place, rule in zip(places, lines.values(), strict=True) if rule}
    with pytest.raises(appended.AppendedError, match="line 9"):
        replies.note(root / SECOND, [])
    loaded = load("2022-Q2", root)
    written = send_back(loaded.tables, loaded.plan, root)
    assert {p.stem for p in [*written.copies, *written.receipts]} == {"jumps"}, "it is ours"


def test_a_table_without_our_head_is_named_and_left(root):
    received(root, "jumps.xlsx")
    (root / SECOND / "answers.csv").write_text("a,b\n1,2\n", "utf-8")
    issues = checked(root)["issues"].set_index("rule")
    assert issues.loc["answers_unreadable", ["source_file", "source_cell"]].tolist() == [
        "answers.csv", "A1"]  # fmt: skip


@pytest.mark.skipif(not shutil.which("soffice"), reason="no LibreOffice")
def test_a_copy_that_libreoffice_saved_is_read_all_the_same(root):
    book = filled(root, "jumps")
    book.save(root / "filled.ods.xlsx")
    words = ["soffice", f"-env:UserInstallation=file://{root}/lo", "--headless", "--convert-to"]
    words += ["ods", "--outdir", str(root), str(root / "filled.ods.xlsx")]
    subprocess.run(words, check=True, timeout=60, capture_output=True)
    received(root, "filled.ods.ods", 12)
    assert states(root) == ["confirmed"]
