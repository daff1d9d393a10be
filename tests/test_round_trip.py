"""Every sheet form of the catalogue: blank, filled in, saved and read back without loss."""

import shutil

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import catalogue as cat
from analysis import forms, pipeline

CATALOGUE = cat.load()
SHEETS = {c: f for c, f in CATALOGUE.forms.items() if f["layout"] == "sheet"}
# one of each type, before and after the district level and the old provinces ended
UNITS = {
    "2022-Q2": ["BTC", "NHNN", "BHXH", "52", "01"],
    "2025-Q3": ["BCA", "VPCP", "VTV", "25", "01"],
}


def period(root, code: str) -> cat.PeriodPlan:
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
    return cat.plan(code, CATALOGUE, root)


class Figures:
    """Figures of one row that keep the sums and bounds of a form."""

    def __init__(self, form: dict, random) -> None:
        self.random, self.held, self.items = random, {}, form["items"]
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


def filled(form: dict, unit, plan, random, path) -> dict[tuple, float]:
    """Fill the blank in as a careful office would; returns level, field, item → figure."""
    fields = {lv: names[:3] for lv, names in forms.form_fields(form, CATALOGUE).items()}
    book = forms.blank(form, unit, plan, fields)
    sheet, typed = book.worksheets[0], {}
    column = {c["item"]: c["number"] for c in form["columns"] if "item" in c}
    sums: dict[tuple, float] = {}
    for line in forms.rows(form, unit["type"], plan.end, fields):
        if line.kind in ("heading", "spare"):
            continue
        added = line.kind == "total" and line.mark is None
        figures = Figures(form, random)
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
@given(random=st.randoms(use_true_random=False))
def test_what_is_typed_into_a_blank_is_what_is_read(tmp_path_factory, code, random):
    root = tmp_path_factory.mktemp("project")
    plan, typed = period(root, code), {}
    folder = root / "data" / "submissions" / code
    for name, form in SHEETS.items():
        for _, unit in cat.due_units(CATALOGUE, plan, name).iterrows():
            path = folder / f"{name}_{unit['code']}.xlsx"
            for key, value in filled(form, unit, plan, random, path).items():
                typed[unit["code"], name, *key] = value
    held = pipeline.check(plan, CATALOGUE, root)
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
