"""What a page shows of a framework's results: indicators, points in groups, the best and worst."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.display import narrative, wordings
from analysis.display.charts import findings
from analysis.language.languages import choose, column, said, say, say_many
from analysis.language.words import MISSING, number, percent, short
from analysis.schema.tables import OBS_STATUS, still_open
from analysis.scoring.score import idle, judged
from analysis.topics import rank_evidence

OUTCOME = wordings.codes("agreement_outcome")
NO_NATIONAL = (
    "Khung này gồm các giá trị như nguồn nêu, không kèm tử số, mẫu số; vì vậy không có số của toàn "
    "thể, và giá trị của các đơn vị không được lấy trung bình."
)


_MEASURES = {
    "points": ("{n} điểm", 2),
    "days": ("{n} ngày", 1),
    "hours": ("{n} giờ", 1),
    "vnd": ("{n} đồng", 0),
    "count": ("{n}", 0),
}


def measured(value: float | None, unit_measure: str) -> str:
    """A value of an indicator with its unit of measure ("12,5 %", "9,24 điểm", "1.500 đồng")."""
    if unit_measure == "percent" or value is None or pd.isna(value):
        return percent(value)
    text, decimals = _MEASURES[unit_measure]
    return say(text, n=number(value, decimals))


def national(table: pd.DataFrame, framework: dict) -> pd.DataFrame:
    """The framework's ratios over all units together (see analysis.indicators.indicators.national).

    Adds ``name``. Values as stated have no figure for the whole and are left out.
    """
    ratios = {c: choose(i["name"]) for c, i in framework["indicators"].items() if _is_ratio(i)}
    rows = table[table["framework"] == framework["framework"]]
    return rows.assign(name=rows["indicator"].map(ratios)).dropna(subset=["name"])


def _is_ratio(indicator: dict) -> bool:
    return "value" not in indicator["formula"]


def national_found(table: pd.DataFrame, framework: dict) -> str:
    """What a picture of :func:`national` shows: of ratios for which there are points, how many
    earn all; of others, from what to what those go of which more is better, and the rest."""
    held = table.dropna(subset=["obs_value"])
    listed = [framework["indicators"][c] for c in held["indicator"]]
    full = pd.Series([i.get("points", {}).get("full_mark_at") for i in listed], dtype=float)
    ways = pd.Series([i["direction"] for i in listed], dtype=int)
    values = held["obs_value"].reset_index(drop=True)
    if full.notna().any():
        reached = ((values - full) * ways >= 0)[full.notna()]
        return say("{k} trong {n} tỷ lệ có chấm điểm đạt mức cho điểm tối đa",
                   k=number(reached.sum()), n=number(len(reached)))  # fmt: skip
    return findings.by_direction(values, ways, 1)


def codebook(framework: dict) -> pd.DataFrame:
    """The framework's indicators: number, name, group, max, full (mark at), certainty, note."""
    rows = [
        {
            "number": i.get("number", ""),
            "name": choose(i["name"]),
            "group": choose(framework["dimensions"][i["dimension"]]["name"]),
            "max": i.get("points", {}).get("max"),
            "full": measured(i.get("points", {}).get("full_mark_at"), i["unit_measure"]),
            "certainty": say(narrative.CERTAINTY[i["certainty"]]),
            "note": choose(i.get("note")),
        }
        for i in framework["indicators"].values()
    ]
    return pd.DataFrame(rows)


COVERAGE = "Phần chỉ có số liệu ở một bên"


def labels(framework: dict) -> dict[str, str]:
    """Code → name of the framework's indicators, in the language in use."""
    found = {c: choose(i["name"]) for c, i in framework["indicators"].items()}
    return found | {"_coverage": say(COVERAGE)}


def members(scores: pd.DataFrame, plan) -> pd.DataFrame:
    """The rows of the units that are compared: all but the one whose parts the others are."""
    return scores[scores["reporting_unit"] != str(plan.due.get("parent"))]


def comparable(scores: pd.DataFrame, framework: dict, names: dict[str, str]) -> pd.DataFrame:
    """Scores of the dimensions for pictures that compare units, in percent of the maximum.

    Adds name (of the dimension), label (of the unit) and value; a unit without a score, or with
    nothing to measure, has no value.
    """
    groups = {c: choose(d["name"]) for c, d in framework["dimensions"].items()}
    rows = scores[(scores["level"] == "dimension") & scores["code"].isin(list(groups))]
    return rows.assign(
        name=rows["code"].astype(object).map(groups),
        label=rows["reporting_unit"].astype(object).map(names),
        value=(100 * rows["score"] / rows["max_score"]).where(judged(rows)),
    )


def league(
    scores: pd.DataFrame,
    framework: dict,
    names: dict[str, str],
    types: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """One row per unit: its points in each dimension, the sum where all are known, coverage.

    Returns reporting_unit, name, one column per dimension, total, coverage (percent of the points
    that could be computed), idle (dimensions with nothing to measure, whose points are granted by
    rule); ordered by coverage, then by points reached of those computable, units of which nothing
    was measured behind the others. With ``types`` (the catalogue's unit_types) units of one kind
    stand together, the largest group first, and ``peers`` says what they are called.
    """
    dimension = scores[scores["level"] == "dimension"]
    wide = dimension.pivot(index="reporting_unit", columns="code", values="score")
    wide = wide.reindex(columns=list(framework["dimensions"]))
    whole_ = scores[scores["level"] == "framework"].set_index("reporting_unit")
    table = wide.assign(total=whole_["score"], coverage=100 * whole_["coverage"])
    reached = (
        wide.sum(axis=1) / whole_["max_score"] / whole_["coverage"].where(whole_["coverage"] > 0)
    )
    groups = {c: choose(d["name"]) for c, d in framework["dimensions"].items()}
    nothing = dimension[idle(dimension)].groupby("reporting_unit", observed=True)["code"]
    told = nothing.agg(lambda codes: ", ".join(groups[c] for c in codes))
    some = dimension[judged(dimension)]["reporting_unit"]
    idle_ = told.astype(object).reindex(table.index).fillna("")
    table = table.assign(reached=reached, some=table.index.isin(some), idle=idle_)
    by = ["some", "coverage", "reached"]
    if types is not None:
        kind = whole_["peer_type"].astype(object).reindex(table.index)
        told = types[column("peers")].reindex(kind).fillna("").to_numpy()
        table = table.assign(size=kind.map(kind.value_counts()), peers=told)
        by = ["size", "peers", *by]
    table = table.sort_values(by, ascending=False, kind="stable")
    table.insert(0, "name", table.index.map(names))
    return table.drop(columns=["reached", "some", "size"], errors="ignore").reset_index()


def league_heads(league: pd.DataFrame, framework: dict) -> tuple[dict, dict]:
    """Heads and formats for :func:`league`; ``idle`` only where there is such."""
    groups = {c: choose(d["name"]) for c, d in framework["dimensions"].items()}
    heads = {"name": "Đơn vị", **groups, "total": "Tổng", "coverage": "Độ phủ"}
    if "peers" in league and league["peers"].nunique() > 1:
        heads = {"peers": "Xếp cùng", **heads}
    if (league["idle"] != "").any():
        heads["idle"] = "Không phát sinh"
    return heads, {**dict.fromkeys([*groups, "total"], "points"), "coverage": "share"}


def complete(league: pd.DataFrame, framework: dict) -> str:
    """How many units have every dimension (:func:`league`)."""
    held = league["total"].notna().sum()
    if not (league["coverage"] > 0).any():
        return say("Chưa có số liệu để chấm điểm đơn vị nào.")
    if not held:
        return say(
            "Chưa đơn vị nào trong {units} đơn vị có đủ số liệu cho cả {top} điểm; chỉ so được "
            "trong từng nhóm chỉ tiêu có số liệu.",
            units=number(len(league)),
            top=short(framework["max_score"]),
        )
    figures = {
        "held": number(held),
        "units": number(len(league)),
        "top": short(framework["max_score"]),
    }
    if held == len(league):
        return say("{held} trong {units} đơn vị có đủ số liệu cho cả {top} điểm.", **figures)
    return say(
        "{held} trong {units} đơn vị có đủ số liệu cho cả {top} điểm; các đơn vị khác chỉ được so "
        "trong từng nhóm chỉ tiêu có số liệu.",
        **figures,
    )


def heaviest(scores: pd.DataFrame, framework: dict) -> str:
    """Code of the dimension with most points given: its maximum times the units with a score.

    ``scores``: code, score, max_score. Of equal ones the framework's first.
    """
    given = scores[scores["score"].notna()].groupby("code")["max_score"].sum()
    return given.reindex(list(framework["dimensions"]), fill_value=0.0).idxmax()


def lowest(points: pd.DataFrame, code: str, most: int = 15) -> pd.DataFrame:
    """The units with least points in a dimension, of the largest group of units that are compared.

    ``points``: of :func:`comparable`. Who had nothing to measure is not among them.
    """
    rows = points[(points["code"] == code) & points["value"].notna()]
    largest = rows["peer_type"].astype(object).value_counts().index[:1]
    return rows[rows["peer_type"].isin(largest)].sort_values("score", kind="stable").head(most)


def lowest_found(points: pd.DataFrame, code: str) -> str:
    """What a picture of :func:`lowest` shows: among how many they are the lowest, and how low."""
    shown, every = lowest(points, code)["score"], lowest(points, code, len(points))
    if shown.empty:
        return say("Chưa có số liệu")
    told = {"n": number(len(shown)), "of": number(len(every))}
    told |= {"low": number(shown.min(), 2), "high": number(shown.max(), 2)}
    return say("{n} nơi thấp điểm nhất trong {of} nơi cùng loại có điểm: từ {low} đến {high}",
               **told)  # fmt: skip


def peers(own: pd.DataFrame, deciles: pd.DataFrame, framework: dict) -> pd.DataFrame:
    """A unit's dimensions beside those of its peers, in percent of the maximum.

    Parameters
    ----------
    own, deciles
        Rows of the unit in schema.SCORES and of its peers in schema.PEER_SCORES.

    Returns
    -------
    name, value (of the unit; missing where it has none or had nothing to measure), gap (why, in
    words), low, median, high (deciles 1, 5, 9 of all peers that have a score, the unit included;
    missing where it is the only one).
    """
    names = {code: choose(d["name"]) for code, d in framework["dimensions"].items()}
    rows = own[own["level"] == "dimension"].set_index("code")
    held = deciles[deciles["level"] == "dimension"].set_index("code").reindex(list(names))
    table = pd.DataFrame({"name": names}, dtype=object)
    nothing = idle(rows).reindex(table.index, fill_value=False)
    return table.assign(
        value=(100 * rows["score"] / rows["max_score"]).where(judged(rows)),
        gap=np.where(nothing, say("không phát sinh"), say("… thiếu số liệu")),
        **{c: held[c].where(held["n"] > 1) for c in ("low", "median", "high")},
    )


def indicators(
    values: pd.DataFrame, scores: pd.DataFrame, framework: dict, reporting_unit: str
) -> pd.DataFrame:
    """A unit's indicators in the framework's order, with value, points and status in words."""
    own = values[
        (values["reporting_unit"] == reporting_unit)
        & (values["framework"] == framework["framework"])
    ]
    scored = scores[scores["level"] == "indicator"].set_index("code")
    table = own.set_index("indicator").reindex(list(framework["indicators"]))
    described = framework["indicators"]
    status = scored["obs_status"].reindex(table.index).fillna(table["obs_status"])
    return table.assign(
        number=[described[c].get("number", "") for c in table.index],
        name=[choose(described[c]["name"]) for c in table.index],
        value=[measured(v, described[c]["unit_measure"]) for c, v in table["obs_value"].items()],
        score=scored["score"].reindex(table.index),
        max_score=scored["max_score"].reindex(table.index),
        status=status.map(said(OBS_STATUS)).fillna(MISSING),
    )


def indicator_heads(framework: dict) -> tuple[dict, dict]:
    """Heads and formats for :func:`indicators`: no column of parts where nothing is a ratio."""
    heads, formats = wordings.columns("indicators")
    ratios = [_is_ratio(i) for i in framework["indicators"].values()]
    if all(ratios):
        return heads, formats
    parts = () if any(ratios) else ("numerator", "denominator")
    heads = {column: head for column, head in heads.items() if column not in parts}
    return {**heads, "value": "Giá trị"}, formats


def result(
    scores: pd.DataFrame,
    names: dict[str, str],
    tiers: pd.DataFrame | None = None,
    types: pd.DataFrame | None = None,
) -> str:
    """The period's result in a sentence: median total of the ranked units, and their tiers.

    ``scores``: schema.SCORES of one framework; ``tiers``: its schema.TIERS, ``types`` the
    catalogue's unit_types. Without tiers the first and the last are named. Units of several peer
    groups are not compared with each other: then no first and last. Empty where fewer than three
    units are ranked.
    """
    held = scores[(scores["level"] == "framework") & scores["rank"].notna()].sort_values("score")
    if len(held) < 3:
        return ""
    figures = {
        "n": number(len(held)),
        "median": number(held["score"].median(), 1),
        "top": short(held["max_score"].iloc[0]),
    }
    told = "" if tiers is None else rank_evidence.key(tiers, names, types)
    if told:
        return f"{say('Trung vị {median}/{top} điểm.', **figures)} {told}"
    if held["peer_type"].nunique() > 1:
        return say("Trung vị {median}/{top} điểm trong {n} đơn vị được xếp hạng.", **figures)
    low, high = held.iloc[0], held.iloc[-1]
    return say(
        "Trung vị {median}/{top} điểm trong {n} đơn vị được xếp hạng: cao nhất {first} ({high}), "
        "thấp nhất {last} ({low}).",
        first=names[high["reporting_unit"]],
        last=names[low["reporting_unit"]],
        high=number(high["score"], 1),
        low=number(low["score"], 1),
        **figures,
    )


def leaders(scores: pd.DataFrame, code: str, name: str, names: dict[str, str]) -> str:
    """Who is first and last in one dimension, among whom, and how many have no score.

    Units of several kinds are not compared with each other: then only from what to what they go.
    """
    rows = scores[(scores["code"] == code) & (scores["level"] == "dimension")]
    nothing = idle(rows) | (rows["obs_status"] == "M")
    held = rows[judged(rows) & ~nothing].sort_values("score")
    kinds = held["peer_type"].nunique() if "peer_type" in held else 1
    if len(held) < 2:
        return say("{name}: chưa đủ số liệu để so sánh.", name=name)
    low, high = held.iloc[0], held.iloc[-1]
    figures = {
        "name": name,
        "n": number(len(held)),
        "low": number(low["score"], 2),
        "high": number(high["score"], 2),
        "top": short(high["max_score"]),
    }
    if figures["low"] == figures["high"]:
        text = say(
            "{name}: cả {n} đơn vị có điểm đều đạt {low}/{top} điểm, nên nhóm này không phân biệt "
            "được các đơn vị.",
            **figures,
        )
    elif kinds > 1:
        text = say(
            "{name}: từ {low} đến {high}/{top} điểm, trong {n} đơn vị có điểm thuộc {kinds} nhóm "
            "cùng loại, không so nhóm này với nhóm khác.",
            kinds=number(kinds),
            **figures,
        )
    else:
        text = say(
            "{name}: cao nhất {first} ({high}/{top} điểm), thấp nhất {last} ({low}), trong {n} "
            "đơn vị có điểm.",
            first=names[high["reporting_unit"]],
            last=names[low["reporting_unit"]],
            **figures,
        )
    return " ".join([text, *_without(int(rows["score"].isna().sum()), int(nothing.sum()))])


def _without(missing: int, idle: int) -> list[str]:
    found = []
    if missing:
        found.append(say_many("{n} đơn vị chưa có điểm.", missing, n=number(missing)))
    if idle:
        found.append(say_many("{n} đơn vị không phát sinh hồ sơ.", idle, n=number(idle)))
    return found


def unit(
    scores: pd.DataFrame,
    framework: dict,
    peers: str,
    issues: pd.DataFrame,
    beside: Sequence[str] = (),
) -> str:
    """Key sentences of one unit: points on what could be computed, best and worst, what to mend.

    ``peers``: what the units it is compared with are called, in the language in use; ``beside``:
    what the first sentence says besides (:func:`analysis.topics.ranked_unit.clauses`).
    """
    rows = scores[(scores["level"] == "dimension") & scores["score"].notna()]
    found, compared = [_reached(rows, framework["max_score"])], (scores["ranked"] > 1).any()
    if beside:
        found = ["; ".join(filter(None, [found[0].removesuffix("."), *beside])) + "."]
    nothing = rows[idle(rows)]
    rows = rows[judged(rows)]
    rows = rows.assign(share=rows["score"] / rows["max_score"]).sort_values("share")
    if len(nothing):
        told = [choose(framework["dimensions"][c]["name"]) for c in nothing["code"]]
        text = "Không phát sinh, nên không so sánh: {groups}."
        found.append(say(text, groups=", ".join(told)))
    if len(rows) > 1:
        found.append(_extremes(rows, framework))
    if len(rows) and peers and compared and not beside:
        found.append(say("So với {peers}.", peers=peers))
    blocking = (still_open(issues)["severity"] == "blocking").sum()
    if blocking:
        found.append(
            say_many("Có {n} ô phải sửa, xem danh sách bên dưới.", blocking, n=number(blocking))
        )
    return " ".join(filter(None, found))


def points(dimensions: pd.DataFrame, whole: float) -> str:
    """Points reached of the whole, or of the groups that were measured where some are missing:
    points granted where there was nothing to measure are no part of those. Empty where there are
    none.

    ``dimensions``: a unit's rows of schema.SCORES that have a score.
    """
    held = dimensions[judged(dimensions)]
    if held.empty:
        return ""
    if dimensions["max_score"].sum() >= whole:
        held = dimensions
    return f"{number(held['score'].sum(), 2)}/{short(held['max_score'].sum())}"


def _reached(dimensions: pd.DataFrame, whole: float) -> str:
    if dimensions.empty:
        return say("Chưa có nhóm chỉ tiêu nào đủ số liệu để chấm điểm.")
    told = points(dimensions, whole)
    if not told:
        return ""
    reached, _, top = told.partition("/")
    if dimensions["max_score"].sum() >= whole:
        return say("Đạt {reached}/{top} điểm tính được.", reached=reached, top=top)
    return say(
        "Đạt {reached}/{top} điểm tính được (khung có {whole} điểm, phần còn lại thiếu số liệu).",
        reached=reached,
        top=top,
        whole=short(whole),
    )


def _extremes(dimensions: pd.DataFrame, framework: dict) -> str:
    low, high = dimensions.iloc[0], dimensions.iloc[-1]
    return say(
        "Mạnh nhất: {best} ({high} điểm tối đa); yếu nhất: {worst} ({low}).",
        best=choose(framework["dimensions"][high["code"]]["name"]),
        high=percent(100 * high["share"], 0),
        worst=choose(framework["dimensions"][low["code"]]["name"]),
        low=percent(100 * low["share"], 0),
    )


def agreement(table: pd.DataFrame, tolerance: float) -> str:
    """Does our arithmetic agree with the published scores?"""
    counts = table["outcome"].value_counts()
    agrees, differs = counts.get("agrees", 0), counts.get("differs", 0)
    compared = agrees + differs
    if not compared:
        return say("Không có điểm công bố nào để so sánh.")
    largest = table.loc[table["outcome"].isin(["agrees", "differs"]), "difference"].abs().max()
    figures = {
        "agrees": number(agrees),
        "compared": number(compared),
        "tolerance": number(tolerance, 3),
        "largest": number(largest, 3),
    }
    if not differs:
        return say(
            "Khớp: {agrees} trong {compared} điểm tính lại được nằm trong ±{tolerance} điểm so với "
            "Cổng; chênh lệch lớn nhất {largest} điểm.",
            **figures,
        )
    return say_many(
        "{differs} điểm lệch: {agrees} trong {compared} điểm tính lại được nằm trong ±{tolerance} "
        "điểm so với Cổng; chênh lệch lớn nhất {largest} điểm.",
        differs,
        differs=number(differs),
        **figures,
    )
