"""What code rests on: the modules of this package that it imports, as its source says.

Nothing is imported to find out, and what is imported by a name made at run time is not found.
Tables are kept under a digest of the modules that made them, so that another module may change
without making them anew. What is no module is not followed: a schema of the catalogue
(:func:`analysis.catalogue.reader.schema`) only says what is refused.

A room (a package in the package) is not itself among what code rests on: its ``__init__`` is a
door, a map of names to modules (:func:`analysis.door`). What code takes through it is the module
that the name leads to; only what the ``__init__`` defines itself rests on the ``__init__``. Data
that a module keeps beside it under its own name (``tables.py``, ``tables.csv``) is part of it.
"""

import ast
import hashlib
import re
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parents[1]

_WORD = re.compile(r"\bimport\b")
_STATEMENT = re.compile(
    r"^[ \t]*((?:from[ \t]+[\w.]+[ \t]+)?import[ \t]+(?:\([^()]*\)|[^\n\\#;()]+))(?:#.*)?$", re.M
)


def imported(source: str, folder: Path = FOLDER, within: str = "") -> set[str]:
    """Full names of the package's modules that Python source imports, in functions too.

    Where a package is imported, what is taken from it by attribute (``analysis.load``) counts as if
    it had been imported by name.

    Parameters
    ----------
    source
        Of a module of the package, or any other: a notebook's code.
    folder
        The package; its name is that of the folder, its modules are the files in it and below.
    within
        Full name of the package in which the source stands, for relative imports.

    Raises
    ------
    SyntaxError
        where the source is no Python.
    """
    modules, found, packages = _modules(folder), set(), {}
    for bound, name in _named(_statements(source), within or folder.name):
        if name.partition(".")[0] != folder.name:
            continue
        if name.endswith(".*"):
            package = _leads_to(name.removesuffix(".*"), folder)
            found |= {package, *(f"{package}.{m}" for m in _door(package, folder).values())}
            continue
        module = _leads_to(name, folder)
        found.add(module)
        # "import small.a" binds "small", and all of it can be asked of that
        held = module if bound else folder.name
        if modules[held].name == "__init__.py":
            packages[bound or folder.name] = held
    if packages:
        for chain in _attributes(ast.parse(source)):
            if chain[0] in packages:
                found.add(_leads_to(".".join([packages[chain[0]], *chain[1:]]), folder))
    return found


def closure(names: Iterable[str], folder: Path = FOLDER) -> frozenset[str]:
    """The modules ``names``, all that they import, all that these import …

    Raises
    ------
    KeyError
        where a name is no module of the package.
    """
    found, ahead = set(), set(names)
    while ahead:
        name = ahead.pop()
        found.add(name)
        ahead |= _imported_by(name, folder) - found
    return frozenset(found)


def digest(names: Iterable[str], folder: Path = FOLDER) -> str:
    """SHA-256 over the source of :func:`closure`; found once in a process, like the code it runs.

    Raises
    ------
    KeyError
        where a name is no module of the package.
    """
    return _digest(frozenset(names), folder)


def digests(names: Iterable[str], folder: Path = FOLDER) -> dict[str, str]:
    """Short digests of the source of each module in :func:`closure`, by its name.

    Raises
    ------
    KeyError
        where a name is no module of the package.
    """
    held = sorted(closure(names, folder))
    return {n: hashlib.sha256(_source(n, folder)).hexdigest()[:16] for n in held}


def modules(folder: Path = FOLDER) -> frozenset[str]:
    """Full names of all modules of the package, its rooms' doors among them."""
    return frozenset(_modules(folder))


def forget(only_sources: bool = False) -> None:
    """Read sources anew, as another process would; ``only_sources``: their imports are the same."""
    for held in (_source, _digest) if only_sources else (_source, _digest, _imported_by, _modules):
        held.cache_clear()
    if not only_sources:
        _door.cache_clear()


@cache
def libraries() -> str:
    """Short digest of the interpreter and of everything installed, by name and version."""
    held = {path.name for folder in sys.path for path in Path(folder).glob("*.dist-info")}
    return hashlib.sha256(repr((sys.version, sorted(held))).encode()).hexdigest()[:16]


@cache
def _digest(names: frozenset[str], folder: Path) -> str:
    total = hashlib.sha256()
    for name in sorted(closure(names, folder)):
        total.update(hashlib.sha256(_source(name, folder)).digest() + name.encode() + b"\0")
    return total.hexdigest()


@cache
def _modules(folder: Path) -> dict[str, Path]:
    found = {}
    for path in folder.rglob("*.py"):
        parts = path.relative_to(folder.parent).with_suffix("").parts
        found[".".join(parts).removesuffix(".__init__")] = path
    return found


@cache
def _source(name: str, folder: Path) -> bytes:
    """A module's source, and the data that it keeps beside it under its own name."""
    path = _modules(folder)[name]
    beside = path.with_suffix(".csv")
    return path.read_bytes() + (beside.read_bytes() if beside.exists() else b"")


@cache
def _imported_by(name: str, folder: Path) -> set[str]:
    package = _modules(folder)[name].name == "__init__.py"
    within = name if package else name.rpartition(".")[0]
    return imported(_modules(folder)[name].read_text("utf-8"), folder, within)


def _leads_to(name: str, folder: Path) -> str:
    """The module in which a dotted name ends: through doors, or where it must be defined."""
    held, known = folder.name, _modules(folder)
    for part in name.split(".")[1:]:
        if f"{held}.{part}" in known:
            held = f"{held}.{part}"
        else:
            while part in (door := _door(held, folder)):  # a door may lead to that of a room
                held = f"{held}.{door[part]}"
            break
    return held


@cache
def _door(package: str, folder: Path) -> dict[str, str]:
    """Name → module of the package, as the call of ``door`` in its ``__init__`` says."""
    if _modules(folder)[package].name != "__init__.py":
        return {}
    found: dict[str, str] = {}
    for node in ast.walk(ast.parse(_modules(folder)[package].read_bytes())):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "door":
            for given in node.keywords:
                found |= dict.fromkeys(ast.literal_eval(given.value).split(), given.arg)
    return found


def _named(tree: ast.Module, within: str) -> Iterator[tuple[str, str]]:
    """Each import: the name that it binds ("" where that is the first part), and the full name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.asname or "", alias.name
        elif isinstance(node, ast.ImportFrom):
            above = within.split(".")[: 1 - node.level or None] if node.level else []
            for alias in node.names:
                base = [*above, node.module] if node.module else above
                yield alias.asname or alias.name, ".".join([*base, alias.name])


def _attributes(tree: ast.Module) -> Iterator[list[str]]:
    """Every ``a.b.c`` of the source as its parts, the whole of it alone."""
    held = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    inner = {id(node.value) for node in held}
    for node in held:
        parts: list[str] = []
        at: ast.expr = node
        while isinstance(at, ast.Attribute):
            parts.append(at.attr)
            at = at.value
        if isinstance(at, ast.Name) and id(node) not in inner:
            yield [at.id, *reversed(parts)]


def _statements(source: str) -> ast.Module:
    """Syntax tree with at least all import statements of the source.

    To parse whole modules takes ten times as long as to parse the statements alone, which is as
    good where the word "import" stands nowhere else.
    """
    plain = _STATEMENT.findall(source)
    if len(plain) == len(_WORD.findall(source)):
        try:
            return ast.parse("\n".join(plain))
        except SyntaxError:  # prose that begins like a statement
            pass
    return ast.parse(source)
