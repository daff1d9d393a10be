"""What a page shows of a province's published indices: tables in words, computed sentences."""

import pandas as pd

from analysis.catalogue import unit_lists
from analysis.catalogue.unit_lists import alive
from analysis.display.narrative import CERTAINTY
from analysis.language import codes
from analysis.language.languages import column, said, say
from analysis.language.words import MISSING, number


def code(figures: pd.DataFrame, units: pd.DataFrame, given: object) -> str:
    """The province with figures that is meant: by its code, a number (1 is 01) or a name.

    Raises
    ------
    analysis.language.codes.UnknownCodeError
    """
    known = sorted(set(figures["province"]))
    if codes.text(given) in known:
        return codes.text(given)
    names = {code: province(figures, units, code) for code in known}
    then = units[units[column("name")] == units["code"].map(names)].drop_duplicates("code")
    return unit_lists.unit_code(then, given, "no figures of the province")


def province(figures: pd.DataFrame, units: pd.DataFrame, code: str) -> str:
    """The name of the province that bore ``code`` in its newest edition: codes are used again."""
    year = figures.loc[figures["province"] == code, "time_period"].max()
    held = units[units["code"] == code]
    if pd.notna(year):
        held = held[alive(held, f"{year}-06-30")]
    return held[column("name")].iloc[-1]


def _said(value: float, high: float) -> str:
    """As many decimals as the scale asks: 0–1, 0–10, 0–100."""
    return number(value, 3 if high <= 1 else 2)


def named(table: pd.DataFrame, described: pd.DataFrame) -> pd.DataFrame:
    """``indices.spread`` in words, in the list's order."""
    scale = table["index"].map(described["scale_high"])
    rows = table.assign(
        name=table["index"].map(described[column("name")]),
        own=[_said(v, s) for v, s in zip(table["value"], scale, strict=True)],
        middle=[_said(v, s) for v, s in zip(table["median"], scale, strict=True)],
        range=[
            f"{_said(a, s)} – {_said(b, s)}"
            for a, b, s in zip(table["low"], table["high"], scale, strict=True)
        ],
        place_text=[_of(p, n) for p, n in zip(table["place"], table["provinces"], strict=True)],
        rank_text=table["rank"].map(number),
    )
    order = rows["index"].map({c: n for n, c in enumerate(described.index)})
    return rows.assign(order=order).sort_values(["order", "time_period"], ignore_index=True)


def _of(place: float, among: int) -> str:
    return MISSING if pd.isna(place) else f"{number(place)}/{number(among)}"


def key(latest: pd.DataFrame, province: str) -> str:
    """Key sentence: in how many indices the province stands in the upper half; best and worst."""
    if latest.empty:
        return say("Không tìm được số đã công bố nào của {province}.", province=province)
    share = latest["place"] / latest["provinces"]
    upper = (share <= 0.5).sum()
    best, worst = latest.loc[share.idxmin()], latest.loc[share.idxmax()]
    told = {"province": province, "upper": number(upper), "all": number(len(latest))}
    if len(latest) == 1:
        return say(
            "Ở kỳ mới nhất có cả bảng, {province} ở nửa trên trong {upper} trên {all} chỉ số.",
            **told,
        )
    return say(
        "Ở kỳ mới nhất có cả bảng, {province} ở nửa trên trong {upper} trên {all} chỉ số; cao nhất "
        "ở {best}, thấp nhất ở {worst}.",
        **told,
        best=_standing(best),
        worst=_standing(worst),
    )


def _standing(row: pd.Series) -> str:
    place = _of(row["place"], row["provinces"])
    return f"{row['name']} ({place}, {row['time_period']})"


def absent(table: pd.DataFrame) -> str:
    """Editions that others have and the province has not."""
    rows = table[table["value"].isna() & ~table["partial"]]
    if rows.empty:
        return say("Tỉnh có số ở mọi kỳ tìm được cả bảng.")
    years = rows.groupby("name", sort=False)["time_period"].agg(
        lambda y: ", ".join(str(v) for v in sorted(y))
    )
    return say(
        "Các kỳ không có số của tỉnh trong khi tỉnh khác có (không phải là 0): {editions}.",
        editions="; ".join(f"{name}: {y}" for name, y in years.items()),
    )


def sources(figures: pd.DataFrame, described: pd.DataFrame) -> pd.DataFrame:
    """The list of indices with the editions found and how sure the figures are."""
    by = figures.groupby("index")
    editions = by["time_period"].agg(lambda y: ", ".join(str(v) for v in sorted(set(y))))
    words = said(CERTAINTY)
    certainty = by["certainty"].agg(lambda c: "; ".join(words[k] for k in sorted(set(c))))
    breaks = described["breaks"].replace("each", say("mỗi kỳ")).str.replace("|", ", ")
    return described.assign(
        name=described[column("name")],
        publisher=described[column("publisher")],
        source=described[column("source")],
        note=described[column("note")],
        editions=described.index.map(editions),
        certainty_text=described.index.map(certainty),
        breaks_text=breaks.mask(breaks == "", say("không")),
    )
