"""A notebook of somebody's own from before the code moved into rooms: its page says what to mend,
the other pages are built, and mended it runs."""

import re
from pathlib import Path

import nbformat
import pytest

from analysis import project
from analysis.batch import batch
from analysis.batch.pages import Batch, Page
from analysis.render import report

OLD = """from analysis import language, narrative, pipeline, rank_views, tables
from analysis.language import choose, say
language.use(lang)
period = pipeline.load(time_period)
held = period.ranked()
ranking = rank_views.ranking(held.scores, held.rank_intervals, period.names)
narrative.heading(choose(period.plan.title), rank_views.key(ranking, held.rank_pairs))
tables.show(ranking, {"name": say("Đơn vị")})"""
PARAMETERS = 'time_period: str = "2024"\nlang: str = "vi"'
HINT = re.compile(r"analysis\.(\w+)(?:\.(\w+))? is now \S+: write `(from \S+ import (\w+))`")


@pytest.fixture
def build(tmp_path):
    """Builds pages of notebooks given by name and code; gives their messages."""

    def built(**notebooks: str) -> dict[str, str]:
        pages = []
        for name, code in notebooks.items():
            path = tmp_path / f"{name}.ipynb"
            cells = [nbformat.v4.new_markdown_cell(f"# {name}")]
            cells += [nbformat.v4.new_code_cell(part) for part in (PARAMETERS, code)]
            cells[1].metadata["tags"] = ["parameters"]
            kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
            nbformat.write(nbformat.v4.new_notebook(metadata=kernel, cells=cells), path)
            pages.append(Page(name, path, Path(f"{name}.html"), name))
        where = Batch(tmp_path / "site", tmp_path / "executed", report.Context(), project.PROJECT)
        return {r.page.name: r.message for r in batch.run(pages, where, workers=1)}

    return built


def mended(code: str, message: str) -> str:
    """The code as the message says it should be written."""
    module, function, write, base = HINT.search(message).groups()
    first, rest = code.split("\n", 1)
    if function:
        return f"{first}\n{write}\n{rest.replace(f'{module}.{function}(', f'{function}(')}"
    names = [n for n in first.removeprefix("from analysis import ").split(", ") if n != module]
    return f"from analysis import {', '.join(names)}\n{write} as {module}\n{rest}"


def test_old_names_are_told_on_the_page_and_mended_they_work(build):
    code, told = OLD, []
    found = build(own=code, other="print(time_period)")
    assert found["other"] == ""
    while found["own"]:
        told.append(found["own"])
        assert len(told) < 6, told
        code = mended(code, found["own"])
        found = build(own=code)
    assert told[0].startswith("ImportError: analysis.narrative is now analysis.display.narrative")
    assert [HINT.search(t)[1] for t in told] == ["narrative", "rank_views", "tables", "pipeline"]
