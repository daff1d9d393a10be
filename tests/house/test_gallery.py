"""The gallery shows how every chart is called."""

import ast
import json

from analysis import project


def test_every_chart_is_in_the_gallery():
    held = json.loads((project.PROJECT / "notebooks/01_gallery.ipynb").read_text("utf-8"))["cells"]
    code = "\n".join("".join(c["source"]) for c in held if c["cell_type"] == "code")
    called = {
        f"{node.func.value.id}.{node.func.attr}"
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
    }
    charts = {
        f"{path.stem}.{node.name}"
        for path in (project.PROJECT / "src/analysis/display/charts").glob("*.py")
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef)
        and any(getattr(d, "id", getattr(d, "attr", "")) == "styled" for d in node.decorator_list)
    }
    assert len(charts) > 20 and charts <= called
