"""A project whose sites were built before 2026-12 goes on: what was ours is ours, what somebody
changed is his."""

import json
import os

import pytest

from analysis.batch.pages import Batch
from analysis.render import report
from analysis.site import before
from analysis.storage import files, owned

PAGE = {"basis": {}, "reads": [], "files": [], "status": "ok", "message": ""}


@pytest.fixture
def shared(tmp_path):
    """As a run of then left it: each file, then its record."""
    held = Batch(tmp_path / "reports/2024", tmp_path / "derived/2024-notebooks", report.Context())
    (held.site / "units").mkdir(parents=True)
    (held.executed / "units").mkdir(parents=True)
    time = iter(range(1_000, 2_000))

    def write(path, data: bytes) -> None:
        path.write_bytes(data)
        os.utime(path, (at := next(time), at))

    for name in ("glance", "units/22"):
        executed = [held.executed / f"{name}{ending}" for ending in (".ipynb", ".log")]
        for path in (held.site / f"{name}.html", *executed):
            write(path, path.name.encode())
        written = {f"{name}.html": files.sha256(held.site / f"{name}.html")}
        write(held.executed / f"{name}.json", json.dumps(PAGE | {"written": written}).encode())
    write(held.site / "receipt.json", b"{}")
    write(held.site.parent / "index.html", b"home")
    written = {"receipt.json": files.sha256(held.site / "receipt.json")}
    stated = {"state": "x", "seconds": 1, "written": written}
    write(held.executed / "index.json", json.dumps(stated).encode())
    return held


def test_what_was_written_then_is_ours_and_what_was_changed_since_is_not(shared):
    (shared.executed / "units/22.ipynb").write_bytes(b"changed since")
    (shared.executed / "mine.json").write_text('{"a": 1}')
    elsewhere = shared.executed.parent / "elsewhere.json"
    elsewhere.write_text(json.dumps(PAGE | {"written": {}}))
    (shared.executed / "linked.json").symlink_to(elsewhere)
    before.adopt(shared)
    _, glance = shared.owned("glance")
    assert glance.ours("glance.ipynb") and glance.ours("glance.log")
    _, unit = shared.owned("units/22")
    assert unit.ours("units/22.log") and not unit.ours("units/22.ipynb")
    assert shared.owned("index")[0].ours("receipt.json")
    home = owned.Owned(shared.site.parent, shared.executed.parent / "reports-vi.sha256")
    assert home.ours("index.html")
    left = {p.name for p in shared.executed.rglob("*.json") if ".records" not in p.parts}
    assert left == {"mine.json", "linked.json"}, "once is enough"
    before.adopt(shared)


def test_a_home_that_was_changed_since_is_somebody_elses(shared):
    (shared.site.parent / "index.html").write_bytes(b"changed since")
    before.adopt(shared)
    assert not (shared.executed.parent / "reports-vi.sha256").exists()
