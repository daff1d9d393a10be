"""What a ledger of received files says, line by line (:mod:`analysis.exchange.appended`)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from analysis.exchange import appended

COLUMNS = ["file", "received_at", "sha256"]
"""File name, day of receipt, and digest of the content then (may be missing)."""

KIND = appended.Kind(tuple(COLUMNS), needed=2)

SECOND = "sổ thứ hai trong thư mục / a second ledger of the folder"

_CLOCK = re.compile(r"[ T](\d{1,2}):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?(?: ?(SA|CH))?$", re.IGNORECASE)


@dataclass(frozen=True)
class Ledger:
    """What a ledger says.

    ``lines``: row (as a spreadsheet counts them), file, received_at (a date or None), sha256 (None
    where it is not noted) and minute (of that day, where it is said), in their order. ``faults``:
    row, source_cell, raw_text, rule and found. ``head``: its columns, ours by the names of
    :data:`COLUMNS`; empty where the text is blank.
    """

    lines: pd.DataFrame
    faults: pd.DataFrame
    head: list[str]


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


def read(data: bytes, names: Iterable[str] = ()) -> Ledger:
    """Read a ledger (:func:`analysis.exchange.appended.read`); whatever is wrong with a line is a
    fault of that line alone."""
    text = appended.read(data, KIND, names)
    held, faults = [], [_fault(fault) for fault in text.faults]
    for row, cells, shown in text.lines:
        line, fault = _said(row, cells, shown, text)
        held += [line] * bool(line)
        faults += [fault] * bool(fault)
    faults.sort(key=lambda fault: fault[0])
    return Ledger(_lines(held), _faults(faults), text.head)


def unreadable(cell: str, text: str, reason: str) -> Ledger:
    """A ledger that says nothing, and why."""
    return Ledger(_lines([]), _faults([(0, cell, text, "ledger_unreadable", reason)]), [])


def _fault(fault: appended.Fault) -> tuple:
    rule = "ledger_unreadable" if fault.whole else "ledger_line"
    return (fault.row, f"A{fault.row}", fault.shown, rule, fault.reason)


def _lines(rows: list) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["row", *COLUMNS, "minute"], dtype=object)


def _faults(rows: list) -> pd.DataFrame:
    columns = ["row", "source_cell", "raw_text", "rule", "found"]
    return pd.DataFrame(rows, columns=columns, dtype=object)


def _said(
    row: int, cells: dict[str, str], shown: str, text: appended.Appended
) -> tuple[tuple | None, tuple | None]:
    """What a line says, and what is wrong with it."""
    file, written, noted = (cells.get(c, "") for c in COLUMNS)
    if not file:
        reason = "không có tên tệp / no file is named"
        return None, (row, text.place("file", row), shown, "ledger_line", reason)
    meant, fault = appended.day(written), None
    if meant is None:
        rule = "ledger_day" if written else "ledger_day_missing"
        fault = (row, text.place("received_at", row), written, rule, file)
    return (row, file, meant, noted.lower() or None, minute(written) if meant else None), fault
