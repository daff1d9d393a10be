"""What a change to a procedure saves: a cost before and after by a few inputs, with an interval.

The cost is that of :mod:`analysis.survey.cost`; here its inputs are a day's wage, the hours of a
day, the hours, an agent's price, fees, the frequency and the number of subjects, each a given
number or an estimate. An estimate makes an interval; numbers that are given make a plain figure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from math import inf, isfinite, isnan, sqrt

import numpy as np
import pandas as pd
import scipy.stats

from analysis.catalogue import dated
from analysis.display import wordings
from analysis.language.languages import choose, say
from analysis.language.words import number
from analysis.survey import cost

LEVEL = 0.95
LABELS = wordings.codes("cost_input")
"""Input → what it is called."""
INPUTS = tuple(LABELS)
"""What may be given: money of a working day, hours of a day; once: hours, what an agent takes,
fees; times a year; subjects a year."""
_TOTALS = {"hours": "hours", "agent_price": "consultancy", "fees": "fees"}
_OF_PROCEDURE = ("times_per_year", "subjects")


@dataclass(frozen=True)
class Quantity:
    """A number that goes into a cost; with a standard error it is an estimate.

    ``n``: how many answered; ``degrees_of_freedom`` of the standard error (of a simple sample
    n − 1; a survey's table of estimates says them); ``source``: where it is from and how it was
    collected, which the form asks of every number.
    """

    value: float
    standard_error: float = 0.0
    degrees_of_freedom: float = inf
    n: int | None = None
    source: str = ""

    def __post_init__(self) -> None:
        if not isfinite(self.value) or self.value < 0:
            text = "phải là số từ 0 trở lên, không phải {value}"
            raise ValueError(say(text, value=_written(self.value)))
        if not (isfinite(self.standard_error) and self.standard_error >= 0):
            text = "sai số chuẩn phải là số từ 0 trở lên, không phải {value}"
            raise ValueError(say(text, value=_written(self.standard_error)))
        if not self.degrees_of_freedom > 0:
            raise ValueError(say("sai số chuẩn cần ít nhất hai câu trả lời"))


def _written(value: float) -> str:
    return number(value, 2) if isfinite(value) else str(value)


Given = Mapping[str, "Quantity | float"]


def stated(**values: "Quantity | float | None") -> dict[str, "Quantity | float"]:
    """Inputs without those that are None: not given here."""
    return {name: value for name, value in values.items() if value is not None}


def of_day(parameters: Mapping[str, dict], day: date) -> dict[str, Quantity]:
    """wage and hours_per_day as the dated parameters have them (parameters.yml): the hourly rate
    over a working day."""
    rate, hours = (
        dated.value_on(parameters[name], day) for name in ("hourly_rate", "hours_per_working_day")
    )
    told = [choose(entry["source"]) for entry in (rate, hours)]
    wage = float(rate["value"] * hours["value"])
    return {
        "wage": Quantity(wage, source=told[0]),
        "hours_per_day": Quantity(float(hours["value"]), source=told[1]),
    }


def surveyed(
    estimates: pd.DataFrame, group: str, measure: str = "hours", source: str = ""
) -> Quantity:
    """The mean of a procedure group in a survey edition, with its error: an input of a cost.

    Parameters
    ----------
    estimates
        The edition's table; ``group``: code of a procedure group; ``measure``: hours,
        outsourced_cost (what an agent took).

    Raises
    ------
    ValueError
        where the edition has no such estimate, or withholds it.
    """
    rows = estimates[
        (estimates["procedure_group"] == group)
        & (estimates["measure"] == measure)
        & (estimates["statistic"] == "mean")
        & (estimates["domain"] == "_T")
    ]
    if rows.empty or pd.isna(rows["estimate"].iloc[0]):
        known = ", ".join(sorted(set(estimates["procedure_group"]) - {"_T"}))
        text = "Kỳ điều tra không có ước lượng {measure} của nhóm {group}; các nhóm: {known}."
        raise ValueError(say(text, measure=measure, group=group, known=known))
    row = rows.iloc[0]
    error = float(row["standard_error"])
    return Quantity(
        float(row["estimate"]),
        error if isfinite(error) else 0.0,
        float(row["degrees_of_freedom"]) if error > 0 else inf,
        int(row["respondents"]),
        source,
    )


def procedure(name: str) -> pd.DataFrame:
    """A procedure of one task of which nothing is known but that no agent and no fee is paid."""
    known = {"procedure": name, "task": name, "consultancy": 0.0, "fees": 0.0}
    unknown = dict.fromkeys(("hours", "hourly_rate", "times_per_year", "subjects"), np.nan)
    return pd.DataFrame([known | unknown])


@dataclass(frozen=True)
class Compared:
    """A change, computed.

    ``result``: one row as of :func:`analysis.survey.cost.saving`, with standard_error, ci_low,
    ci_high of the saving and degrees_of_freedom (missing where no input is an estimate);
    ``before``, ``after``: the tasks as valued (columns of :func:`analysis.survey.cost.
    standard_cost`); ``inputs``: input, before, after (values), before_error, after_error, n_before,
    n_after, source_before, source_after.
    """

    result: pd.DataFrame
    before: pd.DataFrame
    after: pd.DataFrame
    inputs: pd.DataFrame

    @property
    def estimated(self) -> bool:
        """Whether the saving has an interval."""
        return bool(self.result["standard_error"].notna().iloc[0])


def compare(
    tasks: pd.DataFrame, now: Given, then: Given, hours_share: float = 1.0, level: float = LEVEL
) -> Compared:
    """What a procedure costs a year now and after a change, and what that saves.

    saving = cost now − cost then (Thông tư 02/2017/TT-VPCP, Điều 27), negative where it rises. Its
    interval is by the delta method: u² = Σ (½·(f(x + uᵢ) − f(x − uᵢ)))² over the estimates, and t
    with the degrees of freedom of Welch and Satterthwaite (JCGM 100:2008, 5.1.2 and G.4).
    Estimates are taken as independent of one another; one that holds before and after alike is one.
    Where the answers of few firms are very uneven it covers less than it says (docs/method/07,
    measured by ``benchmarks/saving_intervals.py``).

    Parameters
    ----------
    tasks
        The tasks of one procedure, as for :func:`analysis.survey.cost.standard_cost`; task and
        other columns are kept.
    now, then
        Input (:data:`INPUTS`) → number or :class:`Quantity`, in place of what ``tasks`` says; what
        ``then`` leaves out is as now. wage ÷ hours_per_day is the hourly rate: one needs the other.
        A total of hours, agent_price or fees keeps the proportions of the tasks; where these say
        none or not all, the first task takes it.
    hours_share
        The share of the hours that is left afterwards.

    Raises
    ------
    ValueError
        for an input that is not known, negative or no number, a wage without the hours of a day,
        tasks of several procedures or of none.
    """
    if tasks["procedure"].nunique(dropna=False) != 1:
        raise ValueError(say("Bảng công việc phải là của đúng một thủ tục."))
    if not (isfinite(hours_share) and hours_share >= 0):
        raise ValueError(say("Phần số giờ còn lại phải là số từ 0 trở lên."))
    known = _quantities(now)
    later = {k: q for k, q in _quantities(then).items() if q != known.get(k)}
    both = known | later
    for side in (known, both):
        if ("wage" in side) != ("hours_per_day" in side):
            raise ValueError(say("Tiền công một ngày và số giờ một ngày phải nêu cùng nhau."))

    def valued(shifts: Mapping[tuple[str, str], float]) -> tuple[pd.DataFrame, pd.DataFrame]:
        own = {k: q.value + shifts.get(("now", k), 0.0) for k, q in known.items()}
        own_then = own | {k: q.value + shifts.get(("then", k), 0.0) for k, q in later.items()}
        after = _valued(tasks, own_then)
        return _valued(tasks, own), after.assign(hours=after["hours"].astype(float) * hours_share)

    before, after = valued({})
    result = cost.saving(cost.standard_cost(before), cost.standard_cost(after))
    estimates = {("now", k): q for k, q in known.items() if q.standard_error}
    estimates |= {("then", k): q for k, q in later.items() if q.standard_error}

    shifted = [valued({at: by * q.standard_error}) for by in (1, -1) for at, q in estimates.items()]
    more, less = np.split(_savings(shifted), 2)
    steps = ((more - less) / 2).tolist()
    freedom = [q.degrees_of_freedom for q in estimates.values()]
    ends = _interval(float(result["saving"].iloc[0]), steps, freedom, level)
    return Compared(result.assign(**ends), before, after, _inputs(known, both, hours_share))


def _quantities(given: Given) -> dict[str, Quantity]:
    found = {}
    for name, value in given.items():
        if name not in INPUTS:
            raise ValueError(say("Không có đầu vào {name}; các đầu vào: {known}.",
                                 name=name, known=", ".join(INPUTS)))  # fmt: skip
        try:
            found[name] = value if isinstance(value, Quantity) else Quantity(float(value))
        except ValueError as error:
            raise ValueError(f"{say(LABELS[name])}: {error}") from None
    if "hours_per_day" in found and not 0 < found["hours_per_day"].value <= 24:
        raise ValueError(say("Số giờ làm việc một ngày phải trên 0 và không quá 24."))
    return found


def _valued(tasks: pd.DataFrame, values: Mapping[str, float]) -> pd.DataFrame:
    """The tasks with inputs in place of what they say."""
    found = tasks.assign(hours=tasks["hours"].astype(float))
    for name, column in _TOTALS.items():
        if name in values:
            found[column] = _spread(found[column].astype(float), values[name])
    if "wage" in values:
        found["hourly_rate"] = values["wage"] / values["hours_per_day"]
    for name in _OF_PROCEDURE:
        if name in values:
            found[name] = values[name]
    return found


def _spread(held: pd.Series, total: float) -> np.ndarray:
    """``total`` over the tasks, in the proportions of ``held``."""
    whole = held.sum(skipna=False)
    if isnan(whole) or whole == 0:
        return np.eye(1, len(held)).ravel() * total
    return (held * (total / whole)).to_numpy()


def _savings(pairs: list[tuple[pd.DataFrame, pd.DataFrame]]) -> np.ndarray:
    """What is saved in each pair of tasks before and after."""
    if not pairs:
        return np.empty(0)
    numbered = [[t.assign(procedure=n) for t in pair] for n, pair in enumerate(pairs)]
    sides = (cost.standard_cost(pd.concat(side)) for side in zip(*numbered, strict=True))
    before, after = (side["annual_cost"].to_numpy() for side in sides)
    return before - after


def _interval(
    saving: float, steps: list[float], freedom: list[float], level: float
) -> dict[str, float]:
    """Standard error, ends and degrees of freedom; missing where nothing is estimated."""
    error = sqrt(sum(s * s for s in steps))
    if not steps or isnan(error):
        return dict.fromkeys(("standard_error", "ci_low", "ci_high", "degrees_of_freedom"), np.nan)
    parts = sum((s / error) ** 4 / df for s, df in zip(steps, freedom, strict=True)) if error else 0
    df = 1 / parts if parts else inf
    reach = scipy.stats.t.ppf((1 + level) / 2, df) * error
    return {
        "standard_error": error,
        "ci_low": saving - reach,
        "ci_high": saving + reach,
        "degrees_of_freedom": df,
    }


def _inputs(
    now: Mapping[str, Quantity], then: Mapping[str, Quantity], hours_share: float
) -> pd.DataFrame:
    rows = []
    for name in [n for n in INPUTS if n in then]:
        row: dict[str, object] = {"input": name}
        for side, held in (("before", now.get(name)), ("after", then[name])):
            left = hours_share if (side, name) == ("after", "hours") else 1.0
            error = held.standard_error * left if held else 0.0
            row[side] = held.value * left if held else np.nan
            row[f"{side}_error"] = error or np.nan
            row[f"n_{side}"] = held.n if held and held.n is not None else np.nan
            row[f"source_{side}"] = held.source if held else ""
        rows.append(row)
    of_side = [(s, f"{s}_error", f"n_{s}", f"source_{s}") for s in ("before", "after")]
    return pd.DataFrame(rows, columns=["input", *of_side[0], *of_side[1]])
