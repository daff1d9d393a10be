"""One page: what is shown, what is folded, what is never let through."""

import re
from datetime import UTC, datetime
from html import unescape
from types import SimpleNamespace

import nbformat
import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from analysis.display import narrative
from analysis.display.charts import canvas, figure
from analysis.display.table import show
from analysis.language import languages
from analysis.lineage import imports
from analysis.render import html_page, report
from analysis.site import home as homes
from analysis.site import receipt
from analysis.storage import clock

AWAY = "<meta http-equiv=refresh content=0;url=x>"  # which no policy stops
HOSTILE = f"</title>{AWAY}<script>alert(1)</script>\"'&"


def html(tmp_path, *cells, title="Trang", context=None, name="p.html") -> str:
    book = nbformat.from_dict(new_notebook(cells=list(cells)))
    return report.encoded(html_page.html(book, title, context or report.Context(), name)).decode()


def cell(*outputs, source="x = 1", **metadata):
    return new_code_cell(source, outputs=list(outputs), metadata=metadata)


def test_titles_and_provenance_are_escaped_everywhere(tmp_path):
    listed = [{"href": HOSTILE, "text": HOSTILE}]
    context = report.Context("p", HOSTILE + " kỳ", provenance=["p", HOSTILE], files=listed)
    page = html(tmp_path, cell(), title=HOSTILE, context=context, name="units/p.html")
    assert page.count("&lt;script&gt;") >= 6
    for shown in (page, html_page.error_card(HOSTILE, HOSTILE, HOSTILE, context)):
        assert "<script" not in shown and AWAY not in shown


def test_names_on_an_index_and_on_the_home_page_stay_text(tmp_path):
    page = {"href": "a.html", "title": HOSTILE, "question": HOSTILE, "failed": True}
    page |= {"files": [{"href": HOSTILE, "text": HOSTILE}]}
    badge = {"severity": "blocking", "count": HOSTILE, "title": HOSTILE}
    unit = {"href": "", "name": HOSTILE, "aliases": HOSTILE, "value": HOSTILE, "failed": True}
    group = {"code": "x", "name": HOSTILE, "units": [unit | {"badges": [badge]}]}
    index = receipt.index(
        tmp_path / "2022-Q2",
        context=report.Context("2022-Q2", HOSTILE),
        key=HOSTILE,
        notes=[HOSTILE],
        national=[page],
        groups=[group],
        failed=["a"],
    )
    row = dict.fromkeys(["theme", "what", "wanted", "by"], HOSTILE) | {"more": 0, "href": "y.html"}
    cell = {"state": "met", "figure": HOSTILE, "n": 1, "reached": 1, "judged": 1}
    told = {
        "board": {"groups": [HOSTILE], "rows": [row | {"cells": [cell]}]},
        "overdue": [{"text": HOSTILE, "href": "y.html"}],
        "furthest": HOSTILE,
    }
    stated = {"title": HOSTILE, "key": HOSTILE, "synthetic": True, "first_screen": told}
    stated["pages"] = [{"output": "y.html", "title": HOSTILE}]
    (tmp_path / "2022-Q2").mkdir()
    (tmp_path / "2022-Q2/receipt.json").write_bytes(receipt.text(**stated))
    (tmp_path / "2022-Q2/search.json").write_bytes(index["search.json"])
    name = dict.fromkeys(languages.LANGUAGES, HOSTILE)
    system = {"name": name, "legal_basis": HOSTILE, "group": HOSTILE, "pages": ["2022-Q2/y", "x/y"]}
    home = homes.html(tmp_path, report.Context(), [system | {"forms": [HOSTILE]}])
    for page, least in ((index["index.html"], 15), (home, 15)):
        shown = page.decode("utf-8").partition("<script>")[0]
        assert "<script" not in shown and AWAY not in shown
        assert shown.count("&lt;script&gt;") >= least


def _frame() -> str:
    plotted, _ = canvas.area(1)
    data = pd.DataFrame({HOSTILE: [HOSTILE]})
    token = figure.RASTER.set(True)
    try:
        return figure.finish(plotted, HOSTILE, title=HOSTILE, source=HOSTILE, data=data).html
    finally:
        figure.RASTER.reset(token)


def _plan():
    pair = dict.fromkeys(languages.LANGUAGES, HOSTILE)
    noted = dict(source=pair, status_note=pair, coverage_note=pair, start=None, end=None)
    return SimpleNamespace(synthetic=True, **noted)


ROWS = pd.DataFrame({"cell": [HOSTILE], "quoting": [f"“{HOSTILE}” {HOSTILE}"]})
HEADS = {"cell": HOSTILE, "quoting": "b"}
SHOWN = {
    "table": lambda: show(ROWS, HEADS, as_written=["cell"], quoting=["quoting"]).data,
    "heading": lambda: narrative.heading(HOSTILE, HOSTILE).data,
    "paragraphs": lambda: narrative.paragraphs(HOSTILE).data,
    "links": lambda: narrative.links(HOSTILE, [(HOSTILE, HOSTILE)]).data,
    "cards": lambda: narrative.cards([(HOSTILE,) * 3]).data,
    "caveats": lambda: narrative.caveats(_plan()).data,
    "nothing to draw": lambda: figure.nothing(HOSTILE, HOSTILE).html,
    "picture": _frame,
}


@pytest.mark.parametrize("lang", languages.LANGUAGES)
@pytest.mark.parametrize("name", SHOWN)
def test_text_stays_text_wherever_it_is_shown(name, lang):
    """Nothing of it begins an element or ends an attribute."""
    with languages.using(lang):
        page = SHOWN[name]()
    assert not re.search("<(?:script|meta|/title)", page) and "alert(1)" in page
    assert all(HOSTILE[-3:] not in tag for tag in re.findall("<[^>]*>", page))
    assert HOSTILE[-3:] not in page, "quotation marks would end an attribute"


def test_code_and_technical_output_are_in_folds(tmp_path):
    page = html(
        tmp_path,
        cell(source="a = 1", tags=["parameters"]),
        cell(source="a = 2", tags=["injected-parameters"]),
        cell(new_output("stream", name="stderr", text="careful"), source="warn()"),
        cell(new_output("display_data", data={"text/html": "<p class=key>Câu chính</p>"})),
    )
    open_text = re.sub(r"<details.*?</details>", "", page, flags=re.S)
    for hidden in ("a = 1", "a = 2", "warn()", "careful"):
        assert hidden in page and hidden not in open_text
    assert "Câu chính" in open_text


def test_an_error_output_is_a_card_with_its_traceback_in_a_fold(tmp_path):
    lines = ["\x1b[31mTraceback\x1b[0m", "<boom>"]
    page = html(tmp_path, cell(new_output("error", ename="E", evalue="v", traceback=lines)))
    assert "card error" in page and "\x1b" not in page and "&lt;boom&gt;" in page
    assert "&lt;boom&gt;" not in re.sub(r"<details.*?</details>", "", page, flags=re.S)


def test_a_loose_svg_cannot_act_or_share_ids(tmp_path):
    svg = '<svg onload="alert(1)"><a href="https://example.org"/><g id="same"/></svg>'
    picture = new_output("display_data", data={"image/svg+xml": svg})
    page = html(tmp_path, cell(picture), cell(picture))
    assert page.count("data:image/svg+xml;base64,") == 2, "isolated, as pictures"
    assert "onload" not in page and "example.org" not in page and 'id="same"' not in page


@pytest.mark.parametrize(("name", "up"), [("p.html", ""), ("units/p.html", "../")])
def test_links_lead_up_by_the_depth_of_the_page(tmp_path, name, up):
    page = html(tmp_path, cell(), context=report.Context("p", "Kỳ"), name=name)
    assert f'href="{up}index.html"' in page and f'href="{up}../index.html"' in page
    assert f'href="{up}receipt.json"' in page and 'lang="vi"' in page


def test_the_time_of_a_build_is_asked_in_one_place_where_it_can_be_given(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1600000000")
    assert clock.built() == datetime(2020, 9, 13, 12, 26, 40, tzinfo=UTC)
    sources = {p.name: p.read_text("utf-8") for p in imports.FOLDER.rglob("*.py")}
    asks = re.compile(r"datetime\.(?:now|utcnow|today)\(|date\.today\(|localtime\(|gmtime\(")
    asked = {name for name, source in sources.items() if asks.search(source)}
    # on which a file came, somebody answered or signed, begins a project, asks what is late or for
    # a questionnaire; when a run that is told of began
    days = {"answered.py", "beginnings.py", "closing.py", "offices.py", "overview.py"}
    days |= {"question_files.py", "summaries.py"}
    assert asked == {"clock.py"} | days


def test_a_page_without_script_allows_none():
    assert "script-src 'none'" in report.policy()
    assert "default-src 'none'" in report.policy("x") and "'none'" not in report.policy("x")[-60:]


def test_the_policy_of_a_page_allows_what_it_holds_and_nothing_else(tmp_path):
    page = html(tmp_path, cell())
    stated = re.findall(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', page)
    assert [dict(re.findall(r"([\w-]+) ([^;]+)", unescape(one))) for one in stated] == [
        {
            "default-src": "'none'",
            "style-src": "'unsafe-inline'",
            "img-src": "data:",
            "base-uri": "'none'",
            "form-action": "'none'",
            "script-src": "'none'",
        }
    ]
    assert page.index("Content-Security-Policy") < page.index("<title>"), "before all that it binds"


def test_a_plain_data_frame_looks_like_a_table_of_the_house(tmp_path):
    table = pd.DataFrame({"name": ["<b>"], "score": [1.5]})._repr_html_()
    page = html(tmp_path, cell(new_output("execute_result", data={"text/html": table})))
    assert '<div class="table-wrap" tabindex="0"><div><table class="data">' in page
    assert "dataframe" not in page and "<style scoped" not in page and "&lt;b&gt;" in page
    assert page.count("<div") == page.count("</div") and "<script" not in page


def test_half_a_surrogate_pair_does_not_cost_the_page(tmp_path):
    page = html(tmp_path, cell(new_output("stream", name="stdout", text="a\ud800b")))
    assert "a?b" in page


def test_a_page_that_is_called_by_its_unit_says_it_once():
    book = nbformat.v4.new_notebook()
    cell = nbformat.v4.new_code_cell("x")
    shown = narrative.heading("Tỉnh A & B – Quý II", "Câu chính.")._repr_html_()
    cell.outputs = [nbformat.v4.new_output("display_data", {"text/html": shown})]
    book.cells = [cell]
    page = html_page.html(book, "Tỉnh A & B", report.Context())
    assert "<p class='subject'>Quý II</p>" in page and "<h1>Tỉnh A &amp; B</h1>" in page
    assert "<p class='subject'>Tỉnh A" in html_page.html(book, "Một đơn vị", report.Context())


def test_each_chart_has_an_anchor_and_a_link_to_it(tmp_path):
    chart = "<figure class='chart'><figcaption><strong>{}</strong><br><span>{}</span></figcaption>"
    drawn = [
        chart.format("Cao <b>", "Điểm từng nhóm, %"),
        chart.format("Thấp", "Điểm từng nhóm, %"),
    ]
    outputs = [new_output("display_data", data={"text/html": d + "</figure>"}) for d in drawn]
    page = html(tmp_path, cell(*outputs))
    for anchor in ("fig-diem-tung-nhom", "fig-diem-tung-nhom-2"):
        assert f"<figure class='chart' id=\"{anchor}\">" in page
        assert f'aria-label="Đường dẫn đến hình này" href="#{anchor}">#</a></figcaption>' in page


def test_that_figures_are_synthetic_is_said_once_and_notes_are_in_one_fold(tmp_path):
    shown = narrative.caveats(_plan()).data
    assert narrative.SYNTHETIC in shown, "in JupyterLab nothing else says so"
    held = cell(new_output("display_data", data={"text/html": shown}))
    page = html(tmp_path, held, context=report.Context(synthetic=True))
    assert narrative.SYNTHETIC not in page and page.count("DỮ LIỆU MINH HỌA (SYNTHETIC)") == 1
    (fold,) = re.findall("<details class='notes'>.*?</details>", page, re.S)
    assert "Về số liệu" in fold and "Nguồn" in fold
