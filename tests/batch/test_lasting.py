"""A page that cannot be built any more keeps its last good state, marked as of its time."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from shared import CONTEXT, notebook

from analysis.batch import execute, incremental, lasting
from analysis.batch.pages import Batch, Page, examine
from analysis.storage import files

pytestmark = pytest.mark.usefixtures("in_this_process")

AT = datetime(2026, 10, 3, 7, 5, tzinfo=UTC)
SHOWS = """from IPython.display import display
display({"text/html": "<b>7</b>", "image/png": "aGVs"}, raw=True)"""


@pytest.fixture
def site(tmp_path, monkeypatch):
    """``build(*cells)`` of a page with a picture, and ``batch`` and ``page``."""
    (tmp_path / "data").mkdir()
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(AT.timestamp())))

    class Site:
        batch = Batch(tmp_path / "site", tmp_path / "executed", CONTEXT, tmp_path)
        page = Page("a", tmp_path / "a.ipynb", Path("a.html"), "Trang", also=("png",))

        def build(self, *cells):
            notebook(tmp_path, "a", *cells)
            return execute.build(self.page, self.batch)

        def lying(self):
            folder = self.batch.site
            return {p.name: p.read_bytes() for p in folder.iterdir()} if folder.exists() else {}

        def record(self):
            return incremental.load(self.batch.record(self.page))

        def due(self):
            return examine([self.page], self.batch)[0]

        def true(self):
            """The record holds all that lies there, as it lies there."""
            lying = {n: files.sha256(self.batch.site / n) for n in self.lying()}
            return self.record().written == lying

    return Site()


def test_a_page_that_fails_keeps_its_last_good_state_with_its_time_and_the_reason_beside(site):
    assert site.build(SHOWS).status == "ok"
    good = site.lying()
    assert set(good) == {"a.html", "a-1.png"}
    result = site.build("raise ValueError('hidden reason')")
    assert (result.status, result.as_of) == ("error", AT.timestamp())
    lying = site.lying()
    page = lying["a.html"].decode()
    assert set(lying) == {*good, "a.failed.html"} and lying["a-1.png"] == good["a-1.png"]
    assert "Trang này lập lúc 03/10/2026 07:05 UTC" in page and "a.failed.html" in page
    assert "hidden reason" not in page and "hidden reason" in lying["a.failed.html"].decode()
    assert page.replace(page[page.index("<!--earlier") : page.index("/earlier-->") + 11], "") == (
        good["a.html"].decode()
    )
    assert site.true() and site.due().lasts
    assert site.due().reasons == (f"failed last time: {result.message}",)


def test_a_second_failure_keeps_one_mark_and_the_next_success_takes_all_away(site):
    site.build(SHOWS)
    good = site.lying()
    for _ in range(2):
        site.build("1 / 0")
    assert site.lying()["a.html"].count(b"<!--earlier-->") == 1 and site.true()
    assert site.build(SHOWS).as_of == 0
    assert site.lying() == good and site.true() and not site.due().reasons


def test_without_a_good_page_the_card_is_the_page(site):
    for _ in range(2):
        result = site.build("1 / 0")
        assert (result.status, result.as_of) == ("error", 0)
        assert (
            set(site.lying()) == {"a.html"} and "chưa lập được" in site.lying()["a.html"].decode()
        )
        assert not site.due().lasts


def test_what_changed_since_the_failure_is_told_and_the_page_lasts_no_more(site):
    site.build(SHOWS)
    site.build("1 / 0")
    notebook(site.page.notebook.parent, "a", SHOWS)
    assert site.due().reasons[1:] == ("notebook changed",) and not site.due().lasts


def test_a_good_page_that_somebody_changed_stays_as_it_is_and_is_not_taken_for_ours(site):
    site.build(SHOWS)
    (site.batch.site / "a.html").write_text("mine")
    result = site.build("1 / 0")
    assert result.as_of == 0 and result.beside == {"a.html": "a~2.html"}
    assert (site.batch.site / "a.html").read_text() == "mine"


def test_a_page_whose_process_died_keeps_its_last_good_state_too(site):
    site.build(SHOWS)
    lasting.begin(site.batch.record(site.page))
    assert site.due().reasons == ("was not finished last time",)
    result = execute.died(site.page, site.batch)
    assert (result.status, result.as_of) == ("error", AT.timestamp())
    assert b"<!--earlier-->" in site.lying()["a.html"] and site.true() and site.due().lasts


def test_a_record_of_before_says_when_its_page_was_built(site):
    site.build(SHOWS)
    path = site.batch.record(site.page)
    replace(site.record(), as_of=0.0, built_at=AT.timestamp() + 60).save(path)
    site.build("1 / 0")
    assert "03/10/2026 07:06 UTC" in site.lying()["a.html"].decode()
