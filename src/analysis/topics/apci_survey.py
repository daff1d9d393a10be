"""What a page shows of a survey edition: its estimates in words and in reading order.

Nothing here estimates anything; suppressed and missing estimates stay in the tables with their
status, so that a page can name them.
"""

from collections.abc import Mapping

import pandas as pd

from analysis.display import wordings
from analysis.language.collation import in_order
from analysis.language.languages import say, say_many
from analysis.language.words import MISSING, number, percent, rounded

MILLION = 1e6
TOO_FEW = "quá ít"
NOT_FIRM = "không đủ chắc chắn"
STATISTICS = ("mean", "median")
VARIANT = wordings.codes("cost_variant")
SHARES = wordings.codes("answer_share")


def by_group(
    estimates: pd.DataFrame, measure: str, names: Mapping[str, str], statistic: str = "mean"
) -> pd.DataFrame:
    """One measure of all procedure groups, the largest first; adds ``name``."""
    rows = _of(estimates, measure, statistic)
    rows = rows[rows["domain"] == "_T"]
    rows = rows.assign(name=rows["procedure_group"].map(names))
    return rows.sort_values("estimate", ascending=False).reset_index(drop=True)


def _of(estimates: pd.DataFrame, measure: str, statistic: str) -> pd.DataFrame:
    return estimates[(estimates["measure"] == measure) & (estimates["statistic"] == statistic)]


def scaled(table: pd.DataFrame, by: float = MILLION) -> pd.DataFrame:
    """Estimate, standard error and interval ÷ ``by`` (đồng to million đồng)."""
    columns = ["estimate", "standard_error", "ci_low", "ci_high"]
    return table.assign(**{c: table[c] / by for c in columns})


def interval(row: pd.Series | object) -> str:
    """An estimate with its interval, which may be open; suppressed and missing ones are named.

    Where the edition marks estimates (``quality``), so is what is to be used with caution.

    >>> interval(pd.Series({"obs_status": "A", "estimate": 1.313, "ci_low": 1.1, "ci_high": 1.52}))
    '1,31 (1,10–1,52)'
    """
    quality = getattr(row, "quality", "")
    if row.obs_status == "Q":
        return say(NOT_FIRM) if quality == "withheld" else say("che")
    if pd.isna(row.estimate):
        return MISSING
    text = _with_ends(row)
    return say("{text}, thận trọng", text=text) if quality == "caution" else text


def _with_ends(row: pd.Series | object) -> str:
    value, low, high = rounded(row.estimate), rounded(row.ci_low), rounded(row.ci_high)
    if getattr(row, "reason", "") == "no_degrees_of_freedom":
        return say("{value} (mỗi tầng một phiếu, không tính được khoảng)", value=value)
    if pd.isna(row.ci_low) and pd.isna(row.ci_high):
        return say("{value} (khoảng bỏ ngỏ)", value=value)
    if pd.isna(row.ci_high):
        return say("{value} (từ {low})", value=value, low=low)
    if pd.isna(row.ci_low):
        return say("{value} (đến {high})", value=value, high=high)
    return f"{value} ({low}–{high})"


def with_text(table: pd.DataFrame) -> pd.DataFrame:
    """Add ``text`` (estimate with its interval) and ``n`` ("quá ít" for suppressed cells)."""
    hidden = table.get("hidden", pd.Series("", index=table.index)).eq("primary")
    people = [
        say(TOO_FEW) if h else number(n) for n, h in zip(table["respondents"], hidden, strict=True)
    ]
    return table.assign(text=[interval(r) for r in table.itertuples()], n=people)


def side_by_side(median: pd.DataFrame, mean: pd.DataFrame) -> pd.DataFrame:
    """Median and mean cost by group as text, with n, design effect: as shown in a table."""
    keep = ["procedure_group", "text", "design_effect"]
    left = with_text(scaled(median))
    right = with_text(scaled(mean))[keep].rename(columns={"text": "mean_text"})
    return left.drop(columns="design_effect").merge(right, on="procedure_group", how="left")


def two_ways(
    estimates: pd.DataFrame, resampled: pd.DataFrame, measure: str, names: Mapping[str, str]
) -> pd.DataFrame:
    """Intervals by linearisation beside those by bootstrap, in million đồng, by group.

    Returns name and, for mean and median, linear_… and bootstrap_… as text.
    """
    found = {}
    for statistic in STATISTICS:
        plain = by_group(estimates, measure, names, statistic)
        again = resampled[resampled["statistic"] == statistic]
        for way, table in (("linear", plain), ("bootstrap", again)):
            texts = with_text(scaled(table)).set_index("procedure_group")["text"]
            found[f"{way}_{statistic}"] = texts
    table = pd.DataFrame(found).reindex(plain["procedure_group"])
    table.insert(0, "name", table.index.map(names))
    return table.fillna(MISSING).reset_index(drop=True)


def across(
    estimates: pd.DataFrame,
    measure: str,
    domain: str,
    names: Mapping[str, str],
    categories: Mapping[str, str],
    statistic: str = "mean",
) -> pd.DataFrame:
    """One measure in million đồng as text: a row per group, a column per category of ``domain``."""
    rows = _of(estimates, measure, statistic)
    rows = with_text(scaled(rows[rows["domain"].isin([domain, "_T"])]))
    wide = rows.pivot(index="procedure_group", columns="category", values="text")
    order = rows[rows["domain"] == "_T"].sort_values("estimate", ascending=False)
    wide = wide.reindex(order["procedure_group"]).reindex(columns=["_T", *categories])
    wide.insert(0, "name", wide.index.map(names))
    return wide.fillna(MISSING).reset_index(drop=True)


def heads(first: str, categories: Mapping[str, str]) -> tuple[dict, dict]:
    """Heads and formats of a table of :func:`across`."""
    columns = {"_T": "Cả nước", **categories}
    return {"name": first, **columns}, dict.fromkeys(columns, "text")


def composition(estimates: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Share of time and of money in the own cost of a procedure, in percent.

    Of answers of firms that did it themselves. Returns name, time, direct, total (VND), ordered by
    the share of time.
    """
    wide = (
        estimates[(estimates["domain"] == "_T") & (estimates["statistic"] == "mean")]
        .pivot(index="procedure_group", columns="measure", values="estimate")
        .reindex(columns=["time_cost", "direct_cost"])
    )
    total = wide.sum(axis=1, skipna=False)
    table = pd.DataFrame(
        {
            "name": wide.index.map(names),
            "time": 100 * wide["time_cost"] / total,
            "direct": 100 * wide["direct_cost"] / total,
            "total": total,
        }
    )
    return table.dropna().sort_values("time", ascending=False).reset_index(drop=True)


def steps(estimates: pd.DataFrame, asked: dict, names: Mapping[str, str]) -> pd.DataFrame:
    """Mean hours of each step by group: name, one column per step, total; longest first."""
    rows = estimates[estimates["measure"].isin(asked["steps"]) & (estimates["domain"] == "_T")]
    wide = rows.pivot(index="procedure_group", columns="measure", values="estimate")
    wide = wide.reindex(columns=asked["steps"])
    wide.insert(0, "name", wide.index.map(names))
    wide["total"] = wide[asked["steps"]].sum(axis=1, skipna=False)
    return wide.sort_values("total", ascending=False).reset_index(drop=True)


def as_shares(table: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """``columns`` in percent of their sum, row by row."""
    total = table[columns].sum(axis=1, skipna=False)
    return table.assign(**{c: 100 * table[c] / total for c in columns})


def shares(found: Mapping[str, pd.DataFrame], names: Mapping[str, str]) -> pd.DataFrame:
    """Shares by group as text with intervals, one column per measure."""
    texts = {
        measure: with_text(table).set_index("procedure_group")["text"]
        for measure, table in found.items()
    }
    table = pd.DataFrame(texts)
    table = table.assign(name=table.index.map(names))
    return table.sort_values("name", key=in_order).reset_index(drop=True)


def share_sentence(table: pd.DataFrame, what: str) -> str:
    """Highest and lowest of a share by group, with intervals; ``what``: a label of SHARES."""
    held = table.dropna(subset=["estimate"])
    if held.empty:
        return say("{what}: không đủ số liệu.", what=say(what))

    def text(row):
        ends = f"{number(row['ci_low'], 1)}–{number(row['ci_high'], 1)}"
        return f"{row['name']} ({percent(row['estimate'])}, {ends})"

    high, low = text(held.iloc[0]), text(held.iloc[-1])
    return say("{what}: cao nhất {high}, thấp nhất {low}.", what=say(what), high=high, low=low)


def choices(sensitivity: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Cost and rank (1 = cheapest) of each group under every choice, as text, one row per group."""
    rows = sensitivity.assign(
        text=[
            interval(r)
            if r.obs_status == "Q"
            else f"{rounded(r.estimate / MILLION)} ({r.rank:.0f})"
            for r in sensitivity.itertuples()
        ]
    )
    wide = rows.pivot(index="procedure_group", columns="variant", values="text")
    order = rows[rows["variant"] == "mean"].sort_values("estimate")["procedure_group"]
    wide = wide.reindex(order).reindex(columns=list(VARIANT))
    wide.insert(0, "name", wide.index.map(names))
    return wide.reset_index(drop=True)


def change(table: pd.DataFrame, measure: str, names: Mapping[str, str]) -> pd.DataFrame:
    """Change on the edition before in percent of it, shaped for ``survey_charts.intervals``.

    Of nothing before there is no percentage (:func:`changes` names such groups).
    """
    rows = table[table["measure"] == measure]
    percent_of = 100 / rows["earlier"].where(rows["earlier"] != 0)
    return rows.assign(
        name=rows["procedure_group"].map(names),
        **{c: rows[c] * percent_of for c in ("estimate", "ci_low", "ci_high")},
    )


def changes(table: pd.DataFrame, measure: str, names: Mapping[str, str], earlier: str) -> str:
    """What changed on the edition before beyond chance, what did not, and what that rests on."""
    rows = table[table["measure"] == measure].dropna(subset=["earlier", "later"])
    if rows.empty:
        return say("Chưa có kỳ trước để so sánh.")
    down = [names[g] for g in rows[rows["clear"] & (rows["estimate"] < 0)]["procedure_group"]]
    up = [names[g] for g in rows[rows["clear"] & (rows["estimate"] > 0)]["procedure_group"]]
    same = (~rows["clear"]).sum()
    fell, rose = ", ".join(down), ", ".join(up)
    parts = [
        say("giảm rõ ở {groups}", groups=fell) if down else say("không nhóm nào giảm rõ"),
        say("tăng rõ ở {groups}", groups=rose) if up else say("không nhóm nào tăng rõ"),
        say_many("{n} nhóm thay đổi trong phạm vi sai số mẫu", same, n=number(same)),
    ]
    told = [say("So với kỳ {earlier}: {parts}.", earlier=earlier, parts="; ".join(parts))]
    none = ", ".join(names[g] for g in rows[rows["earlier"] == 0]["procedure_group"])
    if none:
        told.append(say("Kỳ trước bằng 0 nên không có phần trăm: {groups}.", groups=none))
    return " ".join([*told, _common(rows)])


def _common(rows: pd.DataFrame) -> str:
    """Whether it is known who answered in both editions."""
    if rows["shared"].isna().all():
        return say(
            "Danh sách mẫu không cho biết doanh nghiệp nào trả lời cả hai kỳ, nên hai mẫu được "
            "coi là độc lập."
        )
    return say(
        "Sai số của thay đổi đã tính đến doanh nghiệp trả lời cả hai kỳ (nhiều nhất {n} ở một "
        "nhóm).",
        n=number(rows["shared"].max()),
    )


def group_scores(scores: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Scores of the groups as a whole with their intervals, one row per group."""
    rows = scores[scores["domain"] == "_T"]
    rows = rows.assign(
        text=[
            MISSING
            if pd.isna(r.score)
            else f"{number(r.score, 1)} ({number(r.score_low, 1)}–{number(r.score_high, 1)})"
            for r in rows.itertuples()
        ]
    )
    wide = rows.pivot(index="procedure_group", columns="method", values="text")
    first = rows[rows["method"] == "goalposts"].sort_values("score", ascending=False)
    wide = wide.reindex(first["procedure_group"])
    wide.insert(0, "name", wide.index.map(names))
    return wide.reset_index(drop=True)


def places(scores: pd.DataFrame, domain: str, names: Mapping[str, str], categories) -> pd.DataFrame:
    """Percentile of each category of ``domain`` within its group, 100 = the cheapest."""
    rows = scores[(scores["method"] == "percentile_rank") & (scores["domain"] == domain)]
    hidden = say("che")
    text = [hidden if r.obs_status == "Q" else number(r.score) for r in rows.itertuples()]
    wide = rows.assign(text=text).pivot(index="procedure_group", columns="category", values="text")
    wide = wide.reindex(columns=list(categories)).fillna(MISSING)
    wide.insert(0, "name", wide.index.map(names))
    return wide.sort_values("name", key=in_order).reset_index(drop=True)


def glance(answers: pd.DataFrame, estimates: pd.DataFrame, names: Mapping[str, str]) -> str:
    """Key sentence of an edition: who answered, the cheapest and the dearest group."""
    cost = by_group(estimates, "compliance_cost", names, "median").dropna(subset=["estimate"])
    asked = dict(
        firms=number(answers["response"].nunique()),
        times=number(len(answers)),
    )
    if cost.empty:
        return say(
            "{firms} doanh nghiệp trả lời về {times} lượt thủ tục; chưa nhóm nào có đủ phiếu để "
            "nêu chi phí.",
            **asked,
        )
    low, high = cost.iloc[-1], cost.iloc[0]
    return say(
        "{firms} doanh nghiệp trả lời về {times} lượt thủ tục. Chi phí trung vị một lượt thấp nhất "
        "ở nhóm {low} ({least}), cao nhất ở nhóm {high} ({most}), khoảng tin cậy 95 %.",
        **asked,
        low=low["name"],
        least=_money(low),
        high=high["name"],
        most=_money(high),
    )


def _money(row: pd.Series) -> str:
    ends = row[["estimate", "ci_low", "ci_high"]]
    if row["estimate"] >= MILLION:
        value, low, high = (number(x / MILLION, 2) for x in ends)
        return say("{value} triệu đồng, {low}–{high}", value=value, low=low, high=high)
    value, low, high = (number(x / 1000) for x in ends)
    return say("{value} nghìn đồng, {low}–{high}", value=value, low=low, high=high)


def told_apart(table: pd.DataFrame, differences: pd.DataFrame) -> str:
    """Which neighbours in an ordered table of estimates cannot be told apart.

    ``differences``: of all pairs of groups (survey.differences).
    """
    held = table.dropna(subset=["estimate"])
    tested = differences[
        differences["measure"].isin(held["measure"])
        & differences["statistic"].isin(held["statistic"])
    ]
    clear = {
        frozenset(pair): sure
        for *pair, sure in tested[["procedure_group", "other", "clear"]].itertuples(index=False)
    }
    group, name = held["procedure_group"].tolist(), held["name"].tolist()
    next_to = [(frozenset(group[i : i + 2]), name[i : i + 2]) for i in range(len(held) - 1)]
    known = [(pair, both) for pair, both in next_to if pair in clear]
    if not known:
        return say("Chưa có hai nhóm nào đủ số liệu để so với nhau.")
    near = [both for pair, both in known if not clear[pair]]
    pairs = [say("{first} và {second}", first=a, second=b) for a, b in near]
    if not pairs:
        return say("Mọi nhóm liền kề trong thứ tự này đều phân biệt được bằng mẫu điều tra.")
    return say(
        "Chênh lệch còn trong phạm vi sai số mẫu (so mọi cặp trong cùng một mẫu, đã điều chỉnh "
        "theo số cặp), nên chưa thể nói nhóm nào tốn hơn: {pairs}.",
        pairs="; ".join(pairs),
    )
