"""Which methods of an index go together, as its file says them."""

import pytest
import yaml
from r_index import PUBLISHED

from analysis.catalogue import frameworks, tree
from analysis.catalogue.reader import CatalogueError

TAI = yaml.safe_load((PUBLISHED / "tai" / "tai.yml").read_text("utf-8"))
OWN = {"normalise": {"method": "mazziotta_pareto"}}
Z = {"method": "z_score", "mean": 100, "sd": 10}


def loaded(tmp_path, **changes):
    path = tmp_path / "tai.yml"
    path.write_text(yaml.safe_dump(TAI | changes, allow_unicode=True), "utf-8")
    return frameworks.load(path)


@pytest.mark.parametrize(
    "changes",
    [
        {"aggregate": "mazziotta_pareto", **OWN},
        {"aggregate": "power_2"},
        {"aggregate": "power_half", "normalise": Z},
        {"aggregate": "copeland"},
        {"aggregate": "kemeny"},
        {"normalise": {"method": "goalposts_uncut"}},
        {"missing_children": {"at_least": {"dimension": 0.5, "framework": 1}}},
        {"weight": "equal_influence"},
        {"favourable": {"least": 0.05, "most": 0.4}},
        {"screen": {"units_not_zero": 0.5, "indicators_not_zero": 0.2}},
        {
            "normalise": {"method": "min_max"},
            "uncertainty": {
                "replicates": 9,
                "seed": 1,
                "aggregate": ["power_3", "mazziotta_pareto", "copeland", "kemeny"],
                "treat": ["boxcox", {"method": "winsorise", "at_most": 1}, "log_either"],
            },
        },
    ],
)
def test_each_new_method_is_reached_by_its_name(tmp_path, changes):
    made = loaded(tmp_path, **changes)
    assert tree.of(made).means


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"aggregate": "mazziotta_pareto"}, "needs its own scale"),
        ({"aggregate": "power_2", "normalise": {"method": "z_score"}}, "no power_2 mean"),
        ({"aggregate": "geometric", "normalise": {"method": "goalposts_uncut"}}, "below the scale"),
        ({"normalise": {"method": "z_score", "mean": 100}}, "mean and sd go together"),
        ({"normalise": {"method": "goalposts", "mean": 1, "sd": 2}}, "are for z_score"),
        ({"aggregate": "copeland", "rank_within": "type"}, "rank_within must be all"),
        (
            {"aggregate": "kemeny", "normalise": {"method": "min_max", "range": [1, 7]}},
            "begin at 0",
        ),
        ({"weight": "equal_influence", "aggregate": "copeland"}, "is of means"),
        ({"weight": "relative"}, "no weight, and weights are given"),
        ({"favourable": {"least": 0.2}}, "no shares of 8 indicators lie between 0.2 and 1"),
        ({"aggregate": "power_7"}, "power_7"),
        ({"treat": "boxcox"}, "not of their logarithm"),
    ],
)
def test_what_does_not_go_together_is_refused_with_the_reason(tmp_path, changes, reason):
    with pytest.raises(CatalogueError, match=reason):
        loaded(tmp_path, **changes)
