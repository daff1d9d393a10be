"""Hours and money → compliance cost: the Standard Cost Model and the cost of APCI answers.

Money is in one currency per table and is never converted. A missing part makes the whole missing,
never 0: where a procedure has no fee, say 0.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

_YEARLY = ["times_per_year", "subjects"]


def standard_cost(tasks: pd.DataFrame) -> pd.DataFrame:
    """What it costs to comply with each procedure, once and in a year.

    Cost once = cost of the necessary tasks + fees, charges and other prescribed cost; cost per
    year = cost once × times per year × subjects (Thông tư 02/2017/TT-VPCP, Điều 27). The cost of
    a task is hours × hourly rate + consultancy: that split follows the usual form and could not be
    verified (METHOD.md). No opportunity cost.

    Parameters
    ----------
    tasks
        One row per task: procedure, task, hours, hourly_rate (money per hour), consultancy, fees
        (both money, once), times_per_year, subjects (both the same in all rows of a procedure).
        Optional task_cost (money, once): a known cost of the task, used where hours is missing; it
        then stands for hours × rate and consultancy together.

    Returns
    -------
    One row per procedure, in order of appearance: procedure, hours (once), task_cost, fees,
    unit_cost (money, once), times_per_year, subjects, annual_cost (money per year).

    Raises
    ------
    ValueError
        if times_per_year or subjects differ within a procedure.
    """
    procedures = tasks.groupby("procedure", sort=False, dropna=False)
    for column in _YEARLY:
        several = procedures[column].nunique(dropna=False) > 1
        if several.any():
            raise ValueError(f"{column} differs between the tasks of procedure {several.idxmax()}")
    computed = _floats(tasks, "hours") * _floats(tasks, "hourly_rate") + _floats(
        tasks, "consultancy"
    )
    given = _floats(tasks, "task_cost") if "task_cost" in tasks else np.nan
    parts = pd.DataFrame(
        {
            "procedure": tasks["procedure"],
            "hours": _floats(tasks, "hours"),
            "task_cost": computed.where(_floats(tasks, "hours").notna(), given),
            "fees": _floats(tasks, "fees"),
        }
    )
    table = _whole_sums(parts)
    table["unit_cost"] = table["task_cost"] + table["fees"]
    # not "first" of the grouping, which would skip a missing value
    held = tasks.drop_duplicates("procedure")
    for column in _YEARLY:
        table[column] = _floats(held, column).to_numpy()
    table["annual_cost"] = table["unit_cost"] * table["times_per_year"] * table["subjects"]
    return table.reset_index()


def _floats(table: pd.DataFrame, column: str) -> pd.Series:
    """The column as floats: one that is blank throughout arrives as objects."""
    return table[column].astype(float)


def _whole_sums(parts: pd.DataFrame) -> pd.DataFrame:
    """Sums per procedure; missing where any part is."""
    values = parts.drop(columns="procedure")
    key = parts["procedure"]
    sums = values.groupby(key, sort=False, dropna=False).sum()
    return sums.mask(values.isna().groupby(key, sort=False, dropna=False).any())


def saving(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Annual cost before and after a change, and what is saved (Điều 27: before − after).

    Parameters
    ----------
    before, after
        procedure (once each) and annual_cost, e.g. of :func:`standard_cost`. A procedure that is
        abolished stands in ``after`` with 0 times per year; one that is absent is unknown.

    Returns
    -------
    procedure, before, after, saving (money per year, negative where the cost rises),
    saving_percent (of before; missing where before is 0).

    Raises
    ------
    ValueError
        if a procedure occurs twice in one of the tables.
    """
    sides = {"before": before, "after": after}
    for name, side in sides.items():
        twice = side["procedure"].duplicated()
        if twice.any():
            raise ValueError(f"procedure {side['procedure'][twice].iloc[0]} occurs twice in {name}")
    columns = {n: _floats(s.set_index("procedure"), "annual_cost") for n, s in sides.items()}
    order = columns["before"].index.union(columns["after"].index, sort=False)
    table = pd.DataFrame({n: s.reindex(order) for n, s in columns.items()})
    table = table.rename_axis("procedure").reset_index()
    saved = table["before"] - table["after"]
    percent = (100 * saved / table["before"]).where(table["before"] != 0)
    return table.assign(saving=saved, saving_percent=percent)


def what_if(tasks: pd.DataFrame, **changes: object) -> pd.DataFrame:
    """Saving (:func:`saving`) if columns of ``tasks`` were as in ``changes``, all else equal.

    A change is a value or a column of values.

    >>> task = {"procedure": "tax", "hours": 3, "hourly_rate": 50_000, "consultancy": 0}
    >>> tasks = pd.DataFrame([task | {"fees": 100_000, "times_per_year": 12, "subjects": 1000}])
    >>> what_if(tasks, times_per_year=4)["saving"].tolist()
    [2000000000.0]
    """
    return saving(standard_cost(tasks), standard_cost(tasks.assign(**changes)))


def frequencies(tasks: pd.DataFrame, times: Iterable[float]) -> pd.DataFrame:
    """:func:`what_if` for each number of times per year; column times_per_year says which."""
    tables = [what_if(tasks, times_per_year=n).assign(times_per_year=n) for n in times]
    return pd.concat(tables, ignore_index=True)


def hourly_rates(tasks: pd.DataFrame, rates: dict[str, float], **changes: object) -> pd.DataFrame:
    """:func:`what_if` with every hour valued at each rate, before and after alike.

    Parameters
    ----------
    rates
        Name → money per hour.

    Returns
    -------
    rate (name), hourly_rate, and the columns of :func:`saving`. Where hours are missing the result
    is missing: a known cost of a task says nothing of what it would be at another rate.
    """
    tables = []
    for name, rate in rates.items():
        valued = tasks.assign(hourly_rate=rate, task_cost=np.nan)
        tables.append(what_if(valued, **changes).assign(rate=name, hourly_rate=rate))
    table = pd.concat(tables, ignore_index=True)
    first = ["rate", "hourly_rate"]
    return table[first + [c for c in table if c not in first]]


def low_middle(values: Iterable[float]) -> float:
    """The "low-middle value" (giá trị trung bình thấp) where sources differ (Điều 27).

    Read as the lower median: the middle value, of an even number the lower of the two middle ones,
    so that the result is always one of the sources. The wording allows other readings (a mean of
    the lower values); this one is ours and unverified. Missing values are left out; of none at all
    the result is missing.

    >>> low_middle([4, 1, 3, 2])
    2.0
    """
    known = np.array(list(values), dtype=float)
    known = np.sort(known[~np.isnan(known)])
    return float(known[(len(known) - 1) // 2]) if len(known) else np.nan


def compliance_cost(responses: pd.DataFrame, hourly_rate: float) -> pd.DataFrame:
    """Cost of each answer of the survey (APCI) by the route that the respondent took.

    own: time cost + direct cost. outsourced: what was paid to the third party, which replaces both
    (hours reported beside it are not added). partly: both, the parts being disjoint. Informal cost
    stands apart and never counts. Time cost = hours × hourly rate. (APCI 2018–2022 as described in
    the press; the full reports could not be read, see METHOD.md.)

    Parameters
    ----------
    responses
        response, procedure_group, procedure, route, hours, direct_cost, outsourced_cost,
        informal_cost (money per procedure).
    hourly_rate
        Money per working hour; no source states the one used officially.

    Returns
    -------
    ``responses`` with time_cost, own_cost and compliance_cost: missing where a part that the route
    needs is missing, or the route unknown.

    >>> told = pd.DataFrame({"route": ["own", "outsourced"], "hours": [8, 2]})
    >>> told = told.assign(direct_cost=[100_000, 0], outsourced_cost=[None, 900_000])
    >>> compliance_cost(told, hourly_rate=50_000)["compliance_cost"].tolist()
    [500000.0, 900000.0]
    """
    route = responses["route"]
    outsourced = _floats(responses, "outsourced_cost")
    time_cost = _floats(responses, "hours") * hourly_rate
    own_cost = time_cost + _floats(responses, "direct_cost")
    chosen = np.select(
        # isin, not ==: a missing route is then simply not this one, whatever the column's type
        [route.isin([name]) for name in ("own", "outsourced", "partly")],
        [own_cost, outsourced, own_cost + outsourced],
        default=np.nan,
    )
    return responses.assign(time_cost=time_cost, own_cost=own_cost, compliance_cost=chosen)


def rate_sensitivity(responses: pd.DataFrame, rates: dict[str, float]) -> pd.DataFrame:
    """:func:`compliance_cost` at each named hourly rate, one below the other.

    Returns its columns with rate (name) and hourly_rate (money per hour): len(responses) rows per
    rate.
    """
    tables = [
        compliance_cost(responses, value).assign(rate=name, hourly_rate=value)
        for name, value in rates.items()
    ]
    return pd.concat(tables, ignore_index=True)
