"""How often the 95 % interval of an intraclass correlation holds the true one: equal and unequal
workloads, normal values. ``python benchmarks/interviewer_effects.py [samples]``."""

import sys

import numpy as np

from analysis.survey.interviewer_effects import intraclass

WORKLOADS = {
    "8 × 5": [5] * 8,
    "12 × 14": [14] * 12,
    "4 × 3, 4 × 10, 4 × 30": [3] * 4 + [10] * 4 + [30] * 4,
}


def held(rho: float, workload: list[int], samples: int, rng: np.random.Generator) -> float:
    """Percent of the samples whose interval holds ``rho``."""
    groups = np.repeat(range(len(workload)), workload)
    hits = 0
    for _ in range(samples):
        shared = rng.normal(0, np.sqrt(rho), len(workload))[groups]
        found = intraclass(shared + rng.normal(0, np.sqrt(1 - rho), len(groups)), groups)
        hits += found.ci_low <= rho <= found.ci_high
    return 100 * hits / samples


if __name__ == "__main__":
    rng = np.random.default_rng(1)
    for name, workload in WORKLOADS.items():
        for rho in (0.0, 0.05, 0.2):
            percent = held(rho, workload, int((*sys.argv[1:], 500)[0]), rng)
            print(f"{name:>24}  ρ = {rho:4.2f}  {percent:.1f} %", flush=True)
