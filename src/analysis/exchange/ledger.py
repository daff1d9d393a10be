"""The text of a ledger of received files: what its lines say, and lines added in its own manner.

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
from dataclasses import dataclass
from datetime import date
from itertools import islice

import pandas as pd
from openpyxl.utils import get_column_letter

from analysis.language.words import plain
from analysis.reading import days

COLUMNS = ["file", "received_at", "sha256"]
"""File name, day of receipt, and digest of the content then (may be missing)."""

SECOND = "sổ thứ hai trong thư mục / a second ledger of the folder"

_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_CODE_PAGES = ("cp1258", "cp1252")  # "ANSI" of a Vietnamese and of an English Windows
_TONES = "\u0300\u0301\u0303\u0309\u0323"  # which Windows-1258 writes behind their letter
_DELIMITERS = ",;\t"
_SHOWN = 200  # characters of a line that cannot be read
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_CLOCK = re.compile(r"[ T](\d{1,2}):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?(?: ?(SA|CH))?$", re.IGNORECASE)
_YEARS = range(1990, 2100)  # others are slips of the hand: 0022, 2202


class LedgerError(ValueError):
    """A ledger that cannot be read or added to; the message says where and what to do."""


@dataclass(frozen=True)
class Ledger:
    """What a ledger says.

    ``lines``: row (as a spreadsheet counts them), file, received_at (a date or None), sha256 (None
    where it is not noted) and minute (of that day, where it is said), in their order. ``faults``:
    row, source_cell, raw_text, rule, found and ``stops`` (whether nothing can be added before it is
    mended). ``head``: its columns, ours by the names of :data:`COLUMNS`; empty where the text is
    blank.
    """

    lines: pd.DataFrame
    faults: pd.DataFrame
    head: list[str]
    encoding: str = "utf-8"
    delimiter: str = ","
    ending: str = "\n"
    unended: bool = False


def day(text: str) -> date | None:
    """The day that a cell of a ledger means; None unless all who read it read the same.

    The day stands before the month, unless the year comes first. A time behind it is left out; a
    year of two digits, a month in letters or the number that a spreadsheet keeps is no day.

    >>> day("12/06/2022") == day("12.6.2022") == day("2022-06-12 08:30") == date(2022, 6, 12)
    True
    >>> day("06/25/2022"), day("5/6/22"), day("44717"), day("")
    (None, None, None, None)
    """
    found = days.read(text, ["year_first", "day_first"], _YEARS)
    return found.value if found else None


def minute(text: str) -> float | None:
    """The minute of the day that stands behind a day, with its seconds; None where there is none.

    >>> minute("12/06/2022 08:30"), minute("2022-06-12 2:05:30 CH"), minute("12/06/2022")
    (510.0, 845.5, None)
    """
    found = _CLOCK.search(text)
    if not found:
        return None
    hour = int(found[1]) % 12 + 12 * (found[4].upper() == "CH") if found[4] else int(found[1])
    return 60 * hour + int(found[2]) + int(found[3] or 0) / 60


def same(name: str) -> str:
    """The name of a file as it is compared: a Mac writes its letters in parts (NFD)."""
    return unicodedata.normalize("NFC", name).strip()


def read(data: bytes, names: Iterable[str] = ()) -> Ledger:
    """Read a ledger; whatever is wrong with a line is a fault of that line alone.

    ``names``: of the files that are there. A text that is no Unicode is in the code page by which
    it names some of them, if only one does.
    """
    text, encoding = _decoded(data, names)
    lines = _LINE.findall(text)
    ends = (n[len(n.rstrip("\r\n")) :] for n in lines)
    manner = {"encoding": encoding, "ending": next(filter(None, ends), "\n")}
    manner["unended"] = bool(lines) and lines[-1][-1] not in "\r\n"
    if not text.strip():
        return Ledger(_lines([]), _faults([]), [], **manner)
    blank = next(n for n, line in enumerate(lines) if line.strip())
    delimiter, head = _head(lines[blank])
    if not head:
        reason = "không có cột file và received_at / no columns file and received_at"
        if "\0" in lines[blank]:
            reason = "có ký tự NUL / holds NUL characters"
        shown = lines[blank].rstrip("\r\n")[:_SHOWN]
        return unreadable(f"A{blank + 1}", shown, reason, blank + 1)
    held, faults = [], []
    own = {c: head.index(c) for c in COLUMNS if c in head}
    for row, record, reason in _records(lines[blank + 1 :], delimiter, own):
        row += blank + 1
        if reason or len(record) > len(head):
            reason = reason or f"{len(record)} ô, đầu bảng {len(head)} / fields, head {len(head)}"
            shown = delimiter.join(record)[:_SHOWN]
            faults.append((row, f"A{row}", shown, "ledger_line", reason, True))
        elif any(map(str.strip, record)):
            line, fault = _said(row, record, own)
            held += [line] * bool(line)
            faults += [fault] * bool(fault)
    return Ledger(_lines(held), _faults(faults), head, delimiter=delimiter, **manner)


def unreadable(cell: str, text: str, reason: str, row: int = 0) -> Ledger:
    """A ledger that says nothing, and why."""
    fault = (row, cell, text, "ledger_unreadable", reason, True)
    return Ledger(_lines([]), _faults([fault]), [])


def _lines(rows: list) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["row", *COLUMNS, "minute"], dtype=object)


def _faults(rows: list) -> pd.DataFrame:
    columns = ["row", "source_cell", "raw_text", "rule", "found", "stops"]
    return pd.DataFrame(rows, columns=columns, dtype=object)


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


def _head(line: str) -> tuple[str, list[str]]:
    """Delimiter and columns of a head, ours by their names; no columns where it is none."""
    for delimiter in _DELIMITERS:
        try:
            (cells,) = csv.reader([line], delimiter=delimiter, strict=True)
        except csv.Error:
            continue
        named = ["_".join(re.split(r"[\s_-]+", plain(cell).casefold())) for cell in cells]
        if all(named.count(c) == 1 for c in COLUMNS[:2]) and named.count(COLUMNS[2]) < 2:
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


def _said(row: int, record: list[str], own: dict[str, int]) -> tuple[tuple | None, tuple | None]:
    """What a line says, and what is wrong with it."""
    cells = {c: record[n].strip() if n < len(record) else "" for c, n in own.items()}
    file, written, noted = (cells.get(c, "") for c in COLUMNS)
    places = {c: f"{get_column_letter(n + 1)}{row}" for c, n in own.items()}
    if not file:
        shown = " ".join(filter(None, record))[:_SHOWN]
        reason = "không có tên tệp / no file is named"
        return None, (row, places["file"], shown, "ledger_line", reason, False)
    meant, fault = day(written), None
    if meant is None:
        rule = "ledger_day" if written else "ledger_day_missing"
        fault = (row, places["received_at"], written, rule, file, False)
    return (row, file, meant, noted.lower() or None, minute(written) if meant else None), fault


# --- adding --------------------------------------------------------------------------------------


def addition(data: bytes, rows: list[list[str]], names: Iterable[str] = ()) -> bytes:
    """The bytes that add ``rows`` (each as :data:`COLUMNS`) to a ledger, in the ledger's manner.

    A last line without its end gets it first; a ledger that is blank gets its head; columns that
    are not ours stay empty.

    Raises
    ------
    LedgerError
        if the ledger cannot be read (its first such line is named), or not write one of the names.
    """
    held = read(data, names)
    stops = held.faults[held.faults["stops"].astype(bool)]
    if len(stops):
        first = stops.iloc[0]
        raise LedgerError(
            f"dòng / line {first['row']}: {first['found']}. Chưa nhận tệp nào: hãy sửa dòng này, "
            "hoặc lưu lại dạng “CSV UTF-8” / nothing was received: mend the line, or save the "
            "ledger as “CSV UTF-8”, then run the same command again"
        )
    text = io.StringIO()
    text.write(held.ending if held.unended else "")
    writer = csv.writer(text, delimiter=held.delimiter, lineterminator=held.ending)
    writer.writerows([] if held.head else [COLUMNS])
    for row in rows:
        said = dict(zip(COLUMNS, row, strict=True))
        writer.writerow([said.get(column, "") for column in held.head or COLUMNS])
    return encoded(text.getvalue(), held.encoding)


def encoded(text: str, encoding: str) -> bytes:
    """The text in an encoding, letter by letter where that writes some of them in two.

    Raises
    ------
    LedgerError
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
            raise LedgerError(
                f"bảng mã {encoding} không viết được / this encoding cannot write {letter!r}. Chưa "
                "nhận tệp nào: hãy lưu lại dạng “CSV UTF-8” / nothing was received: save the "
                "ledger as “CSV UTF-8”, then run the same command again"
            )
    return b"".join(parts)


def _apart(letter: str) -> str:
    """A letter and its tone one behind the other, as Windows-1258 has them."""
    marks = unicodedata.normalize("NFD", letter)
    bare = unicodedata.normalize("NFC", "".join(c for c in marks if c not in _TONES))
    return bare + "".join(c for c in marks if c in _TONES)


def digest(data: bytes) -> str:
    """SHA-256 of what stands in a ledger."""
    return hashlib.sha256(data).hexdigest()
