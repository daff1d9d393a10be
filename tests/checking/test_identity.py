"""Whose figures a file holds and of which days: its name, title and second lines are heard, too."""

import io
import random

import pandas as pd
import pytest

from analysis import project
from analysis.catalogue import catalogue as cat
from analysis.catalogue import plans, unit_lists
from analysis.checking import identity
from analysis.exchange import blank_forms
from analysis.period import check
from analysis.reading import clean
from analysis.schema.tables import LOCATED

CATALOGUE = cat.load()
PLAN = plans.plan("2022-Q2", CATALOGUE)
YEAR = plans.plan("2024", CATALOGUE)
FORMS = {code: CATALOGUE.forms[code] for code in PLAN.forms}
UNITS = CATALOGUE.units_on(PLAN.units_on)
CODES = unit_lists.unit_names(UNITS)
NAMES = dict(zip(UNITS["code"], UNITS["name_vi"], strict=True))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Quý II/2022", (2022, "Q", 2)),
        ("QUÝ I NĂM 2022", (2022, "Q", 1)),
        ("Kỳ báo cáo: Quý 3", (None, "Q", 3)),
        ("Bao cao Q.4-2021", (2021, "Q", 4)),
        ("edocs_10_2022-Q2 (2)", (2022, "Q", 2)),
        ("BC 6 tháng đầu năm 2022", (2022, "S", 1)),
        ("06 tháng cuối năm 2021", (2021, "S", 2)),
        ("BC_2022-S1", (2022, "S", 1)),
        ("9 tháng đầu năm 2022", (2022, "N", 1)),
        ("PCI_2006_data", (2006, "A", 1)),
        ("Quy định số 45", None),
        ("Quỹ tiền lương", None),
        ("ngày 15/06/2022", None),
        ("snapshot_2025-03-01", None),
        ("", None),
    ],
)
def test_periods_that_a_text_names(text, named):
    assert [n[:3] for n in identity.periods_named(text)] == ([named] if named else [])


@pytest.mark.parametrize(
    ("stem", "units"),
    [
        ("II.06a_10_2022-Q2", {"10"}),
        ("II06a_10_2022-Q2_sua", {"10"}),
        ("ii06a-10-2022-Q2", {"10"}),
        ("edocs_10_2022-Q2 (2)", {"10"}),
        ("Báo cáo Lào Cai quý 2", {"10"}),
        ("BaoCao_LaoCai_Q2", {"10"}),
        ("ubnd tinh lao cai 2022", {"10"}),
        ("Lào Cai gửi Hà Nội", {"10"}),
        ("Lào Cai, Hà Nội", {"10", "01"}),
        ("Biểu 10 quý 2", set()),
        ("BC_06_2022", set()),
        ("a", set()),
    ],
)
def test_units_that_the_name_of_a_file_tells(stem, units):
    assert identity.units_named(stem, FORMS, CODES) == units


def files(names: dict[str, str | None], **other) -> pd.DataFrame:
    rows = [dict(source_file=n, reporting_unit=u, form="edocs") for n, u in names.items()]
    return pd.DataFrame(rows).assign(**{"state": "in_force"} | other)


def by_name(names: dict[str, str | None], plan=PLAN, **other) -> dict[str, set[str]]:
    found = identity.by_name(files(names, **other), plan, FORMS, CODES, NAMES)
    return found.groupby("source_file")["rule"].agg(set).to_dict()


def test_a_name_that_says_nothing_or_among_others_what_is_right_is_in_order():
    right = ["a.xlsx", "BC Quý II-2022 so với Quý I-2022.xlsx", "x_2022.xlsx"]
    right += ["Lào Cai và Hà Nội.xlsx", "edocs_10_2022-Q2 (3).xlsx"]
    assert by_name(dict.fromkeys(right, "10")) == {}
    assert by_name({"Hà Nội.csv": None}) == {}, "a file of many units"
    assert by_name({"x_01_2022-Q1.xlsx": "10"}, state="superseded") == {}
    assert by_name({"service_standards_2023-24_2024-25.csv": "10"}, YEAR) == {}


def test_any_name_of_another_unit_or_period_is_told():
    """Seeded: forms, units, periods and ways of writing the name at random."""
    draw, quarters = random.Random(19), ["I", "II", "III", "IV"]
    wrong, right, late = {}, {}, set()
    for n in range(300):
        unit, other = draw.sample(sorted(NAMES), 2)
        year, q = draw.choice([2021, 2022]), draw.randint(1, 4)
        roman = f"Quý {quarters[q - 1]} năm {year}"
        period = draw.choice([f"{year}-Q{q}", f"Q{q}-{year}", f"quy {q} {year}", roman])
        form, sign = draw.choice(list(FORMS)), draw.choice(["_", "-", " "])
        name = draw.choice([f"{form}{sign}{other}{sign}{period}", f"{NAMES[other]} {period}"])
        name += draw.choice(["", "_sua", " - Copy"]) + f" ({n})." + draw.choice(["xlsx", "xls"])
        wrong[name], right[name] = unit, other
        late |= {name} if (year, q) != (2022, 2) else set()
    told = by_name(wrong)
    assert {n for n in wrong if "period_by_name" in told.get(n, set())} == late
    assert {n for n in wrong if "unit_by_name" in told.get(n, set())} == set(wrong)
    assert not any("unit_by_name" in rules for rules in by_name(right).values())


def sheet(*lines: str, unit="10", days="Từ ngày 15/03/2022 đến ngày 14/06/2022") -> pd.DataFrame:
    """Cells of a sheet: its unit, its days, other lines, and a figure."""
    texts = [("unit", f"Đơn vị báo cáo: {NAMES[unit]}"), ("window", days)]
    texts += [("label", line) for line in lines] + [("value", "7")]
    rows = [
        dict(source_file="f.xlsx", source_sheet="s", source_cell=f"A{n}", row=n, column=1)
        | dict(raw_text=text, raw_type="text", form="edocs", role=role)
        for n, (role, text) in enumerate(texts, 1)
    ]
    return LOCATED.of(rows).assign(reporting_unit=unit)


def marked(cells: pd.DataFrame) -> dict[str, str]:
    windows = clean.windows(cells)
    found = identity.marked(cells, windows, PLAN, FORMS, CODES, NAMES)
    assert len(found) == len(cells)
    return found.dropna(subset=["rule"]).set_index("source_cell")["rule"].to_dict()


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("BÁO CÁO QUÝ I NĂM 2022", "period_by_title"),
        ("Kỳ báo cáo: Quý III", "period_by_title"),
        ("Số liệu 6 tháng đầu năm 2022", "period_by_title"),
        ("BÁO CÁO QUÝ II NĂM 2022", None),
        ("Quý trước", None),
        ("Quý I", None),
        ("Theo Nghị định số 61/2018/NĐ-CP ngày 23 tháng 4 năm 2018", None),
        ("Đơn vị báo cáo: Hà Nội", "unit_by_text"),
        ("Đơn vị báo cáo: UBND tỉnh Lào Cai", None),
        ("Đơn vị báo cáo:", None),
        ("Đơn vị nhận báo cáo: Bộ Nội vụ", None),
    ],
)
def test_lines_above_the_figures_that_say_otherwise(line, rule):
    assert marked(sheet(line)) == ({"A3": rule} if rule else {})


def test_a_title_is_not_held_against_days_that_are_wrong_themselves():
    assert marked(sheet("Quý I năm 2022", days="Từ ngày 01/01/2022 đến ngày 31/03/2022")) == {}


@pytest.mark.parametrize(
    ("texts", "several"),
    [
        (["Từ ngày 15/03/2022 đến ngày 14/06/2022", "Từ ngày 15/12/2021 đến ngày 14/03/2022"],
         "15/03/2022–14/06/2022; 15/12/2021–14/03/2022"),
        (["Từ ngày 15/03/2022 đến ngày 14/06/2022; từ 1-1-2022 đến 31-3-2022"],
         "15/03/2022–14/06/2022; 01/01/2022–31/03/2022"),
        (["Từ ngày 15/03/2022 đến ngày 14/06/2022"] * 2, None),
        (["Từ ngày 15/03/2022", "đến hết ngày 14/06/2022"], None),
        (["Từ ngày 15 tháng 3 năm 2022 đến ngày 14 tháng 6 năm 2022"], None),
        (["Từ ngày 15/03/2022 đến ngày 14/06/2022", "Kỳ báo cáo: lập ngày 20/06/2022"], None),
    ],
)  # fmt: skip
def test_two_windows_of_a_sheet_that_disagree_are_both_named(texts, several):
    cells = pd.concat([sheet(days=t).query("role == 'window'") for t in texts])
    (window,) = clean.windows(cells).itertuples()
    assert window.several == several
    assert (window.start is None) == (several is not None)
    if several is None:
        assert (window.start, window.end) == (PLAN.start, PLAN.end)


# --- through the whole flow ---------------------------------------------------------------------

STATED = """
time_period: 2022-Q2
title: {vi: Quý II, en: Q2}
regime: nd09_2019
forms: [edocs]
frameworks: []
due: {units: ["01", "10", "22", "25", "26"]}
synthetic: true
"""


@pytest.fixture(scope="module")
def rules(tmp_path_factory):
    """File → unit of its content, rules of its issues and C11; each of five offices sent one."""
    root = tmp_path_factory.mktemp("project")
    folder = root / "data/submissions/2022-Q2"
    folder.mkdir(parents=True)
    (folder / "period.yml").write_text(STATED, "utf-8")
    (root / "data/catalogue").symlink_to(project.Place().catalogue)
    plan = plans.plan("2022-Q2", CATALOGUE, root)
    changes = {
        "edocs_01_2022-Q2": ("01", {}),
        "edocs_01_2022-Q1": ("10", {}),
        "c": ("22", {"B4": "Kỳ báo cáo: Quý I năm 2022", "A4": "Kỳ báo cáo: Quý I năm 2022"}),
        "d": ("25", {"A6": "Từ ngày 15/12/2021 đến ngày 14/03/2022"}),
        "e": ("26", {"A6": "Đơn vị báo cáo: Hà Nội"}),
    }
    due = plans.due_units(CATALOGUE, plan, "edocs").set_index("code", drop=False)
    for n, (name, (code, cells)) in enumerate(changes.items(), 1):
        book, held = blank_forms.blank(CATALOGUE.forms["edocs"], due.loc[code], plan), io.BytesIO()
        page = book.worksheets[0]
        page["C11"] = 100 * n
        for cell, text in cells.items():
            if type(page[cell]).__name__ != "MergedCell":
                page[cell] = text
        book.save(held)
        (folder / f"{name}.xlsx").write_bytes(held.getvalue())
    found = check(plan, CATALOGUE, root)
    assert not found["balance"]["unaccounted"].any()
    said = found["issues"].query("source_file != ''").groupby("source_file")["rule"].agg(set)
    c11 = found["observations"].query("source_cell == 'C11'").set_index("source_file")["obs_value"]
    return {f.removesuffix(".xlsx"): (rules, c11.get(f)) for f, rules in said.items()}


SAID = [
    ("edocs_01_2022-Q2", set(), 100),
    ("edocs_01_2022-Q1", {"unit_by_name", "period_by_name"}, 200),
    ("c", {"period_by_title"}, 300),
    ("d", {"period_contradicts"}, None),
    ("e", {"unit_by_text"}, None),
]


@pytest.mark.parametrize(("file", "expected", "figure"), SAID)
def test_what_disagrees_is_said_or_the_file_does_not_count(rules, file, expected, figure):
    told, value = rules[file]
    mine = {"unit_by_name", "period_by_name", "period_by_title", "period_contradicts",
            "unit_by_text", "unit_unknown", "period_unreadable"}  # fmt: skip
    assert told & mine == expected and value == figure
