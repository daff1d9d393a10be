"""What a page shows of a ranking: its tables and sentences in words and in reading order.

Nothing here computes a score; a rank never stands without its basis and, where there is one, its
interval.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.catalogue.tree import ends, method
from analysis.display.tables import measured
from analysis.language.languages import choose, column, said, say, say_many
from analysis.language.words import MISSING, number, percent, short
from analysis.schema import PAIR_REACH
from analysis.scoring.score import widest

FACTOR = {
    "weights": "Trọng số",
    "normalise": "Thang chuẩn hoá",
    "aggregate": "Cách gộp",
    "impute": "Cách điền chỗ thiếu",
    "treat": "Xử lý giá trị ngoại lai",
    "sampling_error": "Sai số mẫu",
}
METHOD = {
    "points": "thang điểm của khung",
    "steps": "bậc điểm",
    "goalposts": "ngưỡng cố định",
    "distance_to_target": "khoảng cách đến mục tiêu",
    "min_max": "từ thấp nhất đến cao nhất",
    "z_score": "độ lệch chuẩn",
    "rank": "thứ hạng",
    "percentile_rank": "phân vị",
    "sum": "cộng điểm",
    "arithmetic": "trung bình cộng",
    "geometric": "trung bình nhân",
    "harmonic": "trung bình điều hoà",
    "none": "không",
    "mean": "trung bình",
    "median": "trung vị",
    "group_mean": "trung bình nhóm",
    "group_median": "trung vị nhóm",
    "last": "giá trị kỳ trước",
    "winsorise": "ghìm giá trị cực",
    "log": "lấy logarit",
    "winsorise_or_log": "ghìm hoặc lấy logarit",
    "given": "như trong khung",
    "equal": "bằng nhau",
    "pca": "thành phần chính",
}
_NEAREST = 20  # units named, where those that cannot be told apart are too many for a sentence
VERDICT = {
    "": "có",
    "constant": "không: mọi đơn vị bằng nhau",
    "ceiling": "ít: phần lớn đã đạt tối đa",
    "floor": "ít: phần lớn ở mức thấp nhất",
    "close": "ít: một nửa số đơn vị sát nhau",
}
RECAST = {
    "unchanged": "đơn vị không đổi",
    "summed": "cộng số đếm của các đơn vị sáp nhập",
    "incomplete": "thiếu số liệu của một phần",
    "not_additive": "có số liệu không cộng được",
    "not_recastable": "không quy đổi được: đã chuyển chức năng",
}
APART = {
    "method": "{share} số cặp đơn vị phân biệt được dù chọn cách tính nào; hạng của một nửa số đơn "
    "vị xê dịch từ {places} bậc trở lên.",
    "sampling": "{share} số cặp đơn vị phân biệt được dù lấy mẫu lại thế nào; hạng của một nửa số "
    "đơn vị xê dịch từ {places} bậc trở lên.",
    "both": "{share} số cặp đơn vị phân biệt được dù chọn cách tính nào và lấy mẫu lại thế nào; "
    "hạng của một nửa số đơn vị xê dịch từ {places} bậc trở lên.",
}
COVERAGE = "Phần chỉ có số liệu ở một bên"


def ranking(
    scores: pd.DataFrame,
    intervals: pd.DataFrame,
    names: Mapping[str, str],
    level: str = "framework",
    code: str | None = None,
) -> pd.DataFrame:
    """Scores and ranks of one entry beside the intervals of their ranks, best first.

    Returns one row per ranked unit and source of doubt: reporting_unit, name, peer_type, score,
    rank, ranked, source, rank_low, rank_high, p_top, p_bottom, top, place ("12/34 (10–15)").
    """
    rows = scores[scores["level"] == level]
    sure = intervals[intervals["level"] == level]
    if code is not None:
        rows, sure = rows[rows["code"] == code], sure[sure["code"] == code]
    rows = rows.dropna(subset=["rank"])
    keep = ["reporting_unit", "source", "rank_low", "rank_high", "p_top", "p_bottom", "top"]
    table = rows.merge(sure[keep], on="reporting_unit", how="left")
    table = table.assign(
        name=table["reporting_unit"].map(names),
        place=_places(table),
    )
    return table.sort_values(["peer_type", "rank", "name"]).reset_index(drop=True)


def _span(low: float, high: float) -> str:
    return number(low) if low == high else f"{number(low)}–{number(high)}"


def _places(table: pd.DataFrame) -> list[str]:
    """ "12/34 (10–15)"; without brackets where the rank is the same whatever the choice; "…" where
    there is nobody to be ranked with."""
    found = []
    for r in table.itertuples():
        alone = pd.isna(r.rank) or r.ranked < 2
        text = MISSING if alone else f"{number(r.rank)}/{number(r.ranked)}"
        if not alone and pd.notna(r.rank_low) and r.rank_low < r.rank_high:
            text += f" ({_span(r.rank_low, r.rank_high)})"
        found.append(text)
    return found


def one_row_each(table: pd.DataFrame, types: pd.DataFrame) -> pd.DataFrame:
    """:func:`ranking` with the sources of doubt side by side: place_method, place_sampling, …

    ``chance`` and ``risk`` are those of the widest source. Adds ``peers``, what the units of its
    type are called (``types``: the catalogue's unit_types).
    """
    span = [
        MISSING if pd.isna(r.rank_low) else _span(r.rank_low, r.rank_high)
        for r in table.itertuples()
    ]
    wide = table.assign(span=span).pivot(index="reporting_unit", columns="source", values="span")
    wide = wide[[k for k in ("method", "sampling", "both") if k in wide]].add_prefix("place_")
    first = widest(table).drop_duplicates("reporting_unit").set_index("reporting_unit")
    chance = {
        "chance": [percent(100 * p, 0) for p in first["p_top"]],
        "risk": [percent(100 * p, 0) for p in first["p_bottom"]],
    }
    joined = first.join(wide.fillna(MISSING)).assign(**chance).reset_index()
    return joined.assign(peers=joined["peer_type"].map(types[column("peers")]))


def key(table: pd.DataFrame, pairs: pd.DataFrame) -> str:
    """Key sentence of a ranking: who leads and closes, and how much of the order is certain."""
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
        main, sure = widest(pairs), widest(table)
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
    """Pairs with the names of their units, for one source of doubt (the widest)."""
    if pairs.empty:
        return pairs.assign(name=[], other_name=[])
    held = pairs[pairs["source"] == source] if source else widest(pairs)
    return held.assign(
        name=held["reporting_unit"].map(names), other_name=held["other"].map(names)
    ).reset_index(drop=True)


def on_tiles(values: pd.DataFrame, tiles: pd.DataFrame) -> pd.DataFrame:
    """Values of provinces on the drawing of the country: for :mod:`display.charts.tile_map`.

    Parameters
    ----------
    values
        reporting_unit, value; with ``panel`` there is a map for each.
    tiles
        Of :meth:`analysis.catalogue.catalogue.Catalogue.tiles_on`.

    Returns
    -------
    The columns of ``tiles`` with value (missing where a province has none) and panel: one row for
    each tile and panel. No rows where fewer than three provinces have a value: nothing to see.
    """
    held = values.dropna(subset=["value"])
    held = held[held["reporting_unit"].isin(tiles["code"])]
    panels = values[["panel"]].drop_duplicates() if "panel" in values else None
    if held["reporting_unit"].nunique() < 3:
        tiles, held = tiles.iloc[:0], held.iloc[:0]
    every = tiles if panels is None else panels.merge(tiles, how="cross")
    held = held.assign(code=held["reporting_unit"])  # a table of scores has another "code"
    key = ["code"] if panels is None else ["panel", "code"]
    return every.merge(held[[*key, "value"]], on=key, how="left")


def by_region(placed: pd.DataFrame, regions: pd.DataFrame) -> pd.DataFrame:
    """Median of the provinces of each region, the highest first: region, median, provinces, of.

    ``of``: how many provinces the region has, ``provinces`` how many of them have a value.

    Parameters
    ----------
    placed
        Of :func:`on_tiles`.
    regions
        The catalogue's. Where they are not those of just these provinces (after the mergers) there
        are no rows; regions with fewer than three values have none.
    """
    main = placed[placed["part"] == ""]
    if set(main["code"]) != set(regions.index):
        main = main.iloc[:0]
    grouped = main.groupby(main["code"].map(regions[column("region")]).rename("region"))["value"]
    table = grouped.agg(median="median", provinces="count", of="size").reset_index()
    table = table[table["provinces"] >= 3]
    return table.sort_values("median", ascending=False, ignore_index=True)


def where(placed: pd.DataFrame, regions: pd.DataFrame) -> str:
    """Which part of the country is ahead, in a sentence; empty where no regions are known."""
    table = by_region(placed, regions)
    if len(table) < 2:
        return ""
    named = [
        say(
            "{region} ({median}; {held}/{of} tỉnh, thành phố)",
            region=r.region,
            median=number(r.median, 1),
            held=number(r.provinces),
            of=number(r.of),
        )
        for r in table.itertuples()
    ]
    text = say(
        "Trung vị theo vùng: cao nhất {high}, thấp nhất {low}.", high=named[0], low=named[-1]
    )
    return f"{text} {say('Vùng ghi theo trí nhớ, chưa đối chiếu văn bản.')}"


def like(close: pd.DataFrame, own: pd.DataFrame, names: Mapping[str, str]) -> str:
    """Whom a unit cannot be told apart from, in one sentence; of very many, the nearest.

    ``close``, ``own``: the unit's rows of :func:`analysis.scoring.score.close` and of its scores.
    """
    whole = own[own["level"] == "framework"]
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


def choices(framework: dict) -> pd.DataFrame:
    """What the framework chose and what else was tried: step, chosen, tried."""
    stated = framework["uncertainty"]
    rows = []
    for step in ("impute", "treat", "normalise", "aggregate"):
        own = method(framework, step)["method"]
        alike = {own} | ({"arithmetic"} if own == "sum" else set())
        others = [say(METHOD[m]) for m in stated.get(step, []) if m not in alike]
        tried = ", ".join(others) or MISSING
        rows.append({"step": say(FACTOR[step]), "chosen": say(METHOD[own]), "tried": tried})
    spread, tried = stated.get("weights", {}).get("spread"), MISSING
    if spread:
        text = "mỗi trọng số nhiều hơn hoặc ít hơn đến {share}"
        tried = say(text, share=percent(100 * spread, 0))
    chosen = say(METHOD[framework["weight"]])
    rows.append({"step": say(FACTOR["weights"]), "chosen": chosen, "tried": tried})
    return pd.DataFrame(rows)


def importance(factors: pd.DataFrame) -> str:
    """Which choice moves the ranking most."""
    held = factors.dropna(subset=["total_order"]).sort_values("total_order")
    if held.empty:
        return say("Chưa đủ đơn vị được xếp hạng để hỏi lựa chọn nào quan trọng.")
    top = held.iloc[-1]
    found = [
        say(
            "Trung bình một đơn vị đổi {places} bậc so với thứ hạng đã nêu.",
            places=number(top["mean_shift"], 1),
        ),
        say(
            "{choice} giải thích {share} biến động đó.",
            choice=say(FACTOR[top["factor"]]),
            share=percent(100 * top["total_order"], 0),
        ),
    ]
    weak = [say(FACTOR[f]) for f in held.loc[held["total_order"] < 0.05, "factor"]]
    if weak:
        found.append(say("Hầu như không ảnh hưởng: {choices}.", choices="; ".join(weak)))
    return " ".join(found)


def failed(failures: pd.DataFrame, intervals: pd.DataFrame) -> str:
    """How many replicates came to nothing, and why."""
    count = int(intervals["replicates"].max()) if len(intervals) else 0
    total = int(failures["replicates"].sum()) if len(failures) else 0
    if not total + count:
        return say("Chưa có thứ hạng nào để tính lại.")
    if not total:
        text = "Cả {n} lần tính lại đều cho thứ hạng; không lần nào bị bỏ."
        return say(text, n=number(count))
    named = [f"{_in_words(r.choices)} ({number(r.replicates)})" for r in failures.itertuples()]
    return say_many(
        "{n} lần tính lại không cho thứ hạng vì các lựa chọn không hợp nhau: {choices}.",
        total,
        n=number(total),
        choices="; ".join(named),
    )


def _in_words(choices: str) -> str:
    """ "normalise: z_score, aggregate: geometric" (uncertainty.failures) as a reader says it."""
    pairs = [choice.split(": ") for choice in choices.split(", ")]
    return ", ".join(f"{say(FACTOR[step])}: {say(METHOD[method])}" for step, method in pairs)


# --- one unit -----------------------------------------------------------------------------------


def labels(framework: dict) -> dict[str, str]:
    """Code → name of the framework's indicators, in the language in use."""
    found = {c: choose(i["name"]) for c, i in framework["indicators"].items()}
    return found | {"_coverage": say(COVERAGE)}


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
        return say("Chưa có kỳ liền trước cùng khung để so sánh.")
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


# --- over time, diagnostics ---------------------------------------------------------------------


def over_time(scores: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Scores of the whole over periods with names: for ``rank_charts.history``."""
    held = scores[scores["level"] == "framework"]
    return held.assign(name=held["reporting_unit"].map(names)).dropna(subset=["name"])


def against_peers(own: pd.DataFrame, deciles: pd.DataFrame) -> pd.DataFrame:
    """A unit's total over periods beside its peers': for ``rank_charts.against_peers``.

    Parameters
    ----------
    own, deciles
        Rows of the unit in history.SCORES, and of its peers in schema.PEER_SCORES by period.
    """
    held = own[own["level"] == "framework"]
    held = held.assign(value=100 * held["score"] / held["max_score"])
    rows = deciles[deciles["level"] == "framework"]
    both = rows.merge(held[["time_period", "value"]], on="time_period", how="left")
    return both[["time_period", "value", "low", "median", "high"]]


def indicators_over_time(
    values: pd.DataFrame, framework: dict, names: Mapping[str, str]
) -> pd.DataFrame:
    """Values by period, indicator and unit with names: ``rank_charts.indicators_over_time``."""
    order = pd.CategoricalDtype(list(framework["indicators"]), ordered=True)
    measures = {c: i["unit_measure"] for c, i in framework["indicators"].items()}
    held = values[values["indicator"].isin(measures)]
    held = held.assign(
        name=held["reporting_unit"].map(names),
        label=held["indicator"].map(labels(framework)),
        unit_measure=held["indicator"].map(measures),
        order=held["indicator"].astype(order),
    )
    return held.dropna(subset=["name"]).sort_values(["order", "time_period"], kind="stable")


def gaps_over_time(table: pd.DataFrame, latest: str) -> str:
    """How many values there are in each period, and why others are not there."""
    held = table.assign(there=table["obs_value"].notna())
    if not held["there"].any():
        return say(
            "Chưa có giá trị nào theo các đơn vị của kỳ {latest}; không ước tính thay.",
            latest=latest,
        )
    counts = held.groupby("time_period")["there"].agg(["sum", "size"])
    told = [
        say("{period}: {held} trong {of}", period=t, held=number(r["sum"]), of=number(r["size"]))
        for t, r in counts.iterrows()
    ]
    return say(
        "Số giá trị có được ({counts}) tính theo các đơn vị của kỳ {latest}. Chỗ thiếu: đơn vị "
        "không gửi, số liệu bị trả lại, hoặc không quy đổi được vì chức năng đã chuyển, vì thiếu "
        "một phần của đơn vị sáp nhập; không ước tính thay.",
        counts=", ".join(told),
        latest=latest,
    )


def national_over_time(table: pd.DataFrame, framework: dict) -> tuple[pd.DataFrame, dict]:
    """All units together by indicator and period, and the heads of that table."""
    wide = table.pivot(index="indicator", columns="time_period", values="obs_value")
    measures = {c: i["unit_measure"] for c, i in framework["indicators"].items()}
    wide = wide.reindex([c for c in measures if c in wide.index])
    shown = pd.DataFrame(
        {t: [measured(v, measures[c]) for c, v in wide[t].items()] for t in wide}, index=wide.index
    )
    shown = shown.assign(name=shown.index.map(labels(framework))).reset_index(drop=True)
    return shown, {"name": "Chỉ tiêu", **{t: t for t in wide}}


def movers(effect: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Change on the period before by unit, the largest gain first, with names."""
    held = effect.dropna(subset=["earlier", "later"])
    held = held.assign(
        name=held["reporting_unit"].map(names), change=held["later"] - held["earlier"]
    )
    return held.sort_values("change", ascending=False).reset_index(drop=True)


def movement(table: pd.DataFrame, earlier: str) -> str:
    """How the scores of all units moved, real change and change of the rules apart."""
    if table.empty:
        return say("Chưa có kỳ liền trước cùng khung để so sánh.")
    found = [
        say(
            "So với kỳ {earlier}: {up} đơn vị tăng, {down} đơn vị giảm; thay đổi trung vị {change} "
            "điểm.",
            earlier=earlier,
            up=number((table["real"] > 0.005).sum()),
            down=number((table["real"] < -0.005).sum()),
            change=number(table["real"].median(), 2),
        )
    ]
    rules = table["method"].abs().max()
    if rules > 0.005:
        text = "Riêng việc đổi cách tính làm điểm thay đổi đến {points} điểm, đã tách riêng."
        found.append(say(text, points=number(rules, 2)))
    else:
        found.append(say("Cách tính và trọng số không đổi giữa hai kỳ."))
    if not table["comparable"].all():
        text = "Thang phụ thuộc vào các đơn vị khác nên điểm hai kỳ không so trực tiếp được."
        found.append(say(text))
    return " ".join(found)


def recast_counts(table: pd.DataFrame) -> pd.DataFrame:
    """How the units of the later day came about: how, units, scored."""
    held = table[table["level"] == "framework"]
    found = held.groupby("recast")["score"].agg(["size", "count"])
    found = found.reindex([r for r in RECAST if r in found.index])
    return found.rename(columns={"size": "units", "count": "scored"}).assign(
        how=[say(RECAST[r]) for r in found.index]
    )


def discrimination(table: pd.DataFrame, influence: pd.DataFrame, framework: dict) -> pd.DataFrame:
    """How well each indicator tells units apart beside its weight and its influence, with names."""
    joined = table.merge(influence, on="indicator")
    return joined.assign(
        name=joined["indicator"].map(labels(framework)),
        verdict=joined["verdict"].map(said(VERDICT)),
    )


def reliability(table: pd.DataFrame, framework: dict) -> pd.DataFrame:
    """Cronbach's alpha and first component of each aggregate, with names."""
    names = {c: choose(d["name"]) for c, d in framework["dimensions"].items()}
    return table.assign(name=table["code"].map(names).fillna(say("Toàn khung"))).assign(
        first_component=100 * table["first_component"]
    )


def close(correlations: pd.DataFrame, framework: dict, most: int = 8) -> pd.DataFrame:
    """The pairs of indicators that go together or against each other most, with names."""
    held = correlations.dropna(subset=["correlation"])
    held = held.sort_values("correlation", key=lambda c: -c.abs()).head(most)
    names = labels(framework)
    same = np.where(held["same_dimension"], say("cùng nhóm"), say("khác nhóm"))
    return held.assign(
        name=held["indicator"].map(names), other_name=held["other"].map(names), where=same
    )


def noted(notes: pd.DataFrame, rules: Mapping[str, dict], names: Mapping[str, str], framework):
    """What the reader must know of units and indicators in this score: name, text."""
    known = labels(framework)
    who = notes["reporting_unit"].map(names).fillna(notes["indicator"].map(known)).fillna("")
    texts = [
        choose(rules[r.rule]).format(
            raw_text="", found=r.found or MISSING, expected=r.expected or MISSING
        )
        for r in notes.itertuples()
    ]
    return notes.assign(name=who, text=texts)


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


def peers_of(framework: dict, kind: str, types: pd.DataFrame) -> str:
    """What the units are called with which one of type ``kind`` is compared."""
    if framework["rank_within"] == "all":
        return say("tất cả đơn vị")
    return types[column("peers")].get(kind, MISSING)


def standing(own: pd.DataFrame, intervals: pd.DataFrame, framework: dict) -> pd.DataFrame:
    """One unit's total and dimensions with their ranks and the ranks' intervals.

    Parameters
    ----------
    own, intervals
        Rows of the unit in schema.SCORES and in the table of rank intervals.

    Returns
    -------
    name, score, max_score, place ("12/34 (10–15)"; the widest source of doubt), cover (percent):
    the whole first, if it has a score; and ``level``.
    """
    names = {c: choose(d["name"]) for c, d in framework["dimensions"].items()}
    names[framework["framework"]] = say("Tổng điểm")
    rows = own[own["level"].isin(["dimension", "framework"])]
    rows = rows[(rows["level"] == "dimension") | rows["score"].notna()]
    keep = ["level", "code", "rank_low", "rank_high"]
    table = rows.merge(widest(intervals)[keep], on=["level", "code"], how="left")
    table = table.assign(
        name=table["code"].map(names),
        cover=100 * table["coverage"],
        place=_places(table),
    )
    return table.sort_values("level", ascending=False, kind="stable").reset_index(drop=True)


def place(table: pd.DataFrame, band: dict | None, peers: str, unranked: str = "") -> str:
    """Where the unit stands as a whole: rank, interval and band in a sentence."""
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
    elif row["place"] != MISSING:
        text = "Thứ hạng trong {peers}: {place}."
        if "(" in row["place"]:
            text = (
                "Thứ hạng trong {peers}: {place}, trong ngoặc là khoảng chứa chín phần mười số lần "
                "tính lại."
            )
        found.append(say(text, peers=peers, place=row["place"]))
    return " ".join(found)


def favourable(
    table: pd.DataFrame, scores: pd.DataFrame, names: Mapping[str, str], framework: dict
) -> pd.DataFrame:
    """:func:`scoring.diagnose.most_favourable` beside the published ranks, the lowest first."""
    whole = scores[scores["level"] == "framework"].dropna(subset=["rank"])
    joined = table.merge(whole[["reporting_unit", "rank", "ranked"]], on="reporting_unit")
    return joined.assign(
        name=joined["reporting_unit"].map(names),
        best=joined["indicator"].map(labels(framework)),
        place=[f"{number(r.rank)}/{number(r.ranked)}" for r in joined.itertuples()],
    ).sort_values(["score", "name"])


def favourable_said(table: pd.DataFrame) -> str:
    """How many units reach the front with weights of their own choice, and who stays behind."""
    held = table.dropna(subset=["score"])
    if held.empty:
        return say("Chưa đủ số liệu.")
    last = held.iloc[0]
    return say(
        "{front} trong {n} đơn vị đứng đầu nếu được tự chọn trọng số; thấp nhất dù vậy: {last}, "
        "{score} mức của nơi tốt nhất.",
        front=number((held["score"] > 100 - 1e-6).sum()),
        n=number(len(held)),
        last=last["name"],
        score=percent(last["score"], 1),
    )
