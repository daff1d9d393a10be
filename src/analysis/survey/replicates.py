"""Replicate weights: a sample weighted again in many ways, which shows how far estimates vary.

They come with a file (:mod:`analysis.survey.replicate_files`) or are made by leaving out one
primary sampling unit at a time (:mod:`analysis.survey.jackknifing`). An estimate is worked out for
each column of weights; variance = scale · Σ_r rscale_r (θ_r − θ̄)². Types and scales are those of
``svrepdesign`` of Lumley's ``survey`` package for R (Complex Surveys, 2010, 2.3; Wolter,
Introduction to Variance Estimation, 2007, ch. 3 to 5).
"""

from dataclasses import dataclass, replace

import numpy as np

ENOUGH = 200
"""Degrees of freedom beyond which t is nearly normal: ranks need not be exact there."""
_NOTHING = 1e-12
"""What is left of a difference of equal numbers, as a share of them: rounding, and no variance."""


@dataclass(frozen=True)
class Replicates:
    """Columns of weights.

    ``weights``: units × replicates; ``place``: the unit of each row of the sample (a firm that
    answers about three procedures has three rows); ``alike``: code of each unit, the same for units
    that move together; ``mse``: deviations are from the estimate, not from the mean of the
    replicates.
    """

    weights: np.ndarray
    place: np.ndarray
    scale: float
    rscales: np.ndarray
    alike: np.ndarray
    mse: bool = False

    def of_rows(self, rows: np.ndarray) -> "Replicates":
        """The same for a table of which each row is that at ``rows`` of this one."""
        return replace(self, place=self.place[rows])

    def sums(self, values: np.ndarray, index: np.ndarray) -> np.ndarray:
        """Σ w_r·values over the rows ``index``, for each replicate."""
        units, own = np.unique(self.place[index], return_inverse=True)
        return np.bincount(own, values, len(units)) @ self.weights[units]

    def of_ratio(self, top: np.ndarray, bottom: np.ndarray | None, index: np.ndarray) -> np.ndarray:
        """Σ w_r·top ÷ Σ w_r·bottom for each replicate, missing where one has nothing to divide by;
        of a total (``bottom`` None) Σ w_r·top."""
        found = self.sums(top, index)
        if bottom is None:
            return found
        size, whole = self.sums(bottom, index), self.sums(np.abs(bottom), index)
        none = np.abs(size) <= _NOTHING * np.abs(whole)
        return np.where(none, np.nan, found) / np.where(none, 1.0, size)

    def deviations(self, found: np.ndarray, estimate: np.ndarray | float) -> np.ndarray:
        """√(scale · rscale_r) (θ_r − θ̄); ``found``: replicates (× estimates)."""
        middle = estimate if self.mse else found[self.rscales > 0].mean(axis=0)
        apart = found - middle
        apart = np.where(np.abs(apart) <= _NOTHING * np.abs(middle), 0.0, apart)
        return (np.sqrt(self.scale * self.rscales) * apart.T).T

    def degrees_of_freedom(self, index: np.ndarray) -> int:
        """Rank of the weights of the rows ``index``, less one (R: ``degf``)."""
        if not len(index):
            return 0
        units = np.unique(self.place[index])
        units = units[np.unique(self.alike[units], return_index=True)[1]]
        most = min(len(units), self.weights.shape[1])
        if most > ENOUGH:
            return most - 1
        return int(np.linalg.matrix_rank(self.weights[units], rtol=1e-5)) - 1


def moving_together(weights: np.ndarray, full: np.ndarray) -> np.ndarray:
    """Code of each unit: the same for units whose weights are the same share of their full weight
    in every replicate, as those of one cluster are."""
    shares = np.round(weights / full[:, None], 6)
    return np.unique(shares, axis=0, return_inverse=True)[1].ravel()
