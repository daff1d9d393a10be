"""Published figures that ours are compared with or explained by, read from ``data/reference``."""

import io
from pathlib import Path

import numpy as np
import pandas as pd

from analysis import project
from analysis.language import codes
from analysis.language.languages import column
from analysis.project import Place
from analysis.storage import by_hand


def standard_cost_cases(root: Path | None = None) -> pd.DataFrame:
    """Published cases of the Standard Cost Model (``data/reference/standard-cost``).

    Returns the columns of the file (its README explains them), empty cells missing, with procedure
    (the case's code) and task (its Vietnamese title): each row is one task, as
    ``cost.standard_cost`` takes it.
    """
    file = Place(root or project.PROJECT).reference / "standard-cost" / "cases.csv"
    cases = pd.read_csv(io.BytesIO(by_hand.content(file)), encoding="utf-8")
    return cases.assign(procedure=cases["case"], task=cases["title_vi"])


def case(cases: pd.DataFrame, given: object) -> str:
    """The code of that of ``cases`` (:func:`standard_cost_cases`) which is meant.

    Raises
    ------
    analysis.language.codes.UnknownCodeError
    """
    known = dict(zip(cases["case"], cases[column("title")], strict=True))
    return codes.chosen(given, known, "no case")


# --- what has been published about APCI ---------------------------------------------------------

BREAK_AFTER = "2018"
"""The edition after which method, scope or hourly rate changed (see the README of the table)."""
BOUND = {
    "exact": "",
    "rounded": "làm tròn",
    "reading_uncertain": "cách đọc chưa chắc chắn",
}
"""Kinds of published figures; ``published_views.BOUNDED`` has those written with the figure."""
MEASURE = {
    "cost_mean_per_procedure": "Chi phí trung bình một lượt, đồng",
    "time_mean_per_procedure": "Thời gian trung bình một lượt, giờ",
    "direct_cost_mean_per_procedure": "Chi phí trực tiếp trung bình, đồng",
    "time_cost_mean_per_procedure": "Chi phí thời gian trung bình, đồng",
    "time_cost_share": "Phần chi phí thời gian, %",
    "time_cost_share_implied": "Phần chi phí thời gian suy ra, %",
    "score": "Điểm",
    "score_change_vs_2019": "Thay đổi điểm so với 2019",
    "score_change_vs_2021": "Thay đổi điểm so với 2021",
    "score_direction_vs_2019": "Chiều thay đổi điểm so với 2019",
    "rank": "Thứ hạng theo chi phí (1 = ít nhất)",
    "rank_by_improvement": "Thứ hạng theo mức tăng điểm",
    "score_rank_among_9_groups": "Thứ hạng theo điểm trong chín nhóm",
    "cost_ratio_to_sum_of_other_groups": "Gấp mấy lần bảy nhóm kia cộng lại",
    "cost_ratio_to_sum_of_other_groups_implied": "Gấp mấy lần bảy nhóm kia, tính lại",
}


def apci_published(root: Path | None = None) -> pd.DataFrame:
    """Published figures of APCI (``data/reference/apci-published``).

    Returns the columns of the file (its README explains them) and ``obs_value`` (missing where the
    published value is a name), ``source`` (the site's name).
    """
    file = Place(root or project.PROJECT).reference / "apci-published" / "apci_published.csv"
    table = by_hand.table(by_hand.content(file))
    site = table["source_url"].str.extract(r"^https?://(?:www\.)?([^/:]+)")[0]
    return table.assign(obs_value=pd.to_numeric(table["value"], errors="coerce"), source=site)


def apci_series(published: pd.DataFrame, measure: str) -> pd.DataFrame:
    """One measure over the editions, contradicting figures as rows of their own.

    Returns edition, procedure_group, estimate (missing for a lower bound), low, high (infinite for
    a lower bound), bound, conflict, ``segment``: figures of different segments are separated by the
    break and must not be joined.
    """
    rows = published[(published["measure"] == measure) & published["obs_value"].notna()]
    more = rows["bound"] == "lower_bound"
    return rows[["edition", "procedure_group", "bound", "conflict", "source"]].assign(
        estimate=rows["obs_value"].mask(more),
        low=rows["obs_value"],
        high=rows["obs_value"].mask(more, float("inf")),
        segment=(rows["edition"] > BREAK_AFTER).astype(int),
    )


def apci_conflicts(published: pd.DataFrame) -> pd.DataFrame:
    """Figures that contradict each other, side by side: all rows with a ``conflict``."""
    rows = published[published["conflict"] != ""]
    return rows.sort_values(["conflict", "certainty", "value"], ascending=[True, False, True])


def implied_hourly_rates(published: pd.DataFrame) -> pd.DataFrame:
    """The VND value of an hour that pairs of published figures imply.

    time cost ÷ hours where the time cost is printed, else (cost − direct cost) ÷ hours, which takes
    the printed total for time + direct cost. No source states the rate.

    Returns edition, procedure_group, hours, time_cost, hourly_rate, basis.
    """
    held = published[~published["bound"].isin(["lower_bound"])].dropna(subset=["obs_value"])
    wide = held.pivot_table(
        index=["edition", "procedure_group"], columns="measure", values="obs_value", aggfunc="max"
    )
    total, direct = wide["cost_mean_per_procedure"], wide["direct_cost_mean_per_procedure"]
    stated = wide["time_cost_mean_per_procedure"]
    # the pair printed together is 108.9 hours; "nearly 110" is a rounding of it
    exact = held[(held["measure"] == "time_mean_per_procedure") & (held["bound"] == "exact")]
    hours = exact.groupby(["edition", "procedure_group"])["obs_value"].max()
    hours = hours.reindex(wide.index).fillna(wide["time_mean_per_procedure"])
    time_cost = stated.fillna(total - direct)
    table = pd.DataFrame(
        {
            "hours": hours,
            "time_cost": time_cost,
            "hourly_rate": time_cost / hours,
            "basis": np.where(stated.notna(), "printed", "total_less_direct"),
        }
    )
    return table.dropna(subset=["hourly_rate"]).reset_index()
