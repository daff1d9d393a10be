"""What a survey says of its questions fits together, or is named with its place."""

import copy

import pytest

from analysis.catalogue import catalogue, survey_checks

CATALOGUE = catalogue.load()
SURVEY = CATALOGUE.surveys["apci"]


def faults(change) -> list[tuple[tuple, str]]:
    survey = copy.deepcopy(SURVEY)
    change(survey)
    return list(survey_checks.faults(survey, CATALOGUE.rules))


def test_the_shipped_survey_has_no_fault():
    assert faults(lambda s: None) == []


def item(survey: dict, code: str) -> dict:
    return survey["columns"][code]


@pytest.mark.parametrize(
    ("change", "where", "told"),
    [
        (
            lambda s: s["questionnaire"][0]["items"].append("nobody"),
            ("questionnaire", 0, "items"),
            "no column nobody",
        ),
        (
            lambda s: s["questionnaire"][1]["items"].remove("route"),
            ("questionnaire",),
            "route is required and not asked",
        ),
        (
            lambda s: s["questionnaire"][1].update(section="doanh_nghiep"),
            ("questionnaire", 0, "section"),
            "something else",
        ),
        (
            lambda s: s["questionnaire"][1].update(section="tinh"),
            ("questionnaire", 1, "section"),
            "something else",
        ),
        (
            lambda s: item(s, "fees").update(asked_if={"route": ["alone"]}),
            ("columns", "fees", "asked_if"),
            "route has no choice alone",
        ),
        (
            lambda s: item(s, "fees").update(asked_if={"nobody": ["1"]}),
            ("columns", "fees", "asked_if"),
            "nobody is no column of choices",
        ),
        (
            lambda s: item(s, "province").update(asked_if={"informal": ["yes"]}),
            ("columns", "province", "asked_if"),
            "informal is not asked before",
        ),
        (
            lambda s: item(s, "fees").update(asked_if={"visits": ["1"]}),
            ("columns", "fees", "asked_if"),
            "visits is no column of choices",
        ),
        (
            lambda s: item(s, "procedure").update(asked_if={"route": ["own"]}),
            ("columns", "procedure", "asked_if"),
            "route is not asked before",
        ),
        (
            lambda s: item(s, "route")["labels"].update(alone={"vi": "a", "en": "b"}),
            ("columns", "route", "labels", "alone"),
            "no choice alone",
        ),
        (
            lambda s: item(s, "route")["labels"]["own"].update(vi="Trọn gói"),
            ("columns", "route"),
            "both own and outsourced",
        ),
        (
            lambda s: s["contradictions"][0].update(rule="no_such_rule"),
            ("contradictions", 0, "rule"),
            "not in rules.yml",
        ),
        (
            lambda s: s["contradictions"][0].update(above_zero=["route"]),
            ("contradictions", 0, "above_zero"),
            "route is no such column",
        ),
        (
            lambda s: s["contradictions"][4].update(before=["end_date", "fees"]),
            ("contradictions", 4, "before"),
            "fees is no such column",
        ),
    ],
)
def test_what_does_not_fit_is_named_with_its_place(change, where, told):
    found = faults(change)
    assert any(place == where and told in what for place, what in found), found
