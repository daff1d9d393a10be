"""The pages above the sites: what a run that was killed began to write there is gone after the
next."""

from analysis.batch.pages import Batch
from analysis.catalogue import catalogue as cat
from analysis.render import report
from analysis.site import home
from analysis.storage import files


def test_what_a_killed_run_had_begun_of_any_page_above_the_sites_is_gone_after_the_next(tmp_path):
    site, executed = tmp_path / "reports/2024-Q1", tmp_path / "data/derived/2024-Q1-notebooks"
    shared = Batch(site, executed, report.Context(), root=tmp_path)
    catalogue, reports = cat.load(), tmp_path / "reports"
    made = home.above(shared.context, reports, catalogue)
    site.mkdir(parents=True)
    for name in made:
        (reports / f".{name}.0123456789abcdef{files.PART}").write_bytes(b"half")
    theirs = reports / f".mine.html.0123456789abcdef{files.PART}"
    theirs.write_bytes(b"another program's")
    home.write(shared, catalogue)
    assert {"index.html", "method.html"} <= {*made} <= {p.name for p in reports.iterdir()}
    assert files.unfinished(reports) == [theirs]
