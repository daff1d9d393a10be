"""Of a file that shows nothing its name says which form was meant."""

import pandas as pd
import pytest

from analysis.reading.layouts import locate, named

FORMS = ["II.06a", "II.07b", "egov", "edocs"]


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("egov_04_2022-Q3.xlsx", "egov"),
        ("Biểu II06a – Cao Bằng.xlsx", "II.06a"),
        ("II-07B_04.xls", "II.07b"),
        ("bieu_EGOV (2).xlsx", "egov"),
        ("egov và edocs.zip", "II.06a"),
        ("egovernment.xlsx", "II.06a"),
        ("scan0001.pdf", "II.06a"),
        ("", "II.06a"),
    ],
)
def test_the_one_form_that_is_named_is_meant_else_the_first(name, form):
    assert named.form_of(name, FORMS) == form


def test_a_file_that_cannot_be_opened_is_told_as_the_form_of_its_name():
    cell = {"source_file": "egov_04.xlsx", "raw_type": "file", "rule": "file_unreadable"}
    forms = {code: {"form": code} for code in FORMS}
    assert locate.locate(pd.DataFrame([cell]), forms, {})["form"].tolist() == ["egov"]
