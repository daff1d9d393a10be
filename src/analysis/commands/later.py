"""Commands that are imported when they are called: who asks which there are waits for none."""

import ast
from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path

import typer
from typer.core import TyperCommand, TyperGroup


def command(where: str) -> Callable[[], None]:
    """What stands for a command until it is called, and says what that is for.

    ``where``: the command's module in this room and its name there, ``offices.check``.
    """

    def waiting() -> None:
        raise AssertionError(f"{where} is called by resolve_command")

    waiting.__doc__ = _docstrings(where.partition(".")[0])[where]
    waiting.__dict__["where"] = where
    return waiting


def called(waiting: TyperCommand | TyperGroup) -> TyperCommand | TyperGroup:
    """The command itself, with its options, where ``waiting`` stands for one."""
    where = getattr(waiting.callback, "where", "")
    if not where:
        return waiting
    module, _, name = where.partition(".")
    alone = typer.Typer(add_completion=False)
    function = getattr(import_module(f"{__package__}.{module}"), name)
    alone.command(waiting.name, cls=type(waiting))(function)
    return typer.main.get_command(alone)


@cache
def _docstrings(module: str) -> dict[str, str | None]:
    """Of the functions of a module that is not imported."""
    tree = ast.parse(Path(__file__).with_name(f"{module}.py").read_text(encoding="utf-8"))
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    return {f"{module}.{node.name}": ast.get_docstring(node) for node in functions}
