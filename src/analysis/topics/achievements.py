"""What a period achieved, for its report: results against targets, what changed, who leads.

Every figure says of how many units it is; what has no verdict is counted apart, never as a failure.
"""

from collections.abc import Mapping

import pandas as pd

from analysis.display import wordings
from analysis.language.languages import choose, said, say, say_many
from analysis.language.words import number, short
from analysis.topics import rank_evidence

WAY = wordings.codes("change_way")
LEAST = 0.05
"""Percentage points: a smaller change of a share would be printed as none."""
_VERDICTS = {"reached": "met", "not_met": "not_met", "not_due": "not_due"}


def against_targets(assessments: pd.DataFrame, frameworks: list[dict]) -> pd.DataFrame:
    """One row per framework with targets: in how many cases of a unit and a target it is reached.

    Returns name, targets, units, reached, not_met (due, not reached), not_due (neither), open (no
    verdict: no value, or a target that no text confirms).
    """
    rows = []
    for framework in frameworks:
        held = assessments[assessments["framework"] == framework["framework"]]
        if held.empty:
            continue
        found = {name: int((held["verdict"] == v).sum()) for name, v in _VERDICTS.items()}
        rows.append(
            {
                "name": choose(framework["title"]),
                "targets": held["target"].nunique(),
                "units": held["reporting_unit"].nunique(),
                **found,
                "open": len(held) - sum(found.values()),
            }
        )
    return pd.DataFrame(rows, columns=wordings.columns("achieved")[0])


def reached(table: pd.DataFrame) -> str:
    """The table of :func:`against_targets` in a sentence."""
    if table.empty:
        return say("Không khung nào của kỳ có mục tiêu trong danh mục.")
    total = table.sum(numeric_only=True)
    figures = {column: number(total[column]) for column in total.index}
    return say(
        "Mỗi lần một đơn vị được giao một mục tiêu là một trường hợp. Trong {cases} trường hợp của "
        "{targets} mục tiêu: {reached} đạt, {not_met} đã đến hạn mà chưa đạt, {not_due} chưa đến "
        "hạn và chưa đạt, {open} không kết luận được (thiếu số liệu, hoặc mục tiêu chưa kiểm "
        "chứng).",
        cases=number(total[[*_VERDICTS, "open"]].sum()),
        **figures,
    )


def changes(values: pd.DataFrame, frameworks: list[dict]) -> pd.DataFrame:
    """How the shares of all units together changed since the period before, the largest change
    first: of the units that have both parts in both periods, as other units would change them too.

    Parameters
    ----------
    values
        schema.INDICATOR_VALUES of two periods (:func:`analysis.history.history.with_before`).
    frameworks
        Those whose indicators are wanted.

    Returns
    -------
    name (of the indicator), title (of its framework), units (in both), earlier, later (percent),
    change (percentage points), way (better, worse, same, as the indicator's direction says).
    """
    rows = []
    for framework in frameworks:
        held = values[values["framework"] == framework["framework"]]
        periods = sorted(held["time_period"].unique())
        for code, indicator in framework["indicators"].items():
            if indicator["unit_measure"] == "percent" and len(periods) == 2:
                rows += _changed(held[held["indicator"] == code], periods, framework, indicator)
    table = pd.DataFrame(rows, columns=wordings.columns("changed")[0])
    order = table["change"].abs().sort_values(ascending=False, kind="stable").index
    return table.loc[order].reset_index(drop=True)


def _changed(held: pd.DataFrame, periods: list[str], framework: dict, indicator: dict) -> list:
    held = held.dropna(subset=["numerator", "denominator"])
    wide = held.pivot(
        index="reporting_unit", columns="time_period", values=["numerator", "denominator"]
    ).dropna()
    if wide.empty:
        return []
    total = wide.sum()
    parts = [(total["numerator"].get(t), total["denominator"].get(t)) for t in periods]
    if not all(whole for _, whole in parts):
        return []
    earlier, later = (100 * part / whole for part, whole in parts)
    change = later - earlier
    better = change * indicator.get("direction", 1) > 0
    way = "same" if abs(change) < LEAST else "better" if better else "worse"
    return [
        {
            "name": choose(indicator["name"]),
            "title": choose(framework["title"]),
            "units": len(wide),
            "earlier": earlier,
            "later": later,
            "change": change,
            "way": way,
        }
    ]


def moved(table: pd.DataFrame, shown: int) -> str:
    """The table of :func:`changes` in a sentence; ``shown``: how many of its rows stand below."""
    if table.empty:
        return say(
            "Không có kỳ liền trước cùng khung, cùng độ dài để so sánh, nên không nêu thay đổi."
        )
    counts = table["way"].value_counts()
    text = (
        "{n} tỷ lệ so được với kỳ liền trước, chỉ tính những đơn vị có số liệu ở cả hai kỳ: "
        "{better} tốt lên, {worse} kém đi, {same} không đổi đáng kể."
    )
    figures = {way: number(counts.get(way, 0)) for way in WAY}
    told = [say(text, n=number(len(table)), **figures)]
    if len(table) > shown:
        told.append(
            say_many(
                "Bảng nêu {n} thay đổi lớn nhất; các tỷ lệ khác ở trang chỉ tiêu qua các kỳ.",
                shown,
                n=number(shown),
            )
        )
    return " ".join(told)


def worded(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of :func:`changes` as they are shown."""
    return table.assign(
        change=[f"+{number(v, 1)}" if v >= LEAST else number(v, 1) for v in table["change"]],
        way=table["way"].map(said(WAY)),
    )


def leaders(
    scores: pd.DataFrame, tiers: pd.DataFrame, names: Mapping[str, str], types: pd.DataFrame
) -> pd.DataFrame:
    """Who leads and who lags in each group of units that are compared with each other.

    ``scores``, ``tiers``: schema.SCORES and schema.TIERS of one framework. Of fewer than three
    ranked units nobody leads.

    Returns peers, units, median (of the points), told (the first and the last tier, and how sure).
    """
    whole_ = scores[(scores["level"] == "framework") & scores["rank"].notna()]
    rows = []
    for kind, held in whole_.groupby("peer_type", observed=True):
        told = rank_evidence.key(tiers[tiers["peer_type"] == kind], names, types)
        if len(held) < 3 or not told:
            continue
        median, top = held["score"].median(), held["max_score"].iloc[0]
        rows.append(
            {
                "peers": rank_evidence.called(str(kind), types),
                "units": len(held),
                "median": f"{number(median, 1)}/{short(top)}",
                "told": told,
            }
        )
    table = pd.DataFrame(rows, columns=wordings.columns("leading")[0])
    return table.sort_values("units", ascending=False, kind="stable").reset_index(drop=True)
