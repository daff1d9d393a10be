"""How often intervals of provinces hold the truth: ``python -m benchmarks.province_intervals``.

Samples of the synthetic population as in ``benchmarks/small_areas.py``; of each province with a
direct estimate R (time or direct cost against the nation with the same procedures) the interval

- ``t``: R ± t·s, as published;
- ``log t``: R·exp(± t·s/R);
- ``pooled``: R ± 1.96·√(σ²/n), one σ² of a firm pooled over the provinces by n − 1 (a generalised
  variance function: Wolter 2007, ch. 7);
- ``log pooled``: R·exp(± 1.96·√(σ²/n)/R);
- ``log relative``: R·exp(± 1.96·√(c/n)), the relative variance c pooled in the same way.
"""

import sys

import numpy as np
import pandas as pd
from benchmarks import small_areas

Z = 1.959963984540054


def ends(own: pd.DataFrame) -> pd.DataFrame:
    """The ends of each kind of interval of the provinces of one sample."""
    r, n = own["direct"], own["respondents"]
    s, reach = np.sqrt(own["sampling_variance"]), own["direct_high"] - own["direct"]
    degree = (n - 1).clip(lower=0)
    sigma = np.sqrt((degree * own["sampling_variance"] * n).sum() / degree.sum() / n)
    relative = own["sampling_variance"] * n / r**2
    c = np.sqrt((degree * relative).sum() / degree.sum() / n)
    kinds = {
        "t": (r - reach, r + reach),
        "log t": (r * np.exp(-reach / r), r * np.exp(reach / r)),
        "pooled": (r - Z * sigma, r + Z * sigma),
        "log pooled": (r * np.exp(-Z * sigma / r), r * np.exp(Z * sigma / r)),
        "log relative": (r * np.exp(-Z * c), r * np.exp(Z * c)),
        "bare": (r - Z * s, r + Z * s),
    }
    parts = [own.assign(kind=k, low=low, high=high) for k, (low, high) in kinds.items()]
    return pd.concat(parts, ignore_index=True)


def judged(found: pd.DataFrame) -> pd.DataFrame:
    """Coverage and mean width in percent, by measure, kind and size of the sample."""
    truth = small_areas.world()[2]
    table = found.merge(truth, on=["measure", "category"])
    table = table[table["low"].notna() & table["high"].notna()]
    table["held"] = 100.0 * table["truth"].between(table["low"], table["high"])
    table["width"] = 100 * (table["high"] - table["low"])
    typical = table.groupby(["measure", "category"])["respondents"].transform("mean")
    firms = pd.cut(typical, [4, 9, 19, 49, 99, 10_000], labels=["5–9", "–19", "–49", "–99", "100+"])
    table["firms"] = firms.astype(str)
    both = pd.concat([table, table.assign(firms="all")])
    wide = both.pivot_table(index=["measure", "kind"], columns="firms", values=["held", "width"])
    each = table.groupby(["measure", "kind", "category"])["held"].mean()
    wide["held", "worst"] = each.groupby(["measure", "kind"]).min()
    return wide.round(1)


if __name__ == "__main__":
    samples, tables = int((sys.argv[1:] or ["200"])[0]), []
    for seed in range(samples):
        drawn = small_areas.direct(seed)
        drawn = drawn[drawn["reason"] == ""]
        tables += [ends(own) for _, own in drawn.groupby("measure")]
        if (seed + 1) % 10 == 0:
            found = pd.concat(tables, ignore_index=True)
            print(seed + 1, judged(found).to_string(), flush=True)
