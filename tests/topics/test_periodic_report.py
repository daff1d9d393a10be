"""The drafted report: its blocks are the schema's, figures are the period's, judgement is left."""

import io
import re
import zipfile
from types import SimpleNamespace

import nbformat.v4
import pytest

from analysis.catalogue import catalogue, reader
from analysis.history import history
from analysis.language import languages
from analysis.period import load
from analysis.render import exports
from analysis.schema.tables import still_open
from analysis.topics import periodic_report as views
from analysis.topics import public_summary


@pytest.fixture(scope="module")
def period():
    return load("2022-Q2")


@pytest.fixture(scope="module")
def outline(period):
    return period.catalogue.outlines["periodic_report"]


def test_outlines_may_ask_for_what_there_is():
    section = reader.schema("outlines")["properties"]["sections"]["items"]["properties"]
    fact = reader.schema("public_summary")["properties"]["candidates"]["items"]["properties"]
    assert list(views.BLOCKS) == section["blocks"]["items"]["enum"]
    assert list(public_summary.KINDS) == fact["kind"]["enum"]


def test_the_draft_has_every_section_and_leaves_judgement_to_people(outline, period):
    html = views.body(outline, period).data
    asked = [s["title"]["vi"] for s in outline["sections"]]
    assert re.findall(r"<h[34]>(.*?)</h[34]>", html)[0] == asked[0]
    assert all(title in html for title in asked)
    assert html.count("[… cần bổ sung:") == sum("human" in s for s in outline["sections"])
    assert [s["group"] for s in outline["sections"] if "group" in s] == [1, 2, 3, 4, 5, 6]


def test_the_first_part_says_what_was_achieved_and_errors_stand_in_the_annex(outline, period):
    html = views.body(outline, period, history.with_before(period)).data
    first, _, rest = html.partition("II. KẾT QUẢ THEO NHÓM NHIỆM VỤ")
    order = ["Kết quả so với mục tiêu", "Thay đổi so với kỳ trước", "Ai dẫn đầu", "Số liệu làm"]
    places = [first.index(head) for head in order]
    assert places == sorted(places) and "Loại vấn đề" not in first and "ở phụ lục" in first
    kinds = still_open(period.tables.issues)["rule"].nunique()
    annex = rest[rest.index("Các loại vấn đề của số liệu đã nhận") :]
    assert re.search(r"<tbody>(.*?)</tbody>", annex, re.S)[1].count("<tr>") == kinds > 50


def test_the_head_is_that_of_an_official_letter_in_two_columns(outline, period):
    html = views.masthead(outline, period).data
    left, right = re.findall(r"<td>(.*?)</td>", html, re.S)
    assert "VĂN PHÒNG CHÍNH PHỦ" in left and "Số: […]/BC-VPCP" in left
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in right and "Độc lập" in right
    assert "ngày […] tháng […] năm […]" in right, "what is not known is left to its author"
    assert "role='presentation'" in html


def test_charts_follow_the_page_and_word_has_pictures(outline, period):
    shown = views.body(
        {"sections": [s for s in outline["sections"] if s.get("group") == 1]}, period
    )
    assert "<svg" in shown.data and "<img" not in shown.data
    assert "<img" in shown.document and "<svg" not in shown.document
    held = shown._repr_mimebundle_()
    cell = nbformat.v4.new_code_cell(
        "x", outputs=[nbformat.v4.new_output("display_data", nbformat.from_dict(held))]
    )
    files = {}
    style = catalogue.load().parameters["document"]
    context = SimpleNamespace(document=style, synthetic=False)
    exports.write(
        ("docx",), nbformat.v4.new_notebook(cells=[cell]), "p", "T", context, files.__setitem__
    )
    names = zipfile.ZipFile(io.BytesIO(files["p.docx"])).namelist()
    assert [name for name in names if "media/" in name]


def test_a_synthetic_period_is_marked_in_the_heading(outline, period):
    html = views.masthead(outline, period).data
    assert "DỰ THẢO" in html and "không phải số liệu thật" in html and "Chưa kiểm chứng" in html


def test_the_draft_has_an_english_heading_and_english_places(outline, period):
    with languages.using("en"):
        html = views.masthead(outline, period).data + views.closing(outline).data
        first = views.body({"sections": outline["sections"][-2:-1]}, period).data
    assert "DRAFT" in html and "GOVERNMENT OFFICE" in html and "REPORT<br>" in html
    assert "[… to be added: recommendations …]" in first


def test_a_group_without_figures_says_so_in_one_line(outline, period):
    empty = {"group": 6, "title": {"vi": "x"}, "blocks": ["group"]}
    told = views.body({"sections": [empty]}, period).data
    assert "<p>Kỳ này không có số liệu của nhóm nhiệm vụ này.</p>" in told


def test_the_facts_are_the_first_candidates_that_the_period_has(period):
    told = public_summary.facts(period.catalogue.public_summary, period)
    national = period.tables.national.set_index("indicator")
    assert [f.name for f in told][:1] == ["Hồ sơ nộp trực tuyến"] and len(told) == 3
    assert told[0].value == pytest.approx(national.loc["dossiers_online", "obs_value"])
    issues = period.tables.issues
    lacking = issues.loc[issues["rule"] == "not_received", "reporting_unit"].nunique()
    assert told[2].value == pytest.approx(100 * (93 - lacking) / 93)  # of 93 that must report
    assert all(f.synthetic and f.basis.startswith("n = ") for f in told)


def test_facts_are_told_in_english(period):
    with languages.using("en"):
        told = public_summary.facts(period.catalogue.public_summary, period)
        html = told[0]._repr_mimebundle_()["text/html"]
    assert told[0].name == "Dossiers filed online" and "%" in html and "," not in told[0].basis
    assert told[0].basis.endswith("units with sufficient figures.")


def test_a_picture_to_share_has_its_size_its_mark_and_always_the_same_bytes(period):
    fact = public_summary.facts(period.catalogue.public_summary, period)[0]
    data = public_summary.share_image(fact)
    assert data[16:24] == (1200).to_bytes(4, "big") + (630).to_bytes(4, "big")
    assert public_summary.share_image(fact) == data
    real = SimpleNamespace(**{**vars(fact), "synthetic": False})
    assert public_summary.share_image(real) != data


def test_exports_hold_what_the_notebook_shows(tmp_path):
    shown = nbformat.v4.new_output("display_data", {"text/html": "<p>Kết quả 12,5</p>"})
    hidden = nbformat.v4.new_output("display_data", {"text/html": "<p>chỉ ở trang</p>"})
    cells = [
        nbformat.v4.new_code_cell("secret_code()", outputs=[shown]),
        nbformat.v4.new_code_cell("x", outputs=[hidden], metadata={"tags": [exports.ONLY_PAGE]}),
    ]
    style = catalogue.load().parameters["document"]
    context = SimpleNamespace(document=style, synthetic=False)

    def lay(name: str, data: bytes) -> str:
        (tmp_path / name).write_bytes(data)
        return name

    book = nbformat.v4.new_notebook(cells=cells)
    made = exports.write(("docx",), book, "page", "T", context, lay)
    assert [m["href"] for m in made] == ["page.docx"]
    text = pandoc(tmp_path / "page.docx")
    assert text.strip() == "Kết quả 12,5"


def pandoc(path) -> str:
    import pypandoc

    return pypandoc.convert_file(str(path), "plain", format="docx")
