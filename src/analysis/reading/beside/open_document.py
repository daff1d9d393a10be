"""The second reading of .ods: cells as they are repeated, errors, formats, marks, what is hidden.

OpenDocument 1.3, part 3: content.xml holds sheets (table:table), rows and cells that may be
repeated, and styles; number styles say how numbers are shown.
"""

from zipfile import ZipFile

from analysis.language.words import number
from analysis.reading.beside.sheet import STRUCK, Sheet, Unseen, parse, written

_ERRORS = ("#", "Err:")


def look(package: ZipFile) -> dict[str, Sheet]:
    """What content.xml says of each sheet, by name, hidden ones too.

    Raises
    ------
    KeyError, ValueError, zipfile.BadZipFile, xml.parsers.expat.ExpatError
    """
    styles = package.read("styles.xml") if "styles.xml" in package.namelist() else b""
    content = package.read("content.xml")
    seen = _Content()
    if styles:
        parse(styles, seen.style_start, seen.style_end, seen.style_chars)
    parse(content, seen.start, seen.end, seen.chars)
    return seen.sheets


class _Style:
    def __init__(self, parent: str | None, numbers: str | None) -> None:
        self.parent, self.numbers = parent, numbers
        self.struck = self.raised = self.hidden = False


class _Content:
    """A document as it is gone through."""

    def __init__(self) -> None:
        self.sheets: dict[str, Sheet] = {}
        self._styles: dict[str, _Style] = {}
        self._formats: dict[str, list] = {}
        self._style: _Style | None = None
        self._format: list | None = None
        self._words = self._inside = False
        self._sheet: Sheet | None = None
        self._nested = self._row = self._column = 0
        self._times = 1
        self._columns: list[tuple[str | None, int]] = []
        self._cell: dict[str, str] | None = None
        self._text: list[tuple[str, bool, bool]] = []
        self._spans: list[str] = []
        self._paragraph = self._note = 0
        self._answered = False  # a formula that gives an empty text has a paragraph without letters

    # --- styles ---

    def style_start(self, tag: str, given: dict[str, str]) -> None:
        if tag == "style":
            name, parent = given.get("style:name", ""), given.get("style:parent-style-name")
            self._style = self._styles[name] = _Style(parent, given.get("style:data-style-name"))
        elif tag in ("number-style", "percentage-style", "currency-style"):
            self._format = self._formats[given.get("style:name", "")] = []
        elif self._format is not None and tag == "number":
            scale = float(given.get("number:display-factor", 1))
            self._format.append(("number", scale))
        elif self._format is not None and tag in ("text", "currency-symbol"):
            self._words = True
            self._format.append(["words", ""])
        elif self._style is not None and tag == "text-properties":
            through = ("style:text-line-through-style", "style:text-line-through-type")
            self._style.struck = any(given.get(a, "none") != "none" for a in through)
            position = given.get("style:text-position", "0%").split()[0]
            self._style.raised = position == "super" or position.rstrip("%").strip("0") > "0"
        elif self._style is not None and tag == "table-properties":
            self._style.hidden = given.get("table:display") == "false"

    def style_end(self, tag: str) -> None:
        if tag == "style":
            self._style = None
        elif tag in ("number-style", "percentage-style", "currency-style"):
            self._format = None
        elif tag in ("text", "currency-symbol"):
            self._words = False

    def style_chars(self, text: str) -> None:
        if self._words and self._format:
            self._format[-1][1] += text

    def _of(self, name: str | None) -> list[_Style]:
        """A style and those that it rests on."""
        held: list[_Style] = []
        while name in self._styles and len(held) < 20:
            held.append(self._styles[name])
            name = held[-1].parent
        return held

    # --- sheets ---

    def start(self, tag: str, given: dict[str, str]) -> None:
        if tag == "table" and self._sheet is None:
            style = self._of(given.get("table:style-name"))
            self._sheet = Sheet(hidden=any(s.hidden for s in style))
            self.sheets[given.get("table:name", "")] = self._sheet
            self._row, self._columns = 0, []
        elif self._sheet is None:
            self.style_start(tag, given)
        elif tag == "table":
            self._nested += 1  # a table inside a cell
        elif self._nested:
            return
        elif tag == "table-column":
            times = int(given.get("table:number-columns-repeated", 1))
            first = sum(n for _, n in self._columns) + 1
            self._columns.append((given.get("table:default-cell-style-name"), times))
            if given.get("table:visibility", "visible") != "visible":
                self._sheet.columns |= set(range(first, min(first + times, 16385)))
        elif tag == "table-row":
            self._times = int(given.get("table:number-rows-repeated", 1))
            self._row, self._column = self._row + 1, 0
            if given.get("table:visibility", "visible") != "visible":
                last = min(self._row + self._times, 1048577)
                self._sheet.rows |= set(range(self._row, last))
        elif tag in ("table-cell", "covered-table-cell"):
            self._cell, self._text, self._spans = given, [], []
            self._paragraph = self._note = 0
            self._answered = False
        elif tag == "annotation":
            self._note += 1
        elif self._cell is not None and not self._note:
            self._inside_start(tag, given)

    def _inside_start(self, tag: str, given: dict[str, str]) -> None:
        if tag == "p":
            if self._text:
                self._text.append(("\n", False, False))
            self._paragraph += 1
            self._answered = True
        elif tag == "span":
            self._spans.append(given.get("text:style-name", ""))
        elif tag == "s":
            self._text.append((" " * int(given.get("text:c", 1)), False, False))
        elif tag in ("tab", "line-break"):
            self._text.append((" ", False, False))

    def chars(self, text: str) -> None:
        if self._sheet is None:
            self.style_chars(text)
        elif self._paragraph and not self._note and not self._nested:
            styles = [s for name in self._spans for s in self._of(name)]
            raised, struck = any(s.raised for s in styles), any(s.struck for s in styles)
            self._text.append((text, raised, struck))

    def end(self, tag: str) -> None:
        if self._sheet is None:
            self.style_end(tag)
        elif tag == "table":
            if self._nested:
                self._nested -= 1
            else:
                self._sheet = None
        elif self._nested:
            return
        elif tag == "table-row":
            self._row += self._times - 1
        elif tag == "annotation":
            self._note -= 1
        elif tag in ("table-cell", "covered-table-cell"):
            self._counted(self._cell or {})
            self._cell = None
        elif tag == "p" and not self._note:
            self._paragraph = max(0, self._paragraph - 1)
        elif tag == "span" and self._spans:
            self._spans.pop()

    # --- cells ---

    def _counted(self, given: dict[str, str]) -> None:
        times = int(given.get("table:number-columns-repeated", 1))
        first, self._column = self._column + 1, self._column + times
        text = "".join(part for part, *_ in self._text)
        kind = given.get("office:value-type", given.get("calcext:value-type", ""))
        formula = given.get("table:formula")
        if text == "" and formula is None and kind in ("", "string"):
            return
        sheet, style = self._sheet, given.get("table:style-name") or self._default(first)
        wrong = given.get("calcext:value-type") == "error" or (
            formula is not None and text.startswith(_ERRORS)
        )
        unseen = None
        if wrong:
            unseen = (text or "#N/A", "other")
        elif formula is not None and kind in ("", "string") and text == "":
            unseen = ("=" + formula.partition("=")[2], "blank" if self._answered else "other")
        shown = None if unseen else self._shown(style, kind, text, given)
        sheet.cells += self._times * times
        sheet.reaches(self._row + self._times - 1, self._column)
        if unseen is None and shown is None:
            return
        for row in range(self._row, self._row + self._times):
            for column in range(first, first + times):
                if unseen:
                    sheet.unseen.append(Unseen(row, column, *unseen))
                else:
                    sheet.shown[row, column] = shown

    def _default(self, column: int) -> str | None:
        at = 0
        for style, times in self._columns:
            at += times
            if column <= at:
                return style
        return None

    def _shown(self, style: str | None, kind: str, text: str, given: dict[str, str]) -> str | None:
        styles = self._of(style)
        if any(s.struck for s in styles):
            return STRUCK + STRUCK
        if any(raised or struck for _, raised, struck in self._text):
            return written(self._text)
        if kind not in ("float", "percentage", "currency"):
            return None
        named = next((s.numbers for s in styles if s.numbers), None)
        parts = self._formats.get(named or "", [])
        return _number(float(given["office:value"]), parts, kind == "percentage")


def _number(value: float, parts: list, percent: bool) -> str | None:
    """What a number style makes of a number, where that says something else."""
    words = [p[1] for p in parts if p[0] == "words"]
    scale = next((p[1] for p in parts if p[0] == "number"), 1.0)
    says = [w for w in words if any(c.isalpha() or c in "%‰$€₫" for c in w)]
    if not (percent or says or scale != 1):
        return None
    value = value * 100 if percent else value / scale
    text = number(abs(value), 0 if float(value).is_integer() else 2)
    text = f"-{text}" if value < 0 else text  # as it is typed
    if percent:
        return f"{text}%"
    before = [p[1] for p in parts[: next((i for i, p in enumerate(parts) if p[0] == "number"), 0)]]
    after = [w for w in words if w not in before]
    return f"{''.join(before).strip()} {text} {''.join(after).strip()}".strip()
