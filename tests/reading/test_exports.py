"""What a reporting system exports is read by a mapping: the same figures as of a workbook, and
whatever cannot be placed is named at its cell."""

import csv
import io
import json
import shutil
from dataclasses import replace

import pandas as pd
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from analysis import pipeline
from analysis.catalogue import catalogue as cat
from analysis.catalogue import export_checks, plans
from analysis.project import PROJECT
from analysis.reading import json_cells, period_codes, workbook
from analysis.reading.layouts import locate

KEY = ["reporting_unit", "form", "item", "level", "field", "obs_value", "obs_status"]
UNITS = ["01", "10", "22"]


@pytest.fixture(scope="module")
def period(tmp_path_factory):
    """A folder of a period with one form, to which files are sent, and what becomes of them."""
    root = tmp_path_factory.mktemp("exports")
    (root / "data").mkdir()
    (root / "data/catalogue").symlink_to(PROJECT / "data/catalogue")
    folder = root / "data/submissions/2022-Q2"
    folder.mkdir(parents=True)
    stated = {"time_period": "2022-Q2", "title": {"vi": "Quý", "en": "Quarter"}, "frameworks": [],
              "regime": "nd09_2019", "forms": ["edocs"], "synthetic": True,
              "due": {"units": UNITS}}  # fmt: skip
    (folder / "period.yml").write_text(yaml.safe_dump(stated, allow_unicode=True), "utf-8")

    def checked(files: dict[str, str], exports: dict | None = None) -> dict:
        for old in [p for p in folder.iterdir() if p.name != "period.yml"]:
            old.unlink()
        for name, text in files.items():
            if isinstance(text, str):
                (folder / name).write_text(text, encoding="utf-8")
            else:
                shutil.copy(text, folder / name)
        catalogue = cat.load(root)
        if exports is not None:
            catalogue = replace(catalogue, exports=exports)
        held = pipeline.check(plans.plan("2022-Q2", catalogue, root), catalogue, root)
        assert held["balance"]["unaccounted"].eq(0).all()
        return held

    return checked


@pytest.fixture(scope="module")
def sent(period):
    """Observations of the workbooks that the project ships."""
    folder = PROJECT / "data/submissions/2022-Q2"
    names = [f"edocs_{unit}_2022-Q2.xlsx" for unit in UNITS]
    return period({name: folder / name for name in names})["observations"]


def _text(value: float) -> str:
    return "" if pd.isna(value) else f"{value:.0f}"


def sdmx(rows, head: dict, labelled=False, sign=",") -> str:
    """SDMX-CSV: ``head`` what stands before the dimensions."""
    text = io.StringIO()
    lines = [
        {**head, "FREQ": "Q", "REF_AREA": r.reporting_unit, "INDICATOR": r.item,
         "LEVEL": r.level, "TIME_PERIOD": "2022-Q2", "OBS_VALUE": _text(r.obs_value),
         "OBS_STATUS": "A", "UNIT_MULT": "0"}
        for r in rows.itertuples()
    ]  # fmt: skip
    if labelled:
        lines = [{f"{k}: Tên" if k in ("REF_AREA", "LEVEL") else k:
                  f"{v}: tên" if k in ("REF_AREA", "LEVEL") else v for k, v in line.items()}
                 for line in lines]  # fmt: skip
    writer = csv.DictWriter(text, lines[0], delimiter=sign)
    writer.writeheader()
    writer.writerows(lines)
    return text.getvalue()


def dhis2(rows) -> str:
    values = [
        {"dataElement": r.item, "period": "2022Q2", "orgUnit": r.reporting_unit,
         "categoryOptionCombo": r.level, "value": _text(r.obs_value), "followup": False}
        for r in rows.itertuples()
    ]  # fmt: skip
    return json.dumps({"dataSet": "EDOCS", "dataValues": values})


@pytest.mark.parametrize(
    ("name", "exported"),
    [
        ("v1.csv", lambda t: sdmx(t, {"DATAFLOW": "VN:EDOCS(1.0)"})),
        ("v2.csv", lambda t: sdmx(t, {"STRUCTURE": "dataflow", "STRUCTURE_ID": "VN:EDOCS(1.0)",
                                      "ACTION": "I"}, labelled=True, sign=";")),
        ("values.json", dhis2),
    ],
)  # fmt: skip
def test_figures_of_a_workbook_that_come_as_an_export_are_the_same(period, sent, name, exported):
    held = period({name: exported(sent)})
    assert sorted(held["observations"][KEY].astype(str).to_numpy().tolist()) == sorted(
        sent[KEY].astype(str).to_numpy().tolist()
    )
    assert set(held["issues"]["rule"]) <= {"received_unknown"}
    assert held["cells"]["mapping"].nunique() == 1


HEAD = "REF_AREA,INDICATOR,LEVEL,TIME_PERIOD,OBS_VALUE,OBS_STATUS,UNIT_MULT,ACTION,NOTE"


def line(unit="10", item="documents_sent", level="province", period="2022-Q2", value="5",
         status="A", power="0", action="I", note=""):  # fmt: skip
    return f'{unit},{item},{level},{period},"{value}",{status},{power},{action},{note}'


@pytest.mark.parametrize(
    ("row", "rule", "at"),
    [
        (line(unit="ZZ"), "unit_unknown", "A2"),
        (line(unit=""), "unit_unknown", "A2"),
        (line(item="nothing"), "item_unknown", "B2"),
        (line(level="thôn"), "export_level", "C2"),
        (line(period="2022-Q1"), "row_other_period", "D2"),
        (line(period="quý hai"), "row_other_period", "D2"),
        (line(value="1,5"), "not_integer", "E2"),
        (line(value="năm"), "number_unreadable", "E2"),
        (line(value="-3"), "negative", "E2"),
        (line(value="7", status="M"), "export_status", "F2"),
        (line(status="?"), "status_unknown", "F2"),
        (line(power="3"), "export_other_row", "G2"),
        (line(action="D"), "export_other_row", "H2"),
    ],
)
def test_a_row_that_cannot_be_placed_says_why_at_its_cell_and_counts_for_nothing(
    period, row, rule, at
):
    good = line(unit="22", item="documents_received", value="0")
    held = period({"a.csv": "\n".join([HEAD, row, good])})
    found = held["issues"]
    assert ((found["rule"] == rule) & (found["source_cell"] == at)).any()
    told = found.loc[found["source_cell"] == at, ["message_vi", "message_en"]].to_numpy()
    assert not any("…”" in text for text in told.ravel()) or rule == "unit_unknown"
    counted = held["observations"].dropna(subset=["obs_value"])
    assert counted[["reporting_unit", "item", "obs_value"]].to_numpy().tolist() == [
        ["22", "documents_received", 0.0]
    ]


@pytest.mark.parametrize(
    ("row", "status", "rule"),
    [
        (line(value=""), "O", "blank"),
        (line(value="", status="O"), "O", "missing_symbol"),
        (line(value="", status="M"), "M", "not_applicable"),
        (line(value="NaN"), "O", "missing_symbol"),
        (line(value="0"), "A", None),
        (line(value="5", status="E"), "A", "status_noted"),
    ],
)
def test_missing_is_not_nought_and_the_status_says_why(period, row, status, rule):
    held = period({"a.csv": f"{HEAD}\n{row}"})
    (got,) = held["observations"]["obs_status"]
    assert got == status
    rules = set(held["issues"].loc[held["issues"]["source_cell"] != "", "rule"])
    assert rules == ({rule} if rule else set())


def test_two_figures_for_one_place_are_both_refused_and_other_columns_are_told(period):
    rows = [line(value="5"), line(value="6"), line(item="documents_received", note="12")]
    held = period({"a.csv": "\n".join([HEAD, *rows])})
    found = held["issues"].groupby("rule")["source_cell"].agg(list)
    assert found["duplicate_row"] == ["B2", "B3"] and found["outside_form"] == ["I4"]
    assert held["observations"]["obs_value"].count() == 1


def test_a_row_of_another_period_replaces_nothing(period):
    folder = PROJECT / "data/submissions/2022-Q2/edocs_10_2022-Q2.xlsx"
    held = period({"edocs_10.xlsx": folder, "late.csv": f"{HEAD}\n{line(period='2022-Q1')}"})
    own = held["observations"].query("reporting_unit == '10'")
    assert set(own["source_file"]) == {"edocs_10.xlsx"} and own["obs_value"].count() > 20


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ('{"dataSet": "EDOCS", "dataSet": "X", "dataValues": []}', "/dataSet"),
        ("[" * 100_000, "30"),
        ('[{"a": 1,', "1"),
        ('[{"a": "\\ud800"}]', "/0/a"),
        ("", "trống"),
    ],
)
def test_json_that_cannot_be_read_in_one_way_is_refused_with_the_place(period, text, cause):
    (message,) = period({"a.json": text})["issues"].query("rule == 'file_unreadable'")["message_vi"]
    assert cause in message


def test_a_file_that_no_mapping_fits_or_several_says_what_was_expected_and_found(period):
    known = cat.load().exports
    (none,) = period({"a.csv": "REF_AREA,OBS_VALUE\n10,5"})["issues"].query(
        "rule == 'export_unmapped'"
    )["message_vi"]
    assert "edocs_sdmx: TIME_PERIOD, INDICATOR, LEVEL" in none and "REF_AREA, OBS_VALUE" in none
    (foreign,) = period({"a.json": '[{"x": 1}]'})["issues"].query("rule == 'export_unmapped'")[
        "message_vi"
    ]
    assert "edocs_dhis2" in foreign and "Tệp có: x" in foreign
    (no,) = period({"a.json": '[{"x": 1}]'}, {})["issues"].query("rule == 'export_unmapped'")[
        "message_vi"
    ]
    assert "chưa có ánh xạ" in no
    twice = {"one": known["edocs_sdmx"], "other": known["edocs_sdmx"]}
    (several,) = period({"a.csv": f"{HEAD}\n{line()}"}, twice)["issues"].query(
        "rule == 'export_ambiguous'"
    )["message_vi"]
    assert "one, other" in several


def test_a_table_of_theirs_says_which_unit_is_meant_and_no_other_code_is_ours(period):
    mapping = cat.load().exports["edocs_dhis2"]
    theirs = mapping | {"unit": {"column": "orgUnit", "codes": {"ImspTQPwCqd": "10"}}}
    value = {"dataElement": "documents_sent", "categoryOptionCombo": "province", "period": "2022Q2"}
    rows = [value | {"orgUnit": "ImspTQPwCqd", "value": 5}, value | {"orgUnit": "22", "value": 6}]
    told = json.dumps({"dataSet": "EDOCS", "dataValues": rows})
    held = period({"a.json": told}, {"edocs_dhis2": theirs})
    assert held["observations"][["reporting_unit", "obs_value"]].dropna().to_numpy().tolist() == [
        ["10", 5.0]
    ]
    assert "/dataValues/1/orgUnit" in set(held["issues"]["source_cell"])


LEAF = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5))
JSON = st.recursive(
    LEAF,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=12,
)


@given(held=JSON)
def test_each_value_of_json_is_a_cell_at_its_pointer_and_counted(tmp_path_factory, held):
    path = tmp_path_factory.getbasetemp() / "any.json"
    path.write_text(json.dumps(held), encoding="utf-8")
    try:
        values, counted = json_cells.read(path)
    except json_cells.JsonError:
        return
    assert counted == len(values) == len({value[0] for value in values})
    assert len({value[1:3] for value in values}) <= len(values)
    for pointer, _, _, text, kind in values:
        there = held
        for step in json_cells.tokens(pointer):
            there = there[int(step)] if isinstance(there, list) else there[step]
        if kind == "text" and isinstance(there, str):
            assert there == text
        elif kind == "number":
            assert json.loads(text) == there


@given(year=st.integers(1000, 9999), number=st.integers(1, 4), dash=st.sampled_from(["", "-"]))
def test_a_quarter_is_the_same_however_systems_write_it(year, number, dash):
    assert period_codes.named(f"{year}{dash}Q{number}") == (year, "Q", number)
    assert period_codes.named(f"{year}{dash}Q{number + 4}") is None


MAPPING = {"format": "csv", "forms": ["edocs"], "unit": {"column": "u"}, "period": {"column": "p"},
           "item": {"column": "i"}, "value": "v", "level": {"column": "l"}}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "where", "what"),
    [
        ({"forms": ["edoc"]}, ("forms", 0), "no form edoc"),
        ({"item": {"column": "i", "codes": {"A": "documents_snt"}}}, ("item", "codes", "A"),
         "no form has item documents_snt"),
        ({"item": {"column": "i", "codes": {"A": "documents_sent", "B": "documents_sent"}}},
         ("item", "codes", "B"), "means the same as A"),
        ({"unit": {"column": "u", "codes": {"X": "999"}}}, ("unit", "codes", "X"), "no unit 999"),
        ({"level": {"column": "l", "codes": {"1": "thon"}}}, ("level", "codes", "1"),
         "no form has level thon"),
        ({"level": {"column": "u"}}, ("level", "column"), "read as unit, too"),
        ({"values": {"c": "documents_sent"}}, ("values",), "item and value have no place"),
        ({"ignore": ["v"]}, ("ignore", 0), "read as value"),
        ({"rows": "x"}, ("rows",), "only JSON"),
        ({"forms": ["tasks"]}, ("item",), "record is missing"),
    ],
)  # fmt: skip
def test_a_mapping_that_names_what_is_not_there_is_told_where(change, where, what):
    catalogue = cat.load()
    item = {"codes": {"code": "code", "text": "text", "lead": "lead", "assigned": "assigned"}}
    held = MAPPING | ({"item": MAPPING["item"] | item} if "tasks" in str(change) else {}) | change
    found = list(export_checks.faults(held, catalogue.forms, set(catalogue.units["code"])))
    assert any(at == where and what in said for at, said in found), found


PERIOD = {"code": "2022-Q2", "time_period": "2022-Q2", "start": None, "end": None}
REGISTER = {"code": "code", "text": "text", "lead": "lead", "assigned": "assigned", "due": "due"}
TASK = {"code": "NV-1", "text": "Việc", "lead": "Bộ Công an", "assigned": "2022-04-01"}


@pytest.mark.parametrize("long", [True, False])
def test_records_of_a_register_come_row_by_row_or_figure_by_figure(tmp_path, long):
    catalogue = cat.load()
    base = {"format": "json", "forms": ["tasks"], "unit": {"column": "u"},
            "period": {"column": "p"}, "of_period": PERIOD}  # fmt: skip
    tasks = [TASK, TASK | {"code": "NV-2", "due": "2022-05-01"}]
    if long:
        item = {"column": "i", "codes": REGISTER}
        mapping = base | {"item": item, "value": "v", "record": "r"}
        rows = [{"u": "VPCP", "p": "2022Q2", "r": t["code"], "i": k, "v": v}
                for t in tasks for k, v in t.items()]  # fmt: skip
        rows.append({"u": "VPCP", "p": "2022Q2", "r": "NV-3", "i": "code", "v": "NV-3"})
    else:
        mapping = base | {"values": REGISTER}
        rows = [{"u": "VPCP", "p": "2022Q2", **t} for t in tasks]
    path = tmp_path / "tasks.json"
    path.write_text(json.dumps(rows), "utf-8")
    cells = workbook.read(path, catalogue.parameters["limits"])
    found = locate.locate(cells, {"tasks": catalogue.forms["tasks"]}, {}, {"t": mapping})
    held = found[(found["role"] == "record") & (found["raw_text"] != "")]
    records = [dict(zip(own["item"], own["raw_text"], strict=True))
               for _, own in held.groupby("row")]  # fmt: skip
    assert records[:2] == tasks
    if long:  # one that lacks what must be there says so
        (told,) = found[found["rule"] == "required_missing"].itertuples()
        assert told.raw_text == "NV-3" and "Cơ quan chủ trì" in told.found
        assert len(records) == 2
