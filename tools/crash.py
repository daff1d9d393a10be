"""Runs that are killed: is anything half-written ever visible, and does the next run mend all?

Run: ``python tools/crash.py [--trials N] [--seed N]``.

In each trial the whole group of processes of ``python -m analysis run`` gets SIGKILL: half of them
at a random moment, half as it is about to change a file for the n-th time, n drawn from all that an
undisturbed run changes. Half start from nothing, half from a site that is built and whose inputs
have changed. Then

* every visible file of the site must be as it was before or as an undisturbed run writes it, byte
  for byte; every table must be whole; every record must be readable;
* the same command must succeed, and all that it leaves must be what an undisturbed run leaves, byte
  for byte, no file more (SOURCE_DATE_EPOCH is set; of records the times are not compared, nor are
  executed notebooks and logs, which are made of times).

Prints each trial that failed and the counts; exits 1 if any has.
"""

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

import crashes


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    draw, counted, began = random.Random(given.seed), Counter(), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="crash-") as folder:
        of = crashes.undisturbed(Path(folder, "of"))
        print(f"undisturbed: {of.seconds:.1f} s, {of.writes[False]} and {of.writes[True]} changes")
        for number in range(1, given.trials + 1):
            root, aside = Path(folder, "trial"), Path(folder, "of", "aside")
            done = crashes.trial(of, root, aside, draw)
            shutil.rmtree(root)
            counted[done.how.split()[0] == "write", done.killed, bool(done.wrong)] += 1
            if done.wrong:
                print(f"trial {number} ({done.how}): {'; '.join(done.wrong)}", flush=True)
            elif number % 10 == 0:
                print(f"{number} trials, {time.monotonic() - began:.0f} s", flush=True)
    killed = sum(n for (_, killed, _), n in counted.items() if killed)
    at_writes = sum(n for (write, killed, _), n in counted.items() if killed and write)
    wrong = sum(n for (*_, wrong), n in counted.items() if wrong)
    print(
        f"{given.trials} trials (seed {given.seed}): {killed} killed, {at_writes} of them at a "
        f"write; {given.trials - killed} ended before; {wrong} left something wrong"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
