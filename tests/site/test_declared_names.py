"""Pages whose names are one on some system, or that Windows keeps for itself, are refused."""

import json

import pytest

from analysis import project
from analysis.site import declared

TEXT = {"vi": "t", "en": "t"}
PAGE = {"notebook": "10_glance", "title": TEXT, "question": TEXT, "needs": []}


def _problems(tmp_path, *codes: str) -> list[str]:
    path = tmp_path / "site.yml"
    path.write_text(json.dumps({"pages": dict.fromkeys(codes, PAGE)}, indent=1))
    return [what for _, what in declared.problems(path, project.PROJECT / "notebooks")]


@pytest.mark.parametrize("code", ["CON", "aux", "nul.x", "com1", "Index", "a."])
def test_a_code_that_some_system_has_for_something_else_is_refused(tmp_path, code):
    (what,) = _problems(tmp_path, "fine", code)
    assert code in what
    if code != "Index":
        with pytest.raises(declared.SiteError):
            declared.output("unit", code)


def test_two_codes_that_differ_in_capitals_alone_are_refused(tmp_path):
    (what,) = _problems(tmp_path, "glance", "other", "Glance")
    assert "some systems take it and glance for one name" in what
