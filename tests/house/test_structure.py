"""House rules: one direction of imports; notebooks show and do not compute."""

import ast
import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from analysis import project
from analysis.site import new_pages

NOTEBOOKS = [*sorted((project.PROJECT / "notebooks").glob("*.ipynb")), new_pages.SKELETON]


def cells(path: Path, kind: str) -> list[dict]:
    found = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [{**c, "text": "".join(c["source"])} for c in found if c["cell_type"] == kind]


def test_imports_go_one_way():
    command = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = subprocess.run(
        [sys.executable, "-c", command], cwd=project.PROJECT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_each_room_says_what_it_may_import():
    settings = tomllib.loads((project.PROJECT / "pyproject.toml").read_text("utf-8"))
    (contract,) = settings["tool"]["importlinter"]["contracts"]
    layers = [layer.split(" | ") for layer in contract["layers"]]
    for number, layer in enumerate(layers):
        below = [room for lower in layers[number + 1 :] for room in lower]
        for room in layer:
            path = project.PROJECT / "src/analysis" / room / "__init__.py"
            if path.exists():
                text = " ".join(ast.get_docstring(ast.parse(path.read_text("utf-8"))).split())
                told = ", ".join(below) or "nothing of the package"
                assert text.endswith(f" May import: {told}."), room


def test_there_are_notebooks():
    assert NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_follows_the_anatomy(path):
    first = json.loads(path.read_text(encoding="utf-8"))["cells"][:2]
    assert "".join(first[0]["source"]).startswith("# ")
    assert first[1]["metadata"].get("tags") == ["parameters"]
    for cell in cells(path, "code"):
        assert not cell["outputs"] and cell["execution_count"] is None, "strip outputs"
        lines = cell["text"].splitlines()
        assert len(lines) <= 15
        assert not [s for s in lines if s.lstrip().startswith(("def ", "class ", "try:", "%", "!"))]
        assert "/" not in "".join(s for s in lines if "open(" in s or "read_" in s)
    assert len(cells(path, "markdown")) >= 3


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_what_a_notebook_imports_is_there(path):
    for cell in cells(path, "code"):
        found = ast.parse(cell["text"])
        found.body = [s for s in found.body if isinstance(s, ast.Import | ast.ImportFrom)]
        exec(compile(found, path.name, "exec"), {})


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_text_of_a_notebook_carries_no_figure_about_the_data(path):
    for cell in cells(path, "markdown"):
        assert "%" not in cell["text"].replace("ngưỡng 80 %", "")
