"""What a page shows of a unit in a ranking: its place and points; how it differs from another."""

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd

from analysis.catalogue.tree import ends
from analysis.language.languages import choose, column, say, say_many
from analysis.language.words import MISSING, number, short
from analysis.schema.tables import PAIR_REACH
from analysis.scoring.score import idle
from analysis.topics import rank_evidence
from analysis.topics.ranking import places
from analysis.topics.results import labels

_NEAREST = 20  # units named, where those that cannot be told apart are too many for a sentence


def peers_of(framework: dict, kind: str, types: pd.DataFrame) -> str:
    """What the units are called with which one of type ``kind`` is compared."""
    if framework["rank_within"] == "all":
        return say("tất cả đơn vị")
    return types[column("peers")].get(kind, MISSING)


def with_peers(sources: pd.DataFrame, own: pd.DataFrame) -> pd.DataFrame:
    """What is known of the unit's ranks, where it has peers: the first of one is no rank.

    ``sources``, ``own``: rows of the unit in schema.RANK_SOURCES and schema.SCORES.
    """
    alone = own.loc[own["ranked"] <= 1, ["level", "code"]].astype(object)
    entries = pd.MultiIndex.from_frame(sources[["level", "code"]].astype(object))
    return sources[~entries.isin(pd.MultiIndex.from_frame(alone))]


def standing(own: pd.DataFrame, sources: pd.DataFrame, framework: dict) -> pd.DataFrame:
    """One unit's total and dimensions with their ranks, and what each source of doubt makes of
    them.

    Parameters
    ----------
    own, sources
        Rows of the unit in schema.SCORES and schema.RANK_SOURCES.

    Returns
    -------
    name, score, max_score, place ("12/34"; "không phát sinh" where nothing was measured),
    place_method, place_sampling, place_chance (those that there are), cover (percent): the whole
    first, if it has a score; and ``level``.
    """
    names = {c: choose(d["name"]) for c, d in framework["dimensions"].items()}
    names[framework["framework"]] = say("Tổng điểm")
    rows = own[own["level"].isin(["dimension", "framework"])]
    rows = rows[(rows["level"] == "dimension") | rows["score"].notna()]
    keys = ["level", "code"]
    beside = rank_evidence.side_by_side(rank_evidence.bars(sources)).reset_index()
    beside = beside.drop(columns="reporting_unit")
    table = rows.astype(dict.fromkeys(keys, object)).merge(beside, on=keys, how="left")
    table = table.assign(
        **{c: table[c].fillna(MISSING) for c in table if c.startswith("place_")},
        name=table["code"].map(names),
        cover=100 * table["coverage"],
        place=np.where(idle(table), say("không phát sinh"), places(table)),
    )
    return table.sort_values("level", ascending=False, kind="stable").reset_index(drop=True)


def place(table: pd.DataFrame, band: dict | None, peers: str, unranked: str = "") -> str:
    """Where the unit stands as a whole: points, band and rank in a sentence."""
    whole = table[table["level"] == "framework"]
    if whole.empty:
        return ""
    row = whole.iloc[0]
    figures = {"score": number(row["score"], 2), "top": short(row["max_score"])}
    if band:
        found = [say("Tổng điểm {score}/{top}, loại {band}.", band=choose(band), **figures)]
    else:
        found = [say("Tổng điểm {score}/{top}.", **figures)]
    if unranked:
        found.append(say("Được chấm điểm nhưng không xếp hạng: {reason}.", reason=unranked))
    elif idle(table).loc[row.name]:
        text = "Không phát sinh việc nào để đo: điểm theo quy định, không xếp hạng, không so sánh."
        found.append(say(text))
    elif row["place"] != MISSING:
        found.append(say("Thứ hạng trong {peers}: {place}.", peers=peers, place=row["place"]))
    return " ".join(found)


def clauses(
    own: pd.DataFrame,
    explanation: pd.DataFrame,
    peers: str,
    earlier: str,
    judged: pd.DataFrame,
    listed: pd.DataFrame,
    on: date,
) -> list[str]:
    """What the first sentence on a unit says besides its points: rank, change, targets; of each
    only what there is.

    Parameters
    ----------
    own
        Rows of the unit in schema.SCORES.
    explanation
        As of :func:`parts`.
    earlier
        Code of the period before.
    judged
        Rows of the unit in schema.ASSESSMENTS.
    listed, on
        All targets of the catalogue; the last day of the period.
    """
    found, whole = [], own[(own["level"] == "framework") & own["rank"].notna()]
    if len(whole) and whole["ranked"].iloc[0] > 1:
        text = "hạng {place} trong {peers}"
        found.append(say(text, place=places(whole)[0], peers=peers))
    if len(held := explanation["change"].dropna()):
        moved = held.sum()
        points = number(abs(moved), 2)
        if points == number(0, 2):
            found.append(say("không đổi so với kỳ {earlier}", earlier=earlier))
        elif moved > 0:
            found.append(say("tăng {n} điểm so với kỳ {earlier}", n=points, earlier=earlier))
        else:
            found.append(say("giảm {n} điểm so với kỳ {earlier}", n=points, earlier=earlier))
    if told := _kept(judged, listed, on):
        found.append(told)
    return found


def _kept(judged: pd.DataFrame, listed: pd.DataFrame, on: date) -> str:
    """How many of the targets that are due a unit keeps, and which it is furthest from."""
    columns = ["code", "due", "unit_measure", column("name")]
    rows = judged[judged["verdict"].isin(["met", "not_met"])][["target", "verdict", "gap"]]
    rows = rows.merge(listed[columns], left_on="target", right_on="code")
    rows = rows[rows["due"].isna() | (rows["due"] <= pd.Timestamp(on))]
    if rows.empty:
        return ""
    figures = {"met": number((rows["verdict"] == "met").sum()), "due": number(len(rows))}
    short_of = rows[(rows["verdict"] == "not_met") & (rows["unit_measure"] == "percent")]
    short_of = short_of.dropna(subset="gap").sort_values("gap", kind="stable")
    if short_of.empty:
        return say("đạt {met} trong {due} mục tiêu đã đến hạn", **figures)
    worst = short_of.iloc[0]
    return say(
        "đạt {met} trong {due} mục tiêu đã đến hạn, xa nhất là “{name}” (thiếu {n} điểm phần trăm)",
        name=worst[column("name")],
        n=number(-worst["gap"], 1),
        **figures,
    )


def like(
    close: pd.DataFrame,
    own: pd.DataFrame,
    names: Mapping[str, str],
    sources: pd.DataFrame | None = None,
) -> str:
    """Whom a unit cannot be told apart from if the method is changed, in one sentence; of very
    many, the nearest.

    ``close``, ``own``: the unit's rows of :func:`analysis.scoring.score.close` and of its scores;
    ``sources``: of schema.RANK_SOURCES, where it is known that no other method was tried.
    """
    whole = own[own["level"] == "framework"]
    if sources is not None and not (sources["source"] == "method").any():
        return ""
    if not (whole["rank"].notna() & (whole["ranked"] > 1)).any():
        return ""
    others = close["other"].map(names)
    if others.empty:
        return say("Thứ hạng này đứng vững trước mọi đơn vị khác trong ít nhất 95 % số cách tính.")
    count = number(len(others))
    if len(others) > PAIR_REACH:
        text = "Không phân biệt được chắc chắn với {n} đơn vị, gần nhất là {names}."
        return say(text, n=count, names=", ".join(others[:_NEAREST]))
    return say_many(
        "Không phân biệt được chắc chắn với {n} đơn vị: {names}.",
        len(others),
        n=count,
        names=", ".join(others),
    )


def beside(neighbours: pd.DataFrame, names: Mapping[str, str]) -> list[tuple[str, str]]:
    """Who stands next to a unit in the ranking: page and text, for ``narrative.links``.

    ``neighbours``: the unit's rows of :func:`analysis.scoring.score.neighbours`.
    """
    return [
        (
            f"{row.other}.html",
            say("{name} (hạng {rank})", name=names[row.other], rank=number(row.other_rank)),
        )
        for row in neighbours.itertuples()
    ]


def parts(explanation: pd.DataFrame, framework: dict, unit: str) -> pd.DataFrame:
    """One unit's row of the explanation in the framework's order, with names, as shown in a table.

    Adds name, normalised and median in percent of the scale, place (percent of peers below). A unit
    that no other can be compared with has no median: it would be its own.
    """
    own = explanation[
        (explanation["reporting_unit"] == unit)
        & (explanation["framework"] == framework["framework"])
    ].set_index("indicator")
    own = own.reindex([c for c in framework["indicators"] if c in own.index] + ["_coverage"])
    table = own.assign(name=pd.Series(labels(framework)))
    alone = table["place"].isna() & table["normalised"].notna()
    beside = ["median", "against_peers"]
    table[beside] = table[beside].where(~alone)
    for scaled in ("normalised", "median"):
        table[scaled] = _of_scale(table[scaled], framework)
    return table.reset_index()


def _of_scale(values: pd.Series, framework: dict) -> pd.Series:
    """In percent of the framework's scale."""
    low, high = ends(framework)
    return 100 * (values - low) / (high - low)


def bars(table: pd.DataFrame, part: str) -> pd.DataFrame:
    """One column of :func:`parts` for ``rank_charts.effects``; what is unknown is left out."""
    return table.rename(columns={part: "contribution"}).dropna(subset=["contribution"])[
        ["name", "contribution"]
    ]


def strengths(table: pd.DataFrame, peers: str) -> str:
    """Where the unit gains and loses most beside the median of its peers."""
    held = table.dropna(subset=["against_peers"])
    if held.empty:
        return say("Chưa có số liệu để so với {peers}.", peers=peers)
    held = held[held["against_peers"].abs() > 0.005].sort_values("against_peers")
    if held.empty:
        return say("Không khác trung vị của {peers} ở chỉ tiêu nào.", peers=peers)
    down, up = held[held["against_peers"] < 0], held[held["against_peers"] > 0]
    best = _named(up.iloc[::-1].head(2), "against_peers")
    worst = _named(down.head(2), "against_peers")
    if up.empty:
        text = "So với trung vị của {peers}: kém nhiều nhất ở {worst}."
        return say(text, peers=peers, worst=worst)
    if down.empty:
        return say("So với trung vị của {peers}: hơn nhiều nhất ở {best}.", peers=peers, best=best)
    text = "So với trung vị của {peers}: hơn nhiều nhất ở {best}; kém nhiều nhất ở {worst}."
    return say(text, peers=peers, best=best, worst=worst)


def _named(rows: pd.DataFrame, part: str) -> str:
    return ", ".join(
        say(
            "{name} ({points} điểm)",
            name=r["name"],
            points=f"{'+' if r[part] > 0 else '−'}{number(abs(r[part]), 2)}",
        )
        for _, r in rows.iterrows()
    )


def change(table: pd.DataFrame, earlier: str) -> str:
    """What changed the score since the period before."""
    held = table.dropna(subset=["change"])
    if held.empty:
        text = (
            "Không so với kỳ liền trước ({earlier}): không có kỳ ấy, kỳ ấy dùng khung khác, hoặc "
            "đơn vị không có số liệu ở cả hai kỳ."
        )
        return say(text, earlier=earlier)
    total = held["change"].sum()
    moved = held[held["change"].abs() > 0.005]
    moved = moved.sort_values("change", key=lambda c: -c.abs())
    if moved.empty:
        return say("So với kỳ {earlier}: không đổi.", earlier=earlier)
    told = {
        "earlier": earlier,
        "points": number(abs(total), 2),
        "parts": _named(moved.head(3), "change"),
    }
    if total > 0:
        text = "So với kỳ {earlier}, phần điểm tính được tăng {points} điểm; chủ yếu do {parts}."
    else:
        text = "So với kỳ {earlier}, phần điểm tính được giảm {points} điểm; chủ yếu do {parts}."
    return say(text, **told)


def next_point(table: pd.DataFrame) -> pd.DataFrame:
    """What one more point takes, the nearest first: name, room, needed, cases (as text)."""
    held = table[table["indicator"] != "_coverage"].dropna(subset=["room"])
    held = held[held["room"] > 0.005].sort_values(["room"], ascending=False)
    reach = held["reachable"].astype(bool)
    return held.assign(
        needed=[
            number(v, 1) if ok and pd.notna(v) else MISSING
            for v, ok in zip(held["needed_value"], reach, strict=True)
        ],
        cases=[
            say("thêm {n}", n=number(max(c, 0))) if ok and pd.notna(c) else MISSING
            for c, ok in zip(held["needed_count"], reach, strict=True)
        ],
        verdict=np.where(reach, say("đủ chỗ cho một điểm"), say("không đủ một điểm")),
    )


def between(table: pd.DataFrame, framework: dict) -> pd.DataFrame:
    """:func:`analysis.scoring.explain.between` with names, values in percent of the scale."""
    scaled = {c: _of_scale(table[c], framework) for c in ("unit", "other")}
    table = table[(table["indicator"] != "_coverage") | (table["contribution"].abs() > 0.005)]
    return table.assign(name=table["indicator"].map(labels(framework)), **scaled)


def columns_between(left: str, right: str) -> tuple[dict, dict]:
    """Columns of :func:`between` for units that are called ``left`` and ``right``."""
    heads = {"name": "Chỉ tiêu", "unit": left, "other": right, "contribution": "Chênh lệch, điểm"}
    return heads, {"unit": "tenths", "other": "tenths", "contribution": "points"}


def gap(table: pd.DataFrame, left: str, right: str) -> str:
    """Which of two units is ahead and by what."""
    held = table.dropna(subset=["contribution"]).sort_values("contribution")
    if held.empty:
        return say("Chưa có số liệu để so sánh {left} và {right}.", left=left, right=right)
    total = held["contribution"].sum()
    if abs(total) < 0.005:
        return say("{left} và {right} bằng điểm nhau.", left=left, right=right)
    ahead, behind = (left, right) if total > 0 else (right, left)
    best = held.iloc[-1] if total > 0 else held.iloc[0]
    return say(
        "{ahead} hơn {behind} {points} điểm, nhiều nhất ở {best} ({part} điểm).",
        ahead=ahead,
        behind=behind,
        points=number(abs(total), 2),
        best=best["name"],
        part=number(abs(best["contribution"]), 2),
    )
