"""The commands as a user types them: what they print, write and return."""

import re
import shutil

import pytest
import yaml
from typer.testing import CliRunner

from analysis import catalogue as cat
from analysis.__main__ import app


@pytest.fixture()
def root(tmp_path):
    for name in ("data/catalogue", "data/submissions/2022-Q2", "data/submissions/2026-Q3",
                 "data/reference", "notebooks", "reports/templates"):  # fmt: skip
        shutil.copytree(cat.PROJECT / name, tmp_path / name, ignore=_others)
    shutil.copy(cat.PROJECT / "reports/site.yml", tmp_path / "reports/site.yml")
    path = tmp_path / "data/submissions/2022-Q2/period.yml"
    stated = yaml.safe_load(path.read_text("utf-8"))
    stated |= {"forms": ["II.06a"], "frameworks": ["qd766_06a"]}
    path.write_text(yaml.safe_dump(stated, allow_unicode=True), "utf-8")
    path = tmp_path / "data/submissions/2022-Q2/received.csv"
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join(n for n in lines if n.startswith(("file", "II06a"))), "utf-8")
    return tmp_path


def _others(folder: str, names: list[str]) -> list[str]:
    """Of the quarter one form is enough here: a tenth of the files, and of the time."""
    files = [n for n in names if n.endswith((".xlsx", ".csv", ".docx")) and n != "received.csv"]
    return [n for n in files if folder.endswith("2022-Q2") and not n.startswith("II06a_")]


def call(root, *words):
    result = CliRunner().invoke(app, [*words, "--root", str(root)])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception  # no command may end so: its reason would be lost here
    return result.exit_code, " ".join(result.output.split())


def test_help_names_every_command():
    output = CliRunner().invoke(app, ["--help"]).output
    assert all(name in output for name in ("run", "check", "forms", "sample", "report", "apci"))


def test_an_unknown_edition_names_the_known_ones(root):
    shutil.copytree(cat.PROJECT / "data/survey", root / "data/survey")
    code, output = call(root, "apci", "2031")
    assert code == 2
    assert "known editions: apci-2020, apci-2022" in output


def test_check_of_a_clean_period_exits_0_with_its_balance(root):
    code, output = call(root, "check", "2026-Q3")
    assert code == 0
    assert "16534 cells = 12505 labels + 4029 accepted + 0 in issues + 0 unaccounted" in output


def test_check_exits_1_on_blocking_issues_and_writes_the_way_back(root):
    code, output = call(root, "check", "2022-Q2")
    assert code == 1
    assert "Phải sửa" in output and "0 unaccounted" in output
    returns = root / "reports/2022-Q2/returns"
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


def test_an_empty_folder_is_a_clear_message_and_exit_2(root):
    for path in (root / "data/submissions/2022-Q2").glob("*.*x"):
        path.unlink()
    code, output = call(root, "check", "2022-Q2")
    assert code == 2 and "holds no submission" in output


def test_a_broken_catalogue_is_named_with_file_and_line(root):
    path = root / "data/catalogue/rules.yml"
    path.write_text(
        path.read_text("utf-8").replace("severity: warning", "severity: mild", 1), "utf-8"
    )
    code, output = call(root, "run", "2026-Q3")
    assert code == 2 and "rules.yml:" in output and "mild" in output


def test_forms_writes_blank_workbooks(root, tmp_path):
    code, output = call(root, "forms", "2022-Q2", str(tmp_path / "out"))
    assert code == 0 and "93 workbooks" in output
    assert call(root, "forms", "2026-Q3", str(tmp_path / "out2"))[0] == 2


def test_a_new_broken_workbook_does_not_stop_the_others(root):
    (root / "data/submissions/2022-Q2/zzz.xlsx").write_bytes(b"not a workbook")
    code, output = call(root, "check", "2022-Q2")
    assert code == 1 and "94 files" in output and "0 unaccounted" in output


def test_run_says_when_a_page_failed_and_builds_the_rest(root):
    path = root / "notebooks/40_service_quality.ipynb"
    path.write_text(path.read_text("utf-8").replace("tables.league(", "tables.leage("), "utf-8")
    code, output = call(root, "run", "2026-Q3", "--unit", "H44.42", "--workers", "1")
    assert code == 1 and "failed: service_quality: AttributeError" in output
    assert re.search(r"[1-9]\d* pages written, 1 failed", output)
    page = (root / "reports/2026-Q3/service_quality.html").read_text("utf-8")
    assert "Trang này chưa lập được" in page
    assert "lỗi" in (root / "reports/2026-Q3/index.html").read_text("utf-8")


def test_a_file_that_is_noted_as_received_but_absent_is_named(root):
    folder = cat.Place(root).submissions("2022-Q2")
    with (folder / "received.csv").open("a", encoding="utf-8") as file:
        file.write("II06a_99.xlsx,2022-06-20\n")
    _, output = call(root, "check", "2022-Q2")
    issues = (root / "reports/2022-Q2/returns/issues.csv").read_text("utf-8-sig")
    line = next(row for row in issues.splitlines() if "file_missing" in row)
    assert "II06a_99.xlsx" in line and "warning" in line
    assert "0 unaccounted" in output
