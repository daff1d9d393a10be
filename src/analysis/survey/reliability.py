"""Whether an estimate is firm enough to be published: its coefficient of variation.

CV = standard error ÷ |estimate|, in percent. Below ``caution`` an estimate is published, from there
to ``most`` with caution, above it is withheld: the classes of Statistics Canada's guidelines for
release (16.6 and 33.3 %). Of figures near 0, and of small shares, the CV is large however narrow
the interval is; of what shows no error nothing is known, so that such an estimate has caution.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.survey.disclosure import HIDDEN

PUBLISHED, CAUTION, WITHHELD = MARKS = ("published", "caution", "withheld")


@dataclass(frozen=True)
class Limits:
    """From which CV, in percent, caution is asked for, and above which nothing is published."""

    caution: float
    most: float


def cv(estimates: pd.DataFrame) -> pd.Series:
    """Coefficients of variation in percent; missing where there is no error, or the estimate is 0.

    >>> cv(pd.DataFrame({"estimate": [10.0, 0.0], "standard_error": [2.0, 1.0]})).tolist()
    [20.0, nan]
    """
    size = estimates["estimate"].astype(float).abs()
    return 100 * estimates["standard_error"].astype(float) / size.where(size > 0)


def marks(estimates: pd.DataFrame, limits: Limits) -> pd.Series:
    """The mark of each estimate (MARKS), by its CV to one decimal; empty where there is none."""
    found = cv(estimates).round(1)
    mark = np.select([found > limits.most, found < limits.caution], [WITHHELD, PUBLISHED], CAUTION)
    return pd.Series(mark, estimates.index).where(estimates["estimate"].notna(), "")


def held_back(
    estimates: pd.DataFrame, limits: Limits | None, also: Collection[str] = ()
) -> pd.DataFrame:
    """Add ``quality``, and withhold what is not firm enough as small cells are suppressed.

    What is withheld has no value, obs_status Q and ``quality`` withheld; ``hidden`` stays as the
    disclosure rules left it, and what these hid has no mark: its CV would say something of it.
    Without ``limits`` nothing changes, and no estimate has a mark.
    """
    if limits is None:
        return estimates.assign(quality="")
    mark = marks(estimates, limits)
    gone = mark == WITHHELD
    columns = [c for c in [*HIDDEN, *also] if c in estimates]
    table = estimates.assign(quality=mark)
    table[columns] = table[columns].mask(gone)
    return table.assign(obs_status=table["obs_status"].mask(gone, "Q"))


def withheld_with(
    table: pd.DataFrame, estimates: Collection[pd.DataFrame], also: Collection[str]
) -> pd.DataFrame:
    """Withhold rows of groups whose mean one of the ``estimates`` withholds: what is made of it
    would tell it. ``table``: procedure_group, measure."""
    gone = pd.Series(False, table.index)
    for own in estimates:
        if "quality" not in own:
            continue
        rows = own[own["quality"].eq(WITHHELD) & own["domain"].eq("_T")]
        rows = rows[rows["statistic"] == "mean"]
        keys = pd.MultiIndex.from_frame(rows[["procedure_group", "measure"]])
        gone |= pd.MultiIndex.from_frame(table[["procedure_group", "measure"]]).isin(keys)
    columns = [c for c in [*HIDDEN, *also] if c in table]
    table = table.copy()
    table[columns] = table[columns].mask(gone)
    return table.assign(obs_status=table["obs_status"].mask(gone, "Q"))


def beside_model(areas: pd.DataFrame, estimates: pd.DataFrame) -> pd.DataFrame:
    """Figures of a model with the direct estimates beside them as they are published.

    A province has one direct interval wherever it stands, and none where it is withheld.
    """
    own = estimates[estimates["domain"].eq("province") & estimates["obs_status"].eq("A")]
    keys = ["measure", "category"]
    ends = {"estimate": "direct", "ci_low": "direct_low", "ci_high": "direct_high"}
    shown = own[[*keys, *ends]].rename(columns=ends)
    table = areas.drop(columns=[*ends.values()]).merge(shown, on=keys, how="left")
    return table[areas.columns]
