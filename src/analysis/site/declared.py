"""``reports/site.yml``: which notebook with which parameters is a page, and where it lies."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from analysis.catalogue import code_checks
from analysis.catalogue.reader import CatalogueError, Reader
from analysis.language import languages
from analysis.language.languages import LANGUAGES
from analysis.language.messages import tell
from analysis.storage.files import alike, portable

PUBLIC, INTERNAL = "public", "internal"
"""For whom a page is: only what is declared public is in a public archive
(:mod:`analysis.site.share`)."""

INDEX = "index.html"

INSIDE = re.compile(r"(units/)?[A-Za-z0-9][A-Za-z0-9._~-]*\.html")
"""A page in the folder of its site; "~": beside one that is not ours (:mod:`storage.owned`)."""

EXPLORE = "explore"
"""The page on which a reader asks (:mod:`analysis.site.explorer`)."""

TAKEN = ("index", EXPLORE)
"""Pages that each site has by itself."""

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class SiteError(Exception):
    """``reports/site.yml`` is broken; the message says where."""


def load(path: Path, notebooks: Path) -> dict:
    """Read ``site.yml``; each page has a ``title``, that of its notebook where it names none.

    Raises
    ------
    SiteError
        with everything wrong with it, each as ``file:line: what``.
    """
    reader = Reader(path.parent)
    site = _read(reader, path, notebooks)
    try:
        reader.raise_problems()
    except CatalogueError as error:
        raise SiteError(str(error)) from error
    for page in site["pages"].values():
        page.setdefault("title", title(notebooks / f"{page['notebook']}.ipynb"))
    return site


def problems(path: Path, notebooks: Path) -> list[tuple[int, str]]:
    """What is wrong with ``site.yml``: line and words."""
    reader = Reader(path.parent)
    _read(reader, path, notebooks)
    parts = (problem.split(":", 2) for problem in reader.problems)
    return sorted((int(line), what.strip()) for _, line, what in parts)


def _read(reader: Reader, path: Path, notebooks: Path) -> dict:
    """What ``site.yml`` states; all that is wrong with it is told to ``reader``."""
    site = reader.yaml(path, "site")
    for code, page in site.get("pages", {}).items():
        for what in _faults(code, page, notebooks):
            reader.report(path, ("pages", code), tell("page {what}", what=what))
    for code, what in code_checks.faults(site.get("pages", {})):
        reader.report(path, ("pages", code), what)
    for what in _shadowing(notebooks):
        reader.report(path, ("pages",), what)
    return site


def _shadowing(notebooks: Path) -> Iterator[str]:
    """Python looks beside a notebook first: what lies there under our name would be imported."""
    for path in (notebooks / "analysis.py", notebooks / "analysis" / "__init__.py"):
        if path.exists():
            name = path.relative_to(notebooks.parent).as_posix()
            yield tell(
                "{name}: notebooks would import this as `analysis`: give it another name", name=name
            )


def _faults(code: str, page: dict, notebooks: Path) -> Iterator[str]:
    if not _CODE.fullmatch(code) or alike(code) in TAKEN:
        yield tell(
            "code {code!r} must be plain ASCII, and not {taken}",
            code=code,
            taken=tell(" or ").join(TAKEN),
        )
    if not (notebook := notebooks / f"{page['notebook']}.ipynb").exists():
        yield tell("{code}: no notebook {name}", code=code, name=notebook.name)
    elif "title" not in page and not title(notebook):
        yield tell(
            "{code}: no title, and {name} does not begin with one (# …)",
            code=code,
            name=notebook.name,
        )


def title(notebook: Path) -> dict[str, str]:
    """The title of a notebook in each language: its first line, after ``#``; empty without one."""
    try:
        first = json.loads(notebook.read_text(encoding="utf-8"))["cells"][0]["source"]
        line = "".join(first).partition("\n")[0]
    except (ValueError, LookupError, TypeError):  # no notebook
        return {}
    if not line.startswith("# "):
        return {}
    return {code: _translated(line, code).removeprefix("# ") for code in LANGUAGES}


def _translated(line: str, code: str) -> str:
    with languages.using(code):
        return languages.markdown(line)


def output(code: str, unit: str | None = None) -> Path:
    """Where a page lies in the site. Made of codes only, never of names.

    Raises
    ------
    SiteError
        if a code could lead out of the folder.
    """
    for part in (code,) if unit is None else (code, unit):
        if not _CODE.fullmatch(part) or portable(part) != part:
            raise SiteError(tell("{part!r} cannot be a file name", part=part))
    return Path(f"{code}.html") if unit is None else Path("units") / f"{unit}.html"
