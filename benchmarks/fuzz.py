"""Thousands of hostile files through reading, checking and the way back; failures are kept.

    python benchmarks/fuzz.py --files 10000 --seed 1

Says how many files of each kind were accepted, raised issues or were refused, the slowest file and
the largest process; ends with 1 where a file crashed the flow, lost a cell or was refused in
silence. Such files lie in ``--keep`` afterwards.
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

from analysis import catalogue as cat
from analysis import files, reading, returns, workbook

LIMITS = hostile.CATALOGUE.parameters["limits"]
BATCH = 400  # files that are checked together
BACK = 8  # the annotated copy of one of so many is written
HEAVY_SHARE = 200  # one of so many files is a heavy one


class Tally:
    """What became of the files."""

    def __init__(self, keep: Path) -> None:
        self.keep, self.failed, self.slowest = keep, [], []
        self.outcomes: dict[str, Counter] = defaultdict(Counter)
        self.rules: Counter = Counter()

    def fails(self, path: Path, case: hostile.Case, reason: str) -> None:
        self.keep.mkdir(parents=True, exist_ok=True)
        kept = self.keep / f"{len(self.failed)}{path.suffix}"
        shutil.copy(path, kept)
        self.failed.append((kept, case, reason))
        print(f"FAILED {kept}: {case.kind}, {case.seed}, {path.name!r}\n{reason}", flush=True)

    def took(self, seconds: float, case: hostile.Case, size: int) -> None:
        self.slowest = sorted([*self.slowest, (seconds, case.kind, size)])[-5:]


def run(setting: str, cases: list[hostile.Case], tally: Tally) -> None:
    """A batch in a project of its own: checked together, one by one where that fails."""
    with tempfile.TemporaryDirectory() as root:
        folder, held = hostile.project(Path(root), setting), {}
        bases = hostile.bases(setting)
        for n, case in enumerate(cases):
            path = folder / case.name(bases, n)
            path.write_bytes(case.build(bases))
            held[files.name_of(path)] = (path, case)
        try:
            with timed(tally, held):
                found = hostile.checked(Path(root), setting)
            wrong = hostile.faults(found, set(held))
            back(Path(root), setting, found, [name for n, name in enumerate(held) if n % BACK == 0])
        except Exception:
            if len(cases) > 1:
                half = len(cases) // 2
                run(setting, cases[:half], tally)
                run(setting, cases[half:], tally)
            else:
                ((path, case),) = held.values()
                tally.fails(path, case, traceback.format_exc())
                tally.outcomes[case.kind]["crashed"] += 1
            return
        for name, (path, case) in held.items():
            outcome, rule = became(found, name)
            tally.outcomes[case.kind][outcome] += 1
            tally.rules[rule] += 1
            if name in wrong:
                tally.fails(path, case, wrong[name])


@contextmanager
def timed(tally: Tally, held: dict):
    """What each file takes to be read and placed is noted."""
    placed, read = reading._located, workbook.read

    def noted(path: Path, limits: dict):
        started = time.perf_counter()
        cells = read(path, limits)
        case = held[files.name_of(path)][1]
        tally.took(time.perf_counter() - started, case, path.stat().st_size)
        return cells

    def located(cells, known):
        started = time.perf_counter()
        found = placed(cells, known)
        path, case = held[cells["source_file"].iloc[0]]
        tally.took(time.perf_counter() - started, case, path.stat().st_size)
        return found

    workbook.read, reading._located = noted, located
    try:
        yield
    finally:
        workbook.read, reading._located = read, placed


def back(root: Path, setting: str, found: dict, names: list[str]) -> None:
    """The annotated copies of some files, as the flow writes them."""
    place, issues = cat.Place(root), found["issues"]
    folder = place.survey(setting) if setting == hostile.EDITION else place.submissions(setting)
    sources = {files.name_of(p): p for p in folder.iterdir()}
    copies = [
        returns.Copy(Path(file).stem, sources.get(file), own)
        for file, own in issues[issues["source_file"].isin(names)].groupby("source_file")
    ]
    target = place.returns(setting)
    for path in returns.write(target, root / "returns.json", issues, copies, LIMITS):
        if path.parent != target or not path.exists():
            raise AssertionError(f"{path} is not in {target}")


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
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()) / "fuzz-failed")
    asked = parser.parse_args()
    tally, started = Tally(asked.keep), time.monotonic()
    shares = dict(zip(hostile.SETTINGS, (0.7, 0.15, 0.15), strict=True))
    for setting, share in shares.items():
        number = round(asked.files * share)
        heavy = -(-number // HEAVY_SHARE)
        cases = hostile.drawn(setting, number - heavy, asked.seed, tuple(hostile.KINDS))
        cases += hostile.drawn(setting, heavy, asked.seed, tuple(hostile.HEAVY))
        for at in range(0, len(cases), BATCH):
            run(setting, cases[at : at + BATCH], tally)
            done = sum(sum(c.values()) for c in tally.outcomes.values())
            print(f"{setting}: {done} files, {time.monotonic() - started:.0f} s", flush=True)
    report(tally, time.monotonic() - started)
    return 1 if tally.failed else 0


def report(tally: Tally, seconds: float) -> None:
    outcomes = sorted({o for c in tally.outcomes.values() for o in c})
    total = sum(sum(c.values()) for c in tally.outcomes.values())
    print(f"\n{total} files in {seconds:.0f} s, {len(tally.failed)} failed")
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
