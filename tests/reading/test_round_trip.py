"""Every sheet form of the catalogue: blank, filled in, saved and read back without loss."""

import random
import shutil

import openpyxl
import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.catalogue import catalogue as cat
from analysis.catalogue import plans
from analysis.exchange import blank_forms
from analysis.period import build, check

CATALOGUE = cat.load()
SHEETS = {c: f for c, f in CATALOGUE.forms.items() if f["layout"] == "sheet"}
# one of each type, before and after the district level and the old provinces ended
UNITS = {
    "2022-Q2": ["BTC", "NHNN", "BHXH", "52", "01"],
    "2025-Q3": ["BCA", "VPCP", "VTV", "25", "01"],
}


def period(root, code: str) -> plans.PeriodPlan:
    """A period that collects every sheet form from one unit of each type."""
    folder = root / "data" / "submissions" / code
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    stated = {
        "time_period": code,
        "title": {"vi": "Thử", "en": "Test"},
        "regime": "nd09_2019",
        "forms": list(SHEETS),
        "frameworks": ["nq01"],
        "due": {"units": UNITS[code]},
        "synthetic": True,
    }
    text = yaml.safe_dump(stated, allow_unicode=True)
    (folder / "period.yml").write_text(text, encoding="utf-8")
    return plans.plan(code, CATALOGUE, root)


class Figures:
    """Figures of one row that keep the sums and bounds of a form."""

    def __init__(self, form: dict, draw) -> None:
        self.random, self.held, self.items = draw, {}, form["items"]
        self.sums, self.limits = {}, {}
        for rule in form["rules"]:
            if rule["kind"] == "sum":
                self.sums.setdefault(rule["total"], []).append(rule["parts"])
            if rule["kind"] == "at_most":
                self.limits[rule["item"]] = rule["limit"]
        self.whole = {p: t for t, many in self.sums.items() for parts in many for p in parts}

    def of(self, item: str) -> float:
        parts = self.sums.get(item, [])
        if item not in self.held and any(p in self.limits for held in parts for p in held):
            self.held[item] = sum(self.of(p) for p in parts[0])
        elif item not in self.held and item in self.whole and item not in self.limits:
            self.of(self.whole[item])
        if item not in self.held:
            self.share(item, self.drawn(item))
        return self.held[item]

    def drawn(self, item: str) -> float:
        most = (
            self.of(self.limits[item]) if item in self.limits else 10 ** self.random.randint(0, 8)
        )
        if self.items[item]["kind"] == "count":
            return self.random.choice([0, most, self.random.randint(0, int(most))])
        return round(self.random.uniform(0, most), 2) if most else 0.0

    def share(self, item: str, value: float) -> None:
        self.held[item] = value
        for parts in self.sums.get(item, []):
            left = value
            for part in parts[:-1]:
                taken = self.random.randint(0, int(left))
                self.share(part, taken)
                left -= taken
            self.share(parts[-1], left)


def filled(form: dict, unit, plan, draw, path) -> dict[tuple, float]:
    """Fill the blank in as a careful office would; returns level, field, item → figure."""
    fields = {lv: names[:3] for lv, names in blank_forms.form_fields(form, CATALOGUE).items()}
    book = blank_forms.blank(form, unit, plan, fields)
    sheet, typed = book.worksheets[0], {}
    column = {c["item"]: c["number"] for c in form["columns"] if "item" in c}
    sums: dict[tuple, float] = {}
    for line in blank_forms.rows(form, unit["type"], plan.end, fields):
        if line.kind in ("heading", "spare"):
            continue
        added = line.kind == "total" and line.mark is None
        figures = Figures(form, draw)
        for item, c in column.items():
            value = sums.get((line.level, item), 0) if added else figures.of(item)
            cell = sheet.cell(line.row, c)
            assert not cell.protection.locked
            cell.value = value
            typed[line.level, line.field, item] = value
            if not added:
                for over in {line.level, "_T"}:
                    sums[over, item] = sums.get((over, item), 0) + value
    book.save(path)
    return typed


@pytest.mark.parametrize("code", UNITS)
@settings(max_examples=2, deadline=None)
@given(draw=st.randoms(use_true_random=False))
def test_what_is_typed_into_a_blank_is_what_is_read(tmp_path_factory, code, draw):
    root = tmp_path_factory.mktemp("project")
    plan, typed = period(root, code), {}
    folder = root / "data" / "submissions" / code
    for name, form in SHEETS.items():
        for _, unit in plans.due_units(CATALOGUE, plan, name).iterrows():
            path = folder / f"{name}_{unit['code']}.xlsx"
            for key, value in filled(form, unit, plan, draw, path).items():
                typed[unit["code"], name, *key] = value
    held = check(plan, CATALOGUE, root)
    assert not set(held["issues"]["rule"]) - {"received_unknown"}
    assert (held["balance"]["unaccounted"] == 0).all() and (held["balance"]["in_issues"] == 0).all()
    names = CATALOGUE.fields.set_index("code")["name_vi"].to_dict()
    seen = held["observations"]
    read = {
        (r.reporting_unit, r.form, r.level, names.get(r.field, r.field), r.item): r.obs_value
        for r in seen.itertuples()
    }
    assert len(read) == len(seen)
    assert read == typed


def _renamed(book):
    book.worksheets[0].title = "Sheet1"


def _older(book):
    book.worksheets[0]["A2"] = "Mẫu phiên bản 0"


def _row_of(book, label: str) -> int:
    return next(c.row for c in book.worksheets[0]["B"] if c.value == label)


def _without_communes(book):
    book.worksheets[0].delete_rows(_row_of(book, "Cấp xã"))


def _own_row(book):
    book.worksheets[0].cell(_row_of(book, "Cấp xã"), 2, "Sở Nội vụ")


@pytest.mark.parametrize(
    ("spoil", "rules", "known"),
    [
        # another sheet name: found by its heads, though forms share their column numbers
        (_renamed, set(), True),
        (_older, {"form_version"}, True),
        # what is not there is not nothing: the unit has no total
        (_without_communes, {"level_missing", "total_row"}, False),
        (_own_row, {"row_unknown", "level_missing", "total_row"}, False),
    ],
)
def test_what_offices_do_to_a_form_of_levels(tmp_path, spoil, rules, known):
    plan = period(tmp_path, "2022-Q2")
    unit = plans.due_units(CATALOGUE, plan).set_index("code", drop=False).loc["52"]
    path = plan_folder(tmp_path) / "digitisation_52.xlsx"
    typed = filled(SHEETS["digitisation"], unit, plan, random.Random(7), path)
    book = openpyxl.load_workbook(path)
    spoil(book)
    book.save(path)
    tables = build(plan, CATALOGUE, tmp_path)
    mine = tables.issues[tables.issues["reporting_unit"] == "52"]
    found = set(mine.loc[mine["source_file"] != "", "rule"]) - {"received_unknown"}
    assert found == rules
    assert set(tables.cells["form"]) == {"digitisation"}
    assert (tables.balance["unaccounted"] == 0).all()
    total = tables.totals.query("item == 'results_valid'")["obs_value"].item()
    assert total == typed["_T", "_T", "results_valid"] if known else pd.isna(total)


def plan_folder(root):
    return root / "data" / "submissions" / "2022-Q2"


def test_an_input_check_fits_the_kind_of_each_column():
    form = SHEETS["regulations"] | {"items": dict(SHEETS["regulations"]["items"])}
    form["items"]["compliance_cost_after"] = form["items"]["compliance_cost_after"] | {
        "kind": "percent"
    }
    plan = plans.plan("2022-Q2", CATALOGUE)
    unit = CATALOGUE.units.set_index("code", drop=False).loc["BTC"]
    sheet = blank_forms.blank(form, unit, plan).worksheets[0]
    checks = {
        str(area): (c.type, c.operator, c.formula1, c.formula2)
        for c in sheet.data_validations.dataValidation
        for area in c.sqref.ranges
    }
    row = blank_forms.first_row(form)
    assert checks[f"C{row}"] == ("whole", "greaterThanOrEqual", "0", None)
    assert checks[f"G{row}"] == ("decimal", "greaterThanOrEqual", "0", None)
    assert checks[f"H{row}"] == ("decimal", "between", "0", "100")
    units = [c.value for c in sheet[row - 2]]
    assert units[6] == "triệu đồng/năm" and units[2] == "quy định"


def test_every_bound_and_identity_stands_in_the_guide():
    plan = plans.plan("2022-Q2", CATALOGUE)
    units = CATALOGUE.units.drop_duplicates("type").set_index("type", drop=False)
    for form in SHEETS.values():
        kinds = form.get("reporters", {}).get("types", ["ministry"])
        guide = blank_forms.blank(form, units.loc[kinds[0]], plan)[blank_forms.GUIDE]
        lines = [c.value for c in guide["A"] if c.value]
        kept = [r for r in form["rules"] if r["kind"] in ("sum", "at_most")]
        assert sum(line.startswith("   (") for line in lines) == len(kept)
        assert sum(line.startswith("   Cột (") for line in lines) == len(form["items"])
        assert any(form["legal_basis"] in line for line in lines)
