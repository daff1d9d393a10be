"""The script of charts: pointer, keys and search light marks and rows; nothing depends on it."""

import base64
import hashlib
import re

import nbformat
import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from playwright.sync_api import sync_playwright

from analysis.display.charts import unit_charts
from analysis.display.table import show
from analysis.render import html_page, pdf, report

SCRIPT = (report.TEMPLATES / "charts.js").read_text("utf-8")
NAMES = [f"Tỉnh Số {i}" for i in range(25)]


def page(tmp_path, *pieces) -> str:
    outputs = [new_output("display_data", data={"text/html": html}) for html in pieces]
    book = nbformat.from_dict(new_notebook(cells=[new_code_cell("x", outputs=outputs)]))
    (tmp_path / "p.html").write_text(html_page.html(book, "Trang", report.Context()), "utf-8")
    return (tmp_path / "p.html").read_text("utf-8")


def drawn() -> str:
    values = pd.Series([50.0 - i for i in range(25)], NAMES)
    return unit_charts.ranked_bars(values, title="Điểm", unit="điểm", source="Nguồn.").html


def listed() -> str:
    frame = pd.DataFrame({"name": NAMES[:3], "score": [1.0, 2.0, 3.0]})
    return show(frame, {"name": "Đơn vị", "score": "Điểm"}, {"score": "points"}).data


def test_a_page_with_a_chart_runs_this_script_under_its_policy(tmp_path):
    html = page(tmp_path, drawn())
    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    assert f"<script>{SCRIPT}</script>" in html
    assert f"sha256-{digest}" in re.search(r"script-src ([^\"]*)\"", html)[1]
    assert SCRIPT not in page(tmp_path, listed()), "a page without chart does without it"


def test_without_the_script_each_mark_has_its_title(tmp_path):
    shown = page(tmp_path, drawn()).partition("<script>")[0]
    assert all(f"<title>{name}\n" in shown for name in NAMES)
    assert not re.search(r"\son\w+=", shown)


def test_the_script_is_small_plain_and_names_no_address():
    lines = SCRIPT.splitlines()
    assert len(lines) <= 200 and max(map(len, lines)) <= 100
    assert not re.search(r"https?:|\b(?:fetch|eval|import|innerHTML|XMLHttpRequest)\b", SCRIPT)


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    """A page with a chart and a table, in a browser."""
    if pdf.browser() is None:
        pytest.skip("install Debian's package chromium (or set CHROMIUM=…)")
    folder = tmp_path_factory.mktemp("page")
    page(folder, drawn(), listed())
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=pdf.browser(), args=pdf.options())
        tab = browser.new_page(viewport={"width": 400, "height": 800})
        tab.goto((folder / "p.html").as_uri())
        yield tab
        browser.close()


@pytest.fixture
def tab(opened):
    opened.reload()
    return opened


def lit(tab) -> list[str]:
    return tab.eval_on_selector_all(".lit", "found => found.map(e => e.tagName.toLowerCase())")


def test_a_mark_that_is_pointed_at_says_its_value_and_lights_its_rows(tab):
    tab.locator(".narrow .mark").nth(1).hover()
    assert tab.locator(".tip").inner_text() == "Tỉnh Số 1\n49"
    found = sorted(lit(tab))
    assert found == ["path", "path", "tr", "tr"], "the bar (drawn twice), its datum, its row"
    tab.mouse.move(1, 1)
    assert tab.locator(".tip").is_hidden() and not lit(tab)


def test_a_row_lights_its_mark(tab):
    tab.locator("section > .table-wrap tbody tr").nth(2).hover()
    assert "path" in lit(tab)


def test_marks_are_walked_with_the_keys_and_kept_with_enter(tab):
    drawing = tab.locator("figure svg.narrow")
    drawing.focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowUp", "End"):
        tab.keyboard.press(key)
    assert tab.locator(".tip").inner_text() == "Tỉnh Số 24\n26"
    assert tab.locator(".tip").get_attribute("role") == "status"
    tab.keyboard.press("Enter")
    drawing.blur()
    assert "path" in lit(tab) and tab.locator(".tip").is_hidden()
    drawing.focus()
    tab.keyboard.press("Escape")
    assert not lit(tab)


def test_a_unit_is_found_without_accents(tab):
    tab.locator(".find input").fill("so 7")
    assert lit(tab).count("path") == 2, "in both drawings"
    assert tab.locator(".find").count() == 1
    assert tab.locator(".find [aria-live]").inner_text() == "1 mục"


def test_a_tap_beside_a_mark_reaches_it(tab):
    tab.locator(".narrow .mark").nth(0).scroll_into_view_if_needed()
    box = tab.locator(".narrow .mark").nth(0).bounding_box()
    tab.mouse.click(box["x"] + box["width"] + 5, box["y"] + box["height"] / 2)
    assert tab.locator(".tip").inner_text().startswith("Tỉnh Số 0")


def test_a_phone_shows_the_chart_whole(tab):
    assert tab.evaluate("document.documentElement.scrollWidth") <= 400
    assert tab.evaluate("document.querySelector('figure').scrollWidth") <= 400
    size = "parseFloat(getComputedStyle(t).fontSize) * t.getScreenCTM().a"
    smallest = tab.evaluate(
        f"Math.min(...[...document.querySelectorAll('.narrow text')].map(t => {size}))"
    )
    assert smallest >= 12
    assert not tab.locator("svg.wide").is_visible() and tab.locator("svg.narrow").is_visible()
