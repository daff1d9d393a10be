"""What is hidden of a survey that nobody ships: other domains, overlaps, bad cases."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from analysis.survey import protection

ASKED = {"measures": {"fee": {}, "online": {"of": {}}}, "domains": ["zone", "belt"]}


def survey(zone: str, belt: str, fee=None) -> pd.DataFrame:
    """One answer for each letter of the codes of its domains."""
    table = pd.DataFrame({"zone": list(zone), "belt": list(belt)})
    rising = 10.0 + np.arange(len(table)) % 7
    return table.assign(
        response=[f"f{n}" for n in range(len(table))], procedure_group="g", province="p",
        design_weight=1.0 + np.arange(len(table)) % 3, fee=rising if fee is None else fee,
        online=100.0,
    )  # fmt: skip


def published(answers: pd.DataFrame, asked: dict = ASKED, provinces=()) -> pd.DataFrame:
    rows = []
    for measure, group in product(asked["measures"], answers["procedure_group"].unique()):
        held = answers[answers[measure].notna() & (answers["procedure_group"] == group)]
        kinds = [("_T", "_T", held)]
        kinds += [(d, c, own) for d in asked["domains"] for c, own in held.groupby(d)]
        rows += [(group, d, c, measure, own["response"].nunique()) for d, c, own in kinds]
    rows += [("_T", "province", p, "fee", own["response"].nunique()) for p, own in provinces]
    columns = ["procedure_group", "domain", "category", "measure", "respondents"]
    return pd.DataFrame(rows, columns=columns).assign(
        statistic="mean", variant="", time=1.0, estimate=1.0
    )


def hidden(answers, asked=ASKED, provinces=(), percent=10, minimum=5) -> pd.DataFrame:
    table = published(answers, asked, provinces)
    found = protection.protect(answers, table, asked, minimum, percent)
    assert found.index.equals(table.index)
    return found[found["reason"] != ""].set_index(["measure", "domain", "category"])


def test_nothing_is_hidden_where_nothing_is_told():
    assert hidden(survey("a" * 20 + "b" * 20, "x" * 10 + "y" * 20 + "x" * 10)).empty


def test_domains_that_differ_by_one_firm_are_not_both_shown():
    """Zone a is belt x but for one firm: their difference is what it answered."""
    found = hidden(survey("a" * 20 + "b" * 20, "x" * 21 + "y" * 19))
    assert set(found["reason"]) == {"secondary"}
    for measure in ("fee", "online"):  # one of the two pairs, a − x or b − y, stands for both
        gone = found.loc[measure].index
        assert {"zone", "belt"} & {d for d, _ in gone} and ("_T", "_T") not in gone
        left = {c for c in "abxy"} - {c for _, c in gone}
        assert not {"a", "x"} <= left and not {"b", "y"} <= left
        assert not left & {"a", "b"} or not left & {"x", "y"}, "the whole less b is a"


def test_a_domain_that_one_firm_dominates_is_hidden_by_its_weight():
    """Unweighted no firm stands out; weighted one has 95 % of its zone."""
    answers = survey("a" * 20 + "b" * 20 + "c" * 20, "xy" * 30, fee=10.0)
    answers.loc[3, "design_weight"] = 900.0
    found = hidden(answers)
    assert found.loc[("fee", "zone", "a"), "reason"] == "dominated"
    assert "online" not in found.index, "of a share nothing is to be learnt by weights"
    assert len(found.loc["fee"]) > 1, "the whole less b and c would be a"


def test_provinces_hide_what_their_region_would_tell():
    answers = survey("a" * 24 + "b" * 24, "xy" * 24, fee=10.0)
    answers["province"] = list("ppppppppqqqqqqqqrrrrrrrr" + "s" * 12 + "t" * 12)
    answers.loc[0, "fee"] = 4000.0
    found = hidden(answers, provinces=list(answers.groupby("province")))
    gone = found.loc["fee"]
    assert gone.loc[("province", "p"), "reason"] == "dominated"
    assert (gone["reason"] == "secondary").any()


def test_sums_and_parts_are_told_apart_by_who_answered_them():
    """Two firms without a time: the whole less time and fee is theirs."""
    asked = {"measures": {"cost": {"parts": ["time", "fee"]}, "time": {}, "fee": {}},
             "domains": []}  # fmt: skip
    answers = survey("a" * 30, "x" * 30).assign(time=20.0)
    answers["cost"] = answers["time"] + answers["fee"]
    assert hidden(answers, asked).empty
    answers.loc[:1, ["time", "cost"]] = [np.nan, np.nan]
    assert len(hidden(answers, asked)) == 1


@pytest.mark.parametrize("answers", [
    survey("a" * 3, "x" * 3),
    survey("a" * 6, "x" * 6, fee=[1e9, 1, 1, 1, 1, 1]),
    survey("abcdefgh", "xxxxyyyy"),
    survey("a" * 9, "x" * 9, fee=0.0),
    survey("a" * 9, "x" * 9, fee=np.nan),
], ids=["few", "dominated", "singles", "nothing paid", "no answer"])  # fmt: skip
def test_where_nothing_can_be_shown_it_is_hidden_and_said(answers):
    found = hidden(answers)
    shown = published(answers).loc[lambda t: t["respondents"] > 0]
    told = shown.set_index(["measure", "domain", "category"]).drop(found.index)
    assert (told["respondents"] >= 5).all()
    assert found["protects"].ne("").all()


ONE = {"measures": {"fee": {}}, "domains": ["zone"]}


def test_the_least_important_cell_is_hidden_first():
    """A variant, then the cell of a domain with the fewest firms, of equals the first; the whole
    is the last, however few it is of."""
    rows = [("_T", "", 6), ("zone", "", 8), ("zone", "", 7), ("belt", "", 7), ("zone", "", 0),
            ("zone", "", 4), ("_T", "low", 99), ("zone", "", 5)]  # fmt: skip
    table = pd.DataFrame(rows, columns=["domain", "variant", "respondents"])
    cells = protection.Cells(table, 5, 0.1)
    assert cells.reason.tolist() == [""] * 5 + ["few_respondents"] + [""] * 2
    assert (
        cells.protects[5] == "itself"
        and cells.shown().tolist() == [True] * 4 + [False] * 2 + [True] * 2
    )
    among = np.array([0, 1, 2, 3, 4, 5, 6])
    assert [cells.hide(among, "x") for _ in range(6)] == [6, 2, 3, 1, 0, None]
    assert set(cells.reason[among[[0, 1, 2, 3, 6]]]) == {"secondary"} and cells.reason[7] == ""
    assert cells.protects[0] == "x"
    alone = protection.Cells(pd.DataFrame({"respondents": [1, 0]}), 1, 0.1)
    assert alone.shown().tolist() == [True, False], "where one is enough"


def test_what_is_hidden_says_why_and_how_closely_it_is_bounded():
    """Of 3, 20 and 30 firms the first are too few; 3 and 20 weigh 6 and 39, together 45."""
    found = hidden(survey("a" * 3 + "b" * 20 + "c" * 30, "x" * 53, fee=10.0), ONE).loc["fee"]
    assert found["reason"].to_dict() == {
        ("zone", "a"): "few_respondents",
        ("zone", "b"): "secondary",
    }
    assert found.loc[("zone", "a"), "protects"] == "itself"
    assert found.loc[("zone", "b"), "protects"] == "a combination of 3 firms"
    assert found["bound_low"].tolist() == pytest.approx([0, 0], abs=1e-6)
    assert found["bound_high"].tolist() == pytest.approx([45 / 6, 45 / 39])


@pytest.mark.parametrize(("last", "reason"), [(5.0, None), (4.9, "dominated")])
def test_a_firm_dominates_where_the_rest_is_less_than_p_percent_of_it(last, reason):
    """100, 50 and 5 + 5: the second knows the first but for 10."""
    answers = survey("a" * 4 + "b" * 9, "x" * 13).assign(design_weight=1.0)
    answers.loc[:3, "fee"] = [100.0, 50, 5, last]
    found = hidden(answers, ONE, minimum=2)["reason"].to_dict()
    assert found.get(("fee", "zone", "a")) == reason


def test_a_sum_is_hidden_with_a_part_that_one_firm_dominates():
    asked = {"measures": {"cost": {"parts": ["time", "fee"]}, "time": {}, "fee": {}},
             "domains": []}  # fmt: skip
    answers = survey("a" * 30, "x" * 30, fee=1e5).assign(time=20.0, design_weight=1.0)
    answers.loc[0, "time"] = 1e4
    answers["cost"] = answers["time"] + answers["fee"]
    found = hidden(answers, asked)
    assert found["reason"].droplevel([1, 2]).to_dict() == {"time": "dominated", "cost": "secondary"}
    assert found["protects"].droplevel([1, 2]).to_dict() == {
        "time": "itself",
        "cost": "a part of it",
    }


def test_provinces_and_regions_tell_of_each_other():
    """Zone a is p and q, b is r: of three firms in p, q would tell by its zone."""
    answers = survey("a" * 12 + "b" * 12, "x" * 24, fee=10.0)
    answers["province"] = list("ppp" + "q" * 9 + "r" * 12)
    found = hidden(answers, ONE, provinces=list(answers.groupby("province")))
    assert found["reason"].to_dict() == {
        ("fee", "province", "p"): "few_respondents", ("fee", "province", "q"): "secondary"
    }  # fmt: skip
    few = survey("a" * 3 + "b" * 9 + "c" * 12, "x" * 24, fee=10.0)
    few["province"] = list("ppp" + "q" * 9 + "r" * 12)
    found = hidden(few, ONE, provinces=list(few.groupby("province")))
    gone = {(d, c) for _, d, c in found.loc[["fee"]].index}
    assert gone == {("zone", "a"), ("zone", "b"), ("province", "p"), ("province", "q")}


def test_what_all_provinces_add_up_to_hides_no_other_domain():
    """Of p three firms: q is hidden, not belts x and y, of fewer firms, which tell nothing of p."""
    answers = survey("a" * 24, "xxyyzzzzzz" + "xxxxyyyyyzzzzz", fee=10.0)
    answers["province"] = list("ppp" + "q" * 9 + "r" * 12)
    asked = ONE | {"domains": ["belt"]}
    found = hidden(answers, asked, provinces=list(answers.groupby("province")))
    assert {(d, c) for _, d, c in found.index} == {("province", "p"), ("province", "q")}


@pytest.mark.parametrize("zones", ["ab", "ba"])
def test_provinces_of_a_zone_less_it_in_another_group_tell_of_few(zones):
    """r and s are one zone: both, less the answers about h there, are those of 3 firms about g."""
    first, second = zones
    answers = survey(first * 6 + second * 3 + first * 6 + second * 24, "x" * 39, fee=10.0)
    answers["province"] = list("pppqqqrrs" + "q" * 6 + "r" * 12 + "s" * 12)
    answers["procedure_group"] = ["g"] * 9 + ["h"] * 30
    table = published(answers, ONE, list(answers.groupby("province")))
    found = protection.protect(answers, table, ONE, 5, 10)
    gone = table[found["reason"] != ""]
    gone = set(gone[["procedure_group", "category"]].itertuples(index=False, name=None))
    few = {("g", first), ("g", second), ("_T", "p"), ("_T", "q")}
    assert gone == few | {("_T", "s")}


def test_bounds_are_on_the_scale_of_the_mean():
    """Zone a holds belt x: of 30 firms 20 are known, and all 33 are known. b is 13 of y at most."""
    answers = survey("a" * 30 + "b" * 3, "x" * 20 + "y" * 13, fee=10.0).assign(design_weight=1.0)
    asked = ONE | {"domains": ["zone", "belt"]}
    table = published(answers, asked).assign(estimate=3.0)
    found = protection.protect(answers, table, asked, 5, 10).set_index("category")
    ends = found.loc[["a", "b"], ["bound_low", "bound_high"]].to_numpy()
    assert ends == pytest.approx(np.array([[2, 3.3], [0, 13]]), abs=1e-6)
