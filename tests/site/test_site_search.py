"""Search over a site: its list is what the pages hold, and its script ends where it should."""

import json
import shutil
import subprocess

import pytest

from analysis.language import words
from analysis.render import report
from analysis.site import site_search

NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="no Node")


def run(expression: str, sites: list[dict], *values: object):
    """What the expression gives in Node with the script over ``sites``."""
    code = f"{site_search.script(sites)}\nconst values = {json.dumps(values)};\n"
    code += f"process.stdout.write(JSON.stringify({expression}));"
    done = subprocess.run([NODE, "-"], input=code.encode(), capture_output=True, check=True)
    return json.loads(done.stdout)


def a_site() -> dict:
    pages = [
        ["tasks.html", "Nhiệm vụ được giao", "Ai quá hạn?", "", [["Ai-trễ", "Ai trễ"]]],
        ["units/01.html", "Thành phố Hà Nội", "Tỉnh · 7/18", "Hà Nội|Ha Noi City|HN", []],
        ["", "Sở Xa", "chưa có số liệu", "", []],
    ]
    return {"title": "Quý II/2022", "folder": "2022-Q2/", "pages": pages}


def found(query: str, *sites: dict) -> list[str]:
    return run("search(values[0]).map(entry => entry.href)", list(sites or [a_site()]), query)


@needs_node
def test_it_finds_pages_units_by_other_names_and_sections():
    assert found("nhiem vu") == ["2022-Q2/tasks.html", "2022-Q2/tasks.html#Ai-tr%E1%BB%85"]
    assert found("HN") == ["2022-Q2/units/01.html"] == found("hà NỘI quý 2022")
    assert found("so xa") == [""] and found("khong co") == [] == found(" - ")


@needs_node
def test_names_that_hold_the_words_come_first_and_pages_before_sections():
    other = a_site() | {"folder": "x/", "pages": [["a.html", "Kế hoạch", "về nhiệm vụ", "", []]]}
    assert found("nhiem vu", other, a_site()) == [
        *("2022-Q2/tasks.html", "x/a.html", "2022-Q2/tasks.html#Ai-tr%E1%BB%85")
    ]


ACADEMY = "Viện Hàn lâm Khoa học và Công nghệ Việt Nam"
NAMED = {
    "title": "",
    "folder": "",
    "pages": [
        ["v.html", ACADEMY, "Cơ quan · …", "Vietnam Academy of Science and Technology", []],
        ["q.html", "Đại học Quốc gia Hà Nội", "Cơ quan", "VNU Hanoi", []],
        ["g.html", "Kỳ báo cáo", "Hà Nội, Nghệ An và tỉnh khác", "", [["a", "Hà Nội ở đâu"]]],
        ["40.html", "Tỉnh Nghệ An", "Tỉnh", "Nghệ An|Nghe An|UBND tỉnh Nghệ An|40", []],
        ["01.html", "Thành phố Hà Nội", "Tỉnh", "Hà Nội|Ha Noi City|01", []],
        ["i.html", "Hồ sơ trực tuyến", "Chỉ tiêu · Khung", "dossiers_online|2.2", []],
        ["f.html", "Kiểm soát thủ tục", "Biểu II.06a", "II.06a|kstt", []],
    ],
}


@needs_node
def test_who_is_called_so_comes_first_and_scattered_words_are_not_meant():
    assert found("ha noi", NAMED)[0] == "01.html"
    assert found("nghe an", NAMED) == ["40.html", "g.html"]
    assert found("khoa hoc cong nghe", NAMED) == ["v.html"]  # in any order, if nothing is called so
    assert found("2.2", NAMED) == found("dossiers online", NAMED) == ["i.html"]
    assert found("II.06a", NAMED) == ["f.html"]


@needs_node
def test_words_are_found_by_their_beginnings_never_within():
    assert found("truc tuy", NAMED) == ["i.html"]
    assert found("ghe an", NAMED) == [] == found("oi", NAMED)
    assert found("hoc vien", NAMED) == ["v.html"]


@needs_node
def test_it_folds_as_the_rest_of_the_project():
    texts = ["Tỉnh Đắk  Lắk", "Bộ Y\u200b tế", "ĐỒNG\u00adNAI", ""]
    assert run("values[0].map(plain)", [], texts) == [words.fold(t) for t in texts]


@needs_node
def test_no_title_can_end_the_script():
    hostile = "</script><!--\u2028\u2029'\"\\`${1}"
    site = {"title": hostile, "folder": "", "pages": [["a.html", hostile, hostile, "", []]]}
    script = site_search.script([site])
    assert "</script" not in script and "<!--" not in script
    assert run("listed[0].title", [site]) == hostile


def test_sections_are_read_from_the_built_page(tmp_path):
    page = tmp_path / "p.html"
    page.write_text(
        '<h2 id="A-&amp;-<">A &amp; <em>B</em><a class="anchor-link" href="#x">¶</a></h2>'
        "<h2>không có đường dẫn</h2>"
    )
    assert site_search.sections(page) == [["A-&-<", "A & B"]]
    assert site_search.sections(tmp_path / "missing.html") == []


def test_the_script_is_small_and_names_no_address():
    script = (report.TEMPLATES / "search.js").read_text("utf-8")
    assert len(script.splitlines()) <= 100 and max(map(len, script.splitlines())) <= 100
    assert not any(word in script for word in ("innerHTML", "eval", "fetch", "import", "http"))
