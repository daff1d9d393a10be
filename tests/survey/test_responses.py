"""Answer files: columns are found, answers placed, rows held against each other."""

import pandas as pd
import pytest

from analysis.catalogue import catalogue
from analysis.schema.tables import CELLS
from analysis.survey import answer_sheets, responses

ASKED = catalogue.load().surveys["apci"]
NAMES = {"province": {"ha noi": "01", "phu tho": "25"}, "procedure_group": {"thue": "tax"}}
HOURS = {"hours_per_working_day": 8, "hours_per_half_day": 4}
ANSWER = {
    "ma_phieu": "00012",
    "ky_apci": "APCI 2022",
    "tinh": "Hà Nội",
    "quy_mo": "10-49",
    "nhom_tthc": "Thuế",
    "ma_tthc": "TH01",
    "thue_ngoai": "không",
    "gio_b1": "1",
    "gio_b2": "2",
    "gio_b3": "1",
    "gio_b4": "0,5",
    "gio_b5": "30'",
    "gio_tong": "5",
    "phi_le_phi": "10k",
    "cp_in_sao": "0",
    "cp_di_lai": "không",
    "cp_khac": "5.000",
}


def cells(*rows: dict, title=False, heads=None) -> pd.DataFrame:
    heads = heads or [c["head"] for c in ASKED["columns"].values()]
    lines = ([["PHIẾU"]] if title else []) + [heads] + [[r.get(h, "") for h in heads] for r in rows]
    found = [
        ("a.csv", "", f"C{c}R{r}", r, c, text, "text")
        for r, line in enumerate(lines, 1)
        for c, text in enumerate(line, 1)
        if text != ""
    ]
    return pd.DataFrame(found, columns=CELLS.columns[:7]).assign(rule=None, found=None)


def records(*rows: dict, **options) -> pd.DataFrame:
    placed = answer_sheets.locate(cells(*rows, **options), ASKED)
    return responses.wide(responses.read(placed, ASKED, NAMES, HOURS, "2022"), ASKED)


def rules(*rows: dict, selected=frozenset()) -> dict[str, list[int]]:
    found = responses.findings(records(*rows), ASKED, set(selected))
    return found.groupby("rule")["record"].unique().map(list).to_dict()


def test_a_row_becomes_one_record_with_its_sums():
    row = records(ANSWER, title=True).iloc[0]
    assert (row["response"], row["province"], row["procedure_group"]) == ("12", "01", "tax")
    assert (row["hours"], row["direct_cost"], row["route"]) == (5.0, 15_000.0, "own")


def test_every_written_cell_has_a_role_and_blanks_are_added():
    given = cells(ANSWER)
    placed = answer_sheets.locate(given, ASKED)
    assert placed["role"].isin(["label", "value"]).all()
    assert (placed["raw_text"] != "").sum() == len(given)
    assert (placed["role"] == "value").sum() == len(ASKED["columns"])


def test_heads_may_stand_in_any_order_and_by_other_names():
    heads = [c["head"] for c in ASKED["columns"].values()][::-1]
    heads[heads.index("tinh")] = "Tỉnh / Thành phố"
    row = records({**ANSWER, "Tỉnh / Thành phố": "phú thọ"}, heads=heads).iloc[0]
    assert row["province"] == "25"


def test_a_sheet_without_a_required_column_is_refused_and_says_which():
    heads = [c["head"] for c in ASKED["columns"].values() if c["head"] != "tinh"]
    placed = answer_sheets.locate(cells(ANSWER, heads=heads), ASKED)
    refusal = placed[placed["rule"].notna()].iloc[0]
    assert (refusal["rule"], refusal["expected"]) == (
        "column_missing",
        "tinh (Tỉnh/thành)",
    )
    assert not (placed["role"] == "value").any()


def test_a_column_that_stands_twice_is_refused():
    heads = [c["head"] for c in ASKED["columns"].values()] + ["tinh"]
    placed = answer_sheets.locate(cells(ANSWER, heads=heads), ASKED)
    assert "column_twice" in set(placed["rule"])


def test_a_figure_outside_the_columns_is_an_issue_of_its_own():
    given = pd.concat(
        [
            cells(ANSWER),
            pd.DataFrame([("a.csv", "", "ZZ2", 2, 99, "7", "text")], columns=CELLS.columns[:7]),
        ]
    ).assign(rule=None, found=None)
    placed = answer_sheets.locate(given, ASKED)
    assert placed.loc[placed["source_cell"] == "ZZ2", "rule"].tolist() == ["outside_form"]


def test_a_part_left_blank_makes_the_sum_unknown_never_smaller():
    row = records({**ANSWER, "cp_khac": "không nhớ"}).iloc[0]
    assert pd.isna(row["direct_cost"])
    row = records({**ANSWER, "gio_b3": ""}).iloc[0]
    assert row["hours"] == 5  # the stated total
    assert pd.isna(records({**ANSWER, "gio_b3": "", "gio_tong": ""}).iloc[0]["hours"])


def test_a_good_row_has_no_finding():
    assert rules(ANSWER, selected={"12"}) == {}


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"gio_tong": "9"}, "total_contradicts_steps"),
        ({"cp_thue_ngoai": "2tr"}, "own_with_agent"),
        ({"ky_apci": "2021"}, "response_unplaced"),
        ({"tinh": "Atlantis"}, "response_unplaced"),
        ({"nhom_tthc": "Hải quan"}, "response_unplaced"),
        ({"ngay_bd": "05/08/2021", "ngay_kt": "01/08/2021"}, "ends_before_start"),
        ({"cp_khong_ct": "không", "muc_khong_ct": "200k"}, "informal_contradicts"),
        ({"thue_ngoai": "có", "cp_thue_ngoai": "3tr"}, "outsourced_own_hours"),
        ({"thue_ngoai": "một phần"}, "outsourced_without_cost"),
        (
            dict.fromkeys(["gio_b1", "gio_b2", "gio_b3", "gio_b4", "gio_b5", "gio_tong"], "0"),
            "cost_without_hours",
        ),
    ],
)
def test_what_does_not_go_together_is_found(change, rule):
    assert rule in rules({**ANSWER, **change})


def test_customs_is_not_cross_border_trade():
    groups = catalogue.load().procedure_groups
    aliases = "|".join(groups.loc["cross_border_trade", ["name_vi", "aliases"]])
    assert "hải quan" not in aliases.lower()


def test_the_same_row_twice_counts_once_and_rows_that_differ_stop_counting():
    assert rules(ANSWER, ANSWER) == {"response_repeated": [1]}
    assert rules(ANSWER, {**ANSWER, "gio_b1": "1,0"}) == {"response_repeated": [1]}
    other = {**ANSWER, "so_lan_di_lai": "4"}
    assert rules(ANSWER, other) == {"response_contradicts": [0, 1]}
    assert rules(ANSWER, {**ANSWER, "ma_tthc": "TH02"}) == {}


def test_who_is_not_in_the_sample_is_named():
    assert rules(ANSWER, selected={"99"}) == {"response_not_selected": [0]}


def test_slips_of_a_thousand_are_flagged_and_kept_as_written():
    rows = [{**ANSWER, "ma_phieu": str(i), "phi_le_phi": "10k"} for i in range(30)]
    rows[7]["phi_le_phi"] = "10.000.000"
    rows[9]["phi_le_phi"] = "10"
    table = records(*rows)
    found = responses.findings(table, ASKED, set())
    slips = found[found["rule"] == "thousand_slip"]
    assert slips["record"].tolist() == [7, 9]
    assert set(slips["item"]) == {"fees"}
    assert table.loc[7, "fees"] == 10_000_000


def test_a_few_answers_are_no_yardstick_for_slips():
    rows = [{**ANSWER, "ma_phieu": str(i)} for i in range(5)]
    rows[0]["phi_le_phi"] = "10.000.000"
    assert "thousand_slip" not in rules(*rows)


# --- one answer in several columns ---------------------------------------------------------------

TICKED = {
    **ASKED,
    "combine": {
        "firm_size": {"ticked": {"Siêu nhỏ (X)": "micro", "Nhỏ (X)": "small", "Vừa (X)": "medium"}},
        "hours_step_1": {"columns": {"Bước 1 – giờ": 1, "Bước 1 – phút": "1/60"}},
    },
}
COMBINED = [h for how in TICKED["combine"].values() for part in how.values() for h in part]
HEADS = [c["head"] for c in ASKED["columns"].values() if c["head"] not in ("quy_mo", "gio_b1")]


def combined_cells(**told: str) -> pd.DataFrame:
    placed = answer_sheets.locate(cells({**ANSWER, **told}, heads=[*HEADS, *COMBINED]), TICKED)
    return responses.read(placed, TICKED, NAMES, HOURS, "2022")


def combined_record(**told: str) -> pd.Series:
    return responses.wide(combined_cells(**told), TICKED).iloc[0]


@pytest.mark.parametrize(
    ("hours", "minutes", "read"),
    [("1", "30", 1.5), ("2", "", 2.0), ("", "45", 0.75), ("0", "10", 1 / 6), ("1,5", "0", 1.5)],
)
def test_hours_and_minutes_in_two_columns_are_one_figure(hours, minutes, read):
    told = {"Bước 1 – giờ": hours, "Bước 1 – phút": minutes, "Nhỏ (X)": "X"}
    assert combined_record(**told)["hours_step_1"] == pytest.approx(read)


@pytest.mark.parametrize(
    ("hours", "minutes"),
    [("", ""), ("1", "30 phút"), ("x", "5"), ("không nhớ", "5"), ("1", "một"), ("4000", "1")],
)
def test_a_part_that_is_not_read_leaves_no_figure(hours, minutes):
    told = {"Bước 1 – giờ": hours, "Bước 1 – phút": minutes, "Nhỏ (X)": "X"}
    assert pd.isna(combined_record(**told)["hours_step_1"])
    own = combined_cells(**told).query("item == 'hours_step_1' and raw_text != ''")
    assert own.empty or own["rule"].notna().any()


@pytest.mark.parametrize("tick", ["X", "x", "1", "✓", " x ", "có"])
def test_a_ticked_class_is_a_choice(tick):
    assert combined_record(**{"Nhỏ (X)": tick, "Vừa (X)": "0"})["firm_size"] == "small"


def test_two_ticks_or_none_are_no_choice_and_two_are_named_at_both():
    both = {"Nhỏ (X)": "x", "Vừa (X)": "X"}
    own = combined_cells(**both).query("item == 'firm_size' and raw_text != ''")
    assert own["rule"].tolist() == ["choice_several"] * 2
    assert set(own["obs_status"]) == {"V"} and own["found"].iloc[0] == "Nhỏ (X), Vừa (X)"
    for told in (both, {}, {"Nhỏ (X)": "0"}, {"Nhỏ (X)": "x", "Vừa (X)": "12 người"}):
        assert pd.isna(combined_record(**told)["firm_size"])


def test_every_cell_of_a_combined_answer_keeps_its_place():
    told = combined_cells(**{"Nhỏ (X)": "x", "Bước 1 – giờ": "1", "Bước 1 – phút": "5"})
    own = told[told["item"].isin(TICKED["combine"])]
    assert len(own) == len(COMBINED) and not own.duplicated("source_cell").any()
    assert own.groupby("item")["lead"].sum().tolist() == [1, 1]


def test_a_class_without_its_column_or_beside_the_question_itself_is_refused():
    absent = answer_sheets.locate(cells(ANSWER, heads=[*HEADS, *COMBINED[1:]]), TICKED)
    assert absent["expected"].dropna().tolist() == [COMBINED[0]]
    assert absent["rule"].dropna().tolist() == ["column_missing"]
    beside = answer_sheets.locate(cells(ANSWER, heads=[*HEADS, "quy_mo", *COMBINED]), TICKED)
    assert beside["rule"].dropna().tolist() == ["column_twice"]


def test_a_form_without_its_own_columns_is_read_as_before():
    plain = [c["head"] for c in ASKED["columns"].values()]
    placed = answer_sheets.locate(cells(ANSWER, heads=plain), TICKED)
    row = responses.wide(responses.read(placed, TICKED, NAMES, HOURS, "2022"), TICKED).iloc[0]
    assert (row["firm_size"], row["hours_step_1"]) == ("small", 1.0)
