"""Pages and index of a real build: complete, self-contained, escaped."""

import base64
import hashlib
import json
import re
import shutil
from html import escape, unescape
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from shared import Page

from analysis import project
from analysis.catalogue import catalogue as cat
from analysis.catalogue import plans
from analysis.period import load
from analysis.render import html_page, report
from analysis.site import building, planning
from analysis.site import declared as site

OUTSIDE = re.compile(
    r"""(?:src|href|action)\s*=\s*["']?\s*(?:https?:)?//|url\(\s*["']?(?:https?:)?//|@import"""
)


@pytest.fixture(scope="module")
def root(built_root):
    return built_root


@pytest.fixture(scope="module")
def built(built_sites):
    return built_sites


@pytest.fixture(scope="module")
def pages(built, root):
    paths = sorted((root / "reports").rglob("*.html"))
    paths = [p for p in paths if "templates" not in p.parts]
    return {p.relative_to(root / "reports").as_posix(): p.read_text("utf-8") for p in paths}


def test_every_declared_page_is_built_without_error(built, pages):
    for b in built.values():
        assert [r.message for r in b.results if r.status != "ok"] == []
    assert {
        "index.html",
        "2026-Q3/index.html",
        "2026-Q3/agreement.html",
        "2024/service_quality.html",
        "2024/units/46.html",
        "2022-Q2/units/01.html",
        "2022-Q2/submissions.html",
        "apci-2022/index.html",
        "apci-2022/apci.html",
        "apci-2022/apci_editions.html",
        "apci-2022/compliance_cost.html",
    } <= set(pages)
    assert "2022-Q2/agreement.html" not in pages, "nothing published to compare with"
    for html in pages.values():
        assert "Traceback" not in html and "chưa lập được" not in html


def test_a_page_is_called_alike_wherever_it_is_named(built, pages, root):
    """By the first line of its notebook, or what site.yml says, and of what it is made for each."""
    declared = site.load(root / "reports/site.yml", root / "notebooks")["pages"]
    for code, page in declared.items():
        named = site.title(root / "notebooks" / f"{page['notebook']}.ipynb")
        assert (page["title"] == named) == (code != "one_stop"), code
    for name, b in built.items():
        folder = b.index.parent
        receipt = json.loads((folder / "receipt.json").read_text("utf-8"))
        lang = receipt["lang"]
        index = (folder / "index.html").read_text("utf-8")
        for page in receipt["pages"]:
            title, unit = page["title"], page["parameters"].get("reporting_unit")
            code = page["name"].removesuffix(f"-{page['parameters'].get('framework')}")
            html = (folder / page["output"]).read_text("utf-8")
            head = html.partition("</head>")[0]
            assert texts("h1", html) == texts("title", head) == [title], (name, page["name"])
            if page["name"].startswith("units/"):
                assert unit and title in index
                continue
            own = declared[page["name"] if page["name"] in declared else code]["title"][lang]
            assert title == own or title.startswith(f"{own}: ") and code != page["name"]
            assert f"<strong>{escape(title, quote=False)}</strong>" in index


def texts(tag: str, html: str) -> list[str]:
    return [unescape(t) for t in re.findall(rf"<{tag}\b[^>]*>(.*?)</{tag}>", html, re.S)]


def test_a_site_file_of_before_names_the_title_of_each_page(tmp_path):
    text = {"vi": "Của tôi", "en": "My own"}
    page = {"notebook": "10_glance", "title": text, "question": text, "needs": []}
    untitled = {k: v for k, v in page.items() if k != "title"}
    bare = new_notebook(cells=[new_code_cell("1")])
    shutil.copy(project.PROJECT / "notebooks/10_glance.ipynb", tmp_path)
    nbformat.write(bare, tmp_path / "bare.ipynb")
    path = tmp_path / "site.yml"
    path.write_text(json.dumps({"pages": {"a": page, "b": untitled}}))
    found = site.load(path, tmp_path)["pages"]
    assert found["a"]["title"] == text
    assert found["b"]["title"]["en"] == "The reporting period on one page"
    path.write_text(json.dumps({"pages": {"c": untitled | {"notebook": "bare"}}}))
    with pytest.raises(site.SiteError, match="page c: no title, and bare.ipynb does not begin"):
        site.load(path, tmp_path)


def test_pages_name_no_outside_address_and_forbid_it(pages):
    for name, html in pages.items():
        page = Page(html)
        assert not OUTSIDE.search(html), name
        assert not [h for h in page.links if re.match(r"(?:[a-z]+:)?//|javascript:", h)], name
        assert not page.handlers, name
        assert not {"iframe", "object", "embed", "form", "base"} & set(page.tags), name
        policy = page.meta["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "unsafe-eval" not in policy
        for script in page.scripts:
            digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
            assert f"'sha256-{digest}'" in policy, name


def test_the_home_page_lists_periods_before_survey_editions(pages):
    listed = pages["index.html"].partition('id="periods"')[2]
    order = [listed.index(code) for code in ("2026-Q3", "2024", "2022-Q2", "apci-2022")]
    assert order == sorted(order)


def test_every_page_that_follows_the_plan_is_declared(root):
    """A page of systems.yml is one of site.yml, of a period or edition that is there."""
    declared = site.load(root / "reports/site.yml", root / "notebooks")["pages"]
    catalogue = cat.load(root)
    for code in [p for system in catalogue.systems for p in system["pages"]]:
        subject, _, page = code.partition("/")
        page, _, framework = page.partition("-")
        survey, _, edition = subject.partition("-")
        if survey in catalogue.surveys:
            plans.edition(survey, edition, catalogue, root)
            assert declared[page]["survey"] == survey
            continue
        plan = plans.plan(subject, catalogue, root)
        assert "survey" not in declared[page]
        assert (declared[page].get("for_each") == "framework") == bool(framework)
        assert not framework or framework in plan.frameworks


def test_the_home_page_links_what_the_plan_asks_for_to_its_pages(pages):
    home = Page(pages["index.html"])
    assert {"2026-Q3/agreement.html", "2024/ranking.html", "apci-2022/apci.html"} <= set(home.links)


def test_no_answer_of_a_respondent_reaches_a_page(pages, root):
    folder = root / "data" / "survey" / "apci-2022"
    answers = pd.read_csv(folder / "phieu_mien_nam.csv", dtype=str, keep_default_na=False)
    money = ["phi_le_phi", "cp_di_lai", "cp_khac", "muc_khong_ct", "cp_thue_ngoai"]
    written = {v for column in money for v in answers[column] if v.endswith(" đ") and len(v) > 9}
    assert len(written) > 500
    for name, html in pages.items():
        if name.startswith("apci"):
            assert not [v for v in written if v in html], name


def test_pages_of_published_figures_are_not_called_synthetic(pages):
    mark = "DỮ LIỆU MINH HỌA"
    assert mark in pages["apci-2022/apci.html"] and mark in pages["apci-2022/index.html"]
    assert mark not in pages["apci-2022/apci_editions.html"]
    assert mark not in pages["apci-2022/compliance_cost.html"]


def test_links_between_pages_lead_somewhere(pages, root, built):
    beside = 0
    for name, html in pages.items():
        for link in Page(html).links:
            if link.startswith(("#", "data:")):
                continue
            target = (root / "reports" / name).parent.joinpath(link.partition("#")[0]).resolve()
            if "/units/" in name and target.parent.name == "units":
                beside += 1  # a neighbour in rank: these sites are built for some units only
                continue
            assert target.exists(), (name, link)
    assert beside


def test_ids_do_not_clash_within_a_page(pages):
    for name, html in pages.items():
        ids = Page(html).ids
        assert len(ids) == len(set(ids)), name


def test_synthetic_data_says_so_on_every_page_and_real_data_does_not(pages, root):
    declared = site.load(root / "reports" / "site.yml", root / "notebooks")["pages"]
    published = {code for code, page in declared.items() if page.get("synthetic") is False}
    for name, html in pages.items():
        if Path(name).stem in published:  # figures that others published, beside made-up ones
            assert "SYNTHETIC" not in html, name
        elif name.startswith("2022-Q2/"):
            assert "DỮ LIỆU MINH HỌA (SYNTHETIC)" in html
        elif name.startswith(("2026-Q3/", "2024/")):
            assert "SYNTHETIC" not in html


def test_hostile_text_of_a_submission_is_shown_as_text(pages):
    html = pages["2022-Q2/units/75.html"]
    assert "<script>alert" not in html and "<img" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


def test_a_page_shows_the_units_own_figures(pages, root):
    text = " ".join(Page(pages["2026-Q3/units/H44.42.html"]).text)
    assert "Sở Nội vụ" in text
    assert "2.796" in text and "7.566" in text and "7,39" in text


def test_published_points_are_shown_as_points_and_never_averaged(pages):
    glance = " ".join(Page(pages["2024/glance.html"]).text)
    assert "không có số của toàn thể" in glance
    assert "Tỷ lệ đạt được của toàn thể đơn vị, " not in glance
    assert glance.count("34)") == 1 + 2 * 5, "of the change, and each group in two drawings"
    unit = " ".join(Page(pages["2024/units/46.html"]).text)
    assert "Tỉnh Thừa Thiên Huế" in unit and "14,93 điểm" in unit and "14,93 %" not in unit
    table = pages["2024/units/46.html"]
    assert ">Giá trị</th>" in table and ">Tử số</th>" not in table
    quality = " ".join(Page(pages["2024/service_quality.html"]).text)
    assert "34 trong 34 đơn vị có đủ số liệu cho cả 100 điểm" in quality
    assert "Các đơn vị thấp điểm nhất: Dịch vụ và thanh toán trực tuyến" in quality
    assert "18,00 điểm" in quality and "18,0 %" not in quality


def test_the_receipt_names_inputs_and_pages(root, built):
    receipt = json.loads((root / "reports/2026-Q3/receipt.json").read_text("utf-8"))
    held = (root / "data/submissions/2026-Q3").iterdir()
    digests = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in held}
    assert receipt["inputs"] == digests and {"values.csv", "period.yml"} <= set(digests)
    assert receipt["cells"]["unaccounted"] == 0
    unit = next(p for p in receipt["pages"] if p["output"] == "units/H44.42.html")
    assert unit["parameters"] == {"time_period": "2026-Q3", "reporting_unit": "H44.42"}


def test_an_unknown_unit_is_refused(root):
    with pytest.raises(planning.PlanError, match="not due in 2026-Q3: H99"):
        building.build(load("2026-Q3", root), units=["H99"])


@pytest.mark.parametrize("code", ["../x", "a/b", "", "Sở", "a b"])
def test_paths_are_made_of_codes_only(code):
    with pytest.raises(site.SiteError):
        site.output("page", code)
    with pytest.raises(site.SiteError):
        site.output(code)


@pytest.mark.parametrize("code", ["index", "../a", "a/b", "Sở", "a b"])
def test_a_page_that_is_declared_has_a_code_of_its_own(tmp_path, code):
    text = {"vi": "t", "en": "t"}
    page = {"notebook": "10_glance", "title": text, "question": text, "needs": []}
    path, notebooks = tmp_path / "site.yml", project.PROJECT / "notebooks"
    path.write_text(json.dumps({"pages": {"fine": page}}))
    assert set(site.load(path, notebooks)["pages"]) == {"fine"}
    path.write_text(json.dumps({"pages": {code: page}}))
    with pytest.raises(site.SiteError, match="page code"):
        site.load(path, notebooks)


def test_outputs_of_any_kind_become_safe_html(tmp_path):
    outputs = [
        new_output("stream", text="<b>loud</b>"),
        new_output("display_data", data={"text/plain": "<i>plain</i>"}),
        new_output("display_data", data={"image/svg+xml": "<svg><script>alert(1)</script></svg>"}),
        new_output("error", ename="E", evalue="<u>", traceback=["\x1b[31m<s>"]),
        new_output("display_data", data={"image/png": '"><kbd>'}),
    ]
    book = new_notebook(cells=[new_code_cell("1 <q> 2", outputs=outputs)])
    title = "<title>&\"'"
    html = html_page.html(nbformat.from_dict(book), title, report.Context())
    for raw in (
        "<b>loud",
        "<i>plain",
        "<script>alert",
        "<u>",
        "<s>",
        "<title><title>",
        "<kbd>",
        "<q>",
    ):
        assert raw not in html
    assert "\x1b" not in html
    assert Page(html).tags.count("script") == 0


@pytest.mark.parametrize(
    "broken",
    [
        "pages: [",
        "pages: {a: {notebook: nowhere, title: t, question: q, needs: []}}",
        "pages: {a: {notebok: x}}",
        "pages: {../a: {}}",
        "pages: {index: {notebook: n, title: t, question: q, needs: []}}",
        "pages: [a]",
        "pages: {a: }",
        "pages: {1: {notebook: n, title: t, question: q, needs: []}}",
    ],
)
def test_a_broken_site_file_is_named(tmp_path, broken):
    (tmp_path / "site.yml").write_text(broken)
    with pytest.raises(site.SiteError, match="site.yml"):
        site.load(tmp_path / "site.yml", Path(tmp_path))


class Foreign(HTMLParser):
    """Collects texts with Vietnamese letters that are not marked as Vietnamese.

    Left out: code, and numbers of documents (766/QĐ-TTg).
    """

    VIETNAMESE = re.compile("[À-ÃÈ-ÊÌÍÒ-ÕÙÚÝà-ãè-êìíò-õùúýĂăĐđĨĩŨũƠơƯưẠ-ỹ]")
    NUMBERS = re.compile(r"\S*\d+/\S+")

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open, self.texts = [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        hidden = tag in ("script", "style", "pre") or (tag != "html" and attrs.get("lang") == "vi")
        hidden |= bool(self.open) and self.open[-1][1]
        for name in ("aria-label", "title", "placeholder", "alt"):
            self._note(attrs.get(name) or "", hidden)
        if tag not in ("meta", "link", "br", "img", "input", "hr", "col", "wbr"):
            self.open.append((tag, hidden))

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        self._note(data, bool(self.open) and self.open[-1][1])

    def _note(self, text, hidden):
        if not hidden and self.VIETNAMESE.search(self.NUMBERS.sub("", text)):
            self.texts.append(text.strip())


def test_an_untranslated_text_on_a_page_would_be_found():
    page = "<p>Ranking <b>Xếp hạng</b></p><p lang='vi'>Nghị định</p><p>Decision 766/QĐ-TTg</p>"
    assert Foreign(page).texts == ["Xếp hạng"]
    assert Foreign("<a title='Tệp'><svg><path></path></svg></a>x").texts == ["Tệp"]


def test_no_english_page_is_half_translated(built_root, built_sites):
    pages = sorted((built_root / "reports" / "en").rglob("*.html"))
    pages = [p for p in pages if p.name != "method.html"]  # its chapters name Vietnamese terms
    assert len(pages) > 10
    found = {p.name: Foreign(p.read_text("utf-8")).texts[:5] for p in pages}
    assert {name: texts for name, texts in found.items() if texts} == {}
