"""One page: its notebook is executed in a kernel of its own, rendered, and recorded."""

import json
import logging
import os
import sys
import threading
import time
import traceback
import types
import warnings
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import papermill
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, papermill_engines

from analysis.batch import incremental, interrupts, kernels, lasting, nowhere, piped, zygote
from analysis.batch.pages import Batch, Page, Result, as_recorded, basis, rests_on
from analysis.language import languages
from analysis.language.messages import tell
from analysis.lineage import cells, store, trace
from analysis.project import PROJECT, ROOT
from analysis.render import exports, html_page, report
from analysis.storage import clock, scratch
from analysis.storage.addresses import without_secrets
from analysis.storage.owned import Owned


class OtherCodeError(Exception):
    """A worker on another machine runs other code or libraries than the batch was planned with."""


def start_worker(root: Path, env: Mapping[str, str]) -> None:
    """What a worker does first; Ctrl-C is the batch's, and not its own.

    ``env``: that of the batch, which may be another than when the zygote was started.
    """
    os.environ.clear()
    os.environ.update(env)
    prepare(root)
    interrupts.ignore()
    # the workers of a batch that is killed would wait for pages for ever
    threading.Thread(target=kernels.end_with_parent, daemon=True).start()
    zygote.warm_up()


@cache
def prepare(root: Path) -> None:
    """Once in each process that builds pages of the project ``root``."""
    os.environ[ROOT] = str(root)  # the zygote reads that project's catalogue
    # An empty main module: otherwise each forked kernel would import the command line anew.
    sys.modules["__main__"] = types.ModuleType("__main__")
    logging.getLogger("papermill").setLevel(logging.ERROR)
    logging.getLogger("traitlets").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module="zmq|jupyter_client|nbformat|papermill")


class _Engine(NBClientEngine):
    """papermill's engine with warm kernels, an environment for them, and a limit for the page."""

    @classmethod
    def execute_managed_notebook(cls, nb_man, kernel_name, *, env, seconds, **_) -> NotebookNode:
        end = time.monotonic() + seconds

        def left(_: NotebookNode) -> float:
            return max(0.1, end - time.monotonic())

        if piped.fits(nb_man.nb):
            with piped.started(env, os.getcwd()) as kernel:
                client = PapermillNotebookClient(nb_man, km=kernel, timeout_func=left)
                client.kc = kernel
                return _joined(client.execute())
        client = PapermillNotebookClient(
            nb_man,
            kernel_name=kernel_name,
            kernel_manager_class=kernels.WarmKernelManager,
            shutdown_kernel="immediate",  # its outputs are all here; it has nothing to save
            startup_timeout=60,
            timeout_func=left,
        )
        return _joined(client.execute(env=env))


def _joined(notebook: NotebookNode) -> NotebookNode:
    """Join what a cell printed in one go: a kernel sends it in parts, by the clock."""
    for cell in notebook.cells:
        outputs = cell.get("outputs", [])
        for i in reversed(range(1, len(outputs))):
            before, after = outputs[i - 1 : i + 1]
            if before.output_type == "stream" and before.name == after.get("name"):
                before.text += outputs.pop(i).text
    return notebook


papermill_engines.register("reform-monitor", _Engine)


def build(page: Page, batch: Batch, expected: dict | None = None) -> Result:
    """Execute and render one page; never raises for what its notebook does.

    Written in this order, each in one step: exports, page, executed notebook, log, record.

    Raises
    ------
    OtherCodeError
        if the page does not rest on what is ``expected`` (:func:`batch.pages.basis`).
    """
    page, batch = _at_home(page, batch)
    prepare(batch.root)
    with languages.using(batch.context.lang):
        return _build(page, batch, expected)


def _build(page: Page, batch: Batch, expected: dict | None) -> Result:
    started, at = time.monotonic(), time.time()
    on = basis(page, batch, rests_on(batch))
    _agree(on, expected)
    before = lasting.begin(batch.record(page))
    address = f"{batch.context.period}/{page.output.as_posix()}"
    context = replace(batch.context, question=page.question, address=address)
    if page.synthetic is not None:
        context = replace(context, synthetic=page.synthetic, warning="")  # of other figures
    name = page.output.as_posix()
    site, kept = batch.owned(page.name)
    laid: dict[str, bytes] = {}

    def lay(export: str, data: bytes) -> str:
        asked = page.output.with_name(export).as_posix()
        laid[asked] = data  # written when the page is there, too
        return Path(site.place(asked)).name

    message, details = "", ""
    with scratch.folder() as folder:
        notebook, noted = folder / "page.ipynb", folder / "reads"
        try:
            executed = nowhere.outputs(_executed(page, batch, notebook, noted), batch.root)
            made, message = exports.written(
                page.also, executed, page.output.stem, page.title, context, lay
            )
            html = html_page.html(executed, page.title, replace(context, files=made), name)
            for asked, data in laid.items():
                site.write(asked, data)
        except Exception as error:
            reason, details = map(without_secrets, _said(error, batch))
            message = reason.strip().splitlines()[0][:300]
            card = html_page.error_card(page.title, reason, details, context, name)
            shown = lasting.failed(before, site, name, _at_no_place(card, batch))
        else:
            shown = lasting.Shown(made, clock.built().timestamp())
            site.write(name, _at_no_place(html, batch))
        status, seconds = "error" if message else "ok", time.monotonic() - started
        _keep(page, kept, notebook, f"{status}, {seconds:.2f} s", details)
        reads = trace.read(noted)
    if reads is not None:
        reads = incremental.settled(reads, batch.now(), batch.root / "data", at)
    site.settle()
    kept.settle()
    beside = site.beside | {_of(batch, n): _of(batch, m) for n, m in kept.beside.items()}
    record = incremental.Record(
        status=status,
        message=message,
        basis=on,
        reads=reads,
        written=site.written,
        files=shown.files,
        seconds=round(seconds, 3),
        built_at=at,
        beside=beside,
        as_of=shown.as_of,
        kept=shown.kept,
    )
    record.save(batch.record(page))
    return replace(as_recorded(page, record), seconds=seconds, message=message, built=True)


def _agree(on: dict, expected: dict | None) -> None:
    """See that a page rests here on what it was planned with."""
    if expected and on != expected:
        parts = ", ".join(part for part in on if on[part] != expected[part])
        raise OtherCodeError(
            tell(
                "{worker} has other {parts} than the machine that planned",
                worker=_worker(),
                parts=parts,
            )
        )


def _of(batch: Batch, name: str) -> str:
    """How an executed notebook or its log is told apart from what lies in the site."""
    return f"{batch.executed.name}/{name}"


def _at_home(page: Page, batch: Batch) -> tuple[Page, Batch]:
    """The page and its batch as this machine has them: another may keep the project elsewhere."""
    if not batch.root.is_dir():
        notebook = PROJECT / page.notebook.relative_to(batch.root)
        pinned = {_moved(Path(f), batch.root): mark for f, mark in batch.pinned.items()}
        page, batch = replace(page, notebook=notebook), replace(batch, root=PROJECT, pinned=pinned)
    if batch.shared is not None:
        for folder, mark in batch.pinned.items():
            store.fetch(store.shelf(batch.shared, folder), mark, Path(folder))
    return page, batch


def _moved(folder: Path, root: Path) -> str:
    return str(PROJECT / folder.relative_to(root))


def _executed(page: Page, batch: Batch, notebook: Path, noted: Path) -> NotebookNode:
    env = os.environ | {
        ROOT: str(batch.root),
        trace.VARIABLE: json.dumps([str(noted), str(batch.root / "data")]),
        store.PINNED: json.dumps(batch.pinned),
        kernels.MEMORY: str(batch.memory or ""),
    }
    for attempt in range(batch.retries + 1):
        noted.unlink(missing_ok=True)
        try:
            executed = papermill.execute_notebook(
                str(page.notebook),
                str(notebook),
                parameters=page.parameters,
                engine_name="reform-monitor",
                kernel_name="python3",  # whatever kernel it was saved with
                language="python",
                cwd=str(page.notebook.parent),
                progress_bar=False,
                request_save_on_cell_execute=False,
                env=env,
                seconds=batch.seconds,
            )
            return _as_given(executed, page.parameters)
        except DeadKernelError:  # another program may have taken the memory; an error would return
            if attempt == batch.retries:
                raise
    raise AssertionError("unreachable")


def _as_given(executed: NotebookNode, parameters: dict) -> NotebookNode:
    """The executed notebook with one cell of parameters: as they were given, not as papermill adds
    them to defaults that do not concern the page."""
    kept = []
    for cell in executed.cells:
        tags = cell.metadata.get("tags", ())
        if cells.PARAMETERS in tags:
            cell.source = cells.given(cell.source, parameters)
        if not (parameters and cells.INJECTED in tags):
            kept.append(cell)
    executed.cells = kept
    return executed


def _said(error: Exception, batch: Batch) -> tuple[str, str]:
    """What went wrong, in one line and in full."""
    if isinstance(error, CellTimeoutError):  # which knows only what was left for its cell
        limit = f"{batch.seconds:g}"
        reason = languages.say("Trang chạy quá {limit} giây (--seconds).", limit=limit)
        return reason, str(error)
    if isinstance(error, papermill.PapermillExecutionError):
        # numpy and pyarrow have their own; without traceback there was no room even to write it
        if batch.memory and (error.ename.endswith("MemoryError") or not error.traceback):
            text = "Trang cần nhiều bộ nhớ hơn {limit} MB (parameters.yml, page.memory_bytes)."
            limit = f"{batch.memory / 1e6:.0f}"
            return languages.say(text, limit=limit), "\n".join(error.traceback)
        return f"{error.ename}: {error.evalue}", "\n".join(error.traceback)
    return f"{type(error).__name__}: {error}", traceback.format_exc()


def _keep(page: Page, kept: Owned, executed: Path, outcome: str, details: str) -> None:
    """Keep the executed notebook and a log: seconds of each cell, what was printed, what failed."""
    lines = [f"{page.name}: {page.notebook.name} {page.parameters}", outcome]
    if executed.exists():
        data = executed.read_bytes()
        kept.write(f"{page.name}.ipynb", data)
        for cell in json.loads(data)["cells"]:
            took = cell["metadata"].get("papermill", {}).get("duration")
            source = "".join(cell["source"]).strip().splitlines()
            if cell["cell_type"] == "code" and took is not None and source:
                lines.append(f"{took:8.3f} s  {source[-1][:80]}")
            printed = [o["text"] for o in cell.get("outputs", []) if "text" in o]
            lines += ["".join(text).rstrip() for text in printed]
    text = "\n".join([*lines, html_page.strip_ansi(details)])
    kept.write(f"{page.name}.log", text.encode("utf-8", errors="replace"))


def _at_no_place(page: str, batch: Batch) -> bytes:
    return report.encoded(nowhere.told(page, batch.root))


def _worker() -> str:
    return f"{os.uname().nodename if hasattr(os, 'uname') else ''}:{os.getpid()}"


def died(page: Page, batch: Batch) -> Result:
    """What became of a page whose process died; its card is written here."""
    with languages.using(batch.context.lang):
        reason = languages.say("Tiến trình dừng đột ngột.")
        name, (site, _) = page.output.as_posix(), batch.owned(page.name)
        card = html_page.error_card(page.title, reason, "", batch.context, name)
        before = incremental.load(path := batch.record(page))
        shown = lasting.failed(before, site, name, _at_no_place(card, batch))
    message = tell("the process that built it died")
    if before and shown.kept:
        record = replace(
            before,
            status="error",
            message=message,
            basis=basis(page, batch, rests_on(batch)),
            reads=[],  # nobody knows how far it came
            written=site.written,
            beside=before.beside | site.beside,
            built_at=time.time(),
            as_of=shown.as_of,
            kept=True,
            begun=False,
        )
        site.settle()
        record.save(path)
        return replace(as_recorded(page, record), seconds=0.0, message=message, built=True)
    return Result(page, "error", 0.0, message, written=site.written, beside=site.beside)
