"""One page: a kernel that dies, a limit that is reached, ordinary kernels, nothing left behind."""

import json
import os
import re
import sys
from pathlib import Path

import pytest
from shared import CONTEXT, needs_fork, notebook

from analysis import project
from analysis.batch import execute, kernels, piped, zygote
from analysis.batch.pages import Batch, Page, Result

pytestmark = pytest.mark.usefixtures("in_this_process")

HERE = f"import os, pathlib\nroot = pathlib.Path(os.environ['{project.ROOT}'])"


FORKED = [pytest.param("piped", marks=needs_fork), pytest.param("warm", marks=needs_fork)]


def use(engine: str, patch: pytest.MonkeyPatch) -> None:
    """Run cells at the end of a pipe, in a warm kernel with sockets, or in an ordinary one."""
    if engine != "piped":
        patch.setattr(piped, "fits", lambda *_: False)
    if engine == "ordinary":
        patch.setattr(zygote, "CAN_FORK", False)


@pytest.fixture(params=FORKED)
def engine(request, monkeypatch):
    """What is promised whichever way the cells of a page are run."""
    use(request.param, monkeypatch)


@pytest.fixture
def build(tmp_path):
    (tmp_path / "data").mkdir()
    for name in "ab":
        (tmp_path / f"data/{name}.csv").write_text("n\n1\n")

    def built(code: str, *cells: str, **options) -> tuple[Result, str, dict]:
        """What became of a page of these cells, its HTML, its record."""
        batch = Batch(tmp_path / "site", tmp_path / "executed", CONTEXT, tmp_path, **options)
        page = Page(code, notebook(tmp_path, code, *cells), Path(f"{code}.html"), "Trang")
        result = execute.build(page, batch)
        html = (batch.site / page.output).read_text("utf-8")
        return result, html, json.loads(batch.record(page).read_text("utf-8"))

    return built


DIES_ONCE = f"""{HERE}
first, name = not (root / 'died').exists(), 'a'
if first:
    name = 'b'
(root / 'data' / f'{{name}}.csv').read_text()
if first:
    (root / 'died').touch(); os._exit(3)
print('second life')"""


def test_a_page_whose_kernel_died_once_is_tried_again(engine, build):
    result, html, record = build("a", DIES_ONCE, retries=1)
    assert (result.status, result.message) == ("ok", "")
    assert "second life" in html
    assert [r[:2] for r in record["reads"]] == [["file", "a.csv"]], "only what was read in the end"


def test_the_time_limit_is_that_of_the_page_and_says_so(engine, build):
    short = "import time; time.sleep(0.4)"
    result, html, record = build("a", short, short, short, short, seconds=1)
    assert result.status == record["status"] == "error"
    assert "quá 1 giây" in result.message and "--seconds" in result.message
    assert "chạy quá 1 giây" in html
    assert result.seconds < 10


EATS = """
import numpy
held = [numpy.ones(2_000_000) for _ in range(40)]
print('ate', len(held))"""


@pytest.mark.skipif(not kernels.prlimit, reason="only Linux limits another process")
@pytest.mark.parametrize("way", [*FORKED, "ordinary"])
def test_a_page_that_wants_more_memory_than_it_may_fails_alone_and_says_so(build, monkeypatch, way):
    use(way, monkeypatch)
    result, html, record = build("a", EATS, memory=500_000_000)
    assert result.status == record["status"] == "error"
    assert "nhiều bộ nhớ hơn 500 MB" in result.message and "nhiều bộ nhớ hơn 500 MB" in html
    result, html, _ = build("a", EATS, memory=2_000_000_000)
    assert result.status == "ok" and "ate 40" in html


def test_a_kernel_that_dies_again_and_again_gives_a_card(engine, build):
    result, html, record = build("a", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    assert result.status == record["status"] == "error" and "Kernel died" in result.message
    assert "Trang này chưa lập được" in html


SHOWS = [
    f"""{HERE}
import asyncio, contextlib, signal, sys, threading, time, warnings
import pandas as pd, matplotlib.pyplot as plt
from IPython.display import HTML, clear_output, display
table = pd.read_csv(root / 'data/a.csv')
print(table.n.sum(), sorted(os.listdir(root / 'data')))
plt.plot([1, 2]); plt.title('ă')
table""",
    "print('out'); print('err', file=sys.stderr); print('more', end=''); HTML('<b>ă</b>')",
    "await asyncio.sleep(0.01); print('awaited', asyncio.get_running_loop().is_running())",
    "%%bash\necho bash; echo bash err >&2",
    "os.system('echo below'); time.sleep(0.3); 'said below'",
    "shown = display('first', display_id='one'); print('between'); shown.update('second')",
    "print('gone'); clear_output(); print('stays'); _",
    "late = threading.Thread(target=lambda: (time.sleep(0.1), print('late'))); late.start()",
    "late.join(); print('joined'); warnings.warn('careful', stacklevel=1)",
    "try:\n    input('?')\nexcept Exception as e:\n    print(type(e).__name__, e)",
    "with contextlib.suppress(KeyboardInterrupt):\n    signal.raise_signal(signal.SIGINT)\n"
    "    print('not interrupted')",
    "plt.plot([3, 1]); print(get_ipython().execution_count, type(get_ipython()).__name__)",
    "own = {'REFORM_MONITOR_TRACE', 'PYDEVD_USE_FRAME_EVAL'}\n"
    "print([(k, os.environ[k]) for k in sorted({*os.environ} - own)], os.getcwd())",
    "print('before the end'); 1 / 0",
    "print('never')",
]


def outputs(executed: Path) -> list[dict]:
    """The cells of an executed notebook, but for what differs from one run to the next."""
    found = json.loads(re.sub(r"0x[0-9a-f]+|ipykernel_\d+", "", executed.read_text("utf-8")))
    for cell in found["cells"]:
        cell.pop("id", None)
        cell["metadata"] = sorted(cell["metadata"])
    return [found["metadata"]["language_info"], *found["cells"]]


@needs_fork
def test_however_its_cells_are_run_a_page_is_the_same_and_notes_what_it_reads(
    build, monkeypatch, tmp_path
):
    monkeypatch.delenv("PYTEST_CURRENT_TEST")  # with it kernels do not catch what is written below
    made = []
    for way in ("piped", "warm", "ordinary"):
        with monkeypatch.context() as patch:
            use(way, patch)
            result, html, record = build("a", *SHOWS)
        made.append((result.message, html, record["reads"]))
        made[-1] += tuple(outputs(tmp_path / "executed/a.ipynb"))
    piped_page, warm, ordinary = made
    assert piped_page == warm
    assert piped_page == ordinary
    assert "ZeroDivisionError" in result.message
    assert "['below\\n']" in str(ordinary), "what is written below Python is seen"
    assert ["file", "a.csv"] in [r[:2] for r in record["reads"]]


@needs_fork
@pytest.mark.parametrize(
    ("code", "piped_is_used"),
    [
        ("print(7)", True),
        ("from ipykernel import get_connection_file as f; print(6 + bool(f()))", False),
        ("print(7, get_ipython().kernel.shell_channel_thread.name)", False),
    ],
)
def test_a_page_that_needs_the_sockets_of_a_kernel_has_them(
    build, monkeypatch, code, piped_is_used
):
    used = []
    begin = piped.started
    monkeypatch.setattr(piped, "started", lambda *given: used.append(given) or begin(*given))
    result, html, _ = build("a", code)
    assert (result.message, bool(used)) == ("", piped_is_used) and "7" in html


STATE = """
import atexit, os, random, signal, sys, threading, warnings
import matplotlib, numpy, pandas, matplotlib.pyplot as plt
OWN = {"REFORM_MONITOR_TRACE"}  # where this page notes what it reads
def state():
    return {
        "style": (matplotlib.rcParams["font.size"], matplotlib.rcParams["axes.grid"]),
        "figures": plt.get_fignums(),
        "folder": os.getcwd(),
        "environment": {k: v for k, v in os.environ.items() if k not in OWN},
        "hooks": (sys.unraisablehook.__qualname__, threading.excepthook.__qualname__),
        "at exit": atexit._ncallbacks(),
        "path": sys.path[:],
        "signals": getattr(signal.getsignal(signal.SIGTERM), "__module__", None),
        "options": (pandas.get_option("display.max_rows"), numpy.get_printoptions()["precision"]),
        "warnings": len(warnings.filters),
        "modules": "stained" in sys.modules,
        "builtins": "stain" in dir(__builtins__),
        "threads": threading.active_count(),
    }
"""
STAIN = """
before = state()
matplotlib.rcParams.update({"font.size": 99, "axes.grid": True}); plt.figure(77)
os.makedirs("elsewhere", exist_ok=True); os.chdir("elsewhere"); os.environ["STAIN"] = "1"
sys.unraisablehook = threading.excepthook = print
atexit.register(print, "bye"); sys.path.append("/stain")
signal.signal(signal.SIGTERM, lambda *_: None)
pandas.set_option("display.max_rows", 3); numpy.set_printoptions(precision=1)
warnings.simplefilter("ignore"); sys.modules["stained"] = sys; __builtins__.stain = 1
threading.Thread(target=threading.Event().wait, daemon=True).start()
random.seed(1); numpy.random.seed(1)
after = state()
print("same:", [k for k in before if before[k] == after[k]])
"""
LOOK = "for k, v in state().items(): print(k, v)"
DRAW = "print('draw', random.random(), numpy.random.rand(), os.getpid())"


def test_no_state_of_the_interpreter_reaches_the_next_notebook(engine, build, tmp_path):
    _, clean, _ = build("look", STATE, LOOK)
    _, stained, _ = build("stain", STATE, STAIN, DRAW)
    assert "same: []" in stained, "the notebook must stain all that is looked at"
    assert (tmp_path / "elsewhere").is_dir() and "STAIN" not in os.environ
    _, after, _ = build("look", STATE, LOOK)
    assert "folder" in after and after == clean
    _, drawn, _ = build("stain", STATE, DRAW)
    draws = [re.search(r"draw (0\S+) (0\S+) (\d+)", html).groups() for html in (stained, drawn)]
    assert all(one != two for one, two in zip(*draws, strict=True)), "random states, processes"


@pytest.mark.parametrize("ends", ["", "raise ValueError(root / 'data')"])
def test_neither_a_warning_nor_what_stopped_a_page_tells_a_folder_of_the_machine(build, ends):
    warned = f"{HERE}\nimport json, warnings\nwarnings.warn(f'{{root}} {{json.__file__}}')"
    result, html, _ = build(
        "warned", f"{warned}\nprint(root / 'data/a.csv', pathlib.Path.home())\n{ends}"
    )
    assert (result.status == "error") is bool(ends)
    places = (
        result.page.notebook.parent,
        Path.home(),
        project.PROJECT,
        sys.prefix,
        sys.base_prefix,
    )
    told = re.sub(r"data:[^'\"]*", "", html)
    assert not [p for p in map(str, places) if re.search(rf"{re.escape(p)}\b", told)]
    assert "data/a.csv" in told or ends
