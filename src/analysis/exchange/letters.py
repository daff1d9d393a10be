"""A letter to an office as a page of HTML: it opens and prints on A4 from any browser or Word,
needs nothing beside it, and is the same bytes for the same words.
"""

from collections.abc import Iterable, Sequence
from html import escape

from analysis.language.words import printable

_STYLE = (
    "@page{size:A4;margin:15mm}"
    "body{font:12pt/1.4 'Times New Roman',Tinos,serif;color:black;background:white;"
    "max-width:170mm;margin:10mm auto}"
    "h1{font-size:16pt;margin:0 0 4mm}h2{font-size:13pt;margin:6mm 0 2mm}"
    "p{margin:0 0 2mm}ul{margin:0;padding-left:6mm}"
    "table{border-collapse:collapse;width:100%;margin:2mm 0;font-size:10pt}"
    "th,td{border:1px solid gray;padding:1mm 2mm;text-align:left;vertical-align:top;"
    "overflow-wrap:break-word}tbody:first-child td{overflow-wrap:anywhere}"
    "thead{display:table-header-group}tr{break-inside:avoid}"
    "@media print{body{margin:0;max-width:none}}"
)


def page(title: str, parts: Iterable[str], language: str = "vi") -> str:
    """The whole page; ``parts`` as of the functions below."""
    said = escape(printable(title))
    return (
        f'<!DOCTYPE html>\n<html lang="{language}">\n<head><meta charset="utf-8">'
        f"<title>{said}</title><style>{_STYLE}</style></head>\n<body>\n<h1>{said}</h1>\n"
        + "\n".join(parts)
        + "\n</body>\n</html>\n"
    )


def paragraph(text: str) -> str:
    """A paragraph of text."""
    return f"<p>{_text(text)}</p>"


def heading(text: str) -> str:
    """A heading over what follows."""
    return f"<h2>{_text(text)}</h2>"


def bullets(texts: Iterable[str]) -> str:
    """A list, one text on a line."""
    return "<ul>\n" + "\n".join(f"<li>{_text(text)}</li>" for text in texts) + "\n</ul>"


def table(rows: Iterable[Sequence[str]], heads: Sequence[str] = ()) -> str:
    """A table; the first cell of each row is its head where there are no ``heads``."""
    top = "".join(f"<th>{_text(head)}</th>" for head in heads)
    top = f"<thead><tr>{top}</tr></thead>\n" if heads else ""
    first = "td" if heads else "th"
    body = "\n".join(
        f"<tr><{first}>{_text(row[0])}</{first}>"
        + "".join(f"<td>{_text(cell)}</td>" for cell in row[1:])
        + "</tr>"
        for row in rows
    )
    return f"<table>\n{top}<tbody>\n{body}\n</tbody></table>"


def _text(text: str) -> str:
    return escape(printable(str(text)))
