"""Ledgers as offices keep them: what their lines say, and what is added to them."""

import codecs
import csv
import io
import unicodedata
from datetime import date

import pandas as pd
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from analysis.exchange import appended, ledger
from analysis.exchange.neutral import BEGINS

NAMES = ["Bộ Y tế.xlsx", "báo cáo; quý 2, sửa.xlsx", 'a "b".xlsx', "a.xlsx", "x (2).xlsx"]
ENCODINGS = {
    "utf-8": b"",
    "utf-8-sig": b"",
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
}


def text_of(rows, delimiter=",", ending="\n", encoding="utf-8") -> bytes:
    held = io.StringIO()
    csv.writer(held, delimiter=delimiter, lineterminator=ending).writerows(rows)
    return ENCODINGS.get(encoding, b"") + held.getvalue().encode(encoding)


HEADS = [
    ["file", "received_at"],
    ["file", "received_at", "sha256"],
    ["Ghi chú", " FILE ", "SHA256", "Received at", ""],
    ["received_at", "người gửi", "file", ""],
]


@st.composite
def ledgers(draw):
    """A ledger in one of the manners of offices, and whether its last line has its end."""
    head = draw(st.sampled_from(HEADS))
    ours = ["_".join(h.split()).lower() for h in head]
    rows = []
    for _ in range(draw(st.integers(0, 4))):
        said = {
            "file": draw(st.sampled_from(NAMES)),
            "received_at": draw(st.sampled_from(["2022-06-05", "5/6/2022", "", "32/13/2022"])),
            "sha256": draw(st.sampled_from(["", "ab" * 32])),
        }
        remark = draw(st.sampled_from(["", "gửi\nhai dòng", 'có "dấu"', "Đã gọi; nhắc"]))
        rows.append([said.get(o, remark) for o in ours])
    data = text_of(
        [head, *rows],
        draw(st.sampled_from(",;\t")),
        ending := draw(st.sampled_from(["\n", "\r\n", "\r"])),
        encoding := draw(st.sampled_from(sorted(ENCODINGS))),
    )
    if draw(st.booleans()):
        data = data[: -len(ending.encode(encoding.removesuffix("-sig")))]
    return data


new_rows = st.lists(
    st.tuples(st.sampled_from(NAMES), st.dates(date(2000, 1, 1), date(2050, 1, 1)).map(str),
              st.just("cd" * 32)).map(list),
    max_size=4,
)  # fmt: skip


def addition(data: bytes, rows: list[list[str]], names=()) -> bytes:
    return appended.addition(data, rows, ledger.KIND, names)


def said(data: bytes) -> list:
    held = ledger.read(data).lines
    return held[ledger.COLUMNS].astype(object).where(held.notna(), None).values.tolist()


@given(ledgers(), st.lists(new_rows, max_size=3))
@example(b"", [[["a.xlsx", "2022-06-05", "cd" * 32]]])
@example(codecs.BOM_UTF8, [[["a.xlsx", "2022-06-05", "cd" * 32]]])
@example(b"\n", [[["a.xlsx", "2022-06-05", "cd" * 32]]])
def test_every_byte_stays_and_what_is_added_is_read(data, calls):
    noted = not ledger.read(data).head or "sha256" in ledger.read(data).head
    for rows in calls:
        before, faults = said(data), ledger.read(data).faults
        longer = data + addition(data, rows)
        added = [[f, date.fromisoformat(d), s if noted else None] for f, d, s in rows]
        assert said(longer) == before + added
        pd.testing.assert_frame_equal(ledger.read(longer).faults, faults)
        data = longer


def test_lines_are_added_as_the_others_are_written():
    found = text_of([["STT", "File", "Received_at"], ["1", "a.xlsx", "05/06/2022"]], ";", "\r\n",
                    "utf-8-sig")  # fmt: skip
    new = [["b; c.xlsx", "2022-06-06", "cd" * 32], ["Bộ.xlsx", "2022-06-07", ""]]
    added = addition(found, new).decode("utf-8")
    assert added == ';"b; c.xlsx";2022-06-06\r\n;Bộ.xlsx;2022-06-07\r\n'
    assert addition(found[:-2], new[1:]).decode("utf-8") == "\r\n;Bộ.xlsx;2022-06-07\r\n"
    wide = text_of([["file", "received_at"], ["a", "2022-06-05"]], "\t", "\r\n", "utf-16-le")
    assert addition(wide, new[1:]) == "Bộ.xlsx\t2022-06-07\r\n".encode("utf-16-le")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2022-06-05", date(2022, 6, 5)),
        ("2022-06-05 08:30:00", date(2022, 6, 5)),
        ("2022-06-05T23:59", date(2022, 6, 5)),
        ("2022/6/5", date(2022, 6, 5)),
        ("05/06/2022", date(2022, 6, 5)),
        ("12/06/2022", date(2022, 6, 12)),
        ("5/6/2022", date(2022, 6, 5)),
        ("05-06-2022", date(2022, 6, 5)),
        ("05.06.2022", date(2022, 6, 5)),
        (" 05/06/2022\u00a014:05 ", date(2022, 6, 5)),
        ("05/06/2022 2:05:00 CH", date(2022, 6, 5)),
        *[(text, None) for text in (
            "", "-", "32/13/2022", "06/25/2022", "29/02/2022", "5/6/22", "22-06-05", "44717",
            "20220605", "June 5, 2022", "05/06-2022", "0022-06-05", "05/06/2202",
            "6/5/2022 2:05:00 PM", "2022-06-05T23:59:00Z", "05/06/2022 hôm qua", "2022-06",
            "٠٥/٠٦/٢٠٢٢",
        )],
    ],
)  # fmt: skip
def test_a_day_is_read_as_it_is_written_or_not_at_all(text, meant):
    assert appended.day(text) == meant


@given(st.dates(date(1990, 1, 1), date(2099, 12, 31)), st.sampled_from("/.-"), st.booleans())
def test_day_and_month_are_never_swapped(when, sign, padded):
    width = 2 if padded else 1
    written = sign.join([f"{when.day:0{width}}", f"{when.month:0{width}}", str(when.year)])
    assert appended.day(written) == when
    american = sign.join([f"{when.month:0{width}}", f"{when.day:0{width}}", str(when.year)])
    swapped = (when.month, when.day) if when.day <= 12 else None
    read = appended.day(american)
    assert (read and (read.day, read.month)) == swapped


@given(st.text(max_size=30))
def test_no_text_stops_the_reading_of_days(text):
    assert appended.day(text) is None or str(appended.day(text).year) in text


@given(st.binary(max_size=80))
@example(b"\xff\xfea")
@example(b"file,received_at\n" + b'"' * 3)
def test_whatever_the_bytes_are_there_is_a_ledger_and_nothing_is_added_to_one_in_doubt(data):
    held = ledger.read(data)
    assert isinstance(held.lines, pd.DataFrame)
    rows = [["a.xlsx", "2022-06-05", "cd" * 32]]
    if appended.read(data, ledger.KIND).faults:
        with pytest.raises(appended.AppendedError, match=f"line {held.faults['row'].iloc[0]}"):
            addition(data, rows)
    else:
        assert said(data + addition(data, rows))[-1][0] == "a.xlsx"


HEAD = b"file,received_at,sha256\n"


@pytest.mark.parametrize(
    ("lines", "place", "reason"),
    [
        (b"a.xlsx,2022-06-05,,x\n", "A3", "4 ô, đầu bảng 3"),
        (b'"a.xlsx,2022-06-05,\n', "A3", "cannot be parted"),
        (b'"a.xlsx,2022-06-05,\nx"y,2022-06-05,\n', "A3", "cannot be parted"),
        (b"B\xf4 Y t\xea\xec.xlsx,2022-06-05,\n", "A3", "no Unicode"),
        (b"a\0.xlsx,2022-06-05,\n", "A3", "no Unicode"),
    ],
)  # fmt: skip
def test_a_line_that_cannot_be_read_is_named_and_the_others_count(lines, place, reason):
    data = HEAD + b"a.xlsx,2022-06-01,\n" + lines + b"b.xlsx,2022-06-09,\n"
    held = ledger.read(data)
    files = held.lines["file"].tolist()
    assert files[0] == "a.xlsx" and files[-1] == "b.xlsx"
    first = held.faults.iloc[0]
    assert first["source_cell"] == place and reason in first["found"]
    with pytest.raises(appended.AppendedError, match="line 3"):
        addition(data, [])


def test_a_quotation_mark_too_many_costs_its_line_alone():
    lines = b'a.xlsx,2022-06-01,\n"b.xlsx,2022-06-02,\nc.xlsx,2022-06-03,\nd".xlsx,2022-06-04,\n'
    held = ledger.read(HEAD + lines + b"e.xlsx,2022-06-05,\n")
    assert held.lines["file"].tolist() == ["a.xlsx", "c.xlsx", 'd".xlsx', "e.xlsx"]
    assert held.faults["source_cell"].tolist() == ["A3"]
    held = ledger.read(HEAD + b'"b.xlsx,2022-06-02\nc.xlsx",2022-06-03\nd.xlsx,2022-06-04\n')
    assert held.lines["file"].tolist() == ['c.xlsx"', "d.xlsx"], "no name goes over two lines"
    assert held.faults["source_cell"].tolist() == ["A2"]


def test_a_remark_of_several_lines_is_one_line_of_the_ledger():
    data = b'file,received_at,note\na.xlsx,2022-06-01,"x\ny"\nb.xlsx,oops,\n'
    held = ledger.read(data)
    assert held.lines["file"].tolist() == ["a.xlsx", "b.xlsx"]
    assert held.faults["source_cell"].tolist() == ["B3"], "as a spreadsheet counts"


@pytest.mark.parametrize(
    "data",
    [b"a.xlsx,2022-06-05\n", b"file;day\n", b"file,file,received_at\n", b"received_at\n",
     "file,received_at\n".encode("utf-16-le"), b"<html>\n"],
)  # fmt: skip
def test_a_ledger_without_a_head_is_one_that_cannot_be_read(data):
    held = ledger.read(data)
    assert held.faults["rule"].tolist() == ["ledger_unreadable"] and held.lines.empty
    with pytest.raises(appended.AppendedError, match="line 1"):
        addition(data, [])


@pytest.mark.parametrize(
    ("line", "rule", "raw"),
    [(b"a.xlsx,,", "ledger_day_missing", ""), (b"a.xlsx", "ledger_day_missing", ""),
     (b"a.xlsx,32/13/2022,", "ledger_day", "32/13/2022"), (b",2022-06-05,", "ledger_line", None),
     (b",,", None, None), (b"", None, None)],
)  # fmt: skip
def test_a_line_that_says_too_little_is_named_and_does_not_keep_others_out(line, rule, raw):
    held = ledger.read(HEAD + line + b"\n")
    assert held.faults["rule"].tolist() == [rule] * (rule is not None)
    if raw is not None:
        assert held.faults["raw_text"].tolist() == [raw]
        assert held.lines["file"].tolist() == ["a.xlsx"] and held.lines["received_at"].isna().all()
    assert addition(HEAD + line + b"\n", [["b", "2022-06-05", ""]]) == b"b,2022-06-05,\n"


def test_an_old_code_page_is_known_by_the_files_that_it_names():
    name = unicodedata.normalize("NFC", "Sở Y tế Đắk Lắk.xlsx")
    data = b"file,received_at\n" + appended.encoded(f"{name},05/06/2022\n", "cp1258")
    unsure = ledger.read(data)
    assert unsure.lines.empty and unsure.faults["source_cell"].tolist() == ["A2"]
    held = ledger.read(data, [name, "a.xlsx"])
    assert held.faults.empty
    assert appended.same(held.lines["file"][0]) == name
    added = addition(data, [["Bộ Tài chính.xlsx", "2022-06-06", ""]], [name])
    again = ledger.read(data + added, [name]).lines["file"].map(appended.same)
    assert again.tolist() == [name, "Bộ Tài chính.xlsx"]
    both = ledger.read(b"file,received_at\n\xe0.xlsx,05/06/2022\n", ["\xe0.xlsx"])
    assert both.lines.empty and len(both.faults) == 1, "two pages write it so"
    with pytest.raises(appended.AppendedError, match="cannot write"):
        addition(data, [["会.xlsx", "2022-06-06", ""]], [name])


@given(st.text(alphabet="aăâeêoôơuưyđĐÀảãÁạằẳẵắặầẩẫấậềểễếệồổỗốộờởỡớợừửữứựỳỷỹýỵ .-"))
def test_vietnamese_has_its_way_through_windows_1258(text):
    assume(text.strip())
    there = appended.encoded(text, "cp1258").decode("cp1258")
    assert unicodedata.normalize("NFC", there) == unicodedata.normalize("NFC", text)


SIGNS = tuple(s for s in BEGINS if s.strip())
NAMED = st.text(alphabet="=+-@＝,;\"' 1aĐ.", min_size=1, max_size=8).filter(
    lambda t: t == t.strip()
)


@given(st.lists(NAMED, min_size=1, max_size=3), st.sampled_from(",;\t"))
def test_no_text_that_is_added_begins_a_formula_and_all_are_read_back(names, sign):
    data = sign.join(ledger.COLUMNS).encode() + b"\n"
    data += appended.addition(data, [[n, "2022-06-05", ""] for n in names], ledger.KIND)
    for other in ",;\t":
        read = csv.reader(io.StringIO(data.decode(), newline=""), delimiter=other)
        assert not [f for line in read for f in line if f.strip().startswith(SIGNS)]
    assert ledger.read(data).lines["file"].tolist() == names
