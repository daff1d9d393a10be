"""What is sent to each unit at the beginning of a period: its blank workbooks and a covering note,
as a folder or a zip for each.
"""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from analysis.catalogue import catalogue as cat
from analysis.catalogue import plans
from analysis.exchange import blank_forms, letters
from analysis.language import languages
from analysis.language.words import day
from analysis.storage import files

NOTE = "00_doc-truoc.html"
"""The covering note: it stands first in the folder."""
_CERTAINTY = {
    "verified": "đã đối chiếu văn bản",
    "third_party": "theo nguồn thứ ba",
    "derived": "suy ra từ văn bản",
    "from_memory": "chưa đối chiếu văn bản",
}
_THEN = (2022, 6, 15, 0, 0, 0)  # a zip is the same bytes whenever it is made


def write(
    plan: plans.PeriodPlan,
    catalogue: cat.Catalogue,
    folder: Path,
    zipped: bool,
    again: bool = False,
    previous: pd.DataFrame | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[Path]:
    """Write a folder, or a zip, for each unit that must send something; none is overwritten.

    Parameters
    ----------
    again, previous, progress
        As of :func:`analysis.exchange.blank_forms.write_blanks`.

    Raises
    ------
    ValueError, analysis.exchange.blank_forms.NotHereError
        As there.
    """
    asked = blank_forms.due(plan, catalogue)
    of: dict[str, list[blank_forms.Due]] = {}
    for due in asked:
        of.setdefault(due[1]["code"], []).append(due)
    wanted = [f"{unit}_{plan.code}{'.zip' if zipped else ''}" for unit in of]
    blank_forms.free_names(folder, wanted, again)  # before the long work
    # all at once: how far it is, is told of all of them
    asked = [due for held in of.values() for due in held]
    books = iter(blank_forms.made(asked, plan, catalogue, previous, progress))
    made = [
        [(NOTE, note(plan, held).encode()), *((name, next(books)) for *_, name in held)]
        for held in of.values()
    ]
    paths = [folder / name for name in blank_forms.free_names(folder, wanted, again)]
    for path, parts in zip(paths, made, strict=True):
        if zipped:
            files.write(path, _zip(parts))
        else:
            for name, data in parts:
                files.write(path / name, data)
    return paths


def _zip(parts: list[tuple[str, bytes]]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as target:
        for name, data in parts:
            target.writestr(zipfile.ZipInfo(name, _THEN), data, zipfile.ZIP_DEFLATED, 9)
    return held.getvalue()


@languages.using(languages.SOURCE)
def note(plan: plans.PeriodPlan, held: list[blank_forms.Due]) -> str:
    """The covering note of one unit: what to send by when, on what basis, and where.

    ``held``: the forms that it must send.
    """
    until = day(plan.deadline) if plan.deadline else "không quy định"
    rows = [
        [
            name,
            f"{form.get('number', form['form'])}: {form['title']['vi']}",
            until,
            f"{form['legal_basis']} ({_CERTAINTY.get(form['certainty'], form['certainty'])})",
            address(form),
        ]
        for form, _, name in held
    ]
    parts = [
        letters.paragraph(f"Kính gửi: {held[0][1]['name_vi']}"),
        letters.paragraph(
            f"{plan.title['vi']}: số liệu từ ngày {day(plan.start)} đến ngày {day(plan.end)}. "
            f"Hạn gửi: {until}. Số biểu phải gửi: {len(held)}."
        ),
        letters.table(rows, ["Tệp", "Biểu", "Hạn gửi", "Căn cứ (mức chắc chắn)", "Gửi cho"]),
        letters.heading("Cách làm"),
        letters.bullets(
            [
                "Mở từng tệp bằng Excel hoặc LibreOffice, chỉ ghi vào các ô để mở. Không phát "
                "sinh thì ghi 0; ô trống được hiểu là thiếu số liệu.",
                "Chỗ chưa đúng đổi màu ngay khi ghi; các cột bên phải nói vì sao.",
                "Trang “Sẵn sàng gửi” cho biết biểu đã đúng các quy tắc chưa, còn sai gì, ở dòng "
                "nào. Khi trang này báo sẵn sàng thì gửi.",
                "Lưu dạng .xlsx, giữ nguyên tên tệp và tên các trang tính.",
            ]
        ),
    ]
    if plan.synthetic:
        parts.insert(0, letters.paragraph("KỲ MINH HỌA: số liệu do máy sinh, không phải báo cáo."))
    return letters.page(f"Biểu mẫu báo cáo, {plan.period.name}", parts)


def address(form: dict) -> str:
    """Where a form is sent: what it says of that."""
    told = [form[key]["vi"] for key in ("recipient", "contact") if key in form]
    return ", ".join(told) or "cơ quan đã yêu cầu báo cáo"
