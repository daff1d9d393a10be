"""Pages built by the workers of another engine, and kept in a store that is no folder."""

import hashlib
import os
import signal
import socket
import ssl
import subprocess
import sys
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass

import pandas as pd
import pytest
from distributed import Client, Security
from shared import CONTEXT, notebook, page
from upath import UPath

from analysis.batch import batch, certificates, execute, incremental
from analysis.batch import cluster as clusters
from analysis.batch.pages import Batch, examine
from analysis.lineage import store
from analysis.storage import store_locks

PAGES = 8


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """A scheduler and two workers on loopback, each a process of its own: address, certificates,
    workers."""
    folder, before = tmp_path_factory.mktemp("cluster") / "own", os.environ.copy()
    made = certificates.make(folder)
    os.environ[certificates.FOLDER] = str(folder)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"tls://127.0.0.1:{port}"
    started = [_served("scheduler", "--port", str(port))]
    started += [_served("worker", address) for _ in range(2)]
    with Client(address, security=_with(made), timeout=60) as client:
        client.wait_for_workers(2, timeout=60)
    yield address, made, started[1:]
    for process in started:
        process.kill()
        process.wait()
    os.environ.clear()
    os.environ.update(before)


def _served(*words: str) -> subprocess.Popen:
    command = [sys.executable, "-m", "analysis", "cluster", *words]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _with(held: certificates.Certificates, authority: str | None = None) -> Security:
    return Security(
        require_encryption=True,
        tls_ca_file=authority or str(held.authority),
        tls_client_cert=str(held.certificate),
        tls_client_key=str(held.key),
    )


def pages(tmp_path) -> list:
    path = notebook(tmp_path, "n", "import time; time.sleep(0.3); print('x is', x)")
    return [page(path, f"p{i}", x=i) for i in range(PAGES)]


def shown(folder) -> dict[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.glob("*.html")}


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_a_worker_that_is_killed_loses_no_page_and_the_result_is_that_of_a_local_run(
    tmp_path, cluster
):
    address, _, workers = cluster
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


def test_who_has_no_certificate_of_the_cluster_is_kept_out(tmp_path, cluster):
    address, own, _ = cluster
    other = certificates.make(tmp_path / "other")
    with Client(address, security=_with(own), set_as_default=False) as client:
        assert client.submit(abs, -1).result() == 1, "who has them is let in"
    # a foreign user of the machine: no certificate; that of another authority, trusted by all
    # means the client has; no TLS at all
    both = own.authority.read_text() + other.authority.read_text()
    tries = {
        address: Security(require_encryption=True, tls_ca_file=str(own.authority)),
        f"{address}?": _with(other, both),
        address.replace("tls:", "tcp:"): Security(),
    }
    for where, security in tries.items():
        with pytest.raises((OSError, TypeError)):
            Client(where.rstrip("?"), security=security, timeout=0.3, set_as_default=False)


def _handshake(address: str, context: ssl.SSLContext) -> bytes:
    """What a scheduler answers to who speaks TLS by hand: nothing, if it closes the connection."""
    host, port = address.removeprefix("tls://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as bare:
        with context.wrap_socket(bare) as spoken:
            return spoken.recv(1)


def test_a_handshake_without_a_certificate_is_broken_off_and_with_one_is_not(tmp_path, cluster):
    address, own, _ = cluster
    other = certificates.make(tmp_path / "other")
    for held in (None, other):
        stranger = ssl.create_default_context(cafile=own.authority)
        stranger.check_hostname = False
        if held:
            stranger.load_cert_chain(held.certificate, held.key)
        with pytest.raises((ssl.SSLError, ConnectionError)):
            assert _handshake(address, stranger) == b""
            raise ConnectionError
    member = ssl.create_default_context(cafile=own.authority)
    member.check_hostname = False
    member.load_cert_chain(own.certificate, own.key)
    assert _handshake(address, member), "Dask greets who is let in"


class _Lost(Executor):
    """Workers of a scheduler that goes after ``done`` pages are built and told, and one more is
    built and not told."""

    def __init__(self, done: int) -> None:
        self.done, self.built = done, 0

    def submit(self, build, *given):
        told = Future()
        if self.built <= self.done:
            with ThreadPoolExecutor(1) as one:
                result = one.submit(build, *given).result()
            self.built += 1
        if self.built <= self.done:
            told.set_result(result)
        else:
            told.cancel()
            told.set_running_or_notify_cancel()
        return told


def test_a_scheduler_that_is_started_again_has_the_rest_built_and_nothing_twice(
    tmp_path, monkeypatch, in_this_process
):
    with (tmp_path / "ran").open("a") as file:
        noted = f"open({file.name!r}, 'a').write(f'{{x}} ')"
    path = notebook(tmp_path, "n", noted)
    todo = [page(path, f"p{i}", x=i) for i in range(3)]
    lives = iter([_Lost(1), _Lost(9)])
    monkeypatch.setattr(clusters, "connected", lambda _: nullcontext(next(lives)))
    shared = Batch(tmp_path / "site", tmp_path / "executed", CONTEXT)
    results = batch.run(todo, shared, scheduler="127.0.0.1")
    assert [(r.page.code, r.status, r.built) for r in results] == [
        (f"p{i}", "ok", True) for i in range(3)
    ]
    assert (tmp_path / "ran").read_text().split() == ["0", "1", "2"]


def test_a_store_that_goes_away_ends_the_run_at_the_first_page(tmp_path, monkeypatch):
    class GoneError(Exception):
        """Of a library, and none of the system."""

    away = UPath(f"memory://{tmp_path}/goes")
    shared = Batch(away / "site", away / "executed", CONTEXT, shared=away)
    failed, waiting, seen = Future(), Future(), []
    failed.set_exception(GoneError("key=secret"))
    given = iter([failed, waiting])
    workers = Executor()
    workers.submit = lambda *_: next(given)
    monkeypatch.setattr(clusters, "connected", lambda _: nullcontext(workers))
    with pytest.raises(store_locks.StoreError, match="memory:"), monkeypatch.context() as gone:
        for asked in ("open", "cat_file"):
            gone.setattr(type(away.fs), asked, lambda *_, **__: failed.result())
        batch.run(pages(tmp_path)[:2], shared, None, "127.0.0.1", lambda *told: seen.append(told))
    assert not seen, "no page is told for what the store is to blame"


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
