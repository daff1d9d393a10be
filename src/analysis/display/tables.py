"""Tables as readers see them: heads and numbers in the language in use, everything escaped."""

import re
from collections.abc import Callable, Collection

import pandas as pd
from markupsafe import Markup, escape

from analysis.display.resource import Shown, resource
from analysis.language.languages import SOURCE, choose, column, current, said, say, say_many
from analysis.language.words import MISSING, number, percent, short
from analysis.schema import OBS_STATUS

STATE = {
    "in_force": "Dùng để tính",
    "superseded": "Đã có bản thay thế",
    "duplicate": "Trùng lặp",
    "refused": "Chưa nhận được (tệp lỗi)",
}
SEVERITY = {"blocking": "Phải sửa", "warning": "Cần kiểm tra", "note": "Lưu ý"}
CERTAINTY = {
    "verified": "Đã kiểm chứng",
    "third_party": "Theo mô tả của bên thứ ba",
    "derived": "Được suy ra",
    "from_memory": "Chưa kiểm chứng",
    "unverified": "Chưa kiểm chứng",
}
OUTCOME = {
    "agrees": "Khớp trong sai số làm tròn",
    "assumed": "Khớp nhờ giả định, không có số liệu đầu vào",
    "differs": "Lệch",
    "no_inputs": "Không tính được: Cổng không công bố số liệu đầu vào",
    "not_published": "Không so được: Cổng không cho điểm chỉ số này",
    "unknown_rule": "Không so được: chưa rõ quy tắc tính của Cổng",
}


_NUM, _QUOTED = Markup(" class='num'"), Markup(" lang='vi'")


def whole(value: object) -> str:
    return number(value)


def points(value: object) -> str:
    return number(value, 2)


def fine(value: object) -> str:
    return number(value, 4)


def share(value: object) -> str:
    return percent(value, 1)


NO_NATIONAL = (
    "Khung này gồm các giá trị như nguồn nêu, không kèm tử số, mẫu số; vì vậy không có số của toàn "
    "thể, và giá trị của các đơn vị không được lấy trung bình."
)

# Ready columns for tables.show(frame, *tables.NATIONAL): heads and formats.
NATIONAL = (
    {
        "name": "Chỉ tiêu",
        "numerator": "Tử số",
        "denominator": "Mẫu số",
        "obs_value": "Tỷ lệ",
        "units": "Đơn vị có số liệu",
        "of": "trong số",
    },
    {"numerator": whole, "denominator": whole, "obs_value": share, "units": whole, "of": whole},
)
INDICATORS = (
    {
        "number": "Mã",
        "name": "Chỉ tiêu",
        "numerator": "Tử số",
        "denominator": "Mẫu số",
        "value": "Tỷ lệ",
        "score": "Điểm",
        "max_score": "Tối đa",
        "status": "Tình trạng",
    },
    {
        "numerator": whole,
        "denominator": whole,
        "value": str,
        "score": points,
        "max_score": short,
    },
)
DIMENSIONS = (
    {
        "name": "Nhóm",
        "score": "Điểm",
        "max_score": "Tối đa",
        "place": "Thứ hạng",
        "cover": "Độ phủ",
    },
    {"score": points, "max_score": short, "place": str, "cover": share},
)
BALANCE = (
    {
        "source_file": "Tệp",
        "state": "Trạng thái",
        "submitted": "Ô đã gửi",
        "labels": "Nhãn",
        "accepted": "Số liệu được chấp nhận",
        "in_issues": "Ô có vấn đề",
        "unaccounted": "Không rõ",
    },
    dict.fromkeys(["submitted", "labels", "accepted", "in_issues", "unaccounted"], whole),
)
FILES = ({c: head for c, head in BALANCE[0].items() if c != "state"}, BALANCE[1])
CODEBOOK = (
    {
        "number": "Mã",
        "name": "Chỉ tiêu",
        "group": "Nhóm",
        "max": "Điểm tối đa",
        "full": "Đạt tối đa khi",
        "certainty": "Mức chắc chắn",
        "note": "Ghi chú",
    },
    {"max": short, "full": str},
)
AGREEMENT = (
    {
        "group": "Nhóm của Cổng",
        "metric": "Chỉ số của Cổng",
        "outcome": "Kết quả",
        "rows": "Số dòng",
        "largest": "Chênh lệch lớn nhất",
    },
    {"rows": whole, "largest": fine},
)
DIFFERENCES = (
    {
        "unit": "Đơn vị",
        "group": "Nhóm",
        "metric": "Chỉ số của Cổng",
        "published_score": "Công bố",
        "score": "Tính lại",
        "difference": "Chênh lệch",
    },
    {"published_score": points, "score": points, "difference": fine},
)
SUBMISSIONS = (
    {"source_file": "Tệp", "at": "Ngày nhận", "revision": "Lần sửa đổi", "state": "Trạng thái"},
    {"revision": whole},
)
# Rankings: every place with its interval.
STANDING = (
    {
        "name": "Nhóm",
        "score": "Điểm",
        "max_score": "Tối đa",
        "place": "Thứ hạng (khoảng)",
        "cover": "Độ phủ",
    },
    {"score": points, "max_score": short, "place": str, "cover": share},
)


def ranking(table: pd.DataFrame) -> tuple[dict, dict]:
    """Columns of a ranking: one interval for each source of doubt that there is."""
    heads = {"peers": "Xếp cùng"} if table["peers"].nunique() > 1 else {}
    heads |= {"name": "Đơn vị", "score": "Điểm", "rank": "Thứ hạng"}
    doubts = {
        "place_method": "Nếu đổi cách tính",
        "place_sampling": "Nếu lấy mẫu lại",
        "place_both": "Nếu cả hai",
    }
    heads |= {c: head for c, head in doubts.items() if c in table}
    heads |= {"chance": "Khả năng trong nhóm đầu", "risk": "Khả năng trong nhóm cuối"}
    texts = [c for c in heads if c not in ("peers", "name", "score", "rank")]
    return heads, {"score": points, "rank": whole} | dict.fromkeys(texts, str)


CHOICES = ({"step": "Bước", "chosen": "Khung chọn", "tried": "Thử thêm"}, {})
NEXT_POINT = (
    {
        "name": "Chỉ tiêu",
        "obs_value": "Hiện nay",
        "needed": "Cần đạt",
        "cases": "Số trường hợp",
        "room": "Còn có thể thêm, điểm",
        "verdict": "Riêng chỉ tiêu này",
    },
    {"obs_value": points, "needed": str, "cases": str, "room": points},
)
PARTS = (
    {
        "name": "Chỉ tiêu",
        "given": "Điểm đạt được",
        "lost": "Điểm còn thiếu",
        "normalised": "Mức đạt, %",
        "median": "Trung vị nhóm, %",
        "place": "Hơn bao nhiêu đơn vị cùng loại",
        "against_peers": "So với trung vị, điểm",
    },
    {
        **dict.fromkeys(["given", "lost", "against_peers"], points),
        **dict.fromkeys(["normalised", "median"], lambda v: number(v, 1)),
        "place": lambda v: percent(v, 0),
    },
)


def between(left: str, right: str) -> tuple[dict, dict]:
    """Columns of a table of two units."""
    heads = {"name": "Chỉ tiêu", "unit": left, "other": right, "contribution": "Chênh lệch, điểm"}
    scaled = dict.fromkeys(["unit", "other"], lambda v: number(v, 1))
    return heads, scaled | {"contribution": points}


MOVERS = (
    {
        "name": "Đơn vị",
        "earlier": "Kỳ trước",
        "later": "Kỳ này",
        "change": "Thay đổi",
        "real": "Do kết quả",
        "method": "Do đổi cách tính",
    },
    dict.fromkeys(["earlier", "later", "change", "real", "method"], points),
)
RECAST = (
    {"how": "Số liệu của đơn vị", "units": "Số đơn vị", "scored": "Có tổng điểm"},
    {"units": whole, "scored": whole},
)
DISCRIMINATION = (
    {
        "name": "Chỉ tiêu",
        "weight": "Trọng số, %",
        "correlation": "Tương quan với tổng điểm",
        "at_ceiling": "Đã đạt tối đa, %",
        "at_floor": "Ở mức thấp nhất, %",
        "spread": "Khoảng giữa, %",
        "missing": "Thiếu, %",
        "verdict": "Phân biệt được",
    },
    {
        **dict.fromkeys(["at_ceiling", "at_floor", "spread", "missing"], lambda v: number(v, 0)),
        "weight": short,
        "correlation": points,
    },
)
RELIABILITY = (
    {
        "name": "Nhóm",
        "indicators": "Số chỉ tiêu",
        "units": "Đơn vị đủ số liệu",
        "alpha": "Hệ số alpha Cronbach",
        "first_component": "Thành phần thứ nhất, %",
    },
    {
        **dict.fromkeys(["indicators", "units"], whole),
        "alpha": points,
        "first_component": lambda v: number(v, 0),
    },
)
CORRELATIONS = (
    {
        "name": "Chỉ tiêu",
        "other_name": "Chỉ tiêu khác",
        "correlation": "Tương quan",
        "units": "Số đơn vị",
        "where": "Nhóm của hai chỉ tiêu",
    },
    {"correlation": points, "units": whole},
)
FAVOURABLE = (
    {
        "name": "Đơn vị",
        "place": "Thứ hạng đã nêu",
        "score": "Với trọng số có lợi nhất (100 là tốt nhất)",
        "best": "Chỉ tiêu có lợi nhất",
    },
    {"place": str, "score": lambda v: number(v, 1)},
)
NOTED = ({"name": "Đơn vị, chỉ tiêu", "text": "Điều cần biết"}, {})
# The same for the pages of a survey edition.
COSTS = (
    {
        "name": "Nhóm",
        "n": "Doanh nghiệp trả lời",
        "text": "Trung vị, triệu đồng (khoảng tin cậy 95%)",
        "mean_text": "Trung bình, triệu đồng (khoảng tin cậy 95%)",
        "design_effect": "Hiệu ứng thiết kế",
    },
    {"n": str, "text": str, "mean_text": str, "design_effect": points},
)
SHARES = (
    {
        "name": "Nhóm",
        "filed_online": "Nộp trực tuyến, %",
        "received_online": "Nhận trực tuyến, %",
        "outsourced": "Thuê trọn gói, %",
        "paid_informally": "Có chi không chính thức, %",
    },
    dict.fromkeys(["filed_online", "received_online", "outsourced", "paid_informally"], str),
)
QUADRANTS = (
    {
        "name": "Tỉnh, thành phố",
        "n": "Doanh nghiệp trả lời",
        "hours_text": "Thời gian, cả nước = 1",
        "direct_text": "Chi phí trực tiếp, cả nước = 1",
        "quadrant": "Góc",
        "firm": "Phân biệt được",
    },
    {"n": str, "hours_text": str, "direct_text": str},
)
SCORES = (
    {
        "name": "Nhóm",
        "goalposts": "Khoảng cách đến ngưỡng (0–100)",
        "distance_to_baseline": "So với kỳ gốc (50 = như cũ)",
    },
    {"goalposts": str, "distance_to_baseline": str},
)
TWO_WAYS = (
    {
        "name": "Nhóm",
        "linear_mean": "Trung bình, tuyến tính hoá",
        "bootstrap_mean": "Trung bình, bootstrap",
        "linear_median": "Trung vị, Woodruff",
        "bootstrap_median": "Trung vị, bootstrap",
    },
    dict.fromkeys(["linear_mean", "bootstrap_mean", "linear_median", "bootstrap_median"], str),
)
STRATA = (
    {
        "region_name": "Vùng",
        "size_name": "Quy mô",
        "population": "Doanh nghiệp",
        "selected": "Được chọn",
        "responded": "Trả lời",
        "rate": "Tỷ lệ trả lời",
        "design_weight": "Quyền số",
    },
    {
        **dict.fromkeys(["population", "selected", "responded"], whole),
        "rate": share,
        "design_weight": points,
    },
)
QUESTIONS = (
    {
        "head": "Câu hỏi",
        "answered": "Trả lời rõ",
        "approximate": "Ước chừng",
        "dont_know": "Không nhớ",
        "refused": "Từ chối",
        "blank": "Để trống",
        "not_accepted": "Chưa dùng được",
    },
    dict.fromkeys(
        ["answered", "approximate", "dont_know", "refused", "blank", "not_accepted"], whole
    ),
)
PUBLISHED = (
    {
        "edition": "Kỳ",
        "name": "Nhóm",
        "what": "Nội dung",
        "text": "Số đã công bố",
        "bound_text": "Loại số",
        "certainty_text": "Mức chắc chắn",
        "source": "Nguồn",
    },
    {"text": str},
)
EDITIONS = (
    {
        "edition": "Kỳ",
        "firms_surveyed": "Doanh nghiệp",
        "procedure_groups": "Nhóm thủ tục",
        "provinces_covered": "Tỉnh, thành phố",
        "levels": "Nhóm có mức chi phí",
        "figures": "Số liệu tìm được",
    },
    {
        **dict.fromkeys(["firms_surveyed", "procedure_groups", "provinces_covered"], str),
        **dict.fromkeys(["levels", "figures"], whole),
    },
)
RATES = (
    {
        "edition": "Kỳ",
        "name": "Nhóm",
        "hours": "Giờ",
        "time_cost": "Chi phí thời gian, đồng",
        "hourly_rate": "Đồng một giờ",
        "how": "Cách suy ra",
    },
    {"hours": points, "time_cost": whole, "hourly_rate": whole},
)


def show(
    table: pd.DataFrame,
    heads: dict[str, str],
    formats: dict[str, Callable] | None = None,
    empty: str = "Không có dòng nào.",
    as_written: Collection[str] = (),
    quoting: Collection[str] = (),
    of: pd.DataFrame | None = None,
) -> Shown:
    """The columns of ``heads`` in that order, escaped; formatted columns are right-aligned.

    Heads and ``empty`` are given in Vietnamese and shown in the language in use.

    Parameters
    ----------
    heads
        Column → head that the reader sees.
    formats
        Column → function from value to text.
    empty
        What stands there when there is no row.
    as_written
        Columns quoted in Vietnamese whatever the language: what offices wrote, titles of laws.
    quoting
        Columns of sentences in which “…” is such a quotation.
    of
        What the rows were chosen from: where even that is empty, nothing has come yet, and "none"
        would say too much.

    >>> rows = pd.DataFrame({"name": ["<Bộ A>"], "score": [1234.5]})
    >>> html = show(rows, {"name": "Đơn vị", "score": "Điểm"}, {"score": points}).data
    >>> "<td>&lt;Bộ A&gt;</td><td class='num'>1.234,50</td>" in html
    True
    """
    if table.empty:
        known = of is None or len(of)
        told = say(empty) if known else say("Chưa có số liệu.")
        return Shown(Markup("<p class='note'>{}</p>").format(told))
    formats = formats or {}
    write = dict.fromkeys(quoting, _quoted) | formats
    head = Markup("").join(
        Markup("<th{} scope='col'>{}</th>").format(_NUM if c in formats else "", say(h))
        for c, h in heads.items()
    )
    texts = {c: [write.get(c, _text)(v) for v in table[c]] for c in heads}
    columns = [
        [Markup("<td{}>{}</td>").format(_kind(c, formats, as_written), t) for t in texts[c]]
        for c in heads
    ]
    rows = Markup("").join(
        Markup("<tr>{}</tr>").format(Markup("").join(r)) for r in zip(*columns, strict=True)
    )
    frame = (
        "<div class='table-wrap' tabindex='0'><table class='data'><thead><tr>{}</tr></thead>"
        "<tbody>{}</tbody></table></div>"
    )
    held = [(c, say(h), table[c].tolist(), texts[c], c in formats) for c, h in heads.items()]
    return Shown(Markup(frame).format(head, rows), [resource(held)])


def _kind(column: str, formats: Collection[str], as_written: Collection[str]) -> Markup:
    if column in formats:
        return _NUM
    return _QUOTED if column in as_written and current() != SOURCE else Markup("")


def _text(value: object) -> str:
    if isinstance(value, Markup):  # only in columns of objects: pandas makes plain text of it
        return value
    return MISSING if pd.isna(value) else str(value)


def _quoted(value: object) -> str:
    text = _text(value)
    if current() == SOURCE:
        return text
    safe = str(escape(text))
    return Markup(re.sub("“(.*?)”", r"“<span lang='vi'>\1</span>”", safe, flags=re.DOTALL))


def issues(table: pd.DataFrame, names: dict[str, str], most: int = 200) -> Shown:
    """An issues table (schema.ISSUES), worst first; more than ``most`` rows are counted."""
    shown = table.head(most)
    shown = shown.assign(
        severity=shown["severity"].astype(str).map(said(SEVERITY)),
        unit=shown["reporting_unit"].map(names).fillna(MISSING),
        place=_place(shown),
        message=shown[column("message")],
    )
    html = show(
        shown,
        {
            "severity": "Mức độ",
            "unit": "Đơn vị",
            "place": "Tệp · trang tính · ô",
            "message": "Nội dung",
        },
        empty="Không có vấn đề nào.",
        as_written=["place"],
        quoting=["message"],
    )
    if len(table) <= most:
        return html
    left = len(table) - most
    more = say_many("Còn {n} dòng nữa trong tệp issues.csv.", left, n=number(left))
    more = Markup("<p class='note'>{}</p>").format(more)
    return Shown(html.data + more, html.resources)


def _place(table: pd.DataFrame) -> list[str]:
    parts = table[["source_file", "source_sheet", "source_cell"]].fillna("")
    return [" · ".join(filter(None, row)) or MISSING for row in parts.itertuples(index=False)]


def missing(held, names: dict[str, str], rules: dict) -> pd.DataFrame:
    """Forms that are due and not usable: unit (name), form and reason (nothing came, or what was
    wrong, with the file quoted: :func:`show` with ``quoting=["reason"]``).

    ``held`` are the period's tables.
    """
    rows = held.issues[held.issues["rule"] == "not_received"]
    refused = held.submissions[held.submissions["state"] == "refused"]
    reasons = {
        (r.reporting_unit, r.form): say(
            "Có gửi tệp “{file}” nhưng không dùng được ({why}).",
            file=r.source_file,
            why=choose(rules[r.rule]["name"]),
        )
        for r in refused.itertuples()
        if pd.notna(r.reporting_unit)
    }
    none = say("Không có tệp nào nhận ra là của đơn vị")
    reason = [
        reasons.get(key, none) for key in zip(rows["reporting_unit"], rows["form"], strict=True)
    ]
    return pd.DataFrame(
        {"unit": rows["reporting_unit"].map(names), "form": rows["form"], "reason": reason}
    )


def severities(table: pd.DataFrame) -> dict[str, int]:
    """How many issues there are of each severity."""
    return {code: int((table["severity"] == code).sum()) for code in SEVERITY}


def measured(value: float | None, unit_measure: str) -> str:
    """A value of an indicator with its unit of measure ("12,5 %", "9,24 điểm")."""
    if unit_measure == "percent" or value is None or pd.isna(value):
        return share(value)
    return say("{n} điểm", n=points(value))


def national(table: pd.DataFrame, framework: dict) -> pd.DataFrame:
    """The framework's ratios over all units together (see analysis.indicators.indicators.national).

    Adds ``name``. Values as stated have no figure for the whole and are left out.
    """
    ratios = {c: choose(i["name"]) for c, i in framework["indicators"].items() if _is_ratio(i)}
    rows = table[table["framework"] == framework["framework"]]
    return rows.assign(name=rows["indicator"].map(ratios)).dropna(subset=["name"])


def _is_ratio(indicator: dict) -> bool:
    return "value" not in indicator["formula"]


def codebook(framework: dict) -> pd.DataFrame:
    """The framework's indicators: number, name, group, max, full (mark at), certainty, note."""
    rows = [
        {
            "number": i.get("number", ""),
            "name": choose(i["name"]),
            "group": choose(framework["dimensions"][i["dimension"]]["name"]),
            "max": i.get("points", {}).get("max"),
            "full": measured(i.get("points", {}).get("full_mark_at"), i["unit_measure"]),
            "certainty": say(CERTAINTY[i["certainty"]]),
            "note": choose(i.get("note")),
        }
        for i in framework["indicators"].values()
    ]
    return pd.DataFrame(rows)


def ranks(table: pd.DataFrame) -> pd.Series:
    """ "3/15" from rank and ranked; "…" where the unit has no rank, or nobody to be ranked with."""
    return pd.Series(
        [
            MISSING if pd.isna(r) or n < 2 else f"{number(r)}/{number(n)}"
            for r, n in zip(table["rank"], table["ranked"], strict=True)
        ],
        index=table.index,
    )


def league(scores: pd.DataFrame, framework: dict, names: dict[str, str]) -> pd.DataFrame:
    """One row per unit: its points in each dimension, the sum where all are known, coverage.

    Returns reporting_unit, name, one column per dimension, total, coverage (percent of the points
    that could be computed); ordered by coverage, then by points reached of those computable.
    """
    dimension = scores[scores["level"] == "dimension"]
    wide = dimension.pivot(index="reporting_unit", columns="code", values="score")
    wide = wide.reindex(columns=list(framework["dimensions"]))
    whole_ = scores[scores["level"] == "framework"].set_index("reporting_unit")
    table = wide.assign(total=whole_["score"], coverage=100 * whole_["coverage"])
    reached = (
        wide.sum(axis=1) / whole_["max_score"] / whole_["coverage"].where(whole_["coverage"] > 0)
    )
    table = table.assign(reached=reached).sort_values(
        ["coverage", "reached"], ascending=False, kind="stable"
    )
    table.insert(0, "name", table.index.map(names))
    return table.drop(columns="reached").reset_index()


def heaviest(scores: pd.DataFrame, framework: dict) -> str:
    """Code of the dimension with most points given: its maximum times the units with a score.

    ``scores``: code, score, max_score. Of equal ones the framework's first.
    """
    given = scores[scores["score"].notna()].groupby("code")["max_score"].sum()
    return given.reindex(list(framework["dimensions"]), fill_value=0.0).idxmax()


def peers(own: pd.DataFrame, deciles: pd.DataFrame, framework: dict) -> pd.DataFrame:
    """A unit's dimensions beside those of its peers, in percent of the maximum.

    Parameters
    ----------
    own, deciles
        Rows of the unit in schema.SCORES and of its peers in schema.PEER_SCORES.

    Returns
    -------
    name, value (of the unit), low, median, high (deciles 1, 5, 9 of all peers that have a score,
    the unit included; missing where it is the only one).
    """
    names = {code: choose(d["name"]) for code, d in framework["dimensions"].items()}
    rows = own[own["level"] == "dimension"].set_index("code")
    held = deciles[deciles["level"] == "dimension"].set_index("code").reindex(list(names))
    table = pd.DataFrame({"name": names}, dtype=object)
    return table.assign(
        value=100 * rows["score"] / rows["max_score"],
        **{c: held[c].where(held["n"] > 1) for c in ("low", "median", "high")},
    )


def indicators(
    values: pd.DataFrame, scores: pd.DataFrame, framework: dict, reporting_unit: str
) -> pd.DataFrame:
    """A unit's indicators in the framework's order, with value, points and status in words."""
    own = values[
        (values["reporting_unit"] == reporting_unit)
        & (values["framework"] == framework["framework"])
    ]
    scored = scores[scores["level"] == "indicator"].set_index("code")
    table = own.set_index("indicator").reindex(list(framework["indicators"]))
    described = framework["indicators"]
    status = scored["obs_status"].reindex(table.index).fillna(table["obs_status"])
    return table.assign(
        number=[described[c].get("number", "") for c in table.index],
        name=[choose(described[c]["name"]) for c in table.index],
        value=[measured(v, described[c]["unit_measure"]) for c, v in table["obs_value"].items()],
        score=scored["score"].reindex(table.index),
        max_score=scored["max_score"].reindex(table.index),
        status=status.map(said(OBS_STATUS)).fillna(MISSING),
    )


def indicator_heads(framework: dict) -> tuple[dict, dict]:
    """Heads and formats for :func:`indicators`: no column of parts where nothing is a ratio."""
    heads, formats = INDICATORS
    ratios = [_is_ratio(i) for i in framework["indicators"].values()]
    if all(ratios):
        return INDICATORS
    parts = () if any(ratios) else ("numerator", "denominator")
    heads = {column: head for column, head in heads.items() if column not in parts}
    return {**heads, "value": "Giá trị"}, formats
