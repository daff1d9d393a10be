"""Published series of international figures: which there are, their editions, what is missing.

Read from ``data/reference/series``; its README names sources and traps. A figure whose
``obs_status`` is V is kept as found and used for nothing.
"""

import io
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from analysis import project
from analysis.project import Place
from analysis.storage import by_hand

_FIGURES = ["rank", "ranked", "score", "standard_error", "rank_low", "rank_high"]
_INTERVAL_90 = 1.6449  # normal quantile: 90 % lies within so many standard errors
_DECIMALS = 1e-4  # Doing Business prints its scores to five decimals


def _folder(root: Path | None) -> Path:
    return Place(root or project.PROJECT).reference / "series"


def listed(root: Path | None = None) -> pd.DataFrame:
    """The list of series by code: the columns of the file, ``direction``, ``cycle`` and
    ``last_edition`` (missing where the publisher goes on) as numbers."""
    table = by_hand.table(by_hand.content(_folder(root) / "series.csv"))
    numbers = {c: pd.to_numeric(table[c]) for c in ("direction", "cycle", "last_edition")}
    return table.assign(**numbers).set_index("series", drop=False).rename_axis(None)


def observations(root: Path | None = None) -> pd.DataFrame:
    """All figures: series, economy, time_period (year of the edition), rank, ranked, score,
    standard_error, rank_low, rank_high, obs_status, source, certainty, note."""
    table = by_hand.table(by_hand.content(_folder(root) / "observations.csv"))
    numbers = {c: pd.to_numeric(table[c]) for c in ["time_period", *_FIGURES]}
    return table.assign(**numbers)


def usable(figures: pd.DataFrame) -> pd.DataFrame:
    """The figures that may be shown as a series: those not marked V."""
    return figures[figures["obs_status"] != "V"]


def beside(
    figures: pd.DataFrame, series: pd.DataFrame, asked: pd.DataFrame, on: date
) -> pd.DataFrame:
    """For each target the figure that it is judged by on ``on``, as ``targets.assess`` takes it.

    The newest edition not after the target's last year counts, if it is not older than one cycle of
    the series: a rank of 2022 says nothing about a target for 2025 where there is a rank each year.
    The baseline is the newest edition before the target was set.

    Parameters
    ----------
    figures, series
        :func:`usable` figures of one economy; :func:`listed`.
    asked
        Targets: code, indicator (a series), since, due.

    Returns
    -------
    One row per target: target, reporting_unit (the economy), obs_value, score, baseline,
    baseline_score, ``edition``, ``baseline_edition``, ``ended`` (the publisher stopped before an
    edition could count), and what is newest of all: ``latest_edition``, ``latest``.
    """
    rows = [_judged(figures, series, target, on) for target in asked.to_dict("records")]
    columns = ["target", "obs_value", "score", "baseline", "baseline_score", "edition"]
    columns += ["baseline_edition", "ended", "latest_edition", "latest"]
    table = pd.DataFrame(rows, columns=columns)
    numbers = table.drop(columns=["target", "ended"]).astype(float)
    ended = table["ended"].astype(bool)
    return table.assign(**numbers, ended=ended, reporting_unit=_economy(figures))


def _economy(figures: pd.DataFrame) -> str:
    (economy,) = figures["economy"].unique()
    return economy


def _judged(figures: pd.DataFrame, series: pd.DataFrame, target: dict, on: date) -> dict:
    code = target["indicator"]
    if code not in series.index:
        return {"target": target["code"], "ended": False}
    one = series.loc[code]
    own = figures[figures["series"] == code].sort_values("time_period")
    own = own.assign(judged=own[one["judged_by"]]).dropna(subset=["judged"])
    last = min(on.year, target["due"].year) if pd.notna(target["due"]) else on.year
    counted = _newest(own, last - one["cycle"], last)
    before = _newest(own, 0, target["since"].year - 1)
    latest = _newest(own, 0, on.year)
    return {
        "target": target["code"],
        "obs_value": counted["judged"],
        "score": counted["score"],
        "edition": counted["time_period"],
        "baseline": before["judged"],
        "baseline_score": before["score"],
        "baseline_edition": before["time_period"],
        "ended": one["last_edition"] <= last - one["cycle"],
        "latest": latest["judged"],
        "latest_edition": latest["time_period"],
    }


def _newest(own: pd.DataFrame, after: float, until: float) -> pd.Series:
    held = own[(own["time_period"] > after) & (own["time_period"] <= until)]
    return held.iloc[-1] if len(held) else pd.Series(index=own.columns, dtype=float)


def segments(figures: pd.DataFrame, series: pd.DataFrame) -> pd.DataFrame:
    """Add ``segment``: editions further apart than one cycle of their series are not joined.

    ``figures``: each series in the order of its editions.
    """
    cycle = figures["series"].map(series["cycle"]).astype(float)
    apart = figures.groupby("series")["time_period"].diff() > cycle
    return figures.assign(segment=apart.groupby(figures["series"]).cumsum().astype(int))


def bands(figures: pd.DataFrame) -> pd.DataFrame:
    """Add ``low`` and ``high``: 90 % intervals from the published standard errors."""
    reach = _INTERVAL_90 * figures["standard_error"]
    return figures.assign(low=figures["score"] - reach, high=figures["score"] + reach)


def moved(figures: pd.DataFrame, first: int, last: int) -> pd.DataFrame:
    """Scores of two editions and the 90 % interval of their difference.

    The errors are taken as independent; sources that both editions share make the true interval
    rather narrower.

    Returns series, before, after, change, low, high, ``apart`` (the interval leaves out 0).
    """
    rows = figures.set_index(["series", "time_period"])[["score", "standard_error"]]
    year = rows.index.get_level_values("time_period")
    before, after = (rows[year == when].droplevel("time_period") for when in (first, last))
    both = before.add_suffix("_before").join(after.add_suffix("_after"), how="inner")
    change = both["score_after"] - both["score_before"]
    error = np.hypot(both["standard_error_before"], both["standard_error_after"])
    table = pd.DataFrame(
        {
            "before": both["score_before"],
            "after": both["score_after"],
            "change": change,
            "low": change - _INTERVAL_90 * error,
            "high": change + _INTERVAL_90 * error,
        }
    )
    apart = (table["low"] > 0) | (table["high"] < 0)
    return table.assign(apart=apart).rename_axis("series").reset_index()


# --- Doing Business: scores whose rule is known --------------------------------------------------


def doing_business(root: Path | None = None) -> tuple[pd.DataFrame, dict]:
    """Measures with their published scores, and the worst and best performance of each.

    Returns measure, economy, economy_name, edition, value, published_score; and the content of
    ``doing_business.yml``.
    """
    folder = _folder(root)
    table = pd.read_csv(
        io.BytesIO(by_hand.content(folder / "doing_business.csv")), dtype={"economy": str}
    )
    rules = yaml.safe_load((folder / "doing_business.yml").read_text(encoding="utf-8"))
    return table, rules


def agreement(scored: pd.DataFrame) -> pd.DataFrame:
    """How far recomputed scores are from the published ones, by measure.

    ``scored``: rows of :func:`doing_business` with score, score_low, score_high
    (:func:`analysis.topics.business_environment.rescored`).

    Returns measure, compared, exact (to the last decimal), within (what rounding of the value
    explains), beyond, largest (difference in points).
    """
    printed = scored["published_score"]
    away = (scored["score"] - printed).abs()
    exact = away <= _DECIMALS
    explained = printed.between(scored["score_low"] - _DECIMALS, scored["score_high"] + _DECIMALS)
    rows = scored[["measure"]].assign(
        compared=away.notna(),
        exact=exact,
        within=~exact & explained,
        beyond=away.notna() & ~exact & ~explained,
        largest=away,
    )
    sums = dict.fromkeys(["compared", "exact", "within", "beyond"], "sum")
    return rows.groupby("measure", sort=False).agg({**sums, "largest": "max"}).reset_index()
