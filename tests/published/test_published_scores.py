"""Scores that a publisher printed are read as somebody saved them, or refused by file and line."""

import os

import pytest

from analysis.published import published_scores

GOOD = "unit_code,group,metric,max_score,published_ratio,published_score\nH44,a,total,20,86.75,\n"


def test_as_excel_saves_them_they_are_the_same(tmp_path):
    (tmp_path / "a.csv").write_text(GOOD, "utf-8")
    excel = GOOD.replace(",", ";").replace("86.75", "86,75")
    (tmp_path / "b.csv").write_text(excel, "utf-8-sig")
    held = [published_scores.read(tmp_path / name, name) for name in ("a.csv", "b.csv")]
    assert held[0].equals(held[1])
    assert held[0]["published_ratio"].tolist() == [86.75]
    assert held[0]["published_score"].isna().all()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOOD.replace("unit_code", "unit"), "f.csv:1: has no column unit_code"),
        (GOOD.replace("86.75", "86%"), "f.csv:2: published_ratio '86%' is no number"),
        (GOOD.replace("86.75", "inf"), "f.csv:2: published_ratio 'inf' is no number"),
        ("", "f.csv: cannot be read: No columns to parse from file"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path, text, said):
    (tmp_path / "f.csv").write_text(text, "utf-8")
    with pytest.raises(published_scores.PublishedScoresError) as raised:
        published_scores.read(tmp_path / "f.csv", "f.csv")
    assert str(raised.value) == said


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes of POSIX")
def test_what_is_no_file_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "f.csv")
    with pytest.raises(published_scores.PublishedScoresError, match="is no file"):
        published_scores.read(tmp_path / "f.csv", "f.csv")
