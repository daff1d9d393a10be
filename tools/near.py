"""The tests that are near to what was changed, for between two edits.

Run: ``make near``, or ``python tools/near.py [FILE …] [--steps 1] [--list]``.

Near to a module are its docstrings' examples and the test files that import it, or a module that
imports it (``--steps``: how many imports stand between them at most); near to a notebook is
its own run, near to a file of the catalogue, the documentation or the templates what tries those,
near to a helper of tests the tests that import it. Changed is what git shows since the last commit.

Files that build whole sites (``tests/conftest.py`` lists them) take minutes: they are left out
unless they were changed or are those of a changed module, and are named. What ends well here may
still break what is far: ``make test`` runs everything.
"""

import argparse
import ast
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from analysis.lineage import imports

PROJECT = Path(__file__).resolve().parents[1]

NOTEBOOK = "tests/house/test_notebooks.py::test_notebooks_run_with_their_defaults[{}]"
BESIDE = {  # what is no module: folder → what tries it
    "data/catalogue": ["tests/catalogue"],
    "docs": ["tests/house/test_docs.py"],
    "src/analysis/language/locale": ["tests/language"],
    "src/analysis/schema": ["tests/catalogue"],
    "reports/templates": ["tests/render"],
    "tools/guards.yml": ["tests/tools/test_guards.py"],
    "tools/mutants.yml": ["tests/tools/test_mutants.py"],
}


@dataclass
class Near:
    """``run``: what pytest is given, the nearest first; ``long``: test files that take minutes and
    are left; ``untried``: what was changed and has no test near."""

    run: dict[str, None] = field(default_factory=dict)
    long: dict[str, None] = field(default_factory=dict)
    untried: list[str] = field(default_factory=list)


def changed(root: Path = PROJECT) -> list[str]:
    """What git shows as changed since the last commit, or does not know yet and does not ignore."""
    asked = ["diff", "--name-only", "-z", "HEAD"], ["ls-files", "-o", "--exclude-standard", "-z"]
    told = [subprocess.check_output(["git", *words], cwd=root, text=True) for words in asked]
    names = {name for text in told for name in text.split("\0")}
    return sorted(name for name in names if (root / name).is_file())


def near(files: Iterable[str], root: Path = PROJECT, steps: int = 1) -> Near:
    """The tests near to ``files`` (paths below ``root``, with slashes)."""
    found, tests, modules = Near(), _tests(root), _modules(root)
    for name in files:
        module = _dotted(name)
        own = [t for t in tests if Path(t).stem == f"test_{Path(name).stem}"]
        if name in tests:
            chosen = [name]
        elif module in modules:
            held = _importers(module, modules, steps)
            chosen = [name, *own, *(t for t, asked in tests.items() if asked & held)]
        elif name.startswith("tests/"):
            chosen = [t for t, asked in tests.items() if Path(name).stem in asked]
        elif name.endswith(".ipynb"):
            chosen = [NOTEBOOK.format(Path(name).stem)]
        else:
            chosen = own + [t for place, to in BESIDE.items() if name.startswith(place) for t in to]
        for test in chosen:
            left = test in tests and test not in (name, *own) and Path(test).stem in longest(root)
            (found.long if left else found.run)[test] = None
        found.untried += [] if [t for t in chosen if t != name or t in tests] else [name]
    return found


def longest(root: Path = PROJECT) -> set[str]:
    """Names of the test files that build whole sites, as ``tests/conftest.py`` lists them."""
    lists = {
        node.targets[0].id: node.value
        for node in ast.parse((root / "tests/conftest.py").read_text("utf-8")).body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    return set(ast.literal_eval(lists["_LONGEST"])) | set(
        ast.literal_eval(lists["_TOGETHER"].args[0])
    )


def _dotted(name: str) -> str:
    """The module of a file: ``src/analysis/scoring/score.py`` → ``analysis.scoring.score``."""
    return name.removeprefix("src/").removesuffix(".py").replace("/", ".")


def _modules(root: Path) -> dict[str, set[str]]:
    """Module of the package → the modules that it imports."""
    folder = root / "src/analysis"
    found = {}
    for path in folder.rglob("*.py"):
        name = _dotted(path.relative_to(root).as_posix())
        if path.name != "__init__.py":
            within = name.rpartition(".")[0]
            found[name] = imports.imported(path.read_text("utf-8"), folder, within)
    return found


def _importers(module: str, modules: dict[str, set[str]], steps: int) -> set[str]:
    """A module, and those that import it, with at most so many imports between."""
    held = {module}
    for _ in range(steps):
        held |= {name for name, asked in modules.items() if asked & held}
    return held


def _tests(root: Path) -> dict[str, set[str]]:
    """Test file → the modules of the package, of the tools and of the tests that it imports."""
    found = {}
    for path in sorted((root / "tests").rglob("test_*.py")):
        source = path.read_text("utf-8")
        asked = imports.imported(source, root / "src/analysis")
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Import):
                asked |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                asked |= {node.module, *(f"{node.module}.{a.name}" for a in node.names)}
        found[path.relative_to(root).as_posix()] = asked
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", help="instead of what git shows as changed")
    parser.add_argument("--steps", type=int, default=1, help="imports between test and change")
    parser.add_argument("--list", action="store_true", help="name the tests and run none")
    given, more = parser.parse_known_args()
    files = [Path(f).resolve().relative_to(PROJECT).as_posix() for f in given.files] or changed()
    found = near(files, steps=given.steps)
    print(f"{len(files)} files changed, {len(found.run)} near", flush=True)
    for said, names in (("no test is near", found.untried), ("takes minutes, left", found.long)):
        for name in names:
            print(f"  {said}: {name}", flush=True)
    if given.list or not found.run:
        print(*(f"  {name}" for name in found.run), sep="\n")
        return 0
    return subprocess.call([sys.executable, "-m", "pytest", *found.run, *more], cwd=PROJECT)


if __name__ == "__main__":
    sys.exit(main())
