"""Pages built by the workers of another engine, and kept in a store that is no folder."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pandas as pd
import pytest
from distributed import Client
from shared import CONTEXT, notebook, page
from upath import UPath

from analysis.batch import batch, execute, incremental
from analysis.batch.pages import Batch, examine
from analysis.lineage import store

PAGES = 8


@pytest.fixture()
def cluster(tmp_path):
    """A scheduler and two workers on loopback, each a process of its own."""
    file = tmp_path / "scheduler.json"
    shared = ["--scheduler-file", str(file), "--host", "127.0.0.1", "--no-dashboard"]
    started = [_dask("scheduler", *shared, "--port", "0")]
    started += [_dask("worker", *shared, "--nthreads", "1", "--no-nanny") for _ in range(2)]
    end = time.monotonic() + 60
    while not file.exists() and time.monotonic() < end:
        time.sleep(0.05)
    with Client(scheduler_file=str(file)) as client:
        client.wait_for_workers(2, timeout=60)
        yield client.scheduler.address, started[1:]
    for process in started:
        process.kill()
        process.wait()


def _dask(what: str, *options: str) -> subprocess.Popen:
    command = [sys.executable, "-m", f"distributed.cli.dask_{what}", *options]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def pages(tmp_path) -> list:
    path = notebook(tmp_path, "n", "import time; time.sleep(0.3); print('x is', x)")
    return [page(path, f"p{i}", x=i) for i in range(PAGES)]


def shown(folder) -> dict[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.glob("*.html")}


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_a_worker_that_is_killed_loses_no_page_and_the_result_is_that_of_a_local_run(
    tmp_path, cluster
):
    address, workers = cluster
    todo = pages(tmp_path)
    there = Batch(tmp_path / "there", tmp_path / "there-executed", CONTEXT)
    here = Batch(tmp_path / "here", tmp_path / "here-executed", CONTEXT)
    seen = []

    def one_dies(done, total, result) -> None:
        seen.append(result.page.code)
        if done == 2:
            os.kill(workers[0].pid, signal.SIGKILL)

    results = batch.run(todo, there, scheduler=address, progress=one_dies)
    assert [(r.page.code, r.status) for r in results] == [(f"p{i}", "ok") for i in range(PAGES)]
    assert sorted(seen) == [f"p{i}" for i in range(PAGES)], "each is told once"
    assert not [p for p in examine(todo, there) if p.reasons], "as a local run would find it"
    batch.run(todo, here, workers=1)
    assert shown(tmp_path / "there") == shown(tmp_path / "here")
    assert len(shown(tmp_path / "here")) == PAGES


def test_a_worker_with_other_code_refuses_and_says_what_differs(tmp_path, in_this_process):
    (one, *_) = pages(tmp_path)
    shared = Batch(tmp_path / "site", tmp_path / "executed", CONTEXT)
    expected = {**execute.basis(one, shared, execute.rests_on(shared)), "libraries": "others"}
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(execute.build, one, shared, expected)
        with pytest.raises(execute.OtherCodeError, match="has other libraries than"):
            future.result()
    assert not (tmp_path / "site").exists()


@dataclass
class Tables:
    scores: pd.DataFrame


def test_tables_pass_through_a_store_that_is_no_folder(tmp_path):
    there = store.shelf(UPath("memory://reform-monitor/tables-pass"), "2024")
    own, other = tmp_path / "own" / "2024", tmp_path / "other" / "2024"
    table = pd.DataFrame({"reporting_unit": ["a", "b"], "score": [1.0, 2.0]})
    store.save(Tables(table), own, "m")
    store.push(own, "m", there)
    store.push(own, "m", there)  # what is there stays
    store.fetch(there, "m", other)
    pd.testing.assert_frame_equal(store.read(Tables, other, "m").scores, table)
    what = store.source("2024", "scores", ("reporting_unit", "b"))
    assert store.digest(own, "m", what) == store.digest(other, "m", what) != ""


def test_a_site_in_a_store_that_is_no_folder_is_built_once(tmp_path, in_this_process):
    base = UPath("memory://reform-monitor/site-once")
    shared = Batch(base / "site", base / "executed", CONTEXT)
    (one, *_) = pages(tmp_path)
    with ThreadPoolExecutor(1) as pool:  # a store in memory is that of one process
        result = pool.submit(execute.build, one, shared).result()
    assert result.status == "ok"
    assert "x is 0" in (base / "site" / "p0.html").read_text("utf-8")
    assert incremental.load(shared.record(one)).status == "ok"
    assert not examine([one], shared)[0].reasons
    (base / "site" / "p0.html").write_text("changed", "utf-8")
    assert examine([one], shared)[0].reasons == ("file is not as it was written: p0.html",)
