"""Targets as readers see them: their words, who keeps them, who is furthest away."""

from datetime import date

import pandas as pd
from markupsafe import Markup

from analysis.display import wordings
from analysis.display.narrative import CERTAINTY
from analysis.display.resource import Shown, joined
from analysis.display.table import show
from analysis.indicators import targets
from analysis.language.languages import as_written, choose, column, said, say, say_many
from analysis.language.words import MISSING, day, number, short, within
from analysis.topics import target_progress
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


STAGES = wordings.codes("target_stage")
"""What a target may ask of a period: it is due, it is to be kept at all times, there is time left,
or nobody has found it in a text. The order in which they are told."""


def asked(assessments: pd.DataFrame, plan) -> pd.DataFrame:
    """The assessments that are counted: of the units that are compared; of the unit whose parts
    they are only where a target is addressed to none of them."""
    own = members(assessments, plan)
    rest = assessments[~assessments["target"].isin(own["target"])]
    return pd.concat([own, rest])


def summary(
    assessments: pd.DataFrame,
    held: pd.DataFrame,
    values: pd.DataFrame,
    framework: dict,
    on: date,
    latest: str = "",
) -> pd.DataFrame:
    """One row per target that is addressed to somebody: its words, how far the addressed units are
    together, how many keep it; those that are due first, those that no text confirms last.

    Parameters
    ----------
    assessments
        schema.ASSESSMENTS of the framework (:func:`asked`).
    held
        The targets that hold.
    values
        schema.INDICATOR_VALUES of the framework, of this period or, to tell the pace, of all of its
        series.
    latest
        The period that is meant, where ``values`` are of several.
    """
    counts = targets.counts(assessments)
    table = worded(held).merge(counts, left_on="code", right_on="target", how="inner")
    table = table.assign(stage=_stage(table, on))
    measures = {c: i["unit_measure"] for c, i in framework["indicators"].items()}
    addressed = assessments.groupby("target", observed=True)["reporting_unit"].agg(set).to_dict()
    values = values[_VALUED].astype(dict.fromkeys(("reporting_unit", "indicator"), object))
    values = values.assign(time_period=values["time_period"].astype(str))
    latest = latest or values["time_period"].max()
    rows = []
    for row in table.to_dict("records"):
        own = values[values["indicator"].eq(row["indicator"])]
        own = own[own["reporting_unit"].isin(addressed[row["code"]])]
        now = own[own["time_period"] == latest]
        rows.append(_standing(row, own, now, measures.get(row["indicator"], "percent"), latest, on))
    told = pd.DataFrame(rows, index=table.index, columns=_STANDING)
    table = pd.concat([table, told], axis=1).assign(
        name=table["indicator"].map(labels(framework)).fillna(table["title"])
    )
    order = table["stage"].map(list(STAGES).index)
    return table.assign(order=order).sort_values(["order", "due"], kind="stable", ignore_index=True)


_VALUED = ["reporting_unit", "time_period", "indicator", "obs_value", "numerator", "denominator"]
_STANDING = ["value", "progress", "pace", "kept", "unkept"]


def _stage(table: pd.DataFrame, on: date) -> pd.Series:
    stage = pd.Series("ahead", index=table.index).mask(table["due"].isna(), "standing")
    stage = stage.mask(table["due"] <= pd.Timestamp(on), "due")
    return stage.mask(table["unverified"] > 0, "unverified")


def _standing(row: dict, own: pd.DataFrame, now: pd.DataFrame, measure: str, latest: str, on: date):
    """The columns of a target that say where its units are; of one that no text confirms only the
    value, without any conclusion."""
    value = target_progress.together(now)
    said = [measured(value, measure)]
    if row["stage"] == "unverified":
        return [*said, say("không kết luận"), "", "", ""]
    distance = target_progress.distance(row, value)
    if row["kind"] == "started_by" and row["judged"]:
        distance = say("giá trị trên 0 là đã bắt đầu")
    pace = target_progress.pace(row, own, latest, on)
    if not row["judged"]:
        return [*said, distance, pace, MISSING, MISSING]
    return [*said, distance, pace, number(row["met"]), number(row["judged"] - row["met"])]


def tables(summed: pd.DataFrame) -> list[Shown]:
    """The targets of :func:`summary`, those of each stage under a heading of their own."""
    found = []
    for stage, title in STAGES.items():
        rows = summed[summed["stage"] == stage]
        if len(rows):
            heads, formats = wordings.columns("targets")
            empty = [c for c, none in _NONE.items() if rows[c].eq(none).all()]
            empty += _CONCLUDED if stage == "unverified" else []
            heads = {c: head for c, head in heads.items() if c not in empty}
            shown = show(rows, heads, formats, as_written=["basis"])
            head = Shown(Markup("<h3>{}</h3>").format(say(title)))
            found.append(joined([head, shown], say(title)))
    return found


_NONE = {"pace": "", "nothing": 0}
_CONCLUDED = ["kept", "unkept", "no_data", "nothing"]


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
    ones those with a target. What the unit does not report on is left out; where it had nothing to
    measure that is said. Of a framework the targets that no text confirms come last.
    """
    tables = []
    values, verdicts = held.indicator_values, held.assessments
    elsewhere = (values["obs_status"] == "M") & values["denominator"].isna()
    values = values[(values["reporting_unit"] == unit) & ~elsewhere]
    verdicts = verdicts[verdicts["reporting_unit"] == unit]
    for framework in frameworks:
        code = framework["framework"]
        own, judged = values[values["framework"] == code], verdicts[verdicts["framework"] == code]
        if own.empty and tables:  # nothing to add; the first gives the columns
            continue
        named = _named(judged, targets.holding(listed, code, on), framework)
        how = "inner" if "aggregate" in framework else "left"
        columns = ["indicator", "wanted", "by", "due", "verdict", "verdict_text", "basis"]
        columns += ["certainty_text"]
        rows = own[["indicator", "obs_value", "obs_status"]]
        rows = rows.merge(named[columns], on="indicator", how=how)
        described = [framework["indicators"][c] for c in rows["indicator"]]
        rows = rows.assign(
            name=[choose(i["name"]) for i in described],
            value=[
                say("không phát sinh") if s == "M" else measured(v, i["unit_measure"])
                for v, s, i in zip(rows["obs_value"], rows["obs_status"], described, strict=True)
            ],
            doubtful=rows["verdict"].eq("unverified"),
            framework=choose(framework["title"]),
        )
        order = {c: n for n, c in enumerate(framework["indicators"])}
        rows = rows.assign(order=rows["indicator"].map(order))
        tables.append(rows.sort_values(["doubtful", "order", "due"], kind="stable"))
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
    """Key sentences: what is due and how many of it most units keep, what is not due yet, what that
    rests on, and the target that fewest keep; never one that all keep."""
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
    due = judged[judged["stage"].isin(["due", "standing"])]
    ahead = judged[judged["stage"] == "ahead"]
    return " ".join([*_reached(due, ahead), *_begun(judged), _fewest(due, ahead)])


def _reached(due: pd.DataFrame, ahead: pd.DataFrame) -> list[str]:
    """How many targets most units keep: of those that are due, and before their day."""
    found = []
    if len(due):
        text = (
            "{half} trong {n} mục tiêu đã đến hạn hoặc phải giữ thường xuyên có quá nửa số đơn vị "
            "có số đo đạt."
        )
        found.append(say_many(text, _half(due), half=number(_half(due)), n=number(len(due))))
    else:
        text = (
            "Chưa mục tiêu nào đến hạn trong {n} mục tiêu có thể kết luận; hạn sớm nhất là {day}."
        )
        first = day(ahead["due"].min())
        found.append(say_many(text, len(ahead), n=number(len(ahead)), day=first))
    early, left = number(_half(ahead)), number(len(ahead))
    if len(due) and len(ahead):
        text = "{n} mục tiêu chưa đến hạn, {half} trong đó đã có quá nửa số đơn vị có số đo đạt."
        found.append(say_many(text, len(ahead), n=left, half=early))
    elif _half(ahead):
        text = "{half} mục tiêu đã có quá nửa số đơn vị có số đo đạt trước hạn."
        found.append(say_many(text, _half(ahead), half=early))
    return found


def _half(judged: pd.DataFrame) -> int:
    return int((judged["met"] > judged["judged"] / 2).sum())


def _begun(judged: pd.DataFrame) -> list[str]:
    """What it rests on where a target asks only that something has begun."""
    count = int((judged["kind"] == "started_by").sum())
    text = "{n} mục tiêu chỉ đòi bắt đầu làm: giá trị nào trên 0 cũng được tính là đạt."
    return [say_many(text, count, n=number(count))] if count else []


def _fewest(due: pd.DataFrame, ahead: pd.DataFrame) -> str:
    """The target that fewest units keep, of those that are due if some of them are not kept by
    all."""
    for rows in (due, ahead):
        left = rows[rows["met"] < rows["judged"]]
        if len(left):
            left = left.assign(share=left["met"] / left["judged"])
            least = left.sort_values(["share", "judged"], ascending=[True, False], kind="stable")
            worst = least.iloc[0]
            return say(
                "Ít đơn vị đạt nhất: “{worst}” ({wanted}; hạn: {by}), {met} trong {units} đơn vị "
                "có số đo.",
                worst=worst["name"],
                wanted=worst["wanted"],
                by=worst["by"],
                met=number(worst["met"]),
                units=number(worst["judged"]),
            )
    return say("Mọi đơn vị có số đo đều đạt.")


def lines(held, frameworks: list[dict], listed: pd.DataFrame, on: date, plan=None) -> list[str]:
    """One sentence for each framework: where its units stand against its targets.

    ``held``: the period's tables; ``listed``: all targets of the catalogue; ``plan``: the period's
    plan: a unit of which the others are parts is not counted among them.
    """
    found, every = [], held.assessments if plan is None else asked(held.assessments, plan)
    for framework in frameworks:
        code = framework["framework"]
        judged = every[every["framework"] == code]
        wanted, values = targets.holding(listed, code, on), held.indicator_values
        summed = summary(judged, wanted, values[values["framework"] == code], framework, on)
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
