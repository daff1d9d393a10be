"""Where it is certain which cell is wrong, only that one is withdrawn."""

import pandas as pd
import pytest

from analysis.catalogue import catalogue as cat
from analysis.checking import accounts, fates, located, validate
from analysis.editing import proposals

CATALOGUE = cat.load()
FORMS = {"II.06a": CATALOGUE.forms["II.06a"]}
RULES = CATALOGUE.rules
SEVERITIES = {code: rule["severity"] for code, rule in RULES.items()}
LINES = {"land": [1234, 700, 500, 34, 1100, 300, 750, 50, 134, 100, 34],
         "tax": [560, 217, 300, 43, 500, 250, 230, 20, 60, 45, 15]}  # fmt: skip
LINES["_T"] = [a + b for a, b in zip(*LINES.values(), strict=True)]


def sheet(**changed):
    rows = [
        dict(reporting_unit="01", form="II.06a", level="province", field=field, item=item,
             obs_value=changed.get(f"{c}{row}", value), obs_status="A", source_file="f.xlsx",
             source_sheet="s", source_cell=f"{c}{row}", row=row, hidden=None, role="value",
             time_period="2022-Q2",
             raw_text=str(changed.get(f"{c}{row}", value)), raw_type="number", state="in_force",
             covered_by=None, rule=None, file_rule=None, found=None, expected=None)
        for row, (field, line) in enumerate(LINES.items(), 11)
        for c, item, value in zip("CDEFGHIJKLM", FORMS["II.06a"]["items"], line, strict=True)
    ]  # fmt: skip
    return pd.DataFrame(rows).astype({"obs_value": float})


def checked(values):
    """Withdrawn cells, notes (cell → which one is wrong), conjectures (cell → figure)."""
    found = validate.figures(values, FORMS, pd.DataFrame())
    errors = proposals.table(values, found, FORMS, SEVERITIES, pd.DataFrame())
    wrong = located.withdrawing(found, errors)
    cells = values.pipe(fates.withdraw, wrong, RULES).pipe(fates.decide, RULES)
    notes = located.spared(found, errors, cells, RULES)
    perhaps = located.conjectures(errors, cells)
    said = validate.issues(pd.concat([found, notes, perhaps]), RULES, "2022-Q2")
    assert accounts.unexplained(cells, said).empty
    return (
        set(cells.loc[cells["fate"] == "issue", "source_cell"]),
        dict(zip(notes["source_cell"], notes["found"], strict=True)),
        dict(zip(perhaps["source_cell"], perhaps["found"], strict=True)),
    )


def test_a_cell_in_which_two_broken_sums_meet_is_withdrawn_alone():
    withdrawn, notes, perhaps = checked(sheet(E12=3000))
    assert withdrawn == {"E12"}
    assert notes == dict.fromkeys(["C12", "D12", "F12", "E13"], "E12")
    assert perhaps == {"E12": "300"}


def test_a_total_that_must_be_wrong_is_withdrawn_alone():
    withdrawn, notes, _ = checked(sheet(C13=1749))
    assert withdrawn == {"C13"} and set(notes) == {"D13", "E13", "F13"}


def test_where_it_may_be_several_cells_all_of_them_go_as_ever():
    withdrawn, notes, _ = checked(sheet(D11=705, D13=922))
    assert withdrawn == {"C11", "D11", "E11", "F11", "C13", "D13", "E13", "F13"}
    assert notes == {}


def test_a_slip_of_the_pen_decides_nothing_that_is_withdrawn():
    """It is nearly sure that E11 is 500, but F11, D11 or C11 (and their totals) may be wrong."""
    withdrawn, notes, perhaps = checked(sheet(E11=5000, E13=5300))
    assert {"C11", "D11", "E11", "F11"} <= withdrawn and notes == {}
    assert perhaps == {"E11": "with: 500", "E13": "with: 800"}


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_the_message_tells_what_is_certain_from_what_is_conjecture(lang):
    values = sheet(E12=3000)
    found = validate.figures(values, FORMS, pd.DataFrame())
    errors = proposals.table(values, found, FORMS, SEVERITIES, pd.DataFrame())
    perhaps = located.conjectures(errors, values)
    (text,) = validate.issues(perhaps, RULES, "2022-Q2")[f"message_{lang}"]
    assert "3000" in text and "300 " in text
    assert ("phỏng đoán" if lang == "vi" else "conjecture") in text


def test_a_cause_of_several_cells_names_the_others_at_each():
    found = validate.figures(values := sheet(E11=5000, E13=5300), FORMS, pd.DataFrame())
    errors = proposals.table(values, found, FORMS, SEVERITIES, pd.DataFrame())
    said = located.conjectures(errors, values).set_index("source_cell")
    assert said["expected"].to_dict() == {"E11": "E13", "E13": "E11"}
    texts = validate.issues(said.reset_index(), RULES, "2022-Q2")["message_en"]
    assert all("mended too" in text for text in texts) and "with 500, and E13" in texts[0]


def test_a_sign_that_nothing_occurs_is_told_but_spares_nothing():
    """The rules of its row are not held against it, so no finding names it: all is as ever."""
    values = sheet()
    sign = values["source_cell"].isin(["D11"])
    values.loc[sign, ["obs_value", "obs_status", "raw_text"]] = [float("nan"), "M", "x"]
    withdrawn, notes, perhaps = checked(values)
    assert withdrawn == {"D13"} and notes == {}
    assert perhaps == {"D11": "700"}
