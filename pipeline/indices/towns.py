"""Towns taken and retaken: whose hands each town is in at the end of every month, counted.

A count of captures only grows. Played in the order of their days, captures and recaptures give the number of towns that
are held, and it can fall.
"""

import polars as pl

from pipeline.declare.codes import NATIONAL, Controller
from pipeline.indices.frames import conform
from pipeline.indices.run_context import RunContext, makes
from pipeline.indices.windows import months

TOWN = ["adm3_pcode", "town"]
# Whose hands a town may be in, in the order of the tables.
HANDS = (Controller.STATE, Controller.CONTESTED, Controller.RESISTANCE, Controller.OTHER)
LOST = (Controller.RESISTANCE.value, Controller.OTHER.value)


def changes_of_hands(events: pl.DataFrame) -> pl.DataFrame:
    """One row per town and day: adm3_pcode, town, event_date, controller; contested where records contradict.

    Which records of a day stand is decided in records.town_control.
    """
    several = pl.col("controller").n_unique() > 1
    return (
        events.group_by(*TOWN, "event_date")
        .agg(
            pl.when(several)
            .then(pl.lit(Controller.CONTESTED.value))
            .otherwise(pl.col("controller").first())
            .first()
            .alias("controller")
        )
        .sort("event_date", *TOWN)
    )


def last_taken(events: pl.DataFrame, ends: pl.DataFrame) -> pl.DataFrame:
    """Per month of `ends` (month, period_end) and town: who took it last by period_end, and on which day.

    A town without an event by then has no row: nothing is recorded of it yet.
    """
    changes = changes_of_hands(events)
    towns = changes.select(TOWN).unique(maintain_order=True)
    rows = ends.join(towns, how="cross").sort("period_end", *TOWN)
    return rows.join_asof(
        changes, left_on="period_end", right_on="event_date", by=TOWN, strategy="backward", coalesce=False,
        check_sortedness=False,  # it cannot be checked within groups; both sides were sorted above
    ).filter(pl.col("event_date").is_not_null())  # fmt: skip


def towns_by_township(events: pl.DataFrame, ends: pl.DataFrame) -> pl.DataFrame:
    """month, adm3_pcode, towns_recorded_count, towns_lost_count; no row where no town of it is recorded."""
    return (
        last_taken(events, ends)
        .group_by("month", "adm3_pcode")
        .agg(
            pl.len().cast(pl.Int64).alias("towns_recorded_count"),
            pl.col("controller").is_in(LOST).sum().cast(pl.Int64).alias("towns_lost_count"),
        )
    )


def town_control(events: pl.DataFrame, ends: pl.DataFrame, townships: pl.DataFrame) -> pl.DataFrame:
    """published.town_control: towns by month, scope and who took them last, zero included; empty without events.

    Scopes are the nation and every state or region, so that the regions add up to the nation.
    """
    places = townships.select("adm3_pcode", "state_region")
    held = last_taken(events, ends).join(places, on="adm3_pcode", how="left", validate="m:1")
    counted = pl.concat(
        held.group_by("month", scope.alias("scope"), "controller").agg(
            pl.len().cast(pl.Int64).alias("towns_count"), pl.col("event_date").max().alias("newest_event_date")
        )
        for scope in (pl.col("state_region"), pl.lit(NATIONAL))
    )
    if events.is_empty():
        return conform(counted.with_columns(pl.lit(None, pl.Date).alias("period_end")), "published.town_control")
    scopes = pl.DataFrame({"scope": [NATIONAL, *places["state_region"].unique().sort()]})
    hands = pl.DataFrame({"controller": [side.value for side in HANDS]})
    grid = ends.join(scopes, how="cross").join(hands, how="cross")
    found = grid.join(counted, on=["month", "scope", "controller"], how="left", validate="1:1")
    return conform(found.with_columns(pl.col("towns_count").fill_null(0)), "published.town_control")


@makes("published.town_control", reads=("records.town_control", "records.townships"))
def town_control_table(run: RunContext, events: pl.DataFrame, townships: pl.DataFrame) -> pl.DataFrame:
    """Towns taken and retaken, counted by month and side."""
    ends = months(run.methods[0], run.last_day).select("month", "period_end")
    return town_control(events, ends, townships)


MADE = (town_control_table,)
