"""Figures over mergers: who has become whom, what adds up and what cannot be said."""

from datetime import date

import pandas as pd
import pytest
from few import FEW
from hypothesis import given
from hypothesis import strategies as st

from analysis import project
from analysis.catalogue import catalogue as cat
from analysis.indicators import indicators
from analysis.indicators.recast import mapping, recast

BEFORE, AFTER = date(2024, 6, 30), date(2025, 7, 1)
ITEMS = {
    "dossiers": {"kind": "count"},
    "on_time": {"kind": "count"},
    "procedures": {"kind": "count", "additive": False},
    "mean_days": {"kind": "decimal"},
    "money": {"kind": "decimal", "additive": True},
}


def units(*rows):
    """Units of (code, valid_from, valid_to, successor)."""
    frame = pd.DataFrame(rows, columns=["code", "valid_from", "valid_to", "successor"])
    for column in ("valid_from", "valid_to"):
        frame[column] = pd.to_datetime(frame[column])
    return frame.assign(name_vi="Đơn vị " + frame["code"], name_en="Unit " + frame["code"])


def transfers(*rows):
    """Transfers of (from_unit, to_unit, date, function_en)."""
    frame = pd.DataFrame(rows, columns=["from_unit", "to_unit", "date", "function_en"])
    frame["date"] = pd.to_datetime(frame["date"])
    return frame.assign(function_vi="việc " + frame["function_en"])


def totals(*rows):
    """Totals of (reporting_unit, item, obs_value, obs_status)."""
    frame = pd.DataFrame(rows, columns=["reporting_unit", "item", "obs_value", "obs_status"])
    return frame.assign(time_period="2024-Q2", obs_value=frame["obs_value"].astype(float))


MERGED = units(
    ("a", None, "2025-06-30", "c"),
    ("b", None, "2025-06-30", "c"),
    ("c", "2025-07-01", None, ""),
    ("d", None, None, ""),
)
NOTHING_MOVED = transfers()


def merged(*rows):
    """Totals of a and b (which become c) and d, recast; by unit and item."""
    table = recast(totals(*rows), mapping(MERGED, BEFORE, AFTER, NOTHING_MOVED), ITEMS)
    return table.set_index(["reporting_unit", "item"])


# --- who has become whom ------------------------------------------------------------------------


def test_units_that_merge_share_a_target_and_others_stay():
    table = mapping(MERGED, BEFORE, AFTER, NOTHING_MOVED)
    expected = {
        "reporting_unit": ["a", "b", "d"],
        "target": ["c", "c", "d"],
        "parts": [2, 2, 1],
        "recastable": [True, True, True],
        "reason_vi": ["", "", ""],
        "reason_en": ["", "", ""],
    }
    assert table.to_dict("list") == expected


def test_a_reused_code_means_the_unit_of_the_day():
    known = units(
        ("10", None, "2025-06-30", "15"),
        ("15", None, "2025-06-30", "15"),
        ("15", "2025-07-01", None, ""),
    )
    table = mapping(known, BEFORE, AFTER, NOTHING_MOVED)
    assert table["target"].tolist() == ["15", "15"]
    same_day = mapping(known, AFTER, AFTER, NOTHING_MOVED)
    assert same_day[["reporting_unit", "target", "parts"]].values.tolist() == [["15", "15", 1]]


def test_a_chain_of_mergers_is_followed_as_far_as_the_day_wanted():
    known = units(
        ("a", None, "2020-12-31", "c"),
        ("b", None, "2020-12-31", "c"),
        ("c", "2021-01-01", "2022-12-31", "e"),
        ("d", None, "2022-12-31", "e"),
        ("e", "2023-01-01", None, ""),
    )
    reached = {
        on: mapping(known, date(2020, 1, 1), on, NOTHING_MOVED).set_index("reporting_unit")
        for on in (date(2020, 12, 31), date(2021, 1, 1), date(2022, 12, 31), date(2023, 1, 1))
    }
    targets = [table["target"].to_dict() for table in reached.values()]
    first = {"a": "a", "b": "b", "d": "d"}
    second = {"a": "c", "b": "c", "d": "d"}
    assert targets == [first, second, second, {"a": "e", "b": "e", "d": "e"}]
    assert reached[date(2023, 1, 1)]["parts"].tolist() == [3, 3, 3]


@pytest.mark.parametrize(
    ("known", "message"),
    [
        (
            [("a", None, "2024-12-31", "")],
            r"unit a \(Đơn vị a\) ended on 31/12/2024 and has no successor",
        ),
        (
            [("a", None, "2024-12-31", None)],
            "unit a .* has no successor",
        ),
        (
            [("a", None, "2024-12-31", "b"), ("b", "2025-01-02", None, "")],
            "unit a .* successor b does not exist on 01/01/2025",
        ),
        (
            [("a", None, "2024-12-31", "b"), ("b", None, "2024-12-31", "a")],
            "unit a .* successor b does not exist on 01/01/2025",
        ),
        (
            [(c, day, None, "") for c in "ab" for day in (None, "2024-01-01")],
            "code a means two units on 30/06/2024",
        ),
    ],
    ids=["no_successor", "missing_successor", "successor_too_late", "circle", "code_twice"],
)
def test_a_broken_chain_names_its_unit(known, message):
    with pytest.raises(ValueError, match=message):
        mapping(units(*known), BEFORE, AFTER, NOTHING_MOVED)


def test_a_chain_that_breaks_after_the_day_wanted_does_no_harm():
    known = units(("a", None, "2024-12-31", ""))
    assert mapping(known, BEFORE, date(2024, 12, 31), NOTHING_MOVED)["target"].tolist() == ["a"]


def test_a_merged_figure_is_not_split():
    with pytest.raises(ValueError, match="01/07/2025 .* 30/06/2024: a merged figure cannot be spl"):
        mapping(MERGED, AFTER, BEFORE, NOTHING_MOVED)


# --- functions that moved -----------------------------------------------------------------------


def test_who_gave_or_received_a_function_is_not_recastable_and_says_why():
    moved = transfers(("a", "d", "2025-01-01", "press"))
    table = mapping(MERGED, BEFORE, AFTER, moved).set_index("reporting_unit")
    assert not table["recastable"].any()  # b too: its target lacks what a gave away
    reason = "press: moved from Unit a to Unit d on 1 Jan 2025"
    assert table["reason_en"].tolist() == [reason] * 3
    assert table.at["d", "reason_vi"] == (
        "việc press: chuyển từ Đơn vị a sang Đơn vị d từ 01/01/2025"
    )


@pytest.mark.parametrize(
    ("moved", "day", "on"),
    [
        (("a", "d", "2024-06-30", "press"), BEFORE, AFTER),  # the figures know it already
        (("a", "d", "2025-01-01", "press"), BEFORE, date(2024, 12, 31)),  # not yet
        (("a", "b", "2025-01-01", "press"), BEFORE, AFTER),  # within one target
    ],
    ids=["before", "after", "within"],
)
def test_a_function_that_changes_no_sum_does_no_harm(moved, day, on):
    table = mapping(MERGED, day, on, transfers(moved))
    assert table["recastable"].all() and (table["reason_vi"] == "").all()


def test_a_unit_that_the_merger_made_may_receive_on_its_first_day():
    table = mapping(MERGED, BEFORE, AFTER, transfers(("d", "c", "2025-07-01", "press")))
    assert table.set_index("reporting_unit")["recastable"].to_dict() == {
        "a": False,
        "b": False,
        "d": False,
    }


def test_several_functions_are_all_named():
    moved = transfers(("a", "d", "2025-01-01", "press"), ("b", "d", "2025-02-01", "poverty"))
    table = mapping(MERGED, BEFORE, AFTER, moved).set_index("reporting_unit")
    assert table.at["d", "reason_en"] == (
        "press: moved from Unit a to Unit d on 1 Jan 2025; "
        "poverty: moved from Unit b to Unit d on 1 Feb 2025"
    )


def test_a_transfer_of_a_unit_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="transfer of unit x: no such unit on 31/12/2024"):
        mapping(MERGED, BEFORE, AFTER, transfers(("x", "d", "2025-01-01", "press")))


def test_figures_of_units_that_are_not_recastable_are_missing():
    moved = mapping(MERGED, BEFORE, AFTER, transfers(("a", "d", "2025-01-01", "press")))
    table = recast(
        totals(
            ("a", "dossiers", 1, "A"), ("b", "dossiers", 2, "A"), ("d", "procedures", None, "V")
        ),
        moved,
        ITEMS,
    )
    assert table["obs_value"].isna().all()
    assert table["obs_status"].tolist() == ["M", "M"]
    assert table["recast"].tolist() == ["not_recastable", "not_recastable"]


# --- figures ------------------------------------------------------------------------------------


def test_of_a_period_of_which_nothing_was_received_nothing_is_recast():
    nothing = totals()
    table = recast(nothing, mapping(MERGED, BEFORE, AFTER, NOTHING_MOVED), ITEMS)
    assert table.empty and {"obs_value", "recast"} <= set(table.columns)


def test_counts_add_and_a_unit_by_itself_is_unchanged():
    table = merged(
        ("a", "dossiers", 1, "A"), ("b", "dossiers", 2, "A"), ("d", "dossiers", 5, "P")
    ).reset_index()
    expected = pd.DataFrame(
        {
            "reporting_unit": ["c", "d"],
            "time_period": "2024-Q2",
            "item": "dossiers",
            "obs_value": [3.0, 5.0],
            "obs_status": ["A", "P"],
            "parts": [2, 1],
            "recast": ["summed", "unchanged"],
        }
    )
    pd.testing.assert_frame_equal(table[list(expected)], expected, check_dtype=False)


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [("AA", "A"), ("AE", "E"), ("EA", "E"), ("AP", "P"), ("EP", "P"), ("PE", "P")],
)
def test_a_sum_is_as_weak_as_its_weakest_part(statuses, expected):
    table = merged(("a", "dossiers", 1, statuses[0]), ("b", "dossiers", 2, statuses[1]))
    assert table["obs_status"].tolist() == [expected]


@pytest.mark.parametrize(
    ("rows", "status"),
    [
        ([("a", "dossiers", 1, "A"), ("b", "dossiers", None, "O")], "O"),
        ([("a", "dossiers", None, "V"), ("b", "dossiers", 1, "A")], "V"),
        ([("a", "dossiers", None, "O"), ("b", "dossiers", None, "V")], "V"),
        ([("a", "dossiers", None, "V")], "V"),
        ([("b", "dossiers", 1, "P")], "O"),
        ([("a", "dossiers", 1, "A"), ("b", "dossiers", None, "M")], "O"),
    ],
    ids=["missing", "refused", "both", "refused_and_absent", "absent", "not_applicable"],
)
def test_a_sum_with_a_part_that_is_not_there_is_missing(rows, status):
    row = merged(*rows).loc[("c", "dossiers")]
    assert pd.isna(row["obs_value"])
    assert (row["obs_status"], row["recast"]) == (status, "incomplete")


def test_a_missing_figure_of_a_unit_by_itself_keeps_its_status():
    table = merged(("d", "dossiers", None, "V"), ("d", "mean_days", None, "M"))
    assert table["obs_value"].isna().all()
    assert table["obs_status"].tolist() == ["V", "M"]
    assert set(table["recast"]) == {"unchanged"}


@pytest.mark.parametrize(
    ("item", "value", "how"),
    [
        ("dossiers", 7.0, "summed"),
        ("money", 7.0, "summed"),  # says that it adds
        ("procedures", None, "not_additive"),  # the same procedures in both
        ("mean_days", None, "not_additive"),
    ],
)
def test_items_add_by_kind_unless_they_say_otherwise(item, value, how):
    row = merged(("a", item, 3, "A"), ("b", item, 4, "A"), ("d", item, 9, "A")).loc["c"].iloc[0]
    assert row["recast"] == how
    assert row["obs_value"] == value if value else pd.isna(row["obs_value"])
    assert row["obs_status"] == ("A" if value else "M")


def test_items_that_do_not_add_stand_where_a_unit_is_by_itself():
    row = merged(("d", "procedures", 9, "A")).iloc[0]
    assert (row["obs_value"], row["obs_status"], row["recast"]) == (9, "A", "unchanged")


def test_periods_are_kept_apart():
    both = pd.concat(
        [
            totals(("a", "dossiers", 1, "A"), ("b", "dossiers", 2, "A")),
            totals(("a", "dossiers", 10, "A")).assign(time_period="2024-Q1"),
        ]
    )
    table = recast(both, mapping(MERGED, BEFORE, AFTER, NOTHING_MOVED), ITEMS)
    assert table.set_index("time_period")["recast"].to_dict() == {
        "2024-Q2": "summed",
        "2024-Q1": "incomplete",
    }


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([("c", "dossiers", 1, "A")], "unit c is not in the mapping"),
        ([("a", "dreams", 1, "A")], "no form has item dreams"),
        ([("a", "dossiers", 1, "A")] * 2, "item dossiers of unit a occurs twice"),
    ],
)
def test_totals_that_do_not_belong_are_refused(rows, message):
    with pytest.raises(ValueError, match=message):
        merged(*rows)


def test_no_totals_give_none():
    assert merged().empty


def test_arguments_are_not_changed():
    given_totals = totals(("a", "dossiers", 1, "A"), ("b", "dossiers", 2, "A"))
    table = mapping(MERGED, BEFORE, AFTER, NOTHING_MOVED)
    copies = given_totals.copy(), table.copy(), MERGED.copy()
    recast(given_totals, table, ITEMS)
    for now, then in zip((given_totals, table, MERGED), copies, strict=True):
        pd.testing.assert_frame_equal(now, then)


def test_rates_follow_from_the_summed_counts():
    rows = [
        ("a", "on_time", 9, "A"),
        ("a", "dossiers", 10, "A"),
        ("b", "on_time", 10, "E"),
        ("b", "dossiers", 90, "A"),
        ("d", "on_time", 1, "A"),
        ("d", "dossiers", 4, "A"),
    ]
    framework = {
        "framework": "f",
        "indicators": {
            "share": {"formula": {"ratio": {"numerator": ["on_time"], "denominator": ["dossiers"]}}}
        },
    }
    values = indicators.compute(merged(*rows).reset_index(), framework, ["c", "d"])
    assert values["obs_value"].tolist() == [19.0, 25.0]  # not (90 + 11.1) / 2
    assert values["obs_status"].tolist() == ["E", "A"]


# --- properties ---------------------------------------------------------------------------------

STATUS = st.sampled_from("AEP")


@FEW
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 10**9), STATUS), min_size=1))
def test_totals_of_counts_are_conserved_where_nothing_is_missing(parts):
    known = units(
        *[(f"u{i}", None, "2025-06-30", f"t{t}") for i, (t, _, _) in enumerate(parts)],
        *[(f"t{t}", "2025-07-01", None, "") for t in range(4)],
    )
    before = totals(*[(f"u{i}", "dossiers", v, s) for i, (_, v, s) in enumerate(parts)])
    after = recast(before, mapping(known, BEFORE, AFTER, NOTHING_MOVED), ITEMS)
    assert after["obs_value"].sum() == before["obs_value"].sum()
    assert after["parts"].sum() == len(parts)
    expected = {}
    for t, value, _ in parts:
        expected[f"t{t}"] = expected.get(f"t{t}", 0) + value
    assert after.set_index("reporting_unit")["obs_value"].to_dict() == expected


figure = st.one_of(
    st.tuples(st.floats(0, 1e12), STATUS), st.tuples(st.none(), st.sampled_from("OMV"))
)


@pytest.fixture(scope="module")
def same_day():
    return mapping(MERGED, BEFORE, BEFORE, transfers(("a", "d", "2024-06-30", "press")))


@given(
    figures=st.dictionaries(
        st.tuples(st.sampled_from("abd"), st.sampled_from(sorted(ITEMS))), figure, min_size=1
    )
)
def test_recasting_on_the_same_day_changes_nothing(same_day, figures):
    before = totals(*[(*key, *value) for key, value in figures.items()])
    after = recast(before, same_day, ITEMS)
    assert (after["recast"] == "unchanged").all() and (after["parts"] == 1).all()
    pd.testing.assert_frame_equal(after[before.columns], before, check_dtype=False)


@pytest.fixture(scope="module")
def two_steps():
    """a and b become c, c and d become e: mappings to the day between, from it, over both."""
    known = units(
        ("a", None, "2024-12-31", "c"),
        ("b", None, "2024-12-31", "c"),
        ("c", "2025-01-01", "2025-06-30", "e"),
        ("d", None, "2025-06-30", "e"),
        ("e", "2025-07-01", None, ""),
    )
    between = date(2025, 1, 1)
    return [
        mapping(known, day, on, NOTHING_MOVED)
        for day, on in ((BEFORE, between), (between, AFTER), (BEFORE, AFTER))
    ]


@FEW
@given(values=st.lists(st.one_of(st.none(), st.integers(0, 10**9)), min_size=3, max_size=3))
def test_two_steps_lead_where_one_leads(two_steps, values):
    first, second, direct = two_steps
    held = zip("abd", values, strict=True)
    rows = [(u, "dossiers", v, "V" if v is None else "A") for u, v in held]
    steps = totals(*rows).pipe(recast, first, ITEMS).pipe(recast, second, ITEMS)
    once = recast(totals(*rows), direct, ITEMS)
    columns = ["reporting_unit", "item", "obs_value", "obs_status", "recast"]
    pd.testing.assert_frame_equal(steps[columns], once[columns])


# --- the real units -----------------------------------------------------------------------------

DAY_2022, DAY_2025 = date(2022, 6, 14), date(2025, 7, 1)


@pytest.fixture(scope="module")
def catalogue():
    return cat.load()


@pytest.fixture(scope="module")
def real(catalogue):
    table = mapping(catalogue.units, DAY_2022, DAY_2025, catalogue.transfers)
    kind = catalogue.units_on(DAY_2022).set_index("code")["type"]
    is_province = table["reporting_unit"].map(kind).isin(["province", "centrally_run_city"])
    return table.assign(is_province=is_province).set_index("reporting_unit")


def test_the_63_provinces_become_exactly_the_34(real, catalogue):
    provinces = real[real["is_province"]]
    known = catalogue.units_on(DAY_2025)
    today = known.loc[known["type"].isin(["province", "centrally_run_city"]), "code"]
    assert len(provinces) == 63 and provinces["recastable"].all()
    assert sorted(provinces["target"].unique()) == sorted(today) and len(today) == 34
    sizes = provinces.drop_duplicates("target")["parts"].value_counts().to_dict()
    assert sizes == {1: 11, 2: 17, 3: 6}  # 11 unchanged, 52 → 23


def test_the_30_central_bodies_become_exactly_those_of_2025(real, catalogue):
    kinds = ["ministry", "ministerial_level", "government_agency"]
    before, known = catalogue.units_on(DAY_2022), catalogue.units_on(DAY_2025)
    central = real[real.index.isin(before.loc[before["type"].isin(kinds), "code"])]
    today = known.loc[known["type"].isin(kinds), "code"]
    assert len(central) == 30
    assert sorted(central["target"].unique()) == sorted(today) and len(today) == 14 + 3 + 5


def test_lao_cai_goes_on_under_the_code_that_was_yen_bai(real):
    assert real.loc[["10", "15"], "target"].tolist() == ["15", "15"]
    assert real.loc[["24", "27"], "target"].tolist() == ["24", "24"]  # Bắc Ninh under Bắc Giang's


def test_hue_is_followed_through_its_change_of_type(real, catalogue):
    assert real.loc["46", ["target", "parts"]].tolist() == ["46", 1]
    day = date(2024, 12, 31)
    table = mapping(catalogue.units, day, date(2025, 1, 1), catalogue.transfers)
    assert (table["reporting_unit"] == table["target"]).all() and table["recastable"].all()


@pytest.mark.parametrize(
    ("giver", "taker", "function"),
    [
        ("BTTTT", "BVHTTDL", "báo chí"),
        ("BLDTBXH", "BGDDT", "giáo dục nghề nghiệp"),
        ("BLDTBXH", "BNNPTNT", "giảm nghèo"),  # through the ministry it became part of
        ("BLDTBXH", "BYT", "bảo trợ xã hội"),
        ("BGTVT", "BCA", "giấy phép lái xe"),
        ("BNV", "UBDT", "tôn giáo"),
        ("BTP", "BCA", "lý lịch tư pháp"),
    ],
)
def test_ministries_that_exchanged_functions_are_not_recastable(real, giver, taker, function):
    for unit in (giver, taker):
        assert not real.at[unit, "recastable"]
        assert function in real.at[unit, "reason_vi"]


def test_ministries_that_merged_whole_are_recastable(real):
    finance = real[real["target"] == "BTC2025"]
    assert finance.index.tolist() == ["BKHDT", "BTC", "BHXH", "UBQLVNN"]
    assert finance["recastable"].all() and (finance["parts"] == 4).all()


def test_procedures_and_services_do_not_add_but_dossiers_and_petitions_do(catalogue):
    items = catalogue.forms["npsp766"]["items"]
    for code, item in items.items():
        whole = code.startswith(("procedures_", "services_"))
        assert (item.get("additive") is False) == whole, code


# --- published population and product of the 63 provinces ---------------------------------------

YEARS = {"2022": 99.47, "2023": 100.31, "2024": 101.34}  # million people, as the source adds up
FIGURES = {
    "population": {"kind": "count"},
    "urban_population": {"kind": "count"},
    "product": {"kind": "decimal", "additive": True},
}


@pytest.fixture(scope="module")
def published():
    """Persons, urban persons and product (million VND) of the 63 provinces, as totals."""
    folder = project.Place().reference / "gso-population-2022-2024"
    table = pd.read_csv(folder / "gso_population_grdp_63_provinces.csv", dtype=str)
    table = table.assign(value=table["value"].astype(float))
    wide = table.pivot(index=["gso_code", "year"], columns="indicator", values="value")
    people = (wide[["population", "urban_population"]] * 1000).round()  # thousands, one decimal
    wide = people.assign(
        grdp_per_capita=wide["grdp_per_capita"],
        product=wide["grdp_per_capita"] * people["population"],
    )
    return wide.rename_axis(index=["reporting_unit", "time_period"], columns="item")


def long(wide):
    table = wide[list(FIGURES)].stack().rename("obs_value").reset_index()
    return table.assign(obs_status="A")


@pytest.fixture(scope="module")
def recast_published(published, real):
    table = recast(long(published), real.reset_index(), FIGURES)
    assert set(table["recast"]) == {"summed", "unchanged"}
    return table.pivot(index=["reporting_unit", "time_period"], columns="item", values="obs_value")


def test_national_population_is_conserved(published, recast_published):
    counts = ["population", "urban_population"]
    before, after = (t[counts].groupby("time_period").sum() for t in (published, recast_published))
    assert len(published) == 63 * 3 and len(recast_published) == 34 * 3
    pd.testing.assert_frame_equal(before, after, check_exact=True)
    assert (after["population"] / 1e6).round(2).to_dict() == YEARS


def test_product_per_head_is_weighted_by_people_and_is_not_the_plain_mean(
    published, recast_published, real
):
    after = recast_published["product"] / recast_published["population"]
    target = published.index.get_level_values(0).map(real["target"])
    by_target = published.assign(target=target).groupby(["target", "time_period"])
    weighted = by_target.apply(
        lambda p: (p["grdp_per_capita"] * p["population"]).sum() / p["population"].sum()
    )
    plain = by_target["grdp_per_capita"].mean()
    gap = (after - plain).abs()
    assert (after - weighted).abs().max() < 1e-9
    alone = by_target.size() == 1
    assert gap[alone].max() < 1e-9
    assert (gap[~alone] > 1e-3).all()
    # TP. Hồ Chí Minh of 2022 by hand: (159.4 × 9389.7 + 165.3 × 2763.1 + 357.2 × 1178.7) / 13331.5
    assert after["79", "2022"] == pytest.approx(178.11, abs=0.005)
    assert plain["79", "2022"] == pytest.approx(227.3, abs=0.05)


def test_urban_share_is_that_of_the_summed_counts(published, real):
    framework = {
        "framework": "f",
        "indicators": {
            "urban_share": {
                "formula": {
                    "ratio": {"numerator": ["urban_population"], "denominator": ["population"]}
                }
            }
        },
    }
    year = long(published).query("time_period == '2024'")
    after = recast(year, real.reset_index(), FIGURES)
    targets = sorted(after["reporting_unit"].unique())
    values = indicators.compute(after, framework, targets).set_index("reporting_unit")
    # Lào Cai = old Lào Cai (10) and Yên Bái (15), by hand from the published thousands
    now = published.xs("2024", level="time_period").loc[["10", "15"]]
    share = 100 * now["urban_population"].sum() / now["population"].sum()
    assert values.at["15", "obs_value"] == pytest.approx(share)
    plain = (100 * now["urban_population"] / now["population"]).mean()
    assert abs(values.at["15", "obs_value"] - plain) > 0.01
    nation = published.xs("2024", level="time_period")[["population", "urban_population"]].sum()
    whole = indicators.national(after, framework, targets).iloc[0]
    assert whole["obs_value"] == pytest.approx(
        100 * nation["urban_population"] / nation["population"]
    )
