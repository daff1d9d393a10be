"""The commands as a user types them: what they print, write and return."""

import errno
import io
import json
import os
import shutil
from pathlib import Path

import pytest
import yaml
from rich.console import Console
from shared import call
from typer.testing import CliRunner

from analysis import period, project
from analysis.__main__ import app
from analysis.batch.pages import Page, Result
from analysis.batch.progress import Progress
from analysis.exchange import receipts
from analysis.storage import locks


@pytest.fixture(scope="module")
def sent(tmp_path_factory):
    """A project of two periods, of which the quarter has been checked: what was read of its files
    is kept, and what went back, so that a command reads and writes what is new."""
    folder = tmp_path_factory.mktemp("sent") / "project"
    for name in ("data/catalogue", "data/submissions/2022-Q2", "data/submissions/2026-Q3",
                 "data/reference", "notebooks", "reports/templates"):  # fmt: skip
        shutil.copytree(project.PROJECT / name, folder / name, ignore=_others)
    shutil.copy(project.PROJECT / "reports/site.yml", folder / "reports/site.yml")
    path = folder / "data/submissions/2022-Q2/period.yml"
    stated = yaml.safe_load(path.read_text("utf-8"))
    stated |= {"forms": ["II.06a"], "frameworks": ["qd766_06a"]}
    path.write_text(yaml.safe_dump(stated, allow_unicode=True), "utf-8")
    path = folder / "data/submissions/2022-Q2/received.csv"
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join(n for n in lines if n.startswith(("file", "II06a"))), "utf-8")
    assert call(folder, "check", "2022-Q2")[0] == 1
    return folder


@pytest.fixture()
def root(sent, tmp_path):
    return shutil.copytree(sent, tmp_path, dirs_exist_ok=True)


def _others(folder: str, names: list[str]) -> list[str]:
    """Of the quarter one form is enough here: a tenth of the files, and of the time."""
    files = [n for n in names if n.endswith((".xlsx", ".csv", ".docx")) and n != "received.csv"]
    return [n for n in files if folder.endswith("2022-Q2") and not n.startswith("II06a_")]


def test_help_names_every_command():
    output = CliRunner().invoke(app, ["--help"]).output
    assert all(name in output for name in ("run", "check", "forms", "report", "apci"))


def test_an_unknown_edition_names_the_known_ones(root):
    shutil.copytree(project.PROJECT / "data/survey", root / "data/survey")
    code, output = call(root, "apci", "2031")
    assert code == 2
    assert "known editions: apci-2020, apci-2022" in output


def test_check_of_a_clean_period_exits_0_with_its_balance(root):
    code, output = call(root, "check", "2026-Q3")
    assert code == 0
    assert "16534 cells = 12505 labels + 4029 accepted + 0 in issues + 0 unaccounted" in output


def test_check_exits_1_on_blocking_issues_and_writes_the_way_back(root):
    returns = root / "data/derived/2022-Q2-returns"
    shutil.rmtree(root / "data/derived")
    code, output = call(root, "check", "2022-Q2")
    assert code == 1
    assert "blocking" in output and "0 unaccounted" in output
    assert (returns / "issues.csv").stat().st_size > 1000
    assert (returns / "II06a_56_2022-Q2.xlsx").exists(), "even a broken file gets its list back"


@pytest.mark.parametrize(
    ("period", "message"),
    [("2031-Q1", "period 2031-Q1 is unknown"), ("../etc", "is no period code"),
     ("2022-Q9", "is no period code")],
)  # fmt: skip
def test_an_unknown_period_is_a_clear_message_and_exit_2(root, period, message):
    for command in ("check", "run"):
        code, output = call(root, command, period)
        assert code == 2 and message in output and "Traceback" not in output


def test_a_period_for_which_nothing_is_there_says_who_is_awaited(root):
    for path in (root / "data/submissions/2022-Q2").glob("*.*x"):
        path.unlink()
    code, output = call(root, "check", "2022-Q2")
    assert code in (0, 1) and "2022-Q2: 0 files" in output and "not_received" in output


def test_a_broken_catalogue_is_named_with_file_and_line(root):
    path = root / "data/catalogue/rules.yml"
    path.write_text(
        path.read_text("utf-8").replace("severity: warning", "severity: mild", 1), "utf-8"
    )
    code, output = call(root, "run", "2026-Q3")
    assert code == 2 and "rules.yml:" in output and "mild" in output


def test_forms_writes_blank_workbooks(root, tmp_path):
    path = root / "data/submissions/2022-Q2/period.yml"
    due = {"due": {"types": ["ministerial_level", "centrally_run_city"]}}
    path.write_text(yaml.safe_dump(yaml.safe_load(path.read_text("utf-8")) | due), "utf-8")
    code, output = call(root, "forms", "2022-Q2", str(tmp_path / "out"))
    assert code == 0 and f"{len(list((tmp_path / 'out').glob('*.xlsx')))} workbooks" in output
    assert {"II.06a_VPCP_2022-Q2.xlsx", "II.06a_01_2022-Q2.xlsx"} <= set(
        path.name for path in (tmp_path / "out").iterdir()
    )
    assert call(root, "forms", "2026-Q3", str(tmp_path / "out2"))[0] == 2


def test_a_new_broken_workbook_does_not_stop_the_others(root):
    (root / "data/submissions/2022-Q2/zzz.xlsx").write_bytes(b"not a workbook")
    code, output = call(root, "check", "2022-Q2")
    assert code == 1 and "94 files" in output and "0 unaccounted" in output


def test_run_says_when_a_page_failed_and_builds_the_rest(root):
    path = root / "reports/site.yml"
    declared = yaml.safe_load(path.read_text("utf-8"))
    wanted = {"glance", "service_quality", "reporting_unit"}
    declared["pages"] = {k: v for k, v in declared["pages"].items() if k in wanted}
    path.write_text(yaml.safe_dump(declared, allow_unicode=True), "utf-8")
    path = root / "notebooks/40_service_quality.ipynb"
    path.write_text(path.read_text("utf-8").replace("results.league(", "results.leage("), "utf-8")
    code, output = call(root, "run", "2026-Q3", "--unit", "H44.42", "--workers", "1")
    assert code == 1 and "failed: service_quality: AttributeError" in output
    assert "2 pages written, 1 failed" in output
    page = (root / "reports/2026-Q3/service_quality.html").read_text("utf-8")
    assert "Trang này chưa lập được" in page
    assert "lỗi" in (root / "reports/2026-Q3/index.html").read_text("utf-8")


def test_a_file_that_is_noted_as_received_but_absent_is_named(root):
    folder = project.Place(root).submissions("2022-Q2")
    with (folder / "received.csv").open("a", encoding="utf-8") as file:
        file.write("II06a_99.xlsx,2022-06-20\n")
    _, output = call(root, "check", "2022-Q2")
    issues = (root / "data/derived/2022-Q2-returns/issues.csv").read_text("utf-8-sig")
    line = next(row for row in issues.splitlines() if "file_missing" in row)
    assert "II06a_99.xlsx" in line and "warning" in line
    assert "0 unaccounted" in output


def test_what_lies_in_a_folder_of_its_own_is_not_passed_over(root):
    """A whole office was missing, and nothing said so."""
    folder = project.Place(root).submissions("2022-Q2")
    (folder / "Bo Tai chinh").mkdir()
    (folder / "II06a_01_2022-Q2.xlsx").rename(folder / "Bo Tai chinh" / "a.xlsx")
    code, output = call(root, "check", "2022-Q2")
    assert code == 2 and "Bo Tai chinh is a folder: its files would not be read" in output
    assert call(root, "receive", "2022-Q2", str(folder / "Bo Tai chinh" / "a.xlsx"))[0] == 0
    shutil.rmtree(folder / "Bo Tai chinh")
    code, output = call(root, "check", "2022-Q2")
    assert code == 1 and "93 files" in output and "0 unaccounted" in output


NAME = "\x1b]0;pwned\x07\x1b[2J[red] a\udcff.xlsx"


def test_a_site_at_which_another_works_is_left_alone(root):
    shutil.copytree(project.PROJECT / "data/survey", root / "data/survey")
    folder, before = project.Place(root).derived(locks.FOLDER), set(root.rglob("*"))
    with locks.alone(folder / "2022-Q2.run", "a"), locks.alone(folder / "apci-2022.run", "b"):
        for words in (
            ("check", "2022-Q2"),
            ("run", "2022-Q2", "--dry-run"),
            ("apci", "2022", "--dry-run"),
            ("share", "2022-Q2", str(root / "site.zip")),
        ):
            code, output = call(root, *words)
            assert code == 2 and "is at work on it" in output, words
    made = set(root.rglob("*")) - before
    assert {p.suffix for p in made if p.is_file()} == {".run"}, "nothing was read or written"


def test_files_are_received_by_one_at_a_time(root, tmp_path_factory, monkeypatch):
    """Two at once would both see the same name free, and one line of the ledger would be lost."""
    sent = tmp_path_factory.mktemp("sent") / "a.xlsx"
    sent.write_bytes(b"x")
    lock, receive = project.Place(root).derived(locks.FOLDER) / "2022-Q2.received", receipts.receive

    def receives(*given):
        with locks.free(lock) as free:
            assert not free
        return receive(*given)

    monkeypatch.setattr(receipts, "receive", receives)
    assert call(root, "receive", "2022-Q2", str(sent), "--on", "2022-06-20")[0] == 0


def test_a_full_disk_is_told_with_what_to_do(root, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/data/derived/x.parquet")

    monkeypatch.setattr(period, "load", full)
    code, output = call(root, "check", "2022-Q2")
    assert code == 2 and "2022-Q2: No space left on device (/data/derived/x.parquet)" in output
    assert "run the same command again" in output


def test_what_failed_commands_no_terminal():
    screen = io.StringIO()
    page = Page("a", Path("a.ipynb"), Path("a.html"), "A")
    with Progress(Console(file=screen, force_terminal=True, color_system=None), "x") as progress:
        progress(1, 1, Result(page, "error", 0.0, "\x1b]0;pwned\x07"))
    assert "]0;pwned" in screen.getvalue() and "\x1b]" not in screen.getvalue()


def test_no_name_of_a_file_commands_the_terminal(root, tmp_path_factory):
    """Whichever command says it: nor is it taken for markup, nor does it stop the command."""
    sent = tmp_path_factory.mktemp("sent") / NAME
    sent.write_bytes(b"x")
    built = tmp_path_factory.mktemp("site")
    stated = {"time_period": "2022-Q2", "catalogue_sha256": "", "code": "", "written": {}}
    (built / "receipt.json").write_text(json.dumps(stated))
    (built / NAME).write_bytes(b"x")
    commands = [
        (0, "receive", "2022-Q2", str(sent), "--on", "2022-06-20"),
        (1, "verify", str(built)),
        (2, "check", "2022-Q2@2022-06-20"),
        (1, "check", "2022-Q2", "--most", "9999"),
    ]
    for code, *words in commands:
        if words[0] == "check":  # of it nobody said when it came
            (root / "data/submissions/2022-Q2" / NAME).write_bytes(b"y")
        done, output = call(root, *words)
        assert done == code and "pwned" in output and "[red]" in output, output
        assert "\x1b" not in output and "\x07" not in output
