"""A first period while forms are still missing: every page that site.yml declares for it says what
has come and what has not, none fails, and the site can be shared."""

import ast
import html
import json
import re
import shutil
import zipfile

import openpyxl
import pytest
import yaml
from IPython.display import HTML

from analysis import project as its
from analysis.batch.pages import Page
from analysis.display.charts.chart import Chart
from analysis.language import languages
from analysis.period import load
from analysis.project import PROJECT, Place
from analysis.site import building, planning, share

PERIOD = "2022-Q2"
UNITS = ["VPCP", "BYT", "01", "04"]
SHIPPED = Place(PROJECT).submissions(PERIOD)
ONE_FORM = ["edocs_01_2022-Q2.xlsx", "edocs_BYT_2022-Q2.xlsx"]
REGISTER = ["tasks_VPCP_2022-Q2.xlsx"]
ONE_UNIT = ["II06a_01_2022-Q2.xlsx", "edocs_01_2022-Q2.xlsx"]
_FAILS = re.compile(r"\bnan\b|\bNaN\b|\bNone\b|\bNaT\b|\b0 trong 0\b|\b0/0\b|Traceback")
_ALL_NOTHING = re.compile(r"đứng đầu|cao nhất|\b0 trong \d+ (?:mục tiêu|đơn vị đạt)|hạng \d")


def begin(root, files: list[str], ledger: bool = True):
    """A project in which the period is the first, and of what is due these files have come."""
    for name in ("data/catalogue", "data/reference", "notebooks", "reports/templates"):
        shutil.copytree(PROJECT / name, root / name)
    shutil.copy(PROJECT / "reports/site.yml", root / "reports/site.yml")
    folder = Place(root).submissions(PERIOD)
    folder.mkdir(parents=True)
    stated = yaml.safe_load((SHIPPED / "period.yml").read_text("utf-8"))
    stated |= {"due": {"units": UNITS}, "forms": ["II.06a", "edocs", "tasks"]}
    stated |= {"frameworks": ["qd766_06a", "edocs", "tasks"]}
    (folder / "period.yml").write_text(yaml.safe_dump(stated, allow_unicode=True), "utf-8")
    for name in files:
        shutil.copy(SHIPPED / name, folder / name)
    if ledger:
        lines = (SHIPPED / "received.csv").read_text("utf-8").splitlines()
        held = [lines[0], *(line for line in lines if line.partition(",")[0] in files)]
        (folder / "received.csv").write_text("\n".join([*held, ""]), "utf-8")
    return folder


def emptied(path) -> None:
    """The same workbook without any figure."""
    book = openpyxl.load_workbook(path)
    for row in [row for sheet in book for row in sheet.iter_rows()]:
        figures = [cell for cell in row if isinstance(cell.value, int | float)]
        if [cell.value for cell in figures] != list(range(1, len(figures) + 1)):  # of the columns
            for cell in figures:
                cell.value = None
    book.save(path)


def shown(page: Page) -> str:
    """What a reader sees of a page: its notebook executed here, as papermill would fill it in."""
    cells = json.loads(page.notebook.read_text("utf-8"))["cells"]
    code = ["".join(c["source"]) for c in cells if c["cell_type"] == "code"]
    outputs: list = []
    scope = {"display": lambda *found: outputs.extend(found)}
    exec(code[0], scope)
    scope |= page.parameters
    for cell in code[1:]:
        for statement in ast.parse(cell).body:
            if isinstance(statement, ast.Expr):
                outputs.append(eval(ast.unparse(statement), scope))
            else:
                exec(ast.unparse(statement), scope)
    shown = [
        o.html if isinstance(o, Chart) else o.data or ""
        for o in outputs
        if isinstance(o, HTML | Chart)
    ]
    found = [re.sub(r"<[^>]+>", " ", text) for text in shown]
    return " ".join(html.unescape(" ".join(found)).split())


@pytest.fixture()
def project(tmp_path, monkeypatch):
    monkeypatch.setattr(its, "PROJECT", tmp_path)
    with languages.using("vi"):
        yield tmp_path


def pages(root) -> dict[str, str]:
    loaded = load(PERIOD, root)
    return {p.page.name: shown(p.page) for p in planning.plan(loaded).pages}


@pytest.mark.parametrize("ledger", [True, False], ids=["ledger", "no ledger"])
def test_one_form_of_two_units(project, ledger):
    begin(project, ONE_FORM, ledger)
    said = pages(project)
    assert {"glance", "service_quality", "targets-edocs", "units/01", "tasks"} <= set(said)
    assert "ranking" not in said and "over_time" not in said
    for name, text in said.items():
        assert not _FAILS.search(text), (name, _FAILS.search(text))
    for name in ("service_quality", "tasks"):
        assert "Chưa có s" in said[name] and not _ALL_NOTHING.search(said[name]), said[name]
    assert "chưa có số liệu để vẽ" in said["glance"]
    assert "Không có nhiệm vụ nào quá hạn" not in said["tasks"], "no register has come"
    known = "biểu phải gửi đến đúng hạn" in said["reporting_discipline"]
    assert known == ledger
    if not ledger:
        assert "Chưa biết ngày nhận của biểu nào" in said["reporting_discipline"]


def test_only_a_register(project):
    begin(project, REGISTER)
    said = pages(project)
    assert "nhiệm vụ" in said["tasks"] and "Chưa có sổ" not in said["tasks"]
    for name, text in said.items():
        assert not _FAILS.search(text), (name, _FAILS.search(text))
    assert "Chưa có số liệu để chấm điểm" in said["service_quality"]
    assert not _ALL_NOTHING.search(said["service_quality"])


def test_everything_of_one_unit_and_none_of_the_others(project):
    begin(project, ONE_UNIT)
    said = pages(project)
    assert [name for name in said if name.startswith("units/")] == ["units/01"]
    for name, text in said.items():
        assert not _FAILS.search(text), (name, _FAILS.search(text))
    assert "Chưa có số liệu để so với" in said["units/01"]
    assert "có đủ số liệu cho cả" in said["service_quality"]


def test_all_cells_blank(project):
    folder = begin(project, [*ONE_UNIT, *ONE_FORM])
    for path in folder.glob("*.xlsx"):
        emptied(path)
    said = pages(project)
    for name, text in said.items():
        assert not _FAILS.search(text), (name, _FAILS.search(text))
        assert not _ALL_NOTHING.search(text), (name, _ALL_NOTHING.search(text))


def test_a_site_with_forms_missing_is_built_and_shared(tmp_path, in_this_process):
    begin(tmp_path, ONE_FORM)
    loaded = load(PERIOD, tmp_path)
    built = building.build(loaded, workers=1)
    assert [r.message for r in built.results if r.status != "ok"] == []
    index = built.index.read_text("utf-8")
    assert "Chưa đủ đơn vị có điểm để xếp hạng nên chưa có trang: Xếp hạng và độ chắc chắn" in index
    assert "Chưa có kỳ trước để so sánh nên chưa có trang: Chỉ tiêu qua các kỳ" in index
    share.archive(loaded, tmp_path / "all.zip", public=False)
    with zipfile.ZipFile(tmp_path / "all.zip") as book:
        assert f"{PERIOD}/tasks.html" in book.namelist()
    # a page that fails keeps its last good state, and is named, however often the period is run
    path = tmp_path / "notebooks" / "70_tasks.ipynb"
    path.write_text(path.read_text("utf-8").replace("summed = register_", "1 / 0, register_"))
    for n in range(2):
        building.build(loaded, workers=1)
        packed = share.archive(loaded, tmp_path / f"more{n}.zip", public=False)
        assert [name for name in packed.earlier if "tasks" in name]
    # one that was never built is named with its reason
    shutil.rmtree(built.index.parent)
    building.build(loaded, workers=1)
    with pytest.raises(share.NotBuiltError, match="1 pages could not be built.*tasks: ZeroDiv"):
        share.archive(loaded, tmp_path / "none.zip", public=False)
    assert not (tmp_path / "none.zip").exists()
