"""For the explorer: a page is previewed as it would be built."""

import pytest

from analysis.batch import batch
from analysis.site import explore


def test_a_page_is_previewed_in_the_language_asked_for():
    page = explore.preview("52_compliance_cost", case="VN-03", lang="en").data
    assert "srcdoc=" in page and "&lt;html lang=&#34;en&#34;" in page
    assert "What would changing a procedure save?" in page
    assert "man-days a year of procedures cut" in page


def test_a_misspelt_parameter_is_named():
    with pytest.raises(batch.UnknownParameterError, match="caze"):
        explore.preview("52_compliance_cost", caze="VN-03")
