"""Options that commands share, and how the error of a command ends: one clear sentence and an exit code."""

import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, NoReturn, ParamSpec, TypeVar

import typer

from assets import failures
from assets.failures import UNUSABLE
from pipeline.declare import settings

P = ParamSpec("P")
R = TypeVar("R")


def fail(code: int, message: str) -> NoReturn:
    """End the command with a sentence on stderr and an exit code."""
    sys.stdout.flush()
    print(f"township-index: {message}", file=sys.stderr)
    raise typer.Exit(code)


def path_option(name: str, told: str) -> Any:
    """An option that takes a path and refuses "": what an unset variable leaves would else name the current folder."""

    def given(text: str) -> Path:
        if not text.strip():
            fail(UNUSABLE, f"{name} was given an empty path; name a file or folder, or leave the option out")
        return Path(text)

    return typer.Option(name, parser=given, metavar="PATH", help=told)


HomeOption = Annotated[
    Path | None,
    path_option("--home", "Where deliveries and releases live; default: TOWNSHIP_INDEX_HOME, else data/."),
]


ProfileOption = Annotated[str, typer.Option("--profile", help="public, or internal: exact displaced; default: public.")]


def user_errors(command: Callable[P, R]) -> Callable[P, R]:
    """Turn the errors a user can cause into a sentence and an exit code."""

    @wraps(command)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except Exception as error:
            chosen = kwargs.get("home")
            worded = failures.said(error, settings.home(chosen if isinstance(chosen, Path) else None).root)
            if worded is None:
                raise
            fail(*worded)

    return guarded
