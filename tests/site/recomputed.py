"""Figures of pages read again, and recomputed from what offices sent without asking the package.

Pages are read as text; raw files by csv and pandas, the catalogue's YAML as plain YAML. Which
cells of workbooks count is the one thing that is taken from the package (their addresses, never
their values): that is what its checks decide.
"""

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from html import unescape
from pathlib import Path

import pandas as pd
import yaml
from openpyxl.utils.cell import coordinate_to_tuple

_TABLE = re.compile(r"<table\b[^>]*class='data'[^>]*>(.*?)</table>", re.S)
_ROW = re.compile(r"<tr\b[^>]*>(.*?)</tr>", re.S)
_CELL = re.compile(r"<t[dh]\b[^>]*>(.*?)</t[dh]>", re.S)
_HIDDEN = re.compile(r"<(script|style|svg)\b.*?</\1>", re.S)
_NUMBER = re.compile(r"[-−]?\d{1,3}(?:\.\d{3})*(?:,\d+)?|[-−]?\d+(?:,\d+)?")


class Recount:
    """How much was held against the files: figures, sentences, and of which pages."""

    def __init__(self) -> None:
        self.figures: Counter = Counter()
        self.sentences: Counter = Counter()

    def same(self, page: str, printed: object, recomputed: object) -> None:
        """Hold a printed figure, or several, against what was recomputed."""
        assert printed == recomputed, (page, printed, recomputed)
        self.figures[page] += len(printed) if isinstance(printed, list | tuple) else 1

    def says(self, page: str, text: str, sentence: str) -> None:
        """Hold that a page says a sentence, all of whose figures were recomputed."""
        assert sentence in text, (page, sentence)
        self.sentences[page] += 1
        self.figures[page] += len(_NUMBER.findall(sentence))

    def __str__(self) -> str:
        pages = set(self.figures) | set(self.sentences)
        return (
            f"{self.figures.total()} figures and {self.sentences.total()} sentences "
            f"of {len(pages)} pages"
        )


def plain(html: str) -> str:
    """The text of a piece of a page, without drawings and scripts, white space collapsed."""
    text = re.sub(r"<[^>]+>", " ", _HIDDEN.sub(" ", html))
    text = " ".join(unescape(text).split())
    return re.sub(r" ([.,;:)])", r"\1", text)


def sentences(html: str) -> list[str]:
    """The paragraphs of a page, as plain text."""
    return [plain(p) for p in re.findall(r"<p\b[^>]*>(.*?)</p>", _HIDDEN.sub(" ", html), re.S)]


def tables(html: str) -> Iterator[list[dict[str, str]]]:
    """The tables of figures of a page: rows by head."""
    for table in _TABLE.findall(html):
        rows = [[plain(cell) for cell in _CELL.findall(row)] for row in _ROW.findall(table)]
        yield [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def with_heads(html: str, *heads: str) -> list[list[dict[str, str]]]:
    """The tables that have all these heads."""
    return [rows for rows in tables(html) if rows and set(heads) <= set(rows[0])]


def printed(value: float | None, decimals: int = 0) -> str:
    """A figure as Vietnamese pages print it."""
    if value is None:
        return "…"
    text = f"{round(value, decimals) + 0.0:,.{decimals}f}"
    return text.translate(str.maketrans(",.-", ".,−"))


def share(part: float | None, whole: float | None, decimals: int = 1) -> str:
    """A share in percent as pages print it; "…" of nothing."""
    return f"{printed(100 * part / whole, decimals)} %" if whole else "…"


def figure(text: str) -> float:
    """A printed figure as a number; its unit of measure is passed over."""
    found = _NUMBER.search(text)
    assert found, text
    return float(found[0].replace(".", "").replace(",", ".").replace("−", "-"))


@cache
def stated(path: Path) -> dict:
    """A YAML file, as it is written."""
    return yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)


def rows(path: Path) -> list[dict[str, str]]:
    """A CSV file, as it is written."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def portal(root: Path) -> dict[str, dict[str, tuple[float | None, float | None]]]:
    """Unit → indicator of qd766 → numerator and denominator in ``2026-Q3/values.csv``.

    Units as the file has them; the province itself is among them.
    """
    form = stated(root / "data/catalogue/forms/npsp766.yml")["items"]
    place = {(i["read_from"]["group"], i["read_from"]["element"]): n for n, i in form.items()}
    held: dict[str, dict[str, float]] = defaultdict(dict)
    for row in rows(root / "data/submissions/2026-Q3/values.csv"):
        item = place.get((row["group"], row["element"]))
        if item and row["value"]:
            held[row["unit_code"]][item] = float(row["value"])
    indicators = stated(root / "data/catalogue/frameworks/qd766.yml")["indicators"]
    return {
        unit: {code: _parts(items, i["formula"]["ratio"]) for code, i in indicators.items()}
        for unit, items in held.items()
    }


def published(root: Path, year: str) -> dict[str, dict[str, float]]:
    """Province → group of qd766, and total → points in ``2024/values.csv``."""
    held: dict[str, dict[str, float]] = defaultdict(dict)
    for row in rows(root / "data/submissions/2024/values.csv"):
        if row["year"] == year:
            held[row["gso_code"]][row["indicator"].removeprefix("qd766_")] = float(row["value"])
    return held


def _parts(items: dict[str, float], ratio: dict) -> tuple[float | None, float | None]:
    sides = [[items.get(i) for i in ratio[side]] for side in ("numerator", "denominator")]
    top, bottom = (None if None in side else sum(side) for side in sides)
    return (None, None) if None in (top, bottom) else (top, bottom)


def summed(units: Iterable[dict], indicator: str) -> tuple[float, float, int, int]:
    """Numerator and denominator of all units together, how many had cases, how many had none."""
    parts = [unit[indicator] for unit in units]
    some = [p for p in parts if p[1]]
    none = sum(p[1] == 0 for p in parts)
    return sum(p[0] for p in some), sum(p[1] for p in some), len(some), none


def points(root: Path, unit: dict) -> dict[str, tuple[float, float, bool]]:
    """Dimension of qd766 → points, maximum and whether anything of it was measured, of a unit of
    :func:`portal`; those that can be computed."""
    framework = stated(root / "data/catalogue/frameworks/qd766.yml")
    found: dict[str, list] = defaultdict(list)
    for code, indicator in framework["indicators"].items():
        rule, (part, whole) = indicator["points"], unit[code]
        if whole:
            value = rule["max"] * min(1, 100 * part / whole / rule["full_mark_at"])
        elif whole == 0:
            value = {"zero": 0.0, "full": rule["max"], "none": None}[rule["zero_denominator"]]
        else:
            value = None
        found[indicator["dimension"]].append((value, bool(whole), rule))
    made = {}
    for code, parts in found.items():
        # what a source lists without inputs has its full mark by assumption, if the rest is there
        given = [
            r["max"] if v is None and r.get("without_inputs") == "full" else v for v, _, r in parts
        ]
        if None not in given and any(v is not None for v, _, _ in parts):
            top = framework["dimensions"][code]["max_score"]
            made[code] = (sum(given), top, any(measured for _, measured, _ in parts))
    return made


def cells(root: Path, period: str, accepted: Iterable[tuple]) -> dict[tuple, dict[str, float]]:
    """(unit, level) → item → figure, read from the workbooks again.

    ``accepted``: file, sheet, cell, unit, level and item of the cells that count.
    """
    places: dict[str, list] = defaultdict(list)
    for file, *rest in accepted:
        places[file].append(rest)
    held: dict[tuple, dict[str, float]] = defaultdict(dict)
    for file, wanted in places.items():
        path = root / "data/submissions" / period / file
        book = pd.read_excel(path, sheet_name=None, header=None, dtype=object, engine="calamine")
        for sheet, cell, unit, level, item in wanted:
            row, column = coordinate_to_tuple(cell)
            held[unit, level][item] = as_number(book[sheet].iat[row - 1, column - 1])
    return held


def as_number(value: object) -> float:
    """A figure as an office typed it: a number, or a text with points between thousands."""
    if isinstance(value, int | float):
        return float(value)
    text = re.sub(r"[\s\u00a0]", "", str(value))
    return float(re.sub(r"[.,](?=\d{3}(?:\D|$))", "", text).replace(",", "."))
