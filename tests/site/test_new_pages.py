"""A page of one's own: begun by a command, seen, built, and taken away without a trace."""

import shutil

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st
from shared import call

from analysis import project
from analysis.period import load
from analysis.site import building, declared, new_pages

PERIOD = "plan-2022"
PAGE = {
    "notebook": "91_mine",
    "title": {"vi": "Của “tôi”: #1", "en": 'My "own"'},
    "question": {"vi": "Câu hỏi? \\ 'a'", "en": "?"},
    "needs": [],
}
# the last page of a file, as people write it; {} is what stands before each line
LAST = [
    "{0}b:\n{0}  notebook: x # said\n{0}  needs: []\n",
    "{0}b: {{notebook: x, needs: [a,\n{0}   b]}}\n",
    "{0}b:\n{0}  question: |\n{0}    two\n{0}    lines\n",
    "{0}b:\n{0}  question: two\n{0}    lines\n\n",
    "{0}b:\n{0}  needs:\n{0}  - values\n{0}  - 'scores: 1'\n",
    "{0}b:\n{0}  parameters:\n",
]
BELOW = [
    "",
    "# said of what follows\nreport: [2024]\n",
    "\n\n{0}# a comment\nalso_in: {{}}\n",
    "# a\n",
]


@given(
    st.sampled_from(LAST),
    st.sampled_from(BELOW),
    st.sampled_from(["  ", "    "]),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
    st.booleans(),
)
@example(LAST[0], "", "  ", "\n", False, True)
def test_the_lines_of_a_page_are_put_in_and_all_else_stays_byte_for_byte(
    last, below, indent, ending, marked, cut
):
    text = ("# Đầu tệp\npages:\n{0}a: {{x: 1}}  # first\n" + last + below).format(indent)
    cut = cut and not ("|" in last and not below)  # there the end of the file is part of a text
    text = text.rstrip("\n") if cut else text
    before = (b"\xef\xbb\xbf" if marked else b"") + text.replace("\n", ending).encode()
    after, line = new_pages.with_page(before, "mine", PAGE)
    lines = after.splitlines(keepends=True)
    assert lines[line - 1].decode().strip() == "mine:"
    rest = b"".join(lines[: line - 1] + lines[line + len(PAGE) :])
    assert rest == before or rest == before + ending.encode() and cut
    stated, now = yaml.safe_load(before), yaml.safe_load(after)
    assert now["pages"] == stated["pages"] | {"mine": PAGE} and list(now) == list(stated)


@pytest.mark.parametrize("pages", ["pages: {a: {x: 1}}\n", "pages:\nreport: []\n", "report: []\n"])
def test_where_lines_have_no_sure_place_they_are_told(pages):
    with pytest.raises(declared.SiteError, match='yourself\n  mine:\n    notebook: "91_mine"'):
        new_pages.with_page(pages.encode(), "mine", PAGE)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("mine")
    for name in ("data/catalogue", f"data/submissions/{PERIOD}", "reports/templates"):
        shutil.copytree(project.PROJECT / name, root / name)
    (root / "data/reference").mkdir()
    (root / "notebooks").mkdir()
    shutil.copy(project.PROJECT / "notebooks/71_plan.ipynb", root / "notebooks")
    stated = yaml.safe_load((project.PROJECT / "reports/site.yml").read_text("utf-8"))
    other = stated["pages"]["plan"] | {"needs": ["scores"]}  # which this period has not
    stated = {"pages": {"plan": other}, "report": [PERIOD]}
    text = "# Các trang\n" + yaml.safe_dump(stated, allow_unicode=True) + "# hết\n"
    (root / "reports/site.yml").write_text(text, "utf-8")
    return root


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Bảng của tôi", "write the name as bang_cua_toi"),
        ("../x", "write the name as x"),
        ("plan", "plan: there is a page or a notebook"),
        ("71_plan", "plan: there is a page or a notebook"),
        ("index", "index: there is a page or a notebook"),
    ],
)
def test_a_name_that_is_none_or_taken_is_refused_and_nothing_is_written(root, name, told):
    before = sorted(p for p in root.rglob("*") if p.is_file())
    stated = (root / "reports/site.yml").read_bytes()
    code, said = call(root, "new", "page", name)
    assert code == 2 and told in said
    assert sorted(p for p in root.rglob("*") if p.is_file()) == before
    assert (root / "reports/site.yml").read_bytes() == stated


def test_a_page_is_begun_seen_built_and_taken_away_without_a_trace(root, in_this_process):
    path, loaded = root / "reports/site.yml", load(PERIOD, root)
    stated = path.read_bytes()
    code, said = call(root, "new", "page", "mine", "--title", "Của <tôi>")
    assert code == 0 and "72_mine.ipynb" in said and f"run {PERIOD} --page mine" in said
    path.write_text(path.read_text("utf-8").replace("Của <tôi>", "Tên ở site.yml"), "utf-8")
    built = building.build(loaded, workers=1)
    assert [r.page.name for r in built.results if r.built] == ["mine"]
    page = (root / f"reports/{PERIOD}/mine.html").read_text("utf-8")
    assert "<h1>Tên ở site.yml</h1>" in page and "Của <tôi>" not in page
    assert "Chưa có số liệu nào được chấp nhận." in page, "a plan has no figures"
    (root / "notebooks/72_mine.ipynb").unlink()
    path.write_bytes(stated)
    building.build(loaded, workers=1)
    assert (root / f"reports/{PERIOD}/index.html").exists() and not list(root.rglob("*mine*"))


def test_a_file_that_takes_the_place_of_the_package_is_named(root):
    for name in ("analysis.py", "analysis/__init__.py"):
        path = root / "notebooks" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("x = 1\n")
        code, said = call(root, "run", PERIOD, "--dry-run")
        assert code == 2 and f"notebooks/{name}: notebooks would import this as `analysis`" in said
        path.unlink()
