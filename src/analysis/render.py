"""Executed notebook → one self-contained HTML page, by the project's own nbconvert template."""

import base64
import re
from functools import cache
from pathlib import Path

from nbconvert.exporters import TemplateExporter
from nbconvert.filters import strip_ansi
from nbformat import NotebookNode
from traitlets import List

from analysis import language
from analysis.language import say
from analysis.report import TEMPLATES, Context, render_page, shell, write

PERMALINK = "Đường dẫn đến mục này"


class PageExporter(TemplateExporter):
    """nbconvert with our template alone.

    Its HTML exporter parses every finished page anew for attributes that our template writes
    itself, and validates the notebook before each of a dozen preprocessors that do not concern us.
    """

    file_extension = ".html"
    default_preprocessors = List([])


@cache
def _exporter() -> PageExporter:
    # one per process: compiling the template costs more than rendering a page
    exporter = PageExporter(template_name="reform", extra_template_basedirs=[str(TEMPLATES)])
    exporter.register_filter(
        "text_base64", lambda text: base64.b64encode(text.encode()).decode("ascii")
    )
    exporter.register_filter("headings", _headings)
    exporter.register_filter("narrative", language.narrative)
    exporter.environment.globals["say"] = say
    return exporter


def _headings(html: str) -> str:
    """Vietnamese letters as such, which nbconvert writes as numbers; permalinks have a name."""
    html = re.sub(r"&#(\d{3,6});", lambda m: chr(int(m[1])), html)
    return html.replace('class="anchor-link"', f'class="anchor-link" aria-label="{say(PERMALINK)}"')


def _scripts(notebook: NotebookNode) -> list[str]:
    """The script of tables where there is one: any other page allows no script at all."""
    shown = (o.get("data", {}) for c in notebook.cells for o in c.get("outputs", ()))
    if not any("<table class='data'>" in str(data.get("text/html", "")) for data in shown):
        return []
    return [(TEMPLATES / "tables.js").read_text(encoding="utf-8")]


def page(
    notebook: NotebookNode, output: Path, title: str, context: Context, name: str = "page.html"
) -> None:
    """Write the page of an executed notebook to ``output``, in one step.

    ``name``: its path in its site.
    """
    resources = {"page": shell(title, context, name, scripts=_scripts(notebook))}
    html, _ = _exporter().from_notebook_node(notebook, resources=resources)
    write(output, html)


def error_card(
    output: Path, title: str, reason: str, traceback: str, context: Context, name: str = "page.html"
) -> None:
    """Write the page of a notebook that could not run: the reason, the traceback in a fold."""
    render_page(
        "error.html.j2",
        output,
        shell(title, context, name),
        reason=strip_ansi(reason),
        traceback=strip_ansi(traceback),
    )
