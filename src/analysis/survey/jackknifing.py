"""Replicate weights by leaving out one primary sampling unit at a time (JK1, JKn)."""

from dataclasses import replace

import numpy as np

from analysis.language.messages import tell
from analysis.survey import calibration, linearisation
from analysis.survey.replicates import Replicates
from analysis.survey.sampling import Design

MOST = 50_000_000
"""Weights of all replicates that may be kept at a time (400 MB)."""


def jackknife(sample: Design) -> Design:
    """The sample with the errors of the delete-one-psu jackknife.

    Without the psu i of stratum h the others of h weigh n_h/(n_h − 1) times as much; rscale
    (1 − n_h/N_h)(n_h − 1)/n_h (JKn; with one stratum JK1: Wolter 2007, ch. 4; R:
    ``as.svrepdesign``). Calibrated weights are calibrated anew in each replicate. A stratum with
    one psu is treated as the design says: ``fail``, else it has no replicate. Of two stages the
    first is replicated, whose psu carry what varies within them but for the share n_h/N_h.

    Raises
    ------
    ValueError
        for a stratum with one psu if the design says ``fail``, for more replicates than can be
        kept, or totals that a replicate cannot meet.
    """
    if len(sample.psu) * len(sample.psu_stratum) > MOST:
        raise ValueError(
            tell(
                "{n} sampled units are too many for the jackknife: variance: linearised",
                n=len(sample.psu_stratum),
            )
        )
    n, left = sample.sampled, linearisation.left_to_chance(sample)
    if sample.lonely_psu == "fail" and (lonely := (n == 1) & (left > 0)).any():
        name = sample.strata[int(np.flatnonzero(lonely)[0])]
        raise ValueError(tell("stratum {name} has one psu only; choose lonely_psu", name=name))
    out = np.flatnonzero(n[sample.psu_stratum] > 1)
    stratum = sample.psu_stratum[out]
    before = sample.calibrations[0].before if sample.calibrations else sample.design_weight
    factor = np.where(sample.stratum[:, None] == stratum, (n / np.maximum(n - 1, 1))[stratum], 1.0)
    factor[sample.psu[:, None] == out] = 0.0
    weights = before[:, None] * factor
    if sample.calibrations:
        columns = [calibration.again(sample.calibrations, column) for column in weights.T]
        weights = np.stack(columns, axis=1)
    rscales = (left * (n - 1) / n)[stratum]
    place = np.arange(len(sample.psu))
    return replace(sample, replicates=Replicates(weights, place, 1.0, rscales, sample.psu))
