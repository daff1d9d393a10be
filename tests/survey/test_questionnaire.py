"""The questionnaire of a survey: a valid XLSForm whose skip rules and checks are those by which
answers are checked, a form on paper and one in Excel, a codebook that leaves out no variable."""

import csv
import io
import math
import re
import shutil
from datetime import date

import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from shared import Page, call

from analysis import project
from analysis.catalogue import catalogue as cat
from analysis.catalogue import plans
from analysis.reading import spreadsheets
from analysis.survey import answer_sheets, question_files, responses

CATALOGUE = cat.load()
ASKED = CATALOGUE.surveys["apci"]
PLAN = plans.EditionPlan(
    "apci", "2022", {}, True, [date(2021, 7, 1), date(2021, 12, 31)], date(2021, 12, 31)
)
MADE = question_files.made(ASKED, CATALOGUE, PLAN)


def rows(data: bytes, sheet: str) -> list[dict[str, str]]:
    """A sheet of an XLSForm: head → text."""
    lines = load_workbook(io.BytesIO(data))[sheet].iter_rows(values_only=True)
    heads = next(lines)
    return [{h: "" if v is None else v for h, v in zip(heads, line, strict=True)} for line in lines]


FORM = MADE["apci-2022_xlsform.xlsx"]
SURVEY = rows(FORM, "survey")
BY_NAME = {row["name"]: row for row in SURVEY if row["name"]}

_TYPES = {"start", "end", "today", "deviceid", "text", "integer", "decimal", "date", "calculate"}
_TYPES |= {"note", "begin_group", "end_group", "begin_repeat", "end_repeat"}


def valid(data: bytes) -> None:
    """What the standard (xlsform.org) demands of a workbook."""
    book = load_workbook(io.BytesIO(data))
    assert book.sheetnames == ["survey", "choices", "settings"]
    survey, choices = rows(data, "survey"), rows(data, "choices")
    lists = {row["list_name"] for row in choices}
    assert len({(row["list_name"], row["name"]) for row in choices}) == len(choices)
    assert not [row for row in choices if re.search(r"\s", row["name"])]
    open_, names = [], []
    for row in survey:
        kind, _, listed = row["type"].partition(" ")
        assert kind in _TYPES or (kind in ("select_one", "select_multiple") and listed in lists)
        if kind.startswith("begin_"):
            open_.append(kind.removeprefix("begin_"))
        elif kind.startswith("end_"):
            assert open_.pop() == kind.removeprefix("end_")
            continue
        assert re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.-]*", row["name"])
        names.append(row["name"])
        shown = kind not in ("start", "end", "today", "deviceid", "calculate")
        assert all(bool(row[h]) == shown for h in row if h.startswith("label::"))
        assert bool(row["calculation"]) == (kind == "calculate")
        assert bool(row["constraint"]) == bool(row["constraint_message::Tiếng Việt (vi)"])
    assert not open_ and len(set(names)) == len(names)
    for row in survey:
        said = " ".join(row[c] for c in ("relevant", "constraint", "calculation"))
        assert set(re.findall(r"\$\{(.*?)\}", said)) <= set(names)
        assert said.count("(") == said.count(")") and said.count("'") % 2 == 0
    (stated,) = rows(data, "settings")
    assert stated["default_language"] == "Tiếng Việt (vi)" and stated["form_id"]


def test_the_form_for_phones_is_valid_and_the_same_each_time():
    valid(FORM)
    assert question_files.made(ASKED, CATALOGUE, PLAN) == MADE


def test_all_of_the_questionnaire_is_asked_of_whom_it_is_asked():
    asked = [i for s in ASKED["questionnaire"] for i in s["items"]]
    assert [r["name"] for r in SURVEY if r["name"] in {ASKED["columns"][i]["head"] for i in asked}]
    for item in asked:
        row = BY_NAME[ASKED["columns"][item]["head"]]
        needed = ASKED["columns"][item].get("required") and row["type"] != "calculate"
        assert row["required"] == ("yes" if needed else "")
    assert BY_NAME["ky_apci"]["calculation"] == "'2022'"
    codes = {r["name"] for r in rows(FORM, "choices") if r["list_name"] == "tinh"}
    assert codes == set(CATALOGUE.regions.index) & set(CATALOGUE.units_on(PLAN.units_on)["code"])
    groups = [r["name"] for r in rows(FORM, "choices") if r["list_name"] == "nhom_tthc"]
    assert "customs" not in groups and len(groups) == 9  # left out in 2020


# --- what the form lets through is what is not found fault with ----------------------------------


def holds(expression: str, said: dict[str, object], own: object = None) -> bool:
    """The value of an expression of XPath as forms have it; what was not answered is no number."""

    def number(value: object) -> float:
        return float(value) if value not in ("", None) else math.nan

    said = {name: ("" if value is None else value) for name, value in said.items()}
    text = re.sub(r"\$\{(\w+)\}", r"said['\1']", expression)
    text = re.sub(r"(?<![\w'\])])\.(?=\s|,|\))", "THIS", text)
    text = re.sub(r"(?<![<>=!])=(?!=)", "==", text)
    text = re.sub(r"(said\['\w+'\]|\bTHIS\b)(?!,)", r"number(\1)", text)
    text = text.replace("not(", "not_(")
    names = {"said": said, "THIS": own, "number": number, "round": round_, "not_": lambda v: not v}
    names["selected"] = lambda value, code: code in str(value).split()
    return bool(eval(text, {"__builtins__": {}}, names))


def round_(value: float) -> float:
    return value if math.isnan(value) else math.floor(value + 0.5)


FIGURES = ["cp_thue_ngoai", *(f"gio_b{n}" for n in range(1, 6)), "gio_tong", "phi_le_phi"]
FIGURES += ["cp_in_sao", "cp_di_lai", "cp_khac", "muc_khong_ct"]
HEADS = {column["head"]: item for item, column in ASKED["columns"].items()}
answers = st.fixed_dictionaries(
    {name: st.sampled_from([None, 0, 0, 1, 2, 5, -9]) for name in FIGURES}
    | {
        "thue_ngoai": st.sampled_from(["own", "outsourced", "partly"]),
        "cp_khong_ct": st.sampled_from([None, "yes", "no"]),
    }
)


def records(several: list[dict]) -> pd.DataFrame:
    """The answers as rows of :func:`analysis.survey.responses.wide`."""
    rows = []
    for said in several:
        held = {HEADS[name]: None if v == -9 else v for name, v in said.items()}
        rows.append(dict.fromkeys(ASKED["columns"]) | held)
    table = pd.DataFrame(rows).assign(record=range(len(rows)))
    for item, column in ASKED["columns"].items():
        if column["kind"] in ("hours", "money", "count", "rating", "weight"):
            table[item] = pd.to_numeric(table[item])
        elif column["kind"] == "date":
            table[item] = pd.to_datetime(table[item])
    for name, rule in ASKED["sums"].items():
        total = table[rule["parts"]].sum(axis=1, skipna=False)
        table[name] = total.fillna(table[rule["total"]]) if rule.get("total") else total
    return table


@settings(max_examples=3, deadline=None)
@given(st.lists(answers, min_size=20, max_size=30))
def test_the_form_stops_what_is_blocking_and_shows_what_is_a_warning(several):
    findings = responses.findings(records(several), ASKED, set())
    for n, said in enumerate(several):
        found = set(findings.loc[findings["record"] == n, "rule"]) - {"response_unplaced"}
        filled = {name: "" if value is None else value for name, value in said.items()}
        stopped = [
            name
            for name, row in BY_NAME.items()
            if row["constraint"] and filled.get(name, "") != ""
            if not holds(row["constraint"], filled, filled[name])
        ]
        blocking = {r for r in found if CATALOGUE.rules[r]["severity"] == "blocking"}
        assert bool(stopped) == bool(blocking), (stopped, found)
        for rule in (line["rule"] for line in ASKED["contradictions"]):
            warned = CATALOGUE.rules[rule]["severity"] == "warning"
            if warned and rule != "ends_before_start":
                shown = holds(BY_NAME[f"check_{rule}"]["relevant"], filled)
                assert shown == (rule in found), (rule, said)


@pytest.mark.parametrize(
    ("name", "allowed", "refused"),
    [
        ("gio_b1", [0, 0.25, 4000, -9, -8], [-1, 4000.5, -7]),
        ("phi_le_phi", [0, 5_000_000_000, -9], [0.5, 5_000_000_001, -3]),
        ("so_lan_bs", [0, 200, -8], [201, -2]),
    ],
)
def test_figures_are_taken_within_their_limits_and_with_codes_for_no_answer(name, allowed, refused):
    constraint = BY_NAME[name]["constraint"]
    empty = dict.fromkeys(BY_NAME, "")
    assert all(holds(constraint, empty, value) for value in allowed)
    assert not any(holds(constraint, empty, value) for value in refused)


def test_what_is_not_to_be_asked_is_skipped():
    for route, hours, price in (("own", True, False), ("outsourced", False, True)):
        said = {"thue_ngoai": route}
        assert holds(BY_NAME["gio_b1"]["relevant"], said) == hours
        assert holds(BY_NAME["cp_thue_ngoai"]["relevant"], said) == price


# --- paper, Excel, codebook ----------------------------------------------------------------------


def test_paper_says_when_a_question_is_asked_and_holds_no_script():
    page = Page(MADE["apci-2022_phieu.html"].decode())
    text = " ".join(page.text)
    assert not page.scripts and not page.handlers and not page.links
    assert "☐ Siêu nhỏ (dưới 10 lao động)" in text
    assert "[nếu câu 13 = “Có, thuê toàn bộ” hoặc “Có, thuê một phần”]" in text


def test_what_is_filled_in_in_excel_is_read(tmp_path):
    book = load_workbook(io.BytesIO(MADE["apci-2022_phieu.xlsx"]))
    sheet, lists = book.worksheets
    heads = {cell.comment.text: cell for cell in sheet[1]}
    assert any("Tổng giờ khác các bước" in text for text in heads)  # how it is checked
    said = {
        "Mã phiếu, đúng như trong danh sách mẫu": "00012",
        "Kỳ khảo sát": 2022,
        "Tỉnh/thành": "Thành phố Hà Nội",
        "Quy mô lao động": "Nhỏ (10 đến 49 lao động)",
        "Thủ tục thuộc nhóm nào?": "Thuế",
        "Mã thủ tục, như trong danh mục khảo sát": "TH01",
        "Doanh nghiệp có thuê bên thứ ba làm thủ tục không?": "Không, tự làm",
        "Số giờ tìm hiểu thủ tục": 1.5,
        "Mức hài lòng": "Tốt",
        "Nhận kết quả": "Không biết, không nhớ",
    }
    for cell in sheet[1]:
        sheet.cell(2, cell.column, said.pop(cell.value, None))
    assert not said
    path = tmp_path / "a.xlsx"
    book.save(path)
    cells = pd.DataFrame(
        spreadsheets.read(path, CATALOGUE.parameters["limits"]).cells,
        columns=["source_sheet", "source_cell", "row", "column", "raw_text", "raw_type", "s", "h"],
    )
    cells = cells.assign(source_file="a.xlsx", rule=None, found=None)
    placed = answer_sheets.locate(cells, ASKED)
    assert set(placed.loc[placed["source_sheet"] == lists.title, "role"]) == {"label"}
    names = {"province": {"thanh pho ha noi": "01"}, "procedure_group": {"thue": "tax"}}
    read = responses.read(placed, ASKED, names, {"hours_per_working_day": 8,
                                                 "hours_per_half_day": 4}, "2022")  # fmt: skip
    row = responses.wide(read, ASKED).iloc[0]
    told = [row[i] for i in ("response", "edition", "province", "firm_size", "route")]
    assert told == ["12", "2022", "01", "small", "own"]
    assert (row["hours_step_1"], row["satisfaction"]) == (1.5, 4.0)
    assert set(read["rule"].dropna()) <= {"blank", "dont_know", "decimal_point"}


def test_the_codebook_tells_of_every_variable_in_both_languages():
    names = (("apci-2022_bang_ma.csv", ";", "có"), ("apci-2022_codebook.csv", ",", "yes"))
    for name, sign, yes in names:
        text = io.StringIO(MADE[name].decode("utf-8-sig"))
        held = list(csv.DictReader(text, delimiter=sign))
        assert {row["item"] for row in held} == set(ASKED["columns"])
        told = {row["item"]: row for row in held}
        assert told["route"]["required"] == yes and "own = " in told["route"]["codes"]
        assert told["stated_weight"]["section"] == ""
        assert told["fees"]["unit"] and told["fees"]["asked_if"].startswith("thue_ngoai = ")
    assert "Own work with an agent's price" in told["outsourced_cost"]["checks"]
    assert "5,000,000,000" in told["fees"]["checks"]


# --- the command, and a survey of one's own ------------------------------------------------------

OWN = {
    "survey": "mot_cua",
    "title": {"vi": "Hài lòng một cửa", "en": "One-stop satisfaction"},
    "questionnaire": [
        {"section": "nguoi_dan", "name": {"vi": "Người dân", "en": "Citizen"},
         "items": ["response", "province", "route", "contact"]},
        {"section": "lan_di", "name": {"vi": "Lần đi", "en": "Visit"}, "repeat": True,
         "items": ["edition", "firm_size", "procedure", "procedure_group", "fees"]},
    ],
}  # fmt: skip


def own_survey(root) -> dict:
    """A survey of somebody else beside the one shipped: heads with accents, several answers."""
    shutil.copytree(project.PROJECT / "data/catalogue", root / "data/catalogue")
    path = root / "data/catalogue/surveys/apci.yml"
    stated = yaml.safe_load(path.read_text("utf-8")) | OWN
    stated["columns"]["response"] |= {"head": "Số phiếu"}
    stated["columns"]["fees"] |= {
        "asked_if": {"contact": ["zalo"]},
        "name": {"vi": '=1+1 "<b>', "en": "<&>"},
    }
    stated["columns"]["contact"] = {
        "head": "Kênh",
        "name": {"vi": "Kênh liên hệ", "en": "Contact"},
        "kind": "several",
        "choices": {"zalo": ["Zalo"], "phone": ["điện thoại"]},
    }
    path.with_name("mot_cua.yml").write_text(yaml.safe_dump(stated, allow_unicode=True), "utf-8")
    return stated


def test_a_survey_of_ones_own_has_its_questionnaire_by_one_command(tmp_path):
    own_survey(tmp_path)
    out = tmp_path / "phiếu hỏi"
    code, said = call(tmp_path, "questionnaire", "mot_cua", str(out))
    assert code == 0, said
    form = (out / "mot_cua_xlsform.xlsx").read_bytes()
    valid(form)
    held = {row["name"]: row for row in rows(form, "survey") if row["name"]}
    assert held["contact"]["type"] == "select_multiple contact"  # its head is no plain name
    assert held["phi_le_phi"]["relevant"] == "selected(${contact}, 'zalo')"
    assert held["phi_le_phi"]["label::Tiếng Việt (vi)"] == '=1+1 "<b>'
    assert load_workbook(out / "mot_cua_xlsform.xlsx")["survey"]["C2"].data_type != "f"
    assert held["ky_apci"]["type"] == "text" and "20[0-9][0-9]" in held["ky_apci"]["constraint"]
    assert "<b>" not in (out / "mot_cua_phieu.html").read_text("utf-8")
    assert "'=1+1" in (out / "mot_cua_bang_ma.csv").read_text("utf-8-sig")
    before = {p: p.read_bytes() for p in out.iterdir()}
    code, said = call(tmp_path, "questionnaire", "mot_cua", str(out))
    assert code == 2 and "--again" in said
    assert {p: p.read_bytes() for p in out.iterdir()} == before
    for words, told in (
        (["mot_cu", str(out)], "mot_cua"),
        (["mot_cua-2031", str(out)], "2031"),
        (["mot_cua", str(tmp_path / "data/survey/x")], "data"),
    ):
        code, said = call(tmp_path, "questionnaire", *words)
        assert code == 2 and told in said, said
    assert not (tmp_path / "data/survey").exists()
