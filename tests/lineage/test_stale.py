"""Each module of the package is changed in turn: what rests on it goes stale, and nothing else.

What rests on what is found here in another way than the package does: by the graph of imports that
the linter draws, and for notebooks by what their import statements bind when they are run.
"""

import ast
import json
import shutil
from types import ModuleType

import grimp
import pytest

import analysis
from analysis import project
from analysis.batch import incremental
from analysis.lineage import imports

TABLES = ("analysis.pipeline", "analysis.survey.editions", "analysis.history.history")
"""What fingerprints of tables are made of."""
GRAPH = grimp.build_graph("analysis", cache_dir=None)
DOORS = {name for name in GRAPH.modules if GRAPH.find_children(name)}


def bound(source: str) -> set[str]:
    """The modules of the package from which the code takes something."""
    tree, names = ast.parse(source), {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            exec(compile(ast.Module([node], []), "imports", "exec"), names)
    found = {of(value) for name, value in names.items() if not name.startswith("__")}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if names.get(node.value.id) in {analysis}:
                found.add(of(getattr(analysis, node.attr)))
    return found


def of(value: object) -> str:
    name = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", "")
    return name if name and name.partition(".")[0] == "analysis" else ""


def resting(names: set[str]) -> set[str]:
    """All modules that are imported by these, and themselves."""
    found = set(names) - {""}
    for name in found - DOORS:
        found = found | GRAPH.find_upstream_modules(name)
    return found - (DOORS - names)


@pytest.fixture(scope="module")
def expected() -> dict[str, set[str]]:
    """What is made of code → the modules that it rests on."""
    held = {module: resting({module}) for module in TABLES}
    for path in sorted((project.PROJECT / "notebooks").glob("*.ipynb")):
        cells = json.loads(path.read_text("utf-8"))["cells"]
        code = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code")
        held[path.stem] = resting(bound(code) | set(incremental.SHELL))
    return held


@pytest.fixture
def copy(tmp_path):
    folder = tmp_path / "analysis"
    shutil.copytree(imports.FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def of_tables(folder) -> dict[str, str]:
    """The digests that decide whether tables are stale, of the code in ``folder``."""
    imports.forget(only_sources=True)
    return {module: imports.digest([module], folder) for module in TABLES}


def of_pages(folder) -> dict[str, dict[str, str]]:
    """The same of pages, module by module."""
    imports.forget(only_sources=True)
    return {
        path.stem: imports.digests(incremental.imported(path, ""), folder)
        for path in sorted((project.PROJECT / "notebooks").glob("*.ipynb"))
    }


def test_a_changed_module_makes_stale_what_rests_on_it_and_nothing_else(copy, expected):
    pages, before = of_pages(copy), of_tables(copy)
    assert pages.keys() | before.keys() == expected.keys() and len(pages) > 25
    changed: dict[str, set[str]] = {what: set() for what in expected}
    for module in sorted(imports.modules()):
        path = copy.parent.joinpath(*module.split(".")).with_suffix(".py")
        path = path if path.exists() else path.with_suffix("") / "__init__.py"
        source = path.read_bytes()
        path.write_bytes(source + b"\n# changed\n")
        for what, now in of_tables(copy).items():
            if now != before[what]:
                changed[what].add(module)
        path.write_bytes(source)
    for path in copy.rglob("*.py"):
        path.write_bytes(path.read_bytes() + b"\n# changed\n")
    for what, now in of_pages(copy).items():  # all at once: each module has a digest of its own
        changed[what] |= {m for m in now if now[m] != pages[what].get(m)}
        assert now.keys() == changed[what]
    assert {w: sorted(m) for w, m in changed.items()} == {w: sorted(m) for w, m in expected.items()}


def test_no_door_imports_anything_of_the_package():
    for door in DOORS:
        assert GRAPH.find_modules_directly_imported_by(door) <= {"analysis"}, door
