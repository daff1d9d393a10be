"""How often does the interval of a saving hold what is truly saved?

Run: ``python benchmarks/saving_intervals.py [REPEATS]``.

Firms answer how many hours a procedure takes and what an agent asks, both lognormal with the same
coefficient of variation (APCI's answers: about 1); two samples of n. Their means and errors go to
``analysis.survey.what_if.compare``, which cuts a third of the frequency and a fifth of the hours;
that is repeated with new samples. Prints for each n and variation how many intervals of 95 % held
the truth, and the Monte Carlo error of that share.
"""

import sys

import numpy as np
import pandas as pd

from analysis.survey import what_if
from analysis.survey.what_if import Quantity

HOURS, PRICE, RATE, SUBJECTS = 12.0, 400_000.0, 70_000.0, 5_000
TASK = {"procedure": "p", "task": "t", "hours": HOURS, "hourly_rate": RATE, "consultancy": PRICE}
TASKS = pd.DataFrame([TASK | {"fees": 50_000, "times_per_year": 3, "subjects": SUBJECTS}])
CHANGE = {"times_per_year": 2}


def estimated(rng: np.random.Generator, mean: float, variation: float, n: int) -> Quantity:
    """The mean of n answers, as a simple sample has it."""
    s = np.sqrt(np.log1p(variation**2))
    answers = rng.lognormal(np.log(mean) - s * s / 2, s, n)
    return Quantity(answers.mean(), answers.std(ddof=1) / np.sqrt(n), n - 1, n)


def main() -> None:
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    true = what_if.compare(TASKS, {}, CHANGE, 0.8).result["saving"].iloc[0]
    for variation in (0.5, 1.0):
        for n in (10, 30, 100, 300):
            rng, held = np.random.default_rng([n, int(10 * variation)]), 0
            for _ in range(repeats):
                now = {"hours": estimated(rng, HOURS, variation, n)}
                now |= {"agent_price": estimated(rng, PRICE, variation, n)}
                row = what_if.compare(TASKS, now, CHANGE, 0.8).result.iloc[0]
                held += row["ci_low"] <= true <= row["ci_high"]
            share = held / repeats
            error = np.sqrt(share * (1 - share) / repeats)
            print(f"variation {variation}, n = {n}: {share:.1%} (±{error:.1%})", flush=True)


if __name__ == "__main__":
    main()
