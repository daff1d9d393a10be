"""Signed versions as readers see them: who signed what, what changed since, whom it moved."""

from collections.abc import Mapping, Sequence

import pandas as pd

from analysis.display import wordings
from analysis.language.languages import choose, said, say, say_many
from analysis.language.words import MISSING, day, number
from analysis.topics.results import measured

KIND = wordings.codes("version_change")
CAUSE = wordings.codes("version_cause")
MEASURE = wordings.codes("version_measure")
MOST = 300
"""Differing figures that a page lists; the others are counted."""


def key(signed: Sequence, changes: pd.DataFrame, effects: pd.DataFrame) -> str:
    """Key sentence: which version was signed, by whom and when, and what differs since.

    ``signed``: the versions (:func:`analysis.history.versions.read`); ``changes``, ``effects``: of
    :func:`analysis.history.versions.since` from the last of them.
    """
    if not signed:
        return say("Số liệu tạm tính: kỳ này chưa được ký.")
    last = signed[-1]
    told = {"n": number(last.number), "day": day(last.on), "by": last.by}
    first = say("Bản {n} được ký ngày {day}, người ký: {by}.", **told)
    if changes.empty:
        return f"{first} {say('Từ đó không có gì thay đổi.')}"
    units = effects["reporting_unit"].nunique()
    if effects.empty:
        told = say_many(
            "{n} thay đổi sau khi ký không làm giá trị, điểm hay thứ hạng nào khác đi.",
            len(changes),
            n=number(len(changes)),
        )
    else:
        told = say_many(
            "{n} thay đổi sau khi ký làm {figures} giá trị, điểm hoặc thứ hạng của {units} đơn vị "
            "khác bản đã ký.",
            len(changes),
            n=number(len(changes)),
            figures=number(len(effects)),
            units=number(units),
        )
    return f"{first} {told}"


def listed(signed: Sequence) -> pd.DataFrame:
    """The versions: number, day, by, note, although."""
    rows = [(v.number, day(v.on), v.by, v.note or MISSING, v.although or MISSING) for v in signed]
    return pd.DataFrame(rows, columns=["number", "day", "by", "note", "although"])


def changed(changes: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """What changed since (``history.versions.CHANGES``) in words: kind_text, what, unit, day."""
    units = [list(filter(None, of.split("|"))) for of in changes["reporting_unit"].fillna("")]
    few = [", ".join(names.get(u, u) for u in of[:3]) + " …" * (len(of) > 3) for of in units]
    return changes.assign(
        kind_text=changes["kind"].map(said(KIND)),
        what=changes["what"].replace("", MISSING),
        unit=[text or MISSING for text in few],
        day=[day(d) if pd.notna(d) else MISSING for d in changes["on"]],
        by=changes["by"].fillna(MISSING),
    )


def totals(effects: pd.DataFrame) -> pd.DataFrame:
    """The effects on totals and ranks; the units whose rank moved most come first."""
    rows = effects[effects["level"] == "framework"]
    size = rows["change"].abs().fillna(float("inf"))
    rows = rows.assign(size=size).sort_values(["measure", "size"], ascending=False, kind="stable")
    return rows.drop(columns="size").reset_index(drop=True)


def parts(effects: pd.DataFrame) -> pd.DataFrame:
    """The effects on indicator values, those of the unit's own files or answers first; what follows
    from them (scores of parts) is left out."""
    rows = effects[(effects["level"] == "indicator") & (effects["measure"] == "obs_value")]
    return rows.sort_values("cause", key=lambda c: c == "others", kind="stable", ignore_index=True)


def main(effects: pd.DataFrame) -> pd.DataFrame:
    """What a reader asks first: :func:`totals`, then :func:`parts`."""
    return pd.concat([totals(effects), parts(effects)], ignore_index=True)


def worded(
    effects: pd.DataFrame, frameworks: Sequence[dict], names: Mapping[str, str]
) -> pd.DataFrame:
    """Effects (``history.versions.EFFECTS``) in words, at most :data:`MOST`: unit, name (what it
    is of), measure_text, before_text, after_text, change_text, why."""
    shown = effects.head(MOST)
    known = {f["framework"]: f for f in frameworks}
    texts = [_texts(row, known.get(row.framework, {})) for row in shown.itertuples()]
    told = pd.DataFrame(texts, index=shown.index, columns=_TOLD)
    unit = shown["reporting_unit"].map(names).fillna(shown["reporting_unit"])
    return pd.concat([shown.assign(unit=unit, why=_why(shown)), told], axis=1)


_TOLD = ["name", "measure_text", "before_text", "after_text", "change_text"]


def _texts(row, framework: dict) -> list[str]:
    indicator = framework.get("indicators", {}).get(row.code)
    name = choose(indicator["name"]) if indicator else choose(framework.get("title", {}))
    decimals = {"rank": 0, "score": 2}.get(row.measure, 2)
    unit = indicator["unit_measure"] if indicator and row.measure == "obs_value" else ""
    sides = [
        say("không có")
        if pd.isna(value)
        else measured(value, unit)
        if unit
        else number(value, decimals)
        for value in (row.before, row.after)
    ]
    change = MISSING
    if pd.notna(row.change):
        change = ("+" if row.change > 0 else "") + number(row.change, decimals)
        change = say("{n} điểm phần trăm", n=change) if unit == "percent" else change
    return [name or row.code, say(MEASURE[row.measure]), *sides, change]


def _why(effects: pd.DataFrame) -> list[str]:
    words = said(CAUSE)
    return [
        f"{words[cause]}: {of}" if of else words.get(cause, MISSING)
        for cause, of in zip(effects["cause"], effects["of"], strict=True)
    ]


def more(effects: pd.DataFrame) -> str:
    """How many are not listed, in a sentence; empty where all are."""
    left = len(effects) - MOST
    return say_many("Còn {n} số nữa không nêu ở đây.", left, n=number(left)) if left > 0 else ""
