"""For whoever explores in JupyterLab: what tables a period has, and a page as it would be built."""

import tempfile
from dataclasses import fields
from html import escape
from pathlib import Path

import pandas as pd
import papermill
from IPython.display import HTML
from markupsafe import Markup

from analysis import pipeline, project
from analysis.batch import batch
from analysis.batch.pages import Batch, Page
from analysis.language.languages import SOURCE, current, said
from analysis.render import report
from analysis.site import declared

TABLES = {
    "cells": "mọi ô của mọi tệp đã gửi, và số phận từng ô",
    "observations": "số liệu được chấp nhận, mỗi dòng một đơn vị, chỉ tiêu, lĩnh vực",
    "records": "dòng của các sổ theo dõi (nhiệm vụ, kiến nghị)",
    "record_counts": "số dòng của các sổ, đếm theo đơn vị và trạng thái",
    "submissions": "từng tệp: của ai, gửi ngày nào, có được dùng không",
    "issues": "từng vấn đề: tệp, trang tính, ô, quy tắc, lời giải thích",
    "balance": "cân đối ô: gửi = nhãn + chấp nhận + có vấn đề",
    "totals": "tổng của từng đơn vị theo chỉ tiêu",
    "level_totals": "tổng theo cấp (tỉnh, huyện, xã)",
    "indicator_values": "giá trị chỉ tiêu, tử số, mẫu số",
    "national": "giá trị chỉ tiêu của tất cả đơn vị gộp lại",
    "scores": "điểm và hạng: chỉ tiêu, nhóm, tổng",
    "peer_scores": "thập phân vị của điểm trong từng loại đơn vị",
    "score_notes": "điều cần biết khi đọc điểm",
    "weights": "trọng số đã dùng",
    "explanation": "phần của từng chỉ tiêu trong điểm và trong thay đổi",
    "assessments": "giá trị so với mục tiêu",
    "rank_intervals": "khoảng của thứ hạng khi đổi cách tính",
    "rank_pairs": "từng cặp đơn vị: ai đứng trên, bao nhiêu phần số lần",
    "rank_close": "các cặp không phân biệt được",
    "rank_neighbours": "hai đơn vị đứng ngay trên, hai đơn vị đứng ngay dưới",
    "rank_factors": "lựa chọn nào làm thứ hạng thay đổi nhiều nhất",
    "rank_failures": "cách tính không cho kết quả",
    "agreement": "điểm tính lại cạnh điểm đã công bố",
}
"""What each table of a period holds, in words."""


def overview(tables: pipeline.Tables) -> pd.DataFrame:
    """The tables of a period: table, rows, columns (how many), what (in words).

    >>> import analysis
    >>> held = analysis.load("plan-2022").tables
    >>> overview(held).columns.tolist()
    ['table', 'rows', 'columns', 'what']
    """
    held = {f.name: getattr(tables, f.name) for f in fields(pipeline.Tables)}
    what = said(TABLES)
    rows = [(name, len(t), t.shape[1], what[name]) for name, t in held.items()]
    return pd.DataFrame(rows, columns=["table", "rows", "columns", "what"])


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
