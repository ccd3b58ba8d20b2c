"""A program, not a test: runs the real command several times in one process, each time with one fact broken.

Usage: integration_broken_facts.py HOME. Prints one JSON line per run: its name, exit code, what
it said, and what of the published folder is not as before.
"""

import contextlib
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import polars as pl

sys.path.insert(0, str(Path(__file__).parents[1]))  # a script sees its own folder alone
from integration_homes import fingerprint

import assets.records
import assets.release
from pipeline import cli
from pipeline.indices import control, security, summaries
from pipeline.storage import deliveries

Maker = Callable[..., pl.DataFrame]


def after(maker: Maker, change: Callable[[pl.DataFrame], pl.DataFrame]) -> Maker:
    """The real maker, and then one fact broken in what it made."""

    def broken(*args: Any, **kwargs: Any) -> pl.DataFrame:
        return change(maker(*args, **kwargs))

    return broken


def first_row(expr: pl.Expr, column: str) -> Callable[[pl.DataFrame], pl.DataFrame]:
    return lambda frame: frame.with_columns(
        pl.when(pl.int_range(pl.len()) == 0).then(expr).otherwise(pl.col(column)).alias(column)
    )


def one_more(frame: pl.DataFrame) -> pl.DataFrame:
    return pl.concat([frame, frame.tail(1).with_columns(pl.lit("MMR099001").alias("adm3_pcode"))])


def lose_a_row(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.head(frame.height - 1)


def too_much(frame: pl.DataFrame) -> pl.DataFrame:
    """A quarter is contested beside shares that sum to one already."""
    security = pl.col("basis") == "security_index"
    return frame.with_columns(pl.when(security).then(0.25).otherwise("contested_share").alias("contested_share"))


# name -> what is broken in that run: module, function, change
BROKEN: dict[str, list[tuple[Any, str, Callable[[pl.DataFrame], pl.DataFrame]]]] = {
    "raw": [(deliveries, "read_delivery", lose_a_row)],
    "records": [(assets.records, "conform_townships", one_more)],
    "indices": [(security, "security", first_row(pl.lit("severe"), "security_class"))],
    "published": [
        (
            summaries,
            "national_summary",
            first_row(pl.col("security_high_count") + 1, "security_high_count"),
        ),
        (control, "territorial_control", too_much),
    ],
}


def run(name: str, home: Path) -> None:
    before = fingerprint(home / "published")
    said, failed = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(failed):
        try:
            code = cli.app(["run", "--home", str(home)], standalone_mode=False) or 0
        except SystemExit as done:
            code = done.code
        except Exception as done:
            code = getattr(done, "exit_code", repr(done))
    now = fingerprint(home / "published")
    changed = sorted(path for path in before.keys() | now.keys() if before.get(path) != now.get(path))
    line = {"name": name, "code": code, "out": said.getvalue(), "err": failed.getvalue(), "changed": changed}
    print(json.dumps(line), flush=True)


def main() -> None:
    home = Path(sys.argv[1])
    for name, facts in BROKEN.items():
        with contextlib.ExitStack() as patches:
            for module, attribute, change in facts:
                patches.enter_context(patch.object(module, attribute, after(getattr(module, attribute), change)))
            run(name, home)
    no_clashes = after(assets.release.as_frame, lambda frame: frame.filter(pl.col("kind") != "clashes"))
    with patch.object(assets.release, "as_frame", no_clashes):
        run("run", home)


if __name__ == "__main__":
    main()
    sys.stdout.flush()
