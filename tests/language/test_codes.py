"""A code is the same code whatever it was given as; an unknown one is told what is known."""

import ast
import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import project
from analysis.__main__ import app
from analysis.catalogue import catalogue as cat
from analysis.catalogue import plans, reader
from analysis.language import codes, languages
from analysis.period import load
from analysis.published import apci_figures
from analysis.site import explore
from analysis.survey import editions

NOTEBOOKS = sorted((project.PROJECT / "notebooks").glob("[2-9]*.ipynb"))
NUMBERS = {"time_period": 2024, "edition": 2022, "reporting_unit": 22, "other": 1, "province": 22}
"""Notebook parameters that are codes and may be digits alone: papermill makes numbers of them."""
_LOADED_ONLY = {"22_revisions", "46_cleaned_tables"}  # say nothing of a year without late files

sets_of_codes = st.sets(st.from_regex(r"0{0,2}[1-9][0-9]{0,2}", fullmatch=True), min_size=1)


@given(sets_of_codes, st.data())
def test_a_number_means_its_code_or_is_refused_where_two_could_be_meant(known, data):
    known = {code: "" for code in sorted(known)}
    code = data.draw(st.sampled_from(sorted(known)))
    assert codes.chosen(code, known, "no unit") == code
    same = [c for c in known if int(c) == int(code)]
    if str(int(code)) in known:
        assert codes.chosen(int(code), known, "no unit") == str(int(code))
    elif len(same) == 1:
        assert codes.chosen(int(code), known, "no unit") == code
        assert codes.chosen(float(code), known, "no unit") == code
    else:
        with pytest.raises(codes.UnknownCodeError):
            codes.chosen(int(code), known, "no unit")


def test_of_one_and_a_double_zero_one_nobody_knows_which_was_meant():
    with pytest.raises(codes.UnknownCodeError):
        codes.chosen(1, {"01": "a", "001": "b"}, "no unit")
    assert codes.chosen(1, {"01": "a", "02": "b"}, "no unit") == "01"


@given(sets_of_codes, st.text(max_size=12))
def test_an_unknown_code_is_refused_and_the_known_ones_are_named(known, text):
    listed = dict.fromkeys(sorted(known), "Tên")
    with suppress(codes.UnknownCodeError):
        assert codes.chosen(text, listed, "no unit") in known
        return
    with pytest.raises(codes.UnknownCodeError) as raised:
        codes.chosen(text, listed, "no unit due")
    assert str(raised.value).startswith(f"no unit due: {codes.text(text)}")
    assert str(raised.value).endswith(f"known: {', '.join(listed)}")


@pytest.fixture(scope="module")
def period():
    return load(2024)


def test_periods_and_editions_may_be_numbers(period):
    assert period.plan.code == plans.plan(2024, cat.load()).code == "2024"
    assert plans.edition("apci", 2022, cat.load()).edition == "2022"
    assert plans.edition("apci", "apci-2022", cat.load()).edition == "2022"
    assert editions.load(2022).plan.code == "apci-2022"


@pytest.mark.parametrize("given", ["01", 1, "1", "Hà Nội", "thanh pho ha noi", "TP. Hà Nội"])
def test_a_unit_is_meant_by_code_number_or_name(period, given):
    assert period.unit(given) == "01"
    own = period.tables.of("reporting_unit", given).scores
    assert len(own) and set(own["reporting_unit"]) == {"01"}


@pytest.mark.parametrize(
    ("given", "nearest"), [(99, "96 (Tỉnh Cà Mau)"), ("Quang Nin", "22 (Tỉnh Quảng Ninh)")]
)
def test_an_unknown_unit_says_who_is_due_and_who_is_near(period, given, nearest):
    for ask in (period.unit, lambda unit: period.tables.of("reporting_unit", unit)):
        with pytest.raises(codes.UnknownCodeError, match="not due in 2024: ") as raised:
            ask(given)
        assert f"nearest: {nearest}" in str(raised.value)
        assert "known: 01, 04, 08" in str(raised.value)


def test_a_unit_that_exists_and_is_not_due_has_no_rows_and_no_page(period):
    assert period.tables.of("reporting_unit", "24").scores.empty
    with pytest.raises(codes.UnknownCodeError, match="unit not due in 2024: 24"):
        period.unit("24")


def test_other_codes_are_told_the_nearest_too(period):
    with pytest.raises(codes.UnknownCodeError, match="no framework of 2024.*nearest: qd766_groups"):
        period.framework("qd766_group")
    with pytest.raises(codes.UnknownCodeError, match="no case: VN-1; nearest: VN-01"):
        apci_figures.case(apci_figures.standard_cost_cases(), "VN-1")
    with pytest.raises(reader.CatalogueError, match="nearest: .*2024.*; known periods: "):
        plans.plan(2044, cat.load())
    with pytest.raises(ValueError, match="lang must be one of vi, en, not 1"):
        languages.use(1)


def test_the_table_of_numbers_names_every_parameter_that_may_be_one():
    """A new parameter with a default of digits alone must be tried as a number, too."""
    for path in NOTEBOOKS:
        told = explore.parameters(path.stem).set_index("parameter")["value"]
        digits = {name for name, value in told.items() if value.strip("\"'").isdecimal()}
        digits -= {"times_per_year_after"}  # a number, no code
        assert digits <= set(NUMBERS), path.stem


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_take_numbers_for_codes(path):
    """As papermill does it: the parameters assigned after their cell, here up to the heading."""
    cells = json.loads(path.read_text("utf-8"))["cells"]
    code = ["".join(c["source"]) for c in cells if c["cell_type"] == "code"]
    own = {node.target.id for node in ast.parse(code[0]).body}
    scope: dict = {}
    exec(code[0], scope)
    scope |= {name: value for name, value in NUMBERS.items() if name in own}
    with languages.using("vi"):
        for statement in ast.parse("\n".join(code[1:])).body:
            exec(compile(ast.Module([statement], []), path.name, "exec"), scope)
            text = ast.unparse(statement)
            if "narrative.heading" in text or (path.stem in _LOADED_ONLY and "load(" in text):
                return
    raise AssertionError("no heading")


def test_the_command_line_takes_a_unit_without_its_zero(built_root):
    from typer.testing import CliRunner

    def planned(unit: str) -> str:
        asked = ["run", "2024", "--unit", unit, "--dry-run", "--root", str(built_root)]
        return CliRunner().invoke(app, asked).output

    assert "units/01: not built yet" in planned("1")
    assert "units/96: " in planned("Cà Mau")
    assert "unit not due in 2024: 99; nearest: 96" in planned("99").replace("\n", " ")
