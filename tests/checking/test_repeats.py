"""A unit whose figures are another's, or last period's, is named; what agrees by chance is not."""

import pandas as pd
import pytest

from analysis.checking import repeats

NAMES = {"01": "Hà Nội", "10": "Lào Cai"}


def values(unit: str, figures: list[float], file: str = "", period="2022-Q2") -> pd.DataFrame:
    rows = [
        dict(reporting_unit=unit, form="f", item=f"i{n}", level="_T", field="_T", obs_value=value)
        | dict(source_file=file or f"{unit}.xlsx", time_period=period)
        for n, value in enumerate(figures)
    ]
    return pd.DataFrame(rows).astype({"obs_value": float})


NONE = values("01", [1]).iloc[:0]
FIGURES = [*range(1, 11), 0, None]


def found(now: list[pd.DataFrame], last: pd.DataFrame = NONE) -> list[tuple]:
    table = repeats.findings(pd.concat(now), last, NAMES)
    return list(zip(table["source_file"], table["rule"], table["found"], strict=True))


def test_figures_of_another_unit_cell_for_cell():
    both = [values("01", FIGURES), values("10", FIGURES[:-1]).sample(frac=1, random_state=1)]
    assert found(both) == [
        ("01.xlsx", "same_as_unit", "Lào Cai (10.xlsx)"),
        ("10.xlsx", "same_as_unit", "Hà Nội (01.xlsx)"),
    ]


@pytest.mark.parametrize("other", [
    [*FIGURES[:9], 11, 0, None],
    [*FIGURES[:9], 10, 1, None],
    [*FIGURES, 5],
    [*reversed(FIGURES[:10]), 0, None],
])  # fmt: skip
def test_one_figure_apart_is_not_the_same(other):
    assert found([values("01", FIGURES), values("10", other)]) == []


def test_a_few_figures_and_zeros_agree_by_chance():
    few = [*range(1, 10), *[0] * 20]
    assert found([values("01", few), values("10", few)], values("01", few, period="x")) == []


def test_figures_of_the_period_before_its_own_or_anothers():
    last = values("10", FIGURES, period="2022-Q1")
    assert found([values("10", FIGURES)], last) == [
        ("10.xlsx", "same_as_last_period", "Lào Cai, 2022-Q1")
    ]
    assert found([values("01", FIGURES)], last) == [
        ("01.xlsx", "same_as_last_period", "Lào Cai, 2022-Q1")
    ]
    assert found([values("10", [*FIGURES[:9], 11])], last) == []
    assert found([NONE], last) == []


def test_ten_figures_are_enough_and_another_form_is_another():
    ten = [values("01", range(1, 11)), values("10", range(1, 11))]
    assert len(found(ten)) == 2
    other = values("79", range(1, 11)).assign(form="g")
    assert len(found([*ten, other])) == 2
    different = values("79", range(2, 12))
    assert found([*ten, different]) == found(ten), "of the same form, with figures of its own"
    last = values("79", range(1, 11), period="2022-Q1").assign(form="g")
    assert found([values("01", range(1, 11))], last) == []


def test_who_repeats_many_is_told_all_of_them_and_a_unit_of_no_name_its_code():
    three = [values(unit, range(1, 11)) for unit in ("01", "10", "79")]
    assert found(three)[2] == ("79.xlsx", "same_as_unit", "Hà Nội (01.xlsx), Lào Cai (10.xlsx)")
    assert found(three)[0][2] == "Lào Cai (10.xlsx), 79 (79.xlsx)"
    last = pd.concat([values(u, range(1, 11), period="2022-Q1") for u in ("10", "79")])
    told = [("01.xlsx", "same_as_last_period", f"{unit}, 2022-Q1") for unit in ("Lào Cai", "79")]
    assert found([values("01", range(1, 11))], last) == told
    nobodys = values("01", range(1, 11)).assign(reporting_unit=None)
    assert found([nobodys]) == [] and len(found([*three, nobodys])) == 3
