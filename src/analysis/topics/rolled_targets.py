"""A resolution rolls over: last year's targets beside the new ones, what ended, and how."""

from collections.abc import Mapping, Sequence

import pandas as pd

from analysis.display import wordings
from analysis.indicators import targets
from analysis.language.languages import choose, column, said, say, say_many
from analysis.language.words import MISSING, number
from analysis.topics import commitments
from analysis.topics.results import labels, members

STATE = wordings.codes("target_rolled")


def table(
    framework: str, described: Mapping, periods: Sequence, lists, unverified: bool = False
) -> pd.DataFrame:
    """One row for each indicator and addressee (:func:`analysis.indicators.targets.rolled_over`) on
    the last day of the last of ``periods``.

    Parameters
    ----------
    framework, described
        Its code, and what the catalogue says of it; of one whose figures nobody collects nothing.
    periods
        The periods that tell how far units had come, the earliest first; the last is the one meant.
    lists
        The catalogue.
    unverified
        Whether targets that no text confirms are judged.

    Returns
    -------
    name, who, before_text, before_by, reached (how it ended, in words), now_text, now_by,
    state_text, basis (of the new one, or of the one that ended), state.
    """
    plan = periods[-1].plan
    rolled = targets.rolled_over(lists.targets, framework, plan.end)
    held = commitments.worded(lists.targets[lists.targets["framework"] == framework])
    known = held.set_index("code", drop=False)
    names = labels(described) if described else {}
    rows = []
    for row in rolled.itertuples(index=False):
        sides = [known.loc[c] if c else None for c in (row.before, row.now)]
        texts = [(t["wanted"], t["by"]) if t is not None else (MISSING, MISSING) for t in sides]
        last = next(t for t in sides[::-1] if t is not None)
        rows.append(
            {
                "name": names.get(row.indicator, last["title"]),
                "who": _who(row, lists),
                "before_text": texts[0][0],
                "before_by": texts[0][1],
                "reached": _reached(sides[0], periods, unverified),
                "now_text": texts[1][0],
                "now_by": texts[1][1],
                "state": row.state,
                "state_text": say(STATE[row.state]),
                "basis": last["basis"],
            }
        )
    columns = ["name", "who", "before_text", "before_by", "reached", "now_text", "now_by"]
    found = pd.DataFrame(rows, columns=[*columns, "state", "state_text", "basis"])
    order = found["state"].map(list(targets.ROLLED).index).astype(int)
    return found.iloc[order.argsort(kind="stable")].reset_index(drop=True)


def _who(row, lists) -> str:
    kinds = [lists.unit_types.loc[k, column("name")] for k in row.unit_types.split("|") if k]
    known = dict(zip(lists.units["code"], lists.units[column("name")], strict=True))
    return ", ".join([*kinds, *(known.get(u, u) for u in row.units.split("|") if u)]) or say(
        "cả nước"
    )


def _reached(target, periods: Sequence, unverified: bool) -> str:
    """How a target ended: by the last period that ended by its day, of the units that it asks."""
    if target is None or pd.isna(target["due"]):
        return MISSING
    plan = periods[-1].plan
    if target["due"] >= pd.Timestamp(plan.end):
        return say("chưa đến hạn, đã có mục tiêu thay")
    if target["certainty"] in targets.UNVERIFIED and not unverified:
        return say("không kết luận: chưa tìm thấy trong văn bản")
    if not target["unit_types"] and not target["units"]:
        return say("dự án không thu số liệu thực hiện")
    told = [p for p in periods if pd.Timestamp(p.plan.end) <= target["due"]]
    if not told:
        return say("không có kỳ nào tính đến hạn")
    period = told[-1]
    values = period.tables.indicator_values
    values = values[values["framework"] == target["framework"]]
    types = dict(zip(period.due["code"], period.due["type"], strict=True))
    asked = target.to_frame().T.infer_objects()[period.catalogue.targets.columns]
    found = targets.assess(values, asked, types, target["due"].date(), unverified)
    verdicts = members(found, period.plan)["verdict"].value_counts()
    met, judged = verdicts.get("met", 0), verdicts.reindex(["met", "not_met"]).sum()
    if not judged:
        return say("không có số liệu")
    text = "đạt ở {met} trong {n} đơn vị có số đo ({period})"
    name = choose(period.plan.title).partition(" – ")[0]
    return say(text, met=number(met), n=number(judged), period=name)


def key(rolled: pd.DataFrame) -> str:
    """How many targets go on, changed, are new or ended, in a sentence; empty without any."""
    if rolled.empty:
        return ""
    counts = rolled["state"].value_counts()
    parts = [
        f"{said(STATE)[state]}: {number(counts[state])}"
        for state in targets.ROLLED
        if state in counts
    ]
    return say_many(
        "{n} mục tiêu đặt cạnh mục tiêu trước đó của cùng chỉ tiêu, cùng nơi được giao – {parts}.",
        len(rolled),
        n=number(len(rolled)),
        parts="; ".join(parts),
    )
