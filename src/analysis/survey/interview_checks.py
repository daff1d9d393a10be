"""What in interviews does not look like one: too fast, at the same time as another, at night, with
the same answers, in round figures. A mark is a reason to ask, and proves nothing; no answer is
withheld for it.
"""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd
import scipy

MARKS = ["fast", "slow", "reversed", "overlap", "night"]
"""What :func:`judged` marks."""

_NORMAL = 1.4826  # the median absolute deviation times this is the standard deviation of a normal
_FIGURES = ("hours", "money", "count")
_SAME = 5  # so many figures above 0 are not the same by chance


def judged(interviews: pd.DataFrame, rule: dict) -> pd.DataFrame:
    """The interviews with their length and MARKS.

    Parameters
    ----------
    interviews
        Of :mod:`analysis.survey.interviews`.
    rule
        ``interviews`` of the survey: day (hours), fast, at_least.

    Returns
    -------
    Added: ``minutes``, ``seconds`` (per question asked) and, true or false: ``fast`` and ``slow``
    (the logarithm of seconds lies ``fast`` robust standard deviations from its median, by the
    median absolute deviation: Leys et al. 2013; slow ones were perhaps left open), ``reversed``
    (ended before it began), ``overlap`` (begins before another of the interviewer has ended),
    ``night`` (not within the hours of one day). What is not recorded is not marked.
    """
    table = interviews.copy()
    start, end = table["start"], table["end"]
    minutes = (end - start).dt.total_seconds() / 60
    table["minutes"] = minutes.where(minutes >= 0)
    table["seconds"] = 60 * table["minutes"] / table["asked"].where(table["asked"] > 0)
    apart = _robust(np.log(table["seconds"].clip(lower=1)), rule["at_least"])
    first, last = rule["day"]
    hour = start.dt.hour + start.dt.minute / 60
    until = end.dt.hour + end.dt.minute / 60
    night = (hour < first) | (hour >= last) | (until > last)
    return table.assign(
        fast=apart < -rule["fast"],
        slow=apart > rule["fast"],
        reversed=minutes < 0,
        overlap=_overlapping(table),
        night=night | ((minutes >= 0) & (start.dt.normalize() != end.dt.normalize())),
    )


def _robust(values: pd.Series, at_least: int) -> pd.Series:
    """Robust standard deviations from the median; missing where these are no yardstick."""
    centre = values.median()
    spread = _NORMAL * (values - centre).abs().median()
    if values.count() < at_least or not spread > 0:
        return values * np.nan
    return (values - centre) / spread


def _overlapping(table: pd.DataFrame) -> pd.Series:
    held = table.dropna(subset=["interviewer", "start", "end"])
    held = held[held["end"] >= held["start"]].sort_values("start", kind="stable")
    latest = held.groupby("interviewer")["end"].cummax()
    before = latest.groupby(held["interviewer"]).shift()
    return (held["start"] < before).reindex(table.index, fill_value=False)


def limit(judged: pd.DataFrame, rule: dict) -> float:
    """Seconds per question below which an interview is too fast; missing where there is no rule."""
    values = np.log(judged["seconds"].clip(lower=1))
    spread = _NORMAL * (values - values.median()).abs().median()
    if values.count() < rule["at_least"] or not spread > 0:
        return np.nan
    return float(np.exp(values.median() - rule["fast"] * spread))


def by_interviewer(judged: pd.DataFrame) -> pd.DataFrame:
    """One row per interviewer: interviews, days, median minutes and seconds per question, questions
    unanswered in percent of those asked, number of each of MARKS."""
    held = judged.dropna(subset=["interviewer"])
    found = held.groupby("interviewer").agg(
        interviews=("row", "size"),
        days=("day", "nunique"),
        minutes=("minutes", "median"),
        seconds=("seconds", "median"),
        asked=("asked", "sum"),
        unanswered=("unanswered", "sum"),
        **{mark: (mark, "sum") for mark in MARKS},
    )
    share = 100 * found["unanswered"] / found["asked"].where(found["asked"] > 0)
    return found.assign(unanswered=share).drop(columns="asked").reset_index()


def _figures(answers: pd.DataFrame, survey: dict) -> pd.DataFrame:
    """The figures of each answer, in columns."""
    items = [i for i, c in survey["columns"].items() if c["kind"] in _FIGURES]
    return answers[[i for i in items if i in answers]]


def copied(answers: pd.DataFrame, survey: dict) -> pd.DataFrame:
    """Answers about one procedure with the same figures, of which five or more are above 0: of two
    respondents, or (``other`` the same) of one about two procedures.

    ``answers``: accepted answers. Returns response, other, procedure, figures (above 0).
    """
    figures = _figures(answers, survey)
    above = (figures > 0).sum(axis=1)
    held = answers.loc[above >= _SAME, ["response", "procedure"]]
    key = pd.util.hash_pandas_object(figures.loc[held.index].fillna(-1.0), index=False)
    rows = []
    for _, own in held.groupby(key.to_numpy()):
        for one, other in combinations(own.index, 2):
            a, b = held.loc[one], held.loc[other]
            if a["response"] == b["response"] or a["procedure"] == b["procedure"]:
                rows.append((a["response"], b["response"], a["procedure"], int(above[one])))
    return pd.DataFrame(rows, columns=["response", "other", "procedure", "figures"])


def straight_lined(answers: pd.DataFrame, survey: dict) -> pd.DataFrame | None:
    """Answers that give all ratings alike: response, ratings; None where fewer than three questions
    are ratings, so that alike says nothing."""
    items = [i for i, c in survey["columns"].items() if c["kind"] == "rating" and i in answers]
    if len(items) < 3:
        return None
    held = answers[items].dropna(thresh=3)
    alike = held.nunique(axis=1) == 1
    return pd.DataFrame(
        {
            "response": answers.loc[held.index[alike], "response"],
            "ratings": held[alike].count(axis=1),
        }
    )


def rounded(answers: pd.DataFrame, survey: dict) -> pd.DataFrame:
    """How many of the figures above 0 have one digit other than 0, by question: item, answers,
    ``share`` in percent. Figures that were remembered are round; interviewers should not differ."""
    rows = []
    for item, values in _figures(answers, survey).items():
        held = values[values > 0]
        if survey["columns"][item]["kind"] != "count" and len(held):
            rows.append((item, len(held), 100 * float(one_digit(held).mean())))
    return pd.DataFrame(rows, columns=["item", "answers", "share"])


def one_digit(values: pd.Series) -> pd.Series:
    """Whether a figure above 0 has one digit that is not 0.

    >>> one_digit(pd.Series([500000.0, 0.5, 12.0, 20.0])).tolist()
    [True, True, False, True]
    """
    return values.map(lambda v: len(f"{v:.12g}".replace(".", "").strip("0")) == 1)


def at_quarters(times: pd.Series, level: float = 0.95) -> dict[str, float]:
    """How many of the ``times`` fall on a quarter of an hour: times, quarters, share, low, high (in
    percent; exact binomial limits of Clopper & Pearson), beside the 4 of 60 of chance. Times that a
    phone took do not."""
    minutes = times.dropna().dt.minute
    number, hits = len(minutes), int(minutes.isin([0, 15, 30, 45]).sum())
    found = {"times": number, "quarters": hits, "share": np.nan, "low": np.nan, "high": np.nan}
    if number:
        ends = scipy.stats.binomtest(hits, number).proportion_ci(level)
        found |= {"share": 100 * hits / number, "low": 100 * ends.low, "high": 100 * ends.high}
    return found


def where(interviews: pd.DataFrame, contacts: pd.DataFrame, column: str) -> pd.Series:
    """Interviewer → in how many places (``column`` of the frame) he or she worked."""
    both = interviews.dropna(subset=["interviewer"]).merge(contacts[["response", column]])
    return both.groupby("interviewer")[column].nunique()


def marked(judged: pd.DataFrame, marks: Sequence[str] = MARKS) -> pd.DataFrame:
    """The interviews with a mark, by interviewer and time."""
    held = judged[judged[list(marks)].any(axis=1)]
    return held.sort_values(["interviewer", "start"], kind="stable")
