"""The illustrative workbooks: what the reader makes of each fault, and of the clean ones."""

import filecmp
import shutil

import pandas as pd
import pytest

from analysis import catalogue as cat
from analysis import pipeline, register_sample, sample, workbook

Q2 = sample.PERIODS[1]
ITEMS = list(cat.load().forms["II.06a"]["items"])


@pytest.fixture(scope="module")
def tables():
    return pipeline.load(Q2).tables


@pytest.fixture(scope="module")
def truth():
    return sample.truth(cat.load())


def rules_of(tables, unit: str) -> set[str]:
    issues = tables.issues
    mine = (issues["reporting_unit"] == unit) | issues["source_file"].str.contains(f"_{unit}_")
    return set(issues.loc[mine, "rule"])


@pytest.mark.parametrize("fault", sample.FAULTS, ids=lambda f: f"{f.unit}-{f.name}")
def test_each_fault_is_named(tables, fault):
    found = rules_of(tables, fault.unit)
    if fault.expected_rule:
        assert fault.expected_rule in found
    else:
        assert not found, "this mess is read without a finding"


def test_clean_workbooks_raise_nothing(tables):
    faulty = {f.unit for f in sample.FAULTS}
    clean = set(cat.due_units(cat.load(), pipeline.load(Q2).plan)["code"]) - faulty
    assert len(clean) >= 40
    dossiers = tables.issues[tables.issues["form"] == "II.06a"]
    assert not set(dossiers["reporting_unit"]) & clean


def test_every_cell_of_every_workbook_is_accounted_for(tables):
    assert len(tables.balance) == len(tables.submissions) == 95
    assert (tables.balance["unaccounted"] == 0).all()
    assert tables.balance["submitted"].sum() > 25_000
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


def test_what_was_read_is_the_truth_where_nothing_changed_a_figure(tables, truth):
    spoilt = {
        f.unit
        for f in sample.FAULTS
        if f.expected_rule
        in (
            "received_parts",
            "resolved_parts",
            "pending_parts",
            "received_balance",
            "jump",
            "carried_over",
            "duplicate_row",
            "field_unknown",
            "footnote_mark",
        )
    }
    long = truth[truth["time_period"] == Q2].melt(
        ["reporting_unit", "level", "field"], ITEMS, "item", "true_value"
    )
    read = tables.observations[tables.observations["field"] != "_T"]
    both = read.merge(long, on=["reporting_unit", "level", "field", "item"], how="left")
    both = both[~both["reporting_unit"].isin(spoilt) & both["obs_value"].notna()]
    assert len(both) > 10_000
    assert (both["obs_value"] == both["true_value"]).all()


def test_the_truth_keeps_the_identities_of_the_form(truth):
    t = truth.set_index(["reporting_unit", "time_period"])
    for rule in cat.load().forms["II.06a"]["rules"]:
        if rule["kind"] == "sum":
            assert (t[rule["total"]] == t[rule["parts"]].sum(axis=1)).all()
    key = ["reporting_unit", "level", "field"]
    first, second = (truth[truth["time_period"] == p].set_index(key) for p in sample.PERIODS)
    carried = second["dossiers_carried_over"]
    assert (first["dossiers_pending"].reindex(carried.index) == carried).all()


def test_a_corrected_submission_replaces_the_earlier_one(tables, truth):
    files = tables.submissions[tables.submissions["reporting_unit"] == "52"]
    assert dict(zip(files["state"], files["revision"], strict=True)) == {
        "superseded": 0,
        "in_force": 1,
    }
    total = tables.totals.query("reporting_unit == '52' and item == 'dossiers_received'")
    true = truth.query("reporting_unit == '52' and time_period == @Q2")["dossiers_received"].sum()
    assert total["obs_value"].item() == true


def test_a_unit_with_a_refused_figure_has_no_total(tables):
    for unit, item in (("40", "dossiers_received"), ("27", "dossiers_pending")):  # noqa: B007
        row = tables.totals.query("reporting_unit == @unit and item == @item")
        assert row["obs_value"].isna().all()


@pytest.fixture(scope="module")
def rebuilt(tmp_path_factory):
    """A project folder with nothing but the catalogue and the periods built from it."""
    root = tmp_path_factory.mktemp("project")
    shutil.copytree(cat.Place().catalogue, cat.Place(root).catalogue)
    sample.build(root)
    register_sample.build(root)
    return cat.Place(root)


@pytest.mark.parametrize("code", sample.PERIODS)
def test_the_committed_files_are_what_the_generator_builds(rebuilt, code):
    ours, theirs = cat.Place().submissions(code), rebuilt.submissions(code)
    names = sorted(p.name for p in theirs.iterdir())
    assert names == sorted(p.name for p in ours.iterdir())
    same, *different = filecmp.cmpfiles(ours, theirs, names, shallow=False)
    assert not any(different), different


def test_every_fault_leaves_its_mark_on_what_was_sent(rebuilt):
    catalogue = cat.load()
    plan = cat.plan(Q2, catalogue)
    figures = dict(list(sample.truth(catalogue).groupby(["time_period", "reporting_unit"])))
    units = cat.due_units(catalogue, plan).set_index("code", drop=False)
    arrival = {"duplicate_submission", "received_late"}  # the file itself is in order
    for fault in sample.FAULTS:
        own = figures[Q2, fault.unit]
        book = sample.filled(units.loc[fault.unit], plan, catalogue, own).book
        sent = rebuilt.submissions(Q2) / f"II06a_{fault.unit}_{Q2}.xlsx"
        clean = sent.exists() and sent.read_bytes() == workbook.same_bytes(book)
        assert clean == (fault.expected_rule in arrival), fault


def test_each_finding_stands_at_the_file_that_its_unit_sent(tables):
    issues = tables.issues
    for fault in sample.FAULTS:
        if fault.expected_rule not in ("", "not_received"):
            at = issues.loc[issues["rule"] == fault.expected_rule, "source_file"]
            assert at.str.startswith(f"II06a_{fault.unit}_").any(), fault


def test_every_type_of_unit_reports(truth):
    units = cat.due_units(cat.load(), pipeline.load(Q2).plan).set_index("code")
    assert set(units["type"]) == set(sample._TYPES)
    assert set(truth["reporting_unit"]) == set(units.index)
    assert not truth.duplicated(["reporting_unit", "time_period", "level", "field"]).any()
    assert (truth[ITEMS] >= 0).all(axis=None)


def test_synthetic_folders_say_so():
    for code in sample.PERIODS:
        folder = cat.Place().submissions(code)
        assert "SYNTHETIC" in (folder / "README.md").read_text(encoding="utf-8")
        assert cat.plan(code, cat.load()).synthetic
