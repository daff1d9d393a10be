"""The script of tables: sorting, filtering and CSV as readers expect, under the page's policy.

Its pure functions run in Node where there is one; a browser need not be installed.
"""

import base64
import csv
import hashlib
import io
import itertools
import json
import re
import shutil
import subprocess

import nbformat
import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from analysis.display.table import show
from analysis.exchange import neutral
from analysis.exchange.neutral import BEGINS
from analysis.language import languages, words
from analysis.render import html_page, report

SCRIPT = (report.TEMPLATES / "tables.js").read_text("utf-8")
NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="no Node")


def run(expression: str, *values: object, lang: str = "vi"):
    """What the expression, which may name ``values``, gives in Node on a page in ``lang``."""
    page = f"{{documentElement: {{lang: '{lang}'}}, querySelectorAll: () => []}}"
    code = f"globalThis.document = {page};\n{SCRIPT}\nconst values = {json.dumps(values)};\n"
    code += f"process.stdout.write(JSON.stringify({expression}));"
    done = subprocess.run([NODE, "-"], input=code.encode(), capture_output=True, check=True)
    return json.loads(done.stdout)


def order(texts: list[str], numeric: bool, down: bool = False) -> list[str]:
    return [texts[i] for i in run("order(...values)", texts, numeric, down)]


def page(tmp_path, *cells) -> str:
    book = nbformat.from_dict(new_notebook(cells=list(cells)))
    (tmp_path / "p.html").write_text(html_page.html(book, "Trang", report.Context()), "utf-8")
    return (tmp_path / "p.html").read_text("utf-8")


def displayed(html: str):
    return new_code_cell("x", outputs=[new_output("display_data", data={"text/html": html})])


def shown():
    frame = pd.DataFrame({"name": ["Hà Nội", "An Giang"], "score": [9.5, None]})
    return show(frame, {"name": "Đơn vị", "score": "Điểm"}, {"score": "points"}).data


def test_a_page_with_a_table_runs_this_script_alone(tmp_path):
    html = page(tmp_path, displayed(shown()))
    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    assert f"<script>{SCRIPT}</script>" in html and html.count("<script") == 1
    assert re.findall(r"script-src ([^\"]*)\"", html) == [f"&#39;sha256-{digest}&#39;"]


def test_a_page_without_a_table_allows_no_script(tmp_path):
    html = page(tmp_path, displayed("<p>&lt;table class='data'&gt;</p>"))
    assert "<script" not in html and "script-src &#39;none&#39;" in html


def test_without_the_script_the_table_is_complete(tmp_path):
    html = page(tmp_path, displayed(shown())).partition("<script>")[0]
    assert shown() in html and "<button" not in html and "hidden" not in shown()


def test_in_print_there_are_no_controls_and_all_rows():
    style = (report.TEMPLATES / "style.css").read_text("utf-8")
    printed = [line for line in style.splitlines() if line.startswith("@media print")]
    for rule in (".tools,.anchor-link{display:none}", ".data tr[hidden]{display:table-row!"):
        assert any(rule in line for line in printed)
    folded = [rule for rule in style.splitlines() if "nth-child(n+" in rule]
    assert folded and all(rule.startswith("@media screen") for rule in folded)


def test_the_script_is_small_plain_and_names_no_address():
    lines = SCRIPT.splitlines()
    assert len(lines) <= 175 and max(map(len, lines)) <= 100
    assert not re.search(r"</|<!--|//\S+\.\w|innerHTML|eval|fetch|import", SCRIPT)


def test_permalinks_of_headings_have_a_name_and_lead_to_their_heading(tmp_path):
    html = page(tmp_path, new_markdown_cell("## Bảng xếp hạng"))
    link = re.search(r"<h2 id=\"([^\"]+)\">.*?<a class=\"anchor-link\" ([^>]*)>", html)
    assert f'href="#{link[1]}"' in link[2] and f'aria-label="{html_page.PERMALINK}"' in link[2]


def test_the_heads_of_a_wide_table_stand_once_as_labels_and_its_rows_have_names():
    frame = pd.DataFrame({"group": ["bộ", "bộ"], "name": ["A", "B"], "x": [1, 2], "y": [3, 4]})
    heads = {"group": "Xếp cùng", "name": "Đơn vị", "x": "';}</style>", "y": "Điểm"}
    html = show(frame, heads, {"x": "whole", "y": "whole"}).data
    style = re.search(r'<div [^>]*style="([^"]*)"', html)[1]
    assert re.findall(r"--h(\d):'", style) == ["1", "3", "4"] and "</" not in style
    assert "--h4:'Điểm';" in style and style.count(";") == 3
    assert "<td>A</td>" in html, "nothing in every cell"
    narrow = show(frame, {"name": "Đơn vị", "x": "Điểm"}, {"x": "whole"}).data
    assert "style=" not in narrow


@needs_node
def test_numbers_are_sorted_as_vietnamese_write_them():
    texts = ["1.234,5", "…", "45,2 %", "-3,10", "999", "12/34 (10–15)", "5/34 (1–40)", ""]
    up = ["-3,10", "5/34 (1–40)", "12/34 (10–15)", "45,2 %", "999", "1.234,5", "…", ""]
    assert order(texts, True) == up
    assert order(texts, True, down=True) == [*up[5::-1], "…", ""], "missing ones last both ways"


@needs_node
def test_figures_of_any_size_are_read_back():
    values = [0, 7, -0.25, 1234567.125, -98765, 1000, 12.5]
    assert run("values[0].map(figure)", [words.number(v, 3) for v in values]) == values
    assert run("values[0].map(figure)", ["…", "không có", "1.10"]) == [None, None, 1]


@needs_node
def test_a_page_in_english_reads_and_saves_figures_and_days_as_english_readers_write_them():
    with languages.using("en"):
        values = [0, -0.25, 1234567.125, 1000, 12.5]
        texts = [words.number(v, 3) for v in values]
        days = [words.day(d) for d in ("2022-12-01", "2021-12-31", "2022-02-03")]
    assert run("values[0].map(figure)", texts, lang="en") == values
    assert run("order(values[0], false, false)", days, lang="en") == [1, 2, 0]
    text = run(
        "csv(values[0])", [["Unit, all", "-1,234.5", "12.5%"], ["a;b", "=1", "…"]], lang="en"
    )
    assert text[1:] == '"Unit, all","-1,234.5",12.5%\r\na;b,\'=1,…\r\n'
    assert run("words.left(3, 10)", lang="en") == "3 of 10 rows"


@needs_node
def test_text_is_sorted_by_the_vietnamese_alphabet():
    texts = ["Đà Nẵng", "Hà Nội", "Cần Thơ", "…", "Ấp 10", "Ấp 2", "Ba Vì", "Dĩ An", "Ăn", "An"]
    assert order(texts, False)[1:] == [
        *("Ăn", "Ấp 2", "Ấp 10", "Ba Vì", "Cần Thơ", "Dĩ An", "Đà Nẵng", "Hà Nội", "…")
    ]
    assert order(["1.10", "1.2", "1.1b", "1.1a"], False) == ["1.1a", "1.1b", "1.2", "1.10"]


@needs_node
def test_dates_are_sorted_by_day_and_equal_rows_stay_as_they_were():
    days = ["02/01/2022", "thường xuyên", "…", "1/12/2021", "03/12/2021"]
    assert order(days, False) == [*("1/12/2021", "03/12/2021", "02/01/2022", "thường xuyên", "…")]
    for down in (False, True):
        assert run("order(...values)", ["5", "5,0", "…", "5 %", ""], True, down) == [0, 1, 3, 2, 4]


@needs_node
def test_the_filter_folds_as_the_rest_of_the_project():
    texts = ["Tỉnh Đắk  Lắk", "Tỉnh Đắk Lắk", "Bộ Y\u200b tế · 12,5 %", "ĐỒNG\u00adNAI", ""]
    assert run("values[0].map(plain)", texts) == [words.fold(t) for t in texts]
    folded = words.fold("Tỉnh Đắk Lắk")
    assert run("values[1].map(q => matches(values[0], q))", folded, ["lak DAK", "", "lao"]) == [
        *(True, True, False)
    ]


@needs_node
def test_csv_holds_what_is_shown_and_no_formula():
    rows = [
        ["Đơn vị", "Điểm; của kỳ", "Đổi"],
        ['Sở "Nội vụ"', "1.234,5", "−3,10"],
        ["=HYPERLINK(1)", "+1+1", "-2 điểm"],
        ["a\nb", "45,2 %", "…"],
    ]
    text = run("csv(values[0])", rows)
    assert text.startswith("\ufeff") and text.count("\r\n") == 4
    read = list(csv.reader(io.StringIO(text[1:], newline=""), delimiter=";"))
    rows[1][2] = "-3,10"  # the sign that spreadsheets read
    rows[2] = ["'=HYPERLINK(1)", "'+1+1", "'-2 điểm"]
    assert read == rows, "a negative number is no formula"


@needs_node
def test_text_is_made_safe_as_in_other_lists():
    texts = ["=1", "-", "@x", "\tx", "a\u00a0b\u200b", "x\r\ny", "a=b", "\x00=1", "Đ\u202e", "−5"]
    texts += [
        "＝1+1",
        "＋1",
        "－1",
        "＠x",
        "＝",
        "\n=1",
        "a;=1",
        "\t=",
        ',"=x',
        "'=1",
        "\n\n=",
        "a, '+",
    ]
    assert run("values[0].map(field)", texts) == [neutral.safe_field(t) for t in texts]


@needs_node
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_no_field_begins_a_formula_by_whichever_sign_it_is_divided(lang):
    parts = ["", *neutral.BEGINS, *",;'\" a1"]
    texts = ["".join(held) for held in itertools.product(parts, repeat=3)]
    rows = [[text, texts[-n - 1]] for n, text in enumerate(texts)]
    saved = run("csv(values[0])", rows, lang=lang)[1:]
    for sign in ",;\t":
        read = csv.reader(io.StringIO(saved, newline=""), delimiter=sign)
        assert not [f for line in read for f in line if f.startswith(BEGINS) and not figure(f)]


def figure(field: str) -> bool:
    """Whether a number stands first, so that nothing is calculated."""
    return bool(re.fullmatch(r"[+-]\d[\d.,]*([,;\t].*)?", field, re.DOTALL))
