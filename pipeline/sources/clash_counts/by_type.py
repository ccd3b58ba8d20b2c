"""Rows with a count for each type of event of ACLED -> the columns of clash counts, not yet placed."""

import polars as pl

from pipeline.declare.codes import Reason
from pipeline.records.clash_counts import shared
from pipeline.records.parsing import is_stated, text, whole_number, with_columns_of
from pipeline.records.rules import formula_rules, number_rules
from pipeline.records.triage import Rule, Triage, triage, unreadable

TYPES = ("battles", "explosions_remote_violence")
# Both days of a window in one cell, "2021-01-01..2021-12-31", and a note behind them in brackets.
_WINDOW = r"^(?<first>[^./ ]+)\s*(?:\.\.|/)\s*(?<last>[^./ ]+)\s*(?:\(.*\))?$"


def counts_by_type(raw: pl.DataFrame) -> Triage:
    """Battles and explosions are clashes, as in ACLED's events (declare/terms.py); other types are not read.

    In a file that fills the second column a blank in it is not known, and neither is the sum. A cell with both days of
    its window is taken apart; what is none stands as it is, for the rule of days to name.
    """
    readable = unreadable(raw)
    rows = with_columns_of(readable.kept, ("until", *TYPES))
    rows = rows.with_columns(whole_number(name).alias(f"_{name}") for name in TYPES)
    battles, explosions = TYPES
    both = is_stated(explosions).any().over("delivery_id")
    good = triage(
        rows,
        [
            *formula_rules(*TYPES),
            Rule(~is_stated(battles), Reason.MISSING_VALUE, battles),
            Rule(~is_stated(explosions) & both, Reason.MISSING_VALUE, explosions),
            *(rule for name in TYPES for rule in number_rules(name, f"_{name}")),
        ],
    )
    days = text("from").str.extract_groups(_WINDOW)
    made = good.kept.with_columns(
        (pl.col(f"_{battles}") + pl.col(f"_{explosions}").fill_null(0)).cast(pl.String).alias("clashes_count"),
        pl.coalesce(days.struct.field("first"), text("from")).alias("from"),
        pl.coalesce(text("until"), days.struct.field("last")).alias("until"),
    )
    return Triage(shared(made), pl.concat([readable.set_aside, good.set_aside]))
