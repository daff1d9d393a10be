"""What a page says of points that nobody measured: how many they are, and the ranks without them.

The official score and rank stay as they are; these stand beside
(:mod:`analysis.scoring.without_cases`).
"""

from collections.abc import Mapping

import pandas as pd

from analysis.language.languages import say, say_many
from analysis.language.words import MISSING, number, short
from analysis.scoring.score import idle

_LEAST = 0.005  # points that a page would show as 0,00
_NAMED = 8


def beside(table: pd.DataFrame, scores: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Units some of whose points no value stands for, most such points first.

    ``table``, ``scores``: schema.WITHOUT_CASES and schema.SCORES of one framework. Returns name,
    score, no_cases, assumed, capped, measured_score (missing without an official score: too little
    is known), place ("1/34" by the official score), measured_place.
    """
    whole = scores[scores["level"] == "framework"].astype({"reporting_unit": object})
    held = table.merge(whole[["reporting_unit", "ranked"]], on="reporting_unit")
    held = held.assign(
        name=held["reporting_unit"].map(names),
        place=_places(held["rank"], held["ranked"]),
        measured_place=_places(held["measured_rank"], held["measured_ranked"]),
        granted=held["no_cases"] + held["assumed"],
        measured_score=held["measured_score"].where(held["score"].notna()),
    )
    some = held[["granted", "capped"]].gt(_LEAST).any(axis=1)
    return held[some].sort_values(["granted", "capped", "name"], ascending=[False, False, True])


def _places(rank: pd.Series, ranked: pd.Series) -> list[str]:
    pairs = zip(rank, ranked, strict=True)
    return [MISSING if pd.isna(r) else f"{number(r)}/{number(n)}" for r, n in pairs]


def key(table: pd.DataFrame, scores: pd.DataFrame, framework: dict) -> str:
    """How many points come from denominators of 0, assumptions and caps, and whose rank hangs on
    them. ``table``, ``scores`` as for :func:`beside`."""
    if table.empty or not scores["score"].notna().any():
        return say("Chưa có số liệu để chấm điểm đơn vị nào.")
    parts = {
        "no_cases": "{n} đơn vị được đến {most} điểm cho chỉ tiêu không có trường hợp nào (mẫu số "
        "bằng 0), cộng lại {sum} điểm.",
        "assumed": "{n} đơn vị được đến {most} điểm nhờ giả định nơi nguồn không nêu, cộng lại "
        "{sum} điểm.",
        "capped": "{n} đơn vị có chỉ tiêu vượt mức đạt tối đa; điểm ở các chỉ tiêu ấy, nhiều nhất "
        "{most}, không tăng thêm được.",
    }
    found = []
    for column, text in parts.items():
        own = table.loc[table[column] > _LEAST, column]
        if len(own):
            told = {"n": number(len(own)), "most": number(own.max(), 2)}
            found.append(say_many(text, len(own), sum=number(own.sum(), 2), **told))
    if not found:
        text = "Cả {top} điểm của khung đều dựa trên số đo: không có điểm cho mẫu số 0, giả định."
        return say(text, top=short(framework["max_score"]))
    return " ".join([*found, *_moved(table)])


def _moved(table: pd.DataFrame) -> list[str]:
    both = table[table["rank"].notna() & (table["measured_ranked"] > 1)]
    if both.empty:
        return []
    moved = (both["rank"] != both["measured_rank"]).sum()
    text = "Nếu chỉ tính phần đo được, {moved} trong {n} đơn vị được xếp hạng có hạng khác."
    return [say(text, moved=number(moved), n=number(len(both)))]


def nothing(scores: pd.DataFrame, names: Mapping[str, str]) -> str:
    """Units with nothing to measure in the whole framework; empty where there is none."""
    whole = scores[scores["level"] == "framework"]
    own = whole[idle(whole)]["reporting_unit"].astype(object).map(names).dropna()
    if own.empty:
        return ""
    shown = sorted(own)
    named = ", ".join(shown[:_NAMED]) + (" …" if len(shown) > _NAMED else "")
    return say_many(
        "Không phát sinh việc nào để đo ở {n} đơn vị, nên không xếp hạng, không tô màu, không so "
        "sánh: {names}.",
        len(shown),
        n=number(len(shown)),
        names=named,
    )
