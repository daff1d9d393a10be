"""Batch: refused parameters, pages that fail alone, executed notebooks."""

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import nbformat
import pytest
from shared import CONTEXT, notebook, page

from analysis.batch import batch, execute
from analysis.batch.pages import Batch, Result


def run(tmp_path, pages, seconds=300, **options):
    shared = Batch(tmp_path / "site", tmp_path / "executed", CONTEXT, seconds=seconds)
    results = batch.run(pages, shared, **options)
    html = {r.page.code: (tmp_path / "site" / r.page.output).read_text("utf-8") for r in results}
    return results, html


def test_a_failing_and_a_dying_notebook_leave_the_others_alone(tmp_path):
    fails = notebook(tmp_path, "fails", "1/0  # <script>alert(1)</script>")
    dies = notebook(tmp_path, "dies", "import os; os._exit(3)")
    works = notebook(tmp_path, "works", "print('fine', x)")
    pages = [page(fails, "a"), page(dies, "b"), page(works, "c", x=7), page(works, "d")]
    seen = []
    results, html = run(tmp_path, pages, progress=lambda n, total, r: seen.append((n, total)))
    assert [r.status for r in results] == ["error", "error", "ok", "ok"]
    assert "ZeroDivisionError" in results[0].message and "ZeroDivisionError" in html["a"]
    assert "<details>" in html["a"] and "<script>alert" not in html["a"]
    assert "Trang này chưa lập được" in html["b"]
    assert "fine 7" in html["c"] and "fine 1" in html["d"]
    kept = nbformat.read(tmp_path / "executed" / "c.ipynb", 4)
    assert "fine 7" in str(kept.cells[-1].outputs)
    assert seen == [(i, 4) for i in range(1, 5)]


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_a_page_that_kills_its_worker_fails_alone(tmp_path):
    kill = "import os, signal, time; os.kill(int(os.environ['JPY_PARENT_PID']), signal.SIGKILL)"
    kills = notebook(tmp_path, "kills", f"{kill}; time.sleep(30)")
    works = notebook(tmp_path, "works", "print('fine', x)")
    pages = [page(kills, "a"), page(works, "b"), page(works, "c")]
    seen = []
    results, html = run(tmp_path, pages, workers=1, progress=lambda n, *_: seen.append(n))
    assert [r.status for r in results] == ["error", "ok", "ok"]
    assert "Tiến trình dừng đột ngột" in html["a"] and "fine 1" in html["b"]
    assert seen == [1, 2, 3]


def test_a_misspelt_parameter_is_refused_before_anything_runs(tmp_path):
    path = notebook(tmp_path, "n", "print(x)", parameters="reporting_unit: str = '01'")
    with pytest.raises(batch.UnknownParameterError, match="did you mean reporting_unit"):
        run(tmp_path, [page(path, "a", reporting_unti="02")])
    assert not (tmp_path / "site").exists()


def test_a_cell_that_hangs_is_stopped(tmp_path):
    path = notebook(tmp_path, "n", "import time; time.sleep(60)")
    results, html = run(tmp_path, [page(path, "a")], seconds=2)
    assert results[0].status == "error"
    assert "Trang này chưa lập được" in html["a"]


def test_a_page_of_which_nothing_can_be_written_fails_alone_and_results_stand_in_order(
    tmp_path, monkeypatch
):
    """And each is that of its page, whichever is done first."""

    def build(one, *_):
        time.sleep(0.3 if one.code == "a" else 0)
        if one.code == "b":
            raise OSError("no room for its card")
        return Result(one, "ok", 0.0)

    @contextmanager
    def here(*_):
        with ThreadPoolExecutor(3) as executor:
            yield executor

    monkeypatch.setattr(execute, "build", build)
    monkeypatch.setattr(batch, "local_workers", here)
    path = notebook(tmp_path, "n", "x")
    shared = Batch(tmp_path / "site", tmp_path / "executed", CONTEXT)
    found = batch.run([page(path, code) for code in "abc"], shared)
    assert [(r.page.code, r.status) for r in found] == [("a", "ok"), ("b", "error"), ("c", "ok")]
    assert "no room for its card" in found[1].message


def test_workers_are_replaced_and_no_page_is_lost(tmp_path, monkeypatch):
    monkeypatch.setattr(batch, "PAGES", 2)
    path = notebook(tmp_path, "n", "import os; print('worker', os.environ['JPY_PARENT_PID'], x)")
    results, html = run(tmp_path, [page(path, f"p{i}", x=i) for i in range(5)], workers=1)
    assert [r.status for r in results] == ["ok"] * 5
    assert len({h.split("worker ")[1].split()[0] for h in html.values()}) == 3
