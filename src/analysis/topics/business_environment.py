"""What a page shows of international figures and their targets: tables in words, sentences."""

from datetime import date

import pandas as pd

from analysis.display.tables import CERTAINTY, whole
from analysis.indicators import targets
from analysis.language.languages import as_written, column, said, say
from analysis.language.words import MISSING, day, number, short, within
from analysis.published import international
from analysis.scoring import normalise
from analysis.topics import commitments

TARGETS = (
    {"name": "Chỉ số", "wanted": "Mục tiêu", "by": "Hạn", "before_text": "Khi đặt mục tiêu",
     "latest_text": "Số mới nhất", "verdict_text": "Kết luận", "lead_text": "Đầu mối",
     "basis": "Căn cứ", "certainty_text": "Mức chắc chắn của mục tiêu"},
    {},
)  # fmt: skip
FIGURES = (
    {"name": "Chỉ số", "edition": "Kỳ", "value": "Giá trị", "certainty_text": "Mức chắc chắn",
     "source": "Nguồn"},
    {},
)  # fmt: skip
MOVED = (
    {"name": "Chỉ số", "before": "Đầu", "after": "Cuối", "change": "Thay đổi",
     "low": "từ", "high": "đến", "reading": "Đọc thế nào"},
    dict.fromkeys(["before", "after", "change", "low", "high"], lambda v: number(v, 2)),
)  # fmt: skip
AGREEMENT = (
    {"measure": "Số đo", "compared": "So", "exact": "Trùng", "within": "Khớp trong làm tròn",
     "beyond": "Không giải thích được", "largest": "Lệch lớn nhất, điểm"},
    {**dict.fromkeys(["compared", "exact", "within", "beyond"], whole),
     "largest": lambda v: number(v, 3)},
)  # fmt: skip

_BECAME = {
    "met": "{n} đạt",
    "not_met": "{n} chưa đạt",
    "not_due": "{n} chưa đến hạn và chưa đạt",
    "no_data_this_cycle": "{n} không có dữ liệu vì chỉ số đã ngừng công bố",
    "no_data": "{n} thiếu số liệu của kỳ phải xét",
    "no_baseline": "{n} thiếu số kỳ gốc",
    "unverified": "{n} không kết luận vì mục tiêu chưa kiểm chứng",
}


def followed(table: pd.DataFrame, listed: pd.DataFrame) -> pd.DataFrame:
    """What :func:`follow` gives in words; the lead is marked where it is known from memory."""
    rows = commitments.worded(table)
    return rows.assign(
        name=rows["indicator"].map(listed[column("name")]).fillna(rows["title"]),
        before_text=_dated(rows["before"], rows["before_edition"]),
        latest_text=_dated(rows["latest"], rows["latest_edition"]),
        verdict_text=rows["verdict"].map(said(commitments.VERDICT)),
        lead_text=pd.Series(map(_lead, rows["responsible"]), index=rows.index, dtype=object),
    )


def _lead(responsible: str) -> str:
    lead, memory, _ = responsible.partition(" (agency from memory)")
    return say("{lead} (chưa kiểm chứng)", lead=as_written(lead)) if memory else as_written(lead)


def _dated(values: pd.Series, years: pd.Series) -> list[str]:
    pairs = zip(values, years, strict=True)
    return [MISSING if pd.isna(v) else f"{short(v)} ({y:.0f})" for v, y in pairs]


def key(table: pd.DataFrame, on: date) -> str:
    """Key sentence: what became of the targets."""
    if table.empty:
        return say("Không có mục tiêu nào của Nghị quyết 02 đang được theo dõi.")
    counts = table["verdict"].value_counts()
    parts = [say(text, n=number(counts[v])) for v, text in _BECAME.items() if v in counts]
    return say(
        "Tính đến {day}, trong {all} mục tiêu của Nghị quyết 02: {parts}.",
        day=day(on),
        all=number(len(table)),
        parts=", ".join(parts),
    )


def why_silent(table: pd.DataFrame, listed: pd.DataFrame) -> list[str]:
    """One sentence for each note of a series whose targets could not be judged."""
    silent = table[table["verdict"].isin(["no_data", "no_data_this_cycle"])]
    name, note = column("name"), column("note")
    rows = listed.reindex(silent["indicator"].unique()).dropna(subset=[note])
    notes = rows[rows[note] != ""].groupby(note, sort=False)[name].agg("; ".join)
    return [f"{names}: {within(note)}" for note, names in notes.items()]


def to_draw(figures: pd.DataFrame, listed: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """Ranks for the chart: name and ``target`` (the rank asked for that some text confirms), the
    series with most editions first; one edition alone is no line and stays in the table."""
    sure = table[(table["kind"] == "top_n") & ~table["certainty"].isin(targets.UNVERIFIED)]
    bound = sure.drop_duplicates("indicator", keep="last").set_index("indicator")["high"]
    rows = figures[figures["series"].isin(listed.index[listed["group"] == "ranks"])]
    rows = rows.dropna(subset=["rank"])
    many = rows.groupby("series")["rank"].transform("size")
    return (
        rows.assign(
            many=many,
            name=rows["series"].map(listed[column("name")]),
            target=rows["series"].map(bound),
        )[many > 1]
        .sort_values(["many", "series", "time_period"], ascending=[False, True, True])
        .reset_index(drop=True)
    )


def named(figures: pd.DataFrame, listed: pd.DataFrame, group: str) -> pd.DataFrame:
    """Figures of a group of series with ``name``, in the list's order."""
    codes = list(listed.index[listed["group"] == group])
    rows = figures[figures["series"].isin(codes)]
    order = rows["series"].map({c: n for n, c in enumerate(codes)})
    rows = rows.assign(name=rows["series"].map(listed[column("name")]), order=order)
    return rows.sort_values(["order", "time_period"])


def figures_table(rows: pd.DataFrame) -> pd.DataFrame:
    """Figures in words: edition, value (score, rank of how many), certainty, source, note."""
    values = [
        "; ".join(filter(None, [_score(r), _rank(r)])) or MISSING for r in rows.to_dict("records")
    ]
    return rows.assign(
        edition=rows["time_period"].map("{:.0f}".format),
        value=values,
        certainty_text=rows["certainty"].map(said(CERTAINTY)),
        note=rows[column("note")],
    )


def by_edition(rows: pd.DataFrame) -> tuple[pd.DataFrame, dict, dict]:
    """Scores with a column for each edition, in the order of ``rows``; its heads, formats."""
    years = sorted(rows["time_period"].unique())
    wide = rows.pivot_table("score", index="name", columns="time_period", sort=False)
    wide = wide.rename(columns={y: f"{y:.0f}" for y in years}).reset_index()
    heads = {f"{y:.0f}": f"{y:.0f}" for y in years}
    return wide, {"name": "Chủ đề", **heads}, dict.fromkeys(heads, lambda v: number(v, 1))


def _score(row: dict) -> str:
    return "" if pd.isna(row["score"]) else short(row["score"])


def _rank(row: dict) -> str:
    if pd.isna(row["rank"]):
        return ""
    among = f"/{number(row['ranked'])}" if pd.notna(row["ranked"]) else ""
    return say("hạng {rank}", rank=f"{number(row['rank'])}{among}")


def moved(table: pd.DataFrame, listed: pd.DataFrame) -> pd.DataFrame:
    """``series.moved`` in words."""
    reading = {True: "đã đổi, ngoài sai số", False: "trong sai số: chưa kết luận được là đã đổi"}
    return table.assign(
        name=table["series"].map(listed[column("name")]),
        reading=table["apart"].map(said(reading)),
    )


def moved_key(table: pd.DataFrame, first: int, last: int) -> str:
    """How many estimates moved beyond their error."""
    if table.empty:
        return say("Chưa có hai kỳ nào để so sánh các chỉ số quản trị.")
    return say(
        "Từ {first} đến {last}, {n} trong {all} chỉ số quản trị thay đổi nhiều hơn sai số.",
        first=first,
        last=last,
        n=number(table["apart"].sum()),
        all=number(len(table)),
    )


def agreement_key(table: pd.DataFrame) -> str:
    """How many published scores come back."""
    sums = table[["compared", "exact", "within", "beyond"]].sum()
    return say(
        "Trong {compared} điểm thành phần đã công bố, {exact} điểm tính lại trùng đến chữ số cuối, "
        "{within} điểm lệch trong mức làm tròn của số đo, {beyond} điểm không giải thích được.",
        **sums.map(number),
    )


def measures(table: pd.DataFrame, rules: dict) -> pd.DataFrame:
    """Name the measures as they were published; the largest difference first."""
    names = {c: m["published_as"] for c, m in rules["measures"].items()}
    return table.assign(measure=table["measure"].map(names)).sort_values("largest", ascending=False)


def follow(
    figures: pd.DataFrame,
    listed: pd.DataFrame,
    asked: pd.DataFrame,
    on: date,
    unverified: bool = False,
) -> pd.DataFrame:
    """Each target of a nation beside the edition that it is judged by.

    Parameters
    ----------
    figures, listed
        :func:`published.international.usable` figures of one economy;
        :func:`published.international.listed`.
    asked
        Targets that are followed (:func:`indicators.targets.holding`); notes are left out.
    on
        The day of the verdict; figures of later years are not looked at.

    Returns
    -------
    The targets with the columns of :func:`published.international.beside` (``before``,
    ``before_edition``: the newest figure when the target was set), gap and verdict.
    """
    asked = asked[asked["kind"] != "note"]
    values = international.beside(figures, listed, asked, on)
    economies = "|".join(values["reporting_unit"].unique())
    # each target has its own edition and baseline: its code stands for the indicator
    own = asked.assign(indicator=asked["code"], units=economies, unit_types="")
    judged = targets.assess(values.rename(columns={"target": "indicator"}), own, {}, on, unverified)
    found = values.rename(columns={"baseline": "before", "baseline_edition": "before_edition"})
    verdicts = judged[["target", "gap", "verdict"]]
    return asked.merge(found.merge(verdicts, on="target"), left_on="code", right_on="target")


def rescored(table: pd.DataFrame, rules: dict) -> pd.DataFrame:
    """Score the measures of Doing Business again: (worst − value) ÷ (worst − best) × 100, cut at
    both ends; where the rules give an exponent, the share is raised to it.

    Returns ``table`` with ``score`` and ``score_low``, ``score_high``: what the score may be, since
    a printed value stands for all that round to it.
    """
    half, parts = rules["printed_to"] / 2, []
    for measure, rows in table.groupby("measure", sort=False):
        rule = rules["measures"][measure]
        (worst, best), power = rule["goalposts"], rule.get("exponent", 1)
        values = {shift: rows["value"] + shift for shift in (-half, 0.0, half)}
        shares = {s: normalise.goalposts(v, best, worst, (0.0, 1.0)) for s, v in values.items()}
        found = {shift: 100 * share**power for shift, share in shares.items()}
        ends = pd.DataFrame(found)
        low, high = ends.min(axis=1), ends.max(axis=1)
        parts.append(rows.assign(score=found[0.0], score_low=low, score_high=high))
    return pd.concat(parts)
