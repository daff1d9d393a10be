"""Two languages: each sentence has its English, numbers and dates follow the language."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import nbformat
import pandas as pd
import pytest
from markupsafe import Markup
from nbclient import NotebookClient
from tools import translations

from analysis.language import languages, words
from analysis.period import build, load
from analysis.project import PROJECT


@pytest.fixture
def english():
    with languages.using("en"):
        yield


def test_the_language_of_the_code_needs_no_file():
    assert languages.current() == "vi"
    assert languages.say("{n} đơn vị", n=3) == "3 đơn vị"


def test_numbers_and_days_follow_the_language(english):
    assert words.number(1234.5, 1) == "1,234.5"
    assert words.percent(12.5) == "12.5%"
    assert words.short(15.5) == "15.5"
    assert words.day(pd.Timestamp("2022-12-31")) == "31 Dec 2022"


def test_what_has_no_translation_stays_as_it_is(english):
    assert languages.say("câu không có trong tệp") == "câu không có trong tệp"


def test_a_pair_of_the_catalogue_falls_back_to_vietnamese(english):
    assert languages.choose({"vi": "Tỉnh", "en": "Province"}) == "Province"
    assert languages.choose({"vi": "Tỉnh"}) == "Tỉnh"
    assert languages.choose(None, "…") == "…"


def test_quoted_vietnamese_is_marked_and_all_else_escaped(english):
    quoted = languages.as_written("Nghị định <b>")
    assert quoted == Markup("<span lang='vi'>Nghị định &lt;b&gt;</span>")
    assert languages.say("{a}: {b}", a=quoted, b="<i>") == quoted + Markup(": &lt;i&gt;")


def test_tables_are_the_same_whatever_the_language_of_the_page_that_asks_for_them(english):
    loaded = load("budget-2008")
    made = build(loaded.plan, loaded.catalogue)
    assert made.issues["message_vi"].tolist() == loaded.tables.issues["message_vi"].tolist()


def test_an_unknown_language_is_refused():
    with pytest.raises(ValueError, match="fr"):
        languages.use("fr")
    assert languages.current() == "vi"


def test_threads_write_each_in_their_own_language():
    both = Barrier(2, timeout=10)

    def written(code: str) -> list[str]:
        with languages.using(code):
            both.wait()  # each has said its language
            first = words.number(1.5, 1)
            both.wait()
            return [first, words.number(1.5, 1), languages.current()]

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(written, ["vi", "en"])) == [["1,5", "1,5", "vi"], ["1.5", "1.5", "en"]]
    assert languages.current() == "vi"


def test_a_language_said_in_a_block_ends_with_it():
    with languages.using("en"), languages.using("vi"):
        languages.use("en")
        assert languages.current() == "en"
    assert languages.current() == "vi"


def test_the_language_of_a_notebook_holds_in_all_cells_of_its_kernel(tmp_path):
    """Also where the kernel runs a cell in a context of its own, or the cell starts a thread."""
    cells = [
        "from concurrent.futures import ThreadPoolExecutor\n"
        "from analysis.language import languages\n"
        "with languages.using('vi'):\n    pass\n"
        "languages.use('en')",
        "languages.current()",
        "import asyncio\nawait asyncio.sleep(0)\n"
        "ThreadPoolExecutor(1).submit(languages.current).result()",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    NotebookClient(notebook, resources={"metadata": {"path": str(tmp_path)}}).execute()
    assert [o["data"]["text/plain"] for c in notebook.cells for o in c.outputs] == ["'en'"] * 2


@pytest.mark.parametrize("code", [c for c in languages.LANGUAGES if c != languages.SOURCE])
def test_every_sentence_has_its_translation(code):
    faults = translations.faults(PROJECT, code)
    assert not faults, "\n".join(["python -m tools translations", *faults])


def _project(root: Path) -> Path:
    for folder in ("src/analysis/display", "notebooks", "reports/templates"):
        (root / folder).mkdir(parents=True)
    (root / "src/analysis/display/wordings.csv").write_text("table,column,heading,format\n")
    return root


def test_a_new_sentence_without_translation_is_found(tmp_path):
    root = _project(tmp_path)
    code = 'HEADS = {"a": "Tên chưa dịch"}\n\n\ndef f():\n    return say("Nhom khong dau")\n'
    (root / "src/analysis/views.py").write_text(code, encoding="utf-8")
    rows = "table,column,heading,format\n,a,Dau cot,\nt,a,,\nt,b,Đầu cột,whole\n"
    (root / "src/analysis/display/wordings.csv").write_text(rows, encoding="utf-8")
    faults = translations.faults(root, "en")
    assert [f for f in faults if "views.py:1" in f and "Tên chưa dịch" in f]
    assert [f for f in faults if "views.py:5" in f and "Nhom khong dau" in f]
    assert [f.partition(": ")[0] for f in faults if "no en for" in f and "wordings" in f] == [
        "wordings.csv:2",
        "wordings.csv:4",
    ]


def test_a_sentence_glued_from_pieces_is_refused(tmp_path):
    root = _project(tmp_path)
    (root / "src/analysis/views.py").write_text('x = f"{n} đơn vị"\n', encoding="utf-8")
    assert [f for f in translations.faults(root, "en") if "views.py:1" in f and "say(" in f]
