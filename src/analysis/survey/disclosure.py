"""Statistical disclosure control: no figure about too few respondents, nor one that gives it away.

Threshold rule and complementary suppression as in Hundepool et al., Statistical Disclosure
Control (2012), ch. 4. A suppressed estimate has no value and obs_status Q; it is shown as
suppressed, never as blank.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from analysis.survey import bounds

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
        provinces within each group. Each line leaves a total of its hidden cells. Where such
        totals, alone or combined over all lines and margins, tell one cell or fewer than
        ``minimum`` respondents, the smallest shown cell of these lines is hidden too, until
        nothing is told. For what amounts tell beside counts see
        :mod:`analysis.survey.protection`.
    also
        More columns that hold values (hidden as well).
    from_outset
        Cells that are to be hidden whoever answered.

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
    lines = [line[people[line] > 0] for m in margins for line in _lines(estimates, list(m))]
    while (told := _told(lines, hidden, people, minimum)) is not None:
        hidden[told] = "secondary"
    columns = [c for c in [*HIDDEN, *also] if c in estimates]
    table = estimates.copy()
    table[columns] = table[columns].mask(pd.Series(hidden != "", index=table.index))
    status = pd.Series(np.select([hidden != "", people == 0], ["Q", "O"], "A"), table.index)
    if "obs_status" in estimates:  # M: there is no such figure
        status = status.mask((hidden == "") & estimates["obs_status"].eq("M"), "M")
    return table.assign(obs_status=status, hidden=hidden)


def _lines(estimates: pd.DataFrame, margin: list[str]) -> Iterable[np.ndarray]:
    """The rows of each line that adds up to a total."""
    if not margin:
        return [np.arange(len(estimates))]
    return estimates.groupby(margin, observed=True, dropna=False).indices.values()


def _told(lines: list[np.ndarray], hidden, people, minimum: int) -> int | None:
    """The cell to hide next: the smallest shown one of lines that together tell of too few.

    Each line leaves a total of its hidden cells; a combination of such totals must not be of fewer
    than ``minimum`` respondents (:func:`analysis.survey.bounds.of_few`), nor of one cell.
    """
    gone = np.flatnonzero(hidden != "")
    rows = np.array([np.isin(gone, line) for line in lines], dtype=float)
    kept = rows.any(axis=1) if len(rows) else np.zeros(0, bool)
    if not kept.any():
        return None
    # one cell alone is told whatever it holds: no cell counts for as many as are enough
    counts = np.minimum(people[gone], minimum - 0.5)
    nothing = np.zeros(len(gone))
    left = [line for line, is_kept in zip(lines, kept, strict=True) if is_kept]
    whole = bounds.System(
        sparse.csr_array(rows[kept]), np.arange(len(gone)), counts, nothing, nothing
    )
    for own, parts in bounds.blocks(whole.rows):
        system = whole.of(own, parts)
        for at in bounds.suspects(system, minimum):
            here, tried = system, own
            while len(tried):
                least, weight = bounds.of_few(here, at, minimum)
                used = weight > bounds.NEAR * weight.max(initial=0.0)
                if least >= minimum - 1e-6 or not used.any():
                    break
                near = np.unique(np.concatenate([left[i] for i in tried[used]]))
                shown = near[hidden[near] == ""]
                if len(shown):
                    return int(shown[np.argmin(people[shown])])
                # nothing of these lines is shown: whether others tell it as well
                here, tried = here.of(~used, np.ones(len(here.firms), bool)), tried[~used]
    return None


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


@dataclass(frozen=True)
class Rules:
    """What may not be told, and what is hidden of an edition already.

    ``share``: p ÷ 100 of the p % rule; ``record``: of :func:`analysis.survey.protection.protect`.
    """

    minimum: int
    share: float
    record: pd.DataFrame

    def hidden(self, measure: str, variant: str = "") -> set[str]:
        """Groups whose own mean is hidden."""
        gone = self.record[self.record["reason"] != ""]
        gone = gone[(gone["domain"] == "_T") & (gone["measure"] == measure)]
        return set(gone.loc[gone["variant"] == variant, "procedure_group"])

    def told_by_excess(
        self, answers: pd.DataFrame, amounts: pd.Series, excess: pd.Series
    ) -> set[str]:
        """Groups in which too few firms, or one above all, make up what another choice cuts off.

        Whoever knows the second-largest excess, and where it was cut, must not learn the largest
        amount within p % of it.
        """
        firms = [answers["procedure_group"], answers["response"]]
        both = pd.DataFrame({"excess": excess, "amount": amounts}).groupby(firms).sum()
        both = both[both["excess"] > 1e-9 * both["amount"]]
        both = both.sort_values("excess", ascending=False)
        found = set()
        for group, own in both.groupby(level=0):
            rest = own["excess"].iloc[2:].sum()
            if len(own) < self.minimum or rest < self.share * own["amount"].iloc[0]:
                found.add(group)
        return found

    def told_by_weights(self, answers: pd.DataFrame) -> set[str]:
        """Groups in which all but too few firms weigh alike: the plain mean would tell them."""
        found = set()
        for group, own in answers.groupby("procedure_group"):
            weights = own["design_weight"].round(9)
            other = own.loc[weights != weights.mode().iloc[0], "response"].nunique()
            if 0 < other < self.minimum:
                found.add(group)
        return found
