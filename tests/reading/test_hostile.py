"""Files that nobody should send do no harm: each has a fate with a reason, and no cell is lost."""

import os
import random
import re
import signal
import zipfile
from pathlib import Path

import hostile
import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from analysis import period as a_period
from analysis import project
from analysis.catalogue import plans
from analysis.exchange import annotate, disarm, first_sheet, returns
from analysis.period import send_back
from analysis.reading import numbers, sandbox, spreadsheets, workbook
from analysis.reading.layouts import table_heads
from analysis.storage import files
from analysis.survey import flow

LIMITS = hostile.CATALOGUE.parameters["limits"]


def sent(root, setting: str, cases: list[hostile.Case]) -> set[str]:
    """Put the files of cases into a project; returns their names."""
    folder, bases = hostile.project(root, setting), hostile.bases(setting)
    for n, case in enumerate(cases):
        (folder / case.name(bases, n)).write_bytes(case.build(bases))
    return {files.name_of(p) for p in folder.iterdir()} - {*hostile.FRAME, "period.yml"}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("setting", "number"), [*zip(hostile.SETTINGS, (200, 50, 50), strict=True)]
)
def test_any_file_has_a_fate_and_no_cell_is_lost(tmp_path, setting, number):
    """The same files each time, of those drawn every second; tools/fuzz.py draws others."""
    root = tmp_path / "project"
    cases = hostile.drawn(setting, number, 8)[::2]
    names = sent(root, setting, cases)
    found = hostile.checked(root, setting)
    assert len(names) == number // 2 and hostile.faults(found, names) == {}
    assert not [p for p in tmp_path.iterdir() if p != root], "nothing was unpacked beside it"


# What is stopped by its bound of memory takes as long as it takes to fill it.
_SMALL = {"strings": {"memory_per_file": 600_000_000}}
_READ = {"far", "liar", "claims", "merged", "styled", "wide"}  # odd, but all is there


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", hostile.HEAVY)
def test_a_file_that_would_take_the_machine_is_refused_or_read(tmp_path, kind):
    bases = hostile.bases("2022-Q2")
    case = hostile.Case(kind, "heavy", None, ("x",), 7)
    path = tmp_path / "heavy.xlsx"
    path.write_bytes(case.build(bases))
    cells = workbook.read(path, LIMITS | _SMALL.get(kind, {}))
    if kind in _READ:
        assert cells["rule"].isna().all() and len(cells) > 40
    else:
        assert cells["rule"].tolist() == ["file_too_large"]


# --- nothing is left out -------------------------------------------------------------------------


def saved(path: Path, book) -> Path:
    book.save(path)
    return path


def parts(path: Path, change) -> Path:
    path.write_bytes(hostile.repacked(path.read_bytes(), change))
    return path


def texts(path: Path) -> dict[str, tuple[str, str]]:
    cells = workbook.read(path, LIMITS)
    return {
        c: (t, k)
        for c, t, k in zip(cells["source_cell"], cells["raw_text"], cells["raw_type"], strict=True)
    }


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=12, suppress_health_check=list(HealthCheck))
@given(case=hostile.cases(hostile.bases("2022-Q2"), ["text", "structure", "values"]))
def test_every_cell_that_another_reader_sees_is_read(tmp_path_factory, case):
    path = tmp_path_factory.mktemp("cells") / "a.xlsx"
    path.write_bytes(case.build(hostile.bases("2022-Q2")))
    cells = workbook.read(path, LIMITS)
    if cells["rule"].notna().any():
        return
    seen = set(zip(cells["source_sheet"], cells["source_cell"], strict=True))
    book = openpyxl.load_workbook(path)
    there = {
        (sheet.title, c.coordinate)
        for sheet in book.worksheets
        for line in sheet.iter_rows()
        for c in line
        if c.value not in (None, "")
    }
    assert seen >= there


def test_a_formula_without_a_value_and_an_error_are_read_as_they_are_written(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["a", "=SUM(C1:D1)", 1, 2, "#DIV/0!"])
    book.active["E1"].data_type = "e"
    found = texts(saved(tmp_path / "a.xlsx", book))
    assert found["B1"] == ("=SUM(C1:D1)", "other") and found["E1"] == ("#DIV/0!", "other")
    assert list(found) == ["A1", "B1", "C1", "D1", "E1"], "in their order"
    parsed = numbers.figure("#DIV/0!", "other", "count", "vietnamese", {})
    assert parsed[1:4] == ("V", "number_error", "#DIV/0!")


def test_a_formula_with_a_value_counts_as_its_value(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["=1+1", 1])
    path = parts(
        saved(tmp_path / "a.xlsx", book),
        lambda n, d: re.sub(rb"</f><v\s*/>|</f><v></v>", b"</f><v>7</v>", d),
    )
    assert texts(path) == {"A1": ("7", "number"), "B1": ("1", "number")}


def test_days_of_both_epochs_are_the_days_that_the_sender_saw(tmp_path):
    for epoch in (openpyxl.utils.datetime.CALENDAR_MAC_1904,
                  openpyxl.utils.datetime.CALENDAR_WINDOWS_1900):  # fmt: skip
        book = openpyxl.Workbook()
        book.epoch = epoch
        book.active["A1"] = hostile.datetime(2022, 5, 17)
        assert texts(saved(tmp_path / "a.xlsx", book))["A1"][0][:10] == "2022-05-17"


def test_hidden_sheets_are_read_and_two_of_one_name_are_refused(tmp_path):
    book = openpyxl.Workbook()
    book.active["A1"] = 1
    for state in ("hidden", "veryHidden"):
        book.create_sheet(state)["B2"] = state
        book[state].sheet_state = state
    path = saved(tmp_path / "a.xlsx", book)
    assert {"A1", "B2"} == set(texts(path)) and len(workbook.read(path, LIMITS)) == 3
    parts(path, lambda n, d: d.replace(b'name="veryHidden"', b'name="hidden"'))
    refused = workbook.read(path, LIMITS)
    assert (
        refused["rule"].tolist() == ["file_unreadable"]
        and refused["found"].item() == "sheets_of_one_name"
    )


@pytest.mark.parametrize("value", ["NaN", "INF", "1e400"])
@pytest.mark.parametrize("kind", ["count", "decimal", "percent"])
def test_what_is_not_finite_is_no_figure(tmp_path, value, kind):
    book = openpyxl.Workbook()
    book.active["A1"] = 42
    path = parts(
        saved(tmp_path / "a.xlsx", book),
        lambda n, d: d.replace(b"<v>42</v>", f"<v>{value}</v>".encode()),
    )
    text, raw_type = texts(path)["A1"]
    parsed = numbers.figure(text, raw_type, kind, "vietnamese", {})
    assert parsed[:3] == (None, "V", "number_unreadable")


class _PanicError(BaseException):
    """As readers written in Rust end."""


def test_whatever_a_reader_of_a_format_raises_is_a_file_that_cannot_be_read(tmp_path, monkeypatch):
    def panics(*_):
        raise _PanicError("index out of bounds")

    monkeypatch.setattr(spreadsheets, "quickly", panics)
    with pytest.raises(spreadsheets.UnreadableError, match="index out of bounds"):
        spreadsheets.read(saved(tmp_path / "a.xlsx", _of_text("x")), LIMITS)


def test_a_password_is_named_as_the_reason(tmp_path):
    path = tmp_path / "a.xlsx"
    path.write_bytes(hostile.encrypted(random.Random(1)))
    found = workbook.read(path, LIMITS)
    assert found["rule"].item() == "file_unreadable" and found["found"].item() == "password"


def test_an_entity_is_not_followed(tmp_path):
    path = saved(tmp_path / "a.xlsx", _of_text("marked"))
    secret = tmp_path / "secret.txt"
    secret.write_text("geheim")
    dtd = f'<!DOCTYPE x [<!ENTITY f SYSTEM "{secret.as_uri()}">]>'.encode()

    def change(name: str, data: bytes) -> bytes:
        return dtd + data.replace(b"marked", b"&f;") if b"marked" in data else data

    parts(path, change)
    assert "geheim" not in workbook.read(path, LIMITS).to_string()
    annotate.annotate(path, _issues("A1", "x"), tmp_path / "back.xlsx")
    assert b"geheim" not in b"".join(_parts(tmp_path / "back.xlsx").values())


def _of_text(text: str):
    book = openpyxl.Workbook()
    book.active["A1"] = text
    return book


def test_a_name_that_is_no_text_is_written_out(tmp_path):
    """Archives packed elsewhere have names in other encodings."""
    folder = hostile.project(tmp_path, "2022-Q2")
    (folder / "T\udcec.xlsx").write_bytes(hostile.bases("2022-Q2")["II06a_75_2022-Q2.xlsx"])
    found = hostile.checked(tmp_path, "2022-Q2")
    assert found["balance"]["source_file"].tolist() == ["T\\xec.xlsx"]
    assert (found["balance"]["accepted"] > 0).all()


def test_a_version_of_any_length_is_another_version(tmp_path):
    folder = hostile.project(tmp_path, "2022-Q2")
    for name in ("II06a_75_2022-Q2.xlsx", "tasks_VPCP_2022-Q2.xlsx"):
        book = openpyxl.load_workbook(hostile.io.BytesIO(hostile.bases("2022-Q2")[name]))
        book.worksheets[0]["A2"] = "Mẫu phiên bản " + "9" * 5000
        book.save(folder / name)
    issues = hostile.checked(tmp_path, "2022-Q2")["issues"]
    assert (issues["rule"] == "form_version").sum() == 2


def test_an_edition_of_which_no_answer_can_be_read_says_why(tmp_path):
    folder = hostile.project(tmp_path, hostile.EDITION)
    (folder / "phieu.xlsx").write_bytes(b"PK")
    found = hostile.checked(tmp_path, hostile.EDITION)
    assert found["issues"]["rule"].tolist() == ["file_unreadable"] and found["records"].empty
    plan = plans.edition("apci", "2022", hostile.CATALOGUE, tmp_path)
    with pytest.raises(flow.NoResponsesError, match="phieu.xlsx: The file is damaged"):
        flow.build(plan, hostile.CATALOGUE, project.Place(tmp_path))


# --- memory and time -----------------------------------------------------------------------------


def test_marks_without_end_are_refused_and_vietnamese_is_not(tmp_path):
    book = _of_text("Tiê\u0301ng Viê\u0323t " * 2000)
    assert "A1" in texts(saved(tmp_path / "a.xlsx", book))
    book = _of_text("a" + "\u0301\u0323" * 200)
    assert "marks" in workbook.read(saved(tmp_path / "a.xlsx", book), LIMITS)["found"].item()


@pytest.mark.parametrize(
    ("limit", "most"), [("cells_per_file", 5), ("characters_per_cell", 3), ("file_bytes", 9000)]
)
@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_more_than_the_limits_is_refused(tmp_path, limit, most, suffix):
    path = tmp_path / f"a{suffix}"
    rows = [["abcdef", "bcdefg" * 500, "c"]] * 4
    if suffix == ".csv":
        path.write_text("\n".join(",".join(row) for row in rows))
    else:
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        book.save(path)
    assert workbook.read(path, LIMITS)["rule"].isna().all()
    assert workbook.read(path, LIMITS | {limit: most})["rule"].tolist() == ["file_too_large"]


@pytest.mark.parametrize("place", ["E1048576", "XFD1048576"])
def test_a_cell_far_away_is_one_cell_more(tmp_path, place):
    """The quick reader would lay out every cell between; a sheet is measured before."""
    book = _of_text("x")
    book.active[place] = " "
    received = workbook.received(saved(tmp_path / "a.xlsx", book), LIMITS)
    cells, counted = received.cells, received.counted
    assert cells["source_cell"].tolist() == ["A1", place] and counted["cells"].tolist() == [2]


def test_the_slow_reader_counts_what_is_blank_too(tmp_path):
    """And goes by what is there, not by the size that a sheet claims."""
    book = _of_text("x")
    book.active["B60"] = 1
    path = saved(tmp_path / "a.xlsx", book)
    parts(path, lambda n, d: re.sub(rb"<dimension [^>]*/>", b'<dimension ref="A1:XFD60"/>', d))
    assert [cell[1] for cell in spreadsheets.slowly(path, LIMITS | {"cells_per_file": 20})] == [
        *("A1", "B60")
    ]
    with pytest.raises(spreadsheets.TooLargeError):
        list(spreadsheets.slowly(path, LIMITS | {"cells_per_file": 5}))


def test_the_quick_reader_measures_a_sheet_before_it_lays_it_out(tmp_path):
    """Of formats without parts of XML, too, which nobody else has measured."""
    book = _of_text("x")
    book.active["Z60"] = 1
    path = saved(tmp_path / "a.xlsx", book)
    read = spreadsheets.quickly(path, LIMITS | {"cells_per_file": 156})  # 26 × 60 are ten times 156
    assert [cell[1] for cell in read] == ["A1", "Z60"]
    with pytest.raises(spreadsheets.TooLargeError, match="60 × 26"):
        list(spreadsheets.quickly(path, LIMITS | {"cells_per_file": 155}))


def test_a_head_has_no_more_rows_than_a_head_may_have():
    """What stands over each column is compared: of a thousand rows that would not end."""

    def head(rows: int):
        texts = [["x", "y"]] * (rows - 1) + [["Name", "y"], ["A", "7.5"]]
        grid = {
            r: {c: {"raw_text": t, "raw_type": "text"} for c, t in enumerate(line, 1)}
            for r, line in enumerate(texts, 1)
        }
        return table_heads.head_of(grid, {"names": {"head": ["Name"]}, "columns": {}})

    assert head(20) is not None and head(21) is None


@pytest.mark.skipif(sandbox.resource is None, reason="this system bounds no process")
def test_a_file_for_which_there_is_no_room_is_refused(tmp_path):
    large = tmp_path / "large.csv"
    large.write_text(f"{'x' * 900}\n" * 9_000)
    refused = workbook.read(large, LIMITS | {"memory_per_file": 20_000_000})
    assert refused["rule"].tolist() == ["file_too_large"] and "20 MB" in refused["found"].item()
    assert len(texts(large)) == 9_000, "the next one is read"


def _hungry(size: int) -> int:
    return len(bytes(size))


def _killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _endless() -> None:
    while True:
        pass


def _loud(text: str) -> str:
    print(text)
    os.write(1, text.encode())
    return text.upper()


MOST = {"memory": 2_000_000_000, "seconds": 30}


@pytest.mark.skipif(sandbox.resource is None, reason="this system bounds no process")
def test_work_that_takes_too_much_is_stopped_and_the_next_is_done(monkeypatch):
    monkeypatch.setattr(sandbox, "WALL", 1000)  # the clock on the wall would stop it, too
    for work in ((_hungry, 3 * 10**9), (_killed,)):
        with pytest.raises(sandbox.ExceededError):
            sandbox.call(*work, **MOST)
        assert sandbox.call(_hungry, 10, **MOST) == 10
    with pytest.raises(sandbox.ExceededError, match="1 s"):
        sandbox.call(_endless, **MOST | {"seconds": 1})
    assert sandbox.call(_loud, "said", **MOST) == "SAID", "what is printed is no answer"


@pytest.mark.skipif(sandbox.resource is None, reason="this system bounds no process")
def test_the_process_that_reads_leaves_no_core():
    """A picture of its memory would lie about, with what was sent in it."""
    limits = sandbox.resource
    assert sandbox.call(limits.getrlimit, limits.RLIMIT_CORE, **MOST) == (0, 0)


class _OddError(Exception):
    def __init__(self, what: str, where: str) -> None:  # is not made again of its text
        super().__init__(f"{what} in {where}")


def _odd() -> None:
    raise _OddError("a fault", "a file")


@pytest.mark.skipif(sandbox.resource is None, reason="this system bounds no process")
def test_no_file_is_judged_by_what_befell_the_process_before(tmp_path):
    """It was refused as too large, and stayed so, where the process had died while it waited."""
    path = saved(tmp_path / "a.xlsx", _of_text("x"))
    for _ in range(2):
        os.kill(sandbox.call(os.getpid, **MOST), signal.SIGKILL)
        assert texts(path) == {"A1": ("x", "text")}
    most = f"bytes({MOST['memory'] * 2 // 3})"
    sandbox.call(exec, f"import builtins; builtins.held = {most}", **MOST)
    assert sandbox.call(eval, f"len({most})", **MOST) == MOST["memory"] * 2 // 3


def test_a_process_that_cannot_start_judges_no_file(tmp_path, monkeypatch):
    path = saved(tmp_path / "a.xlsx", _of_text("x"))
    monkeypatch.setattr(sandbox, "SERVE", "raise SystemExit(3)")
    sandbox.process_of.cache_clear()
    with pytest.raises(OSError, match="ended: 3"):
        workbook.read(path, LIMITS)
    sandbox.process_of.cache_clear()


def test_what_the_work_raises_is_raised():
    with pytest.raises(ValueError, match="invalid literal"):
        sandbox.call(int, "x", **MOST)
    with pytest.raises(RuntimeError, match="OddError: a fault in a file"):
        sandbox.call(_odd, **MOST)
    assert sandbox.call(int, "7", **MOST) == 7


def test_figures_and_heads_are_recognised_in_steps_that_do_not_multiply():
    """A pattern that tries all ways to split a long text would not come back from these."""
    for text in ("1" * 400_000 + "x", "1 " * 200_000 + "x", "(1)" * 200_000 + "x"):
        assert not table_heads.FIGURE.match(text)
    for text in ("1", "-1.234,5", "(12)", "12*", "1 234 %"):
        assert table_heads.FIGURE.match(text)
    for text in ("", "x1", "*1", "%", "1*x"):
        assert not table_heads.FIGURE.match(text)


# --- the way back --------------------------------------------------------------------------------


def _issues(cell: str, text: str, rule: str = "number_unreadable", sheet: str = "Sheet"):
    row = dict(source_sheet=sheet, source_cell=cell, raw_text=text, rule=rule, severity="blocking")
    row |= dict(
        source_file="a.xlsx",
        message_vi=f"“{text}” không phải là số.",
        message_en=f"“{text}” is no number.",
    )
    return pd.DataFrame([row])


def _parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


_ACTS = re.compile(
    rb"<f[ >](?!1\+1<)|<f/>|externalLink|<hyperlink (?!ref=\"[A-Z]+\d+\" location=\"[^\"]*\" />)"
    rb"|<definedName (?!name=\"_xlnm.Print_)"
    rb"|<dataValidation |<conditionalFormatting"
    rb"|vbaProject|/media/|/drawings/drawing|/charts/|oleObject|ddeLink"
)


def test_a_copy_holds_what_is_seen_and_nothing_that_acts(tmp_path):
    """Links, names, checks, charts, macros and formulas of the sender that do more than calculate
    do not reach the reader."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Tên", "=1+1", '=HYPERLINK("https://example.org")', "đúng", 5])
    for n, text in enumerate(hostile.FORMULAS, 2):
        hostile.put(sheet.cell(n, 1), text)
    sheet["D1"].hyperlink = "https://example.org/pwned"
    sheet.add_chart(hostile.BarChart(), "H1")
    check = openpyxl.worksheet.datavalidation.DataValidation("custom", formula1="WEBSERVICE(A1)")
    check.add("A1")
    sheet.add_data_validation(check)
    sheet.conditional_formatting.add(
        "A1:B9", openpyxl.formatting.rule.FormulaRule(formula=["WEBSERVICE(A1)=1"])
    )
    book.defined_names["Auto_Open"] = openpyxl.workbook.defined_name.DefinedName(
        "Auto_Open", attr_text="cmd!$A$1"
    )
    path = saved(tmp_path / "a.xlsx", book)
    macros = [("xl/vbaProject.bin", b"x")]
    calculated = re.compile(rb"(<f>1\+1</f>)<v\s*(?:/>|></v>)")
    path.write_bytes(
        hostile.repacked(path.read_bytes(), lambda n, d: calculated.sub(rb"\1<v>7</v>", d), macros)
    )
    back = tmp_path / "back.xlsx"
    annotate.annotate(path, _issues("E1", "=5"), back)
    found = _parts(back)
    assert any(_ACTS.search(data) for data in _parts(path).values())
    assert b"<f>1+1</f><v>7</v>" in found["xl/worksheets/sheet2.xml"], "what only calculates stays"
    assert not [n for n, d in found.items() if _ACTS.search(d) or _ACTS.search(n.encode())]
    seen = CalamineWorkbook.from_path(str(back)).get_sheet_by_name("Sheet").to_python()
    assert seen[0][:2] == ["Tên", 7.0] and seen[0][3:5] == ["đúng", 5.0]
    copied = openpyxl.load_workbook(back)
    texts = [c.value for c in copied["Sheet"]["A"][1:]]
    assert [t.strip() for t in texts] == [t.strip() for t in hostile.FORMULAS], "text as it was"
    assert {c.data_type for line in copied["Vấn đề"].iter_rows() for c in line} <= {"s", "n"}


def test_a_copy_leads_nowhere_and_shows_no_object_of_the_sender(tmp_path):
    """No other workbook, chart, table, name of a sheet or letter that does not show goes along."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (["a", "b"], ["x\u202ey", 2]):
        sheet.append(row)
    sheet.add_table(openpyxl.worksheet.table.Table(displayName="T", ref="A1:B2"))
    name = openpyxl.workbook.defined_name.DefinedName("Own", attr_text="cmd!$A$1")
    sheet.defined_names["Own"] = name
    book.create_chartsheet("Chart", 1).add_chart(hostile.BarChart())
    told = openpyxl.packaging.relationship.Relationship(
        type="externalLinkPath", Target="https://example.org/x.xlsx", TargetMode="External"
    )
    link = openpyxl.workbook.external_link.ExternalLink(
        externalBook=openpyxl.workbook.external_link.external.ExternalBook()
    )
    link.file_link = told
    book._external_links.append(link)
    path, back = saved(tmp_path / "a.xlsx", book), tmp_path / "back.xlsx"
    names = rb'<definedName (?!name="_xlnm.Print_)'
    acts = re.compile(rb"externalLink|example.org|chartsheet|/tables/|" + names, re.I)
    assert {m for n, d in _parts(path).items() for m in acts.findall(n.encode() + d)} >= {
        *(b"externalLink", b"example.org", b"chartsheet", b"<definedName ", b"/tables/")
    }
    annotate.annotate(path, _issues("B2", "2"), back)
    found = _parts(back)
    assert not {m for n, d in found.items() for m in acts.findall(n.encode() + d)}
    assert openpyxl.load_workbook(back)["Sheet"]["A2"].value == "xy"


def test_what_is_quoted_in_lists_and_copies_is_no_formula(tmp_path):
    issues = _issues("A1", "=1+1").assign(source_file="@x.csv")
    told = dict(row=1, column=1, source_cell="A1", raw_text="=1+1", raw_type="text")
    rows = pd.DataFrame([told])
    copy = returns.Copy("a", None, issues, rows)
    written = returns.write(tmp_path, tmp_path / "r.json", issues, [copy], LIMITS)
    text, (made,) = written.listed.read_text("utf-8-sig"), written.copies
    assert "'=1+1" in text and ",=" not in text and "'@x.csv" in text
    cell = openpyxl.load_workbook(made)["Dữ liệu"]["A1"]
    assert (cell.value, cell.data_type) == ("'=1+1", "s")


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(text=hostile.texts(), sheet=st.sampled_from(["Sheet", "nowhere", ""]))
@example(text="\x00\x01\x1b[31m\x0b\uffff", sheet="Sheet")
def test_any_text_can_be_sent_back(tmp_path_factory, text, sheet):
    folder = tmp_path_factory.mktemp("back")
    path = saved(folder / "a.xlsx", openpyxl.Workbook())
    book = openpyxl.load_workbook(path)
    hostile.put(book.active["A1"], text)
    book.save(path)
    annotate.annotate(path, _issues("A1", text, sheet=sheet), folder / "b.xlsx")
    copied = openpyxl.load_workbook(folder / "b.xlsx")
    assert all(c.data_type != "f" for s in copied for line in s.iter_rows() for c in line)
    assert CalamineWorkbook.from_path(str(folder / "b.xlsx")).sheet_names[0] == "Vấn đề"


def written(root: Path, names: list[str], **more) -> list[Path]:
    """Copies of files of these names, each with one issue."""
    copies, issues = [], _issues("A1", "x").assign(source_file="")
    for name in names:
        path = root / "in" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(hostile.saved(_of_text("x")))
        copies.append(returns.Copy(Path(files.name_of(path)).stem, path, issues, **more))
    made = returns.write(root / "out", root / "record.json", issues, copies, LIMITS)
    return [made.listed, *made.copies]


@settings(max_examples=10, suppress_health_check=list(HealthCheck))
@given(stems=st.lists(hostile.names(), min_size=1, max_size=4, unique=True))
def test_copies_stay_in_their_folder_under_names_that_can_be_shown(tmp_path_factory, stems):
    root = tmp_path_factory.mktemp("copies")
    found = written(root, [f"{stem}.xlsx" for stem in stems])
    assert sorted(p for p in root.rglob("*") if p.is_file() and root / "in" not in p.parents) == (
        sorted([*found, root / "record.json", root / "record.sha256"])
    )
    assert {p.parent for p in found} == {root / "out"} and len(found) == len(stems) + 1
    assert all(p.name.isprintable() and not set(p.name) & set('<>:"|?*\\') for p in found)


def test_a_copy_of_a_file_with_a_long_name_is_written(tmp_path):
    """What is put before it, and behind it where several are alike, fits too."""
    _, *made = written(tmp_path, [f"{'ệ' * 82}.xlsx", f"{'ệ' * 82}.xls"])
    assert [p.name for p in made] == [f"{'ệ' * 50}.xlsx", f"{'ệ' * 50}~2.xlsx"]


@pytest.mark.parametrize("left", [b"[", b"[]", b"\xff"])
def test_a_damaged_record_of_copies_has_them_written_again(tmp_path, left):
    first = written(tmp_path, ["a.xlsx"])
    (tmp_path / "record.json").write_bytes(left)
    assert written(tmp_path, ["a.xlsx"]) == first
    assert b"a.xlsx" in (tmp_path / "record.json").read_bytes()


def test_files_that_differ_in_their_ending_alone_each_get_a_copy(tmp_path):
    found = written(tmp_path, ["a.xls", "a.xlsx", "A.xlsm"])
    assert [p.name for p in found] == ["issues.csv", "a.xlsx", "a~2.xlsx", "A~3.xlsx"]


def test_a_file_that_was_refused_is_not_opened_again(tmp_path, monkeypatch):
    monkeypatch.setattr(disarm, "load_workbook", lambda *a, **k: pytest.fail("opened"))
    for rule in ("file_too_large", "file_unreadable"):
        annotate.annotate(tmp_path / "a.xlsx", _issues("", "x", rule), tmp_path / "b.xlsx")
        assert openpyxl.load_workbook(tmp_path / "b.xlsx").sheetnames == ["Vấn đề"]


def test_copies_are_written_in_the_process_that_may_die_of_it(tmp_path, monkeypatch):
    asked = []

    def dies(function, *_, memory, seconds):
        asked.append((function, memory, seconds))
        raise sandbox.ExceededError("it died")

    monkeypatch.setattr(sandbox, "call", dies)
    _, made = written(tmp_path, ["a.xlsx"])
    assert asked == [
        (annotate.annotate, LIMITS["memory_per_file"], LIMITS["seconds_per_file"]),
    ]
    assert openpyxl.load_workbook(made).sheetnames == ["Vấn đề"]


@pytest.mark.skipif(sandbox.resource is None, reason="this system bounds no process")
@pytest.mark.filterwarnings("ignore")
def test_a_copy_that_would_take_the_machine_is_built_again_of_what_was_read(tmp_path):
    """Ten thousand merged ranges: the copy has the cells, without them."""
    path = saved(tmp_path / "a.xlsx", _of_text("x"))
    path.write_bytes(hostile.HEAVY["merged"](random.Random(1), path.read_bytes(), []))
    issues = _issues("A1", "x").assign(source_file="a.xlsx")
    copy = returns.Copy("a", path, issues)
    made = returns.write(tmp_path / "out", tmp_path / "record.json", issues, [copy], LIMITS)
    book = openpyxl.load_workbook(*made.copies)
    assert book.sheetnames == ["Vấn đề", "Sheet"] and not book["Sheet"].merged_cells.ranges
    assert "không phải là số" in book["Sheet"]["A1"].comment.text


def test_a_list_that_no_person_reads_is_cut_and_says_so(tmp_path):
    many = _issues("A1", "x").loc[[0] * 2_003].reset_index(drop=True)
    many["message_vi"] = [f"Tổng số ghi {n}." for n in many.index]
    annotate.annotate(None, many, tmp_path / "b.xlsx")
    listed = [c.value for c in openpyxl.load_workbook(tmp_path / "b.xlsx").active["A"]]
    assert listed[-1] == "Còn 3 vấn đề nữa: xem issues.csv."
    assert len(listed) == first_sheet.HEAD_ROW + 2_001


def test_a_receipt_of_a_file_elsewhere_brings_nothing_of_it_back(tmp_path):
    """What received.csv names is no path."""
    folder = hostile.project(tmp_path, "2022-Q2")
    (folder / "a.xlsx").write_bytes(hostile.bases("2022-Q2")["II.06a.xlsx"])
    saved(tmp_path / "elsewhere.xlsx", _of_text("geheim"))
    outside = "../../../elsewhere.xlsx"
    (folder / "received.csv").write_text(f"file,received_at\n{outside},2022-07-01\n")
    plan = plans.plan("2022-Q2", hostile.CATALOGUE, tmp_path)
    held = a_period.check(plan, hostile.CATALOGUE, tmp_path)
    tables = type("Tables", (), held)
    made = send_back(tables, plan, tmp_path)
    assert outside in set(held["issues"]["source_file"]), "it is said to us, and to no sender"
    assert "elsewhere.xlsx" not in {p.name for p in made.copies} and made.copies
    for path in made.copies:
        assert b"geheim" not in b"".join(_parts(path).values())
