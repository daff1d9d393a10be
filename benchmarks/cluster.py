"""A cluster with an object store spoken over the network, all on loopback, and what can befall it.

Run: ``pip install s3fs "moto[server]"`` (of the version that fits the locked fsspec), then
``python benchmarks/cluster.py [--pages 24] [--only NAME]``. Scheduler and workers are started by
their commands, with certificates of their own; the store is moto's server behind a door that can be
shut. Pages are of unequal weight: their cells use from 0.1 to 2 seconds of a processor, and note
that they ran. What is tried:

* ``balance``: 1, 2 and 4 workers. Efficiency is what a cluster whose workers have a core each would
  reach, in processor time, as here they share two: CPU of the one worker / (n × CPU of the busiest
  of n).
* ``worker``: one of two workers is killed. ``scheduler``: it is killed and started again, and the
  workers with it, as a supervisor of services would.
* ``clients``: two runs at once on the same workers, each with a site of its own.
* ``store``: the store goes away midway and comes back; the same run again.
* ``lock``: rounds of runs of several machines that begin at the same moment on one store.

Of each: pages lost (0), pages that ran more often than once (only those in hand when something was
killed), pages that differ from those of a run on this machine (0).
"""

import argparse
import hashlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import nbformat
import psutil
from distributed import Client, Security
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from upath import UPath

from analysis.batch import batch, certificates
from analysis.batch.pages import Batch, Page, examine
from analysis.render import report
from analysis.storage import store_locks
from analysis.storage.locks import HeldError

CONTEXT = report.Context(period="trial", period_title="Kỳ thử", synthetic=True)
CELL = """import time
with open("ran.txt", "a") as file:  # beside the notebook
    file.write(f"{x}\\n")
while time.process_time() - begun < seconds:
    pass
print("x is", x)"""


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def listening(port: int, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise TimeoutError(f"nothing listens at {port}")


class Door:
    """A way to a port that can be shut, so that a store keeps what it holds while it is away."""

    def __init__(self, behind: int) -> None:
        self.port, self._behind = free_port(), behind
        self.open()

    def open(self) -> None:
        self._ways: set[socket.socket] = set()
        self._entry = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._let_in, args=(self._entry,), daemon=True).start()

    def shut(self) -> None:
        for way in [self._entry, *self._ways]:
            with suppress(OSError):
                way.shutdown(socket.SHUT_RDWR)
            way.close()

    def _let_in(self, entry: socket.socket) -> None:
        with suppress(OSError):
            while True:
                one, _ = entry.accept()
                threading.Thread(target=self._way, args=(one,), daemon=True).start()

    def _way(self, one: socket.socket) -> None:
        with suppress(OSError), one, socket.create_connection(("127.0.0.1", self._behind)) as other:
            self._ways |= {one, other}
            back = threading.Thread(target=self._pass, args=(other, one), daemon=True)
            back.start()
            self._pass(one, other)
            back.join()
        self._ways -= {one, other}

    @staticmethod
    def _pass(one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(2**16):
                other.sendall(data)
            other.shutdown(socket.SHUT_WR)


class Cluster:
    """A scheduler and workers, started by the commands that a user has."""

    def __init__(self, workers: int) -> None:
        self.port = free_port()
        self.address = f"tls://127.0.0.1:{self.port}"
        self.scheduler = self._started("scheduler", "--port", str(self.port))
        self.workers = [self._worker() for _ in range(workers)]
        listening(self.port)

    def _started(self, *words: str) -> subprocess.Popen:
        command = [sys.executable, "-m", "analysis", "cluster", *words]
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def _worker(self) -> subprocess.Popen:
        return self._started("worker", self.address)

    def restart(self) -> None:
        """As a supervisor of services would: workers end with their scheduler."""
        self.scheduler.kill()
        self.scheduler.wait()
        self.scheduler = self._started("scheduler", "--port", str(self.port))
        for worker in self.workers:
            worker.wait(timeout=120)
        self.workers = [self._worker() for _ in self.workers]

    def used(self) -> list[float]:
        """Seconds of a processor that each worker and its kernels have used."""
        found = []
        for worker in self.workers:
            with suppress(psutil.Error):
                tree = [psutil.Process(worker.pid)]
                tree += tree[0].children(recursive=True)
                found.append(sum(sum(one.cpu_times()[:4]) for one in tree if one.is_running()))
        return found

    def end(self) -> None:
        for process in [*self.workers, self.scheduler]:
            process.kill()
            process.wait()


@contextmanager
def cluster(workers: int) -> Iterator[Cluster]:
    one = Cluster(workers)
    try:
        with Client(one.address, security=security(), timeout=60) as client:
            client.wait_for_workers(workers, timeout=300)
        yield one
    finally:
        one.end()


def security() -> Security:
    held = certificates.Certificates(certificates.folder())
    return Security(
        require_encryption=True,
        tls_ca_file=str(held.authority),
        tls_client_cert=str(held.certificate),
        tls_client_key=str(held.key),
    )


class Work:
    """Pages of unequal weight, how often each ran, and what they are on this machine."""

    here: dict[Path, str] = {}  # page → digest

    def __init__(self, folder: Path, store: UPath, name: str, pages: int) -> None:
        (folder / name).mkdir()
        self.noted, path = folder / name / "ran.txt", folder / name / "page.ipynb"
        begins = "import time\nbegun = time.process_time()\nx: int = 0\nseconds: float = 0.1"
        cells = [
            new_markdown_cell("# Title"),
            new_code_cell(begins, metadata={"tags": ["parameters"]}, id="parameters"),
            new_code_cell(CELL, id="work"),
        ]
        nbformat.write(new_notebook(cells=cells), path)
        weights = [(0.1, 0.2, 0.4, 2.0)[(7 * i) % 4] for i in range(pages)]
        self.pages = [
            Page(f"p{i}", path, Path(f"p{i}.html"), f"Trang {i}", "", {"x": i, "seconds": seconds})
            for i, seconds in enumerate(weights)
        ]
        where = store / name
        self.batch = Batch(where / "site", where / "executed", CONTEXT, shared=where)

    @classmethod
    def built_here(cls, folder: Path, pages: int) -> None:
        work = cls(folder, folder / "reference", "here", pages)
        results = batch.run(work.pages, replace(work.batch, shared=None), workers=1)
        if failed := [r.message for r in results if r.status != "ok"]:  # cards would be equal, too
            raise SystemExit(f"no page to compare with: {failed[0]}")
        cls.here = {p.output: shown(work.batch.site / p.output) for p in work.pages}

    def ran(self) -> Counter:
        lines = self.noted.read_text().split() if self.noted.exists() else []
        return Counter(map(int, lines))

    def told(self, what: str, results: list, extra: str = "") -> None:
        ran = self.ran()
        lost = [r.page.code for r in results if r.status != "ok"]
        left = [p.page.code for p in examine(self.pages, self.batch) if p.reasons]
        again = sum(n - 1 for n in ran.values())
        other = sum(shown(self.batch.site / p.output) != self.here[p.output] for p in self.pages)
        print(
            f"{what}: {len(self.pages)} pages, lost {len(lost)}, not recorded {len(left)}, "
            f"ran again {again}, different from here {other}{extra}",
            flush=True,
        )


def shown(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def balance(folder: Path, store: UPath, pages: int, _: Door) -> None:
    one = 0.0
    for workers in (1, 2, 4):
        work = Work(folder, store, f"balance-{workers}", pages)
        with cluster(workers) as started:
            batch.run(work.pages[:workers], work.batch, scheduler=started.address)
            before, begun = started.used(), time.monotonic()
            rest = work.pages[workers:]
            results = batch.run(rest, work.batch, scheduler=started.address)
            wall = time.monotonic() - begun
            used = [b - a for a, b in zip(before, started.used(), strict=True)]
        per_page = sum(used) / len(rest)
        one = one or per_page
        efficiency = one * len(rest) / (workers * max(used))
        told = f"; CPU {per_page:.2f} s a page, busiest {max(used):.1f} s of {sum(used):.1f}"
        told += f", efficiency {efficiency:.2f}, wall {wall:.0f} s"
        work.told(f"{workers} workers", results, told)


def worker(folder: Path, store: UPath, pages: int, _: Door) -> None:
    work = Work(folder, store, "worker", pages)
    with cluster(2) as started:

        def one_dies(done: int, *_: object) -> None:
            if done == pages // 4:
                os.kill(started.workers[0].pid, signal.SIGKILL)

        results = batch.run(work.pages, work.batch, scheduler=started.address, progress=one_dies)
    work.told("a worker killed", results)


def scheduler(folder: Path, store: UPath, pages: int, _: Door) -> None:
    work = Work(folder, store, "scheduler", pages)
    with cluster(2) as started:

        def it_dies(done: int, *_: object) -> None:
            if done == pages // 4:
                threading.Thread(target=started.restart).start()

        results = batch.run(work.pages, work.batch, scheduler=started.address, progress=it_dies)
    work.told("the scheduler started again", results)


def clients(folder: Path, store: UPath, pages: int, _: Door) -> None:
    works = [Work(folder, store, f"client-{n}", pages // 2) for n in range(2)]
    with cluster(2) as started, ThreadPoolExecutor(2) as both:
        made = [both.submit(batch.run, w.pages, w.batch, None, started.address) for w in works]
        results = [one.result() for one in made]
    for work, result in zip(works, results, strict=True):
        work.told("one of two clients", result)


def store_away(folder: Path, store: UPath, pages: int, door: Door) -> None:
    work, said = Work(folder, store, "store", pages), "nothing"
    with cluster(2) as started:

        def goes(done: int, *_: object) -> None:
            if done == pages // 4:
                door.shut()

        begun = time.monotonic()
        try:
            batch.run(work.pages, work.batch, scheduler=started.address, progress=goes)
        except store_locks.StoreError as error:
            said = f"{time.monotonic() - begun:.0f} s: {error}"
        door.open()
        store.fs.invalidate_cache()
        due = [p.page for p in examine(work.pages, work.batch) if p.reasons]
        before = sum(work.ran().values())
        results = batch.run(due, work.batch, scheduler=started.address)
    extra = f"; left {len(due)} after {before} had begun; said after {said}"
    work.told("the store away and back", results, extra)


def lock(folder: Path, store: UPath, pages: int, _: Door) -> None:
    rounds, machines, won = 40, 6, []
    for n in range(rounds):
        ready, ended = threading.Barrier(machines), threading.Barrier(machines)

        def machine(m: int, n: int = n, ready=ready, ended=ended) -> int:
            ready.wait()
            try:
                with store_locks.alone(store, f"round-{n}", folder / str(m)) as certain:
                    ended.wait()
                    return 1 if certain else 100
            except HeldError:
                ended.wait()
                return 0

        with ThreadPoolExecutor(machines) as all_at_once:
            won.append(sum(all_at_once.map(machine, range(machines))))
    left = len(list((store / ".locks").iterdir())) if (store / ".locks").exists() else 0
    print(
        f"lock: {rounds} rounds of {machines} machines; went on: {dict(Counter(won))}; left {left}"
    )


TRIALS = {
    "lock": lock,
    "worker": worker,
    "scheduler": scheduler,
    "clients": clients,
    "store": store_away,
    "balance": balance,
}


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--pages", type=int, default=24)
    asked.add_argument("--only", choices=TRIALS, action="append")
    given = asked.parse_args()
    with ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="cluster-")))
        certificates.make(folder / "certificates")
        port = free_port()
        served = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        held.callback(served.wait)
        held.callback(served.kill)
        listening(port)
        door = Door(port)
        os.environ |= {
            certificates.FOLDER: str(folder / "certificates"),
            "AWS_ACCESS_KEY_ID": "trial",
            "AWS_SECRET_ACCESS_KEY": "trial",
            "AWS_DEFAULT_REGION": "us-east-1",
        }
        store = UPath("s3://trial/monitor", endpoint_url=f"http://127.0.0.1:{door.port}")
        store.fs.mkdir("trial")
        Work.built_here(folder, given.pages)
        for name in given.only or TRIALS:
            TRIALS[name](folder, store, given.pages, door)


if __name__ == "__main__":
    main()
