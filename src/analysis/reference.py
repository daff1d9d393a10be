"""Published figures that ours are compared with or explained by, read from ``data/reference``."""

from pathlib import Path

import pandas as pd

from analysis.catalogue import PROJECT, Place


def standard_cost_cases(root: Path | None = None) -> pd.DataFrame:
    """Published cases of the Standard Cost Model (``data/reference/standard-cost``).

    Returns the columns of the file (its README explains them), empty cells missing, with procedure
    (the case's code) and task (its Vietnamese title): each row is one task, as
    ``cost.standard_cost`` takes it.
    """
    file = Place(root or PROJECT).reference / "standard-cost" / "cases.csv"
    cases = pd.read_csv(file, encoding="utf-8")
    return cases.assign(procedure=cases["case"], task=cases["title_vi"])
