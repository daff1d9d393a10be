"""A file that is empty, of another survey, or without some columns says so once, with a reason."""

import hostile
import numpy as np
import pandas as pd
import pytest
from fieldwork_files import CODE, FORM, frame, submissions
from kobo_files import kobo_xlsx

from analysis import project
from analysis.catalogue import catalogue as cat
from analysis.catalogue import plans
from analysis.survey import answer_sheets, flow

CATALOGUE = cat.load()
SURVEY = CATALOGUE.surveys["apci"]


def issues(tmp_path, name, data):
    found = checked(tmp_path, name, data)
    assert (found["balance"]["unaccounted"] == 0).all()
    return found["issues"]


def checked(tmp_path, name, data):
    place = project.Place(tmp_path)
    frame(place.survey(CODE), 60)
    (place.survey(CODE) / name).write_bytes(data)
    return flow.check(plans.edition("apci", "2023", CATALOGUE, tmp_path), CATALOGUE, place)


def book(drop=(), renamed=None):
    drawn = pd.read_csv(project.Place().survey("apci-2022") / "selected.csv", dtype=str).head(3)
    told = submissions(drawn, np.random.default_rng(1))
    form = {group: [n for n in names if n not in drop] for group, names in FORM.items()}
    for one in told:
        for said in one["thu_tuc"]:
            said |= {new: said.pop(old, "") for old, new in (renamed or {}).items()}
    form = {g: [(renamed or {}).get(n, n) for n in names] for g, names in form.items()}
    return kobo_xlsx(form, "thu_tuc", told)


def test_a_question_that_is_not_in_the_file_is_named_once(tmp_path):
    found = issues(tmp_path, "a.xlsx", book(["gio_b3", "dg_hai_long"]))
    told = found[found["rule"] == "column_absent"]
    assert len(told) == 1 and told["severity"].tolist() == ["warning"]
    assert "gio_b3 (Nộp hồ sơ), dg_hai_long (Mức hài lòng)" in told["message_vi"].iloc[0]


def test_a_renamed_question_is_named_with_what_it_is_called(tmp_path):
    found = issues(tmp_path, "a.xlsx", book(renamed={"dg_hai_long": "dg_hai_long_2"}))
    (message,) = found.loc[found["rule"] == "column_absent", "message_vi"]
    assert "dg_hai_long (Mức hài lòng)" in message and "dg_hai_long_2" in message


def test_a_whole_file_has_no_such_finding(tmp_path):
    assert "column_absent" not in set(issues(tmp_path, "a.xlsx", book())["rule"])


@pytest.mark.parametrize(
    ("name", "data", "rules"),
    [
        ("heads.csv", ",".join(sum(FORM.values(), [])).encode(), ["answers_none"]),
        ("a.csv", b"Name;Age\nAn;3\nBinh;4\n", ["answers_foreign"]),
        ("a.csv", b"", ["file_unreadable"]),
        ("a.csv", b"\n\n \n", ["answers_none"]),
    ],
)
def test_an_empty_or_foreign_file_has_one_finding(tmp_path, name, data, rules):
    found = issues(tmp_path, name, data)
    assert found["rule"].tolist() == rules, found[["rule", "message_vi"]].values.tolist()
    if rules == ["answers_foreign"]:
        message = found["message_vi"].iloc[0]
        assert "Name, Age" in message and "ma_phieu, ky_apci, tinh" in message


def test_a_file_of_another_survey_is_told_which(tmp_path):
    columns = {
        name: {"head": name, "name": {"vi": name, "en": name}, "kind": "text", "required": True}
        for name in ("benh_vien", "bac_si", "thoi_gian_cho")
    }
    other = {"title": {"vi": "Khảo sát người bệnh", "en": "Patients"}, "columns": columns}
    heads = ["benh_vien", "bac_si", "thoi_gian_cho"]
    rows = [(1, c, t) for c, t in enumerate(heads, 1)] + [(2, c, "x") for c in (1, 2, 3)]
    cells = pd.DataFrame(rows, columns=["row", "column", "raw_text"]).assign(
        source_file="a.csv", source_sheet="", source_cell="A1", raw_type="text", rule=None,
        found=None,
    )  # fmt: skip
    alone = answer_sheets.locate(cells, SURVEY)["found"].dropna().tolist()
    assert alone == ["benh_vien, bac_si, thoi_gian_cho"]
    told = answer_sheets.locate(cells, SURVEY, {"patients": other})
    assert told["rule"].dropna().tolist() == ["answers_foreign"]
    assert told["found"].dropna().tolist() == ["other: Khảo sát người bệnh"]


def test_a_file_of_which_readers_see_more_cells_than_it_holds_is_refused_by_name(tmp_path):
    known, unknown = b'<c r="A2" t="inlineStr">', b'<c r="A2" t="unheardOf"><!-- -->'
    spoilt = hostile.repacked(book(), lambda name, data: data.replace(known, unknown))
    found = checked(tmp_path, "a.xlsx", spoilt)
    (told,) = found["issues"].to_dict("records")
    assert (told["rule"], told["severity"]) == ("cells_unaccounted", "blocking")
    submitted = found["balance"]["submitted"].item()
    assert f"{submitted} ô có nội dung" in told["message_vi"]
    assert f"chỉ đọc được {submitted + 2};" in told["message_vi"]
    assert not (found["cells"]["fate"] == "accepted").any() and found["records"].empty
