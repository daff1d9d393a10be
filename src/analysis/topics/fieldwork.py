"""What a page shows of a survey whose fieldwork goes on: how far it is, what of it is recorded, and
what to ask the interviewers about. Interviewers are named by code only."""

from collections.abc import Mapping

import pandas as pd

from analysis.display import wordings
from analysis.language.languages import choose, said, say
from analysis.language.words import MISSING, number, percent, rounded

OUTCOMES = wordings.codes("outcome")
MARKS = wordings.codes("interview_mark")
EFFECTS = wordings.codes("interview_measure")


def progress(rates: pd.DataFrame) -> str:
    """How many firms of the sample have answered; ``rates``: one row over all of it."""
    if rates["rr1"].isna().all():
        return say("Chưa có doanh nghiệp nào trong danh sách mẫu.")
    row = rates.iloc[0]
    return say(
        "{done} trong {all} doanh nghiệp được chọn đã có câu trả lời dùng được; tỷ lệ trả lời RR1 "
        "{rate}.",
        done=number(row["completed"]), all=number(row["selected"]), rate=percent(row["rr1"], 1),
    )  # fmt: skip


def overall(rates: pd.DataFrame) -> str:
    """The rates over all of the sample (one row), in words."""
    if rates["rr1"].isna().all():
        return ""
    row = rates.iloc[0]
    names = {"rr1": "RR1", "rr5": "RR5", "cooperation": "COOP1", "refusal": "REF1"}
    told = [f"{name} {percent(row[code], 1)}" for code, name in names.items()]
    return say("Cả mẫu: {rates}.", rates="; ".join(told))


def recorded(contacts: pd.DataFrame, interviews: pd.DataFrame) -> list[str]:
    """What of the fieldwork is recorded, and what is not, in sentences."""
    told = []
    if (contacts["reported"] == "").all():
        told.append(
            say(
                "Kết quả tiếp xúc từng doanh nghiệp (từ chối, không gặp, không thuộc đối tượng) "
                "không được ghi: không có contacts.csv. Ai chưa trả lời được coi là chưa rõ kết "
                "quả, nên RR1 là mức thấp nhất."
            )
        )
    claimed = (contacts["reported"] == "completed") & (contacts["outcome"] == "other")
    if claimed.any():
        told.append(
            say(
                "{n} doanh nghiệp được ghi là hoàn thành nhưng chưa có câu trả lời nào ở đây.",
                n=number(claimed.sum()),
            )
        )
    names = {
        "interviewer": say("người phỏng vấn"),
        "start": say("giờ bắt đầu"),
        "end": say("giờ kết thúc"),
    }
    absent = [name for column, name in names.items() if interviews[column].isna().all()]
    if absent:
        told.append(
            say("Không được ghi, nên không tính: {what}.", what=", ".join(absent)),
        )
    unread = int(interviews["unread"].sum())
    if unread:
        told.append(say("{n} giờ, ngày ghi trên máy không đọc được.", n=number(unread)))
    return told


def named(
    rates: pd.DataFrame, regions: Mapping[str, str], sizes: Mapping, provinces: Mapping[str, str]
) -> pd.DataFrame:
    """Response rates with ``name``: of the regions, sizes and provinces by which they are."""
    known = {
        "region": regions,
        "firm_size": {code: choose(text) for code, text in sizes.items()},
        "province": provinces,
    }
    by = [column for column in known if column in rates]
    parts = [rates[c].map(lambda code, own=known[c]: own.get(code, code)) for c in by]
    name = pd.Series("", index=rates.index)
    for n, part in enumerate(parts):
        name = name + (", " if n else "") + part.astype(str)
    return rates.assign(name=name)


def nonresponse(table: pd.DataFrame, survey: dict) -> pd.DataFrame:
    """Questions by the share, in percent of those asked, to which there is no answer; those that
    nobody was asked are left out.

    ``table``: item and the number of answers of each kind (``not_asked`` among them).
    """
    sections = survey.get("questionnaire")
    items = [i for s in sections for i in s["items"]] if sections else list(survey["columns"])
    held = table[table["item"].isin(items)]
    kinds = ["answered", "approximate", "dont_know", "refused", "blank", "not_accepted"]
    held = held.assign(asked=held[kinds].sum(axis=1))
    held = held[held["asked"] > 0]
    gone = held[["dont_know", "refused", "blank"]]
    shares = (100 * gone.div(held["asked"], axis=0)).add_prefix("share_")
    heads = {i: f"{choose(c['name'])} ({c['head']})" for i, c in survey["columns"].items()}
    found = held.join(shares).assign(
        head=held["item"].map(heads), missing=100 * gone.sum(axis=1) / held["asked"]
    )
    return found.sort_values("missing", ascending=False, kind="stable").reset_index(drop=True)


def speed(judged: pd.DataFrame, limit: float) -> str:
    """How long interviews take, and below what they are too fast."""
    known = judged["seconds"].dropna()
    if known.empty:
        return say("Chưa có phiếu nào ghi cả giờ bắt đầu và giờ kết thúc.")
    told = say(
        "{n} phiếu có giờ bắt đầu và kết thúc: trung vị {minutes} phút, {seconds} giây mỗi câu "
        "được hỏi.",
        n=number(len(known)),
        minutes=number(judged["minutes"].median(), 1),
        seconds=number(known.median(), 1),
    )
    if pd.isna(limit):
        return told + " " + say("Quá ít phiếu để nói phiếu nào quá nhanh.")
    return told + " " + say("Dưới {limit} giây mỗi câu là quá nhanh.", limit=number(limit, 1))


def quarters(counted: Mapping[str, float]) -> str:
    """How many interviews begin on a quarter of an hour, beside chance."""
    if not counted["times"]:
        return ""
    return say(
        "{n} trong {of} phiếu bắt đầu đúng vào phút 0, 15, 30 hoặc 45: {share} (khoảng 95 %: "
        "{low}–{high}); nếu do máy ghi thì khoảng 6,7 %.",
        n=number(counted["quarters"]), of=number(counted["times"]),
        share=percent(counted["share"], 1), low=number(counted["low"], 1),
        high=number(counted["high"], 1),
    )  # fmt: skip


def to_ask(marked: pd.DataFrame) -> pd.DataFrame:
    """The marked interviews, with ``began`` and ``why`` in words."""
    words = {mark: say(text) for mark, text in MARKS.items() if mark in marked}
    why = [
        "; ".join(text for mark, text in words.items() if row[mark])
        for row in marked.to_dict("records")
    ]
    began = marked["start"].dt.strftime("%d/%m/%Y %H:%M").fillna(MISSING)
    interviewer = marked["interviewer"].astype(object).fillna(MISSING)
    return marked.assign(why=why, began=began, interviewer=interviewer)


def alike(copied: pd.DataFrame) -> pd.DataFrame:
    """Answers with the same figures; ``other`` says where it is the same firm twice."""
    same = copied["response"] == copied["other"]
    return copied.assign(other=copied["other"].mask(same, say("chính phiếu này")))


def straight(found: pd.DataFrame | None) -> str:
    """How many answers give all ratings alike, or why that is not looked at."""
    if found is None:
        return say("Phiếu có dưới ba câu chấm điểm nên không xét việc chấm mọi câu như nhau.")
    return say("{n} lượt trả lời chấm mọi câu như nhau.", n=number(len(found)))


def effects(table: pd.DataFrame, measures: Mapping) -> pd.DataFrame:
    """Effects of interviewers as text, with ``name``; ``measures``: those of the survey."""
    names = {code: choose(how["name"]) for code, how in measures.items()} | said(EFFECTS)
    return table.assign(
        name=table["measure"].map(names),
        rho=_with_limits(table, "estimate", "ci_low", "ci_high", 2),
        effect=_with_limits(table, "design_effect", "effect_low", "effect_high", 1),
    )


def _with_limits(table: pd.DataFrame, value: str, low: str, high: str, decimals: int) -> list[str]:
    return [
        MISSING
        if pd.isna(row[value])
        else "{} ({}; {})".format(*(number(row[c], decimals) for c in (value, low, high)))
        for row in table.to_dict("records")
    ]


def confounded(places: pd.Series, least: int, effects: pd.DataFrame) -> str:
    """How far interviewers can be told from the places they work in; ``places``: interviewer → in
    how many he or she worked."""
    if effects["estimate"].isna().all():
        return say(
            "Cần ít nhất {n} người phỏng vấn, mỗi người hai phiếu, để ước lượng ảnh hưởng của họ.",
            n=number(least),
        )
    one = int((places == 1).sum())
    return say(
        "{one} trong {all} người phỏng vấn chỉ làm ở một tỉnh. Doanh nghiệp không được chia ngẫu "
        "nhiên cho người phỏng vấn, nên số này gồm cả khác biệt giữa các nơi: nó nói phải hỏi ai, "
        "không nói ai làm sai.",
        one=number(one), all=number(len(places)),
    )  # fmt: skip


def interim(responded: int, planned: int, stated: bool) -> str:
    """That estimates are not final, and what the expected width is for."""
    left = say(
        "Số tạm tính, chưa phải kết quả: mới có {n} doanh nghiệp trả lời.", n=number(responded)
    )
    if responded >= planned:
        return say("Đã đủ {n} doanh nghiệp theo kế hoạch.", n=number(planned))
    if stated:
        until = say("Dự kiến: khi đủ {n} doanh nghiệp theo kế hoạch.", n=number(planned))
    else:
        until = say("Dự kiến: khi cả {n} doanh nghiệp được chọn trả lời.", n=number(planned))
    return f"{left} {until}"


def widths(table: pd.DataFrame, names: Mapping[str, str], by: float = 1e6) -> pd.DataFrame:
    """Interim estimates ÷ ``by`` as text: ``name``, ``text`` with interval, ``half``, ``expected``;
    hidden ones are named so."""
    hidden = table["obs_status"] == "Q"
    rows = []
    for row, gone in zip((table.assign(_q=hidden)).to_dict("records"), hidden, strict=True):
        if gone or pd.isna(row["estimate"]):
            rows.append((say("che") if gone else MISSING, MISSING, MISSING))
            continue
        held = [row[c] / by for c in ("estimate", "ci_low", "ci_high", "half", "expected")]
        value, low, high, half, later = [MISSING if pd.isna(v) else rounded(v) for v in held]
        rows.append((f"{value} ({low}–{high})", f"± {half}", f"± {later}"))
    texts = pd.DataFrame(rows, columns=["text", "half", "expected"], index=table.index)
    people = table["respondents"].map(number).mask(hidden, say("quá ít"))
    name = table["procedure_group"].map(names)
    found = table.drop(columns=["half", "expected"]).join(texts)
    return found.assign(name=name, n=people)
