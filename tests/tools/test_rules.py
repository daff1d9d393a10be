"""Rules are found where code gives them, not where it only asks for them."""

from tools import rules

from analysis.catalogue import catalogue as cat

SOURCE = '''
def check(values):
    """A docstring that says "file_type"."""
    kinds = dict.fromkeys([], 0)
    kinds = {"sum": add, "at_most": add, "total_row": add, "equals_previous": add, "jump": add,
             "expected_range": add, "whole": add}

def read(cell, kind):
    if cell.rule == "text_kept" or cell.rule in ["outside_form"]:
        return None, "V", "blank" if cell.empty else "never_heard_of"
    refused = _refused(cell, "file_type", "some_text")
    return refused | {"rule": "not_a_rule", "raw_type": "row_unknown", "kept": f"{kind}_screened"}

def _refused(cell, rule, found):
    return dict(cell, rule=rule)
'''


def test_where_rules_are_given(tmp_path):
    room = tmp_path / "src/analysis/reading"
    room.mkdir(parents=True)
    (room / "made_up.py").write_text(SOURCE)
    found, strange = rules.places(tmp_path, cat.load())
    given = {name for name, at in found.items() if "reading.made_up.read" in at.functions}
    kept = {f"{of}{why}_screened" for of in ("unit", "indicator") for why in ("", "_zeros")}
    assert given == {"blank", "file_type"} | kept
    assert strange == dict.fromkeys(["never_heard_of", "not_a_rule"], "reading.made_up.read")
    assert found["received_parts"].functions == {
        "reading.made_up.add": "src/analysis/reading/made_up.py"
    }
    assert not found["text_kept"].functions and not found["row_unknown"].functions
