"""Statistical disclosure control: no figure about too few respondents, nor one that gives it away.

Threshold rule and complementary suppression as in Hundepool et al., Statistical Disclosure
Control (2012), ch. 4. A suppressed estimate has no value and obs_status Q; it is shown as
suppressed, never as blank.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

HIDDEN = ["estimate", "standard_error", "ci_low", "ci_high", "design_effect", "effective_n"]


def suppress(
    estimates: pd.DataFrame,
    minimum: int,
    margins: Sequence[Sequence[str]] = (),
    also: Sequence[str] = (),
    from_outset: np.ndarray | None = None,
) -> pd.DataFrame:
    """Hide estimates from fewer than ``minimum`` respondents and what would give them away.

    Parameters
    ----------
    estimates
        At least ``respondents`` and columns of HIDDEN.
    minimum
        Least number of respondents of a shown estimate.
    margins
        Sets of columns within which a total is published as well: ``[["procedure_group"]]`` for
        provinces within each group. Where the hidden cells of such a line together have fewer
        than ``minimum`` respondents, or there is but one of them, the total less the shown cells
        would give it away: the line's smallest shown cell is hidden too. Lines are gone through
        until none gives anything away.
    also
        More columns that hold values (hidden as well).
    from_outset
        Cells that are to be hidden whoever answered (:func:`of_hidden_parts`).

    Returns
    -------
    The table with ``obs_status`` A, Q (suppressed) or O (nobody answered) and ``hidden``:
    primary, secondary or empty.

    >>> cells = pd.DataFrame({"respondents": [40, 3], "estimate": [1.5, 9.0]})
    >>> suppress(cells, minimum=5)[["estimate", "obs_status", "hidden"]]
       estimate obs_status   hidden
    0       1.5          A
    1       NaN          Q  primary
    """
    people = estimates["respondents"].to_numpy()
    hidden = np.where((people > 0) & (people < minimum), "primary", "").astype(object)
    if from_outset is not None:
        hidden[from_outset & (people > 0) & (hidden == "")] = "secondary"
    lines = [line for margin in margins for line in _lines(estimates, list(margin))]
    settled = False
    while not settled:
        settled = True
        for line in lines:
            line = line[people[line] > 0]
            gone, shown = line[hidden[line] != ""], line[hidden[line] == ""]
            given_away = len(gone) and (len(gone) == 1 or people[gone].sum() < minimum)
            if given_away and len(shown):
                hidden[shown[np.argmin(people[shown])]] = "secondary"
                settled = False
    columns = [c for c in [*HIDDEN, *also] if c in estimates]
    table = estimates.copy()
    table[columns] = table[columns].mask(pd.Series(hidden != "", index=table.index))
    status = np.select([hidden != "", people == 0], ["Q", "O"], "A")
    return table.assign(obs_status=status, hidden=hidden)


def _lines(estimates: pd.DataFrame, margin: list[str]) -> Iterable[np.ndarray]:
    """The rows of each line that adds up to a total."""
    if not margin:
        return [np.arange(len(estimates))]
    return estimates.groupby(margin, observed=True, dropna=False).indices.values()


def open_ends(estimates: pd.DataFrame, answers: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Leave intervals of medians open where they end at the smallest or the largest answer.

    Such an end is what one firm answered, and the firm with the most is the one that others can
    guess. The standard error goes with it: it is the width of the interval ÷ 2t.

    Parameters
    ----------
    estimates
        measure, statistic, standard_error, ci_low, ci_high and the columns ``by``.
    answers
        Those that were estimated from: a column for each measure, and ``by``.

    >>> found = pd.DataFrame({"measure": "cost", "statistic": "median", "standard_error": 1.0,
    ...                       "ci_low": [2.0], "ci_high": [9.0]})
    >>> open_ends(found, pd.DataFrame({"cost": [1.0, 2.0, 9.0]}), [])[["ci_low", "ci_high"]]
       ci_low  ci_high
    0     2.0      NaN
    """
    measures = list(estimates["measure"].unique())
    long = answers.melt(id_vars=list(by), value_vars=measures, var_name="measure").dropna()
    ends = long.groupby([*by, "measure"], observed=True)["value"].agg(["min", "max"])
    known = estimates[[*by, "measure"]].merge(ends.reset_index(), "left").set_axis(estimates.index)
    median = estimates["statistic"] == "median"
    low, high = estimates["ci_low"] <= known["min"], estimates["ci_high"] >= known["max"]
    return estimates.assign(
        ci_low=estimates["ci_low"].mask(median & low),
        ci_high=estimates["ci_high"].mask(median & high),
        standard_error=estimates["standard_error"].mask(median & (low | high)),
    )


def of_hidden_parts(
    estimates: pd.DataFrame, parts: Mapping[str, Sequence[str]], cell: Sequence[str]
) -> np.ndarray:
    """Which means are of sums with a part that is hidden: less the other parts they give it away.

    Parameters
    ----------
    estimates
        measure, statistic, obs_status and the columns ``cell``.
    parts
        Measure → the measures that it is the sum of.
    cell
        Columns that say whose mean it is.

    Returns
    -------
    True or False for each row.
    """
    means = estimates["statistic"] == "mean"
    gone = estimates[means & (estimates["obs_status"] == "Q")]
    key = pd.MultiIndex.from_frame(estimates[list(cell)])
    found = np.zeros(len(estimates), dtype=bool)
    for whole, own in parts.items():
        theirs = pd.MultiIndex.from_frame(gone.loc[gone["measure"].isin(own), list(cell)])
        found |= (means & (estimates["measure"] == whole)).to_numpy() & key.isin(theirs)
    return found
