"""The first sentence on a unit: rank, change and targets, of each only what there is."""

from datetime import date

import pandas as pd
import pytest

from analysis.topics import ranked_unit

ON = date(2022, 6, 14)
LISTED = pd.DataFrame(
    {
        "code": ["a", "b", "c", "d"],
        "due": pd.to_datetime(["2022-06-01", "2022-03-31", "2025-12-31", None]),
        "unit_measure": ["percent"] * 4,
        "name_vi": ["Mục tiêu a", "Mục tiêu b", "Mục tiêu c", "Mục tiêu d"],
    }
)


def own(rank: float = 3, ranked: int = 34) -> pd.DataFrame:
    row = {"level": "framework", "code": "f", "rank": rank, "ranked": ranked, "score": 1.0}
    return pd.DataFrame([row, {**row, "level": "dimension", "rank": 1}])


def judged(**verdicts: tuple[str, float]) -> pd.DataFrame:
    rows = [(target, *told) for target, told in verdicts.items()]
    return pd.DataFrame(rows, columns=["target", "verdict", "gap"])


def told(scores=None, changes=(), verdicts=None) -> list[str]:
    change = pd.DataFrame({"change": [float(c) for c in changes]})
    asked = judged(**(verdicts or {}))
    scores = own() if scores is None else scores
    return ranked_unit.clauses(scores, change, "các tỉnh", "2022-Q1", asked, LISTED, ON)


def test_rank_change_and_distance_stand_in_this_order():
    verdicts = {"a": ("not_met", -12.34), "b": ("met", 3.0), "c": ("not_met", -50.0)}
    assert told(changes=[1.5, float("nan"), -0.25], verdicts=verdicts) == [
        "hạng 3/34 trong các tỉnh",
        "tăng 1,25 điểm so với kỳ 2022-Q1",
        "đạt 1 trong 2 mục tiêu đã đến hạn, xa nhất là “Mục tiêu a” (thiếu 12,3 điểm phần trăm)",
    ]


@pytest.mark.parametrize(
    ("changes", "said"),
    [([-2], "giảm 2,00 điểm"), ([0.001], "không đổi"), ([-0.004], "không đổi")],
)
def test_the_direction_of_the_change_is_said(changes, said):
    assert told(changes=changes)[1].startswith(said)


def test_what_there_is_not_is_not_said():
    """No rank of one; no change without an earlier period; no target that is not due or judged."""
    nothing = {"c": ("met", 1.0), "a": ("unverified", float("nan")), "b": ("no_data", float("nan"))}
    assert told(own(ranked=1), verdicts=nothing) == []
    assert told(own(rank=float("nan")), changes=[float("nan")]) == []


def test_a_target_without_a_day_is_always_due_and_all_kept_names_none():
    verdicts = {"d": ("met", 0.0), "a": ("met", 2.0)}
    assert told(verdicts=verdicts)[1:] == ["đạt 2 trong 2 mục tiêu đã đến hạn"]
