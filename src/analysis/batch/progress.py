"""Where a batch of pages is: a live line on a terminal, plain lines everywhere else."""

import time
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
from rich.progress import Progress as Bar

from analysis.batch.pages import Result
from analysis.language.messages import duration, tell
from analysis.language.words import printable

_EVERY = 10.0  # seconds between plain lines
_SLOW = 5  # pages named at the end


class Progress:
    """Shows pages done of all, rate, remaining time and failures; call it after each page.

    Use as a context manager: ``with Progress(console, "2022-Q2") as progress:
    batch.run(…, progress=progress)``.
    """

    def __init__(self, console: Console, label: str) -> None:
        self._console, self._label = console, label
        self._started = self._said = time.monotonic()
        self._results: list[Result] = []
        self._bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rest]}"),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task(tell("{label}: pages", label=label), total=None, rest="")

    def __enter__(self) -> "Progress":
        self._bar.start()
        return self

    def __exit__(
        self, kind: type | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def __call__(self, done: int, total: int, result: Result) -> None:
        """``result`` is the ``done``-th of ``total`` pages."""
        self._results.append(result)
        if result.status != "ok" and self._console.is_terminal:
            text = tell("failed: {page}: {why}", page=result.page.name, why=result.message)
            self._console.print(printable(text), markup=False, highlight=False)
        rest = self._rest(done, total)
        self._bar.update(self._task, completed=done, total=total, rest=rest)
        now = time.monotonic()
        if not self._console.is_terminal and now - self._said >= _EVERY and done < total:
            self._said = now
            text = tell(
                "{label}: {done}/{total} pages, {rest}",
                label=self._label,
                done=done,
                total=total,
                rest=rest,
            )
            self._console.print(text, highlight=False)

    def _rest(self, done: int, total: int) -> str:
        rate = done / max(time.monotonic() - self._started, 1e-9)
        failed = sum(r.status != "ok" for r in self._results)
        left = duration((total - done) / rate)
        more = ", " + tell("{n} failed", n=failed) if failed else ""
        return tell("{rate:.1f}/s, {left} left", rate=rate, left=left) + more

    def slowest(self) -> str:
        """The pages that took longest, where many were built; empty otherwise."""
        if len(self._results) < 4 * _SLOW:
            return ""
        slow = sorted(self._results, key=lambda r: -r.seconds)[:_SLOW]
        pages = ", ".join(f"{r.page.name} {r.seconds:.1f} s" for r in slow)
        return tell("slowest: {pages}", pages=pages)
