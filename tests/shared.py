"""What tests of several rooms use: commands called, small notebooks, pages read."""

import shutil
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from typer.testing import CliRunner

from analysis.__main__ import app
from analysis.batch import zygote
from analysis.batch.pages import Page as OnePage
from analysis.project import Place
from analysis.render import report
from analysis.site import planning


def call(root, *words):
    where = [] if words[0] in ("init", "cluster") else ["--root", str(root)]
    result = CliRunner().invoke(app, [*words, *where])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception  # no command may end so: its reason would be lost here
    return result.exit_code, " ".join(result.output.split())


needs_fork = pytest.mark.skipif(not zygote.CAN_FORK, reason="ordinary kernels run here")
CONTEXT = report.Context(period="2022-Q2", period_title="Kỳ thử", synthetic=True)


def notebook(folder: Path, name: str, *code: str, parameters: str = "x: int = 1") -> Path:
    cells = [
        new_markdown_cell("# Title"),
        new_code_cell(parameters, metadata={"tags": ["parameters"]}),
    ]
    made = new_notebook(cells=[*cells, *map(new_code_cell, code)])
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "p", "language": "python"}
    path = folder / f"{name}.ipynb"
    nbformat.write(made, path)
    return path


def page(path: Path, code: str, **parameters) -> OnePage:
    return OnePage(code, path, Path(f"{code}.html"), f"Trang {code}", parameters=parameters)


class Page(HTMLParser):
    """Collects what a browser would act on."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags, self.handlers, self.links, self.scripts, self.ids = [], [], [], [], []
        self.meta, self.text, self._inside = {}, [], ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attrs, self._inside = dict(attrs), tag
        self.tags.append(tag)
        self.handlers += [a for a in attrs if a.startswith("on")]
        self.links += [attrs[a] for a in ("href", "src", "xlink:href") if attrs.get(a)]
        self.ids += [attrs["id"]] if "id" in attrs else []
        if tag == "meta" and "http-equiv" in attrs:
            self.meta[attrs["http-equiv"]] = attrs["content"]

    def handle_data(self, data):
        (self.scripts if self._inside == "script" else self.text).append(data)

    def handle_endtag(self, tag):
        self._inside = ""


def with_its_tables(loaded, root: Path) -> None:
    """Have the tables of a period or edition in a copy of the project: those of the project itself,
    which other tests rest on too, so that they are made once."""
    for made, mark in planning.plan(loaded).batch.pinned.items():
        target = Place(root).derived(Path(made).name) / mark
        shutil.copytree(Path(made, mark), target, dirs_exist_ok=True)


def values(root: Path) -> Path:
    return root / "data/submissions/2026-Q3/values.csv"


def keep_units(root: Path, units: list[str]) -> None:
    table = pd.read_csv(values(root), dtype=str, keep_default_na=False)
    table[table["unit_code"].isin(units)].to_csv(values(root), index=False)


def change(root: Path, unit: str) -> None:
    """One figure of a unit: one case more was on time."""
    lines = values(root).read_text("utf-8").splitlines()
    at = next(i for i, n in enumerate(lines) if n.startswith(f"{unit},dvc-progress,totalOnTime,"))
    head, _, number = lines[at].rpartition(",")
    lines[at] = f"{head},{int(number) - 1}"
    values(root).write_text("\n".join(lines) + "\n", "utf-8")
