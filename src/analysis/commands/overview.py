"""How things stand: ``status``, which periods and editions there are, how far each is, what is next
and which file decides what."""

import json
from datetime import date
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer
from rich.table import Table

from analysis import project
from analysis.catalogue.reader import CatalogueError
from analysis.commands import terminal
from analysis.commands.terminal import RootOption, fail, say
from analysis.language.codes import UnknownCodeError, chosen
from analysis.language.words import day, printable
from analysis.site import state_of_work

FILES = [
    ("data/submissions/<kỳ>/period.yml", "kỳ: biểu, khung, ai phải gửi", "docs/operate.vi.md"),
    ("data/submissions/<kỳ>/received.csv", "tệp nào đến ngày nào", "docs/method/02-submissions.md"),
    ("data/submissions/<kỳ>/answers.csv", "trả lời các phát hiện", "docs/method/03-rules.md"),
    ("data/survey/<đợt>/edition.yml", "đợt điều tra", "docs/howto/edition.md"),
    ("data/signed/<kỳ>/versions.csv", "bản nào đã ký, ai ký", "docs/operate.vi.md"),
    ("data/catalogue/forms/*.yml", "biểu và quy tắc của biểu", "docs/howto/form.md"),
    ("data/catalogue/frameworks/*.yml", "chỉ tiêu, trọng số, điểm", "docs/howto/indicator.md"),
    ("data/catalogue/codelists/targets.csv", "mục tiêu và nguồn", "docs/method/11-targets.md"),
    ("data/catalogue/codelists/units.csv", "đơn vị, theo ngày", "docs/method/09-recasting.md"),
    ("data/catalogue/rules.yml", "lời của từng quy tắc", "docs/rules.md"),
    ("data/catalogue/regimes.yml", "ngày chốt, hạn gửi", "docs/catalogue-keys.md"),
    ("data/catalogue/parameters.yml", "ngưỡng, giới hạn, theo ngày", "docs/catalogue-keys.md"),
    ("reports/site.yml", "sổ nào với tham số nào là trang nào", "docs/howto/page.md"),
    ("reports/templates", "hình thức của trang", "docs/howto/page.md"),
]
"""File → what it decides, where that is explained: the operator's map of a project."""


def status(
    code: Annotated[
        str, typer.Argument(help="One period or edition alone; else all of them.")
    ] = "",
    root: RootOption = project.PROJECT,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON; nothing else.")] = False,
    files: Annotated[
        bool, typer.Option("--files", help="Which file of the project decides what.")
    ] = False,
) -> None:
    """Which periods and editions there are, who has sent what, what is late, what to do next."""
    if files:
        _map(root)
        return
    try:
        held = state_of_work.table(root, date.today())
        if code:
            titles = dict(zip(held["code"], held["title"], strict=True))
            held = held[held["code"] == chosen(code, titles, "no period or edition")]
    except (CatalogueError, UnknownCodeError) as error:
        fail(error)
    if as_json:
        typer.echo(json.dumps(held.to_dict("records"), ensure_ascii=False, default=str, indent=1))
    elif held.empty:
        say("Chưa có kỳ nào. Lập một kỳ: reform-monitor new period 2026-Q4 / no period yet")
    else:
        _print(held)


def _print(held: pd.DataFrame) -> None:
    shown = Table(box=None, pad_edge=False, header_style="bold")
    for name in ["kỳ", "hạn gửi", "tệp", "đơn vị", "phải sửa", "tình trạng", "việc tiếp theo"]:
        right = name in ("tệp", "đơn vị", "phải sửa")
        shown.add_column(name, justify="right" if right else "left", overflow="fold")
    for row in held.itertuples():
        shown.add_row(*(printable(str(text)) for text in _told(row)))
    terminal.console.print(shown, highlight=False)
    say("Chạy: reform-monitor VIỆC (hoặc python -m analysis VIỆC)")


def _told(row) -> list[str]:
    days = None if row.days_left is None else int(row.days_left)
    lacking = row.units_sent is not None and row.units_sent < row.units_due
    left = ""
    if days is not None and days >= 0:
        left = f", còn {days} ngày"
    elif days is not None and lacking:
        left = f", quá {-days} ngày"
    units = "?" if row.units_sent is None else row.units_sent
    return [
        row.code,
        f"{day(row.deadline)}{left}" if row.deadline else "",
        row.files,
        f"{units}/{row.units_due}" if row.units_due is not None else "",
        "" if row.blocking is None else row.blocking,
        ", ".join(filter(None, [_signed(row), state_of_work.STATES[row.state]])),
        row.next,
    ]


def _signed(row) -> str:
    """Which version was signed, and how many changes came since."""
    if row.version is None:
        return ""
    return f"bản {row.version}" + (f" + {row.changes}" if row.changes else "")


def _map(root: Path) -> None:
    shown = Table(box=None, pad_edge=False, header_style="bold")
    for name in ["tệp", "quyết định", "hướng dẫn"]:
        shown.add_column(name, no_wrap=name == "tệp")
    for path, decides, told in FILES:
        shown.add_row(path, decides, told)
    say(f"Dự án / project: {root}")
    terminal.console.print(shown, highlight=False)
