"""A program, not a test: the real command with one fact broken, forked by integration_server.py.

Usage: integration_broken_facts.py NAME ARGUMENT..., a name of BROKEN and what the command is given.
"""

import sys
from collections.abc import Callable
from typing import Any

import polars as pl

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


def no_clashes(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.filter(pl.col("kind") != "clashes")


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
    "run": [(assets.release, "as_frame", no_clashes)],
}


def main() -> None:
    name = sys.argv.pop(1)
    for module, attribute, change in BROKEN[name]:
        setattr(module, attribute, after(getattr(module, attribute), change))
    cli.main()


if __name__ == "__main__":
    main()
