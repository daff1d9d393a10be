"""What the documentation names exists: commands, links, modules and functions, rules."""

import ast
import re
import tomllib
from functools import cache
from pathlib import Path

import pytest
import typer
from tools import __main__ as of_tools
from tools import keys, rules

from analysis import __main__ as of_analysis
from analysis.catalogue import reader
from analysis.commands import later
from analysis.project import PROJECT

PAGES = sorted(
    p
    for pattern in ("*.md", "data/README.md", "docs/**/*.md")
    for p in PROJECT.glob(pattern)
    if p.name != "LICENCES.md"
)
SOURCES = sorted((PROJECT / "src/analysis").rglob("*.py")) + sorted(
    (PROJECT / "tools").rglob("*.py")
)
ids = dict(ids=lambda p: p.relative_to(PROJECT).as_posix())


@cache
def text(path: Path) -> str:
    return path.read_text("utf-8")


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(text(path))


def test_the_readme_is_read_in_five_minutes():
    for name in ("README.md", "README.en.md"):
        assert len(text(PROJECT / name).splitlines()) <= 80


def test_the_list_of_rules_is_as_the_source_has_it():
    assert text(PROJECT / rules.PLACE) == rules.page(PROJECT), "run python -m tools rules"


def test_the_list_of_keys_is_as_the_schemas_have_it():
    assert text(PROJECT / keys.PLACE) == keys.page(), "run python -m tools keys"


def test_every_kind_of_file_that_has_a_schema_is_in_the_list_of_keys():
    assert {*keys.KINDS, "shared"} == {p.stem for p in reader.SCHEMAS.glob("*.json")}


# --- commands ----------------------------------------------------------------------------------

COMMANDS = {
    name: typer.main.get_command(module.app).commands
    for name, module in (("analysis", of_analysis), ("tools", of_tools))
}
_COMMAND = re.compile(r"python -m (analysis|tools) ([a-z]\w*)([^`\n|]*)")
_TARGETS = re.findall(r"^([a-z]+):", text(PROJECT / "Makefile"), flags=re.M)


@pytest.mark.parametrize("page", PAGES, **ids)
def test_commands_exist_with_their_options(page):
    for package, name, rest in _COMMAND.findall(text(page)):
        command = COMMANDS[package].get(name)
        assert command, f"python -m {package} {name}"
        if within := getattr(command, "commands", None):  # "new period", "new edition"
            command = within.get(rest.split()[0])
            assert command, f"python -m {package} {name}{rest}"
        command = later.called(command)
        known = {o for p in command.params for o in [*p.opts, *p.secondary_opts]} | {"--help"}
        assert set(re.findall(r"--[a-z][a-z-]*", rest)) <= known, f"{name}{rest}"
    for target in re.findall(r"(?:`|^|&& )make ([a-z]+)", text(page), flags=re.M):
        assert target in _TARGETS, f"make {target}"
    for script in re.findall(r"python ((?:tools|tests|benchmarks)/[\w/]+\.py)", text(page)):
        assert (PROJECT / script).is_file(), script


# --- links -------------------------------------------------------------------------------------


def anchors(page: Path) -> set[str]:
    """Headings as a Git host names them."""
    heads = re.findall(r"^#+ (.+)$", text(page), flags=re.M)
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in heads}


@pytest.mark.parametrize("page", PAGES, **ids)
def test_links_lead_somewhere(page):
    for link in re.findall(r"\]\((?!https?:)([^)\s]+)\)", text(page)):
        name, _, anchor = link.partition("#")
        target = page.parent / name if name else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("page", PAGES, **ids)
def test_paths_exist(page):
    """Paths of what is in the repository; names in <…> or capitals are for the reader to fill."""
    for path in _PATH.findall(text(page)):
        if not _OPEN.search(path) and not path.startswith(_BUILT):
            assert list(PROJECT.glob(path.rstrip("/"))), path


_PATH = re.compile(r"`((?:src|tests|tools|data|notebooks|reports|benchmarks|docs)/[^`\s]*)`")
_OPEN = re.compile(r"[<>…{}]|PERIOD|EDITION")
_BUILT = (  # by commands, by the examples of the how-to pages, or elsewhere
    *(
        "data/derived",
        "data/signed",
        "reports/index.html",
        "reports/explore.html",
        "reports/en",
        "reports/20",
        "reports/apci",
    ),
    *("data/submissions/2026-Q4", "data/submissions/2027-Q1", "data/survey/apci-2023"),
    *("data/catalogue/forms/training.yml", "data/catalogue/frameworks/training.yml"),
    "tests/fixtures",
)


# --- names in code -----------------------------------------------------------------------------


@cache
def held(path: Path) -> dict[str, ast.AST]:
    """Names that a module gives, also those of its classes (``Class.name``)."""
    return dict(_named(tree(path), ""))


def _named(node: ast.AST, within: str):
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.ClassDef):
            yield f"{within}{child.name}", child
            if isinstance(child, ast.ClassDef):
                yield from _named(child, f"{within}{child.name}.")
        elif isinstance(child, ast.Assign | ast.AnnAssign):
            targets = child.targets if isinstance(child, ast.Assign) else [child.target]
            for target in (n for t in targets for n in ast.walk(t) if isinstance(n, ast.Name)):
                yield f"{within}{target.id}", child
        elif isinstance(child, ast.If | ast.Try):
            yield from _named(child, within)


def resolves(name: str, here: Path | None = None) -> bool:
    """Whether a full dotted name, one from the room on, or one of the module ``here`` exists."""
    if here and name in held(here):
        return True
    parts = name.removeprefix("analysis.").split(".")
    base = PROJECT if parts[0] == "tools" else PROJECT / "src/analysis"
    for n in range(len(parts), -1, -1):
        path = base.joinpath(*parts[:n])
        for module in (path.with_suffix(".py"), path / "__init__.py"):
            if module.is_file():
                rest = ".".join(parts[n:])
                return not rest or rest in held(module) or rest in _shown(module)
    return False


@cache
def _shown(module: Path) -> set[str]:
    """What a door gives (:func:`analysis.door`)."""
    found = re.search(r"= door\((.*?)\n?\)", text(module), flags=re.S)
    quoted = re.findall(r'="([^"]*)"', found[1]) if found else []
    return {name for names in quoted for name in names.split()}


@pytest.mark.parametrize("page", PAGES, **ids)
def test_names_of_code_exist(page):
    for name in re.findall(r"`(analysis(?:\.\w+)+)(?:\(.*?\))?`", text(page)):
        assert resolves(name), name
    for module, names in re.findall(r"from (analysis[\w.]*) import ([\w, ]+)", text(page)):
        for name in names.split(", "):
            assert resolves(f"{module}.{name}"), f"{module}.{name}"


def test_chapters_of_the_method_exist():
    """Pages, code and tests cite them by number."""
    chapters = {
        int(n) for n in re.findall(r"^\| (\d+) \|", text(PROJECT / "METHOD.md"), flags=re.M)
    }
    citing = [*SOURCES, *sorted((PROJECT / "notebooks").glob("*.ipynb"))]
    cited = {int(n) for p in citing for n in re.findall(r"METHOD\.md, (?:mục )?(\d+)", text(p))}
    assert cited and cited <= chapters


def test_the_drawing_of_the_house_is_the_contract():
    contract = tomllib.loads(text(PROJECT / "pyproject.toml"))["tool"]["importlinter"]
    layers = contract["contracts"][0]["layers"]
    drawn = text(PROJECT / "docs/architecture.md")
    assert "\n".join(layers) in drawn
    rooms = re.findall(r"^\| `(\w+)` \|", drawn, flags=re.M)
    assert rooms == re.findall(r"\w+", " ".join(layers))[1:], "as the layers, from the top"


def test_messages_are_those_of_the_software():
    """The first column of the tables: what the software says, with … for what is filled in."""
    texts = (n.value for p in SOURCES for n in ast.walk(tree(p)) if isinstance(n, ast.Constant))
    said = re.sub(r"\s+", " ", "\0".join(t for t in texts if isinstance(t, str)))
    rows = re.findall(r"^\| (.*?) \|", text(PROJECT / "docs/troubleshooting.md"), flags=re.M)
    told = [
        t for row in rows for quoted in re.findall(r"`([^`]+)`", row) for t in quoted.split("…")
    ]
    parts = [t.strip() for t in told if len(t.strip()) > 8]
    assert len(parts) > 40
    assert [t for t in parts if t not in said] == []


_REFERENCE = re.compile(r":(?:func|mod|class|data|meth|attr|exc):`~?([^`]+)`")


def test_references_of_docstrings_lead_somewhere():
    dead = [
        f"{path.relative_to(PROJECT)}: {name}"
        for path in SOURCES
        for name in _REFERENCE.findall(text(path))
        if not resolves(re.sub(r"\s", "", name), path) and not name.startswith("markupsafe.")
    ]
    assert not dead, "\n".join(dead)
