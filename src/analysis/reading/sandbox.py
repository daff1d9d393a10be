"""Work on files from outside, in a process that may die of them: memory and time are bounded.

A spreadsheet of a few kilobytes can ask its reader for gigabytes (two cells in opposite corners are
enough) or keep it busy for hours. The process is started once and serves one call after the other;
a call that ends with it is made once more in a new one, as the calls before may be to blame. Limits
hold where the system has them (not on Windows, where a file can still not take this process with
it).
"""

import gc
import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path

from analysis.project import SAFE_PATH
from analysis.storage import scratch

try:
    import resource
except ImportError:  # Windows
    resource = None

WALL = 3
"""How many times its seconds a call may take by the clock on the wall: what waits for others (a
link to a pipe, a share that is gone) uses no time of a processor."""
SERVE = "from analysis.reading import sandbox; sandbox.serve()"


class ExceededError(Exception):
    """The work needed more memory or time than it may have."""


def call(function: Callable, *args: object, memory: int, seconds: int) -> object:
    """What ``function(*args)`` returns, from a process of at most ``memory`` bytes and ``seconds``.

    Function, arguments and result travel by pickle; what it raises is raised here.

    Raises
    ------
    ExceededError
        if the process came to its end over it.
    """
    return process_of(os.getpid()).call((function, args, memory, seconds))


@cache
def process_of(owner: int) -> "_Process":
    """The process of this process: a fork has one of its own."""
    return _Process()


class _Process:
    def __init__(self) -> None:
        self._lock, self._running = threading.Lock(), None
        self._late = False  # whether the last call was stopped by the clock on the wall

    def call(self, asked: tuple) -> object:
        with self._lock:
            used, self._running = self._running, None
            if used is not None:
                try:
                    return self._answer(used, asked)
                except ExceededError:
                    # it may have died before, or have been full: no file is judged by the others
                    if self._late or used.returncode == -getattr(signal, "SIGXCPU", 0):
                        raise  # of time only its own counts
            return self._answer(_started(), asked)

    def _stop(self, running: subprocess.Popen) -> None:
        self._late = True
        running.kill()

    def _answer(self, running: subprocess.Popen, asked: tuple) -> object:
        memory, seconds = asked[2:]
        self._late = False
        late = threading.Timer(WALL * seconds, self._stop, (running,))
        late.daemon = True
        late.start()
        try:
            pickle.dump(asked, running.stdin)
            running.stdin.flush()
            result, error = pickle.load(running.stdout)
        except (EOFError, OSError, pickle.UnpicklingError) as broken:
            raise ExceededError(f"> {memory / 1e6:.0f} MB, {seconds} s") from broken
        else:
            self._running = running
        finally:
            late.cancel()
            if self._running is None:  # no half-read answer is taken for another's
                running.kill()
                running.communicate()
        if error is not None:
            raise error
        return result


@cache
def _aside(owner: int) -> Path:
    """Where libraries put things aside in that process, which may be killed before they go."""
    return scratch.made()


def _started() -> subprocess.Popen:
    path = os.pathsep.join(p for p in sys.path if p)
    env = os.environ | {"PYTHONPATH": path, SAFE_PATH: "1", "OPENBLAS_NUM_THREADS": "1"}
    env["TMPDIR"] = str(_aside(os.getpid()))
    pipe, quiet = subprocess.PIPE, subprocess.DEVNULL
    command = [sys.executable, "-c", SERVE]
    started = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=quiet, env=env)
    try:
        pickle.load(started.stdout)
    except EOFError as error:  # no file is to blame for it
        started.communicate()
        raise OSError(f"the process that reads files ended: {started.returncode}") from error
    return started


# --- in the other process ------------------------------------------------------------------------


def serve() -> None:
    """Answer calls until there are no more; what is printed meanwhile is no answer."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that asked
    back = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    pickle.dump("here", back)
    back.flush()
    gc.set_threshold(100_000, 20, 50)  # a large sheet is many small things, and no circles
    while True:
        try:
            function, args, memory, seconds = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        _bound(memory, seconds)
        back.write(_answer(function, args))
        back.flush()


def _answer(function: Callable, args: tuple) -> bytes:
    try:
        return pickle.dumps((function(*args), None))
    except MemoryError:
        os._exit(1)  # what is left of it would be missing in the next call
    except BaseException as error:  # a panic of a reader written in Rust is no Exception
        known = error if isinstance(error, Exception) else RuntimeError(str(error))
    try:
        pickle.loads(pickle.dumps(known))
    except Exception:
        known = RuntimeError(f"{type(known).__name__}: {known}")
    return pickle.dumps((None, known))


def _bound(memory: int, seconds: int) -> None:
    if resource is None:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    until = int(used.ru_utime + used.ru_stime) + 1 + seconds
    for kind, most in ((resource.RLIMIT_DATA, memory), (resource.RLIMIT_CPU, until)):
        _, hard = resource.getrlimit(kind)
        resource.setrlimit(kind, (most if hard < 0 else min(most, hard), hard))
    if hasattr(resource, "RLIMIT_CORE"):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
