"""What code rests on, found in its source: as the linter of imports finds it, and for notebooks."""

import json
import os

import grimp
import pytest

from analysis import catalogue, imports


@pytest.fixture
def package(tmp_path):
    """A package ``small`` whose modules are given as source by name."""

    def made(**modules: str):
        folder = tmp_path / "small"
        folder.mkdir()
        for name, source in {"__init__": "", **modules}.items():
            (folder / f"{name}.py").write_text(source, encoding="utf-8")
        return folder

    return made


def test_closures_are_those_of_the_graph_that_the_linter_builds():
    graph = grimp.build_graph("analysis", cache_dir=None)
    assert len(graph.modules) > 60
    for module in graph.modules:
        expected = graph.find_upstream_modules(module) | {module, "analysis"}
        assert imports.closure([module]) == expected, module


def test_tables_do_not_rest_on_pages_nor_charts():
    tables = imports.closure(["analysis.pipeline"])
    assert {"analysis.locate_table", "analysis.validate", "analysis.words"} <= tables
    assert not {"analysis.charts", "analysis.report", "analysis.surveys"} & tables


@pytest.mark.parametrize(
    "source, found",
    [
        ("from small import a, b", {"a", "b"}),
        ("from small import a as c", {"a"}),
        ("from small import (\n    a,  # the first (of two)\n    b,\n)", {"a", "b"}),
        ("import small.a", {"a"}),
        ("import small.a as a, json, small.b", {"a", "b"}),
        ("from small.a import x", {"a"}),
        ("from small.a import b", {"a"}),
        ("from small.a import *  # all of it", {"a"}),
        ("from . import a", {"a"}),
        ("from .b import x", {"b"}),
        ("def f():\n    from small import a\n    return a", {"a"}),
        ("if True: from small import a", {"a"}),
        ("x = 1; import small.a", {"a"}),
        ("from small import a, \\\n    b", {"a", "b"}),
        ('"""Text\nimport what you like\n"""\nfrom small import a', {"a"}),
        ("from small import __version__", {""}),
        ("from small.gone import x", {""}),
        ("import small", {""}),
        ("import json, smaller.a\nfrom os import path\nfrom smaller import b", set()),
        ("'from small import a'", set()),
        ("", set()),
    ],
)
def test_every_way_to_import_is_seen(package, source, found):
    folder = package(a="", b="")
    expected = {f"small.{name}" if name else "small" for name in found}
    assert imports.imported(source, folder) == expected


def test_a_closure_goes_through_circles_and_takes_the_package_along(package):
    folder = package(a="import small.b", b="from small import c", c="from small import a", d="")
    assert imports.closure(["small.b"], folder) == {"small", "small.a", "small.b", "small.c"}
    with pytest.raises(KeyError):
        imports.closure(["small.e"], folder)


def test_what_is_no_python_is_said():
    with pytest.raises(SyntaxError):
        imports.imported("%matplotlib inline\nif x import y")


def test_a_digest_changes_with_the_code_it_rests_on_and_with_no_other(package, tmp_path):
    modules = {"a": "from small import b", "b": "", "c": ""}
    first = imports.digest(["small.a"], package(**modules))

    def again(**changed):
        os.rename(tmp_path / "small", tmp_path / f"old-{len(list(tmp_path.iterdir()))}")
        folder = package(**modules | changed)
        for kept in (imports._modules, imports._source, imports._imported_by, imports._digest):
            kept.cache_clear()  # another process
        return imports.digest(["small.a"], folder)

    assert again() == first
    assert again(c="x = 1") == first
    assert again(b="x = 1") != first
    assert again(__init__="x = 1") != first
    assert again(a="from small import c") != first


def test_the_code_of_notebooks_can_be_asked():
    found = set()
    for path in sorted((catalogue.PROJECT / "notebooks").glob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code = ["".join(c["source"]) for c in cells if c["cell_type"] == "code"]
        found |= imports.imported("\n".join(code))
    assert {"analysis.pipeline", "analysis.charts"} <= found
