import os
import shutil
import subprocess
import sys
from datetime import date

import pytest

from analysis.catalogue import catalogue as cat
from analysis.catalogue import dated, plans, reader, unit_lists
from analysis.language.words import fold
from analysis.project import PROJECT, ROOT, Place


@pytest.fixture()
def project(tmp_path):
    shutil.copytree(Place().catalogue, tmp_path / "data/catalogue")
    shutil.copytree(Place().submissions("2026-Q3"), tmp_path / "data/submissions/2026-Q3")
    return tmp_path


@pytest.fixture(scope="module")
def catalogue():
    return cat.load()


def edit(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (
            date(2022, 6, 14),
            {
                "ministry": 18,
                "ministerial_level": 4,
                "government_agency": 8,
                "province": 58,
                "centrally_run_city": 5,
            },
        ),
        (
            date(2025, 7, 1),
            {
                "ministry": 14,
                "ministerial_level": 3,
                "government_agency": 5,
                "province": 28,
                "centrally_run_city": 6,
            },
        ),
    ],
)
def test_units_by_date_are_those_of_the_law(catalogue, day, expected):
    units = catalogue.units_on(day)
    own = units["type"].isin(expected) & (units["parent"] == "")
    assert units.loc[own, "type"].value_counts().to_dict() == expected


def test_no_name_means_two_units_on_one_day(catalogue):
    for day in (date(2022, 6, 14), date(2025, 2, 1), date(2025, 7, 1)):
        units = catalogue.units_on(day)
        owner = {}
        for i in units.index:
            for name, code in unit_lists.unit_names(units.loc[[i]]).items():
                assert owner.setdefault(name, code) == code, name


def test_reused_codes_mean_the_unit_of_the_day(catalogue):
    names = {
        day: unit_lists.unit_names(catalogue.units_on(day))
        for day in (date(2022, 6, 14), date(2025, 7, 1))
    }
    before, after = names.values()
    assert (before[fold("Lào Cai")], before[fold("Yên Bái")]) == ("10", "15")
    assert after[fold("Lào Cai")] == "15" and fold("Yên Bái") not in after


def test_every_message_can_be_worded(catalogue):
    for rule in catalogue.rules.values():
        for lang in ("vi", "en"):
            assert rule[lang].format(raw_text="1", found="2", expected="3")


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        ("proposals.yml", "Có lẽ {explained}", "Có lẽ {explaned}", "vi: {explaned} is not known"),
        ("proposals.yml", '{figure}", en:', '{figure}}", en:', "vi: Single '}'"),
        ("proposals.yml", "{cell} says", "{cell.real} says", "en: {cell.real} is not known"),
        ("proposals.yml", "at least {low}", "at least {low:>9}", "en: {low:>9} is not known"),
        ("proposals.yml", "; hoặc ", "; {or} ", "known: nothing in braces"),
        ("rules.yml", "{expected}", "{expcted}", "{expcted} is not known here"),
    ],
)
def test_words_name_only_what_they_are_filled_with(project, name, old, new, told):
    line = edit(project / "data/catalogue" / name, old, new)
    with pytest.raises(reader.CatalogueError) as error:
        cat.load(project)
    (found,) = str(error.value).splitlines()
    assert found.startswith(f"{name}:{line}: ") and told in found


def test_broken_files_are_reported_all_at_once_with_file_and_line(project):
    folder = project / "data/catalogue"
    line = edit(folder / "frameworks/qd766.yml", "direction: 1", "direction: 7")
    edit(folder / "forms/II.06a.yml", "rule: jump, kind: expected_range", "rule: jump, kind: leap")
    edit(folder / "codelists/units.csv", "BQP,Bộ Quốc phòng", "B/QP,Bộ Quốc phòng")
    with pytest.raises(reader.CatalogueError) as error:
        cat.load(project)
    text = str(error.value)
    assert f"qd766.yml:{line}: " in text
    assert "leap" in text and "units.csv:2: B/QP" in text


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "BTTTT,BVHTTDL,",
            "BTTTX,BVHTTDL,",
            "BTTTX to BVHTTDL: from_unit is no unit on the day before",
        ),
        ("BTTTT,BVHTTDL,", "BKHCN2025,BVHTTDL,", "BKHCN2025 to BVHTTDL: from_unit is no unit"),
        ("BTTTT,BVHTTDL,", "BTTTT,BTTTT,", "BTTTT to BTTTT: gives to itself"),
        (
            "BLDTBXH,BNNMT,",
            "BLDTBXH,BNNPTNT,",
            "BLDTBXH to BNNPTNT: to_unit is no unit on that day",
        ),
        (
            "2025-03-01,báo chí,press",
            "01/03/2025,báo chí,press",
            "BTTTT to BVHTTDL: date is no day",
        ),
        (
            "2025-03-01,báo chí,press",
            "2025-02-30,báo chí,press",
            "BTTTT to BVHTTDL: date is no day",
        ),
        (",báo chí,press", ",,press", "BVHTTDL: a name is missing"),
        ("press,verified", "press,", "BVHTTDL: no certainty or source"),
        ("date,function_vi", "day,function_vi", "columns missing: date"),
    ],
)
def test_faults_of_transfers_are_reported_with_their_line(project, old, new, message):
    line = edit(project / "data/catalogue/codelists/transfers.csv", old, new)
    with pytest.raises(reader.CatalogueError) as error:
        cat.load(project)
    assert f"transfers.csv:{line}: " in str(error.value) and message in str(error.value)


def test_all_faults_of_transfers_are_reported_at_once(project):
    path = project / "data/catalogue/codelists/transfers.csv"
    edit(path, "BTTTT,BVHTTDL,2025-03-01", "BTTTT,BVHTTDL,soon")
    edit(path, "BLDTBXH,BGDDT,", "BLDTBXH,BGDDX,")
    with pytest.raises(
        reader.CatalogueError, match="(?s)csv:2: .*: date is no.*csv:3: BLDTBXH to BGDDX"
    ):
        cat.load(project)


def test_a_successor_must_exist_the_day_after(project):
    path = project / "data/catalogue/codelists/units.csv"
    line = edit(path, "2025-06-30,15,verified", "2025-06-30,10,verified")
    with pytest.raises(reader.CatalogueError, match=rf"units.csv:{line}: 10: successor is no unit"):
        cat.load(project)


def test_whether_an_item_adds_is_yes_or_no(project):
    path = project / "data/catalogue/forms/npsp766.yml"
    line = edit(path, "additive: false", "additive: never")
    with pytest.raises(reader.CatalogueError, match=rf"npsp766.yml:{line}: .*additive"):
        cat.load(project)


def test_points_must_add_up_and_items_must_exist(project):
    path = project / "data/catalogue/frameworks/qd766.yml"
    edit(path, "points: {max: 6,", "points: {max: 5,")
    edit(path, "numerator: [dossiers_on_time]", "numerator: [dossiers_in_dreams]")
    with pytest.raises(
        reader.CatalogueError, match="(?s)no form has item dossiers_in_dreams.*17 points"
    ):
        cat.load(project)


def test_a_value_must_exist_in_a_form_and_a_ratio_is_in_percent(project):
    folder = project / "data/catalogue/frameworks"
    edit(folder / "qd766_groups.yml", "value: score_progress", "value: score_of_dreams")
    line = edit(folder / "qd766.yml", "unit_measure: percent", "unit_measure: points")
    with pytest.raises(reader.CatalogueError) as error:
        cat.load(project)
    assert "no form has item score_of_dreams" in str(error.value)
    assert f"qd766.yml:{line}: published_on_time: a ratio is in percent" in str(error.value)


def test_the_indicator_of_the_same_notion_must_exist(project):
    path = project / "data/catalogue/frameworks/nq01.yml"
    line = edit(path, "indicator: dossiers_online", "indicator: dossiers_dreamt")
    message = "online_dossier_share: same_notion: qd766_06a has no indicator dossiers_dreamt"
    with pytest.raises(reader.CatalogueError, match=rf"nq01.yml:\d+: {message}") as error:
        cat.load(project)
    assert abs(int(str(error.value).partition("nq01.yml:")[2].partition(":")[0]) - line) <= 3


def test_the_item_of_a_standard_error_must_exist(project):
    path = project / "data/catalogue/frameworks/par_like.yml"
    line = edit(path, "standard_error: steering_survey_error", "standard_error: error_of_dreams")
    message = f"par_like.yml:{line}: steering_survey: no form has item error_of_dreams"
    with pytest.raises(reader.CatalogueError, match=message):
        cat.load(project)


def test_who_is_not_ranked_must_be_a_unit(project):
    path = project / "data/catalogue/frameworks/par_like.yml"
    line = edit(path, "units: [UBDT, TTCP]", "units: [UBDT, TTPC]")
    with pytest.raises(
        reader.CatalogueError, match=f"par_like.yml:{line}: not_ranked: no unit TTPC"
    ):
        cat.load(project)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("formula: {value: score_progress}", "formula: {}"),
        ("formula: {value: score_progress}", "formula: {standard_error: score_progress}"),
        ("formula: {value: score_progress}",
         "formula: {ratio: {numerator: [a], denominator: [b]}, standard_error: score_progress}"),
        ("formula: {value: score_progress}",
         "formula: {value: score_progress, ratio: {numerator: [a], denominator: [b]}}"),
        ("unit_measure: points", "unit_measure: apples"),
    ],
)  # fmt: skip
def test_a_formula_is_one_of_the_closed_list(project, old, new):
    path = project / "data/catalogue/frameworks/qd766_groups.yml"
    line = edit(path, old, new)
    with pytest.raises(reader.CatalogueError, match=f"qd766_groups.yml:{line}: "):
        cat.load(project)


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("columns: {reporting_unit: unit_as_published, ",
         "columns: {reporting_unit: unit_as_published, group: g, ",
         "read_from must name element and group"),
        ("kind: sum, total", "kind: at_most, total", "at_most knows no tolerance"),
        ("tolerance: 0.005", "tolerance: -1", "less than the minimum"),
    ],
)  # fmt: skip
def test_a_long_form_says_where_each_item_stands_and_only_sums_have_a_tolerance(
    project, old, new, what
):
    edit(project / "data/catalogue/forms/qd766_groups.yml", old, new)
    with pytest.raises(reader.CatalogueError, match=what):
        cat.load(project)


def test_yaml_that_does_not_parse_names_its_line(project):
    path = project / "data/catalogue/rules.yml"
    path.write_text("rules:\n  a: {severity: blocking\n", encoding="utf-8")
    with pytest.raises(reader.CatalogueError, match=r"rules.yml:\d+: cannot be read"):
        cat.load(project)


def test_due_units_may_be_named_one_by_one_and_must_exist(project, catalogue):
    path = project / "data/submissions/2026-Q3/period.yml"
    line = edit(path, 'due: {parent: "25"}', 'due: {units: ["01", "25"]}')
    due = plans.due_units(catalogue, plans.plan("2026-Q3", catalogue, project))
    assert due["name_en"].tolist() == ["Ha Noi City", "Phu Tho Province"]
    edit(path, '["01", "25"]', '["01", "02", "72"]')  # both merged away in 2025
    with pytest.raises(reader.CatalogueError) as error:
        plans.plan("2026-Q3", catalogue, project)
    for code in ("02", "72"):
        assert f"period.yml:{line}: due: no unit {code} on 2026-09-30" in str(error.value)


def test_a_form_may_be_due_from_some_of_the_units_alone(project):
    path = project / "data/catalogue/forms/npsp766.yml"
    edit(path, "layout: long", "layout: long\nreporters: {types: [province], units: [H44.01]}")
    catalogue = cat.load(project)
    plan = plans.plan("2026-Q3", catalogue, project)
    due = plans.due_units(catalogue, plan, "npsp766")
    assert due["code"].tolist() == ["25", "H44.01"]
    assert len(plans.due_units(catalogue, plan)) == 164
    line = edit(path, "[province], units: [H44.01]", "[provinces], units: [H45]")
    with pytest.raises(reader.CatalogueError) as error:
        cat.load(project)
    for what in ("type provinces", "unit H45"):
        assert f"npsp766.yml:{line}: reporters: no {what}" in str(error.value)


def test_what_the_plan_asks_for_is_followed_by_what_there_is(project):
    path = project / "data/catalogue/systems.yml"
    line = edit(path, "forms: [npsp766, ", "forms: [npsp767, ")
    edit(path, "surveys: [apci]", "surveys: [apcj]")
    with pytest.raises(reader.CatalogueError) as error:
        cat.load(project)
    assert f"systems.yml:{line}: forms: npsp767 is not in the catalogue" in str(error.value)
    assert "surveys: apcj is not in the catalogue" in str(error.value)


@pytest.mark.parametrize("due", ["{}", "{units: [01]}", '{units: ["01", "01"]}', "{kinds: [x]}"])
def test_due_is_one_of_the_closed_list(project, catalogue, due):
    path = project / "data/submissions/2026-Q3/period.yml"
    line = edit(path, 'due: {parent: "25"}', f"due: {due}")
    with pytest.raises(reader.CatalogueError, match=rf"period.yml:{line}: due"):
        plans.plan("2026-Q3", catalogue, project)


def test_figures_that_begin_later_than_their_period_say_so(project, catalogue):
    path = project / "data/submissions/2026-Q3/period.yml"
    line = edit(path, "synthetic: false", "covered_from: 2026-08-01\nsynthetic: false")
    plan = plans.plan("2026-Q3", catalogue, project)
    assert (plan.start, plan.end) == (date(2026, 8, 1), date(2026, 9, 30))
    for wrong in ("2026-10-01", "soon"):
        held = path.read_text("utf-8").splitlines()
        held[line - 1] = f"covered_from: {wrong}"
        path.write_text("\n".join(held), "utf-8")
        with pytest.raises(
            reader.CatalogueError, match=f"period.yml:{line}: covered_from:? must be"
        ):
            plans.plan("2026-Q3", catalogue, project)


def test_an_unknown_period_names_the_known_ones(project, catalogue):
    with pytest.raises(reader.CatalogueError, match="2030-Q1 is unknown.*2026-Q3"):
        plans.plan("2030-Q1", catalogue, project)


def test_a_period_file_may_not_name_what_is_not_there(project, catalogue):
    path = project / "data/submissions/2026-Q3/period.yml"
    line = edit(path, "forms: [npsp766]", "forms: [nowhere]")
    with pytest.raises(reader.CatalogueError, match=rf"period.yml:{line}: forms: nowhere"):
        plans.plan("2026-Q3", catalogue, project)


def faults(project) -> list[str]:
    with pytest.raises(reader.CatalogueError) as raised:
        cat.load(project)
    return str(raised.value).splitlines()


_FORM_FAULTS = [
    ("number: 4, item: results_digitised", "number: 5, item: results_digitised",
     "column 5 stands in place 4"),
    ("number: 5, item: digitisation_dossiers", "number: 5, item: no_such_item",
     "column 5: unknown item no_such_item"),
    ("[Hồ sơ tiếp nhận trong kỳ, Đã số hóa]", "[Hồ sơ tiếp nhận trong kỳ, Tổng số]",
     "column 6: another column has the same head"),
    ("en: [Dossiers received, Digitised]", "en: [Digitised]",
     "column 6: heads differ in number between vi and en"),
    ("unit_types: [ministry, ministerial_level", "unit_types: [minister, ministerial_level",
     "ministry: no unit type minister"),
    ("heading: {vi: Cấp xã", "heading: {vi: CẤP HUYỆN", "commune: another level has the same"),
    ("kind: at_most, item: results_digitised, limit: results_valid",
     "kind: at_most, item: results_digitised", "rule results_within_valid: at_most needs limit"),
    ("limit: digitisation_dossiers", "limit: dossier",
     "rule digitised_within_received: unknown item dossier"),
    ("sheet: Số hóa", "sheet: CPĐT", "form egov has a sheet of the same name"),
]  # fmt: skip


def test_every_fault_of_a_form_is_reported_at_once_with_its_line(project):
    path = project / "data/catalogue/forms/digitisation.yml"
    wanted = [(edit(path, old, new), what) for old, new, what in _FORM_FAULTS]
    found = faults(project)
    for line, what in wanted:
        assert any(f.startswith(f"forms/digitisation.yml:{line}: {what}") for f in found), what
    assert any("items" not in f and "digitisation_dossiers has 0 columns" in f for f in found)


_FRAMEWORK_FAULTS = [
    ("denominator: [online_services]}}", "denominator: [online]}}",
     "services_integrated_share: no form has item online"),
    ("level: commune", "level: village",
     "work_files_online_commune: work_files_online has no level village"),
    ("    direction: 1\n", "    direction: 1\n    weight: 2\n",
     "online_services_share: weight, but the framework is followed only"),
    ("dimension: payment", "dimension: paying", "online_payment_share: no dimension paying"),
]  # fmt: skip


def test_every_fault_of_a_framework_is_reported_at_once_with_its_line(project):
    path = project / "data/catalogue/frameworks/nq01.yml"
    for old, new, _ in _FRAMEWORK_FAULTS:
        edit(path, old, new)
    found = faults(project)
    named = [f for f in found if f.startswith("frameworks/nq01.yml:")]
    lines = path.read_text("utf-8").splitlines()
    for _, new, what in _FRAMEWORK_FAULTS:
        (fault,) = [f for f in named if what in f]
        line = lines[int(fault.split(":")[1]) - 1]
        assert new.strip().splitlines()[-1].strip() in line or what.split(":")[0] in line


def test_a_framework_is_scored_in_full_or_not_at_all(project):
    path = project / "data/catalogue/frameworks/nq01.yml"
    line = edit(path, "dimensions:\n", "aggregate: arithmetic\ndimensions:\n")
    found = faults(project)
    missing = ["missing_children", "normalise", "rank_within", "uncertainty", "weight"]
    for key in missing:
        what = f"{key} is missing: a framework that names aggregate is scored"
        assert f"frameworks/nq01.yml:{line}: {what}" in found


def test_a_change_is_in_percent_and_has_both_sides(project):
    path = project / "data/catalogue/frameworks/nq68.yml"
    edit(path, "{change: {before: [compliance_cost_before], after: [compliance_cost_after]}}",
         "{change: {before: [compliance_cost_before]}}")  # fmt: skip
    assert any("nq68.yml" in f and "the key 'after' is missing" in f for f in faults(project))


def test_one_item_in_two_forms_of_a_period_would_be_counted_twice(project):
    egov = project / "data/catalogue/forms/egov.yml"
    other = egov.with_name("again.yml")
    text = egov.read_text("utf-8").replace("form: egov", "form: again")
    other.write_text(text.replace("sheet: CPĐT", "sheet: Again"), "utf-8")
    path = project / "data/submissions/2026-Q3/period.yml"
    line = edit(path, "forms: [npsp766]", "forms: [npsp766, again, egov]")
    with pytest.raises(
        reader.CatalogueError, match=f"period.yml:{line}: forms: again and egov both"
    ):
        plans.plan("2026-Q3", cat.load(project), project)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2025, 6, 30), ["province", "district", "commune"]),
        (date(2025, 7, 1), ["province", "commune"]),
    ],
)
def test_the_district_level_ends_on_its_last_day(catalogue, day, expected):
    for code in ("II.06a", "egov", "digitisation", "edocs"):
        assert list(dated.levels(catalogue.forms[code], "province", day)) == expected
        assert list(dated.levels(catalogue.forms[code], "ministry", day)) == ["ministry"]


def test_another_project_is_named_by_the_environment(project):
    code = (
        "from analysis import catalogue, project; print(project.PROJECT, catalogue.load().sha256)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {ROOT: str(project)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.split() == [str(project.resolve()), cat.load(project).sha256]


_NAMES = [  # in period.yml of 2026-Q3: old, new, what is told
    ('due: {parent: "25"}', "due: {types: [ministries]}",
     "due: no type ministries in unit_types.csv; nearest: ministry"),
    ('due: {parent: "25"}', "due: {types: [department_ca], kinds: [ministry]}",
     "due: unknown key 'kinds'; known: types, parent, units"),
    ('due: {parent: "25"}', 'due: {parent: "26"}', "due: no unit 26 with parts on 2026-09-30"),
    ('due: {parent: "25"}', 'due: {parent: Phu Tho}', "nearest: 25 (Tỉnh Phú Thọ)"),
    ('due: {parent: "25"}', 'due: {units: ["01", "99"]}', "due: no unit 99 on 2026-09-30; nearest"),
    ("forms: [npsp766]", "forms: [npsp677]",
     "forms: npsp677 is not in the catalogue; nearest: npsp766"),
    ("frameworks: [qd766", "frameworks: [qd677", "frameworks: qd677 is not in the catalogue; near"),
    ("regime: qd766_calendar", "regime: qd766_calender", "nearest: qd766_calendar"),
    ("obs_status: P", "obs_status: X", "no status X"),
    ("synthetic: false", "synthetic: false\nexclude: [H44]", "unknown key 'exclude'"),
    ("synthetic: false", "synthetic: false\nunits_of: 2026", "unknown key 'units_of'; near"),
    ("framework: qd766", "framework: qd677", "published: no framework qd677 here; nearest: qd766"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "told"), _NAMES)
def test_a_name_in_a_period_that_means_nothing_is_refused_where_it_stands(
    project, catalogue, old, new, told
):
    path = project / "data/submissions/2026-Q3/period.yml"
    line = edit(path, old, new) + new.count("\n")
    with pytest.raises(reader.CatalogueError) as raised:
        plans.plan("2026-Q3", catalogue, project)
    assert any(
        fault.startswith(f"2026-Q3/period.yml:{line}: ") and told in fault
        for fault in str(raised.value).splitlines()
    ), raised.value


def test_a_type_of_which_there_is_no_unit_on_the_day_is_refused(project, catalogue):
    path = project / "data/submissions/2026-Q3/period.yml"
    edit(path, 'due: {parent: "25"}', "due: {types: [ministry, department_vn]}")
    kinds = [t for t in catalogue.unit_types.index if t not in set(catalogue.units["type"])]
    edit(path, "department_vn", kinds[0] if kinds else "department")
    with pytest.raises(reader.CatalogueError, match="due: no (unit of )?type"):
        plans.plan("2026-Q3", catalogue, project)


def test_a_year_may_stand_in_its_files_as_a_number(tmp_path, catalogue):
    for name in ("data/catalogue", "data/survey", "data/submissions/2024"):
        shutil.copytree(PROJECT / name, tmp_path / name)
    edit(tmp_path / "data/submissions/2024/period.yml", 'time_period: "2024"', "time_period: 2024")
    assert plans.plan(2024, catalogue, tmp_path).code == "2024"
    path = tmp_path / "data/survey/apci-2022/edition.yml"
    edit(path, "edition: '2022'", "edition: 2022")
    edit(path, "earlier: '2020'", "earlier: 2020")
    held = plans.edition("apci", 2022, catalogue, tmp_path)
    assert (held.edition, held.earlier) == ("2022", "2020")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("earlier: '2020'", "earlier: '2021'", "earlier: no edition 2021 before this one; near"),
        ("earlier: '2020'", "earlier: '2022'", "earlier: no edition 2022 before this one"),
        (
            "synthetic: true",
            "synthetic: true\nearlyer: '2020'",
            "unknown key 'earlyer'; near",
        ),
        ("survey: apci", "survey: apcj", "survey apcj is not in the catalogue; nearest: apci"),
        ("- 2021-12-31", "- soon", "reference_period.1: must be a day, written 2021-12-31"),
        ("- 2021-12-31", "- 2021-01-31", "reference_period: ends before it begins"),
        ("units_on: 2021-12-31", "units_on: 2021", "units_on: must be a day, written"),
    ],
)
def test_a_name_in_an_edition_that_means_nothing_is_refused(tmp_path, catalogue, old, new, told):
    for name in ("data/catalogue", "data/survey"):
        shutil.copytree(PROJECT / name, tmp_path / name)
    edit(tmp_path / "data/survey/apci-2022/edition.yml", old, new)
    with pytest.raises(reader.CatalogueError) as raised:
        plans.edition("apci", "2022", catalogue, tmp_path)
    faults = str(raised.value).splitlines()
    assert any(f.startswith("apci-2022/edition.yml:") and told in f for f in faults), faults


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ("{fees: {ticked: {A: x, B: y}}}", "fees is no column of kind choice"),
        ("{firm_size: {ticked: {A: micro, B: giant}}}", "firm_size has no choice giant"),
        ("{hours_step_1: {columns: {gio_b2: 1, B: 1/60}}}", "headed “gio_b2”"),
        ("{hours_step_9: {columns: {A: 1, B: 1/60}}}", "hours_step_9 is no column"),
    ],
)
def test_answers_of_several_columns_name_what_there_is(project, said, problem):
    path = project / "data/catalogue/surveys/apci.yml"
    path.write_text(path.read_text(encoding="utf-8") + f"combine: {said}\n", encoding="utf-8")
    with pytest.raises(reader.CatalogueError, match=problem):
        cat.load(project)
