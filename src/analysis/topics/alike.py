"""What a unit's page says of the units most like it in what it does not choose."""

from datetime import date

import pandas as pd

from analysis.display import narrative
from analysis.language.languages import choose, column, say
from analysis.language.words import number, percent
from analysis.published import similar_units
from analysis.scoring.score import judged


def neighbours(period, unit: str) -> pd.DataFrame:
    """The similar units of a unit, the nearest first; no rows where there are no figures of it.

    Returns name, distance, of the lists made otherwise how many name it too (variables, years,
    weights, as text), firm (whether all do) and its total of this period, where it is due, has one
    and is the same unit.

    Raises
    ------
    analysis.published.similar_units.SimilarUnitsError
    """
    stated, same = period.catalogue.similar_units, _same(period)
    if unit not in same:
        return pd.DataFrame({"reporting_unit": []})
    found = similar_units.find(stated, period.root).neighbours
    rows = found[found["reporting_unit"] == unit]
    known = period.catalogue.units_on(stated["units_on"]).set_index("code")[column("name")]
    due = set(period.due["code"]) & same
    lists = ["variables", "years", "weights"]
    shares = {c: [percent(100 * v, 0) for v in rows[c]] for c in lists}
    return rows.assign(
        name=rows["other"].map(known).fillna(rows["other"]),
        firm=rows[lists].fillna(1).eq(1).all(axis=1),
        score=[_total(period, other) if other in due else None for other in rows["other"]],
        **shares,
    )


def _same(period) -> set[str]:
    """Units of the period that are still, or already, those of the reference file."""
    stated = period.catalogue.similar_units
    if not stated:
        return set()
    days: list[date] = sorted([stated["units_on"], period.plan.end])
    return period.catalogue.same_units(*days)


def _total(period, unit: str) -> float | None:
    """What the unit has as a whole, if there was anything to measure."""
    if not period.scored:
        return None
    scores = period.ranked(held=period.tables.of("reporting_unit", unit)).scores
    own = scores[(scores["level"] == "framework") & judged(scores)]["score"]
    return own.iloc[0] if len(own) else None


def told(period, unit: str, rows: pd.DataFrame) -> str:
    """By what units are alike, from which figures and how sure these are; or why none are named.

    ``rows``: of :func:`neighbours`.
    """
    stated = period.catalogue.similar_units
    if not stated:
        return say("Chưa có danh mục nêu theo số liệu nào thì đơn vị tương tự nhau.")
    if rows.empty:
        return say(
            "Không nêu đơn vị tương tự: số liệu tham chiếu không có đơn vị này, hoặc đơn vị đã "
            "thay đổi so với ngày của số liệu. Nguồn: {source}.",
            source=choose(stated["source"]),
        )
    names = ", ".join(choose(v["name"]) for v in stated["variables"].values())
    return say(
        "Gần nhất theo {names} năm {year} (mỗi biến tính ngang nhau, đã chuẩn hoá); danh sách cố "
        "định, không phụ thuộc điểm. Mức chắc chắn của số liệu: {how}. Nguồn: {source}.",
        names=names,
        year=str(stated["year"]),
        how=say(narrative.CERTAINTY[stated["certainty"]]),
        source=choose(stated["source"]),
    )


def stability(rows: pd.DataFrame) -> str:
    """How many of the similar units stand in every list made otherwise."""
    if rows.empty:
        return ""
    return say(
        "{firm} trong {n} đơn vị tương tự có mặt trong mọi danh sách lập theo cách khác (bỏ một "
        "biến, đổi năm, đổi trọng số).",
        firm=number(rows["firm"].sum()),
        n=number(len(rows)),
    )
