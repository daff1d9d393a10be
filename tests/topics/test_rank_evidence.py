"""What a leader reads first of a ranking: tiers, and each source of doubt by itself."""

import numpy as np
import pandas as pd
import pytest

from analysis.period import load
from analysis.scoring import tiers
from analysis.topics import rank_evidence

TYPES = pd.DataFrame({"peers_vi": {"commune": "các xã"}})


def a_tier(x, **told):
    """Tables of tiers as a period has them, of units u0, u1 …"""
    units = pd.Index([f"u{i}" for i in range(len(x))])
    made = tiers.table(units, np.asarray(x, float), told)
    return made.assign(framework="f", level="framework", code="f", peer_type="commune")


def above(count, gap):
    """Told to be above: who stands more than ``gap`` places before."""
    place = np.arange(count)
    return place[None, :] - place[:, None] > gap


def names(count):
    return {f"u{i}": f"Xã {i}" for i in range(count)}


@pytest.fixture(scope="module")
def year():
    return load("2024")


def test_the_key_sentence_of_a_year_says_what_its_tables_say(year):
    held = year.ranked()
    text = rank_evidence.key(held.tiers, year.names, year.catalogue.unit_types)
    whole = held.tiers[held.tiers["level"] == "framework"]
    last = sorted(
        year.names[u] for u in whole.loc[whole["tier"] == whole["tiers"], "reporting_unit"]
    )
    pairs = sum(a != b for i, a in enumerate(whole["tier"]) for b in whole["tier"].iloc[i + 1 :])
    share = whole["reversible_method"].sum() / 2 / pairs
    assert (
        f"{len(whole)} đơn vị được xếp hạng chia được thành {whole['tier'].nunique()} nhóm" in text
    )
    assert f"nhóm cuối gồm {', '.join(last)}." in text
    assert f"Trong {pairs} cặp khác nhóm hạng" in text
    assert f"{100 * share:.0f} % nếu đổi cách tính" in text
    assert "chọn mẫu" not in text and "may rủi" not in text, "a source that is not there"


def test_a_border_that_mostly_may_be_reversed_names_nobody():
    sure, doubtful = above(6, 0), above(6, 4)
    firm = rank_evidence.key(a_tier([6, 5, 4, 3, 2, 1], method=sure), names(6), TYPES)
    assert "nhóm đầu gồm Xã 0; nhóm cuối gồm Xã 5" in firm
    loose = a_tier([6, 5, 4, 3, 2, 1], method=sure, chance=doubtful)
    text = rank_evidence.key(loose, names(6), TYPES)
    assert "không nêu tên nhóm đầu, nhóm cuối" in text and "Xã" not in text
    none = a_tier([6, 5, 4, 3, 2, 1], chance=np.zeros((6, 6), bool))
    assert "chưa phân biệt được đơn vị nào" in rank_evidence.key(none, names(6), TYPES)


def test_every_source_has_its_words_and_one_that_is_not_there_says_so(year):
    told = rank_evidence.meanings(year.ranked().rank_sources)
    assert [t.split(":")[0] for t in told] == ["Cách tính", "Chọn mẫu", "May rủi"]
    assert "90 %" in told[0] and "không phải khoảng tin cậy" in told[0]
    assert "không xét, vì số liệu không kèm sai số" in told[1]
    assert "không vì thế mà chắc chắn hơn" in told[2]


def test_pairs_told_apart_are_those_that_the_sets_of_all_units_leave_out():
    told = above(5, 1)
    rows = pd.DataFrame(
        {
            "level": "framework",
            "code": "f",
            "reporting_unit": [f"u{i}" for i in range(5)],
            "source": "chance",
            "kind": "simultaneous_set",
            "rank_low": 1 + told.sum(axis=0),
            "rank_high": 5 - told.sum(axis=1),
            "level_of_confidence": 0.9,
        }
    )
    scores = rows[["level", "code", "reporting_unit"]].assign(peer_type="commune")
    (text,) = rank_evidence.told_apart(rows, scores)
    assert f"{told.sum()} trong 10 cặp phân biệt được (60 %)" in text
    assert "đã hiệu chỉnh theo số cặp" in text


def test_a_bar_is_of_one_source_and_what_has_none_says_why():
    common = {"level": "framework", "code": "f", "reporting_unit": "u0", "level_of_confidence": 0.9}
    rows = pd.DataFrame(
        [
            common | dict(source="method", kind="interval", rank_low=2, rank_high=4, reason=""),
            common | dict(source="chance", kind="marginal_set", reason="no_cases"),
            common | dict(source="chance", kind="simultaneous_set", reason="no_cases"),
        ]
    )
    bars = rank_evidence.bars(rows)
    assert len(bars) == 2 and bars["all_low"].isna().all()
    (beside,) = rank_evidence.side_by_side(bars).to_dict("records")
    assert beside == {"place_method": "2–4", "place_chance": "không phát sinh"}


@pytest.mark.parametrize(
    "share, text", [(0.0, "0 %"), (0.004, "dưới 1 %"), (0.98, "98 %"), (0.996, "trên 99 %")]
)
def test_some_is_never_said_to_be_none_or_all(share, text):
    assert rank_evidence.part(share) == text


def test_of_many_groups_only_the_numbers_are_said():
    types = pd.DataFrame({"peers_vi": {"a": "các bộ", "b": "các tỉnh", "c": "các sở"}})
    parts = []
    for kind, x in (("a", [3, 2, 1]), ("b", [4, 3, 2, 1]), ("c", [3, 2, 1])):
        made = a_tier(x, method=above(len(x), 0)).assign(peer_type=kind)
        parts.append(made.assign(reporting_unit=kind + made["reporting_unit"]))
    text = rank_evidence.key(pd.concat(parts), {"au0": "Bộ A"}, types)
    assert "10 đơn vị được xếp hạng trong 3 nhóm cùng loại" in text and "Bộ A" not in text
    assert "chia được trong các tỉnh: 4; các bộ: 3; các sở: 3." in text
    assert "Trong 12 cặp khác nhóm hạng, có thể đảo thứ tự: 0 % nếu đổi cách tính." in text
