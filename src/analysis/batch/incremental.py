"""Which pages must be built, and why: only those that rest on something that has changed.

Beside the executed notebook of a page lies its record: what it rested on when it was built (the
*basis*: notebook, parameters, modules, catalogue, template, libraries …), what its notebook read
(:mod:`analysis.lineage.trace`), and the digests of the files that were written. A page whose record
holds word for word is not built again. Records are written last: a page without one was not
finished.
"""

import ast
import hashlib
import json
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from analysis.language.messages import noted, tell
from analysis.lineage import cells, imports, store
from analysis.storage import files

SHELL = ("analysis.render.html_page", "analysis.render.exports")
"""Modules that make a page of an executed notebook, whatever the notebook."""

CHANGED = {
    "notebook": noted("notebook changed"),
    "parameters": noted("parameters changed"),
    "page": noted("title, exports or label of the page changed"),
    "catalogue": noted("catalogue changed"),
    "template": noted("template changed"),
    "libraries": noted("libraries changed"),
    "sentences": noted("translation changed"),
}

_NAMED = 5  # modules; of more, as when code moves, their number is told
_MAGIC = re.compile(r"^([ \t]*)[%!].*$", re.M)


@dataclass(frozen=True)
class Record:
    """What a page rested on and what it became.

    ``reads``: kind, what, digest; None where nothing was watched (its kernel did not start).
    ``written``: file name → digest; ``files``: its exports (href, text); ``built_at``: seconds
    since 1970; ``beside``: what was not ours, and stayed → what was written beside it; ``as_of``:
    the time that its page states, in seconds since 1970, 0 of an error card; ``kept``: whether the
    page is that of an attempt before, as the last one failed; ``begun``: whether a newer attempt
    began and has not ended.
    """

    status: str
    message: str
    basis: dict
    reads: list | None
    written: dict[str, str]
    files: list[dict]
    seconds: float
    built_at: float
    beside: dict[str, str] = field(default_factory=dict)
    as_of: float = 0.0
    kept: bool = False
    begun: bool = False

    def save(self, path: Path) -> None:
        files.write(path, json.dumps(vars(self), ensure_ascii=False, indent=1).encode())


def load(path: Path) -> Record | None:
    """The record at ``path``; None where there is none, or what is there is no record."""
    try:
        found = Record(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    tables = (found.basis, found.written, found.beside)
    return found if all(isinstance(t, dict) for t in tables) else None


def digest(*parts: object) -> str:
    """Short digest of what ``repr`` shows of the parts."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def template(folder: Path) -> str:
    """Digest of the page templates."""
    paths = files.below(folder)
    return digest([(p.relative_to(folder).as_posix(), files.sha256(p)) for p in paths])


def modules(notebook: Path) -> dict[str, str]:
    """The modules of this package that the notebook's page rests on, each with its digest."""
    return imports.digests(imported(notebook, files.sha256(notebook)))


@cache
def imported(notebook: Path, _digest: str) -> frozenset[str]:
    """Full names of the modules that a notebook imports, and of those that make a page of it."""
    try:
        code = [c["source"] for c in cells.read(notebook) if c["kind"] == "code"]
    except ValueError:  # of an old format, or none at all
        import nbformat  # and jsonschema, which takes as long as the rest of this

        code = [c.source for c in nbformat.read(notebook, 4).cells if c.cell_type == "code"]
    # together: what one cell imports another takes names from
    return frozenset({*SHELL, *imports.imported("\n".join(map(_python, code)))})


def _python(source: str) -> str:
    """A cell without its magics; only its imports where it is no Python, as the page will show."""
    source = _MAGIC.sub(r"\1pass", source)
    try:
        ast.parse(source)
    except SyntaxError:
        return "\n".join(_import_lines(source))
    return source


def _import_lines(source: str) -> Iterable[str]:
    for line in source.splitlines():
        if line.startswith(("import ", "from ")) and not line.rstrip().endswith(("(", "\\")):
            yield line


def reasons(
    record: Record | None, basis: dict, now: Callable[[str, str], str], folder: Path
) -> list[str]:
    """Why a page must be built; empty if it is as it would be built again.

    Parameters
    ----------
    record, basis
        What it rested on then, and what it would rest on now.
    now
        Kind and name of something read → its digest now.
    folder
        Where its files lie.
    """
    if record is None:
        return [tell("not built yet")]
    if record.begun:
        return [tell("was not finished last time")]
    found = []
    if record.status != "ok":
        found = [tell("failed last time: {message}", message=record.message)]
        if not record.kept:
            return found
    found += [tell(text) for part, text in CHANGED.items() if record.basis.get(part) != basis[part]]
    found += _modules_changed(record.basis.get("modules", {}), basis["modules"])
    if record.reads is None:
        found.append(tell("no record of what it read"))
    for kind, what, then in record.reads or []:
        if now(kind, what) != then:
            found.append(tell("{kind} changed: {what}", kind=kind, what=what))
    for name, then in record.written.items():
        path = folder / name
        if not path.exists():
            found.append(tell("file is missing: {name}", name=name))
        elif files.digest(path) != then:
            found.append(tell("file is not as it was written: {name}", name=name))
    return found


def _modules_changed(then: dict, now: dict) -> list[str]:
    changed = sorted(m for m in then.keys() | now.keys() if then.get(m) != now.get(m))
    if len(changed) > _NAMED:
        return [tell("code changed: {n} modules", n=len(changed))]
    return [tell("module changed: {names}", names=", ".join(changed))] if changed else []


def reading(data: Path, pinned: dict[str, str]) -> Callable[[str, str], str]:
    """Kind and name of something read → its digest now, for :func:`reasons`.

    Parameters
    ----------
    data
        The project's data folder.
    pinned
        Folder of derived tables → the mark that holds now.
    """
    marks = {Path(folder).name: (Path(folder), mark) for folder, mark in pinned.items()}

    @cache
    def now(kind: str, what: str) -> str:
        if kind == "table":
            folder, mark = marks.get(what.partition("/")[0], (None, ""))
            return store.digest(folder, mark, what) if folder else "not there"
        path = data / what
        if kind == "folder":
            return digest(sorted(p.name for p in path.iterdir())) if path.is_dir() else "not there"
        return files.digest(path) if path.is_file() else "not there"

    return now


def settled(reads: Iterable[tuple[str, str]], now: Callable, data: Path, started: float) -> list:
    """What was read, with digests; what changed while the page was built counts as changed."""
    found = []
    for kind, what in reads:
        late = kind != "table" and _changed_at(data / what) > started
        found.append([kind, what, "changed while it was read" if late else now(kind, what)])
    return found


_SKEW = 60  # seconds by which the clock of a file server may differ


def _changed_at(path: Path) -> float:
    """When a file or folder last changed, or was put there; of one that is not there, when the
    folder changed in which it is missing: it may just have gone.

    A time is what some clock said: somebody's, or this one before it was set right. What lies ahead
    of now tells nothing.
    """
    while not path.exists():
        path = path.parent
    seen = path.stat()
    ahead = time.time() + _SKEW
    return max((t for t in (seen.st_ctime, seen.st_mtime) if t <= ahead), default=0.0)
