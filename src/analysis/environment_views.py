"""What a page shows of international figures and their targets: tables in words, sentences."""

from datetime import date

import pandas as pd

from analysis import target_views, targets
from analysis.tables import CERTAINTY, whole
from analysis.words import MISSING, day, number, short, within

TARGETS = (
    {"name": "Chỉ số", "wanted": "Mục tiêu", "by": "Hạn", "before_text": "Khi đặt mục tiêu",
     "latest_text": "Số mới nhất", "verdict_text": "Kết luận", "lead_text": "Đầu mối",
     "basis": "Căn cứ", "certainty_text": "Mục tiêu"},
    {},
)  # fmt: skip
FIGURES = (
    {"name": "Chỉ số", "edition": "Kỳ", "value": "Giá trị", "certainty_text": "Mức chắc chắn",
     "source": "Nguồn"},
    {},
)  # fmt: skip
MOVED = (
    {"name": "Chỉ số", "before": "Đầu", "after": "Cuối", "change": "Thay đổi",
     "low": "từ", "high": "đến", "said": "Đọc thế nào"},
    dict.fromkeys(["before", "after", "change", "low", "high"], lambda v: number(v, 2)),
)  # fmt: skip
AGREEMENT = (
    {"measure": "Số đo", "compared": "So", "exact": "Trùng", "within": "Khớp trong làm tròn",
     "beyond": "Không giải thích được", "largest": "Lệch lớn nhất, điểm"},
    {**dict.fromkeys(["compared", "exact", "within", "beyond"], whole),
     "largest": lambda v: number(v, 3)},
)  # fmt: skip


def followed(table: pd.DataFrame, listed: pd.DataFrame) -> pd.DataFrame:
    """``environment.follow`` in words; the lead is marked where it is known from memory."""
    rows = target_views.worded(table)
    leads = rows["responsible"].str.replace("(agency from memory)", "", regex=False).str.strip()
    memory = rows["responsible"].str.contains("from memory")
    return rows.assign(
        name=rows["indicator"].map(listed["name_vi"]).fillna(rows["name_vi"]),
        before_text=_dated(rows["before"], rows["before_edition"]),
        latest_text=_dated(rows["latest"], rows["latest_edition"]),
        verdict_text=rows["verdict"].map(target_views.VERDICT),
        lead_text=leads.mask(memory, leads + " (chưa kiểm chứng)"),
    )


def _dated(values: pd.Series, years: pd.Series) -> list[str]:
    pairs = zip(values, years, strict=True)
    return [MISSING if pd.isna(v) else f"{short(v)} ({y:.0f})" for v, y in pairs]


def key(table: pd.DataFrame, on: date) -> str:
    """Key sentence: what became of the targets."""
    if table.empty:
        return "Không có mục tiêu nào của Nghị quyết 02 đang được theo dõi."
    said = {
        "met": "đạt",
        "not_met": "chưa đạt",
        "not_due": "chưa đến hạn và chưa đạt",
        "no_data_this_cycle": "không có dữ liệu vì chỉ số đã ngừng công bố",
        "no_data": "thiếu số liệu của kỳ phải xét",
        "no_baseline": "thiếu số kỳ gốc",
        "unverified": "không kết luận vì mục tiêu chưa kiểm chứng",
    }
    counts = table["verdict"].value_counts()
    parts = [f"{number(counts[v])} {words}" for v, words in said.items() if v in counts]
    whole_ = f"trong {number(len(table))} mục tiêu của Nghị quyết 02"
    return f"Tính đến {day(on)}, {whole_}: {', '.join(parts)}."


def why_silent(table: pd.DataFrame, listed: pd.DataFrame) -> list[str]:
    """One sentence for each note of a series whose targets could not be judged."""
    silent = table[table["verdict"].isin(["no_data", "no_data_this_cycle"])]
    rows = listed.reindex(silent["indicator"].unique()).dropna(subset=["note_vi"])
    notes = rows[rows["note_vi"] != ""].groupby("note_vi", sort=False)["name_vi"].agg("; ".join)
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
            name=rows["series"].map(listed["name_vi"]),
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
    rows = rows.assign(name=rows["series"].map(listed["name_vi"]), order=order)
    return rows.sort_values(["order", "time_period"])


def figures_table(rows: pd.DataFrame) -> pd.DataFrame:
    """Figures in words: edition, value (score, rank of how many), certainty, source."""
    values = [
        "; ".join(filter(None, [_score(r), _rank(r)])) or MISSING for r in rows.to_dict("records")
    ]
    return rows.assign(
        edition=rows["time_period"].map("{:.0f}".format),
        value=values,
        certainty_text=rows["certainty"].map(CERTAINTY),
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
    return f"hạng {number(row['rank'])}{among}"


def moved(table: pd.DataFrame, listed: pd.DataFrame) -> pd.DataFrame:
    """``series.moved`` in words."""
    said = {True: "đã đổi, ngoài sai số", False: "trong sai số: chưa kết luận được là đã đổi"}
    return table.assign(name=table["series"].map(listed["name_vi"]), said=table["apart"].map(said))


def moved_key(table: pd.DataFrame, first: int, last: int) -> str:
    """How many estimates moved beyond their error."""
    return (
        f"Từ {first} đến {last}, {number(table['apart'].sum())} trong {number(len(table))} chỉ số "
        "quản trị thay đổi nhiều hơn sai số."
    )


def agreement_key(table: pd.DataFrame) -> str:
    """How many published scores come back."""
    sums = table[["compared", "exact", "within", "beyond"]].sum()
    return (
        f"Trong {number(sums['compared'])} điểm thành phần đã công bố, {number(sums['exact'])} "
        f"điểm tính lại trùng đến chữ số cuối, {number(sums['within'])} điểm lệch trong mức làm "
        f"tròn của số đo, {number(sums['beyond'])} điểm không giải thích được."
    )


def measures(table: pd.DataFrame, rules: dict) -> pd.DataFrame:
    """Name the measures as they were published; the largest difference first."""
    names = {c: m["published_as"] for c, m in rules["measures"].items()}
    return table.assign(measure=table["measure"].map(names)).sort_values("largest", ascending=False)
