"""The second reading of .xlsx and .xlsm: sheets, styles and rich text of the package."""

import re
from functools import cache
from zipfile import ZipFile

from openpyxl.utils.cell import column_index_from_string

from analysis.reading.beside import number_formats
from analysis.reading.beside.sheet import (
    STRUCK,
    Sheet,
    Unseen,
    attribute,
    main_part,
    parse,
    related,
    written,
)

_RICH = re.compile(rb"vertAlign|strike|<(?:\w+:)?(?:si|t)[^>]*/>|<(?:\w+:)?t(?:\s[^>]*)?>\s*</")
_BLANK = " \t\r\n"  # what XML may drop, unless it is told to preserve it
_TRUE = ("1", "true", "on")
_TOLD = {
    b"<f": [b"<f>", b"<f ", b"<f/>"],
    b"<v": [b"<v/>", b"<v />", b"<v></v>"],
    b"<t": [b"<t/>", b"<t />", b"<t></t>", b'"></t>'],
    b"<c": [b"<c>", b"<c t", b"<c s"],
    b"<is": [b'"/></is>', b"<is/>"],
    b"'": [b"='"],
    b"!": [b"<!"],
}
_TOLD |= {mark: [mark] for mark in (b't="e"', b"hidden", b"vertAlign", b"strike", b":c ")}
_TOLD |= {blank: [blank + b"</t>", blank + b"</v>"] for blank in (b" ", b"\t", b"\r", b"\n")}
"""What has to be looked at cell by cell, under what all of it holds: where that is nowhere, each of
it need not be looked for."""
_COLUMN = re.compile(rb'<c r="([A-Z]+)')
_ROW = re.compile(rb'<row [^>]*?r="(\d+)"')


def look(package: ZipFile) -> dict[str, Sheet]:
    """What the package says of each worksheet, by name, hidden ones too.

    Raises
    ------
    KeyError, ValueError, StopIteration, zipfile.BadZipFile, xml.parsers.expat.ExpatError
        where the package is not as it should be.
    """
    main = main_part(package)
    parts, listed = related(package, main), []

    def start(tag: str, given: dict[str, str]) -> None:
        if tag == "sheet":
            listed.append((given["name"], given.get("state"), attribute(given, "id")))

    parse(package.read(main), start)
    names = set(package.namelist())
    strings = _Strings(_part(package, parts, names, "sharedStrings"))
    styles = _Styles(_part(package, parts, names, "styles"))
    found = {}
    for name, state, key in listed:
        part = parts.get(key or "", "")
        if "chartsheet" in part or "dialogsheet" in part or part not in names:
            continue
        sheet = found[name] = Sheet(hidden=state in ("hidden", "veryHidden"))
        data = package.read(part)
        if strings.tells or styles.tells or _told(data):
            seen = _Seen(sheet, strings, styles)
            parse(data, seen.start, seen.end, seen.chars)
        else:
            _count(sheet, data)
    return found


def _told(data: bytes) -> bool:
    return any(
        within in data and any(mark in data for mark in marks) for within, marks in _TOLD.items()
    )


def _count(sheet: Sheet, data: bytes) -> None:
    """A sheet of nothing but values: to go through its cells takes as long as to read them."""
    sheet.cells = data.count(b"<v>") + data.count(b"<is>")
    columns = set(_COLUMN.findall(data))
    if columns:
        widest = max(column_index_from_string(c.decode()) for c in columns)
        rows = _ROW.findall(data, data.rfind(b"<row "))
        sheet.reaches(int(rows[-1]) if rows else 1, widest)


def _part(package: ZipFile, parts: dict[str, str], names: set[str], stem: str) -> bytes:
    path = next((p for p in parts.values() if stem.lower() in p.lower() and p in names), None)
    return package.read(path) if path else b""


@cache
def _column(letters: str) -> int:
    return column_index_from_string(letters)


class _Strings:
    """Shared strings: which are ``empty``, which are ``blanks`` (another reader may drop them), and
    those in which marks say something (``rich``)."""

    def __init__(self, data: bytes) -> None:
        self.empty: set[str] = set()
        self.blanks: dict[str, str] = {}
        self.rich: dict[str, str] = {}
        if not _RICH.search(data):
            return
        self._at, self._text = -1, _Rich()
        parse(data, self._start, self._end, self._text.chars)

    @property
    def tells(self) -> bool:
        return bool(self.empty or self.blanks or self.rich)

    def _start(self, tag: str, given: dict[str, str]) -> None:
        if tag == "si":
            self._at += 1
            self._text.begin()
        else:
            self._text.start(tag, given)

    def _end(self, tag: str) -> None:
        if tag != "si":
            self._text.end(tag)
        elif not self._text.plain():
            self.empty.add(str(self._at))
        elif not self._text.plain().strip(_BLANK):
            self.blanks[str(self._at)] = self._text.plain()
        elif self._text.marked():
            self.rich[str(self._at)] = self._text.shown()


class _Rich:
    """One text in parts: what is raised, what is struck out; readings of sounds are left out."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        self._parts, self._raised, self._struck, self._in, self._sound = [], False, False, False, 0

    def start(self, tag: str, given: dict[str, str]) -> None:
        if tag == "r":
            self._raised = self._struck = False
        elif tag == "vertAlign":
            self._raised = given.get("val") == "superscript"
        elif tag == "strike":
            self._struck = given.get("val", "1") in _TRUE
        elif tag == "rPh":
            self._sound += 1
        elif tag == "t":
            self._in = not self._sound

    def end(self, tag: str) -> None:
        if tag == "t":
            self._in = False
        elif tag == "rPh":
            self._sound -= 1

    def chars(self, text: str) -> None:
        if self._in:
            self._parts.append((text, self._raised, self._struck))

    def plain(self) -> str:
        return "".join(text for text, *_ in self._parts)

    def marked(self) -> bool:
        return any(raised or struck for _, raised, struck in self._parts)

    def shown(self) -> str:
        return written(self._parts)


class _Styles:
    """Styles of cells, by their number: a format that shows something else, or struck-out type."""

    def __init__(self, data: bytes) -> None:
        self.formats: dict[str, str] = {}
        self.struck: set[str] = set()
        if not data:
            return
        self._codes: dict[str, str] = {str(n): c for n, c in number_formats.BUILT_IN.items()}
        self._fonts: list[bool] = []
        self._in, self._at = "", -1
        parse(data, self._start, self._end)

    @property
    def tells(self) -> bool:
        return bool(self.formats or self.struck)

    def _start(self, tag: str, given: dict[str, str]) -> None:
        if tag in ("fonts", "cellXfs", "cellStyleXfs", "dxfs"):
            self._in = tag
        elif tag == "numFmt" and self._in != "dxfs" and number_formats.odd(given["formatCode"]):
            self._codes[given["numFmtId"]] = given["formatCode"]
        elif tag == "font" and self._in == "fonts":
            self._fonts.append(False)
        elif tag == "strike" and self._in == "fonts" and self._fonts:
            self._fonts[-1] = given.get("val", "1") in _TRUE
        elif tag == "xf" and self._in == "cellXfs":
            self._at += 1
            code = self._codes.get(given.get("numFmtId", "0"))
            if code is not None:
                self.formats[str(self._at)] = code
            font = int(given.get("fontId", 0))
            if font < len(self._fonts) and self._fonts[font]:
                self.struck.add(str(self._at))

    def _end(self, tag: str) -> None:
        if tag == self._in:
            self._in = ""


class _Seen:
    """One worksheet as it is gone through: cells are counted as they end."""

    def __init__(self, sheet: Sheet, strings: _Strings, styles: _Styles) -> None:
        self.sheet, self._strings, self._styles = sheet, strings, styles
        self._row = self._column = 0
        self._cell: dict[str, str] | None = None
        self._value, self._formula, self._into = "", None, ""
        self._rich = _Rich()

    def start(self, tag: str, given: dict[str, str]) -> None:
        if tag == "c":
            self._column += 1
            self._cell, self._value, self._formula = given, "", None
            if given.get("t") == "inlineStr":
                self._rich.begin()
        elif tag == "v":
            self._into = "value"
        elif tag == "f" and self._cell is not None:
            self._into, self._formula = "formula", ""
        elif tag == "row":
            self._column = 0
            self._row = int(given["r"]) if "r" in given else self._row + 1
            if given.get("hidden") in _TRUE or given.get("ht") in ("0", "0.0"):
                self.sheet.rows.add(self._row)
        elif tag == "col" and (given.get("hidden") in _TRUE or given.get("width") == "0"):
            self.sheet.columns |= set(range(int(given["min"]), min(int(given["max"]), 16384) + 1))
        elif self._cell is not None:
            self._rich.start(tag, given)

    def chars(self, text: str) -> None:
        if self._into == "value":
            self._value += text
        elif self._into == "formula":
            self._formula = (self._formula or "") + text
        elif self._cell is not None:
            self._rich.chars(text)

    def end(self, tag: str) -> None:
        if tag in ("v", "f"):
            self._into = ""
        elif tag == "c":
            self._counted(self._cell or {})
            self._cell = None
        elif self._cell is not None:
            self._rich.end(tag)

    def _counted(self, given: dict[str, str]) -> None:
        place, kind, value = given.get("r"), given.get("t", "n"), self._value
        if kind == "inlineStr":
            value = self._rich.plain()
        if kind == "s" and value in self._strings.empty:
            value = ""
        if value == "" and self._formula is None:
            return
        if place:
            letters = place.rstrip("0123456789")
            self._column, self._row = _column(letters), int(place[len(letters) :])
        at = (self._row, self._column)
        self.sheet.cells += 1
        self.sheet.reaches(*at)
        if value == "" or kind == "e":
            formula = f"={self._formula}"
            text = value if kind == "e" and value else formula
            blank = value == "" and kind == "str"
            self.sheet.unseen.append(Unseen(*at, text, "blank" if blank else "other"))
            return
        text = self._strings.blanks.get(value, "") if kind == "s" else value
        if text and not text.strip(_BLANK):
            self.sheet.unseen.append(Unseen(*at, text, "text"))
            return
        shown = self._shown(given.get("s", "0"), kind, value)
        if shown is not None:
            self.sheet.shown[at] = shown

    def _shown(self, style: str, kind: str, value: str) -> str | None:
        if style in self._styles.struck:
            text = self._rich.plain() if kind == "inlineStr" else "" if kind == "s" else value
            return f"{STRUCK}{text}{STRUCK}"
        if kind == "s":
            return self._strings.rich.get(value)
        if kind == "inlineStr":
            return self._rich.shown() if self._rich.marked() else None
        if kind == "n" and style in self._styles.formats:
            return number_formats.shown(self._styles.formats[style], float(value))
        return None
