"""A shipped edition from files to figures: nothing lost, every fault found, small cells hidden."""

import shutil

import numpy as np
import pandas as pd
import pytest
from openpyxl import load_workbook
from shared import with_its_tables
from tools.sample import answers, population

from analysis import project
from analysis.catalogue import catalogue as cat
from analysis.catalogue import plans, reader
from analysis.exchange import annotate, first_sheet
from analysis.reading import reply_sheet, workbook
from analysis.survey import (
    cost,
    disclosure,
    editions,
    flow,
    measures,
    responses,
    sampling,
    weighting,
)

EDITION = "2022"


@pytest.fixture(scope="module")
def held():
    return editions.load(EDITION)


@pytest.fixture(scope="module")
def tables(held):
    return held.tables


@pytest.mark.parametrize("edition", ["2020", "2022"])
def test_the_shipped_files_are_what_the_generator_makes(edition):
    folder = project.Place().survey(f"apci-{edition}")
    made = answers.files(edition, project.PROJECT)
    assert {path.name for path in folder.iterdir()} == set(made)
    assert not [n for n, content in made.items() if (folder / n).read_bytes() != content]


def test_every_submitted_cell_is_accounted_for(tables):
    assert (tables.balance["unaccounted"] == 0).all()
    assert tables.balance["submitted"].sum() > 150_000


def test_every_fault_of_the_generator_is_found(tables):
    rules = tables.issues["rule"].value_counts()
    state = tables.records["state"].value_counts()
    expected = answers.FAULTS
    assert rules["response_other_edition"] == expected["response_other_edition"]
    assert state["response_unplaced"] == (
        expected["response_other_edition"] + expected["response_unplaced"]
    )
    assert state["response_contradicts"] == 2 * expected["response_contradicts"]
    for rule in ("response_repeated", "response_not_selected"):
        assert state[rule] == expected[rule]
    assert rules["total_contradicts_steps"] == 6 * expected["total_contradicts_steps"]
    assert rules["own_with_agent"] == 2 * expected["own_with_agent"]
    for rule in ("ends_before_start", "outsourced_own_hours"):
        assert rules[rule] == expected[rule]
    assert rules["outsourced_without_cost"] >= expected["outsourced_without_cost"]
    caught = rules["thousand_slip"] + rules.get("out_of_range", 0)
    assert caught >= 0.9 * expected["thousand_slip"]


def test_answers_withheld_do_not_enter_estimates(tables):
    slips = tables.issues[tables.issues["rule"] == "thousand_slip"]
    assert slips["severity"].eq("blocking").all()
    assert tables.answers["fees"].max() < 2e9
    assert tables.answers["response"].notna().all()
    assert not tables.answers.duplicated(["response", "procedure"]).any()


def test_weights_meet_the_published_totals(held, tables):
    firms = tables.answers.drop_duplicates("response")
    known = pd.read_csv(project.Place().survey(held.plan.code) / "totals.csv")
    for variable, part in known.groupby("variable"):
        reached = firms.groupby(variable)["design_weight"].sum()
        np.testing.assert_allclose(
            reached[part["category"]], part["total"], rtol=1e-4, err_msg=variable
        )


def test_estimates_lie_near_the_truth(tables):
    """One sample is no proof of coverage (see test_coverage.py), but a mistake would show."""
    people = population.population(EDITION)
    costs = cost.compliance_cost(people.done.assign(informal_cost=0.0), 73_000)
    truth = population.truth(people, costs[["hours", "compliance_cost"]])
    found = tables.estimates[tables.estimates["domain"] == "_T"]
    both = found.merge(truth, on=["procedure_group", "measure", "statistic"])
    assert len(both) == 36
    inside = (both["truth"] - both["estimate"]).abs() <= 3.5 * both["standard_error"]
    assert inside.mean() > 0.9
    assert (both["estimate"] / both["truth"]).between(0.85, 1.15).all()


def test_no_estimate_is_shown_of_too_few(held, tables):
    minimum = held.parameter("minimum_respondents")["value"]
    shown = tables.estimates[tables.estimates["estimate"].notna()]
    assert (shown["respondents"] >= minimum).all()
    hidden = tables.estimates[tables.estimates["obs_status"] == "Q"]
    assert len(hidden)
    assert hidden[["estimate", "standard_error", "ci_low", "ci_high"]].isna().all(axis=None)
    line = ["procedure_group", "domain", "measure", "statistic"]
    means = hidden[hidden["statistic"] == "mean"]  # medians do not add up
    for _, cells in means[means["domain"] != "province"].groupby(line):
        assert len(cells) > 1 or cells["respondents"].sum() == 0
    assert tables.scores.loc[tables.scores["obs_status"] == "Q", "score"].isna().all()


def test_a_group_of_few_is_hidden_in_every_table(root):
    """Nearly all answers about one group are taken out: nothing of the rest may show anywhere."""
    with_its_tables(editions.load("2020"), root)
    folder = project.Place(root).survey("apci-2022")
    kept = 0
    for path in sorted(folder.glob("phieu*")):
        if path.suffix == ".csv":
            table = pd.read_csv(path, dtype=str, keep_default_na=False)
        else:
            table = pd.read_excel(
                path, engine="calamine", header=1, dtype=str, keep_default_na=False
            )
        path.unlink()
        group = table["ma_tthc"] == "MT01"
        few = group & (group.cumsum() <= max(0, 3 - kept))
        kept += int(few.sum())
        table[~group | few].to_csv(path.with_suffix(".csv"), index=False)
    held = editions.load("2022", root=root).tables
    own = held.answers[held.answers["procedure_group"] == "environment"]
    assert 0 < len(own) < 5
    for name in ("estimates", "resampled", "sensitivity", "change", "scores"):
        rows = getattr(held, name)
        rows = rows[rows["procedure_group"] == "environment"]
        assert len(rows) and rows["estimate"].isna().all(), name
    assert (
        held.change.loc[held.change["procedure_group"] == "environment", ["earlier", "later"]]
        .isna()
        .all(axis=None)
    )


def test_outsourcing_replaces_and_informal_payments_stay_apart(tables):
    hired = tables.answers[tables.answers["route"] == "outsourced"]
    paid = hired["outsourced_cost"]
    assert hired["compliance_cost"].equals(paid.rename("compliance_cost"))
    own = tables.answers[tables.answers["route"] == "own"]
    np.testing.assert_allclose(
        own["compliance_cost"].dropna(), (own["time_cost"] + own["direct_cost"]).dropna()
    )


def test_the_bootstrap_tells_the_same_story(tables):
    plain = tables.estimates[
        (tables.estimates["domain"] == "_T") & (tables.estimates["measure"] == "compliance_cost")
    ]
    both = tables.resampled.merge(plain, on=["procedure_group", "statistic"], suffixes=("", "_l"))
    assert len(both) == 18
    np.testing.assert_allclose(both["estimate"], both["estimate_l"])
    ratio = both["standard_error"] / both["standard_error_l"]
    assert ratio.between(0.8, 1.25).all(), ratio


def test_scores_have_intervals_and_a_named_method(held, tables):
    methods = {s["method"] for s in held.survey["scores"]}
    assert set(tables.scores["method"]) == methods
    held_scores = tables.scores[tables.scores["method"] != "percentile_within_group"]
    held_scores = held_scores.dropna(subset=["score", "score_low"])
    assert held_scores["score"].between(0, 100).all()
    assert (held_scores["score_low"] <= held_scores["score"] + 1e-9).all()
    assert (held_scores["score"] <= held_scores["score_high"] + 1e-9).all()


def test_change_uses_one_hourly_rate_and_marks_what_is_noise(held, tables):
    assert set(tables.change["measure"]) == {"hours", "direct_cost", "compliance_cost"}
    noise = tables.change[~tables.change["clear"]].dropna(subset=["estimate"])  # hidden ones
    assert len(noise)
    assert ((noise["ci_low"] <= 0) & (noise["ci_high"] >= 0)).all()
    assert editions.load("2020").tables.change.empty


def test_it_is_said_whether_firms_of_both_editions_are_known(held, tables):
    """Questionnaires are numbered anew: without a column ``firm`` nobody is taken for the same."""
    assert tables.change["shared"].isna().all()
    number = {c: i for i, c in enumerate(held.tables.answers["response"].unique())}
    old, new = (
        tables.answers.assign(firm=tables.answers["response"].map(number), hours=change)
        for change in (tables.answers["hours"], tables.answers["hours"] * 1.1)
    )
    place = project.Place(project.PROJECT)
    states = old[["response"]].assign(state="accepted")
    firms, _ = weighting.weighted(held.plan, held.survey, place, states)
    earlier, later = (sampling.expand(firms, t, "response") for t in (old, new))
    common = measures.overlap(later, earlier)
    assert measures.overlap(later, None) is None
    assert measures.overlap(later, sampling.with_columns(earlier, firm=np.nan)) is None
    key = ["measure", "procedure_group"]
    nothing = pd.DataFrame(columns=["domain", "measure", "variant", "procedure_group", "reason"])
    rules = disclosure.Rules(5, 0.1, nothing)
    withheld = dict.fromkeys(measures.CHANGED, ())
    found = measures.change(later, earlier, rules, withheld, common).set_index(key)
    apart = measures.change(later, earlier, rules, withheld).set_index(key)
    people = apart["respondents"]
    assert (found["shared"] == people).all(), "the same firms answered"
    kept = found["standard_error"] < 0.2 * apart["standard_error"]
    assert kept.loc["hours"].all() and found.loc["hours", "clear"].all()


def test_groups_are_compared_by_pairs_within_their_sample(tables):
    """Every pair of shown groups once, its estimate the difference of what is shown."""
    shown = tables.estimates[tables.estimates["domain"] == "_T"]
    shown = shown[shown["measure"] == "compliance_cost"].set_index(["statistic", "procedure_group"])
    found = tables.differences
    assert found.groupby("statistic").size().tolist() == [36, 36]
    for row in found.itertuples():
        a, b = (shown.loc[(row.statistic, g)] for g in (row.procedure_group, row.other))
        assert row.estimate == pytest.approx(b["estimate"] - a["estimate"])
        assert row.p_adjusted >= row.p_value
        independent = np.hypot(a["standard_error"], b["standard_error"])
        assert 0.7 < row.standard_error / independent < 1.3


def test_a_province_of_procedures_that_cost_nothing_anywhere_has_no_ratio(held, tables):
    answers = tables.answers
    province = answers["province"].value_counts().index[0]
    only = answers["procedure_group"].where(answers["province"] != province, "free")
    free = answers.assign(
        procedure_group=only, direct_cost=answers["direct_cost"].mask(only == "free", 0.0)
    )
    sample = sampling.expand(
        weighting.weighted(
            held.plan,
            held.survey,
            project.Place(project.PROJECT),
            answers[["response"]].assign(state="accepted"),
        )[0],
        free,
        "response",
    )
    found = measures.provinces(sample).set_index(["measure", "category"])
    row = found.loc[("direct_cost", province)]
    assert (row["obs_status"], row["reason"]) == ("M", "no_denominator")
    assert np.isnan(row["estimate"])
    assert found.loc[("hours", province), "estimate"] > 0


def test_shares_lie_within_0_and_100_and_none_is_known_exactly(held, tables):
    shares = [m for m, how in held.survey["measures"].items() if "of" in how]
    shown = tables.estimates[tables.estimates["measure"].isin(shares)].dropna(subset=["estimate"])
    shown = shown[shown["degrees_of_freedom"] > 0]
    assert len(shown) > 500 and (shown["estimate"] == 0).any()
    assert (shown["ci_low"] >= 0).all() and (shown["ci_high"] <= 100).all()
    assert (shown["ci_low"] < shown["ci_high"]).all()


def test_an_edition_that_does_not_exist_says_which_there_are():
    with pytest.raises(reader.CatalogueError, match="known editions: apci-2020, apci-2022"):
        editions.load("2031")
    with pytest.raises(reader.CatalogueError, match="an edition is a year"):
        editions.load("../../etc")


@pytest.fixture()
def root(tmp_path):
    for name in ("data/catalogue", "data/reference", "data/survey"):
        shutil.copytree(project.PROJECT / name, tmp_path / name)
    return tmp_path


def test_a_broken_file_beside_good_ones_costs_only_itself(root):
    folder = project.Place(root).survey("apci-2020")
    (folder / "phieu_hong.xlsx").write_bytes(b"no workbook")
    catalogue = cat.load(root)
    plan = plans.edition("apci", "2020", catalogue, root)
    checked = flow.check(plan, catalogue, project.Place(root))
    assert "file_unreadable" in set(checked["issues"]["rule"])
    assert (checked["records"]["state"] == "accepted").sum() > 5000


def test_a_file_of_another_type_is_an_issue_and_not_passed_over(root):
    folder = project.Place(root).survey("apci-2020")
    for other in sorted(folder.glob("phieu*"))[1:]:
        other.unlink()
    (folder / "phieu.docx").write_bytes(b"PK")
    checked = flow.check(
        plans.edition("apci", "2020", cat.load(root), root), cat.load(root), project.Place(root)
    )
    found = checked["issues"].set_index("source_file")["rule"]
    assert found["phieu.docx"] == "file_type"


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("selected.csv", None, "selected.csv: file is missing"),
        ("selected.csv", lambda t: t.drop(columns="region"), "column missing: region"),
        ("selected.csv", lambda t: pd.concat([t, t.head(1)]), "response stands twice"),
        ("strata.csv", lambda t: t.iloc[1:], "selected.csv:.*stratum is not in strata.csv"),
        ("strata.csv", lambda t: t.assign(population=None), "strata.csv:2: a value is missing"),
        ("totals.csv", lambda t: t.iloc[1:], "region: no total for"),
        (
            "totals.csv",
            lambda t: t.assign(total=t["total"].where(t["variable"] != "region", "40816.67")),
            "apci-2020/totals.csv:2: region adds up to 244,900, .* to 684,000",
        ),
        ("strata.csv", lambda t: t.assign(population="100000"), "684,000, but population in"),
        ("selected.csv", lambda t: t.assign(firm="0101"), "selected.csv:3: firm stands twice"),
    ],
)
def test_a_broken_frame_says_file_and_line(root, name, change, message):
    path = project.Place(root).survey("apci-2020") / name
    if change is None:
        path.unlink()
    else:
        change(pd.read_csv(path, dtype=str)).to_csv(path, index=False)
    with pytest.raises(ValueError, match=message):
        editions.load("2020", root=root)


def test_hostile_text_in_answers_does_no_harm(root):
    folder = project.Place(root).survey("apci-2020")
    path = folder / "phieu_mien_bac.csv"
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    table.loc[0, "tinh"] = "=cmd|'/C calc'!A0"
    table.loc[1, "phi_le_phi"] = "<script>alert(1)</script>" * 50
    table.loc[2, "ten_tthc"] = "{{7*7}}"
    table.to_csv(path, index=False)
    catalogue, place = cat.load(root), project.Place(root)
    plan = plans.edition("apci", "2020", catalogue, root)
    own = root / "reports/apci-2020/returns/tra-loi.xlsx"
    own.parent.mkdir(parents=True)
    own.write_bytes(b"of the user")
    issues = flow.check(plan, catalogue, place)["issues"]
    written = editions.give_back(issues, plan, place, catalogue)
    assert own.read_bytes() == b"of the user"
    issues = written.listed.read_text("utf-8-sig")
    assert written.listed.parent == root / "data/derived/apci-2020-returns"
    assert not [line for line in issues.splitlines() if line.startswith(("=", '"='))]
    assert "'=cmd" in issues
    assert [p.name for p in written.copies] == [
        "phieu_mien_bac.xlsx",
        "phieu_mien_nam.xlsx",
        "phieu_mien_trung.xlsx",
    ]
    sheet = load_workbook(written.copies[0])["Dữ liệu"]
    assert sheet["C2"].data_type == "s" and sheet["C2"].value == "'=cmd|'/C calc'!A0"
    assert "Không nhận ra tỉnh" in sheet["C2"].comment.text
    assert sheet["A1"].comment is None


def test_a_slip_that_its_sender_confirms_is_used(root):
    """On the list that comes back in the file itself; who else was asked is asked still."""
    catalogue, place = cat.load(), project.Place(root)
    plan = plans.edition("apci", "2020", catalogue, root)
    path = place.survey(plan.code) / "phieu_mien_bac.csv"
    for other in set(path.parent.glob("phieu*")) - {path}:
        other.unlink()
    issues = flow.check(plan, catalogue, place)["issues"]
    slips = issues[(issues["rule"] == "thousand_slip") & (issues["source_file"] == path.name)]
    row = slips["source_cell"].str.extract(r"(\d+)$")[0]
    asked = slips[row == row.iloc[0]]
    back = path.with_suffix(".xlsx")
    rows = workbook.read(path, catalogue.parameters["limits"])
    annotate.annotate(None, asked, back, rows, rules=catalogue.rules)
    path.unlink()
    book = load_workbook(back)
    sheet = book.worksheets[0]
    lines = range(first_sheet.HEAD_ROW + 1, sheet.max_row + 1)
    assert len(lines) == len(asked), "each cell is asked about for itself"
    for line in lines:
        for column, text in enumerate((reply_sheet.CONFIRMED, "hỏi lại, đúng", "Hoa"), 6):
            sheet.cell(line, column).value = text
    book.save(back)
    held = flow.check(plan, catalogue, place)
    again = held["issues"][held["issues"]["rule"] == "thousand_slip"]
    confirmed = again[again["state"] == "confirmed"]
    assert confirmed["source_cell"].tolist() == asked["source_cell"].tolist()
    assert set(confirmed["answered_by"]) == {"Hoa"} and len(again) > len(confirmed)
    values = held["cells"].query("source_file == @back.name and role == 'value'")
    status = values.set_index("source_cell")["obs_status"]
    assert set(status[asked["source_cell"]]) == {"A"}
    assert (held["balance"]["unaccounted"] == 0).all()
    assert "outside_form" not in set(held["issues"]["rule"]), "the list is no row of answers"


def test_an_edition_without_answers_is_named(root):
    for path in project.Place(root).survey("apci-2020").glob("phieu*"):
        path.unlink()
    with pytest.raises(editions.NoResponsesError, match="apci-2020 holds no answer file"):
        editions.load("2020", root=root)


def test_findings_stand_at_their_cells(tables):
    assert set(responses.FINDINGS[:3]) <= set(tables.issues)
    assert tables.issues["source_cell"].fillna("").ne("").all()
