"""Thousands of hostile files through the whole flow, from reading to the pages; failures are kept.

    python tools/fuzz.py --files 10000 --seed 1

They are sent together, some alone (one file that is all of a period), some in company that is
refused to the last; tables are made, copies sent back and pages planned each time, and for one of
so many periods (``--pages``) the pages are built and packed. Says how many files of each kind were
accepted, raised issues or were refused, the slowest file and the largest process; ends with 1 where
a file crashed the flow, lost a cell, was refused in silence or has a page fail. Such files lie in
``--keep`` afterwards.
"""

import argparse
import resource
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter, defaultdict
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
import hostile

from analysis import pipeline, project
from analysis.reading import reading, workbook
from analysis.storage import files
from analysis.survey import editions

BATCH = 100  # files that are sent together
ALONE = 25  # one of so many files is sent alone, too
REFUSED = ("garbage", "bytes", "part")  # kinds of which most are refused
HEAVY_SHARE = 200  # one of so many files is a heavy one


class Tally:
    """What became of the files."""

    def __init__(self, keep: Path) -> None:
        self.keep, self.failed, self.slowest = keep, [], []
        self.outcomes: dict[str, Counter] = defaultdict(Counter)
        self.rules: Counter = Counter()
        self.flows: Counter = Counter()

    def fails(self, path: Path, case: hostile.Case, reason: str) -> None:
        self.keep.mkdir(parents=True, exist_ok=True)
        kept = self.keep / f"{len(self.failed)}{path.suffix}"
        shutil.copy(path, kept)
        self.failed.append((kept, case, reason))
        print(f"FAILED {kept}: {case.kind}, {case.seed}, {path.name!r}\n{reason}", flush=True)

    def took(self, seconds: float, case: hostile.Case, size: int) -> None:
        self.slowest = sorted([*self.slowest, (seconds, case.kind, size)])[-5:]


def run(setting: str, cases: list[hostile.Case], tally: Tally, pages: bool, how: str) -> None:
    """A period of these files in a project of its own; where that fails, of one half and the other.

    ``how`` they are sent: together, alone or refused; files of the first are counted.
    """
    with tempfile.TemporaryDirectory() as root:
        folder, held = hostile.project(Path(root), setting), {}
        bases = hostile.bases(setting)
        for n, case in enumerate(cases):
            path = folder / case.name(bases, n)
            path.write_bytes(case.build(bases))
            held[files.name_of(path)] = (path, case)
        if setting == hostile.EDITION and how == "together":  # else nothing can be weighted
            for path in project.Place().survey(setting).glob("phieu_*"):
                shutil.copy(path, folder)
        try:
            with timed(tally, held):
                found = hostile.through(Path(root), setting, pages)
            wrong = hostile.faults(found, set(held))
        except Exception:
            if len(cases) > 1:
                half = len(cases) // 2
                run(setting, cases[:half], tally, pages, how)
                run(setting, cases[half:], tally, pages, how)
            else:
                ((path, case),) = held.values()
                tally.fails(path, case, traceback.format_exc())
                tally.outcomes[case.kind]["crashed"] += 1
            return
        tally.flows[f"{how}, pages built" if pages else how] += 1
        for name, (path, case) in held.items():
            if how == "together":
                outcome, rule = became(found, name)
                tally.outcomes[case.kind][outcome] += 1
                tally.rules[rule] += 1
            if name in wrong:
                tally.fails(path, case, wrong[name])


def none(setting: str) -> str:
    """What is said of a period for which nothing was sent; nothing where that is no message."""
    with tempfile.TemporaryDirectory() as root:
        hostile.project(Path(root), setting)
        try:
            hostile.through(Path(root), setting)
        except (pipeline.NoSubmissionsError, editions.NoResponsesError) as error:
            return str(error)
    return ""


@contextmanager
def timed(tally: Tally, held: dict):
    """What each file takes to be read and placed is noted."""
    placed, read = reading.placed, workbook.read

    def noted(path: Path, limits: dict):
        started = time.perf_counter()
        cells = read(path, limits)
        if files.name_of(path) in held:
            case = held[files.name_of(path)][1]
            tally.took(time.perf_counter() - started, case, path.stat().st_size)
        return cells

    def located(cells, known):
        started = time.perf_counter()
        found = placed(cells, known)
        path, case = held[cells["source_file"].iloc[0]]
        tally.took(time.perf_counter() - started, case, path.stat().st_size)
        return found

    workbook.read, reading.placed = noted, located
    try:
        yield
    finally:
        workbook.read, reading.placed = read, placed


def became(found: dict, name: str) -> tuple[str, str]:
    issues = found["issues"]
    own = issues[(issues["source_file"] == name) & (issues["severity"] == "blocking")]
    balance = found["balance"].set_index("source_file").loc[name]
    rule = own["rule"].iloc[0] if len(own) else "none blocking"
    if balance["submitted"] == 0:
        return "refused", rule
    if balance["accepted"] == 0:
        return "nothing accepted", rule
    return ("some accepted" if len(own) else "all accepted"), rule


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pages", type=int, default=20, help="of one of so many periods")
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()) / "fuzz-failed")
    asked = parser.parse_args()
    tally, started, sent = Tally(asked.keep), time.monotonic(), 0
    shares = dict(zip(hostile.SETTINGS, (0.7, 0.15, 0.15), strict=True))
    for setting, share in shares.items():
        number = round(asked.files * share)
        heavy = -(-number // HEAVY_SHARE)
        cases = hostile.drawn(setting, number - heavy, asked.seed, tuple(hostile.KINDS))
        refused = [case for case in cases if case.kind in REFUSED]
        alone = [[case] for case in cases[::ALONE]]
        cases += hostile.drawn(setting, heavy, asked.seed, tuple(hostile.HEAVY))
        together = [cases[at : at + BATCH] for at in range(0, len(cases), BATCH)]
        periods = [("together", part) for part in together] + [("alone", one) for one in alone]
        periods += [("refused", refused[at : at + 5]) for at in range(0, len(refused), 5 * ALONE)]
        print(f"{setting}: {none(setting)}", flush=True)
        for how, part in periods:
            run(setting, part, tally, sent % asked.pages == 0, how)
            sent += 1
        print(f"{setting}: {sent} periods, {time.monotonic() - started:.0f} s", flush=True)
    report(tally, time.monotonic() - started)
    return 1 if tally.failed else 0


def report(tally: Tally, seconds: float) -> None:
    outcomes = sorted({o for c in tally.outcomes.values() for o in c})
    total = sum(sum(c.values()) for c in tally.outcomes.values())
    print(f"\n{total} files in {seconds:.0f} s, {len(tally.failed)} failed")
    print("periods:", ", ".join(f"{n} {how}" for how, n in sorted(tally.flows.items())))
    print(f"{'kind':<12}" + "".join(f"{o:>18}" for o in outcomes))
    for kind, counts in sorted(tally.outcomes.items()):
        print(f"{kind:<12}" + "".join(f"{counts[o]:>18}" for o in outcomes))
    print("first blocking rule:", ", ".join(f"{r} {n}" for r, n in tally.rules.most_common(12)))
    print("slowest files (seconds, kind, bytes):")
    for line in reversed(tally.slowest):
        print("  {:.2f} {} {}".format(*line))
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    other = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e3
    print(f"largest process: {own:.0f} MB here, {other:.0f} MB of those that read")


if __name__ == "__main__":
    sys.exit(main())
