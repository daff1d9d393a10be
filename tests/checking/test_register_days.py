"""Days that a machine with English settings may have turned are not accepted."""

from datetime import date

import pandas as pd
import pytest

from analysis.checking import register_entries
from analysis.language.words import plain

KINDS = {"id": "code", "due": "date", "done": "date", "lead": "unit", "with": "units"}
FORMS = {"f": {"attributes": {a: {"kind": k, "head": {"vi": a}} for a, k in KINDS.items()}}}
NAMES = {"lao cai": "10", "10": "10", "bo y te": "BYT"}
LABELS = {"10": "Tỉnh Lào Cai", "BYT": "Bộ Y tế"}
REAL, TEXT = "other", "text"


def parsed(column, item="due", shown=None):
    cells = pd.DataFrame(column, columns=["raw_text", "raw_type"]).assign(
        role="record", form="f", item=item, source_file="a.xlsx", shown=shown,
        rule=None, found=None, expected=None)  # fmt: skip
    return register_entries.parse(cells, FORMS, NAMES, LABELS)


def real(year, month, day):
    return str(date(year, month, day)), REAL


@pytest.mark.parametrize(
    ("column", "doubted"),
    [
        ([real(2022, 6, 3), ("25/03/2022", TEXT), real(2022, 5, 4)], [0, 2]),
        ([("25/03/2022", TEXT), real(2022, 6, 6), real(2022, 10, 4)], [2]),
        ([real(2022, 6, 3), ("25-3-2022", TEXT)], [0]),
        # a real day after the 12th: the day stands first on that machine
        ([real(2022, 6, 3), ("25/03/2022", TEXT), real(2022, 3, 25)], []),
        ([real(2022, 6, 3), real(2022, 3, 2)], []),
        ([real(2022, 6, 3), ("02/03/2022", TEXT)], []),
        ([("06/03/2022", TEXT), ("25/03/2022", TEXT)], []),
        # the month first: texts are doubtful too
        ([("06/03/2022", TEXT), ("06/25/2022", TEXT)], [0]),
        ([("06/03/2022", TEXT), ("06/25/2022", TEXT), real(2022, 6, 3)], [0, 2]),
        ([("05/05/2022", TEXT), ("06/25/2022", TEXT)], []),
    ],
)
def test_days_that_may_be_turned_are_not_accepted(column, doubted):
    found = parsed(column)
    refused = found.index[found["rule"] == "date_doubtful"].tolist()
    assert refused == doubted
    assert (
        found.loc[refused, "entry"].isna().all() and (found.loc[refused, "obs_status"] == "V").all()
    )


def test_the_finding_names_both_days():
    found = parsed([real(2022, 6, 3), ("25/03/2022", TEXT)]).loc[0]
    assert (found["found"], found["expected"]) == ("03/06/2022", "06/03/2022")


def test_another_column_of_the_file_is_evidence_too():
    cells = pd.concat([parsed([("25/03/2022", TEXT)]), parsed([real(2022, 6, 3)], "done")])
    both = register_entries.parse(
        cells.reset_index(drop=True).assign(rule=None), FORMS, NAMES, LABELS
    )
    assert both["rule"].tolist()[1] == "date_doubtful"


def test_a_day_that_shows_as_another_one_is_not_accepted():
    assert parsed([real(2022, 6, 3)], shown="06/03/2022")["rule"].tolist() == ["date_doubtful"]
    assert parsed([real(2022, 6, 3)], shown="03/06/2022")["rule"].tolist() == [None]
    assert parsed([real(2022, 6, 25)], shown="06/25/2022")["rule"].tolist() == [None]


def test_what_is_struck_out_is_no_entry():
    assert parsed([("25/03/2022", TEXT)], shown="~~25/03/2022~~")["rule"].tolist() == ["struck_out"]


@pytest.mark.parametrize("number", ["10", "10.0"])
def test_a_number_is_no_unit_of_a_record(number):
    assert parsed([(number, "number")], "lead")["rule"].tolist() == ["record_unit_unknown"]
    assert parsed([("Lào Cai", TEXT)], "lead")["entry"].tolist() == ["10"]
    several = parsed([(f"Bộ Y tế; {number}", TEXT)], "with").loc[0]
    assert (several["entry"], several["rule"], plain(several["found"])) == (
        "BYT", "with_unknown", number)  # fmt: skip


@pytest.mark.parametrize(
    ("column", "doubted"),
    [
        ([real(2022, 6, 3), ("13/03/2022", TEXT)], [0]),
        ([real(2022, 6, 3), ("12/03/2022", TEXT)], []),
        ([real(2022, 6, 3), ("13/12/2022", TEXT)], [0]),
        ([real(2022, 6, 3), ("13/13/2022", TEXT)], []),  # no day either way
        ([("06/03/2022", TEXT), ("06/13/2022", TEXT)], [0]),
        ([("06/03/2022", TEXT), ("12/13/2022", TEXT)], [0]),
        ([("06/03/2022", TEXT), ("06/12/2022", TEXT)], []),
        ([real(2022, 6, 3), ("25/03/2022", TEXT), real(2022, 3, 12)], [0, 2]),
        ([real(2022, 6, 3), ("25/03/2022", TEXT), real(2022, 3, 13)], []),
    ],
)
def test_a_number_above_twelve_is_no_month(column, doubted):
    found = parsed(column)
    assert found.index[found["rule"] == "date_doubtful"].tolist() == doubted


def test_what_is_no_day_and_what_is_typed_shows_no_other_day():
    assert parsed([("06/03/2022", TEXT)], shown="03/06/2022")["rule"].tolist() == [None]
    assert parsed([("", REAL)], shown="06/03/2022")["rule"].tolist() != ["date_doubtful"]
    assert parsed([real(2022, 6, 3)], shown="6/3/22")["rule"].tolist() == ["date_doubtful"]
