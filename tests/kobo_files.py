"""Files of answers as KoboToolbox and ODK Central write them, from submissions as they come from
phones: group → name → answer; a repeat is a list of such; ``phone`` holds what the phone records,
where it is not the same for all.

Written after the layouts of those tools, and knows nothing of how they are read.
"""

import csv
import io
import zipfile
from collections.abc import Mapping

from openpyxl import Workbook

Form = dict[str, list[str]]
"""Group or repeat → the names of its questions, in order."""

_TAIL = ("_id", "_uuid", "_submission_time", "_validation_status", "_notes", "_status")
_TAIL += ("_submitted_by", "__version__", "_tags")
_PHONE = ("start", "end", "today", "deviceid", "interviewer")
_ANSWERED = {
    "start": "2022-05-03T08:01:11.004+07:00",
    "end": "2022-05-03T08:40:52.220+07:00",
    "today": "2022-05-03",
    "deviceid": "collect:Z1gQw8LkYp0a",
    "interviewer": "Nguyễn Thị Hòa",
}


def _tail(n: int) -> dict[str, str]:
    return {
        "_id": str(210 + n),
        "_uuid": f"0f2b7a{n:02d}-5cb1-4a43-9c7e-2c7d3a1f9e{n:02d}",
        "_submission_time": "2022-05-03T01:42:07",
        "_validation_status": "Approved" if n % 2 else "",
        "_notes": "",
        "_status": "submitted_via_web",
        "_submitted_by": "apci_vn",
        "__version__": "vXq2mD7f",
        "_tags": "",
    }


def _named(group: str, name: str, sign: str | None) -> str:
    return name if sign is None else f"{group}{sign}{name}"


def _columns(group: str, names: list[str], sign: str | None, boxes: Mapping, how: str) -> list:
    """Heads of a group: of a question with several answers one, those of its choices, or both."""
    found = []
    for name in names:
        head = _named(group, name, sign)
        if name not in boxes or how in ("both", "summary"):
            found.append((head, name, None))
        if name in boxes and how in ("both", "details"):
            found += [(f"{head}/{code}", name, code) for code in boxes[name]]
    return found


def _cell(said: Mapping, name: str, code: str | None, ticks: tuple[str, str]) -> str:
    text = said.get(name, "")
    if code is None or text == "":
        return text if code is None else ""
    return ticks[code in text.split()]


def kobo_rows(
    form: Form,
    submissions: list[dict],
    sign: str | None = "/",
    boxes: Mapping[str, list[str]] | None = None,
    how: str = "both",
    ticks: tuple[str, str] = ("0", "1"),
) -> list[list[str]]:
    """The one table of a form without repeats, heads first."""
    columns = [
        c for group, names in form.items() for c in _columns(group, names, sign, boxes or {}, how)
    ]
    groups = [
        group
        for group, names in form.items()
        for _ in _columns(group, names, sign, boxes or {}, how)
    ]
    rows = [[*_PHONE, *(head for head, _, _ in columns), *_TAIL, "_index"]]
    for n, said in enumerate(submissions, 1):
        told = [
            _cell(said[g], name, code, ticks)
            for g, (_, name, code) in zip(groups, columns, strict=True)
        ]
        rows.append([*_ANSWERED.values(), *told, *_tail(n).values(), str(n)])
    return rows


def kobo_csv(rows: list[list[str]], separator: str = ";") -> bytes:
    """Kobo's CSV: everything in quotes, semicolons, a mark of UTF-8 before it."""
    text = io.StringIO()
    csv.writer(text, delimiter=separator, quoting=csv.QUOTE_ALL).writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def kobo_xlsx(
    form: Form,
    repeat: str,
    submissions: list[dict],
    sign: str | None = "/",
    title: str = "Chi phi tuan thu 2022",
) -> bytes:
    """Kobo's workbook: a sheet for the form and one for its repeat."""
    book = Workbook()
    main, child = book.active, book.create_sheet(repeat)
    main.title = title[:31]
    firm = [(g, n) for g, names in form.items() if g != repeat for n in names]
    main.append([*_PHONE, *(_named(g, n, sign) for g, n in firm), *_TAIL, "_index"])
    parent = [f"_submission_{name}" for name in _TAIL]
    child.append(
        [*(_named(repeat, n, sign) for n in form[repeat])]
        + ["_index", "_parent_table_name", "_parent_index", *parent]
    )
    index = 0
    for n, said in enumerate(submissions, 1):
        told = [said[g].get(name) or None for g, name in firm]
        phone = _ANSWERED | said.get("phone", {})
        main.append([*phone.values(), *told, *_tail(n).values(), n])
        for own in said[repeat]:
            index += 1
            told = [own.get(name) or None for name in form[repeat]]
            child.append([*told, index, main.title, n, *_tail(n).values()])
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def central_csvs(form: Form, repeat: str, submissions: list[dict]) -> dict[str, bytes]:
    """ODK Central's files by name: hyphens behind groups, none behind the repeat."""
    firm = [(g, n) for g, names in form.items() if g != repeat for n in names]
    main = [["SubmissionDate", *_PHONE, *(f"{g}-{n}" for g, n in firm), "meta-instanceID"]]
    main[0] += ["KEY", "SubmitterID", "SubmitterName", "AttachmentsPresent", "AttachmentsExpected"]
    main[0] += ["Status", "ReviewState", "DeviceID", "Edits", "FormVersion"]
    child = [[*form[repeat], "PARENT_KEY", "KEY"]]
    for n, said in enumerate(submissions, 1):
        key = f"uuid:7b1c{n:04d}-2f0e-4b39-8d6a-54c1f0aa{n:04d}"
        told = [said[g].get(name, "") for g, name in firm]
        phone = _ANSWERED | said.get("phone", {})
        row = ["2022-05-03T01:42:07.310Z", *phone.values(), *told, key]
        main.append([*row, key, "12", "Hòa", "0", "0", "", "", "collect:Z1", "0", "b2c6181e82"])
        for m, own in enumerate(said[repeat], 1):
            child.append(
                [own.get(name, "") for name in form[repeat]] + [key, f"{key}/{repeat}[{m}]"]
            )
    made = {}
    for name, rows in (("apci_2022.csv", main), (f"apci_2022-{repeat}.csv", child)):
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(rows)
        made[name] = text.getvalue().encode()
    return made


def central_zip(files: dict[str, bytes]) -> bytes:
    """The same as Central hands it out."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return data.getvalue()
