"""For whoever explores in JupyterLab: what tables a period has, and a page as it would be built."""

import tempfile
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
from analysis.render import report
from analysis.site import declared


def overview(tables: Contents) -> pd.DataFrame:
    """The tables of a period: table, rows, columns (how many), what (in words)."""
    return tables.contents()


def parameters(notebook: str, root: Path | None = None) -> pd.DataFrame:
    """What may be given to a notebook: parameter, value (that it has by itself), type.

    ``notebook``: its file name without ending.

    >>> parameters("50_apci")
      parameter   value type
    0   edition  "2022"  str
    1      lang    "vi"  str
    """
    found = papermill.inspect_notebook(str(_path(notebook, root))).values()
    rows = [(p["name"], p["default"], p["inferred_type_name"]) for p in found]
    return pd.DataFrame(rows, columns=["parameter", "value", "type"])


def _path(notebook: str, root: Path | None) -> Path:
    return (root or project.PROJECT) / "notebooks" / f"{notebook}.ipynb"


def preview(notebook: str, height: int = 640, root: Path | None = None, **parameters) -> HTML:
    """The page of a notebook with these parameters, as the batch would build it, in a frame.

    ``notebook``: its file name without ending, e.g. ``90_reporting_unit``; its language is the one
    in use unless ``lang`` is among the parameters. Nothing of the site is changed. A page that
    fails shows why.

    Raises
    ------
    analysis.batch.batch.UnknownParameterError
    """
    root = root or project.PROJECT
    lang = parameters.get("lang", current())
    parameters = parameters if lang == SOURCE else parameters | {"lang": lang}
    path = _path(notebook, root)
    title = declared.title(path).get(lang, notebook)
    page = Page(notebook, path, Path("page.html"), title, parameters=parameters)
    context = report.Context(lang=lang)
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder, "site")
        batch.run([page], Batch(site, Path(folder, "executed"), context, root), workers=1)
        html = (site / page.output).read_text(encoding="utf-8")
    frame = "<div><iframe title='{}' width='100%' height='{}' srcdoc='{}'></iframe></div>"
    return HTML(frame.format(escape(notebook, quote=True), int(height), Markup.escape(html)))
