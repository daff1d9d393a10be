"""Notebooks as their users see them: in a real JupyterLab, light and dark, and by nbconvert."""

import re

import labs
import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter

from analysis import project
from analysis.batch import kernels
from analysis.period import load
from analysis.render import pdf
from analysis.survey import editions

pytestmark = [
    pytest.mark.skipif(
        pdf.browser() is None, reason="install Debian's package chromium (or set CHROMIUM=…)"
    ),
    pytest.mark.usefixtures("in_this_process"),
]
LEAST = {"00_start": 2, "41_ranking": 3, "50_apci": 8, "90_reporting_unit": 2}  # drawings


def faults(page, within: str, side: str, name: str) -> list:
    """What cannot be read of a notebook, in a place of light or dark."""
    seen = labs.drawings(page, within)
    assert len(seen) >= LEAST[name]
    accent = labs.COLOURS[side]["accent"]
    assert any(drawing.share(accent) > 0.0003 for drawing in seen)
    told = labs.words(page, within)
    assert len(told) > 50
    found = [(n, fault) for n, drawing in enumerate(seen) for fault in drawing.faults(
        labs.COLOURS[side])]  # fmt: skip
    return found + [t for t in told if t[0] < 4.5]


@pytest.fixture(scope="module")
def executed(in_this_process) -> dict[str, nbformat.NotebookNode]:
    """The notebooks, executed as they are shipped; a page in a frame is previewed elsewhere."""
    for period in ("2024", "2026-Q3"):
        load(period)  # built once, not by several kernels at the same time
    editions.load("2022")
    held = {}
    for name in labs.NOTEBOOKS:
        path = project.PROJECT / "notebooks" / f"{name}.ipynb"
        held[name] = nbformat.read(path, 4)
        held[name].cells = [c for c in held[name].cells if "explore.preview(" not in c.source]
        NotebookClient(
            held[name],
            kernel_manager_class=kernels.WarmKernelManager,
            shutdown_kernel="immediate",
            resources={"metadata": {"path": str(path.parent)}},
        ).execute()
    return held


def test_whatever_a_notebook_shows_in_our_classes_brings_its_look(executed):
    shown = [
        output["data"]["text/html"]
        for notebook in executed.values()
        for cell in notebook.cells
        for output in cell.get("outputs", ())
        if "text/html" in output.get("data", {})
    ]
    own = [html for html in shown if not re.search("<iframe|dataframe", html)]
    assert len(own) > 40 and all(html.startswith("<div class='reform'") for html in own if html)


def test_notebooks_are_read_in_a_real_lab_light_and_dark(executed, chromium, tmp_path):
    folder = tmp_path / "notebooks"
    folder.mkdir()
    for name, notebook in executed.items():
        labs.trusted(notebook, folder / f"{name}.ipynb", tmp_path)
    with labs.server(tmp_path, folder) as address:
        page = chromium.new_page(viewport=labs.VIEW)
        lab, found = labs.Lab(page, address), {}
        for side in labs.THEMES:
            lab.dress(side)
            for name in labs.NOTEBOOKS:
                panel = lab.open(name)
                found[side, name] = faults(page, panel, side, name)
        page.close()
    assert {place: bad for place, bad in found.items() if bad} == {}


@pytest.mark.parametrize("side", labs.THEMES)
def test_notebooks_are_read_as_nbconvert_writes_them(executed, chromium, tmp_path, side):
    found, exporter = {}, HTMLExporter(theme=side)
    names = labs.NOTEBOOKS[1:3] if side == "light" else labs.NOTEBOOKS[1:2]  # Lab shows all
    for name in names:
        (tmp_path / "p.html").write_text(exporter.from_notebook_node(executed[name])[0], "utf-8")
        page = chromium.new_page(viewport=labs.VIEW)
        page.goto((tmp_path / "p.html").as_uri(), wait_until="domcontentloaded")
        found[name] = faults(page, "body", side, name)
        page.close()
    assert {name: bad for name, bad in found.items() if bad} == {}
