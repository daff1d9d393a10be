"""Executed notebook → files beside its page: a workbook, a PDF, a Word document, pictures.

They are made of what the notebook displays, as the page is, so that no figure can differ.
"""

import base64
import os
from collections.abc import Callable
from datetime import UTC, datetime
from html import escape

from nbformat import NotebookNode

from analysis.display import resource, theme
from analysis.language.languages import say
from analysis.render import page_workbook, pdf, word

ONLY_PAGE = "page-only"
"""Tag of a cell that a document leaves out: its outputs, or the title where it is the first."""


Lay = Callable[[str, bytes], str]
"""Puts a file of that name beside the page; returns the name that it got."""


def write(
    kinds: tuple[str, ...], notebook: NotebookNode, stem: str, title: str, context, lay: Lay
) -> list[dict]:
    """Write the exports of ``kinds`` of the page ``stem``; returns href and text of each.

    ``context``: :class:`analysis.render.report.Context`.
    """
    return [
        {"href": lay(name, data), "text": text}
        for kind in kinds
        for name, text, data in KINDS[kind](notebook, stem, title, context)
    ]


def written(
    kinds: tuple[str, ...], notebook: NotebookNode, stem: str, title: str, context, lay: Lay
) -> tuple[list[dict], str]:
    """As :func:`write`; where the browser does not print or pandoc makes no document, all but
    that, and what it said."""
    try:
        return write(kinds, notebook, stem, title, context, lay), ""
    except (pdf.PrintError, word.WordError) as error:
        failed = "pdf" if isinstance(error, pdf.PrintError) else "docx"
        rest = tuple(kind for kind in kinds if kind != failed)
        made, more = written(rest, notebook, stem, title, context, lay)
        return made, f"{failed.upper()}: {error}{more and '; '}{more}"[:300]


def _docx(notebook: NotebookNode, stem: str, title: str, context) -> list[tuple[str, str, bytes]]:
    shown = (
        str(o.get(resource.DOCUMENT, o["text/html"]))
        for o in _outputs(notebook)
        if "text/html" in o
    )
    titled = notebook.cells and ONLY_PAGE not in notebook.cells[0].metadata.get("tags", [])
    html = f"<h1>{escape(title)}</h1>" * bool(titled) + "".join(map(theme.bare, shown))
    data = word.docx(html, title, context.document, context.synthetic)
    return [(f"{stem}.docx", say("Tải bản Word để sửa (.docx)"), data)]


def _png(notebook: NotebookNode, stem: str, title: str, context) -> list[tuple[str, str, bytes]]:
    pictures = [o["image/png"] for o in _outputs(notebook) if "image/png" in o]
    return [
        (f"{stem}-{n}.png", say("Ảnh chia sẻ {n} (.png)", n=n), base64.b64decode(p))
        for n, p in enumerate(pictures, 1)
    ]


def _xlsx(notebook: NotebookNode, stem: str, title: str, context) -> list[tuple[str, str, bytes]]:
    data = page_workbook.xlsx(notebook, title, context)
    return [(f"{stem}.xlsx", say("Tải các bảng (.xlsx)"), data)] if data else []


def _pdf(notebook: NotebookNode, stem: str, title: str, context) -> list[tuple[str, str, bytes]]:
    from analysis.render import (
        html_page,  # with nbconvert: a quarter of the time in which a command starts
    )

    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    when = f"{datetime.fromtimestamp(int(epoch), UTC):%Y%m%d%H%M%S}" if epoch else ""
    data = pdf.printed(html_page.html(notebook, title, context), when)
    return [(f"{stem}.pdf", say("Tải bản in (.pdf)"), data)]


KINDS: dict[str, Callable] = {"xlsx": _xlsx, "pdf": _pdf, "docx": _docx, "png": _png}
"""What a page of ``site.yml`` may ask for with ``also``."""


def _outputs(notebook: NotebookNode) -> list[dict]:
    return [
        output["data"]
        for cell in notebook.cells
        if cell.cell_type == "code" and ONLY_PAGE not in cell.metadata.get("tags", [])
        for output in cell.outputs
        if "data" in output
    ]
