"""A long step says how far it is: always on a terminal, else now and then."""

import io
import time

from rich.console import Console

from analysis.commands import steps


def test_a_terminal_shows_what_is_done_how_fast_and_how_long_still():
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, color_system=None, width=120)
    with steps.step(console, "2022-Q2: lập biểu [x]") as done:
        time.sleep(0.01)
        done(3, 12)
        time.sleep(0.2)
    shown = screen.getvalue()
    assert "2022-Q2: lập biểu [x]" in shown and "3/12" in shown and " left" in shown


def test_elsewhere_a_short_step_says_nothing_and_a_long_one_a_line_now_and_then(monkeypatch):
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=False, width=120)
    with steps.step(console, "quick") as done:
        done(1, 2)
    assert screen.getvalue() == ""
    monkeypatch.setattr(steps, "EVERY", 0.02)
    with steps.step(console, "slow") as done:
        done(1, 2)
        time.sleep(0.1)
    lines = screen.getvalue().splitlines()
    assert 1 <= len(lines) <= 6 and lines[0].startswith("slow 1/2, ")
