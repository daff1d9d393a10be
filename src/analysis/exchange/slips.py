"""The slip for each file that came: proof of having sent, and what became of it.

It is HTML (:mod:`analysis.exchange.letters`): an office can read and print it without a program
for it, and nothing in it can act.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass

import pandas as pd

from analysis.checking import gathered
from analysis.exchange import letters
from analysis.language.words import day, number

_MOST = 200  # findings on a slip; the rest stand in the copy
_WORDS = {"blocking": "Phải sửa", "warning": "Cần kiểm tra", "note": "Để biết"}


@dataclass(frozen=True)
class Came:
    """A file as it came: its ``name``, whose it is (``sent``: with unit and period), ``sha256``,
    the day and, where the ledger says it, the hour; how many cells are ``accepted`` and how many
    others stand in the form and are ``refused`` (None where that is not known), and ``to`` whom an
    answer goes; how many findings were ``confirmed`` by the sender."""

    name: str
    sent: str
    sha256: str | None
    received_at: object
    hour: str | None
    accepted: int | None
    refused: int | None
    to: str
    confirmed: int = 0


def text(came: Came, issues: pd.DataFrame, rules: dict, asked: bool) -> str:
    """The slip.

    Parameters
    ----------
    issues
        schema.ISSUES that the sender is told.
    asked
        Whether anything is to be mended or explained.
    """
    on = f" ngày {day(came.received_at)}" if pd.notna(came.received_at) else ""
    hour = f", {came.hour}" if came.hour else ""
    day_said = f"{day(came.received_at)}{hour}" if on else "chưa ghi trong sổ nhận tệp"
    rows = [["Tên tệp", came.name], ["Mã băm SHA-256", came.sha256 or "không có"],
            ["Ngày nhận", day_said], ["Người gửi và kỳ, như đã hiểu", came.sent]]  # fmt: skip
    if came.accepted is not None:
        figures = f"{number(came.accepted)} ô được dùng, {number(came.refused or 0)} ô chưa dùng"
        rows.append(["Số liệu", figures])
    counts = Counter(issues["severity"])
    said = [f"{_WORDS[s]}: {counts[s]}" for s in _WORDS if counts[s]]
    rows.append(["Vấn đề", "; ".join(said) or "không có"])
    parts = [letters.paragraph(f"Đã nhận{on}: {came.sent}."), letters.table(rows)]
    if asked:
        parts += [letters.heading("Trả lời"), letters.bullets(_to_answer(came))]
    else:
        parts.append(letters.paragraph("Không phải sửa gì, không phải gửi lại."))
    if came.confirmed:
        said = f"Đã ghi nhận {came.confirmed} chỗ được xác nhận là đúng."
        parts.append(letters.paragraph(said))
    told = defaultdict(list)
    for line in gathered.told(issues, rules) if len(issues) else ():
        told[line["severity"]].append(_line(line))
    for own, words in ((told[severity], words) for severity, words in _WORDS.items()):
        if own:
            left = [f"Còn {len(own) - _MOST} vấn đề nữa."] if len(own) > _MOST else []
            parts += [letters.heading(f"{words}:"), letters.bullets(own[:_MOST] + left)]
    return letters.page("Giấy báo đã nhận", parts)


def _to_answer(came: Came) -> list[str]:
    return [
        "Mở bản .xlsx trả lại cùng tên tệp này: trang đầu nêu từng chỗ, ô cần xem được tô màu.",
        "Sửa ngay vào ô sai. Chỗ cần kiểm tra mà đúng: ở trang đầu chọn “xác nhận đúng”, ghi lý do "
        "và tên người trả lời. Lưu dạng .xlsx.",
        f"Gửi lại tệp đã sửa cho: {came.to}.",
    ]


def _line(line: dict) -> str:
    where = " ".join(filter(None, (line["source_sheet"], line["cells"])))
    return ": ".join(filter(None, (where, line["message_vi"])))
