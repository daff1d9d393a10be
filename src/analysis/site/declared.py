"""``reports/site.yml``: which notebook with which parameters is a page, and where it lies."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from analysis.language import languages
from analysis.language.languages import LANGUAGES
from analysis.render import exports

EACH = ("reporting_unit", "framework")
"""What a page may be made for each of; the parameter has the same name."""

AUDIENCES = ("public", "internal")
"""For whom a page is; one that is internal is in no public archive (:mod:`analysis.site.share`)."""

INDEX = "index.html"

_NEEDED = {"notebook", "question", "needs"}
_MORE = {"title", "for_each", "parameters", "survey", "synthetic", "also", "audience"}

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class SiteError(Exception):
    """``reports/site.yml`` is broken; the message says where."""


def load(path: Path, notebooks: Path) -> dict:
    """Read ``site.yml``; each page has a ``title``, that of its notebook where it names none.

    Raises
    ------
    SiteError
        if it cannot be read, a key is missing or unknown, or a notebook does not exist.
    """
    try:
        site = yaml.safe_load(path.read_text(encoding="utf-8"))
        pages = dict(site["pages"])
    except (OSError, yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise SiteError(f"{path.name}: cannot be read: {error}") from error
    for code, page in pages.items():
        if what := next(_faults(code, page, notebooks), None):
            raise SiteError(f"{path.name}: page {what}")
        page.setdefault("title", title(notebooks / f"{page['notebook']}.ipynb"))
    return site


def _faults(code: object, page: object, notebooks: Path) -> Iterator[str]:
    if not isinstance(code, str) or not _CODE.fullmatch(code) or code == "index":
        yield f"code {code!r} must be plain ASCII, and not index"
    if not isinstance(page, dict):
        yield f"{code}: must name its notebook and question"
    if wrong := set(page) - _NEEDED - _MORE | _NEEDED - set(page):
        yield f"{code}: missing or unknown: {sorted(wrong)}"
    for text in {"title", "question"} & set(page):
        if not isinstance(page[text], dict) or set(page[text]) != set(LANGUAGES):
            yield f"{code}: {text} must have {', '.join(LANGUAGES)}"
    if page.get("for_each", EACH[0]) not in EACH:
        yield f"{code}: for_each must be {' or '.join(EACH)}"
    if not set(page.get("also", [])) <= set(exports.KINDS):
        yield f"{code}: also must be of {', '.join(exports.KINDS)}"
    if page.get("audience", AUDIENCES[0]) not in AUDIENCES:
        yield f"{code}: audience must be {' or '.join(AUDIENCES)}"
    if not isinstance(page.get("parameters", {}), dict):
        yield f"{code}: parameters must be a mapping"
    if not (notebook := notebooks / f"{page['notebook']}.ipynb").exists():
        yield f"{code}: no notebook {notebook.name}"
    if "title" not in page and not title(notebook):
        yield f"{code}: no title, and {notebook.name} does not begin with one (# …)"


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
        if not _CODE.fullmatch(part):
            raise SiteError(f"{part!r} cannot be a file name")
    return Path(f"{code}.html") if unit is None else Path("units") / f"{unit}.html"
