"""What code rests on: the modules of this package that it imports, as its source says.

Nothing is imported to find out, and what is imported by a name made at run time is not found.
Tables are kept under a digest of the modules that made them, so that another module may change
without making them anew.
"""

import ast
import hashlib
import re
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent

_WORD = re.compile(r"\bimport\b")
_STATEMENT = re.compile(
    r"^[ \t]*((?:from[ \t]+[\w.]+[ \t]+)?import[ \t]+(?:\([^()]*\)|[^\n\\#;()]+))(?:#.*)?$", re.M
)


def imported(source: str, folder: Path = FOLDER) -> set[str]:
    """Full names of the package's modules that Python source imports, in functions too.

    Parameters
    ----------
    source
        Of a module of the package, or any other: a notebook's code.
    folder
        The package; its name is that of the folder, its modules are the files in it.

    Raises
    ------
    SyntaxError
        where the source is no Python.
    """
    package, modules = folder.name, _modules(folder)
    found = set()
    for node in ast.walk(_statements(source)):
        if isinstance(node, ast.Import):
            named = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(filter(None, [package if node.level else "", node.module]))
            # what is imported from a package is a module of it or a name in it
            named = [f"{base}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in named:
            if name.partition(".")[0] == package:
                first_two = ".".join(name.split(".")[:2])
                found.add(first_two if first_two in modules else package)
    return found


def closure(names: Iterable[str], folder: Path = FOLDER) -> frozenset[str]:
    """The modules ``names``, all that they import, all that these import …, and the package itself.

    Raises
    ------
    KeyError
        where a name is no module of the package.
    """
    found, ahead = set(), {folder.name, *names}
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
    files = {f"{folder.name}.{path.stem}": path for path in folder.glob("*.py")}
    return {folder.name: files.pop(f"{folder.name}.__init__"), **files}


@cache
def _source(name: str, folder: Path) -> bytes:
    return _modules(folder)[name].read_bytes()


@cache
def _imported_by(name: str, folder: Path) -> set[str]:
    return imported(_source(name, folder).decode(), folder)


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
