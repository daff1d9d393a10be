"""Answers that Kobo and ODK export are read as they are: every layout says the same, every cell has
its fate, and what is wrong is one finding with what was expected, found and to be done."""

import copy
import csv
import io
from datetime import date
from itertools import product

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kobo_files import central_csvs, central_zip, kobo_csv, kobo_rows, kobo_xlsx
from openpyxl import load_workbook

from analysis import project
from analysis.catalogue import catalogue as cat
from analysis.catalogue import plans
from analysis.survey import exported, flow, questionnaire

CATALOGUE = cat.load()
PLAN = plans.EditionPlan(
    "apci", "2022", {}, True, [date(2021, 7, 1), date(2021, 12, 31)], date(2021, 12, 31)
)

FORM = {
    "doanh_nghiep": ["ma_phieu", "ky_apci", "tinh", "quy_mo", "loai_hinh", "nganh"],
    "thu_tuc": [
        *["nhom_tthc", "ma_tthc", "ten_tthc", "ngay_bd", "ngay_kt", "check_ends_before_start"],
        *["hinh_thuc_nop", "nhan_kq", "thue_ngoai", "cp_thue_ngoai", "gio_b1", "gio_b2", "gio_b3"],
        *["gio_b4", "gio_b5", "gio_tong", "so_lan_di_lai", "so_lan_bs", "phi_le_phi", "cp_in_sao"],
        *["cp_di_lai", "cp_khac", "cp_khong_ct", "muc_khong_ct", "dg_hai_long"],
    ],
}


def firm(code: str, province: str = "01", size: str = "small") -> dict[str, str]:
    held = {"ma_phieu": code, "ky_apci": "2022", "tinh": province, "quy_mo": size}
    return held | {"loai_hinh": "private", "nganh": "services"}


OWN = {
    "nhom_tthc": "tax",
    "ma_tthc": "TH01",
    "ten_tthc": "Kê khai; nộp “thuế”, 5/2022",
    "ngay_bd": "2021-08-05",
    "ngay_kt": "2021-08-07",
    "hinh_thuc_nop": "online",
    "nhan_kq": "post",
    "thue_ngoai": "own",
    "gio_b1": "1.125",
    "gio_b2": "2",
    "gio_b3": "0.5",
    "gio_b4": "-9",
    "gio_b5": "-8",
    "gio_tong": "6.5",
    "so_lan_di_lai": "2",
    "so_lan_bs": "0",
    "phi_le_phi": "9170000",
    "cp_in_sao": "0",
    "cp_di_lai": "12500",
    "cp_khac": "0",
    "cp_khong_ct": "no",
    "dg_hai_long": "4",
}
HIRED = {
    "nhom_tthc": "land",
    "ma_tthc": "DD01",
    "ngay_bd": "2021-09-01",
    "hinh_thuc_nop": "in_person",
    "thue_ngoai": "outsourced",
    "cp_thue_ngoai": "3000000",
    "cp_khong_ct": "yes",
    "muc_khong_ct": "200000",
}
SENT = [
    {"doanh_nghiep": firm("00012"), "thu_tuc": [OWN, HIRED]},
    {"doanh_nghiep": firm("00013", "79", "large"), "thu_tuc": [HIRED]},
]
EXPECTED = {
    ("12", "TH01"): {
        **{"province": "01", "firm_size": "small", "industry": "services", "route": "own"},
        **{"procedure_group": "tax", "procedure_name": OWN["ten_tthc"], "hours_step_1": 1.125},
        **{"hours_step_4": None, "hours_total": 6.5, "hours": 6.5, "fees": 9_170_000.0},
        **{"direct_cost": 9_182_500.0, "filing_channel": "online", "satisfaction": 4.0},
        **{"start_date": pd.Timestamp("2021-08-05"), "end_date": pd.Timestamp("2021-08-07")},
    },
    ("12", "DD01"): {"province": "01", "firm_size": "small", "outsourced_cost": 3_000_000.0},
    ("13", "DD01"): {"province": "79", "firm_size": "large", "informal_cost": 200_000.0},
}

LABELS = {
    "ma_phieu": "Mã phiếu, đúng như trong danh sách mẫu",
    "ky_apci": "Kỳ khảo sát",
    "tinh": "Tỉnh/thành",
    "quy_mo": "Quy mô lao động",
    "loai_hinh": "Loại hình doanh nghiệp",
    "nganh": "Ngành",
    "nhom_tthc": "Thủ tục thuộc nhóm nào?",
    "ma_tthc": "Mã thủ tục, như trong danh mục khảo sát",
    "ten_tthc": "Tên TTHC",
    "ngay_bd": "Ngày bắt đầu",
    "ngay_kt": "Ngày kết thúc",
    "check_ends_before_start": "Hãy kiểm tra lại: Kết thúc trước khi bắt đầu",
    "hinh_thuc_nop": "Hình thức nộp",
    "nhan_kq": "Nhận kết quả",
    "thue_ngoai": "Doanh nghiệp có thuê bên thứ ba làm thủ tục không?",
    "cp_thue_ngoai": "Chi phí thuê",
    "gio_b1": "Số giờ tìm hiểu thủ tục",
    "gio_b2": "Số giờ chuẩn bị hồ sơ",
    "gio_b3": "Số giờ nộp hồ sơ",
    "gio_b4": "Số giờ làm việc với cơ quan, bổ sung hồ sơ",
    "gio_b5": "Số giờ nhận kết quả",
    "gio_tong": "Tổng số giờ",
    "so_lan_di_lai": "Số lần đi lại",
    "so_lan_bs": "Số lần bổ sung",
    "phi_le_phi": "Phí lệ phí",
    "cp_in_sao": "Chi phí in sao",
    "cp_di_lai": "Chi phí đi lại",
    "cp_khac": "Chi phí khác",
    "cp_khong_ct": "Có chi khoản nào không chính thức không?",
    "muc_khong_ct": "Mức chi không chính thức",
    "dg_hai_long": "Mức hài lòng",
}
SAID = {
    "tinh": {"01": "Thành phố Hà Nội", "79": "Thành phố Hồ Chí Minh"},
    "quy_mo": {"small": "Nhỏ (10 đến 49 lao động)", "large": "Lớn (từ 200 lao động)"},
    "loai_hinh": {"private": "Ngoài nhà nước"},
    "nganh": {"services": "Dịch vụ"},
    "nhom_tthc": {"tax": "Thuế", "land": "Đất đai"},
    "hinh_thuc_nop": {"online": "Trực tuyến", "in_person": "Trực tiếp"},
    "nhan_kq": {"post": "Bưu chính"},
    "thue_ngoai": {"own": "Không, tự làm", "outsourced": "Có, thuê toàn bộ"},
    "cp_khong_ct": {"no": "Không", "yes": "Có"},
    "dg_hai_long": {"4": "Tốt"},
}


def with_labels(form: dict, sent: list[dict]) -> tuple[dict, list[dict]]:
    """Form and submissions as Kobo shows them in Vietnamese."""

    def told(said):
        if isinstance(said, list):
            return [told(one) for one in said]
        return {LABELS[n]: SAID.get(n, {}).get(text, text) for n, text in said.items()}

    labelled = {group: [LABELS[n] for n in names] for group, names in form.items()}
    return labelled, [{group: told(said) for group, said in one.items()} for one in sent]


_FIRMS = {
    "0012": "01,red_river_delta,small",
    "0013": "79,southeast,large",
    "0014": "79,southeast,large",
}


@pytest.fixture
def check(tmp_path):
    """Checks files of answers in an edition with ten times three firms (00012, 10012 …)."""
    folder = tmp_path / "data/survey/apci-2022"
    folder.mkdir(parents=True)
    firms = {f"{n}{code}": place for n in range(10) for code, place in _FIRMS.items()}
    rows = "".join(f"{code},{place},services\n" for code, place in firms.items())
    (folder / "selected.csv").write_text(f"response,province,region,firm_size,industry\n{rows}")
    strata = "red_river_delta,small,40\nsoutheast,large,60\n"
    (folder / "strata.csv").write_text(f"region,firm_size,population\n{strata}")
    totals = "region,red_river_delta,40,x\nregion,southeast,60,x\nindustry,services,100,x\n"
    (folder / "totals.csv").write_text(f"variable,category,total,source\n{totals}")

    def run(files: dict[str, bytes], survey: dict | None = None) -> dict:
        for name, data in files.items():
            (folder / name).write_bytes(data)
        catalogue = CATALOGUE
        if survey:
            catalogue = copy.copy(CATALOGUE)
            object.__setattr__(catalogue, "surveys", {"apci": survey})
        checked = flow.check(PLAN, catalogue, project.Place(tmp_path))
        noted = checked["issues"]["rule"].isin(["dont_know", "refused_answer"])  # -9, -8
        return {**checked, "issues": checked["issues"][~noted]}

    return run


def numbered(sent: list[dict], n: int) -> list[dict]:
    """The same answers of other firms, so that ten layouts stand in one edition."""
    sent = copy.deepcopy(sent)
    for one in sent:
        code = one["doanh_nghiep"]["ma_phieu"]
        one["doanh_nghiep"]["ma_phieu"] = f"{n}{code[1:]}"
    return sent


def read(checked: dict, layouts: int = 1, expected: dict | None = None) -> None:
    """That an edition holds what was answered in each layout, and accounts for every cell."""
    assert checked["issues"]["message_vi"].tolist() == []
    records = checked["records"].set_index(["response", "procedure"])
    expected = expected or EXPECTED
    held = {
        (f"{n}00{code}" if n else code, procedure): told
        for n in range(layouts)
        for (code, procedure), told in expected.items()
    }
    assert set(records.index) == set(held)
    for key, own in held.items():
        told = {item: records.loc[key, item] for item in own}
        assert {i: None if pd.isna(v) else v for i, v in told.items()} == own, key
    balance = checked["balance"]
    assert (balance["unaccounted"] == 0).all() and balance["submitted"].gt(0).all()


# --- the form repeats ----------------------------------------------------------------------------


def test_every_layout_of_a_form_with_repeats_is_read(check):
    """Kobo's workbook, whatever stands between groups and names, codes or labels; Central's files,
    packed (and, in the next test, as they are)."""
    signs = ["/", ".", "-", "_", ":", None]
    files = {
        f"kobo{n}.xlsx": kobo_xlsx(FORM, "thu_tuc", numbered(SENT, n), sign)
        for n, sign in enumerate(signs)
    }
    for n, sign in enumerate(["/", None], len(signs)):
        form, sent = with_labels(FORM, numbered(SENT, n))
        names = ["Doanh nghiệp", "Từng thủ tục"]
        form = dict(zip(names, form.values(), strict=True))
        sent = [dict(zip(names, one.values(), strict=True)) for one in sent]
        files[f"labels{n}.xlsx"] = kobo_xlsx(form, names[1], sent, sign)
    files["central.zip"] = central_zip(central_csvs(FORM, "thu_tuc", numbered(SENT, 8)))
    read(check(files), 9)


def test_the_files_of_odk_central_belong_together_by_their_keys(check):
    read(check(central_csvs(FORM, "thu_tuc", SENT)))


def test_a_cell_of_a_respondent_is_counted_once_and_stands_in_each_of_its_records(check):
    checked = check({"kobo.xlsx": kobo_xlsx(FORM, "thu_tuc", SENT)})
    own = checked["cells"][(checked["cells"]["item"] == "province")]
    assert own["record"].nunique() == 3
    assert own["source_cell"].nunique() == 2 and set(own["fate"]) == {"accepted"}


def test_what_is_wrong_with_a_respondent_is_said_once(check):
    sent = [{**SENT[0], "doanh_nghiep": firm("00099")}, SENT[1]]
    checked = check({"kobo.xlsx": kobo_xlsx(FORM, "thu_tuc", sent)})
    assert checked["issues"]["rule"].tolist() == ["response_not_selected"]
    assert checked["records"]["state"].tolist() == [*["response_not_selected"] * 2, "accepted"]
    assert (checked["balance"]["unaccounted"] == 0).all()


def test_one_wrong_procedure_takes_nothing_from_the_others_of_the_firm(check):
    sent = [{**SENT[0], "thu_tuc": [{**OWN, "nhom_tthc": "nowhere"}, HIRED]}]
    checked = check({"kobo.xlsx": kobo_xlsx(FORM, "thu_tuc", sent)})
    assert set(checked["issues"]["rule"]) == {"procedure_group_unknown", "response_unplaced"}
    assert sorted(checked["records"]["state"]) == ["accepted", "response_unplaced"]
    own = checked["cells"].query("item == 'province' and raw_type != 'carried'")
    assert own["fate"].tolist() == ["accepted"]


def test_a_respondent_without_a_procedure_is_named(check):
    sent = [*SENT, {"doanh_nghiep": firm("00014", "79", "large"), "thu_tuc": []}]
    checked = check({"kobo.xlsx": kobo_xlsx(FORM, "thu_tuc", sent)})
    assert checked["issues"]["rule"].tolist() == ["response_unplaced"]
    assert "nhom_tthc" in checked["issues"]["message_vi"].iloc[0]
    assert len(checked["records"]) == 4


def test_a_row_of_a_repeat_whose_form_is_not_there_is_one_finding(check):
    files = central_csvs(FORM, "thu_tuc", SENT)
    main = files["apci_2022.csv"].decode().splitlines()
    files["apci_2022.csv"] = "\n".join(main[:-1]).encode()
    checked = check(files)
    (issue,) = checked["issues"].to_dict("records")
    assert issue["rule"] == "parent_missing" and issue["raw_text"].startswith("uuid:")
    assert issue["source_file"] == "apci_2022-thu_tuc.csv"
    assert len(checked["records"]) == 2 and (checked["balance"]["unaccounted"] == 0).all()


def test_a_repeat_alone_and_a_form_alone_say_what_to_export(check, tmp_path):
    files = central_csvs(FORM, "thu_tuc", SENT)
    (issue,) = check({"apci_2022-thu_tuc.csv": files["apci_2022-thu_tuc.csv"]})["issues"].to_dict(
        "records"
    )
    assert issue["rule"] == "parent_missing" and "ZIP" in issue["message_vi"]
    (tmp_path / "data/survey/apci-2022/apci_2022-thu_tuc.csv").unlink()
    (issue,) = check({"apci_2022.csv": files["apci_2022.csv"]})["issues"].to_dict("records")
    assert issue["rule"] == "column_missing" and "XLSX" in issue["message_vi"]
    assert "nhom_tthc" in issue["message_vi"] and "thue_ngoai" in issue["message_vi"]


# --- one table -----------------------------------------------------------------------------------

_ASKED = CATALOGUE.surveys["apci"]
FLAT = {**_ASKED, "questionnaire": [{**s, "repeat": False} for s in _ASKED["questionnaire"]]}
CHANNELS = {"email": ["thư điện tử"], "zalo": ["Zalo"], "in_person": ["gặp trực tiếp"]}
SEVERAL = {
    **FLAT,
    "columns": {
        **FLAT["columns"],
        "contact": {
            "head": "kenh",
            "name": {"vi": "Kênh liên hệ", "en": "Ways of contact"},
            "kind": "several",
            "choices": CHANNELS,
        },
    },
}
ONE_EACH = [
    {"doanh_nghiep": firm("00012"), "thu_tuc": OWN},
    {"doanh_nghiep": firm("00013", "79", "large"), "thu_tuc": HIRED},
]
OF_EACH = {key: EXPECTED[key] for key in (("12", "TH01"), ("13", "DD01"))}


def test_every_layout_of_one_table_is_read(check):
    ways = list(product([";", ","], ["/", ".", "_", None]))
    files = {
        f"kobo{n}.csv": kobo_csv(kobo_rows(FORM, numbered(ONE_EACH, n), sign), separator)
        for n, (separator, sign) in enumerate(ways)
    }
    form = dict(zip(("thong_tin", "phan_b"), FORM.values(), strict=True))  # renamed groups
    sent = [dict(zip(form, one.values(), strict=True)) for one in numbered(ONE_EACH, 8)]
    files["renamed.csv"] = kobo_csv(kobo_rows(form, sent))
    read(check(files, FLAT), 9, OF_EACH)


def test_several_answers_are_read_in_one_column_in_many_and_in_both(check):
    form = {**FORM, "thu_tuc": [*FORM["thu_tuc"], "kenh"]}
    ticks = [("0", "1"), ("False", "True"), ("FALSE", "TRUE")]
    ways = [*product(["both", "summary", "details"], ticks), ("summary", None)]
    files = {}
    for n, (how, written) in enumerate(ways):
        sent = numbered(ONE_EACH, n)
        sent[0]["thu_tuc"]["kenh"] = "in_person email" if written else "Gặp trực tiếp Thư điện tử"
        boxes = {"kenh": list(CHANNELS)}
        rows = kobo_rows(form, sent, "/", boxes, how, written or ("0", "1"))
        files[f"kobo{n}.csv"] = kobo_csv(rows)
    checked = check(files, SEVERAL)
    read(checked, 10, OF_EACH)
    told = checked["records"].set_index("response")["contact"].to_dict()
    expected = {"12": "email in_person", "13": None}
    for n in range(10):
        for code, said in expected.items():
            held = told[f"{n}00{code}" if n else code]
            assert held == said or (said is None and pd.isna(held)), (n, code)


@pytest.mark.parametrize(
    ("column", "box", "rule"),
    [("email zalo", "0", "choices_disagree"), ("email fax", "", "choice_unknown")],
)
def test_columns_of_one_answer_that_disagree_or_are_strange_give_none(check, column, box, rule):
    form = {**FORM, "thu_tuc": [*FORM["thu_tuc"], "kenh"]}
    sent = [copy.deepcopy(one) for one in ONE_EACH]
    sent[0]["thu_tuc"]["kenh"] = column
    rows = kobo_rows(form, sent, "/", {"kenh": list(CHANNELS)}, "both")
    at = rows[0].index("thu_tuc/kenh/zalo")
    rows[1][at - 1 : at + 2] = ["1" if box else "", box, box]
    checked = check({"kobo.csv": kobo_csv(rows)}, SEVERAL)
    (issue,) = checked["issues"].to_dict("records")
    assert issue["rule"] == rule and issue["raw_text"] == column
    assert checked["records"]["contact"].isna().all() and len(checked["records"]) == 2


def test_a_renamed_group_that_cannot_be_told_from_the_name_is_named_with_what_was_found(check):
    form = dict(zip(("thong_tin", "phan_b"), FORM.values(), strict=True))
    sent = [dict(zip(form, one.values(), strict=True)) for one in ONE_EACH]
    rows = kobo_rows(form, sent, "_")
    names = [n for group in FORM.values() for n in group if n not in ("tinh", "quy_mo")]
    rows[0] = [next((n for n in names if head.endswith(f"_{n}")), head) for head in rows[0]]
    (issue,) = check({"kobo.csv": kobo_csv(rows)}, FLAT)["issues"].to_dict("records")
    assert issue["rule"] == "column_missing"
    for told in ("tinh (Tỉnh/thành)", "quy_mo", "thong_tin_tinh", "thong_tin_quy_mo"):
        assert told in issue["message_vi"]


def test_a_file_of_another_survey_is_one_finding_that_names_both(check):
    rows = kobo_rows(
        {"hộ": ["ho_ten", "tuoi", "so_con"]}, [{"hộ": {"ho_ten": "A", "tuoi": "3"}}] * 9
    )
    (issue,) = check({"ho.csv": kobo_csv(rows)}, FLAT)["issues"].to_dict("records")
    assert issue["rule"] == "answers_foreign"
    assert "APCI" in issue["message_vi"] and "start" in issue["message_vi"]


def test_a_question_of_ones_own_is_one_finding_and_takes_nothing_from_the_others(check):
    form = {**FORM, "thu_tuc": [*FORM["thu_tuc"], "ghi_chu_rieng"]}
    sent = [copy.deepcopy(one) for one in ONE_EACH]
    for one in sent:
        one["thu_tuc"]["ghi_chu_rieng"] = "tinh"
    checked = check({"kobo.csv": kobo_csv(kobo_rows(form, sent))}, FLAT)
    (issue,) = checked["issues"].to_dict("records")
    assert issue["rule"] == "outside_form" and "ghi_chu_rieng" in issue["raw_text"]
    assert len(checked["records"]) == 2 and (checked["balance"]["unaccounted"] == 0).all()


def test_what_a_phone_wrote_is_not_doubted_and_what_people_wrote_is(check):
    """``start`` and decimal points in an export are of the machine; elsewhere nobody knows."""
    rows = kobo_rows(FORM, ONE_EACH, None)
    checked = check({"kobo.csv": kobo_csv(rows)}, FLAT)
    assert (
        checked["cells"].query("raw_text.str.startswith('2022-05-03T')")["role"].eq("label").all()
    )
    heads = [n for names in FORM.values() for n in names]
    said = {**ONE_EACH[0]["doanh_nghiep"], **OWN}
    text = io.StringIO()
    csv.writer(text).writerows([["Status", *heads], ["done", *(said.get(n, "") for n in heads)]])
    told = check({"kobo.csv": text.getvalue().encode()}, FLAT)["issues"]
    assert "outside_form" in set(told["rule"])
    assert "number_ambiguous" in set(told["rule"])  # 1.125 hours: or a thousand?


def test_two_exports_side_by_side_each_find_their_own(check):
    files = central_csvs(FORM, "thu_tuc", SENT)
    other = central_csvs(FORM, "thu_tuc", numbered(SENT, 1))
    for name, data in other.items():
        files[f"nam_{name}"] = data.replace(b"uuid:7b1c", b"uuid:9e4d")
    read(check(files), 2)


def test_a_repeat_of_ones_own_is_a_note_and_takes_nothing_from_the_others(check):
    book = load_workbook(io.BytesIO(kobo_xlsx(FORM, "thu_tuc", SENT)))
    own = book.create_sheet("nhan_vien")
    own.append(["nhan_vien/ten", "_index", "_parent_table_name", "_parent_index"])
    own.append(["Lan", 1, book.sheetnames[0], 1])
    data = io.BytesIO()
    book.save(data)
    checked = check({"kobo.xlsx": data.getvalue()})
    assert checked["issues"]["rule"].tolist() == ["sheet_unused"]
    assert len(checked["records"]) == 3 and (checked["balance"]["unaccounted"] == 0).all()


def test_a_second_sheet_with_remarks_is_a_note(check, tmp_path):
    book = load_workbook(io.BytesIO(kobo_xlsx(FORM, "thu_tuc", SENT)))
    book.create_sheet("Ghi chú")["A1"] = "đã kiểm tra"
    data = io.BytesIO()
    book.save(data)
    checked = check({"kobo.xlsx": data.getvalue()})
    assert checked["issues"]["rule"].tolist() == ["sheet_unused"]
    assert len(checked["records"]) == 3


def test_a_broken_zip_and_a_picture_in_one_are_each_one_finding(check):
    packed = central_zip(central_csvs(FORM, "thu_tuc", SENT) | {"media/1.jpg": b"\xff\xd8"})
    checked = check({"a.zip": packed, "b.zip": b"PK no zip"})
    assert sorted(checked["issues"]["rule"]) == ["file_unreadable", "sheet_unused"]
    assert len(checked["records"]) == 3


@given(st.sets(st.sampled_from(list(CHANNELS)), min_size=1), st.randoms(), st.sampled_from(" ,;|"))
def test_several_choices_are_the_same_in_any_order_and_writing(codes, random, between):
    column = SEVERAL["columns"]["contact"]
    words = [random.choice([code, CHANNELS[code][0], CHANNELS[code][0].upper()]) for code in codes]
    random.shuffle(words)
    assert set(questionnaire.chosen(f"{between} ".join(words), column)) == codes


@given(st.lists(st.text(max_size=30), max_size=8))
def test_any_heads_stand_for_known_columns_or_for_none(texts):
    known = exported.heads(_ASKED)
    held = exported.places(dict(enumerate(texts)), _ASKED, known)
    assert set(held) <= set(range(len(texts))) and set(held.values()) <= set(known.values())


@given(
    st.sampled_from([h for names in FORM.values() for h in names if not h.startswith("check_")]),
    st.lists(st.from_regex(r"[a-z]{1,6}_g", fullmatch=True), max_size=3),
    st.sampled_from("/.-:"),
)
def test_a_name_behind_any_groups_is_that_column_in_an_export(name, groups, sign):
    known = exported.heads(_ASKED)
    heads = {1: "_uuid", 2: sign.join([*groups, name])}
    assert exported.places(heads, _ASKED, known)[2] == known[name.replace("_", " ")]
