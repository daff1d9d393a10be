"""What weights of one's own do to a ranking, beside how sure the published ranks are."""

from collections.abc import Mapping

import pandas as pd

from analysis.language.collation import in_order
from analysis.language.languages import say
from analysis.language.words import MISSING, number
from analysis.topics import rank_evidence


def beside(
    own: pd.DataFrame, scores: pd.DataFrame, bars: pd.DataFrame, names: Mapping[str, str]
) -> pd.DataFrame:
    """Ranks with weights of one's own beside the published ones and the interval of these.

    Parameters
    ----------
    own
        Of :func:`analysis.scoring.own_weights.rescored`.
    scores
        schema.SCORES as published.
    bars
        Of :func:`analysis.topics.rank_evidence.bars`. The interval is that of the method alone:
        weights are a choice of method, and sampling and chance are another doubt.

    Returns
    -------
    The columns of the wordings ``reweighted``, with reporting_unit, peer_type, shift, rank_low and
    rank_high; units that are ranked by one of the two, best by ``own`` first.
    """
    key = "reporting_unit"
    whole = scores[scores["level"] == "framework"].astype({key: object})
    sure = bars[(bars["level"] == "framework") & (bars["source"] == "method")].astype({key: object})
    mine = own.astype({key: object})[[key, "peer_type", "score", "rank"]]
    mine = mine.rename(columns={"score": "own_score", "rank": "own_rank"})
    table = mine.merge(whole[[key, "score", "rank"]], on=key, how="left")
    table = table.merge(sure[[key, "rank_low", "rank_high"]], on=key, how="left")
    table = table[table["rank"].notna() | table["own_rank"].notna()]
    shift = table["rank"] - table["own_rank"]
    table = table.assign(
        name=table[key].map(names).fillna(table[key]),
        shift=shift,
        moved=[_signed(places) for places in shift],
        span=[
            rank_evidence.span(low, high)
            for low, high in zip(table["rank_low"], table["rank_high"], strict=True)
        ],
        verdict=_verdicts(table),
    )
    order = ["peer_type", "own_rank", "name"]
    return table.sort_values(order, key=in_order).reset_index(drop=True)


def _signed(places: float) -> str:
    """Up as "+3", down as "−3"."""
    return number(places) if not places > 0 else f"+{number(places)}"


def _verdicts(table: pd.DataFrame) -> list[str]:
    rows = zip(table["own_rank"], table["rank_low"], table["rank_high"], strict=True)
    return [
        MISSING if pd.isna(own) or pd.isna(low)
        else say("trong khoảng") if low <= own <= high
        else say("ngoài khoảng")
        for own, low, high in rows
    ]  # fmt: skip


def key(table: pd.DataFrame) -> str:
    """How many units change places with these weights, who moves most, who leaves its interval."""
    held = table.dropna(subset=["rank", "own_rank"])
    if held.empty:
        return say("Chưa đủ đơn vị có hạng để so.")
    moved = held[held["shift"] != 0]
    if moved.empty:
        return say("Với trọng số này không đơn vị nào đổi hạng.")
    most = moved.loc[moved["shift"].abs().idxmax()]
    found = say(
        "Với trọng số này {n} trong {of} đơn vị đổi hạng; đổi nhiều nhất: {name}, từ {rank} thành "
        "{own}.",
        n=number(len(moved)),
        of=number(len(held)),
        name=most["name"],
        rank=number(most["rank"]),
        own=number(most["own_rank"]),
    )
    sure = held.dropna(subset=["rank_low"])
    if sure.empty:
        return f"{found} " + say("Kỳ này không có khoảng hạng để so.")
    out = (sure["own_rank"] < sure["rank_low"]) | (sure["own_rank"] > sure["rank_high"])
    text = "{n} trong {of} đơn vị ra ngoài khoảng hạng đã công bố."
    return f"{found} " + say(text, n=number(out.sum()), of=number(len(sure)))
