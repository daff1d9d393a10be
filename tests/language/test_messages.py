"""Messages of the command line: in one language, whole in both."""

import ast
import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tools import console_words

from analysis import project
from analysis.language import languages, messages
from analysis.language.messages import tell

SOURCES = sorted((project.PROJECT / "src" / "analysis").rglob("*.py"))

# Errors that only a programmer meets, by a wrong call: of a room or a module, in the English of the
# code. Errors of readers of files are causes of findings, whose words stand in rules.yml.
PROGRAMMERS = set(
    "scoring display lineage schema reading indicators editing "
    "languages similar_units sdmx kernels cost estimation contrasts "
    "fay_herriot linearisation resampling proportions sampling share terminal".split()
)
CONTROL = {"Exit", "AttributeError", "NotHereError", "AssertionError"}
SHOWING = {"say", "fail", "print", "echo", "status"}


def test_every_message_has_a_vietnamese_text_with_the_same_fields():
    assert console_words.faults(project.PROJECT) == []


def test_the_vietnamese_is_vietnamese():
    """Nothing was left as it was, but for names, keys and lines that are made of fields."""
    same = {en for en, vi in console_words.translations().items() if en == vi}
    words = {w for text in same for w in text.replace(":", " ").split() if w.isalpha()}
    assert words <= {"combine", "earlier"}, same


def literal(node: ast.AST) -> bool:
    """Whether a text of words is written there, not looked up."""
    if isinstance(node, ast.JoinedStr):
        parts = "".join(v.value for v in node.values if isinstance(v, ast.Constant))
        return any(len(word) > 2 and word.isalpha() for word in parts.split())
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value


def called(node: ast.Call) -> str:
    return getattr(node.func, "id", getattr(node.func, "attr", ""))


def test_nothing_is_raised_or_shown_but_through_tell():
    found = []
    for path in SOURCES:
        room = path.relative_to(project.PROJECT / "src" / "analysis").parts[0]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            raised = node.exc if isinstance(node, ast.Raise) else None
            if isinstance(raised, ast.Call) and not {room, path.stem} & PROGRAMMERS:
                if called(raised) not in CONTROL and any(map(literal, raised.args)):
                    found.append(f"{path.name}:{node.lineno}")
            shown = isinstance(node, ast.Call) and called(node) in SHOWING and room == "commands"
            if shown and any(map(literal, node.args)):
                found.append(f"{path.name}:{node.lineno}")
    assert found == [], "write tell('… {name} …', name=…)"


@given(st.text(), st.sampled_from(["vi", "en"]))
def test_what_is_filled_in_is_never_read_as_a_field(text, code):
    with messages.using(code):
        assert text in tell("{path} is there already and stays as it is", path=text)


@given(st.text(max_size=20), st.sampled_from(["vi", "en"]))
def test_what_a_library_says_is_told_whole(text, code):
    with messages.using(code):
        said = messages.recognised(f"No such option: {text}", ("No such option: {name}",))
        assert text in said and said.startswith("No such option: ") == (code == "en")


def test_the_console_and_pages_do_not_change_each_other():
    with messages.using("vi"), languages.using("en"):
        assert tell("no issues") == "không có vấn đề nào"
        assert languages.say("Chưa có số liệu") == "No figures yet"
    with messages.using("en"), languages.using("vi"):
        assert tell("no issues") == "no issues"
        assert languages.say("Chưa có số liệu") == "Chưa có số liệu"
        with messages.spoken():
            assert languages.current() == "en"


@pytest.mark.parametrize(("asked", "told"), [("", "vi"), ("en", "en"), ("vi", "vi"), ("fr", "vi")])
def test_vietnamese_is_the_default_and_processes_inherit_what_is_chosen(asked, told):
    code = "from analysis.language import messages; print(messages.language())"
    with messages.using(asked):
        env = dict(os.environ)
    env = env if asked else {k: v for k, v in env.items() if k != messages.VARIABLE}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)
    assert done.stdout.strip() == told


def test_of_a_text_in_both_languages_one_half_is_told():
    both = "không có tên tệp / no file is named"
    for code, half in (("vi", "không có tên tệp"), ("en", "no file is named")):
        with messages.using(code):
            assert messages.of_both(both) == half and messages.of_both("a.csv") == "a.csv"
