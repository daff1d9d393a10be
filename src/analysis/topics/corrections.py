"""Revisions as readers see them: what arrived later, which figures it changed, whom it moved."""

from collections.abc import Mapping
from datetime import date

import pandas as pd

from analysis.display import wordings
from analysis.language.languages import choose, column, said, say, say_many
from analysis.language.words import MISSING, day, number

CHANGE = wordings.codes("correction")
WHY = wordings.codes("correction_why")
MOST = 200
"""Changed figures that a page lists; the others are counted."""


def key(arrived: pd.DataFrame, changed: pd.DataFrame, moved: pd.DataFrame, since: date) -> str:
    """Key sentence: how many files came after ``since``, what they changed, whom they moved."""
    if arrived.empty:
        return say("Sau ngày {day} không có tệp nào đến.", day=day(since))
    count = arrived["source_file"].nunique()
    sentences = [
        say_many(
            "Sau ngày {day} có {n} tệp đến; {figures} số liệu thay đổi.",
            count,
            day=day(since),
            n=number(count),
            figures=number(len(changed)),
        )
    ]
    own = moved["why"] == "own"
    if moved.empty:
        sentences.append(say("Không điểm nào, thứ hạng nào thay đổi."))
    else:
        text = (
            "Điểm hoặc thứ hạng của {own} đơn vị thay đổi vì số liệu của chính mình; {others} đơn "
            "vị khác đổi hạng theo."
        )
        sentences.append(say(text, own=number(own.sum()), others=number((~own).sum())))
    return " ".join(sentences)


def arrivals(
    arrived: pd.DataFrame, changed: pd.DataFrame, names: Mapping[str, str]
) -> pd.DataFrame:
    """:func:`analysis.history.revisions.arrivals` in words, with the figures that each changed."""
    counts = changed.groupby(["source_file", "form"]).size()
    keys = zip(arrived["source_file"], arrived["form"], strict=True)
    what = [
        say("không dùng được")
        if row.state == "refused"
        else say("trùng bản trước")
        if row.state == "duplicate"
        else say_many("sửa lần {n}", row.revision, n=number(row.revision))
        if row.revision
        else say("gửi lần đầu")
        for row in arrived.itertuples()
    ]
    return arrived.assign(
        day=[day(d) for d in arrived["received_at"]],
        unit=arrived["reporting_unit"].map(names).fillna(MISSING),
        what=what,
        figures=[counts.get(key, 0) for key in keys],
    )


def figures(
    changed: pd.DataFrame, names: Mapping[str, str], forms: Mapping[str, dict], fields: pd.DataFrame
) -> pd.DataFrame:
    """Changed figures (:data:`analysis.history.revisions.FIGURES`) in words, at most :data:`MOST`.

    ``forms``, ``fields``: the catalogue's.
    """
    shown = changed.head(MOST)
    called = fields.set_index("code")[column("name")]
    items = {(f, i): choose(x["name"]) for f in forms for i, x in forms[f]["items"].items()}
    levels = {
        (f, code): choose(x["heading"])
        for f, form in forms.items()
        for code, x in form.get("levels", {}).items()
    }
    where = [
        " · ".join(filter(None, [levels.get((r.form, r.level), ""), called.get(r.field, "")]))
        or MISSING
        for r in shown.itertuples()
    ]
    place = shown[["source_file", "source_sheet", "source_cell"]].fillna("")
    return shown.assign(
        unit=shown["reporting_unit"].map(names).fillna(shown["reporting_unit"]),
        name=[items.get((r.form, r.item), r.item) for r in shown.itertuples()],
        where=where,
        change_text=shown["change"].map(said(CHANGE)),
        place=[" · ".join(filter(None, row)) for row in place.itertuples(index=False)],
    )


def more(changed: pd.DataFrame) -> str:
    """How many changed figures are not listed, in a sentence; empty where all are."""
    left = len(changed) - MOST
    return say_many("Còn {n} số liệu thay đổi nữa.", left, n=number(left)) if left > 0 else ""


def scores(
    moved: pd.DataFrame, parts: pd.DataFrame, framework: dict, names: Mapping[str, str]
) -> pd.DataFrame:
    """Changed scores and ranks (:data:`history.revisions.SCORES`) in words, with the reason."""
    listed = framework["indicators"]
    said_of: dict[str, list[str]] = {}
    for row in parts.itertuples():
        if row.code in listed:
            text = "{name} ({before} → {after})"
            values = {"before": number(row.before, 2), "after": number(row.after, 2)}
            name = choose(listed[row.code]["name"])
            said_of.setdefault(row.reporting_unit, []).append(say(text, name=name, **values))
    return moved.assign(
        unit=moved["reporting_unit"].map(names).fillna(moved["reporting_unit"]),
        why_text=moved["why"].map(said(WHY)),
        parts=[
            "; ".join(said_of.get(u, [])) if w == "own" else MISSING
            for u, w in zip(moved["reporting_unit"], moved["why"], strict=True)
        ],
    )


def finding(steps: pd.DataFrame) -> str:
    """How many gained and lost places, and how many at most (:func:`steps`)."""
    change = steps["contribution"]
    return say(
        "Số đơn vị tăng hạng: {up}, giảm hạng: {down}; nhiều nhất {most} bậc",
        up=number((change > 0).sum()),
        down=number((change < 0).sum()),
        most=number(change.abs().max()),
    )


def steps(moved: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Places gained (+) or lost (−) by units ranked in both states: name, contribution."""
    held = moved.dropna(subset=["rank_before", "rank_after"])
    return pd.DataFrame(
        {
            "name": held["reporting_unit"].map(names),
            "contribution": held["rank_before"] - held["rank_after"],
        }
    )
