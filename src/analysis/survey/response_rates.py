"""What became of each firm that was drawn, and the response rates that follow: those of the
American Association for Public Opinion Research (Standard Definitions, 10th edition, 2023).

What the answer files hold comes first; of the others ``contacts.csv`` beside them may say how far
one came with each: response, disposition, and perhaps day. Its last line about a firm counts.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.language import codes
from analysis.language.messages import tell
from analysis.language.words import fold
from analysis.reading import days
from analysis.storage import by_hand, files

FILE = "contacts.csv"
_YEARS = range(2000, 2100)

DISPOSITIONS = {
    "completed": ("Hoàn thành", "Completed"),
    "refused": ("Từ chối", "Refused"),
    "no_contact": ("Không gặp được", "Not contacted"),
    "other": ("Không phỏng vấn được vì lý do khác", "Not interviewed for another reason"),
    "not_eligible": ("Không thuộc đối tượng", "Not eligible"),
    "unknown": ("Chưa có kết quả", "No outcome yet"),
}
"""What ``contacts.csv`` may say, by code or by one of these words."""

OUTCOMES = ["completed", "partial", "refused", "no_contact", "other", "not_eligible", "unknown"]
"""What became of a firm; ``partial``: answers came, and none of them counts."""


def read(path: Path, selected: pd.DataFrame, name: str) -> pd.DataFrame:
    """The last word about each firm: response, reported (of DISPOSITIONS), reported_on.

    ``name``: how messages call the file. A file that is not there says nothing.

    Raises
    ------
    ValueError
        naming file, line and what is wrong with it.
    """
    if not path.exists():
        return pd.DataFrame(columns=["response", "reported", "reported_on"])
    try:
        table = by_hand.table(files.content(path))
    except ValueError as error:
        raise ValueError(tell("{file}: cannot be read: {why}", file=name, why=error)) from error
    absent = [c for c in ("response", "disposition") if c not in table]
    if absent:
        raise ValueError(
            tell(
                "{file}: column missing: {columns}; it has: {found}",
                file=name,
                columns=", ".join(absent),
                found=", ".join(table.columns),
            )
        )
    known = {fold(w): code for code, told in DISPOSITIONS.items() for w in (code, *told)}
    table = table.assign(
        response=table["response"].str.strip().str.lstrip("0"),
        reported=table["disposition"].map(fold).map(known),
        reported_on=pd.to_datetime(_days(table)),
    )
    drawn = set(selected["response"])
    for line, row in enumerate(table.to_dict("records"), 2):
        if wrong := _wrong(row, drawn):
            raise ValueError(f"{name}:{line}: {wrong}")
    order = table.sort_values("reported_on", kind="stable", na_position="first")
    return order.drop_duplicates("response", keep="last")[["response", "reported", "reported_on"]]


def _wrong(row: dict, drawn: set[str]) -> str:
    if pd.isna(row["reported"]):
        said = row["disposition"]
        return tell("no disposition {text!r}{near}", text=said, near=codes.hint(said, DISPOSITIONS))
    if row["response"] not in drawn:
        return tell("{code} is not in selected.csv", code=row["response"])
    if row.get("day", "").strip() and pd.isna(row["reported_on"]):
        return tell("no day: {text!r}; write 2023-05-31", text=row["day"])
    return ""


def _days(table: pd.DataFrame) -> pd.Series:
    said = table["day"] if "day" in table else pd.Series("", index=table.index)
    read = said.map(lambda text: days.read(text.strip(), ("year_first", "day_first"), _YEARS))
    return read.map(lambda day: day.value if day else None)


def outcomes(selected: pd.DataFrame, records: pd.DataFrame, reported: pd.DataFrame) -> pd.DataFrame:
    """One row per firm that was drawn.

    Parameters
    ----------
    selected
        The sampling frame's list, with ``response``.
    records
        response and state of each answer row.
    reported
        Of :func:`read`.

    Returns
    -------
    The columns of ``selected``, reported (empty where nothing is), reported_on, and ``outcome`` of
    OUTCOMES. An answer that counts is a completed interview whatever was reported; one that was
    reported completed and did not come is ``other``, as nothing of it is here.
    """
    came = set(records["response"].dropna())
    counted = set(records.loc[records["state"] == "accepted", "response"])
    table = selected.merge(reported, on="response", how="left")
    if "province" not in table:  # a frame may do without it
        table["province"] = ""
    table["reported"] = table["reported"].fillna("").astype(object)
    told = table["reported"].replace({"completed": "other", "": "unknown"})
    here = [table["response"].isin(counted), table["response"].isin(came)]
    return table.assign(outcome=np.select(here, ["completed", "partial"], told))


def rates(outcomes: pd.DataFrame, by: Sequence[str] = ()) -> pd.DataFrame:
    """Numbers of firms by outcome, and rates in percent, overall or ``by`` columns.

    I completed, P partial, R refused, NC not contacted, O other, U outcome or eligibility unknown:

    ``rr1`` = I ÷ (I + P + R + NC + O + U), the least that the response rate can be;
    ``rr5`` = I ÷ (I + P + R + NC + O), the most: as if none of U were eligible;
    ``cooperation`` (COOP1) = I ÷ (I + P + R + O); ``refusal`` (REF1) = R ÷ what RR1 is of.

    Firms that are not eligible are in none. They are counts of a list and no estimates: without
    intervals. A rate of nobody is missing.

    >>> firms = pd.DataFrame({"outcome": ["completed", "refused", "not_eligible", "unknown"]})
    >>> rates(firms)[["selected", "rr1", "rr5"]].round(1).values.tolist()
    [[4.0, 33.3, 50.0]]
    """
    groups = [outcomes[c] for c in by] or [pd.Series(0, index=outcomes.index)]
    counted = pd.crosstab(groups, outcomes["outcome"]).reindex(columns=OUTCOMES, fill_value=0)
    known = counted[["completed", "partial", "refused", "no_contact", "other"]].sum(axis=1)
    asked = known + counted["unknown"]
    met = known - counted["no_contact"]
    found = counted.assign(
        selected=counted.sum(axis=1),
        rr1=_share(counted["completed"], asked),
        rr5=_share(counted["completed"], known),
        cooperation=_share(counted["completed"], met),
        refusal=_share(counted["refused"], asked),
    )
    found.columns.name = None
    return found.rename_axis(list(by) or ["all"]).reset_index()[
        [*by, "selected", *OUTCOMES, "rr1", "rr5", "cooperation", "refusal"]
    ]


def _share(part: pd.Series, whole: pd.Series) -> pd.Series:
    return 100 * part / whole.where(whole > 0)


def by_day(interviews: pd.DataFrame) -> pd.DataFrame:
    """Firms by the day of their first interview that counts: day, firms, so_far; no day left out
    between the first and the last."""
    held = interviews[interviews["accepted"] > 0].dropna(subset=["day"])
    first = held.sort_values("day").drop_duplicates("response")
    if first.empty:
        return pd.DataFrame({"day": pd.to_datetime([]), "firms": [], "so_far": []})
    each = first.groupby("day").size()
    each = each.reindex(pd.date_range(each.index.min(), each.index.max()), fill_value=0)
    return each.rename("firms").rename_axis("day").reset_index().assign(so_far=each.cumsum().array)
