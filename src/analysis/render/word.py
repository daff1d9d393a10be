"""HTML → a Word document for editing: real headings, tables with heads, pictures with alt text.

Pandoc converts, shut off from files, network and clock (``--sandbox``); the look comes from a
reference document that is made here of pandoc's own and the catalogue's ``document`` settings.
"""

import io
import re
import subprocess
import zipfile
from functools import cache

from markupsafe import escape

from analysis.language import languages
from analysis.language.languages import choose, say
from analysis.language.messages import tell
from analysis.render import word_tables
from analysis.storage import scratch

_MM = 1440 / 25.4
_HEADER = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<w:hdr xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
    '<w:p><w:pPr><w:jc w:val="center"/></w:pPr><w:fldSimple w:instr="PAGE"/></w:p>'
    '<w:p><w:pPr><w:jc w:val="center"/></w:pPr><w:r><w:rPr><w:b/><w:sz w:val="22"/></w:rPr>'
    "<w:t>{}</w:t></w:r></w:p></w:hdr>"
)
_BORDERS = "".join(
    f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="808080"/>'
    for side in ("top", "left", "bottom", "right", "insideH", "insideV")
)
_NARROW = (
    '<w:tblPr><w:tblCellMar><w:left w:w="45" w:type="dxa"/><w:right w:w="45" w:type="dxa"/>'
    "</w:tblCellMar></w:tblPr>"
)
_LETTER = {  # lines of an official letter's head: the look, and how far a rule is indented (twips)
    "Centred": ("<w:b/>", 0),
    "Numbered": ("", 0),
    "Placed": ("<w:i/>", 0),
    "ShortRule": ('<w:sz w:val="4"/>', 1300),
    "LongRule": ('<w:sz w:val="4"/>', 900),
}
_NO_SPLIT = (
    (b"<w:trPr><w:tblHeader", b"<w:trPr><w:cantSplit/><w:tblHeader"),
    (b"<w:tr><w:tc>", b"<w:tr><w:trPr><w:cantSplit/></w:trPr><w:tc>"),
)
SYNTHETIC = "DỮ LIỆU MINH HỌA, KHÔNG PHẢI SỐ LIỆU THẬT"
_LOCALES = {"vi": "vi-VN", "en": "en-GB"}


class WordError(Exception):
    """Pandoc could not make the document, with what it said; or it is not installed."""


def docx(html: str, title: str, document: dict, synthetic: bool) -> bytes:
    """The Word document of an HTML body, the same bytes each time; its ``h2`` is Word's Heading 1.

    ``document``: font, size, table_size (points), margins (mm), mark (catalogue, parameters.yml).
    Every page's header carries the mark, and says where the figures are synthetic. The proofing
    language of the document is the language in use.
    """
    mark = " – ".join([choose(document["mark"])] + ([say(SYNTHETIC)] if synthetic else []))
    html = re.sub(r"<(/?)figure\b[^>]*>", r"<\1div>", html)  # or pandoc makes a table of it
    # paper has no folds: notes stand in the open, data behind pictures stay away
    notes = r"<details class='notes'><summary>.*?</summary>(.*?)</details>"
    html = re.sub(notes, r"\1", html, flags=re.S)
    html = re.sub(r"<details\b.*?</details>", "", html, flags=re.S)
    html = word_tables.with_widths(re.sub(r"<(/?)figcaption>", r"<\1p>", html))
    with scratch.folder() as folder:
        look, target = folder / "reference.docx", folder / "made.docx"
        look.write_bytes(reference(document, mark))
        options = ["--sandbox", "-f", "html", "-t", "docx", "--reference-doc", str(look)]
        options += ["--shift-heading-level-by=-1", "-M", f"lang={_locale()}", "-o", str(target)]
        _pandoc(options, html.encode())
        return _finished(target.read_bytes(), title)


def _locale() -> str:
    return _LOCALES[languages.current()]


def _finished(made: bytes, title: str) -> bytes:
    """With the title among the properties and no row on two pages; pandoc repeats a picture's whole
    data as a description beside the alt text, which is taken out."""
    done = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(made)) as held,
        zipfile.ZipFile(done, "w", zipfile.ZIP_DEFLATED) as out,
    ):
        for entry in held.infolist():
            data = held.read(entry.filename)
            if entry.filename == "word/document.xml":
                data = re.sub(rb'descr="data:[^"]*"', b'descr=""', data)
                for row, whole in _NO_SPLIT:
                    data = data.replace(row, whole)
                data = re.sub(rb"<w:tbl>.*?</w:tbl>", _dense, data, flags=re.S)
            if entry.filename == "docProps/core.xml":
                named = f"<dc:title>{escape(title)}</dc:title>".encode()
                data = data.replace(b"<dc:title></dc:title>", named)
            out.writestr(zipfile.ZipInfo(entry.filename), data, zipfile.ZIP_DEFLATED)
    return done.getvalue()


def _dense(table: re.Match) -> bytes:
    style = re.search(rb'w:tblStyle w:val="(Dense\w*)"', table[0])
    return table[0].replace(b'"Compact"', b'"%sText"' % style[1]) if style else table[0]


def reference(document: dict, mark: str) -> bytes:
    """The reference document: A4, margins, font, borders of tables, header with the mark."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(_default())) as held, zipfile.ZipFile(made, "w") as out:
        for name in held.namelist():
            text = held.read(name)
            if change := _CHANGES.get(name):
                text = change(text.decode(), document).encode()
            out.writestr(zipfile.ZipInfo(name), text)
        out.writestr(zipfile.ZipInfo("word/header1.xml"), _HEADER.format(escape(mark)).encode())
    return made.getvalue()


def _styles(xml: str, document: dict) -> str:
    size, table = 2 * document["size"], 2 * document["table_size"]
    xml = re.sub(r"<w:color [^>]*/>", "", xml)
    xml = re.sub(r'(<w:szC?s? w:val=)"(?:24|28|32|40|56)"', rf'\1"{size}"', xml)
    xml = re.sub(r'(w:lang w:val=)"en-US"', rf'\1"{_locale()}"', xml)
    bold = r'(w:styleId="(?:Title|Heading[123])">.*?<w:rPr>)'
    xml = re.sub(bold, r"\1<w:b/>", xml, flags=re.S)
    small = f'<w:rPr><w:sz w:val="{table}"/><w:szCs w:val="{table}"/></w:rPr></w:style>'
    compact = r'(w:styleId="Compact">(?:(?!</w:style>).)*)</w:style>'
    xml = re.sub(compact, rf"\1{small}", xml, count=1, flags=re.S)
    tables = r'(w:styleId="Table">(?:(?!</w:style>).)*?<w:tblPr>)'
    framed = rf"\1<w:tblBorders>{_BORDERS}</w:tblBorders>"
    xml = re.sub(tables, framed, xml, count=1, flags=re.S)
    title = r'(w:styleId="Heading1">(?:(?!</w:style>).)*?<w:pPr>(?:(?!</w:pPr>).)*)'
    xml = re.sub(title, r'\1<w:jc w:val="center"/>', xml, count=1, flags=re.S)
    own = [_line(name, *look) for name, look in _LETTER.items()]
    own.append(_own("table", "Letter", ""))
    for name, points in word_tables.DENSE.items():
        own.append(_own("table", name, f'<w:basedOn w:val="Table"/>{_NARROW}'))
        small = f'<w:rPr><w:sz w:val="{2 * points:.0f}"/><w:szCs w:val="{2 * points:.0f}"/></w:rPr>'
        own.append(_own("paragraph", f"{name}Text", f'<w:basedOn w:val="Compact"/>{small}'))
    return xml.replace("</w:styles>", f"{''.join(own)}</w:styles>")


def _own(kind: str, name: str, said: str) -> str:
    return (
        f'<w:style w:type="{kind}" w:customStyle="1" w:styleId="{name}"><w:name w:val="{name}"/>'
        f"{said}</w:style>"
    )


def _line(name: str, look: str, aside: int) -> str:
    """The style of a centred line; ``aside``: indent (twips) of a rule, 0 for none."""
    rule = '<w:pBdr><w:bottom w:val="single" w:sz="6" w:space="1" w:color="auto"/></w:pBdr>'
    indent = f'<w:ind w:left="{aside}" w:right="{aside}"/>'
    look = look if aside else f'{look}<w:sz w:val="26"/>'
    return _own(
        "paragraph",
        name,
        f'<w:basedOn w:val="Normal"/><w:pPr>{rule * bool(aside)}<w:spacing w:before="0" '
        f'w:after="60"/>{indent * bool(aside)}<w:jc w:val="center"/></w:pPr><w:rPr>{look}</w:rPr>',
    )


def _theme(xml: str, document: dict) -> str:
    return re.sub(r'<a:latin typeface="[^"]*"', f'<a:latin typeface="{document["font"]}"', xml)


def _page(xml: str, document: dict) -> str:
    sides = {side: round(mm * _MM) for side, mm in document["margins"].items()}
    margins = " ".join(f'w:{side}="{twips}"' for side, twips in sides.items())
    section = (
        '<w:sectPr><w:headerReference w:type="default" r:id="rIdMark"/>'
        '<w:pgSz w:w="11906" w:h="16838"/>'
        f'<w:pgMar {margins} w:header="500" w:footer="500" w:gutter="0"/></w:sectPr>'
    )
    xml = re.sub(r"<w:sectPr\b[^>]*/>|<w:sectPr\b.*?</w:sectPr>", "", xml, flags=re.S)
    return xml.replace("</w:body>", f"{section}</w:body>")


def _relations(xml: str, document: dict) -> str:
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/header"
    line = f'<Relationship Id="rIdMark" Type="{kind}" Target="header1.xml"/>'
    return xml.replace("</Relationships>", f"{line}</Relationships>")


def _types(xml: str, document: dict) -> str:
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.header+xml"
    line = f'<Override PartName="/word/header1.xml" ContentType="{kind}"/>'
    return xml.replace("</Types>", f"{line}</Types>")


_CHANGES = {
    "word/styles.xml": _styles,
    "word/theme/theme1.xml": _theme,
    "word/document.xml": _page,
    "word/_rels/document.xml.rels": _relations,
    "[Content_Types].xml": _types,
}


@cache
def _default() -> bytes:
    return _pandoc(["--print-default-data-file", "reference.docx"])


def _pandoc(options: list[str], given: bytes = b"") -> bytes:
    try:
        import pypandoc  # the only library of ours that may be absent (155 MB)
    except ImportError as error:
        raise WordError(
            tell(
                "pandoc is not installed: pip install pypandoc-binary (or take docx out of the "
                "page’s “also” in reports/site.yml), then run the same command again"
            )
        ) from error
    command = [pypandoc.get_pandoc_path(), *options]
    held = {"LC_ALL": "C.UTF-8"}
    done = subprocess.run(command, input=given, capture_output=True, env=held, timeout=120)
    if done.returncode:
        raise WordError(done.stderr.decode(errors="replace").strip())
    return done.stdout
