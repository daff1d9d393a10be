"""Targets as readers see them: their words, who keeps them, who is furthest away."""

from datetime import date

import pandas as pd

from analysis import targets
from analysis.tables import CERTAINTY, measured, share, whole
from analysis.words import MISSING, day, number, short, within

VERDICT = {
    "met": "Đạt",
    "not_met": "Chưa đạt",
    "not_due": "Chưa đến hạn, chưa đạt",
    "no_data": "Thiếu số liệu",
    "no_data_this_cycle": "Không có dữ liệu kỳ này",
    "no_baseline": "Thiếu số kỳ gốc",
    "unverified": "Không kết luận: mục tiêu chưa kiểm chứng",
    "note": "Ghi nhận",
}
UNITS = {
    "percent": " %",
    "percentage_points": " điểm phần trăm",
    "usd": " USD",
    "billion_usd": " tỷ USD",
    "minutes": " phút",
    "doctors": " bác sĩ",
    "beds": " giường",
}
_WORDS = {
    "at_least": "≥ {low}{unit}",
    "at_most": "≤ {high}{unit}",
    "below": "< {high}{unit}",
    "range": "{low}–{high}{unit}",
    "about": "khoảng {middle}{unit}",
    "top_n": "trong {high} nước đứng đầu",
    "gain_at_least": "tăng ít nhất {low} bậc",
    "gain_range": "tăng {low}–{high} bậc",
    "raise_score_keep_rank": "tăng điểm, giữ thứ hạng",
    "started_by": "bắt đầu từ {due}",
    "note": "{text}",
}
TARGETS = (
    {
        "name": "Chỉ tiêu",
        "wanted": "Mục tiêu",
        "by": "Hạn",
        "value": "Toàn thể",
        "met": "Đạt",
        "not_met": "Chưa đạt",
        "not_due": "Chưa đến hạn",
        "no_data": "Thiếu số liệu",
        "unverified": "Không kết luận",
        "basis": "Căn cứ",
        "certainty_text": "Mức chắc chắn",
    },
    {"value": str, **dict.fromkeys(["met", "not_met", "not_due", "no_data", "unverified"], whole)},
)
FURTHEST = (
    {"unit": "Đơn vị", "name": "Chỉ tiêu", "obs_value": "Giá trị", "wanted": "Mục tiêu",
     "gap_text": "Còn cách", "verdict_text": "Kết luận"},
    {"obs_value": share, "gap_text": str},
)  # fmt: skip
UNCERTAIN = (
    {"name_vi": "Chỉ tiêu", "wanted": "Mục tiêu ghi trong danh mục", "by": "Hạn",
     "basis": "Căn cứ", "certainty_text": "Mức chắc chắn"},
    {},
)  # fmt: skip
MACRO = (
    {"name_vi": "Chỉ tiêu", "wanted": "Mục tiêu", "text": "Nguyên văn", "by": "Hạn",
     "basis": "Căn cứ", "certainty_text": "Mức chắc chắn", "source": "Nguồn"},
    {},
)  # fmt: skip
OWN = (
    {"framework": "Khung", "name": "Chỉ tiêu", "value": "Giá trị", "wanted": "Mục tiêu",
     "by": "Hạn", "verdict_text": "Kết luận", "basis": "Căn cứ", "certainty_text": "Mức chắc chắn"},
    {"value": str},
)  # fmt: skip


def worded(held: pd.DataFrame) -> pd.DataFrame:
    """Add ``wanted`` (the target in words), ``by`` (its day), ``basis`` and ``certainty_text``."""
    rows = held.to_dict("records")
    return held.assign(
        wanted=[_wanted(r) for r in rows],
        by=[day(d) if pd.notna(d) else "thường xuyên" for d in held["due"]],
        basis=held["legal_basis"],
        certainty_text=held["certainty"].map(CERTAINTY),
    )


def _wanted(row: dict) -> str:
    held = {k: short(row[k]) if pd.notna(row[k]) else "" for k in ("low", "high")}
    middle = (row["low"] + row["high"]) / 2
    return _WORDS[row["kind"]].format(
        **held,
        middle=short(middle) if pd.notna(middle) else "",
        unit=UNITS.get(row["unit_measure"], ""),
        due=day(row["due"]) if pd.notna(row["due"]) else MISSING,
        text=row["text"] or row["name_vi"],
    )


def summary(counts: pd.DataFrame, held: pd.DataFrame, national: pd.DataFrame, framework: dict):
    """One row per target: its words, the figure of the whole, how many units keep it.

    ``counts``: :func:`analysis.targets.counts`; ``held``: the targets that hold; ``national``:
    indicator values of all units together.
    """
    names = {c: i["name"]["vi"] for c, i in framework["indicators"].items()}
    whole_ = national.set_index("indicator")["obs_value"]
    table = worded(held).merge(counts, left_on="code", right_on="target", how="left")
    figures = [c for c in counts.columns if c != "target"]
    table[figures] = table[figures].fillna(0).astype(int)
    measures = {c: i["unit_measure"] for c, i in framework["indicators"].items()}
    return table.assign(
        name=table["indicator"].map(names).fillna(table["name_vi"]),
        value=[measured(whole_.get(i), measures.get(i, "percent")) for i in table["indicator"]],
    )


def furthest(assessments: pd.DataFrame, held: pd.DataFrame, framework: dict, names: dict, most=15):
    """The judged values furthest below their target, of each unit and indicator the nearest day."""
    rows = _named(assessments, held, framework)
    rows = rows[rows["verdict"].isin(["not_met", "not_due"]) & rows["gap"].notna()]
    rows = rows.sort_values("due").drop_duplicates(["reporting_unit", "indicator"])
    rows = rows.sort_values("gap", kind="stable").head(most)
    return rows.assign(
        unit=rows["reporting_unit"].map(names),
        gap_text=[f"{number(-g, 1)} điểm phần trăm" for g in rows["gap"]],
    )


def of_unit(
    held, frameworks: list[dict], listed: pd.DataFrame, on: date, unit: str
) -> pd.DataFrame:
    """A unit's indicators beside their targets, framework by framework.

    Indicators of frameworks that are followed only are there with or without a target; of scored
    ones those with a target. What the unit does not report on is left out.
    """
    tables = []
    values, verdicts = held.indicator_values, held.assessments
    values = values[(values["reporting_unit"] == unit) & (values["obs_status"] != "M")]
    verdicts = verdicts[verdicts["reporting_unit"] == unit]
    for framework in frameworks:
        code = framework["framework"]
        own, judged = values[values["framework"] == code], verdicts[verdicts["framework"] == code]
        if own.empty and tables:  # nothing to add; the first gives the columns
            continue
        named = _named(judged, targets.holding(listed, code, on), framework)
        how = "inner" if "aggregate" in framework else "left"
        columns = ["indicator", "wanted", "by", "due", "verdict_text", "basis", "certainty_text"]
        rows = own[["indicator", "obs_value"]].merge(named[columns], on="indicator", how=how)
        described = [framework["indicators"][c] for c in rows["indicator"]]
        rows = rows.assign(
            name=[i["name"]["vi"] for i in described],
            value=[
                measured(v, i["unit_measure"])
                for v, i in zip(rows["obs_value"], described, strict=True)
            ],
            framework=framework["title"]["vi"],
        )
        order = {c: n for n, c in enumerate(framework["indicators"])}
        tables.append(rows.assign(order=rows["indicator"].map(order)).sort_values(["order", "due"]))
    return pd.concat(tables, ignore_index=True)


def _named(assessments: pd.DataFrame, held: pd.DataFrame, framework: dict) -> pd.DataFrame:
    names = {c: i["name"]["vi"] for c, i in framework["indicators"].items()}
    described = worded(held).drop(columns=["framework", "indicator"])
    rows = assessments.merge(described, left_on="target", right_on="code")
    return rows.assign(name=rows["indicator"].map(names), verdict_text=rows["verdict"].map(VERDICT))


def uncertain(held: pd.DataFrame) -> pd.DataFrame:
    """The targets that hold and that no text confirms."""
    return worded(held[held["certainty"].isin(targets.UNVERIFIED)])


def macro_key(held: pd.DataFrame, on: date) -> str:
    """Key sentence of targets that no form collects: how many, and how many a source confirms."""
    sure = ~held["certainty"].isin(targets.UNVERIFIED)
    return (
        f"Tại ngày {day(on)} có {number(len(held))} mục tiêu; {number(sure.sum())} mục tiêu đã đọc "
        f"ở nguồn nêu tên, {number((~sure).sum())} mục tiêu mới chỉ nhớ lại, chưa kiểm chứng. "
        "Dự án không thu số liệu thực hiện của các mục tiêu này nên không kết luận."
    )


def key(summed: pd.DataFrame) -> str:
    """Key sentence: of the targets that are judged, how many most units keep; the worst one."""
    if summed.empty:
        return "Khung này không có mục tiêu nào trong danh mục; các giá trị được nêu để theo dõi."
    judged = summed[summed["judged"] > 0]
    if judged.empty:
        return (
            f"{number(len(summed))} mục tiêu đang có hiệu lực nhưng không mục tiêu nào đủ căn cứ "
            "hoặc số liệu để kết luận; các giá trị được nêu để theo dõi."
        )
    half = (judged["met"] > judged["judged"] / 2).sum()
    judged = judged.assign(kept=judged["met"] / judged["judged"])
    worst = judged.sort_values(["kept", "judged"], ascending=[True, False]).iloc[0]
    return (
        f"{number(half)} trong {number(len(judged))} mục tiêu kết luận được có quá nửa số đơn vị "
        f"đạt; xa nhất là “{worst['name']}” ({worst['wanted']}): {number(worst['met'])} trong "
        f"{number(worst['judged'])} đơn vị đạt."
    )


def lines(held, frameworks: list[dict], listed: pd.DataFrame, on: date) -> list[str]:
    """One sentence for each framework: where its units stand against its targets.

    ``held``: the period's tables; ``listed``: all targets of the catalogue.
    """
    found = []
    for framework in frameworks:
        code = framework["framework"]
        judged = held.assessments[held.assessments["framework"] == code]
        asked = targets.holding(listed, code, on)
        whole_ = held.national[held.national["framework"] == code]
        summed = summary(targets.counts(judged), asked, whole_, framework)
        found.append(f"{framework['title']['vi']}: {within(key(summed))}")
    return found


def strips(values: pd.DataFrame, held: pd.DataFrame, framework: dict, names: dict) -> pd.DataFrame:
    """Indicator values in percent for the chart of strips.

    Returns name (of the indicator), label (of the unit), value and target (the bound of the nearest
    day that is not in doubt, missing where there is none).
    """
    percent = [c for c, i in framework["indicators"].items() if i["unit_measure"] == "percent"]
    sure = held[~held["certainty"].isin(targets.UNVERIFIED) & held["low"].notna()]
    sure = sure[sure["unit_types"] != ""]  # what one province sets itself is not everybody's
    bound = sure.sort_values("due").drop_duplicates("indicator").set_index("indicator")["low"]
    rows = values[values["indicator"].isin(percent)]
    return pd.DataFrame(
        {
            "name": [framework["indicators"][i]["name"]["vi"] for i in rows["indicator"]],
            "label": rows["reporting_unit"].map(names).to_numpy(),
            "value": rows["obs_value"].to_numpy(),
            "target": rows["indicator"].map(bound).to_numpy(),
        }
    )
