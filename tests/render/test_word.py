"""Word exports: what the page shows, nothing else, and markup in names stays text."""

import io
import re
import subprocess
import sys
import zipfile

import nbformat
import pypandoc
import pytest

from analysis.language import languages
from analysis.render import exports, report, word

STYLE = {
    "font": "Times New Roman",
    "size": 14,
    "table_size": 11,
    "margins": {"top": 20, "bottom": 20, "left": 30, "right": 15},
    "mark": {"vi": "DỰ THẢO", "en": "DRAFT"},
}
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
PNG += "+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
HTML = (
    "<h2>Báo cáo</h2><h3>I. Tình hình</h3><p>12,5 %; 1.234 hồ sơ</p>"
    "<table class='data'><thead><tr><th>Đơn vị</th><th>Tỷ lệ</th></tr></thead><tbody>"
    "<tr><td>=HYPERLINK(&quot;x&quot;)</td><td>…</td></tr>"
    "<tr><td>&lt;b&gt;*Sở* $x$ [a](b)&lt;/b&gt;</td><td>97,4 %</td></tr></tbody></table>"
    "<figure class='chart'><figcaption><strong>Hình</strong><br><span>%</span></figcaption>"
    f"<img alt='Cao nhất 97,4' src='data:image/png;base64,{PNG}'><p class='source'>Nguồn</p>"
    "<details class='notes'><summary>Về số liệu</summary><p class='note'>Đến tháng 6</p></details>"
    "<details class='behind'><summary>Gấp</summary><table><tr><td>97,4</table></details></figure>"
)


@pytest.fixture(scope="module")
def made() -> bytes:
    return word.docx(HTML, "Tên <bản> & thảo", STYLE, synthetic=True)


def part(data: bytes, name: str) -> str:
    return zipfile.ZipFile(io.BytesIO(data)).read(name).decode()


def test_headings_tables_and_figures_are_words_own(made):
    xml = part(made, "word/document.xml")
    assert xml.count('w:val="Heading1"') == 1 and xml.count('w:val="Heading2"') == 1
    assert xml.count("<w:tbl>") == 1 and xml.count("<w:tblHeader") == 1
    assert "Nguồn" in xml and "Gấp" not in xml, "data behind a picture are not printed"
    assert "Đến tháng 6" in xml and "Về số liệu" not in xml, "notes on figures are"
    assert 'descr="Cao nhất 97,4"' in xml and "data:image" not in xml
    assert len([n for n in zipfile.ZipFile(io.BytesIO(made)).namelist() if "media/" in n]) == 1


def test_tables_have_widths_whole_rows_and_repeated_heads_and_pages_have_numbers(made):
    xml = part(made, "word/document.xml")
    table = re.search(r"<w:tbl>.*?</w:tbl>", xml, re.S)[0]
    first, second = map(int, re.findall(r'<w:gridCol w:w="(\d+)"', table))
    assert first > second and 'w:type="pct"' in table
    assert table.count("<w:tr>") == table.count("<w:cantSplit/>") == 3
    assert table.count("<w:tblHeader") == 1
    assert 'w:instr="PAGE"' in part(made, "word/header1.xml")


def test_a_wide_table_is_set_in_smaller_letters():
    row = "<tr>" + "<td>31/12/2022</td>" * 9 + "</tr>"
    data = word.docx(f"<table class='data'>{row}</table>", "x", STYLE, False)
    xml, styles = part(data, "word/document.xml"), part(data, "word/styles.xml")
    assert 'w:tblStyle w:val="Densest"' in xml and '"Compact"' not in xml
    assert re.search(r'w:styleId="DensestText"(?:(?!</w:style>).)*w:sz w:val="15"', styles, re.S)


def test_the_head_of_a_letter_has_no_frame_and_two_columns():
    html = (
        "<table class='letter' data-custom-style='Letter'><colgroup><col style='width:42%'>"
        "<col style='width:58%'></colgroup><tbody><tr><td><div data-custom-style='Centred'>"
        "<p>A</p></div></td><td><p>B</p></td></tr></tbody></table>"
    )
    data = word.docx(html, "x", STYLE, False)
    xml, styles = part(data, "word/document.xml"), part(data, "word/styles.xml")
    assert 'w:tblStyle w:val="Letter"' in xml and 'w:pStyle w:val="Centred"' in xml
    letter = re.search(r'w:styleId="Letter".*?</w:style>', styles, re.S)[0]
    assert "tblBorders" not in letter


def test_text_of_a_name_stays_text(made):
    command = [pypandoc.get_pandoc_path(), "-f", "docx", "-t", "html", "--wrap=none"]
    html = subprocess.run(command, input=made, capture_output=True, check=True).stdout.decode()
    assert '<td>=HYPERLINK("x")</td>' in html
    assert "<td>&lt;b&gt;*Sở* $x$ [a](b)&lt;/b&gt;</td>" in html
    assert "<p>12,5 %; 1.234 hồ sơ</p>" in html and "w:fldSimple" not in part(
        made, "word/document.xml"
    )


def test_an_english_document_is_marked_and_proofed_in_english():
    with languages.using("en"):
        data = word.docx("<p>Results</p>", "x", STYLE, synthetic=True)
    assert "DRAFT – ILLUSTRATIVE DATA" in part(data, "word/header1.xml")
    styles = part(data, "word/styles.xml")
    assert 'w:val="en-GB"' in styles and "vi-VN" not in styles


def test_every_page_is_marked_and_laid_out_as_the_catalogue_says(made):
    assert "DỰ THẢO – DỮ LIỆU MINH HỌA" in part(made, "word/header1.xml")
    plain = word.docx("<p>x</p>", "x", STYLE, synthetic=False)
    assert "MINH HỌA" not in part(plain, "word/header1.xml")
    xml = part(made, "word/document.xml")
    assert 'w:w="11906"' in xml and 'w:left="1701"' in xml and 'w:right="850"' in xml
    assert "<w:headerReference" in xml
    assert 'latin typeface="Times New Roman"' in part(made, "word/theme/theme1.xml")
    assert 'w:sz w:val="28"' in part(made, "word/styles.xml")
    assert "<dc:title>Tên &lt;bản&gt; &amp; thảo</dc:title>" in part(made, "docProps/core.xml")


def test_without_pandoc_all_but_the_document_is_made_and_it_is_said_what_to_do(monkeypatch):
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# T")])
    context = report.Context(document=STYLE)
    monkeypatch.setitem(sys.modules, "pypandoc", None)
    told = exports.written(("docx", "png"), made, "p", "T", context, lambda name, data: name)
    assert told[0] == [] and told[1].startswith("DOCX: ") and "pypandoc-binary" in told[1]


def test_the_same_page_gives_the_same_bytes(made):
    """And at any time: pandoc sees no clock."""
    assert part(made, "docProps/core.xml").count(">1970-01-01T00:00:00Z<") == 2
    assert word.docx(HTML, "Tên <bản> & thảo", STYLE, synthetic=True) == made


def test_nothing_is_read_from_the_machine(tmp_path):
    secret = tmp_path / "secret.png"
    secret.write_bytes(b"not for readers")
    data = word.docx(f"<p><img src='{secret}' alt='x'></p>", "x", STYLE, False)
    names = zipfile.ZipFile(io.BytesIO(data)).namelist()
    assert not [n for n in names if "media/" in n]
