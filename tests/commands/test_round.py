"""One office's round, by the commands that anybody types: a blank, filled in with three faults,
goes back; it is mended by what is proposed, confirmed, mended, and accepted."""

import re

import openpyxl
import pytest
import yaml
from typer.testing import CliRunner

from analysis.__main__ import app
from analysis.exchange import first_sheet
from analysis.period import load
from analysis.project import PROJECT
from analysis.reading import reply_sheet

UNIT = "10"
BEFORE = [[2135, 1648, 1279, 1016, 3467, 2589, 1934, 1578],
          [843, 517, 392, 268, 1246, 935, 721, 486],
          [1572, 1238, 907, 643, 684, 429, 315, 172]]  # fmt: skip
NOW = [[2210, 1702, 1301, 1044, 3512, 2618, 1967, 1602],
       [861, 533, 401, 277, 1268, 948, 733, 495],
       [9572, 1251, 918, 655, 691, 437, 322, 178]]  # fmt: skip
COLUMNS = "CDEFGHIJ"


def run(root, *words) -> tuple[int, str]:
    told = CliRunner().invoke(app, [*map(str, words), "--root", str(root)])
    assert told.exception is None or isinstance(told.exception, SystemExit), told.output
    return told.exit_code, told.output


def filled(root, code: str, figures: list[list[int]]):
    """The blank of a period with its figures, and where its first row is."""
    assert run(root, "forms", code, root / code)[0] == 0
    (path,) = (root / code).glob("*.xlsx")
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    first = next(
        c.row for line in sheet.iter_rows(max_col=2) for c in line if c.value == "Cấp tỉnh"
    )
    lines = [*figures, [sum(column) for column in zip(*figures, strict=True)]]
    for row, line in enumerate(lines, first):
        for column, figure in zip(COLUMNS, line, strict=True):
            sheet[f"{column}{row}"] = figure
    return book, path, first


@pytest.fixture()
def root(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data/catalogue").symlink_to(PROJECT / "data/catalogue")
    for code in ("2022-Q1", "2022-Q2"):
        folder = tmp_path / "data/submissions" / code
        folder.mkdir(parents=True)
        stated = {"time_period": code, "title": {"vi": "Quý", "en": "Quarter"}, "frameworks": [],
                  "regime": "nd09_2019", "forms": ["edocs"], "synthetic": True,
                  "due": {"units": [UNIT]}}  # fmt: skip
        (folder / "period.yml").write_text(yaml.safe_dump(stated, allow_unicode=True), "utf-8")
    book, path, _ = filled(tmp_path, "2022-Q1", BEFORE)
    book.save(path)
    assert run(tmp_path, "receive", "2022-Q1", path, "--on", "2022-03-20")[0] == 0
    return tmp_path


def test_a_blank_is_filled_in_goes_back_is_answered_and_accepted(root):
    book, path, row = filled(root, "2022-Q2", NOW)
    sheet = book.worksheets[0]
    name, right = sheet.title, sheet[f"D{row}"].value
    sheet[f"D{row}"] = 1720  # two digits exchanged
    sheet[f"J{row + 1}"] = "khoảng 495"
    book.save(path)  # and C of the communes is unusual, and right
    status, told = run(root, "receive", "2022-Q2", path, "--on", "2022-06-20")
    assert status == 0 and "answers" not in told
    assert run(root, "check", "2022-Q2")[0] == 1

    back = root / "data/derived/2022-Q2-returns" / path.name
    copy = openpyxl.load_workbook(back)
    listed, sheet = copy[first_sheet.TITLE], copy[name]
    lines = {line[2].value: line for line in listed.iter_rows(min_row=first_sheet.HEAD_ROW + 1)}
    first = listed[first_sheet.HEAD_ROW + 1]
    leads, message = first[2].hyperlink.location, first[4].value
    assert leads == f"'{name}'!D{row}" and first[2].value == f"D{row}"
    proposed = re.search(rf"ô D{row} ghi “1720”, đúng ra là ([\d.]+)", message)[1]
    assert int(proposed.replace(".", "")) == right == 1702 and "hai chữ số đổi chỗ" in message
    assert sum(f"D{row}" in re.split(r"[, :]+", str(line[2].value)) for line in lines.values()) == 1
    assert sheet[f"D{row}"].border.left.style == "thick" and sheet[f"D{row}"].comment
    assert sheet[f"C{row}"].border.left.style != "thick"

    sheet[f"D{row}"] = int(proposed.replace(".", ""))
    sheet[f"J{row + 1}"] = 495
    unusual = lines[f"C{row + 2}"]
    for cell, text in zip(unusual[5:8], (reply_sheet.CONFIRMED, "đợt rà soát", "Lan"), strict=True):
        cell.value = text
    copy.save(root / "mended.xlsx")
    status, told = run(root, "receive", "2022-Q2", root / "mended.xlsx", "--on", "2022-06-22")
    assert status == 0 and "1 confirmed, 0 that do not count" in told
    status, told = run(root, "check", "2022-Q2")
    assert status == 0, told
    issues = load("2022-Q2", root).tables.issues
    jumps = issues[issues["rule"] == "figure_jump"]
    assert set(jumps["state"]) == {"confirmed"} and set(jumps["answered_by"]) == {"Lan"}
    assert not (issues["severity"] == "blocking").any()
