"""Executed notebook → one self-contained HTML page, through the project's own nbconvert template.

No page names an address outside itself; its content-security policy forbids all of them.
"""

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import jinja2
from nbconvert.exporters import TemplateExporter
from nbconvert.filters import strip_ansi
from nbformat import NotebookNode
from traitlets import List

from analysis import files
from analysis.catalogue import PROJECT

TEMPLATES = PROJECT / "reports" / "templates"


@dataclass(frozen=True)
class Context:
    """What the shell around every page of a site says.

    ``files``: exports beside the page (href, text); ``document``: the look of Word exports.
    """

    period: str = ""
    period_title: str = ""
    synthetic: bool = False
    provenance: Sequence[str] = field(default_factory=tuple)
    files: Sequence[dict] = field(default_factory=tuple)
    document: dict = field(default_factory=dict)


def policy(*scripts: str) -> str:
    """The page's content-security policy: nothing from outside, only the given inline scripts."""
    hashes = [
        f"'sha256-{base64.b64encode(hashlib.sha256(s.encode()).digest()).decode()}'"
        for s in scripts
    ]
    return (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
        f"form-action 'none'; script-src {' '.join(hashes) or chr(39) + 'none' + chr(39)}"
    )


def shell(title: str, context: Context, depth: int, *, scripts: Sequence[str] = ()) -> dict:
    """Variables of the page shell; ``depth`` is how many folders the page lies below the period's
    index (0 for the index itself)."""
    up = "../" * depth
    trail = [{"href": f"{up}../index.html", "text": "Các kỳ"}] if context.period else []
    if context.period and title != context.period_title:
        trail.append({"href": f"{up}index.html", "text": context.period_title})
    return {
        "title": title,
        "policy": policy(*scripts),
        "style": (TEMPLATES / "style.css").read_text(encoding="utf-8"),
        "trail": trail,
        "synthetic": context.synthetic,
        "provenance": list(context.provenance),
        "files": list(context.files),
        "receipt": f"{up}receipt.json" if context.period else "",
    }


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
    exporter.register_filter("letters", _letters)
    return exporter


def _letters(html: str) -> str:
    """Vietnamese letters as such: nbconvert writes those of headings as numbers."""
    return re.sub(r"&#(\d{3,6});", lambda m: chr(int(m[1])), html)


@cache
def _pages() -> jinja2.Environment:
    loader = jinja2.FileSystemLoader([TEMPLATES, TEMPLATES / "reform"])
    return jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True)


def render(
    notebook: NotebookNode, output: Path, title: str, context: Context, depth: int = 0
) -> None:
    """Write the page of an executed notebook to ``output``, in one step."""
    resources = {"page": shell(title, context, depth)}
    html, _ = _exporter().from_notebook_node(notebook, resources=resources)
    write(output, html)


def render_page(template: str, output: Path, page: dict, **variables: object) -> None:
    """Write a page that is no notebook (index, home, error card)."""
    page = {**page, "style": jinja2.utils.markupsafe.Markup(page["style"])}
    write(output, _pages().get_template(template).render(page=page, **variables))


def error_card(
    output: Path, title: str, reason: str, traceback: str, context: Context, depth: int = 0
) -> None:
    """Write the page of a notebook that could not run: the reason, the traceback in a fold."""
    render_page(
        "error.html.j2",
        output,
        shell(title, context, depth),
        reason=strip_ansi(reason),
        traceback=strip_ansi(traceback),
    )


def write(path: Path, text: str) -> None:
    """Write a page in one step (:func:`analysis.files.write`)."""
    # "replace": half a surrogate pair, which a cell may print, must not cost the page
    files.write(path, text.encode("utf-8", errors="replace"))
