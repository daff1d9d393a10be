"""``reports/site.yml``: which notebook with which parameters is a page, and where it lies."""

import re
from pathlib import Path

import yaml

from analysis.language.languages import LANGUAGES
from analysis.render import exports

EACH = ("reporting_unit", "framework")
"""What a page may be made for each of; the parameter has the same name."""

AUDIENCES = ("public", "internal")
"""For whom a page is; one that is internal is in no public archive (:mod:`analysis.site.share`)."""

INDEX = "index.html"

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class SiteError(Exception):
    """``reports/site.yml`` is broken; the message says where."""


def load(path: Path, notebooks: Path) -> dict:
    """Read ``site.yml``.

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
    allowed = {"notebook", "title", "question", "needs", "for_each", "parameters", "survey"}
    allowed |= {"synthetic", "also", "audience"}
    for code, page in pages.items():
        if not isinstance(code, str) or not _CODE.fullmatch(code) or code == "index":
            raise SiteError(f"{path.name}: page code {code!r} must be plain ASCII, and not index")
        if not isinstance(page, dict):
            raise SiteError(f"{path.name}: page {code}: must name its notebook, title, question")
        wrong = set(page) - allowed | {"notebook", "title", "question", "needs"} - set(page)
        if wrong:
            raise SiteError(f"{path.name}: page {code}: missing or unknown: {sorted(wrong)}")
        for text in ("title", "question"):
            if not isinstance(page[text], dict) or set(page[text]) != set(LANGUAGES):
                raise SiteError(
                    f"{path.name}: page {code}: {text} must have {', '.join(LANGUAGES)}"
                )
        if page.get("for_each", EACH[0]) not in EACH:
            raise SiteError(f"{path.name}: page {code}: for_each must be {' or '.join(EACH)}")
        if not set(page.get("also", [])) <= set(exports.KINDS):
            raise SiteError(f"{path.name}: page {code}: also must be of {', '.join(exports.KINDS)}")
        if page.get("audience", AUDIENCES[0]) not in AUDIENCES:
            raise SiteError(f"{path.name}: page {code}: audience must be {' or '.join(AUDIENCES)}")
        if not isinstance(page.get("parameters", {}), dict):
            raise SiteError(f"{path.name}: page {code}: parameters must be a mapping")
        if not (notebooks / f"{page['notebook']}.ipynb").exists():
            raise SiteError(f"{path.name}: page {code}: no notebook {page['notebook']}.ipynb")
    return site


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
