"""What a second reading of a file tells of one sheet."""

import posixpath
import xml.parsers.expat
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple
from zipfile import ZipFile


class Unseen(NamedTuple):
    """A cell that readers of values take for blank: ``text`` is an error value or a formula as it
    is written, ``kind`` other, or blank where the formula says nothing (""); or blanks, ``kind``
    text."""

    row: int
    column: int
    text: str
    kind: str


@dataclass
class Sheet:
    """``cells``: how many are not empty, those in ``unseen`` too; ``shown``: (row, column) → what
    is shown instead of what is stored (schema.CELLS); ``rows``, ``columns``: those that are hidden;
    ``last``: the lowest row and the last column with anything in it."""

    cells: int = 0
    hidden: bool = False
    rows: set[int] = field(default_factory=set)
    columns: set[int] = field(default_factory=set)
    last: tuple[int, int] = (0, 0)
    unseen: list[Unseen] = field(default_factory=list)
    shown: dict[tuple[int, int], str] = field(default_factory=dict)

    def hides(self, row: int, column: int) -> str | None:
        """What hides a cell: sheet, row or column."""
        if self.hidden:
            return "sheet"
        return "row" if row in self.rows else "column" if column in self.columns else None

    def reaches(self, row: int, column: int) -> None:
        """Note that something stands there."""
        lowest, widest = self.last
        self.last = (max(lowest, row), max(widest, column))


STRUCK = "~~"
"""Stands before and behind what is struck out."""

_RAISED = str.maketrans(
    "0123456789+-=()abcdefghijklmnoprstuvwxyz",
    "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ",
)


def written(parts: list[tuple[str, bool, bool]]) -> str:
    """Rich text as one text: parts with whether they are raised and whether they are struck out."""
    texts = []
    for text, raised, struck in parts:
        text = text.lower().translate(_RAISED) if raised else text
        texts.append(f"{STRUCK}{text}{STRUCK}" if struck and text.strip() else text)
    return "".join(texts).replace(STRUCK + STRUCK, "")


Start = Callable[[str, dict[str, str]], None]


def parse(data: bytes, start: Start, end=None, text=None) -> None:
    """Read XML from its start to its end; names come without their prefix.

    Entities are what the library permits: it refuses those that swell.
    """
    parser = xml.parsers.expat.ParserCreate()
    parser.buffer_text = True

    def begin(name: str, given: dict[str, str]) -> None:
        start(name if ":" not in name else name.rpartition(":")[2], given)

    parser.StartElementHandler = begin
    if end:
        parser.EndElementHandler = lambda name: end(
            name if ":" not in name else name.rpartition(":")[2]
        )
    if text:
        parser.CharacterDataHandler = text
    parser.Parse(data, True)


def attribute(given: dict[str, str], name: str) -> str | None:
    """An attribute by its name without prefix."""
    return next((v for k, v in given.items() if k.rpartition(":")[2] == name), None)


def related(package: ZipFile, part: str) -> dict[str, str]:
    """Id → part of what a part of an Office package refers to."""
    folder, name = posixpath.split(part)
    found: dict[str, str] = {}

    def start(tag: str, given: dict[str, str]) -> None:
        if tag == "Relationship" and given.get("TargetMode") != "External":
            path = posixpath.normpath(posixpath.join("/" + folder, given["Target"]))
            found[given["Id"]] = path.lstrip("/")

    path = posixpath.join(folder, "_rels", f"{name}.rels")
    if path in package.namelist():
        parse(package.read(path), start)
    return found


def main_part(package: ZipFile) -> str:
    """The part that lists the sheets of an Office package, wherever a writer puts it."""
    parts = related(package, "")
    return next(p for p in parts.values() if posixpath.basename(p).startswith("workbook."))
