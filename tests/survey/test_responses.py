"""Answer files: columns are found, answers placed, rows held against each other."""

import pandas as pd
import pytest

from analysis.catalogue import catalogue
from analysis.schema.tables import CELLS
from analysis.survey import responses

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
    return pd.DataFrame(found, columns=CELLS.columns).assign(rule=None, found=None)


def records(*rows: dict, **options) -> pd.DataFrame:
    placed = responses.locate(cells(*rows, **options), ASKED)
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
    placed = responses.locate(given, ASKED)
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
    placed = responses.locate(cells(ANSWER, heads=heads), ASKED)
    refusal = placed[placed["rule"].notna()].iloc[0]
    assert (refusal["rule"], refusal["expected"]) == ("column_missing", "province")
    assert not (placed["role"] == "value").any()


def test_a_column_that_stands_twice_is_refused():
    heads = [c["head"] for c in ASKED["columns"].values()] + ["tinh"]
    placed = responses.locate(cells(ANSWER, heads=heads), ASKED)
    assert "column_twice" in set(placed["rule"])


def test_a_figure_outside_the_columns_is_an_issue_of_its_own():
    given = pd.concat(
        [
            cells(ANSWER),
            pd.DataFrame([("a.csv", "", "ZZ2", 2, 99, "7", "text")], columns=CELLS.columns),
        ]
    ).assign(rule=None, found=None)
    placed = responses.locate(given, ASKED)
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
