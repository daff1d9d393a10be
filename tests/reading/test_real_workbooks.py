"""Official workbooks as they were published: read by form files alone, and nothing is lost."""

import shutil
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import project
from analysis.catalogue import catalogue as cat
from analysis.catalogue import plans
from analysis.period import check, load
from analysis.published import cleaned_tables
from analysis.reading import clean, workbook
from analysis.reading.layouts import locate, locate_table

CATALOGUE = cat.load()
LIMITS = CATALOGUE.parameters["limits"]
# period → figures accepted, units with a figure (the national row is one where there is one)
PERIODS = {
    "budget-2003": (305, 61),
    "budget-2006": (841, 65),
    "budget-2008": (574, 65),
    "budget_final-2008": (373, 64),
    "budget-2012": (498, 64),
    "budget_final-2013": (447, 64),
    "budget-2017": (1184, 108),
    "pci-2006": (704, 64),
    "pci-2008": (768, 64),
    "pci-2010": (1008, 63),
    "pci-2013": (945, 63),
    "pci-2014": (945, 63),
    "pci-2015": (945, 63),
    "pci-2016": (945, 63),
    "papi-2016": (1827, 63),
}


@pytest.fixture(scope="module")
def checked():
    held = {}

    def of(code: str) -> dict:
        if code not in held:
            held[code] = check(plans.plan(code, CATALOGUE), CATALOGUE)
        return held[code]

    return of


def rules(tables: dict, severity: str) -> dict[str, int]:
    issues = tables["issues"]
    return issues.loc[issues["severity"] == severity, "rule"].value_counts().to_dict()


@pytest.mark.parametrize("code", PERIODS)
def test_every_cell_is_accounted_for_and_every_unit_is_known(checked, code):
    tables = checked(code)
    figures, units = PERIODS[code]
    observations = tables["observations"]
    assert (tables["balance"]["unaccounted"] == 0).all()
    assert observations["obs_value"].notna().sum() == figures
    assert observations["reporting_unit"].nunique() == units
    assert not observations.duplicated(["reporting_unit", "item"]).any()
    assert "unit_unknown" not in set(tables["issues"]["rule"])
    assert "column_missing" not in set(tables["issues"]["rule"])


# --- compared with tables that somebody else cleaned ---------------------------------------------


@pytest.mark.parametrize("code", sorted(cleaned_tables.covered()))
def test_every_difference_from_the_cleaned_tables_is_explained(checked, code):
    plan = plans.plan(code, CATALOGUE)
    units = plans.due_units(CATALOGUE, plan)["code"].tolist()
    theirs = cleaned_tables.read(code)
    compared = cleaned_tables.compare(checked(code)["observations"], theirs, units)
    counted = cleaned_tables.summary(compared, cleaned_tables.explained(code))
    other = counted[counted["outcome"] != "same"]
    assert other[["vi", "en"]].notna().all(axis=None)
    assert len(other) == len(cleaned_tables.explained(code)), "an explanation without difference"
    assert len(theirs) >= 250


def test_how_many_figures_agree(checked):
    same = {}
    for code in sorted(cleaned_tables.covered()):
        plan = plans.plan(code, CATALOGUE)
        units = plans.due_units(CATALOGUE, plan)["code"].tolist()
        observations = checked(code)["observations"]
        compared = cleaned_tables.compare(observations, cleaned_tables.read(code), units)
        same[code] = ((compared["outcome"] == "same").sum(), len(compared))
    assert same == {
        "budget-2006": (256, 320),
        "budget-2008": (256, 320),
        "budget-2012": (252, 315),
        "budget-2017": (299, 315),
        "budget_final-2008": (248, 315),
        "budget_final-2013": (190, 315),
        "papi-2016": (1386, 1386),
        "pci-2006": (704, 704),
        "pci-2008": (768, 768),
        "pci-2010": (693, 693),
        "pci-2014": (693, 693),
        "pci-2015": (693, 693),
        "pci-2016": (693, 693),
    }


BUDGETS = ["budget-2006", "budget-2008", "budget-2012", "budget_final-2008", "budget_final-2013"]


@pytest.mark.parametrize("code", BUDGETS)
def test_what_they_call_balancing_transfers_are_all_transfers(checked, code):
    theirs = cleaned_tables.read(code).query("column == 'balance.trans'")
    ours = checked(code)["observations"].query("item == 'transfer_total'")
    both = theirs.merge(ours, on="reporting_unit")
    assert len(both) == len(theirs) >= 62
    assert both["obs_value"].to_numpy() == pytest.approx(both["theirs"].to_numpy(), rel=1e-6)


def test_what_they_call_targeted_transfers_of_2013_adds_two_columns(checked):
    theirs = cleaned_tables.read("budget_final-2013").query("column == 'target.trans'")
    rows = checked("budget_final-2013")["observations"]
    ours = rows.pivot(index="reporting_unit", columns="item", values="obs_value")
    both = ours["transfer_foreign_capital"] + ours["transfer_projects"]
    expected = theirs.set_index("reporting_unit")["theirs"]
    assert both[expected.index].to_numpy() == pytest.approx(expected.to_numpy(), rel=1e-6)


# --- what is hard in each of them ----------------------------------------------------------------


def value(tables: dict, unit: str, item: str) -> float:
    rows = tables["observations"].set_index(["reporting_unit", "item"])
    return rows.at[(unit, item), "obs_value"]


def test_a_total_written_as_text_with_a_footnote_mark(checked):
    tables = checked("budget_final-2008")
    assert value(tables, "VN", "revenue_total") == 419_278_223
    row = tables["observations"].set_index(["reporting_unit", "item"]).loc[("VN", "revenue_total")]
    assert row["raw_text"] == "(1)\xa0\xa0\xa0\xa0 419.278.223"
    assert row["source_cell"] == "C10"
    assert "footnote_mark" in rules(tables, "note")


def test_a_column_of_figures_beside_the_first_column_of_its_merged_head(checked):
    tables = checked("budget_final-2008")
    assert value(tables, "22", "sharing_ratio") == 76
    stray = tables["issues"].query("source_cell == 'D29'")
    assert stray["rule"].tolist() == ["outside_form"], "a footnote that became the number -2"


def test_heads_cut_over_five_rows(checked):
    assert value(checked("budget-2017"), "02", "sharing_ratio") == 100
    assert value(checked("budget-2017"), "02", "revenue_total") == 1_870_500


def test_two_forms_in_one_file_for_different_units(checked):
    tables = checked("budget-2017")
    assert value(tables, "VPCP", "recurrent_administration") == 920_000
    assert set(tables["submissions"]["form"]) == {"budget_2017", "budget_ministries_2017"}
    assert rules(tables, "note")["sheet_unused"] == 6
    missing = tables["issues"].query("rule == 'not_received'")["reporting_unit"]
    assert {"BQP", "BCA"} < set(missing), "defence and security are not published"


def test_ha_tay_is_a_unit_while_it_was_one(checked):
    for code in ("budget-2003", "budget-2006", "budget-2008", "pci-2008"):
        assert "28" in set(checked(code)["observations"]["reporting_unit"])
    assert "28" not in set(checked("budget_final-2008")["observations"]["reporting_unit"])


def test_national_totals_that_do_not_add_up_are_told_apart_from_those_that_do(checked):
    found = {c: checked(c)["issues"].query("rule == 'whole_parts'") for c in PERIODS}
    assert found["budget-2012"].empty and found["budget_final-2013"].empty
    assert {c: f["source_cell"].tolist() for c, f in found.items() if len(f)} == {
        "budget-2006": ["F14"],
        "budget-2008": ["F14"],
        "budget_final-2008": ["F10"],
        "budget-2017": ["C13"],
    }


def test_a_workbook_that_the_quick_reader_refuses_is_still_read(checked):
    tables = checked("pci-2014")
    assert value(tables, "87", "subindex_entry") == pytest.approx(9.37169647216797)
    assert tables["balance"]["submitted"].sum() > 10_000


# --- columns sorted each on its own --------------------------------------------------------------


def located(code: str, file: str, form: dict) -> pd.DataFrame:
    path = project.PROJECT / "data/submissions" / code / file
    return locate.locate(workbook.read(path, LIMITS), {form["form"]: form}, {})


def test_the_best_of_each_sub_index_is_another_province(checked):
    best = checked("pci-2010")["observations"].query("item.str.startswith('subindex')")
    best = best.loc[best.groupby("item")["obs_value"].idxmax()].set_index("item")["reporting_unit"]
    # the first row of the sheet, each name beside its figure
    assert best["subindex_entry"] == "45" and best["subindex_land"] == "84"
    assert best["subindex_transparency"] == "10" and best["subindex_support"] == "79"


@pytest.mark.parametrize(
    ("code", "file"),
    [("pci-2008", "PCI_2008.xls"), ("pci-2010", "PCI_2010.xls"), ("pci-2013", "PCI_2013.xlsx")],
)
def test_a_form_that_takes_a_sorted_sheet_for_a_plain_one_gets_no_figure(code, file):
    form = CATALOGUE.forms[code.replace("-", "_")]
    table = form["tables"][0]
    plain = {**table, "names": {"head": table["names"]["head"]}}
    cells = located(code, file, {**form, "tables": [plain]})
    read = set(cells.loc[cells["role"] == "value", "item"])
    # the first block alone stands beside the first names
    assert read == {"subindex_entry"}
    refused = (cells["rule"] == "names_between").sum()
    assert refused == len(table["columns"]) - 1
    assert (cells["covered_by"] == "names_between").sum() >= 63 * refused


def test_two_sheets_of_a_workbook_give_the_same_time_costs(checked):
    for code in ("pci-2010", "pci-2013", "pci-2014", "pci-2015", "pci-2016"):
        rows = checked(code)["observations"].pivot(
            index="reporting_unit", columns="item", values="obs_value"
        )
        assert len(rows) == 63
        assert rows["subindex_time"].to_numpy() == pytest.approx(rows["time_index"].to_numpy())


# --- a table that is not as its form says --------------------------------------------------------

FORM = {
    "form": "t",
    "layout": "table",
    "tables": [
        {
            "sheets": ["S"],
            "names": {"head": ["Tỉnh"]},
            "labels": ["STT"],
            "not_units": ["Miền núi"],
            "ends_at": ["Ghi chú"],
            "columns": {"a": [["Thu", "Tổng số"]], "b": [["Chi", "Tổng số"]]},
        }
    ],
}
SHEET = [
    ["STT", "Tỉnh", "Thu", "", "Chi", ""],
    ["", "", "Tổng số", "Thuế", "Tổng số", "Lương"],
    ["A", "B", "1", "2", "3", "4=3-1"],
    ["I", "Miền núi", "10", "6", "8", "5"],
    ["1", "Hà Giang", "4", "2", "3", "1"],
    ["2", "Lào Cai", "6", "4", "", "4"],
    ["Ghi chú: thử", "", "", "", "", ""],
]


def cells_of(sheet: list[list[str]], name: str = "S") -> list[dict]:
    return [
        dict(source_file="f.xls", source_sheet=name, source_cell=f"{'ABCDEFGH'[c]}{r}", row=r,
             column=c + 1, raw_text=text, raw_type="number" if text.isdigit() else "text")
        for r, line in enumerate(sheet, 1)
        for c, text in enumerate(line)
        if text
    ]  # fmt: skip


def read_table(sheet: list[list[str]]) -> pd.DataFrame:
    found = locate_table.locate(cells_of(sheet), FORM)
    return pd.DataFrame(found).reindex(columns=["source_cell", "row", "role", "item", "unit_text",
                                                "rule", "covered_by", "raw_text"])  # fmt: skip


def test_a_head_belongs_to_the_group_above_it():
    values = read_table(SHEET).query("role == 'value'")
    read = {(v.unit_text, v.item): v.raw_text for v in values.itertuples()}
    assert read == {
        ("Hà Giang", "a"): "4", ("Hà Giang", "b"): "3", ("Lào Cai", "a"): "6", ("Lào Cai", "b"): "",
    }  # fmt: skip


def test_what_is_no_figure_of_the_form_is_kept_or_reported():
    cells = read_table(SHEET).set_index("source_cell")
    assert cells.at["C4", "role"] == "label", "a subtotal"
    assert cells.at["D5", "rule"] == "outside_form"
    assert cells.at["A7", "rule"] == "text_kept"
    assert set(cells_of(SHEET)[i]["source_cell"] for i in range(len(cells_of(SHEET)))) == set(
        cells.index[cells["raw_text"] != ""]
    )


def test_a_column_that_is_absent_or_twice_is_found_not_guessed():
    absent = [line[:4] for line in SHEET]
    assert "column_missing" in set(read_table(absent)["rule"])
    twice = [[*line, *line[2:4]] for line in SHEET]
    found = read_table(twice)
    assert "column_twice" in set(found["rule"])
    assert "a" not in set(found["item"].dropna())


def test_a_name_that_occurs_twice_counts_for_neither_row():
    found = read_table([*SHEET[:6], ["3", "Hà Giang", "9", "9", "9", "9"]])
    values = found.query("role == 'value' and unit_text == 'Hà Giang'")
    assert len(values) == 4 and (values["covered_by"] == "duplicate_row").all()


def test_a_sheet_without_the_head_of_names_is_refused_as_a_whole():
    found = read_table([["STT", "Huyện", "Thu"], ["1", "X", "5"]])
    assert "header_not_found" in set(found["rule"]) and "value" not in set(found["role"])
    assert locate_table.locate(cells_of(SHEET, "khác"), FORM) is None


TEXTS = ["", "", "Tỉnh", "Thu", "Chi", "Tổng số", "STT", "Hà Giang", "Lào Cai", "Hà Giang",
         "Miền núi", "5", "12", "(1)", "A", "Ghi chú", "II", "x"]  # fmt: skip
LEFT = {**FORM["tables"][0], "names": {"head": ["Tỉnh"], "stand": "left"}}


@settings(deadline=None, max_examples=150)
@given(
    st.lists(st.lists(st.sampled_from(TEXTS), min_size=6, max_size=6), max_size=9),
    st.booleans(),
    st.sampled_from([["Ghi chú"], "blank_row"]),
)
def test_whatever_a_sheet_holds_no_cell_is_lost_or_read_twice(lines, left, ends):
    sheet = [*SHEET[:3], *lines]
    table = {**(LEFT if left else FORM["tables"][0]), "ends_at": ends}
    found = locate_table.locate(cells_of(sheet), {**FORM, "tables": [table]})
    given_cells = sorted(r["source_cell"] for r in cells_of(sheet))
    kept = [r["source_cell"] for r in found if r["raw_type"] not in ("file", "blank")]
    assert sorted(kept) == given_cells
    values = [(r["source_cell"], r["item"]) for r in found if r["role"] == "value"]
    assert len(values) == len(set(values))


def test_one_unit_under_two_names_counts_for_neither():
    columns = ["source_file", "form", "role", "reporting_unit", "unit_text", "item", "rule"]
    rows = [
        ("f", "t", "unit", "77", "BRVT", None, None), ("f", "t", "value", "77", "BRVT", "a", None),
        ("f", "t", "unit", "77", "Vũng", None, None), ("f", "t", "value", "77", "Vũng", "a", None),
        ("f", "t", "value", "77", "Vũng", "b", None), ("g", "t", "value", "77", "x", "a", None),
    ]  # fmt: skip
    cells = pd.DataFrame(rows, columns=columns).assign(level="_T", field="_T", covered_by=None)
    found = clean.repeated_units(cells)
    assert found["rule"].tolist() == ["duplicate_row", None, "duplicate_row", None, None, None]
    covered = [None, "duplicate_row", None, "duplicate_row", None, None]
    assert found["covered_by"].tolist() == covered


# --- records with several figures, and a later file ----------------------------------------------


def test_canadian_standards_are_read_with_their_faults():
    tables = check(plans.plan("canada-2023", CATALOGUE), CATALOGUE)
    assert (tables["balance"]["unaccounted"] == 0).all()
    assert tables["balance"]["submitted"].tolist() == [32657, 32626]
    found = tables["issues"]["rule"].value_counts()
    assert found["met_within_total"] == 9, "nine records"
    broken = tables["issues"].query("rule == 'met_within_total'")
    assert (broken["cells"].str.count(", ") == 1).all(), "two figures each"
    assert found["out_of_range"] == 6, "performances above 1"
    assert found["row_other_period"] == 5
    assert found["superseded"] == 61
    observations = tables["observations"]
    assert observations["reporting_unit"].nunique() == 62
    assert set(observations["source_file"]) == {"service_standards_2023-24_later_revision.csv"}
    assert set(observations["revision"]) == {0, 1}, "one department is in the later file alone"
    files = tables["submissions"].set_index("source_file")["state"].to_dict()
    assert files == {
        "service_standards_2023-24_later_revision.csv": "in_force",
        "service_standards_2023-24_snapshot_2025-03-01.csv": "superseded",
    }


def test_a_department_that_the_later_file_leaves_out_keeps_its_first_figures(tmp_path):
    shutil.copytree(project.PROJECT / "data/catalogue", tmp_path / "data/catalogue")
    folder = tmp_path / "data/submissions/canada-2023"
    folder.mkdir(parents=True)
    source = project.PROJECT / "data/submissions/canada-2023"
    shutil.copy(source / "period.yml", folder)
    head = "fiscal_yr,owner_org,owner_org_title,service_id,service_name_en,service_standard_id,"
    head += "service_standard_en,type,channel,target,volume_meeting_target,total_volume,"
    head += "performance,target_met,comments_en\n"
    row = "{},{},t,1,n,{},s,TML,TEL,0.9,{},{},,{},\n"
    first = [("2023-2024", "aafc-aac", 1, 5, 10, "N"), ("2023-2024", "cra-arc", 1, 3, 4, "Y")]
    later = [("2023-2024", "aafc-aac", 1, 9, 10, "Y"), ("2022-2023", "aafc-aac", 1, 1, 10, "N"),
             ("2023-2024", "aafc-aac", 2, "ND", 7, "NA")]  # fmt: skip
    for name, rows in (("a.csv", first), ("b.csv", later)):
        (folder / name).write_text(head + "".join(row.format(*r) for r in rows), encoding="utf-8")
    (folder / "received.csv").write_text("file,received_at\na.csv,2025-03-01\nb.csv,2026-05-05\n")
    tables = check(plans.plan("canada-2023", CATALOGUE, tmp_path), CATALOGUE, tmp_path)
    met = tables["observations"].query("item == 'volume_met'")
    assert sorted(zip(met["reporting_unit"], met["obs_value"].fillna(-1), met["obs_status"],
                      met["revision"], strict=True)) == [
        ("aafc-aac", -1, "O", 1), ("aafc-aac", 9, "A", 1), ("cra-arc", 3, "A", 0),
    ]  # fmt: skip
    assert (tables["balance"]["unaccounted"] == 0).all()
    assert "row_other_period" in set(tables["issues"]["rule"])
    assert tables["submissions"]["state"].tolist() == ["in_force", "in_force"]
    assert tables["submissions"]["revision"].tolist() == [0, 1]


def test_a_share_rests_on_the_records_that_have_both_volumes():
    held = load("canada-2023").tables.indicator_values
    share = held.query("indicator == 'volume_within_standard' and reporting_unit == 'cra-arc'")
    rows = pd.read_csv(
        project.PROJECT
        / "data/submissions/canada-2023/service_standards_2023-24_later_revision.csv"
    ).query("owner_org == 'cra-arc'")
    both = rows[rows["volume_meeting_target"].notna() & rows["total_volume"].notna()]
    both = both[both["volume_meeting_target"] <= both["total_volume"]]
    expected = 100 * both["volume_meeting_target"].sum() / both["total_volume"].sum()
    assert share["obs_value"].item() == pytest.approx(expected)


def test_a_province_that_is_no_unit_on_the_day_is_reported_with_all_its_figures():
    plan = replace(plans.plan("budget-2008", CATALOGUE), units_on=date(2008, 12, 31))
    tables = check(plan, CATALOGUE)
    unknown = tables["issues"].query("rule == 'unit_unknown'")
    assert unknown["raw_text"].tolist() == ["\xa0Hà Tây"]
    row = tables["cells"].query("unit_text == 'Hà Tây'")
    assert len(row) == 11 and set(row.query("role == 'value'")["covered_by"]) == {"unit_unknown"}
    assert set(row.query("role == 'value' and raw_text != ''")["fate"]) == {"issue"}
    assert (tables["balance"]["unaccounted"] == 0).all()
    assert len(tables["observations"]["reporting_unit"].dropna().unique()) == 64
