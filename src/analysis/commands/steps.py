"""A step that may last: on a terminal how far it is, how fast and how long still; elsewhere a line
now and then."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from analysis.language.messages import duration, tell
from analysis.language.words import printable

EVERY = 30.0  # seconds between lines where there is no terminal

Done = Callable[[int, int], None]
"""Called with how many are done, of how many."""


@contextmanager
def step(console: Console, label: str) -> Iterator[Done]:
    """Show a step while it lasts; what is yielded may be told how much is done.

    What cannot be counted shows how long it has been at work.
    """
    started, told = time.monotonic(), {"text": ""}
    with Bar(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        TextColumn("{task.fields[rest]}", markup=False),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as bar:
        task = bar.add_task(printable(label), total=None, rest="")

        def done(number: int, total: int) -> None:
            told["text"] = rest = _rest(number, total, time.monotonic() - started)
            whole = number >= total  # what comes after the last cannot be counted
            bar.update(task, completed=number, total=None if whole else total, rest=rest)

        if console.is_terminal:
            yield done
            return
        ended = threading.Event()
        lines = threading.Thread(target=_lines, args=(console, label, told, ended), daemon=True)
        lines.start()
        try:
            yield done
        finally:
            ended.set()
            lines.join()


def _rest(done: int, total: int, seconds: float) -> str:
    rate = done / max(seconds, 1e-9)
    how = f"{done}/{total}, {rate:.1f}/s"
    if not 0 < done < total:
        return how
    return tell("{how}, {time} left", how=how, time=duration((total - done) / rate))


def _lines(console: Console, label: str, told: dict[str, str], ended: threading.Event) -> None:
    started = time.monotonic()
    while not ended.wait(EVERY):
        how = told["text"] or duration(time.monotonic() - started)
        console.print(printable(f"{label} {how}"), markup=False, highlight=False, soft_wrap=True)
