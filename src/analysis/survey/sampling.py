"""How a sample was drawn and what its members stand for: strata, psu, design weights.

A :class:`Design` is a stratified sample of one stage or two; its weights can be adjusted for
non-response and calibrated to known totals. The definitions are those of Lumley's ``survey``
package for R (Complex Surveys, 2010).
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.language.messages import tell
from analysis.survey import calibration
from analysis.survey import margins as known
from analysis.survey.calibration import Margin, Raking
from analysis.survey.quantile_rules import weighted_quantile
from analysis.survey.replicates import Replicates

LONELY_PSU = ("fail", "certainty", "adjust", "average")


@dataclass(frozen=True)
class Design:
    """A stratified sample of one stage or two (:func:`design`): arrays in the order of ``table``.

    ``psu`` and ``stratum`` are codes from 0; ``psu_stratum``, ``sampled`` (n_h) and ``population``
    (N_h, infinite where not known) belong to psu and strata; ``calibrations`` are the totals that
    the weights were made to meet, row by row or (``by_unit``) unit by unit, see :func:`expand`.
    ``second``: units drawn within the psu, if there was such a stage; ``replicates``: columns of
    weights that give the errors in place of linearisation; ``quantiles``: the rule by which
    medians are read off (:mod:`analysis.survey.quantile_rules`).
    """

    table: pd.DataFrame
    design_weight: np.ndarray
    psu: np.ndarray
    stratum: np.ndarray
    psu_stratum: np.ndarray
    sampled: np.ndarray
    population: np.ndarray
    strata: tuple
    lonely_psu: str
    calibrations: tuple = ()
    by_unit: bool = False
    second: "Stage | None" = None
    replicates: Replicates | None = None
    quantiles: str = "math"

    @property
    def unit(self) -> np.ndarray:
        """Code of each row's unit of the last stage: who answered."""
        return self.psu if self.second is None else self.second.unit

    @property
    def units(self) -> int:
        """How many units of the last stage there are."""
        return len(self.psu_stratum if self.second is None else self.second.psu)


@dataclass(frozen=True)
class Stage:
    """The second stage of a sample: units drawn within the psu.

    ``unit``: code of each row's unit; of each unit its ``psu``; of each psu how many were
    ``sampled`` and how many there are (``population``, infinite where not known).
    """

    unit: np.ndarray
    psu: np.ndarray
    sampled: np.ndarray
    population: np.ndarray


def design(
    table: pd.DataFrame,
    design_weight: str | None = None,
    stratum: str | Sequence[str] | None = None,
    population: str | None = None,
    psu: str | None = None,
    lonely_psu: str = "fail",
    second: str | None = None,
    within: str | None = None,
) -> Design:
    """Describe how ``table`` was sampled.

    Parameters
    ----------
    design_weight
        Column of weights; without it N_h/n_h of ``population``, times M_i/m_i of ``within``.
    stratum, psu
        Columns. Without ``psu`` each row was drawn by itself; psu codes are taken within strata.
    population
        Column with the number of psu in the population of the row's stratum (finite population
        correction 1 − n_h/N_h), or the sampling fraction if all values are at most 1.
    lonely_psu
        What a stratum with one psu does: ``fail``; ``certainty`` adds no variance; ``adjust``
        centres it at the mean of the sample; ``average`` takes the mean variance of the others.

    second, within
        Columns of a second stage: units drawn within each psu, and how many units the psu has (or
        the fraction drawn). Rows of one unit are one answer of it each.

    Raises
    ------
    ValueError
        where weights are missing, not positive or N_h is missing, not constant in a stratum or
        smaller than n_h; M_i of a psu likewise.
    """
    if lonely_psu not in LONELY_PSU:
        raise ValueError(f"lonely_psu must be one of {', '.join(LONELY_PSU)}, not {lonely_psu!r}")
    strata, names = _strata(table, [stratum] if isinstance(stratum, str) else list(stratum or []))
    units, of_unit = _drawn(table, psu, strata)
    sampled = np.bincount(of_unit, minlength=len(names)).astype(float)
    size = _population(table, population, strata, sampled, names)
    stage = _second(table, second, within, units, of_unit, names)
    if design_weight is not None:
        weight = table[design_weight].to_numpy(float)
    elif population is not None:
        weight = (size / sampled)[strata]
        if stage is not None:
            weight = weight * (stage.population / stage.sampled)[units]
    else:
        raise ValueError("either design_weight or population must be given")
    wrong = ~(weight > 0) | np.isinf(weight)
    if wrong.any():
        raise ValueError(f"{design_weight}: {wrong.sum()} rows have no positive weight")
    names = tuple(names)
    return Design(
        table, weight, units, strata, of_unit, sampled, size, names, lonely_psu, second=stage
    )


def _strata(table: pd.DataFrame, columns: list[str]) -> tuple[np.ndarray, list[str]]:
    """The stratum of each row, and what the strata are called."""
    if columns and table[columns].isna().any(axis=None):
        raise ValueError(
            f"{', '.join(columns)}: missing for {table[columns].isna().any(axis=1).sum()} rows"
        )
    keys = pd.MultiIndex.from_frame(table[columns]) if columns else np.zeros(len(table), int)
    strata, found = pd.factorize(keys, sort=True)
    return strata, [" × ".join(map(str, k)) if isinstance(k, tuple) else str(k) for k in found]


def _drawn(table: pd.DataFrame, psu: str | None, strata: np.ndarray) -> tuple:
    """The psu of each row, and the stratum of each psu."""
    if psu is None:
        return np.arange(len(table)), strata
    if table[psu].isna().any():
        raise ValueError(f"{psu}: missing for {table[psu].isna().sum()} rows")
    units, found = pd.factorize(pd.MultiIndex.from_arrays([strata, table[psu]]))
    return units, np.asarray(found.get_level_values(0), int)


def _second(table, second, within, psu, psu_stratum, names) -> Stage | None:
    """The second stage of a design, if it has one."""
    if second is None:
        return None
    if table[second].isna().any():
        raise ValueError(f"{second}: missing for {table[second].isna().sum()} rows")
    unit, found = pd.factorize(pd.MultiIndex.from_arrays([psu, table[second]]))
    of_unit = np.asarray(found.get_level_values(0), int)
    sampled = np.bincount(of_unit, minlength=len(psu_stratum)).astype(float)
    named = [f"psu {n} of stratum {names[h]}" for n, h in enumerate(psu_stratum)]
    return Stage(unit, of_unit, sampled, _population(table, within, psu, sampled, named))


def _population(table, column, strata, sampled, names) -> np.ndarray:
    if column is None:
        return np.full(len(sampled), np.inf)
    stated = table[column].groupby(strata).agg(["min", "max"])
    varies = (stated["min"] != stated["max"]) | table[column].isna().groupby(strata).any()
    if varies.any():
        first = names[stated.index[varies][0]]
        raise ValueError(f"{column}: missing or not constant in stratum {first}")
    size = stated["min"].to_numpy(float)
    if (size <= 1).all():
        size = sampled / size
    if (size < sampled).any():
        h = int(np.flatnonzero(size < sampled)[0])
        raise ValueError(
            f"{column}: stratum {names[h]} has {sampled[h]:.0f} psu in the sample "
            f"and {size[h]:.0f} in the population"
        )
    return size


def expand(sample: Design, table: pd.DataFrame, unit: str) -> Design:
    """The sample with a row per answer of ``table`` instead of one per sampled unit.

    ``unit`` is the column that both tables share. Weights, strata and calibration stay those of
    the units: a firm that answers about three procedures is still one firm.

    Raises
    ------
    ValueError
        if ``sample`` has more than one row per unit, or an answer comes from outside it.
    """
    if sample.units != len(sample.table):
        raise ValueError("the sample must have one row per sampled unit")
    place = pd.Index(sample.table[unit]).get_indexer(table[unit])
    if (place < 0).any():
        raise ValueError(f"{(place < 0).sum()} rows are of no unit of the sample")
    return replace(
        sample,
        table=table,
        design_weight=sample.design_weight[place],
        psu=sample.psu[place],
        stratum=sample.stratum[place],
        by_unit=True,
        second=sample.second and replace(sample.second, unit=sample.second.unit[place]),
        replicates=sample.replicates and sample.replicates.of_rows(place),
    )


def with_columns(sample: Design, **columns) -> Design:
    """The same sample with columns of its table added or replaced."""
    return replace(sample, table=sample.table.assign(**columns))


# --- weights ------------------------------------------------------------------------------------


def adjust_nonresponse(
    selected: pd.DataFrame, design_weight: str, responded: str, within: str | Sequence[str]
) -> pd.Series:
    """Weights of the respondents that also stand for those who did not answer.

    Weighting-class adjustment: in each class ``within`` the weights are multiplied by Σw of all
    selected ÷ Σw of those who ``responded`` (Särndal & Lundström 2005, ch. 3). Non-respondents
    get NaN.

    Raises
    ------
    ValueError
        where nobody of a class answered: classes must be merged by decision, not by code.
    """
    weight = selected[design_weight].astype(float)
    answered = weight.where(selected[responded].astype(bool))
    keys = [selected[c] for c in ([within] if isinstance(within, str) else within)]
    asked = weight.groupby(keys).transform("sum")
    held = answered.groupby(keys).transform("sum")
    if (held == 0).any():
        first = selected.loc[held == 0, [k.name for k in keys]].iloc[0].tolist()
        raise ValueError(tell("nobody answered in class {first}", first=first))
    return answered * asked / held


def post_stratify(sample: Design, by: str | Sequence[str], totals: pd.Series) -> Design:
    """Scale the weights so that each cell of ``by`` meets its known population total.

    ``totals`` is indexed by the values of ``by``. Variances are then those of the residuals from
    the cell means (Lumley 2010, 7.2).

    Raises
    ------
    ValueError
        where a cell of the sample has no positive total or a total has no sample.
    """
    margin = _met(*_cells(sample, by, totals), sample.design_weight)
    return replace(sample, design_weight=margin.after, calibrations=(*sample.calibrations, margin))


def rake(
    sample: Design,
    margins: dict[str | tuple[str, ...], pd.Series],
    tolerance: float = 1.0,
    iterations: int = 10,
) -> Design:
    """Post-stratify on several margins in turn until the weights settle.

    Iterative proportional fitting (Deming & Stephan 1940). ``margins`` maps columns to totals.
    It ends when no cell of the crossed margins moves by ``tolerance`` (in units of the population;
    below 1, a share of it); not settling within ``iterations`` warns.

    Raises
    ------
    ValueError
        where the totals of two margins add up to different numbers (no weights meet both: the last
        margin would win), or do not fit the sample (:func:`post_stratify`).
    """
    sums = {_named(by): float(totals.sum()) for by, totals in margins.items()}
    for name, what in known.contradictions(sums):
        raise ValueError(f"{name} {what}")
    columns = [c for by in margins for c in ([by] if isinstance(by, str) else by)]
    cross, cells = pd.factorize(pd.MultiIndex.from_frame(sample.table[columns]))
    weight = sample.design_weight
    if tolerance < 1:
        tolerance = tolerance * weight.sum()
    table = np.bincount(cross, weight, len(cells))
    to_meet = [_cells(sample, by, totals) for by, totals in margins.items()]
    last = []
    for _ in range(iterations):
        last = []
        for cell, totals in to_meet:
            last.append(_met(cell, totals, weight))
            weight = last[-1].after
        moved, table = table, np.bincount(cross, weight, len(cells))
        if np.abs(table - moved).max() < tolerance:
            break
    else:
        warnings.warn(f"raking did not settle within {iterations} iterations", stacklevel=2)
    raking = Raking(tuple(last), iterations, sample.design_weight)
    return replace(sample, design_weight=weight, calibrations=(*sample.calibrations, raking))


def calibrate(
    sample: Design,
    x: np.ndarray,
    totals: np.ndarray,
    method: str = "linear",
    bounds: tuple[float, float] = (-np.inf, np.inf),
    names: Sequence[str] = (),
) -> Design:
    """Weights that meet totals of numbers (:func:`analysis.survey.calibration.weights`).

    Variances are then those of the residuals from the regression on ``x`` (rows × totals).

    Raises
    ------
    ValueError
        where the totals cannot be met, or not within the bounds.
    """
    before = sample.design_weight
    after = calibration.weights(x, before, totals, method, bounds, names)
    if not (after > 0).all():
        raise ValueError(
            tell(
                "{n} weights would not be positive: state bounds (above 0), or the method raking",
                n=int((after <= 0).sum()),
            )
        )
    step = calibration.Regression(x, totals, method, bounds, tuple(names), before, after)
    return replace(sample, design_weight=after, calibrations=(*sample.calibrations, step))


def replicated(table: pd.DataFrame, weight: np.ndarray, replicates: Replicates) -> Design:
    """A sample of which replicate weights say how far it varies; strata and psu are theirs."""
    of_one = np.zeros(len(table), int)
    sampled = np.array([float(len(table))])
    units = np.arange(len(table))
    return Design(
        table, weight, units, of_one, of_one, sampled, np.array([np.inf]), ("",), "fail",
        replicates=replicates,
    )  # fmt: skip


def _cells(sample: Design, by, totals: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """The cell of each row in ``by``, and the known total of each cell."""
    columns, name = [by] if isinstance(by, str) else list(by), _named(by)
    keys = sample.table[columns]
    keys = keys.iloc[:, 0] if len(columns) == 1 else pd.MultiIndex.from_frame(keys)
    cell, names = pd.factorize(keys, sort=True)
    if (cell < 0).any():
        raise ValueError(tell("{name}: missing for {n} rows", name=name, n=(cell < 0).sum()))
    held = totals.reindex(names)
    if held.isna().any():
        raise ValueError(
            tell("{name}: no total for {cell}", name=name, cell=held.index[held.isna()][0])
        )
    wrong = ~((held > 0) & np.isfinite(held))
    if wrong.any():  # such a total would leave its rows without a weight
        first = held.index[wrong][0]
        raise ValueError(
            tell(
                "{name}: the total of {first} is {total:g}, but rows are of it",
                name=name,
                first=first,
                total=held[first],
            )
        )
    absent = totals.index.difference(names)
    absent = absent[(totals[absent] != 0).to_numpy()]
    if len(absent):
        raise ValueError(tell("{name}: nobody in the sample for {cell}", name=name, cell=absent[0]))
    return cell, held.to_numpy(float)


def _named(by: str | tuple[str, ...]) -> str:
    return by if isinstance(by, str) else ", ".join(by)


def _met(cell: np.ndarray, totals: np.ndarray, weight: np.ndarray) -> Margin:
    """The weights before and after each cell meets its total."""
    factor = totals / np.bincount(cell, weight, len(totals))
    return Margin(cell, totals, weight, weight * factor[cell])


def kish_effect(design_weight: np.ndarray) -> float:
    """Loss of precision from unequal weights, 1 + cv² = n·Σw²/(Σw)² (Kish 1965)."""
    w = np.asarray(design_weight, float)
    return float(len(w) * np.square(w).sum() / w.sum() ** 2)


def winsorise(
    table: pd.DataFrame,
    variable: str,
    within: str | Sequence[str],
    design_weight: str,
    low: float = 0.0,
    high: float = 0.95,
) -> pd.Series:
    """``variable`` with its tails drawn in to the weighted quantiles ``low`` and ``high``.

    Quantiles are those of the row's own stratum ``within``; a value is drawn in, never dropped
    (Hulliger 1995; the shares are a choice that must be shown beside the plain estimate).
    """
    columns = [within] if isinstance(within, str) else list(within)
    out = table[variable].astype(float).copy()
    for _, rows in table.dropna(subset=[variable]).groupby(columns, sort=False):
        values, weight = rows[variable].to_numpy(float), rows[design_weight].to_numpy(float)
        order = np.argsort(values, kind="stable")
        floor, cap = (weighted_quantile(values[order], weight[order], p) for p in (low, high))
        out.loc[rows.index] = values.clip(floor if low > 0 else -np.inf, cap)
    return out
