"""Building a composite index, and 1,000 Monte Carlo replicates of it, against peers.

Run: ``python benchmarks/composite.py``. Work: 63 units × 22 indicators and 10,000 × 50 (2 % of the
values missing, filled by the median, winsorised by skewness and kurtosis, min–max, two levels of
equal weights, ranks), then 1,000 replicates of the first over weights, scale, mean and imputation.
Peers on the same data in the same run:

* one build after another in this package, the way a loop over pipelines works (timed on fewer
  replicates and scaled, which the line says);
* R's COINr (``new_coin``, ``Impute``, ``Treat``, ``Normalise``, ``Aggregate``),
  where Rscript and COINr are installed.

Each of ours is run five times; the median counts. Growth is shown for twice the units, indicators
and replicates. Peak memory is that of a process of its own.
"""

import multiprocessing
import resource
import shutil
import statistics
import subprocess
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.scoring import composite, uncertainty

TEXT = {"vi": "x", "en": "x"}
R_CODE = """
suppressMessages(library(COINr))
d <- read.csv("{file}", check.names = FALSE)
codes <- setdiff(names(d), "uCode")
groups <- paste0("g", (seq_along(codes) - 1) %% 5)
meta <- rbind(
  data.frame(Level = 1, iCode = codes, Parent = groups, Direction = 1, Weight = 1,
             Type = "Indicator"),
  data.frame(Level = 2, iCode = paste0("g", 0:4), Parent = "index", Direction = 1, Weight = 1,
             Type = "Aggregate"),
  data.frame(Level = 3, iCode = "index", Parent = NA, Direction = 1, Weight = 1,
             Type = "Aggregate"))
build <- function() {{
  x <- new_coin(d, meta, quietly = TRUE)
  x <- Impute(x, dset = "Raw", f_i = "i_median")
  x <- Treat(x, dset = "Imputed")
  x <- Normalise(x, dset = "Treated")
  Aggregate(x, dset = "Normalised")
}}
invisible(build())
cat(median(sapply(1:3, function(i) system.time(build())["elapsed"])))
"""


def data(units: int, indicators: int) -> tuple[pd.DataFrame, dict]:
    """Log-normal values and a framework of five dimensions."""
    rng = np.random.default_rng(22)
    x = rng.lognormal(0, 0.8, (units, indicators))
    x[rng.random(x.shape) < 0.02] = np.nan
    codes = [f"i{j:02d}" for j in range(indicators)]
    table = pd.DataFrame(
        {
            "framework": "f",
            "reporting_unit": np.repeat([f"u{i:05d}" for i in range(units)], indicators),
            "time_period": "2022",
            "indicator": np.tile(codes, units),
            "obs_value": x.ravel(),
            "obs_status": np.where(np.isnan(x.ravel()), "O", "A"),
        }
    )
    framework = {
        "framework": "f",
        "impute": "median",
        "treat": "winsorise",
        "normalise": {"method": "min_max"},
        "weight": "equal",
        "aggregate": "arithmetic",
        "missing_children": "none",
        "rank_within": "all",
        "uncertainty": {
            "replicates": 1000,
            "seed": 1,
            "weights": {"spread": 0.25},
            "normalise": ["min_max", "percentile_rank"],
            "aggregate": ["arithmetic", "geometric"],
            "impute": ["median", "mean"],
        },
        "dimensions": {f"g{k}": {"name": TEXT} for k in range(5)},
        "indicators": {c: {"dimension": f"g{j % 5}", "direction": 1} for j, c in enumerate(codes)},
    }
    return table, framework


def replicates(table: pd.DataFrame, framework: dict) -> pd.DataFrame:
    """Scores, ranks and intervals of all replicates."""
    held = uncertainty.experiment(table, framework)
    scores = uncertainty.evaluate(held, uncertainty.design(held))
    return uncertainty.summarise(held, scores, "method")


def seconds(work, times: int = 5) -> float:
    work()
    found = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return statistics.median(found)


def one_after_another(table: pd.DataFrame, framework: dict, count: int) -> float:
    """Seconds of ``count`` builds with methods and weights drawn anew."""
    rng, stated = np.random.default_rng(1), framework["uncertainty"]
    start = time.perf_counter()
    for _ in range(count):
        drawn = {
            "impute": rng.choice(stated["impute"]),
            "normalise": {"method": rng.choice(stated["normalise"])},
            "aggregate": "arithmetic",
        }
        composite.build(table, framework | drawn)
    return time.perf_counter() - start


def coinr(table: pd.DataFrame) -> float | None:
    """Seconds of one build by COINr; None where it is not installed."""
    if not shutil.which("Rscript"):
        return None
    wide = table.pivot(index="reporting_unit", columns="indicator", values="obs_value")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "data.csv"
        wide.rename_axis("uCode").reset_index().to_csv(file, index=False, na_rep="NA")
        code = R_CODE.format(file=file.as_posix())
        done = subprocess.run(["Rscript", "-e", code], capture_output=True, text=True)
    return float(done.stdout) if done.returncode == 0 and done.stdout else None


def peak(units: int, indicators: int, count: int) -> float:
    """Peak memory in MB of a process that draws ``count`` replicates and nothing else."""
    table, framework = data(units, indicators)
    framework["uncertainty"]["replicates"] = count
    replicates(table, framework)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _peer(name: str, found: float | None, mine: float, note: str = "") -> None:
    text = f"{found:8.2f} s  ({found / mine:.0f}×{note})" if found else "not installed"
    print(f"  {name:<18} {text}")


def main() -> None:
    for size in ((63, 22), (10_000, 50)):
        table, framework = data(*size)
        mine = seconds(lambda t=table, f=framework: composite.build(t, f))
        print(f"build of {size[0]:,} units × {size[1]} indicators")
        print(f"  ours               {mine:8.3f} s")
        _peer("R COINr", coinr(table), mine)
    table, framework = data(63, 22)
    mine = seconds(lambda: replicates(table, framework))
    few = 30
    loop = one_after_another(table, framework, few) * 1000 / few
    print("1,000 replicates of 63 units × 22 indicators")
    print(f"  ours               {mine:8.3f} s")
    _peer("build after build", loop, mine, f"; {few} replicates, scaled")
    print("growth")
    for units, indicators, count in ((63, 22, 2000), (126, 22, 1000), (63, 44, 1000)):
        table, framework = data(units, indicators)
        framework["uncertainty"]["replicates"] = count
        taken = seconds(lambda t=table, f=framework: replicates(t, f))
        print(f"  {units:>4} × {indicators} × {count:,}    {taken:8.3f} s  ({taken / mine:.1f}×)")
    for count in (100, 1000):
        clean = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(1, mp_context=clean) as pool:
            held = pool.submit(peak, 2000, 50, count).result()
        print(f"  peak memory {held:8.0f} MB with {count} replicates of 2,000 × 50")


if __name__ == "__main__":
    main()
