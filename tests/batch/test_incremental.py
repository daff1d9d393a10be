"""Pages are built again exactly when something they rest on has changed, and say what it was."""

import base64
import json
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from html import unescape
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from nbformat.v4 import new_markdown_cell, new_output
from shared import notebook

from analysis.batch import execute, incremental
from analysis.batch.pages import Batch, Page, examine
from analysis.lineage import imports, store
from analysis.render import report

CONTEXT = report.Context(period="2022-Q2", period_title="Kỳ thử", synthetic=True)
PIXEL = base64.b64encode(
    bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010804000000b51c0c02"
        "0000000b4944415478da6364f80f00010501012718e3660000000049454e44ae426082"
    )
).decode()

pytestmark = pytest.mark.usefixtures("in_this_process")


@dataclass
class Small:
    rows: pd.DataFrame
    other: pd.DataFrame


def small(a: int = 1, b: int = 2, other: int = 3) -> Small:
    units = pd.DataFrame({"reporting_unit": ["A", "B"], "peer_type": ["x", "y"], "value": [a, b]})
    return Small(units, units.assign(value=other))


HERE = "import os, pathlib\ndata = pathlib.Path(os.environ['REFORM_MONITOR_ROOT']) / 'data'"
TABLES = f"""{HERE}
from dataclasses import dataclass
import pandas as pd
from analysis.lineage import store
@dataclass
class Small:
    rows: pd.DataFrame
    other: pd.DataFrame
folder = data / "derived" / "p"
held = store.read(Small, folder, store.pinned(folder))"""
UNIT = f"{TABLES}\nprint(held.of('reporting_unit', unit).rows.value.tolist())"
NOTEBOOKS = {
    "plain": ["print('x is', x)"],
    "module": ["%time 1  # import\nfrom analysis.display.charts import unit_charts\nunit_charts"],
    "whole": [f"{TABLES}\nprint(held.rows.value.sum())"],
    "file": [f"{HERE}\nimport pandas as pd; print(pd.read_csv(data / 'a.csv'))"],
    "folder": [f"{HERE}\nprint(sorted(os.listdir(data / 'listed')), (data / 'gone').exists())"],
    "picture": [
        "import base64; from IPython.display import Image, display\n"
        f"display(Image(base64.b64decode('{PIXEL}')))"
    ],
}


@dataclass(frozen=True)
class Project:
    """A small project with all its pages built."""

    root: Path
    pages: tuple[Page, ...]
    batch: Batch

    def page(self, code: str) -> Page:
        return next(p for p in self.pages if p.code == code)

    def changed(self, code: str, **values) -> "Project":
        pages = [replace(p, **values) if p.code == code else p for p in self.pages]
        return replace(self, pages=tuple(pages))

    def save(self, tables: Small, mark: str) -> "Project":
        folder = self.root / "data/derived/p"
        store.save(tables, folder, mark)
        return replace(self, batch=replace(self.batch, pinned={str(folder): mark}))

    def due(self) -> dict[str, str]:
        planned = examine(list(self.pages), self.batch)
        return {p.page.code: "; ".join(p.reasons) for p in planned if p.reasons}

    def build(self, *codes: str) -> list:
        return [execute.build(self.page(code), self.batch) for code in codes]

    def html(self, code: str) -> str:
        return (self.batch.site / self.page(code).output).read_text("utf-8")


def project(root: Path) -> Project:
    nb = root / "notebooks"
    pages = [Page(c, nb / f"{c}.ipynb", Path(f"{c}.html"), f"Trang {c}") for c in NOTEBOOKS]
    pages[-1] = replace(pages[-1], also=("png",))
    pages += [
        Page(u, nb / "unit.ipynb", Path(f"units/{u}.html"), u, parameters={"unit": u}, unit=u)
        for u in "AB"
    ]
    pinned = {str(root / "data/derived/p"): "first"}
    where = Batch(root / "site", root / "executed", CONTEXT, root, pinned=pinned, catalogue="c")
    return Project(root, tuple(pages), where)


@pytest.fixture(scope="module")
def built(tmp_path_factory, in_this_process):
    root = tmp_path_factory.mktemp("built")
    for folder in ("notebooks", "data/listed"):
        (root / folder).mkdir(parents=True)
    (root / "data/a.csv").write_text("n\n1\n")
    (root / "data/b.csv").write_text("n\n1\n")
    (root / "data/listed/one").write_text("1")
    for name, code in NOTEBOOKS.items():
        notebook(root / "notebooks", name, *code)
    notebook(root / "notebooks", "unit", UNIT, parameters="unit: str = 'A'")
    made = project(root).save(small(), "first")
    assert set(made.due().values()) == {"not built yet"}
    results = made.build(*(p.code for p in made.pages))
    assert [r.message for r in results if r.status != "ok"] == []
    assert made.due() == {}
    return root


@pytest.fixture
def held(built, tmp_path):
    """A copy of the project that the test may change."""
    shutil.copytree(built, tmp_path / "project")
    return project(tmp_path / "project")


EVERY = {*NOTEBOOKS, "A", "B"}


def append(path: Path, text: str = " ") -> None:
    path.write_bytes(path.read_bytes() + text.encode())


def edit(held: Project, name: str, change: Callable) -> None:
    path = held.root / f"notebooks/{name}.ipynb"
    opened = nbformat.read(path, 4)
    change(opened)
    nbformat.write(opened, path)


def ran_and_saved(opened: nbformat.NotebookNode) -> None:
    """What JupyterLab leaves of an afternoon."""
    opened.metadata["kernelspec"] = {"name": "r", "display_name": "R", "language": "R"}
    opened.metadata["language_info"] = {"name": "python", "version": "3.99"}
    for n, cell in enumerate(opened.cells):
        cell.id = f"other-{n}"
        cell.metadata["collapsed"] = False
        if cell.cell_type == "code":
            cell.execution_count = n + 7
            cell.outputs = [new_output("stream", text="đã chạy")]


def default(opened: nbformat.NotebookNode, source: str) -> None:
    opened.cells[1].source = source


def a_record_says(held: Project, code: str, **values) -> None:
    path = held.batch.record(held.page(code))
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | values))


MUTATIONS = {
    "nothing": (lambda p: p, set(), ""),
    "notebook": (
        lambda p: edit(p, "unit", lambda nb: nb.cells.append(new_markdown_cell("Thêm."))),
        {"A", "B"}, "^notebook changed$",
    ),
    "what a notebook showed when it was saved": (
        lambda p: [edit(p, name, ran_and_saved) for name in ("unit", "plain")], set(), ""
    ),
    "a default that a page gives": (
        lambda p: edit(p, "unit", lambda nb: default(nb, "unit: str = 'Z'")), set(), ""
    ),
    "a default that a page takes": (
        lambda p: edit(p, "plain", lambda nb: default(nb, "x: int = 2")), {"plain"},
        "^parameters changed$",
    ),
    "what is said of a parameter": (
        lambda p: edit(p, "unit", lambda nb: default(nb, "unit: str = 'A'  # which")),
        {"A", "B"}, "^parameters changed$",
    ),
    "parameters": (
        lambda p: p.changed("plain", parameters={"x": 2}), {"plain"}, "^parameters changed$"
    ),
    "type of a parameter": (
        lambda p: p.changed("B", parameters={"unit": 1}), {"B"}, "^parameters changed$"
    ),
    "title": (lambda p: p.changed("A", title="Z"), {"A"}, "^title, exports or label"),
    "exports": (lambda p: p.changed("plain", also=("png",)), {"plain"}, "^title, exports or label"),
    "label of one page": (
        lambda p: p.changed("plain", synthetic=False), {"plain"}, "^title, exports or label"
    ),
    "what a page always was": (lambda p: p.changed("plain", synthetic=True), set(), ""),
    "title of the period": (
        lambda p: replace(p, batch=replace(p.batch, context=replace(CONTEXT, period_title="Q"))),
        EVERY, "^title, exports or label",
    ),
    "time of the build": (
        lambda p: replace(p, batch=replace(p.batch, context=replace(CONTEXT, provenance=["now"]))),
        set(), "",
    ),
    "catalogue": (
        lambda p: replace(p, batch=replace(p.batch, catalogue="d")), EVERY, "^catalogue changed$"
    ),
    "same tables, other mark": (lambda p: p.save(small(), "second"), set(), ""),
    "rows of one unit": (
        lambda p: p.save(small(a=9), "second"), {"whole", "A"}, r"^table changed: p/rows(\?.*=A)?$"
    ),
    "rows of the other unit": (
        lambda p: p.save(small(b=9), "second"), {"whole", "B"}, r"^table changed: p/rows(\?.*=B)?$"
    ),
    "a table that nobody reads": (lambda p: p.save(small(other=9), "second"), set(), ""),
    "type of a column": (
        lambda p: p.save(small(a=1.0, b=2.0), "second"), {"whole", "A", "B"}, "^table changed"
    ),
    "tables are gone": (
        lambda p: replace(p, batch=replace(p.batch, pinned={})), {"whole", "A", "B"},
        "^table changed: p/rows",
    ),
    "data file": (lambda p: append(p.root / "data/a.csv"), {"file"}, "^file changed: a.csv$"),
    "data file gone": (
        lambda p: (p.root / "data/a.csv").unlink(), {"file"}, "^file changed: a.csv$"
    ),
    "a data file that nobody reads": (lambda p: append(p.root / "data/b.csv"), set(), ""),
    "file in a listed folder": (
        lambda p: append_new(p.root / "data/listed/two"), {"folder"}, "^folder changed: listed$"
    ),
    "content in a listed folder": (lambda p: append(p.root / "data/listed/one"), set(), ""),
    "page deleted": (
        lambda p: (p.batch.site / "units/A.html").unlink(), {"A"},
        "^file is missing: units/A.html$",
    ),
    "page edited": (
        lambda p: append(p.batch.site / "plain.html"), {"plain"},
        "^file is not as it was written: plain.html$",
    ),
    "export deleted": (
        lambda p: (p.batch.site / "picture-1.png").unlink(), {"picture"},
        "^file is missing: picture-1.png$",
    ),
    "record deleted": (
        lambda p: p.batch.record(p.page("A")).unlink(), {"A"}, "^not built yet$"
    ),
    "record cut short": (
        lambda p: p.batch.record(p.page("A")).write_text('{"status": "ok", '), {"A"},
        "^not built yet$",
    ),
    "record of other code": (
        lambda p: a_record_says(p, "A", unknown=1), {"A"}, "^not built yet$"
    ),
    "record that is no record": (
        lambda p: p.batch.record(p.page("A")).write_bytes(b"\xff[]"), {"A"}, "^not built yet$"
    ),
    "record of a failed page": (
        lambda p: a_record_says(p, "A", status="error", message="KeyError: 'k'"), {"A"},
        "^failed last time: KeyError: 'k'$",
    ),
    "record of an ordinary kernel that saw nothing": (
        lambda p: a_record_says(p, "A", reads=None), {"A"}, "^no record of what it read"
    ),
}  # fmt: skip


def append_new(path: Path) -> None:
    path.write_text("new")


@pytest.mark.parametrize("name", MUTATIONS)
def test_exactly_the_pages_that_rest_on_what_changed_are_due(held, name):
    mutate, expected, reason = MUTATIONS[name]
    outcome = mutate(held)
    changed = outcome if isinstance(outcome, Project) else held
    due = changed.due()
    assert set(due) == expected
    for text in due.values():
        assert re.search(reason, text), text


AGAIN = ["notebook", "exports", "rows of one unit", "file in a listed folder", "record cut short"]


def test_after_each_change_the_due_pages_are_built_and_nothing_is_due(held):
    for name in AGAIN:
        outcome = MUTATIONS[name][0](held)
        held = outcome if isinstance(outcome, Project) else held
        due = held.due()
        assert due, name
        assert [r.status for r in held.build(*due)] == ["ok"] * len(due), name
        assert held.due() == {}, name
    assert "[9]" in held.html("A") and "[2]" in held.html("B") and "11" in held.html("whole")
    assert "two" in held.html("folder")


def test_a_page_is_made_of_sources_and_shows_the_parameters_that_it_was_made_with(held):
    edit(held, "unit", ran_and_saved)
    edit(held, "unit", lambda nb: default(nb, "unit: str = 'Z'  # một đơn vị"))
    assert [r.status for r in held.build("A")] == ["ok"], "whatever kernel it was saved with"
    page = unescape(held.html("A"))
    assert "unit: str = 'A'  # một đơn vị" in page and "'Z'" not in page
    assert page.count("unit: str") == 1 and "đã chạy" not in page


def test_a_template_or_a_library_concerns_every_page(held, tmp_path, monkeypatch):
    templates = tmp_path / "templates"
    shutil.copytree(report.TEMPLATES, templates)
    monkeypatch.setattr(report, "TEMPLATES", templates)
    assert held.due() == {}, "where they lie is nothing to the page"
    append(next(p for p in templates.rglob("*.css")))
    assert held.due() == dict.fromkeys(EVERY, "template changed")
    monkeypatch.undo()
    monkeypatch.setattr(imports, "libraries", lambda: "others")
    assert held.due() == dict.fromkeys(EVERY, "libraries changed")


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        ("display.charts.unit_charts", {"module"}),  # imported, in a cell with a magic
        ("display.charts.figure", {"module"}),  # imported by what is imported
        ("lineage.store", {"whole", "A", "B"}),
        ("render.html_page", EVERY),
        ("topics.apci_survey", set()),
        ("site.planning", set()),
    ],
)
def test_a_module_concerns_the_pages_that_import_it(held, tmp_path, monkeypatch, module, expected):
    package = tmp_path / "analysis"
    shutil.copytree(imports.FOLDER, package, ignore=shutil.ignore_patterns("__pycache__"))
    append(package / f"{module.replace('.', '/')}.py", "\n# changed")
    monkeypatch.setattr(
        incremental.imports, "digests", lambda names, of=imports.digests: of(names, package)
    )
    due = held.due()
    assert due == dict.fromkeys(expected, f"module changed: analysis.{module}")


def page_of(held: Project, code: str, *cells: str, **values) -> Project:
    path = notebook(held.root / "notebooks", code, *cells)
    own = Page(code, path, Path(f"{code}.html"), f"Trang {code}")
    return replace(held, pages=(own,), batch=replace(held.batch, **values))


WAYS = f"""{HERE}
import sqlite3, pandas as pd
open(data / "by_open"); (data / "by_path").read_bytes(); os.open(data / "by_os", os.O_RDONLY)
open(os.fsencode(data / "by_bytes"), "rb"); sqlite3.connect(data / "by_sqlite")
pd.read_csv(data / "by_pandas"); os.chdir(data); open("by_relative"); os.listdir()
list((data / "globbed").glob("*/*")); os.chdir("listed"); os.listdir()
open(data / "written", "w").write("x")
(data / "catalogue").mkdir(); (data / "catalogue/apart").touch(); open("../catalogue/apart")"""


def test_reading_is_seen_however_it_is_done(held):
    names = re.findall("by_[a-z]+", WAYS)
    for name in names:
        append_new(held.root / "data" / name)
    (held.root / "data/by_sqlite").write_bytes(b"")
    (held.root / "data/globbed/deep").mkdir(parents=True)
    ways = page_of(held, "ways", WAYS)
    assert ways.build("ways")[0].message == ""
    record = json.loads(ways.batch.record(ways.page("ways")).read_text("utf-8"))
    found = {(kind, what) for kind, what, _ in record["reads"]}
    folders = {("folder", "globbed"), ("folder", "globbed/deep"), ("folder", "listed")}
    assert found == {("file", name) for name in names} | folders


READ = f"{HERE}\nfor n in 'ab': (data / f'{{n}}.csv').read_text()"
CHANGE = "(data / 'a.csv').write_text('later'); (data / 'b.csv').unlink()"


def test_what_changes_or_goes_while_a_page_is_built_counts_as_changed(held):
    changes = page_of(held, "changes", READ, CHANGE)
    changes.build("changes")
    assert changes.due() == {"changes": "file changed: a.csv; file changed: b.csv"}
    append_new(held.root / "data/b.csv")
    reads = page_of(held, "changes", READ)
    reads.build("changes")
    assert reads.due() == {}


def test_a_file_that_is_swapped_for_an_older_one_while_a_page_is_built_has_changed(held):
    append_new(held.root / "older")
    os.utime(held.root / "older", (0, 0))
    swaps = page_of(held, "swaps", READ, "os.replace(data.parent / 'older', data / 'a.csv')")
    swaps.build("swaps")
    assert swaps.due() == {"swaps": "file changed: a.csv"}


@pytest.mark.parametrize("number, told", [(5, "module changed: analysis.a, "), (6, "code changed")])
def test_where_code_moved_the_reason_is_brief(tmp_path, number, told):
    """Records of before name modules that lie elsewhere now: the page is due, said in a line."""
    then = dict.fromkeys([f"analysis.{c}" for c in "abcdef"[:number]], "1")
    whole = dict.fromkeys(incremental.CHANGED, "same")
    record = incremental.Record("ok", "", whole | {"modules": then}, [], {}, [], 1.0, 0.0)
    basis = whole | {"modules": {}}
    (found,) = incremental.reasons(record, basis, lambda *_: "", tmp_path)
    assert found.startswith(told) and len(found) < 100
    if number > 5:
        assert found == "code changed: 6 modules"


def test_a_file_that_a_clock_ahead_has_dated_is_not_built_for_ever(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("n")
    began = path.stat().st_ctime + 1
    os.utime(path, (began + 10**8, began + 10**8))

    def read(since: float) -> list:
        return incremental.settled([("file", "a.csv")], lambda *_: "x", tmp_path, since)

    assert read(path.stat().st_ctime + 1) == [["file", "a.csv", "x"]]
    assert read(path.stat().st_ctime - 1) == [["file", "a.csv", "changed while it was read"]]
