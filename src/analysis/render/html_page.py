"""Executed notebook → one self-contained HTML page, by the project's own nbconvert template."""

import base64
import re
from collections import Counter
from functools import cache, lru_cache
from html import unescape

from markupsafe import escape
from nbconvert.exporters import TemplateExporter
from nbconvert.filters import markdown2html, strip_ansi
from nbformat import NotebookNode
from traitlets import List

from analysis.display import theme
from analysis.language import languages
from analysis.language.languages import say
from analysis.language.words import fold
from analysis.render.report import TEMPLATES, Context, rendered, shell

PERMALINK = "Đường dẫn đến mục này"
FIGURE = "Đường dẫn đến hình này"


class PageExporter(TemplateExporter):
    """nbconvert with our template alone.

    Its HTML exporter parses every finished page anew for attributes that our template writes
    itself, and validates the notebook before each of a dozen preprocessors that do not concern us.
    What all its exporters do, too, is to copy the notebook twice and to mend the copy for
    preprocessors, of which there are none: our template changes nothing, and reads no more than
    what was mended when the notebook was executed.
    """

    file_extension = ".html"
    default_preprocessors = List([])

    def _preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        return nb, resources

    def page(self, notebook: NotebookNode, **resources: object) -> str:
        """The page of a notebook that a template may look at, and not change."""
        looked_at = _Uncopied(notebook)
        return self.from_notebook_node(looked_at, resources=resources)[0]


class _Uncopied(NotebookNode):
    """A notebook of which there is one only, however often it is copied."""

    def __deepcopy__(self, memo: dict) -> "_Uncopied":
        return self


@cache
def _exporter() -> PageExporter:
    # one per process: compiling the template costs more than rendering a page
    exporter = PageExporter(template_name="reform", extra_template_basedirs=[str(TEMPLATES)])
    exporter.register_filter(
        "text_base64", lambda text: base64.b64encode(text.encode()).decode("ascii")
    )
    # most text of a page is the same on all pages of its kind
    exporter.register_filter("markdown2html", lru_cache(2048)(markdown2html))
    exporter.register_filter("headings", _headings)
    exporter.register_filter("tables", _tables)
    exporter.register_filter("in_language", languages.markdown)
    exporter.environment.globals["say"] = say
    return exporter


def _headings(text: str) -> str:
    """Vietnamese letters as such, which nbconvert writes as numbers; permalinks have a name."""
    text = re.sub(r"&#(\d{3,6});", lambda m: chr(int(m[1])), text)
    return text.replace('class="anchor-link"', f'class="anchor-link" aria-label="{say(PERMALINK)}"')


_SCRIPTS = {"<table class='data'>": "tables.js", "<figure class='chart'>": "charts.js"}
_PANDAS = re.compile(
    r'<div>\s*<style scoped>.*?</style>\s*<table border="1" class="dataframe">(.*?)</table>', re.S
)
# no child of the frame: the script of tables would take the points of raw numbers for separators
_HOUSE = r'<div class="table-wrap" tabindex="0"><div><table class="data">\1</table></div>'


_MARK = re.compile("<p class='synthetic'>[^<]*</p>")
_CHART = re.compile(r"(<figure class='chart'[^>]*)><figcaption>(.*?)</figcaption>", re.S)
_DRAWN = re.compile(r"<span>(.*?)</span>", re.S)


def _tables(html: str) -> str:
    """What a cell shows, in the look of the page; tables of pandas as those of
    :func:`analysis.display.table.show`."""
    return _PANDAS.sub(_HOUSE, theme.bare(html))


def _scripts(notebook: NotebookNode) -> list[str]:
    """The scripts of what the page holds: one without tables and charts allows no script at all."""
    outputs = (o.get("data", {}) for c in notebook.cells for o in c.get("outputs", ()))
    shown = [str(data.get("text/html", "")) for data in outputs]
    return [
        (TEMPLATES / script).read_text(encoding="utf-8")
        for element, script in _SCRIPTS.items()
        if any(element in html for html in shown)
    ]


def html(notebook: NotebookNode, title: str, context: Context, name: str = "page.html") -> str:
    """The page of an executed notebook; ``name``: its path in its site."""
    page = _exporter().page(notebook, page=shell(title, context, name, scripts=_scripts(notebook)))
    # a page that is called by its unit says it once; in JupyterLab the line stands alone
    said = "<p class='subject'>"
    page = page.replace(f"{said}{escape(title)} – ", said, 1)
    if context.synthetic:  # the banner of the page says so; in JupyterLab there is none
        page = _MARK.sub("", page)
    return _figures(page)


def _figures(page: str) -> str:
    """Each chart has an anchor, made of what is drawn, and a link to itself at its caption."""
    seen: Counter[str] = Counter()

    def named(found: re.Match) -> str:
        opened, caption = found.groups()
        drawn = _DRAWN.search(caption)
        words = unescape(re.sub("<[^>]+>", " ", drawn[1] if drawn else caption))
        name = f"fig-{fold(words).replace(' ', '-')[:60].strip('-')}"
        seen[name] += 1
        anchor = name if seen[name] == 1 else f"{name}-{seen[name]}"
        link = f'<a class="anchor-link" aria-label="{say(FIGURE)}" href="#{anchor}">#</a>'
        return f'{opened} id="{anchor}"><figcaption>{caption} {link}</figcaption>'

    return _CHART.sub(named, page)


def error_card(
    title: str, reason: str, traceback: str, context: Context, name: str = "page.html"
) -> str:
    """The page of a notebook that could not run: the reason, the traceback in a fold."""
    return rendered(
        "error.html.j2",
        shell(title, context, name),
        reason=strip_ansi(reason),
        traceback=strip_ansi(traceback),
    )
