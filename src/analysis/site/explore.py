"""For whoever explores in JupyterLab: what tables a period has, and a page as it would be built."""

from html import escape
from pathlib import Path

import pandas as pd
import papermill
from IPython.display import HTML
from markupsafe import Markup

from analysis import project
from analysis.batch import batch
from analysis.batch.pages import Batch, Page
from analysis.display.contents import Contents
from analysis.language.languages import SOURCE, current
from analysis.project import Place
from analysis.render import report
from analysis.site import declared
from analysis.storage import scratch


def overview(tables: Contents) -> pd.DataFrame:
    """The tables of a period: table, rows, columns (how many), what (in words)."""
    return tables.contents()


def parameters(notebook: str, root: Path | None = None) -> pd.DataFrame:
    """What may be given to a notebook: parameter, value (that it has by itself), type, meaning.

    ``notebook``: its file name without ending.

    >>> parameters("50_apci")[["parameter", "value", "type"]]
      parameter   value type
    0   edition  "2022"  str
    1      lang    "vi"  str
    """
    found = papermill.inspect_notebook(str(_path(notebook, root))).values()
    rows = [(p["name"], p["default"], p["inferred_type_name"], p["help"]) for p in found]
    return pd.DataFrame(rows, columns=["parameter", "value", "type", "meaning"])


def _path(notebook: str, root: Path | None) -> Path:
    return (root or project.PROJECT) / "notebooks" / f"{notebook}.ipynb"


def _declared(notebook: str, root: Path, given: dict) -> dict:
    """What ``site.yml`` says of the page of a notebook: the one that gives it most of these
    parameters, and no others; empty where there is none."""
    try:
        pages = declared.load(Place(root).reports / "site.yml", root / "notebooks")["pages"]
    except declared.SiteError:  # the commands say what is wrong with it
        return {}
    found = [page for page in pages.values() if page["notebook"] == notebook]
    own = [(page.get("parameters", {}), page) for page in found]
    alike = [(p, page) for p, page in own if all(given.get(k, v) == v for k, v in p.items())]
    return max(alike, key=lambda one: len(one[0].keys() & given.keys()), default=({}, {}))[1]


def preview(notebook: str, height: int = 640, root: Path | None = None, **parameters) -> HTML:
    """The page of a notebook with these parameters, as the batch would build it, in a frame.

    ``notebook``: its file name without ending, e.g. ``90_reporting_unit``; its language is the one
    in use unless ``lang`` is among the parameters, its title that of ``site.yml``. Nothing of the
    site is changed. A page that fails shows why.

    Raises
    ------
    analysis.batch.batch.UnknownParameterError
    """
    root = root or project.PROJECT
    lang = parameters.get("lang", current())
    parameters = parameters if lang == SOURCE else parameters | {"lang": lang}
    path = _path(notebook, root)
    called = _declared(notebook, root, parameters)
    title = called.get("title", declared.title(path)).get(lang, notebook)
    question = called.get("question", {}).get(lang, "")
    page = Page(notebook, path, Path("page.html"), title, question, parameters)
    context = report.Context(lang=lang)
    with scratch.folder() as folder:
        site = folder / "site"
        batch.run([page], Batch(site, folder / "executed", context, root), workers=1)
        html = (site / page.output).read_text(encoding="utf-8")
    frame = "<div><iframe title='{}' width='100%' height='{}' srcdoc='{}'></iframe></div>"
    return HTML(frame.format(escape(notebook, quote=True), int(height), Markup.escape(html)))
