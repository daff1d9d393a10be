"""Thousands of ordinary office files through the whole flow: what is read is what is meant.

    python tools/variants.py --files 10000 --seed 1

Right forms are changed in the ways that are known of offices (``tests/office_files.py``): rows,
headings, sheets, tables, formats, marks, separators, and a wrong thing in most of them. Says how
many files of each kind were tried; ends with 1, naming seed, kind, file and cell, where a figure
was taken for another in silence, a right file was refused, or a cell has no fate.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
import office_files


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    ways, started = office_files.RIGHT + office_files.WRONG, time.monotonic()
    wrong: Counter[str] = Counter()
    rounds = -(-asked.files // len(ways))
    for n in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            for fault in office_files.trial(ways, asked.seed + n, Path(folder)):
                wrong[fault.split()[1]] += 1
                print(fault)
        print(f"\r{(n + 1) * len(ways)} files, {wrong.total()} faults", end="", flush=True)
    print(f"\n{rounds} files of each of {len(ways)} kinds in {time.monotonic() - started:.0f} s")
    for kind, faults in wrong.most_common():
        print(f"{kind}: {faults}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
