"""Rules: each identity names the cells and the two figures that disagree."""

import pandas as pd
import pytest

from analysis.catalogue import catalogue as cat
from analysis.checking import fates, validate
from analysis.schema.tables import FINDINGS, NOWHERE

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


def one(item, value, unit="01", **changes):
    """A figure as its one row of form f."""
    at = dict(reporting_unit=unit, form="f", level="_T", field="_T", item=item, obs_value=value)
    at |= dict(obs_status="A", source_file=f"{unit}.xlsx", source_sheet="s", raw_text="")
    return at | dict(source_cell=f"{unit}:{item}") | changes


def broken(rule, rows, previous=()):
    """found, expected of what one rule finds in rows of :func:`one`."""
    form = {"f": {"rules": [rule | {"rule": "figure_jump"}]}}
    before = pd.DataFrame(list(previous))
    table = validate.figures(pd.DataFrame(list(rows)), form, before)
    return list(zip(table["source_cell"], table["found"], table["expected"], strict=True))


@pytest.mark.parametrize(
    ("now", "before", "told"),
    [
        (300, 100, False),  # threefold is still within
        (301, 100, True),
        (100, 300, False),
        (99, 300, True),
        (100, 10, True),  # one side of at least a hundred counts
        (99, 10, False),
        (10, 100, True),
        (10, 99, False),
    ],
)
def test_a_jump_is_more_than_so_many_times_where_a_side_counts(now, before, told):
    rule = dict(kind="jump", item="a", factor=3, at_least=100)
    said = [("01:a", str(now), str(before))] if told else []
    assert broken(rule, [one("a", now)], [one("a", before)]) == said
    assert broken(rule, [one("a", now)]) == [], "nothing is known of the period before"


@pytest.mark.parametrize(
    ("rule", "rows", "told"),
    [
        ({"kind": "at_most", "item": "a", "limit": "b"}, [("a", 5), ("b", 5)], []),
        ({"kind": "at_most", "item": "a", "limit": "b"}, [("a", 5.25), ("b", 5)],
         [("01:a", "5,25", "5")]),
        ({"kind": "at_most", "item": "a", "limit": "b"}, [("a", 6), ("b", None)], []),
        ({"kind": "at_most", "item": "a", "limit": "b"}, [("a", 6)], []),
        ({"kind": "sum", "total": "a", "parts": ["b", "c"]}, [("a", 5), ("b", 2), ("c", 3)], []),
        ({"kind": "sum", "total": "a", "parts": ["b", "c"]}, [("a", 4.5), ("b", 2), ("c", 3)],
         [("01:a", "4,50", "5")]),
        ({"kind": "sum", "total": "a", "parts": ["b", "c"], "tolerance": 1},
         [("a", 4), ("b", 2), ("c", 3)], []),
    ],
)  # fmt: skip
def test_what_two_figures_of_a_row_say_of_each_other(rule, rows, told):
    assert broken(rule, [one(item, value) for item, value in rows]) == told


@pytest.mark.parametrize(
    ("whole", "parts", "more", "told"),
    [
        (30, [10, 20], {}, []),
        (30.5, [10, 20], {}, [("01:a", "30,50", "30")]),
        (29, [10, 20], {}, [("01:a", "29", "30")]),
        (31, [10, 20], {"tolerance": 1}, []),
        (31.1, [10, 20], {"tolerance": 1}, [("01:a", "31,10", "30")]),
        (30 + 1e-10, [10, 20], {}, []),
        (99, [10, None], {}, []),  # a part is not known
        (None, [10, 20], {}, []),
    ],
)
def test_the_whole_is_the_sum_of_all_other_units(whole, parts, more, told):
    rows = [one("a", whole), *(one("a", p, f"0{n}") for n, p in enumerate(parts, 2))]
    rows += [one("b", 7), one("b", 1, "02")]  # an item that the rule does not name
    assert broken(dict(kind="whole", unit="01", items=["a"]) | more, rows) == told


def test_a_total_row_may_differ_by_what_adding_decimals_leaves_and_leaves_out_what_does_not_apply():
    rule = dict(kind="total_row")
    rows = [one("a", 0.1, field="x"), one("a", 0.2, field="y")]
    none = one("a", None, field="z", obs_status="M")
    assert broken(rule, [*rows, none, one("a", 0.3)]) == []
    assert broken(rule, [*rows, none, one("a", 0.3 + 1e-8)]) == [("01:a", "0,30", "0,30")]
    levels = [one("a", 1, field="x", level="p"), one("a", 2, field="x", level="q")]
    assert broken(rule, [*levels, one("a", 3)]) == []
    assert broken(rule, [*levels, one("a", 4)]) == [("01:a", "4", "3")]
    gap = one("a", None, field="z", obs_status="O")
    assert broken(rule, [*rows, gap, one("a", 9)]) == []


def test_an_opening_stock_is_the_closing_one_to_the_last_digit():
    rule = dict(kind="equals_previous", item="a", previous_item="b")
    assert broken(rule, [one("a", 5)], [one("b", 5), one("a", 9)]) == []
    assert broken(rule, [one("a", 5)], [one("b", 5.5)]) == [("01:a", "5", "5,50")]
    assert broken(rule, [one("a", None)], [one("b", 5)]) == []
    assert broken(rule, [one("a", 5)], [one("b", None)]) == []


def test_who_must_send_a_form_and_has_none_in_force_is_named():
    due = {"f": pd.DataFrame({"code": ["01", "02", "03"], "name_vi": ["Một", "Hai", "Ba"]})}
    rows = [("01", "in_force", "value"), ("02", "refused", "value"), ("03", "in_force", "unit")]
    cells = pd.DataFrame(rows, columns=["reporting_unit", "state", "role"]).assign(form="f")
    told = validate.completeness(cells, due)
    assert told[["reporting_unit", "form", "rule", "found", "expected"]].values.tolist() == [
        ["02", "f", "not_received", "Hai", "f"],
        ["03", "f", "not_received", "Ba", "f"],
    ]
    records = cells.assign(role="record", state="in_force")
    assert validate.completeness(records, due).empty


def test_a_level_that_lacks_is_told_once_at_each_file():
    values = pd.DataFrame([one("a", 1), one("b", 2), one("a", 1, "02")])
    absent = pd.DataFrame({"reporting_unit": ["01"], "form": ["f"], "level": ["commune"],
                           "name": ["Cấp xã"]})  # fmt: skip
    told = validate.levels_absent(values, absent)
    assert told[["source_file", "level", "expected", "rule"]].values.tolist() == [
        ["01.xlsx", "commune", "Cấp xã", "level_missing"]
    ]


def test_issues_stand_by_severity_then_file_then_sheet_and_are_open_or_answered():
    rules = {
        "n": dict(severity="note", vi="n {found}", en="n"),
        "b": dict(severity="blocking", vi="b", en="b"),
    }
    places = [("n", "a", "s"), ("b", "b", "s"), ("b", "a", "t"), ("b", "a", "s")]
    findings = FINDINGS.of(
        NOWHERE | dict(reporting_unit="01", form="f", rule=rule, source_file=file, found="5")
        | dict(source_sheet=sheet) for rule, file, sheet in places
    )  # fmt: skip
    issues = validate.issues(findings, rules, "2022-Q2")
    order = list(zip(issues["rule"], issues["source_file"], issues["source_sheet"], strict=True))
    assert order == [("b", "a", "s"), ("b", "a", "t"), ("b", "b", "s"), ("n", "a", "s")]
    assert set(issues["state"]) == {"open"} and issues["message_vi"].iloc[3] == "n 5"
    answered = dict(state="closed", answered_by="x", answered_on="2022-07-01", reason="y")
    told = validate.issues(findings.assign(**answered), rules, "2022-Q2")
    assert set(told["state"]) == {"closed"}
    assert set(told["answered_on"]) == {pd.Timestamp("2022-07-01")}
