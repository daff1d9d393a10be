"""Text that would like to be more than text: in pages, in a browser, in exports it stays text."""

import csv
import io
import itertools
import json
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import hostile
import nbformat
import openpyxl
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from shared import Page
from typer.testing import CliRunner

from analysis import project
from analysis.__main__ import app
from analysis.exchange import blank_forms, blank_registers
from analysis.language import words
from analysis.period import load, send_back
from analysis.render import html_page, pdf, report
from analysis.site import building, planning

needs_browser = pytest.mark.skipif(
    pdf.browser() is None, reason="install Debian's package chromium (or set CHROMIUM=…)"
)
UNITS = ["75", "40", "BTC"]
PAGES = ["glance", "submissions", "tasks", "recommendations", "periodic_report", "units/75"]
TEXTS = [*hostile.MARKUP, *hostile.FORMULAS, *hostile.PATHS]
NAMES = [
    "<img src=x onerror=alert(1)>",
    "{{7*7}}{found}",
    "a\nb\u202exslx",
    "=1+1",
    "'\"><b>",
    "-rf",
]


def spoilt(path: Path) -> bytes:
    """A real file with hostile text in the cells, sheets and comments where text may stand."""
    book, texts = openpyxl.load_workbook(path), itertools.cycle(TEXTS)
    sheet = book.worksheets[0]
    if path.name.startswith(("tasks", "recommendations")):
        for row in range(blank_registers.FIRST_ROW, sheet.max_row + 1):
            for column in range(2, sheet.max_column + 1):
                value = sheet.cell(row, column).value
                if isinstance(value, str) and len(value) > 25:
                    hostile.put(sheet.cell(row, column), next(texts))
    else:
        last = sheet.max_row
        for n, text in enumerate(TEXTS):
            hostile.put(sheet.cell(last + 2 + n, 2), text)  # a remark below
            hostile.put(sheet.cell(last + 2 + n, 30), text)  # beside the form
        hostile.put(sheet.cell(blank_forms.HEADER_ROW + 8, 3), TEXTS[0])  # in place of a figure
        hostile.put(sheet.cell(blank_forms.HEADER_ROW + 9, 2), TEXTS[1])  # in place of a field
    for n, name in enumerate(NAMES[:3]):
        added = book.create_sheet(f"{n}" + re.sub(r"[\\*?:/\[\]\n]", "", name)[:29])
        hostile.put(added["A1"], TEXTS[n])
    return hostile.saved(book)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A project whose one period has such files alone."""
    folder = tmp_path_factory.mktemp("alone") / "project"
    for name in ("data/catalogue", "data/reference", "notebooks", "reports/templates"):
        shutil.copytree(project.PROJECT / name, folder / name)
    shutil.copy(project.PROJECT / "reports/site.yml", folder / "reports/site.yml")
    (folder / "data/survey").mkdir()
    source = project.Place().submissions("2022-Q2")
    received = folder / "data/submissions/2022-Q2"
    received.mkdir(parents=True)
    described = (source / "period.yml").read_text("utf-8")
    due = f"due:\n  units: {json.dumps([*UNITS, 'VPCP'])}\n"
    described = re.sub(r"due:\n  types:\n(?:  - \w+\n)+", due, described)
    (received / "period.yml").write_text(described, "utf-8")
    stems = itertools.cycle(NAMES)
    for path in sorted(source.glob("*.xlsx")):
        if path.stem.split("_")[1] in [*UNITS, "VPCP"]:
            name = f"{next(stems)} {path.stem}.xlsx"
            (received / name.replace("/", "_")).write_bytes(spoilt(path))
    lines = [["file", "received_at"], ["../../<script>alert(1)</script>.xlsx", "2022-07-01"]]
    with (received / "received.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(lines)
    return folder


@pytest.fixture(scope="module")
def loaded(root):
    return load("2022-Q2", root)


@pytest.fixture(scope="module")
def pages(root, loaded):
    planned = planning.plan(loaded, only=PAGES)
    built = building.build(loaded, workers=1, planned=planned)
    assert [r.message for r in built.results if r.status != "ok"] == []
    site = root / "reports"
    found = [p for p in sorted(site.rglob("*.html")) if "templates" not in p.parts]
    return {p.relative_to(site).as_posix(): p for p in found}


class Attributes(Page):
    """All attributes too."""

    def __init__(self, html: str) -> None:
        self.attributes: list[tuple[str, str, str]] = []
        super().__init__(html)

    def handle_starttag(self, tag, attrs):
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        super().handle_starttag(tag, attrs)


_TAGS = {"iframe", "object", "embed", "form", "base", "link", "img", "animate", "audio", "video"}


def test_what_was_sent_is_markup_nowhere(pages):
    assert {f"2022-Q2/{name}.html" for name in PAGES} <= set(pages)
    for name, path in pages.items():
        html = path.read_text("utf-8")
        page = Attributes(html)
        assert not page.handlers, name
        assert not [h for h in page.links if re.match(r"(?:[a-z]+:)?//|javascript:", h)], name
        assert not (_TAGS - {"img"}) & set(page.tags), name
        told = [value for _, a, value in page.attributes if a == "http-equiv"]
        assert told == ["Content-Security-Policy"], "which does not stop what leads away at once"
        assert "pwned" not in "".join(page.scripts), name
        for tag, attribute, value in page.attributes:
            if attribute in (
                "href",
                "src",
                "xlink:href",
                "action",
                "srcdoc",
                "style",
                "http-equiv",
            ):
                assert "pwned" not in value and "javascript:" not in value, (name, tag, value)
                assert "example.org" not in value, (name, tag, value)
        assert not [src for t, a, src in page.attributes if t == "img" and a == "src"
                    and not src.startswith("data:image/")], name  # fmt: skip
        assert "49" not in re.findall(r"\{\{ ?7\*7", html), name


def test_what_was_sent_is_shown_as_it_stands(pages):
    """The pages above did hold such text: escaped, whole and legible."""
    text = {name: " ".join(Page(p.read_text("utf-8")).text) for name, p in pages.items()}
    assert "<script>document.title='pwned'</script>" in text["2022-Q2/submissions.html"]
    assert "{{7*7}}{found}" in text["2022-Q2/submissions.html"]
    everything = " ".join(text.values())
    assert sum(words.plain(t)[:30] in words.plain(everything) for t in hostile.MARKUP) > 8


def test_nothing_lies_outside_the_folders_of_the_site(pages, root, loaded):
    before = {p for p in root.rglob("*") if p.is_file()}
    made = send_back(loaded.tables, loaded.plan, root)
    returns = root / "data/derived/2022-Q2-returns"
    sent = [*made.copies, *made.receipts]
    assert {p.parent for p in sent} == {returns} and len(made.copies) >= len(UNITS)
    new = {p for p in root.rglob("*") if p.is_file()} - before
    records = {returns.with_suffix(ending) for ending in (".json", ".sha256")}
    assert new <= {made.listed, *sent, *records}
    assert {p.name for p in root.parent.iterdir()} == {root.name}


_ACTS = re.compile(r"^[=+\-@\t\r\n＝＋－＠]")


def test_the_list_of_issues_holds_no_formula(loaded, root):
    made = send_back(loaded.tables, loaded.plan, root)
    rows = list(csv.reader(io.StringIO(made.listed.read_text("utf-8-sig"), newline="")))
    fields = [field for row in rows for field in row if len(field) > 1]
    assert not [field for field in fields if _ACTS.match(field)]
    assert sum(field.startswith("'=") for field in fields) > 3, "there were some to neutralise"
    assert not [field for field in fields if re.search("[\x00-\x08\x0e-\x1f\u202a-\u202e]", field)]


def test_annotated_copies_hold_no_formula_and_no_link_but_to_their_own_cells(loaded, root):
    made = send_back(loaded.tables, loaded.plan, root)
    for path in made.copies:
        with zipfile.ZipFile(path) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        sheets = b"".join(data for name, data in parts.items() if "worksheets" in name)
        own = rb"ref=\"[A-Z]+\d+\" location=\"[^\"]+![A-Z]+\d+\" />"
        assert not re.search(rb"<f[ >/]|<hyperlink (?!" + own + rb")", sheets), path
        assert not [name for name in parts if "external" in name.lower()], path
        for name, data in parts.items():
            if "_rels" in name:
                assert b'TargetMode="External"' not in data, (path, name)


def test_the_word_document_has_no_link_field_or_object(pages, root):
    with zipfile.ZipFile(root / "reports/2022-Q2/periodic_report.docx") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    body = parts["word/document.xml"]
    for act in (b"w:instrText", b"w:fldSimple", b"w:object", b"w:hyperlink r:id", b"w:altChunk"):
        assert act not in body
    for name, data in parts.items():
        assert not (name.endswith(".rels") and b'TargetMode="External"' in data), name


# --- in a browser ------------------------------------------------------------------------------


def opened(page: Path, profile: Path) -> str:
    """The document as a browser has it after all scripts have run."""
    command = [pdf.browser(), *pdf.options(), f"--user-data-dir={profile}", "--dump-dom"]
    command += ["--virtual-time-budget=2000", page.as_uri()]
    done = subprocess.run(command, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr.decode(errors="replace")[-500:]
    return done.stdout.decode()


def title(dom: str) -> str:
    return re.search(r"<title>(.*?)</title>", dom, re.DOTALL)[1]


@needs_browser
@pytest.mark.parametrize("name", ["submissions", "tasks", "recommendations", "units/75"])
def test_nothing_of_it_runs_in_a_browser(pages, tmp_path, name):
    path = pages[f"2022-Q2/{name}.html"]
    dom = opened(path, tmp_path)
    assert title(dom) == title(path.read_text("utf-8")), "no script, no other page"
    assert "pwned" not in "".join(Page(dom).scripts)


@pytest.fixture
def unescaped(tmp_path):
    """A page into which all of it has got as markup: the first wall is down."""
    # what leads away without a script is stopped by the first wall alone
    markup = "".join(t for t in hostile.MARKUP if "refresh" not in t and "base href" not in t)
    output = new_output("display_data", data={"text/html": f"<table class='data'>{markup}</table>"})
    book = new_notebook(cells=[new_code_cell("x", outputs=[output])])
    page = html_page.html(nbformat.from_dict(book), "Trang", report.Context())
    (tmp_path / "p.html").write_text(page, "utf-8")
    return tmp_path / "p.html"


@needs_browser
def test_the_policy_of_the_page_is_a_second_wall(unescaped, tmp_path):
    assert "<img src=x onerror" in unescaped.read_text("utf-8")
    written = title(unescaped.read_text("utf-8"))
    assert title(opened(unescaped, tmp_path / "profile")) == written


@needs_browser
def test_without_both_walls_it_would_run(unescaped, tmp_path):
    """Else the test above would prove nothing."""
    html = unescaped.read_text("utf-8")
    bare = re.sub(r"<meta http-equiv=\"Content-Security-Policy\"[^>]*>", "", html)
    assert bare != html
    unescaped.write_text(bare, "utf-8")
    assert title(opened(unescaped, tmp_path / "profile")) in ("pwned", "example.org")


# --- on a terminal -------------------------------------------------------------------------------


def test_what_was_sent_commands_no_terminal(root, loaded):
    """Codes in a file's name or cells are not passed on to the screen of who checks it."""
    source = root / "data/submissions/2022-Q2"
    path = next(source.glob("*II06a_75*"))
    path.rename(source / f"\x1b]0;pwned\x07\x1b[2J {path.stem.split()[-1]}.xlsx")
    told = CliRunner().invoke(app, ["check", "2022-Q2", "--root", str(root), "--most", "9999"])
    assert "pwned" in told.output and "\x1b" not in told.output and "\x07" not in told.output
