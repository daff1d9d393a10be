"""What a notebook says is its sources with the parameters given, and nothing that it showed."""

import nbformat
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_notebook

from analysis.lineage import cells

scalars = st.one_of(st.text(max_size=8), st.integers(), st.booleans(), st.floats(allow_nan=False))
held_values = st.dictionaries(st.sampled_from(["a", "đơn_vị", "lang", "x1"]), scalars)


def written(value: object) -> str:
    return repr(value) if value not in (float("inf"), float("-inf")) else f"float({str(value)!r})"


def bound(source: str) -> dict:
    scope: dict = {}
    exec(source, scope)
    return {name: value for name, value in scope.items() if not name.startswith("__")}


@example({"a": 1.0}, {"a": float("-inf")}, "")
@given(held_values, held_values, st.sampled_from(["", ": object"]))
def test_what_is_given_takes_the_place_of_its_default_and_all_else_stays(held, values, typed):
    def source(values: dict) -> str:
        lines = [
            f"{name}{typed} = {written(value)}  # {name} = 'đ'" for name, value in values.items()
        ]
        return "\n".join(["# đầu", *lines])

    made = cells.given(source(held), values)
    expected = {name: values.get(name, value) for name, value in held.items()}
    assert made == source(expected) and bound(made) == expected


def test_a_value_over_several_lines_is_replaced_whole():
    source = "many = [\n    'ă',\n    2,\n]; other = 1  # kept"
    assert cells.given(source, {"many": 3, "other": "é"}) == "many = 3; other = 'é'  # kept"
    assert cells.given("no python (", {"no": 1}) == "no python ("


def test_names_are_those_of_the_tagged_cell(tmp_path):
    tagged = new_code_cell("a: int = 1\nb = c = 2\nd: int", metadata={"tags": ["parameters"]})
    path = tmp_path / "n.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell("z = 1"), tagged]), path)
    assert cells.names(path) == {"a", "b", "c"}
    path.write_text('{"worksheets": []}')
    with pytest.raises(ValueError, match="n.ipynb is no notebook"):
        cells.read(path)
    assert cells.parameters(path) == ""
    before = cells.digest(path)
    path.write_text('{"worksheets": [1]}')
    assert cells.digest(path) != before, "of what is no notebook the bytes count"
