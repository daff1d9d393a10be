"""How the parts grow with units and indicators, and which grows faster than what it is given.

Run: ``python benchmarks/growth.py [--units 100,1000,3355,10000] [--indicators 8,40,200]
[--write]``. Large sizes take minutes each.

* *By units*: a made-up period (:mod:`large_period`: a form of the Portal, one long file for each
  province) is read and checked, its indicators are computed and scored with the replicates that
  the framework states, and one unit page is run in a process that has run another.
* *By indicators*: made-up values of 100 units are scored, 1,000 replicates of that summarised.

Each size has a process of its own. Of each part: seconds of processor time, of the process and of
those that it waited for; of each size the most memory that its process held. The exponent is the
slope of the logarithms: 1 is linear. With ``--write`` the table goes into docs/trust.md, between
its marks; sizes that were not run keep no line there.
"""

import argparse
import math
import multiprocessing
import os
import re
import resource
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from unittest.mock import patch

import batch as benchmark
import composite as scored
import large_period
import numpy as np

from analysis import period, pipeline, project
from analysis.indicators import indicators
from analysis.scoring import composite

TARGET = Path(__file__).parent.parent / "docs/trust.md"
MARKS = re.compile(r"(<!-- growth -->\n).*?(<!-- /growth -->)", re.S)
LINEAR = 1.15
"""Of so few sizes on a busy machine no slope is known better than that."""


class Parts:
    """Seconds of processor time by the name of a part; what is within a part is not of it."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._within = 0.0

    @contextmanager
    def of(self, name: str):
        outer, self._within, start = self._within, 0.0, _processor()
        yield
        taken = _processor() - start
        self.seconds[name] = self.seconds.get(name, 0.0) + taken - self._within
        self._within = outer + taken

    def each(self, name: str, module, function: str):
        """Calls of a module's function inside the block are a part of their own."""
        own = getattr(module, function)

        def timed(*given, **named):
            with self.of(name):
                return own(*given, **named)

        return patch.object(module, function, timed)


def _processor() -> float:
    spent = os.times()  # its own is rounded
    return time.process_time() + spent.children_user + spent.children_system


def by_units(_: int) -> tuple[dict[str, float], float]:
    """Seconds of each part of the project's made-up period, and the most memory in MB."""
    parts = Parts()
    with ExitStack() as within:
        for name, module, function in (
            ("read and check", pipeline, "check"),
            ("indicators", indicators, "compute"),
        ):
            within.enter_context(parts.each(name, module, function))
        with parts.of("score, replicates, save"):
            loaded = period.load(large_period.PERIOD)
        first, second = benchmark.unit_pages(loaded, 2)
        benchmark.warm_script(first)
        with parts.of("one page"):
            benchmark.script(second)
    return parts.seconds, _most()


def by_indicators(count: int) -> tuple[dict[str, float], float]:
    """Seconds of scoring so many indicators of 100 units, and the most memory in MB."""
    parts, (table, framework) = Parts(), scored.data(100, count)
    composite.build(table, framework)
    with parts.of("score"):
        composite.build(table, framework)
    with parts.of("1,000 replicates"):
        scored.replicates(table, framework)
    return parts.seconds, _most()


def _most() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def exponent(sizes: list[int], values: list[float]) -> float:
    """The slope of the logarithms; none of fewer than two sizes."""
    if len(sizes) < 2:
        return math.nan
    return float(np.polyfit(np.log(sizes), np.log(np.maximum(values, 1e-3)), 1)[0])


def table(what: str, sizes: list[int], found: list[tuple[dict[str, float], float]]) -> list[str]:
    """Lines of Markdown: a part each, its seconds by size, its exponent."""
    heads = [f"{size:,}" for size in sizes]
    lines = [f"| by {what} | {' | '.join(heads)} | exponent |", "|---" * (len(sizes) + 2) + "|"]
    rows = {part: [seconds[part] for seconds, _ in found] for part in found[0][0]}
    for part, values in rows.items():
        told, slope = [f"{v:.2f} s" for v in values], exponent(sizes, values)
        mark = " **worse than linear**" if slope > LINEAR else ""
        lines.append(f"| {part} | {' | '.join(told)} | {slope:.2f}{mark} |")
    most = [memory for _, memory in found]
    told = [f"{m:,.0f} MB" for m in most]
    return [*lines, f"| most memory | {' | '.join(told)} | {exponent(sizes, most):.2f} |"]


def measured(work, sizes: list[int]) -> list[tuple[dict[str, float], float]]:
    """What ``work`` tells of each size, from a process of its own."""
    found = []
    clean = multiprocessing.get_context("spawn")
    for size in sizes:
        with ExitStack() as held:
            if work is by_units:  # a process knows its project when it starts
                folder = held.enter_context(tempfile.TemporaryDirectory())
                large_period.make(Path(folder), size)
                held.enter_context(patch.dict(os.environ, {project.ROOT: folder}))
            pool = held.enter_context(ProcessPoolExecutor(1, mp_context=clean))
            found.append(pool.submit(work, size).result())
        print(f"  {size:,}: {found[-1]}", flush=True)
    return found


def _sizes(text: str) -> list[int]:
    return [int(part) for part in text.split(",") if part]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--units", type=_sizes, default=[100, 1000, 3355, 10_000])
    parser.add_argument("--indicators", type=_sizes, default=[8, 40, 200])
    parser.add_argument("--write", action="store_true", help="put the table into docs/trust.md")
    asked = parser.parse_args()
    benchmark.quiet()
    lines = []
    for what, work, sizes in (
        ("units", by_units, asked.units),
        ("indicators", by_indicators, asked.indicators),
    ):
        lines += ["", *table(what, sizes, measured(work, sizes))] if sizes else []
    print(*lines, f"\n{time.strftime('%Y-%m-%d')}, {benchmark.versions()}", sep="\n")
    if asked.write:
        told = TARGET.read_text(encoding="utf-8")
        held = "\n".join([*lines[1:], "", ""])
        TARGET.write_text(MARKS.sub(lambda m: m[1] + held + m[2], told), encoding="utf-8")


if __name__ == "__main__":
    main()
