"""Rules: each identity names the cells and the two figures that disagree."""

import pandas as pd
import pytest

from analysis.catalogue import catalogue as cat
from analysis.checking import fates, validate

CATALOGUE = cat.load()
FORMS = {"II.06a": CATALOGUE.forms["II.06a"]}
ROW = dict(received=100, received_online=40, received_direct=50, carried_over=10, resolved=90,
           resolved_early=30, resolved_on_time=55, resolved_late=5, pending=10, pending_in_time=8,
           pending_overdue=2)  # fmt: skip


def values(field="land", level="province", unit="01", **changes):
    rows = [
        dict(reporting_unit=unit, form="II.06a", level=level, field=field, item=f"dossiers_{k}",
             obs_value=v, obs_status="A" if v is not None else "O", source_file="f", raw_text="",
             source_sheet="s", source_cell=f"{field}:{k}")
        for k, v in (ROW | changes).items()
    ]  # fmt: skip
    return pd.DataFrame(rows).astype({"obs_value": float})


def found(table, previous=None):
    previous = pd.DataFrame() if previous is None else previous
    return validate.figures(table, FORMS, previous)


def test_figures_that_agree_raise_nothing():
    assert found(values()).empty


@pytest.mark.parametrize(
    ("changes", "rule", "cells", "numbers"),
    [
        ({"received_online": 41}, "received_parts", 4, ("100", "101")),
        ({"resolved_late": 6}, "resolved_parts", 4, ("90", "91")),
        ({"pending_overdue": 3}, "pending_parts", 3, ("10", "11")),
    ],
)
def test_a_broken_identity_names_its_cells_and_both_figures(changes, rule, cells, numbers):
    table = found(values(**changes))
    assert table["rule"].tolist() == [rule]
    total = rule.removesuffix("_parts")
    assert table["source_cell"].tolist() == [f"land:{total}"]
    named = table["cells"].str.split(", ").iloc[0]
    assert len(named) == cells and named[0] == f"land:{total}"
    assert set(zip(table["found"], table["expected"], strict=True)) == {numbers}


def test_received_is_resolved_plus_pending():
    table = found(values(received=101, received_direct=51))
    assert set(table["rule"]) == {"received_balance"}


SCORES = CATALOGUE.forms["qd766_groups"]


def scores(total: float, tolerance: float = 0.005):
    rule = {**SCORES["rules"][0], "tolerance": tolerance}
    parts = dict(zip(rule["parts"], [9.24, 19.05, 6.9, 17.68, 12.19], strict=True))
    rows = [
        dict(reporting_unit="56", form="qd766_groups", level="_T", field="_T", item=k, obs_value=v,
             obs_status="A", source_file="f", raw_text="", source_sheet="", source_cell=k)
        for k, v in ({"score_total": total} | parts).items()
    ]  # fmt: skip
    form = {"qd766_groups": {**SCORES, "rules": [rule]}}
    return validate.figures(pd.DataFrame(rows), form, pd.DataFrame())


def test_a_sum_of_decimals_may_differ_by_its_tolerance_and_no_more():
    assert scores(65.06).empty and scores(65.065).empty and scores(65.055).empty
    table = scores(65.07)
    assert table["rule"].tolist() == ["score_parts"]
    assert len(table["cells"].iloc[0].split(", ")) == 6
    assert set(zip(table["found"], table["expected"], strict=True)) == {("65,07", "65,06")}
    assert scores(65.07, tolerance=0.01).empty


def test_without_a_tolerance_the_last_binary_place_is_no_difference():
    assert scores(65.06 + 2e-14, tolerance=0).empty
    assert len(scores(65.0601, tolerance=0)) == 1


def test_rows_with_gaps_are_not_called_wrong():
    assert found(values(received_online=None)).empty


def test_a_total_row_is_the_sum_of_its_rows_at_each_level():
    double = {k: 2 * v for k, v in ROW.items()}
    rows = [values("land"), values("health"), values("_T", **double),
            values("_T", level="_T", **double)]  # fmt: skip
    assert found(pd.concat(rows)).empty
    rows[2] = values("_T", **double | {"received": 201, "received_direct": 101})
    table = found(pd.concat(rows))
    assert set(table.loc[table["rule"] == "total_row", "item"]) == {
        "dossiers_received", "dossiers_received_direct"}  # fmt: skip


def test_carried_over_is_what_was_pending_and_jumps_are_noticed():
    before = values(pending=9, received=20)
    jump = dict(rule="figure_jump", kind="jump", item="dossiers_received", factor=3, at_least=100)
    form = FORMS["II.06a"]
    form = {"II.06a": form | {"rules": [*form["rules"], jump]}}
    table = validate.figures(values(), form, before)
    assert set(table["rule"]) == {"carried_over", "figure_jump"}
    carried = table[table["rule"] == "carried_over"].iloc[0]
    assert (carried["found"], carried["expected"]) == ("10", "9")
    assert validate.figures(values(), form, values(received=40)).empty, "less than threefold"


def test_a_blank_is_nil_only_where_the_total_proves_it():
    rows = pd.concat([values("land"), values("health", pending_overdue=None),
                      values("_T", pending_overdue=2)])  # fmt: skip
    rows = rows.reset_index(drop=True)
    nil = rows[fates.proven_nil(rows)]
    assert nil["source_cell"].tolist() == ["health:pending_overdue"]
    rows.loc[rows["source_cell"] == "_T:pending_overdue", "obs_value"] = 3
    assert not fates.proven_nil(rows).any()


def test_a_refused_figure_is_not_a_blank():
    rows = pd.concat([values("land"), values("health", pending_overdue=None),
                      values("_T", pending_overdue=2)]).reset_index(drop=True)  # fmt: skip
    rows.loc[rows["source_cell"] == "land:received", "obs_status"] = "V"
    rows.loc[rows["source_cell"] == "land:pending_overdue", "obs_status"] = "V"
    assert not fates.proven_nil(rows).any()


def test_issues_are_worded_in_both_languages_worst_first():
    table = found(values(received_online=41), values(received=20))
    issues = validate.issues(table, CATALOGUE.rules, "2022-Q2")
    assert issues["severity"].tolist() == sorted(
        issues["severity"], key=["blocking", "warning", "note"].index
    )
    first = issues.iloc[0]
    assert "100" in first["message_vi"] and "101" in first["message_vi"]
    assert "100" in first["message_en"] and "101" in first["message_en"]


def test_what_is_not_at_most_its_limit_names_both_cells():
    form = CATALOGUE.forms["edocs"]
    rule = next(r for r in form["rules"] if r["kind"] == "at_most")
    rows = [
        dict(reporting_unit="01", form="edocs", level="_T", field="_T", item=item, obs_value=value)
        | dict(obs_status="A", source_file="f", raw_text="", source_sheet="s", source_cell=cell)
        for item, value, cell in ((rule["limit"], 5.0, "C11"), (rule["item"], 6.0, "D11"))
    ]
    table = validate.figures(pd.DataFrame(rows), {"edocs": form}, pd.DataFrame())
    assert table[["rule", "source_cell", "cells"]].values.tolist() == [
        [rule["rule"], "D11", "D11, C11"]
    ]


def test_the_other_cells_of_a_broken_sum_are_withdrawn_and_covered_by_it():
    cells = values(received_online=41).assign(role="value", covered_by=None, rule=None)
    table = found(cells)
    after = fates.withdraw(cells, table, CATALOGUE.rules).set_index("source_cell")
    named = ["land:received", *(f"land:{k}" for k in
             ("received_online", "received_direct", "carried_over"))]  # fmt: skip
    assert after.index[after["obs_status"] == "V"].tolist() == named
    assert after.loc[named, "refused_value"].tolist() == [100, 41, 50, 10]
    assert after["covered_by"].dropna().to_dict() == dict.fromkeys(named[1:], "received_parts")


def away(table, place, line):
    """``table`` with cells as a sheet has them, B3 …; those of ``place`` are hidden."""
    held = table.reset_index(drop=True)
    lines = {f: n for n, f in enumerate(dict.fromkeys(held["field"] + held["level"]), 3)}
    items = {i: "BCDEFGHIJKLM"[n] for n, i in enumerate(dict.fromkeys(held["item"]))}
    rows = (held["field"] + held["level"]).map(lines)
    cell = held["item"].map(items) + rows.astype(str)
    return held.assign(source_cell=cell, hidden=None).assign(
        hidden=lambda t: t["hidden"].mask(place(t), line)
    )


@pytest.mark.parametrize("hidden", ["health", "tax"])
def test_a_total_that_only_leaves_out_a_hidden_row_names_it(hidden):
    double, three = ({k: n * v for k, v in ROW.items()} for n in (2, 3))
    rows = pd.concat([values("land"), values("health"), values("tax"), values("_T", **double),
                      values("_T", level="_T", **double)])  # fmt: skip
    table = found(away(rows, lambda t: t["field"] == hidden, "row"))
    assert set(table["rule"]) == {"total_leaves_out_hidden"}
    assert set(table["found"]) == {"4" if hidden == "health" else "5"}
    assert len(table) == 2 * len(ROW) and "300" in set(table["expected"])
    shown = pd.concat([rows[:-2 * len(ROW)], values("_T", **three),
                       values("_T", level="_T", **three)])  # fmt: skip
    assert found(away(shown, lambda t: t["field"] == hidden, "row")).empty
    assert set(found(away(rows, lambda t: t["field"] == "x", "row"))["rule"]) == {"total_row"}
    other = away(rows, lambda t: t["field"] == hidden, "row").assign(
        obs_value=lambda t: t["obs_value"].mask(t["field"] == "_T", t["obs_value"] + 1)
    )
    assert "total_leaves_out_hidden" not in set(found(other)["rule"])


def test_a_sum_that_only_leaves_out_a_hidden_column_names_it():
    rows = away(values(received=90), lambda t: t["item"] == "dossiers_carried_over", "column")
    table = found(rows)
    (row,) = table[table["rule"] == "total_leaves_out_hidden"].itertuples()
    assert (row.source_cell, row.found, row.expected) == ("B3", "E", "100")
    assert row.cells == "B3, C3, D3, E3"


def test_one_place_and_rule_is_one_issue_in_which_nothing_is_lost():
    twice = pd.concat([found(values(received_online=41))] * 2, ignore_index=True)
    twice.loc[1, ["found", "cells"]] = ["99", "land:received, land:resolved"]
    issues = validate.issues(twice, CATALOGUE.rules, "2022-Q2")
    assert len(issues) == 1
    assert "100" in issues["message_vi"].iloc[0] and "99" in issues["message_vi"].iloc[0]
    assert "land:resolved" in issues["cells"].iloc[0] and "land:received_online" in issues[
        "cells"].iloc[0]  # fmt: skip
    again = validate.issues(pd.concat([twice.iloc[:1]] * 2), CATALOGUE.rules, "2022-Q2")
    assert again["message_vi"].iloc[0].count("100") == 1


def test_what_is_said_of_files_as_they_came():
    """Late from the day after the deadline; changed, not due, not there."""
    from types import SimpleNamespace

    plan = SimpleNamespace(deadline=pd.Timestamp("2022-06-15").date())
    days = ["2022-06-15 23:59", "2022-06-16 00:00", None, "2022-06-01 08:00"]
    files = pd.DataFrame(
        {
            "source_file": ["a", "b", "c", "d"],
            "form": ["F1", "F1", "F1", "other"],
            "reporting_unit": ["01", "02", "03", "99"],
            "received_at": pd.to_datetime(days),
        }
    )
    received = pd.DataFrame(
        {"file": ["a", "a", "b", "gone", "c"], "sha256": ["0", "1", "2", "9", None]}
    )
    due = {"F1": pd.DataFrame({"code": ["01", "02"]})}
    hashes = {"a": "1", "b": "3", "c": "4", "d": "5"}
    found = validate.arrivals(files, received, hashes, plan, due)
    assert sorted(zip(found["source_file"], found["rule"], strict=True)) == [
        ("b", "changed_since_receipt"),
        ("b", "received_late"),
        ("c", "received_unknown"),
        ("c", "unit_not_due"),
        ("d", "unit_not_due"),
        ("gone", "file_missing"),
    ]
    none = SimpleNamespace(deadline=None)
    assert "received_late" not in set(validate.arrivals(files, received, hashes, none, due)["rule"])
