"""The text of a table that is only ever added to: its lines, and lines added in its own manner.

An office keeps it with the program it has: Vietnamese Excel writes semicolons, a mark before the
text and days as 05/06/2022; "Unicode text" is UTF-16 with tabs. What stands there is never written
again, so that what is added must be written as the rest is.
"""

import codecs
import csv
import hashlib
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import NamedTuple

from openpyxl.utils import get_column_letter

from analysis.exchange.neutral import meant, safe_field
from analysis.language.messages import of_both, tell
from analysis.language.words import plain
from analysis.reading import days

SHOWN = 200
"""Characters that are quoted of a line that cannot be read."""

_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_CODE_PAGES = ("cp1258", "cp1252")  # "ANSI" of a Vietnamese and of an English Windows
_TONES = "\u0300\u0301\u0303\u0309\u0323"  # which Windows-1258 writes behind their letter
_DELIMITERS = ",;\t"
_YEARS = range(1990, 2100)  # others are slips of the hand: 0022, 2202
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


class AppendedError(ValueError):
    """A table that cannot be read or added to; the message says where and what to do."""


class Kind(NamedTuple):
    """Which columns such a table has, and the first of them without which it is none (``needed``:
    how many). No cell of these columns holds a line break."""

    columns: tuple[str, ...]
    needed: int


class Line(NamedTuple):
    """A line: its ``row`` as a spreadsheet counts them, ``cells`` of our columns, all of it as it
    is ``shown``."""

    row: int
    cells: dict[str, str]
    shown: str


class Fault(NamedTuple):
    """What keeps a line, or (``whole``) all of them, from being read."""

    row: int
    shown: str
    reason: str
    whole: bool = False


@dataclass(frozen=True)
class Appended:
    """What such a table says, and how it is written. ``head``: its columns, ours by the names of
    its kind; empty where the text is blank or cannot be read."""

    lines: list[Line] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    head: list[str] = field(default_factory=list)
    encoding: str = "utf-8"
    delimiter: str = ","
    ending: str = "\n"
    unended: bool = False

    def place(self, column: str, row: int) -> str:
        """The cell of a line in one of our columns; in the first, where it has no such column."""
        at = self.head.index(column) if column in self.head else 0
        return f"{get_column_letter(at + 1)}{row}"


def same(name: str) -> str:
    """A name as it is compared: a Mac writes its letters in parts (NFD)."""
    return unicodedata.normalize("NFC", name).strip()


def day(text: str) -> date | None:
    """The day that a cell of such a table means; None unless all who read it read the same.

    The day stands before the month, unless the year comes first. A time behind it is left out; a
    year of two digits, a month in letters or the number that a spreadsheet keeps is no day.

    >>> day("12/06/2022") == day("12.6.2022") == day("2022-06-12 08:30") == date(2022, 6, 12)
    True
    >>> day("06/25/2022"), day("5/6/22"), day("44717"), day("")
    (None, None, None, None)
    """
    found = days.read(text, ["year_first", "day_first"], _YEARS)
    return found.value if found else None


def digest(data: bytes) -> str:
    """SHA-256 of what stands in such a table."""
    return hashlib.sha256(data).hexdigest()


def read(data: bytes, kind: Kind, names: Iterable[str] = ()) -> Appended:
    """Read such a table; whatever is wrong with a line is a fault of that line alone.

    ``names``: of files that are there. A text that is no Unicode is in the code page by which it
    names some of them, if only one does.
    """
    text, encoding = _decoded(data, names)
    lines = _LINE.findall(text)
    ends = (n[len(n.rstrip("\r\n")) :] for n in lines)
    manner = {"encoding": encoding, "ending": next(filter(None, ends), "\n")}
    manner["unended"] = bool(lines) and lines[-1][-1] not in "\r\n"
    if not text.strip():
        return Appended(**manner)
    blank = next(n for n, line in enumerate(lines) if line.strip())
    delimiter, head = _head(lines[blank], kind)
    if not head:
        needed = kind.columns[: kind.needed]
        reason = f"không có cột {' và '.join(needed)} / no columns {' and '.join(needed)}"
        if "\0" in lines[blank]:
            reason = "có ký tự NUL / holds NUL characters"
        shown = lines[blank].rstrip("\r\n")[:SHOWN]
        return Appended(faults=[Fault(blank + 1, shown, reason, whole=True)], **manner)
    held, faults = [], []
    own = {c: head.index(c) for c in kind.columns if c in head}
    for row, record, reason in _records(lines[blank + 1 :], delimiter, own):
        row += blank + 1
        if reason or len(record) > len(head):
            reason = reason or f"{len(record)} ô, đầu bảng {len(head)} / fields, head {len(head)}"
            faults.append(Fault(row, delimiter.join(record)[:SHOWN], reason))
        elif any(map(str.strip, record)):
            cells = {c: meant(record[n]).strip() if n < len(record) else "" for c, n in own.items()}
            held.append(Line(row, cells, " ".join(filter(None, record))[:SHOWN]))
    return Appended(held, faults, head, delimiter=delimiter, **manner)


def _decoded(data: bytes, names: Iterable[str]) -> tuple[str, str]:
    """The text, U+FFFD where a byte means nothing, and the encoding of what is added."""
    for mark, encoding in _MARKS.items():
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace"), encoding
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        written = {same(n) for n in names if not n.isascii()}
        texts = {page: data.decode(page, "replace") for page in _CODE_PAGES}
        proven = [p for p, t in texts.items() if any(n in same(t) for n in written)]
        if len(proven) == 1:
            return texts[proven[0]], proven[0]
        return data.decode("utf-8", "replace"), "utf-8"


def _head(line: str, kind: Kind) -> tuple[str, list[str]]:
    """Delimiter and columns of a head, ours by their names; no columns where it is none."""
    for delimiter in _DELIMITERS:
        try:
            (cells,) = csv.reader([line], delimiter=delimiter, strict=True)
        except csv.Error:
            continue
        named = ["_".join(re.split(r"[\s_-]+", plain(cell).casefold())) for cell in cells]
        times = [named.count(c) for c in kind.columns]
        if all(n == 1 for n in times[: kind.needed]) and max(times) < 2:
            return delimiter, named
    return "", []


def _records(
    lines: list[str], delimiter: str, own: dict[str, int]
) -> Iterator[tuple[int, list[str], str]]:
    """Number, cells and what is wrong with each record.

    A quotation mark too many would take the lines that follow for one cell: then the record is its
    first line, and the next one is read for itself.
    """
    broken = "không tách được thành ô / cannot be parted into fields"
    strange = "có byte không phải chữ Unicode (UTF-8) / bytes that are no Unicode (UTF-8) text"
    at, row, reader, since = 0, 0, None, 0
    while at < len(lines):
        if reader is None:
            reader = csv.reader(islice(lines, at, None), delimiter=delimiter, strict=True)
            since = at
        try:
            record = next(reader)
            used, reason = since + reader.line_num - at, ""
        except csv.Error:
            record, used, reason = [], 1, broken
        if used > 1 and any(re.search(r"[\r\n]", c) for c in _own(record, own)):
            used, reason = 1, broken
        if reason:
            record, reader = [lines[at].rstrip("\r\n")], None
        if any(c in line for line in lines[at : at + used] for c in "\ufffd\0"):
            reason = strange
        row, at = row + 1, at + used
        yield row, record, reason


def _own(record: list[str], own: dict[str, int]) -> list[str]:
    return [record[n] for n in own.values() if n < len(record)]


# --- adding --------------------------------------------------------------------------------------


def addition(data: bytes, rows: list[list[str]], kind: Kind, names: Iterable[str] = ()) -> bytes:
    """The bytes that add ``rows`` (each as ``kind.columns``) to such a table, in its manner.

    A last line without its end gets it first; a table that is blank gets its head; columns that
    are not ours stay empty.

    Raises
    ------
    AppendedError
        if it cannot be read (its first such line is named), or not write one of the letters.
    """
    held = read(data, kind, names)
    if held.faults:
        first = held.faults[0]
        raise AppendedError(
            tell(
                "line {n}: {reason}. Nothing was received: mend the line, or save the file as "
                "“CSV UTF-8”, then run the same command again",
                n=first.row,
                reason=of_both(first.reason),
            )
        )
    text = io.StringIO()
    text.write(held.ending if held.unended else "")
    writer = csv.writer(text, delimiter=held.delimiter, lineterminator=held.ending)
    writer.writerows([] if held.head else [kind.columns])
    for row in rows:
        said = dict(zip(kind.columns, row, strict=True))
        cells = (said.get(column, "") for column in held.head or kind.columns)
        writer.writerow(map(safe_field, cells))
    return encoded(text.getvalue(), held.encoding)


def encoded(text: str, encoding: str) -> bytes:
    """The text in an encoding, letter by letter where that writes some of them in two.

    Raises
    ------
    AppendedError
        naming a letter that the encoding lacks.
    """
    parts = []
    for letter in text:
        for written in (letter, _apart(letter)):
            try:
                parts.append(written.encode(encoding))
                break
            except UnicodeEncodeError:
                continue
        else:
            raise AppendedError(
                tell(
                    "the encoding {encoding} cannot write {letter!r}. Nothing was received: save "
                    "the file as “CSV UTF-8”, then run the same command again",
                    encoding=encoding,
                    letter=letter,
                )
            )
    return b"".join(parts)


def _apart(letter: str) -> str:
    """A letter and its tone one behind the other, as Windows-1258 has them."""
    marks = unicodedata.normalize("NFD", letter)
    bare = unicodedata.normalize("NFC", "".join(c for c in marks if c not in _TONES))
    return bare + "".join(c for c in marks if c in _TONES)
