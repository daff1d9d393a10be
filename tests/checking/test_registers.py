"""Registers: what was written is read without loss, states follow from dates, identities hold."""

import io
import shutil
import unicodedata
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from tools.sample import registers as register_sample

from analysis import project
from analysis.catalogue import catalogue as cat
from analysis.catalogue import plans, reader, unit_lists
from analysis.checking import register_counts, register_entries, register_findings, register_states
from analysis.display.table import show
from analysis.exchange import blank_forms, blank_registers
from analysis.language import languages
from analysis.language.words import day
from analysis.period import load
from analysis.reading import workbook
from analysis.reading.layouts import locate
from analysis.schema.tables import LOCATED, STATES
from analysis.topics import records as register_views

CATALOGUE = cat.load()
TASKS = CATALOGUE.forms["tasks"]
PLAN = plans.plan("2022-Q2", CATALOGUE)
UNITS = plans.due_units(CATALOGUE, PLAN)
NAMES = UNITS.set_index("code")["name_vi"].to_dict()
KNOWN = unit_lists.unit_names(UNITS)
VPCP = UNITS.set_index("code", drop=False).loc["VPCP"]
LIMITS = CATALOGUE.parameters["limits"]
CASES = yaml.safe_load(
    Path(__file__).parents[1].joinpath("examples").joinpath("registers.yml").read_text()
)
PUBLISHED = pd.read_csv(
    project.Place().reference / "task-monitoring-2017/totals.csv", index_col="measure"
)["published"]


def frame(rows: list[dict]) -> pd.DataFrame:
    """Records of the register of tasks, as register_entries.table returns them."""
    table = pd.DataFrame(rows, columns=["assigned", "due", "completed", "reporting_unit"])
    for column in ("assigned", "due", "completed"):
        table[column] = pd.to_datetime(table[column])
    return table.assign(placed=True)


# --- states, identities, rates ------------------------------------------------------------------


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["why"])
def test_the_state_follows_from_the_dates(case):
    row = dict(assigned=case["opened"], due=case["due"], completed=case["closed"])
    assert register_states.state(frame([row]), TASKS, case["on"]).tolist() == [case["state"]]


DAYS = st.dates(date(2021, 1, 1), date(2023, 1, 1))
RECORD = st.fixed_dictionaries(
    {
        "assigned": DAYS,
        "due": st.none() | DAYS,
        "completed": st.none() | DAYS,
        "reporting_unit": st.sampled_from(["BTC", "BCT", "01"]),
    }
)


@given(st.lists(RECORD, min_size=1, max_size=30), DAYS)
@settings(max_examples=40)
def test_states_keep_the_identities_on_any_day(rows, on):
    held = frame(rows).assign(state=lambda t: register_states.state(t, TASKS, on))
    for by in (None, "reporting_unit"):
        found = register_counts.states(held, by)
        assert found["all"].sum() == len(rows)
        assert (found["all"] == found["completed"] + found["open"]).all()
        assert (found["all"] == found[STATES].sum(axis=1)).all()
        measured = found["completed"] + found["open_overdue"] > 0
        both = found["completed_share"] + found["overdue_share"]
        assert (both[measured] - 100).abs().max() < 1e-9 if measured.any() else True
        assert found.loc[~measured, "completed_share"].isna().all()
    # a day later nothing that was closed is open again
    later = register_states.state(held, TASKS, on + timedelta(days=1))
    completed = held["state"].isin(register_states.COMPLETED)
    assert later[completed].isin(register_states.COMPLETED).all()


def test_the_totals_of_2017_and_why_their_printed_shares_differ():
    first, last = date(2017, 1, 2), date(2017, 12, 25)
    before, after = last - timedelta(days=9), last + timedelta(days=9)
    kinds = {
        "completed_on_time": dict(due=last, completed=before),
        "completed_late": dict(due=before, completed=last),
        "open_within": dict(due=after, completed=None),
        "open_overdue": dict(due=before, completed=None),
    }
    rows = [
        dict(assigned=first, **dates)
        for kind, dates in kinds.items()
        for _ in range(int(PUBLISHED[kind]))
    ]
    held = frame(rows).assign(state=lambda t: register_states.state(t, TASKS, last))
    one = register_counts.states(held).iloc[0]
    for measure in ("all", "completed", "open", *kinds):
        assert one[measure] == PUBLISHED[measure]
    # its own counts do not give the printed shares, and no rounding of them does
    assert round(one["completed_share"], 2) == 98.63 != PUBLISHED["completed_share"]
    assert round(one["overdue_share"], 2) == 1.37 != PUBLISHED["overdue_share"]
    assert int(one["completed_share"] * 100) / 100 == PUBLISHED["completed_share"]


def test_ageing_and_forecast_count_each_record_once_by_its_day():
    end = PLAN.end
    over = [1, 30, 31, 90, 91, 180, 181, 400]
    rows = [dict(assigned="2021-01-01", due=end - timedelta(days=n)) for n in over]
    rows += [dict(assigned="2022-05-01", due=end + timedelta(days=n)) for n in (0, 30, 31, 90, 91)]
    held = frame([r | dict(completed=None, reporting_unit="BTC") for r in rows])
    held = held.assign(state=register_states.state(held, TASKS, end))
    left = (held["due"] - pd.Timestamp(end)).dt.days
    held = held.assign(days_left=left.where(left >= 0), days_over=(-left).where(left < 0))
    assert register_counts.ageing(held, TASKS).tolist() == [2, 2, 2, 2]
    ahead = register_counts.forecast(held, TASKS)
    assert ahead.set_index("reporting_unit").loc["_T"].tolist() == [2, 3, 4]


# --- reading ------------------------------------------------------------------------------------


WRITTEN = {
    "dd/mm/yyyy": lambda d: (day(d), "text"),
    "d/m/yyyy": lambda d: (f"{d.day}/{d.month}/{d.year}", "text"),
    "d.m.yy": lambda d: (f"{d.day}.{d.month}.{d:%y}", "text"),
    "words": lambda d: (f"Ngày {d.day} tháng {d.month} năm {d.year}", "text"),
    "ISO": lambda d: (d.isoformat(), "text"),
    "cell": lambda d: (f"{d.isoformat()} 00:00:00", "other"),
    "serial": lambda d: (str((d - date(1899, 12, 30)).days), "number"),
}


def entry(text: str, raw_type: str) -> tuple:
    """What a cell of a column of days says: entry, status, rule."""
    place = dict(source_file="f", source_sheet="s", source_cell="A1", row=1, column=1)
    cell = dict(raw_text=text, raw_type=raw_type, form="f", role="record", item="due")
    forms = {"f": {"attributes": {"due": {"kind": "date"}}}}
    read = register_entries.parse(LOCATED.of([place | cell]), forms, {}, {})
    return tuple(read[["entry", "obs_status", "rule"]].iloc[0])


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.sampled_from(sorted(WRITTEN)))
def test_a_day_is_read_however_it_is_written(value, how):
    text, kind = WRITTEN[how](value)
    assert entry(text, kind)[:2] == (value.isoformat(), "A")


@pytest.mark.parametrize(
    "text",
    [
        "30/02/2022",
        "13/13/2022",
        "tháng 5",
        "5/2022",
        "chưa xong",
        "31/06/2022",
        "2022",
        "1/1/1822",
    ],
)
def test_what_is_no_day_is_not_guessed(text):
    assert entry(text, "text") == (None, "V", "record_date_unreadable")


TEXT = st.text(
    st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=30
).map(lambda t: " ".join(unicodedata.normalize("NFC", f"Việc {t}").split()))
FILLED = st.fixed_dictionaries(
    {"text": TEXT, "lead": st.sampled_from(sorted(NAMES)), "assigned": DAYS},
    optional={
        "product": TEXT,
        "due": DAYS,
        "completed": DAYS,
        "with": st.lists(st.sampled_from(sorted(NAMES)), min_size=1, max_size=3, unique=True),
        "status": st.sampled_from(sorted(TASKS["attributes"]["status"]["choices"])),
    },
)


def read_back(book) -> pd.DataFrame:
    """Located and parsed cells of a workbook, as the flow reads them."""
    path = Path(FOLDER) / "tasks.xlsx"
    path.write_bytes(book if isinstance(book, bytes) else saved(book))
    located = locate.locate(workbook.read(path, LIMITS), {"tasks": TASKS}, {})
    return register_entries.parse(located, {"tasks": TASKS}, KNOWN, NAMES)


def saved(book) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


@pytest.fixture(scope="module", autouse=True)
def _folder(tmp_path_factory):
    global FOLDER
    FOLDER = str(tmp_path_factory.mktemp("registers"))


@given(st.lists(FILLED, min_size=1, max_size=6))
@settings(max_examples=8)
def test_a_filled_blank_is_read_back_without_loss(rows):
    rows = [{"code": f"NV-{n}", **r} for n, r in enumerate(rows)]
    choices = register_views.choices(TASKS, "status")
    book = blank_registers.blank(TASKS, VPCP, PLAN, list(NAMES.values()))
    words = [
        {
            k: choices[v]
            if k == "status"
            else NAMES[v]
            if k == "lead"
            else "; ".join(NAMES[c] for c in v)
            if k == "with"
            else v
            for k, v in r.items()
        }
        for r in rows
    ]
    blank_registers.fill(book, TASKS, words)
    cells = read_back(book)
    held = cells[cells["role"] == "record"]
    assert not held["rule"].notna().any() and not cells["rule"].notna().any()
    assert set(cells["unit_text"].dropna()) == {VPCP["name_vi"]}
    wide = held.pivot(index="row", columns="item", values="entry")
    for row, (_, got) in zip(rows, wide.iterrows(), strict=True):
        for code in TASKS["attributes"]:
            want = row.get(code)
            want = want.isoformat() if isinstance(want, date) else want
            want = "|".join(want) if isinstance(want, list) else want
            assert (None if pd.isna(got[code]) else got[code]) == want


@pytest.mark.parametrize("name", ["=1+1", "+84", "-2", "@SUM(A1)", "  =cmd|'/C calc'!A0"])
def test_a_name_in_a_blank_never_becomes_a_formula(name):
    book = blank_registers.blank(TASKS, VPCP, PLAN, list(NAMES.values()))
    blank_registers.fill(book, TASKS, [{next(iter(TASKS["attributes"])): name}])
    cell = book[TASKS["sheet"]].cell(blank_registers.FIRST_ROW, 2)
    assert (cell.value, cell.data_type, cell.quotePrefix) == (name, "s", True)


def test_the_blank_offers_lists_and_locks_its_heads():
    book = blank_registers.blank(TASKS, VPCP, PLAN, list(NAMES.values()))
    sheet = book[TASKS["sheet"]]
    assert sheet.protection.sheet and sheet.cell(blank_registers.HEAD_ROW, 2).protection.locked
    assert not sheet.cell(blank_registers.FIRST_ROW, 2).protection.locked
    kinds = [v.type for v in sheet.data_validations.dataValidation]
    assert sorted(kinds) == ["date", "date", "date", "list", "list"]
    guide = [c.value for c in book[blank_registers.GUIDE]["C"] if c.value]
    assert set(NAMES.values()) <= set(guide)


def test_an_empty_register_is_read_and_gives_no_record():
    cells = read_back(blank_registers.blank(TASKS, VPCP, PLAN, []))
    assert not (cells["role"] == "record").any() and not cells["rule"].notna().any()


def test_extra_titles_columns_in_another_order_and_remarks_are_borne(tmp_path):
    path = tmp_path / "so.csv"
    path.write_text(
        "Văn phòng Chính phủ gửi\nĐơn vị báo cáo: Văn phòng Chính phủ\n"
        "Từ ngày 15/03/2022 đến ngày 14/06/2022\n\n"
        "STT,Chủ trì,Nhiệm vụ,Mã nhiệm vụ,Ngày giao,Hạn hoàn thành,Ghi thêm\n"
        "1,Bộ Tài chính,Sửa nghị định,A1,01/04/2022,,xem sau\n2,,,,,,\n,,Ghi chú cuối sổ,,,,\n",
        encoding="utf-8",
    )
    cells = locate.locate(workbook.read(path, LIMITS), {"tasks": TASKS}, {})
    cells = register_entries.parse(cells, {"tasks": TASKS}, KNOWN, NAMES)
    record = cells[cells["role"] == "record"].set_index("item")["entry"].to_dict()
    assert record["lead"] == "BTC" and record["assigned"] == "2022-04-01"
    rules = dict(zip(cells["raw_text"], cells["rule"], strict=True))
    assert rules["xem sau"] == "outside_form" and rules["Ghi chú cuối sổ"] == "text_kept"


def test_a_register_without_a_required_column_counts_nobody(tmp_path):
    path = tmp_path / "so.csv"
    path.write_text("Mã nhiệm vụ,Nhiệm vụ,Ngày giao\nA1,Sửa nghị định,01/04/2022\n", "utf-8")
    cells = locate.locate(workbook.read(path, LIMITS), {"tasks": TASKS}, {})
    missing = cells[cells["rule"] == "column_missing"]
    assert missing["expected"].tolist() == ["Cơ quan chủ trì"]
    cells = register_entries.parse(cells, {"tasks": TASKS}, KNOWN, NAMES)
    cells = cells.assign(reporting_unit="VPCP", time_period="2022-Q2", received_at=None, revision=0)
    held = register_entries.records(cells, {"tasks": TASKS})
    assert not register_entries.table(held, TASKS)["placed"].any()
    assert register_states.followed(held, TASKS, PLAN).empty


# --- the flow -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def period():
    return load("2022-Q2")


def of_registers(period) -> pd.DataFrame:
    issues = period.tables.issues
    return issues[issues["form"].isin(["tasks", "recommendations"])]


def test_every_fault_of_the_sample_is_named_and_nothing_else(period):
    want = {f.expected_rule for f in register_sample.FAULTS if f.expected_rule}
    want |= {"record_lost", "record_repeated", "tasks_carried_over"}
    found = of_registers(period)
    assert set(found["rule"]) == want
    assert set(found["reporting_unit"]) == {"VPCP"}, "who sent it has to mend it"
    counts = found["rule"].value_counts()
    unreadable = [f for f in register_sample.FAULTS if f.expected_rule == "record_date_unreadable"]
    assert counts["record_date_unreadable"] == len(unreadable)
    clean = load("2022-Q1")
    assert of_registers(clean).empty


def test_every_cell_of_a_register_is_accounted_for(period):
    balance = period.tables.balance
    mine = balance[balance["source_file"].str.startswith(("tasks_", "recommendations_"))]
    assert len(mine) == 2 and (mine["unaccounted"] == 0).all() and (mine["accepted"] > 500).all()


@pytest.mark.parametrize("code", ["tasks", "recommendations"])
def test_what_was_read_is_what_was_written(period, code):
    """All records that no fault touched, attribute by attribute."""
    form = CATALOGUE.forms[code]
    read = register_entries.table(period.tables.records, form).set_index(form["record"])
    opens, closes, due = (form["dates"][k] for k in ("opened", "closed", "due"))
    same = 0
    for true in register_sample.truth(code, CATALOGUE):
        if true["code"] not in read.index or not read.loc[[true["code"]], "placed"].all():
            continue
        got = read.loc[true["code"]]
        assert got["lead"] == true["lead"] == got["reporting_unit"]
        assert got[opens].date() == true[opens]
        closed = true[closes] if true[closes] and true[closes] <= PLAN.end else None
        assert (None if pd.isna(got[closes]) else got[closes].date()) == closed
        same += (None if pd.isna(got[due]) else got[due].date()) == true[due]
    assert same >= len(read) - 12


def test_counts_by_unit_are_those_of_the_records_and_keep_the_stock(period):
    counts = period.tables.record_counts
    wide = counts.pivot(index="reporting_unit", columns="item", values="obs_value")
    rows = register_states.followed(period.tables.records, TASKS, PLAN)
    assert wide["tasks_assigned"].sum() == len(rows)
    assert (wide["tasks_assigned"] == wide["tasks_carried_over"] + wide["tasks_new"]).all()
    assert set(UNITS["code"]) <= set(wide.index), "a unit without a task has 0"
    before = load("2022-Q1").tables.record_counts
    was = before[before["item"] == "tasks_open"].set_index("reporting_unit")["obs_value"]
    apart = (wide["tasks_carried_over"] != was.reindex(wide.index)).sum()
    said = of_registers(period).query("rule == 'tasks_carried_over'")["message_vi"].item()
    assert f"ở {apart} cơ quan" in said


def test_a_stock_that_agrees_raises_nothing():
    """The same second register without its mess carries over exactly what was open."""
    first = register_states.followed(load("2022-Q1").tables.records, TASKS, _plan("2022-Q1"))
    left = set(first.loc[first["state"].isin(register_states.OPEN), "record"])
    rows = register_sample.truth("tasks", CATALOGUE)
    start = PLAN.start
    carried = {
        r["code"]
        for r in rows
        if r["assigned"] < start and not (r["completed"] and r["completed"] < start)
    }
    assert carried == left


def _plan(code: str):
    return plans.plan(code, CATALOGUE)


def test_rates_of_the_framework_are_those_of_the_register(period):
    rows = register_states.followed(period.tables.records, TASKS, PLAN)
    one = register_counts.states(rows).iloc[0]
    national = period.tables.national
    national = national[national["framework"] == "tasks"].set_index("indicator")["obs_value"]
    assert national["tasks_completed_share"] == pytest.approx(one["completed_share"])
    assert national["tasks_overdue_share"] == pytest.approx(one["overdue_share"])
    assert national["tasks_on_time_share"] == pytest.approx(one["on_time_share"])


def test_figures_of_registers_report_for_nobody(period):
    """A unit that is in charge of tasks has not thereby sent its own forms."""
    assert not period.tables.observations["form"].isin(["tasks", "recommendations"]).any()


def test_findings_between_records_and_dates():
    held = records(
        [
            dict(code="1", assigned="2022-04-01", completed="2022-03-20"),
            dict(code="2", assigned="2022-06-20"),
            dict(code="3", assigned="2022-04-01", completed="2022-06-20", status="done"),
            dict(code="4", assigned="2022-04-01", status="done_late"),
            dict(code="5", assigned="2022-04-01", completed="2022-05-01", status="open"),
            dict(code="6", assigned="2022-04-01", due="2022-05-01", completed="2022-04-20",
                 status="done_late"),
            dict(code="7", assigned="2022-04-01", due="2022-06-30", status="open"),
        ]
    )  # fmt: skip
    found = register_findings.findings(held, held.iloc[:0], {"tasks": TASKS}, PLAN)
    record = held.set_index("source_cell")["record"]
    pairs = {(record[f.source_cell], f.rule) for f in found.itertuples()}
    assert pairs == {
        ("1", "closed_before_opened"),
        ("2", "opened_after_period"),
        ("3", "closed_after_period"),
        ("4", "closed_without_date"),
        ("5", "closed_but_open"),
        ("6", "status_contradicts"),
    }


def records(rows: list[dict]) -> pd.DataFrame:
    """schema.RECORDS of tasks of one unit."""
    long = []
    for n, row in enumerate(rows, 10):
        row = {"text": "Việc", "lead": "BTC"} | row
        for c, attribute in enumerate(TASKS["attributes"]):
            entry = row.get(attribute)
            long.append(
                dict(reporting_unit="BTC", time_period=PLAN.code, form="tasks", sender="VPCP")
                | dict(record=row["code"], row=n, attribute=attribute, entry=entry)
                | dict(obs_status="A" if entry else "O", raw_text=entry or "", revision=0)
                | dict(source_file="so.xlsx", source_sheet="S", source_cell=f"{chr(65 + c)}{n}")
            )
    return pd.DataFrame(long)


# --- words --------------------------------------------------------------------------------------


def test_a_theme_is_found_as_a_whole_word_without_accents():
    form = CATALOGUE.forms["recommendations"]
    texts = ["HOAN THUE chậm", "Không hoàn thuếx", "thủ tục KÉO DÀI và hoàn thuế", None]
    rows = pd.DataFrame({"content": texts, "record": list("abcd"), "reporting_unit": "BTC"})
    found = register_counts.themes(rows.assign(state="open_within"), form)
    pairs = set(zip(found["record"], found["theme"], strict=True))
    assert pairs == {("a", "refund"), ("c", "refund"), ("c", "handling_time")}
    counted, said = register_views.theme_counts(found, form, 4)
    assert counted["n"].tolist() == [2, 1] and said.startswith("2 trong 4 kiến nghị")


def test_texts_of_a_register_are_escaped_on_the_page(period):
    rows = register_states.followed(period.tables.records, TASKS, PLAN)
    rows = rows.assign(state="open_overdue", days_over=5.0)
    chosen = rows[rows["text"].str.contains("<b>", regex=False)]
    assert len(chosen) == 1
    page = show(*register_views.overdue(chosen, TASKS, NAMES, "text")).data
    assert "&lt;b&gt;" in page and "<b>" not in page


@pytest.mark.parametrize(
    ("overdue", "where"),
    [
        ("a", "1 of 9 tasks open and overdue, all at 1 office: A (1)."),
        ("aab", "3 of 9 tasks open and overdue, at 2 offices (most: A, 2)."),
        (
            "ab",
            "2 of 9 tasks open and overdue, at 2 offices, 1 at each.",
        ),
        ("", "0 of 9 tasks open and overdue."),
    ],
)
def test_the_key_sentence_tells_one_from_several(overdue, where):
    units = [*overdue, *"c" * (9 - len(overdue))]
    rows = pd.DataFrame({"reporting_unit": units, "state": "open_within", "days_left": 99.0})
    rows.loc[: len(overdue) - 1, "state"] = "open_overdue"
    rows.loc[8, "days_left"] = 3.0
    summed = pd.DataFrame({"all": [9], "open_overdue": len(overdue), "completed_share": 50.0})
    with languages.using("en"):
        said = register_views.key(rows, summed, TASKS, {"a": "A"}, PLAN)
    assert where in said
    assert said.endswith("50.0%. 1 of the tasks falls due in the next 30 days.")


def test_what_the_plan_quotes_is_marked_and_the_rest_is_english():
    form = CATALOGUE.forms["plan_deliverables"]
    texts = {"source": ["<b>, Bài"] * 2, "due_text": ["hằng <i>", None], "lead": [None, "Vụ"]}
    rows = pd.DataFrame({"group": "g1", "row": [1, 2], "status": "done", "result": None, **texts})
    rows = rows.assign(due=pd.NaT, completed=pd.NaT, certainty="derived", code="1", text="Việc")
    with languages.using("en"):
        table = register_views.plan_rows(rows, form, "g1")
        page = show(table, "plan", as_written=["text"]).data
    assert "<span lang='vi'>hằng &lt;i&gt;</span>" in page and "<span lang='vi'>Vụ</span>" in page
    assert "<td>not stated</td>" in page and "<td>Announcement of the plan</td>" in page
    assert "<b>" not in page and "<i>" not in page


def test_pages_have_words_for_a_register_that_did_not_come(period):
    nothing = period.tables.records.iloc[:0]
    rows = register_states.followed(nothing, TASKS, PLAN)
    summed = register_counts.states(rows)
    assert register_views.key(rows, summed, TASKS, NAMES, PLAN).startswith("Chưa có sổ")
    assert register_views.identities(summed, TASKS) == ""
    assert register_views.state_counts(summed, TASKS).empty
    assert register_counts.ageing(rows, TASKS).sum() == 0
    assert register_views.overdue(rows, TASKS, NAMES, "text")[0].empty
    assert register_counts.counts(nothing, {"tasks": TASKS}, PLAN, ["BTC"]).empty


def test_the_plan_states_only_what_a_source_gives():
    period = load("plan-2022")
    form = period.catalogue.forms["plan_deliverables"]
    table = register_entries.table(period.tables.records, form)
    assert not period.plan.synthetic and table["placed"].all() and period.tables.issues.empty
    assert set(table["group"]) == {f"g{n}" for n in range(1, 7)}
    assert (table["source"] != "").all()
    done = table[table["status"] == "done"]
    assert done["code"].tolist() == ["1.4"] and done["certainty"].tolist() == ["derived"]
    assert set(table.loc[table["due"].notna(), "code"]) == {"2.2", "2.3"}
    assert not table.loc[table["status"] == "unknown", "completed"].notna().any()


# --- catalogue ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "line", "what"),
    [
        ("record: code", "record: number", "record: ", "no attribute number"),
        ("lead: lead", "lead: text", "lead: text", "text must be of kind unit"),
        ("opened: assigned,", "opened: given,", "dates:", "no attribute given"),
        ("    done_late: [completed_late]\n", "", "  means:", "done_late is a choice or has"),
        ("count: {state: [open_within]}", "count: {state: [gone]}", "tasks_open_within", "'gone'"),
    ],
)
def test_a_broken_register_is_reported_with_file_and_line(tmp_path, old, new, line, what):
    shutil.copytree(project.Place().catalogue, project.Place(tmp_path).catalogue)
    path = project.Place(tmp_path).catalogue / "forms/tasks.yml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(reader.CatalogueError) as error:
        cat.load(tmp_path)
    lines = path.read_text("utf-8").splitlines()
    found = [m for m in str(error.value).splitlines() if what in m and "tasks.yml:" in m]
    assert found, error.value
    number = int(found[0].split("tasks.yml:")[1].split(":")[0])
    assert lines[number - 1].strip().startswith(line.strip())


def test_blanks_of_a_period_include_its_registers(tmp_path):
    plan = replace(PLAN, forms=["tasks", "recommendations"])
    written = blank_forms.write_blanks(plan, CATALOGUE, tmp_path)
    assert [p.name for p in written] == [
        "tasks_VPCP_2022-Q2.xlsx",
        "recommendations_VPCP_2022-Q2.xlsx",
    ]
