"""What a page shows of the published editions of APCI: tables in words, computed sentences."""

from collections.abc import Mapping

import pandas as pd

from analysis.display import wordings
from analysis.language.collation import in_order
from analysis.language.languages import said, say
from analysis.language.words import MISSING, number, short

PUBLISHED_MEASURE = wordings.codes("published_measure")

BOUNDED = {"lower_bound": "hơn {figure}", "approximate": "khoảng {figure}"}
"""Bounds that are written with the figure."""


def published_editions(published: pd.DataFrame) -> pd.DataFrame:
    """What is known of each edition: firms, groups, provinces, how many figures were found."""
    whole = published[published["procedure_group"] == "all"]
    wide = whole.pivot_table(
        index="edition", columns="measure", values="obs_value", aggfunc="first"
    )
    columns = ["firms_surveyed", "procedure_groups", "provinces_covered"]
    groups = published[published["procedure_group"] != "all"]
    levels = groups[groups["measure"] == "cost_mean_per_procedure"]
    years = pd.Index([str(y) for y in range(2018, 2023)], name="edition")
    table = wide.reindex(columns=columns).reindex(years)
    rows = published_rows(whole.dropna(subset=["obs_value"]), {}, {}, {})
    for column in columns:
        own = rows[rows["measure"] == column].drop_duplicates("edition")
        table[column] = own.set_index("edition")["text"].reindex(years).fillna(MISSING)
    table["levels"] = levels.groupby("edition")["procedure_group"].nunique().reindex(years)
    table["figures"] = published.groupby("edition").size().reindex(years)
    return table.fillna({"levels": 0, "figures": 0}).reset_index()


def published_rows(
    table: pd.DataFrame,
    names: Mapping[str, str],
    words: Mapping[str, str],
    bounds: Mapping[str, str],
) -> pd.DataFrame:
    """Published figures as a reader sees them: name, what, text (value with its bound)."""
    parts = zip(table["value"], table["obs_value"], table["bound"], strict=True)
    return table.assign(
        name=table["procedure_group"].map({**names, "all": say("Tất cả các nhóm")}),
        what=table["measure"].map(said(words)).fillna(table["measure"]),
        text=[
            v if pd.isna(x) else say(BOUNDED.get(b, "{figure}"), figure=short(x))
            for v, x, b in parts
        ],
        bound_text=table["bound"].map(said(bounds)).mask(table["bound"].isin(BOUNDED), ""),
    )


def published_summary(published: pd.DataFrame, conflicts: pd.DataFrame) -> str:
    """Key sentence of the published record."""
    more = (published["bound"] == "lower_bound").sum()
    levels = published[published["measure"] == "cost_mean_per_procedure"]
    held = sorted(set(levels["edition"]))
    none = [str(y) for y in range(2018, 2023) if str(y) not in held]
    return say(
        "Tìm được {all} số liệu đã công bố; mức chi phí chỉ có của các kỳ {held}, không có của "
        "{none}. {more} số chỉ là cận dưới (“hơn …”), {conflicts} chỗ các nguồn mâu thuẫn nhau.",
        all=number(len(published)),
        held=", ".join(held),
        none=", ".join(none),
        more=number(more),
        conflicts=number(conflicts["conflict"].nunique()),
    )


def break_sentence(cost: pd.DataFrame, names: Mapping[str, str]) -> str:
    """How far groups moved across the break: too far for a trend."""
    exact = cost[cost["bound"] != "lower_bound"]
    wide = exact.pivot_table("estimate", index="procedure_group", columns="edition")
    editions = sorted(wide.columns)[:2]
    if len(editions) < 2:
        return ""
    moved = (wide[editions[1]] / wide[editions[0]]).dropna().sort_values()
    if moved.empty:
        return ""
    groups = [
        say("{group} {ratio} lần", group=names[g], ratio=number(r, 2))
        for g, r in moved.items()
        if g in names
    ]
    return say(
        "Từ {first} đến {last} số công bố đổi rất khác nhau: {groups}. Cách tính, phạm vi hoặc giá "
        "giờ công đã đổi, nên đây là chỗ gãy của chuỗi, không phải xu hướng.",
        first=editions[0],
        last=editions[1],
        groups="; ".join(groups),
    )


def rates(table: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Implied hourly rates with names and the way they were derived."""
    basis = {
        "printed": "chi phí thời gian đã công bố ÷ số giờ",
        "total_less_direct": "(tổng − trực tiếp) ÷ số giờ; coi tổng = thời gian + trực tiếp",
    }
    return table.assign(
        name=table["procedure_group"].map(names), how=table["basis"].map(said(basis))
    ).sort_values(["edition", "name"], key=in_order)


def rate_range(table: pd.DataFrame) -> str:
    """How far the implied rates of the first and last edition lie apart."""
    if table["hourly_rate"].dropna().empty:
        return say("Chưa có cặp số đã công bố nào để suy ra giá giờ công.")
    first, last = table["edition"].min(), table["edition"].max()
    ends = {e: table.loc[table["edition"] == e, "hourly_rate"] for e in (first, last)}
    return say(
        "Giá giờ công suy ra là {mean} đồng ở kỳ {first} và từ {low} đến {high} đồng ở kỳ {last}. "
        "Vì vậy số tiền của các kỳ không so trực tiếp được với nhau; số giờ và chi phí trực tiếp "
        "thì được.",
        mean=number(ends[first].mean()),
        first=first,
        low=number(ends[last].min()),
        high=number(ends[last].max()),
        last=last,
    )
