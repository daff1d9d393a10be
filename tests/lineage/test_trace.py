"""What a page reads is noted, wherever the folders of its project lie."""

import subprocess
import sys
from pathlib import Path

import pytest

from analysis.lineage import trace

READS = """
import sys
from pathlib import Path
from analysis.lineage import trace
noted, data, read = map(Path, sys.argv[1:])
trace.start(noted, data)
read.read_text()
sorted(read.parent.iterdir())
(data / "derived").exists()
"""


@pytest.mark.parametrize("linked", ["", "data", "data/reference", "data/submissions/2022-Q2"])
@pytest.mark.parametrize("way", ["as the project has it", "where it lies"])
def test_what_lies_behind_a_link_is_noted_as_what_it_is_in_the_project(tmp_path, linked, way):
    inside = "reference/a/b.csv" if "submissions" not in linked else "submissions/2022-Q2/b.csv"
    project = tmp_path / "project"
    (project / "data" / inside).parent.mkdir(parents=True)
    (project / "data" / inside).write_text("n")
    if linked:
        (project / linked).rename(tmp_path / "elsewhere")
        (project / linked).symlink_to(tmp_path / "elsewhere")
    read = project / "data" / inside
    read = read if way == "as the project has it" else read.resolve()
    given = [tmp_path / "noted", project / "data", read]
    subprocess.run([sys.executable, "-c", READS, *given], check=True)
    found = trace.read(Path(tmp_path, "noted"))
    assert ("file", inside) in found and ("folder", inside.rpartition("/")[0]) in found
