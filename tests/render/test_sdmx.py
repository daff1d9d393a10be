"""SDMX: the header and codes that its guides ask for, and a structure that declares all of them."""

import io
import json
import re

import pandas as pd
import pytest

from analysis.render import sdmx

NAMES = {"vi": "Tên", "en": "Name"}
UNITS = sdmx.Coded("UNIT", NAMES, "unit", {"H44": NAMES, "H44.42": NAMES, "H44_42": NAMES})
STATUS = sdmx.Coded("OBS_STATUS", NAMES, "obs_status", {"A": NAMES, "O": NAMES})
FLOW = sdmx.Flow("TEST", NAMES, (UNITS,), (STATUS,))
ROWS = pd.DataFrame(
    {"unit": ["H44", "H44.42"], "obs_value": [0.1 + 0.2, None], "obs_status": ["A", "O"]}
)


@pytest.fixture
def structure():
    return json.loads(sdmx.structure(FLOW))["data"]


def test_the_header_and_the_rows_are_those_of_sdmx_csv_2():
    lines = sdmx.data(FLOW, ROWS, "Q", "2022-Q2").decode().split("\r\n")
    assert lines == [
        "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,UNIT,TIME_PERIOD,OBS_VALUE,OBS_STATUS",
        "dataflow,REFORM_MONITOR:TEST(1.0.0),I,Q,H44,2022-Q2,0.30000000000000004,A",
        "dataflow,REFORM_MONITOR:TEST(1.0.0),I,Q,H44_42,2022-Q2,,O",
        "",
    ]


def test_ids_are_those_that_sdmx_allows_and_no_two_codes_share_one():
    assert list(UNITS.ids.values()) == ["H44", "H44_42", "H44_42_1"]
    assert all(re.fullmatch(r"[A-Za-z0-9_@$-]+", i) for i in UNITS.ids.values())


def test_the_structure_declares_every_column_and_lists_every_code(structure):
    data = pd.read_csv(io.BytesIO(sdmx.data(FLOW, ROWS, "Q", "2022-Q2")), dtype=str)
    [made], lists = structure["dataStructures"], structure["codelists"]
    parts = made["dataStructureComponents"]
    dimensions = parts["dimensionList"]["dimensions"]
    components = [*dimensions, parts["dimensionList"]["timeDimension"]]
    components += parts["measureList"]["measures"] + parts["attributeList"]["attributes"]
    assert [c["id"] for c in components] == list(data.columns[3:])
    assert [d["position"] for d in dimensions] == [0, 1]
    codes = {f"CL_{c['id']}": c for c in components}
    for listed in lists:
        assert listed["id"] in codes
        known = {code["id"] for code in listed["codes"]}
        assert set(data[listed["id"].removeprefix("CL_")].dropna()) <= known


def test_every_reference_of_the_structure_leads_to_what_it_holds(structure):
    held = {
        f"{kind}={a['agencyID']}:{a['id']}({a['version']})"
        for kind, group in {
            "datastructure.DataStructure": "dataStructures",
            "codelist.Codelist": "codelists",
        }.items()
        for a in structure[group]
    }
    [scheme] = structure["conceptSchemes"]
    held |= {
        f"conceptscheme.Concept={scheme['agencyID']}:{scheme['id']}({scheme['version']}).{c['id']}"
        for c in scheme["concepts"]
    }
    found = re.findall(r'urn:sdmx:org\.sdmx\.infomodel\.([^"]+)"', json.dumps(structure))
    assert len(found) >= 9 and set(found) <= held


def test_a_code_that_no_list_has_is_refused():
    with pytest.raises(ValueError, match="TEST: UNIT has no code 'H45'"):
        sdmx.data(FLOW, ROWS.assign(unit="H45"), "Q", "2022-Q2")


def test_a_code_called_differently_in_places_has_all_its_names():
    pairs = [("a", {"vi": "Một", "en": "One"}), ("a", {"vi": "Hai", "en": "One"})]
    assert sdmx.joined(pairs) == {"a": {"vi": "Một / Hai", "en": "One"}}
