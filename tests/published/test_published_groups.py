"""Published QĐ 766 scores by group, 2022–2024: read cell by cell, summed to the published total."""

import pandas as pd
import pytest

from analysis.period import load

YEARS = ("2022", "2023", "2024")


@pytest.fixture(scope="module", params=YEARS)
def loaded(request):
    return load(request.param)


def source(loaded) -> pd.DataFrame:
    path = loaded.root / "data/submissions" / loaded.plan.code / "values.csv"
    return pd.read_csv(path, dtype=str)


def test_the_file_of_a_year_holds_that_year_only(loaded):
    rows = source(loaded)
    assert rows["year"].unique().tolist() == [loaded.plan.code]
    assert len(rows) == 34 * 6


def test_every_cell_is_accounted_for_and_nothing_is_in_doubt(loaded):
    balance = loaded.tables.balance.sum(numeric_only=True)
    assert balance["submitted"] == (34 * 6 + 1) * 6
    assert balance["accepted"] == 34 * 6
    assert balance["unaccounted"] == balance["in_issues"] == 0
    assert loaded.tables.issues["rule"].tolist() == ["received_unknown"], "the day is not known"


def test_names_of_2025_are_read_as_the_former_provinces(loaded):
    cells = loaded.tables.cells.query("role == 'unit'").set_index("row")
    code = source(loaded)["gso_code"].set_axis(range(2, 2 + 34 * 6))
    assert cells["reporting_unit"].equals(code.rename("reporting_unit").rename_axis("row"))
    due = loaded.due.set_index("code")
    assert due["type"].value_counts().to_dict() == {"province": 29, "centrally_run_city": 5}
    assert due.loc["46", "name_vi"] == "Tỉnh Thừa Thiên Huế"
    assert due["valid_to"].notna().sum() == 24, "units that have since been merged or renamed"


def test_the_score_is_the_published_total_for_every_unit(loaded):
    scores = loaded.tables.scores.query("level == 'framework'").set_index("reporting_unit")
    rows = source(loaded).query("indicator == 'qd766_total'").set_index("gso_code")["value"]
    assert len(rows) == len(scores) == 34
    apart = (scores["score"] - rows.astype(float)).abs()
    assert apart.notna().all() and apart.max() <= 0.005 + 1e-9
    assert scores["coverage"].eq(1).all() and scores["obs_status"].eq("A").all()


def test_ranks_are_those_of_the_published_totals_within_a_type(loaded):
    scores = loaded.tables.scores.query("level == 'framework'").set_index("reporting_unit")
    rows = source(loaded).query("indicator == 'qd766_total'").set_index("gso_code")["value"]
    expected = rows.astype(float).groupby(scores["peer_type"]).rank(method="min", ascending=False)
    assert scores["rank"].equals(expected.reindex(scores.index).rename("rank"))


def test_there_is_no_national_figure_of_published_points(loaded):
    national = loaded.tables.national
    assert national["obs_value"].isna().all()
    assert national["units"].tolist() == [34] * 5


def test_2022_begins_with_the_system():
    starts = {y: str(load(y).plan.start) for y in YEARS}
    assert starts == {"2022": "2022-08-01", "2023": "2023-01-01", "2024": "2024-01-01"}
