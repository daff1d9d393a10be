"""The illustrative registers of 2022-Q1 and 2022-Q2: tasks and recommendations, all synthetic.

Model: a record is opened on a day between the first of September 2021 and the end of the period,
most have a deadline some weeks later, and units differ in how often they keep it. A register holds
what was open at the beginning of its period and what was opened in it, so that the stock carried
over is real work. The registers of the second period carry the mess of FAULTS, one record each.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from analysis.catalogue import catalogue as cat
from analysis.catalogue import plans
from analysis.exchange import blank_registers, neutral
from analysis.schema.tables import STATES

SEED = 20220342
PERIODS = ("2022-Q1", "2022-Q2")
_FIRST = date(2021, 9, 1)
_LAST = date(2022, 6, 14)
_SENDER = "VPCP"
_SIZE = {"tasks": 420, "recommendations": 190}

_TASKS = [
    ("Xây dựng, trình dự thảo nghị định về {}", "Dự thảo nghị định"),
    ("Rà soát, báo cáo phương án đơn giản hóa thủ tục về {}", "Báo cáo"),
    ("Xử lý kiến nghị của địa phương về {}", "Văn bản trả lời"),
    ("Hoàn thiện đề án về {}", "Đề án"),
    ("Sơ kết việc thực hiện chính sách về {}", "Báo cáo sơ kết"),
    ("Kết nối, chia sẻ dữ liệu về {}", "Dịch vụ dữ liệu"),
]
_SUBJECTS = ["đầu tư công", "đất đai", "logistics", "chuyển đổi số", "an sinh xã hội", "giáo dục"]
_SUBJECTS += ["y tế cơ sở", "xuất khẩu nông sản", "năng lượng", "du lịch", "quy hoạch tỉnh"]
_SUBJECTS += ["nhà ở xã hội", "thị trường vốn", "môi trường", "an toàn thực phẩm", "giao thông"]
_GIVERS = ["Chính phủ", "Thủ tướng Chính phủ", "Phó Thủ tướng Chính phủ"]
_CONTENT = {
    "tax_customs": ["Hồ sơ hoàn thuế bị kéo dài", "Cổng dịch vụ công báo hệ thống lỗi khi kê khai"],
    "land": ["Thủ tục giao đất chậm giải quyết", "Quy định về giá đất chưa rõ ràng"],
    "construction": ["Thẩm duyệt phòng cháy chữa cháy kéo dài", "Quy chuẩn PCCC chồng chéo"],
    "environment": ["Giấy phép môi trường yêu cầu nhiều giấy tờ", "Mức phí thẩm định cao"],
    "labour": [
        "Phải nộp lại hồ sơ bảo hiểm bằng bản giấy",
        "Nộp trực tuyến không nhận được kết quả",
    ],
    "investment": ["Thành phần hồ sơ đầu tư trùng nhau", "Các luật về đầu tư mâu thuẫn"],
    "trade": ["Kiểm tra chuyên ngành một lô hàng nhiều lần", "Chi phí tuân thủ khi nhập khẩu lớn"],
    "credit": ["Khó tiếp cận vốn ưu đãi", "Điều kiện vay chưa thống nhất giữa các văn bản"],
    "other": ["Một năm có ba đoàn thanh tra", "Đề nghị tổ chức đối thoại thường xuyên hơn"],
}
_ANSWER = {"tax_customs": "BTC", "land": "BTNMT", "construction": "BXD", "environment": "BTNMT"}
_ANSWER |= {"labour": "BLDTBXH", "investment": "BKHDT", "trade": "BCT", "credit": "NHNN"}
_ANSWER |= {"other": "TTCP"}
_FROM = ["Hiệp hội minh họa", "Công ty TNHH minh họa", "Công ty cổ phần minh họa"]


@dataclass(frozen=True)
class Fault:
    """What is spoilt in one record of the second period, and the rule that must name it.

    ``where``: which kind of record is taken: one that is completed, open or new. ``write``:
    attribute → what is written; a callable takes the record.
    """

    form: str
    where: str
    write: dict
    expected_rule: str | None


def _serial(value: date | None) -> int | None:
    return (value - date(1899, 12, 30)).days if value else None


def _dotted(value: date) -> str:
    return f"{value.day}.{value.month}.{value.year}"


FAULTS = [
    Fault("tasks", "completed", {"completed": lambda r: _dotted(r["completed"])}, "date_as_text"),
    Fault("tasks", "new", {"assigned": lambda r: _serial(r["assigned"])}, "date_serial"),
    Fault("tasks", "open", {"completed": "chưa xong"}, "record_date_unreadable"),
    Fault("tasks", "completed", {"completed": "30/02/2022"}, "record_date_unreadable"),
    Fault("tasks", "open", {"completed": "-"}, "sign_for_blank"),
    Fault("tasks", "new", {"lead": "Tổng cục Minh họa"}, "record_unit_unknown"),
    Fault("tasks", "new", {"lead": None}, "required_missing"),
    Fault("tasks", "new", {"with": "Bộ Tài chính; Hội đồng Minh họa"}, "with_unknown"),
    Fault(
        "tasks",
        "completed",
        {"completed": lambda r: r["assigned"] - timedelta(days=20)},
        "closed_before_opened",
    ),
    Fault("tasks", "completed", {"completed": None}, "closed_without_date"),
    Fault("tasks", "completed", {"status": "Chưa hoàn thành"}, "closed_but_open"),
    Fault("tasks", "late", {"status": "Hoàn thành đúng hạn"}, "status_contradicts"),
    Fault("tasks", "carried", {"due": lambda r: r["due"] + timedelta(days=60)}, "due_changed"),
    Fault("tasks", "new", {"text": "Thử nghiệm <b>khung thể chế</b> & R&D"}, None),
    Fault("recommendations", "new", {"field": "Chuyện khác"}, "choice_unknown"),
    Fault("recommendations", "new", {"received": "tháng 5"}, "record_date_unreadable"),
    Fault("recommendations", "open", {"status": "Đã trả lời"}, "closed_without_date"),
    Fault(
        "recommendations", "new", {"due": lambda r: r["received"] - timedelta(days=3)},
        "due_before_opened",
    ),
]  # fmt: skip
"""Besides: one open task of the first period is left out of the second (``record_lost``), and a
record stands twice (``record_repeated``)."""


def submissions(code: str, catalogue: cat.Catalogue, root: Path) -> list[tuple]:
    """The registers that arrive in a period, the same bytes every time: name, content, day.

    Raises
    ------
    analysis.catalogue.reader.CatalogueError
        if the period has no ``period.yml``.
    """
    plan = plans.plan(code, catalogue, root)
    books = {
        form: _book(form, plan, catalogue, written(form, plan, catalogue))
        for form in _SIZE
        if form in plan.forms and code in PERIODS
    }
    return [
        (
            f"{form}_{_SENDER}_{code}.xlsx",
            neutral.same_bytes(book),
            plan.end + timedelta(days=6),
        )
        for form, book in books.items()
    ]


def truth(form: str, catalogue: cat.Catalogue) -> list[dict]:
    """All records of a register as they really went, from the first day of the model to the last.

    Attributes of the form without a status, dates as dates and units by code; some are closed only
    after the last day.
    """
    rng = np.random.default_rng([SEED, list(_SIZE).index(form)])
    units = catalogue.units_on(_LAST)
    leads = units.loc[units["type"].isin(["ministry", "ministerial_level"]), "code"].tolist()
    provinces = units.loc[units["type"].isin(["province", "centrally_run_city"]), "code"].tolist()
    manner = dict(zip(leads + provinces, rng.beta(8, 2, len(leads + provinces)), strict=True))
    days = np.sort(rng.integers(0, (_LAST - _FIRST).days + 1, _SIZE[form]))
    rows = []
    for n, offset in enumerate(days, 1):
        opened = _FIRST + timedelta(days=int(offset))
        make = _task if form == "tasks" else _recommendation
        row = make(rng, n, opened, leads, provinces)
        span = int(rng.integers(20, 150) if form == "tasks" else rng.integers(10, 25))
        due = opened + timedelta(days=span) if rng.random() > 0.08 else None
        row["due"] = due
        row[_closes(form)] = _closed(rng, opened, span, manner[row["lead"]])
        rows.append(row)
    return rows


def _closes(form: str) -> str:
    return "completed" if form == "tasks" else "answered"


def _closed(rng, opened: date, span: int, kept: float) -> date | None:
    """When it is done: mostly within ``span`` days, else late, or never."""
    if rng.random() < kept:
        return opened + timedelta(days=int(span * rng.uniform(0.4, 1)))
    if rng.random() < 0.75:
        return opened + timedelta(days=span + int(rng.integers(1, 90)))
    return None


def _task(rng, n: int, opened: date, leads: list, provinces: list) -> dict:
    verb, product = _TASKS[rng.integers(len(_TASKS))]
    lead = leads[rng.integers(len(leads))] if rng.random() < 0.8 else _one(rng, provinces)
    others = [c for c in rng.choice(leads, int(rng.integers(0, 3)), replace=False) if c != lead]
    return {
        "code": f"NV-{opened:%y}-{n:04d}",
        "text": verb.format(_one(rng, _SUBJECTS)) + " (minh họa)",
        "lead": lead,
        "with": others,
        "product": product,
        "assigned_by": _one(rng, _GIVERS),
        "document": f"Văn bản minh họa số {int(rng.integers(1, 400))}",
        "assigned": opened,
    }


def _recommendation(rng, n: int, opened: date, leads: list, provinces: list) -> dict:
    field = _one(rng, list(_CONTENT))
    return {
        "code": f"KN-{opened:%y}-{n:04d}",
        "received": opened,
        "from": f"{_one(rng, _FROM)} {int(rng.integers(1, 60))}",
        "field": field,
        "lead": _ANSWER[field] if rng.random() < 0.8 else _one(rng, provinces),
        "content": f"{_one(rng, _CONTENT[field])} (minh họa)",
    }


def _one(rng, values: list):
    return values[int(rng.integers(len(values)))]


def written(form: str, plan: plans.PeriodPlan, catalogue: cat.Catalogue) -> list[dict]:
    """The records as the register of a period holds them, in Vietnamese, with FAULTS."""
    described = catalogue.forms[form]
    opens, closes = described["dates"]["opened"], described["dates"]["closed"]
    held = [
        r
        for r in truth(form, catalogue)
        if r[opens] <= plan.end and not (r[closes] and r[closes] < plan.start)
    ]
    names = catalogue.units_on(plan.end).set_index("code")["name_vi"].to_dict()
    rows = [_in_words(r, described, plan, names) for r in held]
    if plan.code == PERIODS[1]:
        rows = _spoilt(form, rows, described, plan)
    return rows


def _in_words(row: dict, form: dict, plan: plans.PeriodPlan, names: dict) -> dict:
    closes, due = form["dates"]["closed"], row["due"]
    closed = row[closes] if row[closes] and row[closes] <= plan.end else None
    late = due is not None and (closed or plan.end) > due
    state = STATES[(0 if closed else 3) + (2 if due is None else int(late))]
    means = form["status"]["means"]
    status = min((s for s in means if state in means[s]), key=lambda s: len(means[s]))
    choices = form["attributes"]
    words = {**row, closes: closed, "status": choices["status"]["choices"][status]["vi"]}
    words["lead"] = names[row["lead"]]
    if "with" in row:
        words["with"] = "; ".join(names[c] for c in row["with"]) or None
    if "field" in row:
        words["field"] = choices["field"]["choices"][row["field"]]["vi"]
    return words


def _spoilt(form: str, rows: list[dict], described: dict, plan: plans.PeriodPlan) -> list[dict]:
    """Every fault in a record of its own; then one open record is gone and one stands twice."""
    opens, closes = described["dates"]["opened"], described["dates"]["closed"]
    kinds = {
        "completed": lambda r: r[closes] is not None and r["due"] and r[closes] <= r["due"],
        "late": lambda r: r[closes] is not None and r["due"] and r[closes] > r["due"],
        "open": lambda r: r[closes] is None and r[opens] >= plan.start,
        "new": lambda r: r[opens] >= plan.start and r["due"] and r[closes] is None,
        "carried": lambda r: r[opens] < plan.start and r["due"] and r[closes] is None,
    }
    used: set[str] = set()
    for fault in (f for f in FAULTS if f.form == form):
        row = next(r for r in rows if r["code"] not in used and kinds[fault.where](r))
        used.add(row["code"])
        for attribute, value in fault.write.items():
            row[attribute] = value(row) if callable(value) else value
    if form != "tasks":
        return rows
    lost = next(r for r in rows if r["code"] not in used and kinds["carried"](r))
    used.add(lost["code"])
    twice = next(r for r in rows if r["code"] not in used and kinds["new"](r))
    return [*(r for r in rows if r is not lost), dict(twice)]


def _book(form: str, plan: plans.PeriodPlan, catalogue: cat.Catalogue, rows: list[dict]):
    units = plans.due_units(catalogue, plan)
    sender = units.set_index("code", drop=False).loc[_SENDER]
    described = catalogue.forms[form]
    book = blank_registers.blank(described, sender, plan, units["name_vi"].tolist())
    blank_registers.fill(book, described, rows)
    return book
