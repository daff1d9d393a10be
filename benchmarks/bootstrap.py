"""1,000 stratified bootstrap replicates of group means and medians by region, against peers.

Run: ``python benchmarks/bootstrap.py [rows …]`` (default 3000 300000). Peers on the same data in
the same run:

* a plain loop over pandas: resample within strata, then group by (two ways to the median: the
  weighted one that an estimate needs, and the plain one that pandas has);
* R's ``survey`` package (``as.svrepdesign``, group means only), where Rscript is installed and
  the rows are not too many for it.

The pandas loop is timed on fewer replicates and scaled, which the line says. Each of ours is run
three times; the median counts. Peak memory is that of a process of its own.
"""

import multiprocessing
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.survey import resampling, sampling

REPLICATES, BY = 1000, ["procedure_group", "region"]
R_LARGEST = 30_000  # rows; with 300,000 R takes over ten minutes and 11 GB
R_CODE = """
library(survey)
t <- read.csv("{file}")
d <- svydesign(ids = ~1, strata = ~stratum, weights = ~design_weight, data = t)
seconds <- system.time({{
  r <- as.svrepdesign(d, type = "subbootstrap", replicates = {replicates})
  e <- svyby(~cost, ~procedure_group, r, svymean)
}})["elapsed"]
cat(seconds)
"""


def data(rows: int) -> pd.DataFrame:
    """Answers of 9 groups, 3 regions, 24 strata; log-normal cost."""
    rng = np.random.default_rng(2022)
    stratum = np.sort(rng.integers(0, 24, rows))
    return pd.DataFrame(
        {
            "stratum": stratum,
            "region": stratum // 8,
            "procedure_group": rng.integers(0, 9, rows),
            "cost": rng.lognormal(14, 1, rows),
            "design_weight": 1.0 + 5 * (stratum % 8),
        }
    )


def ours(table: pd.DataFrame, replicates: int = REPLICATES) -> float:
    started = time.perf_counter()
    sample = sampling.design(table, "design_weight", "stratum")
    resampling.bootstrap(sample, "cost", BY, replicates, seed=1)
    return time.perf_counter() - started


def pandas_loop(table: pd.DataFrame, replicates: int) -> float:
    """What an analyst writes: draw within strata, group, take means and weighted medians."""
    rng = np.random.default_rng(1)
    started = time.perf_counter()
    found = []
    for _ in range(replicates):
        drawn = table.groupby("stratum").sample(frac=1, replace=True, random_state=rng)
        wy = drawn["cost"] * drawn["design_weight"]
        keys = [drawn[c] for c in BY]
        mean = wy.groupby(keys).sum() / drawn["design_weight"].groupby(keys).sum()
        ordered = drawn.sort_values("cost")
        keys = [ordered[c] for c in BY]
        reached = ordered["design_weight"].groupby(keys).cumsum()
        half = ordered["design_weight"].groupby(keys).transform("sum") / 2
        median = ordered[reached >= half].groupby(BY)["cost"].first()
        found.append((mean, median))
    return time.perf_counter() - started


def r_survey(table: pd.DataFrame, largest: int) -> float | None:
    if not shutil.which("Rscript") or len(table) > largest:
        return None
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "answers.csv"
        table.to_csv(file, index=False)
        code = R_CODE.format(file=file, replicates=REPLICATES)
        done = subprocess.run(["Rscript", "-e", code], capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1])


def peak(rows: int, replicates: int) -> float:
    """Peak memory in MB of a process that does nothing else."""
    ours(data(rows), replicates)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(sizes: list[int]) -> None:
    for rows in sizes:
        table = data(rows)
        ours(table, 20)  # imports, thread pool, page cache
        mine = statistics.median(ours(table) for _ in range(3))
        few = max(3, min(100, 600_000 // rows))
        loop = pandas_loop(table, few) * REPLICATES / few
        print(f"{rows:>8,} rows, {REPLICATES} replicates, means and medians of 27 domains")
        print(f"  ours         {mine:8.2f} s")
        print(f"  pandas loop  {loop:8.1f} s  ({loop / mine:.0f}×; {few} replicates, scaled)")
        r = r_survey(table, R_LARGEST)
        print(
            f"  R survey     {r:8.1f} s  ({r / mine:.0f}×; means of 9 groups only)"
            if r
            else "  R survey     not run (not installed, or too many rows for it)"
        )
        for replicates in (100, 1000):
            clean = multiprocessing.get_context("spawn")
            with ProcessPoolExecutor(1, mp_context=clean) as pool:
                used = pool.submit(peak, rows, replicates).result()
            print(f"  peak memory  {used:8.0f} MB with {replicates} replicates")


if __name__ == "__main__":
    main([int(a) for a in sys.argv[1:]] or [3_000, 300_000])
