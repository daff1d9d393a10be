"""For the explorer: all tables are told of, and a page is previewed as it would be built."""

from dataclasses import fields

import pytest

from analysis import pipeline
from analysis.batch import batch
from analysis.site import explore


def test_every_table_of_a_period_is_told_of():
    assert list(explore.TABLES) == [f.name for f in fields(pipeline.Tables)]


def test_a_page_is_previewed_in_the_language_asked_for():
    page = explore.preview("52_compliance_cost", case="VN-03", lang="en").data
    assert "srcdoc=" in page and "&lt;html lang=&#34;en&#34;" in page
    assert "What would changing a procedure save?" in page
    assert "man-days a year of procedures cut" in page


def test_a_misspelt_parameter_is_named():
    with pytest.raises(batch.UnknownParameterError, match="caze"):
        explore.preview("52_compliance_cost", caze="VN-03")
