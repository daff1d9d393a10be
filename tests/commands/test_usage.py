"""Help and errors of commands are in one language, whichever is asked for, and nowhere mixed."""

import re
import shutil

import pytest
import typer
from tools import console_words
from typer.testing import CliRunner

from analysis import project
from analysis.__main__ import app
from analysis.language import messages


def walked(command, words: tuple[str, ...] = ()):
    yield words
    for name, inner in getattr(command, "commands", {}).items():
        yield from walked(inner, (*words, name))


HELPS = list(walked(typer.main.get_command(app)))


def said(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, list(words), env={"COLUMNS": "400"})
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, " ".join(done.output.split())


def mixed(text: str, asked: str) -> list[str]:
    """Messages of the other language that stand in a text whole."""
    pairs = console_words.translations().items()
    others = [en if asked == "vi" else vi for en, vi in pairs if en != vi]
    whole = [t for t in others if len(t.split()) > 2 and "{" not in t]
    return [t for t in whole if " ".join(t.split()) in text]


@pytest.mark.parametrize("asked", ["vi", "en"])
def test_help_of_every_command_is_in_one_language(asked):
    english = re.compile(r"\b(?:the|of|and|that|which|is|are|Usage|Options|Arguments)\b")
    for words in HELPS:
        code, text = said(*words, "--help", "--messages", asked)
        assert code == 0 and mixed(text, asked) == [], words
        if asked == "vi":
            assert "Cách dùng" in text and not english.findall(text), (words, text)
        else:
            assert "Usage" in text and text.isascii() or not re.search("[\u1ea0-\u1ef9]", text)


def test_help_of_all_says_how_a_command_ends():
    _, text = said("--help", "--messages=vi")
    assert "Mã kết thúc: 0 đã xong; 1" in text and "70" in text and "130" in text
    assert said("--messages", "vi")[1].count("Cách dùng") == 1  # nothing to do: help


@pytest.mark.parametrize(
    ("words", "vi", "en"),
    [(("chekc",), "Không có lệnh 'chekc'. Có phải 'check'?", "Did you mean 'check'?"),
     (("check",), "Thiếu tham số", "Missing argument"),
     (("check", "2022", "--unti", "1"), "Không có tùy chọn --unti (gần nhất:", "No such option"),
     (("check", "2022", "--most", "x"), "phải là số nguyên", "valid integer"),
     (("check", "2022", "--root", "/none"), "không có đường dẫn", "does not exist"),
     (("check", "2022", "more"), "Thừa tham số (more)", "unexpected extra argument"),
     (("run", "2022", "--workers", "0"), "phải từ 1 trở lên", "greater than or equal to 1"),
     (("catalogue", "chekc"), "'chekc' không phải một trong", "is not one of")],
)  # fmt: skip
def test_words_that_are_not_understood(words, vi, en):
    for asked, told in (("vi", vi), ("en", en)):
        code, text = said("--messages", asked, *words)
        text = re.sub(r" *[│╭╮╰╯─]+ *", " ", text)
        assert code == 2 and told in text and not mixed(text, asked), text


def test_a_language_that_is_not_there_is_refused_and_changes_nothing():
    for words in (("--messages", "fr", "status"), ("status", "--messages", "fr")):
        code, text = said(*words)
        assert code == 2 and "'vi', 'en'" in text
    assert messages.language() == "en"  # as the tests have it


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("usage")
    for name in ("data/catalogue", "data/submissions/plan-2022", "notebooks"):
        shutil.copytree(project.PROJECT / name, folder / name)
    shutil.copytree(project.PROJECT / "reports/templates", folder / "reports/templates")
    shutil.copy(project.PROJECT / "reports/site.yml", folder / "reports/site.yml")
    return folder


@pytest.mark.parametrize(
    ("words", "vi", "en"),
    [(("check", "plan-2023"), "không có kỳ plan-2023", "period plan-2023 is unknown"),
     (("check", "22"), "không phải mã kỳ: hãy viết 2022-Q2", "is no period code"),
     (("check", "plan-2022", "--unit", "no-one"), "phải báo cáo của kỳ", "unit not due in"),
     (("check", "plan-2022", "--rule", "negativ"), "gần nhất: negative", "nearest: negative"),
     (("receive", "plan-2022", "notebooks", "--on", "31/02/2022"), "hãy viết ngày như",
      "write the day as 20/09/2022"),
     (("receive", "plan-2022", "--undo"), "không có lần nhận nào", "no receive is noted"),
     (("new", "page", "../x"), "hãy viết tên như", "write the name as"),
     (("verify", "notebooks"), "không có biên nhận", "no receipt of a built site"),
     (("questionnaire", "apcy", "out"), "không có cuộc khảo sát: apcy; gần nhất: apci",
      "no survey: apcy; nearest: apci")],
)  # fmt: skip
def test_what_cannot_be_done_is_told_in_the_language_that_is_asked_for(root, words, vi, en):
    words = tuple(str(root / w) if w in ("notebooks", "out") else w for w in words)
    for asked, told, heading in (("vi", vi, "Không chạy được:"), ("en", en, "Cannot run:")):
        code, text = said(*words, "--root", str(root), "--messages", asked)
        assert code == 2 and heading in text and told in text, text
        assert mixed(text, asked) == []


def test_problems_of_the_catalogue_have_their_line_in_both_languages(root):
    path = root / "data/catalogue/forms/II.06a.yml"
    whole = path.read_text("utf-8")
    try:
        path.write_text(re.sub(r"^title:", "titel:", whole, flags=re.M), "utf-8")
        for asked, told in (("vi", "không có khóa 'titel'; gần nhất: title"),
                            ("en", "unknown key 'titel'; nearest: title")):  # fmt: skip
            code, text = said("catalogue", "check", "--root", str(root), "--messages", asked)
            assert code == 1 and re.search(rf"II\.06a\.yml \d+: file: {told}", text), text
    finally:
        path.write_text(whole, "utf-8")


def test_a_misspelt_page_and_rule_of_an_answer_are_told_the_nearest(root):
    words = ("--file", "x", "--by", "A", "--reason", "B", "--root", str(root))
    code, text = said("answer", "plan-2022", "--rule", "figure_jmp", *words, "--messages=en")
    assert code == 2 and "no rule of rules.yml: figure_jmp; nearest: figure_jump" in text, text
    code, text = said("run", "plan-2022", "--dry-run", "--page", "submission", "--root", str(root))
    assert code == 2 and "no such page in plan-2022: submission; nearest: submissions" in text, text
