"""What a page shows of a ranking: its tables and sentences in words and in reading order.

Nothing here computes a score; a rank never stands without its basis and, where there is one, its
interval.
"""

from collections.abc import Mapping

import pandas as pd

from analysis.language.collation import in_order
from analysis.language.languages import column, say
from analysis.language.words import MISSING, number, percent
from analysis.schema.tables import PAIR_REACH
from analysis.scoring.score import one_source
from analysis.topics import rank_evidence

APART = {
    "method": "Ở {share} số cặp đơn vị, một đơn vị đứng trên đơn vị kia trong ít nhất 95 % số lần "
    "đổi cách tính; hạng của một nửa số đơn vị xê dịch từ {places} bậc trở lên.",
    "sampling": "Ở {share} số cặp đơn vị, một đơn vị đứng trên đơn vị kia trong ít nhất 95 % số "
    "lần lấy mẫu lại; hạng của một nửa số đơn vị xê dịch từ {places} bậc trở lên.",
}


def ranking(
    scores: pd.DataFrame,
    intervals: pd.DataFrame,
    names: Mapping[str, str],
    level: str = "framework",
    code: str | None = None,
) -> pd.DataFrame:
    """Scores and ranks of one entry beside what each source of doubt makes of them, best first.

    Parameters
    ----------
    intervals
        Of :func:`analysis.topics.rank_evidence.bars`: sources are never merged.

    Returns
    -------
    One row per ranked unit and source of doubt: reporting_unit, name, peer_type, score, rank,
    ranked, source, rank_low, rank_high, reason, all_low, all_high, rank_median (of the replicates,
    where ``intervals`` have it), place ("12/34").
    """
    rows = scores[scores["level"] == level]
    sure = intervals[intervals["level"] == level]
    if code is not None:
        rows, sure = rows[rows["code"] == code], sure[sure["code"] == code]
    rows = rows.dropna(subset=["rank"])
    sure = sure[sure["source"].astype(object).isin(list(rank_evidence.SOURCE))]
    keep = ["reporting_unit", "source", "rank_low", "rank_high", "reason", "all_low", "all_high"]
    keep += ["rank_median"]
    sure = sure.reindex(columns=keep).astype({"reporting_unit": object, "source": object})
    table = rows.astype({"reporting_unit": object}).merge(sure, on="reporting_unit", how="left")
    table = table.assign(
        name=table["reporting_unit"].map(names),
        place=places(table),
    )
    return table.sort_values(["peer_type", "rank", "name"], key=in_order).reset_index(drop=True)


def places(table: pd.DataFrame) -> list[str]:
    """ "12/34"; "…" where there is nobody to be ranked with."""
    return [
        MISSING if pd.isna(rank) or ranked < 2 else f"{number(rank)}/{number(ranked)}"
        for rank, ranked in zip(table["rank"], table["ranked"], strict=True)
    ]


def one_row_each(table: pd.DataFrame, types: pd.DataFrame) -> pd.DataFrame:
    """:func:`ranking` with the sources of doubt side by side: place_method, place_sampling,
    place_chance.

    Adds ``peers``, what the units of its type are called (``types``: the catalogue's unit_types).
    """
    wide = rank_evidence.side_by_side(table.dropna(subset=["source"]).assign(level="", code=""))
    first = table.drop_duplicates("reporting_unit").set_index("reporting_unit")
    joined = first.join(wide.droplevel(["level", "code"]).fillna(MISSING)).reset_index()
    return joined.assign(peers=joined["peer_type"].map(types[column("peers")]))


def columns(table: pd.DataFrame) -> tuple[dict, dict]:
    """Columns of a ranking: one of ranks for each source of doubt that there is."""
    return rank_evidence.columns(table, "ranking")


def key(table: pd.DataFrame, pairs: pd.DataFrame) -> str:
    """Who leads and closes a ranking, and how much of the order stands by one source of doubt.

    Of rankings that have tiers :func:`analysis.topics.rank_evidence.key` says more.
    """
    held = table.drop_duplicates("reporting_unit")
    if len(held) < 3:
        return say("Chưa đủ đơn vị có tổng điểm để xếp hạng; xem từng nhóm chỉ tiêu bên dưới.")
    order, kinds = number(len(held)), held["peer_type"].nunique()
    if kinds > 1:
        text = "{n} đơn vị được xếp hạng trong {kinds} nhóm cùng loại."
        found = [say(text, n=order, kinds=number(kinds))]
    else:
        first, last = held.iloc[0], held.iloc[-1]
        found = [
            say(
                "{n} đơn vị được xếp hạng: {first} đứng đầu ({high} điểm), {last} đứng cuối "
                "({low}).",
                n=order,
                first=first["name"],
                high=number(first["score"], 1),
                last=last["name"],
                low=number(last["score"], 1),
            )
        ]
    if len(pairs):
        main, sure = one_source(pairs), one_source(table)
        wide = (sure["rank_high"] - sure["rank_low"]).median()
        share = percent(100 * _share_apart(main, held), 0)
        found.append(say(APART[main["source"].iloc[0]], share=share, places=number(wide)))
    return " ".join(found)


def _share_apart(pairs: pd.DataFrame, ranked: pd.DataFrame) -> float:
    """Share of all pairs of peers that are told apart; those not listed are (uncertainty.pairs)."""
    sizes = ranked["peer_type"].value_counts()
    if sizes.max() <= PAIR_REACH + 1:
        return pairs["apart"].mean()
    return 1 - (~pairs["apart"]).sum() / (sizes * (sizes - 1) / 2).sum()


def named_pairs(pairs: pd.DataFrame, names: Mapping[str, str], source: str | None = None):
    """Pairs with the names of their units, for one source of doubt (method, where it is there)."""
    if pairs.empty:
        return pairs.assign(name=[], other_name=[])
    held = pairs[pairs["source"] == source] if source else one_source(pairs)
    return held.assign(
        name=held["reporting_unit"].map(names), other_name=held["other"].map(names)
    ).reset_index(drop=True)


def by_peers(table: pd.DataFrame, types: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """:func:`ranking` split by the units that are ranked together: name of the group → rows.

    ``types``: the catalogue's unit_types. Groups of fewer than three are left out: there is no
    order worth a picture.
    """
    found = {}
    for kind, part in table.groupby("peer_type", sort=False):
        if part["reporting_unit"].nunique() >= 3:
            name = types[column("peers")].get(kind, say("tất cả đơn vị được xếp hạng"))
            found[name] = part.reset_index(drop=True)
    return found


def first_two(table: pd.DataFrame) -> tuple[str, str]:
    """Codes of the first two units of a ranking, of those ranked together most often; empty where
    there are no two."""
    held = table.drop_duplicates("reporting_unit")
    largest = held["peer_type"].value_counts().index[:1]
    top = held[held["peer_type"].isin(largest)]["reporting_unit"].tolist()
    first, second = [*top, "", ""][:2]
    return first, second
