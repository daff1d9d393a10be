"""A site that gains or loses a page is told to those beside it, and to nothing of anybody else."""

import json
from pathlib import Path

import pytest

from analysis.batch.pages import Batch
from analysis.project import Place
from analysis.render import report
from analysis.site import neighbours, receipt
from analysis.storage import files, locks
from analysis.storage.owned import Owned

PAGE = b"<nav><!--others--><!--/others--></nav>"


def a_site(root: Path, code: str, *names: str) -> Batch:
    """A site as a run leaves it, of pages that hold a menu and nothing else."""
    made = Batch(
        root / "reports" / code, Place(root).derived(f"{code}-notebooks"), report.Context(), root
    )
    written = {}
    for name in [*names, "index"]:
        held = Owned(made.site, made.records / f"{name}.site.sha256")
        held.write(f"{name}.html", PAGE)
        written |= held.written
    pages = [{"name": n, "output": f"{n}.html", "title": n, "parameters": {}} for n in names]
    stated = {"title": f"Kỳ {code}", "key": "", "synthetic": False, "index": "index.html"}
    held = Owned(made.site, made.records / "index.site.sha256")
    held.write("receipt.json", receipt.text(**stated, pages=pages, written=written))
    return made


@pytest.fixture
def sites(tmp_path):
    return a_site(tmp_path, "2022-Q2", "a", "b"), a_site(tmp_path, "2024", "a", "units/01")


def menu(shared: Batch, name: str) -> str:
    return (shared.site / f"{name}.html").read_text("utf-8")


def test_menus_beside_follow_what_a_site_has_and_receipts_hold_what_lies_there(sites):
    one, other = sites
    neighbours.told(one, {})
    assert "href='../2022-Q2/a.html'>Kỳ 2022-Q2</a>" in menu(other, "a")
    assert "../2022-Q2/index.html" in menu(other, "index")
    assert "href" not in menu(other, "units/01"), "the other site has no such page"
    stated = json.loads((other.site / "receipt.json").read_text("utf-8"))["written"]
    assert stated == {n: files.sha256(other.site / n) for n in stated}
    before = neighbours.pages(one)
    held = json.loads((one.site / "receipt.json").read_text("utf-8"))
    held["pages"] = held["pages"][1:]
    (one.site / "receipt.json").write_bytes(receipt.text(**held))
    neighbours.told(one, before)
    assert "href" not in menu(other, "a") and "../2022-Q2/index.html" in menu(other, "index")


def test_nothing_is_written_where_nothing_came_or_went(sites):
    one, other = sites
    neighbours.told(one, neighbours.pages(one))
    assert menu(other, "a").encode() == PAGE


def test_what_somebody_changed_and_a_site_at_work_stay_as_they_are(sites):
    one, other = sites
    (other.site / "a.html").write_bytes(PAGE + b"mine")
    with locks.alone(Place(one.root).derived(locks.FOLDER) / "2024.run", "2024"):
        neighbours.told(one, {})
        assert menu(other, "index").encode() == PAGE
    neighbours.told(one, {})
    assert menu(other, "a").encode() == PAGE + b"mine" and "2022-Q2" in menu(other, "index")


def test_what_menus_rest_on_changes_with_the_sites_beside(sites):
    one, other = sites
    before = neighbours.state(one)
    (one.site / "receipt.json").unlink()
    assert neighbours.state(one) == before, "its own pages are no part of it"
    (other.site / "receipt.json").write_text("{}")
    assert neighbours.state(one) != before
