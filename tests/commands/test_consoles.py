"""No console stops the work of a command, changes what it leaves or its exit status."""

import io
import os
import subprocess
import sys
from collections import Counter

import consoles
import pytest
import rich.console
from hypothesis import given
from hypothesis import strategies as st

from analysis import __main__ as commands
from analysis import period
from analysis.catalogue import catalogue
from analysis.commands import console, terminal
from analysis.language import messages
from analysis.storage import files

THREADS = "OPENBLAS_NUM_THREADS"


@pytest.mark.parametrize("given", [None, "3"])
def test_workers_have_one_thread_of_linear_algebra_unless_somebody_says_otherwise(given):
    """Each would have as many as there are cores, and they would wait for one another."""
    known = {k: v for k, v in os.environ.items() if k != THREADS}
    said = f"os.environ['{THREADS}'], 'numpy' in sys.modules"
    code = f"import analysis.__main__, os, sys; print({said})"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=known | ({THREADS: given} if given else {}),
        capture_output=True,
        text=True,
    )
    assert done.stdout.split() == [given or "1", "False"], done.stderr


class Screen(io.RawIOBase):
    """So many bytes are taken and kept; then whoever read them is gone."""

    def __init__(self, takes: int = 10**9) -> None:
        self.takes, self.said = takes, b""

    def writable(self) -> bool:
        return True

    def write(self, data) -> int:
        if len(self.said) >= self.takes:
            raise BrokenPipeError(32, "Broken pipe")
        self.said += bytes(data)
        return len(data)


def opened(screen: Screen, encoding: str) -> io.TextIOWrapper:
    console.codecs.register_error(console.LEGIBLE, console.legible)
    stream = io.TextIOWrapper(io.BufferedWriter(screen), encoding=encoding)
    return console.taking_all(stream)


def ended(words: list[str]) -> int:
    with pytest.raises(SystemExit) as ending:
        commands.app(words)
    sys.stdout.flush()
    return ending.value.code or 0


@pytest.fixture(scope="module")
def walks(tmp_path_factory):
    """Console → exit status of every command in a project, what was left, what was said."""
    found, patch = {}, pytest.MonkeyPatch()
    folder = tmp_path_factory.mktemp("consoles") / "project"
    for name, screen, encoding, width in (
        ("able", Screen(), "utf-8", 80),
        ("old", Screen(5_000), "cp1258", 1),
    ):
        root = consoles.project(folder)
        with patch.context() as here:
            here.setenv("SOURCE_DATE_EPOCH", consoles.crashes.EPOCH)
            here.setenv(messages.VARIABLE, "vi")
            here.setattr(terminal, "console", rich.console.Console(width=width))
            here.setattr(sys, "stdout", opened(screen, encoding))
            here.setattr(sys, "stderr", sys.stdout)
            statuses = [
                (*words[:2], ended(words))
                for several in consoles.said(root).values()
                for words in several
            ]
        found[name] = statuses, consoles.left(root), screen.said.decode(encoding)
        folder.rename(folder.with_name(name))
    return found


def test_every_command_of_the_application_is_walked(tmp_path):
    assert set(consoles.said(tmp_path)) == consoles.commands()


def test_every_command_ends_and_leaves_the_same_on_any_console(walks):
    (statuses, left, said), (others, leave, heard) = walks["able"], walks["old"]
    assert others == statuses
    assert consoles.crashes.differing(leave, left) == []
    # the walk is of commands that work, and of some that do not
    assert Counter(code for *_, code in statuses) >= Counter({0: 5, 1: 1, 2: 4})
    assert any(consoles.NAME in name and "returns" in name for name in left)
    assert "phải sửa" in said and "Cách dùng" in said and len(heard) >= 2_500


def test_a_process_of_its_own_ends_and_leaves_the_same(tmp_path, walks):
    """Names of files are in another encoding, and the first file opened is standard output."""
    root = consoles.project(tmp_path / "project")
    assert consoles.status(consoles.said(root)["check"][0], "no locale, closed") == 1
    returned = {n for n in walks["able"][1] if "returns" in n}
    assert returned and returned <= set(consoles.left(root))


@given(st.text(max_size=30), st.sampled_from(["ascii", "cp437", "cp1252", "cp1258", "utf-8"]))
def test_any_text_can_be_said_in_any_encoding(text, encoding):
    screen = Screen()
    stream = opened(screen, encoding)
    stream.write(text)
    stream.flush()
    said = screen.said.decode(encoding)
    assert not text.isascii() or said == text.replace("\n", os.linesep)


def test_what_is_said_where_nobody_listens_is_lost_and_nothing_else(monkeypatch):
    stream = opened(Screen(0), "utf-8")
    for _ in range(3):
        stream.write("x" * 100_000)
        stream.flush()
    stream.close()


# --- errors of ours ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return consoles.project(tmp_path_factory.mktemp("errors") / "project")


def raises(error: BaseException):
    def loads(*_, **__):
        raise error

    return loads


class _PanicError(BaseException):
    """As readers written in Rust end."""


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (TypeError("unsupported"), terminal.INTERNAL),
        (EOFError(), terminal.INTERNAL),
        (_PanicError("index out of bounds"), terminal.INTERNAL),
        (BrokenPipeError(32, "Broken pipe"), 2),
        (KeyboardInterrupt(), 130),
    ],
)
def test_an_error_of_ours_is_no_blocking_issue(project, tmp_path, monkeypatch, error, status):
    root, screen = project, Screen()
    monkeypatch.setattr(period, "load", raises(error))
    monkeypatch.setattr(terminal.tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(terminal.consoles, "patient", lambda: None)
    monkeypatch.setattr(sys, "stderr", opened(screen, "utf-8"))
    monkeypatch.setattr(sys, "argv", ["analysis", "check", consoles.PERIOD, "--root", str(root)])
    before = {p: files.sha256(p) for p in (root / "data/submissions").rglob("*.*")}
    with pytest.raises(SystemExit) as ending:
        commands.main()
    assert ending.value.code == status
    kept = list(tmp_path.glob("reform-monitor-*.log"))
    assert len(kept) == (status == terminal.INTERNAL)
    sys.stderr.flush()
    for trace in kept:
        assert "Traceback" in trace.read_text("utf-8") and str(trace).encode() in screen.said
        assert b"Traceback" not in screen.said
    assert {p: files.sha256(p) for p in before} == before


def test_a_broken_pipe_that_is_not_the_consoles_is_told(project, monkeypatch, capsys):
    monkeypatch.setattr(catalogue, "load", raises(BrokenPipeError(32, "Broken pipe")))
    assert ended(["check", consoles.PERIOD, "--root", str(project)]) == 2
    assert "Broken pipe. Nothing was left half-written" in capsys.readouterr().out
