"""For the explorer: a page is previewed as it would be built."""

import pytest

from analysis import project
from analysis.batch import batch
from analysis.site import declared, explore


def test_a_page_is_previewed_in_the_language_asked_for_and_called_as_the_site_calls_it(monkeypatch):
    stated = declared.load(project.PROJECT / "reports/site.yml", project.PROJECT / "notebooks")
    page = stated["pages"]["compliance_cost"]
    other = page | {"title": {"vi": "Khác", "en": "Other"}, "parameters": {"case": "VN-01"}}
    page["title"] = page["title"] | {"en": "A title of one's own"}
    held = {"pages": {"other": other} | stated["pages"]}
    monkeypatch.setattr(declared, "load", lambda *_: held)
    page = explore.preview("52_compliance_cost", case="VN-03", lang="en").data
    assert "srcdoc=" in page and "&lt;html lang=&#34;en&#34;" in page
    assert "&lt;h1&gt;A title of one&amp;#39;s own&lt;/h1&gt;" in page
    assert "man-days a year of procedures cut" in page


def test_a_misspelt_parameter_is_named():
    with pytest.raises(batch.UnknownParameterError, match="caze"):
        explore.preview("52_compliance_cost", caze="VN-03")
