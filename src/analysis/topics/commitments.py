"""Targets as readers see them: their words, who keeps them, who is furthest away."""

from datetime import date

import pandas as pd

from analysis.display import wordings
from analysis.display.narrative import CERTAINTY
from analysis.indicators import targets
from analysis.language.languages import as_written, choose, column, said, say, say_many
from analysis.language.words import day, number, short, within
from analysis.topics.results import labels, measured, members

VERDICT = wordings.codes("target_verdict")
READ_IN = wordings.codes("read_in")
UNITS = {
    "percentage_points": "{figure} điểm phần trăm",
    "usd": "{figure} USD",
    "billion_usd": "{figure} tỷ USD",
    "minutes": "{figure} phút",
    "doctors": "{figure} bác sĩ",
    "beds": "{figure} giường",
}
_WORDS = {
    "at_least": "≥ {low}",
    "at_most": "≤ {high}",
    "below": "< {high}",
    "range": "{range}",
    "about": "khoảng {middle}",
    "top_n": "trong {high} nước đứng đầu",
    "gain_at_least": "tăng ít nhất {low} bậc",
    "gain_range": "tăng {low}–{high} bậc",
    "raise_score_keep_rank": "tăng điểm, giữ thứ hạng",
    "started_by": "bắt đầu từ {due}",
    "note": "{text}",
}


def worded(held: pd.DataFrame) -> pd.DataFrame:
    """Add ``title``, ``wanted`` (the target in words), ``by`` (its day), ``basis`` and
    ``certainty_text``."""
    rows = held.to_dict("records")
    return held.assign(
        title=held[column("name")],
        wanted=pd.Series([_wanted(r) for r in rows], index=held.index, dtype=object),
        by=[day(d) if pd.notna(d) else say("thường xuyên") for d in held["due"]],
        basis=held["legal_basis"],
        certainty_text=_sureness(held),
    )


def _verified(held: pd.DataFrame) -> pd.Series:
    """Which targets were read where an authority or a law publisher prints them."""
    return held["certainty"].eq("verified") & held["read_in"].isin(["authority", "law_publisher"])


def _sureness(held: pd.DataFrame) -> pd.Series:
    """How sure each target is, in words. Read is verified only where an authority or a law
    publisher prints it; of others it is said in what it was read."""
    read = held["read_in"].map(said(READ_IN))
    return held["certainty"].map(said(CERTAINTY)).mask(held["certainty"] == "verified", read)


def _wanted(row: dict) -> str:
    low, high = short(row["low"]), short(row["high"])
    figures = {"low": low, "high": high, "range": f"{low}–{high}"}
    figures["middle"] = short((row["low"] + row["high"]) / 2)
    return say(
        _WORDS[row["kind"]],
        **{name: _with_unit(figure, row["unit_measure"]) for name, figure in figures.items()},
        due=day(row["due"]),
        text=as_written(row["text"]) or row[column("name")],
    )


def _with_unit(figure: str, measure: str) -> str:
    if measure == "percent":
        return say("{figure} %", figure=figure)
    return say(UNITS.get(measure, "{figure}"), figure=figure)


def summary(counts: pd.DataFrame, held: pd.DataFrame, national: pd.DataFrame, framework: dict):
    """One row per target: its words, the figure of the whole, how many units keep it.

    ``counts``: :func:`analysis.indicators.targets.counts`; ``held``: the targets that hold;
    ``national``: indicator values of all units together.
    """
    whole_ = national.set_index("indicator")["obs_value"]
    table = worded(held).merge(counts, left_on="code", right_on="target", how="left")
    figures = [c for c in counts.columns if c != "target"]
    table[figures] = table[figures].fillna(0).astype(int)
    measures = {c: i["unit_measure"] for c, i in framework["indicators"].items()}
    return table.assign(
        name=table["indicator"].map(labels(framework)).fillna(table["title"]),
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
        gap_text=[say("{n} điểm phần trăm", n=number(-g, 1)) for g in rows["gap"]],
    )


def judged(assessments: pd.DataFrame) -> pd.DataFrame:
    """The rows that say something of a value: where there are none nothing is below its target
    and nothing has reached it."""
    return assessments[assessments["verdict"].isin(["met", "not_met", "not_due"])]


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
            name=[choose(i["name"]) for i in described],
            value=[
                measured(v, i["unit_measure"])
                for v, i in zip(rows["obs_value"], described, strict=True)
            ],
            framework=choose(framework["title"]),
        )
        order = {c: n for n, c in enumerate(framework["indicators"])}
        tables.append(rows.assign(order=rows["indicator"].map(order)).sort_values(["order", "due"]))
    return pd.concat(tables, ignore_index=True)


def _named(assessments: pd.DataFrame, held: pd.DataFrame, framework: dict) -> pd.DataFrame:
    described = worded(held).drop(columns=["framework", "indicator"])
    rows = assessments.merge(described, left_on="target", right_on="code")
    verdicts = rows["verdict"].map(said(VERDICT))
    return rows.assign(name=rows["indicator"].map(labels(framework)), verdict_text=verdicts)


def uncertain(held: pd.DataFrame) -> pd.DataFrame:
    """The targets that hold and that no text confirms."""
    return worded(held[held["certainty"].isin(targets.UNVERIFIED)])


def macro_key(held: pd.DataFrame, on: date) -> str:
    """Key sentence of targets that no form collects: how many, and in what they were read."""
    unsure, sure = held["certainty"].isin(targets.UNVERIFIED), _verified(held)
    return say(
        "Tại ngày {day} có {all} mục tiêu: {sure} đã kiểm chứng ở bản đăng của cơ quan hoặc nhà "
        "xuất bản luật, {read} mới đọc ở báo chí hoặc nguồn khác, {unsure} mới chỉ nhớ lại. Dự án "
        "không thu số liệu thực hiện của các mục tiêu này nên không kết luận.",
        day=day(on),
        all=number(len(held)),
        sure=number(sure.sum()),
        read=number((~sure & ~unsure).sum()),
        unsure=number(unsure.sum()),
    )


def key(summed: pd.DataFrame) -> str:
    """Key sentence: of the targets that are judged, how many most units keep; the worst one."""
    if summed.empty:
        return say(
            "Khung này không có mục tiêu nào trong danh mục; các giá trị được nêu để theo dõi."
        )
    judged = summed[summed["judged"] > 0]
    if judged.empty:
        return say_many(
            "{n} mục tiêu đang có hiệu lực nhưng không mục tiêu nào đủ căn cứ hoặc số liệu để kết "
            "luận; các giá trị được nêu để theo dõi.",
            len(summed),
            n=number(len(summed)),
        )
    half = (judged["met"] > judged["judged"] / 2).sum()
    judged = judged.assign(kept=judged["met"] / judged["judged"])
    worst = judged.sort_values(["kept", "judged"], ascending=[True, False]).iloc[0]
    return say_many(
        "{half} trong {judged} mục tiêu kết luận được có quá nửa số đơn vị đạt; xa nhất là "
        "“{worst}” ({wanted}): {met} trong {units} đơn vị đạt.",
        half,
        half=number(half),
        judged=number(len(judged)),
        worst=worst["name"],
        wanted=worst["wanted"],
        met=number(worst["met"]),
        units=number(worst["judged"]),
    )


def lines(held, frameworks: list[dict], listed: pd.DataFrame, on: date, plan=None) -> list[str]:
    """One sentence for each framework: where its units stand against its targets.

    ``held``: the period's tables; ``listed``: all targets of the catalogue; ``plan``: the period's
    plan: a unit of which the others are parts is not counted among them.
    """
    found, every = [], held.assessments if plan is None else members(held.assessments, plan)
    for framework in frameworks:
        code = framework["framework"]
        judged = every[every["framework"] == code]
        asked = targets.holding(listed, code, on)
        whole_ = held.national[held.national["framework"] == code]
        summed = summary(targets.counts(judged), asked, whole_, framework)
        found.append(f"{choose(framework['title'])}: {within(key(summed))}")
    return found


def strips(values: pd.DataFrame, held: pd.DataFrame, framework: dict, names: dict) -> pd.DataFrame:
    """Indicator values in percent for the chart of strips.

    Returns name (of the indicator), label (of the unit), value, direction and target (the bound of
    the nearest day that is not in doubt, missing where there is none).
    """
    percent = [c for c, i in framework["indicators"].items() if i["unit_measure"] == "percent"]
    sure = held[~held["certainty"].isin(targets.UNVERIFIED) & held["low"].notna()]
    sure = sure[sure["unit_types"] != ""]  # what one province sets itself is not everybody's
    bound = sure.sort_values("due").drop_duplicates("indicator").set_index("indicator")["low"]
    rows = values[values["indicator"].isin(percent)]
    return pd.DataFrame(
        {
            "name": [choose(framework["indicators"][i]["name"]) for i in rows["indicator"]],
            "label": rows["reporting_unit"].map(names).to_numpy(),
            "value": rows["obs_value"].to_numpy(),
            "direction": [framework["indicators"][i]["direction"] for i in rows["indicator"]],
            "target": rows["indicator"].map(bound).to_numpy(),
        }
    )
