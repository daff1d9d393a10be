"""Files that nobody should send: strategies for what is in them, how they are built and packed.

A case starts from a real blank or a filled sample and is spoilt in one way (:data:`KINDS`) by text
of :func:`texts`. The tests draw a few hundred, ``tools/fuzz.py`` thousands.
"""

import io
import math
import random
import re
import shutil
import struct
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path

import openpyxl
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from openpyxl.chart import BarChart
from openpyxl.comments import Comment
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.workbook.defined_name import DefinedName
from python_calamine import CalamineWorkbook

from analysis.catalogue import catalogue as cat
from analysis.catalogue import plans
from analysis.exchange import blank_forms
from analysis.period import check, load, send_back
from analysis.project import PROJECT, Place
from analysis.site import building, planning, share
from analysis.survey import editions, flow

CATALOGUE = cat.load()
EDITION = "apci-2022"

# --- text ----------------------------------------------------------------------------------------

MARKUP = [
    "<script>document.title='pwned'</script>",
    "<img src=x onerror=\"document.title='pwned'\">",
    "<svg onload=document.title='pwned'><animate onbegin=document.title='pwned' /></svg>",
    "<svg/onload=location='https://example.org/pwned'>",
    "</td></tr></table><iframe srcdoc=\"<script>parent.document.title='pwned'</script>\">",
    "</script><script>document.title='pwned'</script>",
    "</style><script>document.title='pwned'</script><!--",
    "\"><a href=\"javascript:document.title='pwned'\" autofocus onfocus=document.title='pwned'>x",
    "' onmouseover='document.title=1' style='position:fixed;inset:0",
    "<meta http-equiv=refresh content='0;url=https://example.org/pwned'>",
    "<link rel=stylesheet href=https://example.org/pwned.css><base href=https://example.org/>",
    "<form action=https://example.org/pwned><button autofocus>x</button></form>",
    "[x](javascript:document.title='pwned') ![x](https://example.org/pwned.png)",
    "`x` **x** # x\n\n<details open ontoggle=document.title='pwned'>",
    "$\\href{javascript:alert(1)}{x}$ \\(\\input{/etc/passwd}\\) $$\\def\\x{\\x\\x}\\x$$",
    "{{ 7*7 }}{% raw %}{{ cycler.__init__.__globals__ }}{# x",
    "{found} {0} {raw_text.__class__} %s %(x)s ${HOME} $(id) `id`",
    "&lt;script&gt;document.title='pwned'&lt;/script&gt;&#60;script&#62;",
    "\u202e<gpj.exe\u2066 \u200b<\u200bscript>\ufeff",
]
FORMULAS = [
    *("=1+1", '=HYPERLINK("https://example.org/pwned","x")', "+1+1", "-1+1", "@SUM(1,1)"),
    *("\t=1+1", "\r=1+1", " =1+1", "=cmd|'/C calc'!A0", '=WEBSERVICE("https://example.org")'),
    *('=1+1";=2', "'=1", "\n=1+1", "＝1+1"),
]
PATHS = [
    "../../../etc/passwd",
    "..\\..\\x",
    "/etc/passwd",
    "C:\\x",
    "file:///etc/passwd",
    "\\\\h\\x",
]
FIGURES = [
    *("NaN", "nan", "inf", "-Infinity", "1e308", "1e400", "-0", "0x10", "1_000", "١٢٣", "12²", "½"),
    *("1.234,5", "1,234.5", "1.234.567", "12 345", "1.2.3", "--1", "5%", "(5)", "12*", "9" * 400),
    *("01/01/0001", "31/12/9999", "30/02/2022", "1/1/22", "44562", "2022-04-01T00:00:00Z", "TRUE"),
]
STRANGE = [
    *("\u200b", "\u202e123", "a\u0301" * 15, "e" + "\u0301\u0323" * 20, "\ufffe", "\U0001f4a3"),
    *("Mẫu phiên bản " + "9" * 5000, "Đơn vị báo cáo:", "Đơn vị báo cáo: " + "x" * 500),
    *("(1)", "(2)", "(99)", "STT", "Tổng số", "Cấp xã", "…", "-", "x", "0", "7", "A" * 300),
    *("Từ ngày 01/01/0001 đến ngày 99/99/9999", "Từ ngày 1/4/2022 đến ngày 30/6/2022"),
    *("Bé Tµi chÝnh Uû ban nh©n d©n tØnh Qu¶ng TrÞ", "Bộ Tài chính", "Tỉnh Hà Giang", "ФОРМА"),
    *("1" * 8000 + "x", "1 " * 4000 + "x", "<" * 5000, "a\n" * 3000),
]
LONG = ["x" * 100_000, "ệ" * 40_000, "1" * 100_000 + "x", "a" + "\u0301\u0323" * 50_000]


def texts() -> st.SearchStrategy[str]:
    """What may stand in a cell, a sheet's name or a comment."""
    listed = [MARKUP, FORMULAS, PATHS, FIGURES, STRANGE]
    return st.one_of(*map(st.sampled_from, listed), st.text(max_size=40))


def names() -> st.SearchStrategy[str]:
    """Stems of file names: what a file system takes."""
    odd = [
        "a\nb",
        "a\u202excod",
        "=1+1",
        "<img src=x onerror=alert(1)>",
        "'\"",
        "{{x}}",
        " ",
        "a" * 200,
    ]
    odd += [
        "..",
        "...",
        "con",
        "a;b|c&d",
        "\x1b[31mx",
        "x.xlsx",
        "%s{found}",
        "-rf",
        "Tệp",
        "\udcff\udc80",
    ]
    return st.one_of(st.sampled_from(odd), st.text(max_size=30)).map(_as_name)


def _as_name(text: str) -> str:
    text = re.sub("[/\0]", "_", text).encode(
        "utf-8", "surrogateescape" if _low(text) else "replace"
    )
    return text[:200].decode("utf-8", "surrogateescape").lstrip(".~") or "_"


def _low(text: str) -> bool:
    """Whether the only surrogates are those that stand for bytes that are no UTF-8."""
    return all(not "\ud800" <= c <= "\udfff" or "\udc80" <= c <= "\udcff" for c in text)


# --- workbooks -----------------------------------------------------------------------------------

_TITLE = re.compile(r"[\\*?:/\[\]]|[^\x20-\ud7ff]")
XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def put(cell, text: str) -> None:
    """Write text into a cell as text, characters that XML has not in Excel's way."""
    if not hasattr(cell, "column_letter"):  # merged
        return
    cell.value = "x"
    cell._value = XML.sub(lambda m: f"_x{ord(m[0]):04X}_", text)[:200_000]
    cell.data_type = "s"


def _cells(sheet) -> list:
    return [c for line in sheet.iter_rows() for c in line if c.value is not None]


def _open(base: bytes):
    return openpyxl.load_workbook(io.BytesIO(base))


def saved(book) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _text(draw: random.Random, base: bytes, words: list[str]) -> bytes:
    """Text in place of what stands in cells, and beside it."""
    book = _open(base)
    sheet = book.worksheets[0]
    there = _cells(sheet)
    for word in words:
        if draw.random() < 0.5:
            put(draw.choice(there), word)
        else:
            put(sheet.cell(draw.randint(1, sheet.max_row + 2), draw.randint(1, 16)), word)
    return saved(book)


def _figures(draw: random.Random, base: bytes, words: list[str]) -> bytes:
    """Numbers that no office has: not finite, huge, negative, as XML writes them."""
    book = _open(base)
    sheet = book.worksheets[0]
    places = [sheet.cell(draw.randint(8, sheet.max_row + 1), draw.randint(3, 12)) for _ in range(4)]
    for cell in places:
        if hasattr(cell, "column_letter"):
            cell.value = 424242
    odd = ["NaN", "INF", "-INF", "1e308", "-1e308", "1e400", "-0", "1.5E-300", "9" * 320, "0x1", ""]
    written = saved(book)
    value = draw.choice(odd).encode()
    return repacked(written, lambda n, d: d.replace(b"<v>424242</v>", b"<v>" + value + b"</v>"))


def _structure(draw: random.Random, base: bytes, words: list[str]) -> bytes:
    """Rows and columns moved, lost, doubled, merged; sheets renamed, hidden, added, reordered."""
    book = _open(base)
    for _ in range(draw.randint(1, 3)):
        sheet, word = draw.choice(book.worksheets), draw.choice(words)
        row, column = draw.randint(1, sheet.max_row + 1), draw.randint(1, 14)
        number = draw.randint(1, 9)
        steps: list[Callable] = [
            lambda s=sheet, r=row, n=number: s.insert_rows(r, n),
            lambda s=sheet, c=column: s.insert_cols(c),
            lambda s=sheet, r=row, n=number: s.delete_rows(r, n),
            lambda s=sheet, c=column: s.delete_cols(c),
            lambda s=sheet, r=row, c=column, n=number: s.merge_cells(
                start_row=r, end_row=r + n, start_column=c, end_column=c + n
            ),
            lambda s=sheet, r=row: [
                put(s.cell(r + 1, c.column), str(c.value)) for c in s[r] if c.value is not None
            ],
            lambda s=sheet, w=word: setattr(s, "title", _TITLE.sub("", w)[:31] or "x"),
            lambda s=sheet: setattr(s, "sheet_state", draw.choice(["hidden", "veryHidden"])),
            lambda b=book, s=sheet: b.copy_worksheet(s),
            lambda b=book: b.move_sheet(b.worksheets[-1], -len(b.worksheets)),
            lambda b=book: b.create_chartsheet("Chart", 0).add_chart(BarChart()),
            lambda b=book: b.create_sheet(draw.choice(["VẤN ĐỀ", "II.06A", "x" * 31])),
        ]  # fmt: skip
        try:
            draw.choice(steps)()
        except (AttributeError, ValueError):  # a merged cell, a name that is taken
            continue
    if not any(s.sheet_state == "visible" for s in book.worksheets):
        book.worksheets[0].sheet_state = "visible"  # openpyxl refuses to write such a book
    return saved(book)


def _values(draw: random.Random, base: bytes, words: list[str]) -> bytes:
    """Formulas without value, errors, dates of the other epoch, truth values, comments, links."""
    book = _open(base)
    sheet = book.worksheets[0]
    if draw.random() < 0.3:
        book.epoch = CALENDAR_MAC_1904
    for word in [*words, "=SUM(C12:C20)", "='[1]x'!A1", "=1/0"]:
        cell = sheet.cell(draw.randint(1, sheet.max_row), draw.randint(1, 13))
        if not hasattr(cell, "column_letter"):
            continue
        kind = draw.randrange(6)
        if kind == 0:
            cell.value = "=" + XML.sub("", word).lstrip("=")
        elif kind == 1:
            cell.value = draw.choice(["#DIV/0!", "#REF!", "#N/A"])
            cell.data_type = "e"
        elif kind == 2:
            cell.value = datetime(1904 + draw.randrange(200), draw.randint(1, 12), 1, 13, 5)
        elif kind == 3:
            cell.value = draw.random() < 0.5
        elif kind == 4:
            cell.comment = Comment(XML.sub("", word) or "x", "x")
        else:
            cell.hyperlink = draw.choice(["javascript:alert(1)", "file:///etc/passwd", "#x"])
    book.defined_names["Auto_Open"] = DefinedName("Auto_Open", attr_text="cmd!$A$1")
    return saved(book)


# --- packages ------------------------------------------------------------------------------------


def repacked(base: bytes, change: Callable[[str, bytes], bytes | None], more=()) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(base)) as held, zipfile.ZipFile(out, "w", 8) as made:
        for entry in held.infolist():
            data = change(entry.filename, held.read(entry))
            if data is not None:
                made.writestr(entry.filename, data)
        for name, data in more:
            made.writestr(name, data)
    return out.getvalue()


def _bytes(draw: random.Random, base: bytes, words: list[str]) -> bytes:
    """Bytes flipped, lost, doubled; the end cut off."""
    data = bytearray(base)
    for _ in range(draw.randint(1, 20)):
        at = draw.randrange(len(data))
        what = draw.randrange(3)
        if what == 0:
            data[at] ^= 1 << draw.randrange(8)
        elif what == 1:
            del data[at : at + draw.randint(1, 50)]
        else:
            data[at:at] = data[at : at + draw.randint(1, 50)]
    return bytes(data[: draw.randrange(len(data))] if draw.random() < 0.3 else data)


def _part(draw: random.Random, base: bytes, words: list[str]) -> bytes:
    """The XML of one part spoilt: cut, tags lost, entities, another root, other numbers."""
    with zipfile.ZipFile(io.BytesIO(base)) as held:
        names = held.namelist()
    chosen = draw.choice(names)
    at, what = draw.random(), draw.randrange(7)
    word = draw.choice(words).encode("utf-8", "replace")

    def change(name: str, data: bytes) -> bytes | None:
        if name != chosen:
            return data
        cut = int(at * len(data))
        if what == 0:
            return None
        if what == 1:
            return data[:cut]
        if what == 2:
            return data[:cut] + word + data[cut:]
        if what == 3:
            return _LAUGHS + data.replace(b"<?xml version='1.0' encoding='UTF-8'?>", b"")
        if what == 4:
            return re.sub(rb'"(\d+)"', lambda m: b'"%d"' % draw.choice([0, -1, 1 << 40]), data)
        if what == 5:
            return data.replace(b"<v>", b"<v>9").replace(b"</row>", b"", 1)
        return re.sub(rb"<(\w+)", lambda m: b"<x" if draw.random() < 0.02 else m[0], data)

    return repacked(base, change)


_LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY f SYSTEM "file:///etc/passwd">'
    + b"".join(
        b'<!ENTITY %c "%s">' % (c + 1, b"&%c;" % c * 20) for c in range(ord("g"), ord("p"))
    ).replace(b"&g;", b"&a;")
    + b"]>"
)


def _more(draw: random.Random, base: bytes, words: list[str]) -> bytes:
    """Parts beside the workbook: macros, external links, names that leave the folder, archives."""
    odd = [
        ("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0" + draw.randbytes(2000)),
        ("xl/externalLinks/externalLink1.xml", b"<externalLink/>"),
        ("../../evil.xml", b"<x/>"),
        ("/etc/evil", b"x"),
        ("..\\evil", b"x"),
        ("xl/worksheets/sheet1.xml", b"<worksheet/>"),
        ("xl/sharedStrings.xml", b"<sst/>"),
        ("XL/WORKSHEETS/SHEET1.XML", b"x"),
        ("inner.xlsx", base),
        ("x" * 5000, b"x"),
        ("xl/theme/theme1.xml", _LAUGHS + b"<x>&p;&f;</x>"),
    ]
    return repacked(base, lambda n, d: d, draw.sample(odd, draw.randint(1, 3)))


def _sheets(draw: random.Random, base: bytes, words: list[str]) -> bytes:
    """The list of sheets spoilt: none, the same name twice, names apart by case, no such part."""
    first = rb'<sheet [^>]*name="([^"]*)"[^>]*/>'
    what = draw.randrange(5)

    def change(name: str, data: bytes) -> bytes:
        if name != "xl/workbook.xml":
            return data
        found = re.search(first, data)
        title = found[1]
        if what == 0:
            return re.sub(first, b"", data)
        if what == 1:
            return re.sub(rb'name="[^"]*"(?= )', b'name="' + title + b'"', data)
        if what == 2:
            swapped = title.swapcase()
            return data.replace(b"</sheets>", found[0].replace(title, swapped) + b"</sheets>")
        if what == 3:
            return data.replace(b"</sheets>", found[0] + b"</sheets>")
        return data.replace(b'r:id="rId1"', b'r:id="rId99"')

    return repacked(base, change)


def _garbage(draw: random.Random, base: bytes, words: list[str]) -> bytes:
    """Something else under the name of a workbook."""
    text = "\n".join(words).encode("utf-8", "surrogatepass")
    return draw.choice(
        [
            b"",
            b"PK\x03\x04" + draw.randbytes(500),
            b"PK\x05\x06" + bytes(18),
            draw.randbytes(draw.randrange(3000)),
            b"<html><table><tr><td>" + text + b"</td></tr></table></html>",
            b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:x"/>',
            b"%PDF-1.7\n" + text,
            b"{\\rtf1 " + text,
            encrypted(draw),
            text,
            bytes(1000),
            text.decode("utf-8", "replace").encode("utf-16"),
        ]
    )


def encrypted(draw: random.Random) -> bytes:
    """An OLE2 file whose one stream says that it is an encrypted package."""
    head = struct.pack(
        "<8s16sHHHHH10sIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", 62, 3, 0xFFFE, 9, 6,
        b"", 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0,
    ) + struct.pack("<109I", 0, *[0xFFFFFFFF] * 108)  # fmt: skip
    fat = struct.pack(
        "<128I", 0xFFFFFFFD, 0xFFFFFFFE, *range(3, 12), 0xFFFFFFFE, *[0xFFFFFFFF] * 116
    )

    def entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
        title = (name.encode("utf-16-le") + b"\0\0").ljust(64, b"\0")
        size_of = len(name) * 2 + 2
        tail = struct.pack("<IIQ", 0, start, size)
        links = struct.pack("<III", 0xFFFFFFFF, 0xFFFFFFFF, child)
        return title + struct.pack("<HBB", size_of, kind, 1) + links + bytes(16) + bytes(16) + tail

    entries = entry("Root Entry", 5, 1, 0xFFFFFFFE, 0) + entry(
        "EncryptedPackage", 2, 0xFFFFFFFF, 2, 5120
    )
    return head + fat + (entries + bytes(256)).ljust(512, b"\0") + draw.randbytes(5120)


def _csv(draw: random.Random, base: bytes, words: list[str]) -> bytes:
    """Lines of a text file: fields doubled, quotes left open, zero bytes, other encodings."""
    lines = base.decode("utf-8-sig").splitlines()[:60]
    for word in words:
        at, what = draw.randrange(len(lines)), draw.randrange(6)
        fields = lines[at].split(",")
        if what == 0:
            fields[draw.randrange(len(fields))] = '"' + word.replace('"', '""') + '"'
        elif what == 1:
            fields[draw.randrange(len(fields))] = word
        elif what == 2:
            fields += [word] * 50
        elif what == 3:
            del fields[draw.randrange(len(fields)) :]
        elif what == 4:
            lines.insert(at, lines[at])
        else:
            fields[0] += '"\0'
        lines[at] = ",".join(fields)
    encoding = draw.choice(["utf-8", "utf-8", "utf-8", "utf-16", "cp1258"])
    return "\n".join(lines).encode(encoding, "replace")


# --- heavy ones, one of each in the tests ---------------------------------------------------------


def _far(draw: random.Random, base: bytes, words: list[str]) -> bytes:
    """Two cells in opposite corners."""
    book = _open(base)
    book.worksheets[0][draw.choice(["XFD1048576", "CV1048576", "ZZ20000"])] = 1
    return saved(book)


def _wide(draw: random.Random, base: bytes, words: list[str]) -> bytes:
    """A few hundred rows, one of which reaches the last column."""
    book = _open(base)
    sheet = book.worksheets[0]
    sheet["XFD3"] = 1
    for row in range(sheet.max_row + 1, 240):
        sheet.cell(row, 1, row)
    return saved(book)


def _rows(draw: random.Random, base: bytes, words: list[str], number: int = 1_000_000) -> bytes:
    """A million rows that are really there, each with a cell."""
    rows = b"".join(
        b'<row r="%d"><c r="A%d"><v>1</v></c></row>' % (n, n) for n in range(500, number)
    )
    return repacked(base, lambda n, d: d.replace(b"</sheetData>", rows + b"</sheetData>"))


def _claims(draw: random.Random, base: bytes, words: list[str]) -> bytes:
    """A sheet that says it has a million rows."""
    claim = b'<dimension ref="A1:XFD1048576"/>'
    return repacked(base, lambda n, d: re.sub(rb"<dimension [^>]*/>", claim, d))


def _bomb(draw: random.Random, base: bytes, words: list[str]) -> bytes:
    """Hundreds of megabytes of blanks, in a part that is read or in one beside it."""
    blanks = b" " * 420_000_000
    if draw.random() < 0.5:
        return repacked(base, lambda n, d: d, [("xl/media/x.bin", blanks)])
    return repacked(base, lambda n, d: d + blanks if n.endswith("sheet1.xml") else d)


def _liar(draw: random.Random, base: bytes, words: list[str]) -> bytes:
    """The same, with a directory that says the part is small."""
    data = bytearray(
        repacked(base, lambda n, d: d, [("xl/worksheets/sheet9.xml", b"0" * 80_000_000)])
    )
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", 100)
    return bytes(data)


def _members(draw: random.Random, base: bytes, words: list[str]) -> bytes:
    """Thousands of parts."""
    return repacked(base, lambda n, d: d, [(f"xl/media/{n}", b"") for n in range(20_000)])


def _strings(draw: random.Random, base: bytes, words: list[str]) -> bytes:
    """One long text that a hundred thousand cells share."""
    cells = b"".join(
        b'<row r="%d"><c r="A%d" t="s"><v>0</v></c></row>' % (n, n) for n in range(900, 100_000)
    )
    kind = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    told = b'<Relationship Id="s1" Type="' + kind + b'" Target="sharedStrings.xml"/>'
    ends = {b"</sheetData>": cells, b"</Relationships>": told}

    def change(name: str, data: bytes) -> bytes:
        if name in ("xl/_rels/workbook.xml.rels", "xl/worksheets/sheet1.xml"):
            for end, more in ends.items():
                data = data.replace(end, more + end)
        return data

    space = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>'
    shared = space + b"x" * 30_000 + b"</t></si></sst>"
    return repacked(base, change, [("xl/sharedStrings.xml", shared)])


def _long(draw: random.Random, base: bytes, words: list[str]) -> bytes:
    """A hundred thousand characters in a cell."""
    return _text(draw, base, [draw.choice(LONG)])


def _merged(draw: random.Random, base: bytes, words: list[str]) -> bytes:
    """A merged cell as large as the sheet."""
    area = b'<mergeCells count="1"><mergeCell ref="A100:XFD1048576"/></mergeCells>'
    return repacked(base, lambda n, d: d.replace(b"</sheetData>", b"</sheetData>" + area))


def _styled(draw: random.Random, base: bytes, words: list[str]) -> bytes:
    """Half a million cells that have a look and no content."""
    row = b"".join(b'<c r="%c%%d" s="1"/>' % c for c in b"ABCDEFGHIJ")
    rows = b"".join(b'<row r="%d">' % n + row % ((n,) * 10) + b"</row>" for n in range(900, 50_900))
    return repacked(base, lambda n, d: d.replace(b"</sheetData>", rows + b"</sheetData>"))


KINDS: dict[str, Callable[[random.Random, bytes, list[str]], bytes]] = {
    "text": _text,
    "figures": _figures,
    "structure": _structure,
    "values": _values,
    "bytes": _bytes,
    "part": _part,
    "more": _more,
    "sheets": _sheets,
    "garbage": _garbage,
    "csv": _csv,
}


def _deep(draw: random.Random, base: bytes, words: list[str]) -> bytes:
    """A row whose number is beyond any sheet, where only the slow reader looks."""
    rows = b'<row r="99999999999"><c t="e"><v>#REF!</v></c></row>'
    return repacked(base, lambda n, d: d.replace(b"</sheetData>", rows + b"</sheetData>"))


HEAVY: dict[str, Callable[[random.Random, bytes, list[str]], bytes]] = {
    "far": _far,
    "deep": _deep,
    "wide": _wide,
    "rows": _rows,
    "claims": _claims,
    "bomb": _bomb,
    "liar": _liar,
    "members": _members,
    "strings": _strings,
    "long": _long,
    "merged": _merged,
    "styled": _styled,
}
_ANY_SUFFIX = {"bytes", "part", "more", "garbage"}
_OTHER = [".xlsm", ".xls", ".xlsb", ".ods", ".csv", ".XLSX", ".txt", ""]


# --- cases ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """One file: what it is made of; the bytes are made when they are asked for."""

    kind: str
    stem: str
    other: str | None
    words: tuple[str, ...]
    seed: int

    def base(self, bases: dict[str, bytes]) -> str:
        """Name of the file that is spoilt."""
        wanted = {"csv": (".csv",), "bytes": (".xlsx", ".xls")}.get(self.kind, (".xlsx",))
        return random.Random(self.seed).choice([n for n in bases if n.endswith(wanted)])

    def name(self, bases: dict[str, bytes], number: int) -> str:
        """A file name that no other ``number`` gives."""
        suffix = Path(self.base(bases)).suffix if self.other is None else self.other
        return f"{self.stem}_{number}{suffix}"

    def build(self, bases: dict[str, bytes]) -> bytes:
        make, base = (KINDS | HEAVY)[self.kind], bases[self.base(bases)]
        return make(random.Random(self.seed), base, list(self.words))


def cases(bases: dict[str, bytes], kinds: Sequence[str] = ()) -> st.SearchStrategy[Case]:
    """Cases of some kinds (all but the heavy ones); ``bases``: what they start from, by name."""
    lines = any(name.endswith(".csv") for name in bases)

    def of(kind: str) -> st.SearchStrategy[Case]:
        other = [None, None, None, *_OTHER] if kind in _ANY_SUFFIX else [None]
        return st.builds(
            Case,
            kind=st.just(kind),
            stem=names(),
            other=st.sampled_from(other),
            words=st.lists(texts(), min_size=1, max_size=5).map(tuple),
            seed=st.integers(0, 2**32 - 1),
        )

    return st.sampled_from([k for k in kinds or KINDS if k != "csv" or lines]).flatmap(of)


# --- where they are sent -------------------------------------------------------------------------

PERIODS = ["2022-Q2", "pci-2010"]
SETTINGS = [*PERIODS, EDITION]
FRAME = ["edition.yml", "selected.csv", "strata.csv", "totals.csv"]


@cache
def bases(setting: str) -> dict[str, bytes]:
    """Real files of a period or edition, and blanks: what cases start from."""
    place = Place()
    if setting == EDITION:
        folder = place.survey(setting)
        lines = (folder / "phieu_mien_bac.csv").read_bytes().splitlines(keepends=True)
        return {
            "a.csv": b"".join(lines[:41]),
            "a.xlsx": _rewritten(folder / "phieu_mien_trung.xlsx"),
        }
    folder, found = place.submissions(setting), {}
    if setting == "pci-2010":
        path = folder / "PCI_2010.xls"
        return {"a.xls": path.read_bytes(), "a.xlsx": _rewritten(path)}
    plan = plans.plan(setting, CATALOGUE)
    for code in plan.forms:
        unit = plans.due_units(CATALOGUE, plan, code).iloc[0]
        form = CATALOGUE.forms[code]
        if form["layout"] == "sheet":
            fields = blank_forms.form_fields(form, CATALOGUE)
            book = blank_forms.blank(form, unit, plan, {lv: n[:3] for lv, n in fields.items()})
            found[f"{code}.xlsx"] = saved(book)
    for path in sorted(folder.glob("*.xlsx")):
        if path.stat().st_size < 60_000 and zipfile.is_zipfile(path):
            found[path.name] = path.read_bytes()
    return found


def _rewritten(path: Path, most: int = 45) -> bytes:
    """The first rows of each sheet as an .xlsx that openpyxl can spoil."""
    book, source = openpyxl.Workbook(), CalamineWorkbook.from_path(str(path))
    book.remove(book.active)
    for name in source.sheet_names[:4]:
        sheet = book.create_sheet(name)
        for line in source.get_sheet_by_name(name).to_python(skip_empty_area=False)[:most]:
            sheet.append([None if v == "" else v for v in line])
    return saved(book)


def drawn(setting: str, files: int, number: int, kinds: Sequence[str] = ()) -> list[Case]:
    """``files`` cases, the same for the same ``number``; each spoils a file in its own way."""
    found: list[Case] = []

    @seed(number)
    @settings(max_examples=files, phases=[Phase.generate], database=None, deadline=None,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(cases(bases(setting), kinds))
    def collect(case):
        found.append(case)

    collect()
    seeds = random.Random(number)
    return [replace(case, seed=seeds.getrandbits(32)) for case in found]


def project(root: Path, setting: str) -> Path:
    """A project whose one period or edition has no file yet; returns the folder for them."""
    place = Place()
    if setting == EDITION:
        source, folder = place.survey(setting), root / "data/survey" / setting
        described = FRAME
    else:
        source, folder = place.submissions(setting), root / "data/submissions" / setting
        described = ["period.yml"]
    folder.mkdir(parents=True)
    for name in described:
        shutil.copy(source / name, folder)
    if setting == EDITION:  # there is no edition before
        text = (folder / "edition.yml").read_text("utf-8")
        (folder / "edition.yml").write_text(re.sub("(?m)^earlier:.*\n", "", text), "utf-8")
    if not (root / "data/catalogue").exists():
        (root / "data/catalogue").symlink_to(PROJECT / "data/catalogue")
    return folder


def checked(root: Path, setting: str) -> dict:
    """The tables that checking the files gives: cells, issues, balance and more."""
    if setting == EDITION:
        plan = plans.edition(*setting.split("-"), CATALOGUE, root)
        return flow.check(plan, CATALOGUE, Place(root))
    return check(plans.plan(setting, CATALOGUE, root), CATALOGUE, root)


def through(root: Path, setting: str, pages: bool = False) -> dict:
    """What :func:`checked` returns, after the whole flow: tables made, what goes back written,
    pages planned; with ``pages`` they are built and packed too.

    Of an edition that cannot be estimated, after what goes back.

    Raises
    ------
    AssertionError
        where a page failed or something could not be written. And whatever a step raises.
    """
    _complete(root)
    if setting == EDITION:
        found = checked(root, setting)
        try:
            loaded = editions.load(setting.split("-")[1], root=root)
        except editions.NoResponsesError as error:
            plan = plans.edition(*setting.split("-"), CATALOGUE, root)
            _all_back(editions.give_back(error.issues, plan, Place(root), CATALOGUE), found)
            return found
        back = editions.send_back(loaded)
    else:
        loaded = load(setting, root)
        back = send_back(loaded.tables, loaded.plan, root)
        found = {name: getattr(loaded.tables, name) for name in ("cells", "issues", "balance")}
    _all_back(back, found)
    planned = planning.plan(loaded)
    assert planned.subject.key() and planned.subject.entries() and planned.due
    if pages:
        built = building.build(loaded, workers=1)
        failed = {r.page.name: r.message for r in built.results if r.status != "ok"}
        assert not failed, failed
        assert "index.html" in share.archive(loaded, root / "site.zip", False).names
    return found


def _complete(root: Path) -> None:
    """What pages are made of."""
    for name in ("data/reference", "notebooks", "reports/templates", "reports/site.yml"):
        if not (root / name).exists():
            (root / name).parent.mkdir(exist_ok=True)
            (root / name).symlink_to(PROJECT / name)


def _all_back(written, found: dict) -> None:
    """Every file with something to mend has its copy."""
    issues = found["issues"]
    named = issues.loc[(issues["severity"] == "blocking"), "source_file"]
    assert written.listed.exists() and not written.troubles, written.troubles
    assert len(written.copies) >= len(set(named) - {""}) and all(p.exists() for p in written.copies)


def faults(found: dict, names: set[str]) -> dict[str, str]:
    """File → what is wrong with its fate: the file lost, a cell lost, refused without a reason."""
    balance, issues = found["balance"].set_index("source_file"), found["issues"]
    wrong = dict.fromkeys(names - set(balance.index), "not in the balance")
    # of a spoilt file one reader may see less than its bytes hold: it is refused for it, by name
    named = set(issues.loc[issues["rule"] == "cells_unaccounted", "source_file"])
    lost = balance[(balance["unaccounted"] != 0) & ~balance.index.isin(named)]
    wrong |= {name: f"{n} cells lost" for name, n in lost["unaccounted"].items()}
    told = issues[(issues["severity"] == "blocking") & issues["message_vi"].str.len().gt(20)]
    mute = set(balance.index[balance["submitted"] == 0]) - set(told["source_file"])
    wrong |= dict.fromkeys(mute, "no cell and no reason")
    cells = found["cells"]
    value = "obs_value" if "obs_value" in cells else "value"
    accepted = cells[cells["fate"].eq("accepted") & cells[value].notna()]
    finite = accepted[value].map(lambda v: not isinstance(v, float) or math.isfinite(v))
    wrong |= dict.fromkeys(accepted.loc[~finite.astype(bool), "source_file"], "no figure")
    return wrong
