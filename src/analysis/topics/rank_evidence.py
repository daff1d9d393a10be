"""What a page shows of how sure ranks are: tiers first, then three sources of doubt, never merged.

Method (other defensible choices, an interval of replicates), sampling (values are estimates) and
chance (ratios rest on so many cases): the two latter give confidence sets of a true rank. A source
that is not there is said to be missing; its absence is no certainty.
"""

from collections.abc import Mapping

import pandas as pd

from analysis.display import wordings
from analysis.language.languages import choose, column, say, say_many
from analysis.language.words import MISSING, number, percent
from analysis.scoring import tiers as scored_tiers

SOURCE = wordings.codes("rank_source")
CALLED = wordings.codes("rank_source_name")
MEANS = wordings.codes("rank_source_meaning")
LACKING = wordings.codes("rank_source_lacking")
REASON = wordings.codes("rank_source_reason")
_KEY = ["level", "code", "reporting_unit", "source"]
_NAMED = 8  # units named of a tier in a sentence


def bars(sources: pd.DataFrame, replicates: pd.DataFrame | None = None) -> pd.DataFrame:
    """A row for each unit, entry and source of doubt, for :func:`analysis.topics.ranking.ranking`.

    Parameters
    ----------
    sources
        schema.RANK_SOURCES of one framework. Of schema.RANK_INTERVALS, which have no sets, each
        source that is no mixture is taken as an interval.
    replicates
        schema.RANK_INTERVALS of the framework.

    Returns
    -------
    level, code, reporting_unit, source, rank_low, rank_high (the interval of method; the marginal
    set of sampling or chance), all_low, all_high (the simultaneous set; missing for method),
    reason; with ``replicates`` rank_median of method.
    """
    ends = ["rank_low", "rank_high"]
    if "kind" not in sources:
        sources = sources[sources["source"].isin(list(SOURCE))].assign(kind="interval", reason="")
    own = sources[sources["kind"] != "simultaneous_set"][[*_KEY, *ends, "reason"]]
    every = sources[sources["kind"] == "simultaneous_set"][[*_KEY, *ends]]
    every = every.rename(columns={"rank_low": "all_low", "rank_high": "all_high"})
    found = own.astype({c: object for c in _KEY}).merge(
        every.astype({c: object for c in _KEY}), on=_KEY, how="left"
    )
    if replicates is None:
        return found
    middle = replicates.loc[replicates["source"] == "method", [*_KEY, "rank_median"]]
    return found.merge(middle.astype({c: object for c in _KEY}), on=_KEY, how="left")


def part(share: float) -> str:
    """A share from 0 to 1 in percent, never rounded to none or all of what is some.

    >>> part(0.004), part(0.2), part(0.999), part(1.0)
    ('dưới 1 %', '20 %', 'trên 99 %', '100 %')
    """
    if 0 < share < 0.01:
        return say("dưới {share}", share=percent(1, 0))
    if 0.99 < share < 1:
        return say("trên {share}", share=percent(99, 0))
    return percent(100 * share, 0)


def span(low: float, high: float, reason: str = "") -> str:
    """ "10–15"; where there are no ranks, why; "…" where nothing is known."""
    if pd.isna(low):
        return say(REASON[reason]) if reason in REASON else MISSING
    return number(low) if low == high else f"{number(low)}–{number(high)}"


def side_by_side(bars: pd.DataFrame) -> pd.DataFrame:
    """:func:`bars` with a column for each source that is there: place_method, place_sampling,
    place_chance, as text; indexed by level, code, reporting_unit."""
    reason = bars["reason"] if "reason" in bars else [""] * len(bars)
    told = [span(*ends) for ends in zip(bars["rank_low"], bars["rank_high"], reason, strict=True)]
    wide = bars.assign(span=told).pivot(index=_KEY[:3], columns="source", values="span")
    held = [k for k in SOURCE if k in wide]
    return wide[held].add_prefix("place_").fillna(MISSING)


def meanings(sources: pd.DataFrame, tiers: pd.DataFrame | None = None) -> list[str]:
    """What each source means and at which level; of a source that is not there, why.

    ``tiers``: schema.TIERS, where only those count from which tiers were made.
    """
    held = sources.drop_duplicates("source").set_index("source")["level_of_confidence"]
    if tiers is not None:
        held = held[[tiers[f"reversible_{s}"].notna().any() for s in held.index]]
    return [
        say(MEANS[s], level=percent(100 * held[s], 0)) if s in held.index else say(LACKING[s])
        for s in SOURCE
    ]


def listed(table: pd.DataFrame, names: Mapping[str, str], types: pd.DataFrame) -> pd.DataFrame:
    """The tiers of the whole, the best first: peers, tier ("1/12"), count, units (their names).

    ``table``: schema.TIERS of one framework; ``types``: the catalogue's unit_types.
    """
    held = _whole(table)
    held = held.assign(name=held["reporting_unit"].map(names))
    by = ["peer_type", "tiers", "tier"]
    rows = held.sort_values([*by, "name"]).groupby(by, sort=False, observed=True)["name"]
    found = rows.agg(count="size", units=", ".join).reset_index()
    return found.assign(
        peers=[called(kind, types) for kind in found["peer_type"]],
        place=[f"{number(r.tier)}/{number(r.tiers)}" for r in found.itertuples()],
    )


def called(kind: str, types: pd.DataFrame) -> str:
    """What the units of a group that is ranked together are called."""
    return types[column("peers")].get(kind, say("tất cả đơn vị được xếp hạng"))


def _whole(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["level"] == "framework"].astype({"reporting_unit": object})


def summary(table: pd.DataFrame, framework: dict, types: pd.DataFrame) -> pd.DataFrame:
    """How many tiers the evidence supports, for the whole (first), each dimension and peer group.

    Returns name, peers, units, tiers, pairs (in different tiers), and for each source in how many
    of 100 of these pairs the order may be the other way round (as text; "…" without the source).
    """
    found = scored_tiers.reversible(table[table["level"] != "indicator"])
    found = found.sort_values(
        "level", ascending=False, key=lambda v: v == "framework", kind="stable"
    )
    names = {c: choose(d["name"]) for c, d in framework["dimensions"].items()}
    names[framework["framework"]] = say("Tổng điểm")
    return found.assign(
        name=found["code"].astype(object).map(names),
        peers=[called(kind, types) for kind in found["peer_type"]],
        **{s: [part(v) for v in found[s]] for s in SOURCE},
    )


def key(table: pd.DataFrame, names: Mapping[str, str], types: pd.DataFrame) -> str:
    """Key sentence: into how many tiers the evidence divides, who is in the first and the last,
    and of which share of pairs across tiers the order may be the other way round, and why."""
    held = _whole(table)
    groups = [rows for _, rows in held.groupby("peer_type", sort=False, observed=True)]
    groups = [rows for rows in groups if len(rows) > 2]
    if not groups:
        return ""
    if len(groups) > 2:
        found = [_numbers(groups, types)]
    else:
        found = [
            _divided(part, names, called(part["peer_type"].iloc[0], types) if groups[1:] else "")
            for part in groups
        ]
    rows = scored_tiers.reversible(pd.concat(groups))
    total = rows["pairs"].sum()
    doubts = [
        say("{share} {source}", share=part(share), source=say(SOURCE[s]))
        for s in SOURCE
        if total and pd.notna(share := (rows[s] * rows["pairs"]).sum(min_count=1) / total)
    ]
    if doubts:
        text = "Trong {pairs} cặp khác nhóm hạng, có thể đảo thứ tự: {doubts}."
        found.append(say(text, pairs=number(total), doubts="; ".join(doubts)))
    return " ".join(found)


def _numbers(groups: list[pd.DataFrame], types: pd.DataFrame) -> str:
    """Into how many tiers each of many groups of peers is divided, the largest group first."""
    told = [
        say(
            "{peers}: {tiers}",
            peers=called(rows["peer_type"].iloc[0], types),
            tiers=number(rows["tiers"].iloc[0]),
        )
        for rows in sorted(groups, key=len, reverse=True)
    ]
    return say(
        "{n} đơn vị được xếp hạng trong {kinds} nhóm cùng loại, không so nhóm này với nhóm khác; "
        "số nhóm hạng chia được trong {told}.",
        n=number(sum(map(len, groups))),
        kinds=number(len(groups)),
        told="; ".join(told),
    )


def _divided(rows: pd.DataFrame, names: Mapping[str, str], peers: str) -> str:
    """Into how many tiers a group of peers is divided. Nobody is named where most of the order of
    the tiers may be the other way round by one source alone."""
    who = say("{n} đơn vị được xếp hạng", n=number(len(rows)))
    if peers:
        who = say("{n} đơn vị trong {peers}", n=number(len(rows)), peers=peers)
    told = {"who": who, "tiers": number(rows["tiers"].iloc[0])}
    if rows["tiers"].iloc[0] == 1:
        text = "{who} không chia nhóm hạng được: chưa phân biệt được đơn vị nào."
        return say(text, **told)
    if (scored_tiers.reversible(rows)[list(SOURCE)] > 0.5).any(axis=None):
        text = (
            "{who} chia được thành {tiers} nhóm hạng, nhưng phần lớn cặp khác nhóm có thể đảo thứ "
            "tự, nên không nêu tên nhóm đầu, nhóm cuối."
        )
        return say(text, **told)
    first, last = rows[rows["tier"] == 1], rows[rows["tier"] == rows["tiers"]]
    return say(
        "{who} chia được thành {tiers} nhóm hạng: nhóm đầu gồm {first}; nhóm cuối gồm {last}.",
        first=_names(first["reporting_unit"], names),
        last=_names(last["reporting_unit"], names),
        **told,
    )


def _names(units: pd.Series, names: Mapping[str, str]) -> str:
    called_ = sorted(units.map(names).dropna())
    if len(called_) <= _NAMED:
        return ", ".join(called_)
    return say_many("{n} đơn vị", len(units), n=number(len(units)))


def told_apart(sources: pd.DataFrame, scores: pd.DataFrame) -> list[str]:
    """How many pairs of peers each source of error tells apart, all pairs at once.

    A unit's simultaneous set leaves out of its ranks exactly those that are told above or below it.
    """
    sets = sources[(sources["level"] == "framework") & (sources["kind"] == "simultaneous_set")]
    sets = sets.dropna(subset=["rank_low"]).astype({"reporting_unit": object})
    whole = scores[scores["level"] == "framework"].astype({"reporting_unit": object})
    sets = sets.merge(whole[["reporting_unit", "peer_type"]], on="reporting_unit")
    found = []
    for source, rows in sets.groupby("source", sort=False, observed=True):
        size = rows.groupby("peer_type", observed=True).size()
        pairs, told = (size * (size - 1) // 2).sum(), (rows["rank_low"] - 1).sum()
        if pairs:
            text = (
                "Xét {source}: {told} trong {pairs} cặp phân biệt được ({share}), đã hiệu chỉnh "
                "theo số cặp, tin cậy {level}."
            )
            level = percent(100 * rows["level_of_confidence"].iloc[0], 0)
            counts = {"told": number(told), "pairs": number(pairs), "share": part(told / pairs)}
            found.append(say(text, source=say(CALLED[source]), level=level, **counts))
    return found


def columns(table: pd.DataFrame, wording: str) -> tuple[dict, dict]:
    """Heads and formats of a wording, without the sources of doubt that ``table`` has not."""
    heads, formats = wordings.columns(wording)
    lacking = {h for s in SOURCE for h in (s, f"place_{s}") if h in heads and _absent(table, h)}
    if "peers" in table and table["peers"].nunique() < 2:
        lacking.add("peers")
    return {c: head for c, head in heads.items() if c not in lacking}, formats


def _absent(table: pd.DataFrame, name: str) -> bool:
    return name not in table or bool((table[name] == MISSING).all())


def of_unit(
    sources: pd.DataFrame,
    tier: pd.DataFrame,
    scores: pd.DataFrame | None = None,
    replicates: pd.DataFrame | None = None,
) -> list[str]:
    """What a unit's page says beneath its rank: its tier, its ranks by each source, and why its
    rank lies at an end of them.

    ``sources``, ``tier``, ``scores``, ``replicates``: the unit's rows of schema.RANK_SOURCES,
    schema.TIERS, schema.SCORES and schema.RANK_INTERVALS.
    """
    found = []
    whole = _whole(tier)
    if len(whole):
        row = whole.iloc[0]
        text = "Nhóm hạng {tier} trong {tiers} (nhóm 1 cao nhất)."
        found.append(say(text, tier=number(row["tier"]), tiers=number(row["tiers"])))
    own = bars(sources[sources["level"] == "framework"])
    for r in own.itertuples():
        if pd.isna(r.rank_low):
            continue
        text = "Hạng có thể từ {low} đến {high} {source}."
        if r.rank_low == r.rank_high:
            text = "Hạng {low} không đổi {source}."
        told = {"low": number(r.rank_low), "high": number(r.rank_high)}
        found.append(say(text, source=say(SOURCE[r.source]), **told))
    if scores is not None and replicates is not None:
        found.append(_middle(scores, replicates))
    return [*filter(None, found)]


def _middle(scores: pd.DataFrame, replicates: pd.DataFrame) -> str:
    """Where a published rank lies at an end of its replicates: their middle, and why it differs."""
    whole = scores[(scores["level"] == "framework") & scores["rank"].notna()]
    held = replicates[(replicates["level"] == "framework") & (replicates["source"] == "method")]
    held = held.dropna(subset=["rank_median"])
    if whole.empty or held.empty:
        return ""
    rank, of, row = whole["rank"].iloc[0], whole["ranked"].iloc[0], held.iloc[0]
    low, middle, high = (row[f"rank_{c}"] for c in ("low", "median", "high"))
    told = {"rank": number(rank), "middle": number(middle)}
    if 1 < rank <= low and middle > rank:
        text = (
            "Hạng {rank} ở đầu trên của các hạng ấy, hạng giữa của các lần tính lại là {middle}: "
            "cách tính đã chọn có lợi cho đơn vị này hơn phần lớn các cách khác."
        )
        return say(text, **told)
    if high <= rank < of and middle < rank:
        text = (
            "Hạng {rank} ở đầu dưới của các hạng ấy, hạng giữa của các lần tính lại là {middle}: "
            "cách tính đã chọn kém lợi cho đơn vị này so với phần lớn các cách khác."
        )
        return say(text, **told)
    return ""
