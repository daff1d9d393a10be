"""The illustrative submissions: what the reader makes of each fault, and of the clean ones."""

from functools import cache

import pandas as pd
import pytest
from tools.sample import country, dossiers
from tools.sample import figures as sample_model

from analysis import pipeline, project
from analysis.catalogue import plans
from analysis.indicators import recast
from analysis.period import load

Q2 = country.FAULTY
COUNTRY = country.country()
FORMS = COUNTRY.catalogue.forms
ITEMS = list(FORMS[dossiers.FORM]["items"])
PERIODS = list(COUNTRY.hints["periods"])
DOSSIER_FAULTS = [f for f in country.FAULTS if f.form == dossiers.FORM]


@pytest.fixture(scope="module")
def tables():
    return load(Q2).tables


@cache
def figures(form: str, code: str) -> pd.DataFrame:
    return COUNTRY.figures(FORMS[form], code)


def name_of(form: str) -> str:
    return form.replace(".", "")


def rules_of(tables, fault) -> set[str]:
    """Findings on what the unit of a fault sent of the fault's form."""
    issues = tables.issues
    if FORMS[fault.form]["layout"] == "long":
        mine = issues["source_file"].str.startswith(f"{name_of(fault.form)}_")
    else:
        mine = issues["source_file"].str.startswith(f"{name_of(fault.form)}_{fault.unit}_")
    absent = (issues["reporting_unit"] == fault.unit) & (issues["rule"] == "not_received")
    absent &= issues["message_vi"].str.contains(fault.form, regex=False)
    return set(issues.loc[mine | absent, "rule"])


DOUBTS = {"jump", "figure_jump"}
"""What is far from its own past is asked about, and may be right."""


@pytest.mark.parametrize("fault", country.FAULTS, ids=lambda f: f"{f.form}-{f.unit}-{f.name}")
def test_each_fault_is_named(tables, fault):
    found = rules_of(tables, fault)
    if fault.expected_rule:
        assert fault.expected_rule in found
    else:
        assert not found - DOUBTS, "this mess is read without a finding"


def test_clean_submissions_raise_nothing(tables):
    faulty = {f.unit for f in country.FAULTS}
    clean = set(COUNTRY.units["code"]) - faulty
    assert len(clean) >= 40
    made = {form["form"] for form in COUNTRY.forms(Q2)}  # registers are spoilt by their own model
    issues = tables.issues[tables.issues["form"].isin(made)]
    doubts = issues[issues["rule"].isin(DOUBTS)]
    assert not set(issues.drop(doubts.index)["reporting_unit"]) & clean
    asked = tables.rule_results[tables.rule_results["rule"].isin(DOUBTS)]["applied"].sum()
    assert len(doubts[doubts["reporting_unit"].isin(clean)]) < 0.01 * asked


def test_a_unit_has_one_fault_in_a_form():
    named = [(f.form, f.unit) for f in country.FAULTS]
    assert len(named) == len(set(named))
    for form in COUNTRY.forms(Q2):
        due = set(plans.due_units(COUNTRY.catalogue, COUNTRY.origin, form["form"])["code"])
        own = {unit for code, unit in named if code == form["form"]}
        assert own and own <= due, form["form"]


def test_every_cell_of_every_workbook_is_accounted_for(tables):
    sent = [path for path in pipeline.submitted_files(COUNTRY.origin, project.Place())]
    assert len(tables.balance) == len(tables.submissions) == len(sent) > 450
    assert (tables.balance["unaccounted"] == 0).all()
    assert tables.balance["submitted"].sum() > 50_000
    in_force = tables.submissions.query("state == 'in_force'")["source_file"]
    accepted = tables.balance.set_index("source_file")["accepted"]
    assert (accepted[in_force] > 0).all()
    assert (accepted.drop(in_force) == 0).all()


def test_a_cell_in_an_issue_is_covered_by_a_rule(tables):
    cells = tables.cells[(tables.cells["fate"] == "issue") & (tables.cells["raw_text"] != "")]
    own = cells["rule"].notna() | cells["covered_by"].notna() | cells["file_rule"].notna()
    place = ["source_file", "source_sheet", "source_cell"]
    named = pd.MultiIndex.from_frame(cells[place]).isin(
        pd.MultiIndex.from_frame(tables.issues[place])
    )
    assert (own | named).all()
    covers = set(cells["covered_by"].dropna()) | set(cells["file_rule"].dropna())
    assert covers <= set(tables.issues["rule"])


CHANGING = {  # faults that leave a figure readable, but not the one that the office has
    "received_parts", "resolved_parts", "pending_parts", "received_balance", "jump",
    "carried_over", "duplicate_row", "field_unknown", "footnote_mark", "figure_jump",
    "base_changes", "cost_rises", "period_mismatch", "total_row", "superseded",
    "payments_online_within_payments", "online_services_parts", "local_procedures_parts",
    "one_stop_within_procedures", "reduced_within_regulations", "regulations_parts",
    "results_within_valid", "reused_within_received", "signed_within_electronic", "decimal_point",
}  # fmt: skip


@pytest.mark.parametrize("form", [f["form"] for f in COUNTRY.forms(Q2)])
def test_what_was_read_is_what_the_office_has(tables, form):
    spoilt = {f.unit for f in country.FAULTS if f.form == form and f.expected_rule in CHANGING}
    items = list(FORMS[form]["items"])
    long = figures(form, Q2).melt(["reporting_unit", "level", "field"], items, "item", "had")
    read = tables.observations[tables.observations["form"] == form]
    both = read.merge(long, on=["reporting_unit", "level", "field", "item"])
    both = both[~both["reporting_unit"].isin(spoilt) & both["obs_value"].notna()]
    assert len(both) > 0.7 * len(long[long["field"] != "_T"]) and len(both) > 200
    assert (both["obs_value"] - both["had"]).abs().max() < 1e-9


@pytest.mark.parametrize("code", PERIODS)
def test_figures_keep_the_rules_of_their_form(code):
    for form in COUNTRY.forms(code):
        table = figures(form["form"], code)
        broken = {k: int(v.sum()) for k, v in sample_model.breaches(form, table).items() if v.any()}
        assert not broken, form["form"]
        items = list(form["items"])
        assert (table[items] >= 0).all(axis=None) and table[items].notna().all(axis=None)
        due = plans.due_units(COUNTRY.catalogue, COUNTRY.plan(code), form["form"])
        assert set(table["reporting_unit"]) == set(due["code"])
        assert not table.duplicated(["reporting_unit", "level", "field"]).any()


PAIRS = [(a, b) for a, b in zip(PERIODS, PERIODS[1:], strict=False) if b != "2025-Q3"]


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_stocks_carry_over(before, after):
    key = ["reporting_unit", "level", "field"]
    for form in COUNTRY.forms(after):
        if form not in COUNTRY.forms(before):
            continue
        first, second = (figures(form["form"], c).set_index(key) for c in (before, after))
        for rule in form["rules"]:
            if rule["kind"] == "equals_previous":
                closing = first[rule["previous_item"]].reindex(second.index)
                assert (closing == second[rule["item"]]).all(), rule


def test_what_is_cumulative_never_falls():
    first, second = (figures("regulations", c).set_index("reporting_unit") for c in PERIODS[-3:-1])
    for item in ("regulations_reduced", "internal_procedures_simplified"):
        assert (second[item] >= first[item].reindex(second.index)).all()


def test_a_unit_more_changes_no_other():
    form, code = FORMS["edocs"], "2022-Q2"
    fields, hints = COUNTRY.catalogue.fields, COUNTRY.hints
    some = COUNTRY.units.iloc[[3, 40, 70]]
    one = sample_model.figures(form, some.iloc[[1]], code, hints, fields)
    three = sample_model.figures(form, some, code, hints, fields)
    held = three[three["reporting_unit"] == some.iloc[1]["code"]].reset_index(drop=True)
    pd.testing.assert_frame_equal(one, held)


def test_a_form_without_hints_gets_figures_that_keep_its_rules():
    form = {
        "form": "new", "layout": "sheet", "rows": "unit", "levels": {},
        "items": {i: {"kind": "count", "nature": "flow"} for i in "abcdeo"}
        | {"s": {"kind": "percent", "nature": "level"}},
        "rules": [
            {"rule": "r", "kind": "sum", "total": "a", "parts": ["b", "c", "o"]},
            {"rule": "r", "kind": "at_most", "item": "d", "limit": "b"},
            {"rule": "r", "kind": "sum", "total": "b", "parts": ["e"]},
            {"rule": "r", "kind": "equals_previous", "item": "o", "previous_item": "d"},
        ],
    }  # fmt: skip
    units, hints = COUNTRY.units.head(5), COUNTRY.hints
    first = sample_model.figures(form, units, "2022-Q1", hints, COUNTRY.catalogue.fields)
    second = sample_model.figures(
        form, units, "2022-Q2", hints, COUNTRY.catalogue.fields, before=first
    )
    assert (second["o"] == first["d"]).all() and (second["a"] > second["o"]).all()
    assert second["s"].between(0, 100).all() and second["a"].nunique() > 1


def test_rules_that_go_round_in_a_circle_are_refused():
    limits = [("a", "b"), ("b", "a")]
    form = {
        "form": "new", "layout": "sheet", "rows": "unit", "levels": {},
        "items": {i: {"kind": "count", "nature": "flow"} for i in "ab"},
        "rules": [{"rule": "r", "kind": "at_most", "item": i, "limit": j} for i, j in limits],
    }  # fmt: skip
    with pytest.raises(ValueError, match="circle"):
        sample_model.figures(form, COUNTRY.units.head(1), Q2, COUNTRY.hints, pd.DataFrame())


def test_hints_that_fit_no_form_are_named():
    hints = {"forms": {"edocs": {"nothing": {}, "documents_sent": {"of": "nobody"}}, "x": {}}}
    assert sample_model.faults(hints, FORMS) == [
        "edocs: no item nothing",
        "edocs: no item nobody",
        "no form x",
    ]
    assert not sample_model.faults(COUNTRY.hints, FORMS)


def test_a_merged_unit_has_what_its_parts_would_have():
    code, form = "2025-Q3", FORMS["edocs"]
    held, plan = COUNTRY.catalogue, COUNTRY.plan(code)
    parts = COUNTRY.of_origin(form, code)
    mapping = recast.mapping(held.units, COUNTRY.origin.end, plan.end, held.transfers)
    names = mapping.set_index("reporting_unit")["target"]
    items = list(form["items"])
    sums = parts.groupby(parts["reporting_unit"].map(names))[items].sum()
    merged = figures("edocs", code)
    assert set(merged["level"]) == {"ministry", "province", "commune"}
    pd.testing.assert_frame_equal(
        merged.groupby("reporting_unit")[items].sum(), sums, check_names=False, check_dtype=False
    )
    assert merged["reporting_unit"].nunique() == 34 + 14 + 3 + 5
    columns = [i for i in FORMS["II.07b"]["items"] if i.endswith("_district")]
    assert (figures("II.07b", code)[columns] == 0).all(axis=None)


def test_a_corrected_submission_replaces_the_earlier_one(tables):
    files = tables.submissions[tables.submissions["reporting_unit"] == "52"]
    files = files[files["form"] == dossiers.FORM]
    assert dict(zip(files["state"], files["revision"], strict=True)) == {
        "superseded": 0,
        "in_force": 1,
    }
    total = tables.totals.query("reporting_unit == '52' and item == 'dossiers_received'")
    had = figures(dossiers.FORM, Q2).query("reporting_unit == '52'")["dossiers_received"].sum()
    assert total["obs_value"].item() == had


def test_a_unit_with_a_refused_figure_has_no_total(tables):
    for unit, item in (("40", "dossiers_received"), ("27", "dossiers_pending")):  # noqa: B007
        row = tables.totals.query("reporting_unit == @unit and item == @item")
        assert row["obs_value"].isna().all()


# Some files of each form and period are built anew: all of them take longer than a test may.
SOME = {Q2: ["04", "31", "40", "52", "56", "79", "BGTVT", "VTV"], "2025-Q3": ["24", "BXD2025"]}


@pytest.mark.parametrize("code", PERIODS)
def test_the_committed_files_are_what_the_generator_builds(code):
    folder = project.Place().submissions(code)
    received = pd.read_csv(folder / "received.csv", dtype=str).set_index("file")["received_at"]
    built = list(country.submissions(COUNTRY, code, units=SOME.get(code, ["01", "BTP"])))
    assert len({s.file.split("_")[0] for s in built}) == len(COUNTRY.forms(code))
    different = [s.file for s in built if (folder / s.file).read_bytes() != s.content]
    assert not different
    assert {s.file: s.day.isoformat() for s in built}.items() <= dict(received).items()


def test_every_fault_leaves_its_mark_on_what_was_sent():
    arrival = {"duplicate_submission", "received_late"}  # the file itself is in order
    folder = project.Place().submissions(Q2)
    names = dict(COUNTRY.catalogue.fields[["code", "name_vi"]].itertuples(index=False))
    for fault in country.FAULTS:
        form = FORMS[fault.form]
        if form["layout"] == "long":
            continue
        own = figures(fault.form, Q2).query("reporting_unit == @fault.unit")
        unit = COUNTRY.units.set_index("code", drop=False).loc[fault.unit]
        book = country.filled(form, unit, COUNTRY.origin, names, own)
        sent = folder / f"{name_of(fault.form)}_{fault.unit}_{Q2}.xlsx"
        clean = sent.exists() and sent.read_bytes() == country.saved(book)
        assert clean == (fault.expected_rule in arrival), fault


def test_habits_show_in_the_other_periods():
    for code in set(PERIODS) - {Q2}:
        plan, share = COUNTRY.plan(code), COUNTRY.hints["periods"][code]
        received = pd.read_csv(project.Place().submissions(code) / "received.csv")
        late = (pd.to_datetime(received["received_at"]) > pd.Timestamp(plan.deadline)).mean()
        corrected = received["file"].str.contains("_sua").mean()
        assert 0 < late < 3 * share["late"] + 0.05
        assert (corrected > 0) == (share["corrected"] > 0)


def test_synthetic_folders_say_so():
    for code in PERIODS:
        folder = project.Place().submissions(code)
        assert "SYNTHETIC" in (folder / "README.md").read_text(encoding="utf-8")
        assert COUNTRY.plan(code).synthetic
