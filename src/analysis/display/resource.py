"""A table as its reader sees it, as data: Frictionless resources, kept beside the HTML of a page.

Numbers are those that are written in the cells, no more exact: what was rounded or withheld for the
page stays so in every file made of it.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache

from IPython.display import HTML
from markupsafe import Markup

from analysis.display import theme
from analysis.language.words import MISSING, number

MIME = "application/vnd.datapackage+json"
"""Of the outputs of a notebook: {"resources": [{"schema": …, "data": …}, …]}."""

DOCUMENT = "application/vnd.reform-monitor.document"
"""Of the outputs of a notebook: the HTML that stands in a document for editing."""

_DATES = ("%d/%m/%Y", "%Y-%m-%d", "%d %b %Y")
_FIGURE = re.compile(r"([-−+]?)(\d+|\d{1,3}(?:(?P<by>[.,])\d{3})+)(?:([.,])(\d+))?(\D*)")


class Shown(HTML):
    """HTML that is readable wherever a cell shows it (:mod:`display.theme`), and says, to whoever
    saves it, which tables it shows. ``data`` is the HTML as such."""

    document = ""
    """What stands for it in documents for editing, if that is something else."""

    def __init__(self, html: str, resources: Sequence[dict] = ()):
        super().__init__(html)
        self.resources = list(resources)

    def _repr_html_(self) -> str:
        return theme.dressed(str(self.data or ""))

    def _repr_mimebundle_(self, **_) -> dict:
        held = {MIME: {"resources": self.resources}} if self.resources else {}
        if self.document:
            held[DOCUMENT] = self.document
        return {"text/html": self._repr_html_(), **held}

    def __html__(self) -> str:
        return self.data


def joined(pieces: Iterable[HTML], title: str = "") -> Shown:
    """Pieces of a page as one, with the tables of all; those without a title get ``title``."""
    pieces = list(pieces)
    held = [r for p in pieces for r in getattr(p, "resources", ())]
    named = [r if "title" in r or not title else {"title": title, **r} for r in held]
    whole = Shown(Markup("").join(Markup(p.__html__()) for p in pieces), named)
    if any(getattr(p, "document", "") for p in pieces):
        whole.document = "".join(getattr(p, "document", "") or p.__html__() for p in pieces)
    return whole


def in_documents(shown: Shown, instead: Shown) -> Shown:
    """``shown``, for which ``instead`` stands in documents for editing: a picture that Word draws
    for one that follows the colours of the page."""
    both = Shown(shown.__html__(), shown.resources)
    both.document = str(instead.__html__())
    return both


def resource(columns: Sequence[tuple[str, str, Sequence, Sequence[str], bool]]) -> dict:
    """A Frictionless resource of the columns of a table.

    Parameters
    ----------
    columns
        For each its name, head, values, the texts of its cells, and whether these are figures.

    Returns
    -------
    ``schema`` (fields: name, title, type; of numbers also ``decimals``, for each row where they
    differ, ``unit``, and whether they are ``signed``: "+3") and ``data``, a mapping for each row. A
    missing value is None.
    """
    fields, held = [], []
    for name, title, values, cells, figures in columns:
        texts = [c.striptags() if isinstance(c, Markup) else str(c) for c in cells]
        kind, data = _figures(texts) if figures else _plain(values, texts)
        fields.append({"name": name, "title": title, **kind})
        held.append(data)
    names = [field["name"] for field in fields]
    rows = [dict(zip(names, row, strict=True)) for row in zip(*held, strict=True)]
    return {"schema": {"fields": fields}, "data": rows}


def _figures(texts: Sequence[str]) -> tuple[dict, list]:
    """Texts as numbers, if each is a figure and all have one unit."""
    mark = number(0.5, 1)[1]
    found = [None if _missing(t) else _figure(t, mark) for t in texts]
    units = {f[2] for f in found if f}
    unread = sum(f is None for f in found) - sum(map(_missing, texts))
    if len(units) != 1 or unread:
        return _days(texts)
    decimals = [f[1] if f else 0 for f in found]
    alike = {f[1] for f in found if f}
    kind = {
        "type": "number",
        "decimals": alike.pop() if len(alike) == 1 else decimals,
        "unit": units.pop(),
        "signed": any(t.startswith("+") for t in texts),
    }
    return kind, [f and f[0] for f in found]


def _figure(text: str, mark: str) -> tuple[float, int, str] | None:
    """Value, decimals and unit of a figure with the decimal mark of its language."""
    found = _FIGURE.fullmatch(text)
    if not found or found["by"] == mark or found[4] not in (mark, None):
        return None
    sign, whole, _, _, part, unit = found.groups()
    digits = re.sub(r"\D", "", whole)
    value = float(f"{digits}.{part}") if part else int(digits)
    return (-value if sign in ("-", "−") else value), len(part or ""), unit


def _plain(values: Sequence, texts: Sequence[str]) -> tuple[dict, list]:
    """Values as they are written: counts, days or text."""
    if all(isinstance(v, int) or _missing(t) for v, t in zip(values, texts, strict=True)):
        cells = [None if _missing(t) else int(v) for v, t in zip(values, texts, strict=True)]
        if any(cell is not None for cell in cells):
            return {"type": "integer"}, cells
    return _days(texts)


def _days(texts: Sequence[str]) -> tuple[dict, list]:
    for pattern in _DATES:
        days = [None if _missing(t) else _day(t, pattern) for t in texts]
        if any(days) and all(d or _missing(t) for d, t in zip(days, texts, strict=True)):
            return {"type": "date"}, days
    return {"type": "string"}, [None if _missing(t) else t for t in texts]


@lru_cache(maxsize=10_000)
def _day(text: str, pattern: str) -> str | None:
    try:
        return datetime.strptime(text, pattern).date().isoformat()
    except ValueError:
        return None


def _missing(text: str) -> bool:
    return text in ("", MISSING)
