"""The stories of the documentation, walked as they are written: every command by its own words,
every file that somebody fills in, and what comes back.

In a block ``console`` a line that begins with ``$`` is typed, and what follows comes back (``…``:
whatever stands there). Other blocks whose first line names a file are written there; tables say
what is typed into workbooks, copied, or brought by the tool that collects answers.
"""

import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from itertools import pairwise

import fieldwork_files
import nbformat
import numpy as np
import openpyxl
import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from shared import call

from analysis.language import messages
from analysis.project import PROJECT, Place

STORIES = (PROJECT / "docs/stories.vi.md").read_text("utf-8")
_BLOCK = r"^```(?P<kind>\w+)\n(?P<text>.*?)^```$"
_TABLE = r"^\| (?P<head>Tệp|Chép|Từ KoboToolbox) \|[^\n]*\n\|[-|]+\n(?P<rows>(?:\|[^\n]*\n)+)"
_STEP = re.compile(f"{_BLOCK}|{_TABLE}", re.M | re.S)


def walk(root, story: int) -> None:
    """All steps of a story, in order."""
    begins = [m.start() for m in re.finditer(r"^## ", STORIES, re.M)] + [len(STORIES)]
    first, last = list(pairwise(begins))[story - 1]
    steps = list(_STEP.finditer(STORIES[first:last]))
    assert len(steps) > 1
    for step in steps:
        if step["head"]:
            rows = re.findall(r"^\| `(.+?)` \| `(.+?)` \|(?: (.*?) \|)?$", step["rows"], re.M)
            {"Tệp": fill, "Chép": copy, "Từ KoboToolbox": collect}[step["head"]](root, rows)
        elif step["kind"] == "console":
            for typed in re.split(r"^\$ ", step["text"], flags=re.M)[1:]:
                command, _, back = typed.partition("\n")
                type_in(root, shlex.split(command), back)
        else:
            write(root, step["text"])


def type_in(root, words: list[str], back: str) -> None:
    words = [str(root / w) if re.match(r"(bieu|phieu|gui|notebooks)/", w) else w for w in words]
    if words[0] == "reform-monitor":
        with messages.using("vi"):
            status, told = call(root, *words[1:])
    else:
        done = subprocess.run(
            [sys.executable, "-m", *words], cwd=root, capture_output=True, text=True, check=False
        )
        status, told = done.returncode, " ".join((done.stdout + done.stderr).split())
    assert status == (1 if "check" in words else 0), f"{words}: {told}"
    at = 0
    for part in filter(None, (" ".join(p.split()) for p in back.split("…"))):
        found = told.find(part, at)
        assert found >= 0, f"{words}: “{part}” does not come back: {told}"
        at = found + len(part)


def write(root, text: str) -> None:
    name, _, rest = text.removeprefix("# ").partition("\n")
    path = root / name
    assert path.parent.is_dir(), f"{name}: its folder is not there yet"
    if path.suffix == ".ipynb":
        cells = [new_code_cell(code) for code in rest.split("# %%\n")]
        nbformat.write(new_notebook(cells=cells), path)
    else:
        path.write_text(rest, "utf-8")


def fill(root, rows) -> None:
    for name, cell, figures in rows:
        book = openpyxl.load_workbook(root / name)
        sheet = book.worksheets[0]
        row, column = sheet[cell].row, sheet[cell].column
        for n, figure in enumerate(figures.split()):
            assert sheet.cell(row, column + n).value is None, "blank so far"
            sheet.cell(row, column + n).value = int(figure)
        book.save(root / name)


def copy(root, rows) -> None:
    for old, new, _ in rows:
        shutil.copy(root / old, root / new)


def collect(root, rows) -> None:
    ((_, name, _),) = rows
    drawn = pd.read_csv((root / name).with_name("selected.csv"), dtype=str).iloc[::10]
    sent = fieldwork_files.submissions(drawn, np.random.default_rng(2023))
    (root / name).write_bytes(fieldwork_files.workbook(sent))


@pytest.fixture()
def root(tmp_path):
    """What of the shipped project the stories need."""
    for name in ("data/catalogue", "data/reference", "reports/templates"):
        shutil.copytree(PROJECT / name, tmp_path / name)
    shutil.copy(PROJECT / "reports/site.yml", tmp_path / "reports/site.yml")
    shutil.copytree(PROJECT / "notebooks", tmp_path / "notebooks")
    (tmp_path / "gui").mkdir()
    return tmp_path


def test_a_period_from_nothing_to_an_archive(root, in_this_process):
    shipped, there = Place().submissions("2022-Q2"), Place(root).submissions("2022-Q2")
    there.mkdir(parents=True)
    shutil.copy(shipped / "period.yml", there)
    for unit in ("BCA", "BTP"):
        shutil.copy(shipped / f"edocs_{unit}_2022-Q2.xlsx", there)
    walk(root, 1)
    with zipfile.ZipFile(root / "gui/quy3.zip") as packed:
        index = packed.read(next(n for n in packed.namelist() if n.endswith("index.html")))
    assert "Bộ Nội vụ" in index.decode() and "edocs_BTP_2022-Q3.xlsx" not in index.decode()


def test_an_edition_from_its_questionnaire_to_estimates(root, in_this_process):
    shutil.copytree(Place().survey("apci-2022"), Place(root).survey("apci-2022"))
    walk(root, 2)
    assert (root / "reports/apci-2023/apci_fieldwork.html").is_file()
    with zipfile.ZipFile(root / "gui/apci-2023.zip") as packed:
        assert not any("fieldwork" in name for name in packed.namelist()), "internal"


def test_a_chart_of_ones_own(root):
    for year in ("2022", "2023", "2024"):
        shutil.copytree(Place().submissions(year), Place(root).submissions(year))
    walk(root, 3)
    page = (root / "notebooks/hai-don-vi.html").read_text("utf-8")
    assert page.count('src="data:image/png;base64,') == 1 and "Traceback" not in page
