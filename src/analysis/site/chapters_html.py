"""A chapter of the documentation → HTML on the page of methods and terms."""

import re

import mistune

_CHAPTER = re.compile(r"(\d\d)-[\w-]+\.md")


def written(text: str, number: int) -> str:
    """The chapter ``number`` of the method, below its title, as HTML."""
    reader = mistune.create_markdown(
        escape=True, renderer=_Chapter(number), plugins=["table", "strikethrough"]
    )
    return str(reader(text))


class _Chapter(mistune.HTMLRenderer):
    """Headings one level down and with an anchor; links within the documentation lead to what of it
    is on the page, or nowhere."""

    def __init__(self, number: int) -> None:
        super().__init__(escape=True)
        self._number, self._heads = number, 0

    def heading(self, text: str, level: int, **attrs) -> str:
        self._heads += 1
        return f'<h{level + 2} id="chapter-{self._number}-{self._heads}">{text}</h{level + 2}>\n'

    def link(self, text: str, url: str, title=None) -> str:
        name = url.partition("#")[0].rpartition("/")[2]
        if chapter := _CHAPTER.fullmatch(name):
            return f'<a href="#chapter-{int(chapter[1])}">{text}</a>'
        return f'<a href="#terms">{text}</a>' if name == "glossary.md" else text

    def table(self, text: str) -> str:
        table = f'<table class="data">{text}</table>'
        return f'<div class="table-wrap open" tabindex="0"><div>{table}</div></div>\n'
