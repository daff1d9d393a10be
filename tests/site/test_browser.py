"""Pages in a real browser: what they promise a reader, by mouse, keyboard, phone and printer."""

import csv
import io
import json
import re
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

import labs
import openpyxl
import pypdf
import pytest
from axe_playwright_python.sync_playwright import Axe

from analysis.language.words import fold
from analysis.render import pdf

pytestmark = pytest.mark.skipif(
    pdf.browser() is None, reason="install Debian's package chromium (or set CHROMIUM=…)"
)

MOST_BYTES = 400 * 1024
TABLE = ".table-wrap > table.data:not(.behind table)"  # in the open, not behind a chart
TOOLS = ".tools:not(.behind .tools)"
LEAGUE = ".table-wrap:has(th:has-text('{}')) > table.data:not(.behind table)"
LEAGUE_TOOLS = ".tools:has(+ .table-wrap th:has-text('{}')):not(.behind .tools)"
RANK = {"vi": "Thứ hạng", "en": "Rank"}  # heads the league table
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="module")
def reports(built_root, built_sites):
    return built_root / "reports"


@pytest.fixture(scope="module")
def kinds(reports) -> list[Path]:
    """One page of each notebook, with the largest of all, an index, and the home page."""
    found = {}
    for receipt in sorted(reports.glob("*/receipt.json")):
        for page in json.loads(receipt.read_text("utf-8"))["pages"]:
            found.setdefault(page["notebook"], receipt.parent / page["output"])
    largest = max(reports.glob("*/*.html"), key=lambda path: path.stat().st_size)
    indexes = [reports / "2022-Q2/index.html", reports / "index.html"]
    return list(dict.fromkeys([*found.values(), largest, *indexes]))


@contextmanager
def visit(chromium, path: Path, **settings):
    """A page, opened from disk, that must ask for nothing and complain of nothing."""
    context = chromium.new_context(**{"viewport": {"width": 1280, "height": 900}, **settings})
    page, heard, asked = context.new_page(), [], []
    page.on("console", lambda m: m.type in ("error", "warning") and heard.append(m.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    try:
        yield page
        assert heard == [], path
        outside = [a for a in asked if not a.startswith(("file:", "data:", "blob:"))]
        assert outside == [], path
    finally:
        context.close()


def name(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def test_a_page_that_asks_for_something_outside_would_be_noticed(chromium, tmp_path):
    policy = "<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'\">"
    for n, html in enumerate(
        ["<img src='http://127.0.0.1:9/x.png'>", f"{policy}<script>1</script>"]
    ):
        page = tmp_path / f"{n}.html"
        page.write_text(html)
        with pytest.raises(AssertionError), visit(chromium, page):
            pass


def test_no_page_is_heavy(reports):
    weights = {name(p): p.stat().st_size for p in reports.glob("*/**/*.html")}
    assert {n: w for n, w in weights.items() if w > MOST_BYTES} == {}


# What a shape is drawn of says nothing to axe and keeps it busy for minutes.
# Nor does the third row or entry of a kind: with the same elements, classes and styles.
BARE = """
document.querySelectorAll('svg :is(path, use, defs, rect)').forEach(e => e.remove());
const seen = new Map();
for (const e of document.querySelectorAll('tbody > tr, li, details, svg > g')) {
    const made = [e, ...e.querySelectorAll('*')].map(
        n => [n.tagName, n.className.baseVal ?? n.className, n.getAttribute('style')]);
    const kind = JSON.stringify([e.parentElement.className, made]);
    seen.set(kind, (seen.get(kind) ?? 0) + 1);
    if (seen.get(kind) > 2) e.remove();
}"""
EVERYTHING = {"runOnly": {"type": "tag", "values": STANDARDS}, "resultTypes": ["violations"]}
COLOURS = {"runOnly": ["color-contrast"], "resultTypes": ["violations"]}
PLACES = {**EVERYTHING, "rules": {"color-contrast": {"enabled": False}}}  # the same at any width


@pytest.mark.parametrize(
    ("width", "scheme", "rules"),
    [(1280, "light", EVERYTHING), (400, "light", PLACES), (1280, "dark", COLOURS)],
)
def test_axe_finds_nothing_on_any_kind_of_page(chromium, kinds, width, scheme, rules):
    found, size = {}, {"width": width, "height": 900}
    # the shell, the parts and their colours are the same on all: every kind once, some again
    kinds = kinds if (width, scheme) == (1280, "light") else kinds[::4]
    with visit(chromium, kinds[0], viewport=size, color_scheme=scheme) as page:
        for path in kinds:
            page.goto(path.as_uri())
            page.evaluate(BARE)
            for violation in Axe().run(page, options=rules).response["violations"]:
                nodes = violation["nodes"]
                found[name(path), violation["id"]] = (len(nodes), nodes[0]["html"][:200])
    assert found == {}


def test_nothing_is_wider_than_a_small_screen(chromium, kinds):
    wide = {}
    with visit(chromium, kinds[0], viewport={"width": 320, "height": 800}) as page:
        for path in kinds:
            page.goto(path.as_uri())
            if (width := page.evaluate("document.documentElement.scrollWidth")) > 320:
                wide[name(path)] = width
    assert wide == {}


SIDEWAYS = """() => [...document.querySelectorAll('.table-wrap')].filter(frame => {
  const right = frame.querySelector('table').getBoundingClientRect().right;
  return frame.scrollWidth > frame.clientWidth || right > frame.getBoundingClientRect().right + 1;
}).map(frame => frame.innerText.slice(0, 60))"""
OPENED = "document.querySelectorAll('details').forEach(fold => { fold.open = true })"


def test_on_a_phone_no_table_is_read_sideways(chromium, kinds):
    wide = {}
    with visit(chromium, kinds[0], viewport={"width": 400, "height": 800}) as page:
        for path in kinds:
            page.goto(path.as_uri())
            page.evaluate(OPENED)
            if found := page.evaluate(SIDEWAYS):
                wide[name(path)] = found
            if (width := page.evaluate("document.documentElement.scrollWidth")) > 400:
                wide[name(path)] = width
    assert wide == {}


BROKEN = """() => [...document.querySelectorAll('table.data td:first-child')].filter(cell => {
  const range = document.createRange(), text = cell.firstChild;
  if (!text || text.nodeType !== 3 || !cell.checkVisibility()) return false;
  return [...text.data.matchAll(/[^\\s/–-]+/g)].some(word => {
    range.setStart(text, word.index); range.setEnd(text, word.index + word[0].length);
    return range.getClientRects().length > 1;
  });
}).map(cell => cell.textContent)"""


LINES = """() => [...document.querySelectorAll('table.data td:first-child')].map(cell => {
  const range = document.createRange();
  range.selectNodeContents(cell);
  return [cell.textContent, new Set([...range.getClientRects()].map(r => Math.round(r.top))).size];
})"""


def test_no_name_of_a_row_is_broken_within_a_word_nor_a_word_on_each_line(chromium, kinds):
    narrow = {}
    with visit(chromium, kinds[0]) as page:
        for path in kinds:
            page.goto(path.as_uri())
            tall = [t for t, lines in page.evaluate(LINES) if lines > max(5, len(t) / 12)]
            if found := page.evaluate(BROKEN) + tall:
                narrow[name(path)] = found[:3]
    assert narrow == {}


def test_a_card_on_a_phone_is_a_row_of_a_table_with_labels_and_can_be_sorted(chromium, reports):
    path = reports / "2022-Q2/ranking.html"
    for script in (True, False):
        phone = {"viewport": {"width": 400, "height": 800}, "java_script_enabled": script}
        with visit(chromium, path, **phone) as page:
            table = page.locator(".table-wrap[style] > table").first
            snapshot = table.aria_snapshot()
            assert "- table" in snapshot and "- columnheader" in snapshot and "- cell" in snapshot
            assert "- row" in snapshot
    with visit(chromium, path, viewport={"width": 400, "height": 800}) as page:
        frame = page.locator(".table-wrap[style].short:has(th:has-text('Điểm'))").first
        cell = frame.locator("tbody tr").first.locator("td.num").first
        label = cell.evaluate("cell => getComputedStyle(cell, '::before').content")
        assert "Điểm" in label
        shown = frame.locator("tbody tr:visible")
        total, few = frame.locator("tbody tr").count(), shown.count()
        more = frame.locator("xpath=following-sibling::button[1]")
        assert few == 10 < total and more.inner_text() == f"Xem tất cả {total} dòng"
        before = frame.locator("tbody tr:visible td:nth-child(2)").all_inner_texts()
        frame.locator("thead button").nth(1).click()
        names = frame.locator("tbody tr:visible td:nth-child(2)").all_inner_texts()
        assert len(names) == 10 and names != before
        more.click()
        assert shown.count() == total and more.get_attribute("aria-expanded") == "true"
        more.click()
        assert shown.count() == few
        frame.locator("xpath=preceding-sibling::div[1]//input").fill("tinh")
        assert shown.count() > few and not more.is_visible(), "what is asked for is shown whole"


def test_without_script_a_page_shows_everything_and_no_dead_control(chromium, reports):
    for path in (reports / "2024/ranking.html", reports / "index.html"):
        with visit(chromium, path) as page:
            rows, words = page.locator("tbody tr").count(), page.inner_text("main")
        with visit(chromium, path, java_script_enabled=False) as page:
            assert page.locator("tbody tr").count() == rows > 5
            assert page.locator("button:visible, input:visible").count() == 0
            plain = page.inner_text("main")
        assert set(re.findall(r"\w{4,}", plain)) >= set(re.findall(r"\w{4,}", words)) - {
            *re.findall(r"\w{4,}", "Tải bảng không trang, mục, đơn vị, chỉ tiêu, biểu")
        }


# Search


def results(page, query: str) -> list[str]:
    page.fill("#q", query)
    return page.locator("#found li").all_inner_texts()


def test_home_finds_pages_units_and_sections_without_accents(chromium, reports):
    with visit(chromium, reports / "index.html") as page:
        assert results(page, "xep hang")[0].startswith("Xếp hạng")
        assert any(r.startswith("Sở Nội vụ") for r in results(page, "SO NOI VU"))
        assert any(r.startswith("Tỉnh Thừa Thiên Huế") for r in results(page, "thua thien"))
        assert results(page, "Đắk không-có") == [] == results(page, "   ")
        assert page.inner_text("#count") == ""
        results(page, "qqq")
        assert page.inner_text("#count") == "Không tìm thấy"
        found = results(page, "bang xep hang 2024")
        page.click("#found a >> nth=0")
        assert "2024/ranking.html#" in page.url and found[0].startswith("Bảng xếp hạng")
        page.locator(":target").wait_for(state="attached")  # or this fails: a click waits for less


def test_every_search_result_leads_to_a_page_and_a_section(chromium, reports):
    with visit(chromium, reports / "index.html") as page:
        links = page.evaluate("listed.map(entry => entry.href).filter(Boolean)")
        addresses = page.evaluate("links => links.map(l => new URL(l, location).href)", links)
    assert len(addresses) > 100 and any("#" in a for a in addresses)
    pages = {}
    for address in addresses:
        at = urlsplit(address)
        html = pages.setdefault(at.path, Path(url2pathname(at.path)).read_text("utf-8"))
        assert not at.fragment or f'id="{unquote(at.fragment)}"' in html


def test_an_index_finds_units_by_other_names_with_their_figures(chromium, reports):
    with visit(chromium, reports / "2022-Q2/index.html") as page:
        assert ["Hà Nội" in r for r in results(page, "thu do h26")] == [True]
        assert any(r.startswith("Nhiệm vụ được giao") for r in results(page, "nhiem vu duoc giao"))


def test_the_search_goes_by_arrows_and_enter_and_back_keeps_what_was_asked(chromium, reports):
    with visit(chromium, reports / "2022-Q2/index.html") as page:
        focused = "document.activeElement.textContent || document.activeElement.id"
        found = results(page, "nghe an")
        assert found[0].startswith("Tỉnh Nghệ An") and not any("Viện" in r for r in found)
        assert results(page, "ha noi")[0].startswith("Thành phố Hà Nội")
        first, second = [r for r in results(page, "truc tuyen") if r][:2]
        for pressed, at in (
            *(("ArrowDown", first), ("ArrowDown", second), ("ArrowUp", first), ("ArrowUp", "q")),
        ):
            page.keyboard.press(pressed)
            assert at.startswith(page.evaluate(focused))
        results(page, "nghe an")
        page.keyboard.press("Enter")
        page.wait_for_url("**/units/40.html")
        page.go_back()
        page.locator("#found li").first.wait_for()
        assert page.input_value("#q") == "nghe an"
        assert page.locator("#found li").all_inner_texts() == found


def test_indicators_and_forms_are_found(chromium, reports):
    with visit(chromium, reports / "2022-Q2/index.html") as page:
        assert results(page, "ho so nop truc tuyen")[0].startswith("Hồ sơ nộp trực tuyến")
        assert "Biểu số II.06a" in results(page, "II.06a")[0]


def test_every_page_leads_to_the_open_data_of_its_period(chromium, reports, kinds):
    with visit(chromium, kinds[0]) as page:
        for path in kinds:
            if path.parent == reports:
                continue  # the home, above all periods
            page.goto(path.as_uri())
            address = page.locator("footer a[download]").evaluate("a => a.href")
            archive = Path(url2pathname(unquote(urlsplit(address).path)))
            site = path.parent.parent if path.parent.name == "units" else path.parent
            assert archive == site / f"{site.name}-data.zip" and archive.exists(), path


# Tables


def column(page, n: int, which: str = TABLE) -> list[str]:
    return page.locator(f"{which} tbody tr:visible td:nth-child({n})").all_inner_texts()


def test_a_table_is_sorted_by_number_both_ways_and_back(chromium, reports):
    league, tools = (text.format(RANK["vi"]) for text in (LEAGUE, LEAGUE_TOOLS))
    with visit(chromium, reports / "2024/ranking.html") as page:
        head = page.locator(f"{league} thead th", has_text="Điểm").first
        before = column(page, 2, league)
        values = [float(t.replace(",", ".")) for t in before]
        orders = []
        for way in ("ascending", "descending", "none"):
            head.locator("button").click()
            assert head.get_attribute("aria-sort") == way
            orders.append([float(t.replace(",", ".")) for t in column(page, 2, league)])
        assert orders == [sorted(values), sorted(values, reverse=True), values]


def test_a_table_is_filtered_without_accents_and_says_how_many_rows(chromium, reports):
    league, tools = (text.format(RANK["vi"]) for text in (LEAGUE, LEAGUE_TOOLS))
    with visit(chromium, reports / "2024/ranking.html") as page:
        total = len(column(page, 1, league))
        page.fill(f"{tools} input", "THANH PHO")
        left = column(page, 1, league)
        assert left and all(fold(t).startswith("thanh pho") for t in left)
        assert page.inner_text(f"{tools} .count") == f"{len(left)} trong {total} dòng"
        page.fill(f"{tools} input", "")
        assert len(column(page, 1, league)) == total and page.inner_text(f"{tools} .count") == ""


def cells(page, n: int, which: str = TABLE) -> list[list[str]]:
    """Texts of the n-th table, its head first, as they are shown."""
    return (
        page.locator(which)
        .nth(n)
        .evaluate(
            "t => [...t.rows].filter(r => !r.hidden)"
            ".map(r => [...r.cells].map(c => c.innerText.trim()))"
        )
    )


def test_a_saved_table_is_what_is_shown_in_its_order(chromium, reports):
    with visit(chromium, reports / "2024/ranking.html", accept_downloads=True) as page:
        page.fill(f"{TOOLS} input", "tinh")
        page.locator(f"{TABLE} thead button").nth(0).press("Enter")
        assert page.locator(f"{TABLE} thead th").nth(0).get_attribute("aria-sort") == "ascending"
        shown = cells(page, 0)
        with page.expect_download() as saving:
            page.locator(f"{TOOLS} .save").first.click()
        text = Path(saving.value.path()).read_text("utf-8-sig")
        assert saving.value.suggested_filename.endswith(".csv")
    assert list(csv.reader(io.StringIO(text, newline=""), delimiter=";")) == shown
    assert 10 < len(shown) < 35


def written(cell) -> str:
    """A cell of a workbook as the page writes it."""
    if cell.value is None:
        return "…"
    if isinstance(cell.value, datetime):
        return f"{cell.value:%d/%m/%Y}"
    if not isinstance(cell.value, int | float):
        return str(cell.value)
    signed, _, rest = cell.number_format.partition(";")
    decimals, unit = re.fullmatch(r'\+?(?:#,##)?0(?:\.(0+))?(?:"(.*)")?', signed).groups()
    plus = "+" if rest and cell.value > 0 else ""
    plain = f"{cell.value:,.{len(decimals or '')}f}".translate(str.maketrans(",.", ".,"))
    return plus + plain + (unit or "")


@pytest.mark.parametrize(
    "path", ["2024/ranking", "2024/service_quality", "2022-Q2/units/01", "apci-2022/apci"]
)
def test_the_workbook_of_a_page_holds_its_tables(chromium, reports, path):
    with visit(chromium, reports / f"{path}.html", accept_downloads=True) as page:
        page.evaluate("for (const fold of document.querySelectorAll('.behind')) fold.open = true")
        tables = [cells(page, n, "table.data") for n in range(page.locator("table.data").count())]
        with page.expect_download() as saving:
            page.click(".files a[href$='.xlsx']")
        book = openpyxl.load_workbook(io.BytesIO(Path(saving.value.path()).read_bytes()))
    assert len(tables) == len(book.worksheets) - 1 > 0
    for table, sheet in zip(tables, book.worksheets[1:], strict=True):
        assert [c.value for c in sheet[1]] == table[0]
        for shown, row in zip(table[1:], sheet.iter_rows(min_row=2), strict=True):
            assert [written(c) for c in row] == [s.replace("−", "-") or "…" for s in shown]


# Languages


def test_the_switch_leads_to_the_same_page_in_the_other_language_and_back(chromium, reports):
    with visit(chromium, reports / "2024/ranking.html") as page:
        seen = page.locator(f"{TABLE} tbody tr").count()
        for lang, title in (
            ("en", "Ranking and how certain it is"),
            ("vi", "Xếp hạng và độ chắc chắn"),
        ):
            page.click(f"a[hreflang={lang}]")
            assert page.evaluate("document.documentElement.lang") == lang and page.title() == title
            assert page.locator(f"{TABLE} tbody tr").count() == seen
        assert page.url.endswith("reports/2024/ranking.html")


def test_an_english_page_is_searched_sorted_and_saved_in_english(chromium, reports):
    league, tools = (text.format(RANK["en"]) for text in (LEAGUE, LEAGUE_TOOLS))
    with visit(chromium, reports / "en/index.html") as page:
        assert results(page, "ranking")[0].startswith("Ranking")
        assert page.inner_text("#count").endswith("results")
    with visit(chromium, reports / "en/2024/ranking.html", accept_downloads=True) as page:
        head = page.locator(f"{league} thead th").nth(1)
        head.locator("button").click()
        values = [float(t) for t in column(page, 2, league)]
        assert values == sorted(values) and max(values) > 80
        page.fill(f"{tools} input", "ha noi")
        assert page.inner_text(f"{tools} .count") == "1 of 34 rows"
        with page.expect_download() as saving:
            page.get_by_text("Download the rows shown (CSV)").locator("visible=true").click()
        text = Path(saving.value.path()).read_text("utf-8-sig")
        assert list(csv.reader(io.StringIO(text, newline=""))) == cells(page, 0, league)
        with page.expect_download() as saving:
            page.click(".files a[href$='.xlsx']")
        book = openpyxl.load_workbook(io.BytesIO(Path(saving.value.path()).read_bytes()))
    columns = [[cell.value for cell in sheet["B"][1:]] for sheet in book.worksheets]
    assert sorted(values, reverse=True) in columns
    assert "English" in [c.value for c in book.worksheets[0]["B"]]


# Keyboard


def test_the_keyboard_reaches_everything_and_focus_is_seen(chromium, reports):
    with visit(chromium, reports / "2024/ranking.html") as page:
        page.keyboard.press("Tab")
        skip = page.locator(".skip")
        assert skip.evaluate("e => e === document.activeElement") and skip.bounding_box()["x"] >= 0
        page.keyboard.press("Enter")
        assert page.url.endswith("#content")
    with visit(chromium, reports / "2024/ranking.html") as page:
        expected = page.evaluate(
            "() => [...document.querySelectorAll('a[href],button,input,summary,[tabindex=\"0\"]')]"
            ".filter(e => e.checkVisibility()).map((e, n) => (e.dataset.stop = n)).length"
        )
        stops = []
        for _ in range(expected):
            page.keyboard.press("Tab")
            stops.append(
                page.evaluate(
                    "() => { const e = document.activeElement, s = getComputedStyle(e);"
                    "return [+e.dataset.stop, s.outlineStyle !== 'none' && s.outlineWidth !== '0px'"
                    " && s.opacity === '1'] }"
                )
            )
        assert [n for n, _ in stops] == list(range(expected))
        assert [n for n, seen in stops if not seen and n] == []


def test_enter_and_space_sort_a_table(chromium, reports):
    with visit(chromium, reports / "2024/ranking.html") as page:
        head = page.locator(f"{TABLE} thead th").nth(1)
        head.locator("button").focus()
        for key, way in (("Enter", "ascending"), ("Space", "descending"), ("Enter", "none")):
            page.keyboard.press(key)
            assert head.get_attribute("aria-sort") == way


# Dark, print

CHART_TEXT = f"({labs.TEXTS})([...document.querySelectorAll('figure svg.wide')])"


def test_in_the_dark_the_page_is_dark_and_its_charts_can_be_read(chromium, reports):
    for scheme in ("light", "dark"):
        tall = {"width": 1280, "height": 12000}
        path = reports / "2024/service_quality.html"
        with visit(chromium, path, viewport=tall, color_scheme=scheme) as page:
            ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
            assert (max(map(int, re.findall(r"\d+", ground))) < 60) == (scheme == "dark")
            texts = page.evaluate(CHART_TEXT)
            assert len(texts) > 50
            assert [t for t in texts if t[0] < 4.5] == []


def test_in_print_nothing_is_wider_than_a4_and_nothing_can_be_clicked(chromium, kinds):
    wide = {}
    with visit(chromium, kinds[0], viewport={"width": 688, "height": 998}) as page:
        page.emulate_media(media="print")
        for path in kinds:
            page.goto(path.as_uri())
            if (width := page.evaluate("document.documentElement.scrollWidth")) > 688:
                wide[name(path)] = width
            controls = page.locator(":is(.tools, input, .save, .files, .anchor-link):visible")
            assert controls.count() == 0, path
    assert wide == {}


@pytest.mark.parametrize(
    "path", ["2022-Q2/periodic_report", "2022-Q2/ranking", "2022-Q2/targets-nq01"]
)
def test_no_printed_page_ends_with_a_heading(reports, path):
    html = (reports / f"{path}.html").read_text("utf-8")
    heads = re.findall(r"<h[1-4][^>]*>(.*?)</h[1-4]>", html, re.S)
    heads = {" ".join(re.sub("<[^>]*>|¶", " ", h).split()) for h in heads}
    document = pypdf.PdfReader(io.BytesIO(pdf.printed(html)))
    sheets = [" ".join(sheet.extract_text().split()) for sheet in document.pages]
    assert heads and len(sheets) > 3
    for n, text in enumerate(sheets, 1):  # what stands in the margins comes first
        assert f"{n} / {len(sheets)}" in text[:200]
        assert not any(text.endswith(head) for head in heads), text[-80:]


def test_a_printed_page_is_a4_complete_and_can_be_searched(reports):
    html = (reports / "2024/service_quality.html").read_text("utf-8")
    document = pypdf.PdfReader(io.BytesIO(pdf.printed(html)))
    sheets = [" ".join(sheet.extract_text().split()) for sheet in document.pages]
    for n, (sheet, text) in enumerate(zip(document.pages, sheets, strict=True), 1):
        size = float(sheet.mediabox.width), float(sheet.mediabox.height)
        assert size == pytest.approx((595.28, 841.89), abs=1)
        assert f"{n} / {len(sheets)}" in text and "Chất lượng phục vụ, điểm và thứ hạng" in text
    whole = " ".join(sheets)
    shown = re.sub(r"<details class='behind'>.*?</details>", "", html, flags=re.S)
    table = re.search(r"<table class='data'>.*?</table>", shown, re.S)[0]
    for cell in re.findall(r"<td[^>]*>([^<]+)</td>", table):
        assert cell in whole, "a row is missing"
    assert "Tải bảng" not in whole and "Mã nguồn" not in whole and "↕" not in whole
    long = [text for text in sheets if "Tỉnh Đồng Tháp" in text and "100,0 %" in text]
    assert long and all("Đơn vị" in text and "Độ phủ" in text for text in long), "heads repeated"
