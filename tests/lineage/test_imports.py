"""What code rests on, found in its source: as the linter of imports finds it, and for notebooks."""

import json
import os

import grimp
import pytest

from analysis import project
from analysis.lineage import imports


@pytest.fixture
def package(tmp_path):
    """A package ``small`` whose modules are given as source by name (``room/module`` in a room)."""

    def made(modules: dict[str, str] | None = None, **more: str):
        folder = tmp_path / "small"
        for name, source in {"__init__": "", **(modules or {}), **more}.items():
            path = folder / f"{name}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(source, encoding="utf-8")
        return folder

    return made


def test_closures_are_those_of_the_graph_that_the_linter_builds():
    graph = grimp.build_graph("analysis", cache_dir=None)
    assert len(graph.modules) > 60
    doors = {name for name in graph.modules if graph.find_children(name)}
    for module in graph.modules - doors:
        expected = (graph.find_upstream_modules(module) | {module}) - doors
        assert imports.closure([module]) - doors == expected, module


def test_tables_do_not_rest_on_pages_nor_charts():
    tables = imports.closure(["analysis.pipeline"])
    assert {
        "analysis.reading.layouts.locate_table",
        "analysis.checking.validate",
        "analysis.language.words",
    } <= tables
    assert (
        not {
            "analysis.display.charts.unit_charts",
            "analysis.render.report",
            "analysis.survey.editions",
        }
        & tables
    )


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


HOUSE = {
    "__init__": """
        def door(room, **named): ...
        __getattr__, __all__ = door(__name__, flow="load check", score="rank")
        own = 1
    """,
    "flow": "from small.room import one",
    "score": "",
    "room/__init__": "from small import door\nx = door(__name__, two='made meant')",
    "room/one": "from small.room.deep import far",
    "room/two": "from small import score",
    "room/deep/__init__": "",
    "room/deep/far": "",
}
HOUSE["__init__"] = "\n".join(line.strip() for line in HOUSE["__init__"].splitlines())


@pytest.mark.parametrize(
    "source, found",
    [
        ("from small.room import one", {"room.one"}),
        ("from small.room import one as x, two", {"room.one", "room.two"}),
        ("from small.room.two import made", {"room.two"}),
        ("from small.room.deep import far", {"room.deep.far"}),
        ("import small.room.deep.far", {"room.deep.far"}),
        ("from small.room import made", {"room.two"}),
        ("from small.room import *", {"room", "room.two"}),
        ("from small.room import gone", {"room"}),
        ("from small import load", {"flow"}),
        ("from small import own", {""}),
        ("import small\nsmall.load('2024')", {"", "flow"}),
        ("import small as s\nx = s.rank(s.room.made())", {"", "score", "room.two"}),
        ("import small\nsmall.own, small.gone", {""}),
        ("from small import room\nroom.deep.far.x", {"room", "room.deep.far"}),
        ("import small.room.one\nsmall.room.two.made()", {"room.one", "room.two"}),
        ("def f():\n    import small\n    return small.check()", {"", "flow"}),
    ],
)
def test_a_room_is_a_map_of_names_to_modules(package, source, found):
    expected = {f"small.{name}" if name else "small" for name in found}
    assert imports.imported(source, package(HOUSE)) == expected


def test_imports_that_are_relative_start_in_their_room(package):
    folder = package(HOUSE, **{"room/deep/near": "from . import far\nfrom ..two import made"})
    expected = {f"small.room.{name}" for name in ("deep.near", "deep.far", "two")}
    assert imports.closure(["small.room.deep.near"], folder) == expected | {"small.score"}


def test_a_door_through_which_everything_can_be_reached_lies_in_no_closure(package):
    folder = package(HOUSE)
    assert imports.closure(["small.room.two"], folder) == {"small.room.two", "small.score"}
    chain = {"small.flow", "small.room.one", "small.room.deep.far"}
    assert imports.closure(["small.flow"], folder) == chain


def test_a_closure_goes_through_circles(package):
    folder = package(a="import small.b", b="from small import c", c="from small import a", d="")
    assert imports.closure(["small.b"], folder) == {"small.a", "small.b", "small.c"}
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
        imports.forget()
        return imports.digest(["small.a"], folder)

    assert again() == first
    assert again(c="x = 1") == first
    assert again(b="x = 1") != first
    assert again(__init__="x = 1") == first, "a door is no dependency"
    assert again(a="from small import c") != first


def test_data_beside_a_module_is_part_of_it(package):
    folder = package(a="from small import b", b="", c="")
    first = imports.digest(["small.a"], folder)
    for name, changes in (("d.csv", False), ("c.csv", False), ("b.csv", True)):
        (folder / name).write_text("x\n")
        imports.forget()
        assert (imports.digest(["small.a"], folder) != first) == changes, name


def test_the_code_of_notebooks_can_be_asked():
    found = set()
    for path in sorted((project.PROJECT / "notebooks").glob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code = ["".join(c["source"]) for c in cells if c["cell_type"] == "code"]
        found |= imports.imported("\n".join(code))
    assert {"analysis.topics.submissions", "analysis.display.charts.unit_charts"} <= found
